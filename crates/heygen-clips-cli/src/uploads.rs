//! What was uploaded for jobs that are noted, beside their journal: so that a command that is run again
//! asks for the same video, which makes it the same job.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use heygen_clips::Client;
use serde::{Deserialize, Serialize};

/// More are not kept; the oldest go first.
const MOST: usize = 200;

/// The uploads beside a journal.
pub(crate) struct Uploads {
    path: PathBuf,
    base_url: String,
}

/// Files as they were when they were uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Files(Vec<File>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct File {
    path: String,
    size_bytes: u64,
    modified: SystemTime,
}

#[derive(Serialize, Deserialize)]
struct Upload {
    base_url: String,
    files: Files,
    asset_id: String,
}

impl Files {
    /// These files as they are now. Nothing, where that cannot be told.
    pub(crate) fn of<'a>(files: impl IntoIterator<Item = &'a Path>) -> Option<Self> {
        let file = |path: &Path| {
            let about = path.metadata().ok()?;
            Some(File {
                path: path.canonicalize().ok()?.to_str()?.to_owned(),
                size_bytes: about.len(),
                modified: about.modified().ok()?,
            })
        };
        files.into_iter().map(file).collect::<Option<_>>().map(Self)
    }
}

impl Uploads {
    /// Those beside the journal of a client, if it has one.
    pub(crate) fn of(client: &Client) -> Option<Self> {
        let mut name = client.journal()?.path().as_os_str().to_owned();
        name.push(".uploads");
        Some(Self {
            path: name.into(),
            base_url: client.base_url().to_owned(),
        })
    }

    /// The asset that these files became.
    pub(crate) fn find(&self, files: &Files) -> Option<String> {
        let mut all = self.read().into_iter();
        all.find(|one| self.is_of(one, files))
            .map(|one| one.asset_id)
    }

    /// Notes what they became.
    pub(crate) fn note(&self, files: Files, asset_id: &str) -> std::io::Result<()> {
        let mut all = self.read();
        all.retain(|one| !self.is_of(one, &files));
        all.drain(..(all.len() + 1).saturating_sub(MOST));
        all.push(Upload {
            base_url: self.base_url.clone(),
            files,
            asset_id: asset_id.to_owned(),
        });
        let folder = self
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let mut beside = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        serde_json::to_writer(&mut beside, &all)?;
        beside.flush()?;
        beside.as_file().sync_all()?;
        beside.persist(&self.path)?;
        Ok(())
    }

    fn is_of(&self, one: &Upload, files: &Files) -> bool {
        one.base_url == self.base_url && one.files == *files
    }

    /// What is there. What cannot be read is uploaded again.
    fn read(&self) -> Vec<Upload> {
        let text = std::fs::read(&self.path).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }
}
