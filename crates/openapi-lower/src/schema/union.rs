//! `oneOf`, `anyOf` and several types at once: one shape, the most telling that can be had.
//!
//! In order of preference: the only alternative there is, one list of strings, objects told apart
//! by a tag, a union that is told apart by trying, any value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Schemas;
use super::keys::Keys;
use super::node::{Kind, List, Member, NodeId, Shape, Tagged, Text};
use crate::{names, pointer};

/// The keyword that a union was written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    OneOf,
    AnyOf,
}

impl<'d> Schemas<'d> {
    /// The union under `keyword`. `beside_fields` says that the schema has properties of its own.
    pub(super) fn read_union(
        &mut self,
        keys: &Keys<'d>,
        keyword: &str,
        from: From,
        beside_fields: bool,
    ) -> Option<Shape> {
        let members = keys.take_if(keyword, Value::as_array)?;
        let at = keys.at(keyword);
        if beside_fields && !members.is_empty() && members.iter().all(only_requires) {
            self.losses.add(
                &at,
                keyword,
                "the properties, each optional unless required in any case",
                "which combinations of them are allowed",
            );
            return None;
        }
        let nodes: Vec<NodeId> = (0..members.len())
            .map(|index| self.at(&format!("{at}/{index}")))
            .collect();
        if nodes.is_empty() {
            self.losses
                .add(&at, keyword, "any value", "that there is no alternative");
            return None;
        }
        let discriminator = self.read_discriminator(keys);
        Some(self.unite_with(&at, nodes, discriminator.as_ref(), from))
    }

    /// The union of `nodes`, none of which has a say over the others.
    pub(super) fn unite(&mut self, at: &str, nodes: Vec<NodeId>) -> Shape {
        self.unite_with(at, nodes, None, From::OneOf)
    }

    /// The union of the bodies of several statuses.
    pub(crate) fn unite_bodies(&mut self, at: &str, nodes: Vec<NodeId>) -> Shape {
        self.unite(at, nodes)
    }

    fn unite_with(
        &mut self,
        at: &str,
        nodes: Vec<NodeId>,
        discriminator: Option<&Discriminator>,
        from: From,
    ) -> Shape {
        let mut null = false;
        let mut members: Vec<NodeId> = Vec::new();
        let mut any = false;
        for node in self.flatten(nodes) {
            let end = self.force_resolved(node);
            null |= self.is_nullable(node);
            match end.map(|end| &self.shape(end).kind) {
                Some(Kind::Null) => null = true,
                Some(Kind::Any) => any = true,
                _ if members
                    .iter()
                    .any(|&there| there == node || Some(self.resolve(there)) == end) => {}
                _ => members.push(node),
            }
        }
        let mut shape = if any {
            self.losses.add(
                at,
                "union",
                "any value",
                "the other alternatives: one of them allows all",
            );
            Shape::default()
        } else {
            self.unite_members(at, members, discriminator, from)
        };
        if null {
            shape.nullable = Some(true);
        } else if shape.nullable.is_none() {
            shape.nullable = Some(false);
        }
        shape
    }

    fn unite_members(
        &mut self,
        at: &str,
        members: Vec<NodeId>,
        discriminator: Option<&Discriminator>,
        from: From,
    ) -> Shape {
        let members = self.merge_scalars(at, members);
        match members.as_slice() {
            [] => return Shape::of(Kind::Null),
            [only] => {
                // Its place is this place: an inline schema is named after its parent.
                let read = self.force(*only).is_some();
                let shape = self.shape(*only);
                return match shape.kind {
                    Kind::Alias(_) => Shape::of(Kind::Alias(*only)),
                    _ if read => shape.clone(),
                    _ => Shape::of(Kind::Alias(*only)),
                };
            }
            _ => {}
        }
        if let Some(tagged) = self.tag(at, &members, discriminator) {
            return Shape::of(Kind::Tagged(tagged));
        }
        if let Some(discriminator) = discriminator {
            self.losses.add(
                &discriminator.pointer,
                "discriminator",
                "the alternatives, told apart by trying each",
                "the property that tells them apart: not each is an object with a value of its own for it",
            );
        }
        if from == From::AnyOf {
            self.losses.add(
                at,
                "anyOf",
                "the first alternative that fits",
                "that a value may fit several at once",
            );
        }
        Shape::of(Kind::Union(self.label(members)))
    }

    /// The members with unions that stand inline among them opened up.
    fn flatten(&mut self, nodes: Vec<NodeId>) -> Vec<NodeId> {
        let mut flat = Vec::new();
        for node in nodes {
            match self.force(node).map(|()| &self.shape(node).kind) {
                Some(Kind::Union(members)) => flat.extend(members.iter().map(|member| member.node)),
                Some(Kind::Tagged(tagged)) => {
                    flat.extend(tagged.variants.iter().map(|(_, node)| *node));
                }
                _ => flat.push(node),
            }
        }
        flat
    }

