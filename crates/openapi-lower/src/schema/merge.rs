//! Objects that trying cannot tell apart: one object with the fields of all of them.
//!
//! serde takes the first alternative that fits, and an open object fits whatever has its required
//! fields. An alternative that comes too early would take what is meant for another and drop the
//! other's fields; so what cannot be told apart is received as one.

use std::collections::BTreeSet;

use super::Schemas;
use super::node::{Field, Kind, NodeId, Record, Rest, Shape, State};
use crate::pointer;

impl Schemas<'_> {
    /// The alternatives in an order in which trying finds the right one, with those merged that no
    /// order tells apart; and whether any were.
    pub(super) fn tell_apart(&mut self, at: &str, members: &[NodeId]) -> (Vec<NodeId>, bool) {
        let mut others = Vec::new();
        let mut records: Vec<NodeId> = Vec::new();
        let mut opaque = Vec::new();
        for &member in members {
            match self.force_resolved(member).map(|end| &self.shape(end).kind) {
                Some(Kind::Record(_)) => records.push(member),
                Some(Kind::Alias(_) | Kind::Union(_) | Kind::Tagged(_)) | None => {
                    opaque.push(member);
                }
                Some(_) => others.push(member),
            }
        }
        let mut ambiguous = false;
        // Each round merges at least two into one.
        loop {
            records.sort_by_key(|&node| std::cmp::Reverse(self.weight(node)));
            let Some((first, second)) = self.mistaken(&records) else {
                break;
            };
            ambiguous = true;
            let pair = [records[first], records[second]];
            records.remove(second);
            records[first] = self.merge(&alternative(at, "Object"), at, &pair);
        }
        others.extend(records);
        // What may be anything comes last.
        others.extend(opaque);
        (others, ambiguous)
    }

    /// One object with the fields of all of `nodes`: required where all require it. `at` is where
    /// it stands, `union` the union that the loss is noted for.
    pub(super) fn merge(&mut self, at: &str, union: &str, nodes: &[NodeId]) -> NodeId {
        let mut ends: Vec<NodeId> = nodes.iter().map(|&node| self.resolve(node)).collect();
        ends.sort_unstable();
        ends.dedup();
        if let Some(&merged) = self.merged.get(&ends) {
            return merged;
        }
        self.losses.add(
            union,
            "union",
            "one object with the fields of the alternatives that look alike",
            "which of them a value is, and which fields go together",
        );
        self.give_up_words(nodes, "one object for the alternatives that look alike");
        let id = self.make(at, Shape::default());
        self.merged.insert(ends.clone(), id);
        let record = self.deeper(|schemas| schemas.merge_records(at, &ends));
        let shape = record.map_or_else(Shape::default, |record| Shape::of(Kind::Record(record)));
        self.fill(id, shape);
        id
    }

    fn merge_records(&mut self, at: &str, ends: &[NodeId]) -> Record {
        let records: Vec<Record> = ends.iter().filter_map(|&end| self.record(end)).collect();
        let names: BTreeSet<&String> = records
            .iter()
            .flat_map(|record| record.fields.keys())
            .collect();
        let mut whole = Record::default();
        self.note_merged(ends, &records);
        for name in names {
            let fields: Vec<&Field> = records
                .iter()
                .filter_map(|record| record.fields.get(name))
                .collect();
            let required =
                fields.len() == records.len() && fields.iter().all(|field| field.required);
            let nodes = fields.iter().map(|field| field.node).collect();
            let at = pointer::join(at, ["properties", name]);
            let node = self.unite_nodes(&at, nodes);
            whole.fields.insert(name.clone(), Field { node, required });
        }
        let typed: Vec<NodeId> = records
            .iter()
            .filter_map(|record| match record.rest {
                Rest::Typed(node) => Some(node),
                Rest::Unsaid | Rest::Denied => None,
            })
            .collect();
        whole.rest = if !typed.is_empty() {
            let at = pointer::child(at, "additionalProperties");
            Rest::Typed(self.unite_nodes(&at, typed))
        } else if records
            .iter()
            .all(|record| matches!(record.rest, Rest::Denied))
        {
            Rest::Denied
        } else {
            Rest::Unsaid
        };
        whole
    }

    /// Notes what only some of the records that become one ask for.
    fn note_merged(&mut self, ends: &[NodeId], records: &[Record]) {
        const KEPT: &str = "one object for the alternatives that look alike";
        let is_closed = |record: &Record| matches!(record.rest, Rest::Denied);
        let all_closed = records.iter().all(is_closed);
        for (&end, record) in ends.iter().zip(records) {
            let at = self.node(end).pointer.clone();
            let lax = |name: &str| {
                let required =
                    |record: &Record| record.fields.get(name).is_some_and(|f| f.required);
                !records.iter().all(required)
            };
            let fields = record.fields.iter();
            let given_up: Vec<&str> = fields
                .filter(|(name, field)| field.required && lax(name))
                .map(|(name, _)| name.as_str())
                .collect();
            if !given_up.is_empty() {
                self.losses.add(
                    &pointer::child(&at, "required"),
                    "required",
                    KEPT,
                    format!("that `{}` is required in this one", given_up.join("`, `")),
                );
            }
            if is_closed(record) && !all_closed {
                self.losses.add(
                    &pointer::child(&at, "additionalProperties"),
                    "additionalProperties",
                    KEPT,
                    "that this one has no other properties",
                );
            }
        }
    }

    /// The one node that all are, or their union.
    fn unite_nodes(&mut self, at: &str, mut nodes: Vec<NodeId>) -> NodeId {
        let mut seen = BTreeSet::new();
        let mut repeated = Vec::new();
        nodes.retain(|&node| {
            let is_new = seen.insert((self.resolve(node), self.is_nullable(node)));
            if !is_new {
                repeated.push(node);
            }
            is_new
        });
        self.give_up_words(&repeated, "one property for those that are alike");
        if let [only] = nodes.as_slice() {
            return *only;
        }
        self.give_up_words(&nodes, "one property for all of them");
        let shape = self
            .deeper(|schemas| schemas.unite(at, nodes))
            .unwrap_or_default();
        self.make(at, shape)
    }

    /// How much an object asks for: who asks for more is tried first. Maps ask for nothing.
    fn weight(&self, node: NodeId) -> (usize, usize) {
        let record = self.record(self.resolve(node)).unwrap_or_default();
        let required = record
            .fields
            .values()
            .filter(|field| field.required)
            .count();
        (required, record.fields.len())
    }

    /// The first pair of which the earlier may be taken for the later.
    fn mistaken(&mut self, records: &[NodeId]) -> Option<(usize, usize)> {
        for (first, &early) in records.iter().enumerate() {
            for (second, &late) in records.iter().enumerate().skip(first + 1) {
                if !self.refuses(early, late) {
                    return Some((first, second));
                }
            }
        }
        None
    }

    /// Whether `early` surely refuses every value of `late`: it requires a field that `late` does
    /// not have, or has as another JSON type.
    fn refuses(&mut self, early: NodeId, late: NodeId) -> bool {
        let (early, late) = (self.resolve(early), self.resolve(late));
        let (Some(early), Some(late)) = (self.record(early), self.record(late)) else {
            return false;
        };
        early
            .fields
            .iter()
            .filter(|(_, field)| field.required)
            .any(|(name, field)| match late.fields.get(name) {
                None => !matches!(late.rest, Rest::Typed(_)),
                Some(other) => match (self.json_type(field.node), self.json_type(other.node)) {
                    (Some(one), Some(other)) => one != other,
                    _ => false,
                },
            })
    }

    /// The one JSON type of a node's values, where that is known for sure.
    fn json_type(&mut self, node: NodeId) -> Option<&'static str> {
        let end = self.force_resolved(node)?;
        if self.is_nullable(node) {
            return None;
        }
        match &self.shape(end).kind {
            Kind::Boolean => Some("boolean"),
            Kind::Integer(_) | Kind::Number(_) => Some("number"),
            Kind::Text(_) | Kind::Choice(_) => Some("string"),
            Kind::List(_) => Some("array"),
            Kind::Record(_) => Some("object"),
            Kind::Any | Kind::Null | Kind::Tagged(_) | Kind::Union(_) | Kind::Alias(_) => None,
        }
    }

    fn record(&self, end: NodeId) -> Option<Record> {
        match &self.shape(end).kind {
            Kind::Record(record) if self.node(end).state == State::Done => Some(record.clone()),
            _ => None,
        }
    }
}

/// A place for an alternative that the union at `at` does not list.
pub(super) fn alternative(at: &str, label: &str) -> String {
    if at.ends_with("/oneOf") || at.ends_with("/anyOf") {
        pointer::child(at, label)
    } else {
        pointer::join(at, ["oneOf", label])
    }
}
