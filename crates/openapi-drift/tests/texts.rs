//! Parameters travel as text: the texts are compared, and not the JSON that schemas speak of.
#![allow(clippy::unwrap_used, clippy::panic)]

use openapi_drift::{Change, Rust, Verdict, compare};
use serde_json::{Value, json};

/// The one change of a parameter's schema.
fn change(location: &str, old: &Value, new: &Value) -> Change {
    let document = |schema: &Value| {
        json!({
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {"/t/{x}": {"get": {
                "parameters": [{"name": "x", "in": location, "required": true, "schema": schema}],
                "responses": {"204": {"description": "done"}}
            }}}
        })
    };
    let mut report = compare(&document(old), &document(new)).unwrap();
    assert_eq!(report.changes.len(), 1, "{old} {new}: {:?}", report.changes);
    report.changes.remove(0)
}

#[test]
fn a_parameter_that_takes_every_text_of_before_breaks_rust_alone() {
    let string = json!({"type": "string"});
    let cases = [
        ("query", json!({"type": "integer"}), string.clone()),
        ("path", json!({"type": "number"}), string.clone()),
        ("header", json!({"type": "boolean"}), string.clone()),
        (
            "cookie",
            json!({"type": ["integer", "null"]}),
            string.clone(),
        ),
        (
            "query",
            json!({"type": "integer", "enum": [1, 2]}),
            json!({"type": "string", "enum": ["1", "2"]}),
        ),
        (
            "query",
            string.clone(),
            json!({"type": "array", "items": string}),
        ),
        (
            "header",
            json!({"type": "array", "items": {"type": "integer"}}),
            string.clone(),
        ),
        (
            "query",
            json!({"type": "integer"}),
            json!({"type": "array", "items": {"type": "integer"}}),
        ),
        (
            "header",
            json!({"type": "integer", "minimum": 1, "maximum": 9}),
            json!({"type": "array", "minItems": 1, "items": {"type": "number", "maximum": 9}}),
        ),
    ];
    let numbers = [
        ("^[1-9][0-9]{0,3}$", json!({"type": "integer"})),
        (
            "^(0|[1-9]\\d{0,3})$",
            json!({"type": "integer", "format": "int32", "minimum": 0, "maximum": 9999}),
        ),
        ("^-?[1-9]\\d{0,3}(\\.\\d)?$", json!({"type": "number"})),
    ];
    let numbers = numbers.map(|(pattern, number)| {
        let digits = json!({"type": "string", "pattern": pattern});
        ("query", digits, number)
    });
    for (location, old, new) in cases.into_iter().chain(numbers) {
        let change = change(location, &old, &new);
        assert_eq!(
            (change.verdict, change.rust, change.witness),
            (Verdict::Compatible, Rust::Major, None),
            "{location} {old} {new}"
        );
    }
    let null = json!({"anyOf": [{"type": "integer"}, {"type": "null"}]});
    let change = change("query", &null, &json!({"type": "integer"}));
    assert_eq!(change.verdict, Verdict::Compatible);
}

#[test]
fn a_text_that_is_refused_is_the_witness() {
    for (location, old, new, line) in [
        (
            "query",
            json!({"type": "string"}),
            json!({"type": "integer"}),
            "GET /t/{x}?x=a",
        ),
        (
            "query",
            json!({"type": "integer", "enum": [1, 12]}),
            json!({"type": "string", "enum": ["1", "2"]}),
            "GET /t/{x}?x=12",
        ),
        (
            "path",
            json!({"type": "boolean"}),
            json!({"type": "integer"}),
            "GET /t/true",
        ),
        // `00` is how no number is written.
        (
            "query",
            json!({"type": "string", "pattern": "^[0-9]{1,4}$"}),
            json!({"type": "integer"}),
            "GET /t/{x}?x=00",
        ),
        (
            "query",
            json!({"type": "string", "pattern": "^[1-9][0-9]{0,3}$"}),
            json!({"type": "integer", "maximum": 999}),
            "GET /t/{x}?x=1000",
        ),
        (
            "header",
            json!({"type": "integer"}),
            json!({"type": "array", "items": {"type": "integer", "maximum": 9}}),
            "GET /t/{x} with x: 300",
        ),
        // One key cannot be there twice for a single value.
        (
            "query",
            json!({"type": "array", "minItems": 2, "items": {"type": "integer"}}),
            json!({"type": "string"}),
            "GET /t/{x}?x=1&x=1",
        ),
    ] {
        let change = change(location, &old, &new);
        assert_eq!(change.verdict, Verdict::Breaking, "{old} {new}");
        assert_eq!(change.witness.unwrap().line, line);
    }
}

