//! Waiting, under paused time: how often is asked, when it ends, and with what.

use std::time::Duration;

use heygen_clips::{JobStatus, JobView};
use serde_json::json;
use tokio::time::Instant;

use crate::server::{Server, data, job, json_reply, refusal, with};

#[tokio::test(start_paused = true)]
async fn it_ends_when_the_job_is_completed() {
    let server = Server::script(vec![
        data(&job("pending")),
        data(&job("running")),
        data(&job("completed")),
    ]);
    let job = server.client().clips().job("clip_1").await.unwrap();
    assert_eq!(job.job_status(), JobStatus::Completed);
    assert_eq!(server.calls().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_failed_job_is_an_error_with_the_vendors_reason() {
    let mut failed = job("failed");
    failed["failure_message"] = json!("The video has no sound.");
    let error = Server::always(data(&failed))
        .client()
        .clips()
        .job("clip_1")
        .await
        .unwrap_err();
    assert!(error.is_job_failed() && !error.is_retryable());
    assert_eq!(error.code(), "cli_job_failed");
    assert_eq!(
        (error.job_id(), error.job_status()),
        (Some("clip_1"), Some(&JobStatus::Failed))
    );
    assert_eq!(
        error.to_string(),
        "job clip_1 failed: The video has no sound.; a new job is needed"
    );

    let cancelled = data(&json!({ "id": "job_1", "status": "cancelled" }));
    let error = Server::always(cancelled)
        .client()
        .ai_clipping()
        .job("job_1")
        .await
        .unwrap_err();
    assert_eq!(error.code(), "cli_job_cancelled");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_kept_and_the_job_looked_at_once_more() {
    let server = Server::always(data(&job("running")));
    let start = Instant::now();
    let wait = server
        .client()
        .clips()
        .job("clip_1")
        .deadline(Duration::from_secs(60));
    let handle = wait.handle().clone();
    let error = wait.await.unwrap_err();
    assert_eq!(error.handle(), Some(&handle));
    assert_eq!(start.elapsed(), Duration::from_secs(60));
    assert!(error.is_timeout() && !error.is_retryable());
    assert_eq!(
        (error.job_id(), error.job_status()),
        (Some("clip_1"), Some(&JobStatus::Running))
    );
    assert_eq!(
        error.to_string(),
        "job clip_1 was not finished after 60 s (last state: running); it goes on at the server: \
         wait for clip_1 again later"
    );
    let odd = Duration::from_nanos(889_729_205);
    let wait = server.client().clips().job("clip_1").deadline(odd);
    let message = wait.await.unwrap_err().message().to_owned();
    assert!(message.contains("after 0.889 s"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_ends_in_the_last_pause_is_not_lost() {
    let start = Instant::now();
    let server = Server::new(move |_, _| {
        let is_over = start.elapsed() >= Duration::from_millis(59_999);
        data(&job(if is_over { "completed" } else { "running" }))
    });
    let wait = server
        .client()
        .clips()
        .job("clip_1")
        .deadline(Duration::from_secs(60));
    assert!(wait.await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_deadline_of_nothing_looks_once() {
    let server = Server::always(data(&job("running")));
    let error = server
        .client()
        .clips()
        .job("clip_1")
        .deadline(Duration::ZERO)
        .await
        .unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn failures_that_may_pass_do_not_end_it() {
    let server = Server::script(vec![
        data(&job("running")),
        with(
            refusal(429, "rate_limit_exceeded", "x"),
            "retry-after",
            "45",
        ),
        json_reply(502, &json!("bad gateway")),
        data(&job("completed")),
    ]);
    let start = Instant::now();
    server.client().clips().job("clip_1").await.unwrap();
    assert!(
        start.elapsed() >= Duration::from_secs(45),
        "Retry-After is respected"
    );
}

#[tokio::test(start_paused = true)]
async fn failures_that_will_not_pass_end_it_at_once() {
    let server = Server::script(vec![
        data(&job("running")),
        refusal(404, "not_found", "Gone."),
    ]);
    let error = server.client().clips().job("clip_1").await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        (error.job_id(), error.job_status()),
        (Some("clip_1"), Some(&JobStatus::Running))
    );
}

#[tokio::test(start_paused = true)]
async fn a_page_of_a_proxy_does_not_end_it_unless_it_stays() {
    let page = || json_reply(200, &json!("<html>"));
    let some = Server::script(vec![
        data(&job("running")),
        page(),
        page(),
        page(),
        data(&job("running")),
        page(),
        data(&job("completed")),
    ]);
    some.client().clips().job("clip_1").await.unwrap();
    assert_eq!(some.calls().len(), 7);
    let always = Server::always(page());
    let error = always.client().clips().job("clip_1").await.unwrap_err();
    assert!(error.is_bad_response() && error.handle().is_some());
    assert_eq!(always.calls().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_beyond_the_deadline_does_not_move_it() {
    let server = Server::always(with(refusal(429, "x", "x"), "retry-after", "9999999"));
    let start = Instant::now();
    let wait = server
        .client()
        .clips()
        .job("clip_1")
        .deadline(Duration::from_secs(90));
    let error = wait.await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::from_secs(90));
    assert!(error.is_timeout());
    let cause = std::error::Error::source(&error).unwrap();
    assert!(cause.to_string().contains("429"), "{cause}");
}

/// More seconds than a clock can hold are a wish like any other.
#[tokio::test(start_paused = true)]
async fn no_number_of_seconds_is_too_large() {
    let server = Server::always(with(
        refusal(429, "x", "x"),
        "retry-after",
        "18446744073709551615",
    ));
    let wait = server
        .client()
        .clips()
        .job("clip_1")
        .deadline(Duration::from_secs(90));
    assert!(wait.await.unwrap_err().is_timeout());

    let server = Server::always(data(&job("completed")));
    let wait = server
        .client()
        .clips()
        .job("clip_1")
        .deadline(Duration::MAX);
    assert_eq!(wait.await.unwrap().job_status(), JobStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_state_that_is_not_known_counts_as_unfinished() {
    let server = Server::script(vec![data(&job("transcribing")), data(&job("completed"))]);
    server.client().clips().job("clip_1").await.unwrap();
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_the_server_cannot_do_ends_it_at_once() {
    let server = Server::script(vec![data(&job("running"))]);
    let start = Instant::now();
    let error = server.client().clips().job("clip_1").await.unwrap_err();
    assert_eq!(
        (error.status(), error.code()),
        (Some(501), "script_is_over")
    );
    assert!(start.elapsed() < Duration::from_secs(60));
}
