//! The one error of this crate: what went wrong, where, and what to do next.
//!
//! It is opaque: ask it by predicate ([`Error::is_auth`], [`Error::is_timeout`], ...) or read what the
//! server said ([`Error::code`], [`Error::param`], [`Error::status`], ...). How the crate puts one
//! together is in `make`; how an HTTP answer becomes one is the business of `exchange`. No message,
//! cause or `Debug` output contains a key or the query of a signed link.

mod make;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::job::JobStatus;
use crate::job::handle::JobHandle;
use crate::operations::{self, Repeat};
use crate::retry;

/// Result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Cause = Box<dyn StdError + Send + Sync>;

/// Why a call, a wait, an upload or a download did not succeed.
///
/// ```
/// # fn react(error: heygen_clips::Error) {
/// if error.is_auth() {
///     eprintln!("is HEYGEN_API_KEY set? {error}");
/// } else if error.is_rate_limited() {
///     eprintln!("again in {:?}", error.retry_after());
/// } else if error.code() == "insufficient_credit" {
///     eprintln!("top up the wallet; request {:?}", error.request_id());
/// }
/// # }
/// ```
pub struct Error(Box<Inner>);

/// What kind of failure it is; private, so that kinds can be added without breaking anyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The client was given a key, base URL or option that it cannot use.
    Config,
    /// Refused before sending, as the server would have refused it.
    InvalidRequest,
    /// The server answered with an error.
    Api,
    /// The answer was not what the documents describe.
    BadResponse,
    /// No connection, so nothing was sent: refused, TLS, DNS.
    Unreachable,
    /// No whole answer: the connection broke.
    Network,
    /// No answer in time, or a job that was not finished by its deadline.
    Timeout,
    /// The job itself failed or was cancelled.
    Job,
    /// The caller ended a wait; the job goes on.
    WaitCancelled,
    /// The journal cannot be opened or written.
    Journal,
    /// Whether a job was made before is not known and cannot be found out.
    Unresolved,
    /// Reading or writing a file.
    File,
    /// A finished file could not be fetched from where its link points.
    Download,
    /// A delivery is not what deliveries are.
    Delivery,
    /// A delivery whose signature is missing or wrong.
    Forged,
    /// A delivery from too long ago.
    Stale,
    /// A delivery that came before.
    Replayed,
}

/// What it does to send the same once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repetition {
    /// What the operation says.
    OfOperation,
    /// Nothing recognises it: the key that it had is lost, or too old.
    Doubles,
    /// The journal has it, and finds out.
    Safe,
}

#[derive(Debug)]
struct Inner {
    kind: Kind,
    message: String,
    operation: Option<&'static str>,
    code: Option<String>,
    param: Option<String>,
    doc_url: Option<String>,
    status: Option<StatusCode>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    attempts: u32,
    /// An attempt before the last may have been carried out.
    was_heard: bool,
    repeat: Repetition,
    job: Option<(String, Option<JobStatus>)>,
    handle: Option<JobHandle>,
    cause: Option<Cause>,
}

impl Error {
    /// Machine-readable code. What the server sent, for example `invalid_parameter`,
    /// `insufficient_credit` or `request_in_progress`; an open set, since the vendor adds to it.
    ///
    /// Failures that no server answered have a code of this crate, with the prefix `cli_` that
    /// the vendor keeps free for clients: `cli_config`, `cli_http_error` (an error status whose
    /// body is not the vendor's), `cli_bad_response`, `cli_network`, `cli_timeout`,
    /// `cli_job_failed`, `cli_job_cancelled`, `cli_wait_cancelled`, `cli_journal`,
    /// `cli_unresolved`, `cli_file`, `cli_download`, `cli_delivery`,
    /// `cli_delivery_forged`, `cli_delivery_stale`, `cli_delivery_replayed`.
    pub fn code(&self) -> &str {
        if let Some(code) = &self.0.code {
            return code;
        }
        match self.0.kind {
            Kind::Config => "cli_config",
            Kind::InvalidRequest => "invalid_parameter",
            Kind::Api => "cli_http_error",
            Kind::BadResponse => "cli_bad_response",
            Kind::Unreachable | Kind::Network => "cli_network",
            Kind::Timeout => "cli_timeout",
            Kind::Job if self.job_status() == Some(&JobStatus::Cancelled) => "cli_job_cancelled",
            Kind::Job => "cli_job_failed",
            Kind::WaitCancelled => "cli_wait_cancelled",
            Kind::Journal => "cli_journal",
            Kind::Unresolved => "cli_unresolved",
            Kind::File => "cli_file",
            Kind::Download => "cli_download",
            Kind::Delivery => "cli_delivery",
            Kind::Forged => "cli_delivery_forged",
            Kind::Stale => "cli_delivery_stale",
            Kind::Replayed => "cli_delivery_replayed",
        }
    }

