//! The lines of a journal: JSON, one record a line, added at the end.
//!
//! A line is there once it is synced. What a crash or a full disk leaves of one is cut off, or
//! else kept apart from the next by a line break. When most of the lines are of intents that are
//! done with, the others are kept and those are not.

use std::io;
use std::path::Path;

use serde_json::Value;

use super::disk::{Disk, Storage, cannot_open};
use super::record::Record;
use super::state::State;
use crate::error::{Error, Kind, Result};

/// Fewer lines than this are not worth the work.
const WORTH_IT: usize = 1_000;

/// A journal that is open for adding to it.
pub(super) struct Log {
    storage: Box<dyn Storage>,
    /// Up to the end of the last whole line.
    length: u64,
    /// Something stands behind that.
    is_torn: bool,
    lines: usize,
    /// Beyond so many lines it is looked at whether they are all needed.
    look_beyond: usize,
}

/// What stands in a journal.
pub(super) struct Contents {
    pub(super) state: State,
    /// Lines that are not records.
    pub(super) unreadable: usize,
}

/// Opens a journal, or makes it, and keeps every other process out. `now` in Unix seconds.
pub(super) fn open(path: &Path, now: u64) -> Result<(Log, Contents)> {
    let mut disk = Disk::open(path)?;
    let head = disk.head().map_err(|error| cannot_open(path, error))?;
    if !is_journal(&head) {
        let message = format!(
            "{} is not a journal, but another file: it is left as it is; name a journal, or a file \
             that does not exist yet",
            path.display()
        );
        return Err(Error::new(Kind::Journal, message));
    }
    Log::on(disk, now).map_err(|error| cannot_open(path, error))
}

impl Log {
    pub(super) fn on(storage: impl Storage + 'static, now: u64) -> io::Result<(Self, Contents)> {
        let mut storage = Box::new(storage);
        let bytes = storage.read()?;
        let mut log = Self {
            storage,
            length: bytes.len() as u64,
            is_torn: bytes.last().is_some_and(|last| *last != b'\n'),
            lines: 0,
            look_beyond: WORTH_IT,
        };
        let contents = log.compact(&bytes, now);
        Ok((log, contents))
    }

    /// Adds a record. When that fails, nothing of it stays.
    pub(super) fn append(&mut self, record: &Record) -> Result<()> {
        let mut line = Vec::new();
        if self.is_torn {
            line.push(b'\n');
        }
        let written = serde_json::to_writer(&mut line, record).map_err(io::Error::from);
        line.push(b'\n');
        self.length = written
            .and_then(|()| self.storage.append(&line))
            .map_err(|error| {
                // A file that cannot be cut either is put right by the next line break.
                self.is_torn |= self.storage.cut(self.length).is_err();
                let message = format!("cannot write to the journal: {error}");
                Error::new(Kind::Journal, message).with_cause(error)
            })?;
        self.is_torn = false;
        self.lines += 1;
        if self.lines > self.look_beyond
            && let Ok(bytes) = self.storage.read()
        {
            self.compact(&bytes, record.at);
        }
        Ok(())
    }

    /// Rewrites the journal, of which `bytes` is all, if most of its lines are no longer needed.
    /// Where that cannot be done it stays as it is, and is as good as before.
    fn compact(&mut self, bytes: &[u8], now: u64) -> Contents {
        let lines = read(bytes);
        let mut contents = Contents {
            state: State::default(),
            unreadable: 0,
        };
        for (_, record) in &lines {
            match record {
                Some(record) => contents.state.apply(record.clone()),
                None => contents.unreadable += 1,
            }
        }
        self.lines = lines.len();
        if lines.len() > WORTH_IT {
            let needs = contents.state.needs(now);
            // What cannot be read may be of a later version: it is not for us to drop.
            let kept = lines
                .iter()
                .filter(|(_, record)| record.as_ref().is_none_or(&needs));
            let kept: Vec<_> = kept.map(|(line, _)| [line, &b"\n"[..]].concat()).collect();
            let new = kept.concat();
            if kept.len() * 2 < lines.len() && self.storage.replace(&new).is_ok() {
                self.lines = kept.len();
                self.length = new.len() as u64;
                self.is_torn = false;
            }
            self.look_beyond = WORTH_IT.max(2 * self.lines);
        }
        contents
    }
}

