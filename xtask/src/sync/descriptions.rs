//! Limits that a document states in a description and not in the schema beside it: a client that trusts the schema sends
//! what the server refuses.

use serde_json::Value;

use super::limits::{self, Subject};
use super::shape;
use crate::pointer;

/// One line for each limit that the description states and the schema lacks or contradicts.
pub(crate) fn check(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(document, document, "", &mut found);
    found
}

fn walk(document: &Value, value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (name, schema) in map
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                let place = pointer::child(&format!("{pointer}/properties"), name);
                compare(document, schema, schema, &place, found);
            }
            if let (Some(schema), Some(_)) = (map.get("schema"), map.get("in")) {
                compare(document, schema, value, &format!("{pointer}/schema"), found);
            }
            for (key, value) in map {
                if !matches!(key.as_str(), "example" | "examples" | "default") {
                    walk(document, value, &pointer::child(pointer, key), found);
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(document, item, &format!("{pointer}/{at}"), found);
            }
        }
        _ => {}
    }
}

/// `described` has the description; for a parameter that is not the schema itself.
fn compare(
    document: &Value,
    schema: &Value,
    described: &Value,
    place: &str,
    found: &mut Vec<String>,
) {
    let Some(prose) = described["description"].as_str() else {
        return;
    };
    let field = shape::field(document, schema, false);
    for (keyword, said) in limits::read(prose, Subject::of(field.kind())).0 {
        let held = field.schema.get(keyword);
        if held.is_some_and(|held| same(keyword, held, &said)) {
            continue;
        }
        // A list of some values in passing is no claim that there are no others.
        if keyword == "enum" && held.is_none() {
            continue;
        }
        let held = held.map_or("nothing".to_owned(), Value::to_string);
        found.push(format!(
            "{place}: the description says {keyword} {said}, the schema says {held}"
        ));
    }
}

/// Whether two limits are the same. `1` and `1.0` are, and so are listed values in another order.
pub(crate) fn same(keyword: &str, held: &Value, said: &Value) -> bool {
    match (held, said) {
        (Value::Number(held), Value::Number(said)) => held.as_f64() == said.as_f64(),
        (Value::Array(held), Value::Array(said)) if keyword == "enum" => {
            held.len() == said.len() && said.iter().all(|value| held.contains(value))
        }
        _ => held == said,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_only_the_description_says_is_found() {
        let document = json!({
            "paths": {"/a": {"get": {"parameters": [
                {"name": "limit", "in": "query", "description": "From 1 to 100.", "schema": {"type": "integer", "maximum": 50, "minimum": 1}},
            ]}}},
            "components": {"schemas": {"A": {"type": "object", "properties": {
                "good": {"anyOf": [{"type": "string", "maxLength": 500}, {"type": "null"}], "description": "Max 500 characters."},
                "open": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "Max 500 characters."},
                "shape": {"$ref": "#/components/schemas/Shape", "default": "round", "description": "Default 'square'."},
            }}, "Shape": {"type": "string", "enum": ["round", "square"]}}},
        });
        assert_eq!(
            check(&document),
            [
                "/paths/~1a/get/parameters/0/schema: the description says maximum 100, the schema says 50",
                "/components/schemas/A/properties/open: the description says maxLength 500, the schema says nothing",
                "/components/schemas/A/properties/shape: the description says default \"square\", the schema says \"round\"",
            ]
        );
    }
}