    /// The message alone, without code, status and [hint](Error::hint).
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Which request field is at fault, as a path such as `output_settings.prompt` or
    /// `windows[3].end`.
    pub fn param(&self) -> Option<&str> {
        self.0.param.as_deref()
    }

    /// Page about this error, when the server named one.
    pub fn doc_url(&self) -> Option<&str> {
        self.0.doc_url.as_deref()
    }

    /// HTTP status of the answer; `None` when there was no answer.
    ///
    /// May be a success: an answer with status 200 that carries an error, or that does not decode.
    pub fn status(&self) -> Option<u16> {
        self.0.status.map(|status| status.as_u16())
    }

    /// The vendor's id of the request, for their support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the server asked to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How often the call was sent, see [`Retries`](crate::Retries); 0 when it never was.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The job that this is about, when [waiting](crate::Job) or downloading went wrong.
    pub fn job_id(&self) -> Option<&str> {
        self.0.job.as_ref().map(|(id, _)| id.as_str())
    }

    /// The last state of that job that was seen.
    pub fn job_status(&self) -> Option<&JobStatus> {
        self.0.job.as_ref().and_then(|(_, status)| status.as_ref())
    }

    /// What finds that job again, when a wait ended before the job did: give it to
    /// [`Clips::resume`](crate::Clips::resume) or [`AiClipping::resume`](crate::AiClipping::resume).
    pub fn handle(&self) -> Option<&JobHandle> {
        self.0.handle.as_ref()
    }

