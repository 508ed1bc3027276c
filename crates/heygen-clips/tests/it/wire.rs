//! Every call once, as bytes: method, URL, headers and body of each request, as a snapshot.

use std::fmt::Write;

use heygen_clips::{
    AspectRatio, Client, ClipDuration, CreateAiClipping, CreateClips, JobStatus, JobView, Window,
    types,
};
use serde_json::{Value, json};

use crate::server::{BASE, Call, KEY, Server, clip, data, job, json_reply};

/// An answer that decodes, by operation.
fn answer(call: &Call) -> crate::server::Reply {
    let asset = json!({
        "id": "asset_1", "name": "talk.mp4", "type": "video", "owner": "o", "space_id": "s",
        "uploaded_at": 1_717_000_000,
    });
    let endpoint = json!({
        "endpoint_id": "ep_1", "url": "https://example.com/hook", "status": "enabled",
        "created_at": "2026-11-21T00:00:00Z",
    });
    let path = call.url.strip_prefix(BASE).unwrap();
    match (call.method.as_str(), path.split('?').next().unwrap()) {
        ("POST", "/v3/clips") => data(&json!({ "clip_job_id": "clip_1" })),
        ("POST", "/v3/ai-clipping") => {
            json_reply(202, &json!({ "data": { "ai_clipping_id": "job_1" } }))
        }
        ("GET", "/v3/clips/clip_1") => data(&job("running")),
        ("GET", "/v3/ai-clipping/job_1") => data(&json!({ "id": "job_1", "status": "running" })),
        ("GET", "/v3/assets/asset_1") => data(&asset),
        ("DELETE", _) => data(&json!({ "id": "x" })),
        ("GET", _) => data(&json!([])),
        _ => data(&endpoint),
    }
}

/// Requests with the secret left out, and what is random replaced.
fn show(calls: &[Call]) -> String {
    let mut out = String::new();
    for call in calls {
        let path = call.url.strip_prefix(BASE).unwrap();
        writeln!(out, "{} {path}  ({})", call.method, call.operation).unwrap();
        for (name, value) in &call.headers {
            let value = match name.as_str() {
                "x-api-key" | "authorization" => {
                    assert!(value.is_sensitive(), "{name} is marked as sensitive");
                    value.to_str().unwrap().replace(KEY, "<key>")
                }
                "user-agent" => "<agent>".to_owned(),
                _ => value.to_str().unwrap().to_owned(),
            };
            writeln!(out, "{name}: {value}").unwrap();
        }
        if !call.body.is_empty() {
            let mut body: Value = call.json();
            // Their order depends on how `serde_json` was built.
            body.sort_all_objects();
            writeln!(out, "{body:#}").unwrap();
        }
        out.push('\n');
    }
    out
}

#[tokio::test]
async fn clips() {
    let server = Server::new(|call, _| answer(call));
    let clips = server.client().clips();
    let small = CreateClips::from_url("https://example.com/talk.mp4");
    assert_eq!(clips.create(small).await.unwrap().as_str(), "clip_1");
    let large = CreateClips::from_asset("asset_1")
        .max_clips(3)
        .instruction("prices")
        .windows([
            Window::new(12.0, 28.5),
            Window::new(40.0, 55.25).label("The answer"),
        ])
        .aspect_ratio(AspectRatio::Square)
        .captions(true)
        .title("Talk")
        .callback_url("https://example.com/hook")
        .callback_id("mine")
        .folder_id("folder_1");
    clips.create(large).await.unwrap();
    clips.get("clip_1").await.unwrap();
    clips.list().limit(5).token("a/b=").page().await.unwrap();
    clips.delete("clip_1").await.unwrap();
    insta::assert_snapshot!(show(&server.calls()));
}

#[tokio::test]
async fn ai_clipping() {
    let server = Server::new(|call, _| answer(call));
    let jobs = server.client().ai_clipping();
    let small = CreateAiClipping::from_asset("asset_1").idempotency_key("key-1");
    assert_eq!(jobs.create(small).await.unwrap().as_str(), "job_1");
    let large = CreateAiClipping::from_url("https://example.com/talk.mp4")
        .title("Talk")
        .input_language("en")
        .durations([
            ClipDuration::Seconds30,
            ClipDuration::Seconds180,
            ClipDuration::Long,
        ])
        .aspect_ratio(AspectRatio::Landscape)
        .captions(false)
        .caption_style("a_style_of_tomorrow")
        .prompt("prices")
        .callback_url("https://example.com/hook")
        .callback_id("mine")
        .idempotency_key("key-2");
    jobs.create(large).await.unwrap();
    jobs.get("job_1").await.unwrap();
    jobs.list().limit(5).token("t").page().await.unwrap();
    jobs.delete("job_1").await.unwrap();
    insta::assert_snapshot!(show(&server.calls()));
}

#[tokio::test]
async fn assets_and_webhooks() {
    let server = Server::new(|call, _| answer(call));
    let client = Client::builder()
        .bearer_token(KEY)
        .base_url(BASE)
        .transport(server.clone())
        .build()
        .unwrap();
    client.assets().get("asset_1").await.unwrap();
    client.assets().delete("asset_1").await.unwrap();
    let webhooks = client.webhooks();
    webhooks.list().limit(5).page().await.unwrap();
    let all: [&str; 0] = [];
    webhooks
        .create("https://example.com/hook", all)
        .await
        .unwrap();
    webhooks
        .create("https://example.com/hook", ["ai_clipping.success"])
        .await
        .unwrap();
    webhooks
        .set_events("ep_1", ["ai_clipping.fail"])
        .await
        .unwrap();
    webhooks
        .set_url("ep_1", "https://example.com/other")
        .await
        .unwrap();
    webhooks.rotate_secret("ep_1").await.unwrap();
    webhooks.delete("ep_1").await.unwrap();
    webhooks.event_types().await.unwrap();
    webhooks.events().token("t").page().await.unwrap();
    insta::assert_snapshot!(show(&server.calls()));
}

