//! The one report: wire, Rust API, version, what next, and its exit codes.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::workspace::{FIXTURES, Ran, Workspace, document, page};

/// A JSON file with the document, edited, beside the workspace.
fn source(workspace: &Workspace, edit: impl FnOnce(&mut Value)) -> String {
    let folder = workspace.path().join("target");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("api.json");
    fs::write(&path, document(edit).to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn drift(edit: impl FnOnce(&mut Value), more: &[&str]) -> Ran {
    let workspace = Workspace::new();
    let json = source(&workspace, edit);
    let before = workspace.files();
    let ran = workspace.run(&[&["drift", "--json", &json], more].concat());
    assert!(workspace.files() == before, "drift changed the workspace");
    ran
}

fn property<'a>(it: &'a mut Value, schema: &str, name: &str) -> &'a mut Value {
    &mut it["components"]["schemas"][schema]["properties"][name]
}

#[test]
fn exit_codes_are_those_of_openapi_drift() {
    let same = drift(|_| (), &[]);
    assert_eq!(same.code, 0, "{same:?}");
    assert!(
        same.stdout
            .contains("Nothing to do: the documents say the same."),
        "{same:?}"
    );

    let words = drift(
        |it| property(it, "Job", "id")["description"] = json!("What it is called."),
        &[],
    );
    assert_eq!(words.code, 0, "{words:?}");
    assert!(words.stdout.contains("Wire: docs-only."), "{words:?}");

    let compatible = drift(
        |it| property(it, "NewJob", "name")["maxLength"] = json!(50),
        &[],
    );
    assert_eq!(compatible.code, 2, "{compatible:?}");

    let breaking = |it: &mut Value| property(it, "NewJob", "name")["maxLength"] = json!(30);
    let ran = drift(breaking, &[]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(
        ran.stdout.contains("max length of name: 40 is now 30"),
        "{ran:?}"
    );
    assert!(
        ran.stdout.contains("valid under the old document"),
        "no witness: {ran:?}"
    );
    assert!(
        ran.stdout
            .contains("next: `cargo xtask sync --compile --json "),
        "{ran:?}"
    );
    assert_eq!(drift(breaking, &["--fail-on", "breaking"]).code, 4);
    let wrong = drift(breaking, &["--fail-on", "nothing"]);
    assert_eq!(wrong.code, 10, "{wrong:?}");

    let grown =
        |it: &mut Value| property(it, "Job", "state")["enum"] = json!(["waiting", "done", "lost"]);
    assert_eq!(drift(grown, &[]).code, 4);
    assert_eq!(drift(grown, &["--fail-on", "breaking"]).code, 0);

    let decoy = drift(|it| it["info"]["title"] = json!("Plant Store"), &[]);
    assert_eq!(decoy.code, 10, "{decoy:?}");
    assert!(
        decoy.stderr.contains("not the document that we know"),
        "{decoy:?}"
    );
}

#[test]
fn the_next_command_goes_on_with_the_same_sources() {
    let workspace = Workspace::new();
    let changed = document(|it| property(it, "NewJob", "name")["maxLength"] = json!(30));
    let folder = workspace.path().join("target/the pages");
    fs::create_dir_all(&folder).unwrap();
    let mut sources = Vec::new();
    for (name, operation) in [("create.md", "post /v1/jobs"), ("list.md", "get /v1/jobs")] {
        let path = folder.join(name);
        fs::write(&path, page(operation, &changed, "a.example")).unwrap();
        sources.push(path.to_str().unwrap().to_owned());
    }
    let asked = ["drift", "--page", &sources[0], "--page", &sources[1]];
    let ran = workspace.run(&asked);
    assert_eq!(ran.code, 4, "{ran:?}");
    let next = format!(
        "next: `cargo xtask sync --compile --page '{}' --page '{}'`",
        sources[0], sources[1]
    );
    assert!(ran.stdout.contains(&next), "{ran:?}");
    let written = workspace.run(&[&asked[..], &["--format", "json"]].concat());
    let report: Value = serde_json::from_str(&written.stdout).unwrap();
    assert!(
        next.contains(
            report["next"][0]
                .as_str()
                .unwrap()
                .split('`')
                .nth(1)
                .unwrap()
        ),
        "{written:?}"
    );
}

#[test]
fn a_kept_name_that_nothing_has_is_said() {
    let workspace = Workspace::new();
    let lock = "[create-ai-clipping]\ntypes.\"/components/schemas/Nope\" = \"Thing\"\n";
    let derived = workspace.path().join("openapi/names.toml");
    fs::write(derived, lock.replace("create-ai-clipping", "ai-clipping")).unwrap();
    let ran = workspace.run(&["drift", "--offline"]);
    let line = "/components/schemas/Nope in openapi/names.toml matches nothing and keeps no name";
    assert!(ran.stdout.contains(line), "{ran:?}");
}

#[test]
fn what_the_guide_says_otherwise_is_drift() {
    let workspace = Workspace::new();
    let page = fs::read_to_string(format!("{FIXTURES}/upstream/guide.md")).unwrap();
    let path = workspace.path().join("guide.md");
    fs::write(&path, page.replace("max 300", "max 500")).unwrap();
    let ran = workspace.run(&["drift", "--guide", path.to_str().unwrap()]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(
        ran.stdout
            .contains("maxLength is 500 in the guide and 300 in clips.yaml"),
        "{ran:?}"
    );
    assert!(
        ran.stdout.contains("next: change openapi/clips.yaml"),
        "{ran:?}"
    );
}

#[test]
fn what_the_guide_says_cannot_give_commands_to_a_workflow() {
    let workspace = Workspace::new();
    let page = fs::read_to_string(format!("{FIXTURES}/upstream/guide.md")).unwrap();
    let path = workspace.path().join("guide.md");
    let lost = "requests.get(\"https://h/v1/100%)\n::error::gone(\"x\")\n";
    fs::write(&path, format!("{page}\n{lost}")).unwrap();
    let path = path.to_str().unwrap();
    let ran = workspace.run(&["drift", "--guide", path, "--format", "github"]);
    assert!(
        ran.stdout.contains("GET /v1/100%25)%0A::error::gone("),
        "{ran:?}"
    );
}

#[test]
fn a_sync_that_cannot_be_finished_is_no_verdict() {
    let workspace = Workspace::new();
    fs::create_dir(workspace.path().join(".sync")).unwrap();
    fs::write(workspace.path().join(".sync/journal.json"), "{").unwrap();
    let ran = workspace.run(&["drift", "--offline"]);
    assert_eq!(ran.code, 10, "{ran:?}");
    assert_eq!(workspace.run(&["tidy"]).code, 1);
}

#[test]
fn what_cannot_be_taken_says_why() {
    let rename = |it: &mut Value| {
        let schemas = it["components"]["schemas"].as_object_mut().unwrap();
        let moved = schemas.remove("NewJob").unwrap();
        schemas.insert("JobRequest".to_owned(), moved);
        it["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]["application/json"]["schema"] =
            json!({"$ref": "#/components/schemas/JobRequest"});
    };
    let annotated = drift(rename, &["--format", "github"]);
    assert!(
        annotated
            .stdout
            .contains("::error title=it cannot be taken yet::"),
        "{annotated:?}"
    );
    let renamed = drift(rename, &[]);
    assert_eq!(renamed.code, 4, "{renamed:?}");
    assert!(
        renamed.stdout.contains("it cannot be taken yet"),
        "{renamed:?}"
    );
    assert!(renamed.stdout.contains("10-notes.yaml"), "{renamed:?}");
    assert!(
        renamed.stdout.contains("next: change openapi/overlays"),
        "{renamed:?}"
    );
}

/// What somebody who calls the generated client can name.
fn items(workspace: &Workspace) -> Vec<String> {
    let code = workspace.text("src/generated/ai_clipping.rs");
    let public = code
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("pub "));
    public.map(str::to_owned).collect()
}

/// A component and an operation are renamed upstream, and an overlay that refers to the component is rewritten.
#[test]
fn a_rename_upstream_moves_nothing_once_the_printed_lock_entries_are_in_place() {
    let workspace = Workspace::new();
    let longer = source(&workspace, |it| {
        property(it, "NewJob", "name")["maxLength"] = json!(50);
    });
    assert_eq!(workspace.run(&["sync", "--json", &longer]).code, 0);
    let before = items(&workspace);
    assert!(before.contains(&"pub struct Job {".to_owned()));

    let renamed = source(&workspace, |it| {
        property(it, "NewJob", "name")["maxLength"] = json!(50);
        let text = it.to_string();
        let text = text.replace("schemas/Job\"", "schemas/Task\"");
        *it = serde_json::from_str(&text.replace("\"createJob\"", "\"makeTask\"")).unwrap();
        let schemas = it["components"]["schemas"].as_object_mut().unwrap();
        let job = schemas.remove("Job").unwrap();
        schemas.insert("Task".to_owned(), job);
    });
    let overlay = workspace.path().join("openapi/overlays/10-notes.yaml");
    let text = workspace.text("openapi/overlays/10-notes.yaml");
    fs::write(&overlay, text.replace("schemas/Job'", "schemas/Task'")).unwrap();

    let ran = workspace.run(&["drift", "--json", &renamed]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let prefix = "next: to keep a name, write under [ai-clipping] in openapi/names.toml: ";
    let entries: Vec<&str> = ran
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix(prefix))
        .collect();
    assert_eq!(
        entries,
        [
            "operations.\"POST /v1/jobs\" = \"createJob\"",
            "types.\"/components/schemas/Task\" = \"Job\"",
        ],
        "{ran:?}"
    );

    let names = format!("[ai-clipping]\n{}\n", entries.join("\n"));
    fs::write(workspace.path().join("openapi/names.toml"), names).unwrap();
    let ran = workspace.run(&["drift", "--json", &renamed]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.stdout.contains("names.toml"), "{ran:?}");
    let ran = workspace.run(&["sync", "--json", &renamed]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(items(&workspace), before);

    // An entry whose place is gone is no repair any more.
    let names = "[ai-clipping]\ntypes.\"/components/schemas/Job\" = \"Job\"\n";
    fs::write(workspace.path().join("openapi/names.toml"), names).unwrap();
    let text = fs::read_to_string(&renamed).unwrap();
    fs::write(&renamed, text.replace(":50", ":60")).unwrap();
    let ran = workspace.run(&["sync", "--json", &renamed]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let why = "openapi/names.toml names /components/schemas/Job, which the document does not have";
    assert!(ran.stderr.contains(why), "{ran:?}");
}

#[test]
fn a_pull_request_has_a_title_and_a_body() {
    let ran = drift(
        |it| property(it, "NewJob", "name")["maxLength"] = json!(30),
        &["--pr"],
    );
    assert_eq!(ran.code, 4, "{ran:?}");
    let mut lines = ran.stdout.lines();
    assert_eq!(
        lines.next(),
        Some("Follow the vendor's document: breaking, Rust patch")
    );
    assert_eq!(lines.next(), Some(""));
    for part in [
        "### Breaking",
        "- max length of name: 40 is now 30",
        "# What to do next",
        "# Notes",
        "the description says maxLength 40, the schema says 30",
    ] {
        assert!(ran.stdout.contains(part), "no `{part}` in {}", ran.stdout);
    }
}

#[test]
fn json_has_every_change_with_its_fingerprint() {
    let ran = drift(
        |it| property(it, "NewJob", "name")["maxLength"] = json!(30),
        &["--format", "json"],
    );
    let value: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(value["verdict"], "breaking");
    assert_eq!(value["rust"], "patch");
    let change = &value["comparisons"][0]["report"]["changes"][0];
    assert_eq!(change["fingerprint"].as_str().unwrap().len(), 16);
    assert!(change["witness"].is_object());
}

/// A workspace under git, with a release.
fn released() -> Workspace {
    let workspace = Workspace::new();
    fs::write(
        workspace.path().join("Cargo.toml"),
        "[workspace.package]\nversion = \"0.3.1\"\n",
    )
    .unwrap();
    for arguments in [
        &["init", "--quiet", "--initial-branch", "main"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message", "Release"],
        &["tag", "v0.3.1"],
    ] {
        git(&workspace, arguments);
    }
    workspace
}

fn git(workspace: &Workspace, arguments: &[&str]) {
    let ran = Command::new("git")
        .arg("-C")
        .arg(workspace.path())
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(arguments)
        .status()
        .unwrap();
    assert!(ran.success(), "git {arguments:?}");
}

#[test]
fn the_next_version_follows_from_the_last_release() {
    let workspace = released();
    let json = source(&workspace, |it| {
        let required = &mut it["components"]["schemas"]["NewJob"]["required"];
        *required = json!(["name", "copies"]);
    });
    let ran = workspace.run(&["drift", "--json", &json]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(
        ran.stdout
            .contains("Version: 0.3.1 -> 0.4.0, since v0.3.1."),
        "{ran:?}"
    );

    let json = source(&workspace, |it| {
        property(it, "NewJob", "name")["maxLength"] = json!(50);
    });
    let ran = workspace.run(&["drift", "--json", &json]);
    assert!(
        ran.stdout
            .contains("Version: 0.3.1 -> 0.3.2, since v0.3.1."),
        "{ran:?}"
    );
}

/// What a pull-request gate asks: does this commit break what a revision promised, and did anybody accept that?
#[test]
fn offline_it_compares_with_a_revision() {
    let workspace = released();
    let offline = |more: &[&str]| {
        workspace.run(
            &[
                &[
                    "drift",
                    "--offline",
                    "--against",
                    "main",
                    "--fail-on",
                    "breaking",
                ],
                more,
            ]
            .concat(),
        )
    };
    assert_eq!(offline(&[]).code, 0);
    let clips = workspace.text("openapi/clips.yaml");
    fs::write(
        workspace.path().join("openapi/clips.yaml"),
        clips.replace("maxLength: 300", "maxLength: 200"),
    )
    .unwrap();
    let ran = offline(&["--format", "json"]);
    assert_eq!(ran.code, 4, "{ran:?}");

    let value: Value = serde_json::from_str(&ran.stdout).unwrap();
    let fingerprint = &value["since"][1]["report"]["changes"][0]["fingerprint"];
    let accepted = workspace.path().join("accepted.toml");
    let entry = format!(
        "[[accept]]\nfingerprint = {fingerprint}\nreason = \"it was always so\"\nclass = \"correction\"\n"
    );
    fs::write(&accepted, &entry).unwrap();
    let accept = ["--accept", accepted.to_str().unwrap()];
    let ran = offline(&accept);
    assert_eq!(ran.code, 0, "{ran:?}");
    // What was agreed to is no news, and a fact all the same.
    for said in [
        "accepted as correction: it was always so",
        "Wire: breaking.",
        "1 are accepted; the rest: wire equivalent, Rust API none.",
    ] {
        assert!(ran.stdout.contains(said), "{ran:?}");
    }

    // An entry that matches nothing any more is an error, as it is for openapi-drift.
    fs::write(workspace.path().join("openapi/clips.yaml"), clips).unwrap();
    assert_eq!(offline(&accept).code, 10);

    let unknown = workspace.run(&["drift", "--offline", "--against", "nowhere"]);
    assert_eq!(unknown.code, 10);
    assert!(
        unknown.stderr.contains("git knows no revision nowhere"),
        "{unknown:?}"
    );
}
