//! Requests to signed links.
//!
//! A signed link is a credential of its own and leads to a store of files, not to the API: no key
//! is attached, no header is added (it would break the signature), and no message repeats the
//! link. Redirects are followed here, hop by hop, because the API's client follows none.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::LOCATION;
use reqwest::{Method, Url};

use crate::client::{Client, Shared};
use crate::config::is_safe;
use crate::error::{Error, Kind, Result};
use crate::transport::{Request, Response};

const MOST_REDIRECTS: usize = 5;

/// An open answer to a `GET` of a link; its body is read a piece at a time.
pub(super) struct Opened {
    pub(super) response: Response,
    silence: Duration,
}

/// Opens a link, following redirects to wherever is safe. Any status is an answer.
pub(super) async fn open(client: &Client, link: &str) -> Result<Opened> {
    let shared = client.shared();
    let mut url = parse(link)?;
    for _ in 0..=MOST_REDIRECTS {
        let request = reqwest::Request::new(Method::GET, url.clone());
        let response = within(
            client.timeouts().read,
            send(shared, "download_file", request),
        )
        .await?;
        let target = response
            .headers()
            .get(LOCATION)
            .filter(|_| response.status().is_redirection());
        let Some(target) = target else {
            return Ok(Opened {
                response,
                silence: client.timeouts().read,
            });
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

impl Opened {
    /// The next piece of the body, `None` at its end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        let chunk = async { self.response.chunk().await.map_err(Error::from_transport) };
        within(self.silence, chunk).await
    }
}

/// Checks a link and makes it a URL.
pub(crate) fn parse(link: &str) -> Result<Url> {
    let url = Url::parse(link).map_err(|_| failure("the server gave a link that is not a URL"))?;
    if !is_safe(&url) {
        return Err(failure(format!(
            "the server gave a link with {}:// to a host that is not this machine",
            url.scheme()
        )));
    }
    Ok(url)
}

/// Sends without credential.
pub(crate) async fn send(
    shared: &Shared,
    operation: &'static str,
    request: reqwest::Request,
) -> Result<Response> {
    shared
        .transport
        .send(Request::new(operation, request))
        .await
        .map_err(Error::from_transport)
}

/// Bounds something by time.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        let seconds = limit.as_secs_f64();
        Err(Error::new(
            Kind::Timeout,
            format!("the file store was silent for {seconds} s"),
        ))
    })
}

pub(super) fn failure(message: impl Into<String>) -> Error {
    Error::new(Kind::Download, message)
}
