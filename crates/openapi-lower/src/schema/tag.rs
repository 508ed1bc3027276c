//! What tells the alternatives of a union apart: a discriminator, or a property that has a
//! constant of its own in each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Schemas;
use super::keys::Keys;
use super::node::{Kind, NodeId, Tagged};
use crate::{names, pointer};

impl<'d> Schemas<'d> {
    /// Objects told apart by a property: by the discriminator's, or by one that has a different
    /// constant in each. Nothing, where it has fewer values than `least`.
    pub(super) fn tag(
        &mut self,
        at: &str,
        members: &[NodeId],
        discriminator: Option<&Discriminator>,
        least: usize,
    ) -> Option<Tagged> {
        let mut records = Vec::new();
        for &member in members {
            let end = self.force_resolved(member)?;
            if !matches!(self.shape(end).kind, Kind::Record(_)) {
                return None;
            }
            records.push((member, end));
        }
        let candidates = match discriminator {
            Some(discriminator) => vec![discriminator.property.clone()],
            None => self.constant_properties(records[0].1),
        };
        for tag in candidates {
            let mut variants = Vec::new();
            let complete = records.iter().all(|&(member, end)| {
                let values = self.tag_values(&tag, member, end, discriminator);
                variants.extend(values.iter().map(|value| (value.clone(), member)));
                !values.is_empty()
            });
            let variants = match discriminator {
                _ if !complete => continue,
                Some(_) => self.merge_variants(at, variants),
                None => variants,
            };
            let distinct: BTreeSet<&str> =
                variants.iter().map(|(value, _)| value.as_str()).collect();
            if distinct.len() == variants.len()
                && distinct.len() >= least
                && names::variants_are_distinct(variants.iter().map(|(value, _)| value.as_str()))
            {
                self.note_tag(at, &tag, &records);
                for (value, node) in &variants {
                    self.labels
                        .insert(self.node(*node).pointer.clone(), value.clone());
                }
                return Some(Tagged { tag, variants });
            }
        }
        None
    }

    /// One variant for each value: alternatives with the same one become one object.
    fn merge_variants(
        &mut self,
        at: &str,
        variants: Vec<(String, NodeId)>,
    ) -> Vec<(String, NodeId)> {
        let mut by_value: Vec<(String, Vec<NodeId>)> = Vec::new();
        for (value, node) in variants {
            match by_value.iter_mut().find(|(there, _)| *there == value) {
                Some((_, nodes)) => nodes.push(node),
                None => by_value.push((value, vec![node])),
            }
        }
        by_value
            .into_iter()
            .map(|(value, nodes)| match nodes.as_slice() {
                [only] => (value, *only),
                _ => {
                    let place = super::merge::alternative(at, &value);
                    let merged = self.merge(&place, at, &nodes);
                    (value, merged)
                }
            })
            .collect()
    }

    /// The properties of a record that have one value, in order.
    fn constant_properties(&mut self, record: NodeId) -> Vec<String> {
        let Kind::Record(record) = self.shape(record).kind.clone() else {
            return Vec::new();
        };
        let constant = |schemas: &mut Self, node| !schemas.choices(node).is_empty();
        record
            .fields
            .into_iter()
            .filter(|(_, field)| constant(self, field.node))
            .map(|(name, _)| name)
            .collect()
    }

    /// The strings that a node lists, if it lists all.
    fn choices(&mut self, node: NodeId) -> Vec<String> {
        match self.force_resolved(node).map(|end| &self.shape(end).kind) {
            Some(Kind::Choice(choice)) if !choice.open => choice.values.clone(),
            _ => Vec::new(),
        }
    }

    fn tag_values(
        &mut self,
        tag: &str,
        member: NodeId,
        end: NodeId,
        discriminator: Option<&Discriminator>,
    ) -> Vec<String> {
        let field = match &self.shape(end).kind {
            Kind::Record(record) => record.fields.get(tag).map(|field| field.node),
            _ => None,
        };
        let listed = field.map(|node| self.choices(node)).unwrap_or_default();
        let Some(discriminator) = discriminator else {
            return listed;
        };
        if listed.len() == 1 {
            return listed;
        }
        let places = self.places(member);
        let mapped: Vec<String> = discriminator
            .mapping
            .iter()
            .filter(|(_, target)| places.contains(target))
            .map(|(value, _)| value.clone())
            .filter(|value| listed.is_empty() || listed.contains(value))
            .collect();
        if !mapped.is_empty() {
            return mapped;
        }
        if !listed.is_empty() {
            return listed;
        }
        // Without a mapping the schema's name is the value.
        places
            .iter()
            .rev()
            .find_map(|place| place.strip_prefix("/components/schemas/"))
            .filter(|name| !name.contains('/'))
            .map(pointer::unescape)
            .into_iter()
            .collect()
    }

