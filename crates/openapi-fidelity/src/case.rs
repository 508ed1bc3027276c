//! One type against one schema, one way: what goes through, what comes back, what is sent.

use jsonschema::Validator;
use openapi_lower::{Loss, TypePart};
use serde_json::Value;

use crate::compare::{What, compare};
use crate::explain;
use crate::generate;
use crate::mutate;
use crate::pointer;
use crate::reach::Reach;
use crate::report::{Allowance, Difference, Kind, Report};
use crate::shrink::shrink;
use crate::subject::{Recoded, Subject};
use crate::view::{View, Way};

/// Random instances of each schema, beside the systematic ones.
const RANDOM: usize = 24;
/// Instances of each schema that are mutated.
const MUTATED: usize = 40;

/// One type against one schema, one way.
pub(crate) struct Case<'c> {
    view: &'c View,
    losses: &'c [Loss],
    subject: &'c Subject,
    at: &'c str,
    way: Way,
    null_at_use: bool,
    validator: Validator,
}

impl<'c> Case<'c> {
    /// `null_at_use` says that the lowered document makes the type nullable where it uses it.
    pub(crate) fn new(
        view: &'c View,
        losses: &'c [Loss],
        subject: &'c Subject,
        at: &'c str,
        way: Way,
        null_at_use: bool,
    ) -> Result<Self, String> {
        let validator = view.validator(at)?;
        Ok(Self {
            view,
            losses,
            subject,
            at,
            way,
            null_at_use,
            validator,
        })
    }

    /// Tries everything that can be made from the schema and from the type.
    pub(crate) fn run(&self, part: TypePart, report: &mut Report) {
        let root = &self.view.root;
        let schema = root.pointer(self.at).unwrap_or(&Value::Null);
        let mut instances = generate::instances(root, schema, RANDOM, seed(self.at));
        instances.retain(|instance| self.validator.is_valid(instance));
        if instances.is_empty() {
            let detail = "no valid instance was found";
            report.add(self.difference(Kind::Untested, &Value::Null, "", detail));
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

    /// An example is an instance like any other, if its own schema allows it.
    pub(crate) fn try_example(&self, place: &str, example: &Value, report: &mut Report) {
        if self.validator.is_valid(example) {
            report.counts.examples += 1;
            self.comes_back(example, report);
        } else {
            report.notes.push(format!(
                "#{place}: the example is not valid under #{}",
                self.at
            ));
        }
    }

    /// A valid value decodes, is understood, and encodes to the same.
    fn comes_back(&self, sent: &Value, report: &mut Report) {
        let back = match self.subject.recode(sent) {
            Ok(back) => back,
            Err(_) if sent.is_null() && self.null_at_use => {
                report.allow(Allowance::NullAtUse);
                return;
            }
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

    /// Whatever is new comes back, and nothing else changes.
    fn takes_novelties(&self, instance: &Value, report: &mut Report) {
        for (place, value) in mutate::novelties(&self.view.root, self.at, instance) {
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
            let place = error.instance_path().as_str();
            let keyword = crate::view::location(&error).unwrap_or_default();
            let detail = format!("the document says otherwise at #{keyword}");
            let mut invented = self.difference(Kind::Invented, &back.json, place, &detail);
            invented.explanation = explain::widening(self.losses, &error);
            report.add(invented);
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
    fn narrowing_at(&self, value: &Value, place: &str) -> Option<Loss> {
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
            ..crate::check::plain(self.subject.name(), self.at, kind, detail)
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
