//! How requests leave a browser: by its `fetch`, which takes whole bodies only, follows redirects by
//! its own rules, and says nothing of proxies and connections.

use std::error::Error as StdError;
use std::io;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use heygen_clips_openapi as raw;
use reqwest::multipart::Part;
use reqwest::{Body, ClientBuilder};
use send_wrapper::SendWrapper;

use super::TransportError;
use crate::error::Error;

type Piece = Result<Bytes, Box<dyn StdError + Send + Sync>>;

/// An answer, of `fetch` or made up: `reqwest` has only the first there.
pub(super) struct Answer {
    head: http::Response<()>,
    length: Option<u64>,
    body: BoxStream<'static, Piece>,
}

impl Answer {
    pub(super) fn status(&self) -> http::StatusCode {
        self.head.status()
    }

    pub(super) fn headers(&self) -> &http::HeaderMap {
        self.head.headers()
    }

    pub(super) fn headers_mut(&mut self) -> &mut http::HeaderMap {
        self.head.headers_mut()
    }

    pub(super) fn content_length(&self) -> Option<u64> {
        self.length
    }
}

impl<B: Into<Bytes>> From<http::Response<B>> for Answer {
    fn from(response: http::Response<B>) -> Self {
        let (parts, body) = response.into_parts();
        let body: Bytes = body.into();
        Self {
            length: Some(body.len() as u64),
            head: http::Response::from_parts(parts, ()),
            body: stream::iter([Ok(body)]).boxed(),
        }
    }
}

/// The caller's settings or ours.
pub(crate) fn settings(own: Option<ClientBuilder>, _is_plain: bool) -> ClientBuilder {
    own.unwrap_or_else(raw::transport::client_builder)
}

pub(super) fn execute(
    client: &reqwest::Client,
    request: reqwest::Request,
) -> impl Future<Output = reqwest::Result<Answer>> + Send + use<> {
    let sent = client.execute(request);
    SendWrapper::new(async move {
        let response = sent.await?;
        let mut head = http::Response::new(());
        *head.status_mut() = response.status();
        *head.headers_mut() = response.headers().clone();
        let length = response.content_length();
        let body = response.bytes_stream().map_err(Into::into);
        Ok(Answer {
            head,
            length,
            body: SendWrapper::new(body).boxed(),
        })
    })
}

pub(super) async fn chunk(answer: &mut Answer) -> Result<Option<Bytes>, TransportError> {
    answer.body.try_next().await.map_err(TransportError::broken)
}

pub(super) fn streaming(head: http::Response<()>, body: BoxStream<'static, Piece>) -> Answer {
    Answer {
        head,
        length: None,
        body,
    }
}

pub(super) async fn into_http(
    request: reqwest::Request,
) -> Result<http::Request<Bytes>, TransportError> {
    let body = match request.body() {
        None => Bytes::new(),
        Some(body) => match body.as_bytes() {
            Some(bytes) => Bytes::copy_from_slice(bytes),
            None => return Err(TransportError::broken("a form cannot be read in a browser")),
        },
    };
    let mut whole = http::Request::new(body);
    *whole.method_mut() = request.method().clone();
    *whole.uri_mut() = request
        .url()
        .as_str()
        .parse()
        .map_err(TransportError::broken)?;
    *whole.headers_mut() = request.headers().clone();
    Ok(whole)
}

/// `fetch` does not tell.
pub(super) fn is_connect(_: &reqwest::Error) -> bool {
    false
}

/// A body of pieces, read before it is sent.
pub(crate) async fn body(mut pieces: BoxStream<'static, io::Result<Bytes>>) -> crate::Result<Body> {
    let cannot = |error| Error::file("cannot read what is to be uploaded", error);
    let mut whole = BytesMut::new();
    while let Some(piece) = pieces.try_next().await.map_err(cannot)? {
        whole.extend_from_slice(&piece);
    }
    Ok(Body::from(whole.freeze()))
}

/// A part of a form.
pub(crate) fn part(body: Body, _length: u64) -> Part {
    Part::stream(body)
}
