//! Drift as production sees it: what an answer has that the document does not say.

use std::sync::{Arc, Mutex};

use heygen_clips::{Client, Observer};
use serde_json::{Value, json};

use crate::server::{BASE, KEY, Server, clip, data, refusal};

fn client(server: &Server, observer: &Observer) -> Client {
    Client::builder()
        .api_key(KEY)
        .base_url(BASE)
        .transport(server.clone())
        .observer(observer)
        .build()
        .unwrap()
}

#[tokio::test]
async fn an_answer_as_documented_is_nothing_to_tell() {
    let observer = Observer::new();
    let job = json!({
        "id": "clip_1", "title": null, "status": "completed", "transcript_source": "asr",
        "clips": [clip("c_1", "One", "https://files.example.com/1.mp4", None)],
        "created_at": 1_717_000_000, "failure_message": null,
    });
    let server = Server::new(move |_, count| match count {
        0 => data(&job),
        _ => refusal(404, "not_found", "no such job"),
    });
    let client = client(&server, &observer);
    client.clips().get("clip_1").await.unwrap();
    client.clips().get("clip_2").await.unwrap_err();
    assert_eq!(observer.observations(), []);
    let report: Value = serde_json::from_str(&observer.report()).unwrap();
    assert_eq!(report["verdict"], "equivalent");
}

#[tokio::test]
async fn fields_values_and_gaps_are_told_once_by_pointer_and_name() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let teller = Arc::clone(&told);
    let observer =
        Observer::new().on_new(move |seen| teller.lock().unwrap().push(seen.summary.clone()));
    let server = Server::new(|_, _| {
        let clip = json!({ "id": "c_1", "status": "uploading", "mood": "s3cret mood" });
        data(&json!({ "id": "job_1", "status": "queued", "clips": [clip, clip], "eta": 7 }))
    });
    let client = client(&server, &observer);
    for _ in 0..3 {
        client.ai_clipping().get("job_1").await.unwrap();
    }
    assert_eq!(
        *told.lock().unwrap(),
        [
            "answers have a field mood that the document does not have",
            "answers have a field eta that the document does not have",
            "answers have a value uploading that the enum does not have",
            "answers have a value queued that the enum does not have",
        ]
    );

    let report: Value = serde_json::from_str(&observer.report()).unwrap();
    assert_eq!(report["verdict"], "breaking-closed");
    assert_eq!(report["rust"], "minor");
    let changes = report["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 4);
    let eta = changes
        .iter()
        .find(|change| change["name"] == "eta")
        .unwrap();
    assert_eq!(
        eta["pointer"],
        "/components/schemas/AiClippingDetail/properties"
    );
    assert_eq!(eta["operations"], json!(["GET /v3/ai-clipping/{job_id}"]));
    assert_eq!(
        (&eta["rule"], &eta["direction"]),
        (&json!("property-added"), &json!("response"))
    );
    assert!(!observer.report().contains("s3cret"), "values are not kept");
}

#[tokio::test]
async fn a_required_field_that_is_missing_is_told_though_the_call_fails() {
    let observer = Observer::new();
    let server = Server::always(data(&json!({ "id": "clip_1", "clips": [] })));
    let client = client(&server, &observer);
    client.clips().get("clip_1").await.unwrap_err();
    let seen = observer.observations();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (seen[0].rule, seen[0].name.as_deref()),
        ("required-property-missing", Some("status"))
    );
    assert_eq!(seen[0].verdict, "breaking");
}

#[tokio::test]
async fn what_does_not_look_like_a_name_is_not_repeated() {
    let observer = Observer::new();
    let server = Server::always(data(&json!({
        "id": "clip_1", "status": "https://x.example/?sig=s1gn4ture", "clips": [],
    })));
    client(&server, &observer)
        .clips()
        .get("clip_1")
        .await
        .unwrap();
    assert_eq!(observer.observations()[0].name, None);
    assert!(!observer.report().contains("s1gn4ture"));
}
