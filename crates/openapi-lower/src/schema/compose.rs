//! `allOf`, and every other place where several schemas hold at once: one shape that says the same.
//!
//! The generator's own merging has holes that panic, so it is never given anything to merge.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Schemas;
use super::keys::Keys;
use super::node::{
    Bound, Choice, Docs, Field, Kind, List, Member, NodeId, Numeric, Record, Rest, Shape, Tagged,
    Text, Union,
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
        // A part that allows anything may still have something to tell.
        let mut words = Docs::default();
        let mut dropped = |part: &Shape| words = part.docs.clone().or(&words);
        let mut parts: Vec<Shape> = parts
            .into_iter()
            .filter(|part| {
                let says_something = !matches!(part.kind, Kind::Any) || part.nullable.is_some();
                if !says_something {
                    dropped(part);
                }
                says_something
            })
            .collect();
        // `type: object` beside something that says more only repeats it.
        if parts.len() > 1 {
            let informative = parts.iter().any(|part| !says_object_only(part));
            if informative {
                let null = parts
                    .iter()
                    .any(|p| says_object_only(p) && p.nullable == Some(true));
                parts.retain(|part| {
                    let is_kept = !says_object_only(part);
                    if !is_kept {
                        dropped(part);
                    }
                    is_kept
                });
                if null {
                    parts[0].nullable = Some(true);
                }
            }
        }
        let mut whole = if parts.len() == 1 {
            parts.remove(0)
        } else {
            self.intersect_parts(at, parts)
        };
        whole.docs = self.override_words(at, words, &whole.docs);
        whole
    }

    fn intersect_parts(&mut self, at: &str, parts: Vec<Shape>) -> Shape {
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
            docs: shape.docs.or(&self.words(target)),
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
        if a.nullable.is_some() && b.nullable.is_some() && a.nullable != b.nullable {
            self.note_null(at);
        }
        let docs = self.override_words(at, b.docs, &a.docs);
        let kind = self.intersect_kinds(at, a.kind, b.kind);
        Shape {
            kind,
            nullable,
            docs,
        }
    }

    fn note_null(&mut self, at: &str) {
        self.losses.add(
            at,
            "nullable",
            "the other values",
            "`null`: of the schemas that must hold at once one does not allow it",
        );
    }

    /// These words where there are any, else those; of two defaults the first.
    pub(super) fn override_words(&mut self, at: &str, words: Docs, others: &Docs) -> Docs {
        if let (Some(kept), Some(other)) = (&words.default, &others.default)
            && kept != other
        {
            self.losses.add(
                at,
                "default",
                format!("`{kept}`"),
                format!("`{other}`, which another of the schemas here has as the default"),
            );
        }
        words.or(others)
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
                let is_record = |member: &Member| {
                    let end = self.resolve(member.node);
                    matches!(self.shape(end).kind, Kind::Record(_))
                };
                if !union.members.iter().any(is_record) {
                    return self.contradiction(at, Kind::Union(union));
                }
                if !union.members.iter().all(is_record) {
                    self.losses.add(
                        at,
                        "properties",
                        "the properties in the alternatives that are objects",
                        "that the others are none",
                    );
                }
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
            (Kind::Choice(choice), Kind::Text(text)) | (Kind::Text(text), Kind::Choice(choice)) => {
                self.note_beside_list(at, &text);
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
            (Kind::Integer(a), Kind::Integer(b) | Kind::Number(b)) => {
                Kind::Integer(self.narrow(at, a, b))
            }
            (Kind::Number(a), Kind::Integer(b)) => Kind::Integer(self.narrow(at, b, a)),
            (Kind::Number(a), Kind::Number(b)) => Kind::Number(self.narrow(at, a, b)),
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
            (Rest::Typed(node), Rest::Denied) | (Rest::Denied, Rest::Typed(node)) => {
                self.losses.add(
                    at,
                    "additionalProperties",
                    "other properties, with their type",
                    "that one of the schemas that must hold at once denies them",
                );
                Rest::Typed(node)
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
                let Shape { nullable, docs, .. } = self.shape(one).clone();
                if nullable == Some(true) && self.force(other).is_some() && !self.is_nullable(other)
                {
                    self.note_null(at);
                }
                return self.with_words(at, other, docs);
            }
        }
        let (Some(end_a), Some(end_b)) = (self.force_resolved(a), self.force_resolved(b)) else {
            self.contradiction(at, Kind::Any);
            return b;
        };
        if end_a == end_b {
            let words = self.words_here(a);
            return self.with_words(at, b, words);
        }
        let pair = (a, b);
        if let Some(met) = self.meeting.iter().position(|(known, _)| *known == pair) {
            // Both lead back to themselves, and so does what they have in common.
            let node = self.meeting[met].1.unwrap_or_else(|| self.promise(at));
            self.meeting[met].1 = Some(node);
            return node;
        }
        self.meeting.push((pair, None));
        let a = self.expand(at, Shape::of(Kind::Alias(a)));
        let b = self.expand(at, Shape::of(Kind::Alias(b)));
        let shape = self.deeper(|schemas| schemas.intersect(at, a, b));
        let shape = shape.unwrap_or_else(|| {
            let kind = self.contradiction(at, Kind::Any);
            Shape::of(kind)
        });
        match self.meeting.pop().and_then(|(_, promised)| promised) {
            Some(node) => {
                self.fill(node, shape);
                node
            }
            None => self.make(at, shape),
        }
    }

    /// The node, with these words for it at this place.
    fn with_words(&mut self, at: &str, node: NodeId, words: Docs) -> NodeId {
        if words.is_empty() {
            return node;
        }
        let docs = match self.force(node) {
            Some(()) => self.override_words(at, self.words_here(node), &words),
            None => words,
        };
        let alias = Shape::of(Kind::Alias(node));
        self.make(at, Shape { docs, ..alias })
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

    /// A list of strings has no place for what else is said of them.
    fn note_beside_list(&mut self, at: &str, text: &Text) {
        for (keyword, is_there) in [
            ("format", text.format.is_some()),
            ("pattern", text.pattern.is_some()),
            ("minLength", text.min_length.is_some()),
            ("maxLength", text.max_length.is_some()),
        ] {
            if is_there {
                self.losses.add(
                    at,
                    keyword,
                    "the listed values",
                    "what else is said of them",
                );
            }
        }
    }

    fn note_formats(&mut self, at: &str, a: Option<&String>, b: Option<&String>) {
        if a.is_some() && b.is_some() && a != b {
            self.losses
                .add(at, "format", "the first of two formats", "the second");
        }
    }

    fn narrow(&mut self, at: &str, a: Numeric, b: Numeric) -> Numeric {
        self.note_formats(at, a.format.as_ref(), b.format.as_ref());
        let tighter = |a: Option<Bound>, b: Option<Bound>, first: fn(f64, f64) -> bool| match (a, b)
        {
            (Some(a), Some(b)) => {
                let is_first = first(as_f64(&a.value), as_f64(&b.value));
                Some(if is_first { a } else { b })
            }
            (a, b) => a.or(b),
        };
        let mut values = a.values;
        if values.is_empty() {
            values = b.values;
        } else if !b.values.is_empty() {
            let both: Vec<i64> = values
                .iter()
                .copied()
                .filter(|v| b.values.contains(v))
                .collect();
            if both.is_empty() {
                self.contradiction(at, Kind::Any);
            } else {
                values = both;
            }
        }
        Numeric {
            format: a.format.or(b.format),
            minimum: tighter(a.minimum, b.minimum, |a, b| a > b),
            maximum: tighter(a.maximum, b.maximum, |a, b| a < b),
            values,
        }
    }

    fn intersect_texts(&mut self, at: &str, a: Text, b: Text) -> Text {
        self.note_formats(at, a.format.as_ref(), b.format.as_ref());
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
