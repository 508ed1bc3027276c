//! `Idempotency-Key`: one change, however often it is asked for.

use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use heygen_clips_emulator::ManualClock;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::support::origin::VIDEO;
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

/// All that a POST can change, in one line.
const STATE: &str =
    "select (select count(*) from clip_jobs) || ' ' || (select count(*) from assets)
    || ' ' || (select count(*) from assets where status = 'ready')
    || ' ' || (select coalesce(group_concat(secret), '') from endpoints)";

#[tokio::test]
async fn a_change_is_stored_with_its_answer_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::with(builder().data_dir(folder.path())).await;
    let database = format!("sqlite://{}", folder.path().join("emulator.db").display());
    let database = sqlx::SqlitePool::connect(&database).await.unwrap();
    let run = async |sql: &'static str| sqlx::query(sql).execute(&database).await.unwrap();
    let state = async || {
        let state = sqlx::query_scalar::<_, String>(STATE);
        state.fetch_one(&database).await.unwrap()
    };
    let job = json!({ "video": by_url("http://127.0.0.1:1/v.mp4") });
    let announced = json!({
        "filename": "v.mp4", "content_type": "video/mp4", "size_bytes": VIDEO.len(),
    });
    let hook = json!({ "url": "http://127.0.0.1:1/hook" });

    let upload = bench.post("/v3/assets/direct-uploads", announced.clone());
    let upload = upload.await.data();
    let put = bench.client.put(upload["upload_url"].as_str().unwrap());
    let put = put.header("content-type", "video/mp4").body(VIDEO);
    assert_eq!(bench.send(put).await.status, 200);
    let complete = format!("/v3/assets/{}/complete", text(&upload["asset_id"]));
    let endpoint = bench.post("/v3/webhooks/endpoints", hook.clone());
    let endpoint = text(&endpoint.await.data()["endpoint_id"]);
    let rotate = format!("/v3/webhooks/endpoints/{endpoint}/rotate-secret");

    // `None` is a file.
    for (path, body) in [
        ("/v3/ai-clipping", Some(&job)),
        ("/v3/clips", Some(&job)),
        ("/v3/assets", None),
        ("/v3/assets/direct-uploads", Some(&announced)),
        (&complete, Some(&json!({}))),
        ("/v3/webhooks/endpoints", Some(&hook)),
        (&rotate, Some(&json!({}))),
    ] {
        let post = async || match body {
            Some(body) => keyed(&bench, path, "k", body).await,
            None => {
                let form = Form::new().part("file", Part::bytes(VIDEO).file_name("v.mp4"));
                let request = bench.request("POST", path).header("idempotency-key", "k");
                bench.send(request.multipart(form)).await
            }
        };
        let before = state().await;
        // Where a crash would fall: the change is being stored, its answer cannot be any more.
        run("create trigger full before insert on replays begin select raise(abort, 'full'); end")
            .await;
        assert_eq!(post().await.status, 500, "{path}");
        assert_eq!(
            state().await,
            before,
            "{path}: no change without its answer"
        );
        run("drop trigger full").await;
        let first = post().await.data();
        let after = state().await;
        assert_ne!(after, before, "{path}");
        assert_eq!(post().await.data(), first, "{path}");
        assert_eq!(state().await, after, "{path}: once and no more");
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
