//! Where things lie in the data folder, and the lock that keeps a second emulator out of it.
//!
//! ```text
//! emulator.db            rows and queue
//! emulator.key           the key that signs links
//! emulator.lock          held while an emulator runs
//! assets/ID              bytes of an asset
//! jobs/ID/source         the fetched source, while the job runs
//! jobs/ID/transcript     a transcript found beside the source, while the job runs
//! jobs/ID/clips/CLIP.mp4 (.vtt, .jpg)
//! ```

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::Error;

const DATABASE: &str = "emulator.db";

/// The data folder, locked for this process.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    lock: File,
    // A temporary folder is removed with the emulator.
    _temporary: Option<tempfile::TempDir>,
}

impl Folder {
    /// Opens `root`, or makes it; without a name, a temporary folder.
    pub(crate) fn open(root: Option<&Path>) -> Result<Self, Error> {
        let failed = |what: &str, path: &Path| {
            let what = format!("{what} {} could not be used", path.display());
            move |cause| Error::data(what, Some(cause))
        };
        let (root, temporary) = match root {
            Some(root) => (root.to_owned(), None),
            None => {
                let folder = tempfile::Builder::new().prefix("heygen-clips-").tempdir();
                let folder = folder.map_err(failed("the folder", &std::env::temp_dir()))?;
                (folder.path().to_owned(), Some(folder))
            }
        };
        if !root.exists() {
            make_private(&root).map_err(failed("the data folder", &root))?;
        }
        for folder in [root.clone(), root.join("assets"), root.join("jobs")] {
            std::fs::create_dir_all(&folder).map_err(failed("the data folder", &folder))?;
        }
        let path = root.join("emulator.lock");
        let lock = File::create(&path).map_err(failed("the lock", &path))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                let what = format!(
                    "another emulator is using {}: stop it or name another folder",
                    root.display()
                );
                Error::data(what, None)
            }
            TryLockError::Error(cause) => failed("the lock", &path)(cause),
        })?;
        for name in [DATABASE, "emulator.db-wal", "emulator.db-shm"] {
            let path = root.join(name);
            keep_private(&path, name == DATABASE).map_err(failed("the database", &path))?;
        }
        Ok(Self {
            root,
            lock,
            _temporary: temporary,
        })
    }

    /// Gives the lock back, whoever still has a handle on the folder.
    pub(crate) fn release(&self) {
        if let Err(cause) = self.lock.unlock() {
            tracing::warn!(%cause, folder = %self.root.display(), "the lock could not be given back");
        }
    }

    /// The key that signs links: read, or made once.
    pub(crate) fn key(&self) -> Result<[u8; 32], Error> {
        let path = self.root.join("emulator.key");
        let failed = |cause| {
            Error::data(
                format!("the key {} could not be used", path.display()),
                Some(cause),
            )
        };
        if let Ok(text) = std::fs::read_to_string(&path) {
            let mut key = [0; 32];
            if hex::decode_to_slice(text.trim(), &mut key).is_ok() {
                return Ok(key);
            }
        }
        let key: [u8; 32] = rand::random();
        let mut file = tempfile::NamedTempFile::new_in(&self.root).map_err(failed)?;
        std::io::Write::write_all(&mut file, hex::encode(key).as_bytes()).map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(key)
    }

    /// The database.
    pub(crate) fn database(&self) -> PathBuf {
        self.root.join(DATABASE)
    }

    /// Where new files are written before they get their name, on the same file system.
    pub(crate) fn assets(&self) -> PathBuf {
        self.root.join("assets")
    }

    /// The bytes of an asset.
    pub(crate) fn asset(&self, id: &str) -> PathBuf {
        self.assets().join(id)
    }

    /// All that belongs to a job.
    pub(crate) fn job(&self, id: &str) -> PathBuf {
        self.root.join("jobs").join(id)
    }

    /// A job's clips.
    pub(crate) fn clips(&self, job_id: &str) -> PathBuf {
        self.job(job_id).join("clips")
    }
}

/// Makes a folder that only its owner can look into: it is for secrets of webhooks, and for videos.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Lets nobody but its owner read a file that may hold secrets, in a folder that we may not have
/// made. SQLite gives the files beside its database the rights of the database.
#[cfg(unix)]
fn keep_private(file: &Path, create: bool) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let mut options = File::options();
    options.append(true).create(create).mode(0o600);
    match options.open(file) {
        Ok(file) => file.set_permissions(std::fs::Permissions::from_mode(0o600)),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(cause),
    }
}

/// What others may read is said by the folder here.
#[cfg(not(unix))]
#[allow(
    clippy::unnecessary_wraps,
    reason = "as where there is something to do"
)]
fn keep_private(_: &Path, _: bool) -> std::io::Result<()> {
    Ok(())
}
