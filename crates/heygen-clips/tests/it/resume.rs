//! Downloads that are interrupted: by the store, by the line, by the end of the run.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use heygen_clips::testing::{self, Answer};
use heygen_clips::{Client, Result};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::download::{download, names};
use crate::server::{Reply, Server, data, reply, with};
use crate::store::{Store, content, finished, job_with};

const LINK: &str = "https://files.example.com/1.mp4?Signature=s";
const VIDEO: &[u8] = b"0123456789";

fn read(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("01-x.mp4")).unwrap()
}

async fn fetch(client: &Client, folder: &TempDir) -> Result<()> {
    let job = finished(job_with(LINK));
    download(client, &job, folder.path()).await.map(drop)
}

/// The first half of the video, announced as the whole.
fn half() -> Reply {
    with(
        with(reply(200, "01234"), "content-length", "10"),
        "etag",
        "\"1\"",
    )
}

/// The second half.
fn rest() -> Reply {
    let rest = with(reply(206, "56789"), "content-range", "bytes 5-9/10");
    with(rest, "etag", "\"1\"")
}

/// The ranges that were asked for.
fn ranges(server: &Server) -> Vec<String> {
    let calls = server.calls();
    let calls = calls
        .iter()
        .filter(|call| call.operation == "download_file");
    calls
        .map(|call| call.header("range").unwrap_or("-").to_owned())
        .collect()
}

#[tokio::test]
async fn a_clip_whose_link_expires_after_every_64_kib_still_arrives_whole() {
    for etag in [Some("\"v1\""), None] {
        let store = Store::new(content(1_000_123), etag, 64 << 10);
        let server = store.server();
        let folder = TempDir::new().unwrap();
        let job = finished(store.job("https://files.example.com"));
        download(&server.client(), &job, folder.path())
            .await
            .unwrap();
        assert!(read(folder.path()) == *store.content, "byte for byte");
        assert_eq!(store.links(), 16, "1,000,123 / 65,536 bytes");
        assert_eq!(names(folder.path()), ["01-x.mp4", "clips.json"]);
    }
}

#[tokio::test]
async fn a_clip_whose_link_expires_after_every_64_kib_still_arrives_whole_over_a_socket() {
    let store = Store::new(content(1_000_123), Some("\"v1\""), 64 << 10);
    let (_listening, client) = store.listen().await;
    let folder = TempDir::new().unwrap();
    let job = finished(store.job(client.base_url()));
    download(&client, &job, folder.path()).await.unwrap();
    assert!(read(folder.path()) == *store.content, "byte for byte");
    assert_eq!(store.links(), 16);
}

