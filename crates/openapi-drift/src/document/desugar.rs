//! OpenAPI's own idioms rewritten into plain JSON Schema 2020-12, in place, so that pointers stay
//! true: `nullable`, boolean exclusive bounds, discriminators (whose tags become constraints),
//! one-way properties, integer widths. What the schemas mean afterwards is [`crate::schema`]'s.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::idioms;
use super::unusable::{Unusable, Usage};
use crate::pointer;
use crate::schema::width;
use crate::verdict::Polarity;

/// Marks a `$ref` whose siblings only repeat a discriminator's tag.
pub(crate) const TAGGED: &str = "x-openapi-drift-tagged";
/// Carries `format: int32` and its like to the validator, which leaves number formats alone.
pub(crate) const WIDTH: &str = "x-openapi-drift-width";

pub(crate) const METHODS: [&str; 9] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace", "query",
];

/// Rewrites a whole document for one polarity. What its schemas say in a form that nobody can use is
/// taken out, and listed.
pub(crate) fn desugar(
    source: &Value,
    polarity: Polarity,
) -> (Value, BTreeMap<String, Unusable>, Rewritten) {
    let mut root = source.clone();
    let version = source.get("openapi").and_then(Value::as_str);
    let mut desugar = Desugar {
        source,
        polarity,
        is_3_0: version.is_some_and(|version| version.starts_with("3.0")),
        place: "#".to_owned(),
        usage: Usage::default(),
        rewritten: Rewritten::default(),
    };
    desugar.document(&mut root);
    (root, desugar.usage.unusable, desugar.rewritten)
}

/// Where the rewriting moved what a document says, so that reports name the places that are there.
#[derive(Debug, Default)]
pub(crate) struct Rewritten {
    /// Schemas that stand in an `anyOf` beside null now.
    wrapped: BTreeSet<String>,
    /// Schemas whose `format` is said by another keyword.
    encoded: BTreeMap<String, &'static str>,
}

impl Rewritten {
    /// The place in the document as written of one in the rewritten.
    pub(crate) fn written(&self, place: &str) -> String {
        let mut tokens = place.split('/');
        let mut at = tokens.next().unwrap_or_default().to_owned();
        let mut inside = false;
        while let Some(token) = tokens.next() {
            if token == "anyOf" && !inside && self.wrapped.contains(&at) {
                // What stands inside may have an `anyOf` of its own.
                inside = true;
                // The branch of null stands for `nullable`.
                if tokens.next() == Some("1") {
                    return at + "/nullable";
                }
                continue;
            }
            inside = false;
            match self.encoded.get(&at).filter(|_| token == "format") {
                Some(keyword) => pointer::extend(&mut at, keyword),
                None => {
                    at.push('/');
                    at.push_str(token);
                }
            }
        }
        at
    }
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
    /// What stands beside a `$ref` is ignored.
    is_3_0: bool,
    /// Where in the document the walk is.
    place: String,
    usage: Usage,
    rewritten: Rewritten,
}

/// What is done to a part of the document.
type Visit<'s> = fn(&mut Desugar<'s>, &mut Value);

impl<'s> Desugar<'s> {
    fn document(&mut self, root: &mut Value) {
        self.at(root, "components", |desugar, components| {
            desugar.each(components, "schemas", Self::schema);
            desugar.each(components, "parameters", Self::parameter);
            desugar.each(components, "headers", Self::parameter);
            desugar.each(components, "requestBodies", Self::content);
            desugar.each(components, "responses", Self::response);
            desugar.each(components, "mediaTypes", Self::media_type);
            desugar.each(components, "pathItems", Self::path_item);
            desugar.each(components, "callbacks", Self::callback);
        });
        for key in ["paths", "webhooks", "x-webhooks"] {
            self.each(root, key, Self::path_item);
        }
        self.elsewhere(root);
    }

    /// Schemas that are referred to and stand where the standard has none.
    fn elsewhere(&mut self, root: &mut Value) {
        let mut seen = BTreeSet::new();
        loop {
            let met = self.usage.references.iter();
            let mut found: BTreeSet<String> = met
                .filter_map(|reference| pointer::local(reference))
                .filter(|target| {
                    let part = target.trim_start_matches("#/components");
                    let part = part.split('/').nth(1).unwrap_or_default();
                    !KNOWN.contains(&part) && !seen.contains(target)
                })
                .collect();
            if found.is_empty() {
                return;
            }
            for target in &found {
                if let Some(schema) = root.pointer_mut(target.trim_start_matches('#')) {
                    self.place.clone_from(target);
                    self.schema(schema);
                }
            }
            seen.append(&mut found);
        }
    }

    fn path_item(&mut self, item: &mut Value) {
        self.each(item, "parameters", Self::parameter);
        for method in METHODS {
            self.at(item, method, Self::operation);
        }
    }

