//! A server that answers as it is told, and remembers what it was asked.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

use super::answer::Answer;
use super::socket::{self, Listening};
use crate::client::Client;
use crate::config::ClientBuilder;
use crate::transport::{Request, Sending, Transport};

/// What a server was asked. `Debug` shows neither headers nor the query, nor the body.
#[derive(Clone)]
#[non_exhaustive]
pub struct Call {
    /// As [`Request::operation`]. Empty on a socket, where it is not told.
    pub operation: String,
    /// `GET`, `POST` and so on.
    pub method: Method,
    /// Where it was sent, whole. On a socket it begins with the listener's own address.
    pub url: String,
    /// The headers, the credential among them.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Call {
    /// A header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.url.split(['?', '#']).next();
        write!(f, "{} {}", self.method, path.unwrap_or_default())
    }
}

/// A server that answers as it is told and remembers what it was asked. Clones are the same server.
///
/// ```
/// use heygen_clips::testing::{Answer, Server};
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::new(|call, _| match call.url.split('/').next_back() {
///     Some("clip_1") => Answer::data(&json!({ "id": "clip_1", "status": "completed", "clips": [] })),
///     _ => Answer::refusal(404, "not_found", "no such job"),
/// });
///
/// // In this process:
/// let client = server.client_builder().build()?;
/// client.clips().get("clip_1").await?;
/// // Over a socket:
/// let listening = server.listen().await?;
/// let client = heygen_clips::Client::builder().api_key("any").base_url(listening.base_url());
/// let error = client.build()?.clips().get("clip_2").await.unwrap_err();
///
/// assert!(error.is_not_found());
/// assert_eq!(server.calls().len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Server {
    answer: Arc<Answering>,
    calls: Arc<Mutex<Vec<Call>>>,
}

type Answering = dyn Fn(&Call, usize) -> Answer + Send + Sync;

impl Server {
    /// Answers with what `answer` makes of the call and of how many came before it.
    pub fn new<A: Into<Answer>>(
        answer: impl Fn(&Call, usize) -> A + Send + Sync + 'static,
    ) -> Self {
        Self {
            answer: Arc::new(move |call, count| answer(call, count).into()),
            calls: Arc::default(),
        }
    }

    /// Answers with these, in turn, and with 501 `script_is_over` after the last.
    pub fn script<A: Into<Answer>>(answers: impl IntoIterator<Item = A>) -> Self {
        let answers: Vec<Answer> = answers.into_iter().map(Into::into).collect();
        Self::new(move |call, count| {
            let over = || {
                let message = format!("{call:?} is call {count}, counted from 0");
                Answer::refusal(501, "script_is_over", &message)
            };
            answers.get(count).cloned().unwrap_or_else(over)
        })
    }

    /// Answers everything with this.
    pub fn always(answer: impl Into<Answer>) -> Self {
        let answer = answer.into();
        Self::new(move |_, _| answer.clone())
    }

    /// A client of this server, in this process, with the key `testing`.
    pub fn client_builder(&self) -> ClientBuilder {
        Client::builder().api_key("testing").transport(self.clone())
    }

    /// Serves on a port of 127.0.0.1 as well, until what is returned is dropped. Needs the runtime
    /// of `tokio`.
    ///
    /// # Errors
    ///
    /// When there is no port to be had.
    pub async fn listen(&self) -> io::Result<Listening> {
        socket::listen(self.clone()).await
    }

    /// Everything it was asked, in turn.
    pub fn calls(&self) -> Vec<Call> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.clone()
    }

    /// The operations of all calls, in turn.
    pub fn operations(&self) -> Vec<String> {
        let calls = self.calls().into_iter();
        calls.map(|call| call.operation).collect()
    }

    pub(super) fn answer(&self, call: &Call) -> Answer {
        let count = {
            let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
            calls.push(call.clone());
            calls.len() - 1
        };
        (self.answer)(call, count)
    }
}

impl Transport for Server {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let operation = request.operation().to_owned();
            let (parts, body) = request.into_http().await?.into_parts();
            let call = Call {
                operation,
                method: parts.method,
                url: parts.uri.to_string(),
                headers: parts.headers,
                body,
            };
            self.answer(&call).into_response().await
        })
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("calls", &self.calls())
            .finish_non_exhaustive()
    }
}
