//! From a value at one place to a whole message that holds it there.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::Value;

use super::make::{Maker, agreed};
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

/// Builds the message around the value, from what the document that admits it demands. With
/// `agree`, whatever else the message must hold is taken so that the other document admits it too.
pub(super) fn lift(
    pairs: &mut Pairs<'_>,
    trail: &Trail,
    leaf: Value,
    own_is_old: bool,
    agree: bool,
) -> Option<Value> {
    let mut value = leaf;
    for (pair, index) in trail.iter().rev() {
        let here = &pairs.list[*pair];
        let edge = &here.edges[*index];
        let (step, branch) = (edge.step.clone(), edge.branch);
        let old = (pairs.old.get(here.old).form.clone(), branch.0);
        let new = (pairs.new.get(here.new).form.clone(), branch.1);
        let (own, other, own_arena, other_arena) = if own_is_old {
            (old, new, &mut pairs.old, &mut pairs.new)
        } else {
            (new, old, &mut pairs.new, &mut pairs.old)
        };
        if let Step::Item(place) = step {
            let array = own.0.arrays.get(own.1)?;
            value = Maker::new(own_arena).array_with(array, place, value)?;
            continue;
        }
        let name = match step {
            Step::Member(name) => name.to_string(),
            Step::Pattern(pattern) => super::pattern::example(&pattern, 0)?,
            Step::Extra => "x-unlisted".to_owned(),
            Step::Item(_) | Step::Within => continue,
        };
        let object = own.0.objects.get(own.1)?;
        let mut map = match other.0.objects.get(other.1).filter(|_| agree) {
            Some(peer) => agreed((own_arena, object), (other_arena, peer), &name)?,
            None => Maker::new(own_arena).object_without(object, &name)?,
        };
        map.insert(name, value);
        value = Value::Object(map);
    }
    Some(value)
}
