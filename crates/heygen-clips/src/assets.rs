//! Source videos uploaded to the vendor, for jobs that cannot be given a public link.

mod upload;

use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use futures::stream::Stream;
use heygen_clips_openapi::ai_clipping::types;

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
    pub fn upload(&self, path: impl Into<PathBuf>) -> Upload {
        Upload::from_path(self.client.clone(), path.into())
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

    /// Reads what is known about an asset.
    pub async fn get(&self, id: impl AsRef<str>) -> Result<types::Asset> {
        let id = limits::id("asset_id", &id)?;
        let call = self.client.exchange();
        let raw = call.ai_clipping();
        let asset = call.answer(|| raw.get_asset().asset_id(id).send()).await?;
        call.require(asset.data)
    }

    /// Deletes an asset for good.
    pub async fn delete(&self, id: impl AsRef<str>) -> Result<()> {
        let id = limits::id("asset_id", &id)?;
        let call = self.client.exchange();
        let raw = call.ai_clipping();
        let deleted = call.answer(|| raw.delete_asset().asset_id(id).send()).await;
        let deleted = deleted.and_then(|answer| call.require(answer.data));
        call.deleted(deleted)
    }
}
