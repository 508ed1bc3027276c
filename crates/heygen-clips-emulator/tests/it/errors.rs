//! Every way to be refused.

use heygen_clips_emulator::{Backend, Setting};
use serde_json::{Value, json};

use crate::support::{Bench, Origin, builder, by_url, refused};

#[tokio::test]
async fn a_bad_body_is_told_which_field() {
    let bench = Bench::start().await;
    let url = by_url("https://example.com/v.mp4");
    let long = "x".repeat(2001);
    let eleven = vec![json!({ "start": 0, "end": 1 }); 11];
    for (body, param) in [
        (json!({}), Some("video")),
        (json!([]), None),
        (
            json!({ "video": "https://example.com/v.mp4" }),
            Some("video"),
        ),
        (
            json!({ "video": { "type": "base64", "data": "" } }),
            Some("video.type"),
        ),
        (json!({ "video": { "type": "url" } }), Some("video.url")),
        (json!({ "video": by_url("not a link") }), Some("video.url")),
        (
            json!({ "video": by_url("ftp://example.com/v.mp4") }),
            Some("video.url"),
        ),
        (
            json!({ "video": by_url("https://a:b@example.com/v.mp4") }),
            Some("video.url"),
        ),
        (json!({ "video": url, "max_clips": 0 }), Some("max_clips")),
        (json!({ "video": url, "max_clips": 11 }), Some("max_clips")),
        (json!({ "video": url, "max_clips": "5" }), Some("max_clips")),
        (
            json!({ "video": url, "instruction": long }),
            Some("instruction"),
        ),
        (json!({ "video": url, "windows": eleven }), Some("windows")),
        (
            json!({ "video": url, "windows": [{ "start": 0 }] }),
            Some("windows[0].end"),
        ),
        (
            json!({ "video": url, "windows": [{ "start": -1, "end": 1 }] }),
            Some("windows[0].start"),
        ),
        (
            json!({ "video": url, "windows": [{ "start": 2, "end": 2 }] }),
            Some("windows[0].end"),
        ),
        (
            json!({ "video": url, "aspect_ratio": "4:3" }),
            Some("aspect_ratio"),
        ),
        (
            json!({ "video": url, "callback_url": "nowhere" }),
            Some("callback_url"),
        ),
        (json!({ "video": url, "surprise": 1 }), Some("surprise")),
    ] {
        let reply = bench.post("/v3/clips", body.clone()).await;
        assert_eq!(
            reply.refusal(),
            refused(400, "invalid_parameter", param),
            "{body}"
        );
        let link = reply.json()["error"]["doc_url"].clone();
        assert_eq!(
            link,
            "https://developers.heygen.com/docs/error-codes#invalid_parameter"
        );
    }
    for (settings, param) in [
        (
            json!({ "prompt": "x".repeat(501) }),
            "output_settings.prompt",
        ),
        (
            json!({ "duration_types": [] }),
            "output_settings.duration_types",
        ),
        (
            json!({ "duration_types": [30] }),
            "output_settings.duration_types[0]",
        ),
        (
            json!({ "aspect_ratio": "9:16" }),
            "output_settings.aspect_ratio",
        ),
        (json!({ "captions": "yes" }), "output_settings.captions"),
    ] {
        let body = json!({ "video": url, "output_settings": settings });
        let reply = bench.post("/v3/ai-clipping", body).await;
        assert_eq!(
            reply.refusal(),
            refused(400, "invalid_parameter", Some(param))
        );
    }
    let body = json!({ "video": url, "title": "x".repeat(256) });
    let reply = bench.post("/v3/ai-clipping", body).await;
    assert_eq!(
        reply.refusal(),
        refused(400, "invalid_parameter", Some("title"))
    );
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    let bench = Bench::start().await;
    let good = json!({ "video": by_url("https://example.com/v.mp4") }).to_string();
    for (kind, body) in [
        (Some("application/json"), "{"),
        (Some("application/json"), ""),
        (Some("application/json"), "\u{0}"),
        (Some("text/plain"), good.as_str()),
        (Some("application/x-www-form-urlencoded"), "video=1"),
        (None, good.as_str()),
    ] {
        let mut request = bench.request("POST", "/v3/clips").body(body.to_owned());
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let reply = bench.send(request).await;
        assert_eq!(
            reply.refusal(),
            refused(400, "invalid_parameter", None),
            "{kind:?} {body}"
        );
    }
    let request = bench
        .request("POST", "/v3/clips")
        .header("content-type", "application/json");
    let reply = bench.send(request.body(vec![b' '; 1024 * 1024 + 1])).await;
    assert_eq!(reply.refusal(), refused(413, "payload_too_large", None));
}

