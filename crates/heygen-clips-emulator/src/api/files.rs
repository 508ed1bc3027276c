//! `/_files`: clips, captions, thumbnails and assets behind signed links. The link is the
//! credential, so no key is asked for, and what it does not sign cannot be had.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::IntoResponse;
use http::{Method, header};
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::gate::query;
use super::reply::{Answer, Refusal};
use crate::app::App;
use crate::links::Refusal as Refused;

/// The folder name of assets in links; every other one is a job's id.
pub(crate) const ASSETS: &str = "assets";

/// A file, whole or in part (`Range`, `If-Range`, `If-None-Match`, `If-Modified-Since`).
pub(super) async fn download(
    State(app): State<Arc<App>>,
    Path((folder, name)): Path<(String, String)>,
    mut request: Request,
) -> Answer {
    check(
        &app,
        &Method::GET,
        &format!("/_files/{folder}/{name}"),
        &request,
    )?;
    let file = file(&app, &folder, &name);
    let mime = match file.extension().and_then(|ending| ending.to_str()) {
        Some("mp4") => "video/mp4".parse(),
        Some("vtt") => "text/vtt; charset=utf-8".parse(),
        Some("jpg") => "image/jpeg".parse(),
        _ => asset_mime(&app, &name).await?.parse(),
    };
    let mime = mime.map_err(Refusal::internal)?;
    let size = match tokio::fs::metadata(&file).await {
        Ok(metadata) => metadata.len(),
        Err(cause) if cause.kind() == ErrorKind::NotFound => {
            return Err(Refusal::not_found("not_found", "the file was deleted"));
        }
        Err(cause) => return Err(cause.into()),
    };
    let range = request.headers_mut().remove(header::RANGE);
    let range = range.as_ref().and_then(|range| range.to_str().ok());
    if let Some(range) = range.and_then(|range| byte_range(range, size)) {
        let range = range.parse().map_err(Refusal::internal)?;
        request.headers_mut().insert(header::RANGE, range);
    }
    if let Some(condition) = request.headers_mut().remove(header::IF_RANGE) {
        // tower-http knows the other conditions but not this one: a piece is only right when the
        // file is still the one that the caller has the rest of.
        let head = Request::head("/")
            .body(Body::empty())
            .map_err(Refusal::internal)?;
        let head = ServeFile::new(&file)
            .oneshot(head)
            .await
            .unwrap_or_else(|never| match never {});
        let current = [header::ETAG, header::LAST_MODIFIED].map(|name| head.headers().get(name));
        if !current.contains(&Some(&condition)) {
            request.headers_mut().remove(header::RANGE);
        }
    }
    let answer = ServeFile::new_with_mime(file, &mime).oneshot(request).await;
    Ok(answer.map_or_else(|never| match never {}, IntoResponse::into_response))
}

/// A range as tower-http takes it, if it is one of bytes, in order. All others are to be ignored and
/// not refused (RFC 9110, 14.2); so are several at once, which nobody must serve.
fn byte_range(text: &str, size: u64) -> Option<String> {
    let (unit, range) = text.split_once('=')?;
    let (first, last) = range.split_once('-')?;
    let is_number = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if !unit.eq_ignore_ascii_case("bytes") || !is_number(first) || !is_number(last) {
        return None;
    }
    // A number beyond this is beyond the end of any file.
    let number = |text: &str| text.parse().unwrap_or(u64::MAX);
    let clamped = match (first, last) {
        ("", "") => return None,
        ("", suffix) => format!("-{}", number(suffix).min(size)),
        (first, "") => format!("{}-", number(first)),
        (first, last) if number(first) > number(last) => return None,
        (first, last) => format!("{}-{}", number(first), number(last)),
    };
    Some(format!("bytes={clamped}"))
}

/// Checks the signature that a link carries in its query.
pub(super) fn check(app: &App, method: &Method, path: &str, request: &Request) -> Answer<()> {
    let query = query(request);
    let get = |name: &str| {
        query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, v)| v.as_str())
    };
    let expires = get("expires")
        .and_then(|expires| expires.parse().ok())
        .unwrap_or(0);
    let signature = get("signature").unwrap_or_default();
    let now = app.clock.now();
    app.signer
        .check(method.as_str(), path, expires, signature, now)
        .map_err(|refused| {
            Refusal::forbidden(match refused {
                Refused::Expired => {
                    "the link has expired: read the job or asset again for a fresh one"
                }
                Refused::Forged => {
                    "the link is not signed for this: use it exactly as it was given"
                }
            })
        })
}

fn file(app: &App, folder: &str, name: &str) -> PathBuf {
    if folder == ASSETS {
        app.folder.asset(name)
    } else {
        app.folder.clips(folder).join(name)
    }
}

async fn asset_mime(app: &App, id: &str) -> Answer<String> {
    let asset = app.store.asset(id).await?;
    let asset = asset.ok_or_else(|| Refusal::not_found("asset_not_found", "the asset was deleted"));
    asset.map(|asset| asset.mime_type)
}
