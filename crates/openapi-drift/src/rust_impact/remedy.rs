//! What keeps the Rust API as it is, where only that would break: names to be kept, or the old form brought back by an overlay.
//! Nothing is advised that was not tried: each is applied to the new document, which is then compared and generated again.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::lock::Lock;
use super::measure::{Broken, TYPE_NAME, UNEXPLAINED};
use super::{Remedy, Rust, generate, moves};
use crate::pointer;
use crate::report::{Change, Note, Report};
use crate::verdict::Verdict;

/// One try costs a comparison and a generated client or two, so no more than this are made beside the one for all at once.
const MAX_TRIES: usize = 12;

/// One way to avoid a change.
#[derive(Debug, Clone)]
enum Proposal {
    /// Places and the names that they keep.
    Names(Vec<(String, String)>),
    /// What stood there, or so many levels above, is brought back by an overlay.
    Back(usize),
}

/// An action of an overlay. Those of version 1.0 have objects and lists for targets, and nothing else.
#[derive(Debug, Clone)]
enum Edit {
    /// Takes away the object or the list at a place.
    Remove(String),
    /// Lays a value over the object or the list at a place.
    Merge(String, Value),
}

/// Finds what avoids the changes that break nothing but the Rust API. `broken` says for each change what of it breaks.
pub(super) fn find(
    report: &mut Report,
    broken: &[Broken],
    old: (&Value, &Lock),
    new: (&Value, &Lock),
) {
    let mut plans: Vec<(usize, Vec<Proposal>)> = Vec::new();
    for (index, (change, broken)) in report.changes.iter().zip(broken).enumerate() {
        if change.rust == Rust::Major && change.verdict <= Verdict::Compatible {
            plans.push((index, proposals(change, broken)));
        }
    }
    plans.retain(|(_, proposals)| !proposals.is_empty());
    // In the order of the report: two overlays for one list count on it.
    plans.sort_by_key(|(index, _)| {
        let change = &report.changes[*index];
        (
            std::cmp::Reverse(change.verdict),
            change.pointer.clone(),
            change.rule.clone(),
        )
    });
    let trial = Trial {
        report,
        broken,
        old,
        new,
    };
    let (found, untried) = trial.choose(&plans);
    for (index, remedy, left) in found {
        report.changes[index].remedy = Some(remedy);
        report.changes[index].remains = left;
    }
    if untried > 0 {
        report.notes.push(Note {
            about: "remedies".to_owned(),
            pointer: "#".to_owned(),
            message: format!("{untried} more changes of the Rust API alone were not looked at for what avoids them, after {MAX_TRIES} tries"),
        });
    }
}

/// What remedies are tried on.
struct Trial<'t> {
    report: &'t Report,
    broken: &'t [Broken],
    old: (&'t Value, &'t Lock),
    new: (&'t Value, &'t Lock),
}

