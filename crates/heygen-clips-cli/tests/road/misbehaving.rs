//! Servers that do not keep to the contract.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use serde_json::{Value, json};

use crate::run::{KEY, run};
use crate::serve::{clip_at, serve};

/// A server that answers each request with these bytes; with none, it keeps silent.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            if !answer.is_empty() {
                let _ = stream.write_all(answer.as_bytes());
                continue;
            }
            open.push(stream);
        }
    });
    format!("http://{address}")
}

fn ask(base_url: &str, arguments: &[&str]) -> crate::run::Ran {
    run(
        arguments,
        &[("HEYGEN_API_KEY", KEY), ("HEYGEN_API_BASE", base_url)],
    )
}

#[test]
fn silence_ends_with_the_time_limit() {
    let base_url = server("");
    for arguments in [
        &["get", "job"][..],
        &["list"],
        &["create", "https://example.org/a.mp4"],
    ] {
        let mut arguments = arguments.to_vec();
        arguments.extend(["--timeout", "300ms"]);
        let error = ask(&base_url, &arguments).error(4);
        assert_eq!(error["code"], "cli_timeout");
    }
}

#[test]
fn a_job_that_does_not_end_names_itself_when_time_is_up() {
    const BODY: &str = r#"{"data":{"id":"slow","status":"running","clips":[]}}"#;
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    let base_url = server(answer.leak());
    for dialect in ["clips", "ai-clipping"] {
        let wait = ["wait", "slow", "--dialect", dialect, "--timeout", "500ms"];
        let error = ask(&base_url, &wait).error(4);
        assert_eq!(
            (&error["job_id"], &error["job_status"]),
            (&"slow".into(), &"running".into())
        );
        let again = format!("heygen-clips wait slow --dialect {dialect} --timeout 2h");
        assert_eq!(error["hint"], format!("the job goes on: {again}"));
    }
}

/// A server whose only job is this one.
fn server_of(job: &serde_json::Value) -> String {
    let body = serde_json::json!({ "data": job }).to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
    let length = body.len();
    let answer = format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}");
    server(answer.leak())
}

#[test]
fn what_is_no_download_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("to/clips");
    let output = output.to_str().unwrap();
    let download = |status: &str, dialect: &str| {
        let reason = "The video has no sound.";
        let job = serde_json::json!({
            "id": "j", "status": status, "clips": [], "failure_message": reason,
        });
        let arguments = ["download", "j", "--dialect", dialect, "--output", output];
        ask(&server_of(&job), &arguments).error(1)
    };
    for (status, dialect) in [("failed", "clips"), ("cancelled", "ai-clipping")] {
        let error = download(status, dialect);
        assert_eq!(error["code"], format!("cli_job_{status}"));
        assert_eq!(
            error["message"],
            format!("job j {status}: The video has no sound.")
        );
        assert_eq!(
            (&error["job_id"], &error["job_status"]),
            (&"j".into(), &status.into())
        );
    }
    let error = download("running", "ai-clipping");
    assert_eq!(
        error["message"],
        "job j is running and has no clips yet: wait for it first"
    );
    let wait = "heygen-clips wait j --dialect ai-clipping --timeout 2h";
    assert_eq!(
        error["hint"],
        format!("the job goes on: {wait} --output {output}")
    );
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "no folder is left"
    );
}

