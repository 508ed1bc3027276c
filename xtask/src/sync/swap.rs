//! Replaces several files as one: either all of them are the new ones, or none is.
//!
//! New files are written beside, in `.sync/`. A journal, put there by one rename, says that they are complete; only then are
//! they moved into place. A run that is killed before the journal leaves nothing but `.sync/`, which the next run clears; one
//! that is killed after it is finished by the next xtask command of any kind. Until then the files are a mixture: they lie in
//! several folders, which no single rename replaces.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

/// Ignored by git, on the same file system as what is replaced.
const FOLDER: &str = ".sync";
const JOURNAL: &str = "journal.json";

/// Writes `files` (paths below `root`) in one step.
pub(crate) fn replace(root: &Path, files: &[(PathBuf, String)]) -> Result<(), String> {
    prepare(root, files)?;
    finish(root)
}

/// Finishes what a killed run began, or clears what it left.
pub(crate) fn recover(root: &Path) -> Result<(), String> {
    let folder = root.join(FOLDER);
    if !folder.exists() {
        return Ok(());
    }
    // A run that holds the lock is at work there.
    let Some(_lock) = lock(root)? else {
        return Ok(());
    };
    if folder.join(JOURNAL).exists() {
        eprintln!("note: a sync was interrupted while it put files in place; finishing it");
        return finish(root);
    }
    clear(&folder)
}

/// Held while a sync runs. Nothing is held where a folder cannot be locked; there it is up to people not to run two.
#[derive(Debug)]
pub(crate) struct Lock(#[allow(dead_code, reason = "held, not read")] Option<File>);

/// The lock, unless another run holds it.
pub(crate) fn lock(root: &Path) -> Result<Option<Lock>, String> {
    let Ok(folder) = File::open(root.join("openapi")) else {
        return Ok(Some(Lock(None)));
    };
    match folder.try_lock() {
        Ok(()) => Ok(Some(Lock(Some(folder)))),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(_)) => Ok(Some(Lock(None))),
    }
}

/// Writes the new files beside and then the journal.
fn prepare(root: &Path, files: &[(PathBuf, String)]) -> Result<(), String> {
    let folder = root.join(FOLDER);
    clear(&folder)?;
    let written = || -> std::io::Result<()> {
        for (path, text) in files {
            let staged = folder.join("new").join(path);
            if let Some(parent) = staged.parent() {
                fs::create_dir_all(parent)?;
            }
            whole(&staged, text)?;
        }
        let paths: Vec<&PathBuf> = files.iter().map(|(path, _)| path).collect();
        let journal = folder.join("journal.part");
        whole(&journal, &serde_json::to_string(&paths)?)?;
        fs::rename(&journal, folder.join(JOURNAL))
    };
    written().map_err(|error| {
        // What is left is cleared by the next run too; the error that matters is the first.
        let _ = clear(&folder);
        format!("cannot write to {}: {error}", folder.display())
    })
}

/// Moves into place what is not there yet.
fn finish(root: &Path) -> Result<(), String> {
    let folder = root.join(FOLDER);
    let journal = folder.join(JOURNAL);
    let text = fs::read_to_string(&journal)
        .map_err(|error| format!("cannot read {}: {error}", journal.display()))?;
    let paths: Vec<PathBuf> = serde_json::from_str(&text)
        .map_err(|error| format!("{} is damaged: {error}", journal.display()))?;
    for path in paths {
        if !path
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        {
            return Err(format!("{} names {}", journal.display(), path.display()));
        }
        let staged = folder.join("new").join(&path);
        if !staged.exists() {
            continue;
        }
        let target = root.join(&path);
        let moved = || -> std::io::Result<()> {
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::rename(&staged, &target)
        };
        moved().map_err(|error| {
            format!(
                "cannot put {} in place: {error}; run any xtask command to go on",
                target.display()
            )
        })?;
    }
    fs::remove_file(&journal)
        .map_err(|error| format!("cannot remove {}: {error}", journal.display()))?;
    clear(&folder)
}

fn clear(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Writes a file down to the disk: a journal must not outlive what it speaks of.
fn whole(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> (tempfile::TempDir, Vec<(PathBuf, String)>) {
        let root = tempfile::tempdir().unwrap();
        let names = ["openapi/a.yaml", "openapi/overlays/b.yaml", "src/c.rs"];
        for name in names {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "old").unwrap();
        }
        let files = names.map(|name| (PathBuf::from(name), "new".to_owned()));
        (root, files.to_vec())
    }

    fn contents(root: &Path, files: &[(PathBuf, String)]) -> Vec<String> {
        files
            .iter()
            .map(|(path, _)| fs::read_to_string(root.join(path)).unwrap())
            .collect()
    }

    #[test]
    fn all_files_are_replaced_and_nothing_is_left() {
        let (root, files) = workspace();
        replace(root.path(), &files).unwrap();
        assert_eq!(contents(root.path(), &files), ["new"; 3]);
        assert!(!root.path().join(FOLDER).exists());
    }

    #[test]
    fn killed_before_the_journal_nothing_changed() {
        let (root, files) = workspace();
        prepare(root.path(), &files).unwrap();
        fs::remove_file(root.path().join(FOLDER).join(JOURNAL)).unwrap();
        recover(root.path()).unwrap();
        assert_eq!(contents(root.path(), &files), ["old"; 3]);
        assert!(!root.path().join(FOLDER).exists());
    }

    #[test]
    fn killed_after_the_journal_it_is_finished_wherever_it_stopped() {
        for moved in 0..=3 {
            let (root, files) = workspace();
            prepare(root.path(), &files).unwrap();
            for (path, _) in &files[..moved] {
                let staged = root.path().join(FOLDER).join("new").join(path);
                fs::rename(staged, root.path().join(path)).unwrap();
            }
            recover(root.path()).unwrap();
            assert_eq!(
                contents(root.path(), &files),
                ["new"; 3],
                "after {moved} moves"
            );
            assert!(!root.path().join(FOLDER).exists());
        }
    }

    #[test]
    fn nobody_clears_what_a_running_sync_writes() {
        let (root, files) = workspace();
        let held = lock(root.path()).unwrap().unwrap();
        prepare(root.path(), &files).unwrap();
        recover(root.path()).unwrap();
        assert!(root.path().join(FOLDER).exists());
        drop(held);
        recover(root.path()).unwrap();
        assert_eq!(contents(root.path(), &files), ["new"; 3]);
    }

    #[test]
    fn a_journal_cannot_lead_out_of_the_workspace() {
        let (root, files) = workspace();
        prepare(root.path(), &files).unwrap();
        let journal = root.path().join(FOLDER).join(JOURNAL);
        fs::write(journal, r#"["../elsewhere"]"#).unwrap();
        assert!(recover(root.path()).is_err());
    }
}
