//! `allOf`, and every other place where several schemas hold at once: one shape that says the same.
//!
//! The generator's own merging has holes that panic, so it is never given anything to merge.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Schemas;
use super::keys::Keys;
use super::node::{
    Bound, Choice, Field, Kind, List, Member, NodeId, Numeric, Record, Rest, Shape, Tagged, Text,
    Union,
};
use super::read::as_f64;
use crate::pointer;

impl<'d> Schemas<'d> {
    /// The shapes under `allOf`.
    pub(super) fn read_all_of(&mut self, keys: &Keys<'d>) -> Vec<Shape> {
        let Some(members) = keys.take_if("allOf", Value::as_array) else {
            return Vec::new();
        };
        let at = keys.at("allOf");
        let mut parts = Vec::new();
        for (index, member) in members.iter().enumerate() {
            let here = format!("{at}/{index}");
            if let Some(base) = self.base_of(&here, member) {
                parts.push(self.shape(base).clone());
                continue;
            }
            let node = self.at(&here);
            parts.push(match self.force(node) {
                Some(()) => self.shape(node).clone(),
                None => Shape::of(Kind::Alias(node)),
            });
        }
        parts
    }

    /// What holds where all of `parts` hold.
    pub(super) fn intersect_all(&mut self, at: &str, parts: Vec<Shape>) -> Shape {
        let mut parts: Vec<Shape> = parts
            .into_iter()
            .filter(|part| !matches!(part.kind, Kind::Any) || part.nullable.is_some())
            .collect();
        // `type: object` beside something that says more only repeats it.
        if parts.len() > 1 {
            let informative = parts.iter().any(|part| !says_object_only(part));
            if informative {
                let null = parts
                    .iter()
                    .any(|p| says_object_only(p) && p.nullable == Some(true));
                parts.retain(|part| !says_object_only(part));
                if null {
                    parts[0].nullable = Some(true);
                }
            }
        }
        if parts.len() == 1 {
            return parts.remove(0);
        }
        let mut whole: Option<Shape> = None;
        for part in parts {
            let part = self.expand(at, part);
            whole = Some(match whole {
                None => part,
                Some(so_far) => self.intersect(at, so_far, part),
            });
        }
        whole.unwrap_or_default()
    }

    /// A shape without aliases: what it stands for is copied in.
    fn expand(&mut self, at: &str, shape: Shape) -> Shape {
        let Kind::Alias(target) = shape.kind else {
            return shape;
        };
        let Some(end) = self.force_resolved(target) else {
            return self.expand_circle(at, target, shape);
        };
        let nullable = match shape.nullable {
            Some(true) => Some(true),
            _ if self.is_nullable(target) => Some(true),
            _ => self.shape(end).nullable,
        };
        let found = self.shape(end).clone();
        Shape {
            kind: found.kind,
            nullable,
            docs: shape.docs.or(&found.docs),
        }
    }

    /// A base whose own `oneOf` leads back here: its fields are taken, its alternatives are not.
    fn expand_circle(&mut self, at: &str, target: NodeId, shape: Shape) -> Shape {
        self.losses.add(
            at,
            "allOf",
            "the fields of the schema that leads back here",
            "its alternatives, of which this schema is one",
        );
        let pointer = self.node(target).pointer.clone();
        let Some(Value::Object(map)) = self.refs.get(&pointer) else {
            return Shape::default();
        };
        let mut record = Record::default();
        if let Some(properties) = map.get("properties").and_then(Value::as_object) {
            let at = pointer::child(&pointer, "properties");
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
        let required = map.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if let Some(field) = record.fields.get_mut(name) {
                field.required = true;
            }
        }
        Shape {
            kind: Kind::Record(record),
            ..shape
        }
    }

