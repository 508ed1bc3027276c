//! `clips.json`, the list of what is in a folder, and what is not fetched again because of it.

use std::path::Path;

use heygen_clips::Manifest;
use heygen_clips::types::ClipJob;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::download::{download, names};
use crate::server::{Server, clip, job, reply};
use crate::store::finished;

fn job_of(id: &str, clips: &[&str]) -> ClipJob {
    let mut job = job("completed");
    job["id"] = json!(id);
    let link = |clip: &str, ending: &str| {
        format!("https://files.example.com/{id}/{clip}.{ending}?Signature=s")
    };
    let clips = clips.iter().map(|id| {
        let captions = link(id, "vtt");
        clip(id, id, &link(id, "mp4"), Some(&captions))
    });
    job["clips"] = clips.collect();
    finished(job)
}

/// The videos of the second job are others, of the same length.
fn server() -> Server {
    Server::new(|call, _| {
        let is_caption = call.url.contains(".vtt");
        let is_second = call.url.contains("/clip_2/");
        let video = if is_second { "other" } else { "video" };
        reply(200, if is_caption { "WEBVTT" } else { video })
    })
}

/// That the videos are those of the job whose list it is.
fn check_videos(folder: &Path) {
    let list = list(folder);
    let video = match list["job_id"].as_str().unwrap() {
        "clip_2" => "other",
        _ => "video",
    };
    for clip in list["clips"].as_array().unwrap() {
        let path = folder.join(clip["video"]["name"].as_str().unwrap());
        assert_eq!(std::fs::read_to_string(path).unwrap(), video, "{list}");
    }
}

fn list(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("clips.json")).unwrap()).unwrap()
}

#[tokio::test]
async fn the_list_says_what_is_in_the_folder_without_links() {
    let (server, folder) = (server(), TempDir::new().unwrap());
    let job = job_of("clip_1", &["a", "b"]);
    download(&server.client(), &job, folder.path())
        .await
        .unwrap();
    let entry = |position: u32, id: &str| {
        json!({
            "position": position, "id": id, "label": id,
            "video": {
                "name": format!("0{position}-{id}.mp4"), "bytes": 5,
                "sha256": "0cab1c9617404faf2b24e221e189ca5945813e14d3f766345b09ca13bbe28ffc",
            },
            "captions": {
                "name": format!("0{position}-{id}.vtt"), "bytes": 6,
                "sha256": "06527510e01d4a6dbdd1fbd67cc7fc9bdb0227757930b65216653df4b17f915f",
            },
            "has_caption_file": true,
            "duration_seconds": 2.5, "start_seconds": 1.0, "end_seconds": 3.5, "score": 0.5,
        })
    };
    let expected = json!({
        "version": 1, "job_id": "clip_1", "clips": [entry(1, "a"), entry(2, "b")],
    });
    assert_eq!(list(folder.path()), expected);

    let read = Manifest::read(folder.path()).await.unwrap().unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), expected);
    assert_eq!(read.clip("b").unwrap().position, 2);
    let nowhere = Manifest::read(folder.path().join("none")).await.unwrap();
    assert_eq!(nowhere, None);
}

#[tokio::test]
async fn what_is_there_is_not_fetched_again_unless_asked_for() {
    let (server, folder) = (server(), TempDir::new().unwrap());
    let client = server.client();
    let job = job_of("clip_1", &["a"]);
    let first = download(&client, &job, folder.path()).await.unwrap();
    assert_eq!(server.calls().len(), 2);
    let again = download(&client, &job, folder.path()).await.unwrap();
    assert_eq!((server.calls().len(), &again), (2, &first));

    // One that is not as the list says is fetched, and no other.
    std::fs::write(&first[0].video, "cut").unwrap();
    download(&client, &job, folder.path()).await.unwrap();
    assert_eq!(server.calls().len(), 3);
    assert_eq!(std::fs::read(&first[0].video).unwrap(), b"video");

    let all = client.clips().download(&job, folder.path()).overwrite(true);
    all.await.unwrap();
    assert_eq!(server.calls().len(), 5);
}

#[tokio::test]
async fn a_folder_of_another_job_is_refused_unless_it_is_to_be_overwritten() {
    let (server, folder) = (server(), TempDir::new().unwrap());
    let client = server.client();
    let [first, second] = ["clip_1", "clip_2"].map(|id| job_of(id, &["a"]));
    download(&client, &first, folder.path()).await.unwrap();
    let calls = server.calls().len();

    let error = download(&client, &second, folder.path()).await.unwrap_err();
    assert!(error.is_file());
    assert_eq!(
        error.message(),
        format!(
            "{} holds the clips of job clip_1: choose another folder, or have them overwritten",
            folder.path().display()
        )
    );
    assert_eq!(error.job_id(), Some("clip_2"));
    assert_eq!(
        (server.calls().len(), &list(folder.path())["job_id"]),
        (calls, &json!("clip_1"))
    );

    let all = client.clips().download(&second, folder.path());
    all.overwrite(true).await.unwrap();
    assert_eq!(list(folder.path())["job_id"], "clip_2");
    assert_eq!(
        server.calls().len(),
        2 * calls,
        "the files of the other job are not trusted"
    );
    check_videos(folder.path());
}

