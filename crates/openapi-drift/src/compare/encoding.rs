//! How the parts of a form are written: `encoding`, with its defaults filled in.

use std::collections::BTreeSet;

use serde_json::Value;

use super::exams;
use super::fact::Fact;
use super::operations::{Comparison, Context, Place};
use super::samples::Samples;
use crate::document::Style;
use crate::document::model::{Headers, Media};
use crate::pointer;
use crate::schema::{Child, Kinds, Str};
use crate::verdict::{Effect, Polarity, Tier};

/// What a part is when nobody says: by the kind of its schema.
const TEXT: &str = "text/plain";
const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";

/// How the values of a part are written. In multipart, from 3.1 on, this counts where it is said.
const WRITING: [&str; 3] = ["style", "explode", "allowReserved"];

impl Comparison<'_> {
    pub(super) fn encoding(&mut self, context: &Context, kind: &str, old: &Media, new: &Media) {
        if kind.starts_with("multipart/") {
            self.part_headers(context, old, new);
        }
        if old.encoding == new.encoding {
            return;
        }
        let parts: BTreeSet<&String> = [old, new]
            .into_iter()
            .filter_map(|media| media.encoding.as_object())
            .flat_map(|parts| parts.keys())
            .collect();
        for part in parts {
            let (before, after) = (&old.encoding[part.as_str()], &new.encoding[part.as_str()]);
            if before == after {
                continue;
            }
            let kinds = Kinds(
                self.part_kinds(context.polarity, old, true, part).0
                    | self.part_kinds(context.polarity, new, false, part).0,
            );
            let place = |media: &Media| pointer::join(&media.pointer, &["encoding", part]);
            let fact = |tier, effect| {
                Fact::new("encoding", format!("part {part} of {kind}"), tier, effect)
                    .at(place(old), place(new))
                    .values(before.clone(), after.clone())
            };
            let (fact, exam) = if kind.starts_with("multipart/") {
                let (left, right) = (types(before, kinds), types(after, kinds));
                let gone = left.iter().find(|one| !right.contains(*one));
                let come = right.iter().find(|one| !left.contains(*one));
                let telling = match context.polarity {
                    Polarity::Sent => gone,
                    Polarity::Received => come,
                };
                let exam = telling.or(gone).or(come).map(|telling| {
                    let list = |all: &'_ BTreeSet<String>| all.iter().cloned().collect::<Vec<_>>();
                    let (left, right) = (list(&left), list(&right));
                    let (left, right): (Vec<&str>, Vec<&str>) = (
                        left.iter().map(String::as_str).collect(),
                        right.iter().map(String::as_str).collect(),
                    );
                    exams::listed(
                        &context.operation,
                        &format!("part {part}"),
                        telling,
                        &left,
                        &right,
                    )
                });
                let effect = Effect::new(gone.is_some(), come.is_some());
                let restyled = WRITING.iter().any(|key| before[*key] != after[*key]);
                match restyled && effect == Effect::NONE {
                    true => (fact(Tier::Meaning, effect), None),
                    false => (fact(Tier::Shape, effect), exam),
                }
            } else if kind == "application/x-www-form-urlencoded" {
                let (left, right) = (Style::of_part(before), Style::of_part(after));
                if left.for_kinds(kinds) == right.for_kinds(kinds) {
                    let tier = match left.reserved == right.reserved {
                        true => Tier::Same,
                        false => Tier::Meaning,
                    };
                    (fact(tier, Effect::NONE), None)
                } else {
                    let exam = exams::written(
                        &context.operation,
                        part,
                        (&left, &right),
                        kinds,
                        &Samples::default(),
                    );
                    (fact(Tier::Shape, Effect::BOTH), exam)
                }
            } else {
                // Elsewhere the standard ignores it.
                (fact(Tier::Words, Effect::NONE), None)
            };
            let told = matches!(fact.tier, Tier::Words | Tier::Meaning);
            if fact.effect == Effect::NONE && !told {
                continue;
            }
            self.found(context, fact, exam);
        }
    }

    /// The headers of each part.
    fn part_headers(&mut self, context: &Context, old: &Media, new: &Media) {
        let none = Headers::new();
        let parts: BTreeSet<&String> = old.parts.keys().chain(new.parts.keys()).collect();
        for part in parts {
            let place = |media: &Media| {
                let own = pointer::join(&media.pointer, &["encoding", part]);
                match media.encoding.get(part) {
                    Some(_) => own,
                    None => media.pointer.clone(),
                }
            };
            let (left, right) = (place(old), place(new));
            let pair = (
                old.parts.get(part).unwrap_or(&none),
                new.parts.get(part).unwrap_or(&none),
            );
            self.headers(context, (&left, &right), pair, |name| {
                Place::PartHeader(part.clone(), name.to_owned())
            });
        }
    }

    /// The kinds of values that a part has.
    fn part_kinds(&mut self, polarity: Polarity, media: &Media, old: bool, part: &str) -> Kinds {
        let pairs = self.pairs_mut(polarity);
        let arena = if old { &mut pairs.old } else { &mut pairs.new };
        let Some(conj) = media.schema.as_ref().and_then(|place| arena.place(place)) else {
            return Kinds(0);
        };
        let node = arena.node(&conj);
        let objects = &arena.get(node).form.objects;
        let child = objects
            .iter()
            .find_map(|object| object.properties.get(part));
        let Some(Child::All(conj)) = child.cloned() else {
            return Kinds(0);
        };
        let node = arena.node(&conj);
        let form = &arena.get(node).form;
        let binary = |one: &Str| one.format.as_deref() == Some("binary");
        if form.strings.iter().any(binary) {
            return Kinds(0);
        }
        form.kinds()
    }
}

/// The media types that a part may have.
fn types(encoding: &Value, kinds: Kinds) -> BTreeSet<String> {
    let said = encoding.get("contentType").and_then(Value::as_str);
    let default = if kinds.0 & (Kinds::OBJECT | Kinds::ARRAY) != 0 {
        JSON
    } else if kinds.0 != 0 {
        TEXT
    } else {
        BYTES
    };
    let listed = said.unwrap_or(default).split(',');
    listed.map(|one| one.trim().to_lowercase()).collect()
}
