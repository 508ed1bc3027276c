//! One piece of work and the place where it runs: a child process that speaks JSON over its pipes,
//! or a thread of this one.
//!
//! A host program gives the engine a command that ends in [`main`]; the engine writes one request to
//! its standard input and keeps that pipe open as a lifeline: when it closes, the worker ends itself
//! and whatever it started. Events come back as one line of JSON each.

use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::captions::Burner;
use crate::error::{Error, Kind, Result};
use crate::model::{BackendKind, ClipSpec, SourceInfo};
use crate::select::{self, SelectSpec, Selection};
use crate::transcript::Transcript;
use crate::{embedded, ffmpeg};

/// What a worker is asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) task: Task,
    pub(crate) tool: Tool,
    pub(crate) limits: ProcessLimits,
}

/// What does the media work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tool {
    Embedded,
    Ffmpeg(PathBuf),
}

impl Tool {
    pub(crate) fn kind(&self) -> BackendKind {
        match self {
            Self::Embedded => BackendKind::Embedded,
            Self::Ffmpeg(_) => BackendKind::Ffmpeg,
        }
    }
}

/// The limits that a process puts on itself before it reads a byte of the source.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct ProcessLimits {
    pub(crate) memory_bytes: Option<u64>,
    pub(crate) file_bytes: Option<u64>,
    pub(crate) processor_seconds: Option<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    Probe { source: PathBuf },
    Subtitles { source: PathBuf, index: usize },
    Select { source: PathBuf, spec: SelectSpec },
    Cut(CutJob),
}

/// A clip to be cut into a folder that nobody else uses; the engine moves what lies there when all
/// of it is done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CutJob {
    pub(crate) source: PathBuf,
    pub(crate) spec: ClipSpec,
    pub(crate) folder: PathBuf,
}

impl CutJob {
    pub(crate) fn clip(&self) -> PathBuf {
        self.folder.join("clip.mp4")
    }

    pub(crate) fn thumbnail(&self) -> PathBuf {
        self.folder.join("clip.jpg")
    }

    /// Draws the captions, where they are asked for.
    pub(crate) fn burner(&self, width: u32, height: u32) -> Result<Option<Burner>> {
        match &self.spec.captions {
            Some(captions) if captions.burn_in => {
                let cues = Transcript::new(captions.cues.clone());
                Ok(Some(Burner::new(&cues, &captions.style, width, height)))
            }
            _ => Ok(None),
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Probed(SourceInfo),
    Subtitles(Transcript),
    Selected(Selection),
    Cut(CutOutcome),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CutOutcome {
    pub(crate) frames: u64,
    pub(crate) start_seconds: f64,
    pub(crate) duration_seconds: f64,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) has_audio: bool,
    pub(crate) bytes: u64,
}

/// What a worker says while it works, one line each.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    Progress(f64),
    Log(String),
    Done(Outcome),
    Failed { kind: Kind, message: String },
}

/// The way back from running work to whoever waits for it.
pub(crate) struct Control {
    cancelled: Arc<AtomicBool>,
    deadline: Option<Instant>,
    events: Box<dyn Fn(Event) + Send + Sync>,
    /// How far the last told progress was, in thousandths.
    told: AtomicU32,
}

impl Control {
    pub(crate) fn new(
        cancelled: Arc<AtomicBool>,
        deadline: Option<Instant>,
        events: impl Fn(Event) + Send + Sync + 'static,
    ) -> Self {
        Self {
            cancelled,
            deadline,
            events: Box::new(events),
            told: AtomicU32::new(0),
        }
    }

    /// Ends the work when nobody waits for it any more, or for too long already.
    pub(crate) fn check(&self) -> Result<()> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(Error::new(Kind::Cancelled, "the work was given up"));
        }
        if self
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
        {
            return Err(Error::new(
                Kind::Timeout,
                "the work took longer than it may: allow more time, or ask for a shorter clip",
            ));
        }
        Ok(())
    }

    /// Tells how far the work is; steps that nobody would see are kept back.
    pub(crate) fn progress(&self, fraction: f64) {
        let thousandths = (fraction.clamp(0.0, 1.0) * 1000.0) as u32;
        let told = self.told.load(Ordering::Relaxed);
        if thousandths >= told + 5 || (thousandths == 1000 && told < 1000) {
            self.told.store(thousandths, Ordering::Relaxed);
            (self.events)(Event::Progress(fraction));
        }
    }

    pub(crate) fn log(&self, line: impl Into<String>) {
        (self.events)(Event::Log(line.into()));
    }
}

/// Does the work, here and now.
pub(crate) fn run(request: &Request, control: &Control) -> Result<Outcome> {
    control.check()?;
    let outcome = match &request.tool {
        Tool::Embedded => run_embedded(&request.task, control),
        Tool::Ffmpeg(program) => run_ffmpeg(program, &request.task, control),
    };
    outcome.map_err(|error| error.in_file(request.task.source()))
}

