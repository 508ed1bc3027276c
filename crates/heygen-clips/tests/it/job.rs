//! The job object: its events, its handle, what ends a wait, and what wakes one.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use heygen_clips::types::AiClippingJob;
use heygen_clips::{
    Client, CreateAiClipping, CreateClips, JobEvent, JobHandle, JobStatus, JobView, Outcome, Pace,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::server::{BASE, Server, data, job, refusal, with};

fn ai_job(status: &str, progress: u8, clips: &[Value]) -> Value {
    json!({ "id": "job_1", "status": status, "progress": progress, "clips": clips })
}

fn ai_clip(id: &str, is_ready: bool) -> Value {
    let link = is_ready.then(|| format!("https://files.example/{id}.mp4?sig=s3cret"));
    let status = if is_ready { "completed" } else { "pending" };
    json!({ "id": id, "status": status, "video_url": link })
}

/// An event in a word or two.
fn told(event: &JobEvent<AiClippingJob>) -> String {
    match event {
        JobEvent::Status(status) => status.to_string(),
        JobEvent::Progress(percent) => format!("{percent} %"),
        JobEvent::Clip(clip) => format!("clip {} {}", clip.position, clip.id),
        JobEvent::Finished(outcome) => format!("{} finished", outcome.job().id),
        other => format!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn events_tell_each_change_and_each_clip_once() {
    let (a, b) = (ai_clip("a", true), ai_clip("b", true));
    let server = Server::script(vec![
        data(&ai_job("pending", 0, &[])),
        data(&ai_job("running", 10, &[])),
        data(&ai_job("running", 10, &[ai_clip("a", false)])),
        data(&ai_job("running", 60, &[ai_clip("a", false), b.clone()])),
        data(&ai_job("completed", 100, &[a, b])),
    ]);
    let events = server.client().ai_clipping().job("job_1").events();
    let events: Vec<_> = events.try_collect().await.unwrap();
    let words: Vec<_> = events.iter().map(told).collect();
    assert_eq!(
        words,
        [
            "pending",
            "0 %",
            "running",
            "10 %",
            "60 %",
            "clip 2 b",
            "completed",
            "100 %",
            "clip 1 a",
            "job_1 finished"
        ]
    );
    assert!(!format!("{events:?}").contains("s3cret"));
}

#[tokio::test(start_paused = true)]
async fn the_events_of_a_wait_that_fails_end_with_its_error() {
    let server = Server::script(vec![data(&job("running")), refusal(404, "not_found", "x")]);
    let events = server.client().clips().job("clip_1").events();
    let events: Vec<_> = events.collect().await;
    assert_eq!(events.len(), 2);
    let error = events[1].as_ref().unwrap_err();
    assert!(error.is_not_found() && error.handle().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_job_that_failed_or_was_cancelled_is_a_value() {
    let mut failed = ai_job("failed", 30, &[]);
    failed["failure_message"] = json!("The video has no sound.");
    let outcome = |job: Value| async move {
        let job = Server::always(data(&job))
            .client()
            .ai_clipping()
            .job("job_1");
        job.outcome().await.unwrap()
    };
    let Outcome::Failed { job, message, .. } = outcome(failed).await else {
        panic!("not failed");
    };
    assert_eq!(
        (job.id.as_str(), message.as_str()),
        ("job_1", "The video has no sound.")
    );
    let cancelled = outcome(ai_job("cancelled", 30, &[])).await;
    assert!(matches!(cancelled, Outcome::Cancelled { .. }));
    let error = cancelled.into_result().unwrap_err();
    assert_eq!(error.code(), "cli_job_cancelled");
    assert!(matches!(
        outcome(ai_job("completed", 100, &[])).await,
        Outcome::Completed(_)
    ));
}

#[tokio::test(start_paused = true)]
async fn submit_gives_a_job_that_is_first_looked_at_after_a_pause() {
    let server = Server::script(vec![
        data(&json!({ "clip_job_id": "clip_1" })),
        data(&job("completed")),
    ]);
    let request = CreateClips::from_url("https://example.com/talk.mp4");
    let submitted = server.client().clips().submit(request).await.unwrap();
    assert_eq!(submitted.id().as_str(), "clip_1");
    let start = Instant::now();
    submitted.await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(4));

    let server = Server::script(vec![
        data(&json!({ "ai_clipping_id": "job_1" })),
        data(&ai_job("completed", 100, &[])),
    ]);
    let request = CreateAiClipping::from_url("https://example.com/talk.mp4");
    let submitted = server.client().ai_clipping().submit(request).await.unwrap();
    assert_eq!(submitted.await.unwrap().id, "job_1");
}

#[test]
fn a_handle_goes_through_json_and_finds_the_job_again() {
    let client = Server::always(data(&job("running"))).client();
    let job = client
        .clips()
        .job("clip_1")
        .source_duration(Duration::from_secs(90));
    let stored = serde_json::to_string(job.handle()).unwrap();
    assert_eq!(
        stored,
        format!(
            r#"{{"dialect":"clips","base_url":"{BASE}","job_id":"clip_1","source_seconds":90.0}}"#
        )
    );
    let handle: JobHandle = serde_json::from_str(&stored).unwrap();
    assert_eq!(client.clips().resume(&handle).unwrap().handle(), &handle);

    let error = client.ai_clipping().resume(&handle).unwrap_err();
    assert!(error.is_config());
    assert_eq!(
        error.to_string(),
        "job clip_1 is of /v3/clips, not of /v3/ai-clipping: resume it there"
    );
    let elsewhere = Client::builder().api_key("any").build().unwrap();
    let error = elsewhere.clips().resume(&handle).unwrap_err();
    assert_eq!(
        error.to_string(),
        "job clip_1 is at another server than this client's, which is https://api.heygen.com"
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_can_be_cancelled_between_looks_and_during_one() {
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let server = Server::always(data(&job("running")));
    let start = Instant::now();
    let wait = server.client().clips().job("clip_1").cancel_on(async {
        let _ = told.await;
    });
    let (result, ()) = tokio::join!(wait.into_future(), async {
        tokio::time::sleep(Duration::from_secs(12)).await;
        tell.send(()).unwrap();
    });
    let error = result.unwrap_err();
    assert_eq!(start.elapsed(), Duration::from_secs(12));
    assert!(error.is_wait_cancelled() && !error.is_retryable() && !error.is_timeout());
    assert_eq!(error.code(), "cli_wait_cancelled");
    assert_eq!(error.job_status(), Some(&JobStatus::Running));
    assert_eq!(error.handle().unwrap().job_id().as_str(), "clip_1");
    assert_eq!(
        error.to_string(),
        "the wait for job clip_1 was cancelled (last state: running); it goes on at the server: \
         wait for clip_1 again later"
    );

    let wait = server.client().clips().job("clip_1");
    let error = wait.cancel_on(async {}).await.unwrap_err();
    assert!(error.is_wait_cancelled() && error.job_status().is_none());
}

/// A job that ends at an instant, and how often it was asked for.
fn ends_after(end: Duration) -> (Server, Arc<AtomicUsize>) {
    let start = Instant::now();
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&looks);
    let server = Server::new(move |_, _| {
        counted.fetch_add(1, Ordering::Relaxed);
        let is_over = start.elapsed() >= end;
        data(&job(if is_over { "completed" } else { "running" }))
    });
    (server, looks)
}

#[tokio::test(start_paused = true)]
async fn a_callback_wakes_a_wait_that_polls_slowly() {
    let (server, looks) = ends_after(Duration::from_secs(100));
    let client = server.client();
    let waker = client.clone();
    let start = Instant::now();
    let wait = client.clips().job("clip_1").pace(Pace::slow());
    let (job, ()) = tokio::join!(wait.into_future(), async move {
        tokio::time::sleep(Duration::from_secs(101)).await;
        assert!(waker.wake("clip_1"));
        assert!(!waker.wake("clip_2"), "nobody waits for that");
    });
    assert_eq!(job.unwrap().job_status(), JobStatus::Completed);
    assert_eq!(start.elapsed(), Duration::from_secs(101));
    assert_eq!(looks.load(Ordering::Relaxed), 2);
    assert!(!client.wake("clip_1"), "the wait is over");
}

#[tokio::test(start_paused = true)]
async fn news_that_comes_before_its_truth_or_before_the_wait_is_not_lost() {
    let (server, _) = ends_after(Duration::from_secs(5));
    let client = server.client();
    let wait = client.clips().job("clip_1").pace(Pace::slow());
    assert!(client.wake("clip_1"), "before the wait has begun");
    let start = Instant::now();
    wait.await.unwrap();
    // Looks at 0, at once again, and then 2 and 4 s later.
    assert!(start.elapsed() < Duration::from_secs(9));
}

#[tokio::test(start_paused = true)]
async fn news_hurries_a_fixed_pace_too() {
    let (server, _) = ends_after(Duration::from_secs(5));
    let client = server.client();
    let pace = Pace::fixed(Duration::from_secs(600));
    let wait = client.clips().job("clip_1").pace(pace);
    assert!(client.wake("clip_1"));
    let start = Instant::now();
    wait.await.unwrap();
    // Looks at 0, at once again, and then 2 and 4 s later.
    assert_eq!(start.elapsed(), Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn news_does_not_overrule_retry_after() {
    let server = Server::script(vec![
        with(
            refusal(429, "rate_limit_exceeded", "x"),
            "retry-after",
            "60",
        ),
        data(&job("completed")),
    ]);
    let client = server.client();
    let wait = client.clips().job("clip_1");
    let waker = client.clone();
    let start = Instant::now();
    let (result, ()) = tokio::join!(wait.into_future(), async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        waker.wake("clip_1");
    });
    result.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(60));
}
