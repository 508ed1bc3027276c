//! What the keywords of one type say: numbers, strings, arrays, objects.
//!
//! Which types a schema allows is settled by `read`.

use serde_json::Value;

use super::Schemas;
use super::keys::Keys;
use super::node::{Bound, Choice, Field, Kind, List, NodeId, Numeric, Record, Rest, Shape, Text};
use super::read::as_f64;
use crate::pointer;

const BOUNDS_OF_NUMBERS: &[&str] = &[
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
];

const BOUNDS_OF_STRINGS: &[&str] = &[
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
];

impl<'d> Schemas<'d> {
    pub(super) fn read_kind(
        &mut self,
        keys: &Keys<'d>,
        kind: &str,
        values: Option<&[&'d Value]>,
    ) -> Kind {
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
                if !values.is_empty() {
                    self.note_beside_values(keys, BOUNDS_OF_NUMBERS);
                }
                let numeric = if values.is_empty() {
                    read_numeric(keys)
                } else {
                    Numeric::default()
                };
                Kind::Integer(Numeric { values, ..numeric })
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

    /// Notes the keywords that stand beside a list of values: the list says all.
    fn note_beside_values(&mut self, keys: &Keys<'d>, keywords: &[&str]) {
        for keyword in keywords {
            if keys.take(keyword).is_some() {
                self.losses.add(
                    &keys.at(keyword),
                    keyword,
                    "the listed values",
                    "what else is said of them",
                );
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
        let Some(values) = values else {
            return Kind::Text(self.read_text(keys));
        };
        self.note_beside_values(keys, BOUNDS_OF_STRINGS);
        let mut listed: Vec<String> = values
            .iter()
            .filter_map(|value| value.as_str())
            .map(str::to_owned)
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        listed.retain(|value| seen.insert(value.clone()));
        self.choice(keys.pointer(), listed, false)
    }

    fn read_text(&mut self, keys: &Keys<'d>) -> Text {
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
        let declared = format.is_some();
        if !declared {
            format = match (encoding, media) {
                (Some("base64" | "base64url"), _) => Some("byte".to_owned()),
                (None, Some("application/octet-stream")) => Some("binary".to_owned()),
                _ => None,
            };
        }
        if let Some(encoding) = encoding.filter(|_| declared || format.is_none()) {
            let at = keys.at("contentEncoding");
            self.losses
                .add(&at, "contentEncoding", "a string", format!("`{encoding}`"));
        }
        if let Some(media) = media.filter(|_| declared || format.as_deref() != Some("binary")) {
            let at = keys.at("contentMediaType");
            self.losses
                .add(&at, "contentMediaType", "a string", format!("`{media}`"));
        }
        Text {
            format,
            pattern: keys.string("pattern").map(str::to_owned),
            min_length: keys.count("minLength"),
            max_length: keys.count("maxLength"),
        }
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
                    Some(Value::Bool(false)) => self.losses.add(
                        &keys.at("items"),
                        "items",
                        "an array of items of any of these types",
                        "that no others follow",
                    ),
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
                if matches!(shape.kind, Kind::Any) && items.is_some() {
                    self.losses.add(
                        &keys.at("items"),
                        "items",
                        "any value",
                        "the type of what follows: one before it may be anything",
                    );
                }
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
        if matches!((&shape.kind, &rest), (Kind::Any, Rest::Typed(_))) {
            self.losses.add(
                &keys.at("additionalProperties"),
                "additionalProperties",
                "any value",
                "their type: those of some names may be anything",
            );
        }
        Rest::Typed(self.make(&at, shape))
    }
}

fn read_numeric(keys: &Keys<'_>) -> Numeric {
    let number = |keyword: &str| keys.take_if(keyword, |value: &Value| value.as_number().cloned());
    let bound = |keyword: &str, exclusive: &str, tighter: fn(f64, f64) -> bool| {
        let value_of = |keyword| keys.peek(keyword).and_then(Value::as_number);
        // The looser of two is left unread: it becomes a loss.
        if let (Some(value), Some(limit)) = (value_of(keyword), value_of(exclusive)) {
            let is_inclusive = tighter(as_f64(value), as_f64(limit));
            let keyword = if is_inclusive { keyword } else { exclusive };
            return number(keyword).map(|value| Bound {
                value,
                exclusive: !is_inclusive,
            });
        }
        let inclusive = number(keyword);
        // OpenAPI 3.0 wrote a flag, JSON Schema writes a number.
        if keys.take_if(exclusive, Value::as_bool) == Some(true) {
            return inclusive.map(|value| Bound {
                value,
                exclusive: true,
            });
        }
        match (inclusive, number(exclusive)) {
            (Some(value), _) => Some(Bound {
                value,
                exclusive: false,
            }),
            (None, limit) => limit.map(|value| Bound {
                value,
                exclusive: true,
            }),
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
