//! The checks see what is wrong: each test gives them a type that compiles and does not say what the document says.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use openapi_fidelity::{Difference, Kind, Report, Subject, check, check_source};
use openapi_lower::{Document30, Options, lower};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A document with one request and one response, both components.
fn document(request: &Value, response: &Value) -> Value {
    let body = |name: &str| json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Jobs", "version": "1"},
        "paths": {"/jobs": {"post": {
            "operationId": "createJob",
            "requestBody": {"required": true, "content": body("Create")},
            "responses": {
                "200": {"description": "ok", "content": body("Job")},
                "4XX": {"description": "no", "content": body("Failure")}
            }
        }}},
        "components": {"schemas": {
            "Create": request,
            "Job": response,
            "Failure": {
                "type": "object",
                "required": ["error"],
                "properties": {"error": {"$ref": "#/components/schemas/Fault"}}
            },
            "Fault": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {"code": {"type": "string"}, "message": {"type": "string"}}
            }
        }}
    })
}

fn report(document: &Value, subjects: &[Subject]) -> Report {
    let (lowered, losses) = lower(document, &Options::default()).unwrap();
    check(document, &lowered, &losses, subjects).unwrap()
}

/// The unexplained differences of one type, with what was said of each.
fn found<'r>(report: &'r Report, name: &str) -> Vec<&'r Difference> {
    report
        .unexplained()
        .filter(|difference| difference.type_name == name && difference.kind != Kind::Missing)
        .collect()
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Empty {}

fn object() -> Value {
    json!({"type": "object"})
}

/// typify reuses the first `Type` that it met for the second: only one of the two alternatives is left.
mod collapsed {
    use super::*;

    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    enum Type {
        #[serde(rename = "asset_id")]
        AssetId,
    }

    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Url {
        r#type: Type,
        url: String,
    }

    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Asset {
        r#type: Type,
        asset_id: String,
    }

    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    #[serde(untagged)]
    enum Create {
        Url(Url),
        Asset(Asset),
    }

    #[test]
    fn a_lost_alternative_is_seen() {
        let alternative = |kind: &str, field: &str| {
            json!({
                "type": "object", "additionalProperties": false, "required": ["type", field],
                "properties": {"type": {"title": "Type", "const": kind}, field: {"type": "string"}}
            })
        };
        let request =
            json!({"oneOf": [alternative("url", "url"), alternative("asset_id", "asset_id")]});
        let report = report(
            &document(&request, &object()),
            &[Subject::of::<Create>("Create")],
        );
        let found = found(&report, "Create");
        let refused: Vec<_> = found
            .iter()
            .filter(|difference| difference.kind == Kind::Refused)
            .collect();
        assert_eq!(refused.len(), 1, "{report}");
        assert_eq!(refused[0].pointer, "/components/schemas/Create");
        assert_eq!(refused[0].instance["type"], "url");
        // The other way round: a URL can be sent under the tag of an asset.
        assert!(
            found
                .iter()
                .any(|difference| difference.kind == Kind::Invented),
            "{report}"
        );
    }
}

#[test]
fn an_error_body_that_decodes_as_the_success_type_is_seen() {
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    struct CreateJobResponse {
        data: Option<Value>,
    }
    let report = report(
        &document(&object(), &object()),
        &[Subject::of::<CreateJobResponse>("Failure")],
    );
    let found = found(&report, "Failure");
    assert!(
        found.iter().any(|difference| {
            difference.kind == Kind::Changed
                && difference.place == "/error"
                && difference.detail == "does not come back"
        }),
        "{report}"
    );
}

#[test]
fn a_closed_enumeration_in_a_response_is_seen() {
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Status {
        Running,
        Done,
    }
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    struct Job {
        status: Status,
        #[serde(flatten)]
        extra: serde_json::Map<String, Value>,
    }
    let response = json!({
        "type": "object", "required": ["status"],
        "properties": {"status": {"enum": ["running", "done"]}}
    });
    let report = report(
        &document(&object(), &response),
        &[Subject::of::<Job>("Job")],
    );
    let found = found(&report, "Job");
    assert_eq!(found.len(), 1, "{report}");
    assert_eq!(
        (found[0].kind, found[0].place.as_str()),
        (Kind::NoveltyRefused, "/status")
    );
}

