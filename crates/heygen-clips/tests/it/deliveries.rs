//! What a receiver is sent: true, forged, stale and repeated deliveries, and unsigned callbacks.

use std::time::{Duration, SystemTime};

use heygen_clips::{Callback, Confirmed, Event, JobStatus, Unverified, Verifier};
use http::HeaderMap;
use serde_json::json;

use crate::server::{KEY, Server, data, job, refusal};

const SECRET: &str = "whsec_b00b1e5";
const BODY: &[u8] =
    br#"{"event_type":"ai_clipping.success","event_data":{"id":"a1","status":"completed"}}"#;
/// `printf %s "$BODY" | openssl dgst -sha256 -hmac whsec_b00b1e5`
const SIGNATURE: &str = "781368359870aedc2dfaeb65214479c79133ed16d97af145df1092e03a45946b";

fn verifier() -> Verifier {
    Verifier::new(SECRET).unwrap()
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()));
    pairs.collect()
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn a_true_delivery_is_taken_under_either_header_name() {
    for name in ["heygen-signature", "signature"] {
        let signed = headers(&[
            (name, SIGNATURE),
            ("heygen-timestamp", "1700000000"),
            ("heygen-event-id", "evt_1"),
        ]);
        let delivery = verifier().verify(&signed, BODY).unwrap();
        assert_eq!(delivery.event.event_type(), "ai_clipping.success");
        assert_eq!(delivery.event_id.as_deref(), Some("evt_1"));
        assert_eq!(delivery.sent_at, Some(at(1_700_000_000)));
        let Event::AiClippingSucceeded(job) = delivery.event else {
            panic!("{name}: another event")
        };
        assert_eq!(job.id, "a1");
    }
}

#[test]
fn what_is_not_signed_with_the_secret_is_refused() {
    let one_bit = SIGNATURE.replacen(
        &SIGNATURE[..1],
        if SIGNATURE.starts_with('0') { "1" } else { "0" },
        1,
    );
    for (what, pairs) in [
        ("no signature", vec![]),
        ("another signature", vec![("signature", one_bit.as_str())]),
        ("half of it", vec![("signature", &SIGNATURE[..32])]),
        ("none", vec![("signature", "")]),
        ("no hexadecimal", vec![("heygen-signature", "sha256")]),
    ] {
        let error = verifier().verify(&headers(&pairs), BODY).unwrap_err();
        assert!(error.is_forged(), "{what}: {error}");
        assert!(!format!("{error} {error:?}").contains(SECRET), "{what}");
    }
    let signed = headers(&[("signature", SIGNATURE)]);
    let respelt = [BODY, b"\n"].concat();
    assert!(
        verifier()
            .verify(&signed, &respelt)
            .unwrap_err()
            .is_forged()
    );
    let other = Verifier::new("whsec_rotated").unwrap();
    assert!(other.verify(&signed, BODY).unwrap_err().is_forged());
    assert!(Verifier::new("").unwrap_err().is_config());
}

#[test]
fn what_has_a_signature_is_told_from_what_has_none() {
    for (name, is_signed) in [
        ("heygen-signature", true),
        ("signature", true),
        ("heygen-timestamp", false),
    ] {
        // Whether it is right is another question.
        assert_eq!(
            Verifier::is_signed(&headers(&[(name, "1")])),
            is_signed,
            "{name}"
        );
    }
    assert!(!Verifier::is_signed(&HeaderMap::new()));
}

#[test]
fn a_stale_delivery_is_refused_where_time_is_looked_at() {
    let old = headers(&[("signature", SIGNATURE), ("heygen-timestamp", "1000")]);
    let strict = || verifier().tolerance(Duration::from_secs(300));
    for (now, stale) in [
        (1000, false),
        (1300, false),
        (1301, true),
        (700, false),
        (699, true),
    ] {
        let outcome = strict().verify_at(&old, BODY, at(now));
        assert_eq!(
            outcome.is_err_and(|error| error.is_stale()),
            stale,
            "at {now}"
        );
    }
    let silent = headers(&[("signature", SIGNATURE)]);
    assert!(strict().verify(&silent, BODY).unwrap_err().is_stale());
    assert!(
        verifier().verify_at(&old, BODY, at(9_999_999)).is_ok(),
        "not looked at"
    );
}

#[test]
fn a_repeated_delivery_is_refused_where_it_is_remembered() {
    let remembering = verifier().remember(2);
    let first = headers(&[("signature", SIGNATURE), ("heygen-event-id", "evt_1")]);
    let delivery = remembering.verify(&first, BODY).unwrap();
    assert!(remembering.verify(&first, BODY).unwrap_err().is_replayed());
    // The event id is not signed: changing it does not make an old delivery new.
    let renamed = headers(&[("signature", SIGNATURE), ("heygen-event-id", "evt_2")]);
    assert!(
        remembering
            .verify(&renamed, BODY)
            .unwrap_err()
            .is_replayed()
    );

    remembering.forget(&delivery);
    assert!(
        remembering.verify(&first, BODY).is_ok(),
        "forgotten, so taken again"
    );

    for id in ["x", "y"] {
        let body = json!({ "event_type": "other", "event_id": id }).to_string();
        let signed = remembering.sign_test_delivery(body.as_bytes());
        assert_eq!(
            remembering
                .verify(&signed, body.as_bytes())
                .unwrap()
                .event_id
                .unwrap(),
            id
        );
    }
    assert!(remembering.verify(&first, BODY).is_ok(), "two came since");
    assert!(
        verifier().verify(&first, BODY).is_ok(),
        "not remembered by default"
    );
}

