//! Families: a base schema with a discriminator, and the schemas that extend it with `allOf`.
//!
//! To those that extend it the base is its own fields. To everybody else it is any member of the
//! family, told apart by the discriminator.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Schemas;
use super::keys::Keys;
use super::node::{NodeId, Tagged};
use super::read::Reading;
use crate::pointer;

/// Who extends whom.
#[derive(Debug, Default)]
pub(super) struct Families {
    /// From a base to those that extend it, directly or not, all by their places.
    members: BTreeMap<String, Vec<String>>,
    /// The bases as those that extend them see them.
    bases: BTreeMap<String, NodeId>,
}

const COMPONENTS: &str = "/components/schemas";

impl Families {
    /// Finds the bases among the components of a document.
    pub(super) fn find(document: &Value) -> Self {
        let components = document.pointer(COMPONENTS).and_then(Value::as_object);
        let mut extends: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut bases = Vec::new();
        for (name, schema) in components.into_iter().flatten() {
            let at = pointer::join(COMPONENTS, [name.as_str()]);
            for base in references(schema, "allOf") {
                extends.entry(base).or_default().push(at.clone());
            }
            bases.push((at, schema));
        }
        // A base names its members by a discriminator, or lists them.
        bases.retain(|(at, schema)| {
            let known = extends.get(at).map(Vec::as_slice).unwrap_or_default();
            let lists = |keyword| references(schema, keyword).any(|place| known.contains(&place));
            schema.get("discriminator").is_some() || lists("oneOf") || lists("anyOf")
        });
        let members = bases
            .into_iter()
            .map(|(base, _)| {
                let mut found = BTreeSet::new();
                let mut open = vec![base.clone()];
                while let Some(at) = open.pop() {
                    for member in extends.get(&at).into_iter().flatten() {
                        if *member != base && found.insert(member.clone()) {
                            open.push(member.clone());
                        }
                    }
                }
                (base, found.into_iter().collect::<Vec<_>>())
            })
            .filter(|(_, members)| !members.is_empty())
            .collect();
        Self {
            members,
            bases: BTreeMap::new(),
        }
    }
}

/// The places in this document that the references under a keyword mean.
fn references<'d>(schema: &'d Value, keyword: &str) -> impl Iterator<Item = String> + use<'d> {
    let parts = schema
        .get(keyword)
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    parts
        .filter_map(|part| part.get("$ref")?.as_str()?.strip_prefix('#'))
        .map(pointer::from_fragment)
}

impl<'d> Schemas<'d> {
    /// The members of the family that this schema is the base of.
    pub(super) fn read_family(&mut self, keys: &Keys<'d>) -> Option<Tagged> {
        if !keys.has("discriminator") || keys.has("oneOf") || keys.has("anyOf") {
            return None;
        }
        let discriminator = self.read_discriminator(keys)?;
        let places = self
            .families
            .members
            .get(keys.pointer())
            .cloned()
            .unwrap_or_default();
        let members: Vec<NodeId> = places
            .iter()
            .map(|place| match self.families.members.contains_key(place) {
                true => self.base(place),
                false => self.at(place),
            })
            .collect();
        let tagged = match members.as_slice() {
            [] => None,
            members => self.tag(keys.pointer(), members, Some(&discriminator), 2),
        };
        let (kept, given_up) = match tagged {
            Some(_) => (
                "the schemas that extend this one",
                "a value of this schema that is none of them",
            ),
            None => (
                "the schema itself",
                "that its value may be any schema that extends it: their tags are not known",
            ),
        };
        self.losses
            .add(&keys.at("discriminator"), "discriminator", kept, given_up);
        tagged
    }

    /// The base that a part of an `allOf` refers to, as the schema that extends it sees it.
    pub(super) fn base_of(&mut self, at: &str, part: &Value) -> Option<NodeId> {
        let reference = part.get("$ref")?.as_str()?;
        let target = self.refs.resolve(reference, at)?;
        if !self.families.members.contains_key(&target) {
            return None;
        }
        if let Some(Value::Object(beside)) = self.refs.get(at) {
            let keys = Keys::new(at, beside);
            keys.take("$ref");
            keys.finish(&mut self.losses);
        }
        Some(self.base(&target))
    }

    fn base(&mut self, place: &str) -> NodeId {
        if let Some(&base) = self.families.bases.get(place) {
            return base;
        }
        let id = self.make(place, super::node::Shape::default());
        self.families.bases.insert(place.to_owned(), id);
        if let Some(Value::Object(map)) = self.refs.get(place) {
            let shape = self.deeper(|schemas| schemas.read_object(place, map, Reading::Base));
            self.fill(id, shape.unwrap_or_default());
        }
        id
    }
}
