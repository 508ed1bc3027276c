//! OpenAPI's own idioms rewritten into plain JSON Schema 2020-12, in place, so that pointers stay
//! true: `nullable`, boolean exclusive bounds, discriminators (whose tags become constraints),
//! one-way properties, integer widths. What the schemas mean afterwards is [`crate::schema`]'s.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::pointer;
use crate::verdict::Polarity;

/// Marks a `$ref` whose siblings only repeat a discriminator's tag.
pub(crate) const TAGGED: &str = "x-openapi-drift-tagged";
/// Carries `format: int32` and its like to the validator, which leaves number formats alone.
pub(crate) const WIDTH: &str = "x-openapi-drift-width";

pub(crate) const METHODS: [&str; 9] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace", "query",
];

/// Rewrites a whole document for one polarity.
pub(crate) fn desugar(source: &Value, polarity: Polarity) -> Value {
    let mut root = source.clone();
    Desugar { source, polarity }.document(&mut root);
    root
}

/// Whether any schema says `readOnly` or `writeOnly`.
pub(crate) fn has_one_way_properties(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_one_way_properties),
        Value::Object(members) => members.iter().any(|(key, member)| {
            (matches!(key.as_str(), "readOnly" | "writeOnly") && member == &Value::Bool(true))
                || has_one_way_properties(member)
        }),
        _ => false,
    }
}

struct Desugar<'s> {
    source: &'s Value,
    polarity: Polarity,
}

