//! The checks: every schema of the document against the type that was made of it.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;
use openapi_lower::{Direction, Document30, Loss, TypeOrigin, TypePart};
use serde_json::Value;

use crate::compare::{What, compare};
use crate::explain;
use crate::generate;
use crate::mutate::{self, Novelty};
use crate::pointer;
use crate::reach::Reach;
use crate::report::{Allowance, Difference, Explanation, Kind, Report};
use crate::shrink::shrink;
use crate::subject::{Recoded, Subject};
use crate::view::{View, Way};
use crate::{examples, shared};

/// Random instances of each schema, beside the systematic ones.
const RANDOM: usize = 24;
/// Instances of each schema that are mutated.
const MUTATED: usize = 40;

/// Holds `subjects`, the types that were generated from `lowered`, against `document`, from which that was lowered.
///
/// # Errors
/// When the document's schemas cannot be compiled into validators.
pub fn check(
    document: &Value,
    lowered: &Document30,
    losses: &[Loss],
    subjects: &[Subject],
) -> Result<Report, String> {
    let mut report = Report::default();
    let views = [
        View::new(document, Way::Request)?,
        View::new(document, Way::Response)?,
    ];
    let by_name: BTreeMap<&str, &Subject> = subjects
        .iter()
        .map(|subject| (subject.name(), subject))
        .collect();
    missing(lowered, &by_name, &mut report);
    report.extend(shared::schemas(document, lowered));
    let examples = examples::collect(document);
    for (name, origin) in lowered.types() {
        let Some(subject) = by_name.get(name.as_str()) else {
            continue;
        };
        report.counts.types += 1;
        let mut placed = false;
        for at in &origin.pointers {
            if document.pointer(at).is_none() {
                continue;
            }
            placed = true;
            for way in ways(origin) {
                if !speaks_for(lowered, origin, at, way) {
                    continue;
                }
                let view = &views[usize::from(way == Way::Response)];
                let case = match Case::new(view, losses, subject, at, way) {
                    Ok(case) => case,
                    Err(why) => {
                        report.add(plain(name, at, Kind::Untested, &why));
                        continue;
                    }
                };
                case.run(origin.part, &mut report);
                for (place, example) in examples
                    .iter()
                    .filter(|(_, _, schema)| schema == at)
                    .map(|(p, e, _)| (p, e))
                {
                    if case.validator.is_valid(example) {
                        report.counts.examples += 1;
                        case.comes_back(example, &mut report);
                    } else {
                        report
                            .notes
                            .push(format!("#{place}: the example is not valid under #{at}"));
                    }
                }
            }
        }
        if !placed {
            report.notes.push(format!(
                "{name}: made from {}, where the document has no schema; tried through the types that use it",
                origin.pointers.join(", ")
            ));
        }
    }
    report.notes.sort();
    report.notes.dedup();
    Ok(report)
}

/// A difference that no instance shows.
pub(crate) fn plain(name: &str, at: &str, kind: Kind, detail: &str) -> Difference {
    Difference {
        type_name: name.to_owned(),
        pointer: at.to_owned(),
        way: None,
        kind,
        instance: Value::Null,
        place: String::new(),
        detail: detail.to_owned(),
        count: 1,
        explanation: None,
    }
}

fn missing(lowered: &Document30, subjects: &BTreeMap<&str, &Subject>, report: &mut Report) {
    for (name, origin) in lowered.types() {
        if !subjects.contains_key(name.as_str()) {
            let at = origin.pointers.first().map_or("", String::as_str);
            report.add(plain(
                name,
                at,
                Kind::Missing,
                "no subject was given for it",
            ));
        }
    }
    for name in subjects
        .keys()
        .filter(|name| !lowered.types().contains_key(**name))
    {
        report.add(plain(
            name,
            "",
            Kind::Missing,
            "the lowered document has no type of this name",
        ));
    }
}

fn ways(origin: &TypeOrigin) -> Vec<Way> {
    match origin.direction {
        Direction::Request => vec![Way::Request],
        Direction::Response => vec![Way::Response],
        Direction::Both => vec![Way::Request, Way::Response],
    }
}

/// A closed part stands for its schema only in requests, and only where no type stands for all of it.
fn speaks_for(lowered: &Document30, origin: &TypeOrigin, at: &str, way: Way) -> bool {
    let whole = |other: &TypeOrigin| {
        other.part == TypePart::Whole
            && other.pointers.iter().any(|pointer| pointer == at)
            && ways(other).contains(&way)
    };
    origin.part == TypePart::Whole || (way == Way::Request && !lowered.types().values().any(whole))
}

