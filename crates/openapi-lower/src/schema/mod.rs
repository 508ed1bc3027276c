//! Schemas: reading them into an arena of nodes, and the questions that others ask of a node.
//!
//! `read` takes one schema object apart with the help of `kinds`, `compose` puts `allOf` together, `union` makes something
//! useful of `oneOf` and `anyOf` with the help of `tag` and `merge`. Directions, names and the lowered text are left to `document`.

pub(crate) mod compose;
mod family;
pub(crate) mod keys;
mod kinds;
mod merge;
pub(crate) mod node;
mod read;
mod tag;
mod union;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::loss::Losses;
use crate::options::Options;
use crate::refs::Refs;
use node::{Docs, Kind, Node, NodeId, Shape, State};

/// All schemas read so far.
pub(crate) struct Schemas<'d> {
    pub(crate) refs: Refs<'d>,
    pub(crate) losses: Losses,
    pub(crate) options: Options,
    /// Whether the document is of 3.0, whose words have meanings of their own.
    is_3_0: bool,
    nodes: Vec<Node>,
    by_pointer: BTreeMap<String, NodeId>,
    waiting: Vec<NodeId>,
    /// What the alternatives of unions are called, by their place.
    pub(crate) labels: BTreeMap<String, String>,
    /// Objects that stand for several others, by those others.
    merged: BTreeMap<Vec<NodeId>, NodeId>,
    families: family::Families,
    shared: BTreeMap<NodeId, Vec<NodeId>>,
    /// Pairs of nodes that are being put together, with the node that it makes where one is needed meanwhile.
    meeting: Vec<((NodeId, NodeId), Option<NodeId>)>,
    depth: usize,
}

/// Schemas nested in each other more deeply than this are lowered to any JSON value.
const MAX_DEPTH: usize = 48;

impl<'d> Schemas<'d> {
    pub(crate) fn new(document: &'d Value, options: &Options) -> Self {
        Self {
            refs: Refs::new(document),
            losses: Losses::default(),
            options: options.clone(),
            is_3_0: is_3_0(document),
            nodes: Vec::new(),
            by_pointer: BTreeMap::new(),
            waiting: Vec::new(),
            labels: BTreeMap::new(),
            merged: BTreeMap::new(),
            families: family::Families::find(document),
            shared: BTreeMap::new(),
            meeting: Vec::new(),
            depth: 0,
        }
    }

    /// The node of the schema at `pointer`, to be read when its turn comes.
    pub(crate) fn at(&mut self, pointer: &str) -> NodeId {
        if let Some(&id) = self.by_pointer.get(pointer) {
            return id;
        }
        let id = self.push(Node {
            pointer: pointer.to_owned(),
            shape: Shape::default(),
            state: State::Pending,
            referenced: false,
        });
        self.by_pointer.insert(pointer.to_owned(), id);
        self.waiting.push(id);
        id
    }

    /// A node that the document does not have, standing at `pointer` for the sake of its name.
    pub(crate) fn make(&mut self, pointer: &str, shape: Shape) -> NodeId {
        self.push(Node {
            pointer: pointer.to_owned(),
            shape,
            state: State::Done,
            referenced: false,
        })
    }

    /// As [`make`](Self::make), before the shape is known: until it is filled in, nobody can read it.
    pub(crate) fn promise(&mut self, pointer: &str) -> NodeId {
        let id = self.make(pointer, Shape::default());
        self.nodes[id].state = State::Active;
        id
    }

    /// Fills in a node that was made before its shape was known.
    pub(crate) fn fill(&mut self, id: NodeId, shape: Shape) {
        self.nodes[id].shape = shape;
        self.nodes[id].state = State::Done;
    }

