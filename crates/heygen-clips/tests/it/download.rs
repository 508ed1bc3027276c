//! Files: named safely, whole or not there, without the key, over links that expire.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use heygen_clips::types::{AiClippingJob, ClipJob};
use heygen_clips::{Client, DownloadedClip, JobStatus, Result};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::{Call, KEY, Server, clip, data, job, refusal, reply, with};

fn finished(clips: &[serde_json::Value]) -> ClipJob {
    let mut job = job("completed");
    job["clips"] = json!(clips);
    serde_json::from_value(job).unwrap()
}

pub(crate) async fn download(
    client: &Client,
    job: &ClipJob,
    folder: &Path,
) -> Result<Vec<DownloadedClip>> {
    client.clips().download(job, folder).await
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn is_link(call: &Call) -> bool {
    call.url.starts_with("https://files.example.com/")
}

#[tokio::test]
async fn clips_and_captions_come_into_the_folder_without_the_key() {
    let server = Server::new(|call, _| {
        assert!(is_link(call));
        reply(
            200,
            if call.url.contains(".vtt") {
                "WEBVTT"
            } else {
                "video"
            },
        )
    });
    let job = finished(&[
        clip(
            "c_1",
            "Why prices rose",
            "https://files.example.com/1.mp4?Signature=s",
            Some("https://files.example.com/1.vtt?Signature=s"),
        ),
        clip(
            "c_2",
            "../../x",
            "https://files.example.com/2.mp4?Signature=s",
            None,
        ),
    ]);
    let folder = TempDir::new().unwrap();
    let target = folder.path().join("new/folder");
    let clips = download(&server.client(), &job, &target).await.unwrap();

    assert_eq!(
        names(&target),
        [
            "01-why-prices-rose.mp4",
            "01-why-prices-rose.vtt",
            "02-x.mp4",
            "clips.json"
        ]
    );
    assert_eq!(clips[0].id, "c_1");
    assert_eq!(clips[0].video, target.join("01-why-prices-rose.mp4"));
    assert_eq!(clips[0].video_bytes, 5);
    assert_eq!(
        clips[0].captions,
        Some(target.join("01-why-prices-rose.vtt"))
    );
    assert_eq!(clips[1].captions, None);
    assert_eq!(std::fs::read(&clips[0].video).unwrap(), b"video");
    for call in server.calls() {
        assert_eq!(call.method, "GET");
        assert!(call.headers.is_empty(), "{:?}", call.headers);
    }
}

#[tokio::test]
async fn a_clip_keeps_its_name_while_others_are_still_made() {
    let server = Server::always(reply(200, "video"));
    let clipping = server.client().ai_clipping();
    let folder = TempDir::new().unwrap();
    let link = "https://files.example.com/x";
    let made =
        |id: &str| json!({ "id": id, "title": id, "status": "completed", "video_url": link });
    let waiting = |id: &str| json!({ "id": id, "title": id, "status": "pending" });
    for (status, clips, expected) in [
        (
            "running",
            [waiting("a"), made("b")],
            &["02-b.mp4", "clips.json"][..],
        ),
        (
            "completed",
            [made("a"), made("b")],
            &["01-a.mp4", "02-b.mp4", "clips.json"],
        ),
    ] {
        let job = json!({ "id": "aic_1", "status": status, "created_at": 1, "clips": clips });
        let job = serde_json::from_value(job).unwrap();
        clipping.download(&job, folder.path()).await.unwrap();
        assert_eq!(names(folder.path()), expected);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_clip_has_the_permissions_of_any_file() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::always(reply(200, "video"));
    let folder = TempDir::new().unwrap();
    let job = finished(&[clip("c_1", "x", "https://files.example.com/1.mp4", None)]);
    let clips = download(&server.client(), &job, folder.path())
        .await
        .unwrap();
    let other = folder.path().join("other");
    std::fs::write(&other, "").unwrap();
    let mode = |path: &PathBuf| path.metadata().unwrap().permissions().mode();
    assert_eq!(mode(&clips[0].video), mode(&other));
}

#[tokio::test]
async fn an_expired_link_is_renewed_by_reading_the_job_again() {
    for status in [403, 404] {
        let server = Server::new(move |call, _| match call.url.as_str() {
            "https://files.example.com/old.mp4" => reply(status, "<Error>expired</Error>"),
            "https://files.example.com/new.mp4" => reply(200, "video"),
            _ => {
                let mut job = job("completed");
                job["clips"] = json!([clip("c_1", "x", "https://files.example.com/new.mp4", None)]);
                data(&job)
            }
        });
        let folder = TempDir::new().unwrap();
        let job = finished(&[clip("c_1", "x", "https://files.example.com/old.mp4", None)]);
        let clips = download(&server.client(), &job, folder.path())
            .await
            .unwrap();
        assert_eq!(std::fs::read(&clips[0].video).unwrap(), b"video");
        assert_eq!(
            server.operations(),
            ["download_file", "get_clip_job", "download_file"]
        );
    }
}

#[tokio::test]
async fn a_link_that_stays_dead_is_renewed_once() {
    let server = Server::new(|call, _| {
        if is_link(call) {
            return reply(403, "");
        }
        let mut job = job("completed");
        job["clips"] = json!([clip(
            "c_1",
            "x",
            "https://files.example.com/2.mp4?Signature=b",
            None
        )]);
        data(&job)
    });
    let folder = TempDir::new().unwrap();
    let job = finished(&[clip(
        "c_1",
        "x",
        "https://files.example.com/1.mp4?Signature=a",
        None,
    )]);
    let error = download(&server.client(), &job, folder.path())
        .await
        .unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(403), "cli_download"));
    assert_eq!(error.job_id(), Some("clip_1"));
    assert!(!format!("{error} {error:?}").contains("Signature"));
    assert_eq!(server.calls().len(), 3);
    assert!(names(folder.path()).is_empty());
}

