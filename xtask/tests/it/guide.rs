//! The guide page against `clips.yaml`: prose drift is drift, and a person decides about it.

use std::fs;

use crate::server::{Answer, Server};
use crate::workspace::{FIXTURES, Ran, Workspace};

const CLIPS: &str = "openapi/clips.yaml";

fn page() -> String {
    fs::read_to_string(format!("{FIXTURES}/upstream/guide.md")).unwrap()
}

/// The page as it is after something took its markup away: no fences, no emphasis, no outer pipes, no empty lines.
fn flattened() -> String {
    let mut flat = String::new();
    for line in page().lines() {
        let line = line.trim_start_matches(['#', ' ']);
        let line = line.strip_prefix("- **").unwrap_or(line);
        let line = line.replace(['`', '*'], "");
        let line = line.trim();
        if line.is_empty() || ["bash", "json", "python"].contains(&line) {
            continue;
        }
        let header = ["| Parameter", "| Field", "|---"]
            .iter()
            .any(|start| line.starts_with(start));
        let dashes = line.chars().all(|c| matches!(c, '|' | '-'));
        let line = match line.strip_prefix("| ") {
            _ if dashes => "|---|",
            Some(row) if !header => row,
            _ => line,
        };
        flat.push_str(&line.replace("Endpoint: ", "Endpoint:\n"));
        flat.push('\n');
    }
    flat
}

/// Syncs from a guide page that lies beside the workspace.
fn sync(workspace: &Workspace, text: &str) -> Ran {
    let folder = workspace.path().join("target");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("guide.md");
    fs::write(&path, text).unwrap();
    workspace.run(&[
        "sync",
        "--guide",
        path.to_str().unwrap(),
        "--date",
        "2026-03-04",
    ])
}

fn differences(ran: &Ran) -> Vec<String> {
    let lines = ran
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("- "));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_page_that_says_what_we_say_is_recorded_once() {
    for text in [page(), flattened()] {
        let workspace = Workspace::new();
        let clips = workspace.text(CLIPS);
        let ran = sync(&workspace, &text);
        assert_eq!(differences(&ran), Vec::<String>::new(), "{text}");
        assert_eq!(ran.code, 0, "{ran:?}");
        let manifest = workspace.text("openapi/upstream/upstream.toml");
        assert_eq!(
            manifest.matches("captured = \"2026-03-04\"").count(),
            1,
            "{manifest}"
        );
        assert_eq!(workspace.text(CLIPS), clips);

        let before = workspace.files();
        assert_eq!(
            sync(&workspace, &text.replace("a.example", "b.example")).code,
            0
        );
        let after = workspace.files();
        assert!(
            before
                .iter()
                .filter(|(path, _)| !path.starts_with("target"))
                .eq(after.iter().filter(|(path, _)| !path.starts_with("target")))
        );
    }
}

/// Edits of the page, each with the one difference that it must make, in both forms of the page.
#[test]
fn each_kind_of_statement_is_held_against_clips_yaml() {
    let flat = flattened();
    for (from, to, expected) in [
        (
            "(max 300 chars)",
            "(max 500 chars)",
            "POST /v1/notes body text: maxLength is 500 in the guide and 300 in clips.yaml",
        ),
        (
            "(1–5)",
            "(1–9)",
            "POST /v1/notes body copies: maximum is 9 in the guide and 5 in clips.yaml",
        ),
        (
            "(1–5)",
            "",
            "POST /v1/notes body copies: minimum is none in the guide and 1 in clips.yaml",
        ),
        (
            "Up to 8 marks",
            "Up to 12 marks",
            "POST /v1/notes body marks: maxItems is 12 in the guide and 8 in clips.yaml",
        ),
        (
            "\"word\": \"...\"",
            "\"label\": \"...\"",
            "POST /v1/notes body marks: clips.yaml has no field label",
        ),
        (
            "\"type\": \"upload\"",
            "\"type\": \"file\"",
            "POST /v1/notes body source: clips.yaml has no alternative for {\"type\":\"file\",\"upload\":\"...\"}",
        ),
        (
            "from 1 to 50",
            "from 1 to 100",
            "GET /v1/notes query limit: maximum is 100 in the guide and 50 in clips.yaml",
        ),
        (
            "0–1",
            "0–100",
            "GET /v1/notes/{note_id} response pages[].weight: maximum is 100 in the guide and 1 in clips.yaml",
        ),
        (
            "pages[].number",
            "pages[].index",
            "GET /v1/notes/{note_id} response pages[].index: clips.yaml has no such field",
        ),
        (
            "\"text\": \"Buy milk.\"",
            "\"title\": \"Buy milk.\"",
            "POST /v1/notes body in an example of curl: clips.yaml has no field title",
        ),
        (
            "?limit=5",
            "?count=5",
            "GET /v1/notes query in an example of curl: clips.yaml has no query parameter count",
        ),
        (
            "jq -r '.data[].state'",
            "jq -r '.data[].status'",
            "GET /v1/notes response data[].status, read by an example: clips.yaml has no such field",
        ),
        (
            "{ \"note_id\": \"n_1\" }",
            "{ \"note\": \"n_1\" }",
            "POST /v1/notes response in an example of JSON data: clips.yaml has no field note",
        ),
        (
            "\"paper\": \"ruled\"",
            "\"paper\": \"squared\"",
            "POST /v1/notes body in an example of Python paper: \"squared\" is not among the values of clips.yaml",
        ),
        (
            "body[\"source\"]",
            "body[\"origin\"]",
            "POST /v1/notes body in an example of Python: clips.yaml has no field origin",
        ),
        (
            "[\"data\"][\"note_id\"]",
            "[\"data\"][\"id\"]",
            "POST /v1/notes response data.id, read by an example: clips.yaml has no such field",
        ),
        (
            "(\"kept\", \"lost\")",
            "(\"kept\", \"gone\")",
            "GET /v1/notes/{note} response data.state, read by an example: \"gone\" is not among the values of clips.yaml",
        ),
        (
            "answer[\"pages\"]",
            "answer[\"sheets\"]",
            "GET /v1/notes/{note} response data.sheets, read by an example: clips.yaml has no such field",
        ),
    ] {
        for text in [&page(), &flat] {
            assert!(text.contains(from), "{from} is not in\n{text}");
            let workspace = Workspace::new();
            let before = workspace.text("openapi/upstream/upstream.toml");
            let ran = sync(&workspace, &text.replace(from, to));
            assert_eq!(ran.code, 4, "{from} -> {to}: {ran:?}");
            let found: Vec<String> = differences(&ran)
                .iter()
                .map(|line| without_line(line))
                .collect();
            assert!(
                found.iter().any(|line| line == expected),
                "{from} -> {to}: {found:#?}"
            );
            assert!(found.len() <= 2, "{from} -> {to}: {found:#?}");
            assert_eq!(workspace.text("openapi/upstream/upstream.toml"), before);
        }
    }
}

