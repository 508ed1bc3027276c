//! Schemas in a normal form: for each JSON kind, the alternatives that admit it.
//!
//! A [`Node`] is what one place of a document demands. It is made from the raw schemas that apply
//! there together (a [`Conj`]), with references followed, `allOf` merged, and unions spread over the
//! kinds, so that the three idioms of null, a `const` and a one-value `enum`, or a wrapper and what
//! it wraps, come out the same. How two nodes differ is [`crate::compare`]'s.

mod build;
mod contradiction;
mod form;
mod language;
mod merge;
mod notes;
mod number;

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::document::{UNUSABLE, WRAPPED};
use crate::pointer;

pub(crate) use build::DEPENDENT;
pub(crate) use contradiction::{CLOSED, Contradictions};
pub(crate) use form::{Arr, Child, Form, Kinds, Meta, Num, Obj, Opaque, Str};
pub(crate) use language::{Difference, ascii_classes, difference, misses};
pub(crate) use merge::sort_values;
pub(crate) use notes::Notes;
pub(crate) use number::{Bound, compare_numbers, is_multiple, whole, width};

/// Chains of references longer than this are not followed to their end.
const MAX_CHAIN: usize = 10_000;

/// One schema as written, by its place.
pub(crate) type RawId = u32;
/// The schemas that apply together at one place, outermost first. Empty: anything goes.
pub(crate) type Conj = Rc<[RawId]>;
/// A node of the normal form.
pub(crate) type NodeId = u32;

struct Raw<'d> {
    pointer: Rc<str>,
    value: &'d Value,
}

/// What one place of a document demands, and what it says about itself.
pub(crate) struct Node {
    pub(crate) conj: Conj,
    pub(crate) form: Rc<Form>,
    pub(crate) notes: Notes,
}

/// Every schema of one reading of a document, normalised when first asked for.
pub(crate) struct Arena<'d> {
    root: &'d Value,
    raws: Vec<Raw<'d>>,
    by_pointer: HashMap<Rc<str>, RawId>,
    nodes: Vec<Rc<Node>>,
    by_conj: HashMap<Conj, NodeId>,
    forms: HashMap<RawId, Rc<Form>>,
    visiting: Vec<RawId>,
    contradictions: Contradictions,
}

impl<'d> Arena<'d> {
    pub(crate) fn new(root: &'d Value) -> Self {
        Self {
            root,
            raws: Vec::new(),
            by_pointer: HashMap::new(),
            nodes: Vec::new(),
            by_conj: HashMap::new(),
            forms: HashMap::new(),
            visiting: Vec::new(),
            contradictions: Contradictions::default(),
        }
    }

    /// The schema written at a pointer; a bare `$ref` there stands for its target.
    pub(crate) fn place(&mut self, pointer: &str) -> Option<Conj> {
        let value = pointer::lookup(self.root, pointer)?;
        let raw = self.intern(pointer, value);
        Some(Rc::from([self.follow(raw)]))
    }

    pub(crate) fn node(&mut self, conj: &Conj) -> NodeId {
        if let Some(id) = self.by_conj.get(conj) {
            return *id;
        }
        let mut form: Option<Form> = None;
        let mut parts = Vec::new();
        for raw in conj.iter() {
            let next = self.form(*raw);
            form = Some(match form {
                None => (*next).clone(),
                Some(form) => form.meet(&next),
            });
            parts.push(next);
        }
        let mut form = form.unwrap_or_else(Form::anything);
        if parts.len() > 1 {
            self.contradicted(conj, &parts, &mut form);
        }
        let notes = self.notes(conj);
        // Indices stay far below `u32::MAX`: each stands for a place of a document in memory.
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(Rc::new(Node {
            conj: conj.clone(),
            form: Rc::new(form),
            notes,
        }));
        self.by_conj.insert(conj.clone(), id);
        id
    }

    pub(crate) fn get(&self, id: NodeId) -> Rc<Node> {
        self.nodes[id as usize].clone()
    }

    pub(crate) fn pointer(&self, raw: RawId) -> &str {
        &self.raws[raw as usize].pointer
    }