#[tokio::test]
async fn every_create_has_its_own_key_unless_given_one() {
    let server = Server::new(|call, _| answer(call));
    let jobs = server.client().ai_clipping();
    let request = CreateAiClipping::from_asset("asset_1");
    jobs.create(request.clone()).await.unwrap();
    jobs.create(request).await.unwrap();
    let calls = server.calls();
    let keys: Vec<_> = calls
        .iter()
        .map(|call| call.header("idempotency-key").unwrap())
        .collect();
    assert_eq!(keys[0].len(), 36);
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn the_raw_clients_carry_the_credential_too() {
    let server = Server::new(|call, _| answer(call));
    let raw = server.client().raw();
    raw.clips
        .get_clip_job()
        .clip_job_id("clip_1")
        .send()
        .await
        .unwrap();
    raw.ai_clipping
        .get_asset()
        .asset_id("asset_1")
        .send()
        .await
        .unwrap();
    for call in server.calls() {
        assert_eq!(call.header("x-api-key"), Some(KEY));
        assert_eq!(call.header("api-version"), None, "no document declares it");
    }
}

#[tokio::test]
async fn what_the_vendor_adds_decodes_and_goes_back_out_as_it_came() {
    let mut sent = json!({
        "id": "clip_1", "status": "transcribing", "title": null, "created_at": 1_717_000_000,
        "clips": [crate::server::clip("c_1", "x", "https://files.example.com/1.mp4", None)],
    });
    sent["clips"][0]["aspect_ratio"] = json!("4:5");
    sent["queue_position"] = json!(3);
    sent["clips"][0]["mood"] = json!({ "joy": 1 });
    let client = Server::always(data(&sent)).client();
    let job = client.clips().get("clip_1").await.unwrap();
    assert_eq!(
        job.job_status(),
        JobStatus::Unknown("transcribing".to_owned())
    );

    // A null and an absent field are one to these types.
    sent.as_object_mut().unwrap().remove("title");
    sent["clips"][0]
        .as_object_mut()
        .unwrap()
        .remove("caption_url");
    assert_eq!(serde_json::to_value(&job).unwrap(), sent);
}

#[test]
fn no_future_is_larger_than_two_kibibytes() {
    let client = Server::always(data(&json!({}))).client();
    let (clips, jobs, assets) = (client.clips(), client.ai_clipping(), client.assets());
    let webhooks = client.webhooks();
    let sizes = [
        (
            "clips.create",
            size_of_val(&clips.create(CreateClips::from_asset("a"))),
        ),
        ("clips.get", size_of_val(&clips.get("a"))),
        ("clips.delete", size_of_val(&clips.delete("a"))),
        ("clips.list.page", size_of_val(&clips.list().page())),
        (
            "jobs.create",
            size_of_val(&jobs.create(CreateAiClipping::from_asset("a"))),
        ),
        ("jobs.get", size_of_val(&jobs.get("a"))),
        ("assets.get", size_of_val(&assets.get("a"))),
        ("webhooks.create", size_of_val(&webhooks.create("a", ["a"]))),
        (
            "webhooks.set_events",
            size_of_val(&webhooks.set_events("a", ["a"])),
        ),
    ];
    for (name, size) in sizes {
        assert!(size <= 2048, "{name} takes {size} bytes");
    }
}

#[test]
fn what_is_printed_has_no_secret() {
    let signed = "https://cdn.example.com/talk.mp4?Signature=abcdef#abcdef";
    let token = "https://me:abcdef@example.com/hook";
    let clips = CreateClips::from_url(signed).callback_url(token);
    let ai_clipping = CreateAiClipping::from_url(signed).callback_url(token);
    let clip: types::Clip = serde_json::from_value(clip("c1", "x", signed, Some(signed))).unwrap();
    let endpoint: types::WebhookEndpoint = serde_json::from_value(json!({
        "endpoint_id": "e1", "url": "https://example.com", "status": "enabled",
        "created_at": "2026-11-21T00:00:00Z", "secret": "whsec_abcdef",
    }))
    .unwrap();
    assert_eq!(
        (clip.url.as_str(), endpoint.secret.as_deref()),
        (signed, Some("whsec_abcdef"))
    );
    let printed = format!("{clips:?} {ai_clipping:?} {clip:?} {endpoint:?}");
    assert!(
        printed.contains("https://cdn.example.com/talk.mp4?(redacted)"),
        "{printed}"
    );
    assert!(
        printed.contains("id: \"c1\"") && printed.contains("endpoint_id: \"e1\""),
        "{printed}"
    );
    assert!(!printed.contains("abcdef"), "{printed}");
    let hidden = CreateClips::from_url("https://example.com/share/kT9-x_Qp2Lw7Zs4VbN8mR3/talk.mp4");
    let printed = format!("{hidden:?}");
    assert!(
        printed.contains("\"https://example.com/share/(redacted)/talk.mp4\""),
        "{printed}"
    );
}
