//! `/v3/clips` from create to file.

use serde_json::{Value, json};

use crate::support::origin::TRANSCRIPT;
use crate::support::{Bench, Origin, builder, by_url, refused};

fn numbers(clip: &Value, names: &[&str]) -> Vec<f64> {
    names
        .iter()
        .map(|name| clip[name].as_f64().unwrap())
        .collect()
}

#[tokio::test]
async fn windows_become_exact_clips_behind_signed_links() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    let job = bench
        .clip(json!({
            "video": by_url(&origin.file("talk.mp4")),
            "windows": [
                { "start": 2.0, "end": 5.0, "label": "First" },
                { "start": 10.2, "end": 11.72 },
            ],
            "aspect_ratio": "1:1",
            "title": "Two windows",
            "folder_id": "kept-by-the-caller",
        }))
        .await;
    assert_eq!(job["status"], "completed", "{job:#}");
    assert_eq!(job["title"], "Two windows");
    assert_eq!(job["transcript_source"], Value::Null);
    assert_eq!(job["failure_message"], Value::Null);
    let clips = job["clips"].as_array().unwrap();
    assert_eq!(clips.len(), 2);
    assert_eq!(
        (&clips[0]["label"], &clips[1]["label"]),
        (&json!("First"), &json!("Clip 2"))
    );
    let times = ["start", "end", "duration"];
    assert_eq!(numbers(&clips[0], &times), [2.0, 5.0, 3.0]);
    // To the millisecond, without the dust of sums.
    assert_eq!(numbers(&clips[1], &times), [10.2, 11.72, 1.52]);
    for clip in clips {
        assert_eq!(clip["aspect_ratio"], "1:1");
        assert_eq!(
            (&clip["score"], &clip["caption_url"]),
            (&Value::Null, &Value::Null)
        );
        let file = bench.get(clip["url"].as_str().unwrap()).await;
        assert_eq!(
            (file.status, file.header("content-type")),
            (200, Some("video/mp4"))
        );
        assert_eq!(&file.body[4..8], b"ftyp");
    }
}

#[tokio::test]
async fn a_transcript_beside_the_link_gives_captions_and_scores() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    origin.add("talk.vtt", TRANSCRIPT);
    let job = bench
        .clip(json!({
            "video": by_url(&origin.file("talk.mp4")),
            "max_clips": 2,
            "instruction": "the database and its backup",
            "enable_caption": true,
        }))
        .await;
    assert_eq!(job["status"], "completed", "{job:#}");
    assert_eq!(job["transcript_source"], "sidecar");
    let clips = job["clips"].as_array().unwrap();
    assert!((1..=2).contains(&clips.len()), "{job:#}");
    let best = &clips[0];
    assert!(
        best["start"].as_f64().unwrap() > 4.0,
        "the best one is about the backup: {best:#}"
    );
    for clip in clips {
        assert_eq!(clip["aspect_ratio"], "9:16");
        let score = clip["score"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&score), "{score}");
        let captions = bench.get(clip["caption_url"].as_str().unwrap()).await;
        assert_eq!(captions.status, 200);
        assert_eq!(
            captions.header("content-type"),
            Some("text/vtt; charset=utf-8")
        );
        assert!(captions.body.starts_with(b"WEBVTT"));
    }
    assert!(
        bench
            .log(&job["id"])
            .await
            .iter()
            .any(|line| line.contains(".vtt file"))
    );
}

#[tokio::test]
async fn captions_are_never_made_up() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    let body = json!({
        "video": by_url(&origin.file("talk.mp4")),
        "max_clips": 1,
        "instruction": "prices",
        "enable_caption": true,
    });
    let job = bench.clip(body.clone()).await;
    assert_eq!(job["status"], "completed", "{job:#}");
    assert_eq!(job["transcript_source"], Value::Null);
    assert_eq!(job["clips"][0]["caption_url"], Value::Null);
    let log = bench.log(&job["id"]).await.join("\n");
    assert!(log.contains("the clips come without captions"), "{log}");
    assert!(log.contains("the instruction has no effect"), "{log}");

    let strict = Bench::with(builder().strict_captions(true)).await;
    let job = strict.clip(body).await;
    assert_eq!(job["status"], "failed");
    assert_eq!(job["clips"], json!([]));
    assert!(
        job["failure_message"]
            .as_str()
            .unwrap()
            .contains("there is no transcript")
    );
}

