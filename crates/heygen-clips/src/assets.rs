//! Source videos uploaded to the vendor, for jobs that cannot be given a public link.

mod content;
mod direct;
mod kind;
mod upload;

use std::io;
#[cfg(not(target_arch = "wasm32"))]
use std::path::PathBuf;

use bytes::Bytes;
use futures::stream::Stream;
use heygen_clips_openapi::ai_clipping::types;
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;

pub use content::UploadProgress;
pub use direct::PendingUpload;
pub use upload::Upload;

use crate::client::Client;
use crate::error::Result;
use crate::limits;

/// Uploaded files; from [`Client::assets`].
#[derive(Debug, Clone)]
pub struct Assets {
    client: Client,
}

impl Assets {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Uploads a file; see [`Upload`].
    ///
    /// ```no_run
    /// # async fn example(client: heygen_clips::Client) -> heygen_clips::Result<()> {
    /// use heygen_clips::CreateClips;
    ///
    /// let asset = client.assets().upload("talk.mp4").await?;
    /// let id = client.clips().create(CreateClips::from_asset(asset.asset_id)).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(not(target_arch = "wasm32"))]
    pub fn upload(&self, path: impl Into<PathBuf>) -> Upload {
        Upload::from_path(self.client.clone(), path.into())
    }

    /// Uploads bytes under a file name; see [`Upload`].
    pub fn upload_bytes(&self, file_name: impl Into<String>, content: impl Into<Bytes>) -> Upload {
        let source = content::Source::Bytes(content.into());
        Upload::new(self.client.clone(), source, Some(file_name.into()))
    }

    /// Uploads `length` bytes that come from a reader, under a file name; see [`Upload`] and
    /// [`Assets::upload_stream`].
    pub fn upload_reader(
        &self,
        file_name: impl Into<String>,
        length: u64,
        content: impl AsyncRead + Send + 'static,
    ) -> Upload {
        self.upload_stream(file_name, length, ReaderStream::new(content))
    }

    /// Uploads `length` bytes that come from a stream, under a file name; see [`Upload`]. The
    /// length has to be right: the vendor's store takes no upload of unknown length.
    pub fn upload_stream(
        &self,
        file_name: impl Into<String>,
        length: u64,
        content: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Upload {
        Upload::from_stream(self.client.clone(), file_name.into(), length, content)
    }

    /// Makes an asset of what [`Upload::send`] has sent. The store takes a moment to show it, which
    /// is waited for. May be said twice.
    ///
    /// # Errors
    ///
    /// [`Error::is_conflict`](crate::Error::is_conflict) when the bytes did not arrive, and
    /// [`Error::is_invalid_request`](crate::Error::is_invalid_request) when others did: upload the
    /// file again. [`Error::is_config`](crate::Error::is_config) when it was sent through another
    /// server than this client's.
    pub async fn complete(&self, pending: &PendingUpload) -> Result<types::UploadedAsset> {
        direct::complete(&self.client, pending).await
    }

    /// Reads what is known about an asset.
    pub async fn get(&self, id: impl AsRef<str>) -> Result<types::Asset> {
        let id = limits::id("asset_id", &id)?;
        let mut call = self.client.exchange();
        let raw = call.ai_clipping();
        let asset = call.answer(|| raw.get_asset().asset_id(id).send()).await?;
        call.require(asset.data)
    }

    /// Deletes an asset for good.
    pub async fn delete(&self, id: impl AsRef<str>) -> Result<()> {
        let id = limits::id("asset_id", &id)?;
        let mut call = self.client.exchange();
        let raw = call.ai_clipping();
        let deleted = call.answer(|| raw.delete_asset().asset_id(id).send()).await;
        let deleted = deleted.and_then(|answer| call.require(answer.data));
        call.deleted(deleted)
    }
}
