//! One call and its answer: credential, time limit, attempts, and the reading of whatever came back.
//!
//! The generated client decodes answers, but loses status and headers where it cannot, and the
//! body where it decodes to nothing. So it only builds the requests (`requests`); sending them, and
//! reading what comes back, is an [`Exchange`]'s. Whether a call is sent again is decided in `retry`;
//! that it is, here.

mod answer;
mod place;
mod requests;

use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use futures::FutureExt;
use futures::future::BoxFuture;
use heygen_clips_openapi as raw;
use progenitor_client::{Error as RawError, ResponseValue};
#[cfg(not(target_arch = "wasm32"))]
use raw::transport::Transport as RawTransport;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue, USER_AGENT};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::error::{Error, Kind, Repetition, Result};
use crate::operations::{self, Repeat};
use crate::platform::{self, Instant, MaybeSend};
use crate::retry::{Attempts, KEY_WINDOW, Outcome};
use crate::telemetry::Span;
use crate::transport::{self, Request, Response, Sending, TransportError};

pub(crate) use answer::retry_after;
pub(crate) use requests::Requests;

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
pub(crate) struct Exchange<'a> {
    client: &'a Client,
    /// When the call must be over, with all its attempts.
    deadline: Option<Instant>,
    /// When its key was first used, by the clock on the wall: others stand still while the machine sleeps.
    keyed_since: Option<SystemTime>,
    /// What the call is, once a request is built.
    call: Option<Call>,
    /// How often it was sent.
    attempts: u32,
    /// Whether an attempt before the last may have been carried out although it failed.
    is_doubtful: bool,
    /// What came back last.
    came: Option<Answer>,
}

struct Call {
    operation: &'static str,
    repeat: Repeat,
    span: Span,
}

