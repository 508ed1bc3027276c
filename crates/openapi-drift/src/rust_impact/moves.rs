//! How the public items of one generated client differ from those of another: item by item, with
//! the step that each difference asks of the version.

use std::collections::{BTreeMap, BTreeSet};

use super::Rust;
use super::api::{Api, Field, Fields, Method, Shape, Ty, TypeItem};
use super::pairing::{Pairing, pair};

/// One difference between two public items.
#[derive(Debug)]
pub(super) struct Move {
    /// What differs, in a line.
    pub(super) text: String,
    pub(super) step: Rust,
    /// Where it comes from in the documents.
    pub(super) origin: Origin,
    /// The lock entry that keeps the old name, where that is all that differs.
    pub(super) lock: Option<(String, String)>,
}

/// The places of the documents that a generated item stands for.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// JSON pointers into the old document.
    pub(super) old: Vec<String>,
    /// JSON pointers into the new document.
    pub(super) new: Vec<String>,
    /// The member of the message.
    pub(super) member: Option<String>,
    /// It is an argument that only one side has.
    pub(super) is_one_sided: bool,
    /// The requests that reach it.
    pub(super) operations: BTreeSet<String>,
    /// The types that came or went with it.
    pub(super) follows: Option<(bool, String)>,
    /// The types that it names now or named before.
    pub(super) names: BTreeSet<(bool, String)>,
}

/// Everything that differs, given which schemas are called otherwise: their places before and now.
pub(super) fn between(old: &Api, new: &Api, renames: &[(String, String)]) -> Vec<Move> {
    let mut all = Moves {
        old,
        new,
        reached: (operations(old), operations(new)),
        errors: (errors(old), errors(new)),
        paired: pair(old, new, renames),
        found: Vec::new(),
    };
    all.methods();
    all.types();
    all.found
}

struct Moves<'a> {
    old: &'a Api,
    new: &'a Api,
    reached: (Reached<'a>, Reached<'a>),
    /// Types that nothing but errors are made of.
    errors: (BTreeSet<&'a str>, BTreeSet<&'a str>),
    /// Which new type is which old one.
    paired: Pairing<'a>,
    found: Vec<Move>,
}

type Reached<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Which requests reach each type.
fn operations(api: &Api) -> Reached<'_> {
    let mut reached: Reached<'_> = BTreeMap::new();
    for method in api.methods.values() {
        let mut own: Vec<&str> = Vec::new();
        each(method, |ty| ty.own(&mut |name| own.push(name)));
        for name in with_parts(api, own) {
            reached
                .entry(name)
                .or_default()
                .insert(method.operation.as_str());
        }
    }
    reached
}

/// The types that calls fail with, and neither take nor return. By the conventions callers see one opaque error.
fn errors(api: &Api) -> BTreeSet<&str> {
    let (mut failures, mut others) = (Vec::new(), Vec::new());
    for method in api.methods.values() {
        method.failure.own(&mut |name| failures.push(name));
        let types = method.arguments.values().chain([&method.success]);
        types.for_each(|ty| ty.own(&mut |name| others.push(name)));
    }
    let others = with_parts(api, others);
    let failures = with_parts(api, failures).into_iter();
    failures.filter(|name| !others.contains(name)).collect()
}

/// These types and all that they are made of.
fn with_parts<'a>(api: &'a Api, mut open: Vec<&'a str>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if let Some(item) = api.types.get(name).filter(|_| seen.insert(name)) {
            inside(item, |ty| ty.own(&mut |name| open.push(name)));
        }
    }
    seen
}

fn each<'a>(method: &'a Method, visit: impl FnMut(&'a Ty)) {
    let types = method.arguments.values();
    types
        .chain([&method.success, &method.failure])
        .for_each(visit);
}

fn inside<'a>(item: &'a TypeItem, mut visit: impl FnMut(&'a Ty)) {
    match &item.shape {
        Shape::Struct(fields) => fields.values().for_each(|field| visit(&field.ty)),
        Shape::Enum(variants) => variants
            .values()
            .flat_map(BTreeMap::values)
            .for_each(|field| visit(&field.ty)),
    }
}

