//! Uploads: what is seen of a file before it is sent, what happens when sending fails, and the
//! hand-over of one that is not complete.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use heygen_clips::testing::Answer;
use heygen_clips::{Client, PendingUpload, UploadProgress};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::server::{Call, Server, data, json_reply, refusal, reply, with};
use crate::upload::{large, place, uploaded};

/// The beginning of an MP4, and more.
fn mp4(length: usize) -> Bytes {
    let mut content = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42".to_vec();
    content.resize(length, 7);
    content.into()
}

/// The same in pieces of 5 bytes.
fn pieces(content: &Bytes) -> impl futures::Stream<Item = io::Result<Bytes>> + Send + use<> {
    let pieces: Vec<_> = content.chunks(5).map(Bytes::copy_from_slice).collect();
    stream::iter(pieces.into_iter().map(Ok))
}

/// The file in a multipart body, with its headers.
fn part(call: &Call) -> (String, Bytes) {
    let end = call.body.windows(4).position(|four| four == b"\r\n\r\n");
    let start = end.unwrap() + 4;
    let boundary = call.header("content-type").unwrap();
    let boundary = boundary.rsplit('=').next().unwrap();
    let length = call.body.len() - format!("\r\n--{boundary}--\r\n").len();
    let headers = String::from_utf8(call.body[..start].to_vec()).unwrap();
    (headers, call.body.slice(start..length))
}

fn puts(server: &Server) -> Vec<Call> {
    let calls = server.calls().into_iter();
    calls.filter(|call| call.method == "PUT").collect()
}

#[tokio::test]
async fn what_a_file_is_is_seen_from_its_bytes() {
    let server = Server::always(data(&uploaded(None)));
    let assets = server.client().assets();
    let content = mp4(9000);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("talk.bin");
    std::fs::write(&path, &content).unwrap();
    let reader = io::Cursor::new(content.clone());
    for upload in [
        assets.upload(&path),
        assets.upload_bytes("talk.bin", content.clone()),
        assets.upload_stream("talk.bin", 9000, pieces(&content)),
        assets.upload_reader("talk.bin", 9000, reader),
    ] {
        upload.await.unwrap();
    }
    assert_eq!(server.calls().len(), 4);
    for call in server.calls() {
        let (headers, body) = part(&call);
        assert!(headers.contains("filename=\"talk.bin\"\r\nContent-Type: video/mp4"));
        assert!(body == content, "nothing is lost by looking");
    }
}

