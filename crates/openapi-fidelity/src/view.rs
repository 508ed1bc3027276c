//! One direction's reading of a document, as JSON Schema 2020-12.
//!
//! Requests do not carry what is `readOnly`, responses not what is `writeOnly`; OpenAPI says so in words, which a validator
//! does not read; so are discriminators (`tags`). In OpenAPI 3.0 `nullable` and the boolean `exclusive…` are words of that kind too. All pointers stay
//! those of the document.

use jsonschema::{Registry, Validator};
use serde_json::{Map, Value, json};

use crate::{pointer, tags};

/// Keywords whose value is a map of schemas.
pub(crate) const MAPS: &[&str] = &[
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
];
/// Keywords whose value is a list of schemas.
pub(crate) const LISTS: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords whose value is a schema.
pub(crate) const SINGLES: &[&str] = &[
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Which way a value travels, seen from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The client sends it.
    Request,
    /// The client receives it.
    Response,
}

/// The document as one direction reads it.
pub(crate) struct View {
    pub(crate) root: Value,
    registry: Registry<'static>,
}

const URI: &str = "urn:openapi-fidelity:document";

impl View {
    pub(crate) fn new(document: &Value, way: Way) -> Result<Self, String> {
        let mut root = document.clone();
        let old = document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.0"));
        for place in schemas(document) {
            tags::write_out(&mut root, document, &place);
            if let Some(Value::Object(map)) = root.pointer_mut(&place) {
                if old {
                    modernise(map);
                }
                hide(map, document, way);
            }
        }
        let registry = Registry::new()
            .draft(jsonschema::Draft::Draft202012)
            .add(URI, root.clone())
            .and_then(jsonschema::RegistryBuilder::prepare)
            .map_err(|error| format!("the document is no set of schemas: {error}"))?;
        Ok(Self { root, registry })
    }

    /// A validator of the schema at `pointer`.
    pub(crate) fn validator(&self, pointer: &str) -> Result<Validator, String> {
        let link = json!({"$ref": format!("{URI}#{}", encoded(pointer))});
        jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .with_registry(&self.registry)
            .build(&link)
            .map_err(|error| format!("#{pointer}: {error}"))
    }
}

/// The pointer behind the location that a validation error names.
pub(crate) fn location(error: &jsonschema::ValidationError<'_>) -> Option<String> {
    let uri = error.absolute_keyword_location()?.as_str().to_owned();
    let (_, fragment) = uri.split_once('#')?;
    Some(decoded(fragment))
}

/// The pointers of all schemas of a document, outer ones first.
pub(crate) fn schemas(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    outside(document, "", &mut found);
    found
}

fn outside(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let here = pointer::child(at, key);
                if at == "/components/schemas" || key == "schema" {
                    inside(value, &here, found);
                } else if !matches!(key.as_str(), "example" | "examples") && !key.starts_with("x-")
                {
                    outside(value, &here, found);
                }
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                outside(value, &pointer::child(at, &index.to_string()), found);
            }
        }
        _ => {}
    }
}

fn inside(schema: &Value, at: &str, found: &mut Vec<String>) {
    let Value::Object(map) = schema else { return };
    found.push(at.to_owned());
    for (key, value) in map {
        let here = pointer::child(at, key);
        match value {
            Value::Object(members) if MAPS.contains(&key.as_str()) => {
                for (name, member) in members {
                    inside(member, &pointer::child(&here, name), found);
                }
            }
            Value::Array(members) if LISTS.contains(&key.as_str()) => {
                for (index, member) in members.iter().enumerate() {
                    inside(member, &pointer::child(&here, &index.to_string()), found);
                }
            }
            _ if SINGLES.contains(&key.as_str()) => inside(value, &here, found),
            _ => {}
        }
    }
}

/// Says in 2020-12 what OpenAPI 3.0 says in its own words.
fn modernise(map: &mut Map<String, Value>) {
    if map.get("nullable") == Some(&Value::Bool(true)) {
        if let Some(Value::String(kind)) = map.get("type").cloned() {
            map.insert("type".to_owned(), json!([kind, "null"]));
        }
        if let Some(Value::Array(values)) = map.get_mut("enum")
            && !values.contains(&Value::Null)
        {
            values.push(Value::Null);
        }
    }
    for (flag, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        match map.get(flag) {
            Some(Value::Bool(true)) => {
                if let Some(value) = map.remove(bound) {
                    map.insert(flag.to_owned(), value);
                }
            }
            Some(Value::Bool(false)) => {
                map.remove(flag);
            }
            _ => {}
        }
    }
}

/// Removes the properties that do not travel this way.
fn hide(map: &mut Map<String, Value>, document: &Value, way: Way) {
    let flag = match way {
        Way::Request => "readOnly",
        Way::Response => "writeOnly",
    };
    let Some(Value::Object(properties)) = map.get_mut("properties") else {
        return;
    };
    let hidden: Vec<String> = properties
        .iter()
        .filter(|(_, schema)| says(document, schema, flag))
        .map(|(name, _)| name.clone())
        .collect();
    properties.retain(|name, _| !hidden.contains(name));
    if let Some(Value::Array(required)) = map.get_mut("required") {
        required.retain(|name| {
            !name
                .as_str()
                .is_some_and(|name| hidden.iter().any(|hidden| hidden == name))
        });
    }
}

fn says(document: &Value, schema: &Value, flag: &str) -> bool {
    let mut schema = schema;
    for _ in 0..16 {
        if schema.get(flag) == Some(&Value::Bool(true)) {
            return true;
        }
        let Some(target) = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|link| target(document, link))
        else {
            return false;
        };
        schema = target.1;
    }
    false
}

/// What a local `$ref` leads to, with its pointer.
pub(crate) fn target<'v>(root: &'v Value, link: &str) -> Option<(String, &'v Value)> {
    let pointer = decoded(link.strip_prefix('#')?);
    root.pointer(&pointer).map(|value| (pointer.clone(), value))
}

/// A pointer as the fragment of a URI.
pub(crate) fn encoded(pointer: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/~-._!$&'()*+,;=:@".contains(&byte);
    pointer
        .bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn decoded(fragment: &str) -> String {
    let bytes = fragment.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| fragment.get(at + 1..at + 3))
            .flatten();
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            plain.push(byte);
            at += 3;
        } else {
            plain.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(plain).unwrap_or_else(|_| fragment.to_owned())
}
