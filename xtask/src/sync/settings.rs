//! `upstream.toml`: where documents come from, what they must be, what is taken, and what was taken last.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use toml_edit::{DocumentMut, Item, Table, value};

/// Where the file lies in the workspace.
pub(crate) const FILE: &str = "openapi/upstream/upstream.toml";

/// The part of the file that people write.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Settings {
    pub(crate) sources: Sources,
    pub(crate) identity: Identity,
    pub(crate) slice: Slice,
    pub(crate) page: Vec<Taken>,
}

/// Where to look when the command line does not say.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Sources {
    pub(crate) json: String,
    pub(crate) pages: Vec<String>,
    pub(crate) guide: String,
}

/// What a document must be to be the vendor's.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Identity {
    pub(crate) title: String,
    pub(crate) paths: Vec<String>,
    pub(crate) smallest_bytes: usize,
}

/// What is taken of the document.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Slice {
    pub(crate) operations: Vec<String>,
    pub(crate) near: Vec<String>,
    pub(crate) ignored: Vec<String>,
}

/// A file of the folder and what it was taken from.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Taken {
    pub(crate) file: String,
    pub(crate) url: String,
    pub(crate) operations: Option<usize>,
    pub(crate) content_sha256: Option<String>,
}

/// What to write about a file that was just taken.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    pub(crate) url: String,
    pub(crate) taken: Option<String>,
    pub(crate) date: String,
    pub(crate) content_sha256: String,
    pub(crate) taken_sha256: String,
    pub(crate) bytes: usize,
    pub(crate) operations: Option<usize>,
}

/// The file, as text and as settings.
#[derive(Debug, Clone)]
pub(crate) struct Upstream {
    text: String,
    pub(crate) settings: Settings,
}

impl Upstream {
    /// Reads the file of a workspace.
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        let path = root.join(FILE);
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let settings = toml_edit::de::from_str(&text)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { text, settings })
    }

    /// What was recorded of a file.
    pub(crate) fn taken(&self, file: &str) -> Option<&Taken> {
        self.settings.page.iter().find(|page| page.file == file)
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Puts another entry for `file` into the text. Comments and everything else stay.
    pub(crate) fn set(&mut self, file: &str, entry: &Entry) -> Result<(), String> {
        let mut document: DocumentMut = self
            .text
            .parse()
            .map_err(|error| format!("{FILE}: {error}"))?;
        let pages = document["page"]
            .as_array_of_tables_mut()
            .ok_or_else(|| format!("{FILE} has no [[page]]"))?;
        let table = pages
            .iter_mut()
            .find(|table| table.get("file").and_then(Item::as_str) == Some(file))
            .ok_or_else(|| format!("{FILE} has no [[page]] with file = \"{file}\""))?;
        set(table, entry);
        self.text = document.to_string();
        Ok(())
    }
}

fn set(table: &mut Table, entry: &Entry) {
    // These describe one capture; those of the capture before would be untrue.
    table.remove("page_sha256");
    table.remove("captured_between");
    table["url"] = value(&entry.url);
    if let Some(taken) = &entry.taken {
        table["taken"] = value(taken);
    }
    table["captured"] = value(&entry.date);
    table["content_sha256"] = value(&entry.content_sha256);
    table["taken_sha256"] = value(&entry.taken_sha256);
    table["bytes"] = value(i64::try_from(entry.bytes).unwrap_or(i64::MAX));
    if let Some(operations) = entry.operations {
        table["operations"] = value(i64::try_from(operations).unwrap_or(i64::MAX));
    }
}