/// A link that another clip brought along may have died since: the job is read again all the same.
#[tokio::test]
async fn links_that_die_one_after_the_other_are_all_renewed() {
    let files = |version: usize| {
        let link = |name: u8| format!("https://files.example.com/{name}.mp4?v={version}");
        [
            clip("c_1", "a", &link(1), None),
            clip("c_2", "b", &link(2), None),
        ]
    };
    let reads = AtomicUsize::new(0);
    // By version, which file it gives: the first that is asked for, and no other.
    let given = Mutex::new(HashMap::from([("0".to_owned(), "none".to_owned())]));
    let server = Server::new(move |call, _| {
        if let Some((file, version)) = call.url.split_once(".mp4?v=") {
            let mut given = given.lock().unwrap();
            let given = given.entry(version.to_owned());
            let lives = given.or_insert_with(|| file.to_owned()) == file;
            return reply(if lives { 200 } else { 403 }, "video");
        }
        let mut job = job("completed");
        job["clips"] = json!(files(1 + reads.fetch_add(1, Ordering::Relaxed)));
        data(&job)
    });
    let folder = TempDir::new().unwrap();
    let clips = download(&server.client(), &finished(&files(0)), folder.path()).await;
    assert_eq!(clips.unwrap().len(), 2);
    let reads = server.operations();
    let reads = reads.iter().filter(|name| *name == "get_clip_job");
    assert_eq!(reads.count(), 2);
}

#[tokio::test]
async fn empty_captions_are_captions() {
    let video = socket("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nvideo").await;
    for empty in [
        "content-length: 0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        let captions = socket(&format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{empty}")).await;
        let job = finished(&[clip("c_1", "a", &video, Some(&captions))]);
        let folder = TempDir::new().unwrap();
        let client = Client::builder()
            .api_key(KEY)
            .base_url("http://127.0.0.1:1");
        let client = client.build().unwrap();
        let clips = download(&client, &job, folder.path()).await.unwrap();
        let captions = clips[0].captions.as_ref().unwrap();
        assert_eq!(std::fs::read(captions).unwrap(), b"");
    }
}

#[tokio::test]
async fn a_job_is_done_with_when_all_that_it_will_ever_have_is_here() {
    let link = "https://files.example.com/1.mp4";
    let here = json!({ "id": "c_1", "status": "completed", "video_url": link });
    for (status, other, left) in [
        ("completed", "pending", 1),
        ("completed", "failed", 0),
        ("failed", "failed", 0),
        ("running", "failed", 1),
    ] {
        let other = json!({ "id": "c_2", "status": other, "video_url": null });
        let job = json!({ "id": "job_1", "status": status, "clips": [here, other] });
        let answered = job.clone();
        let server = Server::new(move |call, _| match call.method.as_str() {
            "POST" => data(&json!({ "ai_clipping_id": "job_1" })),
            _ if is_link(call) => reply(200, "video"),
            _ => data(&answered),
        });
        let folder = TempDir::new().unwrap();
        let journal = folder.path().join("journal");
        let client = Client::builder()
            .api_key(KEY)
            .transport(server.clone())
            .journal(journal);
        let client = client.build().unwrap();
        let jobs = client.ai_clipping();
        let request = heygen_clips::CreateAiClipping::from_url("https://example.com/talk.mp4");
        drop(jobs.submit(request).await.unwrap());
        let job: AiClippingJob = serde_json::from_value(job).unwrap();
        jobs.download(&job, folder.path()).await.unwrap();
        let open = client.journal().unwrap().intents();
        assert_eq!(open.len(), left, "{status} {other}");
    }
}

