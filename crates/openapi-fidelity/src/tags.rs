//! Discriminators as JSON Schema: the value that stands for an alternative is written into it.
//!
//! OpenAPI says by a `discriminator` which alternative a value is. A validator does not read it: to `oneOf` a cat is a dog
//! as well where both have a string for a tag, and then it is neither.

use serde_json::{Value, json};

use crate::pointer;
use crate::view;

/// Writes the tags into the alternatives of the schema at `place`, where they do not say them already.
pub(crate) fn write_out(root: &mut Value, document: &Value, place: &str) {
    let Some(schema) = document.pointer(place) else {
        return;
    };
    let Some(tag) = schema
        .pointer("/discriminator/propertyName")
        .and_then(Value::as_str)
    else {
        return;
    };
    for keyword in ["oneOf", "anyOf"] {
        let members = schema.get(keyword).and_then(Value::as_array);
        for (index, member) in members.into_iter().flatten().enumerate() {
            let Some(values) = values(document, schema, member, tag) else {
                continue;
            };
            let at = pointer::child(&pointer::child(place, keyword), &index.to_string());
            if let Some(Value::Object(map)) = root.pointer_mut(&at) {
                map.insert("properties".to_owned(), json!({tag: {"enum": values}}));
                map.insert("required".to_owned(), json!([tag]));
            }
        }
    }
}

/// The values of `tag` that stand for an alternative which is a reference; none where it says them itself.
fn values(document: &Value, schema: &Value, member: &Value, tag: &str) -> Option<Vec<String>> {
    let link = member.get("$ref").and_then(Value::as_str)?;
    let (place, target) = view::target(document, link)?;
    if says(document, target, tag, 8) {
        return None;
    }
    let mapping = schema
        .pointer("/discriminator/mapping")
        .and_then(Value::as_object);
    let leads_here = |to: &Value| {
        let to = to.as_str().or_else(|| to.get("$ref")?.as_str());
        to.is_some_and(|to| {
            let by_name = pointer::child("/components/schemas", to);
            by_name == place || view::target(document, to).is_some_and(|(there, _)| there == place)
        })
    };
    let mapped: Vec<String> = mapping
        .into_iter()
        .flatten()
        .filter(|(_, to)| leads_here(to))
        .map(|(value, _)| value.clone())
        .collect();
    if !mapped.is_empty() {
        return Some(mapped);
    }
    // Without a mapping the name of the schema is the value; a union among the alternatives has tags of its own.
    let nested = ["oneOf", "anyOf"]
        .iter()
        .any(|key| target.get(key).is_some());
    let name = place.strip_prefix("/components/schemas/")?;
    (!nested && !name.contains('/')).then(|| vec![pointer::unescaped(name)])
}

/// Whether a schema lists the values of its property `tag`.
fn says(document: &Value, schema: &Value, tag: &str, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    let follow = |value: &Value| {
        let link = value.get("$ref").and_then(Value::as_str)?;
        view::target(document, link).map(|(_, target)| target.clone())
    };
    let listed = schema
        .get("properties")
        .and_then(|properties| properties.get(tag))
        .is_some_and(|property| {
            let end = follow(property);
            [Some(property), end.as_ref()]
                .into_iter()
                .flatten()
                .any(|schema| schema.get("const").is_some() || schema.get("enum").is_some())
        });
    let parts = schema.get("allOf").and_then(Value::as_array);
    listed
        || follow(schema).is_some_and(|target| says(document, &target, tag, depth))
        || parts
            .into_iter()
            .flatten()
            .any(|part| says(document, part, tag, depth))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn alternatives_get_the_values_that_stand_for_them() {
        let document = json!({"components": {"schemas": {
            "Pet": {
                "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"},
                    {"$ref": "#/components/schemas/Fish"}],
                "discriminator": {"propertyName": "pet", "mapping": {"cat": "#/components/schemas/Cat", "tom": "Cat"}}
            },
            "Cat": {"type": "object", "properties": {"pet": {"type": "string"}}},
            "Dog": {"type": "object", "properties": {"pet": {"type": "string"}}},
            "Fish": {"type": "object", "properties": {"pet": {"const": "fish"}}}
        }}});
        let mut root = document.clone();
        write_out(&mut root, &document, "/components/schemas/Pet");
        assert_eq!(
            root.pointer("/components/schemas/Pet/oneOf").unwrap(),
            &json!([
                {"$ref": "#/components/schemas/Cat", "properties": {"pet": {"enum": ["cat", "tom"]}}, "required": ["pet"]},
                {"$ref": "#/components/schemas/Dog", "properties": {"pet": {"enum": ["Dog"]}}, "required": ["pet"]},
                {"$ref": "#/components/schemas/Fish"}
            ])
        );
    }
}
