//! Schemas that contradict themselves: a closed base and an extension that owes what the base does not let in, two kinds at
//! once, a least length above the most. No message can show what changes in them, so that each is said by name, and what is
//! plainly meant is read where it is plain.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use super::form::{Form, Obj};
use super::{Arena, RawId};
use crate::document::UNUSABLE;
use crate::pointer;

/// What was found in one reading of a document.
#[derive(Debug, Default)]
pub(crate) struct Contradictions {
    /// What is wrong, as the rest of a sentence, by the place of the schema.
    pub(crate) found: BTreeMap<String, String>,
    /// The closed schemas that are read as if they let in what is owed beside them.
    pub(crate) opened: BTreeSet<String>,
}

/// Larger schemas are not told apart by all that they say.
const MAX_SAID: usize = 2_000;

/// The keywords that close an object.
pub(crate) const CLOSED: [&str; 2] = ["additionalProperties", "unevaluatedProperties"];

impl Arena<'_> {
    pub(crate) fn contradictions(&self) -> &Contradictions {
        &self.contradictions
    }

    /// Notes what is wrong with a form that was made from these parts, where none of them has it already.
    pub(super) fn contradicted(&mut self, raws: &[RawId], parts: &[Rc<Form>], form: &mut Form) {
        let Some(first) = raws.first() else { return };
        let together = match raws.get(1) {
            Some(other) => format!(" together with {}", self.pointer(*other)),
            None => String::new(),
        };
        let place = self.pointer(*first).to_owned();
        if form.is_never() {
            // What says so in so many words is meant.
            if !parts.iter().any(|part| part.is_never()) {
                form.dead = raws.to_vec();
                let why = format!(
                    "{together} admits no value, since what it demands contradicts itself: what changes in it can't be judged"
                );
                self.note(place, &why);
            }
            return;
        }
        let fresh = !parts.iter().any(|part| part.is_opened());
        for object in form.objects.iter().filter(|one| one.meta.opened) {
            let closed = object
                .meta
                .sources
                .iter()
                .filter(|raw| self.is_closed(**raw));
            let closed: Vec<String> = closed.map(|raw| self.pointer(*raw).to_owned()).collect();
            self.contradictions.opened.extend(closed);
            if let Some((closed, names)) = self.owed(object).filter(|_| fresh) {
                let why = format!(
                    "{together} admits no object, since it owes {names} and {closed} lets in no such members: it is compared as if these were let in"
                );
                self.note(place.clone(), &why);
            }
        }
        let known = |name: &Rc<str>| {
            let objects = parts.iter().flat_map(|part| &part.objects);
            objects.clone().any(|one| one.shut.contains_key(name))
        };
        for object in &form.objects {
            let names: Vec<&str> = object
                .shut
                .keys()
                .filter(|name| !known(name))
                .map(AsRef::as_ref)
                .collect();
            let closed = object.meta.sources.iter().find(|raw| self.is_closed(**raw));
            if let (false, Some(closed)) = (names.is_empty(), closed) {
                let closed = self.pointer(*closed);
                let why = format!(
                    "{together} never holds {}, which {closed} does not let in",
                    names.join(", ")
                );
                self.note(place.clone(), &why);
            }
        }
    }

    fn note(&mut self, place: String, why: &str) {
        let why = why.trim_start().to_owned();
        self.contradictions.found.entry(place).or_insert(why);
    }

    fn is_closed(&self, raw: RawId) -> bool {
        CLOSED
            .iter()
            .any(|keyword| self.raw(raw).get(keyword) == Some(&Value::Bool(false)))
    }

    /// The closed schema that does not let in what an object owes, and what that is.
    fn owed(&self, object: &Obj) -> Option<(String, String)> {
        let closed = object
            .meta
            .sources
            .iter()
            .filter(|raw| self.is_closed(**raw));
        closed
            .map(|raw| {
                let declared = self.raw(*raw).get("properties");
                let missing = object
                    .required
                    .iter()
                    .filter(|name| declared.and_then(|all| all.get(name.as_ref())).is_none());
                let names: Vec<&str> = missing.map(AsRef::as_ref).collect();
                (self.pointer(*raw).to_owned(), names.join(", "))
            })
            .find(|(_, names)| !names.is_empty())
    }

    /// All that these schemas demand, as text: for what nothing else tells apart.
    pub(crate) fn said(&self, raws: &[RawId]) -> Vec<String> {
        let mut all: Vec<String> = raws
            .iter()
            .map(|raw| {
                let mut said = String::new();
                let mut fuel = MAX_SAID;
                self.say(self.raw(*raw), &mut Vec::new(), &mut fuel, &mut said);
                said
            })
            .collect();
        all.sort();
        all
    }

    fn say<'v>(
        &'v self,
        value: &'v Value,
        seen: &mut Vec<&'v str>,
        fuel: &mut usize,
        said: &mut String,
    ) {
        let Some(rest) = fuel.checked_sub(1) else {
            return;
        };
        *fuel = rest;
        match value {
            Value::Object(map) => {
                said.push('{');
                let reference = map.get("$ref").and_then(Value::as_str);
                for (key, member) in map {
                    let word = matches!(
                        key.as_str(),
                        "description" | "title" | "examples" | "$comment" | "$ref" | UNUSABLE
                    ) && !member.is_object();
                    if !word {
                        said.push_str(key);
                        self.say(member, seen, fuel, said);
                    }
                }
                if let Some(reference) = reference {
                    match pointer::lookup(self.root, reference)
                        .filter(|_| !seen.contains(&reference))
                    {
                        Some(target) => {
                            seen.push(reference);
                            self.say(target, seen, fuel, said);
                            seen.pop();
                        }
                        None => said.push_str(reference),
                    }
                }
                said.push('}');
            }
            Value::Array(items) => {
                said.push('[');
                for item in items {
                    self.say(item, seen, fuel, said);
                    said.push(',');
                }
                said.push(']');
            }
            other => said.push_str(&other.to_string()),
        }
    }
}
