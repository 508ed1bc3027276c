//! What went over a transport, in a file.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::Answer;
use super::redact::Redaction;
use crate::transport::{Fault, Request, Response, Sending, Transport, TransportError};

/// Headers of answers that mean something to a client. No others are written.
const HEADERS: [&str; 6] = [
    "content-type",
    "content-range",
    "etag",
    "location",
    "retry-after",
    "x-request-id",
];

/// Passes requests on to another transport, and writes them and their answers into a file for
/// [`Replay`](super::Replay).
///
/// The file is JSON. It has no credential: no headers of requests but `range`, no user, query or
/// fragment of a link wherever one stands, no secret of a webhook endpoint, and nowhere the key
/// itself. What clips show and say is written as it is; what the API answers is left out where it is
/// not JSON. Bodies are held in memory, and the file is written anew after each call: record with
/// short videos.
///
/// ```no_run
/// use heygen_clips::testing::Recorder;
/// use heygen_clips::{Client, Http};
///
/// # async fn example() -> heygen_clips::Result<()> {
/// let recorder = Recorder::new(Http::new()?, "tests/one_job.json");
/// let client = Client::builder().api_key("key").transport(recorder).build()?;
/// client.clips().get("clip_abc123").await?;
/// # Ok(())
/// # }
/// ```
pub struct Recorder {
    inner: Box<dyn Transport>,
    path: PathBuf,
    cassette: Arc<Mutex<Cassette>>,
}

/// The file.
#[derive(Serialize, Deserialize)]
pub(super) struct Cassette {
    pub(super) version: u32,
    pub(super) calls: Vec<Entry>,
}

/// A request and what came of it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    operation: String,
    #[serde(flatten)]
    pub(super) asked: Asked,
    outcome: Outcome,
}

/// What tells one request from another.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) method: String,
    /// Path and query; for a signed link the link without its query.
    pub(super) url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    /// If it is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Answer {
        status: u16,
        headers: BTreeMap<String, String>,
        body: Body,
        /// Whether the connection broke after the body.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        cut: bool,
    },
    NotConnected(String),
    Broken(String),
    TimedOut(String),
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    Empty,
    Json(Value),
    Text(String),
    /// Two digits a byte.
    Hex(String),
}

impl Recorder {
    /// Records what goes over `inner` into a new file at `path`, whose folder has to be there.
    pub fn new(inner: impl Transport, path: impl Into<PathBuf>) -> Self {
        let cassette = Cassette {
            version: Cassette::VERSION,
            calls: Vec::new(),
        };
        Self {
            inner: Box::new(inner),
            path: path.into(),
            cassette: Arc::new(Mutex::new(cassette)),
        }
    }

    fn add(&self, entry: Entry) -> Result<(), TransportError> {
        let mut cassette = self.cassette.lock().unwrap_or_else(PoisonError::into_inner);
        cassette.calls.push(entry);
        cassette.write(&self.path).map_err(|error| {
            let path = self.path.display();
            TransportError::broken(format!("cannot write the cassette {path}: {error}"))
        })
    }
}

impl Transport for Recorder {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let redaction = Redaction::new(request.headers());
            let operation = request.operation().to_owned();
            let asked = Asked::of(&request, &redaction);
            let sent = match self.inner.send(request).await {
                Ok(response) => Ok(read(response).await),
                Err(error) => Err(error),
            };
            let outcome = Outcome::of(&sent, is_file(&operation), &redaction);
            self.add(Entry {
                operation,
                asked,
                outcome,
            })?;
            let (reply, cut) = sent?;
            let length = reply.body().len();
            let answer = Answer::from(reply);
            let answer = if cut {
                answer.cut_after(length)
            } else {
                answer
            };
            answer.into_response().await
        })
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Cassette {
    pub(super) const VERSION: u32 = 1;

    fn write(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().filter(|path| !path.as_os_str().is_empty());
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        file.persist(path)?;
        Ok(())
    }
}

