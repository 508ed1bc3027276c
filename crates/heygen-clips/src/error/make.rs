//! How the rest of the crate makes an error, and adds what it knows to one that comes by.

use std::error::Error as StdError;
use std::time::Duration;

use http::StatusCode;

use super::{Cause, Error, Inner, Kind, Repetition};
use crate::job::JobStatus;
use crate::job::handle::JobHandle;
use crate::redact;
use crate::transport::{Fault, TransportError};

impl Error {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            operation: None,
            code: None,
            param: None,
            doc_url: None,
            status: None,
            request_id: None,
            retry_after: None,
            attempts: 0,
            was_heard: false,
            repeat: Repetition::OfOperation,
            job: None,
            handle: None,
            cause: None,
        }))
    }

    /// What the server would answer with 400 `invalid_parameter`, said without asking it.
    pub(crate) fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        let mut error = Self::new(Kind::InvalidRequest, message);
        error.0.code = Some("invalid_parameter".to_owned());
        error.0.param = Some(param.into());
        error
    }

    pub(crate) fn file(message: impl Into<String>, cause: std::io::Error) -> Self {
        let message = format!("{}: {cause}", message.into());
        Self::new(Kind::File, message).with_cause(cause)
    }

    /// A request without an answer.
    pub(crate) fn from_transport(error: TransportError) -> Self {
        let (kind, what) = match error.fault() {
            Fault::NotConnected => (Kind::Unreachable, "cannot connect"),
            Fault::Broken => (Kind::Network, "no complete answer"),
            Fault::TimedOut => {
                return Self::new(Kind::Timeout, "no answer within the time limit")
                    .with_cause(error.into_cause());
            }
        };
        let cause = error.into_cause();
        Self::new(kind, format!("{what}: {}", root_cause(&*cause))).with_cause(cause)
    }

    /// A request that could not be built.
    pub(crate) fn from_reqwest(error: reqwest::Error) -> Self {
        Self::from_transport(TransportError::from_reqwest(error))
    }

    pub(crate) fn kind(&self) -> Kind {
        self.0.kind
    }

    pub(crate) fn http_status(&self) -> Option<StatusCode> {
        self.0.status
    }

    pub(crate) fn with_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    pub(crate) fn with_cause(mut self, cause: impl Into<Cause>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id;
        self
    }

    pub(crate) fn with_retry_after(mut self, delay: Option<Duration>) -> Self {
        self.0.retry_after = delay;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Whether an attempt before the last may have been carried out.
    pub(crate) fn heard_before(mut self, was_heard: bool) -> Self {
        self.0.was_heard = was_heard;
        self
    }

    pub(crate) fn with_repetition(mut self, repeat: Repetition) -> Self {
        self.0.repeat = repeat;
        self
    }

    pub(crate) fn with_job(mut self, id: impl Into<String>, status: Option<JobStatus>) -> Self {
        self.0.job = Some((id.into(), status));
        self
    }

    pub(crate) fn with_handle(mut self, handle: JobHandle) -> Self {
        self.0.handle = Some(handle);
        self
    }

    /// What the server wrote, without this key and what signs links: it may quote the request.
    pub(crate) fn redacted(mut self, key: Option<&str>) -> Self {
        let inner = &mut self.0;
        let short = inner.param.iter_mut().chain(&mut inner.code);
        for text in short.chain([&mut inner.message]) {
            *text = redact::text(text, key);
        }
        // A page of the vendor's, with the place in it.
        if let Some(url) = &mut inner.doc_url {
            let (page, place) = url.split_once('#').unwrap_or((url, ""));
            let place = if place.is_empty() {
                String::new()
            } else {
                format!("#{place}")
            };
            *url = redact::without(&(redact::links(page) + &place), key);
        }
        self
    }

    /// Adds what else is known to the end of the message.
    pub(crate) fn with_context(mut self, context: &str) -> Self {
        self.0.message = format!("{} ({context})", self.0.message);
        self
    }

    pub(crate) fn with_envelope(
        mut self,
        code: Option<String>,
        param: Option<String>,
        doc_url: Option<String>,
    ) -> Self {
        self.0.code = code;
        self.0.param = param;
        self.0.doc_url = doc_url;
        self
    }
}

/// The innermost cause, which is the one that says something ("connection refused").
fn root_cause(error: &dyn StdError) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
