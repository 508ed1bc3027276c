//! Everything that this crate prints or writes, of calls that succeed and that fail in every way,
//! searched for the key, the secret of a webhook endpoint and the signature of a link.

use std::error::Error as StdError;
use std::fmt::{Debug, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::TryStreamExt;
use heygen_clips::testing::{Answer, Call, Recorder, Server};
use heygen_clips::{
    Callback, Client, CreateAiClipping, CreateClips, Error, Http, Observer, Pace, Request, Retries,
    Sending, Transport, Unverified, Verifier,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::{BASE, KEY, clip};
use crate::tracing::Log;
use crate::upload::place;

const SECRET: &str = "whsec_5ecre7";
const SIGNATURE: &str = "s1gn47ure";

fn link(name: &str) -> String {
    format!("https://files.example.com/{name}?Signature={SIGNATURE}")
}

/// What the server does to every call of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Works,
    Fails,
    Refuses(u16),
    Gateway,
    Malformed,
    OtherShape,
    Cut,
    Reset,
    DeadLinks,
}

fn answer(way: Way, call: &Call) -> Answer {
    let works = works(call);
    let is_file = call.operation == "download_file" || call.operation == "put_direct_upload";
    let page = format!("<html><a href=\"{}\">{SECRET}</a></html>", link("x"));
    match way {
        Way::Works => works,
        Way::DeadLinks if is_file => Answer::new(403, page),
        Way::DeadLinks => works,
        Way::Refuses(status) => {
            // As if the request were quoted.
            let message = format!("cannot fetch {} with {KEY}", link("talk.mp4"));
            Answer::refusal(status, "refused", &message)
        }
        Way::Fails
            if call.operation.starts_with("get_clip_job")
                || call.operation.starts_with("get_ai") =>
        {
            let reason = format!("cannot fetch {}", link("talk.mp4"));
            let clips = json!([clip("c_1", "One", &link("1.mp4"), None)]);
            let (id, clips) = match call.operation.as_str() {
                "get_clip_job" => ("clip_1", clips),
                _ => (
                    "job_1",
                    json!([{ "id": "c", "status": "failed", "failure_message": reason }]),
                ),
            };
            let job =
                json!({ "id": id, "status": "failed", "failure_message": reason, "clips": clips });
            Answer::data(&job)
        }
        Way::Fails => works,
        Way::Gateway => Answer::new(502, page).header("content-type", "text/html"),
        Way::Malformed => Answer::new(200, format!("{{\"data\": \"{}\", {SECRET}", link("x"))),
        Way::OtherShape => Answer::data(&json!([{ "secret": SECRET, "url": link("x") }])),
        Way::Cut => works.cut_after(30),
        Way::Reset => Answer::reset(),
    }
}

fn works(call: &Call) -> Answer {
    let clips = json!([clip("c_1", "One", &link("1.mp4"), Some(&link("1.vtt")))]);
    let ai_clips = json!([{ "id": "c_1", "status": "completed", "video_url": link("1.mp4") }]);
    let asset = json!({
        "asset_id": "asset_1", "url": link("talk.mp4"), "mime_type": "video/mp4", "size_bytes": 3,
        "id": "asset_1", "name": "talk.mp4", "type": "video", "owner": "o", "space_id": "s",
        "created_at": 1, "status": "completed", "a_new_field": link("new"),
    });
    let endpoint = json!({
        "endpoint_id": "ep_1", "url": link("hook"), "secret": SECRET, "status": "enabled",
        "events": ["ai_clipping.success"], "created_at": "2026-01-01T00:00:00Z",
    });
    let event = json!({
        "event_id": "e_1", "event_type": "ai_clipping.success", "created_at": "2026-01-01T00:00:00Z",
        "event_data": { "id": "j", "clips": ai_clips },
    });
    let data = match call.operation.as_str() {
        "create_clip_job" => json!({ "clip_job_id": "clip_1" }),
        "get_clip_job" => {
            json!({ "id": "clip_1", "status": "completed", "clips": clips, "new": link("new") })
        }
        "create_ai_clipping_v3" => json!({ "ai_clipping_id": "job_1" }),
        "get_ai_clipping_v3" => json!({ "id": "job_1", "status": "completed", "clips": ai_clips }),
        "list_clip_jobs" | "list_ai_clippings_v3" => json!([]),
        "create_direct_upload" => {
            let mut place = place(1_000);
            place["upload_url"] = json!(link("put"));
            place
        }
        "upload_asset" | "complete_direct_upload" | "get_asset" => asset,
        "list_webhook_endpoints" => json!([endpoint]),
        "list_webhook_events" => json!([event]),
        "list_webhook_event_types" => json!([]),
        "download_file" => return Answer::new(200, "video"),
        "put_direct_upload" => return Answer::new(200, ""),
        name if name.contains("webhook_endpoint") && !name.starts_with("delete") => endpoint,
        _ => json!({ "id": "x" }),
    };
    Answer::data(&data)
}

/// What was printed.
#[derive(Default)]
struct Printed {
    text: String,
    worked: usize,
    failed: usize,
}

impl Printed {
    fn value(&mut self, value: &impl Debug) {
        writeln!(self.text, "{value:?}\n{value:#?}").unwrap();
    }

    fn result<T: Debug>(&mut self, result: Result<T, Error>) -> Option<T> {
        match result {
            Ok(value) => {
                self.worked += 1;
                self.value(&value);
                Some(value)
            }
            Err(error) => {
                self.failed += 1;
                self.value(&error);
                let mut cause: Option<&dyn StdError> = Some(&error);
                while let Some(error) = cause {
                    writeln!(self.text, "{error}\n{error:?}").unwrap();
                    cause = error.source();
                }
                None
            }
        }
    }

    /// All files below a folder.
    fn files(&mut self, folder: &Path) {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            writeln!(self.text, "{}", path.display()).unwrap();
            if path.is_dir() {
                self.files(&path);
            } else {
                let content = std::fs::read(&path).unwrap();
                self.text.push_str(&String::from_utf8_lossy(&content));
            }
        }
    }
}

