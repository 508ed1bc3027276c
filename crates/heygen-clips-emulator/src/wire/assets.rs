//! Replies of `/v3/assets`.

use serde_json::{Value, json};

use crate::store::AssetRow;

pub(crate) fn uploaded(id: String, url: String, mime_type: &str, size_bytes: i64) -> Value {
    json!({ "asset_id": id, "url": url, "mime_type": mime_type, "size_bytes": size_bytes })
}

pub(crate) fn asset(asset: AssetRow, url: Option<String>) -> Value {
    // The coarse word before the slash; subtitles and PDFs are documents.
    let kind = match asset.mime_type.split('/').next().unwrap_or_default() {
        kind @ ("image" | "video" | "audio") => kind.to_owned(),
        _ => "document".to_owned(),
    };
    json!({
        "id": asset.id,
        "name": asset.name,
        "type": kind,
        "owner": "local",
        "space_id": "local",
        "uploaded_at": asset.created_at,
        "folder_id": null,
        "url": url,
    })
}

pub(crate) fn deleted(id: String) -> Value {
    json!({ "id": id })
}

pub(crate) fn direct_upload(
    id: String,
    upload_url: String,
    content_type: String,
    expires_in_seconds: u64,
    max_bytes: i64,
) -> Value {
    json!({
        "asset_id": id,
        "upload_url": upload_url,
        "upload_headers": { "Content-Type": content_type },
        "expires_in_seconds": expires_in_seconds,
        "max_bytes": max_bytes,
        "status": "pending_upload",
    })
}

pub(crate) fn completed(id: String, url: String, mime_type: &str, size_bytes: i64) -> Value {
    json!({
        "asset_id": id,
        "url": url,
        "mime_type": mime_type,
        "size_bytes": size_bytes,
        "status": "processing",
    })
}
