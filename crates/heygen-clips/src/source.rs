//! What both dialects take alike: the source video and the framing.

use std::fmt;

use crate::error::Result;
use crate::limits;
use crate::redact::looks_like_a_token;

/// The video to clip. `Debug` leaves out the query of a link, which may be a signature, and what looks
/// drawn by chance in its path, which may be a token.
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

/// A link that is shown without its query, and without what looks like a token in its path.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Link<T>(pub(crate) T);

impl<T: AsRef<str>> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let link = self.0.as_ref();
        let (shown, rest) = link.split_at(link.find(['?', '#']).unwrap_or(link.len()));
        if shown.contains('@') {
            return f.write_str("(redacted)");
        }
        let parts = shown.split('/').map(|part| {
            let is_secret = part.split('.').any(looks_like_a_token);
            if is_secret { "(redacted)" } else { part }
        });
        let query = if rest.is_empty() { "" } else { "?(redacted)" };
        let shown = parts.collect::<Vec<_>>().join("/") + query;
        shown.fmt(f)
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
