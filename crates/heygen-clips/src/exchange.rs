//! One call and its answer: credential, time limit, attempts, and the reading of whatever came back.
//!
//! The generated client decodes answers, but loses status and headers where it cannot, and the
//! body where it decodes to nothing. So each call goes through an [`Exchange`]: the generated client
//! builds the request, hands it to a transport that keeps it, and is dropped; what is sent, and what
//! comes back, is [`Exchange::answer`]'s. Whether a call is sent again is decided in `retry`; that it is, here.

mod answer;

use std::future::{pending, ready};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::FutureExt;
use heygen_clips_openapi as raw;
use progenitor_client::{Error as RawError, ResponseValue};
use raw::transport::Transport as RawTransport;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue, USER_AGENT};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::operations::{self, Repeat};
use crate::platform::{self, Instant, MaybeSend};
use crate::retry::{Attempts, Outcome};
use crate::telemetry::Span;
use crate::transport::{self, Request, Response, Sending, TransportError};

const AGENT: &str = concat!("heygen-clips-rust/", env!("CARGO_PKG_VERSION"));

/// No answer of this API is near it; more is a fault or an attack.
const LARGEST_ANSWER: usize = 32 << 20;

/// A transport that adds the credential and nothing else; behind [`Client::raw`].
#[cfg(not(target_arch = "wasm32"))]
pub(crate) struct Authorized(pub(crate) Client);

#[cfg(not(target_arch = "wasm32"))]
impl RawTransport for Authorized {
    fn send<'a>(
        &'a self,
        operation: &'static str,
        mut request: reqwest::Request,
    ) -> raw::transport::Sending<'a> {
        authorize(&self.0, &mut request);
        let limit = operations::find(operation).limit.of(self.0.timeouts());
        request.timeout_mut().get_or_insert(limit);
        let sent = self
            .0
            .shared()
            .transport
            .send(Request::new(operation, request));
        Box::pin(async move {
            match sent.await {
                Ok(response) => Ok(response.into_inner()),
                Err(error) => Err(error.into_reqwest().await),
            }
        })
    }
}

/// Every success body of the documents, for the calls that are not generated.
#[derive(Deserialize)]
pub(crate) struct Envelope<T> {
    pub(crate) data: Option<T>,
}

/// One call, from its request to its result.
pub(crate) struct Exchange {
    record: Arc<Recorder>,
}

/// The transport of one call; keeps what is to be sent, and what came back.
struct Recorder {
    client: Client,
    built: Mutex<Option<Built>>,
    /// When the call must be over, with all its attempts.
    deadline: Option<Instant>,
    call: OnceLock<Call>,
    /// How often it was sent.
    attempts: AtomicU32,
    /// Whether an attempt before the last may have been carried out although it failed.
    doubtful: AtomicBool,
    seen: Mutex<Seen>,
}

