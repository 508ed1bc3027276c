//! The guide page as a source: recognised, held against `clips.yaml`, and recorded when the two agree.

use std::path::Path;

use serde_json::Value;

use super::settings::{Entry, Upstream};
use super::source::{self, Material, sha256};
use super::{guide, page};
use crate::{documents, yaml};

/// The dialect that has no document of the vendor's.
const CLIPS: &str = "openapi/clips.yaml";

/// The guide page, held against what we made of it.
pub(crate) struct Page {
    pub(crate) origin: String,
    content_sha256: String,
    bytes: usize,
    /// Where the two differ, one line each.
    pub(crate) differences: Vec<String>,
}

impl Page {
    pub(crate) fn read(root: &Path, material: &Material) -> Result<Self, String> {
        let clips: Value = yaml::read(&root.join(CLIPS))?;
        let guide = guide::read(&material.text);
        let ours = |name: &String| source::operations(&clips).any(|(known, _)| known == *name);
        if !guide.operations.iter().any(|(name, _)| ours(name)) {
            return Err(format!(
                "{} is not the guide: it describes no operation of clips.yaml; nothing was taken",
                material.origin
            ));
        }
        let content = page::without_banner(&material.text);
        Ok(Self {
            origin: material.origin.clone(),
            content_sha256: sha256(&content),
            bytes: content.len(),
            differences: guide::compare(&guide, &clips),
        })
    }

    pub(crate) fn report(&self) {
        if self.differences.is_empty() {
            println!("{} says what clips.yaml says", self.origin);
            return;
        }
        println!(
            "{} and clips.yaml differ; look at each, then change clips.yaml and upstream/clips-guide.yaml by hand:",
            self.origin
        );
        for difference in &self.differences {
            println!("- {difference}");
        }
    }

    /// Records a page that says what we say, if its words are new.
    pub(crate) fn note(
        &self,
        root: &Path,
        upstream: &mut Upstream,
        date: &str,
    ) -> Result<(), String> {
        const FILE: &str = "clips-guide.yaml";
        let known = upstream
            .taken(FILE)
            .and_then(|last| last.content_sha256.as_ref());
        if !self.differences.is_empty() || known == Some(&self.content_sha256) {
            return Ok(());
        }
        let rows = documents::text(&root.join("openapi/upstream").join(FILE))?;
        let entry = Entry {
            url: source::recorded(&self.origin).to_owned(),
            taken: None,
            date: date.to_owned(),
            content_sha256: self.content_sha256.clone(),
            taken_sha256: sha256(&rows),
            bytes: self.bytes,
            operations: None,
        };
        upstream.set(FILE, &entry)
    }
}
