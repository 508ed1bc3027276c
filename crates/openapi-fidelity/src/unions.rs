//! Schemas that a document has only in parts: all bodies that an operation fails with, or succeeds with, as one.
//!
//! The lowering makes one type of the bodies of one class, and says that it stands where the responses stand. Here that place
//! is given the schema that the type is to be held against.

use openapi_lower::Document30;
use serde_json::{Value, json};

use crate::pointer;
use crate::view;

/// `document`, with a schema wherever a type of `lowered` stands for the bodies of a class of responses.
pub(crate) fn written_out(document: &Value, lowered: &Document30) -> Value {
    let mut written = document.clone();
    for at in lowered.types().values().flat_map(|origin| &origin.pointers) {
        if document.pointer(at).is_some() {
            continue;
        }
        let Some((responses, class)) = pointer::split(at) else {
            continue;
        };
        let Some(schema) = union(document, responses, &class) else {
            continue;
        };
        if let Some(Value::Object(map)) = written.pointer_mut(responses) {
            map.insert(class, schema);
        }
    }
    written
}

fn union(document: &Value, responses: &str, class: &str) -> Option<Value> {
    let success = match class {
        "Success" => true,
        "Error" => false,
        _ => return None,
    };
    if pointer::split(responses)?.1 != "responses" {
        return None;
    }
    let mut bodies = Vec::new();
    for (status, response) in document.pointer(responses)?.as_object()? {
        if status.starts_with('2') != success || !status.starts_with(['2', '4', '5', 'd']) {
            continue;
        }
        let here = pointer::child(responses, status);
        let (here, response) = match response.get("$ref").and_then(Value::as_str) {
            Some(link) => view::target(document, link)?,
            None => (here, response),
        };
        for (media, object) in response
            .get("content")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            if media.contains("json") && object.get("schema").is_some() {
                let place = ["content", media, "schema"]
                    .iter()
                    .fold(here.clone(), |at, key| pointer::child(&at, key));
                bodies.push(json!({"$ref": format!("#{}", view::encoded(&place))}));
            }
        }
    }
    (!bodies.is_empty()).then(|| json!({"anyOf": bodies}))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_bodies_of_a_class_become_one_schema() {
        let body = |kind: &str| {
            json!({"description": "", "content": {"application/json": {"schema": {
                "type": "object", "required": [kind], "properties": {kind: {"type": "string"}}
            }}}})
        };
        let document = json!({
            "openapi": "3.1.0", "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"get": {"operationId": "a", "responses": {
                "200": body("ok"), "400": body("bad"), "404": {"$ref": "#/components/responses/Gone"}
            }}}},
            "components": {"responses": {"Gone": body("gone")}}
        });
        let (lowered, _) =
            openapi_lower::lower(&document, &openapi_lower::Options::default()).unwrap();
        let written = written_out(&document, &lowered);
        assert_eq!(
            written.pointer("/paths/~1a/get/responses/Error").unwrap(),
            &json!({"anyOf": [
                {"$ref": "#/paths/~1a/get/responses/400/content/application~1json/schema"},
                {"$ref": "#/components/responses/Gone/content/application~1json/schema"}
            ]})
        );
        assert_eq!(written.pointer("/paths/~1a/get/responses/Success"), None);
    }
}
