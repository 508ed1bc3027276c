//! The examples of a document, with the schema that each belongs to.

use serde_json::{Map, Value};

use crate::pointer;
use crate::view;

/// A value that the document gives.
pub(crate) struct Example {
    /// Where it stands.
    pub(crate) place: String,
    pub(crate) value: Value,
    /// The pointer of its schema, behind `$ref`s.
    pub(crate) schema: String,
}

/// All examples that have a schema.
pub(crate) fn collect(document: &Value) -> Vec<Example> {
    let mut found = Vec::new();
    for at in view::schemas(document) {
        let schema = resolved(document, &at);
        let mut add = |place: String, value: &Value| {
            let (value, schema) = (value.clone(), schema.clone());
            found.push(Example {
                place,
                value,
                schema,
            });
        };
        let Some(map) = document.pointer(&at).and_then(Value::as_object) else {
            continue;
        };
        if let Some(value) = map.get("example") {
            add(pointer::child(&at, "example"), value);
        }
        let listed = map.get("examples").and_then(Value::as_array);
        for (index, value) in listed.into_iter().flatten().enumerate() {
            add(
                pointer::child(&pointer::child(&at, "examples"), &index.to_string()),
                value,
            );
        }
        // A media type, parameter or header has its examples beside its schema.
        let Some((holder, _)) = pointer::split(&at).filter(|(_, key)| key == "schema") else {
            continue;
        };
        if let Some(map) = document.pointer(holder).and_then(Value::as_object) {
            beside(document, holder, map, &mut add);
        }
    }
    found
}

fn beside(
    document: &Value,
    holder: &str,
    map: &Map<String, Value>,
    add: &mut dyn FnMut(String, &Value),
) {
    if let Some(value) = map.get("example") {
        add(pointer::child(holder, "example"), value);
    }
    for (name, example) in map
        .get("examples")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let link = example.get("$ref").and_then(Value::as_str);
        let example = match link.and_then(|link| view::target(document, link)) {
            Some((_, target)) => target,
            None => example,
        };
        if let Some(value) = example.get("value") {
            add(
                pointer::child(&pointer::child(holder, "examples"), name),
                value,
            );
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
        // In which order depends on how `serde_json` was built.
        let mut values: Vec<_> = found
            .iter()
            .map(|example| (example.value.as_u64(), example.schema.as_str()))
            .collect();
        values.sort_unstable();
        let a = "/components/schemas/A";
        assert_eq!(values, [1, 2, 3, 4].map(|value| (Some(value), a)));
    }
}
