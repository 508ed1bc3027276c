//! `Idempotency-Key`: one create, however often it is sent.

use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use heygen_clips_emulator::ManualClock;
use serde_json::{Value, json};

use crate::support::{Bench, Origin, Reply, builder, by_url, refused};

async fn keyed(bench: &Bench, path: &str, key: &str, body: &Value) -> Reply {
    let request = bench
        .request("POST", path)
        .header("idempotency-key", key)
        .json(body);
    bench.send(request).await
}

#[tokio::test]
async fn a_repeated_create_is_answered_as_the_first_time() {
    let clock = ManualClock::at(1_800_000_000);
    let bench = Bench::with(builder().clock(clock.clone())).await;
    let origin = Origin::start().await;
    let body = json!({ "video": by_url(&origin.file("talk.mp4")) });
    let other = json!({ "video": by_url(&origin.file("other.mp4")), "title": "other" });
    for (path, id) in [
        ("/v3/ai-clipping", "ai_clipping_id"),
        ("/v3/clips", "clip_job_id"),
    ] {
        let first = keyed(&bench, path, "key-1", &body).await;
        let again = keyed(&bench, path, "key-1", &other).await;
        assert_eq!(again.status, first.status);
        assert_eq!(
            again.body, first.body,
            "the answer is replayed, whatever the body"
        );
        assert_eq!(
            bench.get(path).await.json()["data"]
                .as_array()
                .unwrap()
                .len(),
            1
        );

        let second = keyed(&bench, path, "key-2", &body).await;
        assert_ne!(second.data()[id], first.data()[id]);
        let replayed = keyed(&bench, path, "key-1", &json!("not even a body")).await;
        assert_eq!(replayed.body, first.body);

        clock.advance(Duration::from_secs(24 * 60 * 60 - 1));
        assert_eq!(keyed(&bench, path, "key-1", &body).await.body, first.body);
        clock.advance(Duration::from_secs(1));
        assert_ne!(keyed(&bench, path, "key-1", &body).await.body, first.body);
    }
}

#[tokio::test]
async fn keys_belong_to_a_route_and_to_a_caller() {
    let bench = Bench::start().await;
    let body = json!({ "video": by_url("http://127.0.0.1:1/v.mp4") });
    let first = keyed(&bench, "/v3/clips", "k", &body).await.data();
    assert!(
        keyed(&bench, "/v3/ai-clipping", "k", &body).await.data()["ai_clipping_id"].is_string()
    );
    let url = format!("{}/v3/clips", bench.emulator.base_url());
    let request = bench.client.post(url).header("x-api-key", "somebody-else");
    let request = request.header("idempotency-key", "k").json(&body);
    assert_ne!(bench.send(request).await.data(), first);
}

#[tokio::test]
async fn a_refused_create_may_be_put_right_under_the_same_key() {
    let bench = Bench::start().await;
    let bad = json!({ "video": by_url("http://127.0.0.1:1/v.mp4"), "title": 7 });
    assert_eq!(
        keyed(&bench, "/v3/ai-clipping", "k", &bad).await.status,
        400
    );
    let good = json!({ "video": by_url("http://127.0.0.1:1/v.mp4") });
    assert_eq!(
        keyed(&bench, "/v3/ai-clipping", "k", &good).await.status,
        202
    );
}

#[tokio::test]
async fn a_key_has_a_form() {
    let bench = Bench::start().await;
    let body = json!({ "video": by_url("http://127.0.0.1:1/v.mp4") });
    let longest = "a".repeat(255);
    for (key, status) in [
        ("550e8400-e29b-41d4-a716-446655440000", 202),
        ("A_z-9:.", 202),
        (longest.as_str(), 202),
        ("", 400),
        ("with space", 400),
        ("a/b", 400),
        (&"a".repeat(256), 400),
    ] {
        let reply = keyed(&bench, "/v3/ai-clipping", key, &body).await;
        assert_eq!(reply.status, status, "{key:?}");
        if status == 400 {
            let expected = refused(400, "invalid_parameter", Some("Idempotency-Key"));
            assert_eq!(reply.refusal(), expected);
        }
    }
}

#[tokio::test]
async fn a_second_request_while_the_first_is_being_answered_is_a_conflict() {
    let bench = Bench::start().await;
    let body = json!({ "video": by_url("http://127.0.0.1:1/v.mp4") }).to_string();
    // The first one's body is held back, so it cannot be answered yet.
    let (release, held) = tokio::sync::oneshot::channel::<()>();
    let (head, tail) = body.split_at(5);
    let (head, tail) = (Bytes::from(head.to_owned()), Bytes::from(tail.to_owned()));
    let parts = stream::unfold((0, Some(held)), move |(step, held)| {
        let (head, tail) = (head.clone(), tail.clone());
        async move {
            match (step, held) {
                (0, held) => Some((Ok::<_, std::io::Error>(head), (1, held))),
                (1, Some(held)) => {
                    held.await.unwrap();
                    Some((Ok(tail), (2, None)))
                }
                _ => None,
            }
        }
    });
    let request = bench
        .request("POST", "/v3/ai-clipping")
        .header("idempotency-key", "k")
        .header("content-type", "application/json")
        .body(reqwest::Body::wrap_stream(parts));
    let first = tokio::spawn(bench.send(request));
    // The claim is there as soon as the head of the first request was read; until then the second
    // one would itself be the first, so it is sent with a body that can only be refused.
    let conflict = loop {
        let reply = keyed(&bench, "/v3/ai-clipping", "k", &json!(null)).await;
        if reply.status == 409 {
            break reply;
        }
        assert_eq!(reply.status, 400);
    };
    assert_eq!(
        conflict.refusal(),
        refused(409, "request_in_progress", None)
    );
    release.send(()).unwrap();
    assert_eq!(first.await.unwrap().status, 202);
}

#[tokio::test]
async fn a_job_is_stored_with_its_answer_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::with(builder().data_dir(folder.path())).await;
    let database = format!("sqlite://{}", folder.path().join("emulator.db").display());
    let database = sqlx::SqlitePool::connect(&database).await.unwrap();
    let run = async |sql: &'static str| sqlx::query(sql).execute(&database).await.unwrap();
    let body = json!({ "video": by_url("http://127.0.0.1:1/v.mp4") });
    for path in ["/v3/ai-clipping", "/v3/clips"] {
        let jobs = async || {
            let jobs = bench.get(path).await.json();
            jobs["data"].as_array().unwrap().len()
        };
        // Where a crash would fall: the job is being stored, its answer cannot be any more.
        run("create trigger full before insert on replays begin select raise(abort, 'full'); end")
            .await;
        assert_eq!(keyed(&bench, path, "k", &body).await.status, 500);
        assert_eq!(jobs().await, 0, "{path}: no job without its answer");
        run("drop trigger full").await;
        let first = keyed(&bench, path, "k", &body).await.data();
        assert_eq!(keyed(&bench, path, "k", &body).await.data(), first);
        assert_eq!(jobs().await, 1, "{path}");
    }
}
