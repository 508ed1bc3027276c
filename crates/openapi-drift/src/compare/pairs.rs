//! Pairs of nodes, one from each document, and how they hang together: each pair is compared once,
//! however many places reach it, so recursion ends and the work stays linear in the documents.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use super::fact::Fact;
use crate::rust_impact::Surface;
use crate::schema::{Arena, Child, Conj, Kinds, Node, NodeId, Notes, RawId};
use crate::verdict::{Effect, Polarity, Tier};

/// A step from an instance to one of its parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Member(Rc<str>),
    /// A member that only `additionalProperties` speaks of.
    Extra,
    /// A member that a pattern speaks of.
    Pattern(Rc<str>),
    Item(usize),
    /// Not a step: another condition on the same value, or one too involved to enter.
    Within,
}

pub(crate) type PairId = usize;

pub(crate) struct Edge {
    pub(crate) step: Step,
    /// Which alternatives of the two parents the step leaves from.
    pub(crate) branch: (usize, usize),
    pub(crate) to: PairId,
    /// Facts that depend on the slot as well as on what is in it.
    pub(crate) facts: Vec<Fact>,
}

pub(crate) struct Pair {
    pub(crate) old: NodeId,
    pub(crate) new: NodeId,
    pub(crate) facts: Vec<Fact>,
    pub(crate) edges: Vec<Edge>,
}

/// The comparison of all schemas under one reading of both documents.
pub(crate) struct Pairs<'d> {
    pub(crate) old: Arena<'d>,
    pub(crate) new: Arena<'d>,
    pub(crate) list: Vec<Pair>,
    pub(super) polarity: Polarity,
    /// The documents are the same, word for word.
    alike: bool,
    known: HashMap<(NodeId, NodeId), PairId>,
    open: Vec<PairId>,
}

impl<'d> Pairs<'d> {
    pub(crate) fn new(old: &'d Value, new: &'d Value, polarity: Polarity) -> Self {
        Self {
            old: Arena::new(old),
            new: Arena::new(new),
            list: Vec::new(),
            polarity,
            alike: old == new,
            known: HashMap::new(),
            open: Vec::new(),
        }
    }

    /// A root slot: a body, a parameter. `optional` says whether it may be left out, on each side.
    pub(crate) fn root(&mut self, old: &Conj, new: &Conj, optional: (bool, bool)) -> Edge {
        let (old, new) = (Child::All(old.clone()), Child::All(new.clone()));
        let edge = self.edge(Step::Within, (0, 0), &old, &new, optional);
        self.settle();
        edge.unwrap_or(Edge {
            step: Step::Within,
            branch: (0, 0),
            to: 0,
            facts: Vec::new(),
        })
    }

    fn settle(&mut self) {
        while let Some(pair) = self.open.pop() {
            self.visit(pair);
        }
    }

    pub(super) fn pair(&mut self, old: &Conj, new: &Conj) -> PairId {
        let key = (self.old.node(old), self.new.node(new));
        if let Some(pair) = self.known.get(&key) {
            return *pair;
        }
        let pair = self.list.len();
        self.list.push(Pair {
            old: key.0,
            new: key.1,
            facts: Vec::new(),
            edges: Vec::new(),
        });
        self.known.insert(key, pair);
        self.open.push(pair);
        pair
    }

    fn visit(&mut self, pair: PairId) {
        let (old, new) = (
            self.old.get(self.list[pair].old),
            self.new.get(self.list[pair].new),
        );
        self.words(pair, &old, &new);
        if self.one_way(&old.notes) != self.one_way(&new.notes) {
            // One side does not take part in this direction; that is the whole difference.
            return;
        }
        let (before, after) = (old.form.kinds(), new.form.kinds());
        let (blank_old, blank_new) = (old.form.is_anything(), new.form.is_anything());
        if before.without_null() != after.without_null() || blank_old != blank_new {
            let gone = before.0 & !after.0 != 0 || (blank_old && !blank_new);
            let come = after.0 & !before.0 != 0 || (blank_new && !blank_old);
            let (left, right) = (sources(&old), sources(&new));
            let fact = Fact::new(
                "type",
                self.subject(&old, &new),
                Tier::Shape,
                Effect::new(gone, come),
            )
            .surface(Surface::Retyped)
            .at(self.old.locate(&left, TYPE), self.new.locate(&right, TYPE))
            .values(describe(before, blank_old), describe(after, blank_new));
            self.list[pair].facts.push(fact);
        }
        self.cut(pair, &old, &new);
        self.dead(pair, &old, &new);
        if blank_old || blank_new {
            return;
        }
        self.booleans(pair, &old, &new);
        self.numbers(pair, &old, &new);
        self.strings(pair, &old, &new);
        self.arrays(pair, &old, &new);
        if !self.objects(pair, &old, &new) {
            self.exclusive(pair, &old, &new);
        }
    }

