//! What both dialects take alike: the source video and the framing.

use std::fmt;

use crate::error::Result;
use crate::limits;

/// The video to clip. `Debug` leaves out the query of a link, which may be a signature.
#[derive(Clone, PartialEq, Eq)]
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

impl fmt::Debug for Video {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.debug_tuple("Url").field(&Link(url)).finish(),
            Self::Asset(id) => f.debug_tuple("Asset").field(id).finish(),
        }
    }
}

/// A link that is shown without its query: whoever made it may have signed it, or put a token into it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Link<T>(pub(crate) T);

impl<T: AsRef<str>> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let link = self.0.as_ref();
        let (shown, rest) = link.split_at(link.find(['?', '#']).unwrap_or(link.len()));
        let has_user = shown.contains('@');
        match (has_user, rest) {
            (true, _) => f.write_str("(redacted)"),
            (false, "") => shown.fmt(f),
            (false, _) => write!(f, "\"{shown}?(redacted)\""),
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
