//! One file to the vendor, by whichever of the two ways its size allows: up to 32 MB as one
//! multipart request, above straight to the store (`direct`). The generator cannot make the
//! multipart request, so it is made here, for the same transport.

use std::fmt;
use std::future::IntoFuture;
use std::io;
#[cfg(not(target_arch = "wasm32"))]
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{Stream, StreamExt};
use heygen_clips_openapi::ai_clipping::types;
use reqwest::multipart::Form;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::content::{About, Content, Source, UploadProgress, Watcher};
use super::direct::{self, PendingUpload};
use super::kind;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::exchange::Envelope;
use crate::transport::{body, part};

/// Largest file of a multipart upload. The vendor says 32 MB without saying whether a MB has a
/// million bytes; this is below either.
const LARGEST_MULTIPART: u64 = 32_000_000;

/// An upload that has not begun; `.await` it. Made by [`Assets::upload`](crate::Assets::upload) and
/// its siblings for bytes, readers and streams.
///
/// The file is streamed, not read into memory. What it is, is seen from its first bytes, or else
/// from its name. Above 32 MB, or [if asked to](Upload::direct), it goes straight to the vendor's
/// store, with its SHA-256.
///
/// An upload that breaks is sent again as [`Retries`](crate::Retries) say, from its first byte. A
/// stream or reader can be read only once, so its upload is not.
///
/// ```no_run
/// # async fn example(client: heygen_clips::Client) -> heygen_clips::Result<()> {
/// let upload = client.assets().upload("talk.mp4").on_progress(|now| {
///     eprintln!("{} of {} bytes", now.bytes, now.total);
/// });
/// println!("{}", upload.await?.asset_id);
/// # Ok(())
/// # }
/// ```
#[must_use = "an upload does nothing until it is awaited"]
pub struct Upload {
    client: Client,
    source: Source,
    file_name: Option<String>,
    content_type: Option<String>,
    direct: Option<bool>,
    watcher: Option<Watcher>,
}

impl Upload {
    pub(super) fn new(client: Client, source: Source, file_name: Option<String>) -> Self {
        Self {
            client,
            source,
            file_name,
            content_type: None,
            direct: None,
            watcher: None,
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn from_path(client: Client, path: PathBuf) -> Self {
        let name = path.file_name();
        let name = name.map(|name| name.to_string_lossy().into_owned());
        Self::new(client, Source::Path(path), name)
    }

    pub(super) fn from_stream(
        client: Client,
        file_name: String,
        length: u64,
        content: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        let pieces = Some(content.boxed());
        Self::new(client, Source::Stream { length, pieces }, Some(file_name))
    }

    /// Name under which the vendor shows it; the path's last part if not set.
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Media type such as `video/mp4`; found by the bytes, or else the name's extension, if not
    /// set.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Whether to send it straight to the vendor's store (default: if it has more than 32 MB).
    pub fn direct(mut self, direct: bool) -> Self {
        self.direct = Some(direct);
        self
    }

    /// Called with each piece that leaves.
    pub fn on_progress(mut self, watcher: impl Fn(UploadProgress) + Send + Sync + 'static) -> Self {
        self.watcher = Some(Arc::new(watcher));
        self
    }

    /// Sends the bytes straight to the vendor's store and leaves it there, so that
    /// [`Assets::complete`](crate::Assets::complete) can make it an asset, in another process if
    /// need be.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_request`] when the vendor does not take a file of that size or kind.
    pub async fn send(self) -> Result<PendingUpload> {
        let (client, content, _) = self.prepare().await?;
        direct::send(&client, content).boxed().await
    }

    async fn run(self) -> Result<types::UploadedAsset> {
        let (client, content, is_direct) = self.prepare().await?;
        let length = content.about.length;
        if is_direct.unwrap_or(length > LARGEST_MULTIPART) {
            let pending = direct::send(&client, content).await?;
            return direct::complete(&client, &pending).await;
        }
        if length > LARGEST_MULTIPART {
            let message = format!(
                "the file has {length} bytes, in one request the vendor takes at most \
                 {LARGEST_MULTIPART}: send it with direct(true)"
            );
            return Err(Error::invalid("file", message));
        }
        multipart(&client, content).await
    }

    async fn prepare(mut self) -> Result<(Client, Content, Option<bool>)> {
        let file_name = self.file_name.unwrap_or_default();
        if file_name.trim().is_empty() {
            return Err(Error::invalid("filename", "the upload needs a file name"));
        }
        let length = self.source.length().await?;
        if length == 0 {
            return Err(Error::invalid("file", format!("{file_name} is empty")));
        }
        let content_type = match self.content_type {
            Some(given) => given,
            None => kind::of(&self.source.head().await?, &file_name)?.to_owned(),
        };
        let content = Content {
            about: About {
                file_name,
                content_type,
                length,
            },
            source: self.source,
            watcher: self.watcher,
        };
        Ok((self.client, content, self.direct))
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
            .field("direct", &self.direct)
            .finish_non_exhaustive()
    }
}

/// Under one key, so that what is sent again is one asset.
async fn multipart(client: &Client, content: Content) -> Result<types::UploadedAsset> {
    let key = Uuid::new_v4().to_string();
    let can_repeat = content.source.can_repeat();
    let content = Arc::new(Mutex::new(content));
    let request = || {
        let (content, key) = (Arc::clone(&content), key.clone());
        async move { build(client, &mut *content.lock().await, key).await }
    };
    let mut call = client.exchange();
    let uploaded: Envelope<types::UploadedAsset> =
        call.send("upload_asset", can_repeat, request).await?;
    call.require(uploaded.data)
}

async fn build(client: &Client, content: &mut Content, key: String) -> Result<reqwest::Request> {
    let pieces = content.open(None).await?;
    let about = &content.about;
    let part = part(body(pieces).await?, about.length)
        .file_name(about.file_name.clone())
        .mime_str(&about.content_type)
        .map_err(|_| Error::invalid("content_type", "content_type is not a media type"))?;
    let shared = client.shared();
    shared
        .requests
        .http
        .post(format!("{}/v3/assets", shared.base))
        .header("Idempotency-Key", key)
        .multipart(Form::new().part("file", part))
        .build()
        .map_err(Error::from_reqwest)
}