    pub(crate) fn raw(&self, raw: RawId) -> &'d Value {
        self.raws[raw as usize].value
    }

    /// Where a keyword is said, among the schemas that apply at a place: the first that says it.
    pub(crate) fn locate(&self, sources: &[RawId], keywords: &[&str]) -> String {
        for raw in sources {
            let own = self.raw(*raw);
            for keyword in keywords {
                let written = *keyword != "anyOf" || own.get(WRAPPED).is_none();
                if written && own.get(keyword).is_some() {
                    return pointer::push(self.pointer(*raw), keyword);
                }
            }
            if let Some(place) = self.unusable(&[*raw], keywords) {
                return place;
            }
        }
        if let Some(place) = self.unusable(sources, &["", "$ref", "allOf", "anyOf", "oneOf"]) {
            return place;
        }
        sources
            .first()
            .map_or_else(|| "#".to_owned(), |raw| self.pointer(*raw).to_owned())
    }

    /// Where one of these keywords was taken out because nobody can use what it says.
    pub(crate) fn unusable(&self, sources: &[RawId], keywords: &[&str]) -> Option<String> {
        sources.iter().find_map(|raw| {
            let taken = self.raw(*raw).get(UNUSABLE)?;
            let keyword = keywords.iter().find(|key| taken.get(key).is_some())?;
            Some(match *keyword {
                "" => self.pointer(*raw).to_owned(),
                keyword => pointer::push(self.pointer(*raw), keyword),
            })
        })
    }

    fn intern(&mut self, pointer: &str, value: &'d Value) -> RawId {
        if let Some(id) = self.by_pointer.get(pointer) {
            return *id;
        }
        let id = u32::try_from(self.raws.len()).unwrap_or(u32::MAX);
        let pointer: Rc<str> = Rc::from(pointer);
        self.raws.push(Raw {
            pointer: pointer.clone(),
            value,
        });
        self.by_pointer.insert(pointer, id);
        id
    }

    /// The target of a reference, if this document has it.
    fn target(&mut self, reference: &str) -> Option<RawId> {
        let pointer = pointer::local(reference)?;
        let value = pointer::lookup(self.root, &pointer)?;
        Some(self.intern(&pointer, value))
    }

    /// Follows bare references, so that a place and the component it names share a node.
    fn follow(&mut self, raw: RawId) -> RawId {
        let mut seen = Vec::new();
        let mut at = raw;
        while let Some(next) = self.bare_target(at) {
            // A ring of references has no end; any of its places stands for it.
            if seen.contains(&next) || seen.len() > MAX_CHAIN {
                break;
            }
            seen.push(next);
            at = next;
        }
        at
    }

    fn bare_target(&mut self, raw: RawId) -> Option<RawId> {
        let map = self.raw(raw).as_object().filter(|map| map.len() == 1)?;
        self.target(map.get("$ref")?.as_str()?)
    }

    /// The schema under a keyword of a raw schema; anything goes where there is none.
    pub(crate) fn keyword_child(&mut self, raw: RawId, tokens: &[&str]) -> Child {
        let value = tokens
            .iter()
            .try_fold(self.raw(raw), |value, token| value.get(token));
        value.map_or_else(Child::anything, |value| self.child(raw, tokens, value))
    }

    /// The child schema under some tokens of a raw schema.
    fn child(&mut self, raw: RawId, tokens: &[&str], value: &'d Value) -> Child {
        match value {
            Value::Bool(false) => Child::Never,
            Value::Bool(true) => Child::anything(),
            Value::Object(map) if map.is_empty() => Child::anything(),
            Value::Object(map) if refuses_all(map) => Child::Never,
            _ => {
                let pointer = pointer::join(self.pointer(raw), tokens);
                let id = self.intern(&pointer, value);
                Child::All(Rc::from([self.follow(id)]))
            }
        }
    }
}

/// Whether a schema is no more than a long way to write `false`.
fn refuses_all(map: &Map<String, Value>) -> bool {
    let refused = map.get("not").filter(|_| map.len() == 1);
    refused.is_some_and(|refused| match refused {
        Value::Bool(all) => *all,
        Value::Object(schema) => schema.is_empty(),
        _ => false,
    })
}
