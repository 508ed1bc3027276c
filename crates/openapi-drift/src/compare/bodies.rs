//! Request bodies and responses: media types, statuses, links. Their headers and the parts of forms are with others.

use std::collections::BTreeMap;

use serde_json::Value;

use super::exams;
use super::fact::Fact;
use super::operations::{Comparison, Context, Place};
use crate::document::model::{Body, Media, Operation, Response};
use crate::pointer;
use crate::report::Direction;
use crate::rust_impact::Surface;
use crate::verdict::{Effect, Polarity, Tier};
use crate::witness::Exam;

impl Comparison<'_> {
    pub(super) fn body(&mut self, context: &Context, old: &Operation, new: &Operation) {
        match (&old.body, &new.body) {
            (None, None) => {}
            (Some(body), None) => {
                let fact = Fact::new(
                    "body-removed",
                    "request body",
                    Tier::Shape,
                    Effect {
                        silent: true,
                        widens: body.required,
                        ..Effect::NONE
                    },
                )
                .surface(Surface::Removed)
                .at(body.pointer.clone(), new.pointer.clone())
                .values(true, false);
                self.find(context, fact);
            }
            (None, Some(body)) => {
                let surface = if body.required {
                    Surface::AddedRequired
                } else {
                    Surface::Added
                };
                let fact = Fact::new(
                    "body-added",
                    "request body",
                    Tier::Shape,
                    Effect::new(body.required, false),
                )
                .surface(surface)
                .at(old.pointer.clone(), body.pointer.clone())
                .values(false, true);
                let required = (false, body.required);
                let exam = exams::left_out(&context.operation, "message", "body", required);
                self.found(context, fact, Some(exam));
            }
            (Some(before), Some(after)) => self.bodies(context, before, after),
        }
    }

    fn bodies(&mut self, context: &Context, old: &Body, new: &Body) {
        if old.required != new.required {
            let fact = Fact::new(
                "required",
                "request body",
                Tier::Shape,
                Effect::new(new.required, old.required),
            )
            .surface(Surface::Presence(!old.required, !new.required))
            .at(
                pointer::push(&old.pointer, "required"),
                pointer::push(&new.pointer, "required"),
            )
            .values(old.required, new.required);
            let required = (old.required, new.required);
            let exam = exams::left_out(&context.operation, "message", "body", required);
            self.found(context, fact, Some(exam));
        }
        self.words(
            context,
            "request body",
            (&old.pointer, &new.pointer),
            (&old.words, &new.words),
        );
        let places = (old.pointer.as_str(), new.pointer.as_str());
        self.content(context, places, (&old.content, &new.content), |media| {
            Place::Body(media.to_owned())
        });
    }

    fn content(
        &mut self,
        context: &Context,
        (old_place, new_place): (&str, &str),
        (old, new): (&BTreeMap<String, Media>, &BTreeMap<String, Media>),
        place: impl Fn(&str) -> Place,
    ) {
        let gone: Vec<&String> = old.keys().filter(|kind| !admits(new, kind)).collect();
        let come: Vec<&String> = new.keys().filter(|kind| !admits(old, kind)).collect();
        let at = |base: &str, kind: &str| pointer::join(base, &["content", kind]);
        // Where one is missing; a body without any has no list of them.
        let none = |base: &str, all: &BTreeMap<String, Media>| match all.is_empty() {
            true => base.to_owned(),
            false => pointer::push(base, "content"),
        };
        let received = context.polarity == Polarity::Received;
        for kind in &gone {
            // A reader asks for what it can read; a kind that is no longer offered can't be had. Of a range
            // it could not know which.
            let is_named = new.keys().any(|one| is_under(one, kind));
            let effect = Effect::new(true, received && !is_named);
            let surface = if new.is_empty() {
                Surface::Retyped
            } else {
                Surface::Removed
            };
            let fact = Fact::new("media-type-removed", kind.as_str(), Tier::Shape, effect)
                .surface(surface)
                .at(at(old_place, kind), none(new_place, new))
                .values(kind.as_str(), Value::Null);
            let (before, after) = (exams::kinds(old), exams::kinds(new));
            let one = one_of(kind, new);
            let exam = exams::listed(&context.operation, "content-type", &one, &before, &after);
            self.found(context, fact, Some(exam));
        }
        for kind in &come {
            // What a reader did not ask for it does not get, unless what it asked for may be any other now.
            let is_lost = old
                .keys()
                .any(|one| is_under(one, kind) && !new.contains_key(one));
            let effect = Effect::new(false, !received || is_lost);
            let opaque =
                matches!(place(kind), Place::Response(status, _) if !Response::is_success(&status));
            let surface = match old.is_empty() && received {
                // Callers see one opaque error, whatever it carries.
                true if opaque => Surface::Text,
                true => Surface::Retyped,
                false => Surface::Added,
            };
            let fact = Fact::new("media-type-added", kind.as_str(), Tier::Shape, effect)
                .surface(surface)
                .at(none(old_place, old), at(new_place, kind))
                .values(Value::Null, kind.as_str());
            let (before, after) = (exams::kinds(old), exams::kinds(new));
            let one = one_of(kind, old);
            let exam = exams::listed(&context.operation, "content-type", &one, &before, &after);
            self.found(context, fact, Some(exam));
        }
        let met = old.iter().flat_map(|(kind, before)| {
            let heir = new.get(kind).or_else(|| covering(new, kind));
            let part = new
                .iter()
                .filter(|(one, _)| is_under(one, kind) && !old.contains_key(*one));
            let heirs: Vec<&Media> = match heir {
                Some(heir) => vec![heir],
                None => part.map(|(_, media)| media).collect(),
            };
            heirs.into_iter().map(move |after| (kind, before, after))
        });
        for (kind, before, after) in met {
            self.words(
                context,
                kind,
                (&before.pointer, &after.pointer),
                (&before.words, &after.words),
            );
            self.encoding(context, kind, before, after);
            self.root(
                context,
                place(kind),
                (before.schema.as_ref(), after.schema.as_ref()),
                (false, false),
            );
        }
    }

    pub(super) fn responses(&mut self, context: &Context, old: &Operation, new: &Operation) {
        let mut gone: Vec<&String> = old
            .responses
            .keys()
            .filter(|status| !new.responses.contains_key(*status))
            .collect();
        let mut come: Vec<&String> = new
            .responses
            .keys()
            .filter(|status| !old.responses.contains_key(*status))
            .collect();
        let success = |list: &[&String]| -> Vec<String> {
            list.iter()
                .filter(|status| Response::is_success(status))
                .map(|status| (*status).clone())
                .collect()
        };
        // One success for another, and no other left: the same answer under another status.
        if let ([before], [after]) = (success(&gone).as_slice(), success(&come).as_slice())
            && old
                .responses
                .keys()
                .filter(|status| Response::is_success(status))
                .count()
                == 1
        {
            gone.retain(|status| *status != before);
            come.retain(|status| *status != after);
            let (left, right) = (&old.responses[before], &new.responses[after]);
            let effect = Effect::new(!ranges(after, before), !ranges(before, after));
            let fact = Fact::new("status-changed", after.as_str(), Tier::Shape, effect)
                .at(left.pointer.clone(), right.pointer.clone())
                .values(before.as_str(), after.as_str());
            // The reader meets statuses that it does not know; whoever answers sends one that is no longer known.
            let (telling, than) = match context.polarity {
                Polarity::Received => (after, old),
                Polarity::Sent => (before, new),
            };
            let telling = outside(telling, than);
            let exam = statuses(&context.operation, &telling, old, new);
            self.found(context, fact, Some(exam));
            self.response(context, after, left, right);
        }
        for status in gone {
            self.status_gone(context, status, old, new);
        }
        for status in come {
            self.status_come(context, status, old, new);
        }
        for (status, before) in &old.responses {
            if let Some(after) = new.responses.get(status) {
                self.response(context, status, before, after);
            }
        }
    }

    fn status_gone(&mut self, context: &Context, status: &str, old: &Operation, new: &Operation) {
        let before = &old.responses[status];
        if let Some(after) = fallback(new, status) {
            self.response(context, status, before, after);
            return;
        }
        let sent = context.polarity == Polarity::Sent;
        // An answer of ours without a body has no type.
        let has_type = !sent || !before.content.is_empty();
        let surface = if Response::is_success(status) && has_type {
            Surface::Removed
        } else {
            Surface::Text
        };
        let fact = Fact::new("status-removed", status, Tier::Shape, Effect::NARROWS)
            .surface(surface)
            .at(
                before.pointer.clone(),
                pointer::push(&new.pointer, "responses"),
            )
            .values(status, Value::Null);
        // What a receiver of webhooks may answer is the peer's to tolerate; an error is one for all.
        let quietly = sent && !Response::is_success(status);
        let fact = if quietly { quiet(fact) } else { fact };
        let exam = statuses(&context.operation, status, old, new);
        self.found(context, fact, Some(exam));
    }

    fn status_come(&mut self, context: &Context, status: &str, old: &Operation, new: &Operation) {
        let after = &new.responses[status];
        if let Some(before) = fallback(old, status) {
            self.response(context, status, before, after);
            return;
        }
        let success = Response::is_success(status);
        let had_success = old
            .responses
            .keys()
            .any(|status| Response::is_success(status));
        // Every caller must expect failures that nobody listed; a second success is news.
        let effect = Effect::new(false, success && had_success);
        let same_type = self.has_same_type(context, status, new);
        let surface = if success && !same_type && had_success {
            Surface::Retyped
        } else {
            Surface::Text
        };
        let fact = Fact::new("status-added", status, Tier::Shape, effect)
            .surface(surface)
            .at(
                pointer::push(&old.pointer, "responses"),
                after.pointer.clone(),
            )
            .values(Value::Null, status);
        let exam = statuses(&context.operation, status, old, new);
        self.found(context, fact, Some(exam));
    }

    /// Whether another response of the same class has the same body.
    fn has_same_type(&mut self, context: &Context, status: &str, operation: &Operation) -> bool {
        let arena = &mut self.pairs_mut(context.polarity).new;
        let mut schema = |response: &Response| {
            let place = response
                .content
                .values()
                .next()
                .and_then(|media| media.schema.as_ref());
            place.and_then(|place| arena.place(place))
        };
        let success = Response::is_success(status);
        let wanted = schema(&operation.responses[status]);
        let mut others = operation
            .responses
            .iter()
            .filter(|(other, _)| *other != status);
        others.any(|(other, response)| {
            Response::is_success(other) == success && schema(response) == wanted
        })
    }

    fn response(&mut self, context: &Context, status: &str, old: &Response, new: &Response) {
        let title = format!("response {status}");
        self.words(
            context,
            &title,
            (&old.pointer, &new.pointer),
            (&old.words, &new.words),
        );
        let places = (old.pointer.as_str(), new.pointer.as_str());
        let described = (!old.content.is_empty(), !new.content.is_empty());
        if context.polarity == Polarity::Sent && described.0 != described.1 {
            self.reply_body(context, &title, places, described);
        } else {
            self.content(context, places, (&old.content, &new.content), |media| {
                Place::Response(status.to_owned(), media.to_owned())
            });
        }
        self.headers(context, places, (&old.headers, &new.headers), |name| {
            Place::Header(status.to_owned(), name.to_owned())
        });
        self.links(context, &title, old, new);
    }

    /// A reply that the client writes: whether it owes a body, or nobody says what its body is for.
    fn reply_body(
        &mut self,
        context: &Context,
        title: &str,
        (old_place, new_place): (&str, &str),
        (before, after): (bool, bool),
    ) {
        let (rule, effect, surface) = if after {
            ("body-added", Effect::NARROWS, Surface::AddedRequired)
        } else {
            ("body-removed", Effect::SILENT, Surface::Removed)
        };
        let at = |base: &str, there: bool| match there {
            true => pointer::push(base, "content"),
            false => base.to_owned(),
        };
        let fact = Fact::new(rule, format!("body of {title}"), Tier::Shape, effect)
            .surface(surface)
            .at(at(old_place, before), at(new_place, after))
            .values(before, after);
        let line = format!("{title} to {}", context.operation);
        let exam = exams::left_out(&line, "message", "body", (before, after));
        self.found(context, fact, Some(exam));
    }

    fn links(&mut self, context: &Context, title: &str, old: &Response, new: &Response) {
        let aside = context.aside(Direction::None);
        let names = old.links.keys().chain(
            new.links
                .keys()
                .filter(|name| !old.links.contains_key(*name)),
        );
        for name in names {
            let (before, after) = (old.links.get(name), new.links.get(name));
            if before == after {
                continue;
            }
            let (rule, effect) = match (before, after) {
                (Some(_), None) => ("link-removed", Effect::SILENT),
                (None, Some(_)) => ("link-added", Effect::NONE),
                _ => ("link-changed", Effect::SILENT),
            };
            let at = |base: &str| pointer::join(base, &["links", name]);
            let fact = Fact::new(rule, format!("{name} of {title}"), Tier::Value, effect)
                .at(at(&old.pointer), at(&new.pointer))
                .values(
                    before.cloned().unwrap_or_default(),
                    after.cloned().unwrap_or_default(),
                );
            self.find(&aside, fact);
        }
    }
}