#[tokio::test(start_paused = true)]
async fn a_cut_body_goes_on_where_it_was_cut() {
    let server = Server::script(vec![half(), rest()]);
    let folder = TempDir::new().unwrap();
    fetch(&server.client(), &folder).await.unwrap();
    assert_eq!(read(folder.path()), VIDEO);
    let second = &server.calls()[1];
    assert_eq!(second.header("range"), Some("bytes=5-"));
    assert_eq!(second.header("if-range"), Some("\"1\""));
    assert_eq!(second.headers.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_gives_a_part_of_what_was_asked_is_asked_on() {
    let some = with(reply(206, "56"), "content-range", "bytes 5-6/10");
    let more = with(reply(206, "789"), "content-range", "bytes 7-9/10");
    let server = Server::script(vec![half(), some, more]);
    let folder = TempDir::new().unwrap();
    fetch(&server.client(), &folder).await.unwrap();
    assert_eq!(read(folder.path()), VIDEO);
    assert_eq!(ranges(&server), ["-", "bytes=5-", "bytes=7-"]);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_is_longer_than_it_says_is_not_taken() {
    let long = with(reply(206, "56xx"), "content-range", "bytes 5-6/10");
    let long = with(long, "content-length", "2");
    let server = Server::script(vec![half(), long, reply(200, VIDEO)]);
    let folder = TempDir::new().unwrap();
    fetch(&server.client(), &folder).await.unwrap();
    assert_eq!(read(folder.path()), VIDEO);
}

#[tokio::test(start_paused = true)]
async fn another_part_than_was_asked_for_is_not_taken() {
    for lie in [
        Some("bytes 0-4/10"),
        Some("bytes 5-9/11"),
        Some("bytes 5-9/*"),
        Some("bytes 5-10/10"),
        Some("bytes 9-5/10"),
        Some("bytes 5-8/10"),
        Some("bytes 5-18446744073709551615/10"),
        Some("all of it"),
        None,
    ] {
        let mut part = reply(206, "56789");
        if let Some(lie) = lie {
            part = with(part, "content-range", lie);
        }
        let server = Server::script(vec![half(), part, reply(200, VIDEO)]);
        let folder = TempDir::new().unwrap();
        fetch(&server.client(), &folder).await.unwrap();
        assert_eq!(read(folder.path()), VIDEO, "{lie:?}");
        assert_eq!(ranges(&server), ["-", "bytes=5-", "-"], "{lie:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_changed_starts_over() {
    let new = |reply| with(reply, "etag", "\"2\"");
    let whole = new(reply(200, "another"));
    let cases: [Vec<Reply>; 4] = [
        vec![half(), whole.clone()],
        vec![
            half(),
            new(with(reply(206, "56789"), "content-range", "bytes 5-9/10")),
            whole.clone(),
        ],
        vec![
            half(),
            with(reply(416, ""), "content-range", "bytes */3"),
            whole,
        ],
        vec![half(), reply(200, "another")],
    ];
    for replies in cases {
        let server = Server::script(replies);
        let folder = TempDir::new().unwrap();
        fetch(&server.client(), &folder).await.unwrap();
        assert_eq!(read(folder.path()), b"another");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_without_ranges_may_send_the_same_again() {
    let again = with(reply(200, VIDEO), "etag", "\"1\"");
    let server = Server::script(vec![half(), again]);
    let folder = TempDir::new().unwrap();
    fetch(&server.client(), &folder).await.unwrap();
    assert_eq!(read(folder.path()), VIDEO);
}

#[tokio::test(start_paused = true)]
async fn more_than_was_announced_is_not_taken() {
    let long = with(reply(200, "0123456789abc"), "content-length", "10");
    let server = Server::script(vec![long, reply(200, VIDEO)]);
    let folder = TempDir::new().unwrap();
    fetch(&server.client(), &folder).await.unwrap();
    assert_eq!(read(folder.path()), VIDEO);
}

#[tokio::test(start_paused = true)]
async fn attempts_that_bring_nothing_are_bounded() {
    for (answer, status) in [
        (reply(503, ""), Some(503)),
        (with(reply(429, ""), "retry-after", "7"), Some(429)),
        (with(reply(200, ""), "content-length", "10"), None),
        (with(reply(206, "x"), "content-range", "bytes 3-3/10"), None),
    ] {
        let server = Server::always(answer);
        let folder = TempDir::new().unwrap();
        let error = fetch(&server.client(), &folder).await.unwrap_err();
        assert_eq!(error.status(), status, "{error}");
        assert_eq!(server.calls().len(), 5);
        assert!(
            names(folder.path()).is_empty(),
            "{:?}",
            names(folder.path())
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_is_waited_for_as_long_as_it_says() {
    let asks = with(reply(503, ""), "retry-after", "17.5");
    let server = Server::script(vec![asks, reply(200, VIDEO)]);
    let folder = TempDir::new().unwrap();
    let start = tokio::time::Instant::now();
    fetch(&server.client(), &folder).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(17_500));
    assert_eq!(read(folder.path()), VIDEO);
}

#[tokio::test(start_paused = true)]
async fn what_a_run_leaves_is_used_by_the_next() {
    let folder = TempDir::new().unwrap();
    let breaks = Server::new(|_, count| if count == 0 { half() } else { reply(503, "") });
    let error = fetch(&breaks.client(), &folder).await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    let left = [".01-x.mp4.part", ".01-x.mp4.part.json"];
    assert_eq!(names(folder.path()), left);
    let note = std::fs::read_to_string(folder.path().join(left[1])).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&note).unwrap(),
        json!({ "job_id": "clip_1", "clip_id": "c_1", "version": "\"1\"", "length": 10, "kept": 5 })
    );

    let works = Server::script(vec![rest()]);
    fetch(&works.client(), &folder).await.unwrap();
    assert_eq!(ranges(&works), ["bytes=5-"]);
    assert_eq!(works.calls()[0].header("if-range"), Some("\"1\""));
    assert_eq!(read(folder.path()), VIDEO);
    assert_eq!(names(folder.path()), ["01-x.mp4", "clips.json"]);
    let list = std::fs::read_to_string(folder.path().join("clips.json")).unwrap();
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(
        list["clips"][0]["video"]["sha256"],
        "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_run_leaves_of_something_else_is_not_used() {
    let note = |change: Value| {
        let mut note = json!({
            "job_id": "clip_1", "clip_id": "c_1", "version": "\"1\"", "length": 10, "kept": 5,
        });
        note.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        note.to_string()
    };
    for note in [
        note(json!({ "clip_id": "c_2" })),
        note(json!({ "job_id": "clip_2" })),
        note(json!({ "version": null })),
        note(json!({ "kept": 6 })),
        note(json!({}))[..40].to_owned(),
        String::new(),
    ] {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join(".01-x.mp4.part"), "01234").unwrap();
        std::fs::write(folder.path().join(".01-x.mp4.part.json"), &note).unwrap();
        let server = Server::always(reply(200, VIDEO));
        let (client, job) = (server.client(), finished(job_with(LINK)));
        // Were this run killed, the note would speak of its bytes.
        let left = folder.path().join(".01-x.mp4.part.json");
        let run = client.clips().download(&job, folder.path());
        let run = run.on_progress(move |_| assert!(!left.exists()));
        run.await.unwrap();
        assert_eq!(ranges(&server), ["-"], "{note}");
        assert_eq!(read(folder.path()), VIDEO, "{note}");
        assert_eq!(names(folder.path()), ["01-x.mp4", "clips.json"], "{note}");
    }
}

#[tokio::test]
async fn a_file_that_was_whole_before_its_rename_is_not_fetched_again() {
    let folder = TempDir::new().unwrap();
    let note = json!({
        "job_id": "clip_1", "clip_id": "c_1", "version": "\"1\"", "length": 10, "kept": 10,
    });
    std::fs::write(folder.path().join(".01-x.mp4.part"), VIDEO).unwrap();
    std::fs::write(folder.path().join(".01-x.mp4.part.json"), note.to_string()).unwrap();
    let server = Server::script(Vec::new());
    fetch(&server.client(), &folder).await.unwrap();
    assert_eq!(read(folder.path()), VIDEO);
}

#[tokio::test]
async fn two_downloads_into_one_folder_do_not_disturb_each_other() {
    let store = Store::new(content(300_000), Some("\"v1\""), usize::MAX);
    let (_listening, client) = store.listen().await;
    let folder = TempDir::new().unwrap();
    let job = finished(store.job(client.base_url()));
    for _ in 0..5 {
        let run = || client.clips().download(&job, folder.path()).overwrite(true);
        let runs = futures::future::join_all((0..6).map(|_| run().into_future()));
        for clips in runs.await {
            assert_eq!(clips.unwrap()[0].video_bytes, 300_000);
        }
        assert!(read(folder.path()) == *store.content);
        assert_eq!(names(folder.path()), ["01-x.mp4", "clips.json"]);
    }
}

#[tokio::test]
async fn a_connection_that_is_reset_goes_on() {
    let cut = Answer::new(200, VIDEO).header("etag", "\"1\"").cut_after(5);
    let rest = Answer::new(206, &VIDEO[5..]).header("content-range", "bytes 5-9/10");
    let server = testing::Server::script([Answer::reset(), cut, rest]);
    let listening = server.listen().await.unwrap();
    let base = listening.base_url();
    let client = Client::builder().api_key("k").base_url(&base);
    let client = client.build().unwrap();
    let folder = TempDir::new().unwrap();
    let job = finished(job_with(&format!("{base}/1.mp4")));
    download(&client, &job, folder.path()).await.unwrap();
    assert_eq!(read(folder.path()), VIDEO);
    let calls = server.calls();
    let ranges: Vec<_> = calls.iter().map(|call| call.header("range")).collect();
    assert_eq!(ranges, [None, None, Some("bytes=5-")]);
}

/// A link to a device that is always full stands where the bytes go.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_leaves_no_file_with_a_clips_name() {
    let folder = TempDir::new().unwrap();
    let part = folder.path().join(".01-x.mp4.part");
    std::os::unix::fs::symlink("/dev/full", &part).unwrap();
    let server = Server::always(reply(200, content(3_000_000)));
    let error = fetch(&server.client(), &folder).await.unwrap_err();
    assert!(error.is_file(), "{error}");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("No space left"), "{source}");
    assert!(
        names(folder.path()).is_empty(),
        "{:?}",
        names(folder.path())
    );
}

#[tokio::test(start_paused = true)]
async fn all_clips_whose_links_expired_need_one_look_at_the_job() {
    let job_of = |signature: &str| {
        let link = |id: &str| format!("https://files.example.com/{id}.mp4?Signature={signature}");
        let clip = |id: &str| crate::server::clip(id, id, &link(id), None);
        let mut job = crate::server::job("completed");
        job["clips"] = json!([clip("a"), clip("b"), clip("c")]);
        job
    };
    let server = Server::new(move |call, _| {
        if call.operation == "get_clip_job" {
            data(&job_of("new"))
        } else if call.url.ends_with("new") {
            reply(200, VIDEO)
        } else {
            reply(403, "")
        }
    });
    let folder = TempDir::new().unwrap();
    let job = finished(job_of("old"));
    download(&server.client(), &job, folder.path())
        .await
        .unwrap();
    let operations = server.operations();
    let looks = operations.iter().filter(|name| *name == "get_clip_job");
    assert_eq!(looks.count(), 1, "{operations:?}");
}

#[tokio::test(start_paused = true)]
async fn progress_is_told_and_falls_back_when_a_file_starts_over() {
    let server = Server::script(vec![half(), reply(200, VIDEO)]);
    let folder = TempDir::new().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let tells = Arc::clone(&told);
    let job = finished(job_with(LINK));
    let clips = server.client().clips();
    let watch = move |now: heygen_clips::DownloadProgress<'_>| {
        let now = (now.clip_id.to_owned(), now.bytes, now.total);
        tells.lock().unwrap().push(now);
    };
    let run = clips
        .download(&job, folder.path())
        .on_progress(watch.clone());
    run.await.unwrap();
    let expected = |bytes: u64| ("c_1".to_owned(), bytes, Some(10));
    let mut seen = told.lock().unwrap().clone();
    assert_eq!(seen.remove(1), ("c_1".to_owned(), 0, Some(10)));
    assert_eq!(seen, [expected(5), expected(10)]);
    told.lock().unwrap().clear();
    clips
        .download(&job, folder.path())
        .on_progress(watch)
        .await
        .unwrap();
    assert_eq!(*told.lock().unwrap(), [expected(10)], "was there already");
    assert_eq!(server.calls().len(), 2);
}
