//! `oneOf`, `anyOf` and several types at once: one shape, the most telling that can be had.
//!
//! In order of preference: the only alternative there is, one list of strings, objects told apart
//! by a tag, a union that is told apart by trying, any value.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Schemas;
use super::keys::Keys;
use super::node::{Kind, List, Member, NodeId, Shape, Text, Union};
use super::tag::Discriminator;
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
        let all = self.flatten(nodes, &mut null);
        for &node in &all {
            let end = self.force_resolved(node);
            null |= self.is_nullable(node);
            match end.map(|end| &self.shape(end).kind) {
                Some(Kind::Null) => {
                    null = true;
                    self.give_up_words(&[node], "`null` among the values");
                }
                Some(Kind::Any) => any = true,
                _ if members
                    .iter()
                    .any(|&there| there == node || Some(self.resolve(there)) == end) =>
                {
                    self.give_up_words(&[node], "the same alternative, once");
                }
                _ => members.push(node),
            }
        }
        let mut shape = if any {
            self.give_up_words(&all, "any value");
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
        match (members.as_slice(), discriminator) {
            ([], _) => return Shape::of(Kind::Null),
            // Whoever names a tag announces that there will be more than one.
            ([only], None) => return self.only(*only),
            _ => {}
        }
        let least = members.len().min(2);
        if let Some(tagged) = self.tag(at, &members, discriminator, least) {
            return Shape::of(Kind::Tagged(tagged));
        }
        if let Some(discriminator) = discriminator {
            let kept = match members.len() {
                1 => "the only alternative",
                _ => "the alternatives, told apart by trying each",
            };
            self.losses.add(
                &discriminator.pointer,
                "discriminator",
                kept,
                "the property that tells them apart: not each is an object with a value for it",
            );
        }
        if let [only] = members.as_slice() {
            return self.only(*only);
        }
        let (kept, ambiguous) = self.tell_apart(at, &members);
        if ambiguous && from == From::AnyOf {
            self.losses.add(
                at,
                "anyOf",
                "the alternatives, one at a time",
                "that a value may fit several at once",
            );
        }
        let mut namer = names::Namer::variants();
        let members = self.label(&mut namer, members, &[]);
        let received = self.label(&mut namer, kept, &members);
        Shape::of(Kind::Union(Union { members, received }))
    }

    /// The only alternative. Its place is the union's: an inline schema is named after its parent.
    fn only(&mut self, node: NodeId) -> Shape {
        let read = self.force(node).is_some();
        let shape = self.shape(node);
        match shape.kind {
            Kind::Alias(_) => Shape::of(Kind::Alias(node)),
            _ if read => shape.clone(),
            _ => Shape::of(Kind::Alias(node)),
        }
    }

    /// Notes what is said of schemas that are not types of their own here.
    pub(crate) fn give_up_words(&mut self, nodes: &[NodeId], kept: &str) {
        for &node in nodes {
            for place in self.way(node) {
                // A component is told of where it is itself.
                let is_told = self.node(place).component().is_some();
                let pointer = self.node(place).pointer.clone();
                let docs = self.shape(place).docs.clone();
                for (keyword, is_there) in [
                    ("default", docs.default.is_some() && !is_told),
                    ("deprecated", docs.deprecated && !is_told),
                    ("readOnly", docs.read_only),
                    ("writeOnly", docs.write_only),
                ] {
                    if is_there {
                        self.losses.add(
                            &pointer::child(&pointer, keyword),
                            keyword,
                            kept,
                            "that it is said of this schema",
                        );
                    }
                }
            }
        }
    }

    /// The members with unions among them opened up: an open union inside another would take
    /// whatever is meant for its neighbours. Notes whether one that is opened allows `null`.
    fn flatten(&mut self, nodes: Vec<NodeId>, null: &mut bool) -> Vec<NodeId> {
        let mut flat = Vec::new();
        for node in nodes {
            let end = self.force_resolved(node);
            match end.map(|end| &self.shape(end).kind) {
                Some(Kind::Union(union)) => {
                    flat.extend(union.members.iter().map(|member| member.node));
                }
                Some(Kind::Tagged(tagged)) => {
                    flat.extend(tagged.variants.iter().map(|(_, node)| *node));
                }
                _ => {
                    flat.push(node);
                    continue;
                }
            }
            *null |= self.is_nullable(node);
            self.give_up_words(&[node], "the alternatives of this alternative");
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
        let more = booleans.split_off(booleans.len().min(1));
        self.give_up_words(&more, "one kind of boolean");
        if texts.len() > 1 {
            let kind = self.merge_texts(at, &texts);
            self.give_up_words(&texts, "one kind of string");
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
            let kept = number.unwrap_or(numbers[0]);
            numbers.retain(|&node| node != kept);
            self.give_up_words(&numbers, "one kind of number");
            numbers = vec![kept];
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

    /// A name for each alternative, none twice; those that are `named` already keep theirs.
    fn label(
        &mut self,
        namer: &mut names::Namer,
        members: Vec<NodeId>,
        named: &[Member],
    ) -> Vec<Member> {
        let mut label = |node| {
            if let Some(member) = named.iter().find(|member| member.node == node) {
                return member.clone();
            }
            let label = namer.claim(&self.wanted_label(node));
            self.labels
                .insert(self.node(node).pointer.clone(), label.clone());
            Member { label, node }
        };
        members.into_iter().map(&mut label).collect()
    }

    fn wanted_label(&self, node: NodeId) -> String {
        let end = self.resolve(node);
        if let Some(name) = self.options.type_names.get(&self.node(end).pointer) {
            return name.clone();
        }
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
