//! The lowered text of objects, alone and as the variants of a tagged union.
//!
//! What a response has beside the declared fields is kept in a map, which the generator calls
//! `extra`. It has no such map for the variants of a tagged enum; so what is received is an enum of
//! structs, each with the tag as a field that takes its one value only.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::names::{Part, Target};
use super::write::{Way, Writer, closed, insert, of_type, only, titled};
use crate::names::{Namer, snake};
use crate::schema::node::{Field, Kind, NodeId, Record, Rest, Tagged};

/// The name that the generator gives to the map of other properties.
pub(crate) const EXTRA: &str = "extra";

/// The fields of a struct, and whether some had to be left to the map of other properties.
pub(crate) struct Fitted<'r> {
    pub(crate) fields: BTreeMap<&'r str, &'r Field>,
    pub(crate) overflow: bool,
}

impl Writer<'_, '_> {
    pub(super) fn record(&self, record: &Record, way: Way) -> Map<String, Value> {
        self.object(record, self.fit(record, way), way)
    }

    fn object(&self, record: &Record, fitted: Fitted<'_>, way: Way) -> Map<String, Value> {
        let Fitted { fields, overflow } = fitted;
        let mut map = of_type("object");
        self.write_fields(&mut map, &fields, way);
        let rest = match record.rest {
            Rest::Typed(node) => Some(self.site(node, way)),
            _ if overflow || (self.keeps_unknown(way) && !fields.is_empty()) => Some(json!({})),
            Rest::Denied => (way == Way::Request).then_some(Value::Bool(false)),
            Rest::Unsaid => None,
        };
        insert(&mut map, "additionalProperties", rest);
        map
    }

    /// Whether undeclared fields are kept.
    fn keeps_unknown(&self, way: Way) -> bool {
        self.schemas.options.keep_unknown_fields && way == Way::Response
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
        self.fit_beside(None, record, way)
    }

    /// The same, where a field called `tag` is there already.
    pub(crate) fn fit_beside<'r>(
        &self,
        tag: Option<&str>,
        record: &'r Record,
        way: Way,
    ) -> Fitted<'r> {
        let travels = |field: &Field| {
            let docs = self.schemas.words(field.node);
            match way {
                Way::Request => !docs.read_only,
                Way::Response => !docs.write_only,
            }
        };
        let candidates = || {
            let others = record
                .fields
                .iter()
                .filter(|(name, _)| Some(name.as_str()) != tag);
            others.filter(|(_, field)| travels(field))
        };
        let mut taken: BTreeSet<String> = tag.map(snake).into_iter().collect();
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
        // A declared field must not have the name of the map: it goes into the map.
        let typed = matches!(record.rest, Rest::Typed(_));
        let has_map = match (tag, way) {
            (Some(_), Way::Request) => false,
            (Some(_), Way::Response) => overflow || typed || self.keeps_unknown(way),
            (None, _) => overflow || ((typed || self.keeps_unknown(way)) && !fields.is_empty()),
        };
        if has_map {
            let before = fields.len();
            fields.retain(|name, _| snake(name) != EXTRA);
            overflow |= fields.len() < before;
        }
        Fitted { fields, overflow }
    }

    /// What is sent: an enum that serde tells apart by the tag.
    pub(super) fn inlined(&self, tagged: &Tagged) -> Map<String, Value> {
        let way = Way::Request;
        let variants = tagged.variants.iter().map(|(value, node)| {
            let end = self.schemas.resolve(*node);
            let kind = &self.schemas.shape(end).kind;
            let docs = self.schemas.words(*node);
            let mut map = of_type("object");
            if let Kind::Record(record) = kind {
                let fields = self.fit_beside(Some(&tagged.tag), record, way).fields;
                self.write_fields(&mut map, &fields, way);
                if matches!(record.rest, Rest::Denied) {
                    map.insert("additionalProperties".to_owned(), Value::Bool(false));
                }
            }
            put_required(
                &mut map,
                &tagged.tag,
                json!(closed(std::slice::from_ref(value))),
            );
            docs.write(&mut map);
            Value::Object(map)
        });
        only("oneOf", Value::Array(variants.collect()))
    }

    /// What is received: an enum of structs, and what has no known tag.
    pub(super) fn told_by_tag(&self, node: NodeId, tagged: &Tagged) -> Map<String, Value> {
        let mut namer = Namer::variants();
        let variants = tagged.variants.iter().enumerate();
        let mut one_of: Vec<Value> = variants
            .map(|(index, (value, _))| {
                let part = Part::Variant(index);
                let link = self.link(Target { node, part }, Way::Response);
                titled(&namer.claim(value), link)
            })
            .collect();
        one_of.push(json!({"title": "Unknown"}));
        only("oneOf", Value::Array(one_of))
    }

    /// The struct of a variant that is received.
    pub(super) fn variant(&self, node: NodeId, index: usize) -> Value {
        let way = Way::Response;
        let mut map = of_type("object");
        let Kind::Tagged(tagged) = &self.schemas.shape(node).kind else {
            return Value::Object(map);
        };
        let variant = tagged.variants[index].1;
        let end = self.schemas.resolve(variant);
        let kind = &self.schemas.shape(end).kind;
        let docs = self.schemas.words(variant);
        if let Kind::Record(record) = kind {
            let fitted = self.fit_beside(Some(&tagged.tag), record, way);
            map = self.object(record, fitted, way);
        }
        if self.keeps_unknown(way) && !map.contains_key("additionalProperties") {
            map.insert("additionalProperties".to_owned(), json!({}));
        }
        let part = Part::Tag(index);
        put_required(&mut map, &tagged.tag, self.link(Target { node, part }, way));
        docs.write(&mut map);
        Value::Object(map)
    }

    /// The one value of the tag of a variant that is received.
    pub(super) fn tag(&self, node: NodeId, index: usize) -> Value {
        match &self.schemas.shape(node).kind {
            Kind::Tagged(tagged) => json!(closed(std::slice::from_ref(&tagged.variants[index].0))),
            _ => Value::Null,
        }
    }
}

fn put_required(map: &mut Map<String, Value>, name: &str, schema: Value) {
    let properties = map.entry("properties").or_insert_with(|| json!({}));
    properties[name] = schema;
    let required = map.entry("required").or_insert_with(|| json!([]));
    if let Some(required) = required.as_array_mut() {
        required.push(json!(name));
        required.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    }
}