/// A request, and the operation that it is for.
type Built = (&'static str, reqwest::Request);

/// What is known of the call once its request is built.
struct Call {
    operation: &'static str,
    repeat: Repeat,
    span: Span,
}

#[derive(Default)]
enum Seen {
    #[default]
    Nothing,
    TimedOut(Duration),
    TooLarge(StatusCode),
    Failed(TransportError),
    Answer(Answer),
}

/// A complete answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Exchange {
    pub(crate) fn new(client: Client) -> Self {
        let deadline = client.retries().call_deadline();
        let record = Arc::new(Recorder {
            deadline: deadline.and_then(|deadline| Instant::now().checked_add(deadline)),
            client,
            built: Mutex::default(),
            call: OnceLock::new(),
            attempts: AtomicU32::new(0),
            doubtful: AtomicBool::new(false),
            seen: Mutex::default(),
        });
        Self { record }
    }

    /// A generated client whose one call goes through this exchange.
    pub(crate) fn clips(&self) -> raw::clips::Client {
        let transport: Arc<dyn RawTransport> = self.record.clone();
        self.record.client.raw_clips(&transport)
    }

    /// As [`Exchange::clips`], for the other document.
    pub(crate) fn ai_clipping(&self) -> raw::ai_clipping::Client {
        let transport: Arc<dyn RawTransport> = self.record.clone();
        self.record.client.raw_ai_clipping(&transport)
    }

    /// Makes the result of a call that a generated client builds, as often as it has to be sent.
    pub(crate) async fn answer<T, E, F>(&self, mut request: impl FnMut() -> F) -> Result<T>
    where
        T: DeserializeOwned,
        F: Future<Output = Result<ResponseValue<T>, RawError<E>>>,
    {
        self.attempts(|| {
            // Boxed, which makes every future of ours smaller.
            Some(match self.record.build(request()) {
                Ok(Some((operation, request))) => {
                    let attempt = self.record.attempt(operation, request);
                    attempt.map(Ok).boxed()
                }
                Ok(None) => ready(Ok(())).boxed(),
                Err(error) => ready(Err(error)).boxed(),
            })
        })
        .await
    }

    /// Makes the result of a call that the generator cannot build. `request` gives nothing when
    /// its body cannot be sent once more.
    pub(crate) async fn send<T, F>(
        &self,
        operation: &'static str,
        mut request: impl FnMut() -> Option<F>,
    ) -> Result<T>
    where
        T: DeserializeOwned,
        F: Future<Output = Result<reqwest::Request>> + MaybeSend,
    {
        self.attempts(|| {
            let request = platform::sendable(request()?).boxed();
            Some(async move {
                self.record.attempt(operation, request.await?).await;
                Ok(())
            })
        })
        .await
    }

    /// `data` of an answer. All 2xx envelopes of the documents leave it optional; an answer
    /// without it is a failure nevertheless.
    pub(crate) fn require<T>(&self, data: Option<T>) -> Result<T> {
        if let Some(data) = data {
            return Ok(data);
        }
        let error = match &*self.record.lock() {
            Seen::Answer(answer) => answer.error(Kind::BadResponse, "the answer has no data"),
            _ => Error::new(Kind::BadResponse, "the answer has no data"),
        };
        Err(self.of_call(error))
    }

    /// The result of a delete: one that is sent again finds nothing, because the first was heard.
    pub(crate) fn deleted<T>(&self, result: Result<T>) -> Result<()> {
        match result {
            Err(error) if error.is_not_found() && self.record.doubtful.load(Ordering::Relaxed) => {
                Ok(())
            }
            result => result.map(drop),
        }
    }

    async fn attempts<T, F>(&self, mut attempt: impl FnMut() -> Option<F>) -> Result<T>
    where
        T: DeserializeOwned,
        F: Future<Output = Result<()>>,
    {
        let client = &self.record.client;
        let mut attempts = Attempts::new(client.retries(), &client.shared().budget);
        let mut last = None;
        while let Some(sent) = attempt() {
            // What the attempt before has left is not the answer to this one.
            *self.record.lock() = Seen::Nothing;
            let result = match sent.await {
                Ok(()) => self.record.result().map_err(|error| self.of_call(error)),
                Err(error) => return Err(self.of_call(error)),
            };
            let result = last.insert(result);
            let Some(call) = self.record.call.get() else {
                break;
            };
            let outcome = Outcome::of(result);
            let pause = attempts.again_after(outcome, call.repeat);
            let Some(pause) = pause.filter(|pause| self.record.has_time_for(*pause)) else {
                break;
            };
            if outcome.is_doubtful() {
                self.record.doubtful.store(true, Ordering::Relaxed);
            }
            if let Err(error) = result {
                call.span.pausing(pause, error.code());
            }
            platform::sleep(pause).await;
        }
        let result = last.unwrap_or_else(|| self.record.result());
        if let Some(call) = self.record.call.get() {
            let code = result.as_ref().err().map(Error::code);
            call.span
                .ended(self.record.attempts.load(Ordering::Relaxed), code);
        }
        result
    }

    fn of_call(&self, error: Error) -> Error {
        let attempts = self.record.attempts.load(Ordering::Relaxed);
        match self.record.call.get() {
            Some(call) => error.with_operation(call.operation).with_attempts(attempts),
            None => error,
        }
    }
}

impl Recorder {
    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a generated client would send. It comes to that at once, and no further: its future, which
    /// has room for everything that could follow, need not outlive this.
    fn build<T, E>(
        &self,
        sending: impl Future<Output = Result<ResponseValue<T>, RawError<E>>>,
    ) -> Result<Option<Built>> {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(Err(RawError::InvalidRequest(message))) =
            pin!(sending).poll(&mut context)
        {
            return Err(Error::new(Kind::InvalidRequest, message));
        }
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(built.take())
    }

