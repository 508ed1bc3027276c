//! What a report advises against a break of the Rust API alone is applied as it is printed, with an applier of overlays that knows
//! nothing of this crate: the step falls to what is claimed.
#![cfg(feature = "generate")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_pass_by_value)]

mod support;

use openapi_drift::{Cell, Change, Lock, Remedy, Report, Rust, compare};
use serde_json::{Value, json};
use support::overlaid;

fn measured(old: &Value, new: &Value, lock: &Lock) -> Report {
    let mut report = compare(old, new).unwrap();
    report.measure((old, &Lock::default()), (new, lock));
    report
}

/// The report after all that was advised was done.
fn remedied(old: &Value, new: &Value, report: &Report) -> Report {
    let mut document = new.clone();
    let mut entries = Vec::new();
    for remedy in report
        .changes
        .iter()
        .filter_map(|change| change.remedy.as_ref())
    {
        match remedy {
            Remedy::NameLock(more) => entries.extend(more.clone()),
            Remedy::Overlay(actions) => document = overlaid(&document, actions),
        }
    }
    measured(old, &document, &Lock::parse(&entries.join("\n")).unwrap())
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn object(required: &str, more: Value) -> Value {
    let mut properties = more;
    properties[required] = json!({"type": "string"});
    json!({"type": "object", "required": [required], "properties": properties})
}

/// A document in which one component is used in one way, under this name.
fn used(way: &str, name: &str) -> Value {
    let own = || reference(name);
    let cat = object("meow", json!({}));
    let dog = object("bark", json!({}));
    let tagged = |kind: &str, member: &str| object(member, json!({"kind": {"const": kind}}));
    let mut parameters = json!([]);
    let mut body = Value::Null;
    let mut schemas = json!({name: cat, "Dog": dog});
    let mut reply = json!({"type": "object", "properties": {"a": own()}});
    match way {
        "a member" => {}
        "items" => reply = json!({"type": "array", "items": own()}),
        "a map" => reply = json!({"type": "object", "additionalProperties": own()}),
        "a member that can be null" => {
            reply["properties"]["a"] = json!({"anyOf": [own(), {"type": "null"}]});
        }
        "a union" => {
            schemas["Pet"] = json!({"oneOf": [own(), reference("Dog")]});
            reply = reference("Pet");
        }
        "an inline union" => reply["properties"]["a"] = json!({"anyOf": [reference("Dog"), own()]}),
        "a union that is sent" => {
            schemas["Pet"] = json!({"oneOf": [own(), reference("Dog")]});
            body = reference("Pet");
            reply = json!({});
        }
        "a tagged union" | "a tagged union with a mapping" => {
            let mut cat = tagged("cat", "meow");
            let mut dog = tagged("dog", "bark");
            for one in [&mut cat, &mut dog] {
                one["required"].as_array_mut().unwrap().push(json!("kind"));
            }
            schemas = json!({name: cat, "Dog": dog});
            schemas["Pet"] = json!({"oneOf": [own(), reference("Dog")], "discriminator": {"propertyName": "kind"}});
            if way.ends_with("mapping") {
                schemas["Pet"]["discriminator"]["mapping"] = json!({"cat": format!("#/components/schemas/{name}"), "dog": "#/components/schemas/Dog"});
            }
            reply = reference("Pet");
        }
        "the body" => {
            body = own();
            reply = json!({});
        }
        "both ways" => body = own(),
        "a parameter" => {
            schemas[name] = json!({"type": "string", "enum": ["a", "b"]});
            parameters = json!([{"name": "mood", "in": "query", "schema": own()}]);
            reply = json!({});
        }
        "an enumeration" => schemas[name] = json!({"type": "string", "enum": ["a", "b"]}),
        "a part of another" => {
            schemas["Big"] = json!({"allOf": [own(), object("size", json!({}))]});
            reply["properties"]["big"] = reference("Big");
        }
        "itself" => schemas[name]["properties"]["kids"] = json!({"type": "array", "items": own()}),
        "with types inside" => {
            schemas[name]["properties"]["tail"] =
                json!({"type": "object", "properties": {"length": {"type": "integer"}}});
            schemas[name]["properties"]["mood"] =
                json!({"type": "string", "enum": ["good", "bad"]});
        }
        other => panic!("{other}"),
    }
    let mut operation = json!({
        "operationId": "doIt",
        "parameters": parameters,
        "responses": {"200": {"description": "it", "content": {"application/json": {"schema": reply}}}}
    });
    if !body.is_null() {
        operation["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": body}}});
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/t": {"post": operation}},
        "components": {"schemas": schemas}
    })
}

