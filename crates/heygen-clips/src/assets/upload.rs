//! One file to the vendor, by whichever of the two ways its size allows.
//!
//! Up to 32 MB it goes as one multipart request. Larger files go straight to the vendor's store:
//! ask for a place, PUT the bytes there with exactly the headers given, then say that they are
//! there. The generator cannot make the multipart request, so it is made here, for the same
//! transport.

use std::fmt;
use std::future::IntoFuture;
use std::io;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::Stream;
use heygen_clips_openapi::ai_clipping::types;
use reqwest::Body;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use reqwest::multipart::{Form, Part};
use tokio_util::io::ReaderStream;
use uuid::Uuid;

use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::exchange::Envelope;
use crate::files::link;

/// Largest file of a multipart upload. The vendor says 32 MB without saying whether a MB has a
/// million bytes; this is below either.
const LARGEST_MULTIPART: u64 = 32_000_000;

/// The store takes a moment to show a file that was just put; the vendor then answers 409.
const COMPLETE_ATTEMPTS: u32 = 5;
const COMPLETE_PAUSE: Duration = Duration::from_millis(500);

/// Media types that the vendor takes, by file extension.
const TYPES: [(&str, &str); 9] = [
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("mp3", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("pdf", "application/pdf"),
    ("srt", "application/x-subrip"),
];

/// An upload that has not begun; `.await` it. Made by [`Assets::upload`](crate::Assets::upload)
/// and [`Assets::upload_stream`](crate::Assets::upload_stream).
///
/// The file is streamed, not read into memory. Above 32 MB it goes straight to the vendor's
/// store. Nothing is sent twice: an upload that breaks is an error.
#[must_use = "an upload does nothing until it is awaited"]
pub struct Upload {
    client: Client,
    source: Source,
    file_name: Option<String>,
    content_type: Option<String>,
}

enum Source {
    Path(PathBuf),
    Stream { length: u64, body: Body },
}

/// A source that was opened, with what the request has to say about it.
struct Content {
    file_name: String,
    content_type: String,
    length: u64,
    body: Body,
}

impl Upload {
    pub(super) fn from_path(client: Client, path: PathBuf) -> Self {
        Self {
            client,
            source: Source::Path(path),
            file_name: None,
            content_type: None,
        }
    }

    pub(super) fn from_stream(
        client: Client,
        file_name: String,
        length: u64,
        content: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        let source = Source::Stream {
            length,
            body: Body::wrap_stream(content),
        };
        Self {
            client,
            source,
            file_name: Some(file_name),
            content_type: None,
        }
    }

    /// Name under which the vendor shows it; the path's last part if not set.
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Media type such as `video/mp4`; found by the name's extension if not set.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    async fn run(self) -> Result<types::UploadedAsset> {
        let content = open(self.source, self.file_name, self.content_type).await?;
        if content.length <= LARGEST_MULTIPART {
            multipart(&self.client, content).await
        } else {
            direct(&self.client, content).await
        }
    }
}

