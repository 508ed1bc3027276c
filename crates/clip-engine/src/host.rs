//! Runs one request for the engine, in a thread or in a child process, and moves finished files.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use crate::error::{Error, Kind, Result};
use crate::worker::{Control, Event, Outcome, Request, process, run};

/// As much of a worker's standard error as a message can use.
const MOST_STDERR: u64 = 4096;

/// Runs the request in a thread of this process.
pub(crate) async fn in_thread(
    request: Request,
    wall_time: Duration,
    events: &mut (dyn FnMut(Event) + Send),
) -> Result<Outcome> {
    /// Tells the thread to stop when nobody waits for it any more.
    struct StopOnDrop(Arc<AtomicBool>);
    impl Drop for StopOnDrop {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    let cancelled = Arc::new(AtomicBool::new(false));
    let _guard = StopOnDrop(Arc::clone(&cancelled));
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let deadline = Instant::now().checked_add(wall_time);
    let work = tokio::task::spawn_blocking(move || {
        let control = Control::new(cancelled, deadline, move |event| {
            let _ = sender.send(event);
        });
        run(&request, &control)
    });
    while let Some(event) = receiver.recv().await {
        events(event);
    }
    match work.await {
        Ok(result) => result,
        Err(cause) if cause.is_panic() => Err(Error::new(
            Kind::Damaged,
            "the file could not be worked on: it is damaged in a way that the reader did not expect",
        )),
        Err(cause) => Err(Error::new(Kind::Cancelled, "the work was given up").caused_by(cause)),
    }
}

/// Runs the request in a child process with a process group of its own.
pub(crate) async fn in_process(
    program: &Path,
    arguments: &[String],
    request: &Request,
    wall_time: Duration,
    events: &mut (dyn FnMut(Event) + Send),
) -> Result<Outcome> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let child = command
        .spawn()
        .map_err(|cause| Error::io(format!("starting the worker {}", program.display()), cause))?;
    let mut guard = KillGroup(child);
    tokio::time::timeout(wall_time, converse(&mut guard.0, request, events))
        .await
        .unwrap_or_else(|_| {
            Err(Error::new(
                Kind::Timeout,
                format!(
                    "the work took longer than the {} s that it may take: allow more time, or ask \
                     for a shorter clip",
                    wall_time.as_secs_f64()
                ),
            ))
        })
}

/// Kills the child's whole group when the work is over, one way or another.
struct KillGroup(Child);

impl Drop for KillGroup {
    fn drop(&mut self) {
        // The group is gone once its leader was waited for and left nothing behind.
        if let Some(leader) = self.0.id() {
            process::kill_group(leader);
        }
    }
}

async fn converse(
    child: &mut Child,
    request: &Request,
    events: &mut (dyn FnMut(Event) + Send),
) -> Result<Outcome> {
    let broken = |what: &str| Error::new(Kind::Worker, format!("the worker {what}"));
    let mut line = serde_json::to_vec(request)
        .map_err(|cause| broken("cannot be asked for this").caused_by(cause))?;
    line.push(b'\n');
    // Held until the end: the worker ends itself when this pipe closes.
    let mut lifeline = child
        .stdin
        .take()
        .ok_or_else(|| broken("has no standard input"))?;
    let stdout = child
        .stdout
        .take()
        .ok_or_else(|| broken("has no standard output"))?;
    let stderr = child
        .stderr
        .take()
        .ok_or_else(|| broken("has no standard error"))?;
    let complaints = tokio::spawn(async move {
        let mut text = Vec::new();
        let mut stderr = stderr.take(MOST_STDERR);
        let _ = stderr.read_to_end(&mut text).await;
        // The rest is read and dropped, so that the worker never waits for a reader.
        let _ = tokio::io::copy(&mut stderr.into_inner(), &mut tokio::io::sink()).await;
        String::from_utf8_lossy(&text).trim().to_owned()
    });
    // A worker that ended at once explains itself by its exit status, not by a broken pipe.
    let _ = lifeline.write_all(&line).await;
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(Event::Done(outcome)) => return Ok(outcome),
            Ok(Event::Failed { kind, message }) => return Err(Error::new(kind, message)),
            Ok(event) => events(event),
            // Whatever a library prints is not part of the conversation.
            Err(_) => {}
        }
    }
    let status = child
        .wait()
        .await
        .map_err(|cause| Error::io("waiting for the worker", cause))?;
    Err(ended(status, &complaints.await.unwrap_or_default()))
}

/// What the end of a worker that gave no answer means.
fn ended(status: std::process::ExitStatus, said: &str) -> Error {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        const ABORTED: i32 = 6;
        const PROCESSOR_TIME: i32 = 24;
        const FILE_SIZE: i32 = 25;
        let (kind, why) = match signal {
            FILE_SIZE => (Kind::Limit, "wrote more than it may: allow more output"),
            PROCESSOR_TIME => (Kind::Limit, "used more processor time than it may"),
            ABORTED if said.contains("memory allocation") => (
                Kind::Limit,
                "needed more memory than it may: allow more memory",
            ),
            _ => (
                Kind::Damaged,
                "crashed on this file: it is probably damaged",
            ),
        };
        return Error::new(
            kind,
            format!("the worker {why} (signal {signal}) {said}").trim_end(),
        );
    }
    // 101 is a panic: the file, not the worker, is what is unusual.
    let kind = if status.code() == Some(101) {
        Kind::Damaged
    } else {
        Kind::Worker
    };
    Error::new(
        kind,
        format!("the worker ended without an answer ({status}): {said}"),
    )
}

/// An answer to another question than the one asked.
pub(crate) fn unexpected(outcome: &Outcome) -> Error {
    let name = match outcome {
        Outcome::Probed(_) => "a probe",
        Outcome::Subtitles(_) => "subtitles",
        Outcome::Selected(_) => "a selection",
        Outcome::Cut(_) => "a cut",
    };
    Error::new(
        Kind::Worker,
        format!("the worker answered with {name} to another question"),
    )
}

/// Moves a finished file to its place.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).map_err(|cause| Error::io(format!("writing {}", to.display()), cause))
}

/// Writes a small file and makes sure that it is on the disk.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let wrap = |cause| Error::io(format!("writing {}", path.display()), cause);
    let mut file = std::fs::File::create(path).map_err(wrap)?;
    file.write_all(bytes).map_err(wrap)?;
    file.sync_all().map_err(wrap)
}