    /// What is too long or too deep to be compared part by part differs wherever the documents do.
    fn cut(&mut self, pair: PairId, old: &Node, new: &Node) {
        if (old.form.cut || new.form.cut) && !self.alike {
            let subject = self.subject(old, new);
            let fact = Fact::new("too-large", subject, Tier::Value, Effect::BOTH).at(
                self.old.locate(&old.conj, &[]),
                self.new.locate(&new.conj, &[]),
            );
            self.list[pair].facts.push(fact);
        }
    }

    /// What nothing satisfies can't be compared part by part; it is only seen to say something else.
    fn dead(&mut self, pair: PairId, old: &Node, new: &Node) {
        let (before, after) = (&old.form.dead, &new.form.dead);
        if before.is_empty() || after.is_empty() || self.old.said(before) == self.new.said(after) {
            return;
        }
        let subject = self.subject(old, new);
        let fact = Fact {
            unread: Some("nothing satisfies the schema in either document, since what it demands contradicts itself, so what changes is not known".to_owned()),
            ..Fact::new("contradiction", subject, Tier::Value, Effect::BOTH)
        };
        let fact = fact.at(self.old.locate(before, &[]), self.new.locate(after, &[]));
        self.list[pair].facts.push(fact);
    }

    /// Whether what has these notes takes no part in this direction.
    pub(super) fn one_way(&self, notes: &Notes) -> bool {
        match self.polarity {
            Polarity::Sent => notes.read_only.is_some(),
            Polarity::Received => notes.write_only.is_some(),
        }
    }

    /// `oneOf` against `anyOf`, where branches can overlap.
    fn exclusive(&mut self, pair: PairId, old: &Node, new: &Node) {
        if old.form.exclusive == new.form.exclusive {
            return;
        }
        let (left, right) = (sources(old), sources(new));
        let name = |exclusive| if exclusive { "oneOf" } else { "anyOf" };
        let fact = Fact::new(
            "union-kind",
            self.subject(old, new),
            Tier::Value,
            Effect::new(new.form.exclusive, old.form.exclusive),
        )
        .at(
            self.old.locate(&left, &["oneOf", "anyOf"]),
            self.new.locate(&right, &["oneOf", "anyOf"]),
        )
        .values(name(old.form.exclusive), name(new.form.exclusive));
        self.list[pair].facts.push(fact);
    }

    /// A slot of both sides, with what only the slot can say: whether null came or went.
    pub(super) fn edge(
        &mut self,
        step: Step,
        branch: (usize, usize),
        old: &Child,
        new: &Child,
        optional: (bool, bool),
    ) -> Option<Edge> {
        let (Child::All(left), Child::All(right)) = (old, new) else {
            return None;
        };
        if left.is_empty() && right.is_empty() {
            return None;
        }
        let to = self.pair(left, right);
        let (old, new) = (
            self.old.get(self.list[to].old),
            self.new.get(self.list[to].new),
        );
        let mut facts = Vec::from_iter(self.default(&old, &new, optional));
        let same_kinds = old.form.kinds().without_null() == new.form.kinds().without_null();
        let blank = old.form.is_anything() || new.form.is_anything();
        // 3.0 and 3.1 write an enum that may be null so that the letter of either leaves null out.
        let left_out = old.notes.null_left_out && new.notes.null_left_out;
        if same_kinds
            && !blank
            && !left_out
            && old.form.null != new.form.null
            && old.form.width() > 0
        {
            let (before, after) = (old.form.null, new.form.null);
            let (left, right) = (sources(&old), sources(&new));
            facts.push(
                Fact::new(
                    "nullable",
                    self.subject(&old, &new),
                    Tier::Shape,
                    Effect::new(before, after),
                )
                .surface(Surface::Null(optional.0 || before, optional.1 || after))
                .at(self.old.locate(&left, TYPE), self.new.locate(&right, TYPE))
                .values(before, after),
            );
        }
        Some(Edge {
            step,
            branch,
            to,
            facts,
        })
    }

