//! Signed links: what they open, for how long, and in which pieces.

use std::time::Duration;

use heygen_clips_emulator::ManualClock;
use serde_json::json;

use crate::support::{Bench, Origin, builder, by_url, refused};

async fn one_clip(bench: &Bench, origin: &Origin) -> (String, String) {
    let windows = json!([{ "start": 0.0, "end": 1.0 }]);
    let body = json!({ "video": by_url(&origin.file("talk.mp4")), "windows": windows });
    let job = bench.clip(body).await;
    let link = job["clips"][0]["url"].as_str().unwrap().to_owned();
    (job["id"].as_str().unwrap().to_owned(), link)
}

#[tokio::test]
async fn a_link_works_until_its_time_is_over() {
    let clock = ManualClock::at(1_800_000_000);
    let settings = builder()
        .clock(clock.clone())
        .link_lifetime(Duration::from_secs(600));
    let (bench, origin) = (Bench::with(settings).await, Origin::start().await);
    let (id, link) = one_clip(&bench, &origin).await;
    clock.advance(Duration::from_secs(599));
    assert_eq!(bench.get(&link).await.status, 200);
    clock.advance(Duration::from_secs(1));
    assert_eq!(
        bench.get(&link).await.refusal(),
        refused(403, "forbidden", None)
    );
    let job = bench.get(&format!("/v3/clips/{id}")).await.data();
    let fresh = job["clips"][0]["url"].as_str().unwrap();
    assert_ne!(fresh, link);
    assert_eq!(bench.get(fresh).await.status, 200);
}

#[tokio::test]
async fn a_link_opens_nothing_else() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    let (_, link) = one_clip(&bench, &origin).await;
    let (_, other) = one_clip(&bench, &origin).await;
    let (path, query) = link.split_once('?').unwrap();
    let (other_path, _) = other.split_once('?').unwrap();
    let later = query.replace("expires=1", "expires=2");
    for bad in [
        path.to_owned(),
        format!("{path}?{later}"),
        format!("{path}?expires=1&signature=00"),
        format!("{other_path}?{query}"),
        format!("{}?{query}", path.replace(".mp4", ".jpg")),
        format!(
            "{}?{query}",
            path.replace("/c_", "/..%2f..%2f..%2femulator.key?c_")
        ),
        format!("{path}?{}", query.replace("signature=", "signature=x")),
    ] {
        assert_eq!(
            bench.get(&bad).await.refusal(),
            refused(403, "forbidden", None),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a_file_comes_in_pieces_and_is_not_sent_twice() {
    let (bench, origin) = (Bench::start().await, Origin::start().await);
    let (_, link) = one_clip(&bench, &origin).await;
    let whole = bench.get(&link).await;
    let size = whole.body.len();
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    let tag = whole.header("etag").unwrap().to_owned();
    for (range, from, to) in [
        ("bytes=0-99".to_owned(), 0, 100),
        (format!("bytes={}-", size - 7), size - 7, size),
        ("bytes=-5".to_owned(), size - 5, size),
    ] {
        let piece = bench
            .send(bench.request("GET", &link).header("range", &range))
            .await;
        assert_eq!(piece.status, 206, "{range}");
        let expected = format!("bytes {from}-{}/{size}", to - 1);
        assert_eq!(piece.header("content-range"), Some(expected.as_str()));
        assert_eq!(piece.body, whole.body[from..to]);
        assert_eq!(piece.header("etag"), Some(tag.as_str()));
    }
    let beyond = format!("bytes={size}-");
    let piece = bench
        .send(bench.request("GET", &link).header("range", beyond))
        .await;
    assert_eq!(piece.status, 416);
    // What is no range of bytes, or several, is as if it were not there; all that there is of a file
    // is fewer bytes than were asked for.
    for (range, status) in [
        ("lines=1-2", 200),
        ("bytes=a-b", 200),
        ("bytes=-", 200),
        ("bytes=9-2", 200),
        ("bytes 0-1", 200),
        ("bytes=0-1,4-5", 200),
        ("BYTES=0-1", 206),
        ("bytes=00-1", 206),
        ("bytes=0-99999999999999999999", 206),
        ("bytes=-99999999999999999999", 206),
        ("bytes=99999999999999999999-", 416),
        ("bytes=-0", 416),
    ] {
        let reply = bench
            .send(bench.request("GET", &link).header("range", range))
            .await;
        assert_eq!(reply.status, status, "{range}");
        if status == 200 {
            assert_eq!(reply.body.len(), size, "{range}");
        }
    }
    let same = bench
        .send(bench.request("GET", &link).header("if-none-match", &tag))
        .await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    for (condition, status) in [(tag.as_str(), 206), ("\"another\"", 200)] {
        let request = bench.request("GET", &link).header("range", "bytes=0-9");
        let reply = bench.send(request.header("if-range", condition)).await;
        assert_eq!(reply.status, status, "If-Range: {condition}");
    }
    let head = bench.send(bench.request("HEAD", &link)).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(
        head.header("content-length"),
        Some(size.to_string().as_str())
    );
}

#[tokio::test]
async fn links_begin_with_the_public_url() {
    let settings = builder().public_url("https://clips.example.com/api/");
    let (bench, origin) = (Bench::with(settings).await, Origin::start().await);
    assert_eq!(bench.emulator.base_url(), "https://clips.example.com/api");
    let address = format!("http://{}", bench.emulator.address());
    let windows = json!([{ "start": 0.0, "end": 1.0 }]);
    let body = json!({ "video": by_url(&origin.file("talk.mp4")), "windows": windows });
    let key = |request: reqwest::RequestBuilder| request.header("x-api-key", "k");
    let create = key(bench.client.post(format!("{address}/v3/clips"))).json(&body);
    let id = bench.send(create).await.data()["clip_job_id"].clone();
    let path = format!("{address}/v3/clips/{}", id.as_str().unwrap());
    let job = loop {
        let job = bench.send(key(bench.client.get(&path))).await.data();
        if job["status"] == "completed" {
            break job;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let link = job["clips"][0]["url"].as_str().unwrap();
    let rest = link.strip_prefix("https://clips.example.com/api").unwrap();
    assert_eq!(
        bench
            .send(bench.client.get(format!("{address}{rest}")))
            .await
            .status,
        200
    );
}
