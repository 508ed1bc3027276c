//! Generates both clients, compares them, and says it at the changes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::lock::Lock;
use super::moves::{self, Move};
use super::{Remedy, Rust, blame, generate};
use crate::pointer;
use crate::report::{Change, Direction, Generated, Report};
use crate::verdict::Verdict;

impl Report {
    /// Generates a client from each document, with the names that its lock keeps, and compares
    /// their public items: every change then says which of them it moved, and its step is not
    /// smaller than theirs. What moved for no change at all is a change of its own.
    ///
    /// Where a document can't be generated, the report says why, and keeps the steps of the
    /// conventions.
    ///
    /// ```
    /// use openapi_drift::{Lock, Rust, compare};
    /// use serde_json::json;
    ///
    /// let document = |name: &str| json!({
    ///     "openapi": "3.1.0",
    ///     "info": {"title": "Things", "version": "1"},
    ///     "paths": {"/things": {"get": {
    ///         "operationId": "getThing",
    ///         "responses": {"200": {"description": "it", "content": {"application/json": {
    ///             "schema": {"$ref": format!("#/components/schemas/{name}")}
    ///         }}}}
    ///     }}},
    ///     "components": {"schemas": {name: {"type": "object", "properties": {"id": {"type": "string"}}}}}
    /// });
    /// let (old, new) = (document("Thing"), document("Item"));
    /// let mut report = compare(&old, &new)?;
    /// let free = Lock::default();
    /// report.measure((&old, &free), (&new, &free));
    /// assert_eq!(report.rust, Rust::Major);
    /// assert_eq!(report.changes[0].items, ["types::Thing is now types::Item"]);
    ///
    /// let lock = Lock::parse("[types]\n\"/components/schemas/Item\" = \"Thing\"")?;
    /// let mut report = compare(&old, &new)?;
    /// report.measure((&old, &free), (&new, &lock));
    /// assert_eq!(report.rust, Rust::Patch);
    /// # Ok::<(), openapi_drift::Error>(())
    /// ```
    pub fn measure(&mut self, (old, old_lock): (&Value, &Lock), (new, new_lock): (&Value, &Lock)) {
        self.keep_names(old_lock, new_lock);
        if !self.is_empty() || old_lock != new_lock {
            match generate::apis((old, old_lock), (new, new_lock)) {
                Ok((old_api, new_api)) => {
                    let moves = moves::between(&old_api, &new_api);
                    self.moved(moves);
                    self.generated = Generated::Compared;
                }
                Err(why) => self.generated = Generated::Unknown(why),
            }
            self.remedies(old, new);
        } else {
            self.generated = Generated::Compared;
        }
        self.settle();
    }

    fn moved(&mut self, moves: Vec<Move>) {
        let blamed = blame::blame(&moves, &self.changes);
        let mut alone = Vec::new();
        for (one, blamed) in moves.into_iter().zip(blamed) {
            if blamed.is_empty() {
                alone.push(one);
                continue;
            }
            for index in blamed {
                let change = &mut self.changes[index];
                change.items.push(one.text.clone());
                if CONVENTIONS_DECIDE.contains(&change.rule.as_str()) {
                    continue;
                }
                change.rust = change.rust.max(one.step);
                if one.step == Rust::Major {
                    change.remedy = renamed(change, one.lock.as_ref());
                }
            }
        }
        self.changes.extend(unexplained(&alone));
    }

    fn remedies(&mut self, old: &Value, new: &Value) {
        for change in &mut self.changes {
            if change.rust != Rust::Major || change.verdict > Verdict::Compatible {
                continue;
            }
            if change.rule == UNEXPLAINED {
                continue;
            }
            let name = change.before.as_str();
            let operation = change.operations.first();
            let place = change.pointer.strip_prefix('#');
            change.remedy = match (change.rule.as_str(), name) {
                ("operation-id", Some(name)) => operation.map(|place| lock_entry(place, name)),
                ("type-name", Some(name)) if change.remedy.is_none() => {
                    place.map(|place| lock_entry(place, name))
                }
                ("path-parameter-name", Some(name)) => renamed_back(new, change, name),
                _ => match change.remedy.take() {
                    Some(Remedy::NameLock(entries)) if !entries.is_empty() => {
                        Some(Remedy::NameLock(fewest(entries)))
                    }
                    _ => overlay(old, new, change),
                },
            };
        }
    }
}

/// Rules whose moves say more about the generator than about the API: it takes a list that is
/// written in one piece as text, while by the conventions the argument stays a list.
const CONVENTIONS_DECIDE: &[&str] = &["parameter-style"];

/// The lock entries of a change so far, with those of one more move; none as soon as something
/// other than a name moved.
fn renamed(change: &mut Change, lock: Option<&(String, String)>) -> Option<Remedy> {
    let entry = lock.map(|(place, name)| lock_entry(place, name));
    match (change.remedy.take(), entry) {
        (None, entry) => Some(entry.unwrap_or(Remedy::NameLock(Vec::new()))),
        (Some(Remedy::NameLock(mut entries)), Some(Remedy::NameLock(more)))
            if !entries.is_empty() =>
        {
            entries.extend(more);
            Some(Remedy::NameLock(entries))
        }
        _ => Some(Remedy::NameLock(Vec::new())),
    }
}

/// An entry of the name lock.
fn lock_entry(place: &str, name: &str) -> Remedy {
    let table = if place.starts_with('/') {
        "types"
    } else {
        "operations"
    };
    let quoted = |text: &str| Value::from(text).to_string();
    Remedy::NameLock(vec![format!(
        "{table}.{} = {}",
        quoted(place),
        quoted(name)
    )])
}