    /// What a place is called, for people: the last name in its pointer that is not a keyword.
    pub(super) fn subject(&self, old: &Node, new: &Node) -> String {
        let place = match (new.conj.first(), old.conj.first()) {
            (Some(raw), _) => self.new.pointer(*raw),
            (None, Some(raw)) => self.old.pointer(*raw),
            (None, None) => "#",
        };
        super::subject(place)
    }

    /// Whether two places demand the same, words aside.
    pub(super) fn same(&mut self, old: &Child, new: &Child) -> Effect {
        self.under_both(old, new, false)
    }

    /// What a `not` refuses. There a member that is declared is a demand like any other, and one that is
    /// declared no more is none.
    pub(super) fn refused(&mut self, old: &Child, new: &Child) -> Effect {
        let admitted = self.under_both(old, new, true);
        Effect::new(admitted.widens, admitted.narrows)
    }

    fn under_both(&mut self, old: &Child, new: &Child, is_strict: bool) -> Effect {
        match (old, new) {
            (Child::Never, Child::Never) => Effect::NONE,
            (Child::Never, Child::All(_)) => Effect::WIDENS,
            (Child::All(_), Child::Never) => Effect::NARROWS,
            (Child::All(left), Child::All(right)) => {
                let start = self.pair(left, right);
                let mut effect = self.effect_under(start, is_strict);
                // Null is told of a member or an item, and this is neither.
                let here = &self.list[start];
                let (old, new) = (self.old.get(here.old), self.new.get(here.new));
                let left_out = old.notes.null_left_out && new.notes.null_left_out;
                let kinds = |node: &Node| node.form.kinds().without_null();
                if kinds(&old) == kinds(&new) && !left_out {
                    effect.narrows |= old.form.null && !new.form.null;
                    effect.widens |= !old.form.null && new.form.null;
                }
                effect
            }
        }
    }

    /// What all differences under a pair come to. Pairs still open are compared first.
    fn effect_under(&mut self, start: PairId, is_strict: bool) -> Effect {
        let mut effect = Effect::NONE;
        let mut seen = HashSet::from([start]);
        let mut queue = vec![start];
        while let Some(pair) = queue.pop() {
            if seen.len() > MAX_UNDER {
                return Effect::BOTH;
            }
            if let Some(place) = self.open.iter().position(|open| *open == pair) {
                self.open.swap_remove(place);
                self.visit(pair);
            }
            let here = &self.list[pair];
            let edges = here.edges.iter().flat_map(|edge| &edge.facts);
            for fact in here
                .facts
                .iter()
                .chain(edges)
                .filter(|fact| fact.tier > Tier::Meaning)
            {
                effect.narrows |= fact.effect.narrows;
                effect.widens |= fact.effect.widens;
                if is_strict {
                    effect.narrows |= fact.rule == "property-added";
                    effect.widens |= fact.rule == "property-removed";
                }
            }
            for edge in &here.edges {
                if seen.insert(edge.to) {
                    queue.push(edge.to);
                }
            }
        }
        effect
    }
}

/// Under a keyword that is not entered, no more pairs than this are weighed.
const MAX_UNDER: usize = 1_000;

/// The keywords that say which kinds are meant.
pub(super) const TYPE: &[&str] = &["type", "nullable", "enum", "const", "anyOf", "oneOf"];

/// Every schema that applies at a node, outermost first.
pub(crate) fn sources(node: &Node) -> Vec<RawId> {
    let mut all = node.conj.to_vec();
    let mut known: HashSet<RawId> = all.iter().copied().collect();
    let form = &node.form;
    let metas = form
        .numbers
        .iter()
        .map(|one| &one.meta)
        .chain(form.strings.iter().map(|one| &one.meta))
        .chain(form.arrays.iter().map(|one| &one.meta))
        .chain(form.objects.iter().map(|one| &one.meta));
    for meta in metas {
        for raw in &meta.sources {
            if known.insert(*raw) {
                all.push(*raw);
            }
        }
    }
    all
}

fn describe(kinds: Kinds, blank: bool) -> Value {
    if blank {
        Value::from("anything")
    } else {
        kinds.to_value()
    }
}
