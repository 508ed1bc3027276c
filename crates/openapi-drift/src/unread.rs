//! What it means that a keyword changed which nobody could use before, or can't now. Read as if it said nothing, its repair would
//! pass for a new demand; so it is said that nobody knows, unless both sides plainly mean the same.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use crate::compare::Comparison;
use crate::compare::fact::Fact;
use crate::document::{Document, Unusable};
use crate::gather::Cause;
use crate::pointer;
use crate::report::Note;
use crate::schema::Arena;
use crate::verdict::{Effect, Polarity, Tier};

/// The unusable places of both documents.
pub(crate) struct Unread<'d> {
    old: &'d Document,
    new: &'d Document,
}

impl<'d> Unread<'d> {
    pub(crate) fn new(old: &'d Document, new: &'d Document) -> Self {
        Self { old, new }
    }

    /// Says of a fact at such a place what is known of it.
    pub(crate) fn weigh(&self, fact: &mut Fact, polarity: Polarity) {
        let at = |document: &'d Document, place: &Option<String>| {
            document
                .unusable()
                .get(&document.written(place.as_deref()?))
        };
        let (before, after) = (at(self.old, &fact.old), at(self.new, &fact.new));
        if before.is_none() && after.is_none() {
            return;
        }
        let said =
            |document: &Document, unusable: Option<&Unusable>, own: &Option<String>| match unusable
            {
                Some(unusable) => unusable.reading.clone(),
                None => Some(usable(document.view(polarity), own.as_deref()?, fact)),
            };
        let same = said(self.old, before, &fact.old)
            .is_some_and(|meant| Some(meant) == said(self.new, after, &fact.new));
        let mut why = Vec::new();
        for (side, unusable) in [("old", before), ("new", after)] {
            if let Some(unusable) = unusable {
                why.push(format!(
                    "what the {side} document says there, {}, {}",
                    shown(&unusable.value),
                    unusable.why
                ));
            }
        }
        let why = why.join("; ");
        if let Some(unusable) = before {
            fact.before = unusable.value.clone();
        }
        if let Some(unusable) = after {
            fact.after = unusable.value.clone();
        }
        if same {
            fact.tier = Tier::Same;
            fact.effect = Effect::NONE;
            fact.unread = Some(format!("{why}; the other one means the same"));
        } else {
            fact.tier = fact.tier.max(Tier::Value);
            if fact.rule != "unusable" {
                fact.effect = Effect::BOTH;
            }
            fact.unread = Some(format!("{why}, so what changes is not known"));
        }
    }

    /// Leaves out that a keyword can't be used where another finding says it.
    pub(crate) fn once(&self, mut causes: Vec<Cause>) -> Vec<Cause> {
        if self.old.unusable().is_empty() && self.new.unusable().is_empty() {
            return causes;
        }
        let said: HashSet<String> = causes
            .iter()
            .filter(|cause| cause.fact.rule != "unusable" && cause.fact.unread.is_some())
            .flat_map(|cause| {
                let (old, new) = (cause.fact.old.iter(), cause.fact.new.iter());
                let old = old.filter(|place| self.old.unusable().contains_key(*place));
                let new = new.filter(|place| self.new.unusable().contains_key(*place));
                old.map(|place| format!("old {place}"))
                    .chain(new.map(|place| format!("new {place}")))
            })
            .collect();
        causes.retain(|cause| {
            let told = |side: &str, place: &Option<String>| {
                place
                    .as_ref()
                    .is_some_and(|place| said.contains(&format!("{side} {place}")))
            };
            cause.fact.rule != "unusable"
                || !(told("old", &cause.fact.old) || told("new", &cause.fact.new))
        });
        causes
    }
}

/// What a document says at the place of a fact. What is owed is said beside the members.
fn usable(view: &Value, place: &str, fact: &Fact) -> Value {
    let place = match (fact.rule, place.rsplit_once("/properties/")) {
        ("required", Some((schema, _))) => pointer::push(schema, "required"),
        ("unusable", _) => return Value::Null,
        _ => place.to_owned(),
    };
    let said = pointer::lookup(view, &place);
    // Where nothing is said, the place is that of the schema, which would have to say it.
    let keyword = pointer::last(&place);
    let schema = matches!(said, Some(Value::Object(_)) if keyword != "properties");
    said.filter(|_| !schema).cloned().unwrap_or_default()
}

/// A value as JSON, which tells the text "5" from the number.
fn shown(value: &Value) -> String {
    const MOST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Everything unusable, and all that contradicts itself, for the report.
pub(crate) fn notes(comparison: &Comparison<'_>, old: &Document, new: &Document) -> Vec<Note> {
    let unusable = |document: &Document| -> BTreeMap<String, String> {
        let said = |unusable: &Unusable| {
            format!("{} {} and is ignored", shown(&unusable.value), unusable.why)
        };
        document
            .unusable()
            .iter()
            .map(|(place, one)| (place.clone(), said(one)))
            .collect()
    };
    let (mut before, mut after) = (unusable(old), unusable(new));
    for pairs in [Some(&comparison.sent), comparison.received.as_ref()]
        .into_iter()
        .flatten()
    {
        let found = |document: &Document, arena: &Arena<'_>| -> Vec<(String, String)> {
            let found = arena.contradictions().found.iter();
            let written = found.map(|(place, why)| (document.written(place), why.clone()));
            written.collect()
        };
        before.extend(found(old, &pairs.old));
        after.extend(found(new, &pairs.new));
    }
    let note = |about: &str, (place, message): (&String, &String)| Note {
        about: about.to_owned(),
        pointer: place.clone(),
        message: message.clone(),
    };
    let same = |all: &BTreeMap<String, String>, (place, one): &(&String, &String)| {
        all.get(*place).is_some_and(|other| other == *one)
    };
    let mut notes = Vec::new();
    for one in &before {
        let about = if same(&after, &one) {
            "both documents"
        } else {
            "old document"
        };
        notes.push(note(about, one));
    }
    let only = after.iter().filter(|one| !same(&before, one));
    notes.extend(only.map(|one| note("new document", one)));
    notes
}
