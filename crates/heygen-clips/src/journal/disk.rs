//! The file of a journal: who has it, how bytes get into it, and how it is replaced as a whole.
//!
//! Whoever has it open holds its lock. A new file is locked before it gets the name, so that there
//! is no moment at which another process could have it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::platform;

/// What a journal needs of a file; a disk that is full is another one, in tests.
pub(super) trait Storage: Send {
    /// Everything that is in it.
    fn read(&mut self) -> io::Result<Vec<u8>>;

    /// Adds to the end, and comes back when it is safe, with the length of everything.
    fn append(&mut self, bytes: &[u8]) -> io::Result<u64>;

    /// Cuts off what is behind `length`.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// Puts `bytes` in the place of everything. Whenever that is interrupted, the one or the other
    /// is there as a whole; when it fails, what was there.
    fn replace(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// A file that is open, and locked.
#[derive(Debug)]
pub(super) struct Disk {
    /// Without symbolic links: it is the file that is replaced, and not a link to it.
    path: PathBuf,
    file: File,
}

impl Disk {
    /// Opens a file, or makes it, and keeps every other process out.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let shown = path.display();
        loop {
            let file = options().create(true).open(path);
            let file = file.map_err(|error| cannot_open(path, error))?;
            file.try_lock().map_err(|error| match error {
                TryLockError::WouldBlock => Error::new(
                    Kind::Journal,
                    format!(
                        "the journal {shown} is in use: another client or process has it open, \
                         and it takes one at a time"
                    ),
                ),
                TryLockError::Error(error) => cannot_open(path, error),
            })?;
            // Another may have replaced it meanwhile, and be gone.
            if platform::is_at(&file, path) {
                let path = fs::canonicalize(path).map_err(|error| cannot_open(path, error))?;
                path.parent().map(platform::sync_folder);
                return Ok(Self { path, file });
            }
        }
    }

    /// So much of the beginning that the first record is in it, or at least the beginning of that.
    pub(super) fn head(&mut self) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.file.rewind()?;
        (&self.file).take(64 << 10).read_to_end(&mut head)?;
        Ok(head)
    }

    /// A file with other content, locked and safe, that does not have the name yet.
    fn beside(&self, bytes: &[u8]) -> io::Result<(PathBuf, File)> {
        let mut name = std::ffi::OsString::from(".");
        name.push(self.path.file_name().unwrap_or_default());
        name.push(".new");
        let path = self.path.with_file_name(name);
        // What a crash has left.
        let _ = fs::remove_file(&path);
        let mut file = options().create_new(true).open(&path)?;
        match self.fill(&mut file, bytes) {
            Ok(()) => Ok((path, file)),
            Err(error) => {
                let _ = fs::remove_file(&path);
                Err(error)
            }
        }
    }

    fn fill(&self, new: &mut File, bytes: &[u8]) -> io::Result<()> {
        new.try_lock()?;
        new.set_permissions(self.file.metadata()?.permissions())?;
        new.write_all(bytes)?;
        new.sync_all()
    }
}

impl Storage for Disk {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.rewind()?;
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        self.file.write_all(bytes)?;
        self.file.sync_data()?;
        Ok(self.file.metadata()?.len())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn replace(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (path, file) = self.beside(bytes)?;
        if let Err(error) = fs::rename(&path, &self.path) {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        self.file = file;
        self.path.parent().map(platform::sync_folder);
        Ok(())
    }
}

pub(super) fn cannot_open(path: &Path, error: io::Error) -> Error {
    let message = format!("cannot open the journal {}: {error}", path.display());
    Error::new(Kind::Journal, message).with_cause(error)
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    // What was wanted is nobody else's business.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = folder.read_dir().unwrap();
        let mut names: Vec<_> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_crash_before_the_rename_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut disk = Disk::open(&path).unwrap();
        disk.append(b"old\n").unwrap();
        // As far as a crash lets it come, with the whole of the new file and with half of it.
        for left in ["new\n", "ne"] {
            drop(disk.beside(left.as_bytes()).unwrap());
            assert_eq!(names(folder.path()), [".journal.new", "journal"]);
            drop(disk);
            disk = Disk::open(&path).unwrap();
            assert_eq!(disk.read().unwrap(), b"old\n");
        }
        // And what it left is in nobody's way.
        disk.replace(b"new\n").unwrap();
        disk.append(b"more\n").unwrap();
        assert_eq!(disk.read().unwrap(), b"new\nmore\n");
        assert_eq!(fs::read(&path).unwrap(), b"new\nmore\n");
        assert_eq!(names(folder.path()), ["journal"]);
    }

    #[test]
    fn a_file_that_was_replaced_is_as_locked_and_as_private_as_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut disk = Disk::open(&path).unwrap();
        // A process that has opened the file and not come to lock it.
        let late = options().open(&path).unwrap();
        disk.replace(b"new\n").unwrap();
        assert!(Disk::open(&path).is_err());
        late.try_lock().unwrap();
        assert!(!platform::is_at(&late, &path), "it must look again");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        drop(disk);
        assert!(Disk::open(&path).is_ok());
    }

    #[test]
    fn what_cannot_be_replaced_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut disk = Disk::open(&path).unwrap();
        disk.append(b"old\n").unwrap();
        fs::create_dir(folder.path().join(".journal.new")).unwrap();
        disk.replace(b"new\n").unwrap_err();
        disk.append(b"more\n").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old\nmore\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_to_a_journal_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (link, path) = (folder.path().join("link"), folder.path().join("journal"));
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let mut disk = Disk::open(&link).unwrap();
        disk.replace(b"new\n").unwrap();
        assert_eq!(fs::read_link(&link).unwrap(), path);
        assert_eq!(fs::read(&path).unwrap(), b"new\n");
    }
}
