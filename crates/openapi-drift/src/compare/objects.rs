//! Differences between objects: which alternatives belong together, and what became of their
//! members.

use std::rc::Rc;

use serde_json::Value;

use super::fact::Fact;
use super::owed::Owed;
use super::pairs::{PairId, Pairs, Step, sources};
use super::scalars::Spot;
use crate::pointer;
use crate::rust_impact::Surface;
use crate::schema::{Arena, Child, DEPENDENT, Meta, Node, Obj};
use crate::verdict::{Effect, Tier};

/// What is compared of one object alternative, and where.
struct Site<'a> {
    spot: Spot<'a>,
    branch: (usize, usize),
    /// A one-value member is a union's tag, which generated variants do not carry as a field.
    union: bool,
}

impl Pairs<'_> {
    /// Says whether it told of which union of objects has to be met, too.
    pub(super) fn objects(&mut self, pair: PairId, old: &Node, new: &Node) -> bool {
        let (left, right) = (&old.form.objects, &new.form.objects);
        if left.is_empty() || right.is_empty() {
            return false;
        }
        if self.owed(pair, old, new) {
            return true;
        }
        let subject = self.subject(old, new);
        let aligned = super::align::align(self, left, right);
        let union = left.len() > 1 || right.len() > 1;
        for (one, two) in aligned.both {
            let site = Site {
                spot: Spot {
                    pair,
                    subject: subject.clone(),
                    old: &left[one].meta.sources,
                    new: &right[two].meta.sources,
                },
                branch: (one, two),
                union,
            };
            self.names(pair, &left[one].meta, &right[two].meta);
            if union {
                self.branch_words(pair, &left[one].meta, &right[two].meta);
            }
            self.object(&site, &left[one], &right[two]);
            self.opaque(&site.spot, &left[one].meta, &right[two].meta);
        }
        // A union that names its tag announces that there will be others.
        let is_union = |raw| {
            UNION
                .iter()
                .any(|key| self.old.raw(raw).get(*key).is_some())
        };
        let announced = old
            .notes
            .tag
            .as_ref()
            .is_some_and(|(_, raw)| is_union(*raw));
        let many = left.len() > 1 || announced;
        for one in aligned.gone {
            let fact = Fact::new(
                "variant-removed",
                variant(&left[one]),
                Tier::Closed,
                Effect::NARROWS,
            )
            .surface(Surface::VariantRemoved)
            .at(
                written(&self.old, &left[one].meta),
                self.new.locate(&new.conj, UNION),
            )
            .values(variant(&left[one]), Value::Null);
            self.list[pair].facts.push(fact);
        }
        for two in aligned.come {
            // Where there was one shape, there was no union that a reader could have left open.
            let tier = if many { Tier::Closed } else { Tier::Shape };
            let fact = Fact::new("variant-added", variant(&right[two]), tier, Effect::WIDENS)
                .surface(Surface::VariantAdded(many))
                .at(
                    self.old.locate(&old.conj, UNION),
                    written(&self.new, &right[two].meta),
                )
                .values(Value::Null, variant(&right[two]));
            self.list[pair].facts.push(fact);
        }
        false
    }

    /// One object on one side, and on the other the same with several lists of members to choose from.
    fn owed(&mut self, pair: PairId, old: &Node, new: &Node) -> bool {
        if (old.form.objects.len() == 1) == (new.form.objects.len() == 1) {
            return false;
        }
        let (Some(left), Some(right)) = (Owed::of(&old.form), Owed::of(&new.form)) else {
            return false;
        };
        let Some(effect) = left.effect(&right) else {
            return false;
        };
        let site = Site {
            spot: Spot {
                pair,
                subject: self.subject(old, new),
                old: &left.common.meta.sources,
                new: &right.common.meta.sources,
            },
            branch: (0, 0),
            union: false,
        };
        self.names(pair, &left.common.meta, &right.common.meta);
        self.object(&site, &left.common, &right.common);
        self.opaque(&site.spot, &left.common.meta, &right.common.meta);
        if effect != Effect::NONE {
            let subject = site.spot.subject;
            let fact = Fact::new("required-alternatives", subject, Tier::Shape, effect)
                .at(
                    self.old.locate(&sources(old), UNION),
                    self.new.locate(&sources(new), UNION),
                )
                .values(left.describe(), right.describe());
            self.list[pair].facts.push(fact);
        }
        true
    }

    fn object(&mut self, site: &Site<'_>, old: &Obj, new: &Obj) {
        let spot = &site.spot;
        if old.values.is_some() || new.values.is_some() {
            self.values(spot, old.values.clone(), new.values.clone());
            return;
        }
        let names: Vec<Rc<str>> = old
            .properties
            .keys()
            .chain(
                new.properties
                    .keys()
                    .filter(|name| !old.properties.contains_key(*name)),
            )
            .chain(old.required.iter().filter(|name| !known(name, old, new)))
            .chain(
                new.required
                    .iter()
                    .filter(|name| !known(name, old, new) && !old.required.contains(*name)),
            )
            .cloned()
            .collect();
        for name in names {
            match (
                old.properties.contains_key(&name),
                new.properties.contains_key(&name),
            ) {
                (true, false) => self.removed(site, &name, old, new),
                (false, true) => self.added(site, &name, old, new),
                _ => self.kept(site, &name, old, new),
            }
        }
        self.contradicted(site, old, new);
        if self.patterns(spot, site.branch, (old, new)) {
            self.extra(site, old, new);
        }
        // As many as are owed by name there are anyway.
        let least = |object: &Obj| object.min.max(object.required.len() as u64);
        if least(old) != least(new) {
            self.counts(
                spot,
                "min-properties",
                (Some(old.min), Some(new.min)),
                &["minProperties"],
            );
        }
        self.counts(
            spot,
            "max-properties",
            (old.max, new.max),
            &["maxProperties"],
        );
        if old.dependent != new.dependent {
            let effect = Effect::new(
                !new.dependent.is_subset(&old.dependent),
                !old.dependent.is_subset(&new.dependent),
            );
            let list = |object: &Obj| -> Value {
                object
                    .dependent
                    .iter()
                    .map(|(when, owed)| Value::from(format!("{when} needs {owed}")))
                    .collect()
            };
            let fact = Fact::new(
                "dependent-required",
                spot.subject.clone(),
                Tier::Value,
                effect,
            )
            .values(list(old), list(new));
            self.push(spot, DEPENDENT, fact);
        }
    }

    /// A member that both sides declare, or neither does though one requires it.
    fn kept(&mut self, site: &Site<'_>, name: &Rc<str>, old: &Obj, new: &Obj) {
        let (owed, owes) = (old.required.contains(name), new.required.contains(name));
        let (left, right) = (old.member(name), new.member(name));
        let edge = self.edge(
            Step::Member(name.clone()),
            site.branch,
            &left,
            &right,
            (!owed, !owes),
        );
        if let Some(edge) = edge {
            self.list[site.spot.pair].edges.push(edge);
        } else if left != right {
            // One side declares the member only to forbid it.
            let effect = Effect::new(right == Child::Never, left == Child::Never);
            let fact = Fact::new("property-forbidden", name.as_ref(), Tier::Closed, effect)
                .surface(Surface::Retyped)
                .values(left == Child::Never, right == Child::Never);
            self.at_member(site, name, fact);
        }
        if owed == owes {
            return;
        }
        let (before, after) = (
            self.can_be_null(&left, true),
            self.can_be_null(&right, false),
        );
        let fact = Fact::new(
            "required",
            name.as_ref(),
            Tier::Shape,
            Effect::new(owes, owed),
        )
        .surface(Surface::Presence(!owed || before, !owes || after))
        .values(owed, owes);
        self.at_required(site, name, fact);
    }

    fn removed(&mut self, site: &Site<'_>, name: &Rc<str>, old: &Obj, new: &Obj) {
        let closed = new.member(name) == Child::Never;
        let owed = old.required.contains(name) && !new.required.contains(name);
        let child = old.member(name);
        if self.is_absent(&child, true) {
            let fact = Fact::new("property-removed", name.as_ref(), Tier::Words, Effect::NONE)
                .surface(Surface::Removed)
                .values(self.describe(&child, true), Value::Null);
            self.at_member(site, name, fact);
            return;
        }
        let fact = Fact {
            effect: Effect {
                silent: true,
                ..Effect::new(closed, owed)
            },
            ..Fact::new("property-removed", name.as_ref(), Tier::Shape, Effect::NONE)
        }
        .surface(self.member_surface(site, &child, true, Surface::Removed))
        .values(self.describe(&child, true), Value::Null);
        self.at_member(site, name, fact);
        self.undeclared(site, name, &child, &new.member(name));
        if new.required.contains(name) && !old.required.contains(name) {
            // Not declared any more, and owed nevertheless.
            self.owes(site, name, Effect::NARROWS);
        }
    }

    /// A member that is declared on one side alone, and owed on the other alone.
    fn owes(&mut self, site: &Site<'_>, name: &Rc<str>, effect: Effect) {
        let owes = effect == Effect::NARROWS;
        let fact = Fact::new("required", name.as_ref(), Tier::Shape, effect).values(!owes, owes);
        self.at_required(site, name, fact);
    }

    fn added(&mut self, site: &Site<'_>, name: &Rc<str>, old: &Obj, new: &Obj) {
        let closed = old.member(name) == Child::Never;
        let owes = new.required.contains(name) && !old.required.contains(name);
        let child = new.member(name);
        if self.is_absent(&child, false) {
            let fact = Fact::new("property-added", name.as_ref(), Tier::Words, Effect::NONE)
                .surface(Surface::Added)
                .values(Value::Null, self.describe(&child, false));
            self.at_member(site, name, fact);
            return;
        }
        let surface = if owes {
            Surface::AddedRequired
        } else {
            Surface::Added
        };
        let fact = Fact::new(
            "property-added",
            name.as_ref(),
            Tier::Closed,
            Effect::new(owes, closed),
        )
        .surface(self.member_surface(site, &child, false, surface))
        .values(Value::Null, self.describe(&child, false));
        self.at_member(site, name, fact);
        self.undeclared(site, name, &old.member(name), &child);
        if old.required.contains(name) && !new.required.contains(name) {
            self.owes(site, name, Effect::WIDENS);
        }
    }

    /// What is said of objects that there can't be, and of members that no object can have.
    fn contradicted(&mut self, site: &Site<'_>, old: &Obj, new: &Obj) {
        let (before, after) = (old.meta.opened, new.meta.opened);
        if before != after {
            // Only who enforces that nothing else is let in notices.
            let effect = Effect::new(after, before);
            let fact = Fact::new(
                "contradiction",
                site.spot.subject.clone(),
                Tier::Closed,
                effect,
            )
            .values(before, after);
            self.push(&site.spot, &["allOf", "$ref"], fact);
        }
        for (name, left) in &old.shut {
            let Some(right) = new.shut.get(name) else {
                continue;
            };
            if self.same(left, right) == Effect::NONE {
                continue;
            }
            let why = "no object has this member, since a closed schema beside it does not let it in, so no message shows what changes";
            let fact = Fact {
                unread: Some(why.to_owned()),
                ..Fact::new("shut-member", name.as_ref(), Tier::Notice, Effect::NONE)
            };
            let fact = fact.values(self.describe(left, true), self.describe(right, false));
            self.at_member(site, name, fact);
        }
    }

    /// A member declared on one side, where the other has a schema for whatever it does not declare.
    fn undeclared(&mut self, site: &Site<'_>, name: &Rc<str>, old: &Child, new: &Child) {
        let open = |child: &Child| *child == Child::Never || child.is_anything();
        if open(old) || open(new) {
            return;
        }
        if let Some(edge) = self.edge(
            Step::Member(name.clone()),
            site.branch,
            old,
            new,
            (true, true),
        ) {
            self.list[site.spot.pair].edges.push(edge);
        }
    }

    fn extra(&mut self, site: &Site<'_>, old: &Obj, new: &Obj) {
        let (left, right) = (&old.extra, &new.extra);
        if (*left == Child::Never) == (*right == Child::Never) {
            let edge = self.edge(Step::Extra, site.branch, left, right, (true, true));
            self.list[site.spot.pair].edges.extend(edge);
            return;
        }
        let closed = *right == Child::Never;
        let effect = Effect::new(closed, !closed);
        // A map that may hold nothing any more is another type; a closed struct is the same one.
        let map = |object: &Obj| object.properties.is_empty();
        let surface = if map(old) && map(new) {
            Surface::Retyped
        } else {
            Surface::Text
        };
        let value = |child: &Child| *child != Child::Never;
        let fact = Fact::new(
            "additional-properties",
            site.spot.subject.clone(),
            Tier::Closed,
            effect,
        )
        .surface(surface)
        .values(value(left), value(right));
        self.push(
            &site.spot,
            &["additionalProperties", "unevaluatedProperties"],
            fact,
        );
    }

    fn at_member(&mut self, site: &Site<'_>, name: &str, fact: Fact) {
        let old = member_place(&self.old, &site.spot, true, name);
        let new = member_place(&self.new, &site.spot, false, name);
        self.list[site.spot.pair].facts.push(fact.at(old, new));
    }

    /// Requiredness is said beside the property, so it is told apart from what is in it.
    fn at_required(&mut self, site: &Site<'_>, name: &str, fact: Fact) {
        let place = |arena: &Arena<'_>, old: bool| {
            let sources = if old { site.spot.old } else { site.spot.new };
            if let Some(place) = arena.unusable(sources, &["required"]) {
                return Some(place);
            }
            member_place(arena, &site.spot, old, name)
                .map(|place| pointer::push(&place, "required"))
        };
        let (old, new) = (place(&self.old, true), place(&self.new, false));
        self.list[site.spot.pair].facts.push(fact.at(old, new));
    }

    /// Whether a member takes no part in this direction: it is one-way, the other way.
    fn is_absent(&mut self, child: &Child, old: bool) -> bool {
        let Child::All(conj) = child else {
            return false;
        };
        let arena = if old { &mut self.old } else { &mut self.new };
        let node = arena.node(conj);
        let node = arena.get(node);
        self.one_way(&node.notes)
    }

    fn can_be_null(&mut self, child: &Child, old: bool) -> bool {
        let Child::All(conj) = child else {
            return false;
        };
        let arena = if old { &mut self.old } else { &mut self.new };
        let node = arena.node(conj);
        arena.get(node).form.null
    }

    fn describe(&mut self, child: &Child, old: bool) -> Value {
        let Child::All(conj) = child else {
            return Value::from("nothing");
        };
        let arena = if old { &mut self.old } else { &mut self.new };
        let node = arena.node(conj);
        let node = arena.get(node);
        if node.form.is_anything() {
            Value::from("anything")
        } else {
            node.form.kinds().to_value()
        }
    }

    /// A union's tag is no field of the generated variants.
    fn member_surface(
        &mut self,
        site: &Site<'_>,
        child: &Child,
        old: bool,
        surface: Surface,
    ) -> Surface {
        let arena = if old { &mut self.old } else { &mut self.new };
        let tag = site.union
            && arena
                .tag_values(child)
                .is_some_and(|values| values.len() == 1);
        if tag { Surface::Text } else { surface }
    }
}

