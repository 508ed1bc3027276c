//! The examples of a document, with the schema that each belongs to.

use serde_json::{Map, Value};

use crate::pointer;
use crate::view;

/// Each example: its place, its value, and the pointer of its schema, behind `$ref`s.
pub(crate) fn collect(document: &Value) -> Vec<(String, Value, String)> {
    let mut found = Vec::new();
    for at in view::schemas(document) {
        let Some(Value::Object(map)) = document.pointer(&at) else {
            continue;
        };
        let schema = resolved(document, &at);
        if let Some(value) = map.get("example") {
            found.push((
                pointer::child(&at, "example"),
                value.clone(),
                schema.clone(),
            ));
        }
        let listed = map.get("examples").and_then(Value::as_array);
        for (index, value) in listed.into_iter().flatten().enumerate() {
            let place = pointer::child(&pointer::child(&at, "examples"), &index.to_string());
            found.push((place, value.clone(), schema.clone()));
        }
        // A media type, parameter or header has its examples beside its schema.
        if let Some((holder, _)) = pointer::split(&at).filter(|(_, key)| key == "schema") {
            let Some(Value::Object(map)) = document.pointer(holder) else {
                continue;
            };
            beside(document, holder, map, &schema, &mut found);
        }
    }
    found
}

fn beside(
    document: &Value,
    holder: &str,
    map: &Map<String, Value>,
    schema: &str,
    found: &mut Vec<(String, Value, String)>,
) {
    if let Some(value) = map.get("example") {
        found.push((
            pointer::child(holder, "example"),
            value.clone(),
            schema.to_owned(),
        ));
    }
    for (name, example) in map
        .get("examples")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let place = pointer::child(&pointer::child(holder, "examples"), name);
        let example = match example
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|link| view::target(document, link))
        {
            Some((_, target)) => target,
            None => example,
        };
        if let Some(value) = example.get("value") {
            found.push((place, value.clone(), schema.to_owned()));
        }
    }
}

/// Where the `$ref`s that begin at a schema end.
fn resolved(document: &Value, at: &str) -> String {
    let mut at = at.to_owned();
    for _ in 0..32 {
        let link = document
            .pointer(&at)
            .and_then(|schema| schema.get("$ref"))
            .and_then(Value::as_str);
        match link.and_then(|link| view::target(document, link)) {
            Some((next, _)) => at = next,
            None => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn examples_are_found_in_schemas_and_beside_them() {
        let document = json!({
            "paths": {"/a": {"get": {"responses": {"200": {"content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/A"},
                "example": 1,
                "examples": {"x": {"value": 2}, "y": {"$ref": "#/components/examples/Y"}}
            }}}}}}},
            "components": {"schemas": {"A": {"examples": [4]}}, "examples": {"Y": {"value": 3}}}
        });
        let found = collect(&document);
        let values: Vec<_> = found
            .iter()
            .map(|(_, value, schema)| (value.clone(), schema.as_str()))
            .collect();
        let a = "/components/schemas/A";
        assert_eq!(
            values,
            [(json!(4), a), (json!(1), a), (json!(2), a), (json!(3), a)]
        );
    }
}
