//! Receiving deliveries, and signing them for a receiver.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::{Value, json};

use crate::run::{KEY, Listener, Server, run};

const SECRET: &str = "whsec_that_nobody_sees";
const BODY: &str = r#"{"event_type":"ai_clipping.success","event_id":"evt_1","event_data":{"id":"a1","status":"completed"}}"#;

/// The headers that the program signs a body with, as lines.
fn sign(body: &Path) -> String {
    let arguments = ["webhook", "sign", body.to_str().unwrap()];
    let ran = run(&arguments, &[("HEYGEN_WEBHOOK_SECRET", SECRET)]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout
}

/// Posts a body and gives the status of the answer.
fn post(address: &str, headers: &str, body: &str) -> u16 {
    let mut stream = TcpStream::connect(address).unwrap();
    let headers = headers.trim_end().replace('\n', "\r\n");
    let headers = match headers.as_str() {
        "" => String::new(),
        some => format!("{some}\r\n"),
    };
    write!(
        stream,
        "POST /hook HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn what_is_signed_is_verified_and_what_is_changed_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let body = folder.path().join("event.json");
    std::fs::write(&body, BODY).unwrap();
    let headers = folder.path().join("headers");
    std::fs::write(&headers, sign(&body)).unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();

    let [body, headers, secret] = [&body, &headers, &secret].map(|path| path.to_str().unwrap());
    let verify = [
        "webhook",
        "verify",
        body,
        "--headers-file",
        headers,
        "--secret-file",
        secret,
    ];
    let aged = [&verify[..], &["--tolerance", "1h"]].concat();
    let said = run(&aged, &[]).json();
    assert_eq!(
        (&said["trust"], &said["event_id"], &said["job_id"]),
        (&json!("signed"), &json!("evt_1"), &json!("a1"))
    );
    assert_eq!(said["data"], json!({ "id": "a1", "status": "completed" }));

    std::fs::write(body, BODY.replace("a1", "a2")).unwrap();
    let ran = run(&verify, &[]);
    assert_eq!(ran.error(1)["code"], "cli_delivery_forged");
    assert!(!ran.stderr.contains(SECRET));
}

#[test]
fn a_listener_prints_each_signed_event_once_and_no_forged_one() {
    let folder = tempfile::tempdir().unwrap();
    let body = folder.path().join("event.json");
    std::fs::write(&body, BODY).unwrap();
    let signed = sign(&body);
    let other = BODY.replace("evt_1", "evt_2").replace("a1", "a2");
    std::fs::write(&body, &other).unwrap();
    let signed_other = sign(&body);

    let environment = [("HEYGEN_WEBHOOK_SECRET", SECRET)];
    let listener = Listener::start(&["--count", "3"], &environment);
    let address = listener.address.clone();
    assert_eq!(post(&address, &signed, BODY), 200);
    assert_eq!(post(&address, &signed, BODY), 200, "it comes again");
    assert_eq!(post(&address, &signed, &other), 401, "of another body");
    assert_eq!(post(&address, &signed_other, &other), 200);
    // Without signature it is only what somebody says.
    assert_eq!(post(&address, "", "no event"), 400);
    assert_eq!(post(&address, "", BODY), 200);

    let (lines, notes) = listener.end();
    let trusted: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["trust"].as_str().unwrap(),
                line["job_id"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        trusted,
        [("signed", "a1"), ("signed", "a2"), ("unverified", "a1")]
    );
    assert_eq!(lines[2].get("data"), None, "claims are not passed on");
    assert!(
        notes.contains("answered 401") && notes.contains("answered 400"),
        "{notes}"
    );
    assert!(!notes.contains(SECRET));
}

#[test]
fn a_callback_is_confirmed_by_the_server_that_made_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    let environment = [
        ("HEYGEN_API_KEY", KEY),
        ("HEYGEN_API_BASE", &server.base_url),
    ];
    let options = ["--count", "1", "--confirm", "--callback-id", "order-17"];
    let listener = Listener::start(&options, &environment);

    let strangers = json!({
        "event_type": "clip_job.success",
        "event_data": { "id": "clip_nowhere", "callback_id": "order-17" },
    });
    assert_eq!(post(&listener.address, "", &strangers.to_string()), 403);
    assert_eq!(post(&listener.address, "", BODY), 403, "of another order");

    let url = format!("http://{}/hook", listener.address);
    let create = ["create", "sample/sample.mp4", "--window", "5-7"];
    let callback = ["--callback-url", &url, "--callback-id", "order-17"];
    let created = server.ask(&[&create[..], &callback].concat()).json();

    let (lines, notes) = listener.end();
    let line: &Value = &lines[0];
    assert_eq!(
        (&line["trust"], &line["job_id"], &line["callback_id"]),
        (&json!("confirmed"), &created["id"], &json!("order-17"))
    );
    assert_eq!(line["data"]["status"], "completed");
    assert!(!notes.contains(KEY));
}
