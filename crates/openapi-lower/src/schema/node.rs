//! Schemas as this crate thinks of them: an arena of nodes, one for each place in the document.
//!
//! A node says what values a place has, before any direction is chosen: closed and open readings
//! of the same node are made when it is written (`emit`).

use std::collections::BTreeMap;

use serde_json::Value;

/// Index of a node in its arena.
pub(crate) type NodeId = usize;

/// One schema at one place of the input document.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Where it stands; its name follows from this.
    pub(crate) pointer: String,
    pub(crate) shape: Shape,
    pub(crate) state: State,
    /// Whether a reference leads here, so that a circle may pass through it.
    pub(crate) referenced: bool,
}

/// How far a node has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Known by its place only.
    Pending,
    /// Being read: who needs its shape now has found a circle.
    Active,
    Done,
}

/// What a schema says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    pub(crate) kind: Kind,
    /// `None` where the schema has no opinion, as one that constrains nothing.
    pub(crate) nullable: Option<bool>,
    pub(crate) docs: Docs,
}

/// What a schema tells its reader.
#[derive(Debug, Clone, Default)]
pub(crate) struct Docs {
    pub(crate) description: Option<String>,
    pub(crate) default: Option<Value>,
    pub(crate) deprecated: bool,
    pub(crate) read_only: bool,
    pub(crate) write_only: bool,
}

impl Docs {
    pub(crate) fn is_empty(&self) -> bool {
        self.description.is_none()
            && self.default.is_none()
            && !(self.deprecated || self.read_only || self.write_only)
    }

    /// These words where there are any, else those.
    pub(crate) fn or(self, other: &Docs) -> Docs {
        Docs {
            description: self.description.or_else(|| other.description.clone()),
            default: self.default.or_else(|| other.default.clone()),
            deprecated: self.deprecated || other.deprecated,
            read_only: self.read_only || other.read_only,
            write_only: self.write_only || other.write_only,
        }
    }
}

/// The values that a schema allows, `null` aside.
#[derive(Debug, Clone, Default)]
pub(crate) enum Kind {
    #[default]
    Any,
    /// Nothing but `null`.
    Null,
    Boolean,
    Integer(Numeric),
    Number(Numeric),
    Text(Text),
    Choice(Choice),
    List(List),
    Record(Record),
    Tagged(Tagged),
    /// One of several, told apart by trying.
    Union(Union),
    /// Whatever that node is.
    Alias(NodeId),
}

/// Bounds of a number, as in the document.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Numeric {
    pub(crate) format: Option<String>,
    pub(crate) minimum: Option<Bound>,
    pub(crate) maximum: Option<Bound>,
    /// The only integers allowed, where they are listed.
    pub(crate) values: Vec<i64>,
}

/// One bound of a number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bound {
    pub(crate) value: serde_json::Number,
    pub(crate) exclusive: bool,
}

/// A string.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Text {
    pub(crate) format: Option<String>,
    pub(crate) pattern: Option<String>,
    pub(crate) min_length: Option<u64>,
    pub(crate) max_length: Option<u64>,
}

impl Text {
    /// Whether any string will do.
    pub(crate) fn is_plain(&self) -> bool {
        self.pattern.is_none() && self.min_length.is_none() && self.max_length.is_none()
    }
}

/// A string out of a list.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) values: Vec<String>,
    /// Whether the document itself allows other strings.
    pub(crate) open: bool,
}

/// An array.
#[derive(Debug, Clone)]
pub(crate) struct List {
    pub(crate) item: NodeId,
    pub(crate) min_items: Option<u64>,
    pub(crate) max_items: Option<u64>,
}

/// An object.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) fields: BTreeMap<String, Field>,
    pub(crate) rest: Rest,
}

/// One property.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) node: NodeId,
    pub(crate) required: bool,
}

/// The properties that an object has beside its fields.
#[derive(Debug, Clone, Default)]
pub(crate) enum Rest {
    /// Nothing is said of them.
    #[default]
    Unsaid,
    /// There are none.
    Denied,
    /// They are expected, with these values.
    Typed(NodeId),
}

/// Objects told apart by the value of one property.
#[derive(Debug, Clone)]
pub(crate) struct Tagged {
    pub(crate) tag: String,
    pub(crate) variants: Vec<(String, NodeId)>,
}

/// A union that has no tag.
#[derive(Debug, Clone)]
pub(crate) struct Union {
    /// What may be sent.
    pub(crate) members: Vec<Member>,
    /// What may be received: where trying would mistake one object for another, one object with
    /// the fields of both.
    pub(crate) received: Vec<Member>,
}

/// One alternative of a union that has no tag.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) label: String,
    pub(crate) node: NodeId,
}

impl Shape {
    pub(crate) fn of(kind: Kind) -> Self {
        Self {
            kind,
            ..Self::default()
        }
    }

    /// The nodes that this shape is made of.
    pub(crate) fn children(&self) -> Vec<NodeId> {
        match &self.kind {
            Kind::Any
            | Kind::Null
            | Kind::Boolean
            | Kind::Integer(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::Choice(_) => Vec::new(),
            Kind::List(list) => vec![list.item],
            Kind::Record(record) => {
                let rest = match record.rest {
                    Rest::Typed(node) => Some(node),
                    Rest::Unsaid | Rest::Denied => None,
                };
                record
                    .fields
                    .values()
                    .map(|field| field.node)
                    .chain(rest)
                    .collect()
            }
            Kind::Tagged(tagged) => tagged.variants.iter().map(|(_, node)| *node).collect(),
            Kind::Union(union) => union
                .members
                .iter()
                .chain(&union.received)
                .map(|member| member.node)
                .collect(),
            Kind::Alias(target) => vec![*target],
        }
    }
}
