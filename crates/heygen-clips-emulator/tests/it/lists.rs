//! Lists, page by page.

use serde_json::{Value, json};

use crate::support::{Bench, by_url, refused};

async fn ids(bench: &Bench, path: &str, limit: usize) -> Vec<Value> {
    let mut ids = Vec::new();
    let mut next = format!("{path}?limit={limit}");
    loop {
        let page = bench.get(&next).await.json();
        let rows = page["data"].as_array().unwrap();
        assert!(rows.len() <= limit);
        ids.extend(rows.iter().map(|row| row["id"].clone()));
        let more = page["has_more"].as_bool().unwrap();
        assert_eq!(more, page["next_token"].is_string());
        match page["next_token"].as_str() {
            Some(token) => next = format!("{path}?limit={limit}&token={token}"),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn pages_hold_every_job_once_newest_first() {
    let bench = Bench::start().await;
    for (path, id) in [
        ("/v3/clips", "clip_job_id"),
        ("/v3/ai-clipping", "ai_clipping_id"),
    ] {
        let mut created = Vec::new();
        for number in 0..11 {
            let video = by_url("http://127.0.0.1:1/v.mp4");
            let body = json!({ "video": video, "title": format!("Job {number}") });
            created.insert(0, bench.post(path, body).await.data()[id].clone());
        }
        assert_eq!(ids(&bench, path, 4).await, created);
        assert_eq!(ids(&bench, path, 11).await, created);
        assert_eq!(ids(&bench, path, 100).await, created);
        let page = bench.get(path).await.json();
        assert_eq!(
            page["data"].as_array().unwrap().len(),
            10,
            "ten unless told otherwise"
        );
        assert_eq!(page["data"][0]["title"], "Job 10");
        let page = bench.get(&format!("{path}?limit=4.0")).await.json();
        assert_eq!(
            page["data"].as_array().unwrap().len(),
            4,
            "a whole number may be written so"
        );

        // A page that was begun is not disturbed by what comes and goes meanwhile.
        let first = bench.get(&format!("{path}?limit=4")).await.json();
        let token = first["next_token"].as_str().unwrap();
        bench
            .post(path, json!({ "video": by_url("http://127.0.0.1:1/v.mp4") }))
            .await
            .data();
        bench
            .delete(&format!("{path}/{}", created[3].as_str().unwrap()))
            .await
            .data();
        let second = bench
            .get(&format!("{path}?limit=4&token={token}"))
            .await
            .json();
        let rows: Vec<_> = second["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| &r["id"])
            .collect();
        assert_eq!(rows, created[4..8].iter().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn bad_limits_and_cursors_are_refused() {
    let bench = Bench::start().await;
    for _ in 0..2 {
        bench
            .post(
                "/v3/clips",
                json!({ "video": by_url("http://127.0.0.1:1/v") }),
            )
            .await
            .data();
    }
    let token = bench.get("/v3/clips?limit=1").await.json()["next_token"].clone();
    let foreign = format!("token={}", token.as_str().unwrap());
    for path in [
        "/v3/clips",
        "/v3/ai-clipping",
        "/v3/webhooks/endpoints",
        "/v3/webhooks/events",
    ] {
        for (query, param) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=-1", "limit"),
            ("limit=ten", "limit"),
            ("limit=1.5", "limit"),
            ("limit=", "limit"),
            ("limit=99999999999999999999", "limit"),
            ("limit=1&limit=2", "limit"),
            ("token=", "token"),
            ("token=made-up", "token"),
            ("token=1.000000000000000000000000", "token"),
        ] {
            let reply = bench.get(&format!("{path}?{query}")).await;
            let expected = refused(400, "invalid_parameter", Some(param));
            assert_eq!(reply.refusal(), expected, "{path}?{query}");
        }
        if path != "/v3/clips" {
            assert_eq!(bench.get(&format!("{path}?{foreign}")).await.status, 400);
        }
    }
    assert_eq!(bench.get("/v3/clips?other=1").await.status, 200);
}
