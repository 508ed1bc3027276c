//! The lowered text of a schema in one direction.
//!
//! Requests are strict: what is written is what may be sent. Responses are open: whatever else the
//! server sends one day still decodes, and encodes again as it came.

use serde_json::{Map, Value, json};

use super::names::{Names, Part, Target};
use super::numbers::{integer, number};
use super::operations::Slot;
use crate::schema::Schemas;
use crate::schema::node::{Choice, Docs, Kind, List, NodeId, Rest, Text};

/// Which way a schema's values travel, seen from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    Request,
    Response,
}

/// Formats that the generator turns into types of other crates.
pub(crate) const TYPED_FORMATS: [&str; 6] = ["uuid", "date", "date-time", "ip", "ipv4", "ipv6"];

/// Writes schemas; references are to node numbers until names are known.
pub(crate) struct Writer<'s, 'd> {
    pub(crate) schemas: &'s Schemas<'d>,
    pub(crate) names: Option<&'s Names>,
}

impl Writer<'_, '_> {
    /// What stands where a parameter or body wants a schema.
    pub(crate) fn slot(&self, slot: Slot, way: Way) -> Value {
        match slot {
            Slot::Node(node) => self.site(node, way),
            Slot::Text => json!({"type": "string"}),
            Slot::Binary => json!({"type": "string", "format": "binary"}),
        }
    }

    /// What stands where a parameter wants a schema: parameters are never `null`.
    pub(crate) fn parameter(&self, slot: Slot) -> Value {
        let mut value = self.slot(slot, Way::Request);
        if let Some(map) = value.as_object_mut() {
            map.remove("nullable");
        }
        value
    }

    /// What stands where `node` is used.
    pub(crate) fn site(&self, node: NodeId, way: Way) -> Value {
        let end = self.schemas.resolve(node);
        let nullable = self.schemas.is_nullable(node);
        let (mut map, docs) = if self.is_named(end, way) {
            // The words of a named schema stand with it; here are only those said here.
            let said_here = self.schemas.words_here(node);
            let link = self.link(
                Target {
                    node: end,
                    part: Part::Whole,
                },
                way,
            );
            let mut map = Map::new();
            if nullable || said_here.text().is_some() || said_here.deprecated {
                map.insert("allOf".to_owned(), json!([link]));
            } else if let Value::Object(link) = link {
                map = link;
            }
            (map, said_here)
        } else {
            (self.body(end, way), self.schemas.words(node))
        };
        if nullable && !is_anything(&map) {
            map.insert("nullable".to_owned(), Value::Bool(true));
        }
        docs.write(&mut map);
        Value::Object(map)
    }

    /// The component of `target`.
    pub(crate) fn component(&self, target: Target, way: Way) -> Value {
        let docs = &self.schemas.shape(target.node).docs;
        let mut map = match target.part {
            Part::Whole => self.body(target.node, way),
            Part::Known => self.known(target.node),
            Part::Variant(index) => return self.variant(target.node, index),
            Part::Tag(index) => return self.tag(target.node, index),
        };
        docs.write(&mut map);
        Value::Object(map)
    }

    /// Whether `node`, which is no alias, is a component of its own in this direction.
    pub(crate) fn is_named(&self, node: NodeId, way: Way) -> bool {
        let at = self.schemas.node(node);
        if at.component().is_some() {
            return true;
        }
        match &at.shape.kind {
            Kind::Choice(choice) => choice.open || way == Way::Request || choice.values.len() > 1,
            Kind::Record(record) => {
                !record.fields.is_empty()
                    || (matches!(record.rest, Rest::Denied) && way == Way::Request)
                    || at.referenced
            }
            Kind::Tagged(_) | Kind::Union(_) => true,
            Kind::Text(text) => way == Way::Request && self.is_bounded(text),
            Kind::Integer(numeric) => way == Way::Request && !numeric.values.is_empty(),
            Kind::List(_) => at.referenced,
            _ => false,
        }
    }

    /// Whether `node` has a closed part of its own in this direction.
    pub(crate) fn has_known(&self, node: NodeId, way: Way) -> bool {
        match &self.schemas.shape(node).kind {
            Kind::Choice(choice) => {
                choice.open || (way == Way::Response && choice.values.len() > 1)
            }
            _ => false,
        }
    }

    fn is_bounded(&self, text: &Text) -> bool {
        self.schemas.options.request_bounds && !self.bounded(text).is_plain()
    }

    /// The bounds that the generator honours.
    pub(crate) fn bounded(&self, text: &Text) -> Text {
        let in_range = |length: Option<u64>| length.filter(|&n| n <= u64::from(u32::MAX));
        Text {
            format: text.format.clone(),
            pattern: text
                .pattern
                .clone()
                .filter(|pattern| regress::Regex::new(pattern).is_ok()),
            min_length: in_range(text.min_length),
            max_length: in_range(text.max_length),
        }
    }

