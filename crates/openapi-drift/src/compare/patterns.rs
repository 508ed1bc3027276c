//! Members that patterns name. Patterns are sets of names: the names that all patterns of both sides treat
//! alike are compared together, however the patterns are written.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use super::fact::Fact;
use super::pairs::{Pairs, Step};
use super::scalars::Spot;
use crate::rust_impact::Surface;
use crate::schema::{Child, Difference, Obj, difference};
use crate::verdict::{Effect, Tier};

/// Names that match the same patterns and are no property's, with what may stand under them.
pub(crate) struct Names {
    patterns: Vec<Rc<str>>,
    /// One of the names; nothing where a pattern can't be read.
    pub(crate) example: Option<Rc<str>>,
    pub(crate) old: Child,
    pub(crate) new: Child,
}

/// More patterns than this are taken one by one, as if no name matched two of them.
const MAX_PATTERNS: usize = 3;
/// More members than this are not kept out of examples.
const MAX_DECLARED: usize = 64;
const NO_NAME: &str = "[^\\s\\S]";

/// All names that no property of either side declares.
pub(crate) fn names(old: &Obj, new: &Obj) -> Vec<Names> {
    let all: BTreeSet<&Rc<str>> = old.patterns.keys().chain(new.patterns.keys()).collect();
    let all: Vec<Rc<str>> = all.into_iter().cloned().collect();
    let mut groups: Vec<Vec<Rc<str>>> = vec![Vec::new()];
    for pattern in &all {
        let met = match all.len() <= MAX_PATTERNS {
            true => groups.clone(),
            false => vec![Vec::new()],
        };
        groups.extend(met.into_iter().map(|mut group| {
            group.push(pattern.clone());
            group
        }));
    }
    let declared: BTreeSet<&Rc<str>> = old.properties.keys().chain(new.properties.keys()).collect();
    let declared = declared.into_iter().take(MAX_DECLARED);
    let declared: Vec<String> = declared
        .map(|name| format!("^{}$", regex_syntax::escape(name)))
        .collect();
    let mut found = Vec::new();
    for patterns in groups {
        let others = all.iter().filter(|one| !patterns.contains(one));
        let mut refused: Vec<String> = others.map(|one| format!("(?:{one})")).collect();
        refused.extend(declared.iter().cloned());
        let example = match example(&patterns, &refused) {
            Difference::Empty => continue,
            Difference::Holds(name) => Some(Rc::from(name)),
            Difference::Unknown => None,
        };
        let child = |object: &Obj| {
            let met = patterns
                .iter()
                .filter_map(|one| object.patterns.get(one).cloned());
            let met = met.reduce(|all, one| all.meet(&one));
            met.unwrap_or_else(|| object.extra.clone())
        };
        found.push(Names {
            example,
            old: child(old),
            new: child(new),
            patterns,
        });
    }
    found
}

/// A name that matches all of some patterns and none of the refused ones, with a letter if there is one.
fn example(patterns: &[Rc<str>], refused: &[String]) -> Difference {
    let refused = match refused.is_empty() {
        true => NO_NAME.to_owned(),
        false => refused.join("|"),
    };
    let mut wanted: Vec<&str> = patterns.iter().map(AsRef::as_ref).collect();
    wanted.push("(?s).");
    match difference(&wanted, &refused) {
        Difference::Empty => {
            wanted.pop();
            wanted.push("");
            difference(&wanted, &refused)
        }
        other => other,
    }
}

impl Pairs<'_> {
    /// Says whether any name is left to what speaks of all others.
    pub(super) fn patterns(
        &mut self,
        spot: &Spot<'_>,
        branch: (usize, usize),
        (old, new): (&Obj, &Obj),
    ) -> bool {
        if old.patterns.is_empty() && new.patterns.is_empty() {
            return true;
        }
        for (pattern, left) in &old.patterns {
            if let Some(right) = new.patterns.get(pattern) {
                let step = Step::Pattern(pattern.clone());
                let edge = self.edge(step, branch, left, right, (true, true));
                self.list[spot.pair].edges.extend(edge);
            }
        }
        if old.patterns.keys().eq(new.patterns.keys()) {
            let plain = old.extra == Child::Never || old.extra.is_anything();
            if plain && old.extra == new.extra {
                return true;
            }
            let all: Vec<String> = old
                .patterns
                .keys()
                .map(|one| format!("(?:{one})"))
                .collect();
            return example(&[], &all) != Difference::Empty;
        }
        let names = names(old, new);
        let rest = names.iter().any(|one| one.patterns.is_empty());
        let shared = |pattern: &Rc<str>| {
            old.patterns.contains_key(pattern) && new.patterns.contains_key(pattern)
        };
        let (mut tier, mut effect) = (Tier::Same, Effect::NONE);
        for one in names.iter().filter(|one| !one.patterns.iter().all(shared)) {
            let here = self.same(&one.old, &one.new);
            if here == Effect::NONE {
                continue;
            }
            effect = Effect::new(effect.narrows || here.narrows, effect.widens || here.widens);
            // Readers of objects that are closed otherwise tell who is let in.
            let closed = one.old == Child::Never || one.new == Child::Never;
            tier = tier.max(if closed { Tier::Closed } else { Tier::Value });
        }
        // What is not declared has a field of its own, whose type follows from what it may be.
        let surface = match tier {
            Tier::Same => Surface::Text,
            _ => Surface::Retyped,
        };
        let list = |object: &Obj| {
            let mut only = object.patterns.keys().filter(|one| !shared(one));
            match (only.next(), only.next()) {
                (None, _) => Value::Null,
                (Some(one), None) => Value::from(one.as_ref()),
                (Some(one), Some(two)) => {
                    let all = [one, two].into_iter().chain(only);
                    all.map(|one| Value::from(one.as_ref())).collect()
                }
            }
        };
        let fact = Fact::new("pattern-properties", spot.subject.clone(), tier, effect)
            .surface(surface)
            .values(list(old), list(new));
        self.push(spot, &["patternProperties"], fact);
        rest
    }
}