#[tokio::test]
async fn a_key_is_needed() {
    let any = Bench::start().await;
    let some = Bench::with(builder().api_key("first").api_key("second")).await;
    for (bench, header, value, status) in [
        (&any, "x-api-key", "anything", 200),
        (&any, "authorization", "Bearer anything", 200),
        (&any, "authorization", "bearer anything", 200),
        (&any, "x-api-key", "", 401),
        (&any, "authorization", "Bearer ", 401),
        (&any, "authorization", "Basic YTpi", 401),
        (&any, "x-other", "anything", 401),
        (&some, "x-api-key", "first", 200),
        (&some, "authorization", "Bearer second", 200),
        (&some, "x-api-key", "third", 401),
        (&some, "x-api-key", "firs", 401),
    ] {
        let url = format!("{}/v3/clips", bench.emulator.base_url());
        let reply = bench
            .send(bench.client.get(url).header(header, value))
            .await;
        assert_eq!(reply.status, status, "{header}: {value}");
        if status == 401 {
            assert_eq!(reply.refusal(), refused(401, "unauthorized", None));
        }
    }
    // Without a key, nothing is said about the request itself.
    let url = format!("{}/v3/clips", any.emulator.base_url());
    assert_eq!(any.send(any.client.post(url).body("{")).await.status, 401);
}

#[tokio::test]
async fn unknown_routes_methods_and_ids_have_the_envelope_too() {
    let bench = Bench::start().await;
    for path in [
        "/",
        "/v3",
        "/v3/clip",
        "/v3/clips/",
        "/v3/clips/a/b",
        "/v1/asset",
        "/_local/x",
    ] {
        assert_eq!(
            bench_get(&bench, path).await,
            refused(404, "not_found", None),
            "{path}"
        );
    }
    for (method, path, allow) in [
        ("PUT", "/v3/clips", "GET,HEAD,POST"),
        ("POST", "/v3/ai-clipping/x", "GET,HEAD,DELETE"),
        ("GET", "/v3/assets", "POST"),
    ] {
        let url = format!("{}{path}", bench.emulator.base_url());
        let reply = bench
            .client
            .request(method.parse().unwrap(), url)
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), 405, "{method} {path}");
        let mut allowed: Vec<_> = reply.headers()["allow"]
            .to_str()
            .unwrap()
            .split(',')
            .map(str::to_owned)
            .collect();
        let mut expected: Vec<_> = allow.split(',').map(str::to_owned).collect();
        allowed.sort();
        expected.sort();
        assert_eq!(allowed, expected);
        let body: Value = reply.json().await.unwrap();
        assert_eq!(body["error"]["code"], "method_not_allowed");
    }
    for (method, path, code) in [
        ("GET", "/v3/clips/x", "resource_not_found"),
        ("DELETE", "/v3/clips/x", "resource_not_found"),
        ("GET", "/v3/clips/%FF", "not_found"),
        ("GET", "/v3/clips/%2e%2e%2f", "resource_not_found"),
        ("GET", "/v3/ai-clipping/x", "resource_not_found"),
        ("DELETE", "/v3/ai-clipping/x", "resource_not_found"),
        ("GET", "/v3/assets/x", "asset_not_found"),
        ("DELETE", "/v3/assets/x", "asset_not_found"),
        ("DELETE", "/v3/webhooks/endpoints/x", "webhook_not_found"),
        (
            "POST",
            "/v3/webhooks/endpoints/x/rotate-secret",
            "webhook_not_found",
        ),
        ("GET", "/_local/jobs/x/log", "resource_not_found"),
    ] {
        let reply = bench.send(bench.request(method, path)).await;
        assert_eq!(reply.refusal(), refused(404, code, None), "{method} {path}");
    }
    let video = json!({ "type": "asset_id", "asset_id": "x" });
    let reply = bench.post("/v3/clips", json!({ "video": video })).await;
    assert_eq!(
        reply.refusal(),
        refused(404, "asset_not_found", Some("video.asset_id"))
    );
}