#[test]
fn a_single_value_is_written_in_the_style_of_the_list_that_it_becomes() {
    let document = |written: &Value, schema: &Value| {
        let mut parameter = json!({"name": "x", "in": "query", "schema": schema});
        parameter
            .as_object_mut()
            .unwrap()
            .extend(written.as_object().unwrap().clone());
        json!({"openapi": "3.1.0", "paths": {"/t": {"get": {
            "parameters": [parameter],
            "responses": {"204": {"description": "done"}}
        }}}})
    };
    let (string, list) = (
        json!({"type": "string"}),
        json!({"type": "array", "items": {"type": "string"}}),
    );
    let usual = document(&json!({}), &string);
    for written in [
        json!({"explode": false}),
        json!({"style": "pipeDelimited", "explode": false}),
        json!({"style": "spaceDelimited", "explode": false}),
    ] {
        let list = document(&written, &list);
        for (old, new) in [(&usual, &list), (&list, &usual)] {
            let report = compare(old, new).unwrap();
            assert_eq!(report.verdict, Verdict::Compatible, "{:?}", report.changes);
        }
    }
    // Repeated keys are no single text, and commas are no items.
    let repeated = document(&json!({"explode": true}), &list);
    assert_eq!(
        compare(&repeated, &usual).unwrap().verdict,
        Verdict::Breaking
    );
    let letters = json!({"type": "string", "pattern": "^[a-z,]*$"});
    let items = json!({"type": "array", "items": {"type": "string", "pattern": "^[a-z,]+$"}});
    let report = compare(
        &document(&json!({}), &letters),
        &document(&json!({"explode": false}), &items),
    );
    assert_eq!(report.unwrap().verdict, Verdict::Breaking);
}

#[test]
fn a_value_in_json_is_not_one_in_a_style_either_way() {
    let document = |parameter: &Value| {
        json!({"openapi": "3.1.0", "paths": {"/t": {"get": {
            "parameters": [parameter],
            "responses": {"204": {"description": "done"}}
        }}}})
    };
    for (kind, styled, wrapped) in [
        ("object", "k=a&l=b", "x=%7B%22k%22%3A%22a%22%7D"),
        ("array", "x=a&x=b", "x=%5B%22a%22%5D"),
        ("string", "x=a", "x=%22a%22"),
    ] {
        let schema = json!({"type": kind});
        let plain = document(&json!({"name": "x", "in": "query", "schema": schema}));
        let content = json!({"application/json": {"schema": schema}});
        let json_text = document(&json!({"name": "x", "in": "query", "content": content}));
        for (old, new, shown) in [(&plain, &json_text, styled), (&json_text, &plain, wrapped)] {
            let report = compare(old, new).unwrap();
            assert_eq!(report.verdict, Verdict::Breaking);
            let witness = report.changes[0].witness.as_ref().unwrap();
            assert_eq!(witness.instance, json!(shown));
        }
    }
}

/// The one change of a styled parameter.
fn styled(style: &str, explode: bool, old: &Value, new: &Value) -> Change {
    let location = if matches!(style, "matrix" | "label" | "simple") {
        "path"
    } else {
        "query"
    };
    let document = |schema: &Value| {
        json!({"openapi": "3.1.0", "paths": {"/t/{x}": {"get": {
            "parameters": [{
                "name": "x", "in": location, "required": true,
                "style": style, "explode": explode, "schema": schema
            }],
            "responses": {"204": {"description": "done"}}
        }}}})
    };
    let mut report = compare(&document(old), &document(new)).unwrap();
    assert_eq!(report.changes.len(), 1, "{old} {new}: {:?}", report.changes);
    report.changes.remove(0)
}