/// Whether one status is listed by another, which is a range.
fn ranges(status: &str, one: &str) -> bool {
    status
        .strip_suffix("XX")
        .is_some_and(|class| one.starts_with(class))
}

/// A status that `status` stands for and another operation does not list.
fn outside(status: &str, other: &Operation) -> String {
    let class = status.strip_suffix("XX");
    let mut all = class
        .into_iter()
        .flat_map(|class| (0..100).map(move |rest| format!("{class}{rest:02}")));
    all.find(|one| !other.responses.contains_key(one))
        .unwrap_or_else(|| status.to_owned())
}

/// Whether a status is listed, by itself or under a range.
fn statuses(line: &str, status: &str, old: &Operation, new: &Operation) -> Exam {
    fn list(operation: &Operation) -> Vec<&str> {
        operation.responses.keys().map(String::as_str).collect()
    }
    exams::listed(line, "status", status, &list(old), &list(new))
}

/// A fact that narrows nothing after all.
fn quiet(fact: Fact) -> Fact {
    Fact {
        effect: Effect::NONE,
        ..fact
    }
}

/// What a status falls under when it is not listed itself.
fn fallback<'a>(operation: &'a Operation, status: &str) -> Option<&'a Response> {
    let class: String = status.chars().take(1).chain("XX".chars()).collect();
    operation
        .responses
        .get(&class)
        .or_else(|| operation.responses.get("default"))
        .filter(|_| status != "default")
}

