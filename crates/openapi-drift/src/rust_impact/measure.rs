//! Generates both clients, compares them, and says it at the changes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::lock::Lock;
use super::moves::{self, Move};
use super::{Rust, blame, generate, remedy};
use crate::pointer;
use crate::report::{Change, Direction, Generated, Note, Report};
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
        if old == new && old_lock == new_lock {
            self.generated = Generated::Compared;
            return;
        }
        match generate::apis((old, old_lock), (new, new_lock)) {
            Ok((old_api, new_api)) => {
                let renames = self.renames();
                let moved = self.moved(moves::between(&old_api, &new_api, &renames));
                self.generated = Generated::Compared;
                remedy::find(self, &moved, (old, old_lock), (new, new_lock));
            }
            Err(why) => self.generated = Generated::Unknown(why),
        }
        self.settle();
    }

    /// Which component is which old one, as far as the documents tell: the places before and now.
    pub(super) fn renames(&self) -> Vec<(String, String)> {
        let renamed = self
            .changes
            .iter()
            .filter(|change| change.rule == TYPE_NAME);
        renamed
            .filter_map(|change| {
                let place =
                    |name: &Value| Some(pointer::push("/components/schemas", name.as_str()?));
                Some((place(&change.before)?, place(&change.after)?))
            })
            .collect()
    }

    /// Puts moves down to changes. For each change it says which of them break code.
    pub(super) fn moved(&mut self, moves: Vec<Move>) -> Vec<Broken> {
        let (called, mut moves): (Vec<Move>, Vec<Move>) =
            moves.into_iter().partition(is_called_after_a_part);
        self.notes.extend(called_after_parts(&called));
        // A change's own items come before the types that only come and go with them, and breaks before gains.
        moves.sort_by_key(|one| (one.origin.follows.is_some(), std::cmp::Reverse(one.step)));
        let blamed = blame::blame(&moves, &self.changes);
        let mut broken: Vec<Broken> = self.changes.iter().map(|_| Broken::default()).collect();
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
                    broken[index].add(&one);
                }
            }
        }
        if let Some(change) = unexplained(&alone) {
            let mut own = Broken::default();
            for one in alone.iter().filter(|one| one.step == Rust::Major) {
                own.add(one);
            }
            broken.push(own);
            self.changes.push(change);
        }
        broken
    }
}

/// Reusable parts of a document that are no types, by the conventions: whether something stands in one says nothing.
const PARTS: &[&str] = &[
    "callbacks",
    "headers",
    "parameters",
    "pathItems",
    "requestBodies",
    "responses",
];

/// Whether a type is called otherwise because it stands in a reusable part, or did.
fn is_called_after_a_part(one: &Move) -> bool {
    let mut places = one.origin.old.iter().chain(&one.origin.new);
    let is_component = |place: &String| place.starts_with("/components/schemas/");
    if places.clone().any(is_component) {
        return false;
    }
    let is_in_part = |place: &String| {
        let rest = place.strip_prefix("/components/");
        let part = rest.and_then(|rest| rest.split('/').next());
        part.is_some_and(|part| PARTS.contains(&part))
    };
    one.lock.is_some() && places.any(is_in_part)
}

/// What this house's lowering makes of that, for those who use it.
fn called_after_parts(moves: &[Move]) -> Option<Note> {
    let first = moves.first()?;
    let (place, name) = first.lock.as_ref()?;
    let rest = match moves.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    Some(Note {
        about: "generated crate".to_owned(),
        pointer: format!("#{place}"),
        message: format!(
            "types that stand in reusable parts are called after those here: {}{rest}; a lock entry such as types.{place:?} = {name:?} keeps a name",
            first.text
        ),
    })
}

/// What a change breaks in code written against the old crate.
#[derive(Debug, Default)]
pub(super) struct Broken {
    /// The moves, a line each.
    pub(super) items: Vec<String>,
    /// The names that would have to be kept: a place and a name each.
    pub(super) names: Vec<(String, String)>,
}

impl Broken {
    fn add(&mut self, one: &Move) {
        self.items.push(one.text.clone());
        self.names.extend(one.lock.clone());
    }

    /// Whether names are all that it breaks.
    pub(super) fn is_of_names(&self) -> bool {
        !self.names.is_empty() && self.names.len() == self.items.len()
    }
}

/// The rule of components that are called otherwise.
pub(super) const TYPE_NAME: &str = "type-name";

/// Rules whose moves say more about the generator than about the API: it takes a list that is
/// written in one piece as text, and a body that may be left out as one that may not, while by the
/// conventions the argument stays a list, and is an option of the builder.
pub(super) const CONVENTIONS_DECIDE: &[&str] = &["parameter-style", "body-added"];

/// Items move for no change of their own where names collide, or where a schema is shared now.
pub(super) const UNEXPLAINED: &str = "rust-api";

/// One change for all public items that moved though nothing that was compared at them did.
fn unexplained(moves: &[Move]) -> Option<Change> {
    let step = moves.iter().map(|one| one.step).max()?;
    let worst: Vec<&Move> = moves.iter().filter(|one| one.step == step).collect();
    let first = worst.first()?;
    let places = first.origin.new.iter().chain(&first.origin.old);
    let pointer = places.map(|place| format!("#{place}")).next();
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
        remedy: None,
        remains: Vec::new(),
        before: Value::Null,
        after: Value::Null,
        witness: None,
        unknown: None,
        correction: None,
        accepted: None,
    })
}
