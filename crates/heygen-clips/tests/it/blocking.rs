//! The client of programs without async, over sockets.

use std::sync::mpsc;

use heygen_clips::blocking::{Iterate as _, Wait as _};
use heygen_clips::testing::{Answer, Server};
use heygen_clips::{Client, CreateAiClipping, CreateClips, Error, Job, JobEvent, types};
use serde_json::json;

use crate::server::{clip, job};

/// A server in a thread of its own, with a runtime of its own; until the sender is dropped.
fn listen(server: &Server) -> (String, mpsc::Sender<()>) {
    let (address, told) = mpsc::channel();
    let (running, ended) = mpsc::channel::<()>();
    let server = server.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        let listening = runtime.block_on(server.listen()).unwrap();
        address.send(listening.base_url().to_owned()).unwrap();
        let _ = ended.recv();
    });
    (told.recv().unwrap(), running)
}

fn client(base_url: &str) -> Client {
    let builder = Client::builder().api_key("any").base_url(base_url);
    builder.build().unwrap()
}

/// Takes jobs and has them done at the second look.
fn vendor() -> Server {
    Server::new(|call, count| {
        let path = call.url.splitn(4, '/').nth(3).unwrap_or_default();
        let link = call.url.replace("/v3/clips/clip_1", "/a.mp4");
        let mut done = job("completed");
        done["clips"] = json!([clip("a", "A", &link, None)]);
        match (call.method.as_str(), path) {
            ("POST", "v3/clips") => Answer::data(&json!({ "clip_job_id": "clip_1" })),
            ("GET", "v3/clips/clip_1") if count < 2 => Answer::data(&job("running")),
            ("GET", "v3/clips/clip_1") => Answer::data(&done),
            ("GET", "a.mp4") => Answer::new(200, "not quite a video"),
            ("GET", "v3/clips") => Answer::json(
                200,
                &json!({ "data": [], "has_more": true, "next_token": "more" }),
            ),
            ("GET", _) if path.starts_with("v3/clips?") => Answer::json(
                200,
                &json!({ "data": [{ "id": "clip_0", "status": "failed" }], "has_more": false }),
            ),
            _ => Answer::refusal(404, "not_found", "there is no such thing"),
        }
    })
}

#[test]
fn a_program_without_async_submits_follows_and_downloads() {
    let server = vendor();
    let (base_url, _running) = listen(&server);
    let client = client(&base_url);
    let clips = client.clips();
    let folder = tempfile::tempdir().unwrap();

    let request = CreateClips::from_url("https://example.com/talk.mp4");
    let job = clips.submit(request).wait().unwrap();
    let pace = heygen_clips::Pace::fixed(std::time::Duration::from_millis(1));
    let events: Vec<_> = job.pace(pace).events().iter().collect();
    let told: Vec<_> = events
        .into_iter()
        .map(|event| match event.unwrap() {
            JobEvent::Status(status) => status.to_string(),
            JobEvent::Clip(clip) => clip.id,
            JobEvent::Finished(outcome) => outcome.into_result().unwrap().id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, ["running", "completed", "a", "clip_1"]);

    let finished = clips.job("clip_1").wait().unwrap();
    let files = clips.download(&finished, folder.path()).wait().unwrap();
    let bytes = std::fs::read(&files[0].video).unwrap();
    assert_eq!(bytes, b"not quite a video");

    let rows: Result<Vec<_>, Error> = clips.list().by_item().iter().collect();
    let rows = rows.unwrap().into_iter().map(|row| row.id);
    assert_eq!(rows.collect::<Vec<_>>(), ["clip_0"]);
    assert!(
        client
            .assets()
            .get("ast_1")
            .wait()
            .unwrap_err()
            .is_not_found()
    );
    let webhooks = client.webhooks().list().page().wait();
    assert!(webhooks.unwrap_err().is_not_found());
    let request = CreateAiClipping::from_url("https://example.com/talk.mp4");
    let refused = client.ai_clipping().create(request).wait();
    assert!(refused.unwrap_err().is_not_found());
}

#[test]
fn many_threads_wait_at_once() {
    let server = vendor();
    let (base_url, _running) = listen(&server);
    let client = client(&base_url);
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            std::thread::spawn(move || client.clips().get("clip_1").wait().unwrap().id)
        })
        .collect();
    let ids = threads.into_iter().map(|thread| thread.join().unwrap());
    assert_eq!(ids.collect::<Vec<_>>(), ["clip_1"; 8]);
}

#[test]
fn the_errors_of_ones_own_program_pass_through_a_wait() {
    #[derive(Debug)]
    enum Mine {
        Sdk(Error),
        Odd,
    }
    impl From<Error> for Mine {
        fn from(error: Error) -> Self {
            Self::Sdk(error)
        }
    }
    let odd: Result<(), _> = async { Err(Mine::Odd) }.wait();
    assert!(matches!(odd, Err(Mine::Odd)));
    let client = client("http://127.0.0.1:9");
    let refused = async { Ok(client.clips().get(" ").await?) }.wait();
    assert!(matches!(refused, Err(Mine::Sdk(error)) if error.is_invalid_request()));
}

#[tokio::test]
async fn inside_an_async_runtime_a_wait_is_an_error_and_no_panic() {
    let client = client("http://127.0.0.1:9");
    let error = client.clips().get("clip_1").wait().unwrap_err();
    assert!(error.is_config());
    assert_eq!(
        error.to_string(),
        "a blocking call inside an async runtime would hold it up: use .await there, or a thread \
         of std::thread"
    );
    let job: Job<types::ClipJob> = client.clips().job("clip_1");
    let items: Vec<_> = job.events().iter().collect();
    assert_eq!(items.len(), 1);
    assert!(items[0].as_ref().unwrap_err().is_config());
    let elsewhere = tokio::task::spawn_blocking(move || client.clips().get("clip_1").wait());
    assert!(elsewhere.await.unwrap().unwrap_err().is_config());
}