impl Trial<'_> {
    /// What avoids each of these changes and what that leaves, as far as was tried; and how many were not.
    fn choose(
        &self,
        plans: &[(usize, Vec<Proposal>)],
    ) -> (Vec<(usize, Remedy, Vec<String>)>, usize) {
        let first: Vec<(usize, &Proposal)> = plans
            .iter()
            .filter_map(|(index, all)| Some((*index, all.first()?)))
            .collect();
        if let Some((left, remedies)) = self.run(&first)
            && left.is_empty()
        {
            let all = first.iter().zip(remedies);
            return (
                all.map(|((index, _), remedy)| (*index, remedy, Vec::new()))
                    .collect(),
                0,
            );
        }
        let mut found = Vec::new();
        let (mut tries, mut untried) = (0, 0);
        let mut kept: Vec<(usize, &Proposal)> = Vec::new();
        for (index, proposals) in plans {
            let mut best: Option<(Remedy, Vec<String>)> = None;
            for proposal in proposals {
                if best.as_ref().is_some_and(|(_, left)| left.is_empty()) {
                    break;
                }
                if tries == MAX_TRIES {
                    untried += 1;
                    break;
                }
                tries += 1;
                let mut with = kept.clone();
                with.push((*index, proposal));
                let Some((left, mut remedies)) = self.run(&with) else {
                    continue;
                };
                if left.is_empty() {
                    kept = with;
                }
                if best
                    .as_ref()
                    .is_none_or(|(_, known)| left.len() < known.len())
                {
                    best = remedies.pop().map(|remedy| (remedy, left));
                }
            }
            found.extend(best.map(|(remedy, left)| (*index, remedy, left)));
        }
        (found, untried)
    }

    /// What still breaks of the last of these changes with all of them avoided: nothing, as it should be, or less than before; and
    /// how each is avoided. `None` where that does not help, or does harm.
    fn run(&self, avoided: &[(usize, &Proposal)]) -> Option<(Vec<String>, Vec<Remedy>)> {
        let mut document = self.new.0.clone();
        let mut lock = self.new.1.clone();
        let mut remedies = Vec::new();
        for (index, proposal) in avoided {
            remedies.push(match proposal {
                Proposal::Names(names) => {
                    names
                        .iter()
                        .for_each(|(place, name)| lock.keep(place, name));
                    Remedy::NameLock(
                        names
                            .iter()
                            .map(|(place, name)| entry(place, name))
                            .collect(),
                    )
                }
                Proposal::Back(above) => {
                    let change = &self.report.changes[*index];
                    Remedy::Overlay(back(self.old.0, &mut document, change, *above)?)
                }
            });
        }
        let (report, broken) = outcome(self.old, (&document, &lock))?;
        let fingerprints = |keep: &dyn Fn(usize, &Change) -> bool| -> BTreeSet<&str> {
            let all = self.report.changes.iter().enumerate();
            all.filter(|(index, change)| keep(*index, change))
                .map(|(_, change)| change.fingerprint.as_str())
                .collect()
        };
        // Nothing may be worse than before: on the wire, or in what the document says.
        let wire = fingerprints(&|_, change| change.verdict > Verdict::Compatible);
        let worse = report
            .changes
            .iter()
            .filter(|change| change.verdict > Verdict::Compatible);
        if worse
            .into_iter()
            .any(|change| !wire.contains(change.fingerprint.as_str()))
        {
            return None;
        }
        let unusable = |notes: &[Note]| {
            notes
                .iter()
                .filter(|note| note.about.ends_with("documents") || note.about == "new document")
                .count()
        };
        if unusable(&report.notes) > unusable(&self.report.notes) {
            return None;
        }
        let (last, _) = avoided.last()?;
        let is_avoided = |index: usize| avoided.iter().any(|(one, _)| *one == index);
        let others =
            fingerprints(&|index, change| change.rust == Rust::Major && !is_avoided(index));
        let own = self.report.changes[*last].fingerprint.as_str();
        // What no change explains is told by its items: its sentence counts them.
        let mut all = self.report.changes.iter().enumerate();
        let unexplained =
            all.find(|(index, change)| change.rule == UNEXPLAINED && !is_avoided(*index));
        let unexplained = unexplained.map(|(index, _)| &self.broken[index].items);
        let mut left = Vec::new();
        for (change, broken) in report
            .changes
            .iter()
            .zip(&broken)
            .filter(|(change, _)| change.rust == Rust::Major)
        {
            let is_other = change.rule == UNEXPLAINED
                && unexplained
                    .is_some_and(|known| broken.items.iter().all(|one| known.contains(one)));
            if is_other || others.contains(change.fingerprint.as_str()) {
                continue;
            }
            // What was put down to this change can be nobody's now.
            if change.fingerprint != own && change.rule != UNEXPLAINED {
                return None;
            }
            left.extend(broken.items.iter().cloned());
            if broken.items.is_empty() {
                return None;
            }
        }
        let total = |all: &[Broken]| {
            all.iter()
                .flat_map(|one| &one.items)
                .collect::<BTreeSet<_>>()
                .len()
        };
        let before: BTreeSet<&String> = (0..self.broken.len())
            .filter(|index| !is_avoided(*index) || index == last)
            .flat_map(|index| &self.broken[index].items)
            .collect();
        let helps = left.is_empty() || total(&broken) < before.len();
        helps.then_some((left, remedies))
    }
}

