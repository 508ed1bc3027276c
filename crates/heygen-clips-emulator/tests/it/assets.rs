//! Uploaded files, in one request and by direct upload.

use bytes::Bytes;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::origin::{TRANSCRIPT, VIDEO};
use crate::support::{Bench, Reply, builder, refused};

async fn upload(bench: &Bench, name: &str, bytes: &[u8]) -> Reply {
    let part = Part::bytes(bytes.to_vec()).file_name(name.to_owned());
    let form = Form::new().part("file", part);
    bench
        .send(bench.request("POST", "/v3/assets").multipart(form))
        .await
}

#[tokio::test]
async fn an_asset_is_uploaded_read_clipped_and_deleted() {
    let bench = Bench::start().await;
    let asset = upload(&bench, "folder/talk.mp4", VIDEO).await.data();
    assert_eq!(asset["mime_type"], "video/mp4");
    assert_eq!(asset["size_bytes"], VIDEO.len());
    assert_eq!(bench.get(asset["url"].as_str().unwrap()).await.body, VIDEO);
    let path = format!("/v3/assets/{}", asset["asset_id"].as_str().unwrap());
    let row = bench.get(&path).await.data();
    assert_eq!(
        (&row["name"], &row["type"]),
        (&json!("talk.mp4"), &json!("video"))
    );
    assert_eq!(row["id"], asset["asset_id"]);
    let file = bench.get(row["url"].as_str().unwrap()).await;
    assert_eq!(file.header("content-type"), Some("video/mp4"));

    // What is said in it is an asset of the same name.
    let text = upload(&bench, "talk.vtt", TRANSCRIPT.as_bytes())
        .await
        .data();
    assert_eq!(text["mime_type"], "text/vtt");
    let video = json!({ "type": "asset_id", "asset_id": asset["asset_id"] });
    let body = json!({ "video": video, "max_clips": 1, "enable_caption": true });
    let job = bench.clip(body.clone()).await;
    assert_eq!(
        (&job["status"], &job["transcript_source"]),
        (&json!("completed"), &json!("sidecar"))
    );
    assert!(job["clips"][0]["caption_url"].is_string());

    assert_eq!(
        bench.delete(&path).await.data(),
        json!({ "id": asset["asset_id"] })
    );
    assert_eq!(
        bench.get(&path).await.refusal(),
        refused(404, "asset_not_found", None)
    );
    assert_eq!(bench.delete(&path).await.status, 404);
    assert_eq!(bench.get(asset["url"].as_str().unwrap()).await.status, 404);
    assert_eq!(bench.post("/v3/clips", body).await.status, 404);

    let video = json!({ "type": "asset_id", "asset_id": text["asset_id"] });
    let reply = bench.post("/v3/clips", json!({ "video": video })).await;
    assert_eq!(
        reply.refusal(),
        refused(400, "invalid_parameter", Some("video.asset_id"))
    );
}

#[tokio::test]
async fn a_transcript_goes_with_one_video_of_its_name() {
    let bench = Bench::start().await;
    let transcript = async |bench: &Bench, id: &Value| {
        let windows = json!([{ "start": 5.0, "end": 6.0 }]);
        let video = json!({ "type": "asset_id", "asset_id": id });
        let body = json!({ "video": video, "windows": windows, "enable_caption": true });
        let job = bench.clip(body).await;
        let link = job["clips"][0]["caption_url"].as_str().map(str::to_owned);
        match link {
            Some(link) => Some(String::from_utf8(bench.get(&link).await.body).unwrap()),
            None => None,
        }
    };
    let said = |words: &str| format!("1\n00:00:05,000 --> 00:00:09,000\n{words}\n");
    let id = async |name: &str, bytes: &[u8]| {
        upload(&bench, name, bytes).await.data()["asset_id"].clone()
    };

    id("talk.srt", said("First words.").as_bytes()).await;
    let first = id("talk.mp4", VIDEO).await;
    let other = id("talk.mov", VIDEO).await;
    let far = id("talk.two.mp4", VIDEO).await;
    assert!(
        transcript(&bench, &first)
            .await
            .unwrap()
            .contains("First words.")
    );
    assert_eq!(transcript(&bench, &other).await, None, "another's");
    assert_eq!(transcript(&bench, &far).await, None, "of another name");

    // One that comes later is for the last video, and then for the next one.
    id("talk.srt", said("Other words.").as_bytes()).await;
    assert!(
        transcript(&bench, &other)
            .await
            .unwrap()
            .contains("Other words.")
    );
    let third = id("talk.mp4", VIDEO).await;
    assert_eq!(transcript(&bench, &other).await, None);
    assert!(
        transcript(&bench, &third)
            .await
            .unwrap()
            .contains("Other words.")
    );
    assert!(
        transcript(&bench, &first)
            .await
            .unwrap()
            .contains("First words.")
    );

    // A video that was deleted has had its transcript all the same.
    bench
        .delete(&format!("/v3/assets/{}", third.as_str().unwrap()))
        .await
        .data();
    let fourth = id("talk.mp4", VIDEO).await;
    assert_eq!(transcript(&bench, &fourth).await, None);
}

