//! What both dialects take alike: the source video and the framing.

use crate::error::Result;
use crate::limits;

/// The video to clip.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Video {
    /// Behind a public https link.
    Url(String),
    /// Uploaded before, see [`Client::assets`](crate::Client::assets).
    Asset(String),
}

impl Video {
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::Url(url) => limits::url("video.url", url),
            // Which assets there are is known to the server alone.
            Self::Asset(_) => Ok(()),
        }
    }
}

/// Framing of the clips. The dialects spell it differently on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AspectRatio {
    /// 9:16, upright, for phones.
    Portrait,
    /// 1:1.
    Square,
    /// 16:9.
    Landscape,
}