/// Whether a file that begins like this is for us to add to: one without lines, or whose first line
/// is a record, of this version or a later one. What crashes have left of records before it, or
/// instead of it, counts as well.
fn is_journal(head: &[u8]) -> bool {
    for (line, _) in read(head) {
        let said = serde_json::from_slice::<Value>(line).unwrap_or_default();
        if said["at"].is_u64() && said["intent"].is_string() {
            return true;
        }
        if !is_begun(line) {
            return false;
        }
    }
    true
}

/// Whether a line is the beginning of one that we write: `{"at":1717000000,"intent":"…`. A file
/// system may have put zeros in the place of the rest.
fn is_begun(line: &[u8]) -> bool {
    const AT: &[u8] = br#"{"at":"#;
    const INTENT: &[u8] = br#","intent":""#;
    let zeros = line.iter().rev().take_while(|byte| **byte == 0).count();
    let line = &line[..line.len() - zeros];
    let Some(rest) = line.strip_prefix(AT) else {
        return AT.starts_with(line);
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = &rest[digits..];
    rest.starts_with(INTENT) || INTENT.starts_with(rest)
}

/// The lines that are not empty, with what each says.
fn read(bytes: &[u8]) -> Vec<(&[u8], Option<Record>)> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.trim_ascii().is_empty());
    lines
        .map(|line| (line, serde_json::from_slice(line).ok()))
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use super::*;
    use crate::job::JobId;
    use crate::job::handle::Dialect;
    use crate::journal::record::{Wanted, What};

    /// A disk with so much room; shared, so that it can be looked at.
    #[derive(Clone, Default)]
    pub(in crate::journal) struct Memory {
        pub(in crate::journal) bytes: Arc<Mutex<Vec<u8>>>,
        pub(in crate::journal) room: Arc<Mutex<usize>>,
        cannot_cut: Arc<AtomicBool>,
    }

    impl Storage for Memory {
        fn read(&mut self) -> io::Result<Vec<u8>> {
            Ok(self.bytes.lock().unwrap().clone())
        }

        fn append(&mut self, new: &[u8]) -> io::Result<u64> {
            let mut bytes = self.bytes.lock().unwrap();
            let fits = new.len().min(*self.room.lock().unwrap() - bytes.len());
            bytes.extend_from_slice(&new[..fits]);
            if fits < new.len() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            Ok(bytes.len() as u64)
        }

        fn cut(&mut self, length: u64) -> io::Result<()> {
            if self.cannot_cut.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::ReadOnlyFilesystem.into());
            }
            let length = usize::try_from(length).unwrap();
            self.bytes.lock().unwrap().truncate(length);
            Ok(())
        }

        fn replace(&mut self, new: &[u8]) -> io::Result<()> {
            // Both are there for a moment.
            let mut bytes = self.bytes.lock().unwrap();
            if bytes.len() + new.len() > *self.room.lock().unwrap() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            *bytes = new.to_vec();
            Ok(())
        }
    }

    impl Memory {
        fn with_room(room: usize) -> Self {
            let disk = Self::default();
            *disk.room.lock().unwrap() = room;
            disk
        }

        fn set_room(&self, room: usize) {
            *self.room.lock().unwrap() = room;
        }

        fn log(&self) -> Log {
            Log::on(self.clone(), 0).unwrap().0
        }

        fn text(&self) -> String {
            String::from_utf8(self.bytes.lock().unwrap().clone()).unwrap()
        }
    }

    fn record(intent: &str, at: u64, what: What) -> Record {
        Record {
            at,
            intent: intent.to_owned(),
            what,
        }
    }

    fn sent(intent: &str) -> Record {
        record(intent, 1, What::Sent)
    }

    fn wanted(intent: &str, at: u64) -> Record {
        let wanted = Wanted {
            dialect: Dialect::AiClipping,
            base_url: "https://api.example.com".to_owned(),
            key: Some(intent.to_owned()),
            key_since: None,
            sha256: "00".to_owned(),
            title: None,
            body: Some(json!({ "video": { "url": "https://example.com/talk.mp4" } })),
        };
        record(intent, at, What::Intent(wanted))
    }

    /// What a job leaves in a journal from its submission to the end of its download.
    fn finished_job(number: u64) -> [Record; 4] {
        // A job every five minutes.
        let (intent, at) = (number.to_string(), 300 * number);
        let (job_id, status) = (format!("job_{number}"), "completed".to_owned());
        [
            wanted(&intent, at),
            record(
                &intent,
                at,
                What::Accepted {
                    job_id: JobId::from(job_id),
                },
            ),
            record(
                &intent,
                at,
                What::Finished {
                    status,
                    has_clips: false,
                },
            ),
            record(&intent, at, What::Closed),
        ]
    }

    /// The records, and how many lines are none.
    fn records(bytes: &[u8]) -> (Vec<Record>, usize) {
        let (records, others): (Vec<_>, Vec<_>) = read(bytes)
            .into_iter()
            .map(|(_, record)| record)
            .partition(Option::is_some);
        (records.into_iter().flatten().collect(), others.len())
    }

    const LINE: &str = "{\"at\":1,\"intent\":\"a\",\"is\":\"sent\"}\n";

    #[test]
    fn a_line_that_does_not_fit_is_cut_off_again() {
        let disk = Memory::with_room(LINE.len() + 5);
        let mut log = disk.log();
        log.append(&sent("a")).unwrap();
        let error = log.append(&sent("a")).unwrap_err();
        assert_eq!(error.code(), "cli_journal");
        assert!(error.to_string().contains("cannot write to the journal"));
        assert_eq!(disk.text(), LINE);
        disk.set_room(1_000);
        log.append(&sent("a")).unwrap();
        assert_eq!(disk.text(), LINE.repeat(2));
    }

    #[test]
    fn a_line_that_cannot_be_cut_off_is_kept_apart() {
        let disk = Memory::with_room(5);
        disk.cannot_cut.store(true, Ordering::Relaxed);
        let mut log = disk.log();
        log.append(&sent("b")).unwrap_err();
        disk.set_room(1_000);
        log.append(&sent("a")).unwrap();
        let after = format!("{}\n{LINE}", &LINE[..5]);
        assert_eq!(disk.text(), after);

        // The next one that does not fit takes nothing else along.
        disk.cannot_cut.store(false, Ordering::Relaxed);
        disk.set_room(after.len() + 5);
        log.append(&sent("c")).unwrap_err();
        assert_eq!(disk.text(), after);
        assert_eq!(records(after.as_bytes()), (vec![sent("a")], 1));
    }

    #[test]
    fn a_torn_last_line_costs_that_line_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let torn = format!("{LINE}{}", &LINE[..20]);
        std::fs::write(&path, &torn).unwrap();
        let (mut log, contents) = open(&path, 1).unwrap();
        assert_eq!(contents.unreadable, 1);
        log.append(&sent("b")).unwrap();
        drop(log);
        let (_log, contents) = open(&path, 1).unwrap();
        assert_eq!(contents.unreadable, 1);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(records(&bytes), (vec![sent("a"), sent("b")], 1));
    }

    #[test]
    fn a_file_of_something_else_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("talk.mp4");
        let later = "{\"at\":1,\"intent\":\"a\",\"is\":\"later\",\"more\":true}\n";
        let video = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41";
        for other in [
            &video[..],
            b"notes\n",
            b"{\n  \"name\": \"package\"\n}\n",
            b"{\"at\":\"noon\"}",
            b"[]",
            // Not even behind something else.
            &[&video[..], b"\n", LINE.as_bytes()].concat(),
        ] {
            std::fs::write(&path, other).unwrap();
            let error = open(&path, 1).map(drop).unwrap_err();
            let message = error.to_string();
            assert!(
                error.is_journal() && message.contains("talk.mp4 is not a journal"),
                "{message}"
            );
            assert_eq!(std::fs::read(&path).unwrap(), other);
        }
        for ours in ["", "\n", LINE, later] {
            std::fs::write(&path, ours).unwrap();
            assert!(open(&path, 1).is_ok(), "{ours}");
        }
    }

    #[test]
    fn a_torn_only_line_is_survived_wherever_it_broke_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let line = lines_of(&[wanted("intent_1", 1_717_000_000)]);
        // All but the last bracket and the line break.
        for length in 0..line.len() - 1 {
            for rest in ["", "\0\0\0"] {
                std::fs::write(&path, line[..length].to_owned() + rest).unwrap();
                let (mut log, _) = open(&path, 1).unwrap();
                log.append(&sent("b")).unwrap();
                drop(log);
                drop(open(&path, 1).unwrap());
                let (read, _) = records(&std::fs::read(&path).unwrap());
                assert_eq!(read, [sent("b")], "{length}");
            }
        }
    }

    #[test]
    fn what_is_no_record_is_skipped_and_counted() {
        let bytes = b"\xff\xfe\n\n{\"at\":1}\n{\"at\":1,\"intent\":\"a\",\"is\":\"later\"}\n";
        assert_eq!(records(bytes), (vec![], 3));
    }

    #[test]
    fn however_many_jobs_are_done_with_the_journal_stays_small() {
        let disk = Memory::with_room(usize::MAX);
        let mut log = disk.log();
        let open = [wanted("open", 0), sent("open")];
        open.iter().for_each(|record| log.append(record).unwrap());
        let mut most = 0;
        for job in 0..5_000 {
            let records = finished_job(job);
            records
                .iter()
                .for_each(|record| log.append(record).unwrap());
            most = most.max(disk.text().lines().count());
            if job % 700 == 0 {
                // In a new process.
                log = disk.log();
            }
        }
        assert!(most <= WORTH_IT + 4, "{most} lines");
        let (lines, contents) = (disk.text(), Log::on(disk.clone(), 0).unwrap().1);
        assert!(lines.starts_with(&lines_of(&open)), "{lines}");
        assert_eq!(contents.state.open().count(), 1);
        assert!(contents.state.is_of_another("job_4999", "another"));
    }

    fn lines_of(records: &[Record]) -> String {
        let line = |record| serde_json::to_string(record).unwrap() + "\n";
        records.iter().map(line).collect()
    }

    /// Three open intents among many that are done with, a line of a later version and a torn one.
    fn grown() -> (String, String) {
        let is_open = |job: &u64| [3, 200, 399].contains(job);
        let (mut lines, mut kept) = (String::new(), String::new());
        for job in 0..400 {
            let records = finished_job(job);
            let until = if is_open(&job) { 3 } else { 4 };
            lines += &lines_of(&records[..until]);
            if is_open(&job) {
                kept += &lines_of(&records[..until]);
            }
            if job == 200 {
                let later = "{\"at\":1,\"intent\":\"3\",\"is\":\"later\"}\n";
                lines += later;
                kept += later;
            }
        }
        (lines + "{\"at\":9,\"int", kept + "{\"at\":9,\"int\n")
    }

    #[test]
    fn what_is_open_or_cannot_be_read_is_kept_as_it_was() {
        let (lines, kept) = grown();
        let disk = Memory::with_room(usize::MAX);
        *disk.bytes.lock().unwrap() = lines.clone().into_bytes();
        let before = records(lines.as_bytes()).0;
        let mut state = State::default();
        before.into_iter().for_each(|record| state.apply(record));

        // Two days later no job of the others is needed either.
        let (mut log, contents) = Log::on(disk.clone(), 300 * 400 + 2 * 86_400).unwrap();
        assert_eq!(disk.text(), kept);
        assert_eq!(contents.unreadable, 2);
        log.append(&sent("3")).unwrap();
        assert_eq!(disk.text(), kept + &lines_of(&[sent("3")]));
        let after = Log::on(disk, 0).unwrap().1;
        let entries = |state: &State| state.open().cloned().collect::<Vec<_>>();
        assert_eq!(entries(&contents.state), entries(&state));
        assert_eq!(entries(&after.state), entries(&state));
    }

    #[test]
    fn a_disk_too_full_to_rewrite_a_journal_costs_nothing() {
        let (lines, _) = grown();
        let disk = Memory::with_room(lines.len() + LINE.len() + 1);
        *disk.bytes.lock().unwrap() = lines.clone().into_bytes();
        let mut log = disk.log();
        assert_eq!(disk.text(), lines);
        log.append(&sent("a")).unwrap();
        assert_eq!(disk.text(), format!("{lines}\n{LINE}"));
    }
}