impl Moves<'_> {
    fn same(&self, left: &Ty, right: &Ty) -> bool {
        left.is(right, &mut |old, new| {
            self.paired.types.get(old) == Some(&new)
        })
    }

    fn methods(&mut self) {
        let (old, new) = (self.old, self.new);
        let origin = |method: &Method| Origin {
            operations: BTreeSet::from([method.operation.clone()]),
            ..Origin::default()
        };
        for (name, method) in &old.methods {
            let Some(other) = self.paired.methods.get(name.as_str()).copied() else {
                let mut at = origin(method);
                each(method, |ty| at.name(false, ty));
                self.push(format!("Client::{name} is gone"), Rust::Major, at);
                continue;
            };
            let Some(now) = new.methods.get(other) else {
                continue;
            };
            let mut at = origin(method);
            at.operations.insert(now.operation.clone());
            if name != other {
                let text = format!("Client::{name} is now Client::{other}");
                self.push(text, Rust::Major, at.clone());
            }
            self.arguments(other, (method, now), &at);
            // By the conventions callers see one opaque error, whatever the client made it from.
            for (what, left, right, step) in [
                ("returns", &method.success, &now.success, Rust::Major),
                ("fails with", &method.failure, &now.failure, Rust::Patch),
            ] {
                if !self.same(left, right) {
                    let text = format!("Client::{other} {what} {right} instead of {left}");
                    self.push(text, step, at.naming(left, right));
                }
            }
        }
        let known: BTreeSet<&str> = self.paired.methods.values().copied().collect();
        for (name, method) in new
            .methods
            .iter()
            .filter(|(name, _)| !known.contains(name.as_str()))
        {
            let mut at = origin(method);
            each(method, |ty| at.name(true, ty));
            self.push(format!("Client::{name} is new"), Rust::Minor, at);
        }
    }

    fn arguments(&mut self, name: &str, (old, new): (&Method, &Method), at: &Origin) {
        let at = |argument: &str| Origin {
            member: Some(argument.to_owned()),
            ..at.clone()
        };
        for (argument, left) in &old.arguments {
            match new.arguments.get(argument) {
                None => {
                    let mut at = at(argument);
                    at.is_one_sided = true;
                    at.name(false, left);
                    let text = format!("argument {argument} of Client::{name} is gone");
                    self.push(text, Rust::Major, at);
                }
                Some(right) if !self.same(left, right) => {
                    let text =
                        format!("argument {argument} of Client::{name}: {left} is now {right}");
                    self.push(text, Rust::Major, at(argument).naming(left, right));
                }
                Some(_) => {}
            }
        }
        for (argument, right) in &new.arguments {
            if !old.arguments.contains_key(argument) {
                let mut at = at(argument);
                at.is_one_sided = true;
                at.name(true, right);
                let text = format!("argument {argument} of Client::{name} is new: {right}");
                self.push(text, given(right, true), at);
            }
        }
    }

    fn types(&mut self) {
        let (old, new) = (self.old, self.new);
        for (name, item) in &old.types {
            let from = self.found.len();
            let is_error = self.errors.0.contains(name.as_str());
            self.one_type(name, item);
            for one in self.found.iter_mut().skip(from).filter(|_| is_error) {
                one.step = one.step.min(Rust::Patch);
            }
        }
        for (name, item) in &new.types {
            if !self.paired.taken.contains(name.as_str()) {
                let mut at = self.origin("", Some(name));
                at.follows = Some((true, name.clone()));
                inside(item, |ty| at.name(true, ty));
                let is_error = self.errors.1.contains(name.as_str());
                let step = if is_error { Rust::Patch } else { Rust::Minor };
                self.push(format!("types::{name} is new"), step, at);
            }
        }
    }

    fn one_type(&mut self, name: &str, item: &TypeItem) {
        let Some(other) = self.paired.types.get(name).copied() else {
            let mut at = self.origin(name, None);
            at.follows = Some((false, name.to_owned()));
            inside(item, |ty| at.name(false, ty));
            self.push(format!("types::{name} is gone"), Rust::Major, at);
            return;
        };
        let Some(now) = self.new.types.get(other) else {
            return;
        };
        let at = self.origin(name, Some(other));
        if name != other {
            let mut at = at.clone();
            at.follows = Some((true, other.to_owned()));
            self.found.push(Move {
                text: format!("types::{name} is now types::{other}"),
                step: Rust::Major,
                lock: now
                    .pointers
                    .first()
                    .map(|place| (place.clone(), name.to_owned())),
                origin: at,
            });
        }
        self.shapes(other, item, now, &at);
    }

    fn shapes(&mut self, name: &str, old: &TypeItem, new: &TypeItem, at: &Origin) {
        let whole = format!("types::{name}");
        match (&old.shape, &new.shape) {
            (Shape::Struct(left), Shape::Struct(right)) => {
                self.fields(&whole, (left, right), new.sent, at);
            }
            (Shape::Enum(left), Shape::Enum(right)) => {
                let renamed = self.renamed(left, right);
                for (variant, fields) in left {
                    match right.get(variant) {
                        None if renamed.contains_key(variant.as_str()) => {
                            let now = renamed[variant.as_str()];
                            let text = format!("{whole}::{variant} is now {whole}::{now}");
                            let mut at = at.about(now);
                            fields.values().for_each(|field| at.name(false, &field.ty));
                            self.push(text, Rust::Major, at);
                        }
                        None => {
                            let mut at = at.about(variant);
                            fields.values().for_each(|field| at.name(false, &field.ty));
                            self.push(format!("{whole}::{variant} is gone"), Rust::Major, at);
                        }
                        Some(now) => {
                            let whole = format!("{whole}::{variant}");
                            self.fields(&whole, (fields, now), new.sent, at);
                        }
                    }
                }
                for (variant, fields) in right {
                    if !left.contains_key(variant) && !renamed.values().any(|now| now == variant) {
                        let mut at = at.about(variant);
                        fields.values().for_each(|field| at.name(true, &field.ty));
                        self.push(format!("{whole}::{variant} is new"), Rust::Minor, at);
                    }
                }
            }
            (left, right) => {
                let kind = |shape: &Shape| match shape {
                    Shape::Struct(_) => "a struct",
                    Shape::Enum(_) => "an enum",
                };
                let text = format!("{whole} is {} instead of {}", kind(right), kind(left));
                let mut at = at.clone();
                inside(old, |ty| at.name(false, ty));
                inside(new, |ty| at.name(true, ty));
                self.push(text, Rust::Major, at);
            }
        }
        let lost: Vec<&str> = old
            .traits
            .difference(&new.traits)
            .map(String::as_str)
            .collect();
        if !lost.is_empty() {
            let text = format!("{whole} is no longer {}", lost.join(", "));
            self.push(text, Rust::Major, at.clone());
        }
    }

    /// The variants that hold the same under another name, as those of a union are named after what they hold.
    fn renamed<'v>(
        &self,
        left: &'v BTreeMap<String, Fields>,
        right: &'v BTreeMap<String, Fields>,
    ) -> BTreeMap<&'v str, &'v str> {
        let come = || right.iter().filter(|(name, _)| !left.contains_key(*name));
        let gone = left.iter().filter(|(name, _)| !right.contains_key(*name));
        gone.filter_map(|(name, old)| {
            let own = |ty: &Ty| matches!(ty, Ty::Own(_));
            let held = old
                .values()
                .next()
                .filter(|held| old.len() == 1 && own(&held.ty))?;
            let same = |new: &Fields| {
                new.len() == 1 && new.values().all(|now| self.same(&held.ty, &now.ty))
            };
            let (now, _) = come().find(|(_, new)| same(new))?;
            Some((name.as_str(), now.as_str()))
        })
        .collect()
    }

    fn fields(&mut self, whole: &str, (old, new): (&Fields, &Fields), sent: bool, at: &Origin) {
        let field = |field: &Field| at.about(&field.member);
        for (name, left) in declared(old) {
            match new.get(name) {
                None => {
                    let mut at = field(left);
                    at.name(false, &left.ty);
                    self.push(format!("{whole}.{name} is gone"), Rust::Major, at);
                }
                Some(right) if !self.same(&left.ty, &right.ty) => {
                    let text = format!("{whole}.{name}: {} is now {}", left.ty, right.ty);
                    self.push(text, Rust::Major, field(right).naming(&left.ty, &right.ty));
                }
                Some(_) => {}
            }
        }
        for (name, right) in declared(new) {
            if !old.contains_key(name) {
                let mut at = field(right);
                at.name(true, &right.ty);
                let text = format!("{whole}.{name} is new: {}", right.ty);
                self.push(text, given(&right.ty, sent), at);
            }
        }
    }

    fn origin(&self, old: &str, new: Option<&str>) -> Origin {
        let pointers = |api: &Api, name: &str| {
            let item = api.types.get(name);
            item.map(|item| item.pointers.clone()).unwrap_or_default()
        };
        let new = new.unwrap_or_default();
        let reached = [self.reached.0.get(old), self.reached.1.get(new)];
        Origin {
            old: pointers(self.old, old),
            new: pointers(self.new, new),
            operations: reached
                .into_iter()
                .flatten()
                .flatten()
                .map(|operation| (*operation).to_owned())
                .collect(),
            ..Origin::default()
        }
    }

    fn push(&mut self, text: String, step: Rust, origin: Origin) {
        self.found.push(Move {
            text,
            step,
            origin,
            lock: None,
        });
    }
}

/// The fields without the map of what the document does not declare: it says nothing of what the document does.
fn declared(fields: &Fields) -> impl Iterator<Item = (&String, &Field)> {
    let is_rest = |(name, field): &(&String, &Field)| {
        *name == "extra" && field.ty.to_string() == "Map<String, Value>"
    };
    fields.iter().filter(move |field| !is_rest(field))
}

/// The step for a new argument of a builder: whoever makes the value must give it, or need not.
fn given(ty: &Ty, sent: bool) -> Rust {
    if sent && !ty.is_optional() {
        Rust::Major
    } else {
        Rust::Minor
    }
}

impl Origin {
    fn name(&mut self, new: bool, ty: &Ty) {
        ty.own(&mut |name| {
            self.names.insert((new, name.to_owned()));
        });
    }

    fn naming(&self, old: &Ty, new: &Ty) -> Self {
        let mut origin = self.clone();
        origin.name(false, old);
        origin.name(true, new);
        origin
    }

    fn about(&self, member: &str) -> Self {
        Self {
            member: Some(member.to_owned()),
            ..self.clone()
        }
    }
}
