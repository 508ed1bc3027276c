//! Which alternative of an old union became which of the new one: by tag, then by component name,
//! then by what they hold. A wrong guess costs clarity, not truth: every pair is then compared.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::pairs::Pairs;
use super::scalars::Aligned;
use crate::schema::{Arena, Obj};

/// Below this share of common members two alternatives are strangers.
const KINSHIP: usize = 50;

pub(super) fn align(pairs: &mut Pairs<'_>, old: &[Obj], new: &[Obj]) -> Aligned {
    let mut gone: Vec<usize> = (0..old.len()).collect();
    let mut come: Vec<usize> = (0..new.len()).collect();
    let mut both = Vec::new();
    if old.len() == 1 && new.len() == 1 {
        return Aligned {
            both: vec![(0, 0)],
            gone: Vec::new(),
            come: Vec::new(),
        };
    }
    let old_tags = tags(&mut pairs.old, old);
    let new_tags = tags(&mut pairs.new, new);
    by_key(
        &mut gone,
        &mut come,
        &mut both,
        |one| old_tags[one].clone(),
        |two| new_tags[two].clone(),
    );
    by_key(
        &mut gone,
        &mut come,
        &mut both,
        |one| old[one].meta.name.as_deref().map(str::to_owned),
        |two| new[two].meta.name.as_deref().map(str::to_owned),
    );
    // Another name of the tag, and of the components, makes no other alternatives.
    let value = |tag: &Option<String>| {
        let (_, value) = tag.as_deref()?.split_once('=')?;
        Some(value.to_owned())
    };
    by_key(
        &mut gone,
        &mut come,
        &mut both,
        |one| value(&old_tags[one]),
        |two| value(&new_tags[two]),
    );
    by_key(
        &mut gone,
        &mut come,
        &mut both,
        |one| Some(outline(&old[one])),
        |two| Some(outline(&new[two])),
    );
    by_kinship(&mut gone, &mut come, &mut both, old, new);
    if old.len() == new.len() && gone.len() == 1 && come.len() == 1 {
        // Only one is left on each side: it was rewritten, rather than swapped for a stranger,
        // if the tags do not say otherwise.
        let (one, two) = (gone[0], come[0]);
        if old_tags[one].is_none() || new_tags[two].is_none() {
            both.push((one, two));
            gone.clear();
            come.clear();
        }
    }
    both.sort_unstable();
    Aligned { both, gone, come }
}

fn by_key(
    gone: &mut Vec<usize>,
    come: &mut Vec<usize>,
    both: &mut Vec<(usize, usize)>,
    old: impl Fn(usize) -> Option<String>,
    new: impl Fn(usize) -> Option<String>,
) {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for two in come.iter().rev() {
        if let Some(key) = new(*two) {
            places.entry(key).or_default().push(*two);
        }
    }
    gone.retain(|one| {
        let found = old(*one).and_then(|key| places.get_mut(&key)?.pop());
        if let Some(two) = found {
            both.push((*one, two));
            come.retain(|left| *left != two);
        }
        found.is_none()
    });
}

fn by_kinship(
    gone: &mut Vec<usize>,
    come: &mut Vec<usize>,
    both: &mut Vec<(usize, usize)>,
    old: &[Obj],
    new: &[Obj],
) {
    let mut scores = Vec::new();
    // Unions are short; a hostile one is not allowed to cost more than its length.
    for one in gone.iter().take(64) {
        for two in come.iter().take(64) {
            let score = kinship(&old[*one], &new[*two]);
            if score >= KINSHIP {
                scores.push((score, *one, *two));
            }
        }
    }
    scores.sort_by_key(|(score, one, two)| (std::cmp::Reverse(*score), *one, *two));
    for (_, one, two) in scores {
        if gone.contains(&one) && come.contains(&two) {
            both.push((one, two));
            gone.retain(|left| *left != one);
            come.retain(|left| *left != two);
        }
    }
}

/// Common members in the hundred, required ones counting twice.
fn kinship(old: &Obj, new: &Obj) -> usize {
    let weight = |object: &Obj, name: &Rc<str>| 1 + usize::from(object.required.contains(name));
    let names: BTreeSet<&Rc<str>> = old.properties.keys().chain(new.properties.keys()).collect();
    let mut shared = 0;
    let mut all = 0;
    for name in names {
        let left = old.properties.contains_key(name).then(|| weight(old, name));
        let right = new.properties.contains_key(name).then(|| weight(new, name));
        let most = left.max(right).unwrap_or(0);
        all += most;
        if left.is_some() && right.is_some() {
            shared += most;
        }
    }
    (shared * 100).checked_div(all).unwrap_or(0)
}

/// The members and which of them are required: equal for alternatives that changed only inside.
fn outline(object: &Obj) -> String {
    let mut text = String::new();
    for name in object.properties.keys() {
        text.push_str(if object.required.contains(name) {
            "!"
        } else {
            "?"
        });
        text.push_str(name);
        text.push('\n');
    }
    text
}

/// For each alternative the one-value member that tells it from all the others, if there is one.
fn tags(arena: &mut Arena<'_>, list: &[Obj]) -> Vec<Option<String>> {
    let mut all: Vec<Option<String>> = vec![None; list.len()];
    let Some(first) = list.first() else {
        return all;
    };
    for name in first.required.clone() {
        let found: Vec<Option<String>> = list
            .iter()
            .map(|object| {
                let values = arena.tag_values(object.properties.get(&name)?)?;
                let only = values.first().filter(|_| values.len() == 1)?;
                Some(format!("{name}={only}"))
            })
            .collect();
        let distinct: BTreeSet<&String> = found.iter().flatten().collect();
        if distinct.len() == list.len() {
            all = found;
            break;
        }
    }
    all
}