const WAYS: [&str; 15] = [
    "a member",
    "items",
    "a map",
    "a member that can be null",
    "a union",
    "an inline union",
    "a union that is sent",
    "a tagged union",
    "a tagged union with a mapping",
    "the body",
    "both ways",
    "a parameter",
    "an enumeration",
    "a part of another",
    "itself",
];

fn only(report: &Report) -> &Change {
    assert_eq!(report.changes.len(), 1, "{:#?}", report.changes);
    &report.changes[0]
}

#[test]
fn a_component_that_is_called_otherwise_keeps_its_name_however_it_is_used() {
    for way in WAYS.into_iter().chain(["with types inside"]) {
        let (old, new) = (used(way, "Cat"), used(way, "Kitty"));
        let report = measured(&old, &new, &Lock::default());
        let change = only(&report);
        assert_eq!(
            (change.cell, report.rust),
            (Some(Cell::RustOnly), Rust::Major),
            "{way}"
        );
        let remedy = Remedy::NameLock(vec![
            "types.\"/components/schemas/Kitty\" = \"Cat\"".to_owned(),
        ]);
        assert_eq!(change.remedy, Some(remedy), "{way}");
        assert_eq!(change.remains, [""; 0], "{way}");
        let after = remedied(&old, &new, &report);
        assert_eq!(after.rust, Rust::Patch, "{way}: {:#?}", after.changes);
        assert!(
            after.changes.iter().all(|change| change.items.is_empty()),
            "{way}: {:#?}",
            after.changes
        );
    }
}

