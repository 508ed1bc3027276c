//! Keywords that nobody can use: each is ignored by itself and said so, and what becomes of it is no guess.
#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_pass_by_value)]

use openapi_drift::{Change, Report, Verdict, compare};
use serde_json::{Value, json};

fn document(schema: Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "paths": {"/t": {"post": {
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {"204": {"description": "done"}}
        }}}
    })
}

fn members(a: Value, b: Value) -> Value {
    document(json!({"type": "object", "properties": {"a": a, "b": b}}))
}

const SCHEMA: &str = "#/paths/~1t/post/requestBody/content/application~1json/schema";

fn of(old: Value, new: Value) -> Report {
    compare(&members(json!({}), old), &members(json!({}), new)).unwrap()
}

fn only(report: &Report) -> &Change {
    assert_eq!(report.changes.len(), 1, "{:#?}", report.changes);
    &report.changes[0]
}

#[test]
fn one_unusable_keyword_costs_no_witness_of_another() {
    for (odd, place, why) in [
        (
            json!({"type": "string", "pattern": "(["}),
            "/properties/b/pattern",
            "\"([\" is no regular expression that can be used and is ignored",
        ),
        (
            json!({"type": "string", "maxLength": -1}),
            "/properties/b/maxLength",
            "-1 is no count: a whole number from 0 on and is ignored",
        ),
        (
            json!({"maxLength": "5"}),
            "/properties/b/maxLength",
            "\"5\" is no count: a whole number from 0 on and is ignored",
        ),
        (
            json!({"$ref": "#/components/schemas/Nope"}),
            "/properties/b/$ref",
            "\"#/components/schemas/Nope\" names nothing in this document and is ignored",
        ),
        (
            json!({"$ref": "other.yaml#/X"}),
            "/properties/b/$ref",
            "\"other.yaml#/X\" names another document, which is not read and is ignored",
        ),
        (
            json!({"type": "object", "required": "a"}),
            "/properties/b/required",
            "\"a\" is no list of names and is ignored",
        ),
        (
            json!({"enum": "a"}),
            "/properties/b/enum",
            "\"a\" is no list and is ignored",
        ),
        (
            json!({"type": "text"}),
            "/properties/b/type",
            "\"text\" names no kind of value and is ignored",
        ),
        (
            json!({"multipleOf": 0}),
            "/properties/b/multipleOf",
            "0 is no number above 0 and is ignored",
        ),
        (
            json!({"anyOf": []}),
            "/properties/b/anyOf",
            "[] is no list of schemas and is ignored",
        ),
        (
            json!({"anyOf": [{"type": "string"}, "x"]}),
            "/properties/b/anyOf/1",
            "\"x\" is no schema and is ignored",
        ),
        (
            json!({"patternProperties": {"(": {"type": "string"}}}),
            "/properties/b/patternProperties/(",
            "{\"type\":\"string\"} is named by no regular expression and is ignored",
        ),
        (
            json!("text"),
            "/properties/b",
            "\"text\" is no schema and is ignored",
        ),
        (
            json!({"items": 1}),
            "/properties/b/items",
            "1 is no schema and is ignored",
        ),
    ] {
        let a = |limit: Value| json!({"type": "string", "maxLength": limit});
        let report = compare(
            &members(a(json!(5)), odd.clone()),
            &members(a(json!(3)), odd.clone()),
        )
        .unwrap();
        let change = only(&report);
        assert_eq!(change.verdict, Verdict::Breaking, "{odd}");
        assert_eq!(
            change.witness.as_ref().unwrap().instance["a"],
            "aaaa",
            "{odd}"
        );
        let said: Vec<_> = report
            .notes
            .iter()
            .map(|note| {
                (
                    note.about.as_str(),
                    note.pointer.clone(),
                    note.message.as_str(),
                )
            })
            .collect();
        assert_eq!(said, [("both documents", format!("{SCHEMA}{place}"), why)]);
    }
}

#[test]
fn what_plainly_meant_the_same_is_a_correction() {
    for (odd, usable) in [
        (
            json!({"type": "string", "maxLength": "5"}),
            json!({"type": "string", "maxLength": 5}),
        ),
        (
            json!({"type": "object", "required": "x", "properties": {"x": {}}}),
            json!({"type": "object", "required": ["x"], "properties": {"x": {}}}),
        ),
        (
            json!({"type": "string", "enum": "x"}),
            json!({"type": "string", "enum": ["x"]}),
        ),
        (
            json!({"type": "integer", "minimum": "1"}),
            json!({"type": "integer", "minimum": 1}),
        ),
        (
            json!({"type": "array", "uniqueItems": "true"}),
            json!({"type": "array", "uniqueItems": true}),
        ),
        (
            json!({"type": "string", "required": false}),
            json!({"type": "string"}),
        ),
        (json!({"type": "String"}), json!({"type": "string"})),
        (
            json!({"type": "string", "minLength": null}),
            json!({"type": "string"}),
        ),
    ] {
        for (old, new) in [(&odd, &usable), (&usable, &odd)] {
            let report = of(old.clone(), new.clone());
            let change = only(&report);
            assert_eq!(change.verdict, Verdict::Equivalent, "{old} {change:#?}");
            let why = change.correction.as_ref().unwrap();
            assert!(why.ends_with("the other one means the same"), "{why}");
            assert_eq!(report.unknown, 0);
        }
    }
}

