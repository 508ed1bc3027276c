//! Uploads: one request up to 32 MB, the vendor's store above.

use std::io;

use bytes::Bytes;
use futures::stream;
use serde_json::json;
use tempfile::TempDir;

use crate::server::{Server, data, json_reply, refusal, reply};

pub(crate) fn uploaded(status: Option<&str>) -> serde_json::Value {
    json!({
        "asset_id": "asset_1", "url": "https://files.example.com/a.mp4",
        "mime_type": "video/mp4", "size_bytes": 5, "status": status,
    })
}

#[tokio::test]
async fn a_small_file_is_one_multipart_request() {
    let server = Server::always(data(&uploaded(None)));
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("talk.MP4");
    std::fs::write(&path, "video").unwrap();
    let asset = server.client().assets().upload(&path).await.unwrap();
    assert_eq!((asset.asset_id.as_str(), asset.size_bytes), ("asset_1", 5));

    let call = &server.calls()[0];
    assert_eq!(server.operations(), ["upload_asset"]);
    assert_eq!(
        (call.method.as_str(), call.url.as_str()),
        ("POST", "https://api.example.com/v3/assets")
    );
    assert!(call.header("x-api-key").is_some());
    assert_eq!(call.header("idempotency-key").unwrap().len(), 36);
    let boundary = call.header("content-type").unwrap();
    let boundary = boundary
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    assert_eq!(
        String::from_utf8(call.body.to_vec()).unwrap(),
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"talk.MP4\"\
             \r\nContent-Type: video/mp4\r\n\r\nvideo\r\n--{boundary}--\r\n"
        )
    );
    assert_eq!(
        call.header("content-length"),
        Some(call.body.len().to_string().as_str())
    );
}

/// 32,000,001 bytes in 33 pieces.
pub(crate) fn large() -> (
    u64,
    impl futures::Stream<Item = io::Result<Bytes>> + Send + 'static,
) {
    let million = Bytes::from(vec![7; 1_000_000]);
    let mut pieces = vec![million; 32];
    pieces.push(Bytes::from_static(b"!"));
    (32_000_001, stream::iter(pieces.into_iter().map(Ok)))
}

pub(crate) fn place(max_bytes: u64) -> serde_json::Value {
    json!({
        "asset_id": "asset_1", "upload_url": "https://store.example.net/put?Signature=s",
        "upload_headers": { "Content-Type": "video/mp4", "x-amz-tagging": "a=b" },
        "expires_in_seconds": 900, "max_bytes": max_bytes, "status": "pending_upload",
    })
}

#[tokio::test(start_paused = true)]
async fn a_large_file_goes_to_the_store_with_its_headers_only() {
    let server = Server::script(vec![
        data(&place(200_000_000)),
        reply(200, ""),
        refusal(409, "conflict", "object not found yet"),
        refusal(409, "conflict", "object not found yet"),
        data(&uploaded(Some("processing"))),
    ]);
    let (length, content) = large();
    let upload = server
        .client()
        .assets()
        .upload_stream("long talk.mp4", length, content);
    assert_eq!(upload.await.unwrap().asset_id, "asset_1");

    let calls = server.calls();
    assert_eq!(
        calls[0].json(),
        json!({ "filename": "long talk.mp4", "content_type": "video/mp4", "size_bytes": 32_000_001 })
    );
    let put = &calls[1];
    assert_eq!((put.method.as_str(), put.body.len()), ("PUT", 32_000_001));
    assert_eq!(put.url, "https://store.example.net/put?Signature=s");
    let mut headers: Vec<_> = put.headers.keys().map(http::HeaderName::as_str).collect();
    headers.sort_unstable();
    assert_eq!(headers, ["content-length", "content-type", "x-amz-tagging"]);
    assert_eq!(put.header("content-length"), Some("32000001"));
    assert_eq!(
        calls[4].url,
        "https://api.example.com/v3/assets/asset_1/complete"
    );
    let sum = "11c93fee4a9c1de99e63f54614870f4a975a533d2926b276945b2fd9793b6441";
    assert_eq!(calls[4].json(), json!({ "checksum_sha256": sum }));
}

#[tokio::test]
async fn a_file_larger_than_the_store_takes_is_not_sent() {
    let server = Server::always(data(&place(32_000_000)));
    let (length, content) = large();
    let error = server
        .client()
        .assets()
        .upload_stream("a.mp4", length, content)
        .await
        .unwrap_err();
    assert!(error.is_invalid_request());
    assert_eq!(error.param(), Some("size_bytes"));
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn a_store_that_refuses_is_named_without_the_link() {
    let server = Server::script(vec![data(&place(200_000_000)), reply(403, "<Error/>")]);
    let (length, content) = large();
    let error = server
        .client()
        .assets()
        .upload_stream("a.mp4", length, content)
        .await
        .unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(403), "cli_download"));
    assert!(!format!("{error} {error:?}").contains("Signature"));
}

#[tokio::test]
async fn what_cannot_be_uploaded_is_said_before_sending() {
    let server = Server::always(json_reply(500, &json!({})));
    let assets = server.client().assets();
    let folder = TempDir::new().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let missing = assets
        .upload(folder.path().join("none.mp4"))
        .await
        .unwrap_err();
    assert!(missing.is_file());
    assert!(missing.to_string().contains("none.mp4"), "{missing}");
    assert!(
        assets.upload(folder.path()).await.unwrap_err().is_file(),
        "a folder"
    );
    let empty = assets.upload(file("empty.mp4", "")).await.unwrap_err();
    assert_eq!(empty.param(), Some("file"));
    let odd = assets.upload(file("talk.xyz", "x")).await.unwrap_err();
    assert_eq!(
        odd.to_string(),
        "invalid_parameter: neither the bytes nor the name of talk.xyz tell what it is: give it the \
         extension of its type, one of mp4, webm, mp3, wav, png, jpg, jpeg, pdf, srt (a program may \
         set content_type instead)"
    );
    let odd = assets
        .upload(file("talk.mp4", "x"))
        .content_type("not a type")
        .await
        .unwrap_err();
    assert_eq!(odd.param(), Some("content_type"));
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn a_given_name_and_type_are_used() {
    let server = Server::always(data(&uploaded(None)));
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.bin");
    std::fs::write(&path, "x").unwrap();
    let upload = server.client().assets().upload(&path);
    upload
        .file_name("a \"b\".mov")
        .content_type("video/quicktime")
        .await
        .unwrap();
    let body = String::from_utf8(server.calls()[0].body.to_vec()).unwrap();
    assert!(
        body.contains("filename=\"a \\\"b\\\".mov\"\r\nContent-Type: video/quicktime"),
        "{body}"
    );
}