/// A document in which one of several things about its parts is otherwise.
fn edited(edit: &str) -> (Value, Value) {
    let mut old = json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/cats/{cat}": {
            "parameters": [{"name": "cat", "in": "path", "required": true, "schema": {"type": "string"}}],
            "get": {"operationId": "getCat", "responses": {"200": {"description": "it", "content": {"application/json": {"schema": reference("Cat")}}}}},
            "put": {
                "operationId": "putCat",
                "parameters": [{"name": "mood", "in": "query", "schema": {"type": "array", "items": {"type": "string"}, "minItems": 1}}],
                "requestBody": {"required": true, "content": {"application/json": {"schema": reference("NewCat")}}},
                "responses": {"204": {"description": "done"}}
            }
        }},
        "components": {"schemas": {
            "Cat": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"}, "age": {"type": "integer"}, "owner": reference("Owner")
            }},
            "NewCat": {"type": "object", "required": ["name", "age"], "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}},
            "Owner": object("id", json!({})),
        }}
    });
    let mut new = old.clone();
    let schemas = &mut new["components"]["schemas"];
    match edit {
        "a reply owes a member" => schemas["Cat"]["required"] = json!(["name", "age"]),
        "a request no longer owes a member" => schemas["NewCat"]["required"] = json!(["name"]),
        "a request owes no member" => {
            schemas["NewCat"]
                .as_object_mut()
                .unwrap()
                .remove("required");
        }
        "a request takes more kinds" => {
            schemas["NewCat"]["properties"]["age"] = json!({"type": ["integer", "string"]});
        }
        "a request takes a list too" => {
            schemas["NewCat"]["properties"]["age"] = json!({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]});
        }
        "a request takes null" => {
            schemas["NewCat"]["properties"]["age"] = json!({"type": ["integer", "null"]});
        }
        "two operations are called otherwise" => {
            new["paths"]["/cats/{cat}"]["get"]["operationId"] = json!("readCat");
            new["paths"]["/cats/{cat}"]["put"]["operationId"] = json!("writeCat");
        }
        "inline replies list what they hold" => {
            for (document, values) in [(&mut old, Value::Null), (&mut new, json!(["good", "bad"]))]
            {
                for method in ["get", "put"] {
                    let mut mood = json!({"type": "string"});
                    if values.is_array() {
                        mood["enum"] = values.clone();
                    }
                    let schema = json!({"type": "object", "properties": {"mood": mood}});
                    document["paths"]["/cats/{cat}"][method]["responses"] = json!({"200": {"description": "it", "content": {"application/json": {"schema": schema}}}});
                }
            }
        }
        "a path parameter is called otherwise" => {
            let mut item = new["paths"]
                .as_object_mut()
                .unwrap()
                .remove("/cats/{cat}")
                .unwrap();
            item["parameters"][0]["name"] = json!("id");
            new["paths"]["/cats/{id}"] = item;
        }
        "components and operations at once" => {
            let text = new
                .to_string()
                .replace("schemas/Cat\"", "schemas/Kitty\"")
                .replace("schemas/Owner\"", "schemas/Person\"");
            new = serde_json::from_str(
                &text
                    .replace("\"Cat\":", "\"Kitty\":")
                    .replace("\"Owner\":", "\"Person\":"),
            )
            .unwrap();
            new["paths"]["/cats/{cat}"]["get"]["operationId"] = json!("readCat");
            new["components"]["schemas"]["NewCat"]["required"] = json!(["name"]);
        }
        "names change places" => {
            let text = new
                .to_string()
                .replace("schemas/Cat\"", "schemas/X\"")
                .replace("schemas/Owner\"", "schemas/Cat\"");
            new = serde_json::from_str(&text.replace("schemas/X\"", "schemas/Owner\"")).unwrap();
            let schemas = &mut new["components"]["schemas"];
            let (cat, owner) = (schemas["Cat"].take(), schemas["Owner"].take());
            schemas["Cat"] = owner;
            schemas["Owner"] = cat;
        }
        other => panic!("{other}"),
    }
    (old, new)
}

#[test]
fn what_is_advised_helps_as_far_as_is_said() {
    for (edit, advised) in [
        ("a reply owes a member", 1),
        ("a request no longer owes a member", 1),
        ("a request owes no member", 2),
        ("a request takes more kinds", 1),
        ("a request takes a list too", 1),
        ("a request takes null", 1),
        ("two operations are called otherwise", 2),
        ("a path parameter is called otherwise", 1),
        ("inline replies list what they hold", 1),
        ("components and operations at once", 4),
        ("names change places", 2),
    ] {
        let (old, new) = edited(edit);
        let report = measured(&old, &new, &Lock::default());
        let remedies = report
            .changes
            .iter()
            .filter(|change| change.remedy.is_some())
            .count();
        let rust_only = report
            .changes
            .iter()
            .filter(|change| change.cell == Some(Cell::RustOnly))
            .count();
        let told: Vec<_> = report
            .changes
            .iter()
            .map(|change| (&change.summary, change.rust, &change.items, &change.remedy))
            .collect();
        assert_eq!(
            (remedies, rust_only),
            (advised, advised),
            "{edit}: {told:#?}"
        );
        assert!(
            report
                .changes
                .iter()
                .all(|change| change.remains.is_empty()),
            "{edit}: {told:#?}"
        );
        let after = remedied(&old, &new, &report);
        assert!(
            after.rust < Rust::Major,
            "{edit}: {told:#?}\n{:#?}",
            after.changes
        );
    }
}
