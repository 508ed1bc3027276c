//! Which operation became which, and what changed about an operation as a whole.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::exams;
use super::fact::Fact;
use super::pairs::{Edge, Pairs};
use super::words::same_words;
use crate::document::Document;
use crate::document::model::{self, Api, Operation, Words};
use crate::report::Direction;
use crate::rust_impact::Surface;
use crate::schema::Conj;
use crate::verdict::{Effect, Polarity, Tier};
use crate::witness::Exam;

/// A fact with whom it concerns.
pub(crate) struct Finding {
    pub(crate) fact: Fact,
    /// `POST /v1/things`; empty for the document as a whole.
    pub(crate) operation: String,
    pub(crate) direction: Direction,
    pub(crate) polarity: Polarity,
    /// A question that shows it, where one can be put.
    pub(crate) exam: Option<Exam>,
}

/// Where in a message a schema stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Body(String),
    Parameter(String, String),
    Response(String, String),
    Header(String, String),
    /// Of a part of a form.
    PartHeader(String, String),
}

impl Place {
    /// For people.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Body(_) => "request body".to_owned(),
            Self::Parameter(location, name) => format!("{location} parameter {name}"),
            Self::Response(status, _) => format!("response {status}"),
            Self::Header(status, name) => format!("header {name} of response {status}"),
            Self::PartHeader(part, name) => format!("header {name} of part {part}"),
        }
    }
}

/// A pair of schemas that messages start from.
pub(crate) struct Root {
    pub(crate) operation: String,
    pub(crate) place: Place,
    pub(crate) direction: Direction,
    pub(crate) polarity: Polarity,
    pub(crate) edge: Edge,
    /// Where the schema stands, on each side.
    pub(crate) schemas: (String, String),
    /// Set where a value travels as text and not as JSON.
    pub(crate) text: Option<Text>,
}

/// How the values of a parameter or header are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    pub(crate) notation: Notation,
    /// Members stand under their own names.
    pub(crate) explode: bool,
    /// What stands between the items of a list; none where the key is repeated for each.
    pub(crate) separator: Option<char>,
}

/// What else is written of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notation {
    /// The values alone.
    Simple,
    /// `name=value`, also for what is delimited otherwise.
    Form,
    /// `.value`
    Label,
    /// `;name=value`
    Matrix,
    /// `name[member]=value`, for objects alone.
    Deep,
}

/// Everything found, before it is brought together.
pub(crate) struct Comparison<'d> {
    pub(crate) findings: Vec<Finding>,
    pub(crate) roots: Vec<Root>,
    pub(crate) sent: Pairs<'d>,
    /// Only when what is received reads otherwise than what is sent.
    pub(crate) received: Option<Pairs<'d>>,
}

impl<'d> Comparison<'d> {
    pub(super) fn pairs_mut(&mut self, polarity: Polarity) -> &mut Pairs<'d> {
        match (polarity, &mut self.received) {
            (Polarity::Received, Some(pairs)) => pairs,
            _ => &mut self.sent,
        }
    }

    pub(super) fn find(&mut self, context: &Context, fact: Fact) {
        self.found(context, fact, None);
    }

    /// The same, with a question to which the documents should give different answers.
    pub(super) fn found(&mut self, context: &Context, fact: Fact, exam: Option<Exam>) {
        self.findings.push(Finding {
            fact,
            operation: context.operation.clone(),
            direction: context.direction,
            polarity: context.polarity,
            exam,
        });
    }

    /// The schemas at two places of a message; an absent schema lets anything pass.
    pub(super) fn root(
        &mut self,
        context: &Context,
        place: Place,
        (old, new): (Option<&String>, Option<&String>),
        optional: (bool, bool),
    ) {
        let pairs = self.pairs_mut(context.polarity);
        let anything = || Conj::from([]);
        let left = old
            .and_then(|old| pairs.old.place(old))
            .unwrap_or_else(anything);
        let right = new
            .and_then(|new| pairs.new.place(new))
            .unwrap_or_else(anything);
        if left.is_empty() && right.is_empty() {
            return;
        }
        let edge = pairs.root(&left, &right, optional);
        self.roots.push(Root {
            operation: context.operation.clone(),
            place,
            direction: context.direction,
            polarity: context.polarity,
            edge,
            schemas: (
                old.cloned().unwrap_or_default(),
                new.cloned().unwrap_or_default(),
            ),
            text: None,
        });
    }
}

/// Whose message is being compared.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) operation: String,
    pub(super) direction: Direction,
    pub(super) polarity: Polarity,
    /// Set inside webhooks and callbacks, where the peer calls and the client answers.
    pub(super) delivered: Option<Direction>,
}

impl Context {
    pub(super) fn request(&self) -> Self {
        Self {
            direction: self.delivered.unwrap_or(Direction::Request),
            polarity: if self.delivered.is_some() {
                Polarity::Received
            } else {
                Polarity::Sent
            },
            ..self.clone()
        }
    }

