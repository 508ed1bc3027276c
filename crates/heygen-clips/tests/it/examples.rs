//! The examples, run against the emulator with a real video. Their `main` is for the command line
//! and not used here.

#[path = "../../examples"]
#[allow(dead_code)]
mod shown {
    pub(crate) mod callbacks;
    pub(crate) mod download_progress;
    pub(crate) mod errors;
    pub(crate) mod events;
    pub(crate) mod hand_over;
    pub(crate) mod list_and_delete;
    pub(crate) mod observer;
    pub(crate) mod quickstart;
    pub(crate) mod restart;
    pub(crate) mod retries;
    pub(crate) mod upload;
    pub(crate) mod webhook_receiver;
    pub(crate) mod windows;
    pub(crate) mod without_async;
}

use std::path::{Path, PathBuf};

use heygen_clips::{Client, CreateClips, JobHandle, Observer, Retries, Verifier, Video, Window};
use heygen_clips_emulator::{Backend, Emulator};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::server::KEY;

const SAMPLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../heygen-clips-cli/sample/sample.mp4"
);

async fn start() -> (Emulator, Client) {
    let emulator = Emulator::builder().backend(Backend::Embedded).api_key(KEY);
    let emulator = emulator.start().await.unwrap();
    let client = client(&emulator).build().unwrap();
    (emulator, client)
}

fn client(emulator: &Emulator) -> heygen_clips::ClientBuilder {
    Client::builder().api_key(KEY).base_url(emulator.base_url())
}

/// The only folder in a folder: that of a job.
fn job_in(folder: &Path) -> PathBuf {
    let mut entries = folder.read_dir().unwrap();
    let (only, None) = (entries.next().unwrap(), entries.next()) else {
        panic!("several in {}", folder.display());
    };
    only.unwrap().path()
}

/// How many clips are in a folder.
fn clips_in(folder: &Path) -> usize {
    let entries = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "mp4"))
        .count()
}

async fn post(app: axum::Router, path: &str, headers: http::HeaderMap, body: String) -> u16 {
    let request = http::Request::post(path).body(axum::body::Body::from(body));
    let mut request = request.unwrap();
    *request.headers_mut() = headers;
    app.oneshot(request).await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_that_make_clips_make_them() {
    let (_emulator, client) = start().await;
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);

    let asset = shown::upload::run(&client, Path::new(SAMPLE))
        .await
        .unwrap();
    let video = || Video::Asset(asset.clone());
    let handed_over = async {
        let handle = shown::hand_over::submit(&client, video()).await?;
        shown::hand_over::resume(&client, &handle, &at("handed over"))
            .await
            .unwrap();
        Ok(handle)
    };
    let (quickstart, events, windows, without_async) = (
        at("quickstart"),
        at("events"),
        at("windows"),
        at("without async"),
    );
    let (other, to) = (client.clone(), without_async.clone());
    let without = tokio::task::spawn_blocking(move || {
        let run = move || shown::without_async::run(&other, Path::new(SAMPLE), &to);
        std::thread::spawn(run).join().unwrap()
    });
    let (.., handle) = futures::try_join!(
        shown::quickstart::run(&client, video(), &quickstart),
        shown::events::run(&client, video(), &events),
        shown::windows::run(&client, video(), &windows),
        async { without.await.unwrap() },
        handed_over,
    )
    .unwrap();
    assert!((1..=2).contains(&clips_in(&job_in(&quickstart))));
    assert_eq!(clips_in(&job_in(&events)), 1);
    assert!(job_in(&windows).join("01-the-question.mp4").is_file());
    assert!(job_in(&windows).join("02-the-answer.mp4").is_file());
    assert_eq!(clips_in(&job_in(&without_async)), 1);
    assert_eq!(clips_in(&at("handed over")), 1);

    assert!(!handle.contains(KEY));
    let handle: JobHandle = serde_json::from_str(&handle).unwrap();
    let id = handle.job_id().as_str();
    shown::download_progress::run(&client, id, &at("again"))
        .await
        .unwrap();
    assert_eq!(clips_in(&at("again")), 1);

    let callbacks = shown::callbacks::app(client.clone());
    for (id, status) in [(id, 200), ("clip_made_up", 404)] {
        let body = format!(
            r#"{{"event_type":"clips.success","event_data":{{"clip_job_id":"{id}","status":"completed"}}}}"#
        );
        let answered = post(callbacks.clone(), "/done", http::HeaderMap::new(), body).await;
        assert_eq!(answered, status, "{id}");
    }
    shown::list_and_delete::run(&client).await.unwrap();
    client.clips().get(id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_that_is_started_again_goes_on() {
    let (emulator, first) = start().await;
    let asset = first.assets().upload(SAMPLE).await.unwrap().asset_id;
    let folder = TempDir::new().unwrap();
    let program = || {
        let journal = folder.path().join("jobs.journal");
        client(&emulator).journal(journal).build().unwrap()
    };
    let killed = program();
    let video = Video::Asset(asset);
    shown::restart::submit(&killed, video).await.unwrap();
    let id = killed.journal().unwrap().intents()[0]
        .job_id
        .clone()
        .unwrap();
    drop(killed);

    let clips = folder.path().join("clips");
    let restarted = program();
    shown::restart::go_on(&restarted, &clips).await.unwrap();
    assert!(clips_in(&clips.join(id.as_str())) >= 1);
    assert_eq!(restarted.journal().unwrap().intents(), []);
    let jobs = restarted.ai_clipping().list().page().await.unwrap();
    assert_eq!(jobs.items.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_about_failures_and_observers_say_what_they_should() {
    let (emulator, client) = start().await;
    shown::retries::run(&client).await.unwrap();
    let observer = Observer::new();
    let observed = self::client(&emulator).observer(&observer).build().unwrap();
    shown::observer::run(&observed).await.unwrap();
    assert_eq!(
        observer.observations(),
        [],
        "the emulator keeps to the documents"
    );

    let advice = shown::errors::advice;
    let unknown = client.clips().get("clip_made_up").await.unwrap_err();
    assert_eq!(advice(&unknown), "there is no such job");
    let other = self::client(&emulator).api_key("another").build().unwrap();
    let refused = other.clips().list().page().await.unwrap_err();
    assert_eq!(advice(&refused), "is HEYGEN_API_KEY right?");
    let request = CreateClips::from_asset("a").windows([Window::new(5.0, 1.0)]);
    let invalid = client.clips().create(request).await.unwrap_err();
    assert_eq!(
        advice(&invalid),
        "mend windows[0].end: windows[0].end must be later than its start at 5 s, not 1"
    );
    let nobody = Client::builder()
        .api_key(KEY)
        .base_url("http://127.0.0.1:9");
    let nobody = nobody.retries(Retries::none()).build().unwrap();
    let unreachable = nobody.clips().list().page().await.unwrap_err();
    assert_eq!(advice(&unreachable), "again in 10 s");
}

#[tokio::test]
async fn the_example_of_webhooks_takes_signed_deliveries_only() {
    let client = Client::builder().api_key(KEY).build().unwrap();
    let app = shown::webhook_receiver::app(client, "whsec_x").unwrap();
    let body =
        r#"{"event_type":"ai_clipping.success","event_data":{"id":"j","status":"completed"}}"#;
    let signed = Verifier::new("whsec_x").unwrap();
    let signed = signed.sign_test_delivery(body.as_bytes());
    for (headers, status) in [(signed, 200), (http::HeaderMap::new(), 401)] {
        let answered = post(app.clone(), "/heygen", headers, body.to_owned()).await;
        assert_eq!(answered, status);
    }
}
