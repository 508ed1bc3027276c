//! From a value at one place to a whole message that holds it there.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::Value;

use super::make::Maker;
use crate::compare::pairs::{PairId, Pairs, Step};

/// A step down: from which pair, along which of its edges.
pub(super) type Trail = Vec<(PairId, usize)>;

/// Messages that nest deeper are not built.
const MAX_TRAIL: usize = 100;

/// The shortest way from a root to a pair.
pub(super) fn trail(pairs: &Pairs<'_>, root: PairId, leaf: PairId) -> Option<Trail> {
    let mut came: HashMap<PairId, (PairId, usize)> = HashMap::new();
    let mut seen = HashSet::from([root]);
    let mut open = VecDeque::from([root]);
    while let Some(pair) = open.pop_front() {
        if pair == leaf {
            break;
        }
        for (index, edge) in pairs.list[pair].edges.iter().enumerate() {
            if seen.insert(edge.to) {
                came.insert(edge.to, (pair, index));
                open.push_back(edge.to);
            }
        }
    }
    let mut trail = Vec::new();
    let mut at = leaf;
    while at != root {
        let step = came.get(&at)?;
        trail.push(*step);
        at = step.0;
    }
    trail.reverse();
    (trail.len() <= MAX_TRAIL).then_some(trail)
}

/// Builds the message around the value, from what the document that admits it demands.
pub(super) fn lift(
    pairs: &mut Pairs<'_>,
    trail: &Trail,
    leaf: Value,
    own_is_old: bool,
) -> Option<Value> {
    let mut value = leaf;
    for (pair, index) in trail.iter().rev() {
        let here = &pairs.list[*pair];
        let edge = &here.edges[*index];
        let (step, branch) = (edge.step.clone(), edge.branch);
        let (own, other) = if own_is_old {
            ((here.old, branch.0), (here.new, branch.1))
        } else {
            ((here.new, branch.1), (here.old, branch.0))
        };
        let (own_arena, other_arena) = if own_is_old {
            (&mut pairs.old, &mut pairs.new)
        } else {
            (&mut pairs.new, &mut pairs.old)
        };
        let own_form = own_arena.get(own.0).form.clone();
        let other_form = other_arena.get(other.0).form.clone();
        value = match step {
            Step::Item(place) => {
                let array = own_form.arrays.get(own.1)?;
                Maker::new(own_arena).array_with(array, place, value)?
            }
            Step::Member(name) => {
                let object = own_form.objects.get(own.1)?;
                let asked = other_form.objects.get(other.1);
                // What the other side demands besides is no part of this question.
                let extra = asked
                    .map(|asked| asked.required.clone())
                    .unwrap_or_default();
                let mut maker = Maker::new(own_arena);
                let mut map = maker.object_without(object, &name)?;
                for owed in extra {
                    if owed != name && !map.contains_key(owed.as_ref()) {
                        let child = object.member(&owed);
                        if let Some(filled) = maker.child(&child) {
                            map.insert(owed.to_string(), filled);
                        }
                    }
                }
                map.insert(name.to_string(), value);
                Value::Object(map)
            }
            Step::Extra => {
                let object = own_form.objects.get(own.1)?;
                let mut map = Maker::new(own_arena).object_without(object, "")?;
                map.insert("x-unlisted".to_owned(), value);
                Value::Object(map)
            }
            Step::Pattern(pattern) => {
                let object = own_form.objects.get(own.1)?;
                let name = super::pattern::example(&pattern, 0)?;
                let mut map = Maker::new(own_arena).object_without(object, "")?;
                map.insert(name, value);
                Value::Object(map)
            }
            Step::Within => value,
        };
    }
    Some(value)
}
