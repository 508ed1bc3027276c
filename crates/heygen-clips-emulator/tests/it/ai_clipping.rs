//! `/v3/ai-clipping` from create to file.

use serde_json::{Value, json};

use crate::support::origin::TRANSCRIPT;
use crate::support::{Bench, Origin, by_url};

impl Bench {
    async fn highlight(&self, body: Value) -> Value {
        let reply = self.post("/v3/ai-clipping", body).await;
        assert_eq!(reply.status, 202);
        let id = reply.data()["ai_clipping_id"].clone();
        self.wait(&format!("/v3/ai-clipping/{}", id.as_str().unwrap()))
            .await
    }
}

#[tokio::test]
async fn each_length_becomes_a_clip() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    origin.add("talk.vtt", TRANSCRIPT);
    let job = bench
        .highlight(json!({
            "video": by_url(&origin.file("talk.mp4")),
            "title": "Talk",
            "input_language": "en",
            "callback_id": "mine",
            "output_settings": {
                "duration_types": ["30", "60"],
                "aspect_ratio": "square",
                "caption_style": "neon_pink",
                "prompt": "prices",
            },
        }))
        .await;
    assert_eq!(job["status"], "completed", "{job:#}");
    assert_eq!(job["progress"], 100);
    assert_eq!(
        (&job["title"], &job["input_language"]),
        (&json!("Talk"), &json!("en"))
    );
    assert_eq!(
        (&job["callback_id"], &job["output_settings"]),
        (&json!("mine"), &Value::Null)
    );
    assert!((job["source_duration"].as_f64().unwrap() - 20.0).abs() < 0.1);
    let clips = job["clips"].as_array().unwrap();
    assert_eq!(clips.len(), 2);
    let length = |clip: &Value| clip["duration_seconds"].as_f64().unwrap();
    assert!(
        length(&clips[0]) < length(&clips[1]),
        "in the order of the lengths: {job:#}"
    );
    for clip in clips {
        assert_eq!(
            (&clip["status"], &clip["aspect_ratio"]),
            (&json!("completed"), &json!("square"))
        );
        assert!((0..=100).contains(&clip["virality_score"].as_i64().unwrap()));
        let video = bench.get(clip["video_url"].as_str().unwrap()).await;
        assert_eq!((video.status, &video.body[4..8]), (200, &b"ftyp"[..]));
        let picture = bench.get(clip["thumbnail_url"].as_str().unwrap()).await;
        assert_eq!(picture.header("content-type"), Some("image/jpeg"));
        assert_eq!(&picture.body[..2], [0xff, 0xd8]);
    }
    let list = bench.get("/v3/ai-clipping").await.json();
    assert_eq!(list["data"][0]["clips"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn nothing_but_the_video_is_needed() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    let job = bench
        .highlight(json!({ "video": by_url(&origin.file("talk.mp4")) }))
        .await;
    assert_eq!(job["status"], "completed", "{job:#}");
    assert_eq!(job["clips"][0]["aspect_ratio"], "portrait");
}

#[tokio::test]
async fn a_deleted_job_is_gone_and_the_dialects_do_not_see_each_other() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    let body = json!({ "video": by_url(&origin.gated("talk.mp4")) });
    let id = bench.post("/v3/ai-clipping", body).await.data()["ai_clipping_id"].clone();
    let id = id.as_str().unwrap();
    assert_eq!(bench.get(&format!("/v3/clips/{id}")).await.status, 404);
    assert_eq!(bench.delete(&format!("/v3/clips/{id}")).await.status, 404);
    let path = format!("/v3/ai-clipping/{id}");
    let job = bench.get(&path).await.data();
    assert_eq!((&job["progress"], &job["clips"]), (&json!(0), &json!([])));
    assert_eq!(bench.delete(&path).await.data(), json!({ "id": id }));
    assert_eq!(bench.get(&path).await.status, 404);
    assert_eq!(
        bench.get(&format!("/_local/jobs/{id}/log")).await.status,
        404
    );
    assert_eq!(bench.get("/v3/ai-clipping").await.json()["data"], json!([]));
}
