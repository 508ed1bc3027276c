//! Some operations of a document with everything that they refer to, in an order that does not move when the vendor's does.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::source::{METHODS, operations};
use crate::pointer;

/// The part of `document` that the operations named in `wanted` (`METHOD /path`) need.
pub(crate) fn slice(document: &Value, wanted: &[String]) -> Result<Value, String> {
    let mut paths = Map::new();
    for name in wanted {
        let (method, path) = name
            .split_once(' ')
            .ok_or_else(|| format!("`{name}` is no operation: write METHOD /path"))?;
        let method = method.to_lowercase();
        let item = document["paths"]
            .get(path)
            .and_then(Value::as_object)
            .filter(|item| item.contains_key(&method))
            .ok_or_else(|| format!("the document has no {name}"))?;
        let kept = paths
            .entry(path)
            .or_insert_with(|| Value::Object(Map::new()));
        for (key, value) in item {
            if *key == method || !METHODS.contains(&key.as_str()) {
                kept[key] = value.clone();
            }
        }
    }
    let mut sliced = Map::new();
    for (key, value) in document.as_object().into_iter().flatten() {
        match key.as_str() {
            "paths" => sliced.insert(key.clone(), Value::Object(paths.clone())),
            "components" | "webhooks" => None,
            _ => sliced.insert(key.clone(), value.clone()),
        };
    }
    let components = closure(document, &Value::Object(sliced.clone()))?;
    if !components.is_empty() {
        sliced.insert("components".to_owned(), Value::Object(components));
    }
    Ok(Value::Object(sliced))
}

/// The components that `part` needs, and those that they need.
fn closure(document: &Value, part: &Value) -> Result<Map<String, Value>, String> {
    let mut wanted = Vec::new();
    references(part, &mut wanted);
    securities(part, &mut wanted);
    let mut seen = BTreeSet::new();
    while let Some(reference) = wanted.pop() {
        if !seen.insert(reference.clone()) {
            continue;
        }
        let (kind, name) = component(&reference)
            .ok_or_else(|| format!("the document refers to {reference}, which is no component"))?;
        let found = document["components"][kind.as_str()]
            .get(name.as_str())
            .ok_or_else(|| format!("the document refers to {reference} and does not have it"))?;
        references(found, &mut wanted);
    }
    let mut components: Map<String, Value> = Map::new();
    for reference in &seen {
        let Some((kind, name)) = component(reference) else {
            continue;
        };
        let found = document["components"][kind.as_str()][name.as_str()].clone();
        let kind = components
            .entry(kind)
            .or_insert_with(|| Value::Object(Map::new()));
        kind[name] = found;
    }
    Ok(components)
}

/// `#/components/KIND/NAME`, or a pointer below it, as kind and name.
fn component(reference: &str) -> Option<(String, String)> {
    let mut parts = reference.strip_prefix("#/components/")?.split('/');
    let mut next = || parts.next().map(pointer::unescaped);
    Some((next()?, next()?))
}

/// Every reference in a value, but not in examples and other literal values.
fn references(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("$ref", Value::String(reference)) => into.push(reference.clone()),
                    ("mapping", Value::Object(mapping)) => {
                        for target in mapping.values().filter_map(Value::as_str) {
                            into.push(if target.contains('/') {
                                target.to_owned()
                            } else {
                                format!("#/components/schemas/{target}")
                            });
                        }
                        references(value, into);
                    }
                    ("example" | "default" | "const", _) => {}
                    ("enum", Value::Array(_)) => {}
                    _ => references(value, into),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, into)),
        _ => {}
    }
}

/// The security schemes that the document or an operation asks for, by name.
fn securities(part: &Value, into: &mut Vec<String>) {
    let own = part.get("security").into_iter();
    let theirs = operations(part).filter_map(|(_, operation)| operation.get("security"));
    for requirement in own
        .chain(theirs)
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(Value::as_object)
    {
        for name in requirement.keys() {
            into.push(format!("#/components/securitySchemes/{name}"));
        }
    }
}

/// Brings `new` into the order of `old`: what both have stands where it stood, what is new follows by name. Arrays in which
/// order means nothing keep their old order when they have the same members.
pub(crate) fn arrange(new: &Value, old: &Value) -> Value {
    arrange_at(new, old, true)
}

