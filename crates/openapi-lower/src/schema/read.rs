//! One schema object, taken apart.
//!
//! What its keywords say of each type is read here; how several schemas come together is left to
//! `compose` and `union`.

use serde_json::{Map, Value};

use super::Schemas;
use super::keys::Keys;
use super::node::{Docs, Kind, Node, NodeId, Record, Rest, Shape};
use super::union::From;
use crate::pointer;

/// What of a schema is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Whole,
    /// Without the schemas that extend it: as they see it.
    Base,
}

const TYPES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];

impl<'d> Schemas<'d> {
    /// Reads the schema `value` that stands at `at`.
    pub(super) fn read(&mut self, at: &str, value: &'d Value) -> Shape {
        match value {
            Value::Bool(true) => Shape::default(),
            Value::Bool(false) => {
                self.losses
                    .add(at, "false", "any value", "that no value is allowed");
                Shape::default()
            }
            Value::Object(map) => self.read_object(at, map, Reading::Whole),
            _ => {
                self.losses
                    .add(at, "schema", "any value", "something that is not a schema");
                Shape::default()
            }
        }
    }

    pub(super) fn read_object(
        &mut self,
        at: &str,
        map: &'d Map<String, Value>,
        reading: Reading,
    ) -> Shape {
        let keys = Keys::new(at, map);
        let docs = read_docs(&keys);
        let explicit_null = keys.flag("nullable");
        if explicit_null && !self.is_3_0 {
            self.losses.add(
                &keys.at("nullable"),
                "nullable",
                "a null beside what else is allowed, as the word means in 3.0",
                "that since 3.1 it means nothing, and null is not allowed by it",
            );
        }
        let mut parts = Vec::new();
        let own = self.read_own(&keys);
        parts.extend(own);
        if let Some(target) = self.read_reference(&keys) {
            parts.push(Shape::of(Kind::Alias(target)));
        }
        parts.extend(self.read_all_of(&keys));
        for (keyword, from) in [("oneOf", From::OneOf), ("anyOf", From::AnyOf)] {
            if reading == Reading::Base && keys.take(keyword).is_some() {
                continue;
            }
            let has_fields = parts.iter().any(|part| self.has_fields(part));
            parts.extend(self.read_union(&keys, keyword, from, has_fields));
        }
        if keys
            .take_if("unevaluatedProperties", |v| {
                (v == &Value::Bool(false)).then_some(())
            })
            .is_some()
        {
            parts.push(Shape::of(Kind::Record(Record {
                rest: Rest::Denied,
                ..Record::default()
            })));
        }
        let family = match reading {
            Reading::Whole => self.read_family(&keys),
            Reading::Base => keys.take("discriminator").and(None),
        };
        keys.finish(&mut self.losses);

        let mut shape = self.intersect_all(at, parts);
        if let Some(tagged) = family {
            shape.kind = Kind::Tagged(tagged);
        }
        if explicit_null {
            shape.nullable = Some(true);
        }
        // An alias has the words of those that lead to it; its target's are written where that is.
        shape.docs = self.override_words(at, docs, &shape.docs);
        shape
    }

    fn read_reference(&mut self, keys: &Keys<'d>) -> Option<NodeId> {
        let keyword = ["$ref", "$dynamicRef", "$recursiveRef"]
            .into_iter()
            .find(|key| keys.has(key))?;
        let reference = keys.string(keyword)?;
        let target = match reference {
            // The root of the schema that this one is part of: here that is its component.
            "#" => Some(root_schema(keys.pointer())),
            _ => self.refs.resolve(reference, keys.pointer()),
        };
        let Some(target) = target else {
            self.losses.add(
                &keys.at(keyword),
                keyword,
                "any value",
                format!("`{reference}`, which is not in this document"),
            );
            return None;
        };
        if keyword != "$ref" {
            self.losses.add(
                &keys.at(keyword),
                keyword,
                "a reference to the schema that it names here",
                "that another document may give it another meaning",
            );
        }
        let target = self.at(&target);
        self.mark_referenced(target);
        Some(target)
    }

    /// What the schema says by itself: one shape, or a union where it allows several types.
    fn read_own(&mut self, keys: &Keys<'d>) -> Option<Shape> {
        let (types, mut null) = self.read_types(keys);
        let values = read_values(keys);
        let types = match (&values, types) {
            (Some(values), types) => {
                null |= values.iter().any(|value| value.is_null());
                let of_values = types_of(values);
                match types {
                    Some(types) => Some(
                        types
                            .into_iter()
                            .filter(|t| of_values.iter().any(|v| fits(v, t)))
                            .collect(),
                    ),
                    None => Some(of_values),
                }
            }
            (None, types) => types,
        };
        let types = types.or_else(|| implied_types(keys));
        let types: Vec<&str> = types?;
        let lists_values = values
            .as_ref()
            .is_some_and(|values| values.is_empty() || values.iter().any(|value| !value.is_null()));
        if types.is_empty() && (!null || lists_values) {
            self.losses.add(
                keys.pointer(),
                "enum",
                "any value",
                "that no value is allowed: none that is listed has the declared type",
            );
        }
        let mut shapes: Vec<Shape> = Vec::new();
        for kind in &types {
            shapes.push(Shape::of(self.read_kind(keys, kind, values.as_deref())));
        }
        let mut shape = match shapes.len() {
            0 => Shape::of(if null { Kind::Null } else { Kind::Any }),
            1 => shapes.remove(0),
            _ => {
                let nodes = types
                    .iter()
                    .zip(shapes)
                    .map(|(kind, shape)| self.make(&pointer::child(keys.pointer(), kind), shape))
                    .collect();
                self.unite(keys.pointer(), nodes)
            }
        };
        shape.nullable = Some(null);
        Some(shape)
    }