/// A difference without the number of its line.
fn without_line(text: &str) -> String {
    match (text.find(" (line "), text.find(')')) {
        (Some(start), Some(_)) => {
            let end = start + text[start..].find(')').unwrap() + 1;
            format!("{}{}", &text[..start], &text[end..])
        }
        _ => text.to_owned(),
    }
}

/// Types, null, requirements, defaults and whole rows, in Markdown.
#[test]
fn each_column_is_held_against_clips_yaml() {
    for (from, to, expected) in [
        (
            "`copies` | integer",
            "`copies` | number",
            "POST /v1/notes body copies: the type is number in the guide and integer in clips.yaml",
        ),
        (
            "number \\| null",
            "number",
            "GET /v1/notes/{note_id} response pages[].weight: null is not allowed in the guide and allowed in clips.yaml",
        ),
        (
            "string | **Yes**",
            "string | No",
            "POST /v1/notes body text: required is false in the guide and true in clips.yaml",
        ),
        (
            "`1` | How",
            "`2` | How",
            "POST /v1/notes body copies: the default is 2 in the guide and 1 in clips.yaml",
        ),
        (
            "`\"plain\"` | One",
            "— | One",
            "POST /v1/notes body paper: the default is none in the guide and \"plain\" in clips.yaml",
        ),
        (
            "`\"ruled\"`, or",
            "`\"ruled\"`, `\"music\"`, or",
            "POST /v1/notes body paper: enum is [\"plain\",\"ruled\",\"music\",\"dotted\"] in the guide and [\"plain\",\"ruled\",\"dotted\"] in clips.yaml",
        ),
        (
            "| `marks`",
            "x\n| `marks`",
            "POST /v1/notes body marks: in clips.yaml, no longer in the guide's table",
        ),
        (
            "| `paper` | string | No | `\"plain\"` |",
            "| `paper` | string | No |",
            "a row of 4 cells in a table of 5; not understood",
        ),
        (
            "- **Endpoint:** `GET /v1/notes`",
            "- **Endpoint:** `GET /v1/all-notes`",
            "GET /v1/notes: in clips.yaml, no longer in the guide",
        ),
    ] {
        let text = page();
        assert!(text.contains(from), "{from}");
        let ran = sync(&Workspace::new(), &text.replacen(from, to, 1));
        assert_eq!(ran.code, 4, "{ran:?}");
        let found = differences(&ran);
        let shown =
            |line: &String| without_line(line).ends_with(expected) || line.ends_with(expected);
        assert!(found.iter().any(shown), "{from} -> {to}: {found:#?}");
    }
}

#[test]
fn a_guide_that_is_cut_off_loses_rows_and_is_not_recorded() {
    let workspace = Workspace::new();
    let server = Server::start([("/guide.md", Answer::Cut("text/markdown", page()))]);
    let before = workspace.files();
    let ran = workspace.run(&["sync", "--guide", &server.url("/guide.md")]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(
        ran.stdout
            .contains("GET /v1/notes: in clips.yaml, no longer in the guide"),
        "{ran:?}"
    );
    assert!(workspace.files() == before);
}

#[test]
fn another_page_is_not_the_guide() {
    let workspace = Workspace::new();
    let before = workspace.files();
    let server = Server::start([(
        "/guide.md",
        Answer::Good("text/markdown", "# Weather\n\nGET /v1/weather\n".to_owned()),
    )]);
    let ran = workspace.run(&["sync", "--guide", &server.url("/guide.md")]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("is not the guide"), "{ran:?}");
    assert!(workspace.files() == before);
}
