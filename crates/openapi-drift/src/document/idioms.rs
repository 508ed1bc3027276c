//! The idioms of OpenAPI's schemas, each rewritten into plain JSON Schema 2020-12 in its own schema. Which schemas there are, and
//! what depends on others, is [`super::desugar`]'s.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::pointer;

/// `discriminator.mapping` as (tag, canonical pointer); a vendor's `{$ref: …}` value is understood.
pub(super) fn mapping(discriminator: &Value) -> Vec<(String, String)> {
    let Some(Value::Object(mapping)) = discriminator.get("mapping") else {
        return Vec::new();
    };
    mapping
        .iter()
        .filter_map(|(tag, target)| {
            let target = target.as_str().or_else(|| target.get("$ref")?.as_str())?;
            let named = pointer::local(target)
                .unwrap_or_else(|| pointer::push("#/components/schemas", target));
            Some((tag.clone(), named))
        })
        .collect()
}

/// The same reference twice in `allOf` says no more than once. Its place stays, so that pointers stay true.
pub(super) fn repeated(map: &mut Map<String, Value>) {
    let mut seen = HashSet::new();
    for member in map
        .get_mut("allOf")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        let bare = member.as_object().filter(|member| member.len() == 1);
        let target = bare.and_then(|member| member.get("$ref")?.as_str());
        if target.is_some_and(|target| !seen.insert(target.to_owned())) {
            *member = Value::Bool(true);
        }
    }
}

pub(super) fn exclusive(map: &mut Map<String, Value>, exclusive: &str, inclusive: &str) {
    match map.get(exclusive) {
        Some(Value::Bool(true)) => {
            map.remove(exclusive);
            if let Some(bound) = map.remove(inclusive) {
                map.insert(exclusive.to_owned(), bound);
            }
        }
        Some(Value::Bool(false)) => {
            map.remove(exclusive);
        }
        _ => {}
    }
}

/// The array form of `items` is `prefixItems` today.
pub(super) fn tuple(map: &mut Map<String, Value>) {
    if matches!(map.get("items"), Some(Value::Array(_))) {
        if let Some(items) = map.remove("items") {
            map.insert("prefixItems".to_owned(), items);
        }
        if let Some(rest) = map.remove("additionalItems") {
            map.insert("items".to_owned(), rest);
        }
    }
}

/// `type: string|null`, which some vendors write, is a list; a kind that nobody knows says nothing.
pub(super) fn types(map: &mut Map<String, Value>) {
    const KINDS: [&str; 7] = [
        "null", "boolean", "integer", "number", "string", "array", "object",
    ];
    let listed = match map.get("type") {
        Some(Value::String(text)) if KINDS.contains(&text.as_str()) => return,
        Some(Value::String(text)) => text
            .split('|')
            .map(|kind| Value::from(kind.trim()))
            .collect(),
        Some(Value::Array(listed)) => listed.clone(),
        Some(_) => Vec::new(),
        None => return,
    };
    let known = |kind: &Value| match kind.as_str() {
        Some("file") => Some(Value::from("string")),
        Some(kind) if KINDS.contains(&kind) => Some(Value::from(kind)),
        _ => None,
    };
    let kinds: Option<Vec<Value>> = listed.iter().map(known).collect();
    match kinds {
        Some(kinds) if !kinds.is_empty() => {
            map.insert("type".to_owned(), Value::Array(kinds));
        }
        _ => {
            map.remove("type");
        }
    }
}

/// Lets a schema of 3.0 be null, whichever way it says what else it may be.
pub(super) fn nullable(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else {
        return;
    };
    if map.contains_key("$ref") || map.contains_key("allOf") || map.contains_key("not") {
        let inner = std::mem::take(map);
        *schema = json!({"anyOf": [inner, {"type": "null"}]});
        return;
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = map.get_mut(key) {
            branches.push(json!({"type": "null"}));
        }
    }
    match map.get_mut("type") {
        Some(Value::Array(kinds)) => kinds.push(Value::from("null")),
        Some(only @ Value::String(_)) => *only = json!([only, "null"]),
        _ => {}
    }
    if let Some(Value::Array(values)) = map.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    if let Some(value) = map.remove("const") {
        map.insert("enum".to_owned(), json!([value, null]));
    }
}
