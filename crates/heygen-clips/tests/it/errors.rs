//! Whatever comes back, or does not: the status is right, the reason is kept, no key shows.

use std::time::Duration;

use heygen_clips::{
    Client, CreateAiClipping, CreateClips, Error, Request, Retries, Sending, Transport,
    TransportError,
};
use serde_json::json;

use crate::server::{self, KEY, Reply, Server, data, json_reply, refusal, reply, with};

async fn get(reply: Reply) -> Error {
    let error = Server::always(reply)
        .client()
        .clips()
        .get("clip_1")
        .await
        .unwrap_err();
    for shown in [
        format!("{error}"),
        format!("{error:?}"),
        format!("{error:#?}"),
    ] {
        assert!(!shown.contains(KEY), "{shown}");
    }
    error
}

#[tokio::test]
async fn the_vendors_envelope_is_kept_whole() {
    let body = json!({ "error": {
        "code": "invalid_parameter",
        "message": "max_clips must be at most 10",
        "param": "max_clips",
        "doc_url": "https://developers.heygen.com/docs/error-codes#invalid_parameter",
    }});
    let error = get(with(json_reply(400, &body), "x-request-id", "r-17")).await;
    assert_eq!(error.code(), "invalid_parameter");
    assert_eq!(error.message(), "max_clips must be at most 10");
    assert_eq!(error.param(), Some("max_clips"));
    assert_eq!(
        error.doc_url(),
        Some("https://developers.heygen.com/docs/error-codes#invalid_parameter")
    );
    assert_eq!(
        (error.status(), error.request_id()),
        (Some(400), Some("r-17"))
    );
    assert!(error.is_invalid_request() && !error.is_retryable());
    assert_eq!(
        error.to_string(),
        "get_clip_job: 400 invalid_parameter: max_clips must be at most 10; see \
         https://developers.heygen.com/docs/error-codes#invalid_parameter [request r-17]"
    );
}