impl Asked {
    pub(super) fn of(request: &Request, redaction: &Redaction) -> Self {
        let url = request.url();
        let url = if is_file(request.operation()) {
            url.split(['?', '#']).next().unwrap_or_default()
        } else {
            // Without scheme and host, so that it can be replayed under another base URL.
            let path = url
                .find("://")
                .and_then(|at| url[at + 3..].find('/').map(|slash| at + 3 + slash));
            path.map_or(url, |path| &url[path..])
        };
        let range = request.headers().get(http::header::RANGE);
        let body = request
            .body()
            .and_then(|body| serde_json::from_slice(body).ok());
        Self {
            method: request.method().to_string(),
            url: redaction.text(url),
            range: range
                .and_then(|range| range.to_str().ok())
                .map(str::to_owned),
            body: body.map(|mut body| {
                redaction.json(&mut body);
                body
            }),
        }
    }
}

impl Entry {
    pub(super) fn answer(&self) -> Result<Answer, String> {
        let error = match &self.outcome {
            Outcome::NotConnected(cause) => TransportError::not_connected(cause.as_str()),
            Outcome::Broken(cause) => TransportError::broken(cause.as_str()),
            Outcome::TimedOut(cause) => TransportError::timed_out(cause.as_str()),
            Outcome::Answer {
                status,
                headers,
                body,
                cut,
            } => {
                let body = body.bytes()?;
                let length = body.len();
                let mut reply = http::Response::builder().status(*status);
                for (name, value) in headers {
                    reply = reply.header(name, value);
                }
                let reply = reply.body(body).map_err(|error| error.to_string())?;
                let answer = Answer::from(reply);
                return Ok(if *cut {
                    answer.cut_after(length)
                } else {
                    answer
                });
            }
        };
        Ok(Answer::from(error))
    }
}

impl Outcome {
    fn of(
        sent: &Result<(http::Response<Bytes>, bool), TransportError>,
        is_file: bool,
        redaction: &Redaction,
    ) -> Self {
        let (reply, cut) = match sent {
            Ok(sent) => sent,
            Err(error) => {
                let cause = std::error::Error::source(error).map(ToString::to_string);
                let cause = redaction.text(&cause.unwrap_or_default());
                return match error.fault() {
                    Fault::NotConnected => Self::NotConnected(cause),
                    Fault::Broken => Self::Broken(cause),
                    Fault::TimedOut => Self::TimedOut(cause),
                };
            }
        };
        // What is cut was announced longer than it is.
        let length = cut.then_some("content-length");
        let names = HEADERS.iter().copied().chain(length);
        let headers = names.filter_map(|name| {
            let value = reply.headers().get(name)?.to_str().ok()?;
            Some((name.to_owned(), redaction.text(value)))
        });
        let is_json = serde_json::from_slice::<IgnoredAny>(reply.body()).is_ok();
        let body = match (is_file, reply.status().is_success()) {
            // A store that refuses a link may repeat all that was signed.
            (true, false) => Body::Empty,
            // In what the API never says, nobody can tell what is secret.
            (false, _) if !is_json && !reply.body().is_empty() => {
                Body::Text("(left out: not JSON)".to_owned())
            }
            _ => Body::of(reply.body(), redaction),
        };
        Self::Answer {
            status: reply.status().as_u16(),
            headers: headers.collect(),
            body,
            cut: *cut,
        }
    }
}

impl Body {
    fn of(bytes: &[u8], redaction: &Redaction) -> Self {
        if bytes.is_empty() {
            return Self::Empty;
        }
        if let Ok(mut json) = serde_json::from_slice(bytes) {
            redaction.json(&mut json);
            return Self::Json(json);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(redaction.text(text)),
            Err(_) => Self::Hex(hex::encode(bytes)),
        }
    }

    fn bytes(&self) -> Result<Bytes, String> {
        Ok(match self {
            Self::Empty => Bytes::new(),
            Self::Json(json) => json.to_string().into(),
            Self::Text(text) => text.clone().into(),
            Self::Hex(digits) => hex::decode(digits)
                .map_err(|error| error.to_string())?
                .into(),
        })
    }
}

/// Whether an operation is for a signed link, whose query is a credential.
fn is_file(operation: &str) -> bool {
    matches!(operation, "download_file" | "put_direct_upload")
}

/// The whole answer, or what there is of it and that it was cut.
async fn read(mut response: Response) -> (http::Response<Bytes>, bool) {
    let mut body = BytesMut::new();
    let cut = loop {
        match response.chunk().await {
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    let mut reply = http::Response::new(body.freeze());
    *reply.status_mut() = response.status();
    let headers: &mut HeaderMap = response.headers_mut();
    *reply.headers_mut() = std::mem::take(headers);
    (reply, cut)
}