/// A comparison without witnesses, and what breaks code.
fn outcome(
    (old, old_lock): (&Value, &Lock),
    (new, new_lock): (&Value, &Lock),
) -> Option<(Report, Vec<Broken>)> {
    let mut report = crate::compare_unproved(old, new).ok()?;
    report.keep_names(old_lock, new_lock);
    let (old_api, new_api) = generate::apis((old, old_lock), (new, new_lock)).ok()?;
    let renames = report.renames();
    let broken = report.moved(moves::between(&old_api, &new_api, &renames));
    Some((report, broken))
}

/// What could avoid a change, the likeliest first.
fn proposals(change: &Change, broken: &Broken) -> Vec<Proposal> {
    let mut all = Vec::new();
    if broken.is_of_names() {
        all.push(Proposal::Names(fewest(broken.names.clone())));
    }
    let name = change.before.as_str();
    match (change.rule.as_str(), name) {
        (UNEXPLAINED, _) => {}
        ("operation-id", Some(name)) => {
            let place = change.operations.first();
            all.extend(place.map(|place| Proposal::Names(vec![(place.clone(), name.to_owned())])));
        }
        (TYPE_NAME, Some(name)) => {
            let place = change.pointer.trim_start_matches('#');
            all.push(Proposal::Names(vec![(place.to_owned(), name.to_owned())]));
            all.push(Proposal::Back(0));
        }
        // A keyword alone does not bring a schema back that says it by other keywords now.
        _ => all.extend([Proposal::Back(0), Proposal::Back(1)]),
    }
    all
}

/// An entry of the name lock, as a line of TOML.
fn entry(place: &str, name: &str) -> String {
    let table = if place.starts_with('/') {
        "types"
    } else {
        "operations"
    };
    let quoted = |text: &str| Value::from(text).to_string();
    format!("{table}.{} = {}", quoted(place), quoted(name))
}