    pub(super) fn response(&self) -> Self {
        Self {
            direction: self.delivered.unwrap_or(Direction::Response),
            polarity: if self.delivered.is_some() {
                Polarity::Sent
            } else {
                Polarity::Received
            },
            ..self.clone()
        }
    }

    /// About the call as a whole, or about nobody in particular.
    pub(super) fn aside(&self, direction: Direction) -> Self {
        Self {
            direction,
            ..self.request()
        }
    }
}

pub(crate) fn compare<'d>(old: &'d Document, new: &'d Document) -> Comparison<'d> {
    let split = old.is_split() || new.is_split();
    let pairs = |polarity| Pairs::new(old.view(polarity), new.view(polarity), polarity);
    let mut all = Comparison {
        findings: Vec::new(),
        roots: Vec::new(),
        sent: pairs(Polarity::Sent),
        received: split.then(|| pairs(Polarity::Received)),
    };
    let (before, after) = (
        model::read(old.view(Polarity::Sent)),
        model::read(new.view(Polarity::Sent)),
    );
    all.document(&before, &after);
    all.group(&before.operations, &after.operations);
    all.webhooks(&before.webhooks, &after.webhooks);
    all.default_security(&before, &after);
    all
}

/// Whether two lists of alternatives hold the same ones; their order says nothing.
fn same_members(old: Option<&Value>, new: Option<&Value>) -> bool {
    match (old.and_then(Value::as_array), new.and_then(Value::as_array)) {
        (Some(old), Some(new)) => {
            old.iter().all(|one| new.contains(one)) && new.iter().all(|one| old.contains(one))
        }
        _ => old == new,
    }
}