#[tokio::test]
async fn an_upload_may_be_repeated_under_its_key() {
    let bench = Bench::start().await;
    let mut replies = Vec::new();
    for _ in 0..2 {
        let form = Form::new().part("file", Part::bytes(VIDEO.to_vec()).file_name("v.mp4"));
        let request = bench
            .request("POST", "/v3/assets")
            .header("idempotency-key", "up");
        replies.push(bench.send(request.multipart(form)).await.body);
    }
    assert_eq!(replies[0], replies[1]);
}

#[tokio::test]
async fn bad_uploads_are_refused() {
    let bench = Bench::start().await;
    let invalid = |param| refused(400, "invalid_parameter", Some(param));
    assert_eq!(
        upload(&bench, "x.mp4", b"no video").await.refusal(),
        invalid("file")
    );
    assert_eq!(
        upload(&bench, "x.mp4", b"").await.refusal(),
        invalid("file")
    );
    let request = |form| bench.request("POST", "/v3/assets").multipart(form);
    let reply = bench.send(request(Form::new())).await;
    assert_eq!(reply.refusal(), invalid("file"));
    let reply = bench.send(request(Form::new().text("other", "x"))).await;
    assert_eq!(reply.refusal(), invalid("other"));
    let twice = Form::new()
        .part("file", Part::bytes(VIDEO.to_vec()))
        .part("file", Part::bytes(VIDEO.to_vec()));
    assert_eq!(bench.send(request(twice)).await.refusal(), invalid("file"));
    let reply = bench
        .send(bench.request("POST", "/v3/assets").json(&json!({})))
        .await;
    assert_eq!(reply.refusal(), invalid("file"));
    let broken = bench
        .request("POST", "/v3/assets")
        .header("content-type", "multipart/form-data; boundary=b")
        .body("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhalf");
    assert_eq!(bench.send(broken).await.refusal(), invalid("file"));
    let reply = upload(&bench, "large.mp4", &vec![0; 32 * 1024 * 1024 + 1]).await;
    assert_eq!(
        reply.refusal(),
        refused(413, "payload_too_large", Some("file"))
    );
}

async fn put(bench: &Bench, upload: &Value, extra: Option<(&str, &str)>, bytes: &[u8]) -> Reply {
    let mut request = bench.client.put(upload["upload_url"].as_str().unwrap());
    for (name, value) in upload["upload_headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    if let Some((name, value)) = extra {
        request = request.header(name, value);
    }
    bench.send(request.body(bytes.to_vec())).await
}

