//! Differences in what schemas say beside their constraints: defaults, deprecations, words, and
//! the component names that generated types carry.

use std::collections::BTreeSet;

use heck::ToSnakeCase as _;
use serde_json::Value;

use super::fact::Fact;
use super::pairs::{PairId, Pairs};
use super::xml;
use crate::pointer;
use crate::rust_impact::Surface;
use crate::schema::{Arena, Meta, Node, Notes, RawId};
use crate::verdict::{Effect, Polarity, Tier};

impl Pairs<'_> {
    pub(super) fn words(&mut self, pair: PairId, old: &Node, new: &Node) {
        let subject = self.subject(old, new);
        let mut facts = Vec::new();
        self.flags(&mut facts, &subject, (&old.notes, old), (&new.notes, new));
        self.prose(&mut facts, &subject, (&old.notes, old), (&new.notes, new));
        self.unusable(&mut facts, &subject, (&old.notes, old), (&new.notes, new));
        self.list[pair].facts.append(&mut facts);
    }

    /// Keywords that nobody can use on one side, or on both.
    fn unusable(
        &self,
        facts: &mut Vec<Fact>,
        subject: &str,
        (old, old_node): (&Notes, &Node),
        (new, new_node): (&Notes, &Node),
    ) {
        let keys: BTreeSet<&String> = old.unusable.keys().chain(new.unusable.keys()).collect();
        for key in keys {
            let (before, after) = (old.unusable.get(key), new.unusable.get(key));
            if equal(before.map(|said| &said.0), after.map(|said| &said.0)) {
                continue;
            }
            let shape = matches!(key.as_str(), "" | "$ref" | "type" | "properties");
            let tier = if shape { Tier::Shape } else { Tier::Value };
            let at = |arena: &Arena<'_>, said: Option<&(Value, RawId)>, node: &Node| match said {
                Some((_, raw)) if key.is_empty() => Some(arena.pointer(*raw).to_owned()),
                Some((_, raw)) => Some(format!("{}/{key}", arena.pointer(*raw))),
                None => flagged(arena, None, node, key),
            };
            let about = if key.is_empty() {
                subject.to_owned()
            } else {
                format!("{key} of {subject}")
            };
            let effect = Effect::new(after.is_some(), before.is_some());
            facts.push(
                Fact::new("unusable", about, tier, effect)
                    .at(
                        at(&self.old, before, old_node),
                        at(&self.new, after, new_node),
                    )
                    .values(
                        before.map(|said| said.0.clone()).unwrap_or_default(),
                        after.map(|said| said.0.clone()).unwrap_or_default(),
                    ),
            );
        }
    }

    /// What a value means that is left out, in a slot where it may be, on each side.
    pub(super) fn default(&self, old: &Node, new: &Node, optional: (bool, bool)) -> Option<Fact> {
        let value = |said: &Option<(Value, RawId)>| said.as_ref().map(|(value, _)| value.clone());
        let (left, right) = (&old.notes.default, &new.notes.default);
        let (before, after) = (value(left), value(right));
        if equal(before.as_ref(), after.as_ref()) {
            return None;
        }
        let (tier, effect) = match optional {
            (true, true) => (Tier::Meaning, Effect::NONE),
            // No sender of before leaves it out; a reader of before knows nothing of what that means.
            (false, true) => (Tier::Value, Effect::WIDENS),
            (_, false) => (Tier::Words, Effect::NONE),
        };
        let fact = Fact::new("default", self.subject(old, new), tier, effect)
            .at(
                place(&self.old, left, old, "default"),
                place(&self.new, right, new, "default"),
            )
            .values(before.unwrap_or_default(), after.unwrap_or_default());
        Some(fact)
    }

    fn flags(
        &self,
        facts: &mut Vec<Fact>,
        subject: &str,
        (old, old_node): (&Notes, &Node),
        (new, new_node): (&Notes, &Node),
    ) {
        let flag = |rule, before: Option<RawId>, after: Option<RawId>, tier, effect, keyword| {
            (before.is_some() != after.is_some()).then(|| {
                Fact::new(rule, subject, tier, effect)
                    .at(
                        flagged(&self.old, before, old_node, keyword),
                        flagged(&self.new, after, new_node, keyword),
                    )
                    .values(before.is_some(), after.is_some())
            })
        };
        let deprecated = flag(
            "deprecated",
            old.deprecated,
            new.deprecated,
            Tier::Notice,
            Effect::NONE,
            "deprecated",
        );
        facts.extend(deprecated.map(|fact| match new.deprecated {
            Some(_) => fact.surface(Surface::Deprecated),
            None => fact,
        }));
        // A one-way property is lost to one side of the call only, and silently.
        let one_way = |lost: Polarity, after: Option<RawId>| match (self.polarity == lost, after) {
            (false, _) => (Tier::Words, Effect::NONE, Surface::Text),
            (true, Some(_)) => (Tier::Shape, Effect::SILENT, Surface::Removed),
            (true, None) => (Tier::Shape, Effect::NONE, Surface::Added),
        };
        let (tier, effect, surface) = one_way(Polarity::Sent, new.read_only);
        let read_only = flag(
            "read-only",
            old.read_only,
            new.read_only,
            tier,
            effect,
            "readOnly",
        );
        facts.extend(read_only.map(|fact| fact.surface(surface)));
        let (tier, effect, surface) = one_way(Polarity::Received, new.write_only);
        let write_only = flag(
            "write-only",
            old.write_only,
            new.write_only,
            tier,
            effect,
            "writeOnly",
        );
        facts.extend(write_only.map(|fact| fact.surface(surface)));
        let heirs = |notes: &Notes| notes.heirs.as_ref().map(|(tags, _)| tags.clone());
        let (before, after) = (heirs(old), heirs(new));
        if before != after {
            let at = |arena: &Arena<'_>, said: &Option<(Value, RawId)>, node: &Node| {
                place(arena, said, node, "discriminator")
            };
            facts.push(
                Fact::new(
                    "discriminator-mapping",
                    subject,
                    Tier::Meaning,
                    Effect::NONE,
                )
                .at(
                    at(&self.old, &old.heirs, old_node),
                    at(&self.new, &new.heirs, new_node),
                )
                .values(before.unwrap_or_default(), after.unwrap_or_default()),
            );
        }
        let tag = |notes: &Notes| notes.tag.as_ref().map(|(tag, _)| tag.clone());
        let (before, after) = (tag(old), tag(new));
        if before != after {
            facts.push(
                Fact::new("discriminator", subject, Tier::Same, Effect::NONE)
                    .at(
                        place(&self.old, &old.tag, old_node, "discriminator"),
                        place(&self.new, &new.tag, new_node, "discriminator"),
                    )
                    .values(before.unwrap_or_default(), after.unwrap_or_default()),
            );
        }
    }

    fn prose(
        &self,
        facts: &mut Vec<Fact>,
        subject: &str,
        (old, old_node): (&Notes, &Node),
        (new, new_node): (&Notes, &Node),
    ) {
        let keys = old
            .words
            .keys()
            .chain(new.words.keys().filter(|key| !old.words.contains_key(*key)));
        for key in keys {
            let (before, after) = (old.words.get(key), new.words.get(key));
            if equal(before.map(|said| &said.0), after.map(|said| &said.0)) {
                continue;
            }
            // To a body in XML they are more than words.
            let rule = if key == xml::RULE { xml::RULE } else { "words" };
            facts.push(
                Fact::new(
                    rule,
                    format!("{key} of {subject}"),
                    Tier::Words,
                    Effect::NONE,
                )
                .at(
                    place(&self.old, &before.cloned(), old_node, key),
                    place(&self.new, &after.cloned(), new_node, key),
                )
                .values(
                    before.map(|said| said.0.clone()).unwrap_or_default(),
                    after.map(|said| said.0.clone()).unwrap_or_default(),
                ),
            );
        }
    }

    /// The words of two alternatives of a union.
    pub(super) fn branch_words(&mut self, pair: PairId, old: &Meta, new: &Meta) {
        let (left, right) = (
            self.old.words_of(&old.sources),
            self.new.words_of(&new.sources),
        );
        let (old, new) = (
            self.old.get(self.list[pair].old),
            self.new.get(self.list[pair].new),
        );
        let mut facts = Vec::new();
        let subject = self.subject(&old, &new);
        self.prose(&mut facts, &subject, (&left, &old), (&right, &new));
        self.list[pair].facts.append(&mut facts);
    }

    /// A generated type that has another component's name, or lost or gained one.
    pub(super) fn names(&mut self, pair: PairId, old: &Meta, new: &Meta) {
        if old.name == new.name {
            return;
        }
        let name = |meta: &Meta| meta.name.as_deref().map(Value::from).unwrap_or_default();
        let written = |arena: &Arena<'_>, meta: &Meta| {
            meta.name
                .as_deref()
                .map(|name| pointer::push("#/components/schemas", name))
                .or_else(|| {
                    meta.sources
                        .first()
                        .map(|raw| arena.pointer(*raw).to_owned())
                })
        };
        let subject = new
            .name
            .as_deref()
            .or(old.name.as_deref())
            .unwrap_or_default()
            .to_owned();
        let surface = match (&old.name, &new.name) {
            (Some(old), Some(new)) if same_words(old, new) => Surface::Text,
            _ => Surface::Renamed,
        };
        let fact = Fact::new("type-name", subject, Tier::Same, Effect::NONE)
            .surface(surface)
            .at(written(&self.old, old), written(&self.new, new))
            .values(name(old), name(new));
        self.list[pair].facts.push(fact);
    }
}

