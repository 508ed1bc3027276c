//! One request and its answer: credential, time limit, and the reading of whatever came back.
//!
//! The generated client decodes answers, but loses status and headers where it cannot, and the
//! body where it decodes to nothing. So each call sends through an [`Exchange`], a transport that
//! keeps a copy of the answer; [`Exchange::answer`] then makes the result from both. No retries
//! here: a call is sent once.

mod answer;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::FutureExt;
use heygen_clips_openapi as raw;
use progenitor_client::{Error as RawError, ResponseValue};
use raw::transport::{Http, Sending, Transport};
use reqwest::header::{HeaderMap, HeaderValue, USER_AGENT};
use reqwest::{Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::client::{Client, Shared};
use crate::config::Timeouts;
use crate::error::{Error, Kind, Result};

const AGENT: &str = concat!("heygen-clips-rust/", env!("CARGO_PKG_VERSION"));

/// No answer of this API is near it; more is a fault or an attack.
const LARGEST_ANSWER: usize = 32 << 20;

/// Which time limit holds for a call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    Read,
    Create,
    Upload,
}

impl Limit {
    fn of(self, timeouts: &Timeouts) -> Duration {
        match self {
            Self::Read => timeouts.read,
            Self::Create => timeouts.create,
            Self::Upload => timeouts.upload,
        }
    }
}

/// A transport that adds the credential and nothing else; behind [`Client::raw`].
pub(crate) struct Authorized(pub(crate) Arc<Shared>);

impl Transport for Authorized {
    fn send<'a>(&'a self, operation: &'static str, mut request: Request) -> Sending<'a> {
        authorize(&self.0, &mut request);
        request.timeout_mut().get_or_insert(self.0.timeouts.create);
        self.0.transport.send(operation, request)
    }
}

/// Every success body of the documents, for the calls that are not generated.
#[derive(Deserialize)]
pub(crate) struct Envelope<T> {
    pub(crate) data: Option<T>,
}

/// One call, from its request to its result.
pub(crate) struct Exchange {
    client: Client,
    record: Arc<Recorder>,
}

/// The transport of one call; keeps what came back.
struct Recorder {
    shared: Arc<Shared>,
    limit: Duration,
    operation: OnceLock<&'static str>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
enum Seen {
    #[default]
    Nothing,
    TimedOut,
    TooLarge(StatusCode),
    Answer(Answer),
}

/// A complete answer.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Exchange {
    pub(crate) fn new(client: Client, limit: Limit) -> Self {
        let shared = Arc::clone(client.shared());
        let limit = limit.of(&shared.timeouts);
        let record = Arc::new(Recorder {
            shared,
            limit,
            operation: OnceLock::new(),
            seen: Mutex::default(),
        });
        Self { client, record }
    }

    /// A generated client whose one call goes through this exchange.
    pub(crate) fn clips(&self) -> raw::clips::Client {
        let transport: Arc<dyn Transport> = self.record.clone();
        self.client.raw_clips(&transport)
    }

    /// As [`Exchange::clips`], for the other document.
    pub(crate) fn ai_clipping(&self) -> raw::ai_clipping::Client {
        let transport: Arc<dyn Transport> = self.record.clone();
        self.client.raw_ai_clipping(&transport)
    }