async fn clips(client: &Client, folder: &Path, out: &mut Printed) {
    let (pace, deadline) = (
        || Pace::fixed(Duration::from_secs(1)),
        Duration::from_secs(3),
    );
    let (clips, jobs) = (client.clips(), client.ai_clipping());
    let request = CreateClips::from_url(link("talk.mp4")).callback_url(link("hook"));
    out.value(&request);
    out.result(clips.create(request.clone()).await);
    if let Some(job) = out.result(clips.submit(request).await) {
        out.value(job.handle());
        out.text += &serde_json::to_string(job.handle()).unwrap();
        out.result(job.pace(pace()).deadline(deadline).await);
    }
    let events = clips.job("clip_1").pace(pace()).deadline(deadline).events();
    out.result(events.try_collect::<Vec<_>>().await);
    if let Some(job) = out.result(clips.get("clip_1").await) {
        out.value(&clips.download(&job, folder.join("a")));
        out.result(clips.download(&job, folder.join("a")).await);
        let clip = &heygen_clips::JobView::finished_clips(&job)[0];
        out.result(clips.download_clip(clip, folder.join("b")).await);
        out.result(clips.open_clip(clip).await);
    }
    out.result(clips.list().page().await);
    out.result(clips.delete("clip_1").await);

    let request = CreateAiClipping::from_url(link("talk.mp4")).callback_url(link("hook"));
    out.value(&request);
    out.result(jobs.create(request.clone()).await);
    if let Some(job) = out.result(jobs.submit(request).await) {
        out.result(job.pace(pace()).deadline(deadline).await);
    }
    if let Some(job) = out.result(jobs.get("job_1").await) {
        out.result(jobs.download(&job, folder.join("c")).await);
    }
    out.result(jobs.list().page().await);
    out.result(jobs.delete("job_1").await);
    out.result(client.resume_all().await);
    out.value(&client.journal().map(heygen_clips::Journal::intents));
}

async fn assets(client: &Client, out: &mut Printed) {
    let assets = client.assets();
    let upload = || {
        assets
            .upload_bytes("talk.mp4", "abc")
            .content_type("video/mp4")
    };
    out.value(&upload());
    out.result(upload().await);
    out.result(upload().direct(true).await);
    if let Some(pending) = out.result(upload().send().await) {
        out.text += &serde_json::to_string(&pending).unwrap();
        out.result(assets.complete(&pending).await);
    }
    out.result(assets.get("asset_1").await);
    out.result(assets.delete("asset_1").await);
}

