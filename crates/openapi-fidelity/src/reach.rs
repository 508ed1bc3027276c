//! Which schemas of a document have a say in which places of a value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::pointer;
use crate::view;

/// For each place of a value, the schemas that apply to it, alternatives that do not fit among them.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    places: BTreeMap<String, BTreeSet<String>>,
}

impl Reach {
    /// Follows the schema at `pointer` of `root` through `value`.
    pub(crate) fn of(root: &Value, pointer: &str, value: &Value) -> Self {
        let mut reach = Self::default();
        reach.walk(root, pointer, value, "");
        reach
    }

    /// The schemas that apply to the place `at` of the value.
    pub(crate) fn at(&self, at: &str) -> impl Iterator<Item = &str> {
        self.places
            .get(at)
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// The schemas that apply to any place of the value.
    pub(crate) fn all(&self) -> BTreeSet<&str> {
        self.places.values().flatten().map(String::as_str).collect()
    }

    fn walk(&mut self, root: &Value, schema: &str, value: &Value, at: &str) {
        if !self
            .places
            .entry(at.to_owned())
            .or_default()
            .insert(schema.to_owned())
        {
            return;
        }
        let Some(Value::Object(map)) = root.pointer(schema) else {
            return;
        };
        if let Some((target, _)) = map
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|link| view::target(root, link))
        {
            self.walk(root, &target, value, at);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            let members = map
                .get(keyword)
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            for index in 0..members {
                let member = pointer::child(&pointer::child(schema, keyword), &index.to_string());
                self.walk(root, &member, value, at);
            }
        }
        for keyword in ["if", "then", "else"] {
            if map.contains_key(keyword) {
                self.walk(root, &pointer::child(schema, keyword), value, at);
            }
        }
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let here = pointer::child(at, name);
                    let declared = map
                        .get("properties")
                        .is_some_and(|properties| properties.get(name).is_some());
                    if declared {
                        let property = pointer::child(&pointer::child(schema, "properties"), name);
                        self.walk(root, &property, value, &here);
                    } else {
                        let patterns = map.get("patternProperties").and_then(Value::as_object);
                        for pattern in patterns.into_iter().flat_map(|patterns| patterns.keys()) {
                            let property = pointer::child(
                                &pointer::child(schema, "patternProperties"),
                                pattern,
                            );
                            self.walk(root, &property, value, &here);
                        }
                        if map.get("additionalProperties").is_some() {
                            self.walk(
                                root,
                                &pointer::child(schema, "additionalProperties"),
                                value,
                                &here,
                            );
                        }
                    }
                }
            }
            Value::Array(items) => {
                let placed = map
                    .get("prefixItems")
                    .and_then(Value::as_array)
                    .map_or(0, Vec::len);
                for (index, value) in items.iter().enumerate() {
                    let here = pointer::child(at, &index.to_string());
                    if index < placed {
                        let item = pointer::child(
                            &pointer::child(schema, "prefixItems"),
                            &index.to_string(),
                        );
                        self.walk(root, &item, value, &here);
                    } else if map.contains_key("items") {
                        self.walk(root, &pointer::child(schema, "items"), value, &here);
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_alternatives_and_items_are_followed() {
        let root = json!({"s": {"$ref": "#/t"}, "t": {"properties": {"a": {"items": {"anyOf": [{}, {}]}}}}});
        let reach = Reach::of(&root, "/s", &json!({"a": [1], "b": 2}));
        assert_eq!(reach.at("").collect::<Vec<_>>(), ["/s", "/t"]);
        assert_eq!(
            reach.at("/a/0").collect::<Vec<_>>(),
            [
                "/t/properties/a/items",
                "/t/properties/a/items/anyOf/0",
                "/t/properties/a/items/anyOf/1"
            ]
        );
        assert_eq!(reach.at("/b").count(), 0);
    }
}