    /// Sends what a generated client has built, and makes the result.
    pub(crate) fn answer<'a, T: DeserializeOwned + 'a, E: 'a>(
        &'a self,
        sending: impl Future<Output = Result<ResponseValue<T>, RawError<E>>> + Send + 'a,
    ) -> impl Future<Output = Result<T>> + 'a {
        // Boxed: it holds the whole request, which would make every future of ours as large.
        let sending = sending.boxed();
        async move { self.finish(sending.await) }
    }

    /// Sends a request that the generator cannot make, and decodes the answer.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        request: Request,
    ) -> Result<T> {
        match self.record.send(operation, request).await {
            // The answer is in the record, from which `finish` decodes it.
            Ok(_) => self.finish::<T, ()>(Err(RawError::Custom(String::new()))),
            Err(error) => self.finish::<T, ()>(Err(RawError::CommunicationError(error))),
        }
    }

    /// Makes the result of the call from what the generated client made of the answer and what
    /// the answer was.
    fn finish<T: DeserializeOwned, E>(
        &self,
        result: Result<ResponseValue<T>, RawError<E>>,
    ) -> Result<T> {
        let seen = std::mem::take(&mut *self.record.lock());
        let outcome = match (seen, result) {
            (Seen::TimedOut, _) => {
                let limit = self.record.limit.as_secs_f64();
                Err(Error::new(
                    Kind::Timeout,
                    format!("no complete answer within {limit} s"),
                ))
            }
            (Seen::TooLarge(status), _) => {
                let message = format!("the answer is larger than {LARGEST_ANSWER} bytes");
                Err(Error::new(Kind::BadResponse, message).with_status(status))
            }
            (Seen::Answer(answer), result) => {
                let decoded = result.ok().map(ResponseValue::into_inner);
                let outcome = answer.result(decoded);
                self.remember(answer);
                outcome
            }
            (Seen::Nothing, Err(RawError::InvalidRequest(message))) => {
                Err(Error::new(Kind::InvalidRequest, message))
            }
            (
                Seen::Nothing,
                Err(RawError::CommunicationError(error) | RawError::ResponseBodyError(error)),
            ) => Err(Error::from_reqwest(error)),
            (Seen::Nothing, _) => Err(Error::new(
                Kind::Network,
                "the transport gave neither answer nor error",
            )),
        };
        outcome.map_err(|error| self.of_operation(error))
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
        Err(self.of_operation(error))
    }

    fn of_operation(&self, error: Error) -> Error {
        match self.record.operation.get() {
            Some(operation) => error.with_operation(operation),
            None => error,
        }
    }

    /// Keeps the answer for [`Exchange::require`].
    fn remember(&self, answer: Answer) {
        *self.record.lock() = Seen::Answer(answer);
    }
}

impl Recorder {
    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn exchange(&self, operation: &'static str, request: Request) -> reqwest::Result<Seen> {
        let response = self.shared.transport.send(operation, request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(match read_body(response).await? {
            Some(body) => Seen::Answer(Answer {
                status,
                headers,
                body,
            }),
            None => Seen::TooLarge(status),
        })
    }
}

impl Transport for Recorder {
    fn send<'a>(&'a self, operation: &'static str, mut request: Request) -> Sending<'a> {
        Box::pin(async move {
            self.operation.get_or_init(|| operation);
            authorize(&self.shared, &mut request);
            // Timed here and not by `reqwest`, so that it holds for every transport.
            let exchange = tokio::time::timeout(self.limit, self.exchange(operation, request));
            let seen = exchange.await.unwrap_or(Ok(Seen::TimedOut))?;
            let response = match &seen {
                Seen::Answer(answer) => answer.to_response(),
                // `finish` looks at the record first, so what stands here is never read.
                _ => Response::from(http::Response::new(Bytes::new())),
            };
            *self.lock() = seen;
            Ok(response)
        })
    }
}

/// The way to the server at `base`, by the caller's settings or ours: no redirects (a key must not
/// follow one elsewhere), and no proxy for a plain connection (a key must not leave this machine
/// readable).
pub(crate) fn http(own: Option<reqwest::ClientBuilder>, base: &str) -> Result<Http> {
    let ours = || raw::transport::client_builder().connect_timeout(Duration::from_secs(10));
    let mut builder = own.unwrap_or_else(ours);
    if base.starts_with("http://") {
        builder = builder.no_proxy();
    }
    Http::new(builder).map_err(|error| {
        Error::new(Kind::Config, "cannot set up the HTTP client").with_cause(error)
    })
}

fn authorize(shared: &Shared, request: &mut Request) {
    let (name, value) = &shared.auth;
    let headers = request.headers_mut();
    headers.insert(name.clone(), value.clone());
    headers
        .entry(USER_AGENT)
        .or_insert(HeaderValue::from_static(AGENT));
}

/// The whole body, or nothing if it is too large.
async fn read_body(mut response: Response) -> reqwest::Result<Option<Bytes>> {
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
