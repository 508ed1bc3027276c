//! Replies of `/v3/assets`.

use heygen_clips_openapi::ai_clipping::types::{
    Asset, CompletedDirectUpload, DeletedAsset, DirectUpload, UploadedAsset,
};
use serde_json::Map;

use super::{Wire, with_nulls};
use crate::store::AssetRow;

pub(crate) fn uploaded(id: String, url: String, mime_type: &str, size_bytes: i64) -> Wire {
    serde_json::to_value(UploadedAsset {
        asset_id: id,
        url,
        mime_type: mime_type.to_owned(),
        size_bytes,
        extra: Map::new(),
    })
}

pub(crate) fn asset(asset: AssetRow, url: Option<String>) -> Wire {
    // The coarse word before the slash; subtitles and PDFs are documents.
    let kind = match asset.mime_type.split('/').next().unwrap_or_default() {
        kind @ ("image" | "video" | "audio") => kind.to_owned(),
        _ => "document".to_owned(),
    };
    let reply = Asset {
        id: asset.id,
        name: asset.name,
        type_: kind,
        owner: "local".to_owned(),
        space_id: "local".to_owned(),
        uploaded_at: asset.created_at,
        folder_id: None,
        url,
        extra: Map::new(),
    };
    with_nulls(&reply, &["folder_id", "url"])
}

pub(crate) fn deleted(id: String) -> Wire {
    serde_json::to_value(DeletedAsset {
        id,
        extra: Map::new(),
    })
}

pub(crate) fn direct_upload(
    id: String,
    upload_url: String,
    content_type: String,
    expires_in_seconds: i64,
    max_bytes: i64,
) -> Wire {
    serde_json::to_value(DirectUpload {
        asset_id: id,
        upload_url,
        upload_headers: [("Content-Type".to_owned(), content_type)].into(),
        expires_in_seconds,
        max_bytes,
        status: "pending_upload".to_owned(),
        extra: Map::new(),
    })
}

pub(crate) fn completed(id: String, url: String, mime_type: &str, size_bytes: i64) -> Wire {
    serde_json::to_value(CompletedDirectUpload {
        asset_id: id,
        url,
        mime_type: mime_type.to_owned(),
        size_bytes,
        status: "processing".to_owned(),
        extra: Map::new(),
    })
}