#[tokio::test]
async fn a_job_that_is_gone_by_then_says_so() {
    let server = Server::new(|call, _| {
        if is_link(call) {
            reply(404, "")
        } else {
            refusal(404, "not_found", "Deleted.")
        }
    });
    let folder = TempDir::new().unwrap();
    let job = finished(&[clip("c_1", "x", "https://files.example.com/1.mp4", None)]);
    let error = download(&server.client(), &job, folder.path())
        .await
        .unwrap_err();
    assert!(error.is_not_found());
}

#[tokio::test]
async fn redirects_are_followed_without_key_and_only_to_safe_places() {
    let server = Server::new(|call, _| match call.url.as_str() {
        "https://files.example.com/1.mp4" => {
            with(reply(302, ""), "location", "https://cdn.example.net/1.mp4")
        }
        "https://cdn.example.net/1.mp4" => reply(200, "video"),
        "https://files.example.com/2.mp4" => {
            with(reply(302, ""), "location", "http://cdn.example.net/2.mp4")
        }
        _ => with(reply(307, ""), "location", "/again"),
    });
    let client = server.client();
    let folder = TempDir::new().unwrap();
    let one = finished(&[clip("c_1", "x", "https://files.example.com/1.mp4", None)]);
    download(&client, &one, folder.path()).await.unwrap();
    assert!(
        server
            .calls()
            .iter()
            .all(|call| call.header("x-api-key").is_none())
    );

    let two = finished(&[clip("c_2", "x", "https://files.example.com/2.mp4", None)]);
    let error = download(&client, &two, folder.path()).await.unwrap_err();
    assert_eq!(
        error.message(),
        format!(
            "the link redirects to where it is not safe to follow (0 of 1 clips are in {})",
            folder.path().display()
        )
    );
    let three = finished(&[clip("c_3", "x", "https://files.example.com/3.mp4", None)]);
    let error = download(&client, &three, folder.path()).await.unwrap_err();
    assert!(error.message().contains("more than 5 times"), "{error}");
}

