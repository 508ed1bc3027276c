//! The idioms of OpenAPI's schemas, each rewritten into plain JSON Schema 2020-12 in its own schema. Which schemas there are, and
//! what depends on others, is [`super::desugar`]'s.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::unusable::UNUSABLE;
use crate::pointer;

/// Marks an `anyOf` that stands for `nullable`.
pub(crate) const WRAPPED: &str = "x-openapi-drift-wrapped";

/// Marks an `enum` that leaves out the null which its `type`, or `nullable`, admits. The letter of 3.0.3 and of 3.1 has it that null
/// is not valid then; those who write `nullable` mean that it is.
pub(crate) const NULL_LEFT_OUT: &str = "x-openapi-drift-null-left-out";
/// Holds what stands beside a `$ref` in 3.0, where it is ignored.
pub(crate) const IGNORED: &str = "x-openapi-drift-ignored";

/// In 3.0 a reference stands alone: whatever is beside it is words.
pub(super) fn alone(map: &mut Map<String, Value>) {
    if !map.get("$ref").is_some_and(Value::is_string) || map.len() == 1 {
        return;
    }
    let beside: Map<String, Value> = std::mem::take(map)
        .into_iter()
        .filter_map(|(key, value)| match key.as_str() {
            "$ref" | UNUSABLE => {
                map.insert(key, value);
                None
            }
            _ => Some((key, value)),
        })
        .collect();
    map.insert(IGNORED.to_owned(), Value::Object(beside));
}

/// `type: [string, 'null']` beside an `enum` without null.
pub(super) fn left_out(map: &mut Map<String, Value>) {
    let null = Value::from("null");
    let typed = matches!(map.get("type"), Some(Value::Array(kinds)) if kinds.contains(&null));
    let listed =
        matches!(map.get("enum"), Some(Value::Array(values)) if !values.contains(&Value::Null));
    if typed && listed {
        map.insert(NULL_LEFT_OUT.to_owned(), Value::Bool(true));
    }
}

/// Bytes as they are and bytes written in letters: 3.1 has `contentMediaType` and `contentEncoding` for what were formats.
/// The keyword that says what the format says now, if another one did.
pub(super) fn bytes(map: &mut Map<String, Value>) -> Option<&'static str> {
    let mut said = None;
    let text = |map: &Map<String, Value>, key: &str| {
        map.get(key).and_then(Value::as_str).map(str::to_lowercase)
    };
    let kind = text(map, "contentMediaType");
    if !map.contains_key("format") {
        let format = match text(map, "contentEncoding").as_deref() {
            Some("base64") => Some("byte"),
            Some("base64url") => Some("base64url"),
            Some(_) => None,
            None => kind
                .as_deref()
                .filter(|kind| is_bytes(map, kind))
                .map(|_| "binary"),
        };
        if let Some(format) = format {
            said = Some(if format == "binary" {
                "contentMediaType"
            } else {
                "contentEncoding"
            });
            map.remove("contentEncoding");
            map.insert("format".to_owned(), Value::from(format));
            if format == "binary" {
                map.entry("type").or_insert_with(|| Value::from("string"));
            }
        }
    }
    // That bytes are bytes is no news.
    let formatted = matches!(
        text(map, "format").as_deref(),
        Some("byte" | "binary" | "base64url")
    );
    if formatted && kind.as_deref() == Some(BYTES) {
        map.remove("contentMediaType");
    }
    said
}

/// Whether a schema stands for bytes as they are: without a type, as 3.1 has it, or as a string of no other kind.
fn is_bytes(map: &Map<String, Value>, kind: &str) -> bool {
    let speaks = [
        "$ref",
        "allOf",
        "anyOf",
        "oneOf",
        "enum",
        "const",
        "properties",
        "items",
        "contentSchema",
    ];
    match map.get("type") {
        None => !speaks.iter().any(|key| map.contains_key(*key)) && !is_text(kind),
        Some(Value::String(only)) => only == "string" && kind == BYTES,
        Some(Value::Array(kinds)) => kinds.contains(&Value::from("string")) && kind == BYTES,
        Some(_) => false,
    }
}

const BYTES: &str = "application/octet-stream";

/// A body of such a type is bytes, whether its schema says so (as in 3.0) or is left out (as in 3.1).
pub(super) fn raw_body(name: &str, media: &mut Value) {
    let name = name.trim().to_lowercase();
    let raw = ["image/", "audio/", "video/"]
        .iter()
        .any(|main| name.starts_with(main))
        || matches!(
            name.as_str(),
            BYTES | "application/pdf" | "application/zip" | "application/gzip"
        );
    let open = media.get("schema").is_none_or(is_open);
    if let (true, true, Some(media)) = (raw && !is_text(&name), open, media.as_object_mut()) {
        media.insert(
            "schema".to_owned(),
            json!({"type": "string", "format": "binary"}),
        );
    }
}

/// So is a part of a form about which 3.1 says nothing.
pub(super) fn raw_parts(name: &str, media: &mut Value) {
    if !name.trim().to_lowercase().starts_with("multipart/") {
        return;
    }
    let typed = |part: &str, media: &Value| {
        media
            .get("encoding")
            .and_then(|all| all.get(part)?.get("contentType")?.as_str())
            .is_some_and(is_text)
    };
    let parts: Vec<String> = media
        .get("schema")
        .and_then(|schema| schema.get("properties")?.as_object())
        .into_iter()
        .flatten()
        .filter(|(part, schema)| is_open(schema) && !typed(part, media))
        .map(|(part, _)| part.clone())
        .collect();
    for part in parts {
        media["schema"]["properties"][&part] = json!({"type": "string", "format": "binary"});
    }
}

fn is_open(schema: &Value) -> bool {
    schema == &Value::Bool(true) || schema.as_object().is_some_and(Map::is_empty)
}

fn is_text(kind: &str) -> bool {
    ["text/", "json", "xml", "x-www-form-urlencoded"]
        .iter()
        .any(|part| kind.contains(part))
}

/// The one example of 3.0 in the list of 3.1.
pub(super) fn examples(map: &mut Map<String, Value>) {
    if !map.contains_key("examples")
        && let Some(example) = map.remove("example")
    {
        map.insert("examples".to_owned(), json!([example]));
    }
}

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
pub(super) fn nullable(schema: &mut Value) -> bool {
    let Some(map) = schema.as_object_mut() else {
        return false;
    };
    if map.contains_key("$ref") || map.contains_key("allOf") || map.contains_key("not") {
        let inner = std::mem::take(map);
        *schema = json!({"anyOf": [inner, {"type": "null"}], WRAPPED: true});
        return true;
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
        map.insert(NULL_LEFT_OUT.to_owned(), Value::Bool(true));
    }
    if let Some(value) = map.remove("const") {
        map.insert("enum".to_owned(), json!([value, null]));
    }
    false
}