#[tokio::test]
async fn windows_with_captions_use_the_transcript_but_are_not_chosen_by_it() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    origin.add(
        "talk.srt",
        "1\n00:00:05,000 --> 00:00:09,000\nSo we doubled them.\n",
    );
    let job = bench
        .clip(json!({
            "video": by_url(&origin.file("talk.mp4")),
            "windows": [{ "start": 5.0, "end": 7.0 }, { "start": 12.0, "end": 14.0 }],
            "enable_caption": true,
        }))
        .await;
    assert_eq!(job["transcript_source"], Value::Null);
    let captions = bench
        .get(job["clips"][0]["caption_url"].as_str().unwrap())
        .await;
    assert!(
        String::from_utf8(captions.body)
            .unwrap()
            .contains("So we doubled them.")
    );
    assert_eq!(
        job["clips"][1]["caption_url"],
        Value::Null,
        "nothing is said there"
    );
}

#[tokio::test]
async fn a_source_that_is_not_usable_fails_the_job_in_words() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    origin.add("text.mp4", "this is no video");
    origin.add("empty.mp4", "");
    let window = |start: f64| json!([{ "start": start, "end": start + 1.0 }]);
    for (link, start, words) in [
        (origin.file("nowhere.mp4?Signature=secret"), 0.0, "404"),
        (origin.file("text.mp4"), 0.0, "the source cannot be used"),
        (origin.file("empty.mp4"), 0.0, "empty"),
        (format!("{}/loop", origin.url), 0.0, "redirects too often"),
        (format!("{}/to-metadata", origin.url), 0.0, "metadata"),
        (
            "http://127.0.0.1:1/v.mp4".to_owned(),
            0.0,
            "could not be downloaded",
        ),
        (
            origin.file("talk.mp4"),
            20.0,
            "windows[0] begins at 20 s, but the source is 20.000 s",
        ),
    ] {
        let job = bench
            .clip(json!({ "video": by_url(&link), "windows": window(start) }))
            .await;
        assert_eq!(job["status"], "failed", "{link}");
        assert_eq!(job["clips"], json!([]));
        let message = job["failure_message"].as_str().unwrap();
        assert!(message.contains(words), "{link}: {message}");
        assert!(!message.contains("secret"), "{message}");
    }
}

#[tokio::test]
async fn all_windows_are_cut_or_none() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    // At 25 frames a second there is one at 0.40 s and the next at 0.44 s.
    let windows = json!([{ "start": 1.0, "end": 2.0 }, { "start": 0.41, "end": 0.43 }]);
    let job = bench
        .clip(json!({ "video": by_url(&origin.file("talk.mp4")), "windows": windows }))
        .await;
    assert_eq!(job["status"], "failed", "{job:#}");
    assert_eq!(job["clips"], json!([]));
    assert_eq!(
        job["failure_message"],
        "windows[1] could not be cut: source: the window 0.41-0.43 s holds no frame of the video: \
         make it longer"
    );
}

