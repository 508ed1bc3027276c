//! The program: what it prints, what it writes, how it ends.

use std::path::Path;
use std::process::{Command, Output};

use openapi_lower::Loss;
use serde_json::Value;

const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: Words, version: '1'}
paths:
  /words:
    get:
      operationId: list_words
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Word'}}}}}
components:
  schemas:
    Word: {type: object, properties: {text: {type: [string, 'null'], maxLength: 9}, on: {enum: [on, off]}}}
";

/// Runs the program in `folder`, which has `words.yaml`.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    std::fs::write(folder.join("words.yaml"), DOCUMENT).unwrap();
    let program = env!("CARGO_BIN_EXE_openapi-lower");
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The message of a run that is refused and prints nothing else.
fn refusal(name: &str, text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    let output = run(folder.path(), &[name, "-o", "out.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    assert!(!folder.path().join("out.json").exists());
    stderr(&output)
}

#[test]
fn the_document_goes_to_stdout_and_the_losses_to_stderr() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["words.yaml"]);
    assert_eq!(output.status.code(), Some(0));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["openapi"], "3.0.3");
    let known = &document["components"]["schemas"]["WordOnKnown"]["enum"];
    assert_eq!(known, &serde_json::json!(["on", "off"]));
    let bound = "#/components/schemas/Word/properties/text/maxLength: maxLength: kept a string; \
                 given up: the bound: a response beyond it still decodes\n";
    assert!(stderr(&output).contains(bound), "{}", stderr(&output));
}

#[test]
fn losses_can_be_read_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["words.yaml", "--losses", "json"]);
    let losses: Vec<Loss> = serde_json::from_slice(&output.stderr).unwrap();
    assert!(losses.iter().any(|loss| loss.construct == "maxLength"));
}

#[test]
fn the_output_file_is_whole_and_alone() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["words.yaml", "-o", "out.json"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, b"");
    let printed = run(folder.path(), &["words.yaml"]).stdout;
    assert_eq!(
        std::fs::read(folder.path().join("out.json")).unwrap(),
        printed
    );
    let mut files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["out.json", "words.yaml"]);
}

#[test]
fn an_output_that_cannot_be_written_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["words.yaml", "-o", "missing/out.json"]);
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(
        message.starts_with("error: cannot write missing/out.json: No such file"),
        "{message}"
    );

    // A folder stands where the file should go.
    std::fs::create_dir(folder.path().join("out")).unwrap();
    let output = run(folder.path(), &["words.yaml", "-o", "out"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).starts_with("error: cannot write out: "));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    assert_eq!(
        std::fs::read_dir(folder.path().join("out"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_no_file_is_written_to_and_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(folder.path(), &["words.yaml"]).stdout;
    let output = run(folder.path(), &["words.yaml", "-o", "/dev/stdout"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(output.stdout, printed);
}

#[test]
fn a_selection_is_taken_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["words.yaml", "--operation", "list_words"]);
    assert_eq!(output.status.code(), Some(0));
    let output = run(folder.path(), &["words.yaml", "--operation", "list_birds"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "error: words.yaml#/paths: no operation has the selected id `list_birds`; there is `list_words`\n"
    );
}

#[test]
fn a_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["gone.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(
        message.starts_with("error: cannot read gone.yaml: No such file"),
        "{message}"
    );
}

#[test]
fn a_file_that_is_neither_json_nor_yaml_is_refused_with_its_line() {
    let message = refusal("bad.yaml", "openapi: 3.1.0\ninfo: {title: x\npaths: {}\n");
    assert!(
        message.starts_with("error: bad.yaml is not YAML: "),
        "{message}"
    );
    assert!(message.contains("line 3"), "{message}");
    let message = refusal("bad.json", "{\n\"openapi\": 3.1,\n}");
    assert_eq!(
        message,
        "error: bad.json is not JSON: trailing comma at line 3 column 1\n"
    );
}

#[test]
fn yaml_may_begin_with_a_brace() {
    let folder = tempfile::tempdir().unwrap();
    let text = "{openapi: 3.1.0, info: {title: x, version: '1'}, paths: {}}";
    std::fs::write(folder.path().join("flow.yaml"), text).unwrap();
    let output = run(folder.path(), &["flow.yaml"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn other_versions_are_refused_or_taken() {
    let message = refusal(
        "two.yaml",
        "swagger: '2.0'\ninfo: {title: x, version: '1'}\npaths: {}\n",
    );
    assert_eq!(
        message,
        "error: two.yaml#/swagger: this is Swagger 2; convert it to OpenAPI 3 first\n"
    );
    let message = refusal("four.yaml", "openapi: 4.0.0\n");
    assert_eq!(
        message,
        "error: four.yaml#/openapi: version \"4.0.0\" is not supported; expected 3.0, 3.1 or 3.2\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let old = "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths: {}\n";
    std::fs::write(folder.path().join("three.yaml"), old).unwrap();
    assert_eq!(run(folder.path(), &["three.yaml"]).status.code(), Some(0));
}

#[test]
fn wrong_usage_ends_with_two() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&[][..], &["words.yaml", "--losses", "xml"], &["--colour"]] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stderr(&output).contains("try '--help'"),
            "{}",
            stderr(&output)
        );
    }
}