#[tokio::test]
async fn an_error_says_what_to_do_next() {
    let shown = [
        get(refusal(401, "unauthorized", "No.")).await,
        get(refusal(402, "insufficient_credit", "No credit.")).await,
        get(refusal(404, "not_found", "There is no such clip job.")).await,
        get(refusal(409, "request_in_progress", "Still running.")).await,
        get(with(
            refusal(429, "rate_limit_exceeded", "Too many."),
            "retry-after",
            "12",
        ))
        .await,
        get(reply(502, "<html>Bad gateway</html>")).await,
        get(data(&json!({ "id": 1 }))).await,
    ]
    .map(|error| error.to_string())
    .join("\n");
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn predicates_follow_the_status() {
    assert!(get(refusal(401, "unauthorized", "x")).await.is_auth());
    assert!(get(refusal(403, "forbidden", "x")).await.is_auth());
    assert!(get(refusal(404, "not_found", "x")).await.is_not_found());
    assert!(
        get(refusal(402, "insufficient_credit", "x"))
            .await
            .is_payment_required()
    );
    assert!(
        get(refusal(500, "internal_error", "x"))
            .await
            .is_server_error()
    );
    let conflict = get(refusal(409, "request_in_progress", "x")).await;
    assert!(conflict.is_conflict() && conflict.is_retryable());
    assert!(!get(refusal(409, "conflict", "x")).await.is_retryable());
    let limited = get(refusal(429, "quota_exceeded", "x")).await;
    assert!(limited.is_rate_limited() && limited.is_retryable());
}

#[tokio::test]
async fn retry_after_is_read() {
    let error = get(with(
        refusal(429, "rate_limit_exceeded", "x"),
        "retry-after",
        "7",
    ))
    .await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    let date = "Fri, 01 Jan 2100 00:00:00 GMT";
    let error = get(with(
        refusal(503, "service_unavailable", "x"),
        "retry-after",
        date,
    ))
    .await;
    assert!(error.retry_after().unwrap() > Duration::from_secs(3600));
}

#[tokio::test]
async fn bodies_of_gateways_keep_their_status() {
    for (status, body) in [
        (502, "<html>sk</html>"),
        (503, ""),
        (504, "upstream timed out"),
    ] {
        let error = get(with(reply(status, body), "x-request-id", "r-1")).await;
        assert_eq!(
            (error.status(), error.request_id()),
            (Some(status), Some("r-1"))
        );
        assert_eq!(error.code(), "cli_http_error");
        assert!(error.is_server_error() && error.is_retryable());
    }
    let page = get(reply(401, "<html>Sign in</html>")).await;
    assert!(page.is_auth());
    let empty = get(reply(404, "")).await;
    assert!(empty.is_not_found());
}

#[tokio::test]
async fn a_redirect_is_an_error_and_is_not_followed() {
    let server = Server::always(with(
        reply(302, ""),
        "location",
        "https://elsewhere.example/",
    ));
    let error = server.client().clips().get("clip_1").await.unwrap_err();
    assert_eq!(error.status(), Some(302));
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn a_success_that_carries_an_error_is_an_error() {
    let error = get(refusal(200, "internal_error", "Could not read the job.")).await;
    assert_eq!(
        (error.status(), error.code()),
        (Some(200), "internal_error")
    );
    let body = json!({ "data": server::job("completed"), "error": null });
    let job = Server::always(json_reply(200, &body))
        .client()
        .clips()
        .get("clip_1")
        .await;
    assert_eq!(job.unwrap().id, "clip_1", "a null error is none");
}

#[tokio::test]
async fn missing_data_is_an_error() {
    for body in [json!({}), json!({ "data": null })] {
        let error = get(with(json_reply(200, &body), "x-request-id", "r-2")).await;
        assert!(error.is_bad_response());
        assert_eq!(
            (error.status(), error.request_id()),
            (Some(200), Some("r-2"))
        );
    }
    let client = Server::always(json_reply(200, &json!({ "has_more": false }))).client();
    let error = client.clips().list().page().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "list_clip_jobs: 200 the answer has no data"
    );
    let client = Server::always(json_reply(200, &json!({ "data": [] }))).client();
    assert!(client.clips().list().page().await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_payload_of_another_shape_is_located_and_not_repeated() {
    let mut wrong = server::job("completed");
    wrong["clips"] = json!([server::clip(
        "c_1",
        "x",
        "https://f.example/?Signature=abc",
        None
    )]);
    wrong["clips"][0]["start"] = json!("https://f.example/?Signature=abc");
    let error = get(with(data(&wrong), "x-request-id", "r-3")).await;
    assert!(error.is_bad_response());
    assert_eq!(
        (error.status(), error.request_id()),
        (Some(200), Some("r-3"))
    );
    assert_eq!(
        error.message(),
        "the answer is not as documented at data.clips[0].start: invalid type: string \"…\", \
         expected f64"
    );
    assert!(!format!("{error:?}").contains("Signature"));
}

#[tokio::test]
async fn a_success_that_is_no_json_is_named() {
    assert_eq!(
        get(reply(200, "<!doctype html>")).await.message(),
        "the answer is an HTML page instead of JSON"
    );
    assert_eq!(
        get(reply(200, "")).await.message(),
        "the answer is an empty body instead of JSON"
    );
}

#[tokio::test]
async fn a_success_status_that_is_not_documented_still_decodes() {
    let reply = json_reply(206, &json!({ "data": server::job("running") }));
    let job = Server::always(reply)
        .client()
        .clips()
        .get("clip_1")
        .await
        .unwrap();
    assert_eq!(job.id, "clip_1");
}

#[tokio::test]
async fn codes_without_message_and_numeric_codes_are_read() {
    let error = get(json_reply(
        400,
        &json!({ "error": { "code": "tts_text_invalid" } }),
    ))
    .await;
    assert_eq!(
        (error.code(), error.message()),
        ("tts_text_invalid", "the server gave no reason")
    );
    let error = get(json_reply(
        400,
        &json!({ "error": { "code": 40009, "message": "x" } }),
    ))
    .await;
    assert_eq!(error.code(), "40009");
    let error = get(json_reply(400, &json!({ "error": "nope" }))).await;
    assert_eq!((error.code(), error.message()), ("cli_http_error", "nope"));
}

/// Never answers.
struct Silence;

impl Transport for Silence {
    fn send(&self, _request: Request) -> Sending<'_> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn creates_are_given_more_time_than_reads() {
    let client = Client::builder()
        .api_key(KEY)
        .transport(Silence)
        .retries(Retries::none())
        .build()
        .unwrap();
    let start = tokio::time::Instant::now();
    let error = client.clips().get("clip_1").await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 30);
    assert!(error.is_timeout() && error.is_retryable() && error.status().is_none());
    assert_eq!(error.hint(), None, "nothing was to be made");

    let start = tokio::time::Instant::now();
    let create = CreateClips::from_url("https://example.com/a.mp4");
    let error = client.clips().create(create).await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 120);
    assert_eq!(
        error.to_string(),
        "create_clip_job: no complete answer within 120 s; it may have been carried out: look at \
         the list before sending it again"
    );
    assert_eq!(
        error.hint().as_deref(),
        Some("it may have been carried out: look at the list before sending it again")
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_network_error() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let client = Client::builder()
        .api_key(KEY)
        .base_url(format!("http://{free}"))
        .retries(Retries::none())
        .build()
        .unwrap();
    let error = client.clips().get("clip_1").await.unwrap_err();
    assert!(error.is_network() && error.is_retryable(), "{error:?}");
    assert_eq!(error.code(), "cli_network");
    assert!(
        std::error::Error::source(&error).is_some(),
        "the cause is kept"
    );
    assert!(!format!("{error:?}").contains(KEY));
}

#[test]
fn an_error_is_small_and_sendable() {
    fn is_sendable<T: Send + Sync + 'static>() {}
    is_sendable::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

/// What fails without an answer may be a job all the same. Who can't send it again under the same key is told.
#[tokio::test(start_paused = true)]
async fn a_create_that_may_have_made_a_job_says_so() {
    let lost = || Err(TransportError::broken("reset"));
    let unreachable = || Err(TransportError::not_connected("refused"));
    type Ending = fn() -> Result<Reply, TransportError>;
    let in_progress = || Ok(refusal(409, "request_in_progress", "Wait."));
    let cases: [(Ending, Ending, bool); 8] = [
        (|| Ok(reply(408, "")), unreachable, true),
        // Which it would not be if the first had not come.
        (in_progress, in_progress, true),
        // A yes that cannot be read.
        (|| Ok(reply(202, "{}")), || Ok(reply(202, "{}")), true),
        (lost, lost, true),
        (
            || Ok(reply(504, "<html>")),
            || Ok(reply(504, "<html>")),
            true,
        ),
        // The first attempt was heard, whatever became of the others.
        (lost, unreachable, true),
        (unreachable, unreachable, false),
        (
            || Ok(refusal(402, "insufficient_credit", "No.")),
            unreachable,
            false,
        ),
    ];
    for (first, then, is_in_doubt) in cases {
        let server = Server::new(move |_, count| if count == 0 { first() } else { then() });
        let create =
            |request| async { server.patient_client().ai_clipping().create(request).await };
        let request = || CreateAiClipping::from_url("https://example.com/talk.mp4");
        let error = create(request()).await.unwrap_err();
        assert_eq!(error.is_in_doubt(), is_in_doubt, "{error}");
        let hint = "it may have been carried out: look at the list before sending it again";
        assert_eq!(error.to_string().contains(hint), is_in_doubt, "{error}");
        let error = create(request().idempotency_key("talk")).await;
        assert!(!error.unwrap_err().is_in_doubt(), "the key is the caller's");
    }
    let server = Server::new(move |_, _| lost());
    let folder = tempfile::TempDir::new().unwrap();
    let builder = server.client_builder().api_key(server::KEY);
    let client = builder.journal(folder.path().join("journal")).build();
    let request = CreateClips::from_url("https://example.com/talk.mp4");
    let error = client.unwrap().clips().submit(request).await.unwrap_err();
    assert!(
        error.is_network() && !error.is_in_doubt(),
        "the journal knows"
    );
}
