//! What the raw clients put on the wire and make of what comes back, over a transport in this process.

use std::sync::{Arc, Mutex};

use heygen_clips_openapi::transport::{Hooks, Sending, Transport, client_builder};
use heygen_clips_openapi::{ai_clipping, clips};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Remembers what was sent and answers what it was told to.
struct Canned {
    status: u16,
    body: String,
    sent: Mutex<Vec<Sent>>,
}

#[derive(Debug, Clone)]
struct Sent {
    operation: String,
    line: String,
    headers: Vec<String>,
    body: Value,
}

impl Canned {
    fn new(status: u16, body: &Value) -> Arc<Self> {
        Arc::new(Self {
            status,
            body: body.to_string(),
            sent: Mutex::default(),
        })
    }

    fn clips(self: &Arc<Self>) -> clips::Client {
        clips::connect(
            "http://in.process",
            client_builder().build().unwrap(),
            Hooks::shared(self.clone()),
        )
    }

    fn ai_clipping(self: &Arc<Self>) -> ai_clipping::Client {
        ai_clipping::connect(
            "http://in.process",
            client_builder().build().unwrap(),
            Hooks::shared(self.clone()),
        )
    }

    fn sent(&self) -> Sent {
        self.sent.lock().unwrap().last().unwrap().clone()
    }
}

impl Transport for Canned {
    fn send<'a>(&'a self, operation: &'static str, request: reqwest::Request) -> Sending<'a> {
        let body = request
            .body()
            .and_then(reqwest::Body::as_bytes)
            .unwrap_or_default();
        self.sent.lock().unwrap().push(Sent {
            operation: operation.to_owned(),
            line: format!("{} {}", request.method(), request.url()),
            headers: request.headers().keys().map(ToString::to_string).collect(),
            body: serde_json::from_slice(body).unwrap_or(Value::Null),
        });
        let response = http::Response::builder()
            .status(self.status)
            .header("x-request-id", "r1");
        let response = response.body(self.body.clone()).unwrap();
        Box::pin(async move { Ok(reqwest::Response::from(response)) })
    }
}

#[tokio::test]
async fn a_create_sends_what_was_given_and_nothing_else() {
    let server = Canned::new(202, &json!({"data": {"ai_clipping_id": "ac_1"}}));
    let video: ai_clipping::types::CreateAiClippingRequestVideo =
        serde_json::from_value(json!({"type": "url", "url": "https://example.com/a.mp4"})).unwrap();
    let answer = server
        .ai_clipping()
        .create_ai_clipping_v3()
        .idempotency_key("key-1")
        .body_map(|body| body.video(video))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.into_inner().data.unwrap().ai_clipping_id, "ac_1");
    let sent = server.sent();
    assert_eq!(sent.operation, "create_ai_clipping_v3");
    assert_eq!(sent.line, "POST http://in.process/v3/ai-clipping");
    assert_eq!(sent.headers, ["accept", "content-type", "idempotency-key"]);
    // No default travels: the server's own may change.
    assert_eq!(
        sent.body,
        json!({"video": {"type": "url", "url": "https://example.com/a.mp4"}})
    );
}

#[tokio::test]
async fn no_undeclared_header_travels() {
    let server = Canned::new(200, &json!({"data": []}));
    server
        .clips()
        .list_clip_jobs()
        .limit(100)
        .token("t/1")
        .send()
        .await
        .unwrap();
    let sent = server.sent();
    assert_eq!(
        sent.line,
        "GET http://in.process/v3/clips?limit=100&token=t%2F1"
    );
    assert_eq!(sent.headers, ["accept"]);
}

#[test]
fn both_arms_of_the_video_encode_and_decode() {
    for video in [
        json!({"type": "url", "url": "https://example.com/a.mp4"}),
        json!({"type": "asset_id", "asset_id": "as_1"}),
    ] {
        let reference: ai_clipping::types::CreateAiClippingRequestVideo =
            serde_json::from_value(video.clone()).unwrap();
        assert_eq!(serde_json::to_value(reference).unwrap(), video);
        let guide: clips::types::VideoSource = serde_json::from_value(video.clone()).unwrap();
        assert_eq!(serde_json::to_value(guide).unwrap(), video);
    }
}

#[tokio::test]
async fn a_refusal_arrives_typed() {
    let error = json!({"code": "invalid_parameter", "message": "too many", "param": "max_clips", "doc_url": "https://e.com"});
    let server = Canned::new(400, &json!({ "error": error }));
    let refusal = server
        .clips()
        .get_clip_job()
        .clip_job_id("clip_1")
        .send()
        .await
        .unwrap_err();
    let clips::Error::ErrorResponse(response) = refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["x-request-id"], "r1");
    assert_eq!(
        serde_json::to_value(response.into_inner().error.unwrap()).unwrap(),
        error
    );

    let server = Canned::new(409, &json!({ "error": error }));
    let refusal = server
        .ai_clipping()
        .get_ai_clipping_v3()
        .job_id("a/b")
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        server.sent().line,
        "GET http://in.process/v3/ai-clipping/a%2Fb"
    );
    let ai_clipping::Error::UnexpectedResponse(response) = refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!(
        response.status(),
        409,
        "no document declares it here, and it still has its status"
    );
}

