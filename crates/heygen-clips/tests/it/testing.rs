//! The test kit: faults in the same process and on a socket, recordings and what is in them.

use std::time::{Duration, SystemTime};

use heygen_clips::testing::{Answer, Listening, Recorder, Replay, Server};
use heygen_clips::{Client, Http, JobStatus, JobView, Retries};
use heygen_clips_emulator::{Backend, Emulator};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::{BASE, KEY, clip, job};
use crate::store::{finished, job_with};

fn running() -> Answer {
    Answer::data(&job("running"))
}

fn client(listening: &Listening) -> Client {
    let client = Client::builder()
        .api_key(KEY)
        .base_url(listening.base_url());
    let quick = Retries::default().first_pause(Duration::from_millis(1));
    client.retries(quick).build().unwrap()
}

/// What a call gets in each way: the code of its error, or `ok`.
async fn both_ways(answer: Answer) -> [String; 2] {
    let server = Server::always(answer);
    let listening = server.listen().await.unwrap();
    let (near, far) = (server.client_builder().build().unwrap(), client(&listening));
    let mut codes = Vec::new();
    for client in [near, far] {
        let client = client.with_retries(Retries::none());
        let client = client.with_timeout(Duration::from_millis(500));
        codes.push(match client.clips().get("clip_1").await {
            Ok(_) => "ok".to_owned(),
            Err(error) => format!("{} {}", error.status().unwrap_or_default(), error.code()),
        });
    }
    codes.try_into().unwrap()
}

#[tokio::test]
async fn a_fault_is_the_same_in_the_process_and_on_a_socket() {
    let moment = Duration::from_millis(1);
    for (answer, code) in [
        (running(), "ok"),
        (running().slowly(7, moment), "ok"),
        (running().after(moment), "ok"),
        (running().with_unknown("status"), "ok"),
        (running().cut_after(9), "0 cli_network"),
        (running().slowly(1, Duration::from_secs(1)), "0 cli_timeout"),
        (Answer::reset(), "0 cli_network"),
        (Answer::silence(), "0 cli_timeout"),
        (Answer::bad_gateway(), "502 cli_http_error"),
        (Answer::expired_link(), "403 cli_http_error"),
        (Answer::refusal(409, "busy", "later"), "409 busy"),
        (
            Answer::rate_limited_until(SystemTime::now()),
            "429 rate_limited",
        ),
    ] {
        let name = format!("{answer:?}");
        assert_eq!(both_ways(answer).await, [code, code], "{name}");
    }
}

#[tokio::test]
async fn a_call_goes_through_a_script_of_faults_on_a_socket() {
    let server = Server::script([
        Answer::reset(),
        Answer::bad_gateway(),
        running().cut_after(5),
        Answer::rate_limited_until(SystemTime::now()),
        running().with_unknown("status"),
    ]);
    let listening = server.listen().await.unwrap();
    let patient = Retries::default()
        .attempts(5)
        .first_pause(Duration::from_millis(1));
    let clips = client(&listening).with_retries(patient).clips();
    let job = clips.get("clip_1").await.unwrap();
    assert_eq!(
        job.job_status(),
        JobStatus::Unknown("value_of_tomorrow".to_owned())
    );
    let calls = server.calls();
    assert_eq!(calls.len(), 5);
    assert_eq!(calls[0].header("x-api-key"), Some(KEY));
    assert_eq!(
        calls[4].url,
        format!("{}/v3/clips/clip_1", listening.base_url())
    );

    let error = clips.get("clip_1").await.unwrap_err();
    assert_eq!(error.code(), "script_is_over");
}

#[tokio::test]
async fn an_upload_arrives_on_a_socket_whole() {
    let asset = json!({ "asset_id": "a", "url": "u", "mime_type": "video/mp4", "size_bytes": 3 });
    let server = Server::always(Answer::data(&asset));
    let listening = server.listen().await.unwrap();
    let assets = client(&listening).assets();
    let upload = assets
        .upload_bytes("talk.mp4", "abc")
        .content_type("video/mp4");
    upload.await.unwrap();
    let call = &server.calls()[0];
    let body = String::from_utf8(call.body.to_vec()).unwrap();
    assert!(body.contains("\r\n\r\nabc\r\n--"), "{body}");
    assert!(!format!("{call:?} {server:?}").contains(KEY));
}

