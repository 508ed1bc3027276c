//! `openapi/names.toml` as `openapi-drift` takes it; `build/names.rs` reads the same file for the generator.

use openapi_drift::Lock;
use toml_edit::DocumentMut;

/// Where the file lies below the root.
pub(crate) const FILE: &str = "openapi/names.toml";

/// The names of `document` (`openapi/clips.yaml`), which are those of the table that is called as it is.
pub(crate) fn lock(text: &str, document: &str) -> Result<Lock, String> {
    let file: DocumentMut = text.parse().map_err(|error| format!("{FILE}: {error}"))?;
    let mut alone = DocumentMut::new();
    if let Some(item) = file.get(table(document)) {
        let names = item
            .as_table_like()
            .ok_or_else(|| format!("{FILE}: [{}] is no table", table(document)))?;
        alone.extend(
            names
                .iter()
                .map(|(key, item)| (key.to_owned(), item.clone())),
        );
    }
    Lock::parse(&alone.to_string()).map_err(|error| format!("{FILE}: {error}"))
}

/// What the table of a document is called.
pub(crate) fn table(document: &str) -> &str {
    document
        .rsplit('/')
        .next()
        .unwrap_or(document)
        .trim_end_matches(".yaml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_has_its_own_names() {
        let text = "[clips]\ntypes.\"/components/schemas/Item\" = \"Thing\"\n[clips.operations]\n\"GET /v3/clips\" = \"list\"\n";
        let expected = "types.\"/components/schemas/Item\" = \"Thing\"\noperations.\"GET /v3/clips\" = \"list\"";
        let found = lock(text, "openapi/clips.yaml").unwrap();
        assert_eq!(found, Lock::parse(expected).unwrap());
        assert_eq!(
            lock(text, "openapi/ai-clipping.yaml").unwrap(),
            Lock::default()
        );
        assert!(lock("clips = 1", "openapi/clips.yaml").is_err());
    }
}