    /// The places on the way from a node to the end of its aliases.
    fn places(&self, node: NodeId) -> Vec<String> {
        let mut at = node;
        let mut places = vec![self.node(at).pointer.clone()];
        while let Kind::Alias(next) = self.shape(at).kind {
            at = next;
            places.push(self.node(at).pointer.clone());
            if places.len() > self.len() {
                break;
            }
        }
        places
    }

    fn note_tag(&mut self, at: &str, tag: &str, records: &[(NodeId, NodeId)]) {
        for &(_, end) in records {
            let Kind::Record(record) = &self.shape(end).kind else {
                continue;
            };
            let pointer = self.node(end).pointer.clone();
            match record.fields.get(tag) {
                Some(field) if field.required => {}
                Some(_) => self.losses.add(
                    &pointer,
                    "required",
                    format!("`{tag}` as the tag of the union at #{at}"),
                    format!("that `{tag}` may be absent there"),
                ),
                None => self.losses.add(
                    &pointer,
                    "discriminator",
                    format!("`{tag}` as the tag of the union at #{at}"),
                    format!("that the schema itself does not declare `{tag}`"),
                ),
            }
        }
    }

    pub(super) fn read_discriminator(&mut self, keys: &Keys<'d>) -> Option<Discriminator> {
        let object = keys.take_if("discriminator", Value::as_object)?;
        let at = keys.at("discriminator");
        let of_discriminator = Keys::new(&at, object);
        let property = of_discriminator.string("propertyName").map(str::to_owned);
        of_discriminator.take_if("mapping", Value::as_object);
        of_discriminator.take_if("defaultMapping", Value::as_str);
        of_discriminator.finish(&mut self.losses);
        let Some(property) = property else {
            self.losses.add(
                &at,
                "discriminator",
                "the schema itself",
                "what tells its values apart: there is no property name",
            );
            return None;
        };
        let mut mapping = BTreeMap::new();
        for (value, target) in object
            .get("mapping")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let at = pointer::join(&at, ["mapping", value]);
            let named = match target.get("$ref").and_then(Value::as_str) {
                Some(reference) => {
                    self.losses.add(
                        &at,
                        "discriminator.mapping",
                        format!("`{reference}` as what the value stands for"),
                        "nothing: but a mapping to an object is not OpenAPI, it has to be a string",
                    );
                    Some(reference)
                }
                None => target.as_str(),
            };
            let found = named.and_then(|name| self.mapped(name, keys.pointer()));
            match found {
                Some(target) => {
                    mapping.insert(value.clone(), target);
                }
                None => self.losses.add(
                    &at,
                    "discriminator.mapping",
                    "the other values",
                    format!("this value: it leads nowhere ({target})"),
                ),
            }
        }
        if let Some(Value::String(_)) = object.get("defaultMapping") {
            self.losses.add(
                &pointer::child(&at, "defaultMapping"),
                "discriminator.defaultMapping",
                "the named values",
                "the schema of values with an unknown tag",
            );
        }
        Some(Discriminator {
            pointer: at,
            property,
            mapping,
        })
    }

    /// What a mapping means: a reference, or the name of a schema.
    fn mapped(&self, name: &str, from: &str) -> Option<String> {
        let by_name = pointer::join("/components/schemas", [name]);
        if self.refs.get(&by_name).is_some() {
            return Some(by_name);
        }
        let target = self.refs.resolve(name, from)?;
        Some(self.refs.follow(&target).map_or(target, |(end, _)| end))
    }
}

/// What a union says of telling its alternatives apart.
#[derive(Debug, Clone)]
pub(super) struct Discriminator {
    pub(super) pointer: String,
    property: String,
    /// Values to the places of the schemas that they stand for.
    mapping: BTreeMap<String, String>,
}
