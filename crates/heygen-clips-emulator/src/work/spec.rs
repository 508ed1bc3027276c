//! What a job was asked to do, free of any dialect. Stored with the job as JSON.

use serde::{Deserialize, Serialize};

/// One job's work.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct JobSpec {
    pub(crate) source: Source,
    pub(crate) moments: Moments,
    /// Which moments to look for, in words.
    pub(crate) instruction: Option<String>,
    /// As the dialect writes it: `9:16` or `portrait`.
    pub(crate) aspect: String,
    pub(crate) captions: bool,
    pub(crate) caption_style: Option<String>,
}

/// Where the video is. Both dialects write it the same way.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Source {
    Url { url: String },
    AssetId { asset_id: String },
}

/// Which moments to cut.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Moments {
    /// Exactly these.
    Windows { windows: Vec<Window> },
    /// The best ones, at most so many.
    Best { most: u32 },
    /// The best one of each length.
    Targets { targets: Vec<Target> },
}

/// A window of the source in seconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Window {
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) label: Option<String>,
}

/// How long a clip is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Target {
    /// 30 seconds.
    #[serde(rename = "30")]
    S30,
    /// 60 seconds.
    #[serde(rename = "60")]
    S60,
    /// 180 seconds.
    #[serde(rename = "180")]
    S180,
    /// More than 180 seconds.
    #[serde(rename = "long")]
    Long,
}
