//! What is needed to find a job again, in this process or another.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::JobId;
use crate::platform;

/// Which of the vendor's two ways to make clips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Dialect {
    /// `/v3/clips`.
    Clips,
    /// `/v3/ai-clipping`.
    AiClipping,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clips => "/v3/clips",
            Self::AiClipping => "/v3/ai-clipping",
        })
    }
}

/// Where a job is: its dialect, server and id. Holds no secret, so it can be stored and sent; a
/// client with a key for the same server goes on from it with [`Clips::resume`](crate::Clips::resume)
/// or [`AiClipping::resume`](crate::AiClipping::resume).
///
/// ```
/// use heygen_clips::{Client, JobHandle};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder().api_key("any").build()?;
/// let job = client.clips().job("clip_abc123");
/// let stored = serde_json::to_string(job.handle())?;
/// assert_eq!(
///     stored,
///     r#"{"dialect":"clips","base_url":"https://api.heygen.com","job_id":"clip_abc123"}"#
/// );
///
/// // Later, elsewhere:
/// let handle: JobHandle = serde_json::from_str(&stored)?;
/// let job = client.clips().resume(&handle)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobHandle {
    pub(crate) dialect: Dialect,
    pub(crate) base_url: String,
    pub(crate) job_id: JobId,
    /// Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source_seconds: Option<f64>,
}

impl JobHandle {
    pub(crate) fn new(dialect: Dialect, base_url: &str, job_id: JobId) -> Self {
        Self {
            dialect,
            base_url: base_url.to_owned(),
            job_id,
            created_at: None,
            source_seconds: None,
        }
    }

    /// The job's dialect.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The server that has the job, without user, query or slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The job's id.
    pub fn job_id(&self) -> &JobId {
        &self.job_id
    }

    /// When it was accepted, if this crate was there.
    pub fn created_at(&self) -> Option<SystemTime> {
        let since = Duration::from_secs(self.created_at?);
        SystemTime::UNIX_EPOCH.checked_add(since)
    }

    /// Length of the source video, if known.
    pub fn source_duration(&self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.source_seconds?).ok()
    }

    /// How old the job is by this machine's clock; nothing if unknown or not to be believed.
    pub(crate) fn age(&self) -> Option<Duration> {
        platform::now().duration_since(self.created_at()?).ok()
    }

    pub(crate) fn created_now(mut self) -> Self {
        let now = platform::now().duration_since(SystemTime::UNIX_EPOCH);
        self.created_at = now.ok().map(|since| since.as_secs());
        self
    }
}
