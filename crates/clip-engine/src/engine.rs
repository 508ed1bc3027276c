//! The engine that hosts hold: it chooses the backend, bounds how much runs at once, runs each piece
//! of work apart from the host, and moves finished files into place.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::error::{Error, Kind, Result};
use crate::model::{BackendKind, ClipSpec, CutReport, SourceInfo};
use crate::plan::check_window;
use crate::select::{SelectSpec, Selection};
use crate::transcript::Transcript;
use crate::worker::{CutJob, Event, Outcome, ProcessLimits, Request, Task, Tool};
use crate::{ffmpeg, host};

/// Which implementation does the work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Backend {
    /// ffmpeg where it is found, the embedded one otherwise.
    #[default]
    Auto,
    /// The one that is compiled in: H.264 in MP4.
    Embedded,
    /// The ffmpeg program at this path, or the first one in `PATH`.
    Ffmpeg(Option<PathBuf>),
}

/// Where the work runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Worker {
    /// In a thread of this process: simple, but a crash or a memory limit is the host's own.
    #[default]
    Thread,
    /// In a child process: `program arguments...` must end in [`worker_main`](crate::worker_main).
    Command {
        /// The program, usually the host's own (`std::env::current_exe()`).
        program: PathBuf,
        /// Its arguments, usually one hidden subcommand.
        arguments: Vec<String>,
    },
}

/// How much one piece of work may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest time by the clock.
    pub wall_time: Duration,
    /// Most memory (address space) of a worker process in bytes. Not enforced in a thread.
    pub memory_bytes: u64,
    /// Largest file that a worker process may write, in bytes. Not enforced in a thread.
    pub output_bytes: u64,
}

impl Default for Limits {
    /// Thirty minutes, 4 GiB of memory, 4 GiB of output.
    fn default() -> Self {
        Self {
            wall_time: Duration::from_secs(30 * 60),
            memory_bytes: 4 << 30,
            output_bytes: 4 << 30,
        }
    }
}

impl Limits {
    /// Sets the longest time by the clock.
    #[must_use]
    pub fn wall_time(mut self, time: Duration) -> Self {
        self.wall_time = time;
        self
    }

    /// Sets the most memory of a worker process.
    #[must_use]
    pub fn memory_bytes(mut self, bytes: u64) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// Sets the largest file that a worker process may write.
    #[must_use]
    pub fn output_bytes(mut self, bytes: u64) -> Self {
        self.output_bytes = bytes;
        self
    }
}

/// Cuts clips. Cheap to clone; clones share the bound on how much runs at once.
///
/// ```no_run
/// use clip_engine::{Aspect, ClipSpec, Engine, Framing};
///
/// # async fn example() -> Result<(), clip_engine::Error> {
/// let engine = Engine::builder().build()?;
/// let info = engine.probe("talk.mp4").await?;
/// let spec = ClipSpec::new(12.0, 42.0).framing(Framing::new(Aspect::Portrait));
/// let report = engine.cut("talk.mp4", &spec, "clip-1.mp4").await?;
/// println!("{} of {} s", report.duration_seconds, info.duration_seconds);
/// # Ok(())
/// # }
/// ```
///
/// Dropping the future of a call gives the work up: a worker process is killed with all that it
/// started, a thread stops at the next frame, and no half-written file stays behind.
#[derive(Debug, Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    tool: Tool,
    worker: Worker,
    limits: Limits,
    permits: Semaphore,
}

/// Settings of an [`Engine`].
#[derive(Debug, Clone, Default)]
pub struct EngineBuilder {
    backend: Backend,
    worker: Worker,
    limits: Limits,
    concurrency: Option<usize>,
}

impl EngineBuilder {
    /// Chooses the backend.
    #[must_use]
    pub fn backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Chooses where the work runs.
    #[must_use]
    pub fn worker(mut self, worker: Worker) -> Self {
        self.worker = worker;
        self
    }

    /// Sets the limits of one piece of work.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how many pieces of work run at once; by default as many as there are cores.
    #[must_use]
    pub fn concurrency(mut self, pieces: usize) -> Self {
        self.concurrency = Some(pieces);
        self
    }