impl IntoFuture for Upload {
    type Output = Result<types::UploadedAsset>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.run().boxed()
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

async fn open(
    source: Source,
    file_name: Option<String>,
    content_type: Option<String>,
) -> Result<Content> {
    let (own_name, length, body) = match source {
        Source::Stream { length, body } => (None, length, body),
        Source::Path(path) => {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            let (length, body) = open_file(&path).await?;
            (name, length, body)
        }
    };
    let file_name = file_name.or(own_name).unwrap_or_default();
    if file_name.trim().is_empty() {
        return Err(Error::invalid("filename", "the upload needs a file name"));
    }
    if length == 0 {
        return Err(Error::invalid("file", format!("{file_name} is empty")));
    }
    let content_type = content_type.or_else(|| by_extension(&file_name)).ok_or_else(|| {
        let known: Vec<_> = TYPES.iter().map(|(extension, _)| *extension).collect();
        let message = format!(
            "the type of {file_name} is unknown: give content_type, or one of the extensions {}",
            known.join(", ")
        );
        Error::invalid("content_type", message)
    })?;
    Ok(Content {
        file_name,
        content_type,
        length,
        body,
    })
}

async fn open_file(path: &Path) -> Result<(u64, Body)> {
    let cannot = |error| Error::file(format!("cannot read {}", path.display()), error);
    let file = tokio::fs::File::open(path).await.map_err(cannot)?;
    let metadata = file.metadata().await.map_err(cannot)?;
    if !metadata.is_file() {
        return Err(cannot(io::Error::other("it is not a regular file")));
    }
    Ok((metadata.len(), Body::wrap_stream(ReaderStream::new(file))))
}

fn by_extension(file_name: &str) -> Option<String> {
    let (_, extension) = file_name.rsplit_once('.')?;
    let (_, media) = TYPES
        .iter()
        .find(|(known, _)| extension.eq_ignore_ascii_case(known))?;
    Some((*media).to_owned())
}

async fn multipart(client: &Client, content: Content) -> Result<types::UploadedAsset> {
    let shared = client.shared();
    let part = Part::stream_with_length(content.body, content.length)
        .file_name(content.file_name)
        .mime_str(&content.content_type)
        .map_err(|_| Error::invalid("content_type", "content_type is not a media type"))?;
    let request = shared
        .requests
        .post(format!("{}/v3/assets", shared.base))
        .header("Idempotency-Key", Uuid::new_v4().to_string())
        .multipart(Form::new().part("file", part))
        .build()
        .map_err(Error::from_reqwest)?;
    let call = client.exchange();
    let mut request = Some(request);
    let once = || request.take().map(|request| async { Ok(request) });
    let uploaded: Envelope<types::UploadedAsset> = call.send("upload_asset", once).await?;
    call.require(uploaded.data)
}

async fn direct(client: &Client, content: Content) -> Result<types::UploadedAsset> {
    let place = begin(client, &content).await?;
    if u64::try_from(place.max_bytes).is_ok_and(|most| content.length > most) {
        let (length, most) = (content.length, place.max_bytes);
        let message = format!("the file has {length} bytes, the vendor takes at most {most}");
        return Err(Error::invalid("size_bytes", message));
    }
    put(client, &place, content).await?;
    complete(client, &place.asset_id).await
}

async fn begin(client: &Client, content: &Content) -> Result<types::DirectUpload> {
    let size = NonZeroU64::new(content.length)
        .ok_or_else(|| Error::invalid("size_bytes", "the file is empty"))?;
    let call = client.exchange();
    let raw = call.ai_clipping();
    let request = raw.create_direct_upload().body_map(|body| {
        body.filename(content.file_name.as_str())
            .content_type(content.content_type.as_str())
            .size_bytes(size)
    });
    let place = call.answer(|| request.clone().send()).await?;
    call.require(place.data)
}

/// The bytes to the store: with the headers that it asked for and no other, above all no key.
async fn put(client: &Client, place: &types::DirectUpload, content: Content) -> Result<()> {
    let headers = headers(place, content.length)?;
    let status = link::put(client, &place.upload_url, headers, content.body).await?;
    if !status.is_success() {
        let message = format!("the file store refused {}", content.file_name);
        return Err(Error::new(Kind::Download, message).with_status(status));
    }
    Ok(())
}

fn headers(place: &types::DirectUpload, length: u64) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    for (name, value) in &place.upload_headers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        else {
            let message = format!("the server asks for an impossible upload header: {name:?}");
            return Err(Error::new(Kind::BadResponse, message));
        };
        headers.insert(name, value);
    }
    Ok(headers)
}

async fn complete(client: &Client, asset_id: &str) -> Result<types::UploadedAsset> {
    let mut attempt = 1;
    loop {
        let call = client.exchange();
        let raw = call.ai_clipping();
        let request = raw
            .complete_direct_upload()
            .asset_id(asset_id)
            .body_map(|body| body);
        match call.answer(|| request.clone().send()).await {
            Ok(completed) => {
                let asset = call.require(completed.data)?;
                return Ok(types::UploadedAsset {
                    asset_id: asset.asset_id,
                    url: asset.url,
                    mime_type: asset.mime_type,
                    size_bytes: asset.size_bytes,
                    extra: asset.extra,
                });
            }
            Err(error) if error.is_conflict() && attempt < COMPLETE_ATTEMPTS => {
                tokio::time::sleep(COMPLETE_PAUSE * attempt).await;
                attempt += 1;
            }
            Err(error) => return Err(error),
        }
    }
}
