//! The contract as a whole: every operation of the documents is served, and served as documented.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::support::origin::VIDEO;
use crate::support::{Bench, DOCUMENTS, Origin, by_url};

#[tokio::test]
async fn every_operation_is_served_as_documented() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let video = by_url(&origin.file("talk.mp4"));

    let windows = json!([{ "start": 1, "end": 2, "label": "One" }]);
    let body = json!({ "video": video, "windows": windows, "enable_caption": false });
    let id = text(&bench.post("/v3/clips", body).await.data()["clip_job_id"]);
    bench.wait(&format!("/v3/clips/{id}")).await;
    bench.get("/v3/clips?limit=1").await.data();
    bench.delete(&format!("/v3/clips/{id}")).await.data();

    let id = text(
        &bench
            .post("/v3/ai-clipping", json!({ "video": video }))
            .await
            .data()["ai_clipping_id"],
    );
    bench.wait(&format!("/v3/ai-clipping/{id}")).await;
    bench.get("/v3/ai-clipping?limit=1").await.data();
    bench.delete(&format!("/v3/ai-clipping/{id}")).await.data();

    let form = Form::new().part("file", Part::bytes(VIDEO).file_name("talk.mp4"));
    let upload = bench
        .send(bench.request("POST", "/v3/assets").multipart(form))
        .await
        .data();
    let asset = format!("/v3/assets/{}", text(&upload["asset_id"]));
    bench.get(&asset).await.data();
    bench.delete(&asset).await.data();
    let body =
        json!({ "filename": "t.mp4", "content_type": "video/mp4", "size_bytes": VIDEO.len() });
    let upload = bench.post("/v3/assets/direct-uploads", body).await.data();
    let put = bench
        .client
        .put(text(&upload["upload_url"]))
        .header("content-type", "video/mp4");
    assert_eq!(bench.send(put.body(VIDEO)).await.status, 200);
    let id = text(&upload["asset_id"]);
    bench
        .post(&format!("/v3/assets/{id}/complete"), json!({}))
        .await
        .data();

    let hook = json!({ "url": "https://example.com/hook" });
    let id = text(&bench.post("/v3/webhooks/endpoints", hook).await.data()["endpoint_id"]);
    let one = format!("/v3/webhooks/endpoints/{id}");
    let change = bench
        .request("PATCH", &one)
        .json(&json!({ "events": ["ai_clipping.fail"] }));
    bench.send(change).await.data();
    bench
        .send(bench.request("POST", &format!("{one}/rotate-secret")))
        .await
        .data();
    bench.get("/v3/webhooks/endpoints").await.data();
    bench.delete(&one).await.data();
    bench.get("/v3/webhooks/event-types").await.data();
    bench.get("/v3/webhooks/events").await.data();

    let seen = DOCUMENTS.seen();
    for operation in DOCUMENTS.operations() {
        let served = seen.iter().any(|seen| {
            let (served, status) = seen.rsplit_once(' ').unwrap();
            served == operation && status.starts_with('2')
        });
        assert!(served, "{operation} was not served");
    }
}

#[tokio::test]
async fn the_router_serves_without_a_socket() {
    use tower::ServiceExt;
    let bench = Bench::start().await;
    let request = http::Request::get("/v3/clips").header("x-api-key", "k");
    let request = request.body(axum::body::Body::empty()).unwrap();
    let response = bench.emulator.router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let health = bench.get("/_local/health").await.json();
    assert_eq!(
        (&health["status"], &health["backend"]),
        (&json!("ok"), &json!("embedded"))
    );
}
