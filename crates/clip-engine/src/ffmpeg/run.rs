//! Starts ffmpeg, reads what it prints while it works, and ends it when nobody waits any more.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::CONTAINERS;
use crate::error::{Error, Kind, Result};
use crate::worker::Control;

/// How often a running ffmpeg is checked on.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Bytes of standard output that are handed on at once.
const CHUNK: usize = 1 << 16;
/// Bytes of standard error that are kept; the header of a file with many streams is the longest part.
const MOST_STDERR: usize = 1 << 20;

/// A command line that is being put together.
pub(super) struct Ffmpeg {
    command: Command,
}

impl Ffmpeg {
    pub(super) fn new(program: &Path) -> Self {
        let mut command = Command::new(program);
        command.args(["-nostdin", "-hide_banner", "-y"]);
        Self { command }
    }

    pub(super) fn arg(&mut self, argument: impl Into<OsString>) -> &mut Self {
        self.command.arg(argument.into());
        self
    }

    pub(super) fn args<'a>(&mut self, arguments: impl IntoIterator<Item = &'a str>) -> &mut Self {
        self.command.args(arguments);
        self
    }

    /// The source, guarded: a local file in a known container, whatever its name looks like.
    pub(super) fn source(&mut self, path: &Path) -> Result<&mut Self> {
        let path = std::path::absolute(path).map_err(|cause| Error::io("finding it", cause))?;
        // ffmpeg's own words for a missing file are not made for people.
        std::fs::metadata(&path).map_err(|cause| Error::io("opening it", cause))?;
        let mut name = OsString::from("file:");
        name.push(path);
        // Some containers leave presentation times out.
        self.args(["-fflags", "+genpts"]);
        self.args([
            "-protocol_whitelist",
            "file",
            "-format_whitelist",
            CONTAINERS,
            "-i",
        ]);
        Ok(self.arg(name))
    }

    /// Runs in this folder, so that names of ours need no escaping.
    pub(super) fn within(&mut self, folder: &Path) -> &mut Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs to the end; `each` gets standard output as it comes. What came on standard error is
    /// returned.
    pub(super) fn run(
        &mut self,
        control: &Control,
        mut each: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<String> {
        let child = self
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|cause| Error::io("starting ffmpeg", cause))?;
        let mut guard = EndOnDrop(child);
        let missing = || Error::new(Kind::Worker, "ffmpeg has no output to read");
        let mut stdout = guard.0.stdout.take().ok_or_else(missing)?;
        let stderr = guard.0.stderr.take().ok_or_else(missing)?;
        let complaints = thread(move || read_complaints(stderr))?;
        // A few chunks at most wait here, so that a slow reader slows ffmpeg down.
        let (sender, receiver) = sync_channel(4);
        let reader = thread(move || {
            let mut chunk = vec![0; CHUNK];
            while let Ok(size) = stdout.read(&mut chunk) {
                if size == 0 || sender.send(chunk[..size].to_vec()).is_err() {
                    break;
                }
            }
        })?;
        loop {
            control.check()?;
            match receiver.recv_timeout(LOOK_EVERY) {
                Ok(chunk) => each(&chunk)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let _ = reader.join();
        let status = loop {
            control.check()?;
            let ended = guard.0.try_wait();
            match ended.map_err(|cause| Error::io("waiting for ffmpeg", cause))? {
                Some(status) => break status,
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        let said = complaints.join().unwrap_or_default();
        if status.success() {
            Ok(said)
        } else {
            Err(explain(&said, status))
        }
    }
}

/// A thread whose stack may not fit under the worker's memory limit.
fn thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<JoinHandle<T>> {
    std::thread::Builder::new()
        .spawn(work)
        .map_err(|cause| Error::io("starting a thread beside ffmpeg", cause))
}

/// Ends ffmpeg on every way out.
struct EndOnDrop(Child);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None) | Err(_)) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

fn read_complaints(stderr: impl Read) -> String {
    let mut said = String::new();
    let mut reader = BufReader::new(stderr);
    let mut line = Vec::new();
    while reader
        .read_until(b'\n', &mut line)
        .is_ok_and(|size| size > 0)
    {
        if said.len() < MOST_STDERR {
            said.push_str(&String::from_utf8_lossy(&line));
        }
        line.clear();
    }
    said
}

/// What ffmpeg's last words mean.
fn explain(said: &str, status: std::process::ExitStatus) -> Error {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    // With the whitelist, a playlist looks like a container with next to no likelihood.
    if has(&["not on whitelist", "misdetection possible"]) {
        return Error::unsupported(format!(
            "the file is no video container that is opened ({CONTAINERS}): convert it to MP4"
        ));
    }
    if has(&["matches no streams", "does not contain any stream"]) {
        return Error::unsupported("the file has no video track: give a file with a picture");
    }
    if has(&[
        "moov atom not found",
        "Invalid data found",
        "Invalid argument",
        "End of file",
    ]) {
        return Error::damaged(format!(
            "ffmpeg cannot read it, it is damaged: {}",
            last_words(said)
        ));
    }
    if has(&[
        "could not find codec parameters",
        "Decoder (codec",
        "Unknown decoder",
    ]) {
        return Error::unsupported(format!("ffmpeg cannot decode it: {}", last_words(said)));
    }
    if has(&["No space left", "File too large"]) {
        return Error::new(
            Kind::Limit,
            format!("ffmpeg could not write: {}", last_words(said)),
        );
    }
    Error::new(
        Kind::Worker,
        format!("ffmpeg failed ({status}): {}", last_words(said)),
    )
}

/// The last lines, without what is not for people.
fn last_words(said: &str) -> String {
    let lines: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let last = lines[lines.len().saturating_sub(3)..].join("; ");
    // `[mov,mp4 @ 0x55d0] ...`: where in memory says nothing to anyone.
    let mut parts = last.split(" @ 0x");
    let mut said = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        said.push_str(part.trim_start_matches(|digit: char| digit.is_ascii_hexdigit()));
    }
    said.chars().take(400).collect()
}
