//! The lowered text of a schema in one direction.
//!
//! Requests are strict: what is written is what may be sent. Responses are open: whatever else the
//! server sends one day still decodes, and encodes again as it came.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::names::{Names, Part, Target};
use super::operations::Slot;
use crate::names::snake;
use crate::schema::Schemas;
use crate::schema::node::{
    Bound, Choice, Docs, Field, Kind, List, NodeId, Numeric, Record, Rest, Shape, Tagged, Text,
};

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
        let own = self.schemas.shape(node).docs.clone();
        let nullable = self.schemas.is_nullable(node);
        let (mut map, docs) = if self.is_named(end, way) {
            // The words of a named schema stand with it; here are only those said here.
            let said_here = if end == node { Docs::default() } else { own };
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
            (self.body(end, way), own.or(&self.schemas.shape(end).docs))
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
            Part::Known => self.known(target.node, way),
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
            Kind::Tagged(_) => way == Way::Response,
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

    fn link(&self, target: Target, way: Way) -> Value {
        let name = self
            .names
            .and_then(|names| names.get(target, way))
            .map_or_else(
                || match target.part {
                    Part::Whole => target.node.to_string(),
                    Part::Known => format!("{}:known", target.node),
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
                Way::Request => self.tagged(tagged, way),
                Way::Response => self.open(node, way, &json!({"title": "Unknown"})),
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

    fn known(&self, node: NodeId, way: Way) -> Map<String, Value> {
        match &self.schemas.shape(node).kind {
            Kind::Choice(choice) => closed(choice),
            Kind::Tagged(tagged) => self.tagged(tagged, way),
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
            closed(choice)
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

    fn record(&self, record: &Record, way: Way) -> Map<String, Value> {
        let Fitted { fields, overflow } = self.fit(record, way);
        let mut map = of_type("object");
        self.write_fields(&mut map, &fields, way);
        let rest = match record.rest {
            Rest::Typed(node) => Some(self.site(node, way)),
            _ if overflow || self.keeps_unknown(&fields, way) => Some(json!({})),
            Rest::Denied => (way == Way::Request).then_some(Value::Bool(false)),
            Rest::Unsaid => None,
        };
        insert(&mut map, "additionalProperties", rest);
        map
    }

    /// Whether undeclared fields are kept: not where a declared one has the name of their map.
    pub(crate) fn keeps_unknown(&self, fields: &BTreeMap<&str, &Field>, way: Way) -> bool {
        self.schemas.options.keep_unknown_fields
            && way == Way::Response
            && !fields.is_empty()
            && !fields.keys().any(|name| snake(name) == "extra")
    }

    fn write_fields(
        &self,
        map: &mut Map<String, Value>,
        fields: &BTreeMap<&str, &Field>,
        way: Way,
    ) {
        let required: Vec<&str> = fields
            .iter()
            .filter(|(_, field)| field.required)
            .map(|(name, _)| *name)
            .collect();
        let properties: BTreeMap<&str, Value> = fields
            .iter()
            .map(|(name, field)| (*name, self.field(field, way)))
            .collect();
        if !properties.is_empty() {
            map.insert("properties".to_owned(), json!(properties));
        }
        if !required.is_empty() {
            map.insert("required".to_owned(), json!(required));
        }
    }

    /// A property. The generator reads an optional array or map that is absent as an empty one, and
    /// leaves an empty one out; `nullable` makes it an `Option`, which keeps the two apart.
    fn field(&self, field: &Field, way: Way) -> Value {
        let mut value = self.site(field.node, way);
        let holds_many = matches!(value["type"].as_str(), Some("array" | "object"));
        if !field.required && holds_many {
            value["nullable"] = Value::Bool(true);
        }
        value
    }

    /// The fields that a Rust struct can have in this direction.
    pub(crate) fn fit<'r>(&self, record: &'r Record, way: Way) -> Fitted<'r> {
        let travels = |field: &Field| {
            let docs = &self.schemas.shape(field.node).docs;
            match way {
                Way::Request => !docs.read_only,
                Way::Response => !docs.write_only,
            }
        };
        let candidates = || record.fields.iter().filter(|(_, field)| travels(field));
        let mut taken = std::collections::BTreeSet::new();
        // Names that are identifiers already come first: of `a-b` and `a_b` the latter stays.
        let mut fields = BTreeMap::new();
        for exact in [true, false] {
            for (name, field) in candidates() {
                let ident = snake(name);
                if (ident == *name) == exact && taken.insert(ident) {
                    fields.insert(name.as_str(), field);
                }
            }
        }
        let mut overflow = fields.len() < candidates().count();
        // What is left over goes into a field called `extra`, which must not be there yet.
        if overflow || (matches!(record.rest, Rest::Typed(_)) && !fields.is_empty()) {
            let before = fields.len();
            fields.retain(|name, _| snake(name) != "extra");
            overflow |= fields.len() < before;
        }
        Fitted { fields, overflow }
    }

    fn tagged(&self, tagged: &Tagged, way: Way) -> Map<String, Value> {
        let variants = tagged.variants.iter().map(|(value, node)| {
            let end = self.schemas.resolve(*node);
            let Shape { kind, docs, .. } = self.schemas.shape(end);
            let mut map = of_type("object");
            if let Kind::Record(record) = kind {
                let mut fields = self.fit(record, way).fields;
                let tag = snake(&tagged.tag);
                fields.retain(|name, _| snake(name) != tag);
                self.write_fields(&mut map, &fields, way);
                if matches!(record.rest, Rest::Denied) && way == Way::Request {
                    map.insert("additionalProperties".to_owned(), Value::Bool(false));
                }
            }
            let properties = map.entry("properties").or_insert_with(|| json!({}));
            properties[&tagged.tag] = json!({"type": "string", "enum": [value]});
            let required = map.entry("required").or_insert_with(|| json!([]));
            if let Some(required) = required.as_array_mut() {
                required.push(json!(tagged.tag));
                required.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            docs.write(&mut map);
            Value::Object(map)
        });
        only("oneOf", Value::Array(variants.collect()))
    }
}

/// The fields of a struct, and whether some had to be left to the map of other properties.
pub(crate) struct Fitted<'r> {
    pub(crate) fields: BTreeMap<&'r str, &'r Field>,
    pub(crate) overflow: bool,
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

    fn write(&self, map: &mut Map<String, Value>) {
        insert(map, "description", self.text());
        if self.deprecated {
            map.insert("deprecated".to_owned(), Value::Bool(true));
        }
    }
}

fn of_type(name: &str) -> Map<String, Value> {
    only("type", json!(name))
}

fn only(key: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(key.to_owned(), value)])
}

fn insert(map: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.into());
    }
}

