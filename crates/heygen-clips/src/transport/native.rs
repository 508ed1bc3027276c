//! How requests leave a process: by `reqwest`, whose answers can be made of anything and read piece
//! by piece, and whose bodies can be streams.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::BoxStream;
use heygen_clips_openapi as raw;
use reqwest::multipart::Part;
use reqwest::{Body, ClientBuilder};

use super::TransportError;

pub(super) type Answer = reqwest::Response;

/// The caller's settings or ours.
pub(crate) fn settings(own: Option<ClientBuilder>, is_plain: bool) -> ClientBuilder {
    let ours = || raw::transport::client_builder().connect_timeout(Duration::from_secs(10));
    let builder = own.unwrap_or_else(ours);
    if is_plain {
        builder.no_proxy()
    } else {
        builder
    }
}

pub(super) fn execute(
    client: &reqwest::Client,
    request: reqwest::Request,
) -> impl Future<Output = reqwest::Result<Answer>> + Send + use<> {
    client.execute(request)
}

pub(super) async fn chunk(answer: &mut Answer) -> Result<Option<Bytes>, TransportError> {
    answer.chunk().await.map_err(TransportError::from_reqwest)
}

pub(super) fn streaming(
    head: http::Response<()>,
    body: BoxStream<'static, Result<Bytes, Box<dyn StdError + Send + Sync>>>,
) -> Answer {
    reqwest::Response::from(head.map(|()| Body::wrap_stream(body)))
}

pub(super) async fn into_http(
    request: reqwest::Request,
) -> Result<http::Request<Bytes>, TransportError> {
    let request = http::Request::<Body>::try_from(request).map_err(TransportError::from_reqwest)?;
    let (parts, body) = request.into_parts();
    // A response is what reads a body of any kind.
    let body = reqwest::Response::from(http::Response::new(body))
        .bytes()
        .await
        .map_err(TransportError::from_reqwest)?;
    Ok(http::Request::from_parts(parts, body))
}

pub(super) fn is_connect(error: &reqwest::Error) -> bool {
    error.is_connect()
}

/// A body of pieces, read when it is sent.
pub(crate) async fn body(pieces: BoxStream<'static, io::Result<Bytes>>) -> crate::Result<Body> {
    Ok(Body::wrap_stream(pieces))
}

/// A part of a form.
pub(crate) fn part(body: Body, length: u64) -> Part {
    Part::stream_with_length(body, length)
}