/// A complete answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        let deadline = client.retries().call_deadline();
        Self {
            client,
            deadline: deadline.and_then(|deadline| Instant::now().checked_add(deadline)),
            keyed_since: None,
            call: None,
            attempts: 0,
            is_doubtful: false,
            came: None,
        }
    }

    /// For a call under a key that was first used then.
    pub(crate) fn keyed_since(mut self, first_use: SystemTime) -> Self {
        self.keyed_since = Some(first_use);
        self
    }

    /// The generated client that builds the requests of `/v3/clips`.
    pub(crate) fn clips(&self) -> &'a raw::clips::Client {
        &self.client.shared().requests.clips
    }

    /// As [`Exchange::clips`], for the other document.
    pub(crate) fn ai_clipping(&self) -> &'a raw::ai_clipping::Client {
        &self.client.shared().requests.ai_clipping
    }

    /// Makes the result of a call that a generated client builds, as often as it has to be sent.
    pub(crate) async fn answer<T, E, F>(&mut self, mut request: impl FnMut() -> F) -> Result<T>
    where
        T: DeserializeOwned,
        F: Future<Output = Result<ResponseValue<T>, RawError<E>>>,
    {
        let mut attempts = self.begin();
        loop {
            let sending = match requests::built(&mut request) {
                Ok((operation, request)) => self.attempt(operation, request),
                Err(error) => return Err(self.of_call(error)),
            };
            let result = self.read(sending.await);
            match self.pause(&mut attempts, &result) {
                Some(pause) => platform::sleep(pause).await,
                None => return self.end(result),
            }
            if self.has_outlived_its_key() {
                // Nor may the caller.
                let result = result.map_err(|error| error.with_repetition(Repetition::Doubles));
                return self.end(result);
            }
        }
    }

    /// Makes the result of a call that the generator cannot build. `can_repeat`: its body can be sent
    /// once more.
    pub(crate) async fn send<T, F>(
        &mut self,
        operation: &'static str,
        can_repeat: bool,
        mut request: impl FnMut() -> F,
    ) -> Result<T>
    where
        T: DeserializeOwned,
        F: Future<Output = Result<reqwest::Request>> + MaybeSend,
    {
        let mut attempts = self.begin().once(!can_repeat);
        loop {
            let built = platform::sendable(request()).boxed().await;
            let sending = match built {
                Ok(request) => self.attempt(operation, request),
                Err(error) => return Err(self.of_call(error)),
            };
            let result = self.read(sending.await);
            match self.pause(&mut attempts, &result) {
                Some(pause) => platform::sleep(pause).await,
                None => return self.end(result),
            }
        }
    }

    /// `data` of an answer. All 2xx envelopes of the documents leave it optional; an answer
    /// without it is a failure nevertheless.
    pub(crate) fn require<T>(&self, data: Option<T>) -> Result<T> {
        if let Some(data) = data {
            return Ok(data);
        }
        let what = "the answer has no data";
        let error = match &self.came {
            Some(answer) => answer.error(Kind::BadResponse, what),
            None => Error::new(Kind::BadResponse, what),
        };
        Err(self.of_call(error))
    }

    /// The result of a delete: one that is sent again finds nothing, because the first was heard.
    pub(crate) fn deleted<T>(&self, result: Result<T>) -> Result<()> {
        match result {
            Err(error) if error.is_not_found() && self.is_doubtful => Ok(()),
            result => result.map(drop),
        }
    }

    fn begin(&self) -> Attempts<'a> {
        Attempts::new(self.client.retries(), &self.client.shared().budget).until(self.deadline)
    }

    /// Whether the server may have forgotten the key by now, so that to send again could do it twice.
    fn has_outlived_its_key(&self) -> bool {
        let age = |first| platform::now().duration_since(first).ok();
        let age = self.keyed_since.and_then(age);
        age.is_some_and(|age| age >= KEY_WINDOW)
    }

    /// Sends once. Boxed, which makes every future of ours smaller; the request, which is large, has
    /// left when this returns.
    fn attempt(
        &mut self,
        operation: &'static str,
        mut request: reqwest::Request,
    ) -> BoxFuture<'a, Result<Answer>> {
        let shared = self.client.shared();
        let row = operations::find(operation);
        let call = self.call.get_or_insert_with(|| Call {
            operation,
            repeat: row.repeat,
            span: Span::call(operation, row.path, &shared.server),
        });
        authorize(self.client, &mut request);
        let span = call.span.attempt(self.attempts, request.method());
        self.attempts += 1;
        // Timed here and not by `reqwest`, so that it holds for every transport.
        let mut limit = row.limit.of(self.client.timeouts());
        if let Some(deadline) = self.deadline {
            limit = limit.min(deadline.saturating_duration_since(Instant::now()));
        }
        let request = Request::new(operation, request);
        let sending = span.within(|| shared.transport.send(request));
        let attempt = span.clone();
        let exchange = async move {
            let came = platform::timeout(limit, receive(sending)).await;
            let came = came.unwrap_or_else(|_| Err(too_late(limit)));
            if let Ok(answer) = &came {
                span.answered(answer.status, || answer.request_id());
                #[cfg(feature = "observe")]
                if let Some(observer) = &shared.observer {
                    observer.look(operation, answer.status, &answer.body);
                }
            }
            came
        };
        attempt.around(exchange).boxed()
    }

    /// Makes a result of what came back, and keeps that for [`Exchange::require`].
    fn read<T: DeserializeOwned>(&mut self, came: Result<Answer>) -> Result<T> {
        let result = came.and_then(|answer| self.came.insert(answer).result());
        result.map_err(|error| self.of_call(error))
    }

    /// How long to wait before the call is sent again, if it is.
    fn pause<T>(&mut self, attempts: &mut Attempts<'_>, result: &Result<T>) -> Option<Duration> {
        let call = self.call.as_ref()?;
        let outcome = Outcome::of(result);
        let pause = attempts.again_after(outcome, call.repeat)?;
        self.is_doubtful |= outcome.is_doubtful();
        if let Err(error) = result {
            call.span.pausing(pause, error.code());
        }
        Some(pause)
    }

    fn end<T>(&self, result: Result<T>) -> Result<T> {
        if let Some(call) = &self.call {
            let code = result.as_ref().err().map(Error::code);
            call.span.ended(self.attempts, code);
        }
        result
    }

    fn of_call(&self, error: Error) -> Error {
        let error = match error.kind() {
            Kind::Api => error.redacted(self.client.credential()),
            _ => error,
        };
        match &self.call {
            Some(call) => error
                .with_operation(call.operation)
                .with_attempts(self.attempts)
                .heard_before(self.is_doubtful),
            None => error,
        }
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

async fn receive(sending: Sending<'_>) -> Result<Answer> {
    let mut response = sending.await.map_err(Error::from_transport)?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let body = read_body(&mut response)
        .await
        .map_err(Error::from_transport)?;
    let body = body.ok_or_else(|| {
        let message = format!("the answer is larger than {LARGEST_ANSWER} bytes");
        Error::new(Kind::BadResponse, message).with_status(status)
    })?;
    Ok(Answer {
        status,
        headers,
        body,
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

fn too_late(limit: Duration) -> Error {
    let message = format!("no complete answer within {} s", limit.as_secs_f64());
    Error::new(Kind::Timeout, message)
}

fn nothing_sent() -> Error {
    Error::new(Kind::Network, "nothing was sent")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::json;

    use super::*;
    use crate::CreateAiClipping;
    use crate::platform::asleep;
    use crate::transport::Transport;

    const BASE: &str = "https://api.example.com";

    /// The machine sleeps so long while each call is under way, which then breaks.
    #[derive(Clone)]
    struct Asleep(Duration, Arc<AtomicUsize>);

    impl Transport for Asleep {
        fn send(&self, _: Request) -> Sending<'_> {
            self.1.fetch_add(1, Ordering::Relaxed);
            asleep::sleep(self.0);
            Box::pin(async { Err(TransportError::broken("reset")) })
        }
    }

    impl Asleep {
        fn new(time: Duration) -> Self {
            Self(time, Arc::default())
        }

        fn builder(&self) -> crate::ClientBuilder {
            let builder = Client::builder().api_key("any").base_url(BASE);
            builder.transport(self.clone())
        }

        fn calls(&self) -> usize {
            self.1.load(Ordering::Relaxed)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_machine_that_slept_sends_nothing_again_under_an_old_key() {
        let create = async |hours: u64| {
            let network = Asleep::new(Duration::from_secs(hours * 3_600));
            let client = network.builder().build().unwrap();
            let request = CreateAiClipping::from_url("https://example.com/talk.mp4");
            let jobs = client.ai_clipping();
            let created = jobs.create(request.idempotency_key("talk")).await;
            let error = created.unwrap_err();
            (network.calls(), error.is_in_doubt())
        };
        assert_eq!(create(1).await, (4, false));
        assert_eq!(create(8).await, (3, true));
        assert_eq!(create(25).await, (1, true));
    }

    #[tokio::test(start_paused = true)]
    async fn the_age_of_a_key_counts_from_the_intent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let minute = Duration::from_secs(60);
        let at = platform::now() - (KEY_WINDOW - 5 * minute);
        let at = at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let body = json!({ "video": { "type": "url", "url": "https://example.com/talk.mp4" } });
        let intent = json!({
            "at": at, "intent": "i", "is": "intent", "dialect": "ai-clipping", "base_url": BASE,
            "key": "i", "sha256": "00", "body": body,
        });
        std::fs::write(&path, format!("{intent}\n")).unwrap();
        let network = Asleep::new(3 * minute);
        let client = network.builder().journal(path).build().unwrap();
        let resumed = client.resume_all().await.unwrap();
        assert_eq!(network.calls(), 2, "{resumed:?}");
    }
}
