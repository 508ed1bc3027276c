//! What a server does with one request: which answer it gives, how slowly, and how much of it.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::stream;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::transport::{Fault, Response, TransportError};

/// An answer of HTTP with its whole body.
pub type Reply = http::Response<Bytes>;

/// What a [`Server`](super::Server) does with a request. Made of a [`Reply`] or a
/// [`TransportError`] too.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use heygen_clips::testing::Answer;
/// use serde_json::json;
///
/// let job = Answer::data(&json!({ "id": "clip_1", "status": "running", "clips": [] }));
/// let late = job.clone().after(Duration::from_secs(2));
/// let half = job.clone().cut_after(20);
/// let slow = job.clone().slowly(8, Duration::from_millis(100));
/// let tomorrow = job.with_unknown("status");
/// let busy = Answer::rate_limited_until(SystemTime::now() + Duration::from_secs(3));
/// let broken = Answer::reset();
/// ```
#[derive(Clone)]
pub struct Answer {
    pub(super) act: Act,
    pub(super) after: Duration,
}

#[derive(Clone)]
pub(super) enum Act {
    Reply { reply: Reply, manner: Manner },
    Fail { fault: Fault, cause: String },
    Silence,
}

/// How a body is sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Manner {
    Whole,
    /// So many bytes of it; then the connection breaks.
    Cut(usize),
    /// In pieces of so many bytes, with a pause before each.
    Slowly(usize, Duration),
}

impl Answer {
    /// An answer with this status and body.
    ///
    /// # Panics
    ///
    /// When `status` is none: not between 100 and 999.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        let mut reply = Reply::new(body.into());
        *reply.status_mut() = StatusCode::from_u16(status).expect("a status between 100 and 999");
        Self::from(reply)
    }

    /// JSON with this status.
    ///
    /// # Panics
    ///
    /// As [`Answer::new`].
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, body.to_string()).header("content-type", "application/json")
    }

    /// A success with this as its `data`.
    pub fn data(data: &Value) -> Self {
        Self::json(200, &json!({ "data": data }))
    }

    /// A refusal in the vendor's form.
    ///
    /// # Panics
    ///
    /// As [`Answer::new`].
    pub fn refusal(status: u16, code: &str, message: &str) -> Self {
        let error = json!({ "code": code, "message": message });
        Self::json(status, &json!({ "error": error }))
    }

    /// 429 with a date in `Retry-After`.
    pub fn rate_limited_until(time: SystemTime) -> Self {
        let date = httpdate::fmt_http_date(time);
        Self::refusal(429, "rate_limited", "too many requests").header("retry-after", &date)
    }

    /// 502 with a page of HTML, as gateways answer.
    pub fn bad_gateway() -> Self {
        let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
        Self::new(502, page).header("content-type", "text/html")
    }

    /// 403 with XML, as stores of files answer to a signed link that has expired.
    pub fn expired_link() -> Self {
        let body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
        Self::new(403, body).header("content-type", "application/xml")
    }

    /// The connection breaks before anything is answered. The request may have been acted on.
    pub fn reset() -> Self {
        Self::from(TransportError::broken("connection reset by peer"))
    }

    /// Nothing comes, and the connection stays open.
    pub fn silence() -> Self {
        Self::of(Act::Silence)
    }

    /// With a header more.
    ///
    /// # Panics
    ///
    /// When the name or the value is none of HTTP's.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a name of a header");
        let value = HeaderValue::try_from(value).expect("a value of a header");
        if let Act::Reply { reply, .. } = &mut self.act {
            reply.headers_mut().insert(name, value);
        }
        self
    }

    /// With a value that no document has, wherever the JSON body has a text under `field`.
    #[must_use]
    pub fn with_unknown(mut self, field: &str) -> Self {
        if let Act::Reply { reply, .. } = &mut self.act
            && let Ok(mut body) = serde_json::from_slice(reply.body())
        {
            replace(&mut body, field);
            *reply.body_mut() = body.to_string().into();
        }
        self
    }

    /// The head says the whole length; after so many bytes the connection breaks.
    #[must_use]
    pub fn cut_after(self, bytes: usize) -> Self {
        self.manner(Manner::Cut(bytes))
    }

    /// The body comes in pieces of so many bytes, each after a pause.
    #[must_use]
    pub fn slowly(self, piece: usize, pause: Duration) -> Self {
        self.manner(Manner::Slowly(piece.max(1), pause))
    }

    /// Begins only after this time.
    #[must_use]
    pub fn after(mut self, time: Duration) -> Self {
        self.after = time;
        self
    }

    /// Does it, for a [`Transport`](crate::Transport) of one's own.
    ///
    /// # Errors
    ///
    /// When that is what it does.
    pub async fn into_response(self) -> Result<Response, TransportError> {
        if !self.after.is_zero() {
            tokio::time::sleep(self.after).await;
        }
        let (reply, manner) = match self.act {
            Act::Reply { reply, manner } => (reply, manner),
            Act::Fail { fault, cause } => return Err(TransportError::new(fault, cause)),
            Act::Silence => return std::future::pending().await,
        };
        let (mut head, body) = reply.into_parts();
        if matches!(manner, Manner::Whole) {
            return Ok(Response::from(http::Response::from_parts(head, body)));
        }
        let length = head.headers.entry(CONTENT_LENGTH);
        length.or_insert_with(|| HeaderValue::from(body.len()));
        let head = http::Response::from_parts(head, ());
        Ok(match manner {
            Manner::Slowly(piece, pause) => {
                let pieces = stream::unfold(body, move |mut rest| async move {
                    if rest.is_empty() {
                        return None;
                    }
                    tokio::time::sleep(pause).await;
                    let next = rest.split_to(piece.min(rest.len()));
                    Some((Ok::<_, std::io::Error>(next), rest))
                });
                Response::streaming(head, pieces)
            }
            Manner::Cut(bytes) => {
                let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
                let begun = body.slice(..bytes.min(body.len()));
                Response::streaming(head, stream::iter([Ok(begun), Err(reset)]))
            }
            Manner::Whole => unreachable!("answered above"),
        })
    }

    fn of(act: Act) -> Self {
        Self {
            act,
            after: Duration::ZERO,
        }
    }

    fn manner(mut self, new: Manner) -> Self {
        if let Act::Reply { manner, .. } = &mut self.act {
            *manner = new;
        }
        self
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::of(Act::Reply {
            reply,
            manner: Manner::Whole,
        })
    }
}

impl From<TransportError> for Answer {
    fn from(error: TransportError) -> Self {
        Self::of(Act::Fail {
            fault: error.fault(),
            cause: error.into_cause().to_string(),
        })
    }
}

impl<A: Into<Answer>> From<Result<A, TransportError>> for Answer {
    fn from(result: Result<A, TransportError>) -> Self {
        result.map_or_else(Self::from, Into::into)
    }
}

/// Without the body, which may have signed links.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.act {
            Act::Reply { reply, manner } => f
                .debug_struct("Answer")
                .field("status", &reply.status())
                .field("content_type", &reply.headers().get(CONTENT_TYPE))
                .field("retry_after", &reply.headers().get(RETRY_AFTER))
                .field("body", manner)
                .field("after", &self.after)
                .finish(),
            Act::Fail { fault, cause } => write!(f, "Answer({fault:?}: {cause})"),
            Act::Silence => f.write_str("Answer(silence)"),
        }
    }
}

fn replace(value: &mut Value, field: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, field)),
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == field && value.is_string() {
                    *value = json!("value_of_tomorrow");
                } else {
                    replace(value, field);
                }
            }
        }
        _ => {}
    }
}
