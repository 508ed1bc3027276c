//! The program: what it prints in each format, how it exits, and what an accept file may do.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// A small document; `text` is replaced by `with` in it.
fn document(text: &str, with: &str) -> String {
    let plain = "\
openapi: 3.1.0
info: {title: Notes, version: 1.0.0}
paths:
  /notes:
    post:
      operationId: createNote
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [text]
              properties:
                text: {type: string, maxLength: 9}
      responses:
        '200':
          description: Kept
          content:
            application/json:
              schema:
                type: object
                properties:
                  state: {type: string, enum: [kept, lost]}
";
    assert!(text.is_empty() || plain.contains(text), "{text}");
    plain.replace(text, with)
}

struct Run {
    folder: TempDir,
}

impl Run {
    /// The plain document against one with an edit.
    fn new(text: &str, with: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("old.yaml"), document("", "")).unwrap();
        std::fs::write(folder.path().join("new.yaml"), document(text, with)).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What it prints, what it complains of, and how it exits.
    fn run(&self, arguments: &[&str]) -> (String, String, i32) {
        let output = Command::new(env!("CARGO_BIN_EXE_openapi-drift"))
            .current_dir(self.folder.path())
            .args(["old.yaml", "new.yaml"])
            .args(arguments)
            .output()
            .unwrap();
        (
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
            output.status.code().unwrap(),
        )
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.run(&["--format", "json"]).0).unwrap()
    }
}

const SHORTER: (&str, &str) = ("maxLength: 9", "maxLength: 5");

#[test]
fn the_exit_code_says_how_bad_it_is() {
    for (text, with, code) in [
        ("", "", 0),
        ("description: Kept", "description: Stored", 0),
        ("maxLength: 9", "maxLength: 12", 2),
        ("operationId: createNote", "operationId: addNote", 3),
        ("maxLength: 9", "maxLength: 5", 4),
        ("enum: [kept, lost]", "enum: [kept, lost, sold]", 4),
        ("openapi: 3.1.0", "openapi: [", 10),
    ] {
        assert_eq!(Run::new(text, with).run(&[]).2, code, "{with}");
    }
}

#[test]
fn the_least_that_fails_can_be_chosen() {
    let closed = ("enum: [kept, lost]", "enum: [kept, lost, sold]");
    for (edit, level, code) in [
        (SHORTER, "breaking", 4),
        (closed, "breaking", 0),
        (closed, "breaking-closed", 4),
        (("maxLength: 9", "maxLength: 12"), "compatible", 2),
        (("maxLength: 9", "maxLength: 12"), "behaviour", 0),
        (("createNote", "addNote"), "rust-major", 3),
        (("createNote", "addNote"), "behaviour", 0),
    ] {
        let run = Run::new(edit.0, edit.1);
        assert_eq!(run.run(&["--fail-on", level]).2, code, "{edit:?} {level}");
    }
}

