//! The one error of this crate: what kind it is, and a message that says what was wrong and what to
//! do next. How a host shows it (an HTTP status, an exit code) is the host's business.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What every fallible call of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a clip, a probe or a transcript could not be had.
///
/// Opaque: ask it with the `is_*` predicates, show it with `Display`.
///
/// ```
/// # async fn example() {
/// let engine = clip_engine::Engine::builder().build().unwrap();
/// let error = engine.probe("no-such-file.mp4").await.unwrap_err();
/// assert!(error.is_not_found());
/// # }
/// ```
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kinds that the predicates tell apart; it crosses the worker's pipe, so its names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The file, or a program that was named, is not there.
    NotFound,
    /// A right file of a kind that this backend cannot read.
    Unsupported,
    /// A file that contradicts itself or ends too early.
    Damaged,
    /// A request that cannot be carried out whatever the file: an empty window, a bad aspect.
    Invalid,
    /// The wall-clock limit was reached.
    Timeout,
    /// The caller gave up on the work.
    Cancelled,
    /// The memory, processor or output limit was reached.
    Limit,
    /// The operating system refused to read or write.
    Io,
    /// The worker or ffmpeg ended in a way that it should not.
    Worker,
}

impl Error {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(Kind::Unsupported, message)
    }

    pub(crate) fn damaged(message: impl Into<String>) -> Self {
        Self::new(Kind::Damaged, message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, message)
    }

    pub(crate) fn io(doing: impl fmt::Display, cause: std::io::Error) -> Self {
        let kind = match cause.kind() {
            std::io::ErrorKind::NotFound => Kind::NotFound,
            std::io::ErrorKind::UnexpectedEof => Kind::Damaged,
            std::io::ErrorKind::FileTooLarge => Kind::Limit,
            _ => Kind::Io,
        };
        Self::new(kind, format!("{doing}: {cause}")).caused_by(cause)
    }

    pub(crate) fn caused_by(
        mut self,
        cause: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        self.source = Some(Box::new(cause));
        self
    }

    /// Puts the file's name in front, so that a message found in a log stands on its own.
    pub(crate) fn in_file(mut self, path: &Path) -> Self {
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        if !self.message.contains(&name) {
            self.message = format!("{name}: {}", self.message);
        }
        self
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The file, or a program that was named, does not exist.
    pub fn is_not_found(&self) -> bool {
        self.kind == Kind::NotFound
    }

    /// The file is of a kind that the backend in use cannot read (the message names it). Another
    /// backend may.
    pub fn is_unsupported(&self) -> bool {
        self.kind == Kind::Unsupported
    }

    /// The file is cut off, contradicts itself or is no video at all.
    pub fn is_damaged(&self) -> bool {
        self.kind == Kind::Damaged
    }

    /// The request itself cannot be carried out: an empty window, one past the end, a bad size.
    pub fn is_invalid(&self) -> bool {
        self.kind == Kind::Invalid
    }

    /// The work took longer than [`Limits::wall_time`](crate::Limits::wall_time).
    pub fn is_timeout(&self) -> bool {
        self.kind == Kind::Timeout
    }

    /// The work was given up by the caller.
    pub fn is_cancelled(&self) -> bool {
        self.kind == Kind::Cancelled
    }

    /// The work needed more memory, processor time or output than allowed.
    pub fn is_limit(&self) -> bool {
        self.kind == Kind::Limit
    }

    /// The operating system refused to read or write.
    pub fn is_io(&self) -> bool {
        self.kind == Kind::Io
    }

    /// The worker process or ffmpeg ended in a way that says nothing about the file.
    pub fn is_worker(&self) -> bool {
        self.kind == Kind::Worker
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|cause| {
            let cause: &(dyn std::error::Error + 'static) = cause.as_ref();
            cause
        })
    }
}
