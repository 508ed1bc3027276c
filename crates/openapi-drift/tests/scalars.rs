//! One text or number, sent and received: lists against limits, alternatives, widths of integers.
#![allow(clippy::unwrap_used, clippy::panic)]

use openapi_drift::compare;
use serde_json::{Value, json};

/// A document in which a value of this schema is sent.
fn sent(schema: &Value) -> Value {
    let body = json!({"type": "object", "properties": {"z": schema}});
    json!({
        "openapi": "3.1.0",
        "paths": {"/t": {"post": {
            "requestBody": {"required": true, "content": {"application/json": {"schema": body}}},
            "responses": {"204": {"description": "done"}},
        }}},
    })
}

/// A document in which it is received.
fn received(schema: &Value) -> Value {
    let body = json!({"type": "object", "properties": {"z": schema}});
    json!({
        "openapi": "3.1.0",
        "paths": {"/t": {"get": {
            "responses": {"200": {"description": "done", "content": {"application/json": {"schema": body}}}},
        }}},
    })
}

/// The verdict; every break has a witness.
fn verdict(old: &Value, new: &Value) -> &'static str {
    let report = compare(old, new).unwrap();
    assert_eq!(report.unknown, 0, "{old} {new} {:?}", report.changes);
    report.verdict.as_str()
}

