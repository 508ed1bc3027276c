//! Things that have names: schemas that name themselves, and the variables of addresses.
#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_pass_by_value)]

use openapi_drift::{Report, Verdict, compare};
use serde_json::{Value, json};

fn document(schemas: Value, a: Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "paths": {"/t": {"post": {
            "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {"a": a}}}}},
            "responses": {"204": {"description": "done"}}
        }}},
        "components": {"schemas": schemas}
    })
}

#[test]
fn a_reference_by_a_name_is_one_to_the_schema_that_has_it() {
    let limit = |limit: u32, name: Value| {
        let mut schema = json!({"type": "string", "maxLength": limit});
        schema
            .as_object_mut()
            .unwrap()
            .extend(name.as_object().unwrap().clone());
        schema
    };
    for (name, reference) in [
        (json!({"$anchor": "q"}), json!({"$ref": "#q"})),
        (json!({"$dynamicAnchor": "q"}), json!({"$dynamicRef": "#q"})),
        (
            json!({"$id": "https://example.org/s/q.json"}),
            json!({"$ref": "https://example.org/s/q.json"}),
        ),
        (json!({"$id": "q.json"}), json!({"$ref": "q.json"})),
        (
            json!({"$id": "q.json", "$anchor": "r"}),
            json!({"$ref": "q.json#r"}),
        ),
    ] {
        let with =
            |most: u32, a: &Value| document(json!({"Q": limit(most, name.clone())}), a.clone());
        let report = compare(&with(5, &reference), &with(3, &reference)).unwrap();
        assert!(report.notes.is_empty(), "{:?}", report.notes);
        assert_eq!(report.changes.len(), 1, "{reference}");
        assert_eq!(
            report.changes[0].witness.as_ref().unwrap().instance,
            json!({"a": "aaaa"})
        );
        let direct = json!({"$ref": "#/components/schemas/Q"});
        assert!(
            compare(&with(5, &reference), &with(5, &direct))
                .unwrap()
                .is_empty()
        );
    }
}

#[test]
fn a_dynamic_reference_that_can_mean_several_schemas_is_compared_by_all_of_them() {
    let with = |first: u32, second: Value, reference: &str| {
        let q = |most: u32| json!({"$dynamicAnchor": "q", "type": "string", "maxLength": most});
        let mut two = q(9);
        two["title"] = second;
        document(
            json!({"One": q(first), "Two": two}),
            json!({"$dynamicRef": reference}),
        )
    };
    let old = with(5, json!("a"), "#q");
    assert!(compare(&old, &old).unwrap().is_empty());
    assert!(compare(&old, &with(5, json!("b"), "#q")).unwrap().verdict <= Verdict::DocsOnly);
    for new in [with(3, json!("a"), "#q"), with(5, json!("a"), "#r")] {
        let report = compare(&old, &new).unwrap();
        let unknown: Vec<_> = report
            .changes
            .iter()
            .filter_map(|change| change.unknown.as_deref())
            .collect();
        assert_eq!(
            unknown,
            [
                "which schema a $dynamicRef means depends on the way to it, so what changes is not known"
            ]
        );
        assert_eq!(report.verdict, Verdict::Breaking);
    }
}

#[test]
fn what_is_relative_to_an_id_is_looked_for_there_and_then_in_the_document() {
    let schemas = |most: u32| {
        json!({
            "Outer": {"$id": "https://example.org/outer.json", "properties": {
                "inner": {"$ref": "#/$defs/Inner"}, "other": {"$ref": "#/components/schemas/Other"}, "near": {"$ref": "other.json"}
            }, "$defs": {"Inner": {"type": "string", "maxLength": most}}},
            "Other": {"$id": "https://example.org/other.json", "type": "integer"}
        })
    };
    let a = json!({"$ref": "#/components/schemas/Outer"});
    let report = compare(&document(schemas(5), a.clone()), &document(schemas(3), a)).unwrap();
    assert!(report.notes.is_empty(), "{:?}", report.notes);
    assert_eq!(report.changes.len(), 1);
    assert_eq!(
        report.changes[0].witness.as_ref().unwrap().instance,
        json!({"a": {"inner": "aaaa"}})
    );
}

#[test]
fn a_name_that_no_schema_has_is_said() {
    let old = document(json!({}), json!({"$ref": "#q"}));
    let report = compare(&old, &document(json!({}), json!({"type": "string"}))).unwrap();
    assert_eq!(
        report.notes[0].message,
        "\"#q\" names nothing in this document and is ignored"
    );
    assert!(
        report.changes[0]
            .unknown
            .as_ref()
            .unwrap()
            .ends_with("so what changes is not known")
    );
}

fn servers(old: Value, new: Value) -> Report {
    let document = |server: Value| {
        let mut document = document(json!({}), json!({}));
        document["servers"] = json!([server]);
        document
    };
    compare(&document(old), &document(new)).unwrap()
}

#[test]
fn the_name_of_an_address_variable_is_never_sent() {
    let with = |name: &str, variable: Value| json!({"url": format!("https://{{{name}}}.example.org/"), "variables": {name: variable}});
    let renamed = servers(
        with("h", json!({"default": "eu"})),
        with("host", json!({"default": "eu"})),
    );
    assert_eq!(renamed.verdict, Verdict::Equivalent);
    assert_eq!(
        renamed.changes[0].summary,
        "https://{h}.example.org is written https://{host}.example.org"
    );
    let listed = json!({"default": "eu", "enum": ["eu", "us"]});
    assert!(servers(with("h", listed.clone()), with("host", listed)).is_empty());
    let other = servers(
        with("h", json!({"default": "eu"})),
        with("host", json!({"default": "us"})),
    );
    assert_eq!(other.verdict, Verdict::Behaviour);
    let fewer = servers(
        with("h", json!({"default": "eu", "enum": ["eu", "us"]})),
        with("host", json!({"default": "eu", "enum": ["eu"]})),
    );
    assert_eq!(fewer.verdict, Verdict::Breaking);
    assert_eq!(
        fewer.changes[0].witness.as_ref().unwrap().instance["server"],
        "https://us.example.org"
    );
}