/// Without the names that follow from others: what stands inside a schema is named after it, and so are the parts of one that
/// becomes several types.
fn fewest(mut names: Vec<(String, String)>) -> Vec<(String, String)> {
    // The shorter of two names at one place is the one that the other is made from.
    names.sort_by_key(|(place, name)| (place.clone(), name.len()));
    let mut kept: Vec<(String, String)> = Vec::new();
    for (place, name) in names {
        let follows = kept.iter().any(|(known, _)| {
            let rest = place.strip_prefix(known.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        if !follows {
            kept.push((place, name));
        }
    }
    kept
}

impl Edit {
    /// Does it, and says it as overlays do. `None` where its target is not there.
    fn apply(&self, document: &mut Value) -> Option<Value> {
        let path = |place| pointer::json_path(document, place);
        let action = match self {
            Self::Remove(place) => json!({"target": path(place), "remove": true}),
            Self::Merge(place, update) => json!({"target": path(place), "update": update}),
        };
        match self {
            Self::Remove(place) => {
                let (parent, key) = place.rsplit_once('/')?;
                match document.pointer_mut(parent)? {
                    Value::Object(members) => drop(members.remove(&pointer::last(key))?),
                    Value::Array(items) => {
                        let index = key.parse().ok().filter(|index| *index < items.len())?;
                        items.remove(index);
                    }
                    _ => return None,
                }
            }
            Self::Merge(place, update) => match document.pointer_mut(place)? {
                Value::Array(items) => items.push(update.clone()),
                target => merge(target, update),
            },
        }
        Some(action)
    }
}

/// What the overlay standard does with an update of an object: lists in it grow, objects are merged, anything else is replaced.
fn merge(target: &mut Value, update: &Value) {
    match (target, update) {
        (Value::Array(items), Value::Array(more)) => items.extend(more.iter().cloned()),
        (Value::Object(members), Value::Object(more)) => {
            for (key, value) in more {
                match members.get_mut(key) {
                    Some(member) => merge(member, value),
                    None => drop(members.insert(key.clone(), value.clone())),
                }
            }
        }
        (target, update) => *target = update.clone(),
    }
}

/// Brings back in a document what stood at the places of a change: the actions that did it.
fn back(old: &Value, document: &mut Value, change: &Change, above: usize) -> Option<Vec<Value>> {
    let mut actions = Vec::new();
    for place in change.also_at.iter().chain([&change.pointer]) {
        let mut place = place.strip_prefix('#')?;
        for _ in 0..above {
            (place, _) = place.rsplit_once('/')?;
        }
        let owned = place
            .strip_suffix("/required")
            .and_then(|place| place.rsplit_once("/properties/"));
        let edits = match (change.rule.as_str(), owned) {
            ("path-parameter-name", _) => renamed_back(document, change, place)?,
            ("required", Some((owner, member))) => presence(document, owner, member)?,
            _ => brought_back(old, document, place)?,
        };
        for edit in edits {
            actions.push(edit.apply(document)?);
        }
    }
    Some(actions)
}

fn brought_back(old: &Value, document: &Value, place: &str) -> Option<Vec<Edit>> {
    let (parent, key) = place.rsplit_once('/')?;
    let holder = document.pointer(parent)?;
    let key = pointer::last(key);
    match (document.pointer(place), old.pointer(place)) {
        (None, None) => None,
        (None, Some(before)) => Some(vec![laid(holder, parent, &key, before)]),
        (Some(now), before) if now.is_object() || now.is_array() => {
            let mut edits = vec![Edit::Remove(place.to_owned())];
            edits.extend(before.map(|before| laid(holder, parent, &key, before)));
            Some(edits)
        }
        // One value is laid over another.
        (Some(_), Some(before)) if holder.is_object() => {
            Some(vec![laid(holder, parent, &key, before)])
        }
        // A value that is to go goes with what holds it, which comes back without it.
        (Some(_), None) if holder.is_object() => {
            let mut rest = holder.clone();
            rest.as_object_mut()?.remove(&key)?;
            let (above, own) = parent.rsplit_once('/')?;
            let above_holder = document.pointer(above)?;
            Some(vec![
                Edit::Remove(parent.to_owned()),
                laid(above_holder, above, &pointer::last(own), &rest),
            ])
        }
        _ => None,
    }
}

/// Puts a value into what holds it.
fn laid(holder: &Value, place: &str, key: &str, value: &Value) -> Edit {
    let update = if holder.is_array() {
        value.clone()
    } else {
        json!({key: value})
    };
    Edit::Merge(place.to_owned(), update)
}

/// Turns round whether a member is required.
fn presence(document: &Value, owner: &str, member: &str) -> Option<Vec<Edit>> {
    let member = Value::from(pointer::last(member));
    let place = format!("{owner}/required");
    let required = document.pointer(&place).and_then(Value::as_array);
    Some(match required {
        Some(names) if names.contains(&member) => {
            let rest: Vec<&Value> = names.iter().filter(|name| **name != member).collect();
            vec![
                Edit::Remove(place),
                Edit::Merge(owner.to_owned(), json!({"required": rest})),
            ]
        }
        Some(_) => vec![Edit::Merge(place, member)],
        None => {
            document.pointer(owner)?;
            vec![Edit::Merge(owner.to_owned(), json!({"required": [member]}))]
        }
    })
}

/// Gives a path its parameter's old name back.
fn renamed_back(document: &Value, change: &Change, place: &str) -> Option<Vec<Edit>> {
    let (name, now) = (change.before.as_str()?, change.after.as_str()?);
    let rest = place.strip_prefix("/paths/")?;
    let key = rest.split('/').next()?;
    let place = format!("/paths/{key}");
    let path = pointer::last(key);
    let mut item = document.pointer(&place)?.clone();
    let operations = item.as_object_mut()?.values_mut();
    for holder in operations.filter_map(|one| match one {
        Value::Object(operation) => operation.get_mut("parameters")?.as_array_mut(),
        Value::Array(parameters) => Some(parameters),
        _ => None,
    }) {
        for parameter in holder {
            if parameter["in"] == "path" && parameter["name"] == now {
                parameter["name"] = Value::from(name);
            }
        }
    }
    let old_path = path.replace(&format!("{{{now}}}"), &format!("{{{name}}}"));
    let mut update = Map::new();
    update.insert(old_path, item);
    Some(vec![
        Edit::Remove(place),
        Edit::Merge("/paths".to_owned(), Value::Object(update)),
    ])
}
