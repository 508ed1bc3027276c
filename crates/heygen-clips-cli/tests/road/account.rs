//! Which server is asked, and as whom: keys and base URLs, and what is wrong with them.

use crate::run::{KEY, Server, run};

#[test]
fn a_wrong_key_is_refused_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    for arguments in [
        &["get", "job"][..],
        &["list"],
        &["assets", "get", "a"],
        &["create", "sample/sample.mp4"],
    ] {
        let ran = server.ask_with("another-secret", arguments);
        assert!(!ran.stderr.contains("another-secret"), "{}", ran.stderr);
        let error = ran.error(3);
        assert_eq!(error["status"], 401);
        // The first thing sent is the transcript, which is not at fault.
        let message = error["message"].as_str().unwrap();
        assert!(!message.contains("transcript"), "{message}");
    }
}

#[test]
fn a_key_can_lie_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    let file = folder.path().join("key");
    std::fs::write(&file, format!("{KEY}\n")).unwrap();
    let listed = server
        .ask_with("", &["list", "--api-key-file", file.to_str().unwrap()])
        .json();
    assert_eq!(listed["data"], serde_json::json!([]));
}

#[cfg(unix)]
#[test]
fn what_is_no_text_is_not_taken_for_nothing() {
    use std::os::unix::ffi::OsStrExt as _;
    let no_text = std::ffi::OsStr::from_bytes(b"key-\xff");
    for (variable, code, arguments) in [
        ("HEYGEN_API_KEY", 3, &["get", "job"][..]),
        ("HEYGEN_API_BASE", 2, &["get", "job"]),
        ("HEYGEN_EMULATOR_API_KEYS", 2, &["emulator"]),
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_heygen-clips"))
            .args(arguments)
            .env("HEYGEN_API_KEY", "key")
            .env(variable, no_text)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        let message = format!(r#""message":"{variable} is not UTF-8""#);
        assert!(said.contains(&message), "{said}");
    }
}

#[test]
fn a_base_url_with_too_much_in_it_is_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let base_url = format!("{}/v3", server.base_url);
    for command in [&["list"][..], &["get", "job"], &["create", "asset:a"]] {
        let error = server
            .ask(&[command, &["--base-url", &base_url]].concat())
            .error(1);
        assert_eq!(error["status"], 404);
        let hint = format!(
            "is {base_url} the right base URL? the program adds /v3 itself; --base-url or \
             HEYGEN_API_BASE names it"
        );
        assert_eq!(error["hint"], hint, "{error}");
    }
}

#[test]
fn a_base_url_in_the_environment_is_checked_too() {
    let environment = [("HEYGEN_API_KEY", KEY), ("HEYGEN_API_BASE", "nowhere")];
    let error = run(&["get", "job"], &environment).error(2);
    assert_eq!(error["param"], "HEYGEN_API_BASE");
    assert_eq!(
        error["message"],
        "not a URL: begin it with http:// or https://"
    );
}
