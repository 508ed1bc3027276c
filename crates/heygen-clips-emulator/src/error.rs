//! Why an emulator could not start or stop. What goes wrong while it serves is answered over HTTP
//! instead (see `api::reply`) or written to the job's log.

use std::borrow::Cow;
use std::fmt;

/// An emulator that could not be started, or whose store gave out.
pub struct Error {
    kind: Kind,
    what: Cow<'static, str>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A setting of the builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Setting {
    /// [`Builder::api_key`](crate::Builder::api_key).
    ApiKey,
    /// [`Builder::public_url`](crate::Builder::public_url).
    PublicUrl,
    /// [`Builder::backend`](crate::Builder::backend) or [`Builder::worker`](crate::Builder::worker).
    Engine,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Settings(Setting),
    Listen,
    Data,
    Store,
    Internal,
}

impl Error {
    /// The builder was given something that cannot work, such as an empty API key.
    pub fn is_settings(&self) -> bool {
        self.setting().is_some()
    }

    /// Which setting that was.
    pub fn setting(&self) -> Option<Setting> {
        match self.kind {
            Kind::Settings(setting) => Some(setting),
            _ => None,
        }
    }

    /// The address could not be listened on.
    pub fn is_listen(&self) -> bool {
        self.kind == Kind::Listen
    }

    /// The data folder could not be used: not writable, or in use by another emulator.
    pub fn is_data(&self) -> bool {
        self.kind == Kind::Data
    }

    pub(crate) fn settings(setting: Setting, what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind: Kind::Settings(setting),
            what: what.into(),
            source: None,
        }
    }

    pub(crate) fn listen(what: String, source: std::io::Error) -> Self {
        Self {
            kind: Kind::Listen,
            what: what.into(),
            source: Some(Box::new(source)),
        }
    }

    pub(crate) fn data(what: String, source: impl Into<Option<std::io::Error>>) -> Self {
        let source = source.into().map(|e| Box::new(e) as _);
        Self {
            kind: Kind::Data,
            what: what.into(),
            source,
        }
    }

    pub(crate) fn internal(
        what: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            kind: Kind::Internal,
            what: what.into(),
            source: Some(source.into()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind)
            .field("what", &self.what)
            .field("source", &self.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}

impl From<sqlx::Error> for Error {
    fn from(source: sqlx::Error) -> Self {
        Self {
            kind: Kind::Store,
            what: "the job store failed".into(),
            source: Some(Box::new(source)),
        }
    }
}