#[tokio::test]
async fn what_the_vendor_does_not_take_is_not_sent() {
    let server = Server::always(json_reply(500, &json!({})));
    let assets = server.client().assets();
    let zip = assets.upload_bytes("talk.mp4", &b"PK\x03\x04 and more"[..]);
    let error = zip.await.unwrap_err();
    assert_eq!(error.param(), Some("content_type"));
    let (length, content) = large();
    let upload = assets.upload_stream("talk.mp4", length, content);
    let error = upload.direct(false).await.unwrap_err();
    assert_eq!(
        error.message(),
        "the file has 32000001 bytes, in one request the vendor takes at most 32000000: send it \
         with direct(true)"
    );
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn progress_is_told_piece_by_piece() {
    let server = Server::always(data(&uploaded(None)));
    let told = Arc::new(Mutex::new(Vec::new()));
    let tells = Arc::clone(&told);
    let upload = server.client().assets().upload_bytes("a.mp4", mp4(100_000));
    let watch = move |now: UploadProgress| tells.lock().unwrap().push((now.bytes, now.total));
    upload.on_progress(watch).await.unwrap();
    assert_eq!(
        *told.lock().unwrap(),
        [(65_536, 100_000), (100_000, 100_000)]
    );
}

#[tokio::test(start_paused = true)]
async fn a_file_is_read_again_under_the_same_key_when_it_is_sent_again() {
    let server = Server::script(vec![reply(503, ""), data(&uploaded(None))]);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("talk.mp4");
    std::fs::write(&path, mp4(70_000)).unwrap();
    server
        .patient_client()
        .assets()
        .upload(&path)
        .await
        .unwrap();
    let calls = server.calls();
    assert_eq!(calls.len(), 2);
    assert!(part(&calls[0]).1 == mp4(70_000) && part(&calls[1]).1 == mp4(70_000));
    assert_eq!(
        calls[0].header("idempotency-key"),
        calls[1].header("idempotency-key")
    );
}

#[tokio::test(start_paused = true)]
async fn what_can_be_read_only_once_is_sent_only_once() {
    let content = mp4(9000);
    let server = Server::always(with(reply(503, ""), "retry-after", "20"));
    let assets = server.patient_client().assets();
    let start = Instant::now();
    let upload = assets.upload_stream("a.mp4", 9000, pieces(&content));
    assert_eq!(upload.await.unwrap_err().status(), Some(503));
    assert_eq!(server.calls().len(), 1);
    assert_eq!(start.elapsed(), Duration::ZERO, "nor waited for");

    let server = Server::new(|call, _| match call.method.as_str() {
        "PUT" => reply(503, ""),
        _ => data(&place(10_000)),
    });
    let assets = server.patient_client().assets();
    let upload = assets.upload_stream("a.mp4", 9000, pieces(&content));
    let error = upload.direct(true).await.unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(503), "cli_download"));
    assert_eq!(puts(&server).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_direct_upload_that_fails_is_put_again_to_the_same_place() {
    let server = Server::script(vec![
        data(&place(100_000)),
        reply(503, ""),
        reply(200, ""),
        data(&uploaded(Some("processing"))),
    ]);
    let assets = server.patient_client().assets();
    let upload = assets.upload_bytes("a.mp4", mp4(70_000)).direct(true);
    upload.await.unwrap();
    let puts = puts(&server);
    assert_eq!(puts.len(), 2);
    for put in puts {
        assert_eq!(put.url, "https://store.example.net/put?Signature=s");
        assert!(put.body == mp4(70_000));
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_says_how_long_to_wait_is_waited_for() {
    let server = Server::script(vec![
        data(&place(100_000)),
        with(reply(503, ""), "retry-after", "17"),
        reply(200, ""),
        data(&uploaded(Some("processing"))),
    ]);
    let start = Instant::now();
    let assets = server.patient_client().assets();
    let upload = assets.upload_bytes("a.mp4", mp4(70_000)).direct(true);
    upload.await.unwrap();
    assert!(
        start.elapsed() >= Duration::from_secs(17),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_direct_upload_that_takes_too_long_is_a_timeout() {
    let server = Server::new(|call, _| match call.method.as_str() {
        "PUT" => Answer::silence(),
        _ => Answer::data(&place(100_000)),
    });
    let assets = server.client().assets();
    let upload = assets.upload_bytes("a.mp4", mp4(70_000)).direct(true);
    let error = upload.await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(
        error.to_string(),
        "the upload was not complete after 600 s, which is its time limit"
    );
}

#[tokio::test(start_paused = true)]
async fn a_place_that_expired_meanwhile_is_asked_for_anew() {
    let mut second = place(100_000);
    second["asset_id"] = json!("asset_2");
    second["upload_url"] = json!("https://store.example.net/put?Signature=t");
    let server = Server::script(vec![
        data(&place(100_000)),
        reply(500, ""),
        reply(403, "<Error>expired</Error>"),
        data(&second),
        reply(200, ""),
        data(&uploaded(Some("processing"))),
    ]);
    let assets = server.patient_client().assets();
    let upload = assets.upload_bytes("a.mp4", mp4(70_000)).direct(true);
    upload.await.unwrap();
    let calls = server.calls();
    assert_eq!(calls[4].url, "https://store.example.net/put?Signature=t");
    assert!(calls[5].url.ends_with("/v3/assets/asset_2/complete"));
}

#[tokio::test]
async fn the_bytes_follow_no_redirect() {
    let moved = with(reply(307, ""), "location", "https://other.example.net/put");
    let server = Server::script(vec![data(&place(100_000)), moved]);
    let assets = server.client().assets();
    let upload = assets.upload_bytes("a.mp4", mp4(70_000)).direct(true);
    assert_eq!(upload.await.unwrap_err().status(), Some(307));
}

#[tokio::test]
async fn content_of_another_length_than_was_said_is_an_error() {
    for (said, expected) in [
        (
            8999,
            "there are more than the 8999 bytes that were announced (9000)",
        ),
        (
            9001,
            "there are fewer than the 9001 bytes that were announced (9000)",
        ),
    ] {
        for direct in [false, true] {
            let server = Server::always(data(&place(100_000)));
            let assets = server.client().assets();
            let upload = assets.upload_stream("a.mp4", said, pieces(&mp4(9000)));
            let error = upload.direct(direct).await.unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn bytes_that_the_store_never_shows_are_a_conflict() {
    let server = Server::new(
        |call, _| match (call.method.as_str(), &call.operation[..]) {
            ("PUT", _) => reply(200, ""),
            (_, "create_direct_upload") => data(&place(100_000)),
            _ => refusal(409, "resource_not_ready", "object not found yet"),
        },
    );
    let assets = server.client().assets();
    let pending = assets
        .upload_bytes("a.mp4", mp4(9000))
        .send()
        .await
        .unwrap();
    let begun = tokio::time::Instant::now();
    let error = assets.complete(&pending).await.unwrap_err();
    assert!(error.is_conflict(), "{error}");
    assert_eq!(
        begun.elapsed().as_millis(),
        7500,
        "five pauses of 0.5 s to 2.5 s"
    );
}

#[tokio::test]
async fn a_pending_upload_is_written_without_its_link() {
    let server = Server::script(vec![
        data(&place(100_000)),
        reply(200, ""),
        data(&uploaded(Some("processing"))),
    ]);
    let client = server.client();
    let upload = client.assets().upload_bytes("a.mp4", mp4(9000));
    let pending = upload.send().await.unwrap();
    let written = serde_json::to_value(&pending).unwrap();
    assert_eq!(
        written,
        json!({
            "base_url": "https://api.example.com", "asset_id": "asset_1", "file_name": "a.mp4",
            "content_type": "video/mp4", "size_bytes": 9000,
            "checksum_sha256": "30ffc5750facb8a21bcf0a49cbe1863036fadccbe1b3a7891a58d40fbc69b883",
        })
    );
    assert!(!format!("{pending:?}").contains("Signature"));

    let read: PendingUpload = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(read, pending);
    let other = Client::builder()
        .api_key("k")
        .base_url("http://127.0.0.1:1");
    let error = other
        .build()
        .unwrap()
        .assets()
        .complete(&read)
        .await
        .unwrap_err();
    assert!(error.is_config(), "its key is not shown there: {error}");
    let changed = |checksum: &str| {
        let mut changed = written.clone();
        changed["checksum_sha256"] = Value::from(checksum);
        serde_json::from_value::<PendingUpload>(changed).unwrap()
    };
    let error = client.assets().complete(&changed("?")).await.unwrap_err();
    assert_eq!(error.param(), Some("checksum_sha256"));
    let asset = client.assets().complete(&read).await.unwrap();
    assert_eq!(asset.asset_id, "asset_1");
}
