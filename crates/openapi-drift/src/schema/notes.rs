//! What a schema says about itself without constraining anything: words, defaults, deprecation.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Arena, Conj, RawId};
use crate::document::{IDENTITY, IGNORED, MEANT, NULL_LEFT_OUT, TAGGED, UNUSABLE, WIDTH, WRAPPED};
use crate::pointer;

/// A said thing, and the raw schema that says it.
type Said = (Value, RawId);

/// The notes of one place; of several schemas there, the outermost that speaks is heard.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notes {
    pub(crate) default: Option<Said>,
    pub(crate) deprecated: Option<RawId>,
    pub(crate) read_only: Option<RawId>,
    pub(crate) write_only: Option<RawId>,
    /// Title, description, examples, extensions and other keywords that no rule reads.
    pub(crate) words: BTreeMap<String, Said>,
    /// What is said in a form that nobody can use, by keyword.
    pub(crate) unusable: BTreeMap<String, Said>,
    /// An `enum` leaves out the null that its type admits.
    pub(crate) null_left_out: bool,
    /// The tag of a union, if it names one.
    pub(crate) tag: Option<Said>,
    /// The tags of the schemas that extend this one, if it maps them.
    pub(crate) heirs: Option<Said>,
}

/// Keywords that the normal form or the notes read otherwise.
const READ: [&str; 50] = [
    "$ref",
    "$anchor",
    "$dynamicRef",
    "type",
    "enum",
    "const",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "required",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "items",
    "prefixItems",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "format",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "discriminator",
    "$defs",
    "definitions",
];

impl Arena<'_> {
    pub(super) fn notes(&mut self, conj: &Conj) -> Notes {
        let mut notes = Notes::default();
        for raw in self.speakers(conj) {
            let Some(map) = self.raw(raw).as_object() else {
                continue;
            };
            for (key, value) in map {
                match key.as_str() {
                    // A null default says no more than leaving it out.
                    "default" if !value.is_null() => {
                        notes.default.get_or_insert_with(|| (value.clone(), raw));
                    }
                    "deprecated" if value == &Value::Bool(true) => {
                        notes.deprecated.get_or_insert(raw);
                    }
                    "readOnly" if value == &Value::Bool(true) => {
                        notes.read_only.get_or_insert(raw);
                    }
                    "writeOnly" if value == &Value::Bool(true) => {
                        notes.write_only.get_or_insert(raw);
                    }
                    "discriminator" => {
                        if let Some(tag) = value.get("propertyName") {
                            notes.tag.get_or_insert_with(|| (tag.clone(), raw));
                        }
                        let union = map.contains_key("oneOf") || map.contains_key("anyOf");
                        let tags = value.get("mapping").and_then(Value::as_object);
                        if let Some(tags) = tags.filter(|tags| !union && !tags.is_empty()) {
                            let tags: BTreeSet<&String> = tags.keys().collect();
                            let tags = tags.into_iter().map(|tag| Value::from(tag.as_str()));
                            notes
                                .heirs
                                .get_or_insert_with(|| (tags.collect::<Value>(), raw));
                        }
                    }
                    UNUSABLE => {
                        for (key, value) in value.as_object().into_iter().flatten() {
                            let said = (value.clone(), raw);
                            notes.unusable.entry(key.clone()).or_insert(said);
                        }
                    }
                    IGNORED => {
                        for (key, value) in value.as_object().into_iter().flatten() {
                            let said = (value.clone(), raw);
                            let key = format!("{key} beside $ref");
                            notes.words.entry(key).or_insert(said);
                        }
                    }
                    IDENTITY => {
                        let said = (value.clone(), raw);
                        notes.words.entry("$id".to_owned()).or_insert(said);
                    }
                    TAGGED | WIDTH | MEANT | WRAPPED => {}
                    NULL_LEFT_OUT => notes.null_left_out = true,
                    key if READ.contains(&key) && !is_idle(key, map) => {}
                    key => {
                        notes
                            .words
                            .entry(key.to_owned())
                            .or_insert_with(|| (value.clone(), raw));
                    }
                }
            }
        }
        notes
    }

    /// The words of one alternative of a union.
    pub(crate) fn words_of(&mut self, sources: &[RawId]) -> Notes {
        self.notes(&Conj::from(sources))
    }

    /// The schemas that speak for a place, outermost first: its own, those they refer to or merge,
    /// and a union's only branch besides null.
    fn speakers(&mut self, conj: &Conj) -> Vec<RawId> {
        let mut heard = Vec::new();
        let mut open: Vec<RawId> = conj.iter().rev().copied().collect();
        while let Some(raw) = open.pop() {
            if heard.contains(&raw) || heard.len() > 64 {
                continue;
            }
            heard.push(raw);
            let Some(map) = self.raw(raw).as_object() else {
                continue;
            };
            let base = self.pointer(raw).to_owned();
            let mut next = Vec::new();
            if let Some(target) = map.get("$ref").and_then(Value::as_str) {
                next.extend(self.target(target));
            }
            for key in ["allOf", "anyOf", "oneOf"] {
                let Some(members) = map.get(key).and_then(Value::as_array) else {
                    continue;
                };
                let said: Vec<_> = members
                    .iter()
                    .enumerate()
                    .filter(|(_, member)| {
                        member.get("type").and_then(Value::as_str) != Some("null")
                    })
                    .collect();
                if key == "allOf" || said.len() == 1 {
                    for (index, member) in said {
                        let place = pointer::join(&base, &[key, &index.to_string()]);
                        next.push(self.intern(&place, member));
                    }
                }
            }
            open.extend(next.into_iter().rev());
        }
        heard
    }
}

/// Whether a condition asks for nothing: one without a consequence, or a consequence of nothing.
fn is_idle(keyword: &str, map: &Map<String, Value>) -> bool {
    match keyword {
        "if" => !map.contains_key("then") && !map.contains_key("else"),
        "then" | "else" => !map.contains_key("if"),
        _ => false,
    }
}