fn run_embedded(task: &Task, control: &Control) -> Result<Outcome> {
    match task {
        Task::Probe { source } => embedded::probe(source).map(Outcome::Probed),
        Task::Subtitles { source, index } => {
            embedded::subtitles(source, *index).map(Outcome::Subtitles)
        }
        Task::Select { source, spec } => embedded::analyse(source, control)
            .and_then(|analysis| select::choose(&analysis, spec))
            .map(Outcome::Selected),
        Task::Cut(job) => embedded::cut(job, control).map(Outcome::Cut),
    }
}

fn run_ffmpeg(program: &Path, task: &Task, control: &Control) -> Result<Outcome> {
    match task {
        Task::Probe { source } => ffmpeg::probe(program, source, control).map(Outcome::Probed),
        Task::Subtitles { source, index } => {
            ffmpeg::subtitles(program, source, *index, control).map(Outcome::Subtitles)
        }
        Task::Select { source, spec } => ffmpeg::analyse(program, source, control)
            .and_then(|analysis| select::choose(&analysis, spec))
            .map(Outcome::Selected),
        Task::Cut(job) => ffmpeg::cut(program, job, control).map(Outcome::Cut),
    }
}

impl Task {
    pub(crate) fn source(&self) -> &Path {
        match self {
            Self::Probe { source }
            | Self::Select { source, .. }
            | Self::Subtitles { source, .. } => source,
            Self::Cut(job) => &job.source,
        }
    }
}

/// The whole of a worker process: reads one request from standard input, does it, and answers on
/// standard output. A host calls it from the hidden subcommand that it named in
/// [`Worker::Command`](crate::Worker::Command), and exits with what it returns.
///
/// ```no_run
/// // in the host's main.rs
/// # fn main() -> std::process::ExitCode {
/// if std::env::args().nth(1).as_deref() == Some("__clip-worker") {
///     return clip_engine::worker_main();
/// }
/// # std::process::ExitCode::SUCCESS
/// # }
/// ```
pub fn main() -> std::process::ExitCode {
    let say = |event: &Event| {
        if let Ok(line) = serde_json::to_string(event) {
            let mut out = std::io::stdout().lock();
            // When nobody listens any more, the lifeline ends this process.
            let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        }
    };
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    let request: Request = match read.map(|_| serde_json::from_str(&line)) {
        Ok(Ok(request)) => request,
        _ => {
            eprintln!("this subcommand is started by the clip engine and not by hand");
            return std::process::ExitCode::from(2);
        }
    };
    // Before the limits, under which there may be no memory for its stack.
    let lifeline = std::thread::Builder::new().spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        process::end_group();
    });
    if let Err(error) = lifeline {
        eprintln!("the worker cannot start a thread: {error}");
        return std::process::ExitCode::FAILURE;
    }
    process::limit(request.limits);
    let control = Control::new(Arc::default(), None, move |event| say(&event));
    let event = match run(&request, &control) {
        Ok(outcome) => Event::Done(outcome),
        Err(error) => Event::Failed {
            kind: error.kind(),
            message: error.to_string(),
        },
    };
    say(&event);
    std::process::ExitCode::SUCCESS
}

#[cfg(unix)]
pub(crate) mod process {
    //! What only a Unix process can do to itself and its children.

    use rustix::process::{
        Pid, Resource, Rlimit, Signal, getpgrp, getpid, kill_process_group, setrlimit,
    };

    use super::ProcessLimits;

    /// Lowers this process's limits; children inherit them.
    pub(crate) fn limit(limits: ProcessLimits) {
        let wanted = [
            (Resource::As, limits.memory_bytes),
            (Resource::Fsize, limits.file_bytes),
            (Resource::Cpu, limits.processor_seconds),
        ];
        for (resource, value) in wanted {
            if let Some(value) = value {
                // A system that refuses a lower limit has a lower one already.
                let _ = setrlimit(
                    resource,
                    Rlimit {
                        current: Some(value),
                        maximum: Some(value),
                    },
                );
            }
        }
    }

    /// Ends this process and what it started, but never a group that belongs to somebody else.
    pub(crate) fn end_group() {
        if getpgrp() == getpid() {
            let _ = kill_process_group(getpid(), Signal::KILL);
        }
        std::process::exit(3);
    }

    /// Ends a child's whole group.
    pub(crate) fn kill_group(leader: u32) {
        if let Some(leader) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

#[cfg(not(unix))]
pub(crate) mod process {
    //! Without process groups and limits, the process alone is ended.

    use super::ProcessLimits;

    pub(crate) fn limit(_: ProcessLimits) {}

    pub(crate) fn end_group() {
        std::process::exit(3);
    }

    pub(crate) fn kill_group(_: u32) {}
}