    /// What holds where both hold. Neither is an alias.
    fn intersect(&mut self, at: &str, a: Shape, b: Shape) -> Shape {
        let nullable = match (a.nullable, b.nullable) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), _) | (_, Some(true)) => Some(true),
            (None, None) => None,
        };
        let docs = b.docs.clone().or(&a.docs);
        let kind = self.intersect_kinds(at, a.kind, b.kind);
        Shape {
            kind,
            nullable,
            docs,
        }
    }

    fn intersect_kinds(&mut self, at: &str, a: Kind, b: Kind) -> Kind {
        match (a, b) {
            (Kind::Any, other) | (other, Kind::Any) => other,
            (Kind::Record(a), Kind::Record(b)) => Kind::Record(self.intersect_records(at, a, b)),
            (Kind::Tagged(tagged), Kind::Record(record))
            | (Kind::Record(record), Kind::Tagged(tagged)) => {
                let variants = tagged
                    .variants
                    .into_iter()
                    .map(|(value, node)| (value, self.extend(at, node, &record)))
                    .collect();
                Kind::Tagged(Tagged {
                    tag: tagged.tag,
                    variants,
                })
            }
            (Kind::Union(union), Kind::Record(record))
            | (Kind::Record(record), Kind::Union(union)) => {
                let mut done: BTreeMap<NodeId, NodeId> = BTreeMap::new();
                let mut extend = |member: Member| {
                    let node = match done.get(&member.node) {
                        Some(&node) => node,
                        None => self.extend(at, member.node, &record),
                    };
                    done.insert(member.node, node);
                    Member { node, ..member }
                };
                let members = union.members.into_iter().map(&mut extend).collect();
                let received = union.received.into_iter().map(&mut extend).collect();
                Kind::Union(Union { members, received })
            }
            (Kind::Text(a), Kind::Text(b)) => Kind::Text(self.intersect_texts(at, a, b)),
            (Kind::Choice(choice), Kind::Text(_)) | (Kind::Text(_), Kind::Choice(choice)) => {
                Kind::Choice(choice)
            }
            (Kind::Choice(a), Kind::Choice(b)) => {
                let values: Vec<String> = a
                    .values
                    .iter()
                    .filter(|value| b.values.contains(value))
                    .cloned()
                    .collect();
                if values.is_empty() {
                    return self.contradiction(at, Kind::Choice(a));
                }
                Kind::Choice(Choice {
                    values,
                    open: a.open && b.open,
                })
            }
            (Kind::Integer(a), Kind::Integer(b) | Kind::Number(b)) => Kind::Integer(narrow(a, b)),
            (Kind::Number(a), Kind::Integer(b)) => Kind::Integer(narrow(b, a)),
            (Kind::Number(a), Kind::Number(b)) => Kind::Number(narrow(a, b)),
            (Kind::Boolean, Kind::Boolean) => Kind::Boolean,
            (Kind::Null, Kind::Null) => Kind::Null,
            (Kind::List(a), Kind::List(b)) => {
                let item = self.intersect_nodes(&pointer::child(at, "items"), a.item, b.item);
                Kind::List(List {
                    item,
                    min_items: a.min_items.max(b.min_items),
                    max_items: match (a.max_items, b.max_items) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    },
                })
            }
            (a, _) => self.contradiction(at, a),
        }
    }

    fn contradiction(&mut self, at: &str, kept: Kind) -> Kind {
        self.losses.add(
            at,
            "allOf",
            "the first of the schemas that must hold at once",
            "the others, which it does not agree with or cannot be put together with",
        );
        kept
    }

    fn intersect_records(&mut self, at: &str, a: Record, b: Record) -> Record {
        let mut fields: BTreeMap<String, Field> = a.fields;
        for (name, field) in b.fields {
            match fields.get(&name) {
                None => {
                    fields.insert(name, field);
                }
                Some(there) => {
                    let (node, required) = (there.node, there.required || field.required);
                    let at = pointer::join(at, ["properties", &name]);
                    let node = self.intersect_nodes(&at, node, field.node);
                    fields.insert(name, Field { node, required });
                }
            }
        }
        let rest = match (a.rest, b.rest) {
            (Rest::Typed(a), Rest::Typed(b)) => {
                let at = pointer::child(at, "additionalProperties");
                Rest::Typed(self.intersect_nodes(&at, a, b))
            }
            (Rest::Typed(node), _) | (_, Rest::Typed(node)) => Rest::Typed(node),
            // Taken literally, a closed part of `allOf` forbids the fields of the other parts;
            // what is meant is that the whole is closed.
            (Rest::Denied, _) | (_, Rest::Denied) => Rest::Denied,
            (Rest::Unsaid, Rest::Unsaid) => Rest::Unsaid,
        };
        Record { fields, rest }
    }

    /// One node for what holds where both nodes hold.
    fn intersect_nodes(&mut self, at: &str, a: NodeId, b: NodeId) -> NodeId {
        if a == b {
            return a;
        }
        for (one, other) in [(a, b), (b, a)] {
            let known = self.force(one).is_some();
            if known && matches!(self.shape(one).kind, Kind::Any) {
                return other;
            }
        }
        let (Some(end_a), Some(end_b)) = (self.force_resolved(a), self.force_resolved(b)) else {
            self.contradiction(at, Kind::Any);
            return b;
        };
        if end_a == end_b {
            return b;
        }
        let a = self.expand(at, Shape::of(Kind::Alias(a)));
        let b = self.expand(at, Shape::of(Kind::Alias(b)));
        let shape = self.intersect(at, a, b);
        self.make(at, shape)
    }

    /// An alternative with the fields that stand beside the alternatives.
    fn extend(&mut self, at: &str, node: NodeId, record: &Record) -> NodeId {
        let Some(end) = self.force_resolved(node) else {
            self.contradiction(at, Kind::Any);
            return node;
        };
        if !matches!(self.shape(end).kind, Kind::Record(_)) {
            return node;
        }
        let name = self.node(end).pointer.clone();
        let base = Shape::of(Kind::Record(record.clone()));
        let own = self.expand(at, Shape::of(Kind::Alias(node)));
        // Named after the schema that has the alternatives: it is another type than the one that
        // the alternative is elsewhere.
        let label = pointer::tokens(&name).pop().unwrap_or_default();
        let place = pointer::join(at, ["oneOf", &label]);
        let shape = self.intersect(&place, base, own);
        self.make(&place, shape)
    }

    fn intersect_texts(&mut self, at: &str, a: Text, b: Text) -> Text {
        if a.pattern.is_some() && b.pattern.is_some() && a.pattern != b.pattern {
            self.losses
                .add(at, "pattern", "the first of two patterns", "the second");
        }
        Text {
            format: a.format.or(b.format),
            pattern: a.pattern.or(b.pattern),
            min_length: a.min_length.max(b.min_length),
            max_length: match (a.max_length, b.max_length) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }
}

fn says_object_only(shape: &Shape) -> bool {
    match &shape.kind {
        Kind::Record(record) => record.fields.is_empty() && matches!(record.rest, Rest::Unsaid),
        _ => false,
    }
}

fn narrow(a: Numeric, b: Numeric) -> Numeric {
    let tighter = |a: Option<Bound>, b: Option<Bound>, first: fn(f64, f64) -> bool| match (a, b) {
        (Some(a), Some(b)) => Some(if first(as_f64(&a.value), as_f64(&b.value)) {
            a
        } else {
            b
        }),
        (a, b) => a.or(b),
    };
    Numeric {
        format: a.format.or(b.format),
        minimum: tighter(a.minimum, b.minimum, |a, b| a > b),
        maximum: tighter(a.maximum, b.maximum, |a, b| a < b),
        values: if a.values.is_empty() {
            b.values
        } else {
            a.values
        },
    }
}