#[tokio::test]
async fn a_run_that_was_to_overwrite_and_got_nothing_leaves_the_list_of_the_other_job() {
    let folder = TempDir::new().unwrap();
    let [first, second] = ["clip_1", "clip_2"].map(|id| job_of(id, &["a"]));
    download(&server().client(), &first, folder.path())
        .await
        .unwrap();
    let before = list(folder.path());
    let broken = Server::always(reply(404, "")).client();
    let all = broken.clips().download(&second, folder.path());
    all.overwrite(true).await.unwrap_err();
    assert_eq!(list(folder.path()), before);
    check_videos(folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_folder_was_taken_replaces_nothing_of_the_other_job() {
    for _ in 0..50 {
        let (server, folder) = (server(), TempDir::new().unwrap());
        let client = server.client();
        let jobs = ["clip_1", "clip_2"].map(|id| job_of(id, &["a", "b"]));
        let clips = client.clips();
        let (_, other) = tokio::join!(
            download(&client, &jobs[0], folder.path()),
            clips.download(&jobs[1], folder.path()).overwrite(true)
        );
        other.unwrap();
        assert_eq!(list(folder.path())["job_id"], "clip_2");
        check_videos(folder.path());
    }
}

#[tokio::test]
async fn of_two_jobs_that_come_at_once_one_has_the_folder() {
    for _ in 0..20 {
        let (server, folder) = (server(), TempDir::new().unwrap());
        let client = server.client();
        let jobs = ["clip_1", "clip_2"].map(|id| job_of(id, &["a", "b"]));
        let (one, other) = tokio::join!(
            download(&client, &jobs[0], folder.path()),
            download(&client, &jobs[1], folder.path())
        );
        let won = if one.is_ok() { "clip_1" } else { "clip_2" };
        assert_ne!(one.is_ok(), other.is_ok(), "{one:?} {other:?}");
        let list = list(folder.path());
        assert_eq!(
            (&list["job_id"], list["clips"].as_array().unwrap().len()),
            (&json!(won), 2)
        );
        check_videos(folder.path());
        let refused = one.err().or(other.err()).unwrap();
        assert!(refused.message().contains(won), "{refused}");
    }
}

#[tokio::test]
async fn a_folder_of_which_nothing_came_is_free_again() {
    let folder = TempDir::new().unwrap();
    let broken = Server::always(reply(404, ""));
    let error = download(&broken.client(), &job_of("clip_1", &["a"]), folder.path()).await;
    error.unwrap_err();
    assert_eq!(names(folder.path()), [""; 0]);
    let client = server().client();
    download(&client, &job_of("clip_2", &["a"]), folder.path())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_list_that_is_something_else_is_left_alone() {
    let (server, folder) = (server(), TempDir::new().unwrap());
    let path = folder.path().join("clips.json");
    std::fs::write(&path, "[1, 2]").unwrap();
    let job = job_of("clip_1", &["a"]);
    let error = download(&server.client(), &job, folder.path())
        .await
        .unwrap_err();
    assert!(error.is_file());
    assert!(
        error
            .to_string()
            .contains("clips.json is not a list of clips (line 1)"),
        "{error}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), b"[1, 2]");
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn a_list_that_says_more_than_this_version_knows_is_read() {
    let folder = TempDir::new().unwrap();
    let text = json!({
        "version": 1, "job_id": "clip_1", "tool": "x",
        "clips": [{ "position": 1, "id": "a", "video": { "name": "a", "bytes": 1, "sha256": "", "codec": "h264" } }],
    });
    std::fs::write(folder.path().join("clips.json"), text.to_string()).unwrap();
    let read = Manifest::read(folder.path()).await.unwrap().unwrap();
    assert_eq!(read.clips[0].captions, None);
}

#[tokio::test]
async fn clips_that_come_at_the_same_time_are_all_listed() {
    let (server, folder) = (server(), TempDir::new().unwrap());
    let ids: Vec<String> = (0..10).map(|number| format!("c{number}")).collect();
    let job = job_of(
        "clip_1",
        &ids.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let clips = server.client().clips();
    clips
        .download(&job, folder.path())
        .parallel(10)
        .await
        .unwrap();
    let listed = list(folder.path());
    let listed: Vec<_> = listed["clips"].as_array().unwrap().iter().collect();
    let listed: Vec<_> = listed
        .iter()
        .map(|clip| clip["id"].as_str().unwrap())
        .collect();
    assert_eq!(listed, ids);
    assert_eq!(names(folder.path()).len(), 21, "{:?}", names(folder.path()));
}
