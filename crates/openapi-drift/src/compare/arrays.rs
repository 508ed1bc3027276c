//! Differences between arrays, and between keywords that are compared by what stands under them.

use serde_json::{Map, Value};

use super::fact::Fact;
use super::pairs::{PairId, Pairs, Step};
use super::scalars::Spot;
use crate::document::MEANT;
use crate::pointer;
use crate::rust_impact::Surface;
use crate::schema::{Arr, Child, Meta, Node, Opaque};
use crate::verdict::{Effect, Tier};

impl Pairs<'_> {
    pub(super) fn arrays(&mut self, pair: PairId, old: &Node, new: &Node) {
        let subject = self.subject(old, new);
        let shared = old.form.arrays.len().min(new.form.arrays.len());
        for index in 0..shared {
            let (left, right) = (&old.form.arrays[index], &new.form.arrays[index]);
            let spot = Spot {
                pair,
                subject: subject.clone(),
                old: &left.meta.sources,
                new: &right.meta.sources,
            };
            self.array(&spot, index, left, right);
            self.opaque(&spot, &left.meta, &right.meta);
        }
        let (gone, come) = (
            old.form.arrays.len() > shared,
            new.form.arrays.len() > shared,
        );
        if shared > 0 && (gone || come) {
            let many = old.form.arrays.len() > 1;
            let surface = if gone {
                Surface::VariantRemoved
            } else {
                Surface::VariantAdded(many)
            };
            let tier = if many { Tier::Closed } else { Tier::Shape };
            let fact = Fact::new("alternatives", subject, tier, Effect::new(gone, come))
                .surface(surface)
                .at(
                    self.old.locate(&old.conj, &["anyOf", "oneOf"]),
                    self.new.locate(&new.conj, &["anyOf", "oneOf"]),
                )
                .values(old.form.arrays.len(), new.form.arrays.len());
            self.list[pair].facts.push(fact);
        }
    }

    fn array(&mut self, spot: &Spot<'_>, index: usize, old: &Arr, new: &Arr) {
        if old.values.is_some() || new.values.is_some() {
            self.values(spot, old.values.clone(), new.values.clone());
            return;
        }
        self.counts(
            spot,
            "min-items",
            (Some(old.min), Some(new.min)),
            &["minItems"],
        );
        self.counts(spot, "max-items", (old.max, new.max), &["maxItems"]);
        if old.unique != new.unique {
            let fact = Fact::new(
                "unique-items",
                spot.subject.clone(),
                Tier::Value,
                Effect::new(new.unique, old.unique),
            )
            .values(old.unique, new.unique);
            self.push(spot, &["uniqueItems"], fact);
        }
        let prefix = old.prefix.len().max(new.prefix.len());
        for place in 0..=prefix {
            let left = old.prefix.get(place).unwrap_or(&old.items);
            let right = new.prefix.get(place).unwrap_or(&new.items);
            match self.edge(
                Step::Item(place),
                (index, index),
                left,
                right,
                (false, false),
            ) {
                Some(edge) => self.list[spot.pair].edges.push(edge),
                None if left != right && (*left == Child::Never || *right == Child::Never) => {
                    let effect = Effect::new(*right == Child::Never, *left == Child::Never);
                    let fact = Fact::new("items", spot.subject.clone(), Tier::Closed, effect)
                        .values(*left != Child::Never, *right != Child::Never);
                    self.push(spot, &["items", "unevaluatedItems"], fact);
                }
                None => {}
            }
        }
    }

    /// Keywords that are compared by what stands under them: `not`, `if`, `contains` and the like.
    pub(super) fn opaque(&mut self, spot: &Spot<'_>, old: &Meta, new: &Meta) {
        let mut come: Vec<&Opaque> = new.opaque.iter().collect();
        for left in &old.opaque {
            let effects: Vec<(usize, Effect)> = come
                .iter()
                .enumerate()
                .filter(|(_, right)| right.keyword == left.keyword)
                .map(|(place, right)| (place, *right))
                .collect::<Vec<_>>()
                .into_iter()
                .map(|(place, right)| (place, self.under(left, right)))
                .collect();
            // The one that says the same, else the first that says something else.
            let best = effects
                .iter()
                .find(|(_, effect)| *effect == Effect::NONE)
                .or(effects.first())
                .copied();
            match best {
                Some((place, effect)) => {
                    let right = come.remove(place);
                    if effect != Effect::NONE {
                        self.demand(spot, Some(left), Some(right), effect);
                    }
                }
                None => self.demand(spot, Some(left), None, Effect::WIDENS),
            }
        }
        for right in come {
            self.demand(spot, None, Some(right), Effect::NARROWS);
        }
    }

    fn demand(
        &mut self,
        spot: &Spot<'_>,
        old: Option<&Opaque>,
        new: Option<&Opaque>,
        effect: Effect,
    ) {
        let Some(keyword) = old.or(new).map(|one| one.keyword) else {
            return;
        };
        let before = said(old.map(|one| self.old.raw(one.raw)), keyword);
        let after = said(new.map(|one| self.new.raw(one.raw)), keyword);
        let written = |pointer: &str| pointer::push(pointer, keyword);
        let left = match old {
            Some(one) => written(self.old.pointer(one.raw)),
            None => self.old.locate(spot.old, &[]),
        };
        let right = match new {
            Some(one) => written(self.new.pointer(one.raw)),
            None => self.new.locate(spot.new, &[]),
        };
        let fact = Fact::new(
            "condition",
            format!("{keyword} of {}", spot.subject),
            Tier::Value,
            effect,
        )
        .at(left, right)
        .values(before, after);
        let why = "which schema a $dynamicRef means depends on the way to it, so what changes is not known";
        let fact = Fact {
            unread: (keyword == "$dynamicRef").then(|| why.to_owned()),
            ..fact
        };
        let facts = &mut self.list[spot.pair].facts;
        // One keyword can weigh on several kinds; it is one difference.
        if !facts.iter().any(|known| {
            known.rule == "condition" && known.old == fact.old && known.new == fact.new
        }) {
            facts.push(fact);
        }
    }

    /// What the difference under two keywords of the same name comes to.
    fn under(&mut self, old: &Opaque, new: &Opaque) -> Effect {
        let keyword = old.keyword;
        if keyword == "$dynamicRef" {
            return self.meant(old, new);
        }
        if keyword == "$ref" {
            let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
            let before = text(self.old.raw(old.raw).get(keyword));
            let after = text(self.new.raw(new.raw).get(keyword));
            return if before == after {
                Effect::NONE
            } else {
                Effect::BOTH
            };
        }
        if matches!(keyword, "dependentSchemas" | "dependencies") {
            return self.under_each(old, new);
        }
        let mut effect = Effect::NONE;
        let parts: &[&str] = if keyword == "if" {
            &["if", "then", "else"]
        } else {
            &[keyword]
        };
        for part in parts {
            let left = self.old.keyword_child(old.raw, &[part]);
            let right = self.new.keyword_child(new.raw, &[part]);
            let under = match *part {
                "not" => self.refused(&left, &right),
                "if" => {
                    let under = self.same(&left, &right);
                    self.when(old, new, under)
                }
                _ => self.same(&left, &right),
            };
            effect.narrows |= under.narrows;
            effect.widens |= under.widens;
        }
        if keyword == "contains" {
            for (limit, least) in [("minContains", true), ("maxContains", false)] {
                let before = self.old.raw(old.raw).get(limit).and_then(Value::as_u64);
                let after = self.new.raw(new.raw).get(limit).and_then(Value::as_u64);
                let neutral = if least { 1 } else { u64::MAX };
                let (before, after) = (before.unwrap_or(neutral), after.unwrap_or(neutral));
                effect.narrows |= if least {
                    after > before
                } else {
                    after < before
                };
                effect.widens |= if least {
                    after < before
                } else {
                    after > before
                };
            }
        }
        effect
    }

    /// What it does when more values, or fewer, fall under an `if`: the `then` is asked of them, and the `else` no longer.
    fn when(&self, old: &Opaque, new: &Opaque, under: Effect) -> Effect {
        let says = |part: &str| {
            let both = [self.old.raw(old.raw), self.new.raw(new.raw)];
            both.iter().any(|schema| schema.get(part).is_some())
        };
        let (then, otherwise) = (says("then"), says("else"));
        Effect::new(
            then && under.widens || otherwise && under.narrows,
            then && under.narrows || otherwise && under.widens,
        )
    }

    /// Which schema a `$dynamicRef` means depends on the way to it, so all are compared that it can mean.
    fn meant(&mut self, old: &Opaque, new: &Opaque) -> Effect {
        let places = |value: &Value| -> Vec<String> {
            let all = value.get(MEANT).and_then(Value::as_array);
            let names = all.into_iter().flatten().filter_map(Value::as_str);
            names.map(str::to_owned).collect()
        };
        let (before, after) = (self.old.raw(old.raw), self.new.raw(new.raw));
        let (left, right) = (places(before), places(after));
        if left != right || (left.is_empty() && before.get(old.keyword) != after.get(new.keyword)) {
            return Effect::BOTH;
        }
        for place in left {
            let (Some(one), Some(two)) = (self.old.place(&place), self.new.place(&place)) else {
                return Effect::BOTH;
            };
            if self.same(&Child::All(one), &Child::All(two)) != Effect::NONE {
                return Effect::BOTH;
            }
        }
        Effect::NONE
    }

    fn under_each(&mut self, old: &Opaque, new: &Opaque) -> Effect {
        let keyword = old.keyword;
        let names = |value: Option<&Value>| -> Vec<String> {
            value
                .and_then(Value::as_object)
                .map(|map| map.keys().cloned().collect())
                .unwrap_or_default()
        };
        let mut all = names(self.old.raw(old.raw).get(keyword));
        all.extend(names(self.new.raw(new.raw).get(keyword)));
        all.sort();
        all.dedup();
        let mut effect = Effect::NONE;
        for name in all {
            // Draft 4 lets a list of names stand here; it is compared as it is written.
            let list = |value: Option<&Value>| {
                value
                    .and_then(|map| map.get(&name))
                    .filter(|one| one.is_array())
                    .cloned()
            };
            let before = list(self.old.raw(old.raw).get(keyword));
            let after = list(self.new.raw(new.raw).get(keyword));
            let under = if before.is_some() || after.is_some() {
                if before == after {
                    Effect::NONE
                } else {
                    Effect::BOTH
                }
            } else {
                let left = self.old.keyword_child(old.raw, &[keyword, &name]);
                let right = self.new.keyword_child(new.raw, &[keyword, &name]);
                self.same(&left, &right)
            };
            effect.narrows |= under.narrows;
            effect.widens |= under.widens;
        }
        effect
    }
}

/// What a keyword says, with those that only count for it.
fn said(schema: Option<&Value>, keyword: &str) -> Value {
    let get = |key: &str| schema.and_then(|schema| schema.get(key).cloned());
    let counts = ["minContains", "maxContains"].map(|key| (key.to_owned(), get(key)));
    let counts = counts.into_iter().filter(|_| keyword == "contains");
    let counts = counts.filter_map(|(key, value)| Some((key, value?)));
    let mut counts: Map<String, Value> = counts.collect();
    let Some(said) = get(keyword).filter(|_| !counts.is_empty()) else {
        return get(keyword).unwrap_or_default();
    };
    counts.insert(keyword.to_owned(), said);
    counts.into()
}
