//! Callbacks and webhooks: who is told what, and how it is signed.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::origin::Delivery;
use crate::support::{Bench, DOCUMENTS, Origin, builder, by_url, refused};

fn body(delivery: &Delivery) -> Value {
    serde_json::from_slice(&delivery.body).unwrap()
}

fn signature(secret: &str, bytes: &[u8]) -> String {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(bytes);
    hex::encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn a_jobs_own_callback_carries_the_finished_job_unsigned() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    let windows = json!([{ "start": 0, "end": 1 }]);
    let job = bench
        .clip(json!({
            "video": by_url(&origin.file("talk.mp4")),
            "windows": windows,
            "callback_url": origin.hook(),
            "callback_id": "caller's own",
        }))
        .await;
    let delivery = &origin.deliveries(1).await[0];
    DOCUMENTS
        .component("ClipJobCallback", &delivery.body)
        .unwrap();
    assert!(!delivery.headers.contains_key("heygen-signature"));
    assert_eq!(delivery.headers["content-type"], "application/json");
    let told = body(delivery);
    assert_eq!(told["event_type"], "clips.success");
    let data = &told["event_data"];
    assert_eq!(
        (&data["id"], &data["status"]),
        (&job["id"], &json!("completed"))
    );
    assert_eq!(data["callback_id"], "caller's own");
    assert_eq!(
        bench
            .get(data["clips"][0]["url"].as_str().unwrap())
            .await
            .status,
        200
    );

    let failing = json!({ "video": by_url(&origin.file("no.mp4")), "callback_url": origin.hook() });
    bench.post("/v3/ai-clipping", failing).await.data();
    let delivery = &origin.deliveries(2).await[1];
    DOCUMENTS
        .component("AiClippingDelivery", &delivery.body)
        .unwrap();
    let told = body(delivery);
    assert_eq!(told["event_type"], "ai_clipping.fail");
    assert!(
        told["event_data"]["failure_message"]
            .as_str()
            .unwrap()
            .contains("404")
    );
}

#[tokio::test]
async fn registered_endpoints_get_signed_events() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    let path = "/v3/webhooks/endpoints";
    let all = bench
        .post(path, json!({ "url": origin.hook() }))
        .await
        .data();
    assert_eq!(
        (&all["status"], &all["events"]),
        (&json!("enabled"), &Value::Null)
    );
    let first_secret = all["secret"].as_str().unwrap();
    assert!(first_secret.starts_with("whsec_"));
    let success = json!({ "url": origin.hook(), "events": ["ai_clipping.success"] });
    let deaf = bench.post(path, success).await.data();
    let elsewhere = json!({ "url": origin.hook(), "entity_id": "another job" });
    bench.post(path, elsewhere).await.data();
    let all_path = format!("{path}/{}", all["endpoint_id"].as_str().unwrap());
    let rotated = bench
        .send(bench.request("POST", &format!("{all_path}/rotate-secret")))
        .await;
    let secret = rotated.data()["secret"].as_str().unwrap().to_owned();
    assert_ne!(secret, first_secret);

    let failing = json!({ "video": by_url(&origin.file("no.mp4")) });
    let id = bench.post("/v3/ai-clipping", failing.clone()).await.data()["ai_clipping_id"].clone();
    let delivery = &origin.deliveries(1).await[0];
    DOCUMENTS
        .component("AiClippingDelivery", &delivery.body)
        .unwrap();
    assert_eq!(body(delivery)["event_data"]["id"], id);
    assert_eq!(
        delivery.headers["heygen-signature"],
        signature(&secret, &delivery.body).as_str()
    );
    let sent: i64 = delivery.headers["heygen-timestamp"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(sent > 1_700_000_000);
    assert_eq!(
        delivery.headers["heygen-event-id"],
        body(delivery)["event_id"].as_str().unwrap()
    );

    // An endpoint that changes its mind, and one that goes.
    let deaf_path = format!("{path}/{}", deaf["endpoint_id"].as_str().unwrap());
    let change = bench
        .request("PATCH", &deaf_path)
        .json(&json!({ "events": ["ai_clipping.fail"] }));
    let changed = bench.send(change).await.data();
    assert_eq!(changed["events"], json!(["ai_clipping.fail"]));
    assert_eq!(
        (&changed["url"], &changed["secret"]),
        (&deaf["url"], &Value::Null)
    );
    assert_eq!(bench.delete(&all_path).await.status, 200);
    bench.post("/v3/ai-clipping", failing).await.data();
    let second = &origin.deliveries(2).await[1];
    let deaf_secret = deaf["secret"].as_str().unwrap();
    assert_eq!(
        second.headers["heygen-signature"],
        signature(deaf_secret, &second.body).as_str()
    );

    let listed = bench.get(path).await.json();
    let listed = listed["data"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|row| row["secret"].is_null()));
}