async fn webhooks(client: &Client, out: &mut Printed) {
    let webhooks = client.webhooks();
    let events = ["ai_clipping.success"];
    out.result(webhooks.create(link("hook"), events).await);
    out.result(webhooks.list().page().await);
    out.result(webhooks.set_url("ep_1", link("hook")).await);
    out.result(webhooks.set_events("ep_1", events).await);
    out.result(webhooks.rotate_secret("ep_1").await);
    out.result(webhooks.event_types().await);
    out.result(webhooks.events().page().await);
    out.result(webhooks.delete("ep_1").await);

    let verifier = Verifier::new(SECRET).unwrap().remember(10);
    out.value(&verifier);
    let job = json!({ "id": "job_1", "status": "completed", "url": link("1.mp4") });
    let body = json!({ "event_type": "ai_clipping.success", "event_data": job }).to_string();
    let failed = json!({ "id": "job_1", "status": "failed", "failure_message": link("1.mp4") });
    let failed = json!({ "event_type": "ai_clipping.fail", "event_data": failed }).to_string();
    let signed = verifier.sign_test_delivery(failed.as_bytes());
    out.result(verifier.verify(&signed, failed.as_bytes()));
    let signed = verifier.sign_test_delivery(body.as_bytes());
    for body in [&body, &body, &link("nonsense")] {
        out.result(verifier.verify(&signed, body.as_bytes()));
    }
    let signed = verifier.sign_test_delivery(link("nonsense").as_bytes());
    out.result(verifier.verify(&signed, link("nonsense").as_bytes()));
    for body in [body, link("nonsense")] {
        if let Some(callback) = out.result(Unverified::<Callback>::read(body.as_bytes())) {
            out.result(callback.confirm(client).await);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_key_secret_or_signature_is_in_anything_that_is_printed_or_written() {
    let folder = TempDir::new().unwrap();
    let (observer, log) = (Observer::new(), Log::default());
    let guard = log.start();
    let mut out = Printed::default();
    let ways = [
        Way::Works,
        Way::Fails,
        Way::Refuses(401),
        Way::Refuses(404),
        Way::Refuses(500),
        Way::Gateway,
        Way::Malformed,
        Way::OtherShape,
        Way::Cut,
        Way::Reset,
        Way::DeadLinks,
    ];
    for way in ways {
        let folder = folder.path().join(format!("{way:?}"));
        std::fs::create_dir(&folder).unwrap();
        let server = Server::new(move |call, _| answer(way, call));
        let recorder = Recorder::new(server.clone(), folder.join("cassette.json"));
        out.value(&recorder);
        let client = Client::builder()
            .api_key(KEY)
            .base_url(BASE)
            .transport(recorder)
            .observer(&observer)
            .journal(folder.join("journal"))
            .retries(Retries::default().attempts(2));
        out.value(&client);
        let client = client.build().unwrap();
        out.value(&client);
        out.value(&client.raw());
        clips(&client, &folder, &mut out).await;
        assets(&client, &mut out).await;
        webhooks(&client, &mut out).await;
        out.value(&server);
        out.value(&answer(way, &server.calls()[0]));
        assert!(folder.join("journal").is_file());
    }
    drop(guard);
    assert!(
        out.worked > 40 && out.failed > 150,
        "{} {}",
        out.worked,
        out.failed
    );
    out.files(folder.path());
    out.text += &log.text();
    out.text += &observer.report();
    out.value(&observer);

    for part in [
        "clips.json",
        "cassette.json",
        "get_clip_job",
        "property-added",
        "url.template",
    ] {
        assert!(out.text.contains(part), "{part} should have been printed");
    }
    for secret in [KEY, SECRET, SIGNATURE] {
        if let Some(at) = out.text.find(secret) {
            let start = out.text[..at]
                .char_indices()
                .rev()
                .nth(300)
                .map_or(0, |(at, _)| at);
            panic!("{secret} in: {}", &out.text[start..at + secret.len()]);
        }
    }
    let _: Value = serde_json::from_str(&observer.report()).unwrap();
}

/// An answer of `reqwest` knows where it came from, and where it leads.
#[tokio::test]
async fn an_answer_shows_no_link() {
    let server = Server::always(Answer::new(302, "moved").header("location", &link("b.mp4")));
    let socket = server.listen().await.unwrap();
    let url = format!("{}/a.mp4?Signature={SIGNATURE}", socket.base_url());
    let seen = Seen::default();
    let client = Client::builder()
        .api_key(KEY)
        .base_url(BASE)
        .transport(seen.clone());
    let clips = client.retries(Retries::none()).build().unwrap().clips();
    let job =
        json!({ "id": "clip_1", "status": "completed", "clips": [clip("c_1", "a", &url, None)] });
    let job: heygen_clips::types::ClipJob = serde_json::from_value(job).unwrap();
    let folder = TempDir::new().unwrap();
    clips.download(&job, folder.path()).await.unwrap_err();
    let shown = seen.0.lock().unwrap().clone();
    assert_eq!(shown[0], "Response { status: 302, .. }");
}

/// The network, with what its answers show.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Transport for Seen {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let answer = Http::new().unwrap().send(request).await?;
            self.0.lock().unwrap().push(format!("{answer:?}"));
            Ok(answer)
        })
    }
}