#[tokio::test]
async fn a_direct_upload_is_announced_sent_and_completed() {
    let bench = Bench::start().await;
    let sum = hex::encode(Sha256::digest(VIDEO));
    let body = json!({
        "filename": "talk.mp4",
        "content_type": "video/mp4",
        "size_bytes": VIDEO.len(),
        "checksum_sha256": sum,
    });
    let upload = bench.post("/v3/assets/direct-uploads", body).await.data();
    assert_eq!(upload["status"], "pending_upload");
    assert_eq!(
        (&upload["expires_in_seconds"], &upload["max_bytes"]),
        (&json!(3600), &json!(209_715_200))
    );
    let id = upload["asset_id"].as_str().unwrap();
    let complete = format!("/v3/assets/{id}/complete");

    let early = bench.post(&complete, json!({})).await;
    assert_eq!(early.refusal(), refused(409, "resource_not_ready", None));
    let video = json!({ "type": "asset_id", "asset_id": id });
    let reply = bench.post("/v3/clips", json!({ "video": video })).await;
    assert_eq!(
        reply.refusal(),
        refused(400, "invalid_parameter", Some("video.asset_id"))
    );
    assert_eq!(
        bench.get(&format!("/v3/assets/{id}")).await.data()["url"],
        Value::Null
    );

    for extra in [("x-api-key", "test-key"), ("authorization", "Bearer t")] {
        assert_eq!(put(&bench, &upload, Some(extra), VIDEO).await.status, 403);
    }
    let url = upload["upload_url"].as_str().unwrap();
    let bare = bench.client.put(url).body(VIDEO);
    assert_eq!(
        bench.send(bare).await.status,
        403,
        "without the upload headers"
    );
    let forged = bench
        .client
        .put(url.replace("signature=", "signature=0"))
        .body(VIDEO);
    assert_eq!(bench.send(forged).await.status, 403);
    assert_eq!(put(&bench, &upload, None, &VIDEO[1..]).await.status, 400);
    assert_eq!(bench.post(&complete, json!({})).await.status, 409);
    assert_eq!(put(&bench, &upload, None, VIDEO).await.status, 200);

    let wrong = json!({ "checksum_sha256": "0".repeat(64) });
    let reply = bench.post(&complete, wrong).await;
    assert_eq!(
        reply.refusal(),
        refused(400, "invalid_parameter", Some("checksum_sha256"))
    );
    let reply = bench
        .post(&complete, json!({ "checksum_sha256": "zz" }))
        .await;
    assert_eq!(
        reply.refusal(),
        refused(400, "invalid_parameter", Some("checksum_sha256"))
    );
    for _ in 0..2 {
        let done = bench
            .post(&complete, json!({ "checksum_sha256": sum.to_uppercase() }))
            .await;
        let done = done.data();
        assert_eq!(
            (&done["status"], &done["mime_type"]),
            (&json!("processing"), &json!("video/mp4"))
        );
        assert_eq!(bench.get(done["url"].as_str().unwrap()).await.body, VIDEO);
    }
    let again = put(&bench, &upload, None, VIDEO).await.status;
    assert_eq!(
        again, 409,
        "the link of a finished upload takes no other bytes"
    );
    let windows = json!([{ "start": 0, "end": 1 }]);
    let job = bench
        .clip(json!({ "video": video, "windows": windows }))
        .await;
    assert_eq!(job["status"], "completed");
}

#[tokio::test]
async fn bad_announcements_are_refused() {
    let bench = Bench::start().await;
    let body = json!({ "filename": "v.mp4", "content_type": "video/mp4", "size_bytes": 10 });
    for (name, value) in [
        ("size_bytes", json!(0)),
        ("size_bytes", json!(209_715_201)),
        ("size_bytes", json!("10")),
        ("filename", json!("")),
        ("content_type", json!("a\nb")),
        ("checksum_sha256", json!("short")),
        ("surprise", json!(1)),
    ] {
        let mut body = body.clone();
        body[name] = value;
        let reply = bench.post("/v3/assets/direct-uploads", body.clone()).await;
        assert_eq!(
            reply.refusal(),
            refused(400, "invalid_parameter", Some(name)),
            "{body}"
        );
    }
    let reply = bench.post("/v3/assets/x/complete", json!({})).await;
    assert_eq!(reply.refusal(), refused(404, "asset_not_found", None));
}

#[tokio::test]
async fn an_asset_that_is_deleted_while_its_bytes_come_leaves_none_behind() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::with(builder().data_dir(folder.path())).await;
    let files = || {
        let files = std::fs::read_dir(folder.path().join("assets")).unwrap();
        files.count()
    };
    let body =
        json!({ "filename": "a.mp4", "content_type": "video/mp4", "size_bytes": VIDEO.len() });
    let upload = bench.post("/v3/assets/direct-uploads", body).await.data();
    // Its bytes are held back until it is gone.
    let (release, held) = tokio::sync::oneshot::channel::<()>();
    let bytes = futures::stream::once(async move {
        held.await.unwrap();
        Ok::<_, std::io::Error>(Bytes::from_static(VIDEO))
    });
    let put = bench
        .client
        .put(upload["upload_url"].as_str().unwrap())
        .header("content-type", "video/mp4")
        .body(reqwest::Body::wrap_stream(bytes));
    let put = tokio::spawn(bench.send(put));
    while files() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let path = format!("/v3/assets/{}", upload["asset_id"].as_str().unwrap());
    assert_eq!(bench.delete(&path).await.status, 200);
    release.send(()).unwrap();
    let refusal = put.await.unwrap().refusal();
    assert_eq!(refusal, refused(404, "asset_not_found", None));
    assert_eq!(files(), 0);
}