/// Without the entries that follow from others: what stands inside a schema is named after it, and so are the parts of
/// one that becomes several types.
fn fewest(mut entries: Vec<String>) -> Vec<String> {
    // A place ends with its quote; the shorter of two names at one place is the one that the other is made from.
    let place = |entry: &str| {
        let place = entry.split_once("\" = ").map_or(entry, |(place, _)| place);
        place.to_owned()
    };
    entries.sort_by_key(|entry| (place(entry), entry.len()));
    let mut kept: Vec<String> = Vec::new();
    for entry in entries {
        let own = place(&entry);
        let follows = kept.iter().any(|known| {
            let rest = own.strip_prefix(&place(known));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        if !follows {
            kept.push(entry);
        }
    }
    kept
}

/// The overlay actions that bring back what stood at the place of a change.
fn overlay(old: &Value, new: &Value, change: &Change) -> Option<Remedy> {
    let place = change.pointer.strip_prefix('#')?;
    let (parent, key) = place.rsplit_once('/')?;
    if let ("required", Some((owner, member))) =
        (change.rule.as_str(), parent.rsplit_once("/properties/"))
    {
        return presence(new, owner, member);
    }
    let key = key.replace("~1", "/").replace("~0", "~");
    new.pointer(parent)?;
    let mut actions = Vec::new();
    if new.pointer(place).is_some() {
        actions.push(json!({"target": pointer::json_path(place), "remove": true}));
    }
    if let Some(before) = old.pointer(place) {
        let update = if new.pointer(parent).is_some_and(Value::is_array) {
            before.clone()
        } else {
            json!({key: before})
        };
        actions.push(json!({"target": pointer::json_path(parent), "update": update}));
    }
    (!actions.is_empty()).then_some(Remedy::Overlay(actions))
}

/// The overlay that turns round whether a member is required.
fn presence(new: &Value, owner: &str, member: &str) -> Option<Remedy> {
    let member = Value::from(member.replace("~1", "/").replace("~0", "~"));
    let place = format!("{owner}/required");
    let required = new.pointer(&place).and_then(Value::as_array);
    let known = required.and_then(|names| names.iter().position(|name| *name == member));
    let action = match (required, known) {
        (_, Some(index)) => {
            json!({"target": pointer::json_path(&format!("{place}/{index}")), "remove": true})
        }
        (Some(_), None) => json!({"target": pointer::json_path(&place), "update": member}),
        (None, None) => {
            new.pointer(owner)?;
            json!({"target": pointer::json_path(owner), "update": {"required": [member]}})
        }
    };
    Some(Remedy::Overlay(vec![action]))
}

/// The overlay that gives a path its parameter's old name back.
fn renamed_back(new: &Value, change: &Change, name: &str) -> Option<Remedy> {
    let now = change.after.as_str()?;
    let rest = change.pointer.strip_prefix("#/paths/")?;
    let place = format!("/paths/{}", rest.split('/').next()?);
    let path = rest
        .split('/')
        .next()?
        .replace("~1", "/")
        .replace("~0", "~");
    let mut item = new.pointer(&place)?.clone();
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
    let mut update = serde_json::Map::new();
    update.insert(old_path, item);
    Some(Remedy::Overlay(vec![
        json!({"target": pointer::json_path(&place), "remove": true}),
        json!({"target": "$['paths']", "update": update}),
    ]))
}

/// Items move for no change of their own where names collide, or where a schema is shared now.
const UNEXPLAINED: &str = "rust-api";

/// One change for all public items that moved though nothing that was compared at them did.
fn unexplained(moves: &[Move]) -> Option<Change> {
    let step = moves.iter().map(|one| one.step).max()?;
    let worst: Vec<&Move> = moves.iter().filter(|one| one.step == step).collect();
    let first = worst.first()?;
    let places = first.origin.new.iter().chain(&first.origin.old);
    let pointer = places.map(|place| format!("#{place}")).next();
    // Names can be kept, where nothing else moved.
    let locks: Option<Vec<String>> = worst
        .iter()
        .map(|one| {
            let (place, name) = one.lock.as_ref()?;
            match lock_entry(place, name) {
                Remedy::NameLock(entries) => entries.into_iter().next(),
                Remedy::Overlay(_) => None,
            }
        })
        .collect();
    let operations = worst.iter().flat_map(|one| &one.origin.operations);
    let operations: BTreeSet<String> = operations.cloned().collect();
    let rest = moves.len() - 1;
    let summary = match rest {
        0 => first.text.clone(),
        _ => format!("{}, and {rest} more generated items move", first.text),
    };
    let mut items: Vec<(Rust, String)> = moves
        .iter()
        .map(|one| (one.step, one.text.clone()))
        .collect();
    items.sort_by_key(|(step, _)| std::cmp::Reverse(*step));
    Some(Change {
        fingerprint: crate::gather::fingerprint_of(&[UNEXPLAINED, &summary]),
        rule: UNEXPLAINED.to_owned(),
        summary,
        pointer: pointer.unwrap_or_else(|| "#".to_owned()),
        also_at: Vec::new(),
        operations: operations.into_iter().collect(),
        direction: Direction::None,
        effect: "none".to_owned(),
        verdict: Verdict::Equivalent,
        rust: step,
        items: items.into_iter().map(|(_, text)| text).collect(),
        cell: None,
        remedy: locks.map(fewest).map(Remedy::NameLock),
        before: Value::Null,
        after: Value::Null,
        witness: None,
        unknown: None,
        correction: None,
        accepted: None,
    })
}
