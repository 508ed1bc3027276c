//! Which change of the documents moved which public item. A generated item knows the schemas that
//! it stands for, so most moves are found by their place; types come and go with what names them.

use std::collections::BTreeSet;

use super::Rust;
use super::measure::CONVENTIONS_DECIDE;
use super::moves::{Move, Origin};
use crate::report::Change;

/// For each move the changes that it comes from; none where no change explains it.
pub(super) fn blame(moves: &[Move], changes: &[Change]) -> Vec<BTreeSet<usize>> {
    let places: Vec<Vec<&str>> = changes.iter().map(places).collect();
    let mut blamed = Blamed {
        steps: changes.iter().map(expected).collect(),
        by_move: vec![BTreeSet::new(); moves.len()],
    };
    for (index, one) in moves.iter().enumerate() {
        let fit = best(one, changes, &places, Some(WITHIN));
        blamed.set(index, one, fit);
    }
    follow(moves, &mut blamed);
    for (index, one) in moves.iter().enumerate() {
        if blamed.by_move[index].is_empty() {
            let fit = best(one, changes, &places, None);
            let fit = blamed.able(one, fit);
            blamed.set(index, one, fit);
        }
    }
    follow(moves, &mut blamed);
    for (index, one) in moves.iter().enumerate() {
        if blamed.by_move[index].is_empty() {
            let fit = blamed.able(one, reached(one, changes));
            blamed.set(index, one, fit);
        }
    }
    blamed.by_move
}

struct Blamed {
    /// The step of each change so far.
    steps: Vec<Rust>,
    by_move: Vec<BTreeSet<usize>>,
}

impl Blamed {
    fn set(&mut self, index: usize, one: &Move, changes: BTreeSet<usize>) {
        for change in &changes {
            self.steps[*change] = self.steps[*change].max(one.step);
        }
        self.by_move[index] = changes;
    }

    /// Away from its own schema a break comes only from what is known to break something.
    fn able(&self, one: &Move, mut changes: BTreeSet<usize>) -> BTreeSet<usize> {
        changes.retain(|change| one.step < Rust::Major || self.steps[*change] == Rust::Major);
        changes
    }
}

/// Scores from here on say that the change lies within the schema of the item.
const WITHIN: usize = 10_000;
/// Added where the change speaks of the very member.
const MEMBER: usize = 1_000;

/// The changes that match best by place, if any matches at least so well.
fn best(
    one: &Move,
    changes: &[Change],
    places: &[Vec<&str>],
    least: Option<usize>,
) -> BTreeSet<usize> {
    let scores = changes.iter().zip(places).map(|(change, places)| {
        // The members of a parameter can be arguments of their own, whose names are not the parameter's.
        let is_elsewhere = || !is_of_argument(one, change) && !one.origin.is_one_sided;
        if moves_nothing(change) || is_decided(change) && is_elsewhere() {
            0
        } else {
            score(one, change, places)
        }
    });
    let scores: Vec<usize> = scores.collect();
    // What the generator makes of an argument is put down to what the conventions decide, and to nothing beside it.
    let decided = (0..scores.len()).filter(|index| {
        let change = &changes[*index];
        scores[*index] > 0 && is_decided(change) && is_of_argument(one, change)
    });
    let decided: BTreeSet<usize> = decided.collect();
    if !decided.is_empty() {
        return decided;
    }
    let most = scores.iter().copied().max().unwrap_or(0);
    if most == 0 || least.is_some_and(|least| most < least) {
        return BTreeSet::new();
    }
    (0..scores.len())
        .filter(|index| scores[*index] == most)
        .collect()
}