    /// Runs `read` one level deeper. `None` where that is too deep.
    pub(crate) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        Some(read)
    }

    /// Reads every schema that was asked for, and those that they lead to.
    pub(crate) fn read_all(&mut self) {
        while let Some(id) = self.waiting.pop() {
            self.force(id);
        }
        self.open_endless_unions();
        self.break_circles();
    }

    /// Makes any value of the unions with an alternative that leads back to them with no object or list
    /// between: who tries their alternatives comes to no end.
    fn open_endless_unions(&mut self) {
        let endless: Vec<NodeId> = (0..self.nodes.len())
            .filter(|&id| self.is_endless(id))
            .collect();
        for id in endless {
            let at = self.nodes[id].pointer.clone();
            let lost = "the alternatives, one of which leads back to here";
            self.losses.add(&at, "union", "any value", lost);
            self.nodes[id].shape.kind = Kind::Any;
        }
    }

    fn is_endless(&self, union: NodeId) -> bool {
        let mut seen = BTreeSet::new();
        let mut ahead = vec![union];
        while let Some(id) = ahead.pop() {
            let shape = self.shape(id);
            let is_tried = match shape.kind {
                Kind::Union(_) => true,
                Kind::Alias(_) => id != union,
                _ => false,
            };
            if is_tried {
                for child in shape.children() {
                    if child == union {
                        return true;
                    }
                    if seen.insert(child) {
                        ahead.push(child);
                    }
                }
            }
        }
        false
    }

    /// Marks a node of every circle that no reference is part of, so that it gets a name and what
    /// follows the nodes comes to an end. Such circles arise where a schema is copied into a place
    /// within itself.
    fn break_circles(&mut self) {
        let mut state = vec![State::Pending; self.nodes.len()];
        for start in 0..self.nodes.len() {
            // Nodes on the way, each with the children that are still to be visited.
            let mut way: Vec<(NodeId, Vec<NodeId>)> = Vec::new();
            let mut next = Some(start);
            loop {
                if let Some(id) = next.take() {
                    let ends_here =
                        self.nodes[id].referenced || self.node(id).component().is_some();
                    match state[id] {
                        State::Active => self.mark_referenced(id),
                        State::Pending if !ends_here => {
                            state[id] = State::Active;
                            way.push((id, self.shape(id).children()));
                        }
                        State::Pending | State::Done => {}
                    }
                }
                let Some((id, children)) = way.last_mut() else {
                    break;
                };
                next = children.pop();
                if next.is_none() {
                    state[*id] = State::Done;
                    way.pop();
                }
            }
        }
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    pub(crate) fn shape(&self, id: NodeId) -> &Shape {
        &self.nodes[id].shape
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Makes `id` stand for `target`, which says the same, from now on.
    pub(crate) fn share(&mut self, id: NodeId, target: NodeId) {
        self.nodes[id].shape = Shape::of(Kind::Alias(target));
        self.shared.entry(target).or_default().push(id);
    }

    /// The nodes that say the same as `id`.
    pub(crate) fn shared_by(&self, id: NodeId) -> &[NodeId] {
        self.shared.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn mark_referenced(&mut self, id: NodeId) {
        self.nodes[id].referenced = true;
    }

    /// The node at the end of the aliases that start at `id`. A circle of aliases ends at that of
    /// its nodes that comes first in the document, which then is an alias still.
    pub(crate) fn resolve(&self, id: NodeId) -> NodeId {
        let mut at = id;
        for _ in 0..self.nodes.len() {
            match self.nodes[at].shape.kind {
                Kind::Alias(next) => at = next,
                _ => return at,
            }
        }
        let (mut first, mut seen) = (at, at);
        while let Kind::Alias(next) = self.nodes[seen].shape.kind
            && next != at
        {
            seen = next;
            if self.nodes[seen].pointer < self.nodes[first].pointer {
                first = seen;
            }
        }
        first
    }

    /// The nodes on the way from `id` along the aliases, both ends included.
    pub(crate) fn way(&self, id: NodeId) -> Vec<NodeId> {
        let mut way = vec![id];
        while let Kind::Alias(next) = self.nodes[way[way.len() - 1]].shape.kind
            && way.len() <= self.nodes.len()
        {
            way.push(next);
        }
        way
    }

    /// What is said of `id` on the way to the schema that it stands for, and by that one.
    pub(crate) fn words(&self, id: NodeId) -> Docs {
        let way = self.way(id);
        way.iter().fold(Docs::default(), |words, &node| {
            words.or(&self.shape(node).docs)
        })
    }

    /// What is said of `id` before the schema that it stands for is reached.
    pub(crate) fn words_here(&self, id: NodeId) -> Docs {
        let way = self.way(id);
        let before = &way[..way.len() - 1];
        before.iter().fold(Docs::default(), |words, &node| {
            words.or(&self.shape(node).docs)
        })
    }

    /// Whether `null` is among the values of `id`.
    pub(crate) fn is_nullable(&self, id: NodeId) -> bool {
        let mut at = id;
        for _ in 0..=self.nodes.len() {
            let shape = &self.nodes[at].shape;
            match (shape.nullable, &shape.kind) {
                (Some(true), _) => return true,
                (_, Kind::Alias(next)) => at = *next,
                _ => return false,
            }
        }
        false
    }

    /// Reads `id` now. `None` where it is being read already (a circle) or lies too deep.
    pub(crate) fn force(&mut self, id: NodeId) -> Option<()> {
        match self.nodes[id].state {
            State::Done => return Some(()),
            State::Active => return None,
            State::Pending => {}
        }
        let pointer = self.nodes[id].pointer.clone();
        let shape = self.deeper(|schemas| {
            schemas.nodes[id].state = State::Active;
            match schemas.refs.get(&pointer) {
                Some(value) => schemas.read(&pointer, value),
                None => Shape::default(),
            }
        })?;
        self.nodes[id].shape = shape;
        self.nodes[id].state = State::Done;
        Some(())
    }

    /// [`force`](Self::force) along the aliases, to the node that they end at.
    pub(crate) fn force_resolved(&mut self, id: NodeId) -> Option<NodeId> {
        let mut at = id;
        for _ in 0..MAX_DEPTH {
            self.force(at)?;
            match self.nodes[at].shape.kind {
                Kind::Alias(next) => at = next,
                _ => return Some(at),
            }
        }
        None
    }

    fn push(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() - 1
    }
}

fn is_3_0(document: &Value) -> bool {
    match &document["openapi"] {
        Value::String(version) => version.starts_with("3.0"),
        // YAML reads an unquoted version as a number.
        version => version.as_f64() == Some(3.0),
    }
}
