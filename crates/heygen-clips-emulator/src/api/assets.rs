//! `/v3/assets`: files uploaded in one request, and all assets' rows.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request, State};
use http::StatusCode;
use tempfile::NamedTempFile;

use super::gate::{self, Keyed};
use super::reply::{self, Answer, Refusal};
use super::{ASSETS, Id};
use crate::app::{App, new_id};
use crate::sniff::sniff;
use crate::store::NewAsset;
use crate::wire;

/// What one request may carry, as the vendor has it.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Takes a multipart body with one part `file`. What it is, is seen from its bytes.
pub(super) async fn upload(
    State(app): State<Arc<App>>,
    keyed: Option<Keyed>,
    request: Request,
) -> Answer {
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| {
        Refusal::parameter(
            "file",
            "the body must be multipart/form-data with one part `file`",
        )
    })?;
    let mut taken: Option<(NamedTempFile, String, i64)> = None;
    while let Some(mut field) = form.next_field().await.map_err(bad_form)? {
        if field.name() != Some("file") {
            let name = field.name().unwrap_or_default().to_owned();
            return Err(Refusal::parameter(
                name,
                "only one part, `file`, is expected",
            ));
        }
        if taken.is_some() {
            return Err(Refusal::parameter("file", "`file` is given more than once"));
        }
        let name = field
            .file_name()
            .map(base_name)
            .filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "file".to_owned());
        let mut file = NamedTempFile::new_in(app.folder.assets())?;
        let mut size = 0;
        while let Some(chunk) = field.chunk().await.map_err(bad_form)? {
            size += chunk.len();
            if size > MAX_BYTES {
                let message =
                    format!("a file has at most {MAX_BYTES} bytes here: use a direct upload");
                return Err(Refusal::too_large(message).about("file"));
            }
            file.write_all(&chunk)?;
        }
        taken = Some((file, name, i64::try_from(size).map_err(Refusal::internal)?));
    }
    let Some((file, name, size_bytes)) = taken else {
        return Err(Refusal::parameter("file", "`file` is required"));
    };
    let mime_type = kind_of(file.path())?;
    let id = new_id("asset_");
    keep(file, &app.folder.asset(&id))?;
    let asset = NewAsset {
        id: id.clone(),
        name,
        mime_type: mime_type.to_owned(),
        size_bytes,
        checksum_sha256: None,
        ready: true,
        created_at: app.clock.now(),
    };
    let url = app.file_link(ASSETS, &id);
    let response = reply::data(wire::assets::uploaded(id, url, mime_type, size_bytes))?;
    let mut change = app.store.change().await?;
    change.insert_asset(&asset).await?;
    gate::finish(change, keyed, response).await
}

/// One asset. A link to its bytes is fresh in every answer.
pub(super) async fn get(State(app): State<Arc<App>>, Id(id): Id) -> Answer {
    let asset = app.store.asset(&id).await?.ok_or_else(|| no_asset(&id))?;
    let url = asset.is_ready().then(|| app.file_link(ASSETS, &id));
    reply::data(wire::assets::asset(asset, url))
}

/// Deletes an asset for good. Jobs that have read it keep their clips.
pub(super) async fn delete(State(app): State<Arc<App>>, Id(id): Id) -> Answer {
    let _change = app.assets.lock().await;
    if !app.store.remove_asset(&id).await? {
        return Err(no_asset(&id));
    }
    match tokio::fs::remove_file(app.folder.asset(&id)).await {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(cause.into()),
        _ => reply::data(wire::assets::deleted(id)),
    }
}

pub(super) fn no_asset(id: &str) -> Refusal {
    Refusal::not_found("asset_not_found", format!("there is no asset {id}"))
}

/// What a file is, or a refusal that lists what may be uploaded.
pub(super) fn kind_of(file: &Path) -> Answer<&'static str> {
    sniff(file)?.ok_or_else(|| {
        Refusal::parameter(
            "file",
            "the bytes are of no known kind: PNG, JPEG, MP4, MOV, WebM, MP3, WAV, PDF, SRT and \
             WebVTT files are taken",
        )
    })
}

/// Gives an uploaded file its name, whole or not at all.
pub(super) fn keep(file: NamedTempFile, name: &Path) -> Answer<()> {
    file.as_file().sync_all()?;
    file.persist(name).map_err(|error| error.error)?;
    Ok(())
}

/// The last part of a file name: senders may give whole paths, of either kind.
pub(super) fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "it is what `map_err` hands over"
)]
fn bad_form(error: MultipartError) -> Refusal {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Refusal::too_large("the body is too large").about("file");
    }
    let message = format!(
        "the multipart body could not be read: {}",
        error.body_text()
    );
    Refusal::parameter("file", message)
}
