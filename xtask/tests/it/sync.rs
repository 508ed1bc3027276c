//! What a sync takes, in which order, what it says beside, and what it leaves alone.

use std::fs;
use std::io::Read as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::workspace::{FIXTURES, Workspace, document, page};

const TAKEN: &str = "openapi/upstream/create-ai-clipping.yaml";

/// A file with `text` beside the workspace.
fn file(workspace: &Workspace, name: &str, text: &str) -> String {
    let folder = workspace.path().join("target");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn longer_names(it: &mut Value) {
    it["components"]["schemas"]["NewJob"]["properties"]["name"]["maxLength"] = json!(50);
}

#[test]
fn what_did_not_change_is_not_written() {
    let workspace = Workspace::new();
    let same = document(|_| ());
    let json = file(&workspace, "api.json", &same.to_string());
    let yaml = format!("{FIXTURES}/upstream/api.yaml");
    let banner = file(
        &workspace,
        "page.md",
        &page("post /v1/jobs", &same, "a.example"),
    );
    let other = file(
        &workspace,
        "other.md",
        &page("post /v1/jobs", &same, "b.example"),
    );
    let before = workspace.files();
    for source in [
        ["--json", &json],
        ["--json", &yaml],
        ["--page", &banner],
        ["--page", &other],
    ] {
        let ran = workspace.run(&["sync", source[0], source[1]]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(
            ran.stdout.contains("nothing changed in what we take"),
            "{ran:?}"
        );
        assert!(
            workspace.files() == before,
            "{source:?} changed the workspace"
        );
    }
}

#[test]
fn a_change_goes_all_the_way_to_the_client() {
    let workspace = Workspace::new();
    let json = file(&workspace, "api.json", &document(longer_names).to_string());
    let ran = workspace.run(&["sync", "--json", &json, "--date", "2026-03-04"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let taken = workspace.yaml(TAKEN);
    let schemas: Vec<&String> = taken["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(schemas, ["NewJob", "ByLink", "ById", "Job"]);
    assert_eq!(taken["paths"].to_string().matches("operationId").count(), 1);
    let derived = workspace.yaml("openapi/ai-clipping.yaml");
    let properties = &derived["components"]["schemas"]["NewJob"]["properties"];
    assert_eq!(properties["name"]["maxLength"], 50);
    assert_eq!(properties["colour"]["type"], "string");
    assert!(
        workspace
            .text("src/generated/ai_clipping.rs")
            .contains("longer than 50 characters")
    );
    // A second time there is nothing to do, and `documents` agrees with what was derived.
    let before = workspace.files();
    assert_eq!(workspace.run(&["documents", "--check"]).code, 0);
    assert!(
        workspace
            .run(&["sync", "--json", &json])
            .stdout
            .contains("nothing changed")
    );
    assert!(workspace.files() == before);
}

#[test]
fn the_manifest_says_from_where_and_when_and_keeps_its_comments() {
    let workspace = Workspace::new();
    let json = file(&workspace, "api.json", &document(longer_names).to_string());
    let ran = workspace.run(&["sync", "--json", &json, "--date", "2026-03-04"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let manifest = workspace.text("openapi/upstream/upstream.toml");
    for line in [
        "# A workspace for tests.",
        "file = \"create-ai-clipping.yaml\" # what was taken",
        "url = \"api.json\"",
        "captured = \"2026-03-04\"",
        "operations = 3",
        &format!("taken_sha256 = \"{}\"", sha256(&workspace.text(TAKEN))),
        &format!(
            "content_sha256 = \"{}\"",
            sha256(&document(longer_names).to_string())
        ),
    ] {
        assert!(
            manifest.lines().any(|found| found == line),
            "no `{line}` in\n{manifest}"
        );
    }
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn marks_follow_the_lines_that_they_name() {
    let workspace = Workspace::new();
    let json = file(&workspace, "api.json", &document(longer_names).to_string());
    assert_eq!(workspace.run(&["sync", "--json", &json]).code, 0);
    let overlay = workspace.yaml("openapi/overlays/10-notes.yaml");
    let mark = overlay["actions"][0]["update"]["x-source"]
        .as_str()
        .unwrap();
    let line: usize = mark
        .strip_prefix("create-ai-clipping.yaml:")
        .unwrap()
        .parse()
        .unwrap();
    assert_ne!(line, 33);
    assert_eq!(
        workspace.text(TAKEN).lines().nth(line - 1).unwrap().trim(),
        "NewJob:"
    );
}

#[test]
fn a_shuffled_document_changes_nothing_more_than_its_change() {
    let (plain, shuffled) = (Workspace::new(), Workspace::new());
    let changed = document(longer_names);
    let json = file(&plain, "api.json", &changed.to_string());
    assert_eq!(plain.run(&["sync", "--json", &json]).code, 0);
    let json = file(&shuffled, "api.json", &reversed(&changed).to_string());
    assert_eq!(shuffled.run(&["sync", "--json", &json]).code, 0);
    assert_eq!(plain.text(TAKEN), shuffled.text(TAKEN));
}

/// The same value with every object's keys in the opposite order.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .rev()
                .map(|(key, value)| (key.clone(), reversed(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(reversed).collect()),
        _ => value.clone(),
    }
}

#[test]
fn a_whole_document_is_believed_and_the_pages_are_held_against_it() {
    let workspace = Workspace::new();
    let json = file(&workspace, "api.json", &document(longer_names).to_string());
    let stale = file(
        &workspace,
        "create.md",
        &page("post /v1/jobs", &document(|_| ()), "a.example"),
    );
    let ran = workspace.run(&["sync", "--json", &json, "--page", &stale]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout
            .contains("components/schemas/NewJob occurs twice and differs"),
        "{ran:?}"
    );
    assert_eq!(ran.stdout.matches("occurs twice").count(), 1, "{ran:?}");
    assert!(workspace.text(TAKEN).contains("maxLength: 50"));
}

/// Pages are crawled at different moments and rendered by another program: what means the same is the same.
#[test]
fn pages_may_say_the_same_in_other_words() {
    let workspace = Workspace::new();
    let create = page("post /v1/jobs", &document(longer_names), "a.example");
    let list = page(
        "get /v1/jobs",
        &document(|it| {
            longer_names(it);
            let job = &mut it["components"]["schemas"]["Job"];
            job["required"] = json!(["state", "id"]);
            job["properties"]["state"] = json!({"description": "Where it stands.", "oneOf": [
                {"type": "string", "const": "waiting"}, {"type": "string", "enum": ["done"]}]});
            let mapping = &mut it["components"]["schemas"]["NewJob"]["properties"]["source"]["discriminator"]
                ["mapping"];
            mapping["link"] = json!({"$ref": "#/components/schemas/ByLink"});
            mapping["id"] = json!({"$ref": "#/components/schemas/ById"});
        }),
        "b.example",
    );
    let create = file(&workspace, "create.md", &create);
    let list = file(&workspace, "list.md", &list);
    let ran = workspace.run(&["sync", "--page", &create, "--page", &list]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(workspace.text(TAKEN).contains("maxLength: 50"));
}

#[test]
fn operations_near_ours_are_reported() {
    let workspace = Workspace::new();
    let grown = document(|it| {
        it["paths"]["/v1/jobs/{id}/retry"]["post"] =
            json!({"summary": "Retry a job", "responses": {}, "x-excluded": true});
        it["paths"]["/v2/other"]["get"] =
            json!({"summary": "Other", "tags": ["Jobs"], "responses": {}});
        it["paths"]["/v1/jobsworth"]["get"] = json!({"summary": "No neighbour", "responses": {}});
    });
    let json = file(&workspace, "api.json", &grown.to_string());
    let ran = workspace.run(&["sync", "--json", &json]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let notes: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| line.contains("near ours"))
        .collect();
    assert_eq!(
        notes,
        [
            "note: new operation near ours: GET /v1/jobs (List jobs)",
            "note: new operation near ours: POST /v1/jobs/{id}/retry (Retry a job), which the vendor has not announced",
            "note: new operation near ours: GET /v2/other (Other)",
        ]
    );
}

#[test]
fn what_an_overlay_adds_and_the_vendor_now_says_is_reported() {
    let workspace = Workspace::new();
    let grown = document(|it| {
        it["components"]["schemas"]["NewJob"]["properties"]["colour"] =
            json!({"type": "string", "maxLength": 7});
    });
    let json = file(&workspace, "api.json", &grown.to_string());
    let ran = workspace.run(&["sync", "--json", &json]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout.contains(
            "now has /components/schemas/NewJob/properties/colour, which an overlay adds too"
        ),
        "{ran:?}"
    );
}

#[test]
fn snapshots_are_kept_on_request() {
    let workspace = Workspace::new();
    let server = Server::start([(
        "/api.json",
        Answer::Good("application/json", document(longer_names).to_string()),
    )]);
    let folder = workspace.path().join("target/history");
    let url = server.url("/api.json");
    let ran = workspace.run(&[
        "sync",
        "--json",
        &url,
        "--date",
        "2026-03-04",
        "--record",
        folder.to_str().unwrap(),
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let sum = sha256(&document(longer_names).to_string());
    let kept = folder.join(format!("2026-03-04-{}-api.json", &sum[..12]));
    assert_eq!(
        fs::read_to_string(kept).unwrap(),
        document(longer_names).to_string()
    );
}

#[test]
fn a_sync_that_is_killed_while_it_waits_leaves_nothing() {
    let workspace = Workspace::new();
    let server = Server::start([("/api.json", Answer::Silent)]);
    let before = workspace.files();
    let mut child = workspace
        .command(&["sync", "--json", &server.url("/api.json")])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while server.requests().is_empty() {
        std::thread::yield_now();
    }
    // Meanwhile another one is turned away.
    let other = workspace.run(&["sync", "--json", "none"]);
    assert!(
        other.stderr.contains("another sync is at work"),
        "{other:?}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(said, "");
    assert!(workspace.files() == before);
}

#[test]
fn a_sync_that_was_killed_while_it_wrote_is_finished_by_any_command() {
    let workspace = Workspace::new();
    let staged = workspace.path().join(".sync/new/openapi/overlays");
    fs::create_dir_all(&staged).unwrap();
    fs::write(staged.join("20-new.yaml"), "new").unwrap();
    fs::write(
        workspace.path().join(".sync/journal.json"),
        r#"["openapi/moved-already.yaml", "openapi/overlays/20-new.yaml"]"#,
    )
    .unwrap();
    let ran = workspace.run(&["documents", "--check"]);
    assert!(ran.stderr.contains("finishing it"), "{ran:?}");
    assert_eq!(workspace.text("openapi/overlays/20-new.yaml"), "new");
    assert!(!workspace.path().join(".sync").exists());
}

/// An overlay describes an operation until the vendor does; then the two are compared, and a person retires the overlay.
#[test]
fn operations_of_overlays_are_compared_once_the_vendor_has_them() {
    for (kind, expected) in [
        ("string", "has, as our overlays say: GET /v1/jobs/{id};"),
        (
            "integer",
            "has GET /v1/jobs/{id}, and differs from our overlays (breaking)",
        ),
    ] {
        let workspace = Workspace::new();
        let grown = document(|it| {
            it["paths"]["/v1/jobs/{id}"]["get"] = json!({
                "operationId": "readJob",
                "summary": "Read a job",
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": kind}}],
                "responses": {"200": {"description": "The job.", "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Job"}}}}},
            });
        });
        let json = file(&workspace, "api.json", &grown.to_string());
        let ran = workspace.run(&["sync", "--json", &json]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stdout.contains(expected), "{ran:?}");
    }
}
