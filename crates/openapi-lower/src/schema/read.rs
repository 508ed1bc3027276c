//! One schema object, taken apart.
//!
//! What its keywords say of each type is read here; how several schemas come together is left to
//! `compose` and `union`.

use serde_json::{Map, Value};

use super::Schemas;
use super::keys::Keys;
use super::node::{
    Bound, Choice, Docs, Field, Kind, List, Node, NodeId, Numeric, Record, Rest, Shape, Text,
};
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
        // An alias keeps its own words only: its target's are written where the target is.
        shape.docs = if matches!(shape.kind, Kind::Alias(_)) {
            docs
        } else {
            docs.or(&shape.docs)
        };
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
        if types.is_empty() && !null {
            self.losses.add(
                &keys.at("enum"),
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
            Value::String(one) => vec![one.as_str()],
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

    fn read_kind(&mut self, keys: &Keys<'d>, kind: &str, values: Option<&[&'d Value]>) -> Kind {
        match kind {
            "boolean" => {
                self.note_values(keys, values, Value::is_boolean, "a boolean");
                Kind::Boolean
            }
            "integer" => {
                let listed = values
                    .unwrap_or_default()
                    .iter()
                    .filter(|value| value.is_number());
                let integers: Option<Vec<i64>> = listed.map(|value| value.as_i64()).collect();
                if integers.is_none() {
                    self.note_values(keys, values, Value::is_number, "an integer");
                }
                let values = integers.unwrap_or_default();
                Kind::Integer(Numeric {
                    values,
                    ..read_numeric(keys)
                })
            }
            "number" => {
                self.note_values(keys, values, Value::is_number, "a number");
                Kind::Number(read_numeric(keys))
            }
            "string" => self.read_string(keys, values),
            "array" => {
                self.note_values(keys, values, Value::is_array, "an array");
                self.read_list(keys)
            }
            _ => {
                self.note_values(keys, values, Value::is_object, "an object");
                Kind::Record(self.read_record(keys))
            }
        }
    }

    fn note_values(
        &mut self,
        keys: &Keys<'d>,
        values: Option<&[&'d Value]>,
        of_type: impl Fn(&Value) -> bool,
        kept: &str,
    ) {
        let all_booleans = values.is_some_and(|values| {
            values.contains(&&Value::Bool(true)) && values.contains(&&Value::Bool(false))
        });
        let listed: Vec<String> = values
            .unwrap_or_default()
            .iter()
            .filter(|v| of_type(v))
            .map(ToString::to_string)
            .collect();
        let says_nothing = all_booleans && kept == "a boolean";
        if !listed.is_empty() && !says_nothing {
            let keyword = if keys.has("const") { "const" } else { "enum" };
            let given_up = format!("that only {} is allowed", listed.join(", "));
            self.losses.add(&keys.at(keyword), keyword, kept, given_up);
        }
    }

    fn read_string(&mut self, keys: &Keys<'d>, values: Option<&[&'d Value]>) -> Kind {
        let mut format = keys.string("format").map(str::to_owned);
        // Everything textual in JSON is text; these two say what the text encodes.
        let encoding = keys.string("contentEncoding");
        let media = keys.string("contentMediaType");
        if keys.take("contentSchema").is_some() {
            let at = keys.at("contentSchema");
            self.losses.add(
                &at,
                "contentSchema",
                "a string",
                "the schema of what it encodes",
            );
        }
        if format.is_none() {
            format = match (encoding, media) {
                (Some("base64" | "base64url"), _) => Some("byte".to_owned()),
                (None, Some("application/octet-stream")) => Some("binary".to_owned()),
                _ => None,
            };
        }
        if let (Some(encoding), None) = (encoding, &format) {
            let at = keys.at("contentEncoding");
            self.losses
                .add(&at, "contentEncoding", "a string", format!("`{encoding}`"));
        }
        if let Some(media) = media.filter(|_| format.as_deref() != Some("binary")) {
            let at = keys.at("contentMediaType");
            self.losses
                .add(&at, "contentMediaType", "a string", format!("`{media}`"));
        }
        let text = Text {
            format,
            pattern: keys.string("pattern").map(str::to_owned),
            min_length: keys.count("minLength"),
            max_length: keys.count("maxLength"),
        };
        let Some(values) = values else {
            return Kind::Text(text);
        };
        let mut listed: Vec<String> = values
            .iter()
            .filter_map(|value| value.as_str())
            .map(str::to_owned)
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        listed.retain(|value| seen.insert(value.clone()));
        self.choice(keys.pointer(), listed, false)
    }

    /// A list of strings to choose from, or plain text where no identifiers tell them apart.
    pub(super) fn choice(&mut self, at: &str, values: Vec<String>, open: bool) -> Kind {
        if values.is_empty() {
            return Kind::Text(Text::default());
        }
        if !crate::names::variants_are_distinct(values.iter().map(String::as_str)) {
            self.losses.add(
                at,
                "enum",
                "a string",
                format!("the list {values:?}: no two identifiers can be made of some of them"),
            );
            return Kind::Text(Text::default());
        }
        Kind::Choice(Choice { values, open })
    }

    fn read_list(&mut self, keys: &Keys<'d>) -> Kind {
        let at = keys.pointer();
        let item = match (keys.take("prefixItems"), keys.take("items")) {
            (Some(prefix), items) => {
                let at_prefix = keys.at("prefixItems");
                let mut nodes: Vec<NodeId> = (0..prefix.as_array().map_or(0, Vec::len))
                    .map(|index| self.at(&format!("{at_prefix}/{index}")))
                    .collect();
                match items {
                    Some(Value::Bool(false)) => {}
                    Some(_) => nodes.push(self.at(&keys.at("items"))),
                    // Anything may follow, but what is listed is what is meant.
                    None => {}
                }
                self.losses.add(
                    &at_prefix,
                    "prefixItems",
                    "an array of items of any of these types",
                    "which of them stands where, and how many there are",
                );
                let shape = self.unite(&at_prefix, nodes);
                self.make(&at_prefix, shape)
            }
            // Before 2020-12 a tuple was written as `items: [..]`.
            (None, Some(Value::Array(tuple))) => {
                let at_items = keys.at("items");
                let nodes = (0..tuple.len())
                    .map(|index| self.at(&format!("{at_items}/{index}")))
                    .collect();
                self.losses.add(
                    &at_items,
                    "items",
                    "an array of items of any of these types",
                    "which of them stands where",
                );
                let shape = self.unite(&at_items, nodes);
                self.make(&at_items, shape)
            }
            (None, Some(_)) => self.at(&keys.at("items")),
            (None, None) => self.make(&pointer::child(at, "items"), Shape::default()),
        };
        Kind::List(List {
            item,
            min_items: keys.count("minItems"),
            max_items: keys.count("maxItems"),
        })
    }

    fn read_record(&mut self, keys: &Keys<'d>) -> Record {
        let mut record = Record::default();
        if let Some(properties) = keys.take_if("properties", Value::as_object) {
            let at = keys.at("properties");
            for name in properties.keys() {
                let node = self.at(&pointer::child(&at, name));
                record.fields.insert(
                    name.clone(),
                    Field {
                        node,
                        required: false,
                    },
                );
            }
        }
        record.rest = self.read_rest(keys);
        let required = keys.take_if("required", Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if let Some(field) = record.fields.get_mut(name) {
                field.required = true;
                continue;
            }
            // Required but not declared: it has what other properties have.
            let node = match record.rest {
                Rest::Typed(node) => node,
                Rest::Unsaid | Rest::Denied => {
                    let at = pointer::join(keys.pointer(), ["properties", name]);
                    self.make(&at, Shape::default())
                }
            };
            record.fields.insert(
                name.to_owned(),
                Field {
                    node,
                    required: true,
                },
            );
        }
        record
    }

    fn read_rest(&mut self, keys: &Keys<'d>) -> Rest {
        let patterns = keys.take_if("patternProperties", Value::as_object);
        let rest = match keys.take("additionalProperties") {
            None => Rest::Unsaid,
            Some(Value::Bool(false)) => Rest::Denied,
            Some(_) => Rest::Typed(self.at(&keys.at("additionalProperties"))),
        };
        let Some(patterns) = patterns.filter(|patterns| !patterns.is_empty()) else {
            return rest;
        };
        let at = keys.at("patternProperties");
        let mut nodes: Vec<NodeId> = patterns
            .keys()
            .map(|pattern| self.at(&pointer::child(&at, pattern)))
            .collect();
        nodes.sort_unstable_by_key(|&node| self.node(node).pointer.clone());
        if let Rest::Typed(node) = rest {
            nodes.push(node);
        }
        self.losses.add(
            &at,
            "patternProperties",
            "the values, under any name",
            "which names they go with",
        );
        let shape = self.unite(&at, nodes);
        Rest::Typed(self.make(&at, shape))
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
    let constant = keys.take("const");
    let listed = keys.take_if("enum", Value::as_array);
    match (constant, listed) {
        (Some(value), _) => Some(vec![value]),
        (None, Some(values)) => Some(values.iter().collect()),
        (None, None) => None,
    }
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

fn read_numeric(keys: &Keys<'_>) -> Numeric {
    let number = |keyword: &str| keys.take_if(keyword, |value: &Value| value.as_number().cloned());
    let bound = |keyword: &str, exclusive: &str, tighter: fn(f64, f64) -> bool| {
        let inclusive = number(keyword);
        // OpenAPI 3.0 wrote a flag, JSON Schema writes a number.
        if keys.take_if(exclusive, Value::as_bool) == Some(true) {
            return inclusive.map(|value| Bound {
                value,
                exclusive: true,
            });
        }
        match (inclusive, number(exclusive)) {
            (Some(value), Some(limit)) => {
                let looser = tighter(as_f64(&value), as_f64(&limit));
                Some(if looser {
                    Bound {
                        value,
                        exclusive: false,
                    }
                } else {
                    Bound {
                        value: limit,
                        exclusive: true,
                    }
                })
            }
            (Some(value), None) => Some(Bound {
                value,
                exclusive: false,
            }),
            (None, Some(value)) => Some(Bound {
                value,
                exclusive: true,
            }),
            (None, None) => None,
        }
    };
    Numeric {
        values: Vec::new(),
        format: keys.string("format").map(str::to_owned),
        minimum: bound("minimum", "exclusiveMinimum", |inclusive, limit| {
            inclusive > limit
        }),
        maximum: bound("maximum", "exclusiveMaximum", |inclusive, limit| {
            inclusive < limit
        }),
    }
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