fn closed(choice: &Choice) -> Map<String, Value> {
    let mut map = of_type("string");
    map.insert("enum".to_owned(), json!(choice.values));
    map
}

/// A schema under the name that a variant is to have.
fn titled(label: &str, schema: Value) -> Value {
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

/// A bound of an integer: whole, and within what the generator can read.
pub(crate) fn whole(bound: &Bound, up: bool) -> Option<i64> {
    let value = match bound.value.as_i64() {
        Some(value) => value,
        None => {
            let float = bound.value.as_f64()?;
            let float = if up { float.ceil() } else { float.floor() };
            // Beyond 2^53 a float is no bound worth keeping.
            #[allow(clippy::cast_possible_truncation)]
            (float.abs() < 9e15).then_some(float as i64)?
        }
    };
    match (
        bound.exclusive && bound.value.as_f64().is_some_and(|f| f.fract() == 0.0),
        up,
    ) {
        (false, _) => Some(value),
        (true, true) => value.checked_add(1),
        (true, false) => value.checked_sub(1),
    }
}

fn integer(numeric: &Numeric, way: Way) -> Map<String, Value> {
    let mut map = of_type("integer");
    if way == Way::Request && !numeric.values.is_empty() {
        map.insert("enum".to_owned(), json!(numeric.values));
        return map;
    }
    insert(&mut map, "format", numeric.format.clone());
    if way == Way::Request {
        insert(
            &mut map,
            "minimum",
            numeric
                .minimum
                .as_ref()
                .and_then(|bound| whole(bound, true)),
        );
        insert(
            &mut map,
            "maximum",
            numeric
                .maximum
                .as_ref()
                .and_then(|bound| whole(bound, false)),
        );
    }
    map
}

fn number(numeric: &Numeric, way: Way) -> Map<String, Value> {
    let mut map = of_type("number");
    // Single precision would change what passes through.
    insert(
        &mut map,
        "format",
        numeric.format.clone().filter(|format| format != "float"),
    );
    if way == Way::Request {
        for (key, flag, bound) in [
            ("minimum", "exclusiveMinimum", &numeric.minimum),
            ("maximum", "exclusiveMaximum", &numeric.maximum),
        ] {
            if let Some(bound) = bound {
                map.insert(key.to_owned(), Value::Number(bound.value.clone()));
                if bound.exclusive {
                    map.insert(flag.to_owned(), Value::Bool(true));
                }
            }
        }
    }
    map
}