fn score(one: &Move, change: &Change, places: &[&str]) -> usize {
    let origin = &one.origin;
    let member = origin.member.as_deref();
    let named = member.is_some_and(|member| speaks_of(change, member));
    let bonus = if named { MEMBER } else { 0 };
    let mut most = 0;
    for item in origin.old.iter().chain(&origin.new) {
        for place in places {
            let score = match (below(place, item), below(item, place)) {
                (Some(rest), _) => match (first_property(rest), member) {
                    (Some(property), Some(member)) if property == member => {
                        WITHIN + MEMBER + item.len()
                    }
                    // The change is about another member, or about one while the item is not.
                    (Some(_), Some(_)) if !named => 0,
                    _ => WITHIN + bonus + item.len(),
                },
                (None, Some(_)) => bonus + place.len(),
                (None, None) => 0,
            };
            most = most.max(score);
        }
    }
    if origin.old.is_empty() && origin.new.is_empty() {
        let shared = change
            .operations
            .iter()
            .filter(|operation| origin.operations.contains(*operation))
            .count();
        if shared > 0 {
            let whole = member.is_none() && change.rule.starts_with("operation-");
            let own = if whole || named { WITHIN } else { 0 };
            // The fewer operations a change reaches, the more it is about this one.
            most = own + bonus + 1 + 99 / change.operations.len();
        }
    }
    most
}

/// Whether the conventions say what a change does, whatever is generated.
fn is_decided(change: &Change) -> bool {
    CONVENTIONS_DECIDE.contains(&change.rule.as_str())
}

/// Whether the item is the argument that a change is about.
fn is_of_argument(one: &Move, change: &Change) -> bool {
    let Origin {
        old,
        new,
        member,
        operations,
        ..
    } = &one.origin;
    let is_argument = old.is_empty() && new.is_empty();
    let is_there = change.operations.iter().any(|one| operations.contains(one));
    let member = member.as_deref();
    is_argument && is_there && member.is_some_and(|member| speaks_of(change, member))
}

/// The step of what a change may move.
fn expected(change: &Change) -> Rust {
    match is_decided(change) {
        true => Rust::Major,
        false => change.rust,
    }
}

/// A type that came, went or was renamed did so with what names it.
fn follow(moves: &[Move], blamed: &mut Blamed) {
    loop {
        let mut settled = true;
        for (index, one) in moves.iter().enumerate() {
            let Some(follows) = &one.origin.follows else {
                continue;
            };
            if !blamed.by_move[index].is_empty() {
                continue;
            }
            let causes: BTreeSet<usize> = moves
                .iter()
                .zip(&blamed.by_move)
                .filter(|(other, _)| other.origin.names.contains(follows))
                .flat_map(|(_, blamed)| blamed.iter().copied())
                .collect();
            let causes = blamed.able(one, causes);
            settled &= causes.is_empty();
            blamed.set(index, one, causes);
        }
        if settled {
            return;
        }
    }
}

/// The changes of the operations that reach the item, those first that are expected to move items.
fn reached(one: &Move, changes: &[Change]) -> BTreeSet<usize> {
    let near: Vec<usize> = (0..changes.len())
        .filter(|index| {
            let change = &changes[*index];
            !moves_nothing(change)
                && !is_decided(change)
                && change
                    .operations
                    .iter()
                    .any(|operation| one.origin.operations.contains(operation))
        })
        .collect();
    let most = near.iter().map(|index| changes[*index].rust).max();
    near.into_iter()
        .filter(|index| Some(changes[*index].rust) == most)
        .collect()
}

/// Whether a change is of a kind that no generated item shows.
fn moves_nothing(change: &Change) -> bool {
    let rule = change.rule.as_str();
    rule == "words" || rule.starts_with("server-") || rule.starts_with("security-")
}

fn places(change: &Change) -> Vec<&str> {
    change
        .also_at
        .iter()
        .chain([&change.pointer])
        .map(|place| place.strip_prefix('#').unwrap_or(place))
        .collect()
}

/// What is left of `place` below `above`.
fn below<'p>(place: &'p str, above: &str) -> Option<&'p str> {
    place
        .strip_prefix(above)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The first property that a path through a schema leads to.
fn first_property(rest: &str) -> Option<&str> {
    let mut tokens = rest.split('/').skip(1);
    tokens.find(|token| *token == "properties")?;
    tokens.next()
}

/// Whether the sentence of a change has this word.
fn speaks_of(change: &Change, word: &str) -> bool {
    change
        .summary
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '-'))
        .any(|part| part == word)
}