/// Whether a media type is listed, by name or under a range.
fn admits(content: &BTreeMap<String, Media>, kind: &str) -> bool {
    content.contains_key(kind) || covering(content, kind).is_some()
}

fn is_range(kind: &str) -> bool {
    kind.ends_with("/*")
}

/// Whether a media type, or a range, is part of a range.
fn is_under(kind: &str, range: &str) -> bool {
    let main = range
        .strip_suffix('*')
        .filter(|_| is_range(range) && kind != range);
    main.is_some_and(|main| main == "*/" || kind.starts_with(main))
}

/// A media type of a range that is not listed elsewhere; one that is no range is itself.
fn one_of(kind: &str, elsewhere: &BTreeMap<String, Media>) -> String {
    let any = match kind.strip_suffix('*') {
        Some("*/") => ["application/octet-stream", "text/plain", "text/csv"].map(str::to_owned),
        Some(main) => ["plain", "csv", "octet-stream"].map(|sub| format!("{main}{sub}")),
        None => return kind.to_owned(),
    };
    let mut unlisted = any.into_iter().filter(|one| !admits(elsewhere, one));
    unlisted.next().unwrap_or_else(|| kind.to_owned())
}

fn covering<'a>(content: &'a BTreeMap<String, Media>, kind: &str) -> Option<&'a Media> {
    let main = kind.split_once('/').map_or(kind, |(main, _)| main);
    content
        .get(&format!("{main}/*"))
        .or_else(|| content.get("*/*"))
}