/// `value` comes back as it was from the type `T`.
#[track_caller]
fn unchanged<T: DeserializeOwned + Serialize>(value: &Value) -> T {
    let decoded: T = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(&serde_json::to_value(&decoded).unwrap(), value);
    decoded
}

/// A vendor who adds a status, a field, an aspect ratio or a kind of anything must not break a program that is already out
/// there, and a program that passes on what it received passes on all of it.
#[test]
fn what_the_vendor_may_add_survives() {
    let source = json!({"type": "stream", "stream": {"id": "s_1", "parts": [1, null]}});
    let clip = json!({
        "id": "c_1", "label": "x", "url": "https://e.com/1.mp4", "start": 1.5, "end": 2.5, "duration": 1.0,
        "aspect_ratio": "21:9", "score": 0.5, "rank": 1
    });
    let job = json!({
        "id": "clip_1", "status": "paused", "clips": [clip, clip], "source": source, "extra": {"extra": []}
    });
    let decoded: clips::types::ClipJob = unchanged(&job);
    assert!(
        matches!(&decoded.status, clips::types::ClipJobStatus::Unknown(status) if status == "paused")
    );
    assert_eq!(decoded.extra["source"]["type"], "stream");
    assert_eq!(decoded.clips[1].extra["rank"], 1);
    unchanged::<clips::types::GetClipJobResponse>(&json!({"data": job, "meta": {"took": 1.5}}));
    unchanged::<clips::types::ClipJobEvent>(&job);
    let error = json!({"code": "x", "message": "y", "hint": {"type": "z"}});
    unchanged::<clips::types::ErrorEnvelope>(&json!({"error": error, "trace": "t"}));

    let clip =
        json!({"id": "c_1", "status": "queued", "aspect_ratio": "wide", "emotions": ["joy"]});
    let settings =
        json!({"aspect_ratio": "wide", "duration": "90", "caption_style": "neon", "mood": "calm"});
    let job = json!({
        "id": "ac_1", "status": "archived", "clips": [clip], "source": source, "output_settings": settings
    });
    let decoded: ai_clipping::types::AiClippingDetail = unchanged(&job);
    assert_eq!(decoded.extra["source"], source);
    unchanged::<ai_clipping::types::GetAiClippingV3Response>(&json!({"data": job, "meta": 1}));
    unchanged::<ai_clipping::types::AiClippingDelivery>(
        &json!({"event_type": "ai_clipping.archived", "event_data": job, "attempt": 2}),
    );
    unchanged::<ai_clipping::types::ErrorEnvelope>(&json!({"error": error, "trace": "t"}));
}

/// What we send is strict: a typing error is found before the network is.
#[test]
fn what_is_sent_is_strict() {
    let video = json!({"type": "url", "url": "https://example.com/a.mp4"});
    for (body, message) in [
        (
            json!({"video": video, "aspect_ratio": "4:3"}),
            "unknown variant `4:3`",
        ),
        (
            json!({"video": video, "max_clip": 3}),
            "unknown field `max_clip`",
        ),
        (
            json!({"video": video, "instruction": "x".repeat(2001)}),
            "longer than 2000 characters",
        ),
        (json!({"max_clips": 3}), "missing field `video`"),
    ] {
        let error = serde_json::from_value::<clips::types::CreateClipsRequest>(body)
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn no_link_of_a_caller_is_printed() {
    fn printed<T: DeserializeOwned + std::fmt::Debug>(value: &Value) -> String {
        format!("{:?}", serde_json::from_value::<T>(value.clone()).unwrap())
    }
    let link = "https://files.example.com/talk.mp4?Signature=abcdef";
    let video = json!({"type": "url", "url": link});
    let job = json!({"video": video, "callback_url": link, "title": "Talk"});
    let endpoint = json!({"url": link});
    let all = [
        printed::<clips::types::CreateClipsRequest>(&job),
        printed::<clips::types::VideoSource>(&video),
        printed::<ai_clipping::types::CreateAiClippingRequest>(&job),
        printed::<ai_clipping::types::CreateAiClippingRequestVideo>(&video),
        printed::<ai_clipping::types::CreateWebhookEndpointRequest>(&endpoint),
        printed::<ai_clipping::types::UpdateWebhookEndpointRequest>(&endpoint),
        format!(
            "{:?}",
            clips::types::CreateClipsRequest::builder().callback_url(Some(link.to_owned()))
        ),
    ];
    for printed in &all {
        assert!(printed.contains("url: (redacted)"), "{printed}");
        assert!(!printed.contains("example.com"), "{printed}");
    }
    assert_eq!(all[1], "Url { url: (redacted) }");
    let asset = json!({"type": "asset_id", "asset_id": "as_1"});
    assert_eq!(
        printed::<clips::types::VideoSource>(&asset),
        "AssetId { asset_id: \"as_1\" }"
    );
}
