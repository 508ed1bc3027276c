//! A document cut into documents: each operation apart, what is sent apart from what is received,
//! and each with the components that it leads to. All places keep their pointers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::account::{METHODS, child};

/// Parts of a document that are documents, with whether what they describe is sent.
pub(crate) fn slices(document: &Value) -> Vec<(bool, Value)> {
    let mut slices = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS
            .into_iter()
            .filter(|method| item.get(method).is_some())
        {
            for is_sent in [true, false] {
                let mut item = item.clone();
                let map = item.as_object_mut().unwrap();
                map.retain(|key, _| !METHODS.contains(&key.as_str()) || key == method);
                let without = if is_sent {
                    ["responses", "callbacks"]
                } else {
                    ["parameters", "requestBody"]
                };
                without
                    .iter()
                    .for_each(|key| drop(map[method].as_object_mut().unwrap().remove(*key)));
                slices.push((is_sent, slice(document, json!({"paths": {path: item}}))));
            }
        }
    }
    slices.push((
        false,
        slice(
            document,
            json!({"paths": {}, "webhooks": document["webhooks"].clone()}),
        ),
    ));
    // What no operation reaches, and what stands beside the operations.
    let mut reached = BTreeSet::new();
    slices
        .iter()
        .for_each(|(_, slice)| members(slice, "", &mut reached));
    let mut rest = document.clone();
    rest["paths"] = json!({});
    rest.as_object_mut().unwrap().remove("webhooks");
    for (section, components) in rest["components"].as_object_mut().unwrap() {
        let at = format!("/components/{section}");
        components
            .as_object_mut()
            .unwrap()
            .retain(|name, _| !reached.contains(&child(&at, name)));
    }
    slices.push((false, rest));
    slices
}

/// A document with these parts, and with the components of `document` that they lead to.
fn slice(document: &Value, parts: Value) -> Value {
    let mut slice = parts;
    slice["openapi"] = document["openapi"].clone();
    slice["info"] = document["info"].clone();
    let mut open = vec![slice.clone()];
    while let Some(part) = open.pop() {
        for name in references(&part) {
            let mut tokens = name.trim_start_matches("#/components/").splitn(2, '/');
            let (section, name) = (tokens.next().unwrap(), tokens.next().unwrap());
            let component = &document["components"][section][name];
            if slice["components"][section].get(name).is_none() {
                slice["components"][section][name] = component.clone();
                open.push(component.clone());
            }
        }
    }
    slice
}

/// The references to components in a value.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(map) => map.values().flat_map(references).collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::String(text) if text.starts_with("#/components/") => vec![text],
        _ => Vec::new(),
    }
}

/// The pointers of all members of a value.
pub(crate) fn members(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (child(at, key), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (format!("{at}/{index}"), item))
            .collect(),
        _ => Vec::new(),
    };
    for (at, value) in inner {
        members(value, &at, found);
        found.insert(at);
    }
}
