//! Direct uploads: announce a file, PUT its bytes to a signed link, say that it is there.

use std::io::{Read, Write};
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::IntoResponse;
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::BodyExt;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::gate::{self, Checked, Keyed};
use super::reply::{self, Answer, Refusal};
use super::{ASSETS, Id, assets, files};
use crate::app::{App, new_id};
use crate::store::{AssetRow, NewAsset};
use crate::wire;

/// What a direct upload may carry, as seen at the vendor.
const MAX_BYTES: i32 = 200 * 1024 * 1024;

#[derive(Debug, Deserialize)]
struct Create {
    filename: String,
    content_type: String,
    /// A whole number, of any size: the document sets no limit.
    size_bytes: f64,
    checksum_sha256: Option<String>,
}

/// Announces a file and gives the link to PUT it to.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    keyed: Option<Keyed>,
    body: Checked,
) -> Answer {
    let create: Create = body.read()?;
    if create.size_bytes > f64::from(MAX_BYTES) {
        let message = format!("a direct upload has at most {MAX_BYTES} bytes");
        return Err(Refusal::parameter("size_bytes", message));
    }
    if create.content_type.parse::<http::HeaderValue>().is_err() {
        return Err(Refusal::parameter("content_type", "this is no MIME type"));
    }
    let id = new_id("asset_");
    let asset = NewAsset {
        id: id.clone(),
        name: assets::base_name(&create.filename),
        mime_type: create.content_type.clone(),
        #[allow(
            clippy::cast_possible_truncation,
            reason = "whole, and at most MAX_BYTES"
        )]
        size_bytes: create.size_bytes as i64,
        checksum_sha256: create.checksum_sha256.map(|sum| sum.to_ascii_lowercase()),
        ready: false,
        created_at: app.clock.now(),
    };
    let link = app.link("PUT", &format!("/_uploads/{id}"));
    let lifetime = i64::try_from(app.settings.link_lifetime.as_secs()).unwrap_or(i64::MAX);
    let response = reply::data(wire::assets::direct_upload(
        id,
        link,
        create.content_type,
        lifetime,
        MAX_BYTES.into(),
    ))?;
    let mut change = app.store.change().await?;
    change.insert_asset(&asset).await?;
    gate::finish(change, keyed, response).await
}

/// Takes the bytes, as an object store would: the signature is all it goes by, and a key or a header
/// other than those that were given spoils it.
pub(super) async fn receive(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    files::check(&app, &Method::PUT, &format!("/_uploads/{id}"), &request)?;
    let asset = awaited(&app, &id).await?;
    check_headers(request.headers(), &asset)?;
    let mut body = request.into_body();
    let mut file = NamedTempFile::new_in(app.folder.assets())?;
    let mut size = 0_i64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|e| Refusal::request(format!("the body broke off: {e}")))?;
        let Some(chunk) = frame.data_ref() else {
            continue;
        };
        size = size.saturating_add(i64::try_from(chunk.len()).unwrap_or(i64::MAX));
        if size > asset.size_bytes {
            break;
        }
        file.write_all(chunk)?;
    }
    if size != asset.size_bytes {
        let message = format!(
            "{} bytes were announced, not what was sent",
            asset.size_bytes
        );
        return Err(Refusal::request(message));
    }
    // It may have been deleted or completed while the bytes came.
    let _change = app.assets.lock().await;
    awaited(&app, &id).await?;
    assets::keep(file, &app.folder.asset(&id))?;
    Ok(StatusCode::OK.into_response())
}

/// An asset whose bytes may still be sent.
async fn awaited(app: &App, id: &str) -> Answer<AssetRow> {
    let asset = app.store.asset(id).await?;
    let asset = asset.ok_or_else(|| assets::no_asset(id))?;
    if asset.is_ready() {
        // Whoever still holds the link must not be able to swap the bytes of a checked asset.
        let message = "this upload is complete: begin another one to send other bytes";
        return Err(Refusal::conflict("conflict", message));
    }
    Ok(asset)
}

fn check_headers(headers: &HeaderMap, asset: &AssetRow) -> Answer<()> {
    if headers.contains_key(header::AUTHORIZATION) || headers.contains_key("x-api-key") {
        return Err(Refusal::forbidden(
            "the link is the credential: send the upload headers only, without a key",
        ));
    }
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if kind != Some(asset.mime_type.as_str()) {
        let message = format!(
            "send exactly the upload headers: Content-Type: {}",
            asset.mime_type
        );
        return Err(Refusal::forbidden(message));
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct Complete {
    checksum_sha256: Option<String>,
}

/// Checks that the bytes are there and are the announced ones. May be said twice.
pub(super) async fn complete(
    State(app): State<Arc<App>>,
    Id(id): Id,
    keyed: Option<Keyed>,
    body: Checked,
) -> Answer {
    let complete: Complete = body.read()?;
    let _change = app.assets.lock().await;
    let asset = app
        .store
        .asset(&id)
        .await?
        .ok_or_else(|| assets::no_asset(&id))?;
    let file = app.folder.asset(&id);
    if !tokio::fs::try_exists(&file).await? {
        let message = "the object is not there yet: PUT it to the upload link, then repeat this";
        return Err(Refusal::conflict("resource_not_ready", message));
    }
    let mut expected = vec![complete.checksum_sha256, asset.checksum_sha256.clone()];
    expected.retain(Option::is_some);
    if !expected.is_empty() {
        let found = checksum(file.clone()).await?;
        if expected
            .iter()
            .flatten()
            .any(|sum| !sum.eq_ignore_ascii_case(&found))
        {
            let message = "the uploaded bytes have another SHA-256: upload the file again";
            return Err(Refusal::parameter("checksum_sha256", message));
        }
    }
    let mime_type = assets::kind_of(&file)?;
    let mut change = app.store.change().await?;
    change.complete_asset(&id, mime_type).await?;
    let url = app.file_link(ASSETS, &id);
    let size = asset.size_bytes;
    let response = reply::data(wire::assets::completed(id, url, mime_type, size))?;
    gate::finish(change, keyed, response).await
}

async fn checksum(file: std::path::PathBuf) -> Answer<String> {
    let sum = tokio::task::spawn_blocking(move || {
        let mut file = std::fs::File::open(file)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                return Ok::<_, std::io::Error>(hex::encode(hasher.finalize()));
            }
            hasher.update(&buffer[..read]);
        }
    });
    Ok(sum.await.map_err(Refusal::internal)??)
}