    fn operation(&mut self, operation: &mut Value) {
        self.each(operation, "parameters", Self::parameter);
        self.at(operation, "requestBody", Self::content);
        self.each(operation, "responses", Self::response);
        self.each(operation, "callbacks", Self::callback);
    }

    fn callback(&mut self, callback: &mut Value) {
        self.members(callback, Self::path_item);
    }

    fn response(&mut self, response: &mut Value) {
        self.content(response);
        self.each(response, "headers", Self::parameter);
    }

    fn parameter(&mut self, parameter: &mut Value) {
        self.at(parameter, "schema", Self::schema);
        self.content(parameter);
    }

    fn content(&mut self, holder: &mut Value) {
        self.each(holder, "content", Self::media_type);
    }

    fn media_type(&mut self, media: &mut Value) {
        let name = pointer::last(&self.place);
        idioms::raw_body(&name, media);
        if !self.is_3_0 {
            idioms::raw_parts(&name, media);
        }
        self.at(media, "schema", Self::schema);
        self.each(media, "encoding", |desugar, encoding| {
            desugar.each(encoding, "headers", Self::parameter);
        });
    }

    /// Visits the member of that name, if it is there.
    fn at(&mut self, holder: &mut Value, key: &str, visit: Visit<'s>) {
        if let Some(member) = holder.get_mut(key) {
            let length = self.place.len();
            pointer::extend(&mut self.place, key);
            visit(self, member);
            self.place.truncate(length);
        }
    }

    /// Visits all that stands under a member.
    fn each(&mut self, holder: &mut Value, key: &str, visit: Visit<'s>) {
        if let Some(held) = holder.get_mut(key) {
            let length = self.place.len();
            pointer::extend(&mut self.place, key);
            self.members(held, visit);
            self.place.truncate(length);
        }
    }

    fn members(&mut self, held: &mut Value, visit: Visit<'s>) {
        let length = self.place.len();
        match held {
            Value::Object(members) => {
                for (name, member) in members {
                    pointer::extend(&mut self.place, name);
                    visit(self, member);
                    self.place.truncate(length);
                }
            }
            Value::Array(members) => {
                for (index, member) in members.iter_mut().enumerate() {
                    pointer::extend(&mut self.place, &index.to_string());
                    visit(self, member);
                    self.place.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn schema(&mut self, schema: &mut Value) {
        let outer = self.usage.base.clone();
        self.own_schema(schema);
        self.usage.base = outer;
    }

    fn own_schema(&mut self, schema: &mut Value) {
        self.usage.clean(self.source, &self.place, schema);
        let Some(map) = schema.as_object_mut() else {
            return;
        };
        if self.is_3_0 {
            idioms::alone(map);
        }
        // A schema has few keywords, and there are many that could be looked up.
        let length = self.place.len();
        for (key, member) in map.iter_mut() {
            let several = SEVERAL.contains(&key.as_str());
            if !several && !SINGLE.contains(&key.as_str()) {
                continue;
            }
            pointer::extend(&mut self.place, key);
            // In older drafts, those that hold one hold a list of them.
            if several || member.is_array() {
                self.members(member, Self::schema);
            } else {
                self.schema(member);
            }
            self.place.truncate(length);
        }
        idioms::repeated(map);
        idioms::exclusive(map, "exclusiveMinimum", "minimum");
        idioms::exclusive(map, "exclusiveMaximum", "maximum");
        idioms::tuple(map);
        idioms::types(map);
        idioms::left_out(map);
        if let Some(keyword) = idioms::bytes(map) {
            self.rewritten.encoded.insert(self.place.clone(), keyword);
        }
        idioms::examples(map);
        self.discriminator(map);
        self.one_way(map);
        let format = map.get("format").filter(|it| width(it.as_str()).is_some());
        if let Some(format) = format.cloned() {
            map.insert(WIDTH.to_owned(), format);
        }
        if map.remove("nullable") == Some(Value::Bool(true)) && idioms::nullable(schema) {
            self.rewritten.wrapped.insert(self.place.clone());
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
        let mapping = map
            .get("discriminator")
            .map(idioms::mapping)
            .unwrap_or_default();
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

/// Parts of a document in which every schema is visited.
const KNOWN: [&str; 11] = [
    "paths",
    "webhooks",
    "x-webhooks",
    "schemas",
    "parameters",
    "headers",
    "requestBodies",
    "responses",
    "mediaTypes",
    "pathItems",
    "callbacks",
];

/// Keywords that hold several subschemas, by name or in a list.
const SEVERAL: [&str; 9] = [
    "properties",
    "patternProperties",
    "dependentSchemas",
    "$defs",
    "definitions",
    "allOf",
    "anyOf",
    "oneOf",
    "prefixItems",
];

/// Keywords that hold one subschema.
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
