//! Small documents that ask for endless work, and must not get it.
#![allow(clippy::unwrap_used, clippy::panic)]

use openapi_drift::{Verdict, compare};
use serde_json::{Map, Value, json};

/// A chain of schemas, each made of references to the next; the last one has a type.
fn chain(levels: usize, link: impl Fn(Value) -> Value, end: &str) -> Value {
    let to = |level: usize| json!({"$ref": format!("#/components/schemas/A{level}")});
    let mut schemas: Map<String, Value> = (0..levels)
        .map(|level| (format!("A{level}"), link(to(level + 1))))
        .collect();
    schemas.insert(format!("A{levels}"), json!({"type": end}));
    let content = json!({"application/json": {"schema": to(0)}});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/x": {"post": {
            "requestBody": {"content": content},
            "responses": {"200": {"description": "d", "content": content}}
        }}},
        "components": {"schemas": schemas}
    })
}

#[test]
fn the_same_reference_twice_is_once() {
    let twice = |next: Value| json!({"allOf": [next, next]});
    let old = chain(60, twice, "string");
    assert!(compare(&old, &old).unwrap().is_empty());
    let report = compare(&old, &chain(60, twice, "integer")).unwrap();
    assert_eq!((report.verdict, report.unknown), (Verdict::Breaking, 0));
    assert_eq!(
        report.changes[0].summary,
        "type of A0: string is now integer"
    );
    let once = chain(60, |next| json!({"allOf": [next]}), "string");
    assert!(compare(&old, &once).unwrap().is_empty());
}

#[test]
fn work_that_doubles_at_each_step_ends_in_unknown_with_the_reason() {
    let ways: [fn(Value) -> Value; 3] = [
        |next| json!({"anyOf": [next, next]}),
        |next| json!({"allOf": [next, {"allOf": [next]}]}),
        |next| json!({"allOf": [next, {"description": "again", "$ref": next["$ref"]}]}),
    ];
    for way in ways {
        let old = chain(60, way, "string");
        assert!(compare(&old, &old).unwrap().is_empty());
        let report = compare(&old, &chain(60, way, "integer")).unwrap();
        assert_eq!((report.verdict, report.unknown), (Verdict::Breaking, 1));
        let why = report.changes[0].unknown.as_deref().unwrap();
        assert!(
            why.contains("refers to the same schemas more than 10000 times over"),
            "{why}"
        );
    }
}

#[test]
fn members_that_lead_to_the_same_schema_by_many_ways_are_compared_once() {
    let way = |next: Value| json!({"type": "object", "required": ["a"], "properties": {"a": next, "b": next}});
    let old = chain(60, way, "string");
    let report = compare(&old, &chain(60, way, "integer")).unwrap();
    assert_eq!(report.verdict, Verdict::Breaking);
    assert_eq!(report.changes.len(), 1);
}

/// What would take minutes if every value were looked for among all others.
#[test]
fn long_enums_are_compared_as_sets() {
    let document = |schema: Value| {
        let content = json!({"application/json": {"schema": schema}});
        json!({"openapi": "3.1.0", "paths": {"/x": {"post": {
            "requestBody": {"content": content},
            "responses": {"204": {"description": "d"}}
        }}}})
    };
    let number = |index: u32| json!(index);
    let name = |index: u32| json!(format!("v{index}"));
    let list = |all: Vec<Value>| json!({"enum": all});
    let twice = |all: Vec<Value>| json!({"allOf": [{"enum": all}, {"enum": all}]});
    let union = |all: Vec<Value>| -> Value {
        let branches: Vec<Value> = all.iter().map(|one| json!({"const": one})).collect();
        json!({"anyOf": branches})
    };
    type Way = fn(Vec<Value>) -> Value;
    let ways: [(Way, u32); 3] = [(list, 20_000), (twice, 20_000), (union, 500)];
    for (way, count) in ways {
        for value in [number as fn(u32) -> Value, name] {
            let from = |first: u32| document(way((first..first + count).map(value).collect()));
            let report = compare(&from(0), &from(1)).unwrap();
            assert_eq!(report.verdict, Verdict::Breaking);
            let witness = report.changes[0].witness.as_ref().unwrap();
            assert_eq!(witness.instance, value(0));
        }
    }
}

#[test]
fn a_large_pattern_beside_many_listed_texts_is_read_once() {
    let listed: Vec<String> = (0..256).map(|number| format!("Value {number}")).collect();
    let schema =
        json!({"type": "string", "enum": listed, "pattern": r"^\p{L}[\p{L}\p{N} ]{0,63}$"});
    let old = chain(
        1,
        |next| json!({"allOf": [next, schema, schema, schema]}),
        "string",
    );
    let mut new = old.clone();
    new["components"]["schemas"]["A0"]["description"] = json!("new");
    assert_eq!(compare(&old, &new).unwrap().verdict, Verdict::DocsOnly);
}