/// `meant`: whether keys are OpenAPI's, and not those of an example or of a map of names.
fn arrange_at(new: &Value, old: &Value, meant: bool) -> Value {
    match new {
        Value::Object(map) => {
            let none = Map::new();
            let before = old.as_object().unwrap_or(&none);
            let mut keys: Vec<&String> =
                before.keys().filter(|key| map.contains_key(*key)).collect();
            let mut added: Vec<&String> = map
                .keys()
                .filter(|key| !before.contains_key(*key))
                .collect();
            added.sort();
            keys.extend(added);
            let mut arranged = Map::new();
            for key in keys {
                let (new, old) = (&map[key], before.get(key).unwrap_or(&Value::Null));
                let literal = meant && LITERAL.contains(&key.as_str());
                let value = if meant && UNORDERED.contains(&key.as_str()) && same_members(new, old)
                {
                    old.clone()
                } else {
                    arrange_at(new, old, meant && !literal)
                };
                arranged.insert(key.clone(), value);
            }
            Value::Object(arranged)
        }
        Value::Array(items) => {
            let before = old.as_array().map(Vec::as_slice).unwrap_or_default();
            let arranged = items
                .iter()
                .enumerate()
                .map(|(at, item)| arrange_at(item, before.get(at).unwrap_or(&Value::Null), meant));
            Value::Array(arranged.collect())
        }
        _ => new.clone(),
    }
}

/// Keys below which values are the vendor's, not OpenAPI's.
const LITERAL: [&str; 4] = ["example", "examples", "default", "const"];

/// Arrays that are sets.
const UNORDERED: [&str; 10] = [
    "required",
    "enum",
    "type",
    "tags",
    "security",
    "oneOf",
    "anyOf",
    "allOf",
    "parameters",
    "servers",
];

fn same_members(new: &Value, old: &Value) -> bool {
    let (Some(new), Some(old)) = (new.as_array(), old.as_array()) else {
        return false;
    };
    new.len() == old.len()
        && new.iter().all(|item| old.contains(item))
        && old.iter().all(|item| new.contains(item))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "openapi": "3.1.0",
            "info": {"title": "Things", "version": "1"},
            "security": [{"Key": []}],
            "paths": {
                "/b": {"get": {"responses": {"200": {"$ref": "#/components/responses/Found"}}}},
                "/a": {
                    "parameters": [{"$ref": "#/components/parameters/Id"}],
                    "get": {"responses": {}},
                    "post": {"responses": {}},
                },
            },
            "components": {
                "parameters": {"Id": {"name": "id", "in": "query"}},
                "responses": {"Found": {"content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Node"},
                    "example": {"$ref": "#/components/schemas/Unused"},
                }}}},
                "schemas": {
                    "Unused": {},
                    "Leaf": {"enum": ["x"]},
                    "Node": {
                        "oneOf": [{"$ref": "#/components/schemas/Leaf"}, {"$ref": "#/components/schemas/Node"}],
                        "discriminator": {"propertyName": "kind", "mapping": {"other": "Other"}},
                    },
                    "Other": {},
                },
                "securitySchemes": {"Key": {"type": "http"}, "Unused": {"type": "http"}},
            },
        })
    }

    #[test]
    fn a_slice_has_what_its_operations_need_and_nothing_else() {
        let sliced = slice(&document(), &["GET /b".to_owned()]).unwrap();
        assert_eq!(
            sliced["components"],
            json!({
                "responses": document()["components"]["responses"],
                "schemas": {
                    "Leaf": {"enum": ["x"]},
                    "Node": document()["components"]["schemas"]["Node"],
                    "Other": {},
                },
                "securitySchemes": {"Key": {"type": "http"}},
            })
        );
        assert_eq!(sliced["paths"].as_object().unwrap().len(), 1);

        let sliced = slice(&document(), &["POST /a".to_owned()]).unwrap();
        assert!(sliced["paths"]["/a"].get("get").is_none());
        assert!(sliced["components"]["parameters"].get("Id").is_some());
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        let error = slice(&document(), &["PUT /a".to_owned()]).unwrap_err();
        assert_eq!(error, "the document has no PUT /a");
        let mut broken = document();
        broken["components"]["schemas"]["Leaf"] = json!({"$ref": "#/components/schemas/Gone"});
        let error = slice(&broken, &["GET /b".to_owned()]).unwrap_err();
        assert_eq!(
            error,
            "the document refers to #/components/schemas/Gone and does not have it"
        );
    }

    #[test]
    fn an_order_that_means_nothing_stays_as_it_was() {
        let old =
            json!({"b": 1, "a": {"required": ["y", "x"], "example": {"required": ["y", "x"]}}});
        let new = json!({"z": 0, "a": {"example": {"required": ["x", "y"]}, "required": ["x", "y"]}, "c": 2, "b": 1});
        assert_eq!(
            arrange(&new, &old).to_string(),
            r#"{"b":1,"a":{"required":["y","x"],"example":{"required":["x","y"]}},"c":2,"z":0}"#
        );
    }
}
