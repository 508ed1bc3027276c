//! What the vendor sends to a receiver: signed events of registered endpoints, and the unsigned
//! callbacks of single jobs.
//!
//! This module tells the true ones from the others and says what happened. Receiving them is the
//! business of the caller's web server; where they are sent is set by [`Webhooks`](crate::Webhooks)
//! and by a request's `callback_url`.

mod callback;
#[cfg(feature = "axum")]
mod extract;
mod verifier;

use std::fmt;
use std::time::SystemTime;

use serde::Deserialize;
use serde_json::Value;

pub use callback::{Callback, Confirmed, Unverified};
#[cfg(feature = "axum")]
pub use extract::{Rejection, Signed};
pub use verifier::Verifier;

use crate::error::{Error, Kind, Result};
use crate::types::{self, AiClippingJob};

/// An event whose signature was right; from [`Verifier::verify`].
#[derive(Clone)]
#[non_exhaustive]
pub struct Delivery {
    /// What happened.
    pub event: Event,
    /// The vendor's id of the event; the same when it is delivered again. The signature covers it
    /// only where it stands in the body, which the vendor leaves out at times.
    pub event_id: Option<String>,
    /// When it was sent, as the headers say. The signature does not cover it.
    pub sent_at: Option<SystemTime>,
    /// Under what the verifier remembers it.
    fingerprints: Vec<verifier::Fingerprint>,
}

/// What happened.
#[derive(Clone)]
#[non_exhaustive]
pub enum Event {
    /// A job of `/v3/ai-clipping` is completed (`ai_clipping.success`).
    AiClippingSucceeded(Box<AiClippingJob>),
    /// A job of `/v3/ai-clipping` failed (`ai_clipping.fail`).
    AiClippingFailed(Box<AiClippingJob>),
    /// An event that this version does not know, or whose data is not as documented.
    Unknown {
        /// What the vendor calls it.
        event_type: String,
        /// What came with it.
        data: Value,
    },
}

/// The envelope of both kinds of delivery. Where the id stands has changed over time.
#[derive(Deserialize)]
struct Envelope {
    event_type: String,
    #[serde(default)]
    event_data: Value,
    event_id: Option<String>,
}

impl Event {
    /// What the vendor calls it, such as `ai_clipping.success`.
    pub fn event_type(&self) -> &str {
        match self {
            Self::AiClippingSucceeded(_) => "ai_clipping.success",
            Self::AiClippingFailed(_) => "ai_clipping.fail",
            Self::Unknown { event_type, .. } => event_type,
        }
    }

    /// The job that it is about, if it is about one.
    pub fn job_id(&self) -> Option<&str> {
        match self {
            Self::AiClippingSucceeded(job) | Self::AiClippingFailed(job) => Some(&job.id),
            Self::Unknown { data, .. } => job_id(data),
        }
    }

    fn new(event_type: String, data: Value) -> Self {
        let job = || types::read(&data).map(Box::new);
        let known = match event_type.as_str() {
            "ai_clipping.success" => job().map(Self::AiClippingSucceeded).ok(),
            "ai_clipping.fail" => job().map(Self::AiClippingFailed).ok(),
            _ => None,
        };
        known.unwrap_or(Self::Unknown { event_type, data })
    }
}

/// Without the job's signed links.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("event_type", &self.event_type())
            .field("job_id", &self.job_id())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("event", &self.event)
            .field("event_id", &self.event_id)
            .field("sent_at", &self.sent_at)
            .finish_non_exhaustive()
    }
}

/// Reads the envelope. Called on trusted bytes and, for callbacks, on others: so the error repeats
/// nothing of them.
fn envelope(body: &[u8]) -> Result<Envelope> {
    serde_json::from_slice(body).map_err(|error| {
        let message = format!(
            "the delivery is not JSON with an event_type (line {}, column {})",
            error.line(),
            error.column()
        );
        Error::new(Kind::Delivery, message)
    })
}

/// The job's id under any of the names that have been seen.
fn job_id(data: &Value) -> Option<&str> {
    ["id", "ai_clipping_id", "clip_job_id"]
        .iter()
        .find_map(|name| data.get(name)?.as_str())
}