#[test]
fn every_style_is_compared_as_its_texts() {
    let scalar = |kind: &str| json!({"type": kind});
    let list = |kind: &str| json!({"type": "array", "items": {"type": kind}});
    let object = |kind: &str| json!({"type": "object", "required": ["k"], "properties": {"k": {"type": kind}}});
    for (style, explode, shape, line) in [
        (
            "label",
            false,
            &scalar as &dyn Fn(&str) -> Value,
            "GET /t/.a",
        ),
        ("label", true, &list, "GET /t/.a"),
        ("label", true, &object, "GET /t/.k=a"),
        ("label", false, &object, "GET /t/.k,a"),
        ("matrix", false, &scalar, "GET /t/;x=a"),
        ("matrix", true, &list, "GET /t/;x=a"),
        ("matrix", true, &object, "GET /t/;k=a"),
        ("matrix", false, &object, "GET /t/;x=k,a"),
        ("simple", false, &object, "GET /t/k,a"),
        ("simple", true, &object, "GET /t/k=a"),
        ("form", true, &object, "GET /t/{x}?k=a"),
        ("form", false, &object, "GET /t/{x}?x=k,a"),
        ("pipeDelimited", false, &list, "GET /t/{x}?x=a"),
        ("deepObject", true, &object, "GET /t/{x}?x[k]=a"),
    ] {
        let narrowed = styled(style, explode, &shape("string"), &shape("integer"));
        assert_eq!(narrowed.verdict, Verdict::Breaking, "{style} {explode}");
        assert_eq!(narrowed.witness.unwrap().line, line);
        let widened = styled(style, explode, &shape("integer"), &shape("string"));
        assert_eq!(
            widened.verdict,
            Verdict::Compatible,
            "{style} {line} {:?}",
            widened.unknown
        );
    }
}

#[test]
fn parts_within_parts_have_no_text() {
    let nested = |kind: &str| {
        json!({"type": "object", "required": ["k"], "properties": {"k": {
            "type": "object", "required": ["l"], "properties": {"l": {"type": kind}}
        }}})
    };
    let change = styled("deepObject", true, &nested("string"), &nested("integer"));
    assert_eq!((change.verdict, change.witness), (Verdict::Breaking, None));
    assert_eq!(
        change.unknown.as_deref(),
        Some("the standard does not say how such a value is written in this place")
    );
}

#[test]
fn what_shows_how_values_are_written_is_what_the_schema_allows() {
    let document = |schema: &Value, explode: bool| {
        json!({
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {"/t": {"get": {
                "parameters": [{"name": "x", "in": "query", "explode": explode, "schema": schema}],
                "responses": {"204": {"description": "done"}}
            }}}
        })
    };
    let cases = [
        (
            json!({"type": "array", "items": {"type": "string", "enum": ["open", "paid"]}}),
            "GET /t with x=open&x=paid",
        ),
        (
            json!({"type": "array", "minItems": 3, "items": {"type": "integer", "minimum": 5}}),
            "GET /t with x=5&x=6&x=7",
        ),
        (
            json!({"type": "array", "items": {"type": "string", "minLength": 2}}),
            "GET /t with x=aa&x=bb",
        ),
        (
            json!({"type": "object", "additionalProperties": false, "required": ["size"], "properties": {"on": {"type": "boolean"}, "size": {"type": "number"}}}),
            "GET /t with size=1&on=true",
        ),
    ];
    for (schema, line) in cases {
        let report = compare(&document(&schema, true), &document(&schema, false)).unwrap();
        let change = &report.changes[0];
        assert_eq!(change.verdict, Verdict::Breaking);
        let witness = change.witness.as_ref().unwrap();
        assert_eq!(witness.line, line);
    }
}

#[test]
fn a_number_is_written_alike_in_json_and_by_a_style() {
    let document = |how: Value| {
        json!({
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {"/t": {"get": {
                "parameters": [how],
                "responses": {"204": {"description": "done"}}
            }}}
        })
    };
    let number = json!({"type": "integer"});
    let old = document(json!({"name": "x", "in": "query", "schema": number}));
    let json = json!({"application/json": {"schema": number}});
    let new = document(json!({"name": "x", "in": "query", "content": json}));
    assert_eq!(compare(&old, &new).unwrap().verdict, Verdict::Equivalent);
}