#[test]
fn what_nobody_could_use_is_no_promise_that_can_be_broken() {
    let old = json!({"type": "string", "pattern": "(["});
    for new in [
        json!({"type": "string", "pattern": "^a$"}),
        json!({"type": "string", "pattern": "(("}),
    ] {
        let report = of(old.clone(), new);
        let change = only(&report);
        assert_eq!(change.verdict, Verdict::Breaking);
        assert_eq!(change.witness, None);
        let why = change.unknown.as_ref().unwrap();
        assert!(
            why.starts_with("what the old document says there, \"([\", is no regular expression"),
            "{why}"
        );
        assert!(why.ends_with("so what changes is not known"), "{why}");
        assert_eq!(report.unknown, 1);
    }
    let gone = of(old, json!({"type": "string"}));
    assert_eq!(only(&gone).summary, "pattern of b: ([ is now nothing");
    assert_eq!(only(&gone).verdict, Verdict::Compatible);
    assert!(only(&gone).unknown.is_some());
    let found = of(
        json!({"$ref": "#/components/schemas/Nope"}),
        json!({"type": "integer"}),
    );
    assert!(
        only(&found)
            .unknown
            .as_ref()
            .unwrap()
            .contains("names nothing in this document")
    );
}

#[test]
fn schemas_that_stand_elsewhere_are_cleaned_too() {
    let with = |limit: u32| {
        let mut document = document(json!({"$ref": "#/definitions/T"}));
        document["definitions"] = json!({"T": {
            "type": "object", "required": "x",
            "properties": {"a": {"type": "string", "nullable": true, "maxLength": limit}}
        }});
        document
    };
    let report = compare(&with(5), &with(3)).unwrap();
    assert_eq!(
        only(&report).witness.as_ref().unwrap().instance["a"],
        "aaaa"
    );
    assert_eq!(report.notes[0].pointer, "#/definitions/T/required");
}

#[test]
fn one_in_a_schema_that_can_be_null_is_told_once_and_where_it_stands() {
    let with = |own: Value| {
        let mut document = members(json!({}), json!({"nullable": true, "allOf": [own]}));
        document["openapi"] = json!("3.0.3");
        document
    };
    let place = format!("{SCHEMA}/properties/b/allOf/0/maxLength");
    let odd = with(json!({"type": "string", "maxLength": "5"}));
    let report = compare(&odd, &with(json!({"type": "string", "maxLength": 5}))).unwrap();
    assert_eq!(only(&report).verdict, Verdict::Equivalent);
    assert_eq!(only(&report).pointer, place);
    assert_eq!(report.notes[0].pointer, place);
    let report = compare(&odd, &with(json!({"type": "string", "maxLength": 3}))).unwrap();
    assert_eq!(only(&report).pointer, place);
    assert!(only(&report).unknown.is_some());
    let nowhere = with(json!({"$ref": "#/nowhere"}));
    let report = compare(&nowhere, &with(json!({"type": "string"}))).unwrap();
    assert!(
        only(&report)
            .unknown
            .as_ref()
            .unwrap()
            .contains("names nothing in this document")
    );
}

#[test]
fn a_place_is_the_one_in_the_document_whatever_it_is_read_as() {
    let encoded = |own: Value| json!({"type": "string", "contentEncoding": own});
    let place = format!("{SCHEMA}/properties/b/contentEncoding");
    for (old, new) in [
        (encoded(json!("base64")), encoded(json!("base64url"))),
        (json!({"type": "string"}), encoded(json!("base64"))),
        (
            json!({"type": "string", "format": "byte"}),
            encoded(json!("base64url")),
        ),
    ] {
        let report = of(old, new);
        assert_eq!(
            (only(&report).rule.as_str(), &only(&report).pointer),
            ("format", &place)
        );
    }
    let report = of(encoded(json!(5)), encoded(json!("base64")));
    assert_eq!(only(&report).pointer, place);
    assert!(only(&report).unknown.is_some());
    let mut nullable = [5, 3].map(|most| {
        members(
            json!({}),
            json!({"nullable": true, "allOf": [{"type": "string", "maxLength": most}]}),
        )
    });
    nullable
        .iter_mut()
        .for_each(|document| document["openapi"] = json!("3.0.3"));
    let report = compare(&nullable[0], &nullable[1]).unwrap();
    assert_eq!(
        only(&report).pointer,
        format!("{SCHEMA}/properties/b/allOf/0/maxLength")
    );
    assert_eq!(
        only(&report).witness.as_ref().unwrap().instance,
        json!({"b": "aaaa"})
    );
}