pub(super) const UNION: &[&str] = &["oneOf", "anyOf"];

fn known(name: &str, old: &Obj, new: &Obj) -> bool {
    old.properties.contains_key(name) || new.properties.contains_key(name)
}

/// Where a member is declared, or where it would be.
fn member_place(arena: &Arena<'_>, spot: &Spot<'_>, old: bool, name: &str) -> Option<String> {
    let sources = if old { spot.old } else { spot.new };
    if let Some(place) = arena.unusable(sources, &["properties"]) {
        return Some(place);
    }
    let declares = |raw: &&u32| {
        arena
            .raw(**raw)
            .get("properties")
            .is_some_and(|all| all.get(name).is_some())
    };
    let holds = |raw: &&u32| arena.raw(**raw).get("properties").is_some();
    let raw = sources
        .iter()
        .find(declares)
        .or_else(|| sources.iter().find(holds))
        .or(sources.first())?;
    Some(pointer::join(arena.pointer(*raw), &["properties", name]))
}

fn written(arena: &Arena<'_>, meta: &Meta) -> Option<String> {
    match &meta.name {
        Some(name) => Some(pointer::push("#/components/schemas", name)),
        None => meta
            .sources
            .first()
            .map(|raw| arena.pointer(*raw).to_owned()),
    }
}

/// What a variant is called: its component, or the members that tell it from the others.
fn variant(object: &Obj) -> String {
    match &object.meta.name {
        Some(name) => name.to_string(),
        None => {
            let names: Vec<&str> = object.required.iter().take(3).map(AsRef::as_ref).collect();
            format!("object with {}", names.join(", "))
        }
    }
}
