//! Snapshots of what the vendor published: dated, named by their sum, and never overwritten. Nobody else keeps them.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde_json::json;

use super::source::{Kind, Material, recorded, sha256};

/// Keeps a source in `folder`, with a line in `index.jsonl`. The same bytes are kept once.
pub(crate) fn record(folder: &Path, date: &str, material: &Material) -> Result<(), String> {
    let sum = sha256(&material.text);
    let kept = || -> std::io::Result<Option<String>> {
        fs::create_dir_all(folder)?;
        let extension = match material.kind {
            Kind::Json => "json",
            Kind::Page | Kind::Guide => "md",
        };
        let ending = format!("-{}-{}.{extension}", &sum[..12], stem(&material.origin));
        for entry in fs::read_dir(folder)? {
            if entry?.file_name().to_string_lossy().ends_with(&ending) {
                return Ok(None);
            }
        }
        let name = format!("{date}{ending}");
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(material.text.as_bytes())?;
        file.persist(folder.join(&name))
            .map_err(|error| error.error)?;
        let line = json!({
            "date": date,
            "url": recorded(&material.origin),
            "sha256": sum,
            "bytes": material.text.len(),
            "file": name,
        });
        let mut index = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join("index.jsonl"))?;
        index.write_all(format!("{line}\n").as_bytes())?;
        Ok(Some(name))
    };
    let name = kept().map_err(|error| format!("cannot record in {}: {error}", folder.display()))?;
    if let Some(name) = name {
        // The standard output of the caller may be a report in JSON.
        eprintln!("recorded {}", folder.join(name).display());
    }
    Ok(())
}

/// The last part of a URL or path, without its ending.
fn stem(origin: &str) -> String {
    let last = origin
        .rsplit(['/', '\\'])
        .find(|part| !part.is_empty())
        .unwrap_or("source");
    let last = last.split(['?', '#']).next().unwrap_or(last);
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    stem.replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_are_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut material = Material {
            kind: Kind::Json,
            origin: "https://example.com/openapi/api.json?v=1".to_owned(),
            text: "{}".to_owned(),
        };
        record(folder.path(), "2026-01-02", &material).unwrap();
        record(folder.path(), "2026-01-03", &material).unwrap();
        material.text = "{ }".to_owned();
        material.origin = "folder/api.json".to_owned();
        record(folder.path(), "2026-01-04", &material).unwrap();
        let mut names: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        let first = "2026-01-02-44136fa355b3-api.json";
        assert_eq!(names[0], first);
        assert_eq!(names.len(), 3);
        assert_eq!(fs::read_to_string(folder.path().join(first)).unwrap(), "{}");
        let index = fs::read_to_string(folder.path().join("index.jsonl")).unwrap();
        assert_eq!(index.lines().count(), 2);
        assert!(index.starts_with(r#"{"date":"2026-01-02","url":"https://example.com/openapi/api.json?v=1","sha256":"44136fa355b3678a"#));
        assert!(
            index.contains(r#"{"date":"2026-01-04","url":"api.json","#),
            "{index}"
        );
    }
}