#[tokio::test]
async fn what_happened_can_be_read_again() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    let failing = json!({ "video": by_url(&origin.file("no.mp4")) });
    let mut ids = Vec::new();
    for path in ["/v3/clips", "/v3/ai-clipping", "/v3/ai-clipping"] {
        let data = bench.post(path, failing.clone()).await.data();
        let id = data
            .as_object()
            .unwrap()
            .values()
            .next()
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned();
        bench.wait(&format!("{path}/{id}")).await;
        ids.push(id);
    }
    let events = async |query: &str| {
        let page = bench
            .get(&format!("/v3/webhooks/events{query}"))
            .await
            .json();
        let rows = page["data"].as_array().unwrap().clone();
        let id = |row: &Value| row["event_data"]["id"].as_str().unwrap().to_owned();
        rows.iter().map(id).collect::<Vec<_>>()
    };
    let seen = events("").await;
    assert_eq!(seen, [ids[2].clone(), ids[1].clone(), ids[0].clone()]);
    let seen = events("?event_type=ai_clipping.fail&limit=1").await;
    assert_eq!(seen, [ids[2].clone()]);
    let seen = events(&format!("?entity_id={}", ids[0])).await;
    assert_eq!(seen, [ids[0].clone()]);
    let types = bench.get("/v3/webhooks/event-types").await.json();
    let types: Vec<_> = types["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| &t["event_type"])
        .collect();
    assert_eq!(
        types,
        [
            "ai_clipping.success",
            "ai_clipping.fail",
            "clips.success",
            "clips.fail"
        ]
    );
}

#[tokio::test]
async fn a_refused_delivery_is_tried_again_and_given_up_in_the_end() {
    let settings = builder().delivery_retry(Duration::ZERO);
    let (bench, origin) = (Bench::with(settings).await, Origin::start().await);
    let failing = json!({ "video": by_url(&origin.file("no.mp4")), "callback_url": origin.hook() });
    origin.refuse(&[500, 302]);
    let first = bench.clip(failing.clone()).await;
    let deliveries = origin.deliveries(3).await;
    assert_eq!(deliveries[0].body, deliveries[2].body);
    origin.refuse(&[503; 6]);
    let second = bench.clip(failing).await;
    origin.deliveries(9).await;
    let log = async |job: Value, word: &str| {
        loop {
            let log = bench.log(&job["id"]).await.join("\n");
            if log.contains(word) {
                return log;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let told = log(first, "the callback was delivered").await;
    assert!(
        told.contains("attempt 2: the receiver answered 302"),
        "{told}"
    );
    let told = log(second, "it is given up").await;
    assert!(told.contains("attempt 6"), "{told}");
}

#[tokio::test]
async fn bad_endpoints_are_refused() {
    let bench = Bench::start().await;
    let path = "/v3/webhooks/endpoints";
    for (body, param) in [
        (json!({}), "url"),
        (json!({ "url": "nowhere" }), "url"),
        (json!({ "url": "http://169.254.169.254/" }), "url"),
        (
            json!({ "url": "https://example.com", "events": "all" }),
            "events",
        ),
        (json!({ "url": "https://example.com", "more": 1 }), "more"),
    ] {
        let reply = bench.post(path, body).await;
        assert_eq!(
            reply.refusal(),
            refused(400, "invalid_parameter", Some(param))
        );
    }
    let created = bench
        .post(path, json!({ "url": "https://example.com/a" }))
        .await
        .data();
    let one = format!("{path}/{}", created["endpoint_id"].as_str().unwrap());
    let change = |path: &str, body: Value| bench.send(bench.request("PATCH", path).json(&body));
    let reply = change(&one, json!({ "url": "nowhere" })).await;
    assert_eq!(
        reply.refusal(),
        refused(400, "invalid_parameter", Some("url"))
    );
    let reply = change(
        &format!("{path}/x"),
        json!({ "url": "https://example.com" }),
    )
    .await;
    assert_eq!(reply.refusal(), refused(404, "webhook_not_found", None));
    let moved = change(&one, json!({ "url": "https://example.com/b" }))
        .await
        .data();
    assert_eq!(
        (&moved["url"], &moved["events"]),
        (&json!("https://example.com/b"), &Value::Null)
    );
}
