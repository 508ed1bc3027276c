//! A journal on disk: JSON, one record a line, added at the end and nowhere else.
//!
//! A line is there once it is synced. What a crash or a full disk leaves of one is cut off, or
//! else kept apart from the next by a line break.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

use super::record::Record;
use crate::error::{Error, Kind, Result};

/// What a journal needs of a file; a disk that is full is another one, in tests.
pub(super) trait Storage: Send {
    /// Adds to the end, and comes back when it is safe.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Cuts off what is behind `length`.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

impl Storage for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)?;
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

/// A journal that is open for adding to it.
pub(super) struct Log {
    storage: Box<dyn Storage>,
    /// Up to the end of the last whole line.
    length: u64,
    /// Something stands behind that.
    is_torn: bool,
}

/// What stood in a journal when it was opened.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) records: Vec<Record>,
    /// Lines that are not records.
    pub(super) unreadable: usize,
}

/// Opens a journal, or makes it, and keeps every other process out.
pub(super) fn open(path: &Path) -> Result<(Log, Contents)> {
    let shown = path.display();
    let cannot = |error| journal_error(format!("cannot open the journal {shown}"), error);
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    // What was wanted is nobody else's business.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(cannot)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => Error::new(
            Kind::Journal,
            format!(
                "the journal {shown} is in use: another client or process has it open, and it \
                 takes one at a time"
            ),
        ),
        TryLockError::Error(error) => cannot(error),
    })?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.is_empty() {
        sync_folder(path);
    }
    let whole = bytes.iter().rposition(|byte| *byte == b'\n');
    let whole = whole.map_or(0, |last| last + 1);
    let log = Log {
        storage: Box::new(file),
        length: bytes.len() as u64,
        is_torn: whole < bytes.len(),
    };
    Ok((log, read(&bytes)))
}

/// The name of a new file must survive too. Where folders cannot be synced there is nothing to do.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        let _ = folder.sync_all();
    }
}

fn read(bytes: &[u8]) -> Contents {
    let lines = bytes.split(|byte| *byte == b'\n');
    let mut contents = Contents {
        records: Vec::new(),
        unreadable: 0,
    };
    for line in lines.filter(|line| !line.trim_ascii().is_empty()) {
        match serde_json::from_slice(line) {
            Ok(record) => contents.records.push(record),
            Err(_) => contents.unreadable += 1,
        }
    }
    contents
}

impl Log {
    /// Adds a record. When that fails, nothing of it stays.
    pub(super) fn append(&mut self, record: &Record) -> Result<()> {
        let mut line = Vec::new();
        if self.is_torn {
            line.push(b'\n');
        }
        let written = serde_json::to_writer(&mut line, record).map_err(io::Error::from);
        line.push(b'\n');
        let written = written.and_then(|()| self.storage.append(&line));
        if let Err(error) = written {
            // A file that cannot be cut either is put right by the next line break.
            self.is_torn |= self.storage.cut(self.length).is_err();
            return Err(journal_error("cannot write to the journal", error));
        }
        self.length += line.len() as u64;
        self.is_torn = false;
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn on(storage: impl Storage + 'static) -> Self {
        Self {
            storage: Box::new(storage),
            length: 0,
            is_torn: false,
        }
    }
}

fn journal_error(message: impl Into<String>, error: io::Error) -> Error {
    let message = format!("{}: {error}", message.into());
    Error::new(Kind::Journal, message).with_cause(error)
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::journal::record::What;

    /// A disk with so much room; shared, so that it can be looked at.
    #[derive(Clone, Default)]
    pub(in crate::journal) struct Disk {
        pub(in crate::journal) bytes: Arc<Mutex<Vec<u8>>>,
        pub(in crate::journal) room: Arc<Mutex<usize>>,
        cannot_cut: bool,
    }

    impl Storage for Disk {
        fn append(&mut self, new: &[u8]) -> io::Result<()> {
            let mut bytes = self.bytes.lock().unwrap();
            let fits = new.len().min(*self.room.lock().unwrap() - bytes.len());
            bytes.extend_from_slice(&new[..fits]);
            if fits < new.len() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            Ok(())
        }

        fn cut(&mut self, length: u64) -> io::Result<()> {
            if self.cannot_cut {
                return Err(io::ErrorKind::ReadOnlyFilesystem.into());
            }
            self.bytes
                .lock()
                .unwrap()
                .truncate(usize::try_from(length).unwrap());
            Ok(())
        }
    }

    fn sent(intent: &str) -> Record {
        Record {
            at: 1,
            intent: intent.to_owned(),
            what: What::Sent,
        }
    }

    const LINE: &str = "{\"at\":1,\"intent\":\"a\",\"is\":\"sent\"}\n";

    #[test]
    fn a_line_that_does_not_fit_is_cut_off_again() {
        let disk = Disk::default();
        *disk.room.lock().unwrap() = LINE.len() + 5;
        let mut log = Log::on(disk.clone());
        log.append(&sent("a")).unwrap();
        let error = log.append(&sent("a")).unwrap_err();
        assert_eq!(error.code(), "cli_journal");
        assert!(error.to_string().contains("cannot write to the journal"));
        assert_eq!(*disk.bytes.lock().unwrap(), LINE.as_bytes());
        *disk.room.lock().unwrap() = 1_000;
        log.append(&sent("a")).unwrap();
        assert_eq!(*disk.bytes.lock().unwrap(), LINE.repeat(2).as_bytes());
    }

    #[test]
    fn a_line_that_cannot_be_cut_off_is_kept_apart() {
        let disk = Disk {
            cannot_cut: true,
            ..Disk::default()
        };
        *disk.room.lock().unwrap() = 5;
        let mut log = Log::on(disk.clone());
        log.append(&sent("a")).unwrap_err();
        *disk.room.lock().unwrap() = 1_000;
        log.append(&sent("b")).unwrap();
        let contents = read(&disk.bytes.lock().unwrap());
        assert_eq!(
            (contents.records, contents.unreadable),
            (vec![sent("b")], 1)
        );
    }

    #[test]
    fn a_torn_last_line_costs_that_line_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, format!("{LINE}{}", &LINE[..20])).unwrap();
        let (mut log, contents) = open(&path).unwrap();
        assert_eq!(
            (contents.records, contents.unreadable),
            (vec![sent("a")], 1)
        );
        log.append(&sent("b")).unwrap();
        drop(log);
        let (_log, contents) = open(&path).unwrap();
        let expected = vec![sent("a"), sent("b")];
        assert_eq!((contents.records, contents.unreadable), (expected, 1));
    }

    #[test]
    fn what_is_no_record_is_skipped_and_counted() {
        let contents =
            read(b"\xff\xfe\n\n{\"at\":1}\n{\"at\":1,\"intent\":\"a\",\"is\":\"later\"}\n");
        assert_eq!((contents.records, contents.unreadable), (vec![], 3));
    }
}