#[tokio::test]
async fn links_that_are_not_encrypted_or_not_links_are_refused() {
    let server = Server::always(reply(200, "video"));
    let folder = TempDir::new().unwrap();
    for link in [
        "http://files.example.com/1.mp4",
        "file:///etc/passwd",
        "1.mp4",
    ] {
        let job = finished(&[clip("c_1", "x", link, None)]);
        let error = download(&server.client(), &job, folder.path())
            .await
            .unwrap_err();
        assert_eq!(error.code(), "cli_download", "{link}");
    }
    assert!(server.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_bad_clip_does_not_cost_the_others() {
    let server = Server::new(|call, _| {
        if call.url.ends_with("/2.mp4") {
            reply(500, "")
        } else {
            reply(200, "video")
        }
    });
    let clips: Vec<_> = (1..=6)
        .map(|n| {
            clip(
                &format!("c_{n}"),
                "x",
                &format!("https://files.example.com/{n}.mp4"),
                None,
            )
        })
        .collect();
    let folder = TempDir::new().unwrap();
    let error = download(&server.client(), &finished(&clips), folder.path())
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(500));
    assert!(error.message().contains("5 of 6 clips are in "), "{error}");
    assert_eq!(
        names(folder.path()),
        [
            "01-x.mp4",
            "03-x.mp4",
            "04-x.mp4",
            "05-x.mp4",
            "06-x.mp4",
            "clips.json"
        ]
    );
}

/// Answers each connection with these bytes and closes it.
async fn socket(answer: &str) -> String {
    let answer = answer.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    format!("http://{address}/1.mp4?Signature=s")
}

#[tokio::test]
async fn a_body_that_is_cut_off_every_time_leaves_nothing() {
    let cut = async |answer| {
        let link = socket(answer).await;
        let client = Client::builder()
            .api_key(KEY)
            .base_url("http://127.0.0.1:1")
            .build()
            .unwrap();
        let folder = TempDir::new().unwrap();
        let job = finished(&[clip("c_1", "x", &link, None)]);
        let error = download(&client, &job, folder.path()).await.unwrap_err();
        assert!(error.is_network() && error.is_retryable(), "{error:?}");
        assert!(
            !format!("{error} {error:?}").contains("Signature"),
            "{error:?}"
        );
        assert!(
            names(folder.path()).is_empty(),
            "{:?}",
            names(folder.path())
        );
    };
    futures::join!(
        cut("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"),
        cut("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        cut("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
    );
}

#[tokio::test]
async fn a_page_instead_of_a_video_is_refused() {
    let page = with(
        reply(200, "<html>Sign in</html>"),
        "content-type",
        "text/html; charset=utf-8",
    );
    let folder = TempDir::new().unwrap();
    let job = finished(&[clip("c_1", "x", "https://files.example.com/1.mp4", None)]);
    let error = download(&Server::always(page).client(), &job, folder.path())
        .await
        .unwrap_err();
    assert!(error.message().contains("HTML page"), "{error}");
    assert!(names(folder.path()).is_empty());
}

#[tokio::test]
async fn a_job_without_clips_is_told_apart_from_one_that_is_not_done() {
    let server = Server::always(reply(500, ""));
    let folder = TempDir::new().unwrap();
    let none = download(&server.client(), &finished(&[]), folder.path())
        .await
        .unwrap();
    assert!(none.is_empty());
    let running: ClipJob = serde_json::from_value(job("running")).unwrap();
    let error = download(&server.client(), &running, folder.path())
        .await
        .unwrap_err();
    assert_eq!(
        error.message(),
        "job clip_1 is running and has no clips yet: wait for it first"
    );
    assert_eq!(error.job_status(), Some(&JobStatus::Running));
}

#[tokio::test]
async fn a_job_that_ended_without_clips_is_no_download() {
    let (server, folder) = (Server::always(reply(500, "")), TempDir::new().unwrap());
    let mut failed = job("failed");
    failed["failure_message"] = json!("The video has no sound.");
    let failed: ClipJob = serde_json::from_value(failed).unwrap();
    let error = download(&server.client(), &failed, folder.path())
        .await
        .unwrap_err();
    assert!(error.is_job_failed());
    assert_eq!(
        error.message(),
        "job clip_1 failed: The video has no sound."
    );
    let cancelled = json!({ "id": "aic_1", "status": "cancelled" });
    let cancelled: AiClippingJob = serde_json::from_value(cancelled).unwrap();
    let clipping = server.client().ai_clipping();
    let error = clipping.download(&cancelled, folder.path()).await;
    assert_eq!(
        error.unwrap_err().message(),
        "job aic_1 cancelled: the server gave no reason"
    );
}

#[tokio::test]
async fn a_folder_is_there_only_if_something_is_in_it() {
    let folder = TempDir::new().unwrap();
    let to = folder.path().join("new/clips");
    let one = clip("c_1", "x", "https://files.example.com/1.mp4", None);
    let failing = Server::always(reply(404, ""));
    let job = finished(&[one]);
    download(&failing.client(), &job, &to).await.unwrap_err();
    download(&failing.client(), &finished(&[]), &to)
        .await
        .unwrap();
    assert!(names(folder.path()).is_empty());
    // One that was there is not ours to remove.
    std::fs::create_dir(folder.path().join("new")).unwrap();
    download(&failing.client(), &job, &to).await.unwrap_err();
    assert_eq!(names(folder.path()), ["new"]);

    let server = Server::always(reply(200, "video"));
    let files = download(&server.client(), &job, &to).await.unwrap();
    assert_eq!(names(&to), ["01-x.mp4", "clips.json"]);
    assert_eq!(
        (&files[0].captions, files[0].has_caption_file),
        (&None, false)
    );
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let job = finished(&[clip("c_1", "x", "https://files.example.com/1.mp4", None)]);
    let server = Server::always(reply(200, "video"));
    let error = download(&server.client(), &job, &file).await.unwrap_err();
    assert!(error.is_file());
    assert!(
        error.to_string().contains(&file.display().to_string()),
        "{error}"
    );
}