    /// Makes the engine.
    ///
    /// # Errors
    /// [`Error::is_not_found`] where a program that was named is not there, and
    /// [`Error::is_unsupported`] where the ffmpeg that was named lacks an encoder.
    pub fn build(self) -> Result<Engine> {
        if let Worker::Command { program, .. } = &self.worker {
            // A bare name is looked up when it is run.
            if program.components().count() > 1 && !program.is_file() {
                return Err(Error::new(
                    Kind::NotFound,
                    format!("the worker program {} does not exist", program.display()),
                ));
            }
        }
        let tool = match self.backend {
            Backend::Embedded => Tool::Embedded,
            Backend::Ffmpeg(path) => {
                let program = ffmpeg::locate(path.as_deref())?;
                ffmpeg::check(&program)?;
                Tool::Ffmpeg(program)
            }
            Backend::Auto => ffmpeg::locate(None)
                .and_then(|program| ffmpeg::check(&program).map(|()| program))
                .map_or(Tool::Embedded, Tool::Ffmpeg),
        };
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let concurrency = self
            .concurrency
            .unwrap_or_else(cores)
            .clamp(1, Semaphore::MAX_PERMITS);
        Ok(Engine {
            inner: Arc::new(Inner {
                tool,
                worker: self.worker,
                limits: self.limits,
                permits: Semaphore::new(concurrency),
            }),
        })
    }
}

impl Engine {
    /// Settings for a new engine.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// The backend that this engine uses.
    pub fn backend(&self) -> BackendKind {
        self.inner.tool.kind()
    }

    /// Looks at a file: length, size as shown, rate, tracks.
    ///
    /// # Errors
    /// [`Error::is_not_found`], [`Error::is_unsupported`] for a format that the backend cannot
    /// read, [`Error::is_damaged`], or a limit.
    pub async fn probe(&self, source: impl AsRef<Path>) -> Result<SourceInfo> {
        let task = Task::Probe {
            source: source.as_ref().to_owned(),
        };
        match self.run(task, &mut |_| ()).await? {
            Outcome::Probed(info) => Ok(info),
            other => Err(host::unexpected(&other)),
        }
    }

    /// Reads a subtitle track inside the file; `index` is that of [`SourceInfo::subtitles`].
    ///
    /// # Errors
    /// As [`Engine::probe`]; [`Error::is_invalid`] where there is no such track.
    pub async fn subtitles(&self, source: impl AsRef<Path>, index: usize) -> Result<Transcript> {
        let task = Task::Subtitles {
            source: source.as_ref().to_owned(),
            index,
        };
        match self.run(task, &mut |_| ()).await? {
            Outcome::Subtitles(transcript) => Ok(transcript),
            other => Err(host::unexpected(&other)),
        }
    }

    /// Chooses moments of a source, by its sound and picture, and by its transcript and the
    /// instruction where they are given.
    ///
    /// A source that is too short for all wished lengths gives shorter moments: all lengths shrink
    /// by the same factor, down to three seconds each, and what still does not fit is left out. The
    /// selection's log says so.
    ///
    /// # Errors
    /// As [`Engine::probe`]; [`Error::is_invalid`] for a length that is none.
    pub async fn select(&self, source: impl AsRef<Path>, spec: &SelectSpec) -> Result<Selection> {
        let task = Task::Select {
            source: source.as_ref().to_owned(),
            spec: spec.clone(),
        };
        match self.run(task, &mut |_| ()).await? {
            Outcome::Selected(selection) => Ok(selection),
            other => Err(host::unexpected(&other)),
        }
    }

    /// Cuts one clip and writes it to `output`, an MP4; captions and a thumbnail go beside it under
    /// the same name with `.vtt` and `.jpg`. A file of that name is replaced, in one step, when the
    /// new one is whole.
    ///
    /// # Errors
    /// As [`Engine::probe`]; [`Error::is_invalid`] for a window that holds no frame or a size that
    /// cannot be written.
    pub async fn cut(
        &self,
        source: impl AsRef<Path>,
        spec: &ClipSpec,
        output: impl AsRef<Path>,
    ) -> Result<CutReport> {
        self.cut_with_progress(source, spec, output, |_| ()).await
    }