    /// All strings become one, all numbers become one: nothing tells two kinds of string apart.
    fn merge_scalars(&mut self, at: &str, members: Vec<NodeId>) -> Vec<NodeId> {
        let (mut texts, mut numbers, mut booleans, mut others) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for node in members {
            match self.force_resolved(node).map(|end| &self.shape(end).kind) {
                Some(Kind::Text(_) | Kind::Choice(_)) => texts.push(node),
                Some(Kind::Integer(_) | Kind::Number(_)) => numbers.push(node),
                Some(Kind::Boolean) => booleans.push(node),
                _ => others.push(node),
            }
        }
        booleans.truncate(1);
        if texts.len() > 1 {
            let kind = self.merge_texts(at, &texts);
            texts = vec![self.make(&pointer::child(at, "string"), Shape::of(kind))];
        }
        if numbers.len() > 1 {
            let number = numbers
                .iter()
                .copied()
                .find(|&node| matches!(self.shape(self.resolve(node)).kind, Kind::Number(_)));
            self.losses.add(
                at,
                "union",
                "one kind of number",
                "the bounds and formats of the others",
            );
            numbers = vec![number.unwrap_or(numbers[0])];
        }
        // Strings last among the scalars and before anything else does not matter to serde: each
        // is its own JSON type.
        booleans
            .into_iter()
            .chain(numbers)
            .chain(texts)
            .chain(others)
            .collect()
    }

    fn merge_texts(&mut self, at: &str, texts: &[NodeId]) -> Kind {
        let mut values: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open = false;
        let mut plain: Vec<Text> = Vec::new();
        for &node in texts {
            match self.shape(self.resolve(node)).kind.clone() {
                Kind::Choice(choice) => {
                    open |= choice.open;
                    values.extend(
                        choice
                            .values
                            .into_iter()
                            .filter(|value| seen.insert(value.clone())),
                    );
                }
                Kind::Text(text) => plain.push(text),
                _ => {}
            }
        }
        if plain.iter().any(|text| *text != Text::default()) {
            let kept = if values.is_empty() {
                "a string"
            } else {
                "the listed values and any other string"
            };
            self.losses.add(
                at,
                "union",
                kept,
                "the formats and bounds of the strings allowed here",
            );
        }
        if values.is_empty() {
            return Kind::Text(Text::default());
        }
        self.choice(at, values, open || !plain.is_empty())
    }

    /// Objects told apart by a property: by the discriminator's, or by one that has a different
    /// constant in each.
    fn tag(
        &mut self,
        at: &str,
        members: &[NodeId],
        discriminator: Option<&Discriminator>,
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
            let distinct: BTreeSet<&str> =
                variants.iter().map(|(value, _)| value.as_str()).collect();
            if complete
                && distinct.len() == variants.len()
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
            .map(|name| name.replace("~1", "/").replace("~0", "~"))
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

    /// A name for each alternative, none twice.
    fn label(&mut self, members: Vec<NodeId>) -> Vec<Member> {
        let mut namer = names::Namer::variants();
        members
            .into_iter()
            .map(|node| {
                let wanted = self.wanted_label(node);
                let label = namer.claim(&wanted);
                self.labels
                    .insert(self.node(node).pointer.clone(), label.clone());
                Member { label, node }
            })
            .collect()
    }

    fn wanted_label(&self, node: NodeId) -> String {
        let end = self.resolve(node);
        if let Some(name) = self.node(end).component() {
            return name;
        }
        let title = self
            .refs
            .get(&self.node(node).pointer)
            .and_then(|value| value.get("title"))
            .and_then(Value::as_str);
        if let Some(title) = title {
            return title.to_owned();
        }
        match &self.shape(end).kind {
            Kind::Any | Kind::Null | Kind::Alias(_) => "Value",
            Kind::Boolean => "Boolean",
            Kind::Integer(_) => "Integer",
            Kind::Number(_) => "Number",
            Kind::Text(_) | Kind::Choice(_) => "String",
            Kind::List(List { .. }) => "List",
            Kind::Record(_) => "Object",
            Kind::Tagged(_) | Kind::Union(_) => "Variant",
        }
        .to_owned()
    }

    fn read_discriminator(&mut self, keys: &Keys<'d>) -> Option<Discriminator> {
        let object = keys.take_if("discriminator", Value::as_object)?;
        let at = keys.at("discriminator");
        let property = object
            .get("propertyName")
            .and_then(Value::as_str)?
            .to_owned();
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
struct Discriminator {
    pointer: String,
    property: String,
    /// Values to the places of the schemas that they stand for.
    mapping: BTreeMap<String, String>,
}

/// Whether a schema asks for properties without saying what they are.
fn only_requires(schema: &Value) -> bool {
    schema.as_object().is_some_and(|map| {
        !map.is_empty()
            && map.keys().all(|key| {
                matches!(
                    key.as_str(),
                    "required" | "not" | "title" | "description" | "type"
                )
            })
            && (map.contains_key("required") || map.contains_key("not"))
    })
}
