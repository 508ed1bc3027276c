//! Schemas that nothing satisfies: both sides admit the same, which is nothing, and a change inside is said all the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_pass_by_value)]

use openapi_drift::{Change, Report, Verdict, compare};
use serde_json::{Value, json};

/// One operation whose request and reply have this schema.
fn document(schemas: Value, schema: Value) -> Value {
    let content = json!({"application/json": {"schema": schema}});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/t": {"post": {
            "operationId": "postT",
            "requestBody": {"required": true, "content": content},
            "responses": {"204": {"description": "done"}}
        }}},
        "components": {"schemas": schemas}
    })
}

/// The same, where the schema is that of a reply.
fn replied(schemas: Value, schema: Value) -> Value {
    let mut document = document(schemas, json!({}));
    let operation = &mut document["paths"]["/t"]["post"];
    operation["responses"] =
        json!({"200": {"description": "it", "content": {"application/json": {"schema": schema}}}});
    operation.as_object_mut().unwrap().remove("requestBody");
    document
}

fn base() -> Value {
    json!({"type": "object", "additionalProperties": false, "required": ["id"], "properties": {"id": {"type": "string"}}})
}

/// A closed base, and what extends it with members that it does not let in.
fn extended(required: Value, properties: Value) -> Value {
    json!({"Base": base(), "Ext": {"allOf": [
        {"$ref": "#/components/schemas/Base"},
        {"type": "object", "required": required, "properties": properties}
    ]}})
}

fn ext() -> Value {
    json!({"$ref": "#/components/schemas/Ext"})
}

fn text(most: u32) -> Value {
    json!({"type": "string", "maxLength": most})
}

fn only(report: &Report) -> &Change {
    assert_eq!(report.changes.len(), 1, "{:#?}", report.changes);
    &report.changes[0]
}

const OWED: &str = "admits no object, since it owes name and #/components/schemas/Base lets in no such members: it is compared \
                    as if these were let in";

#[test]
fn what_a_closed_base_does_not_let_in_is_compared_as_if_it_did() {
    let with = |most| extended(json!(["name"]), json!({"name": text(most)}));
    let report = compare(&document(with(5), ext()), &document(with(3), ext())).unwrap();
    let change = only(&report);
    assert_eq!(change.verdict, Verdict::Breaking);
    assert_eq!(
        change.pointer,
        "#/components/schemas/Ext/allOf/1/properties/name/maxLength"
    );
    let witness = change.witness.as_ref().unwrap();
    assert_eq!(witness.instance, json!({"id": "a", "name": "aaaa"}));
    assert_eq!(
        witness.reading.as_deref(),
        Some("closed schemas that are extended as open")
    );
    let [note] = report.notes.as_slice() else {
        panic!("{:?}", report.notes)
    };
    assert_eq!(
        (note.about.as_str(), note.pointer.as_str()),
        ("both documents", "#/components/schemas/Ext")
    );
    assert_eq!(note.message, OWED);
    let report = compare(&replied(with(5), ext()), &replied(with(3), ext())).unwrap();
    assert_eq!(only(&report).verdict, Verdict::Compatible);
    let alike = compare(&document(with(5), ext()), &document(with(5), ext())).unwrap();
    assert!(alike.is_empty(), "{:#?}", alike.changes);
}