    /// As [`Engine::cut`], and tells how far it is: a fraction from 0 to 1.
    ///
    /// # Errors
    /// As [`Engine::cut`].
    pub async fn cut_with_progress(
        &self,
        source: impl AsRef<Path>,
        spec: &ClipSpec,
        output: impl AsRef<Path>,
        mut progress: impl FnMut(f64) + Send,
    ) -> Result<CutReport> {
        check_window(spec.start_seconds, spec.end_seconds)?;
        let output = output.as_ref();
        let parent = match output.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // On the same file system as the output, so that the last step is a rename.
        let folder = tempfile::Builder::new()
            .prefix(".clip-")
            .tempdir_in(parent)
            .map_err(|cause| {
                Error::io(format!("creating a folder in {}", parent.display()), cause)
            })?;
        let job = CutJob {
            source: source.as_ref().to_owned(),
            spec: spec.clone(),
            folder: folder.path().to_owned(),
        };
        let mut log = vec![format!("cut by the {} backend", self.inner.tool.kind())];
        let outcome = self
            .run(Task::Cut(job.clone()), &mut |event| match event {
                Event::Progress(fraction) => progress(fraction.clamp(0.0, 1.0)),
                Event::Log(line) => log.push(line),
                Event::Done(_) | Event::Failed { .. } => {}
            })
            .await?;
        let Outcome::Cut(cut) = outcome else {
            return Err(host::unexpected(&outcome));
        };

        let mut captions_path = None;
        if let Some(captions) = spec.captions.as_ref().filter(|captions| captions.write_vtt) {
            let end = cut.start_seconds + cut.duration_seconds;
            let cues = Transcript::new(captions.cues.clone()).within(cut.start_seconds, end);
            if cues.cues.is_empty() {
                log.push("no cue of the transcript lies in this clip: no captions".to_owned());
            } else {
                let path = output.with_extension("vtt");
                let written = folder.path().join("clip.vtt");
                host::write(&written, cues.to_vtt().as_bytes())?;
                host::rename(&written, &path)?;
                captions_path = Some(path);
            }
        }
        let mut thumbnail_path = None;
        if spec.thumbnail {
            let path = output.with_extension("jpg");
            host::rename(&job.thumbnail(), &path)?;
            thumbnail_path = Some(path);
        }
        host::rename(&job.clip(), output)?;
        Ok(CutReport {
            path: output.to_owned(),
            captions_path,
            thumbnail_path,
            frames: cut.frames,
            start_seconds: cut.start_seconds,
            duration_seconds: cut.duration_seconds,
            width: cut.width,
            height: cut.height,
            has_audio: cut.has_audio,
            bytes: cut.bytes,
            backend: self.inner.tool.kind(),
            log,
        })
    }

    async fn run(&self, task: Task, events: &mut (dyn FnMut(Event) + Send)) -> Result<Outcome> {
        let inner = &self.inner;
        let _permit = inner.permits.acquire().await.map_err(|cause| {
            Error::new(Kind::Cancelled, "the engine was shut down").caused_by(cause)
        })?;
        let limits = &inner.limits;
        let source = task.source().to_owned();
        let request = Request {
            task,
            tool: inner.tool.clone(),
            limits: ProcessLimits {
                memory_bytes: Some(limits.memory_bytes),
                file_bytes: Some(limits.output_bytes),
                // Twice the wall time: a runaway is stopped even where the host is stuck.
                processor_seconds: Some(limits.wall_time.as_secs().saturating_mul(2).max(1)),
            },
        };
        let result = match &inner.worker {
            Worker::Thread => host::in_thread(request, limits.wall_time, events).await,
            Worker::Command { program, arguments } => {
                host::in_process(program, arguments, &request, limits.wall_time, events).await
            }
        };
        result.map_err(|error| error.in_file(&source))
    }
}
