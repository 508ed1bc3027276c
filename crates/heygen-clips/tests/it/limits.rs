//! What the documents forbid is refused before sending, with the code and param of the server.

use heygen_clips::{ClipDuration, CreateAiClipping, CreateClips, Result, Window};
use serde_json::json;

use crate::server::{Server, data};

const URL: &str = "https://example.com/talk.mp4";

/// The param at fault, after making sure of the rest.
fn refused(checked: Result<()>) -> String {
    let error = checked.unwrap_err();
    assert_eq!(error.code(), "invalid_parameter");
    assert!(error.is_invalid_request() && !error.is_retryable());
    assert_eq!(error.status(), None, "it was not sent");
    error.param().unwrap().to_owned()
}

#[test]
fn clips_limits() {
    let new = || CreateClips::from_url(URL);
    let ok = new()
        .max_clips(10)
        .instruction("é".repeat(2000))
        .windows(vec![Window::new(0., 1.); 10]);
    assert!(
        ok.check().is_ok(),
        "limits are inclusive and count characters"
    );

    assert_eq!(refused(new().max_clips(0).check()), "max_clips");
    assert_eq!(refused(new().max_clips(11).check()), "max_clips");
    assert_eq!(
        refused(new().instruction("x".repeat(2001)).check()),
        "instruction"
    );
    assert_eq!(
        refused(new().windows(vec![Window::new(0., 1.); 11]).check()),
        "windows"
    );
    assert_eq!(
        refused(new().callback_url("not a url").check()),
        "callback_url"
    );
    assert_eq!(
        refused(CreateClips::from_url("talk.mp4").check()),
        "video.url"
    );
    assert_eq!(
        refused(CreateClips::from_url("file:///etc/passwd").check()),
        "video.url"
    );
}

#[test]
fn windows_are_checked_one_by_one() {
    let at_3 = |start, end| {
        let mut windows = vec![Window::new(0.0, 1.0); 3];
        windows.push(Window::new(start, end));
        refused(CreateClips::from_url(URL).windows(windows).check())
    };
    assert_eq!(at_3(-0.5, 1.0), "windows[3].start");
    assert_eq!(at_3(f64::NAN, 1.0), "windows[3].start");
    assert_eq!(at_3(f64::INFINITY, 1.0), "windows[3].start");
    assert_eq!(at_3(2.0, 2.0), "windows[3].end");
    assert_eq!(at_3(2.0, 1.0), "windows[3].end");
    assert_eq!(at_3(2.0, f64::NAN), "windows[3].end");
}

#[test]
fn ai_clipping_limits() {
    let new = || CreateAiClipping::from_url(URL);
    let ok = new()
        .title("é".repeat(255))
        .prompt("é".repeat(500))
        .idempotency_key("a".repeat(255));
    assert!(ok.durations([ClipDuration::Long; 4]).check().is_ok());

    let durations = "output_settings.duration_types";
    assert_eq!(refused(new().durations([]).check()), durations);
    assert_eq!(
        refused(new().durations([ClipDuration::Seconds30; 5]).check()),
        durations
    );
    assert_eq!(
        refused(new().prompt("x".repeat(501)).check()),
        "output_settings.prompt"
    );
    assert_eq!(refused(new().title("x".repeat(256)).check()), "title");
    assert_eq!(
        refused(new().idempotency_key("").check()),
        "Idempotency-Key"
    );
    assert_eq!(
        refused(new().idempotency_key("a b").check()),
        "Idempotency-Key"
    );
    assert_eq!(
        refused(new().idempotency_key("a".repeat(256)).check()),
        "Idempotency-Key"
    );
}

#[tokio::test]
async fn nothing_is_sent_when_a_limit_is_broken() {
    let server = Server::always(data(&json!({})));
    let client = server.client();
    let create = CreateClips::from_url(URL).max_clips(11);
    refused(client.clips().create(create).await.map(drop));
    let create = CreateAiClipping::from_url(URL).prompt("x".repeat(501));
    refused(client.ai_clipping().create(create).await.map(drop));
    assert_eq!(
        refused(client.clips().get("").await.map(drop)),
        "clip_job_id"
    );
    assert_eq!(refused(client.clips().delete("..").await), "clip_job_id");
    assert_eq!(
        refused(client.ai_clipping().get(".").await.map(drop)),
        "job_id"
    );
    assert_eq!(refused(client.assets().delete("a\nb").await), "asset_id");
    assert_eq!(
        refused(client.clips().list().limit(101).page().await.map(drop)),
        "limit"
    );
    assert_eq!(
        refused(client.webhooks().set_url("ep_1", "x").await.map(drop)),
        "url"
    );
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn an_id_cannot_leave_its_place_in_the_path() {
    let server = Server::always(data(&json!({ "id": "x" })));
    server
        .client()
        .clips()
        .delete("a/../b?c#d%2e")
        .await
        .unwrap();
    assert_eq!(
        server.calls()[0].url,
        "https://api.example.com/v3/clips/a%2F..%2Fb%3Fc%23d%252e"
    );
}
