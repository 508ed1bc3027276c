//! Members that say what would be so without them, and those that are no part of the API.

use serde_json::{Map, Value, json};

use super::words::{MAPS, is_data};
use super::{METHODS, child};

/// Whether a member says what would be so without it.
pub(super) fn is_implied(
    document: &Value,
    at: &str,
    map: &Map<String, Value>,
    key: &str,
    value: &Value,
) -> bool {
    let is = |key: &str, text: &str| map.get(key).is_some_and(|value| value == text);
    match key {
        // What is left out is absent, and so is what is filled in with nothing.
        "default" => value.is_null(),
        // Nothing more has to hold, or is there.
        _ if MAPS.contains(&key) && value == &json!({}) => true,
        "allOf"
            if value
                .as_array()
                .is_some_and(|parts| parts.iter().all(is_anything)) =>
        {
            true
        }
        "required" | "parameters" if value == &json!([]) => true,
        "items" | "additionalItems" if is_anything(value) => true,
        // A path without it is another path.
        "required" => is("in", "path"),
        // Single values have one form; where it matters the schema has the loss.
        "explode" => true,
        "readOnly" | "writeOnly" | "deprecated" | "allowEmptyValue" | "allowReserved" => {
            value == &Value::Bool(false)
        }
        "nullable" => value == &Value::Bool(false) || is_null_anyway(document, at),
        "style" => match map.get("in").and_then(Value::as_str) {
            Some("query" | "cookie") => value == "form",
            _ => value == "simple",
        },
        "additionalProperties" => is_anything(value),
        _ => false,
    }
}

/// Whether `null` is among the values of a schema, or of one that it is an alternative of, without the
/// `nullable` at `at`.
fn is_null_anyway(document: &Value, at: &str) -> bool {
    let (mut schema, _) = at.rsplit_once('/').unwrap_or_default();
    let without = super::changed(document, schema, |map| drop(map.remove("nullable")));
    loop {
        if allows_null(&without, without.pointer(schema).unwrap(), 8) {
            return true;
        }
        let (members, _) = schema.rsplit_once('/').unwrap_or_default();
        let around = ["/allOf", "/anyOf", "/oneOf"]
            .iter()
            .find_map(|keyword| members.strip_suffix(keyword));
        let Some(around) = around else {
            return false;
        };
        let alternatives = without.pointer(members).and_then(Value::as_array);
        let mut others = alternatives.into_iter().flatten();
        if !members.ends_with("/allOf") && others.any(|other| allows_null(&without, other, 8)) {
            return true;
        }
        schema = around;
    }
}

/// The place that a schema has when what it is a part or an alternative of is taken for the whole.
pub(super) fn whole(at: &str) -> String {
    let mut tokens: Vec<&str> = Vec::new();
    for token in at.split('/') {
        let is_index = token.bytes().all(|byte| byte.is_ascii_digit()) && !token.is_empty();
        if is_index && matches!(tokens.last(), Some(&("allOf" | "anyOf" | "oneOf"))) {
            tokens.pop();
        } else {
            tokens.push(token);
        }
    }
    tokens.join("/")
}

/// Whether a schema says nothing of its values.
fn is_anything(schema: &Value) -> bool {
    schema == &Value::Bool(true) || schema == &json!({})
}

/// Whether a property is declared as any value, which it may have undeclared as well, and required.
pub(super) fn is_required_anyway(document: &Value, at: &str, value: &Value) -> bool {
    let Some((properties, name)) = at.rsplit_once('/') else {
        return false;
    };
    let name = name.replace("~1", "/").replace("~0", "~");
    let around = properties
        .strip_suffix("/properties")
        .and_then(|around| document.pointer(around));
    let required = around.and_then(|around| around["required"].as_array());
    is_anything(value) && required.is_some_and(|names| names.contains(&Value::String(name)))
}

/// Whether `null` is among the values of a schema.
fn allows_null(document: &Value, schema: &Value, depth: usize) -> bool {
    let Value::Object(map) = schema else {
        return schema == &Value::Bool(true);
    };
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    let allows = |schema: &Value| allows_null(document, schema, depth);
    let list = |key: &str| map.get(key).and_then(Value::as_array);
    map.get("nullable") == Some(&Value::Bool(true))
        || map.get("const") == Some(&Value::Null)
        || list("enum").is_some_and(|values| values.contains(&Value::Null))
        || (map.get("type").is_none_or(|of| {
            of == "null" || of.as_array().is_some_and(|of| of.contains(&json!("null")))
        }) && map.get("const").is_none_or(Value::is_null)
            && list("enum").is_none_or(|values| values.contains(&Value::Null))
            && list("anyOf").is_none_or(|members| members.is_empty() || members.iter().any(allows))
            && list("oneOf").is_none_or(|members| members.is_empty() || members.iter().any(allows))
            && list("allOf").is_none_or(|parts| parts.iter().all(allows))
            && map.get("$ref").and_then(Value::as_str).is_none_or(|to| {
                let target = to.strip_prefix('#').and_then(|at| document.pointer(at));
                target.is_none_or(allows)
            }))
}