    /// Operation of the document during which it happened, as the generated clients spell it:
    /// `create_clip_job`.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation
    }

    /// What the reader can do about it, where that is known: `the account needs credit or another
    /// plan`. A text for people, which `Display` has behind the message.
    pub fn hint(&self) -> Option<String> {
        let inner = &self.0;
        if inner.kind == Kind::Job {
            return Some("a new job is needed".to_owned());
        }
        if let (Kind::Timeout | Kind::WaitCancelled, Some((id, _))) = (inner.kind, &inner.job) {
            return Some(format!(
                "it goes on at the server: wait for {id} again later"
            ));
        }
        if self.is_in_doubt() {
            let text = "it may have been carried out: look at the list before sending it again";
            return Some(text.to_owned());
        }
        if let Some(delay) = inner.retry_after {
            return Some(format!("try again in {} s", delay.as_secs_f64().ceil()));
        }
        let text = match (inner.kind, self.status()) {
            (Kind::Api, Some(401)) => "check the API key (HEYGEN_API_KEY) or token",
            (Kind::Api, Some(402)) => "the account needs credit or another plan",
            (Kind::Api, Some(403)) => "this key may not do that",
            (Kind::Api, Some(404)) => "it may have been deleted, or belongs to another account",
            (Kind::Api, Some(409)) if self.code() == "request_in_progress" => {
                "the first request with this key is not done: wait, then send the same again"
            }
            (_, Some(429)) => "slow down and try again",
            (_, Some(500..=599)) => "try again later",
            _ => return None,
        };
        Some(text.to_owned())
    }

    /// The key is missing, wrong or not allowed to do this (401, 403).
    pub fn is_auth(&self) -> bool {
        matches!(self.status(), Some(401 | 403)) && self.0.kind == Kind::Api
    }

    /// There is no such job, asset or endpoint (404).
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404) && self.0.kind == Kind::Api
    }

    /// Too many requests or jobs (429); see [`Error::retry_after`].
    pub fn is_rate_limited(&self) -> bool {
        self.status() == Some(429)
    }

    /// In conflict with the state on the server (409), for example because a request with the
    /// same idempotency key is still running.
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(409)
    }

    /// The account cannot pay for it (402).
    pub fn is_payment_required(&self) -> bool {
        self.status() == Some(402)
    }

    /// The request is wrong and will stay wrong: refused by the server (400, 413, 422) or, by the
    /// same rules, before sending.
    pub fn is_invalid_request(&self) -> bool {
        self.0.kind == Kind::InvalidRequest
            || (self.0.kind == Kind::Api && matches!(self.status(), Some(400 | 413 | 422)))
    }

    /// The server or a gateway before it failed (5xx).
    pub fn is_server_error(&self) -> bool {
        self.0.status.is_some_and(|status| status.is_server_error())
    }

    /// No answer within the time limit, or a job that was not finished by its deadline. The
    /// request may have been carried out nevertheless.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == Kind::Timeout
    }

    /// The request got no answer: the connection could not be made or broke.
    pub fn is_network(&self) -> bool {
        matches!(self.0.kind, Kind::Unreachable | Kind::Network)
    }

    /// An answer came that is not what the documents describe: not JSON, without `data`, or of
    /// another shape. Its status may be any.
    pub fn is_bad_response(&self) -> bool {
        self.0.kind == Kind::BadResponse
    }

    /// The job ended without result; [`Error::message`] has the vendor's reason and
    /// [`Error::job_status`] tells failed from cancelled.
    pub fn is_job_failed(&self) -> bool {
        self.0.kind == Kind::Job
    }

    /// A wait was ended by [`Job::cancel_on`](crate::Job::cancel_on). The job goes on; see
    /// [`Error::handle`].
    pub fn is_wait_cancelled(&self) -> bool {
        self.0.kind == Kind::WaitCancelled
    }

    /// The [journal](crate::Journal) cannot be opened or written.
    pub fn is_journal(&self) -> bool {
        self.0.kind == Kind::Journal
    }

    /// An equal request was submitted before, and it cannot be found out whether that became a
    /// job. Nothing was sent. See [`Journal::discard`](crate::Journal::discard).
    pub fn is_unresolved(&self) -> bool {
        self.0.kind == Kind::Unresolved
    }

    /// The client was configured with something it cannot use.
    pub fn is_config(&self) -> bool {
        self.0.kind == Kind::Config
    }

    /// A local file could not be read or written.
    pub fn is_file(&self) -> bool {
        self.0.kind == Kind::File
    }

    /// A webhook delivery has no signature, or one that does not belong to it.
    pub fn is_forged(&self) -> bool {
        self.0.kind == Kind::Forged
    }

    /// A webhook delivery was sent too long ago, or does not say when.
    pub fn is_stale(&self) -> bool {
        self.0.kind == Kind::Stale
    }

    /// A webhook delivery has come before.
    pub fn is_replayed(&self) -> bool {
        self.0.kind == Kind::Replayed
    }

    /// Whether the same request may succeed later (408, 425, 429, 5xx but 501, a request that is still
    /// in progress, no answer). It says nothing about whether sending it twice is safe: see
    /// [`Error::is_in_doubt`].
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            Kind::Unreachable | Kind::Network => true,
            Kind::Timeout => self.0.job.is_none(),
            Kind::Api | Kind::BadResponse | Kind::Download => {
                self.http_status().is_some_and(retry::may_pass)
                    || self.code() == "request_in_progress"
            }
            Kind::Config | Kind::InvalidRequest | Kind::Job | Kind::File => false,
            Kind::WaitCancelled | Kind::Journal | Kind::Unresolved => false,
            Kind::Delivery | Kind::Forged | Kind::Stale | Kind::Replayed => false,
        }
    }

    /// Whether an attempt before the last may have been carried out.
    pub(crate) fn was_heard(&self) -> bool {
        self.0.was_heard
    }

    /// The server may have done what failed here, and to send it again could do that twice: a create of a
    /// job that got no answer, without a [journal](crate::Journal) and without an idempotency key of your
    /// own, or with one that is older than a day by now; or a call that has no key, such as the create of
    /// a webhook endpoint. Look first whether it is there.
    pub fn is_in_doubt(&self) -> bool {
        let doubles = match self.0.repeat {
            Repetition::OfOperation => {
                let operation = self.0.operation.map(operations::find);
                operation.is_some_and(|operation| operation.repeat == Repeat::Doubles)
            }
            Repetition::Doubles => true,
            Repetition::Safe => false,
        };
        let is_doubtful = match self.0.kind {
            Kind::Network | Kind::Timeout => true,
            Kind::Api | Kind::BadResponse => {
                // An answer that says yes and cannot be read is a yes.
                matches!(self.status(), Some(200..=299 | 408 | 500..=599))
                    || self.code() == "request_in_progress"
            }
            _ => false,
        };
        doubles && (is_doubtful || self.0.was_heard)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        if let Some(status) = self.status() {
            write!(f, "{status} ")?;
        }
        if let Some(code) = &self.0.code {
            write!(f, "{code}: ")?;
        }
        write!(f, "{}", self.0.message)?;
        if let Some(param) = self.param()
            && !self.0.message.contains(param)
        {
            write!(f, " (param {param})")?;
        }
        if self.0.attempts > 1 {
            write!(f, " (after {} attempts)", self.0.attempts)?;
        }
        if let Some(hint) = self.hint() {
            write!(f, "; {hint}")?;
        }
        if let Some(url) = self.doc_url() {
            write!(f, "; see {url}")?;
        }
        if let Some(id) = self.request_id() {
            write!(f, " [request {id}]")?;
        }
        Ok(())
    }
}

/// As readable as `Display`, with the cause; there is no secret in either.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind).field("code", &self.code());
        out.field("message", &format_args!("{self}"));
        if let Some((id, status)) = &self.0.job {
            out.field("job_id", id).field("job_status", status);
        }
        if let Some(cause) = &self.0.cause {
            out.field("cause", &format_args!("{cause}"));
        }
        out.finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .cause
            .as_deref()
            .map(|cause| cause as &(dyn StdError + 'static))
    }
}