impl Comparison<'_> {
    fn document(&mut self, old: &Api, new: &Api) {
        self.words(&document(), "", ("#", "#"), (&old.words, &new.words));
        for (name, before) in &old.schemes {
            if let Some(after) = new.schemes.get(name) {
                let place = crate::pointer::join("#/components/securitySchemes", &[name]);
                self.words(&document(), name, (&place, &place), (before, after));
            }
        }
    }

    /// The document's own security differs, though no operation feels it.
    fn default_security(&mut self, old: &Api, new: &Api) {
        let felt = |finding: &Finding| finding.fact.rule.starts_with("security-");
        if !same_members(old.security.as_ref(), new.security.as_ref())
            && !self.findings.iter().any(felt)
        {
            let context = document();
            let fact = Fact::new(
                "security-moved",
                "the document's default security",
                Tier::Same,
                Effect::NONE,
            )
            .at("#/security".to_owned(), "#/security".to_owned())
            .values(
                old.security.clone().unwrap_or_default(),
                new.security.clone().unwrap_or_default(),
            );
            self.find(&context, fact);
        }
    }

    fn group(&mut self, old: &[Operation], new: &[Operation]) {
        let key = |operation: &Operation| (operation.route(), operation.method.clone());
        // An invalid document may have a route twice: then the same path is the same operation.
        let mut by_route: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, operation) in new.iter().enumerate().rev() {
            by_route.entry(key(operation)).or_default().push(index);
        }
        let mut left: Vec<&Operation> = Vec::new();
        let mut taken: HashSet<usize> = HashSet::new();
        for operation in old {
            let fit = by_route.get_mut(&key(operation)).and_then(|same| {
                let exact = |index: &usize| new[*index].pointer == operation.pointer;
                match same.iter().rposition(exact) {
                    Some(place) => Some(same.remove(place)),
                    None => same.pop(),
                }
            });
            match fit {
                Some(index) => {
                    taken.insert(index);
                    self.operation(operation, &new[index], None);
                }
                None => left.push(operation),
            }
        }
        let mut by_id: HashMap<&str, usize> = HashMap::new();
        let mut by_whole_route: HashMap<_, usize> = HashMap::new();
        for (index, operation) in new.iter().enumerate() {
            if taken.contains(&index) {
                continue;
            }
            if let Some(id) = operation.id.as_deref() {
                by_id.insert(id, index);
            }
            if let Some(route) = operation.whole_route() {
                by_whole_route.insert((route, operation.method.as_str()), index);
            }
        }
        for operation in left {
            // What the path lost its servers' addresses gained, or the other way round.
            let same = operation
                .whole_route()
                .and_then(|route| by_whole_route.remove(&(route, operation.method.as_str())));
            if let Some(index) = same {
                taken.insert(index);
                let new = &new[index];
                by_id.retain(|_, other| *other != index);
                let fact = Fact::new("operation-path", new.title(), Tier::Same, Effect::NONE)
                    .at(operation.pointer.clone(), new.pointer.clone())
                    .values(operation.title(), new.title());
                self.find(&call(new, Direction::None), fact);
                self.operation(operation, new, None);
                continue;
            }
            let moved = operation.id.as_deref().and_then(|id| by_id.remove(id));
            match moved {
                Some(index) => {
                    taken.insert(index);
                    self.moved(operation, &new[index], exams::served(operation, old, new));
                    self.operation(operation, &new[index], None);
                }
                None => self.removed(operation, exams::served(operation, old, new)),
            }
        }
        for (index, operation) in new.iter().enumerate() {
            if !taken.contains(&index) {
                self.added(operation);
            }
        }
    }

    fn moved(&mut self, old: &Operation, new: &Operation, exam: Exam) {
        let fact = Fact::new("operation-moved", new.title(), Tier::Shape, Effect::BOTH)
            .at(old.pointer.clone(), new.pointer.clone())
            .values(old.title(), new.title());
        self.found(&call(old, Direction::Both), fact, Some(exam));
    }

    fn removed(&mut self, old: &Operation, exam: Exam) {
        let fact = Fact::new(
            "operation-removed",
            old.title(),
            Tier::Shape,
            Effect::NARROWS,
        )
        .surface(Surface::Removed)
        .at(old.pointer.clone(), None)
        .values(old.title(), Value::Null);
        self.found(&call(old, Direction::Both), fact, Some(exam));
    }

    fn added(&mut self, new: &Operation) {
        let fact = Fact::new("operation-added", new.title(), Tier::Shape, Effect::WIDENS)
            .surface(Surface::Added)
            .at(None, new.pointer.clone())
            .values(Value::Null, new.title());
        self.find(&call(new, Direction::Both), fact);
    }

    pub(super) fn operation(
        &mut self,
        old: &Operation,
        new: &Operation,
        delivered: Option<Context>,
    ) {
        let own = delivered.is_none();
        let context = delivered.unwrap_or_else(|| call(new, Direction::Both));
        let places = (old.pointer.as_str(), new.pointer.as_str());
        let aside = context.aside(Direction::None);
        if old.id != new.id {
            let value = |id: &Option<String>| id.as_deref().map(Value::from).unwrap_or_default();
            let fact = Fact::new("operation-id", new.title(), Tier::Words, Effect::NONE)
                .surface(match (&old.id, &new.id) {
                    _ if !own => Surface::Text,
                    (Some(old), Some(new)) if same_words(old, new) => Surface::Text,
                    _ => Surface::Renamed,
                })
                .at(
                    old.pointer.clone() + "/operationId",
                    new.pointer.clone() + "/operationId",
                )
                .values(value(&old.id), value(&new.id));
            self.find(&aside, fact);
        }
        if old.deprecated != new.deprecated {
            let surface = if new.deprecated {
                Surface::Deprecated
            } else {
                Surface::Text
            };
            let fact = Fact::new("deprecated", new.title(), Tier::Notice, Effect::NONE)
                .surface(surface)
                .at(
                    old.pointer.clone() + "/deprecated",
                    new.pointer.clone() + "/deprecated",
                )
                .values(old.deprecated, new.deprecated);
            self.find(&aside, fact);
        }
        self.words(&aside, &new.title(), places, (&old.words, &new.words));
        let items = (old.item.0.as_str(), new.item.0.as_str());
        self.words(&aside, &new.path, items, (&old.item.1, &new.item.1));
        // What is delivered comes to the client's address, under the client's own terms.
        if own {
            self.servers(&aside, old, new);
            self.security(&context.request(), old, new);
        } else {
            self.delivered_security(&context.request(), old, new);
        }
        self.parameters(&context.request(), old, new);
        self.body(&context.request(), old, new);
        self.responses(&context.response(), old, new);
        self.callbacks(&context.operation, old, new);
    }

    /// Words and extensions, key by key.
    pub(super) fn words(
        &mut self,
        context: &Context,
        subject: &str,
        (old_place, new_place): (&str, &str),
        (old, new): (&Words, &Words),
    ) {
        let aside = Context {
            direction: Direction::None,
            ..context.clone()
        };
        for key in old
            .keys()
            .chain(new.keys().filter(|key| !old.contains_key(*key)))
        {
            let (before, after) = (old.get(key), new.get(key));
            if before == after {
                continue;
            }
            let about = if subject.is_empty() {
                key.clone()
            } else {
                format!("{key} of {subject}")
            };
            let place = |base: &str| format!("{base}/{key}");
            let fact = Fact::new("words", about, Tier::Words, Effect::NONE)
                .at(place(old_place), place(new_place))
                .values(
                    before.cloned().unwrap_or_default(),
                    after.cloned().unwrap_or_default(),
                );
            self.find(&aside, fact);
        }
    }
}

/// About no operation in particular.
fn document() -> Context {
    Context {
        operation: String::new(),
        direction: Direction::None,
        polarity: Polarity::Sent,
        delivered: None,
    }
}

fn call(operation: &Operation, direction: Direction) -> Context {
    Context {
        operation: operation.title(),
        direction,
        polarity: Polarity::Sent,
        delivered: None,
    }
}