impl Desugar<'_> {
    fn document(&self, root: &mut Value) {
        if let Some(components) = root.get_mut("components") {
            each(components, "schemas", |schema| self.schema(schema));
            each(components, "parameters", |item| self.parameter(item));
            each(components, "headers", |item| self.parameter(item));
            each(components, "requestBodies", |item| self.content(item));
            each(components, "responses", |item| self.response(item));
            each(components, "mediaTypes", |item| self.media_type(item));
            each(components, "pathItems", |item| self.path_item(item));
            each(components, "callbacks", |item| self.callback(item));
        }
        for key in ["paths", "webhooks", "x-webhooks"] {
            each(root, key, |item| self.path_item(item));
        }
    }

    fn path_item(&self, item: &mut Value) {
        list(item, "parameters", |parameter| self.parameter(parameter));
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                self.operation(operation);
            }
        }
    }

    fn operation(&self, operation: &mut Value) {
        list(operation, "parameters", |parameter| {
            self.parameter(parameter);
        });
        if let Some(body) = operation.get_mut("requestBody") {
            self.content(body);
        }
        each(operation, "responses", |response| self.response(response));
        each(operation, "callbacks", |callback| self.callback(callback));
    }

    fn callback(&self, callback: &mut Value) {
        for item in callback
            .as_object_mut()
            .into_iter()
            .flat_map(Map::values_mut)
        {
            self.path_item(item);
        }
    }

    fn response(&self, response: &mut Value) {
        self.content(response);
        each(response, "headers", |header| self.parameter(header));
    }

    fn parameter(&self, parameter: &mut Value) {
        if let Some(schema) = parameter.get_mut("schema") {
            self.schema(schema);
        }
        self.content(parameter);
    }

    fn content(&self, holder: &mut Value) {
        each(holder, "content", |media| self.media_type(media));
    }

    fn media_type(&self, media: &mut Value) {
        if let Some(schema) = media.get_mut("schema") {
            self.schema(schema);
        }
        each(media, "encoding", |encoding| {
            each(encoding, "headers", |header| self.parameter(header));
        });
    }

    fn schema(&self, schema: &mut Value) {
        let Some(map) = schema.as_object_mut() else {
            return;
        };
        self.below(map);
        repeated(map);
        exclusive(map, "exclusiveMinimum", "minimum");
        exclusive(map, "exclusiveMaximum", "maximum");
        tuple(map);
        types(map);
        self.discriminator(map);
        self.one_way(map);
        if let Some(format @ ("int32" | "int64")) = map.get("format").and_then(Value::as_str) {
            let format = Value::from(format);
            map.insert(WIDTH.to_owned(), format);
        }
        if map.remove("nullable") == Some(Value::Bool(true)) {
            nullable(schema);
        }
    }

    /// Rewrites the subschemas of a schema.
    fn below(&self, map: &mut Map<String, Value>) {
        for key in [
            "properties",
            "patternProperties",
            "dependentSchemas",
            "$defs",
            "definitions",
        ] {
            if let Some(Value::Object(members)) = map.get_mut(key) {
                members.values_mut().for_each(|member| self.schema(member));
            }
        }
        for key in ["allOf", "anyOf", "oneOf", "prefixItems"] {
            if let Some(Value::Array(members)) = map.get_mut(key) {
                members.iter_mut().for_each(|member| self.schema(member));
            }
        }
        for key in SINGLE {
            match map.get_mut(key) {
                Some(Value::Array(members)) => {
                    members.iter_mut().for_each(|member| self.schema(member));
                }
                Some(member) => self.schema(member),
                None => {}
            }
        }
    }

    /// Writes the tag that a discriminator implies beside each `$ref` whose target leaves it open.
    fn discriminator(&self, map: &mut Map<String, Value>) {
        let Some(property) = map
            .get("discriminator")
            .and_then(|discriminator| discriminator.get("propertyName"))
            .and_then(Value::as_str)
            .map(str::to_owned)
        else {
            return;
        };
        let mapping = map.get("discriminator").map(mapping).unwrap_or_default();
        for key in ["oneOf", "anyOf"] {
            let Some(Value::Array(branches)) = map.get_mut(key) else {
                continue;
            };
            for branch in branches {
                self.tag(branch, &property, &mapping);
            }
        }
    }

    fn tag(&self, branch: &mut Value, property: &str, mapping: &[(String, String)]) {
        let Some(map) = branch.as_object_mut() else {
            return;
        };
        let Some(target) = map
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(pointer::local)
        else {
            return;
        };
        if map.contains_key("properties") || self.has_tag(&target, property, 16) {
            return;
        }
        let mut tags: Vec<Value> = mapping
            .iter()
            .filter(|(_, named)| *named == target)
            .map(|(tag, _)| Value::from(tag.as_str()))
            .collect();
        if tags.is_empty() {
            tags.push(Value::from(pointer::last(&target)));
        }
        map.insert("required".to_owned(), json!([property]));
        map.insert("properties".to_owned(), json!({property: {"enum": tags}}));
        map.insert(TAGGED.to_owned(), Value::Bool(true));
    }

    /// Whether the target itself closes the tag, with a `const` or an `enum`.
    fn has_tag(&self, target: &str, property: &str, fuel: usize) -> bool {
        let Some(schema) = pointer::lookup(self.source, target).filter(|_| fuel > 0) else {
            return false;
        };
        let closed = |schema: &Value| schema.get("const").is_some() || schema.get("enum").is_some();
        if let Some(tag) = schema.get("properties").and_then(|all| all.get(property)) {
            let referred = tag
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| pointer::lookup(self.source, reference));
            return closed(tag) || referred.is_some_and(closed);
        }
        let referred = schema.get("$ref").and_then(Value::as_str);
        let members = schema.get("allOf").and_then(Value::as_array);
        let parts = members.into_iter().flatten();
        referred
            .into_iter()
            .chain(parts.filter_map(|part| part.get("$ref").and_then(Value::as_str)))
            .filter_map(pointer::local)
            .any(|next| self.has_tag(&next, property, fuel - 1))
    }

    /// A read-only property is never owed by a sender, nor a write-only one by a receiver's peer.
    fn one_way(&self, map: &mut Map<String, Value>) {
        let keyword = match self.polarity {
            Polarity::Sent => "readOnly",
            Polarity::Received => "writeOnly",
        };
        let Some(Value::Object(properties)) = map.get_mut("properties") else {
            return;
        };
        let mut absent = Vec::new();
        for (name, property) in properties.iter_mut() {
            if !self.says(property, keyword, 16) {
                continue;
            }
            absent.push(name.clone());
            // What it would hold no longer matters; its words are kept for the documentation.
            if let Some(map) = property.as_object_mut() {
                map.retain(|key, _| {
                    matches!(
                        key.as_str(),
                        "readOnly" | "writeOnly" | "description" | "title" | "deprecated"
                    )
                });
            }
        }
        if let Some(Value::Array(required)) = map.get_mut("required") {
            required.retain(|name| {
                !name
                    .as_str()
                    .is_some_and(|name| absent.iter().any(|one| one == name))
            });
        }
    }

    fn says(&self, schema: &Value, keyword: &str, fuel: usize) -> bool {
        if fuel == 0 {
            return false;
        }
        if let Some(said) = schema.get(keyword) {
            return said == &Value::Bool(true);
        }
        let follow = |reference: &Value| {
            reference
                .as_str()
                .and_then(|reference| pointer::lookup(self.source, reference))
                .is_some_and(|target| self.says(target, keyword, fuel - 1))
        };
        schema.get("$ref").is_some_and(follow)
            || schema
                .get("allOf")
                .and_then(Value::as_array)
                .is_some_and(|parts| parts.iter().any(|part| self.says(part, keyword, fuel - 1)))
    }
}

/// Keywords that hold one subschema (or, in older drafts, a list of them).
const SINGLE: [&str; 11] = [
    "items",
    "additionalItems",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
];

/// `discriminator.mapping` as (tag, canonical pointer); a vendor's `{$ref: …}` value is understood.
fn mapping(discriminator: &Value) -> Vec<(String, String)> {
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
fn repeated(map: &mut Map<String, Value>) {
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

fn exclusive(map: &mut Map<String, Value>, exclusive: &str, inclusive: &str) {
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
fn tuple(map: &mut Map<String, Value>) {
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
fn types(map: &mut Map<String, Value>) {
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
fn nullable(schema: &mut Value) {
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

fn each(holder: &mut Value, key: &str, mut visit: impl FnMut(&mut Value)) {
    if let Some(Value::Object(members)) = holder.get_mut(key) {
        members.values_mut().for_each(&mut visit);
    }
}

fn list(holder: &mut Value, key: &str, mut visit: impl FnMut(&mut Value)) {
    if let Some(Value::Array(members)) = holder.get_mut(key) {
        members.iter_mut().for_each(&mut visit);
    }
}
