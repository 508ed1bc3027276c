//! What both dialects have in common about a job: its state, and which finished files it has.
//!
//! The dialects spell the same facts differently (`label` or `title`, `url` or `video_url`);
//! [`JobView`] is the common reading that waiting and downloading are written against. The wire
//! types themselves stay as the raw crate generates them.

pub(crate) mod events;
pub(crate) mod handle;
pub(crate) mod pace;
pub(crate) mod wait;
pub(crate) mod wake;

use std::fmt;

use futures::future::BoxFuture;

use crate::client::Client;
use crate::error::Result;

/// A look at a job.
pub(crate) type Reading<J> = BoxFuture<'static, Result<J>>;

/// Where a job stands, in either dialect.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobStatus {
    /// Accepted, not begun.
    Pending,
    /// Being worked on.
    Running,
    /// Done: the clips are there.
    Completed,
    /// Ended without result; the job has a failure message.
    Failed,
    /// Stopped on the server's side (`/v3/ai-clipping` only).
    Cancelled,
    /// A state that this version does not know. It counts as unfinished.
    Unknown(String),
}

impl JobStatus {
    /// The word on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown(word) => word,
        }
    }

    /// The status of a wire type. The dialects have an open enum each; on the wire both are words.
    pub(crate) fn of(status: &impl serde::Serialize) -> Self {
        match serde_json::to_value(status) {
            Ok(serde_json::Value::String(word)) => Self::from(word.as_str()),
            _ => Self::Unknown(String::new()),
        }
    }

    /// Whether the job will not change any more: completed, failed or cancelled.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

impl From<&str> for JobStatus {
    fn from(word: &str) -> Self {
        match word {
            "pending" => Self::Pending,
            "running" => Self::Running,
            "completed" => Self::Completed,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Id of a job, as the server gave it on create.
///
/// ```
/// # use heygen_clips::JobId;
/// let id = JobId::from("clip_abc123");
/// assert_eq!(id.to_string(), "clip_abc123");
/// ```
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct JobId(String);

impl JobId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for JobId {
    fn from(id: T) -> Self {
        Self(id.into())
    }
}

impl AsRef<str> for JobId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The common reading of a job of either dialect; implemented by
/// [`types::ClipJob`](crate::types::ClipJob) and [`types::AiClippingJob`](crate::types::AiClippingJob).
pub trait JobView: sealed::Sealed + Send + 'static {
    /// The job's id.
    fn job_id(&self) -> &str;

    /// Where it stands.
    fn job_status(&self) -> JobStatus;

    /// The vendor's reason, when it failed. Links in it are without what signs them.
    fn failure(&self) -> Option<String>;

    /// How far it is, 0 to 100, where the dialect tells.
    fn progress_percent(&self) -> Option<u8>;

    /// Length of the source video in seconds, where the dialect tells.
    fn source_seconds(&self) -> Option<f64>;

    /// The clips that have a file to fetch, in the order of the job.
    fn finished_clips(&self) -> Vec<FinishedClip>;
}

/// One clip that can be fetched, see [`JobView::finished_clips`].
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct FinishedClip {
    /// Id of its job.
    pub job_id: String,
    /// Where it stands in the job, counted from 1. Clips that are not finished count too, so that
    /// it stays the same while the others are made.
    pub position: usize,
    /// Id of the clip.
    pub id: String,
    /// Its title, if it has one.
    pub label: Option<String>,
    /// Signed link to the MP4. Whoever has it can fetch the file: treat it as a credential.
    pub video_url: String,
    /// Signed link to the WebVTT captions, where there are any.
    pub caption_url: Option<String>,
    /// Length in seconds, if told.
    pub duration_seconds: Option<f64>,
    /// Where it begins in the source, in seconds (`/v3/clips` only).
    pub start_seconds: Option<f64>,
    /// Where it ends in the source, in seconds (`/v3/clips` only).
    pub end_seconds: Option<f64>,
    /// How good the model thinks it is, 0 to 1, if told.
    pub score: Option<f64>,
}

/// Without the links, which are credentials.
impl fmt::Debug for FinishedClip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinishedClip")
            .field("job_id", &self.job_id)
            .field("position", &self.position)
            .field("id", &self.id)
            .field("label", &self.label)
            .field("has_captions", &self.caption_url.is_some())
            .field("duration_seconds", &self.duration_seconds)
            .field("start_seconds", &self.start_seconds)
            .field("end_seconds", &self.end_seconds)
            .field("score", &self.score)
            .finish_non_exhaustive()
    }
}

pub(crate) mod sealed {
    use super::handle::Dialect;
    use super::{Client, Reading};

    /// Keeps [`super::JobView`] ours to extend, and reads jobs whatever their dialect.
    pub trait Sealed: Sized {
        const DIALECT: Dialect;

        fn read(client: &Client, id: &str) -> Reading<Self>;

        /// Whether every clip that it is to have can be fetched, or never will.
        fn has_all_clips(&self) -> bool;
    }
}
