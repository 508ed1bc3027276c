//! Uploads straight to the vendor's store: ask for a place, PUT the bytes there with exactly the
//! headers given, then say that they are there.

use std::num::NonZeroU64;
use std::time::Duration;

use heygen_clips_openapi::ai_clipping::types;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::content::{About, Checksum, Content};
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::files::link;
use crate::operations::Repeat;
use crate::platform;
use crate::retry::{Attempts, Outcome};
use crate::transport::body;

/// The store takes a moment to show a file that was just put; the vendor then answers 409.
const COMPLETE_ATTEMPTS: u32 = 6;
const COMPLETE_PAUSE: Duration = Duration::from_millis(500);

/// An upload whose bytes are at the vendor's store, but not yet an asset; from
/// [`Upload::send`](crate::Upload::send), for [`Assets::complete`](crate::Assets::complete).
///
/// It can be written down (`serde`) and completed by another process. The signed link that the
/// bytes went to is not in it: it is a credential, and it is not needed any more. Bytes that never
/// arrived need a new upload, which gets a new link.
///
/// ```no_run
/// # async fn example(client: heygen_clips::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let pending = client.assets().upload("talk.mp4").send().await?;
/// std::fs::write("pending.json", serde_json::to_vec(&pending)?)?;
/// // Later, perhaps elsewhere:
/// let pending = serde_json::from_slice(&std::fs::read("pending.json")?)?;
/// let asset = client.assets().complete(&pending).await?;
/// println!("{}", asset.asset_id);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PendingUpload {
    /// The server that it belongs to.
    pub base_url: String,
    /// The id that the asset will have.
    pub asset_id: String,
    /// Name under which the vendor shows it.
    pub file_name: String,
    /// Media type.
    pub content_type: String,
    /// Size of the file.
    pub size_bytes: u64,
    /// SHA-256 of the bytes that were sent, in lower-case hex.
    pub checksum_sha256: String,
}

/// Brings the bytes to the store, again from the first one where that may help.
pub(super) async fn send(client: &Client, mut content: Content) -> Result<PendingUpload> {
    let mut place = begin(client, &content.about).await?;
    let mut may_have_expired = false;
    let attempts = Attempts::new(client.retries(), &client.shared().budget);
    let mut attempts = attempts.once(!content.source.can_repeat());
    loop {
        let checksum = Checksum::default();
        let result = put(client, &place, &mut content, checksum.clone()).await;
        let refusal = result.as_ref().err();
        let status = refusal.and_then(Error::http_status);
        let outcome = match status {
            Some(status) => Outcome::Status(status, refusal.and_then(Error::retry_after)),
            None => Outcome::of(&result),
        };
        let pause = attempts.again_after(outcome, Repeat::Harmless);
        let error = match result {
            Ok(()) => {
                return Ok(PendingUpload {
                    base_url: client.base_url().to_owned(),
                    asset_id: place.asset_id,
                    file_name: content.about.file_name,
                    content_type: content.about.content_type,
                    size_bytes: content.about.length,
                    checksum_sha256: checksum.finish(),
                });
            }
            Err(error) => error,
        };
        let is_expired = status.is_some_and(|status| matches!(status.as_u16(), 403 | 404 | 410));
        if is_expired && may_have_expired {
            place = begin(client, &content.about).await?;
            may_have_expired = false;
            continue;
        }
        let Some(pause) = pause else {
            return Err(error);
        };
        platform::sleep(pause).await;
        may_have_expired = true;
    }
}

async fn put(
    client: &Client,
    place: &types::DirectUpload,
    content: &mut Content,
    checksum: Checksum,
) -> Result<()> {
    let headers = headers(place, content.about.length)?;
    let body = body(content.open(Some(checksum)).await?).await?;
    let (status, retry_after) = link::put(client, &place.upload_url, headers, body).await?;
    if !status.is_success() {
        let message = format!("the file store refused {}", content.about.file_name);
        let error = Error::new(Kind::Download, message).with_status(status);
        return Err(error.with_retry_after(retry_after));
    }
    Ok(())
}

/// Says that the bytes are there.
pub(super) async fn complete(
    client: &Client,
    pending: &PendingUpload,
) -> Result<types::UploadedAsset> {
    if pending.base_url != client.base_url() {
        let message = format!(
            "the upload is at {} and this client talks to {}",
            pending.base_url,
            client.base_url()
        );
        return Err(Error::new(Kind::Config, message));
    }
    let checksum = pending.checksum_sha256.parse();
    let checksum: types::CompleteDirectUploadRequestChecksumSha256 = checksum.map_err(|_| {
        let message = "checksum_sha256 is not a SHA-256 in hexadecimal";
        Error::invalid("checksum_sha256", message)
    })?;
    let mut attempt = 1;
    loop {
        let mut call = client.exchange();
        let raw = call.ai_clipping();
        let request = raw
            .complete_direct_upload()
            .asset_id(&pending.asset_id)
            .body_map(|body| body.checksum_sha256(checksum.clone()));
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
                platform::sleep(COMPLETE_PAUSE * attempt).await;
                attempt += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

async fn begin(client: &Client, about: &About) -> Result<types::DirectUpload> {
    let length = about.length;
    let size =
        NonZeroU64::new(length).ok_or_else(|| Error::invalid("size_bytes", "the file is empty"))?;
    let mut call = client.exchange();
    let raw = call.ai_clipping();
    let request = raw.create_direct_upload().body_map(|body| {
        body.filename(about.file_name.as_str())
            .content_type(about.content_type.as_str())
            .size_bytes(size)
    });
    let place = call.answer(|| request.clone().send()).await?;
    let place: types::DirectUpload = call.require(place.data)?;
    if u64::try_from(place.max_bytes).is_ok_and(|most| length > most) {
        let most = place.max_bytes;
        let message = format!("the file has {length} bytes, the vendor takes at most {most}");
        return Err(Error::invalid("size_bytes", message));
    }
    Ok(place)
}

/// What the store asked for and no other header, above all no key.
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
