//! Folders that are made for files and go again where none come.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are not there. When dropped, those of them that are empty are removed.
pub(super) struct Missing(Vec<PathBuf>);

impl Missing {
    /// What is missing of this folder and those that it is in.
    pub(super) fn on_the_way_to(folder: &Path) -> Self {
        let ways = folder
            .ancestors()
            .filter(|path| !path.as_os_str().is_empty());
        let missing = ways.take_while(|path| !path.exists());
        Self(missing.map(Path::to_owned).collect())
    }
}

impl Drop for Missing {
    fn drop(&mut self) {
        for path in &self.0 {
            // One that is not empty stays, and so do those around it.
            if fs::remove_dir(path).is_err() {
                break;
            }
        }
    }
}