#[test]
fn a_field_that_is_dropped_for_being_new_is_seen() {
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    struct Job {
        id: String,
    }
    let response =
        json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}});
    let report = report(
        &document(&object(), &response),
        &[Subject::of::<Job>("Job")],
    );
    let found = found(&report, "Job");
    assert_eq!(found.len(), 1, "{report}");
    assert_eq!(
        (found[0].kind, found[0].detail.as_str()),
        (Kind::NoveltyChanged, "does not come back")
    );
}

#[test]
fn a_value_that_is_missing_from_an_open_enumeration_is_seen() {
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    #[serde(untagged)]
    enum Job {
        Known(Known),
        Unknown(String),
    }
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Known {
        Running,
    }
    let response = json!({"type": "string", "enum": ["running", "done"]});
    let report = report(
        &document(&object(), &response),
        &[Subject::of::<Job>("Job")],
    );
    let found = found(&report, "Job");
    assert_eq!(found.len(), 1, "{report}");
    assert_eq!(
        (found[0].kind, &found[0].instance),
        (Kind::Misread, &json!("done"))
    );
}

#[test]
fn a_default_that_is_sent_unasked_is_seen() {
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Create {
        #[serde(default = "five")]
        count: u64,
    }
    fn five() -> u64 {
        5
    }
    let request = json!({
        "type": "object", "additionalProperties": false,
        "properties": {"count": {"type": "integer", "minimum": 0, "default": 5}}
    });
    let report = report(
        &document(&request, &object()),
        &[Subject::of::<Create>("Create")],
    );
    let found = found(&report, "Create");
    assert_eq!(found.len(), 1, "{report}");
    assert_eq!(
        (found[0].kind, found[0].detail.as_str()),
        (Kind::Changed, "5 is added")
    );
}

#[test]
fn a_request_that_sends_what_is_not_allowed_is_seen() {
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    struct Create {
        url: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        ratio: Option<String>,
    }
    let request = json!({
        "type": "object", "required": ["url"],
        "properties": {"url": {"type": "string", "maxLength": 20}, "ratio": {"enum": ["16:9", "9:16"]}}
    });
    let report = report(
        &document(&request, &object()),
        &[Subject::of::<Create>("Create")],
    );
    let details: Vec<&str> = found(&report, "Create")
        .iter()
        .map(|difference| difference.detail.as_str())
        .collect();
    for keyword in ["url/maxLength", "ratio/enum"] {
        let wanted = format!(
            "the document says otherwise at #/components/schemas/Create/properties/{keyword}"
        );
        assert!(details.contains(&wanted.as_str()), "{report}");
    }
}

#[test]
fn an_example_that_does_not_come_back_is_seen() {
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    struct Job {
        id: String,
    }
    let response = json!({
        "type": "object", "required": ["id"], "properties": {"id": {"type": "string"}},
        "examples": [{"id": "j1", "note": "not declared"}, {"id": 5}]
    });
    let report = report(
        &document(&object(), &response),
        &[Subject::of::<Job>("Job")],
    );
    assert_eq!(report.counts().examples, 1);
    let found = found(&report, "Job");
    assert_eq!(
        (found[0].kind, found[0].place.as_str()),
        (Kind::Changed, "/note"),
        "{report}"
    );
    let note = "#/components/schemas/Job/examples/1: the example is not valid under #/components/schemas/Job";
    assert!(
        report.notes().contains(&note.to_owned()),
        "{:?}",
        report.notes()
    );
}

#[test]
fn a_type_that_nobody_tries_is_seen() {
    let report = report(
        &document(&object(), &object()),
        &[Subject::of::<Empty>("Stranger")],
    );
    let missing: Vec<&str> = report
        .unexplained()
        .filter(|difference| difference.kind == Kind::Missing)
        .map(|difference| difference.type_name.as_str())
        .collect();
    assert_eq!(missing, ["Create", "Failure", "Fault", "Job", "Stranger"]);
}