#[test]
fn every_way_to_write_it_is_seen() {
    let changed = |schema: &dyn Fn(u32) -> Value| {
        let with = |most| document(json!({"Base": base(), "Ext": schema(most)}), ext());
        let report = compare(&with(5), &with(3)).unwrap();
        let change = only(&report);
        assert_eq!(change.verdict, Verdict::Breaking, "{:?}", change.summary);
        assert!(
            change.summary.starts_with("max length of name"),
            "{}",
            change.summary
        );
        let witness = change
            .witness
            .clone()
            .unwrap_or_else(|| panic!("{:?}", change.unknown));
        assert!(!report.notes.is_empty());
        witness.instance
    };
    let reference = || json!({"$ref": "#/components/schemas/Base"});
    let own = |most: u32| json!({"type": "object", "required": ["name"], "properties": {"name": text(most)}});
    // Beside a reference, as 3.1 has it.
    let beside = |most| {
        let mut schema = own(most);
        schema["$ref"] = json!("#/components/schemas/Base");
        schema
    };
    assert_eq!(changed(&beside), json!({"id": "a", "name": "aaaa"}));
    // The extension is closed and its base is owed.
    let closed = |most| {
        let mut schema = own(most);
        schema["additionalProperties"] = json!(false);
        json!({"allOf": [{"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}, schema]})
    };
    assert_eq!(changed(&closed), json!({"id": "a", "name": "aaaa"}));
    // Null is all that was left of it.
    let nullable = |most| {
        let mut schema = own(most);
        schema["type"] = json!(["object", "null"]);
        json!({"anyOf": [{"allOf": [reference(), schema]}, {"type": "null"}]})
    };
    assert_eq!(changed(&nullable), json!({"id": "a", "name": "aaaa"}));
    // One branch of a union.
    let branch = |most| json!({"oneOf": [{"type": "object", "required": ["x"], "properties": {"x": {}}}, {"allOf": [reference(), own(most)]}]});
    assert_eq!(changed(&branch), json!({"id": "a", "name": "aaaa"}));
    // A member that two parts declare, one of them closed.
    let member = |most| {
        let holder = |meta: Value| json!({"type": "object", "properties": {"meta": meta}});
        json!({"allOf": [holder(reference()), holder(own(most))]})
    };
    assert_eq!(
        changed(&member),
        json!({"meta": {"id": "a", "name": "aaaa"}})
    );
    // The change is elsewhere, in a message that must hold such an object.
    let beside_it = |most| json!({"type": "object", "required": ["bad"], "properties": {"name": text(most), "bad": {"allOf": [reference(), {"required": ["more"]}]}}});
    assert_eq!(
        changed(&beside_it),
        json!({"bad": {"id": "a", "more": "a"}, "name": "aaaa"})
    );
    // A closed schema that owes what it does not declare.
    let local = |most| json!({"type": "object", "additionalProperties": false, "required": ["nmae"], "properties": {"name": text(most)}});
    assert_eq!(changed(&local), json!({"name": "aaaa", "nmae": "a"}));
}

#[test]
fn to_contradict_oneself_now_breaks_and_to_stop_is_no_break_but_for_closed_readers() {
    let closed = || extended(json!(["name"]), json!({"name": text(5)}));
    let open = || {
        let mut schemas = closed();
        schemas["Base"]
            .as_object_mut()
            .unwrap()
            .remove("additionalProperties");
        schemas
    };
    let by_rule = |report: &Report| {
        let change = report
            .changes
            .iter()
            .find(|change| change.rule == "contradiction");
        change.unwrap().clone()
    };
    let broken = compare(&document(open(), ext()), &document(closed(), ext())).unwrap();
    assert_eq!(broken.verdict, Verdict::Breaking);
    let change = by_rule(&broken);
    assert_eq!(change.summary, "Ext admits nothing any more");
    assert_eq!(change.witness.unwrap().reading, None);
    let repaired = compare(&document(closed(), ext()), &document(open(), ext())).unwrap();
    assert_eq!(repaired.verdict, Verdict::Compatible);
    assert_eq!(by_rule(&repaired).summary, "Ext can be satisfied now");
    let read = compare(&replied(closed(), ext()), &replied(open(), ext())).unwrap();
    assert_eq!(read.verdict, Verdict::BreakingClosed);
    assert!(by_rule(&read).witness.is_some());
}

#[test]
fn a_member_that_no_object_can_have_changes_for_nobody_knows_whom() {
    let with = |name: Value| document(extended(json!([]), json!({"name": name})), ext());
    let report = compare(&with(text(5)), &with(json!({"type": "integer"}))).unwrap();
    let change = only(&report);
    assert_eq!(
        (change.rule.as_str(), change.verdict),
        ("shut-member", Verdict::Compatible)
    );
    assert!(
        change
            .unknown
            .as_ref()
            .unwrap()
            .starts_with("no object has this member")
    );
    assert_eq!(
        report.notes[0].message,
        "never holds name, which #/components/schemas/Base does not let in"
    );
    // To take a member away on purpose is no such thing.
    let without = json!({"Base": {"type": "object", "properties": {"name": text(5)}}, "Ext": {"allOf": [
        {"$ref": "#/components/schemas/Base"}, {"properties": {"name": false}}
    ]}});
    let report = compare(&document(without.clone(), ext()), &document(without, ext())).unwrap();
    assert!(report.notes.is_empty(), "{:?}", report.notes);
}

#[test]
fn what_can_be_read_in_no_way_is_not_known() {
    for (old, new) in [
        (
            json!({"allOf": [{"type": "string"}, {"type": "object"}]}),
            json!({"allOf": [{"type": "string"}, {"type": "array"}]}),
        ),
        (
            json!({"type": "string", "minLength": 9, "maxLength": 5}),
            json!({"type": "string", "minLength": 9, "maxLength": 6}),
        ),
        (
            json!({"allOf": [{"enum": ["a"]}, {"enum": ["b"]}]}),
            json!({"allOf": [{"enum": ["a"]}, {"enum": ["b", "c"]}]}),
        ),
        (
            json!({"anyOf": [{"type": "integer"}, {"allOf": [{"enum": ["a"]}, {"enum": ["b"]}]}]}),
            json!({"anyOf": [{"type": "integer"}, {"allOf": [{"enum": ["a"]}, {"enum": ["c"]}]}]}),
        ),
    ] {
        let with = |schema: &Value| {
            document(
                json!({"Ext": schema}),
                json!({"type": "object", "properties": {"x": ext()}}),
            )
        };
        let report = compare(&with(&old), &with(&new)).unwrap();
        let change = only(&report);
        assert_eq!(
            (change.rule.as_str(), change.verdict),
            ("contradiction", Verdict::Breaking),
            "{old}"
        );
        assert!(
            change
                .unknown
                .as_ref()
                .unwrap()
                .starts_with("nothing satisfies the schema in either document")
        );
        assert!(
            report.notes[0]
                .message
                .starts_with("admits no value, since what it demands contradicts itself")
        );
        let mut words = old.clone();
        words["description"] = json!("other words");
        assert!(compare(&with(&old), &with(&words)).unwrap().verdict <= Verdict::DocsOnly);
    }
    // `false` says so in so many words.
    let never = document(
        json!({"Ext": false}),
        json!({"type": "object", "properties": {"x": ext()}}),
    );
    assert!(compare(&never, &never).unwrap().notes.is_empty());
}

/// The step of the generated crate is what its items say, whatever messages there are.
#[cfg(feature = "generate")]
#[test]
fn what_the_crate_exports_is_compared_all_the_same() {
    use openapi_drift::{Lock, Rust};
    for required in [json!(["name"]), json!([])] {
        let with = |name: Value| document(extended(required.clone(), json!({"name": name})), ext());
        let (old, new) = (with(text(5)), with(json!({"type": "integer"})));
        let mut report = compare(&old, &new).unwrap();
        let free = Lock::default();
        report.measure((&old, &free), (&new, &free));
        assert_eq!(report.rust, Rust::Major, "{required}");
        assert!(
            only(&report).items[0].starts_with("types::Ext.name: "),
            "{:?}",
            report.changes[0].items
        );
    }
}

/// Nobody gets such an object, so that a message around it proves nothing of what else changes in it.
#[test]
fn what_else_changes_in_an_object_that_there_cannot_be_is_not_known() {
    let with = |name: Value| {
        let never = json!({"allOf": [{"type": "string"}, {"type": "integer"}]});
        let item = json!({"type": "object", "required": ["bad"], "properties": {"bad": never, "name": name}});
        let list =
            json!({"type": "object", "properties": {"items": {"type": "array", "items": item}}});
        replied(json!({}), list)
    };
    let report = compare(&with(text(5)), &with(json!({"type": "integer"}))).unwrap();
    let change = only(&report);
    assert_eq!(change.verdict, Verdict::Breaking);
    assert!(change.unknown.is_some());
    // Where such an object need not be there, the rest is judged as ever.
    let beside = |values: Value| {
        let never = json!({"allOf": [{"type": "string"}, {"type": "integer"}]});
        replied(
            json!({}),
            json!({"type": "object", "properties": {"bad": never, "name": {"enum": values}}}),
        )
    };
    let report = compare(&beside(json!(["a", "b"])), &beside(json!(["a"]))).unwrap();
    assert_eq!(
        (only(&report).verdict, report.unknown),
        (Verdict::Compatible, 0)
    );
}
