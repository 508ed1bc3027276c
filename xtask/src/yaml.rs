//! Reads YAML files as OpenAPI wants them read.

use std::path::Path;

use serde::de::DeserializeOwned;

/// The value of the YAML (or JSON) file at `path`.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    named(path.display(), &text)
}

/// The value of a text; `name` is for the error.
pub(crate) fn named<T: DeserializeOwned>(
    name: impl std::fmt::Display,
    text: &str,
) -> Result<T, String> {
    parse(text).map_err(|error| format!("{name}: {error}"))
}

/// In YAML 1.2, which OpenAPI asks for, `on` and `no` are words; YAML 1.1 takes them for booleans.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, serde_saphyr::Error> {
    serde_saphyr::from_str_with_options(text, serde_saphyr::options! { strict_booleans: true })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    #[test]
    fn words_stay_words() {
        let schema: Value = super::parse(
            "enum: [on, off, yes, no, y, n]\nproperties: {n: {type: boolean, default: true}}",
        )
        .unwrap();
        assert_eq!(
            schema,
            json!({
                "enum": ["on", "off", "yes", "no", "y", "n"],
                "properties": {"n": {"type": "boolean", "default": true}}
            })
        );
    }
}
