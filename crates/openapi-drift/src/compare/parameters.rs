//! Parameters and headers: which became which, whether they must be there, how they are written.

use serde_json::{Value, json};

use super::exams;
use super::fact::Fact;
use super::operations::{Comparison, Context, Notation, Place, Text};
use super::samples::Samples;
use crate::document::Style;
use crate::document::model::{Operation, Parameter};
use crate::pointer;
use crate::report::Direction;
use crate::rust_impact::Surface;
use crate::schema::{Arena, Kinds};
use crate::verdict::{Effect, Polarity, Tier};

impl Comparison<'_> {
    pub(super) fn parameters(&mut self, context: &Context, old: &Operation, new: &Operation) {
        let (old_names, new_names) = (old.path_names(), new.path_names());
        // A path parameter is known by its place in the path; its name is never sent.
        let key = |parameter: &Parameter, names: &[&str]| {
            let place = names.iter().position(|name| *name == parameter.name);
            match (parameter.location.as_str(), place) {
                ("path", Some(place)) => ("path".to_owned(), place.to_string()),
                _ => parameter.key(),
            }
        };
        let mut left: Vec<&Parameter> = Vec::new();
        let mut right: Vec<&Parameter> = new.parameters.iter().collect();
        for parameter in &old.parameters {
            let wanted = key(parameter, &old_names);
            match right
                .iter()
                .position(|other| key(other, &new_names) == wanted)
            {
                Some(index) => {
                    let other = right.remove(index);
                    self.parameter(context, parameter, other);
                }
                None => left.push(parameter),
            }
        }
        for parameter in left {
            // The same name elsewhere in the request is the same parameter, moved.
            match right.iter().position(|other| other.name == parameter.name) {
                Some(index) => {
                    let other = right.remove(index);
                    // Where it was, nobody reads it; where it is, it may be owed.
                    let effect = Effect {
                        narrows: other.required,
                        ..Effect::SILENT
                    };
                    let fact = Fact::new(
                        "parameter-moved",
                        parameter.name.clone(),
                        Tier::Shape,
                        effect,
                    )
                    .at(
                        pointer::push(&parameter.pointer, "in"),
                        pointer::push(&other.pointer, "in"),
                    )
                    .values(parameter.location.clone(), other.location.clone());
                    let exam = exams::taken_from(
                        &context.operation,
                        &parameter.name,
                        &parameter.location,
                        &other.location,
                    );
                    self.found(context, fact, Some(exam).filter(|_| effect.narrows));
                    self.parameter(context, parameter, other);
                }
                None => self.gone(context, parameter, new),
            }
        }
        for parameter in right {
            self.come(context, parameter, old);
        }
    }

    fn gone(&mut self, context: &Context, old: &Parameter, new: &Operation) {
        let effect = Effect {
            silent: true,
            ..Effect::NONE
        };
        let fact = Fact::new("parameter-removed", named(old), Tier::Shape, effect)
            .surface(Surface::Removed)
            .at(old.pointer.clone(), new.pointer.clone())
            .values(old.location.clone(), Value::Null);
        self.find(context, fact);
    }

    fn come(&mut self, context: &Context, new: &Parameter, old: &Operation) {
        let surface = if new.required {
            Surface::AddedRequired
        } else {
            Surface::Added
        };
        let fact = Fact::new(
            "parameter-added",
            named(new),
            Tier::Shape,
            Effect::new(new.required, false),
        )
        .surface(surface)
        .at(old.pointer.clone(), new.pointer.clone())
        .values(Value::Null, new.location.clone());
        let exam = exams::left_out(
            &context.operation,
            &new.location,
            &new.name,
            (false, new.required),
        );
        self.found(context, fact, Some(exam));
    }

    fn parameter(&mut self, context: &Context, old: &Parameter, new: &Parameter) {
        if old.name != new.name {
            let (rule, surface) = if new.location == "path" {
                ("path-parameter-name", Surface::Renamed)
            } else {
                ("header-name-case", Surface::Text)
            };
            let fact = Fact::new(rule, named(new), Tier::Same, Effect::NONE)
                .surface(surface)
                .at(
                    pointer::push(&old.pointer, "name"),
                    pointer::push(&new.pointer, "name"),
                )
                .values(old.name.clone(), new.name.clone());
            self.find(&context.aside(Direction::None), fact);
        }
        let place = Place::Parameter(new.location.clone(), new.name.clone());
        // Who is called reads what comes; only who calls has to give it.
        let presence = match context.polarity {
            Polarity::Sent => Tier::Shape,
            Polarity::Received => Tier::Value,
        };
        self.described(context, old, new, place, presence);
    }

    /// What parameters and headers have in common. `presence` says who notices when one is missing.
    pub(super) fn described(
        &mut self,
        context: &Context,
        old: &Parameter,
        new: &Parameter,
        place: Place,
        presence: Tier,
    ) {
        let header = presence == Tier::Value;
        let at = |key: &str| {
            (
                pointer::push(&old.pointer, key),
                pointer::push(&new.pointer, key),
            )
        };
        if old.required != new.required {
            let (left, right) = at("required");
            let surface = if header {
                Surface::Text
            } else {
                Surface::Presence(!old.required, !new.required)
            };
            let fact = Fact::new(
                "required",
                named(new),
                presence,
                Effect::new(new.required, old.required),
            )
            .surface(surface)
            .at(left, right)
            .values(old.required, new.required);
            let required = (old.required, new.required);
            let exam = exams::left_out(&context.operation, &new.location, &new.name, required);
            self.found(context, fact, Some(exam));
        }
        if old.deprecated != new.deprecated {
            let (left, right) = at("deprecated");
            let surface = if new.deprecated && !header {
                Surface::Deprecated
            } else {
                Surface::Text
            };
            let fact = Fact::new("deprecated", named(new), Tier::Notice, Effect::NONE)
                .surface(surface)
                .at(left, right)
                .values(old.deprecated, new.deprecated);
            self.find(&context.aside(Direction::None), fact);
        }
        self.written(context, old, new);
        let title = named(new);
        self.words(
            context,
            &title,
            (&old.pointer, &new.pointer),
            (&old.words, &new.words),
        );
        let before = self.roots.len();
        self.root(
            context,
            place,
            (old.schema.as_ref(), new.schema.as_ref()),
            (!old.required, !new.required),
        );
        if old.media.is_none() && new.media.is_none() {
            let kinds = self.kinds(context, old, new);
            for root in &mut self.roots[before..] {
                root.text = text((&old.style, kinds.0), (&new.style, kinds.1));
            }
        }
    }

    /// Which kinds of values a parameter has, on each side.
    fn kinds(&mut self, context: &Context, old: &Parameter, new: &Parameter) -> (Kinds, Kinds) {
        let pairs = self.pairs_mut(context.polarity);
        let kinds = |arena: &mut Arena<'_>, parameter: &Parameter| {
            let place = parameter.schema.as_ref();
            match place.and_then(|place| arena.place(place)) {
                Some(conj) => {
                    let node = arena.node(&conj);
                    arena.get(node).form.kinds()
                }
                None => Kinds(Kinds::ALL),
            }
        };
        (kinds(&mut pairs.old, old), kinds(&mut pairs.new, new))
    }

    /// How the value is written.
    fn written(&mut self, context: &Context, old: &Parameter, new: &Parameter) {
        let kinds = self.kinds(context, old, new);
        let either = Kinds(kinds.0.0 & kinds.1.0);
        let at = |key: &str| {
            (
                pointer::push(&old.pointer, key),
                pointer::push(&new.pointer, key),
            )
        };
        let (before, after) = (old.style.for_kinds(either), new.style.for_kinds(either));
        if old.media != new.media {
            let (left, right) = at("content");
            let value = |parameter: &Parameter| {
                parameter
                    .media
                    .as_deref()
                    .map(Value::from)
                    .unwrap_or_default()
            };
            // Numbers and flags are written alike in JSON and by the styles that put nothing in front.
            let spelled = Kinds::INTEGER | Kinds::FRACTION | Kinds::BOOLEAN;
            let json = |one: &Parameter| {
                one.media
                    .as_deref()
                    .is_none_or(|it| it == "application/json")
            };
            let bare = |one: &Parameter| {
                one.media.is_some() || matches!(one.style.style.as_str(), "form" | "simple")
            };
            let alike = either.0 & !spelled == 0
                && [old, new].into_iter().all(|one| json(one) && bare(one));
            let (tier, effect) = match alike {
                true => (Tier::Same, Effect::NONE),
                false => (Tier::Shape, Effect::BOTH),
            };
            let fact = Fact::new("parameter-style", named(new), tier, effect)
                .at(left, right)
                .values(value(old), value(new));
            let exam = exams::wrapped(&context.operation, (old, new), either);
            self.found(context, fact, exam.filter(|_| !alike));
        } else if old.media.is_none() && before != after && old.location == new.location {
            let key = if old.style.style == new.style.style {
                "explode"
            } else {
                "style"
            };
            let (left, right) = at(key);
            let value = |parameter: &Parameter| json!({"style": parameter.style.style, "explode": parameter.style.explode});
            let fact = Fact::new("parameter-style", named(new), Tier::Shape, Effect::BOTH)
                .at(left, right)
                .values(value(old), value(new));
            let pairs = self.pairs_mut(context.polarity);
            let place = old.schema.as_ref();
            let samples = match place.and_then(|place| pairs.old.place(place)) {
                Some(conj) => {
                    let node = pairs.old.node(&conj);
                    let form = pairs.old.get(node).form.clone();
                    Samples::of(&mut pairs.old, &form)
                }
                None => Samples::default(),
            };
            let exam = exams::written(
                &context.operation,
                &new.name,
                (&old.style, &new.style),
                either,
                &samples,
            );
            self.found(context, fact, exam);
        }
        if old.style.reserved != new.style.reserved {
            let (left, right) = at("allowReserved");
            let fact = Fact::new(
                "parameter-reserved",
                named(new),
                Tier::Meaning,
                Effect::NONE,
            )
            .at(left, right)
            .values(old.style.reserved, new.style.reserved);
            self.find(context, fact);
        }
        if old.style.empty != new.style.empty {
            let (left, right) = at("allowEmptyValue");
            let effect = Effect::new(old.style.empty, new.style.empty);
            let fact = Fact::new("parameter-empty", named(new), Tier::Value, effect)
                .at(left, right)
                .values(old.style.empty, new.style.empty);
            let exam = exams::bare(&context.operation, &new.name, old.style.empty);
            self.found(context, fact, Some(exam));
        }
    }
}

/// How the values of both sides are written, where that is one way. What has one value is written alike
/// in most styles, so it is written in the other side's.
fn text(old: (&Style, Kinds), new: (&Style, Kinds)) -> Option<Text> {
    let alike = |kinds| old.0.for_kinds(kinds) == new.0.for_kinds(kinds);
    let single = |kinds: Kinds| kinds.0 & (Kinds::ARRAY | Kinds::OBJECT) == 0;
    let style = match alike(Kinds(Kinds::ALL)) {
        true => return new.0.text(),
        false if !alike(Kinds(Kinds::STRING)) => return None,
        false if single(old.1) => new.0,
        false if single(new.1) => old.0,
        false => return None,
    };
    // Deep objects have no way to write a single value.
    style.text().filter(|text| text.notation != Notation::Deep)
}

/// For people: `query parameter limit`.
fn named(parameter: &Parameter) -> String {
    format!("{} parameter {}", parameter.location, parameter.name)
}