    /// Sends once; what comes back is kept when the future ends. The request, which is large, has
    /// left by then, so that no future of ours is as large.
    fn attempt(
        &self,
        operation: &'static str,
        mut request: reqwest::Request,
    ) -> impl Future<Output = ()> {
        let row = operations::find(operation);
        let call = self.call.get_or_init(|| Call {
            operation,
            repeat: row.repeat,
            span: Span::call(operation, row.path, &self.client.shared().server),
        });
        authorize(&self.client, &mut request);
        let number = self.attempts.fetch_add(1, Ordering::Relaxed);
        let span = call.span.attempt(number, request.method());
        // Timed here and not by `reqwest`, so that it holds for every transport.
        let mut limit = row.limit.of(self.client.timeouts());
        if let Some(deadline) = self.deadline {
            limit = limit.min(deadline.saturating_duration_since(Instant::now()));
        }
        let request = Request::new(operation, request);
        let sending = span.within(|| self.client.shared().transport.send(request));
        let exchange = span.around(platform::timeout(limit, receive(sending)));
        exchange.map(move |exchanged| {
            let seen = match exchanged {
                Ok(Ok(seen)) => seen,
                Ok(Err(error)) => Seen::Failed(error),
                Err(_) => Seen::TimedOut(limit),
            };
            if let Seen::Answer(answer) = &seen {
                span.answered(answer.status, || answer.request_id());
                #[cfg(feature = "observe")]
                if let Some(observer) = &self.client.shared().observer {
                    observer.look(operation, answer.status, &answer.body);
                }
            }
            *self.lock() = seen;
        })
    }

    /// Makes a result of what came back.
    fn result<T: DeserializeOwned>(&self) -> Result<T> {
        let mut seen = self.lock();
        match std::mem::take(&mut *seen) {
            Seen::TimedOut(limit) => {
                let message = format!("no complete answer within {} s", limit.as_secs_f64());
                Err(Error::new(Kind::Timeout, message))
            }
            Seen::TooLarge(status) => {
                let message = format!("the answer is larger than {LARGEST_ANSWER} bytes");
                Err(Error::new(Kind::BadResponse, message).with_status(status))
            }
            Seen::Failed(error) => Err(Error::from_transport(error)),
            Seen::Answer(answer) => {
                let result = answer.result();
                // For `require`.
                *seen = Seen::Answer(answer);
                result
            }
            Seen::Nothing => Err(Error::new(Kind::Network, "nothing was sent")),
        }
    }

    fn has_time_for(&self, pause: Duration) -> bool {
        self.deadline
            .is_none_or(|deadline| Instant::now() + pause < deadline)
    }
}

impl RawTransport for Recorder {
    fn send<'a>(
        &'a self,
        operation: &'static str,
        request: reqwest::Request,
    ) -> raw::transport::Sending<'a> {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        *built = Some((operation, request));
        // For `build`, which drops this.
        Box::pin(pending())
    }
}

/// The way to the server at `base`, by the caller's settings or ours: no redirects (a key must not
/// follow one elsewhere), and no proxy for a plain connection (a key must not leave this machine
/// readable).
pub(crate) fn http(
    own: Option<reqwest::ClientBuilder>,
    base: &str,
) -> Result<raw::transport::Http> {
    let builder = transport::settings(own, base.starts_with("http://"));
    raw::transport::Http::new(builder).map_err(|error| {
        Error::new(Kind::Config, "cannot set up the HTTP client").with_cause(error)
    })
}

fn authorize(client: &Client, request: &mut reqwest::Request) {
    let (name, value) = &client.shared().auth;
    let headers = request.headers_mut();
    headers.insert(name.clone(), value.clone());
    headers
        .entry(USER_AGENT)
        .or_insert(HeaderValue::from_static(AGENT));
}

async fn receive(sending: Sending<'_>) -> Result<Seen, TransportError> {
    let mut response = sending.await?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    Ok(match read_body(&mut response).await? {
        Some(body) => Seen::Answer(Answer {
            status,
            headers,
            body,
        }),
        None => Seen::TooLarge(status),
    })
}

/// The whole body, or nothing if it is too large.
async fn read_body(response: &mut Response) -> Result<Option<Bytes>, TransportError> {
    let Some(first) = response.chunk().await? else {
        return Ok(Some(Bytes::new()));
    };
    let Some(second) = response.chunk().await? else {
        // Most answers come in one piece, which needs no copy.
        return Ok(Some(first).filter(|body| body.len() <= LARGEST_ANSWER));
    };
    let mut body = BytesMut::from(&first[..]);
    body.extend_from_slice(&second);
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ANSWER {
            return Ok(None);
        }
    }
    Ok(Some(body.freeze()))
}