#[test]
fn text_names_the_change_its_place_its_proof_and_what_to_run_next() {
    let (printed, ..) = Run::new(SHORTER.0, SHORTER.1).run(&[]);
    let expected = "\
POST /notes
  breaking         max length of text: 9 is now 5 [request, Rust patch, which still compiles] f56463cf896a09d6
      at #/paths/~1notes/post/requestBody/content/application~1json/schema/properties/text/maxLength
      POST /notes with application/json: valid under the old document, not under the new one (\"aaaaaa\" is longer than 5 characters at /text)
        {\"text\":\"aaaaaa\"}
breaking, Rust patch: 1 breaking
next: openapi-drift old.yaml new.yaml --accept FILE, with the fingerprints of what is meant to be
";
    assert_eq!(printed, expected);
}

#[test]
fn no_change_is_one_line() {
    let (printed, _, code) = Run::new("", "").run(&[]);
    assert_eq!(
        (printed.as_str(), code),
        ("equivalent, Rust none: no change\n", 0)
    );
}

#[test]
fn json_has_a_version_the_verdicts_and_the_witness() {
    let report = Run::new(SHORTER.0, SHORTER.1).json();
    assert_eq!(report["schema"], 1);
    assert_eq!(report["verdict"], "breaking");
    assert_eq!(report["rust"], "patch");
    let change = &report["changes"][0];
    assert_eq!(change["operations"], serde_json::json!(["POST /notes"]));
    assert_eq!(change["direction"], "request");
    assert_eq!(change["witness"]["valid_under"], "old");
    assert_eq!(
        change["witness"]["instance"],
        serde_json::json!({"text": "aaaaaa"})
    );
}

#[test]
fn the_other_formats_carry_the_same_change() {
    let run = Run::new(SHORTER.0, SHORTER.1);
    let (markdown, ..) = run.run(&["--format", "markdown"]);
    assert!(
        markdown.contains(
            "### Breaking\n\n- max length of text: 9 is now 5 (POST /notes; Rust: patch, which still compiles)\n"
        )
    );
    let (sarif, ..) = run.run(&["--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(
        (&result["ruleId"], &result["level"]),
        (&"max-length".into(), &"error".into())
    );
    assert_eq!(
        result["partialFingerprints"]["openapiDrift/v1"],
        run.json()["changes"][0]["fingerprint"]
    );
    let (junit, ..) = run.run(&["--format", "junit"]);
    assert!(
        junit.contains("<testsuite name=\"openapi-drift\" tests=\"1\" failures=\"1\">"),
        "{junit}"
    );
    assert!(
        junit.contains("not under the new one (&quot;aaaaaa&quot; is longer"),
        "{junit}"
    );
    let (github, ..) = run.run(&["--format", "github"]);
    assert!(
        github.starts_with("::error file=new.yaml,title=breaking (max-length)::max length of text"),
        "{github}"
    );
    assert!(github.contains("%0A"), "{github}");
}

#[test]
fn an_accepted_change_fails_no_gate_and_stays_a_fact() {
    let run = Run::new(SHORTER.0, SHORTER.1);
    let fingerprint = run.json()["changes"][0]["fingerprint"]
        .as_str()
        .unwrap()
        .to_owned();
    let accept = |expires: &str, name: &str| {
        let text = format!(
            "[[accept]]\nfingerprint = \"{name}\"\nreason = \"the server never took more\"\nclass = \"correction\"\n{expires}"
        );
        std::fs::write(run.path("accept.toml"), text).unwrap();
        run.run(&["--accept", "accept.toml", "--crate-version", "0.3.1"])
    };
    let (printed, _, code) = accept("expires = \"9999-12-31\"\n", &fingerprint);
    assert_eq!(code, 0);
    let plain = run.run(&["--crate-version", "0.3.1"]).0;
    let expected = plain
        .replace("1 breaking\n", "1 breaking; all accepted\n")
        .replace(&format!(" {fingerprint}"), "")
        .replace(
            "breaking, Rust patch:",
            "      accepted as correction until 9999-12-31: the server never took more\nbreaking, Rust patch:",
        );
    let (expected, _) = expected.split_once("next: ").unwrap();
    assert_eq!(printed, expected);
    assert!(
        printed.contains("the crate's next version is 0.3.2"),
        "{printed}"
    );
    let (json, _, _) = run.run(&["--accept", "accept.toml", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["verdict"], &json["corrections"]),
        (&"equivalent".into(), &1.into())
    );
    let accepted = serde_json::json!([{
        "fingerprint": fingerprint,
        "verdict": "breaking",
        "rust": "patch",
        "class": "correction",
        "reason": "the server never took more",
        "expires": "9999-12-31",
    }]);
    assert_eq!(json["accepted"], accepted);
    assert_eq!(json["changes"][0]["accepted"]["class"], "correction");
    for (format, said) in [
        (
            "markdown",
            "  - accepted as correction until 9999-12-31: the server never took more",
        ),
        ("sarif", "\"status\": \"accepted\""),
        ("junit", "failures=\"0\" skipped=\"1\""),
        (
            "github",
            "::notice file=new.yaml,title=breaking (max-length)",
        ),
    ] {
        let (printed, _, _) = run.run(&["--accept", "accept.toml", "--format", format]);
        assert!(printed.contains(said), "{printed}");
    }
    let (_, complaint, code) = accept("expires = \"2020-01-31\"\n", &fingerprint);
    assert_eq!(code, 10);
    assert!(
        complaint.contains("expired on 2020-01-31; look at the change again"),
        "{complaint}"
    );
    let (_, complaint, code) = accept("", "0000000000000000");
    assert_eq!(code, 10);
    assert!(
        complaint.contains("no change is 0000000000000000"),
        "{complaint}"
    );
    assert!(
        complaint.contains("remove it from the accept file"),
        "{complaint}"
    );
}

#[test]
fn an_accept_file_must_be_sound() {
    let run = Run::new(SHORTER.0, SHORTER.1);
    for (text, complaint) in [
        (
            "[[accept]]\nfingerprint = \"a\"\nreason = \" \"\nclass = \"intended\"\n",
            "gives no reason",
        ),
        (
            "[[accept]]\nfingerprint = \"a\"\nreason = \"b\"\nclass = \"odd\"\n",
            "can't be read",
        ),
        (
            "[[accept]]\nfingerprint = \"a\"\nreason = \"b\"\nclass = \"harmless\"\nexpires = \"soon\"\n",
            "is no date",
        ),
    ] {
        std::fs::write(run.path("accept.toml"), text).unwrap();
        let (_, said, code) = run.run(&["--accept", "accept.toml"]);
        assert_eq!(code, 10);
        assert!(said.contains(complaint), "{said}");
    }
}

#[test]
fn a_wrong_call_is_no_verdict() {
    let run = Run::new("", "");
    for wrong in [["--format", "xml"], ["--no-such", "option"]] {
        let (printed, said, code) = run.run(&wrong);
        assert_eq!((printed.as_str(), code), ("", 10), "{said}");
        assert!(said.contains("Usage:") || said.contains("--help"), "{said}");
    }
    assert_eq!(run.run(&["--help"]).2, 0);
}

#[test]
fn what_is_no_openapi_document_is_said() {
    for (text, complaint) in [
        ("a: 1", "has neither `openapi` nor `paths`"),
        ("swagger: '2.0'", "is Swagger 2.0"),
        ("- a", "is not an object"),
        ("openapi: 4.0.0\npaths: {}", "is of OpenAPI 4.0.0"),
        (
            "openapi: 3.1.0\npaths: 5",
            "`paths` of the new document is not an object",
        ),
    ] {
        let run = Run::new("", "");
        std::fs::write(run.path("new.yaml"), text).unwrap();
        let (_, said, code) = run.run(&[]);
        assert_eq!(code, 10);
        assert!(said.contains(complaint), "{said}");
    }
}

#[test]
fn yaml_and_json_are_one_notation() {
    let run = Run::new("", "");
    let value: Value = serde_saphyr::from_str(&document("", "")).unwrap();
    std::fs::write(run.path("new.yaml"), value.to_string()).unwrap();
    assert_eq!(run.run(&[]).2, 0);
}

#[test]
fn yaml_words_are_words() {
    let run = Run::new("[kept, lost]", "[on, off, no]");
    let words = document("[kept, lost]", r#"["on", "off", "no"]"#);
    std::fs::write(run.path("old.yaml"), words).unwrap();
    assert_eq!(run.run(&[]).2, 0);
}

const RENAMED: (&str, &str) = ("operationId: createNote", "operationId: addNote");

#[cfg(feature = "generate")]
#[test]
fn a_rename_names_the_items_it_moves_and_the_lock_entry_that_avoids_it() {
    let run = Run::new(RENAMED.0, RENAMED.1);
    let (printed, _, code) = run.run(&["--crate-version", "0.3.1"]);
    let expected = "\
the generated crate alone
  docs-only        operation id of POST /notes: createNote is now addNote [Rust major, not on the wire] 563ffbbbba74814e
      at #/paths/~1notes/post/operationId
      Client::create_note is now Client::add_note; types::CreateNoteBody is now types::AddNoteBody; and 3 more
      avoid with name lock: operations.\"POST /notes\" = \"createNote\"
docs-only, Rust major: 1 docs-only
the crate's next version is 0.4.0
next: openapi-drift old.yaml new.yaml --accept FILE, with the fingerprints of what is meant to be
";
    assert_eq!((printed.as_str(), code), (expected, 3));
}

#[cfg(feature = "generate")]
#[test]
fn many_ways_to_avoid_changes_are_left_to_json() {
    let document = |prefix: &str, operations: usize| {
        let paths = (0..operations).map(|number| {
            format!("  /p{number}: {{get: {{operationId: {prefix}{number}, responses: {{'204': {{description: done}}}}}}}}\n")
        });
        let paths: String = paths.collect();
        format!("openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths:\n{paths}")
    };
    for (operations, each) in [(5, true), (6, false)] {
        let run = Run::new("", "");
        std::fs::write(run.path("old.yaml"), document("get", operations)).unwrap();
        std::fs::write(run.path("new.yaml"), document("read", operations)).unwrap();
        let (printed, _, code) = run.run(&[]);
        assert_eq!(code, 3);
        assert_eq!(
            printed.contains("avoid with name lock: operations.\"GET /p0\""),
            each
        );
        let sum = "6 changes of the Rust API can be avoided by an overlay or a locked name: --format json says how";
        assert_eq!(printed.contains(sum), !each, "{printed}");
    }
}

#[test]
fn a_name_lock_keeps_a_rename_from_the_crate() {
    let run = Run::new(RENAMED.0, RENAMED.1);
    let lock = "[operations]\n\"POST /notes\" = \"createNote\"\n";
    std::fs::write(run.path("lock.toml"), lock).unwrap();
    for source in [&[][..], &["--rust", "rules"]] {
        let lock = ["--lock", "lock.toml", "--crate-version", "0.3.1"];
        let (printed, said, code) = run.run(&[source, &lock].concat());
        assert!(
            printed.contains("the crate's next version is 0.3.2"),
            "{printed}{said}"
        );
        assert_eq!(code, 0);
    }
    for rust in [&[][..], &["--rust", "rules"]] {
        let lock = "[types]\n\"/components/schemas/Nope\" = \"Thing\"\n[operations]\n\"PUT /notes\" = \"putNote\"\n";
        std::fs::write(run.path("lock.toml"), lock).unwrap();
        let call = [rust, &["--lock", "lock.toml"]].concat();
        let (printed, _, _) = run.run(&call);
        for place in ["/components/schemas/Nope", "PUT /notes"] {
            let line = format!(
                "note: name lock {place}: matches nothing in the document and keeps no name"
            );
            assert!(printed.contains(&line), "{printed}");
        }
        let (printed, _, _) = run.run(&[&call[..], &["--format", "json"]].concat());
        let report: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(report["notes"].as_array().unwrap().len(), 2);
        assert_eq!(report["notes"][1]["pointer"], "PUT /notes");
    }
    for (lock, complaint) in [
        (
            "[types]\nThing = \"Other\"",
            "Thing in the name lock is no place",
        ),
        (
            "[operations]\n\"GET /a\" = \"x\"\n\"GET /b\" = \"x\"",
            "calls both GET /a and GET /b x",
        ),
        ("[names]", "the name lock can't be read"),
    ] {
        std::fs::write(run.path("lock.toml"), lock).unwrap();
        let (_, said, code) = run.run(&["--lock", "lock.toml"]);
        assert_eq!(code, 10);
        assert!(said.contains(complaint), "{said}");
    }
    assert_eq!(run.run(&["--crate-version", "next"]).2, 10);
}
