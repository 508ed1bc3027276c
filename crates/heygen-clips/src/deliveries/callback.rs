//! Callbacks of single jobs. They are not signed: anyone who knows the address can send one.

use std::fmt;

use serde_json::Value;

use super::{envelope, job_id};
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::job::{JobId, JobStatus, JobView};
use crate::types::{AiClippingJob, ClipJob};

/// Something that nobody vouches for. What it claims can only be used to ask the server; see
/// [`Unverified<Callback>`].
pub struct Unverified<T>(T);

/// What a callback of a job claims.
#[derive(Clone)]
pub struct Callback {
    event_type: String,
    job_id: JobId,
    callback_id: Option<String>,
}

/// A job as the server itself gave it, after a callback said that something happened to it.
#[derive(Clone)]
#[non_exhaustive]
pub enum Confirmed {
    /// A job of `/v3/clips`.
    Clips(Box<ClipJob>),
    /// A job of `/v3/ai-clipping`.
    AiClipping(Box<AiClippingJob>),
}

/// ```no_run
/// # async fn example(client: heygen_clips::Client, body: &[u8]) -> heygen_clips::Result<()> {
/// use heygen_clips::{Callback, Confirmed, Unverified};
///
/// let callback = Unverified::<Callback>::read(body)?;
/// if callback.callback_id() == Some("order-17") {
///     // The body may be anyone's; the answer to this is the server's.
///     match callback.confirm(&client).await? {
///         Confirmed::Clips(job) => println!("{} has {} clips", job.id, job.clips.len()),
///         other => println!("{} is {}", other.job_id(), other.job_status()),
///     }
/// }
/// # Ok(())
/// # }
/// ```
impl Unverified<Callback> {
    /// Reads the body of a callback.
    ///
    /// # Errors
    ///
    /// When it is not a callback: no JSON, no `event_type`, no id of a job.
    pub fn read(body: &[u8]) -> Result<Self> {
        let envelope = envelope(body)?;
        let data = envelope.event_data;
        let job_id = job_id(&data)
            .ok_or_else(|| Error::new(Kind::Delivery, "the callback has no id of a job"))?;
        let callback_id = data.get("callback_id").and_then(Value::as_str);
        Ok(Self(Callback {
            event_type: envelope.event_type,
            job_id: job_id.into(),
            callback_id: callback_id.map(str::to_owned),
        }))
    }

    /// The `callback_id` that it claims. Compare it with the one that was sent before asking the
    /// server, so that strangers cannot make this program ask.
    pub fn callback_id(&self) -> Option<&str> {
        self.0.callback_id.as_deref()
    }

    /// The job that it claims to be about.
    pub fn job_id(&self) -> &JobId {
        &self.0.job_id
    }

    /// What it claims happened.
    pub fn event_type(&self) -> &str {
        &self.0.event_type
    }

    /// Asks the server for the job. What the callback claimed is dropped, its status too: the job
    /// may still run, whatever was claimed.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`] when there is no such job in this account; [`Error::is_forged`] when
    /// the server says that the job has another `callback_id` than the callback claims, which only
    /// `/v3/ai-clipping` tells; and all that a read can fail with.
    pub async fn confirm(self, client: &Client) -> Result<Confirmed> {
        let id = &self.0.job_id;
        if self.0.event_type.starts_with("ai_clipping.") {
            let job = client.ai_clipping().get(id).await?;
            if job.callback_id.is_some() && job.callback_id != self.0.callback_id {
                let message = format!("job {id} has another callback_id than the callback claims");
                return Err(Error::new(Kind::Forged, message));
            }
            return Ok(Confirmed::AiClipping(Box::new(job)));
        }
        let job = client.clips().get(id).await?;
        Ok(Confirmed::Clips(Box::new(job)))
    }
}

impl Confirmed {
    /// The job's id.
    pub fn job_id(&self) -> &str {
        match self {
            Self::Clips(job) => job.job_id(),
            Self::AiClipping(job) => job.job_id(),
        }
    }

    /// Where it stands.
    pub fn job_status(&self) -> JobStatus {
        match self {
            Self::Clips(job) => job.job_status(),
            Self::AiClipping(job) => job.job_status(),
        }
    }
}

/// Without the job's signed links.
impl fmt::Debug for Confirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmed")
            .field("job_id", &self.job_id())
            .field("job_status", &self.job_status())
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Unverified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unverified(..)")
    }
}