/// One type against one schema, one way.
struct Case<'c> {
    view: &'c View,
    losses: &'c [Loss],
    subject: &'c Subject,
    at: &'c str,
    way: Way,
    validator: Validator,
}

impl<'c> Case<'c> {
    fn new(
        view: &'c View,
        losses: &'c [Loss],
        subject: &'c Subject,
        at: &'c str,
        way: Way,
    ) -> Result<Self, String> {
        Ok(Self {
            view,
            losses,
            subject,
            at,
            way,
            validator: view.validator(at)?,
        })
    }

    fn run(&self, part: TypePart, report: &mut Report) {
        let root = &self.view.root;
        let schema = root.pointer(self.at).unwrap_or(&Value::Null);
        let mut instances = generate::instances(root, schema, RANDOM, seed(self.at));
        instances.retain(|instance| self.validator.is_valid(instance));
        if instances.is_empty() {
            let mut untested = self.difference(
                Kind::Untested,
                &Value::Null,
                "",
                "no valid instance was found",
            );
            untested.explanation = explain::narrowing(self.losses, &BTreeSet::from([self.at]));
            report.add(untested);
        }
        for instance in &instances {
            report.counts.instances += 1;
            self.comes_back(instance, report);
        }
        match self.way {
            Way::Response if part == TypePart::Whole => {
                for instance in spread(&instances, MUTATED) {
                    self.takes_novelties(instance, report);
                }
            }
            Way::Response => {}
            Way::Request => {
                let derived = self.subject.derived();
                let mut doubtful =
                    generate::instances(derived, derived, RANDOM, seed(self.subject.name()));
                for instance in spread(&instances, MUTATED) {
                    doubtful.extend(mutate::faults(root, self.at, instance));
                }
                for value in doubtful {
                    report.counts.attempts += 1;
                    self.sends_what_is_valid(&value, report);
                }
            }
        }
    }

    /// A valid value decodes, is understood, and encodes to the same.
    fn comes_back(&self, sent: &Value, report: &mut Report) {
        let back = match self.subject.recode(sent) {
            Ok(back) => back,
            Err(message) => {
                let refused = |value: &Value| {
                    self.validator.is_valid(value) && self.subject.recode(value).is_err()
                };
                let small = shrink(sent, &refused);
                let message = self.subject.recode(&small).err().unwrap_or(message);
                let reach = Reach::of(&self.view.root, self.at, &small);
                let mut refused =
                    self.difference(Kind::Refused, &small, "", &without_position(&message));
                refused.explanation = explain::narrowing(self.losses, &reach.all());
                report.add(refused);
                return;
            }
        };
        let null_may_go = self.validator.is_valid(&back.json);
        for delta in compare(sent, &back.json) {
            match delta.what {
                What::NullGone if null_may_go => report.allow(Allowance::NullForAbsent),
                What::Spelling => report.allow(Allowance::NumberSpelling),
                what => {
                    let changed = |value: &Value| {
                        self.validator.is_valid(value) && self.alters(value, &delta.at, &what)
                    };
                    let small = shrink(sent, &changed);
                    report.add(self.changed(Kind::Changed, &small, &delta.at, &what));
                }
            }
        }
        if let Some(what) = self.misread(sent, &back) {
            let misread = |value: &Value| {
                self.validator.is_valid(value)
                    && self
                        .subject
                        .recode(value)
                        .is_ok_and(|back| self.misread(value, &back).is_some())
            };
            let small = shrink(sent, &misread);
            let what = self
                .subject
                .recode(&small)
                .ok()
                .and_then(|back| self.misread(&small, &back))
                .unwrap_or(what);
            let reach = Reach::of(&self.view.root, self.at, &small);
            let mut difference = self.difference(Kind::Misread, &small, "", &what);
            difference.explanation = explain::narrowing(self.losses, &reach.all());
            report.add(difference);
        }
    }

    fn alters(&self, value: &Value, at: &str, what: &What) -> bool {
        self.subject.recode(value).is_ok_and(|back| {
            compare(value, &back.json)
                .iter()
                .any(|delta| delta.at == at && delta.what == *what)
        })
    }