#[test]
fn a_loss_explains_only_where_it_is() {
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    struct Create {
        a: String,
        b: String,
    }
    let rule = |length: u64| json!({"type": "string", "not": {"maxLength": length}});
    let request = json!({"type": "object", "required": ["a", "b"], "properties": {"a": rule(2), "b": rule(3)}});
    let document = document(&request, &object());
    let (lowered, mut losses) = lower(&document, &Options::default()).unwrap();
    let subjects = [Subject::of::<Create>("Create")];
    let unexplained = |losses: &[openapi_lower::Loss]| {
        let report = check(&document, &lowered, losses, &subjects).unwrap();
        found(&report, "Create")
            .iter()
            .map(|difference| difference.detail.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(unexplained(&losses), Vec::<String>::new());
    losses.retain(|loss| !loss.pointer.contains("/b"));
    let at = "/components/schemas/Create/properties/b/not";
    assert_eq!(
        unexplained(&losses),
        [format!("the document says otherwise at #{at}")]
    );
}

#[test]
fn data_that_the_first_alternative_swallows_is_explained_by_that_alone() {
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    #[serde(untagged)]
    enum Job {
        A { a: Option<String> },
        B { b: Option<String> },
    }
    let part = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}});
    let response = json!({"anyOf": [part("a"), part("b")]});
    let document = document(&object(), &response);
    let (lowered, mut losses) = lower(&document, &Options::default()).unwrap();
    let subjects = [Subject::of::<Job>("Job")];
    // Without the loss that says so, no other loss at the same place will do.
    losses.retain(|loss| loss.construct != "anyOf");
    let report = check(&document, &lowered, &losses, &subjects).unwrap();
    let found = found(&report, "Job");
    assert!(
        found
            .iter()
            .any(|difference| difference.kind == Kind::Changed && difference.place == "/b"),
        "{report}"
    );
}

#[test]
fn what_no_type_refuses_is_explained_by_the_keyword_that_was_given_up() {
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    struct Create {
        stock: Value,
        title: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        both: Option<String>,
    }
    let request = json!({
        "type": "object",
        "required": ["stock", "title"],
        "properties": {
            "stock": {"type": "null"},
            "title": {"type": "string", "nullable": true},
            "both": {"allOf": [{"type": "string"}, {"type": "integer"}]}
        }
    });
    let document = document(&request, &object());
    let report = report(&document, &[Subject::of::<Create>("Create")]);
    assert_eq!(found(&report, "Create").len(), 0, "{report}");
    let mut because: Vec<String> = report
        .differences()
        .iter()
        .filter_map(|difference| Some(difference.explanation.as_ref()?.pointer.clone()))
        .collect();
    because.sort();
    because.dedup();
    assert_eq!(
        because,
        [
            "/components/schemas/Create/properties/both",
            "/components/schemas/Create/properties/stock/type",
            "/components/schemas/Create/properties/title/nullable",
        ]
    );
}

#[test]
fn types_are_counted_in_the_generated_code() {
    let document = document(&object(), &object());
    let (lowered, _): (Document30, _) = lower(&document, &Options::default()).unwrap();
    let source = "pub mod types { struct Create {} enum Job {} struct Failure; struct Failure; struct Made; }";
    let found = check_source(&lowered, source).unwrap();
    let said: Vec<_> = found
        .iter()
        .map(|difference| {
            (
                difference.type_name.as_str(),
                difference.kind,
                difference.detail.as_str(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (
                "Failure",
                Kind::Shared,
                "the generated code defines it 2 times"
            ),
            (
                "Fault",
                Kind::Missing,
                "the generated code does not define it"
            ),
            (
                "Made",
                Kind::Shared,
                "the generator made it up: the lowered document has no such component"
            ),
        ]
    );
}

#[test]
fn the_report_reads_well() {
    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    struct Job {
        id: u64,
    }
    let response =
        json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}});
    let subjects = [
        Subject::of::<Empty>("Create"),
        Subject::of::<Job>("Job"),
        Subject::of::<Value>("Failure"),
        Subject::of::<Value>("Fault"),
    ];
    let text = report(&document(&object(), &response), &subjects).to_string();
    let wanted = "Job, #/components/schemas/Job (response): a valid value is refused: invalid type: string \"text\", \
                  expected u64\n  instance: {\"id\":\"text\"}";
    assert!(text.contains(wanted), "{text}");
}