#[tokio::test]
async fn a_window_that_is_none_is_refused_as_what_it_is() {
    let bench = Bench::start().await;
    for (end, words) in [(2.0, "begins and ends at 2 s"), (1.0, "before it begins")] {
        let windows = json!([{ "start": 2.0, "end": end }]);
        let body = json!({ "video": by_url("http://127.0.0.1:1/v.mp4"), "windows": windows });
        let reply = bench.post("/v3/clips", body).await;
        assert_eq!(
            reply.refusal(),
            refused(400, "invalid_parameter", Some("windows[0].end"))
        );
        let message = reply.json()["error"]["message"].to_string();
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn a_transcript_in_an_old_encoding_is_read_all_the_same() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    origin.add(
        "talk.srt",
        b"1\n00:00:05,000 --> 00:00:09,000\nThe caf\xe9 is open.\n",
    );
    let job = bench
        .clip(json!({
            "video": by_url(&origin.file("talk.mp4")),
            "windows": [{ "start": 5.0, "end": 6.0 }],
            "enable_caption": true,
        }))
        .await;
    let captions = bench
        .get(job["clips"][0]["caption_url"].as_str().unwrap())
        .await;
    let text = String::from_utf8(captions.body).unwrap();
    assert!(text.contains("The caf\u{fffd} is open."), "{text}");
}

#[tokio::test]
async fn a_whole_number_may_be_written_with_a_point() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    let body = format!(
        r#"{{"video": {{"type": "url", "url": "{}"}}, "max_clips": 1.0}}"#,
        origin.file("no.mp4")
    );
    let request = bench
        .request("POST", "/v3/clips")
        .header("content-type", "application/json");
    assert_eq!(bench.send(request.body(body)).await.status, 200);
    let upload = r#"{"filename": "a", "content_type": "video/mp4", "size_bytes": 1e30}"#;
    let request = bench.request("POST", "/v3/assets/direct-uploads");
    let request = request.header("content-type", "application/json");
    assert_eq!(
        bench.send(request.body(upload)).await.refusal(),
        refused(400, "invalid_parameter", Some("size_bytes"))
    );
}

#[tokio::test]
async fn a_source_over_the_limit_is_refused() {
    let (bench, origin) = (
        Bench::with(builder().max_source_bytes(1000)).await,
        Origin::start().await,
    );
    let job = bench
        .clip(json!({ "video": by_url(&origin.file("talk.mp4")) }))
        .await;
    let message = job["failure_message"].as_str().unwrap();
    assert!(message.contains("larger than 1000 bytes"), "{message}");
}

#[tokio::test]
async fn redirects_are_followed_and_a_window_past_the_end_ends_with_the_source() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    let link = format!("{}/moved/talk.mp4", origin.url);
    let windows = json!([{ "start": 18.0, "end": 25.0 }]);
    let job = bench
        .clip(json!({ "video": by_url(&link), "windows": windows }))
        .await;
    assert_eq!(
        numbers(&job["clips"][0], &["start", "end", "duration"]),
        [18.0, 20.0, 2.0]
    );
    let log = bench.log(&job["id"]).await.join("\n");
    assert!(log.contains("the clip ends with the source"), "{log}");
}

#[tokio::test]
async fn deleting_a_job_removes_it_its_clips_and_its_work() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    let windows = json!([{ "start": 0.0, "end": 1.0 }]);
    let body = json!({ "video": by_url(&origin.file("talk.mp4")), "windows": windows });
    let job = bench.clip(body).await;
    let path = format!("/v3/clips/{}", job["id"].as_str().unwrap());
    assert_eq!(bench.delete(&path).await.data(), json!({ "id": job["id"] }));
    assert_eq!(bench.get(&path).await.status, 404);
    assert_eq!(bench.delete(&path).await.status, 404);
    assert_eq!(
        bench
            .get(job["clips"][0]["url"].as_str().unwrap())
            .await
            .status,
        404
    );

    // One whose source is still being waited for.
    let body = json!({ "video": by_url(&origin.gated("talk.mp4")), "windows": windows });
    let id = bench.post("/v3/clips", body).await.data()["clip_job_id"].clone();
    let path = format!("/v3/clips/{}", id.as_str().unwrap());
    while bench.get(&path).await.data()["status"] != "running" {
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.delete(&path).await.status, 200);
    origin.open();
    assert_eq!(bench.get(&path).await.status, 404);
    let list = bench.get("/v3/clips").await.json();
    assert_eq!(
        list,
        json!({ "data": [], "has_more": false, "next_token": null })
    );
}