async fn bench_get(bench: &Bench, path: &str) -> (u16, String, Option<String>) {
    let url = format!("{}{path}", bench.emulator.base_url());
    bench
        .send(bench.client.get(url).header("x-api-key", "k"))
        .await
        .refusal()
}

#[tokio::test]
async fn too_many_jobs_are_told_to_wait() {
    let bench = Bench::with(builder().max_unfinished_jobs(1)).await;
    let origin = Origin::start().await;
    let body = json!({ "video": by_url(&origin.gated("talk.mp4")), "max_clips": 1 });
    let first = bench.post("/v3/clips", body.clone()).await.data()["clip_job_id"].clone();
    for path in ["/v3/clips", "/v3/ai-clipping"] {
        let reply = bench.post(path, json!({ "video": body["video"] })).await;
        assert_eq!(reply.refusal(), refused(429, "rate_limit_exceeded", None));
        assert_eq!(reply.header("retry-after"), Some("5"));
    }
    bench
        .delete(&format!("/v3/clips/{}", first.as_str().unwrap()))
        .await
        .data();
    assert_eq!(bench.post("/v3/clips", body).await.status, 200);
}

#[tokio::test]
async fn private_addresses_are_refused_unless_they_are_allowed() {
    let bench = Bench::with(builder().allow_private_urls(false)).await;
    for link in [
        "https://127.0.0.1/v.mp4",
        "https://2130706433/v.mp4",
        "https://[::ffff:10.0.0.1]/v.mp4",
        "https://localhost/v.mp4",
        "http://example.com/v.mp4",
        "https://169.254.169.254/latest/meta-data",
    ] {
        let reply = bench
            .post("/v3/clips", json!({ "video": by_url(link) }))
            .await;
        let expected = refused(400, "invalid_parameter", Some("video.url"));
        assert_eq!(reply.refusal(), expected, "{link}");
        let body = json!({ "video": by_url("https://example.com/v.mp4"), "callback_url": link });
        let reply = bench.post("/v3/ai-clipping", body).await;
        assert_eq!(
            reply.refusal(),
            refused(400, "invalid_parameter", Some("callback_url"))
        );
        let reply = bench
            .post("/v3/webhooks/endpoints", json!({ "url": link }))
            .await;
        assert_eq!(
            reply.refusal(),
            refused(400, "invalid_parameter", Some("url"))
        );
    }
    // Metadata services are out of reach even then.
    let local = Bench::start().await;
    let body = json!({ "video": by_url("http://169.254.169.254/latest") });
    assert_eq!(local.post("/v3/clips", body).await.status, 400);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_at_the_start() {
    let nowhere = Backend::Ffmpeg(Some("no-such-folder/ffmpeg".into()));
    for (builder, setting) in [
        (builder().api_key(""), Setting::ApiKey),
        (builder().public_url("somewhere"), Setting::PublicUrl),
        (builder().backend(nowhere), Setting::Engine),
    ] {
        let error = builder.start().await.unwrap_err();
        assert!(error.is_settings(), "{error}");
        assert_eq!(error.setting(), Some(setting), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = builder().data_dir(&file).start().await.unwrap_err();
    assert!(error.is_data() && error.setting().is_none(), "{error}");
    let first = builder().data_dir(folder.path()).start().await.unwrap();
    let error = builder().data_dir(folder.path()).start().await.unwrap_err();
    assert!(
        error.is_data() && error.to_string().contains("another emulator"),
        "{error}"
    );
    let error = builder().listen(first.address()).start().await.unwrap_err();
    assert!(error.is_listen(), "{error}");
    first.shutdown().await;
    builder()
        .data_dir(folder.path())
        .start()
        .await
        .unwrap()
        .shutdown()
        .await;
}
