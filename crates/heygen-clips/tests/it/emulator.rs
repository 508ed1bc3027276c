//! The SDK against the emulator, over real sockets: the whole road, and the same refusals on both
//! sides.

use std::path::Path;
use std::time::Duration;

use futures::TryStreamExt;
use heygen_clips::{
    AspectRatio, Client, ClipDuration, CreateAiClipping, CreateClips, JobStatus, JobView, Pace,
    Window,
};
use heygen_clips_emulator::{Backend, Emulator, ManualClock};
use serde_json::{Value, json};
use tempfile::TempDir;

const SAMPLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../heygen-clips-cli/sample/sample.mp4"
);
const KEY: &str = "sk_test_of_the_emulator";

async fn start() -> (Emulator, Client) {
    let emulator = Emulator::builder()
        .backend(Backend::Embedded)
        .api_key(KEY)
        .start()
        .await
        .unwrap();
    let client = Client::builder()
        .api_key(KEY)
        .base_url(emulator.base_url())
        .build()
        .unwrap();
    (emulator, client)
}

/// For an emulator, which nobody minds to be asked often.
fn quick() -> Pace {
    Pace::fixed(Duration::from_millis(50))
}

fn is_mp4(path: &Path) -> bool {
    std::fs::read(path).unwrap().get(4..8) == Some(b"ftyp")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_becomes_clips_on_disk() {
    let (_emulator, client) = start().await;
    let asset = client.assets().upload(SAMPLE).await.unwrap();
    let clips = client.clips();
    let request = CreateClips::from_asset(&asset.asset_id)
        .windows([
            Window::new(1.0, 2.0).label("First / one"),
            Window::new(3.0, 4.5),
        ])
        .aspect_ratio(AspectRatio::Square);
    let submitted = clips.submit(request).await.unwrap().pace(quick());
    let id = submitted.id().clone();
    let job = submitted.await.unwrap();
    assert_eq!(job.job_status(), JobStatus::Completed);

    let folder = TempDir::new().unwrap();
    let written = clips.download(&job, folder.path()).await.unwrap();
    assert_eq!(written.len(), 2);
    assert_eq!(written[0].video, folder.path().join("01-first-one.mp4"));
    assert!(written.iter().all(|clip| is_mp4(&clip.video)));

    let rows: Vec<_> = clips.list().by_item().try_collect().await.unwrap();
    assert_eq!(
        rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
        [id.as_str()]
    );
    clips.delete(&id).await.unwrap();
    assert!(clips.get(&id).await.unwrap_err().is_not_found());
    client.assets().delete(&asset.asset_id).await.unwrap();
    assert!(
        client
            .assets()
            .get(&asset.asset_id)
            .await
            .unwrap_err()
            .is_not_found()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn clips_are_fetched_after_their_links_have_expired() {
    let clock = ManualClock::at(1_760_000_000);
    let emulator = Emulator::builder()
        .backend(Backend::Embedded)
        .api_key(KEY)
        .clock(clock.clone())
        .link_lifetime(Duration::from_secs(60));
    let emulator = emulator.start().await.unwrap();
    let client = Client::builder().api_key(KEY).base_url(emulator.base_url());
    let client = client.build().unwrap();
    let asset = client.assets().upload(SAMPLE).await.unwrap();
    let clips = client.clips();
    let request = CreateClips::from_asset(&asset.asset_id).windows([Window::new(1.0, 2.0)]);
    let id = clips.create(request).await.unwrap();
    let job = clips.job(&id).pace(quick()).await.unwrap();

    let clip = &job.finished_clips()[0];
    let mut streamed = Vec::new();
    let stream = clips.open_clip(clip).await.unwrap();
    stream.write_to(&mut streamed).await.unwrap();
    clock.advance(Duration::from_secs(60));
    let folder = TempDir::new().unwrap();
    let file = clips.download_clip(clip, folder.path()).await.unwrap();
    assert!(is_mp4(&file.video));
    assert!(std::fs::read(&file.video).unwrap() == streamed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_upload_can_be_completed_elsewhere() {
    let (emulator, client) = start().await;
    let assets = client.assets();
    let pending = assets.upload(SAMPLE).send().await.unwrap();
    let waiting = assets.get(&pending.asset_id).await.unwrap();
    assert_eq!(waiting.url, None);

    // What another process would read.
    let written = serde_json::to_string(&pending).unwrap();
    let read = serde_json::from_str(&written).unwrap();
    let other = Client::builder().api_key(KEY).base_url(emulator.base_url());
    let other = other.build().unwrap().assets();
    let asset = other.complete(&read).await.unwrap();
    assert_eq!(asset.asset_id, pending.asset_id);
    assert_eq!(asset.mime_type, "video/mp4");
    assert_eq!(
        other.complete(&read).await.unwrap().asset_id,
        asset.asset_id
    );

    let mut wrong = pending;
    wrong.checksum_sha256 = "0".repeat(64);
    let error = other.complete(&wrong).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert_eq!(error.param(), Some("checksum_sha256"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_are_the_same_by_every_way() {
    let (_emulator, client) = start().await;
    let (assets, content) = (client.assets(), std::fs::read(SAMPLE).unwrap());
    let length = content.len() as u64;
    let file = async || tokio::fs::File::open(SAMPLE).await.unwrap();
    for direct in [false, true] {
        let uploads = [
            assets.upload(SAMPLE),
            assets.upload_bytes("talk", content.clone()),
            assets.upload_reader("talk", length, file().await),
        ];
        for upload in uploads {
            let asset = upload.direct(direct).await.unwrap();
            assert_eq!(asset.mime_type, "video/mp4");
            let stored = reqwest::get(&asset.url).await.unwrap();
            assert!(stored.bytes().await.unwrap() == content);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_under_the_same_key_is_the_same_job() {
    let (_emulator, client) = start().await;
    let asset = client.assets().upload(SAMPLE).await.unwrap();
    let jobs = client.ai_clipping();
    let request = CreateAiClipping::from_asset(asset.asset_id)
        .durations([ClipDuration::Seconds30])
        .idempotency_key("once");
    let first = jobs.create(request.clone()).await.unwrap();
    assert_eq!(jobs.create(request).await.unwrap(), first);
    let job = jobs.job(&first).pace(quick()).await.unwrap();
    assert_eq!(job.progress_percent(), Some(100));
    assert_eq!(job.finished_clips().len(), 1);
    let folder = TempDir::new().unwrap();
    let written = jobs.download(&job, folder.path()).await.unwrap();
    assert!(is_mp4(&written[0].video));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_an_auth_error() {
    let (emulator, _) = start().await;
    let client = Client::builder()
        .api_key("other")
        .base_url(emulator.base_url())
        .build()
        .unwrap();
    let error = client.clips().list().page().await.unwrap_err();
    assert!(error.is_auth(), "{error}");
    assert_eq!((error.status(), error.code()), (Some(401), "unauthorized"));
}

/// What the server says of a body that the SDK would not send.
async fn verdict(emulator: &Emulator, path: &str, body: &Value) -> (u16, Value) {
    let answer = reqwest::Client::new()
        .post(format!("{}{path}", emulator.base_url()))
        .header("x-api-key", KEY)
        .json(body)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_refuse_with_the_same_code_and_param() {
    let (emulator, _client) = start().await;
    let url = "https://example.com/talk.mp4";
    let video = json!({ "type": "url", "url": url });
    let window = |start: f64, end: f64| json!({ "start": start, "end": end });
    let new = || CreateClips::from_url(url);
    let first = Window::new(0.0, 1.0);
    let clips = [
        (json!({ "max_clips": 0 }), new().max_clips(0)),
        (json!({ "max_clips": 11 }), new().max_clips(11)),
        (
            json!({ "instruction": "x".repeat(2001) }),
            new().instruction("x".repeat(2001)),
        ),
        (
            json!({ "windows": vec![window(0., 1.); 11] }),
            new().windows(vec![first.clone(); 11]),
        ),
        (
            json!({ "windows": [window(0., 1.), window(-1., 1.)] }),
            new().windows([first.clone(), Window::new(-1.0, 1.0)]),
        ),
        (
            json!({ "windows": [window(0., 1.), window(2., 2.)] }),
            new().windows([first, Window::new(2.0, 2.0)]),
        ),
        (
            json!({ "callback_url": "nowhere" }),
            new().callback_url("nowhere"),
        ),
        (
            json!({ "video": { "type": "url", "url": "talk.mp4" } }),
            CreateClips::from_url("talk.mp4"),
        ),
    ];
    for (change, request) in clips {
        let ours = request.check().unwrap_err();
        same(&emulator, "/v3/clips", &video, &change, &ours).await;
    }

    let new = || CreateAiClipping::from_url(url);
    let long = "x".repeat(501);
    let settings = |change: Value| json!({ "output_settings": change });
    let ai_clipping = [
        (json!({ "title": long }), new().title(&long)),
        (settings(json!({ "prompt": long })), new().prompt(&long)),
        (
            settings(json!({ "duration_types": [] })),
            new().durations([]),
        ),
        (
            settings(json!({ "duration_types": ["30", "30", "30", "30", "30"] })),
            new().durations([ClipDuration::Seconds30; 5]),
        ),
    ];
    for (change, request) in ai_clipping {
        let ours = request.check().unwrap_err();
        same(&emulator, "/v3/ai-clipping", &video, &change, &ours).await;
    }
}

async fn same(
    emulator: &Emulator,
    path: &str,
    video: &Value,
    change: &Value,
    ours: &heygen_clips::Error,
) {
    let mut body = json!({ "video": video });
    body.as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    let (status, answer) = verdict(emulator, path, &body).await;
    assert_eq!(status, 400, "{body}: {answer}");
    assert_eq!(answer["error"]["code"], ours.code(), "{body}: {answer}");
    assert_eq!(
        answer["error"]["param"],
        json!(ours.param()),
        "{body}: {answer}"
    );
}