fn place(
    arena: &Arena<'_>,
    said: &Option<(Value, RawId)>,
    node: &Node,
    keyword: &str,
) -> Option<String> {
    let raw = said.as_ref().map(|(_, raw)| *raw);
    flagged(arena, raw, node, keyword)
}

/// Where a thing is said; where it is not, the place that could say it.
fn flagged(arena: &Arena<'_>, raw: Option<RawId>, node: &Node, keyword: &str) -> Option<String> {
    match raw {
        Some(raw) => Some(pointer::push(arena.pointer(raw), keyword)),
        None => node.conj.first().map(|raw| arena.pointer(*raw).to_owned()),
    }
}

/// Whether two names become one in Rust: `createJob` is `create_job`.
pub(super) fn same_words(old: &str, new: &str) -> bool {
    old.to_snake_case() == new.to_snake_case()
}

/// Equal as JSON: `1` is `1.0`, and the order of members says nothing.
pub(crate) fn equal(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        (Some(Value::Number(left)), Some(Value::Number(right))) => {
            crate::schema::compare_numbers(left, right) == std::cmp::Ordering::Equal
        }
        (Some(Value::Array(left)), Some(Value::Array(right))) => {
            let mut both = left.iter().zip(right);
            left.len() == right.len() && both.all(|(one, two)| equal(Some(one), Some(two)))
        }
        (Some(Value::Object(left)), Some(Value::Object(right))) => {
            let mut members = left.iter();
            let same = |(name, one): (&String, &Value)| {
                right
                    .get(name)
                    .is_some_and(|two| equal(Some(one), Some(two)))
            };
            left.len() == right.len() && members.all(same)
        }
        (left, right) => left == right,
    }
}
