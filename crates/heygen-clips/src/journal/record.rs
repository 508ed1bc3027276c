//! The lines of a journal.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::job::JobId;
use crate::job::handle::Dialect;

/// One line: what happened to an intent, and when. `at` and `intent` come first: by them a file is
/// known as a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Unix seconds.
    pub(crate) at: u64,
    pub(crate) intent: String,
    #[serde(flatten)]
    pub(crate) what: What,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum What {
    /// A job is wanted. Written before the request is sent.
    Intent(Wanted),
    /// The request is about to be sent once more.
    Sent,
    /// The server has the job.
    Accepted { job_id: JobId },
    /// The server has no such job and will not make one of this.
    Refused {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        code: String,
    },
    /// The job was seen to have ended.
    Finished {
        status: String,
        /// Told of jobs that did not end well, and may have made some.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        has_clips: bool,
    },
    /// Nobody needs it any more.
    Closed,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    pub(crate) dialect: Dialect,
    pub(crate) base_url: String,
    /// Idempotency key, where the dialect has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    /// When the key was first used, in Unix seconds, if that was for an intent before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key_since: Option<u64>,
    /// Of the request as the caller gave it, in hexadecimal.
    pub(crate) sha256: String,
    /// The title it is sent with, by which it can be found in a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// The request on the wire, unless a secret may stand in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<Value>,
}