/// Whether the member stands in a parameter of a path that each of its operations has its own of.
pub(super) fn is_replaced(document: &Value, at: &str) -> bool {
    let tokens: Vec<&str> = at.split('/').collect();
    let ["", "paths", path, "parameters", index, ..] = tokens.as_slice() else {
        return false;
    };
    let item = document.pointer(&format!("/paths/{path}")).unwrap();
    let same = |a: &Value, b: &Value| a["name"] == b["name"] && a["in"] == b["in"];
    let shared = item.pointer(&format!("/parameters/{index}")).unwrap();
    let operations: Vec<&Value> = METHODS
        .iter()
        .filter_map(|method| item.get(method))
        .collect();
    operations.iter().all(|operation| {
        let own = operation.get("parameters").and_then(Value::as_array);
        own.into_iter().flatten().any(|own| same(own, shared))
    })
}

/// The references of a document: where each stands, and where it leads.
pub(super) struct References(Vec<(String, String)>);

impl References {
    /// Those that do not stand in what is `given_up`.
    pub(super) fn of(document: &Value, given_up: impl Fn(&str) -> bool) -> Self {
        let mut all = Vec::new();
        collect(document, "", &given_up, &mut all);
        let mut references = Self(all);
        // What only unused parts refer to is not used either.
        loop {
            let before = references.0.len();
            let used = |at: &str| {
                let at = whole(at);
                let part: Vec<&str> = at.splitn(5, '/').collect();
                match part.as_slice() {
                    // A name for another schema is as much in use as it is used itself.
                    ["", "components", "schemas", name, "$ref"] => {
                        references.leads_to(&format!("/components/schemas/{name}"))
                    }
                    ["", "components", "schemas", ..] => true,
                    ["", "components", section, name, ..] => {
                        references.leads_to(&format!("/components/{section}/{name}"))
                    }
                    _ => true,
                }
            };
            let kept: Vec<_> = references
                .0
                .iter()
                .filter(|(at, _)| used(at))
                .cloned()
                .collect();
            references = Self(kept);
            if references.0.len() == before {
                return references;
            }
        }
    }

    /// Whether something refers to `to`, or into it, from outside of it.
    fn leads_to(&self, to: &str) -> bool {
        let within = |at: &str| {
            at.strip_prefix(to)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.0
            .iter()
            .any(|(at, target)| within(target) && !within(at))
    }

    /// Whether the member is a reusable part that nothing refers to: it is not part of the API. Schemas are
    /// lowered even so.
    pub(super) fn is_unused(&self, at: &str) -> bool {
        let tokens: Vec<&str> = at.split('/').collect();
        match tokens.as_slice() {
            ["", "components", "schemas" | "securitySchemes", _] => false,
            ["", "components", _, _] | [.., "$defs" | "definitions", _] => !self.leads_to(at),
            // Said where a schema is used.
            ["", "components", "schemas", ..] => {
                let whole = whole(at);
                let tokens: Vec<&str> = whole.split('/').collect();
                let words = ["nullable", "deprecated", "default", "readOnly", "writeOnly"];
                matches!(tokens.as_slice(), [.., _, word] if tokens.len() == 5 && words.contains(word))
                    && !self.0.iter().any(|(_, to)| *to == tokens[..4].join("/"))
            }
            _ => false,
        }
    }
}

fn collect(
    value: &Value,
    at: &str,
    given_up: &impl Fn(&str) -> bool,
    found: &mut Vec<(String, String)>,
) {
    if given_up(at) {
        return;
    }
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| !is_data(key))
            .for_each(|(key, value)| collect(value, &child(at, key), given_up, found)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, value)| collect(value, &format!("{at}/{index}"), given_up, found)),
        Value::String(text) => {
            if let Some(target) = text.strip_prefix('#') {
                found.push((at.to_owned(), target.to_owned()));
            }
        }
        _ => {}
    }
}
