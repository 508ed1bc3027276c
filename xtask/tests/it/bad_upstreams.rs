//! Upstreams that cannot be believed: each leaves the workspace as it was, byte for byte, and the reason is said.

use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::workspace::{Workspace, document, page};

const JSON: &str = "application/json";
const MARKDOWN: &str = "text/markdown; charset=utf-8";

/// A document that would be taken if it came well.
fn changed() -> Value {
    document(|it| {
        it["components"]["schemas"]["NewJob"]["properties"]["name"]["maxLength"] = json!(50);
    })
}

/// Syncs from `answer`; expects a refusal that says `why` and a workspace that did not change.
fn refused(source: &str, answer: Answer, why: &str) {
    let workspace = Workspace::new();
    let server = Server::start([("/source", answer), ("/elsewhere", good())]);
    let before = workspace.files();
    let url = server.url("/source");
    let ran = workspace.run(&["sync", source, &url, "--timeout", "1", "--backoff", "0"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains(why), "expected `{why}` in {ran:?}");
    assert!(
        ran.stderr.contains(&url),
        "the source is not named: {ran:?}"
    );
    assert!(workspace.files() == before, "the workspace changed");
}

fn good() -> Answer {
    Answer::Good(JSON, changed().to_string())
}

#[test]
fn the_same_document_from_a_good_upstream_is_taken() {
    let workspace = Workspace::new();
    let server = Server::start([("/source", good())]);
    let ran = workspace.run(&["sync", "--json", &server.url("/source")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let taken = workspace.yaml("openapi/upstream/create-ai-clipping.yaml");
    assert_eq!(
        taken["components"]["schemas"]["NewJob"]["properties"]["name"]["maxLength"],
        50
    );
}

#[test]
fn a_silent_one() {
    refused(
        "--json",
        Answer::Silent,
        "no whole answer in time (3 attempts)",
    );
}

#[test]
fn one_that_is_not_there() {
    refused("--json", Answer::Status(404), "the server answers 404");
}

#[test]
fn one_that_fails_again_and_again() {
    refused("--json", Answer::Status(503), "the server answers 503");
}

#[test]
fn one_that_fails_twice_is_asked_a_third_time() {
    let workspace = Workspace::new();
    let answers = vec![
        Answer::Status(502),
        Answer::Truncated(JSON, changed().to_string()),
        good(),
    ];
    let server = Server::start([("/source", Answer::InTurn(answers))]);
    let ran = workspace.run(&["sync", "--json", &server.url("/source"), "--backoff", "0"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(server.requests(), ["/source"; 3]);
}

#[test]
fn truncated() {
    refused(
        "--json",
        Answer::Truncated(JSON, changed().to_string()),
        "breaks off",
    );
}

#[test]
fn cut_without_a_length() {
    refused(
        "--json",
        Answer::Cut(JSON, changed().to_string()),
        "not whole JSON",
    );
}

#[test]
fn shorter_by_its_own_length() {
    refused(
        "--json",
        Answer::ShortLength(JSON, changed().to_string()),
        "not whole JSON",
    );
}

#[test]
fn a_page_that_is_cut() {
    let text = page("post /v1/jobs", &changed(), "a.example");
    refused("--page", Answer::Cut(MARKDOWN, text), "the page is cut off");
}

#[test]
fn endless() {
    refused(
        "--json",
        Answer::Endless(17 << 20),
        "larger than 16777216 bytes",
    );
}

#[test]
fn html_instead() {
    let html = "<!DOCTYPE html><title>Sign in</title>".to_owned();
    refused(
        "--json",
        Answer::Good("text/html", html.clone()),
        "calls itself text/html, not JSON",
    );
    refused(
        "--json",
        Answer::Good(JSON, html.clone()),
        "is an HTML page",
    );
    refused("--page", Answer::Good(MARKDOWN, html), "is an HTML page");
}

#[test]
fn the_right_bytes_under_the_wrong_name() {
    refused(
        "--json",
        Answer::Good("image/png", changed().to_string()),
        "calls itself image/png, not JSON",
    );
}

#[test]
fn bytes_that_are_no_text() {
    refused(
        "--json",
        Answer::Good(JSON, "[]".to_owned()),
        "no JSON object",
    );
}

#[test]
fn a_redirection_to_another_host() {
    let other = Server::start([("/elsewhere", good())]);
    refused(
        "--json",
        Answer::Redirect(other.url("/elsewhere")),
        "which is another host",
    );
    assert_eq!(other.requests(), Vec::<String>::new());
}

#[test]
fn a_redirection_without_end() {
    refused(
        "--json",
        Answer::Redirect("/source".to_owned()),
        "redirected more than 3 times",
    );
}

#[test]
fn a_redirection_on_the_same_host_is_followed() {
    let workspace = Workspace::new();
    let server = Server::start([
        ("/source", Answer::Redirect("/elsewhere".to_owned())),
        ("/elsewhere", good()),
    ]);
    let ran = workspace.run(&["sync", "--json", &server.url("/source")]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn one_without_encryption() {
    let workspace = Workspace::new();
    let before = workspace.files();
    let ran = workspace.run(&["sync", "--json", "http://api.example.com/openapi.json"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("is not https"), "{ran:?}");
    assert!(workspace.files() == before);
}

/// What makes a document another one.
type Edit = fn(&mut Value);

#[test]
fn decoys() {
    let decoys: [(&str, Edit); 4] = [
        ("its title is \"Plant Store\"", |it| {
            it["info"]["title"] = json!("Plant Store");
        }),
        ("it has no path /v1/jobs", |it| {
            it["paths"].as_object_mut().unwrap().remove("/v1/jobs");
        }),
        ("does not call itself OpenAPI 3", |it| {
            it["openapi"] = Value::Null;
            it["swagger"] = json!("2.0");
        }),
        ("a whole one has at least 400", |it| {
            *it = json!({"openapi": "3.1.0", "info": {"title": "Example API"}, "paths": {"/v1/jobs": {}}});
        }),
    ];
    for (why, edit) in decoys {
        let decoy = document(edit).to_string();
        refused("--json", Answer::Good(JSON, decoy), why);
    }
    let wrong = page("delete /v1/jobs", &changed(), "a.example");
    refused(
        "--page",
        Answer::Good(MARKDOWN, wrong),
        "promises DELETE /v1/jobs and does not have it",
    );
}

#[test]
fn one_that_lost_operations() {
    let workspace = Workspace::new();
    let smaller = document(|it| {
        it["paths"].as_object_mut().unwrap().remove("/v1/weather");
    });
    let answers = vec![good(), Answer::Good(JSON, smaller.to_string())];
    let server = Server::start([("/source", Answer::InTurn(answers))]);
    let url = server.url("/source");
    let sync = |more: &[&str]| workspace.run(&[&["sync", "--json", &url], more].concat());
    assert_eq!(sync(&[]).code, 0);

    let before = workspace.files();
    let ran = sync(&[]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("has 2 operations and had 3"), "{ran:?}");
    assert!(workspace.files() == before);

    let ran = sync(&["--accept-removals"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let manifest = workspace.text("openapi/upstream/upstream.toml");
    assert!(manifest.contains("operations = 2"), "{manifest}");
}

#[test]
fn one_that_an_overlay_no_longer_fits() {
    refused(
        "--json",
        Answer::Good(
            JSON,
            document(|it| {
                let schemas = it["components"]["schemas"].as_object_mut().unwrap();
                let renamed = schemas.remove("NewJob").unwrap();
                schemas.insert("JobRequest".to_owned(), renamed);
                it["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]["application/json"]["schema"] =
                    json!({"$ref": "#/components/schemas/JobRequest"});
            })
            .to_string(),
        ),
        "10-notes.yaml",
    );
}

#[test]
fn one_that_leads_nowhere() {
    refused(
        "--json",
        Answer::Good(
            JSON,
            document(|it| {
                it["components"]["schemas"]
                    .as_object_mut()
                    .unwrap()
                    .remove("Job");
            })
            .to_string(),
        ),
        "#/components/schemas/Job and does not have it",
    );
}

#[test]
fn one_that_no_client_can_be_made_of() {
    refused(
        "--json",
        Answer::Good(
            JSON,
            document(|it| {
                it["openapi"] = json!("3.9.0");
            })
            .to_string(),
        ),
        "no client can be generated",
    );
}

#[test]
fn pages_that_contradict_each_other() {
    let list = {
        let mut it = changed();
        it["components"]["schemas"]["Job"]["properties"]["state"]["enum"] =
            json!(["waiting", "over"]);
        it
    };
    let workspace = Workspace::new();
    let server = Server::start([
        (
            "/create.md",
            Answer::Good(MARKDOWN, page("post /v1/jobs", &changed(), "a.example")),
        ),
        (
            "/list.md",
            Answer::Good(MARKDOWN, page("get /v1/jobs", &list, "a.example")),
        ),
    ]);
    let before = workspace.files();
    let ran = workspace.run(&[
        "sync",
        "--page",
        &server.url("/create.md"),
        "--page",
        &server.url("/list.md"),
    ]);
    assert_eq!(ran.code, 1);
    for part in [
        "components/schemas/Job occurs twice and differs",
        "/create.md",
        "/list.md",
    ] {
        assert!(
            ran.stderr.replace("      ", "").contains(part),
            "expected `{part}` in {}",
            ran.stderr
        );
    }
    for (side, value) in [('-', "- done"), ('+', "- over")] {
        let shown = |line: &str| line.starts_with(side) && line.ends_with(value);
        assert!(ran.stderr.lines().any(shown), "{value} in {}", ran.stderr);
    }
    assert!(workspace.files() == before);
}
