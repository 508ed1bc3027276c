//! Sending a call again, under paused time: when, how often, after how long, and when not.

use std::time::Duration;

use heygen_clips::{
    Client, CreateAiClipping, CreateClips, Error, Retries, TransportError, Video, types,
};
use serde_json::json;
use tokio::time::Instant;

use crate::server::{Reply, Server, data, job, refusal, reply, with};

fn reset() -> TransportError {
    TransportError::broken("connection reset by peer")
}

fn refused() -> TransportError {
    TransportError::not_connected("connection refused")
}

fn created() -> Reply {
    with(
        data(&json!({ "ai_clipping_id": "job_1", "clip_job_id": "clip_1" })),
        "x-request-id",
        "req_1",
    )
}

async fn read(client: &Client) -> Result<types::ClipJob, Error> {
    client.clips().get("clip_1").await
}

async fn create_keyed(client: &Client) -> Result<String, Error> {
    let request = CreateAiClipping::new(Video::Asset("asset_1".to_owned()));
    Ok(client.ai_clipping().create(request).await?.to_string())
}

async fn create_unkeyed(client: &Client) -> Result<String, Error> {
    let request = CreateClips::new(Video::Asset("asset_1".to_owned()));
    Ok(client.clips().create(request).await?.to_string())
}

/// Fails the first calls so, then answers.
fn failing(
    times: usize,
    fault: impl Fn() -> Result<Reply, TransportError> + Send + Sync + 'static,
    then: Reply,
) -> Server {
    Server::new(move |_, count| {
        if count < times {
            fault()
        } else {
            Ok(then.clone())
        }
    })
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_sent_again() {
    let page = || {
        Ok(with(
            reply(502, "<html>bad gateway</html>"),
            "content-type",
            "text/html",
        ))
    };
    for fault in [
        page as fn() -> Result<Reply, TransportError>,
        || Ok(refusal(500, "internal", "oops")),
        || Ok(refusal(503, "unavailable", "later")),
        || Ok(refusal(429, "rate_limited", "slow down")),
        || Ok(reply(408, "")),
        || Err(reset()),
        || Err(refused()),
        || Err(TransportError::timed_out("too slow")),
    ] {
        let server = failing(2, fault, data(&job("running")));
        assert_eq!(read(&server.patient_client()).await.unwrap().id, "clip_1");
        assert_eq!(server.calls().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn what_will_not_pass_is_not() {
    for status in [400, 401, 402, 403, 404, 409, 413, 422, 501] {
        let server = Server::always(refusal(status, "no", "no"));
        let error = read(&server.patient_client()).await.unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(status), 1));
        assert_eq!(server.calls().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_never_works_ends_after_four_attempts_with_the_last_error() {
    let server = Server::always(with(
        refusal(503, "down", "maintenance"),
        "x-request-id",
        "req_9",
    ));
    let error = read(&server.patient_client()).await.unwrap_err();
    assert_eq!(server.calls().len(), 4);
    assert_eq!(error.attempts(), 4);
    assert_eq!(
        error.to_string(),
        "get_clip_job: 503 down: maintenance (after 4 attempts); try again later [request \
         req_9]"
    );
}

#[tokio::test(start_paused = true)]
async fn a_create_with_a_key_is_sent_again_under_the_same_key() {
    let server = failing(3, || Err(reset()), created());
    assert_eq!(
        create_keyed(&server.patient_client()).await.unwrap(),
        "job_1"
    );
    let calls = server.calls();
    let keys: Vec<_> = calls
        .iter()
        .map(|call| call.header("idempotency-key").unwrap())
        .collect();
    assert_eq!(keys.len(), 4);
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert!(calls.iter().all(|call| call.body == calls[0].body));
}

#[tokio::test(start_paused = true)]
async fn a_create_without_a_key_is_sent_again_only_when_it_surely_did_nothing() {
    for fault in [
        || Err(reset()),
        || Err(TransportError::timed_out("too slow")),
        || Ok(refusal(500, "internal", "oops")),
        || Ok(reply(502, "<html>")),
    ] {
        let server = failing(1, fault, created());
        create_unkeyed(&server.patient_client()).await.unwrap_err();
        assert_eq!(server.calls().len(), 1, "it may have been carried out");
    }
    for fault in [
        (|| Err(refused())) as fn() -> Result<Reply, TransportError>,
        || Ok(refusal(429, "rate_limited", "slow down")),
    ] {
        let server = failing(2, fault, created());
        assert_eq!(
            create_unkeyed(&server.patient_client()).await.unwrap(),
            "clip_1"
        );
        assert_eq!(server.calls().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_in_progress_is_waited_out_beyond_the_attempts() {
    let busy = || Ok(refusal(409, "request_in_progress", "the first is not done"));
    let server = failing(7, busy, created());
    assert_eq!(
        create_keyed(&server.patient_client()).await.unwrap(),
        "job_1"
    );
    assert_eq!(server.calls().len(), 8);

    let server = failing(usize::MAX, busy, created());
    let start = Instant::now();
    let error = create_keyed(&server.patient_client()).await.unwrap_err();
    assert_eq!(error.code(), "request_in_progress");
    assert_eq!(start.elapsed().as_secs(), 120);

    // As long as the server wishes, though no other pause may be that long.
    let asks = move || Ok(with(busy()?, "retry-after", "30"));
    let server = failing(2, asks, created());
    let start = Instant::now();
    create_keyed(&server.patient_client()).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn what_has_no_key_is_not_sent_again_while_another_is_in_progress() {
    let busy = || Ok(refusal(409, "request_in_progress", "the first is not done"));
    let server = failing(1, busy, created());
    let request = heygen_clips::CreateClips::from_url("https://example.com/talk.mp4");
    let error = server.patient_client().clips().create(request).await;
    assert!(error.unwrap_err().is_conflict());
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wish_beyond_all_time_is_no_panic() {
    let fault = || Ok(with(reply(503, ""), "retry-after", "1e19"));
    let server = failing(1, fault, data(&job("running")));
    let retries = heygen_clips::Retries::default()
        .longest_pause(Duration::MAX)
        .deadline(Duration::from_secs(60));
    let client = server.patient_client().with_retries(retries);
    assert_eq!(read(&client).await.unwrap_err().status(), Some(503));
}

#[tokio::test(start_paused = true)]
async fn the_server_says_how_long_to_wait() {
    for (value, seconds) in [("7", 7), ("0", 0)] {
        let fault = move || {
            Ok(with(
                refusal(429, "rate_limited", "slow down"),
                "retry-after",
                value,
            ))
        };
        let server = failing(1, fault, data(&job("running")));
        let start = Instant::now();
        read(&server.patient_client()).await.unwrap();
        let waited = start.elapsed();
        assert!(waited >= Duration::from_secs(seconds), "{waited:?}");
        assert!(waited < Duration::from_secs(seconds + 1), "{waited:?}");
    }
    // As a date: rounded to seconds, and by the clock of the machine.
    let date = std::time::SystemTime::now() + Duration::from_secs(9);
    let date = httpdate::fmt_http_date(date);
    let fault = move || Ok(with(reply(503, ""), "retry-after", &date));
    let server = failing(1, fault, data(&job("running")));
    let start = Instant::now();
    read(&server.patient_client()).await.unwrap();
    let waited = start.elapsed();
    assert!(
        waited > Duration::from_secs(6) && waited < Duration::from_secs(10),
        "{waited:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_is_the_callers() {
    let server = Server::always(with(
        refusal(429, "rate_limited", "slow"),
        "retry-after",
        "3600",
    ));
    let start = Instant::now();
    let error = read(&server.patient_client()).await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
}

#[tokio::test(start_paused = true)]
async fn pauses_double_and_are_half_by_chance() {
    let server = Server::always(reply(503, ""));
    let mut totals = Vec::new();
    for _ in 0..50 {
        let start = Instant::now();
        let client = server
            .patient_client()
            .with_retries(Retries::default().attempts(3));
        read(&client).await.unwrap_err();
        totals.push(start.elapsed());
    }
    // 0.25 to 0.5 s, then 0.5 to 1 s.
    let (least, most) = (totals.iter().min().unwrap(), totals.iter().max().unwrap());
    assert!(*least >= Duration::from_millis(750), "{least:?}");
    assert!(*most <= Duration::from_millis(1550), "{most:?}");
    assert!(
        *most - *least > Duration::from_millis(100),
        "no chance in {totals:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_has_a_deadline_with_all_its_attempts() {
    let server = Server::always(reply(503, ""));
    let retries = Retries::default()
        .attempts(100)
        .deadline(Duration::from_secs(5));
    let start = Instant::now();
    let error = read(&server.patient_client().with_retries(retries))
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(503));
    assert!(
        start.elapsed() <= Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    assert!(error.attempts() > 3);
}

#[tokio::test(start_paused = true)]
async fn all_clones_share_one_budget() {
    let server = Server::always(reply(503, ""));
    let client = server.patient_client();
    for _ in 0..200 {
        read(&client.clone()).await.unwrap_err();
    }
    // 200 first attempts, and as many retries as the budget pays for.
    assert_eq!(server.calls().len(), 200 + 100);

    let server = failing(1, || Ok(reply(503, "")), data(&job("running")));
    let other = server.patient_client();
    read(&other).await.unwrap();
    assert_eq!(server.calls().len(), 2, "another client has its own");
}

#[tokio::test(start_paused = true)]
async fn a_delete_whose_answer_was_lost_is_a_success() {
    let lost = |fault: fn() -> Result<Reply, TransportError>| {
        failing(1, fault, refusal(404, "not_found", "no such job"))
    };
    let server = lost(|| Err(reset()));
    server
        .patient_client()
        .clips()
        .delete("clip_1")
        .await
        .unwrap();
    // A refusal has done nothing: the job was never there.
    let server = lost(|| Ok(refusal(429, "rate_limited", "slow")));
    let error = server
        .patient_client()
        .clips()
        .delete("clip_1")
        .await
        .unwrap_err();
    assert!(error.is_not_found());
}

#[tokio::test(start_paused = true)]
async fn a_first_request_that_stays_in_progress_is_not_asked_for_without_pauses() {
    let server = Server::always(refusal(409, "request_in_progress", "Wait."));
    let hasty = Retries::default().first_pause(Duration::ZERO);
    let hasty = hasty.longest_pause(Duration::ZERO);
    let start = Instant::now();
    let error = create_keyed(&server.client().with_retries(hasty)).await;
    assert_eq!(error.unwrap_err().code(), "request_in_progress");
    let calls = u32::try_from(server.calls().len()).unwrap();
    assert_eq!((calls, start.elapsed().as_secs()), (1 + 1_200, 120));
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_is_not_made_costs_nothing() {
    let server = Server::always(with(reply(503, ""), "retry-after", "5"));
    let hasty = Retries::default().deadline(Duration::from_secs(1));
    let client = server.patient_client();
    for _ in 0..200 {
        let error = read(&client.with_retries(hasty)).await.unwrap_err();
        assert_eq!(error.attempts(), 1, "the deadline is before the pause ends");
    }
    // All that the clones have in hand is there.
    for _ in 0..100 {
        let twice = client.with_retries(Retries::default().attempts(2));
        assert_eq!(read(&twice).await.unwrap_err().attempts(), 2);
    }
}