    /// The types that `type` allows, `null` apart. `integer` is dropped beside `number`.
    fn read_types(&mut self, keys: &Keys<'d>) -> (Option<Vec<&'static str>>, bool) {
        let Some(value) = keys.take("type") else {
            return (None, false);
        };
        let named: Vec<&str> = match value {
            // Some vendors write `string|null`, which is no type and leaves no doubt.
            Value::String(one) => one.split('|').map(str::trim).collect(),
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let types: Vec<&'static str> = TYPES
            .into_iter()
            .filter(|known| named.contains(known))
            .collect();
        let unknown = named.iter().any(|name| !TYPES.contains(name));
        if unknown || types.is_empty() {
            self.losses.add(
                &keys.at("type"),
                "type",
                "the types that exist",
                value.to_string(),
            );
        }
        let null = types.contains(&"null");
        let number = types.contains(&"number");
        let types: Vec<_> = types
            .into_iter()
            .filter(|kind| *kind != "null" && !(number && *kind == "integer"))
            .collect();
        match (types.is_empty(), null) {
            (true, false) => (None, false),
            // Every type at once says nothing.
            (false, _) if types.len() >= TYPES.len() - 2 => (None, false),
            _ => (Some(types), null),
        }
    }

    fn has_fields(&self, shape: &Shape) -> bool {
        match &shape.kind {
            Kind::Record(record) => !record.fields.is_empty(),
            Kind::Alias(_) => true,
            _ => false,
        }
    }
}

/// The place of the component, or of the outermost schema, that `pointer` lies in.
fn root_schema(pointer: &str) -> String {
    let tokens = pointer::tokens(pointer);
    let end = match tokens
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["components", "schemas", ..] => 3,
        all => all
            .iter()
            .position(|token| *token == "schema")
            .map_or(all.len(), |at| at + 1),
    };
    pointer::join(
        "",
        tokens[..end.min(tokens.len())].iter().map(String::as_str),
    )
}

fn read_docs(keys: &Keys<'_>) -> Docs {
    Docs {
        description: keys
            .string("description")
            .map(str::to_owned)
            .filter(|text| !text.is_empty()),
        default: keys.take("default").cloned(),
        deprecated: keys.flag("deprecated"),
        read_only: keys.flag("readOnly"),
        write_only: keys.flag("writeOnly"),
    }
}

/// The values that `const` or `enum` lists.
fn read_values<'d>(keys: &Keys<'d>) -> Option<Vec<&'d Value>> {
    // A list beside a constant is left unread: it becomes a loss.
    if let Some(value) = keys.take("const") {
        return Some(vec![value]);
    }
    let values = keys.take_if("enum", Value::as_array)?;
    Some(values.iter().collect())
}

fn types_of(values: &[&Value]) -> Vec<&'static str> {
    let of = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let found: Vec<&str> = values.iter().map(|value| of(value)).collect();
    let number = found.contains(&"number");
    TYPES
        .into_iter()
        .filter(|kind| found.contains(kind) && *kind != "null")
        .filter(|kind| !(number && *kind == "integer"))
        .collect()
}

fn fits(of_value: &str, declared: &str) -> bool {
    of_value == declared
        || matches!(
            (of_value, declared),
            ("integer", "number") | ("number", "integer")
        )
}

/// The type that keywords imply where none is declared. Only objects and arrays are written so
/// often enough to be meant; bounds of strings and numbers are taken with their type too.
fn implied_types(keys: &Keys<'_>) -> Option<Vec<&'static str>> {
    let any = |keywords: &[&str]| keywords.iter().any(|keyword| keys.has(keyword));
    let implied: Vec<&'static str> = [
        (
            "object",
            any(&[
                "properties",
                "additionalProperties",
                "patternProperties",
                "required",
            ]),
        ),
        ("array", any(&["items", "prefixItems"])),
        (
            "string",
            any(&["pattern", "minLength", "maxLength", "contentEncoding"]),
        ),
        (
            "number",
            any(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]),
        ),
    ]
    .into_iter()
    .filter_map(|(kind, implied)| implied.then_some(kind))
    .collect();
    (!implied.is_empty()).then_some(implied)
}

pub(super) fn as_f64(number: &serde_json::Number) -> f64 {
    number.as_f64().unwrap_or(0.0)
}

impl Node {
    /// Whether the node is an entry of `components.schemas`, and its name there.
    pub(crate) fn component(&self) -> Option<String> {
        let tokens = pointer::tokens(&self.pointer);
        match tokens.as_slice() {
            [first, second, name] if first == "components" && second == "schemas" => {
                Some(name.clone())
            }
            _ => None,
        }
    }
}