    /// What landed among the unknown although the document lists it.
    fn misread(&self, value: &Value, back: &Recoded) -> Option<String> {
        let root = &self.view.root;
        let reach = Reach::of(root, self.at, value);
        let listed = |text: &str| {
            reach
                .all()
                .into_iter()
                .filter_map(|schema| root.pointer(schema))
                .any(|schema| {
                    let values = schema.get("enum").and_then(Value::as_array);
                    values
                        .into_iter()
                        .flatten()
                        .chain(schema.get("const"))
                        .any(|value| value == text)
                })
        };
        back.unknown
            .iter()
            .find(|unknown| match serde_json::from_str::<String>(unknown) {
                // A string that the document does not list: it has an open list of its own.
                Ok(text) => listed(&text),
                Err(_) => true,
            })
            .map(|unknown| {
                format!(
                    "{} is not recognised",
                    unknown.chars().take(80).collect::<String>()
                )
            })
    }

    /// Fields may be ignored, members must be kept; nothing else may change.
    fn takes_novelties(&self, instance: &Value, report: &mut Report) {
        for (novelty, place, value) in mutate::novelties(&self.view.root, self.at, instance) {
            report.counts.novelties += 1;
            let back = match self.subject.recode(&value) {
                Ok(back) => back,
                Err(message) => {
                    let mut refused = self.difference(
                        Kind::NoveltyRefused,
                        &value,
                        &place,
                        &without_position(&message),
                    );
                    refused.explanation = self.narrowing_at(&value, &place);
                    report.add(refused);
                    continue;
                }
            };
            for delta in compare(&value, &back.json) {
                match delta.what {
                    What::NullGone => report.allow(Allowance::NullForAbsent),
                    What::Spelling => report.allow(Allowance::NumberSpelling),
                    What::Gone if novelty == Novelty::Field && delta.at == place => {
                        report.allow(Allowance::UnknownFieldIgnored);
                    }
                    what => {
                        report.add(self.changed(Kind::NoveltyChanged, &value, &delta.at, &what));
                    }
                }
            }
        }
    }

    /// Whatever a request type takes, it sends only what the document allows.
    fn sends_what_is_valid(&self, value: &Value, report: &mut Report) {
        let Ok(back) = self.subject.recode(value) else {
            return;
        };
        report.counts.sent += 1;
        for error in self.validator.iter_errors(&back.json) {
            match explain::widening(self.losses, &error) {
                Some(Explanation::Allowance(allowance)) => report.allow(allowance),
                explanation => {
                    let place = error.instance_path().as_str().to_owned();
                    let keyword = crate::view::location(&error).unwrap_or_default();
                    let detail = format!("the document says otherwise at #{keyword}");
                    let mut invented = self.difference(Kind::Invented, &back.json, &place, &detail);
                    invented.explanation = explanation;
                    report.add(invented);
                }
            }
        }
    }

    fn changed(&self, kind: Kind, value: &Value, place: &str, what: &What) -> Difference {
        let back = self
            .subject
            .recode(value)
            .map(|back| back.json)
            .unwrap_or_default();
        let text = |value: Option<&Value>| value.map_or("nothing".to_owned(), ToString::to_string);
        let detail = match what {
            What::NullGone => "null does not come back, and the document requires it".to_owned(),
            What::Gone => "does not come back".to_owned(),
            What::Added => format!("{} is added", text(back.pointer(place))),
            What::Spelling | What::Changed => {
                format!("comes back as {}", text(back.pointer(place)))
            }
        };
        let mut difference = self.difference(kind, value, place, &detail);
        difference.explanation = self.narrowing_at(value, place);
        difference
    }

    /// A loss at the schemas of a place, or of what it stands in.
    fn narrowing_at(&self, value: &Value, place: &str) -> Option<Explanation> {
        let reach = Reach::of(&self.view.root, self.at, value);
        let outer = pointer::split(place).map(|(outer, _)| outer);
        let schemas = reach
            .at(place)
            .chain(outer.into_iter().flat_map(|outer| reach.at(outer)))
            .collect();
        explain::narrowing(self.losses, &schemas)
    }

    fn difference(&self, kind: Kind, instance: &Value, place: &str, detail: &str) -> Difference {
        Difference {
            way: Some(self.way),
            instance: instance.clone(),
            place: place.to_owned(),
            ..plain(self.subject.name(), self.at, kind, detail)
        }
    }
}

/// At most `most` of `values`, evenly.
fn spread(values: &[Value], most: usize) -> impl Iterator<Item = &Value> {
    let step = values.len().div_ceil(most).max(1);
    values.iter().step_by(step)
}

/// A message of serde_json without the line and column, which differ from instance to instance.
fn without_position(message: &str) -> String {
    message
        .split(" at line ")
        .next()
        .unwrap_or(message)
        .to_owned()
}

/// FNV-1a: the same seed for the same name, on every machine.
fn seed(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
