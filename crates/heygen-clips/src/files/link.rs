//! Requests to signed links: the one place where files touch the transport.
//!
//! A signed link is a credential of its own and leads to a store of files, not to the API: no key
//! is attached, only headers that the caller names go along (others would break the signature), and
//! no message repeats the link. Redirects are followed here, hop by hop, because the API's client
//! follows none. What an answer means is the caller's business.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, LOCATION};
use reqwest::{Body, Method, StatusCode, Url};

use crate::client::Client;
use crate::config::is_safe;
use crate::error::{Error, Kind, Result};
use crate::exchange::retry_after;
use crate::platform;
use crate::telemetry::{Server, Span};
use crate::transport::{Request, Response};

const MOST_REDIRECTS: usize = 5;

/// An answer whose body is still under way.
pub(super) struct Answer {
    response: Response,
    silence: Duration,
}

/// Opens a link, following redirects to wherever is safe. Any status is an answer.
pub(super) async fn get(client: &Client, link: &str, headers: &HeaderMap) -> Result<Answer> {
    let silence = client.timeouts().read;
    let mut url = parse(link)?;
    for _ in 0..=MOST_REDIRECTS {
        let mut request = reqwest::Request::new(Method::GET, url.clone());
        *request.headers_mut() = headers.clone();
        let response = within(silence, send(client, "download_file", request)).await?;
        let target = response
            .headers()
            .get(LOCATION)
            .filter(|_| response.status().is_redirection());
        let Some(target) = target else {
            return Ok(Answer { response, silence });
        };
        url = target
            .to_str()
            .ok()
            .and_then(|target| url.join(target).ok())
            .filter(is_safe)
            .ok_or_else(|| failure("the link redirects to where it is not safe to follow"))?;
    }
    Err(failure(format!(
        "the link redirects more than {MOST_REDIRECTS} times"
    )))
}

/// Sends a body to a link with exactly these headers. Any status is an answer, with how long to wait
/// if it says so; a redirect too, since a body is given to nobody but whom it was meant for.
pub(crate) async fn put(
    client: &Client,
    link: &str,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Option<Duration>)> {
    let mut request = reqwest::Request::new(Method::PUT, parse(link)?);
    *request.headers_mut() = headers;
    *request.body_mut() = Some(body);
    let limit = client.timeouts().upload;
    let sent = platform::timeout(limit, send(client, "put_direct_upload", request)).await;
    let response = sent.unwrap_or_else(|_| {
        let seconds = limit.as_secs_f64();
        let message =
            format!("the upload was not complete after {seconds} s, which is its time limit");
        Err(Error::new(Kind::Timeout, message))
    })?;
    Ok((
        response.status(),
        retry_after(response.status(), response.headers()),
    ))
}

impl Answer {
    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// How long to wait before asking again.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        retry_after(self.status(), self.response.headers())
    }

    /// How long the body is, by the header or else by what the transport knows.
    pub(super) fn length(&self) -> Option<u64> {
        let told = self.header(&CONTENT_LENGTH);
        told.and_then(|length| length.parse().ok())
            .or_else(|| self.response.content_length())
    }

    /// The next piece of the body, `None` at its end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        let chunk = async { self.response.chunk().await.map_err(Error::from_transport) };
        within(self.silence, chunk).await
    }
}

async fn send(
    client: &Client,
    operation: &'static str,
    request: reqwest::Request,
) -> Result<Response> {
    let call = Span::call(operation, "(signed link)", &Server::of(request.url()));
    let span = call.attempt(0, request.method());
    let request = Request::new(operation, request);
    let sent = span.around(client.shared().transport.send(request)).await;
    if let Ok(response) = &sent {
        span.answered(response.status(), || None);
    }
    sent.map_err(Error::from_transport)
}

/// Checks a link and makes it a URL.
fn parse(link: &str) -> Result<Url> {
    let url = Url::parse(link).map_err(|_| failure("the server gave a link that is not a URL"))?;
    if !is_safe(&url) {
        return Err(failure(format!(
            "the server gave a link with {}:// to a host that is not this machine",
            url.scheme()
        )));
    }
    Ok(url)
}

/// Bounds something by time. To be silent for too long is to have lost the connection.
async fn within<T>(limit: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    platform::timeout(limit, work).await.unwrap_or_else(|_| {
        let seconds = limit.as_secs_f64();
        let message = format!("the file store was silent for {seconds} s");
        Err(Error::new(Kind::Network, message))
    })
}

pub(super) fn failure(message: impl Into<String>) -> Error {
    Error::new(Kind::Download, message)
}