#[test]
fn an_unknown_event_keeps_its_data() {
    for (kind, data) in [
        ("batch.finished", json!({ "n": 1 })),
        ("ai_clipping.success", json!({ "ai_clipping_id": "a9" })),
    ] {
        let body = json!({ "event_type": kind, "event_data": data }).to_string();
        let signed = verifier().sign_test_delivery(body.as_bytes());
        let delivery = verifier().verify(&signed, body.as_bytes()).unwrap();
        assert_eq!(delivery.event.job_id(), data["ai_clipping_id"].as_str());
        let Event::Unknown {
            event_type,
            data: kept,
        } = delivery.event
        else {
            panic!("{kind} is known")
        };
        assert_eq!((event_type.as_str(), kept), (kind, data));
    }
}

#[test]
fn signed_nonsense_is_an_error_that_does_not_repeat_it() {
    for body in [
        "",
        "[]",
        "{}",
        "{\"event_type\":7}",
        "https://x/?sig=secret",
    ] {
        let signed = verifier().sign_test_delivery(body.as_bytes());
        let error = verifier().verify(&signed, body.as_bytes()).unwrap_err();
        assert_eq!(error.code(), "cli_delivery", "{body}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn nothing_that_is_printed_has_a_secret_or_a_link() {
    let link = "https://files.example.com/c.mp4?Signature=abcdef";
    let clips = json!([{ "id": "c1", "status": "completed", "video_url": link }]);
    let event = json!({ "id": "a1", "status": "completed", "clips": clips });
    let body = json!({ "event_type": "ai_clipping.success", "event_data": event }).to_string();
    let verifier = verifier();
    let signed = verifier.sign_test_delivery(body.as_bytes());
    let delivery = verifier.verify(&signed, body.as_bytes()).unwrap();
    let printed = format!("{verifier:?} {delivery:?} {:?}", delivery.event);
    assert!(
        printed.contains("ai_clipping.success") && printed.contains("a1"),
        "{printed}"
    );
    assert!(
        !printed.contains(SECRET) && !printed.contains("abcdef"),
        "{printed}"
    );
}

#[tokio::test]
async fn a_callback_is_worth_only_what_the_server_says() {
    let claimed = json!({ "id": "clip_1", "status": "completed", "callback_id": "order-17" });
    let body = json!({ "event_type": "clips.success", "event_data": claimed }).to_string();
    let callback = Unverified::<Callback>::read(body.as_bytes()).unwrap();
    assert_eq!(callback.callback_id(), Some("order-17"));
    assert_eq!(callback.job_id().as_str(), "clip_1");

    let server = Server::script(vec![
        data(&job("running")),
        refusal(404, "not_found", "no such job"),
        data(&json!({ "id": "a1", "status": "failed" })),
        data(&json!({ "id": "a2", "status": "completed", "callback_id": "order-18" })),
    ]);
    let client = server.client();
    let confirmed = callback.confirm(&client).await.unwrap();
    assert_eq!(
        confirmed.job_status(),
        JobStatus::Running,
        "whatever was claimed"
    );
    assert!(matches!(confirmed, Confirmed::Clips(_)));

    let unknown = Unverified::<Callback>::read(body.as_bytes()).unwrap();
    assert!(unknown.confirm(&client).await.unwrap_err().is_not_found());

    let other = Unverified::<Callback>::read(
        br#"{"event_type":"ai_clipping.fail","event_data":{"ai_clipping_id":"a1"}}"#,
    );
    let confirmed = other.unwrap().confirm(&client).await.unwrap();
    assert_eq!(
        (confirmed.job_id(), confirmed.job_status()),
        ("a1", JobStatus::Failed)
    );
    // A job of the account, but not the one that was ordered.
    let event = json!({ "ai_clipping_id": "a2", "callback_id": "order-17" });
    let stranger = json!({ "event_type": "ai_clipping.success", "event_data": event }).to_string();
    let stranger = Unverified::<Callback>::read(stranger.as_bytes()).unwrap();
    assert!(stranger.confirm(&client).await.unwrap_err().is_forged());
    assert!(server.calls()[2].url.ends_with("/v3/ai-clipping/a1"));
    assert_eq!(server.calls()[0].header("x-api-key"), Some(KEY));
}

#[tokio::test]
async fn the_extractor_lets_only_true_deliveries_through() {
    use axum::routing::post;
    use tower::ServiceExt;

    let verifier = std::sync::Arc::new(verifier().remember(10));
    let app: axum::Router = axum::Router::new()
        .route(
            "/",
            post(
                async |heygen_clips::Signed(delivery): heygen_clips::Signed| {
                    delivery.event.job_id().unwrap().to_owned()
                },
            ),
        )
        .with_state(verifier);
    let send = async |signature: &str, body: &'static [u8]| {
        let request = http::Request::post("/")
            .header("signature", signature)
            .body(axum::body::Body::from(body))
            .unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 16)
            .await
            .unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    };
    assert_eq!(send("00", BODY).await.0, 401);
    assert_eq!(send(SIGNATURE, BODY).await, (200, "a1".to_owned()));
    let again = send(SIGNATURE, BODY).await;
    assert_eq!(again, (200, "this delivery has come before".to_owned()));
    let nonsense = Verifier::new(SECRET).unwrap().sign_test_delivery(b"{}");
    let signature = nonsense["heygen-signature"].to_str().unwrap();
    assert_eq!(send(signature, b"{}").await.0, 400);
}

#[test]
fn what_names_no_job_is_no_callback() {
    for body in [
        "{}",
        r#"{"event_type":"clips.success"}"#,
        r#"{"event_type":"clips.success","event_data":{"id":7}}"#,
    ] {
        let error = Unverified::<Callback>::read(body.as_bytes()).unwrap_err();
        assert_eq!(error.code(), "cli_delivery", "{body}");
    }
}
