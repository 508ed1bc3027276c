//! What the SDK tells `tracing`: a span for each wait, call and attempt, an event for each pause.
//!
//! Names follow OpenTelemetry's conventions for HTTP clients. Paths are told with their
//! parameters unfilled, queries and headers not at all: signed links and keys stand there.
//! Without the feature `tracing` all of this is nothing.

use std::time::Duration;

use http::{Method, StatusCode};

/// Where requests go, as spans tell it.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    #[cfg(feature = "tracing")]
    address: String,
    #[cfg(feature = "tracing")]
    port: Option<u16>,
}

/// A span, or nothing.
#[derive(Debug, Clone)]
pub(crate) struct Span(#[cfg(feature = "tracing")] tracing::Span);

#[cfg(feature = "tracing")]
impl Server {
    pub(crate) fn of(url: &reqwest::Url) -> Self {
        Self {
            address: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default(),
        }
    }
}

#[cfg(feature = "tracing")]
impl Span {
    /// A call with all its attempts.
    pub(crate) fn call(operation: &'static str, path: &'static str, server: &Server) -> Self {
        Self(tracing::info_span!(
            "call",
            otel.name = operation,
            otel.kind = "client",
            url.template = path,
            server.address = server.address,
            server.port = server.port,
            attempts = tracing::field::Empty,
            error.type = tracing::field::Empty,
        ))
    }

    /// One attempt of it, counted from 0.
    pub(crate) fn attempt(&self, number: u32, method: &Method) -> Self {
        Self(tracing::debug_span!(
            parent: &self.0,
            "attempt",
            http.request.method = method.as_str(),
            http.request.resend_count = number,
            http.response.status_code = tracing::field::Empty,
            request_id = tracing::field::Empty,
        ))
    }

    /// Waiting for a job, with every look at it.
    pub(crate) fn wait(job: &str) -> Self {
        Self(tracing::info_span!(
            "wait",
            job_id = job,
            job_status = tracing::field::Empty
        ))
    }

    /// What a look at a job found.
    pub(crate) fn looked(&self, status: &str) {
        self.0.record("job_status", status);
    }

    /// What an attempt got.
    pub(crate) fn answered<'a>(
        &self,
        status: StatusCode,
        request_id: impl FnOnce() -> Option<&'a str>,
    ) {
        if self.0.is_disabled() {
            return;
        }
        self.0.record("http.response.status_code", status.as_u16());
        if let Some(id) = request_id() {
            self.0.record("request_id", id);
        }
    }

    /// How a call ended.
    pub(crate) fn ended(&self, attempts: u32, error: Option<&str>) {
        self.0.record("attempts", attempts);
        if let Some(code) = error {
            self.0.record("error.type", code);
        }
    }

    /// Why and for how long nothing is sent.
    pub(crate) fn pausing(&self, pause: Duration, code: &str) {
        let retry_delay_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(parent: &self.0, retry_delay_ms, error.type = code, "sending again after a pause");
    }

    /// Does what begins `around` something.
    pub(crate) fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        self.0.in_scope(work)
    }

    pub(crate) fn around<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        use tracing::Instrument as _;
        work.instrument(self.0.clone())
    }
}

#[cfg(not(feature = "tracing"))]
impl Server {
    pub(crate) fn of(_url: &reqwest::Url) -> Self {
        Self {}
    }
}

#[cfg(not(feature = "tracing"))]
impl Span {
    pub(crate) fn call(_operation: &'static str, _path: &'static str, _server: &Server) -> Self {
        Self()
    }

    pub(crate) fn attempt(&self, _number: u32, _method: &Method) -> Self {
        Self()
    }

    pub(crate) fn wait(_job: &str) -> Self {
        Self()
    }

    pub(crate) fn looked(&self, _status: &str) {}

    pub(crate) fn answered<'a>(
        &self,
        _status: StatusCode,
        _request_id: impl FnOnce() -> Option<&'a str>,
    ) {
    }

    pub(crate) fn ended(&self, _attempts: u32, _error: Option<&str>) {}

    pub(crate) fn pausing(&self, _pause: Duration, _code: &str) {}

    pub(crate) fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        work()
    }

    pub(crate) fn around<F: Future>(&self, work: F) -> F {
        work
    }
}