#[test]
fn a_change_is_judged_for_those_who_send_and_those_who_receive() {
    let any_of = |all: &[Value]| json!({"anyOf": all});
    let format = |name: &str| json!({"type": "string", "format": name});
    let most = |length: u64| json!({"type": "string", "maxLength": length});
    let width = |name: &str| json!({"type": "integer", "format": name});
    let integer = json!({"type": "integer"});
    let string = json!({"type": "string"});
    let below = |most: i64| json!({"type": "integer", "maximum": most});
    let above = |least: i64| json!({"type": "integer", "minimum": least});
    let within =
        |least: i64, most: i64| json!({"type": "integer", "minimum": least, "maximum": most});
    let step = |of: f64| json!({"type": "number", "multipleOf": of});
    for (old, new, send, receive) in [
        // Lists and limits.
        (
            json!({"enum": [1, 9]}),
            below(5),
            "breaking",
            "breaking-closed",
        ),
        (
            json!({"enum": [1, 4]}),
            below(5),
            "compatible",
            "breaking-closed",
        ),
        (below(5), json!({"enum": [1, 9]}), "breaking", "behaviour"),
        (below(5), json!({"enum": [1, 4]}), "breaking", "compatible"),
        (
            json!({"enum": ["ab", "b"]}),
            json!({"type": "string", "pattern": "^a"}),
            "breaking",
            "breaking-closed",
        ),
        (
            most(3),
            json!({"enum": ["ab", "abcdef"]}),
            "breaking",
            "behaviour",
        ),
        (
            format("uuid"),
            json!({"enum": ["me"]}),
            "breaking",
            "breaking",
        ),
        // Alternatives.
        (
            any_of(&[format("date"), format("date-time")]),
            any_of(&[format("date"), integer.clone()]),
            "breaking",
            "breaking",
        ),
        (
            any_of(&[below(5), above(10)]),
            any_of(&[below(5), string.clone()]),
            "breaking",
            "breaking",
        ),
        (
            format("date-time"),
            any_of(&[format("date-time"), format("date")]),
            "compatible",
            "breaking",
        ),
        (
            format("uuid"),
            any_of(&[format("uuid"), json!({"enum": ["me"]})]),
            "compatible",
            "breaking",
        ),
        (
            json!({"enum": ["me"]}),
            any_of(&[json!({"enum": ["me"]}), format("uuid")]),
            "compatible",
            "breaking-closed",
        ),
        (
            most(3),
            any_of(&[most(3), json!({"type": "string", "pattern": "^abcd"})]),
            "compatible",
            "behaviour",
        ),
        // Widths.
        (
            width("int32"),
            any_of(&[width("int32"), width("int64")]),
            "compatible",
            "breaking",
        ),
        (width("uint8"), width("uint16"), "compatible", "breaking"),
        (width("uint16"), width("uint8"), "breaking", "compatible"),
        (width("int64"), integer.clone(), "compatible", "behaviour"),
        (integer.clone(), width("int64"), "breaking", "compatible"),
        (width("uint32"), width("int64"), "compatible", "breaking"),
        (
            json!({"type": "number", "format": "float"}),
            json!({"type": "number", "format": "double"}),
            "compatible",
            "behaviour",
        ),
        (
            json!({"type": "number", "format": "double"}),
            json!({"type": "number", "format": "float"}),
            "behaviour",
            "behaviour",
        ),
        // Steps and formats.
        (
            json!({"type": "number"}),
            step(0.5),
            "breaking",
            "compatible",
        ),
        (
            json!({"type": "integer", "multipleOf": 3, "exclusiveMaximum": 1}),
            json!({"type": "integer", "multipleOf": 4, "exclusiveMaximum": 1}),
            "breaking",
            "behaviour",
        ),
        (step(1.0), step(0.5), "compatible", "breaking"),
        (
            format("uri"),
            format("uri-reference"),
            "compatible",
            "behaviour",
        ),
        (string, format("regex"), "breaking", "compatible"),
        // A format can be what a pattern says.
        (
            format("date"),
            json!({"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$"}),
            "compatible",
            "breaking",
        ),
        (
            format("date"),
            json!({"type": "string", "pattern": "^20"}),
            "breaking",
            "breaking",
        ),
        // A few whole numbers, listed or not.
        (
            within(1, 3),
            json!({"enum": [1, 2, 3]}),
            "equivalent",
            "equivalent",
        ),
        (
            within(-2, 10),
            json!({"enum": (-2..=10).collect::<Vec<i64>>()}),
            "equivalent",
            "equivalent",
        ),
        (
            within(1, 3),
            json!({"enum": [1, 2, 3, 4]}),
            "compatible",
            "breaking-closed",
        ),
        (
            json!({"enum": [1, 2]}),
            within(1, 3),
            "compatible",
            "breaking-closed",
        ),
        (
            json!({"enum": ["a", "b"]}),
            json!({"enum": ["a", "b"], "pattern": "^a"}),
            "breaking",
            "compatible",
        ),
        (
            json!({"enum": ["a", "b"], "pattern": "^a"}),
            json!({"type": "string", "pattern": "^a"}),
            "compatible",
            "breaking-closed",
        ),
        (
            json!({"enum": [1, 2], "multipleOf": 2}),
            json!({"enum": [2]}),
            "equivalent",
            "equivalent",
        ),
        // A pattern that refuses all that is listed is no kind that comes or goes.
        (
            json!({"enum": ["A"], "pattern": "^[a-z]$"}),
            json!({"enum": ["A", "B"], "pattern": "^[a-z]$"}),
            "compatible",
            "compatible",
        ),
        (step(5.0), step(2.5), "compatible", "behaviour"),
        // Numbers within.
        (
            json!({"const": {"a": [1]}}),
            json!({"const": {"a": [1.0]}}),
            "equivalent",
            "equivalent",
        ),
    ] {
        assert_eq!(verdict(&sent(&old), &sent(&new)), send, "{old} {new}");
        assert_eq!(
            verdict(&received(&old), &received(&new)),
            receive,
            "{old} {new}"
        );
    }
}

#[test]
fn what_is_refused_or_comes_is_named() {
    let told = |old: Value, new: Value| -> Vec<String> {
        let report = compare(&sent(&old), &sent(&new)).unwrap();
        report
            .changes
            .iter()
            .map(|change| change.summary.clone())
            .collect()
    };
    assert_eq!(
        told(
            json!({"enum": [1, 9]}),
            json!({"type": "integer", "maximum": 5})
        ),
        ["z can't be 9 any more", "z is no longer limited to [1,9]"]
    );
    let uuid = json!({"type": "string", "format": "uuid"});
    assert_eq!(
        told(
            uuid.clone(),
            json!({"anyOf": [uuid, {"type": "string", "maxLength": 3}]})
        ),
        [r#"z can be {"maxLength":3,"type":"string"} now"#]
    );
}