#[test]
fn what_a_failed_job_has_is_downloaded_and_the_failure_told() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("clips");
    let base_url = serve(|head, base_url| {
        if head.starts_with("GET /clip.mp4") {
            return Some("a clip".to_owned());
        }
        let job = json!({
            "id": "j", "status": "failed", "clips": [clip_at(base_url)],
            "failure_message": "The second part is damaged.",
        });
        Some(json!({ "data": job }).to_string())
    });
    for command in ["download", "wait"] {
        let output = output.join(command);
        let ran = ask(
            &base_url,
            &[command, "j", "--output", output.to_str().unwrap()],
        );
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        let result: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(result["job"]["status"], "failed");
        let video = output.join("01-hello.mp4");
        assert_eq!(result["files"][0]["video"], video.to_str().unwrap());
        assert_eq!(std::fs::read(video).unwrap(), b"a clip");
        let error: Value = serde_json::from_str(ran.stderr.lines().last().unwrap()).unwrap();
        let expected = json!({
            "code": "cli_job_failed",
            "message": "job j failed: The second part is damaged.; what it has is downloaded",
            "param": null,
            "doc_url": null,
            "job_id": "j",
        });
        assert_eq!(error["error"], expected);
    }
    let ran = ask(&base_url, &["wait", "j"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr
            .contains("failed: The second part is damaged.; it has clips nevertheless"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_local_job_that_does_not_end_is_not_said_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (source, output, data) = (server("") + "/a.mp4", folder("clips"), folder("data"));
    let create = ["create", &source, "--local", "--timeout", "5s"];
    let error = run(&[&create[..], &["--output", &output]].concat(), &[]).error(4);
    assert_eq!(
        error["hint"],
        "the job ended with this command: --timeout gives the next one more time"
    );
    let error = run(&[&create[..], &["--local-data", &data]].concat(), &[]).error(4);
    let job = error["job_id"].as_str().unwrap();
    let again = format!("heygen-clips wait {job} --dialect clips --timeout 2h --local");
    assert_eq!(
        error["hint"],
        format!("the job has stopped and goes on with: {again} --local-data {data}")
    );
}

#[test]
fn the_other_dialect_is_suggested_where_it_may_help() {
    let hint = |body: &str| {
        let length = body.len();
        let head = "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\nconnection: close";
        let answer = format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}");
        let error = ask(&server(answer.leak()), &["create", "asset:a"]).error(1);
        error["hint"].as_str().map(str::to_owned)
    };
    let other = "this server may know only the other dialect: --dialect ai-clipping";
    assert_eq!(hint("{}").as_deref(), Some(other));
    let unknown = r#"{"error":{"code":"not_found","message":"no such route"}}"#;
    assert_eq!(hint(unknown).as_deref(), Some(other));
    let asset = r#"{"error":{"code":"asset_not_found","message":"there is no asset a"}}"#;
    let elsewhere = "it may have been deleted, or belongs to another account";
    assert_eq!(hint(asset).as_deref(), Some(elsewhere));
}

#[test]
fn a_refusal_says_what_to_do_about_it() {
    for (status, code, exit, hint) in [
        (
            "401 Unauthorized",
            "unauthorized",
            3,
            "check the API key (HEYGEN_API_KEY) or token; --api-key-file names a file with a key",
        ),
        ("403 Forbidden", "forbidden", 3, "this key may not do that"),
        (
            "404 Not Found",
            "clip_job_not_found",
            1,
            "it may have been deleted, or belongs to another account",
        ),
        (
            "429 Too Many Requests\r\nretry-after: 3600",
            "rate_limit_exceeded",
            1,
            "try again in 3600 s",
        ),
    ] {
        let body = format!(r#"{{"error":{{"code":"{code}","message":"No."}}}}"#);
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json");
        let length = body.len();
        let rest = format!("connection: close\r\ncontent-length: {length}\r\n\r\n{body}");
        let base_url = server(format!("{head}\r\n{rest}").leak());
        let error = ask(&base_url, &["get", "job"]).error(exit);
        assert_eq!(error["hint"], hint, "{error}");
    }
}

#[test]
fn a_proxy_is_not_told_what_is_said_on_this_machine() {
    let with_id = |id: &str| {
        let body = format!(r#"{{"data":{{"id":"{id}","status":"running","clips":[]}}}}"#);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
        let length = body.len();
        let answer = format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}");
        server(answer.leak())
    };
    let (base_url, proxy) = (with_id("from-the-server"), with_id("from-the-proxy"));
    let environment = [
        ("HEYGEN_API_KEY", KEY),
        ("HEYGEN_API_BASE", &base_url),
        ("http_proxy", &proxy),
        ("all_proxy", &proxy),
    ];
    let job = run(&["get", "job"], &environment).json();
    assert_eq!(job["id"], "from-the-server");
}

#[test]
fn a_page_of_a_gateway_is_an_error_with_its_status() {
    let base_url = server(
        "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: 14\r\n\r\n<h1>oops</h1>\n",
    );
    let error = ask(&base_url, &["get", "job"]).error(1);
    assert_eq!(error["status"], 502, "{error}");
    assert_eq!(error["hint"], "try again later");
}

#[test]
fn an_envelope_comes_through_with_all_that_it_says() {
    const BODY: &str = r#"{"error":{"code":"insufficient_credit","message":"No credit.","param":"video","doc_url":"https://example.org/d"}}"#;
    let answer = format!(
        "HTTP/1.1 402 Payment Required\r\ncontent-type: application/json\r\nx-request-id: r-1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    let error = ask(
        &server(answer.leak()),
        &["create", "https://example.org/a.mp4"],
    )
    .error(1);
    let expected = serde_json::json!({
        "code": "insufficient_credit",
        "message": "No credit.",
        "param": "video",
        "doc_url": "https://example.org/d",
        "status": 402,
        "operation": "create_clip_job",
        "request_id": "r-1",
        "hint": "the account needs credit or another plan",
    });
    assert_eq!(error, expected);
}