    pub(super) fn link(&self, target: Target, way: Way) -> Value {
        let name = self
            .names
            .and_then(|names| names.get(target, way))
            .map_or_else(
                || match target.part {
                    Part::Whole => target.node.to_string(),
                    part => format!("{}:{part:?}", target.node),
                },
                str::to_owned,
            );
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    fn body(&self, node: NodeId, way: Way) -> Map<String, Value> {
        match &self.schemas.shape(node).kind {
            Kind::Any | Kind::Null | Kind::Alias(_) => Map::new(),
            Kind::Boolean => of_type("boolean"),
            Kind::Integer(numeric) => integer(numeric, way),
            Kind::Number(numeric) => number(numeric, way),
            Kind::Text(text) => self.text(text, way),
            Kind::Choice(choice) => self.choice(node, choice, way),
            Kind::List(list) => self.list(list, way),
            Kind::Record(record) => self.record(record, way),
            Kind::Tagged(tagged) => match way {
                Way::Request => self.inlined(tagged),
                Way::Response => self.told_by_tag(node, tagged),
            },
            Kind::Union(union) => {
                let members = match way {
                    Way::Request => &union.members,
                    Way::Response => &union.received,
                };
                let mut one_of: Vec<Value> = members
                    .iter()
                    .map(|member| titled(&member.label, self.site(member.node, way)))
                    .collect();
                if way == Way::Response {
                    one_of.push(json!({"title": "Unknown"}));
                }
                only("oneOf", Value::Array(one_of))
            }
        }
    }

    fn known(&self, node: NodeId) -> Map<String, Value> {
        match &self.schemas.shape(node).kind {
            Kind::Choice(choice) => closed(&choice.values),
            _ => Map::new(),
        }
    }

    /// The known part, or else the other. The titles become the names of the variants.
    fn open(&self, node: NodeId, way: Way, other: &Value) -> Map<String, Value> {
        let known = self.link(
            Target {
                node,
                part: Part::Known,
            },
            way,
        );
        only(
            "oneOf",
            json!([{"title": "Known", "allOf": [known]}, other]),
        )
    }

    fn choice(&self, node: NodeId, choice: &Choice, way: Way) -> Map<String, Value> {
        if self.has_known(node, way) {
            self.open(node, way, &json!({"title": "Unknown", "type": "string"}))
        } else if way == Way::Response {
            of_type("string")
        } else {
            closed(&choice.values)
        }
    }

    fn text(&self, text: &Text, way: Way) -> Map<String, Value> {
        let mut map = of_type("string");
        let typed = |format: &&String| TYPED_FORMATS.contains(&format.as_str());
        let format = text.format.as_ref();
        if let Some(format) = format.filter(|f| self.schemas.options.typed_formats || !typed(f)) {
            map.insert("format".to_owned(), json!(format));
        }
        if way == Way::Request && self.is_bounded(text) {
            let text = self.bounded(text);
            insert(&mut map, "pattern", text.pattern);
            insert(&mut map, "minLength", text.min_length);
            insert(&mut map, "maxLength", text.max_length);
        }
        map
    }

    fn list(&self, list: &List, way: Way) -> Map<String, Value> {
        let mut map = of_type("array");
        map.insert("items".to_owned(), self.site(list.item, way));
        // Equal bounds would become a Rust array, which cannot be read beyond 32 items.
        if way == Way::Request && list.min_items != list.max_items {
            insert(&mut map, "minItems", list.min_items);
            insert(&mut map, "maxItems", list.max_items);
        }
        map
    }
}

impl Docs {
    /// The description, with the default that is documented and not sent.
    fn text(&self) -> Option<String> {
        let default =
            self.default
                .as_ref()
                .filter(|value| !value.is_null())
                .map(|value| match value {
                    Value::String(text) => format!("Default: `{text}`."),
                    other => format!("Default: `{other}`."),
                });
        match (&self.description, default) {
            (Some(text), Some(default)) => Some(format!("{}\n\n{default}", text.trim_end())),
            (Some(text), None) => Some(text.clone()),
            (None, default) => default,
        }
    }

    pub(super) fn write(&self, map: &mut Map<String, Value>) {
        insert(map, "description", self.text());
        if self.deprecated {
            map.insert("deprecated".to_owned(), Value::Bool(true));
        }
    }
}

pub(super) fn of_type(name: &str) -> Map<String, Value> {
    only("type", json!(name))
}

pub(super) fn only(key: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(key.to_owned(), value)])
}

pub(super) fn insert(map: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.into());
    }
}

pub(super) fn closed(values: &[String]) -> Map<String, Value> {
    let mut map = of_type("string");
    map.insert("enum".to_owned(), json!(values));
    map
}

/// A schema under the name that a variant is to have.
pub(super) fn titled(label: &str, schema: Value) -> Value {
    match schema {
        Value::Object(mut map) if !map.contains_key("$ref") => {
            map.remove("nullable");
            map.insert("title".to_owned(), json!(label));
            Value::Object(map)
        }
        link => json!({"title": label, "allOf": [link]}),
    }
}

fn is_anything(map: &Map<String, Value>) -> bool {
    !map.keys()
        .any(|key| matches!(key.as_str(), "type" | "oneOf" | "allOf" | "$ref"))
}
