//! How requests leave: the seam where tests, recordings and servers in the same process are plugged in.
//!
//! A [`Transport`] carries one request to the server and brings one answer back. Credentials,
//! retries and time limits are not its business: they are the client's, and hold for every
//! transport.

use std::error::Error as StdError;
use std::fmt;

use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::{Stream, StreamExt};
use heygen_clips_openapi as raw;

#[cfg_attr(target_arch = "wasm32", path = "transport/web.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "transport/native.rs")]
mod way;

pub(crate) use way::{body, part, settings};

/// What [`Transport::send`] returns.
pub type Sending<'a> = BoxFuture<'a, Result<Response, TransportError>>;

/// Carries a request to the server and brings the answer back.
///
/// [`Http`] is one. Another answers in the same process, or passes on to a second one:
///
/// ```
/// use heygen_clips::{Client, Request, Response, Sending, Transport};
///
/// /// Answers everything with 503.
/// struct Down;
///
/// impl Transport for Down {
///     fn send(&self, request: Request) -> Sending<'_> {
///         println!("{} {}", request.method(), request.operation());
///         let answer = http::Response::builder().status(503).body("").expect("valid parts");
///         Box::pin(async move { Ok(Response::from(answer)) })
///     }
/// }
///
/// # fn main() -> heygen_clips::Result<()> {
/// let client = Client::builder().api_key("any").transport(Down).build()?;
/// # Ok(())
/// # }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends `request`. A status of an error is an answer like any other.
    ///
    /// # Errors
    ///
    /// When no answer came. Which error it is decides whether the call is sent again: see
    /// [`TransportError::not_connected`].
    fn send(&self, request: Request) -> Sending<'_>;
}

/// A request on its way. It carries the credential; `Debug` shows none of its headers.
pub struct Request {
    operation: &'static str,
    inner: reqwest::Request,
}

/// An answer, whose body may still be under way. `Debug` shows its status alone: where it came from may
/// be a signed link, and where it leads.
pub struct Response(way::Answer);

/// Why no answer came, or only the beginning of one.
#[derive(Debug)]
pub struct TransportError {
    fault: Fault,
    cause: Box<dyn StdError + Send + Sync>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    NotConnected,
    Broken,
    TimedOut,
}

/// The network, with the TLS that this crate's features choose. It follows no redirects, so that
/// no key goes where it was not sent.
#[derive(Debug, Clone)]
pub struct Http {
    http: raw::transport::Http,
    /// For connections that are not encrypted: these go through no proxy.
    plain: Option<raw::transport::Http>,
}

impl Request {
    pub(crate) fn new(operation: &'static str, inner: reqwest::Request) -> Self {
        Self { operation, inner }
    }

    /// What it is for: an operation of the documents as the generated clients spell it
    /// (`create_clip_job`), or `download_file` and `put_direct_upload` for signed links.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// `GET`, `POST` and so on.
    pub fn method(&self) -> &http::Method {
        self.inner.method()
    }

    /// Where to. For a signed link this is a credential.
    pub fn url(&self) -> &str {
        self.inner.url().as_str()
    }

    /// The headers, the credential among them.
    pub fn headers(&self) -> &http::HeaderMap {
        self.inner.headers()
    }

    /// The body, if it is not read from a file or stream.
    pub fn body(&self) -> Option<&[u8]> {
        self.inner.body()?.as_bytes()
    }

    /// The request in the terms of the `http` crate, with its body read to the end, for a server in
    /// the same process.
    ///
    /// # Errors
    ///
    /// When the body cannot be read.
    pub async fn into_http(self) -> Result<http::Request<Bytes>, TransportError> {
        way::into_http(self.inner).await
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation)
            .field("method", self.method())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

impl Response {
    /// An answer whose body comes piece by piece.
    pub fn streaming<E: Into<Box<dyn StdError + Send + Sync>> + 'static>(
        head: http::Response<()>,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Self {
        let body = body.map(|piece| piece.map_err(Into::into));
        Self(way::streaming(head, body.boxed()))
    }

    /// Its status.
    pub fn status(&self) -> http::StatusCode {
        self.0.status()
    }

    /// Its headers.
    pub fn headers(&self) -> &http::HeaderMap {
        self.0.headers()
    }

    /// The next piece of the body, `None` at its end.
    ///
    /// # Errors
    ///
    /// When the connection broke before the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        way::chunk(&mut self.0).await
    }

    /// How many bytes the whole body has, if the server said so.
    pub fn content_length(&self) -> Option<u64> {
        self.0.content_length()
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn into_inner(self) -> reqwest::Response {
        self.0
    }

    pub(crate) fn headers_mut(&mut self) -> &mut http::HeaderMap {
        self.0.headers_mut()
    }
}

impl<B: Into<Bytes>> From<http::Response<B>> for Response {
    fn from(response: http::Response<B>) -> Self {
        Self(response.map(B::into).into())
    }
}

impl TransportError {
    /// The connection could not be made, so that the server has seen nothing of the request: any
    /// call may be sent again.
    pub fn not_connected(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Fault::NotConnected, cause)
    }

    /// The connection broke after the request had begun to leave: the server may have acted on it.
    pub fn broken(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Fault::Broken, cause)
    }

    /// A time limit ran out, with the same doubt as [`TransportError::broken`].
    pub fn timed_out(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Fault::TimedOut, cause)
    }

    pub(crate) fn fault(&self) -> Fault {
        self.fault
    }

    pub(crate) fn into_cause(self) -> Box<dyn StdError + Send + Sync> {
        self.cause
    }

    /// As an error of the generated clients' transport, which only `reqwest` can make.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) async fn into_reqwest(self) -> reqwest::Error {
        let cause = match self.cause.downcast::<reqwest::Error>() {
            Ok(error) => return *error,
            Err(cause) => cause,
        };
        let broken = futures::stream::once(async { Err::<Bytes, _>(cause) });
        let body = reqwest::Body::wrap_stream(broken);
        match reqwest::Response::from(http::Response::new(body))
            .bytes()
            .await
        {
            Err(error) => error,
            Ok(_) => unreachable!("a body that is nothing but an error"),
        }
    }

    pub(crate) fn new(fault: Fault, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            fault,
            cause: cause.into(),
        }
    }

    /// The URL is taken out: it may be a signed link.
    pub(crate) fn from_reqwest(error: reqwest::Error) -> Self {
        let fault = if way::is_connect(&error) {
            Fault::NotConnected
        } else if error.is_timeout() {
            Fault::TimedOut
        } else {
            Fault::Broken
        };
        Self::new(fault, error.without_url())
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.fault {
            Fault::NotConnected => "no connection",
            Fault::Broken => "no complete answer",
            Fault::TimedOut => "no answer in time",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.cause)
    }
}

impl Http {
    /// With the settings of this crate.
    ///
    /// # Errors
    ///
    /// [`Error::is_config`](crate::Error::is_config) when TLS cannot be set up.
    pub fn new() -> crate::Result<Self> {
        Ok(Self {
            http: crate::exchange::http(None, "https://")?,
            plain: Some(crate::exchange::http(None, "http://")?),
        })
    }

    /// For one server.
    pub(crate) fn from_raw(http: raw::transport::Http) -> Self {
        Self { http, plain: None }
    }
}

impl Transport for Http {
    fn send(&self, request: Request) -> Sending<'_> {
        let plain = self.plain.as_ref();
        let plain = plain.filter(|_| request.url().starts_with("http://"));
        let sent = way::execute(plain.unwrap_or(&self.http).client(), request.inner);
        Box::pin(sent.map(|sent| sent.map(Response).map_err(TransportError::from_reqwest)))
    }
}