#[tokio::test]
async fn what_was_recorded_is_replayed_in_order_without_a_server() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("job.json");
    let link = format!("https://u:pw@files.example.com/1.mp4?Signature=s1gn4ture&key={KEY}");
    let mut done = job_with(&link);
    done["clips"][0]["note"] = json!(format!("for {KEY}"));
    let listed = json!([{ "endpoint_id": "e", "url": "https://example.com/hook?t=t0ken",
        "secret": "whsec_hidden", "status": "enabled", "events": [], "created_at": "now" }]);
    let server = Server::new(move |call, count| match (call.operation.as_str(), count) {
        ("get_clip_job", 0) => Answer::reset(),
        ("get_clip_job", 1) => Answer::data(&job("running")).header("set-cookie", "c00kie"),
        ("get_clip_job", _) => Answer::data(&done),
        ("download_file", _) => Answer::new(200, vec![0xff, 0, 1]),
        _ => Answer::json(200, &json!({ "data": listed })),
    });
    let client = |client: heygen_clips::ClientBuilder| {
        let quick = Retries::default().first_pause(Duration::ZERO);
        let client = client.api_key(KEY).base_url(BASE).retries(quick);
        client.build().unwrap()
    };
    let road = async |client: Client, folder: &str, at: &TempDir| {
        let clips = client.clips();
        assert_eq!(
            clips.get("clip_1").await.unwrap().job_status(),
            JobStatus::Running
        );
        let job = clips.get("clip_1").await.unwrap();
        let written = clips.download(&job, at.path().join(folder)).await.unwrap();
        assert_eq!(std::fs::read(&written[0].video).unwrap(), [0xff, 0, 1]);
        client.webhooks().list().page().await.unwrap();
    };
    let recorder = Recorder::new(server.clone(), &path);
    road(client(Client::builder().transport(recorder)), "a", &folder).await;
    assert_eq!(server.calls().len(), 5);

    let cassette = std::fs::read_to_string(&path).unwrap();
    for secret in [KEY, "s1gn4ture", "u:pw", "whsec_hidden", "t0ken", "c00kie"] {
        assert!(!cassette.contains(secret), "{secret} in {cassette}");
    }
    let replay = Replay::open(&path).unwrap();
    let replayed = client(Client::builder().transport(replay.clone()));
    road(replayed.clone(), "b", &folder).await;
    assert_eq!((server.calls().len(), replay.left()), (5, 0));

    let clips = replayed.clips();
    for (id, what) in [
        ("clip_1", "has only 3 of it"),
        ("clip_2", "does not have it"),
    ] {
        let error = clips.get(id).await.unwrap_err();
        assert_eq!((error.code(), error.attempts()), ("not_in_cassette", 1));
        let message = format!("GET /v3/clips/{id}: the cassette {} {what}", path.display());
        assert!(error.to_string().contains(&message), "{error}");
    }
}

#[tokio::test]
async fn a_body_that_was_cut_is_cut_in_the_replay_and_goes_on_by_range() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cut.json");
    let whole = "WEBVTT and so on";
    let server = Server::new(move |call, _| match call.header("range") {
        None => Answer::new(200, whole).header("etag", "\"1\"").cut_after(6),
        Some(range) => {
            let range = range.strip_prefix("bytes=").unwrap().trim_end_matches('-');
            let from: usize = range.parse().unwrap();
            let length = whole.len();
            Answer::new(206, &whole[from..])
                .header("etag", "\"1\"")
                .header(
                    "content-range",
                    &format!("bytes {from}-{}/{length}", length - 1),
                )
        }
    });
    let job = finished(job_with("https://files.example.com/1.mp4?Signature=s"));
    let recorder = Recorder::new(server, &path);
    let recorded = Client::builder().api_key(KEY).transport(recorder);
    let read = async |client: Client, name: &str| {
        let folder = folder.path().join(name);
        let written = client.clips().download(&job, folder).await.unwrap();
        std::fs::read_to_string(&written[0].video).unwrap()
    };
    assert_eq!(read(recorded.build().unwrap(), "a").await, whole);
    let replayed = Client::builder().api_key(KEY);
    let replayed = replayed.transport(Replay::open(&path).unwrap());
    assert_eq!(read(replayed.build().unwrap(), "b").await, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_emulator_can_be_recorded() {
    let emulator = Emulator::builder().backend(Backend::Embedded).api_key(KEY);
    let emulator = emulator.start().await.unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("emulator.json");
    let ask = async |client: Client| {
        let error = client.clips().get("clip_1").await.unwrap_err();
        let rows = client.clips().list().page().await.unwrap().items.len();
        (error.status(), error.request_id().map(str::to_owned), rows)
    };
    let recorder = Recorder::new(Http::new().unwrap(), &path);
    let recorded = Client::builder()
        .api_key(KEY)
        .base_url(emulator.base_url())
        .transport(recorder);
    let first = ask(recorded.build().unwrap()).await;
    emulator.shutdown().await;
    // Under another base URL: only paths are recorded.
    let replay = Replay::open(&path).unwrap();
    let replayed = Client::builder().api_key("any").transport(replay);
    assert_eq!(ask(replayed.build().unwrap()).await, first);
}

#[test]
fn what_is_no_cassette_is_said() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("x.json");
    let open = || Replay::open(&path).unwrap_err().to_string();
    assert!(open().contains("cannot read"), "{}", open());
    std::fs::write(&path, "{}").unwrap();
    assert!(
        open().contains("is no cassette of this version"),
        "{}",
        open()
    );
    let later: Value = json!({ "version": 2, "calls": [] });
    std::fs::write(&path, later.to_string()).unwrap();
    assert!(open().contains("its version is 2"), "{}", open());
}

#[tokio::test(start_paused = true)]
async fn an_expired_link_in_a_script_makes_the_job_be_read_again() {
    let link = "https://files.example.com/1.mp4?Signature=s";
    let mut done = job("completed");
    done["clips"] = json!([clip("c_1", "x", link, None)]);
    let server = Server::script([
        Answer::expired_link(),
        Answer::data(&done),
        Answer::new(200, "video"),
    ]);
    let client = server.client_builder().build().unwrap();
    let folder = TempDir::new().unwrap();
    let job = finished(done);
    let written = client.clips().download(&job, folder.path()).await.unwrap();
    assert_eq!(written[0].video_bytes, 5);
    assert_eq!(
        server.operations(),
        ["download_file", "get_clip_job", "download_file"]
    );
}
