//! Which schemas become components in which direction, and what they are called.
//!
//! A name follows from the place in the document alone: the component, or the operation, then the
//! way down. So it changes when that place does, and not when something else is added.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::operations::Api;
use super::operations::Slot;
use super::responses::Content;
use super::write::{Way, Writer};
use crate::names::{self, Namer};
use crate::pointer;
use crate::schema::Schemas;
use crate::schema::node::{Kind, NodeId, Rest};

/// What a component is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    pub(crate) node: NodeId,
    pub(crate) part: Part,
}

/// All of a schema, or a part of what it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Whole,
    /// The closed half of an open enumeration.
    Known,
    /// A variant of a tagged union, by its number.
    Variant(usize),
    /// The tag of that variant.
    Tag(usize),
}

/// The names of all components.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<(Target, Way), String>);

impl Names {
    pub(crate) fn get(&self, target: Target, way: Way) -> Option<&str> {
        self.0.get(&(target, way)).map(String::as_str)
    }

    /// Each name with what it was made from; the first maker of a name writes it.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Target, Way, &str)> {
        self.0
            .iter()
            .map(|((target, way), name)| (*target, *way, name.as_str()))
    }
}

/// Which nodes are reached in which direction.
pub(crate) type Reach = BTreeSet<(NodeId, Way)>;

/// Everything that operations and webhooks reach; without a selection, also what nothing reaches,
/// read openly: somebody may send it.
pub(crate) fn reach(schemas: &Schemas<'_>, api: &Api, components: &[NodeId]) -> Reach {
    let mut open = Vec::new();
    for operation in &api.operations {
        let slots = operation.parameters.iter().map(|p| p.slot);
        for slot in slots.chain(operation.body.as_ref().map(|body| body.slot)) {
            if let Slot::Node(node) = slot {
                open.push((node, Way::Request));
            }
        }
        for response in &operation.responses {
            if let Content::Json(node) = response.content {
                open.push((node, Way::Response));
            }
        }
    }
    open.extend(api.payloads.iter().map(|&node| (node, Way::Response)));
    let mut reached = Reach::new();
    spread(schemas, open, &mut reached);
    let absorbed = variants(schemas, &reached);
    let mut left: Vec<_> = components
        .iter()
        .map(|&node| schemas.resolve(node))
        .collect();
    left.retain(|node| {
        let ways = [Way::Request, Way::Response];
        !absorbed.contains(node) && !ways.iter().any(|&way| reached.contains(&(*node, way)))
    });
    let left = left.into_iter().map(|node| (node, Way::Response)).collect();
    spread(schemas, left, &mut reached);
    reached
}

/// The schemas that became variants of a tagged union.
fn variants(schemas: &Schemas<'_>, reached: &Reach) -> BTreeSet<NodeId> {
    reached
        .iter()
        .filter_map(|(node, _)| match &schemas.shape(*node).kind {
            Kind::Tagged(tagged) => Some(tagged),
            _ => None,
        })
        .flat_map(|tagged| {
            tagged
                .variants
                .iter()
                .map(|(_, node)| schemas.resolve(*node))
        })
        .collect()
}

fn spread(schemas: &Schemas<'_>, mut open: Vec<(NodeId, Way)>, reached: &mut Reach) {
    while let Some((node, way)) = open.pop() {
        let node = schemas.resolve(node);
        if !reached.insert((node, way)) {
            continue;
        }
        if let Kind::Tagged(tagged) = &schemas.shape(node).kind {
            // Variants are written out where they stand: their fields are reached, they are not.
            for (_, variant) in &tagged.variants {
                let variant = schemas.resolve(*variant);
                let fields = children(schemas, variant, way, Some(&tagged.tag));
                open.extend(fields.into_iter().map(|node| (node, way)));
            }
        } else {
            open.extend(
                children(schemas, node, way, None)
                    .into_iter()
                    .map(|node| (node, way)),
            );
        }
    }
}

/// The nodes that `node` uses in this direction. A `tag` is written out, not used, and a variant that
/// is sent has no place for other properties.
fn children(schemas: &Schemas<'_>, node: NodeId, way: Way, tag: Option<&str>) -> Vec<NodeId> {
    let shape = schemas.shape(node);
    let record = match &shape.kind {
        Kind::Record(record) => record,
        Kind::Union(union) => {
            let members = match way {
                Way::Request => &union.members,
                Way::Response => &union.received,
            };
            return members.iter().map(|member| member.node).collect();
        }
        _ => return shape.children(),
    };
    let writer = Writer {
        schemas,
        names: None,
    };
    let rest = match record.rest {
        Rest::Typed(node) => Some(node),
        Rest::Unsaid | Rest::Denied => None,
    };
    let fields = writer.fit_beside(tag, record, way).fields.into_values();
    fields
        .map(|field| field.node)
        .chain(rest.filter(|_| tag.is_none() || way == Way::Response))
        .collect()
}

/// Names for all that is reached.
pub(crate) fn assign(
    schemas: &Schemas<'_>,
    api: &Api,
    reached: &Reach,
    locked: &BTreeMap<String, String>,
) -> Names {
    let writer = Writer {
        schemas,
        names: None,
    };
    let bases: BTreeMap<&str, &str> = api
        .bases
        .iter()
        .rev()
        .map(|(at, name)| (at.as_str(), name.as_str()))
        .collect();
    let split = split(&writer, reached);
    let mut named: Vec<NodeId> = reached
        .iter()
        .filter(|(node, way)| writer.is_named(*node, *way))
        .map(|(node, _)| *node)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    // What the caller named, then components: their names are in the document. Then each in the
    // order of its place.
    named.sort_by_cached_key(|&node| {
        let at = schemas.node(node);
        let free = !locked.contains_key(&at.pointer);
        (free, at.component().is_none(), at.pointer.clone())
    });
    let mut namer = Namer::types();
    let mut table = BTreeMap::new();
    let mut later = Vec::new();
    for node in named {
        let part = |part| Target { node, part };
        let whole = part(Part::Whole);
        let ways: Vec<Way> = [Way::Response, Way::Request]
            .into_iter()
            .filter(|&way| reached.contains(&(node, way)) && writer.is_named(node, way))
            .collect();
        let name = namer.claim(&wanted(schemas, &bases, locked, node));
        for &way in &ways {
            if way == Way::Request && ways.len() > 1 && split.contains(&node) {
                // The closed half of an enumeration is what a request takes.
                let is_choice = matches!(schemas.shape(node).kind, Kind::Choice(_));
                let suffix = if is_choice { "Known" } else { "Input" };
                later.push((whole, way, format!("{name}{suffix}")));
            } else {
                table.insert((whole, way), name.clone());
            }
        }
        for way in ways {
            if writer.has_known(node, way) {
                later.push((part(Part::Known), way, format!("{name}Known")));
            }
            if let (Kind::Tagged(tagged), Way::Response) = (&schemas.shape(node).kind, way) {
                for (index, (value, _)) in tagged.variants.iter().enumerate() {
                    let variant = format!("{name}{}", names::pascal(value));
                    let tag = format!("{variant}{}", names::pascal(&tagged.tag));
                    later.push((part(Part::Variant(index)), way, variant));
                    later.push((part(Part::Tag(index)), way, tag));
                }
            }
        }
    }
    for (target, way, wanted) in &later {
        let is_choice = matches!(schemas.shape(target.node).kind, Kind::Choice(_));
        let twin = later.iter().find_map(|(other, other_way, _)| {
            let same = is_choice && other.node == target.node;
            same.then(|| table.get(&(*other, *other_way)).cloned())
                .flatten()
        });
        let claimed = twin.unwrap_or_else(|| namer.claim(wanted));
        table.insert((*target, *way), claimed);
    }
    Names(table)
}

/// The nodes whose text differs between the directions, by themselves or through what they use.
fn split(writer: &Writer<'_, '_>, reached: &Reach) -> BTreeSet<NodeId> {
    let both: Vec<NodeId> = reached
        .iter()
        .filter(|(node, way)| *way == Way::Request && reached.contains(&(*node, Way::Response)))
        .map(|(node, _)| *node)
        .filter(|&node| writer.is_named(node, Way::Request) && writer.is_named(node, Way::Response))
        .collect();
    let mut split = BTreeSet::new();
    let mut uses: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
    let mut open = Vec::new();
    for node in both {
        let whole = Target {
            node,
            part: Part::Whole,
        };
        let request = writer.component(whole, Way::Request);
        if request != writer.component(whole, Way::Response) {
            open.push(node);
        }
        let mut links = Vec::new();
        collect_links(&request, &mut links);
        for used in links {
            uses.entry(used).or_default().push(node);
        }
    }
    while let Some(node) = open.pop() {
        if split.insert(node) {
            open.extend(uses.get(&node).into_iter().flatten());
        }
    }
    split
}

/// The node numbers behind the links of an unnamed text.
fn collect_links(value: &Value, links: &mut Vec<NodeId>) {
    match value {
        Value::Object(map) => {
            if let Some(link) = map.get("$ref").and_then(Value::as_str) {
                let number = link.rsplit('/').next().unwrap_or_default();
                links.extend(
                    number
                        .split(':')
                        .next()
                        .and_then(|number| number.parse::<NodeId>().ok()),
                );
            }
            map.values().for_each(|value| collect_links(value, links));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_links(value, links)),
        _ => {}
    }
}

/// The name that the place of a node asks for.
fn wanted(
    schemas: &Schemas<'_>,
    bases: &BTreeMap<&str, &str>,
    locked: &BTreeMap<String, String>,
    node: NodeId,
) -> String {
    let at = &schemas.node(node).pointer;
    let tokens = pointer::tokens(at);
    // The longest prefix that has a name.
    let mut prefix = String::new();
    let mut base = (0, String::new());
    for (index, token) in tokens.iter().enumerate() {
        prefix = pointer::child(&prefix, token);
        if let Some(name) = bases.get(prefix.as_str()).filter(|_| {
            // A path item or a callback is named after its use, shared or not.
            let shared = tokens.get(1).map(String::as_str);
            let is_used = matches!(shared, Some("pathItems" | "callbacks"));
            tokens[0] != "components" || is_used
        }) {
            base = (index + 1, names::pascal(name));
        }
        if index == 2 && tokens[0] == "components" {
            let suffix = if tokens[1] == "requestBodies" || tokens[1] == "responses" {
                "Body"
            } else {
                ""
            };
            base = (3, names::pascal(token) + suffix);
            if let Some(name) = bases
                .get(at.as_str())
                .filter(|_| tokens[1] == "responses" && !locked.contains_key(at))
            {
                // A body that is shared by its content is named by its content.
                if name.ends_with("-Body") {
                    return names::pascal(name);
                }
            }
        }
    }
    let mut prefix = String::new();
    for (index, token) in tokens.iter().enumerate() {
        prefix = pointer::child(&prefix, token);
        if let Some(name) = locked.get(&prefix) {
            base = (index + 1, names::pascal(name));
        }
    }
    let (start, mut name) = base;
    name.push_str(&way_down(schemas, &tokens, start));
    name
}

/// The words for the keywords and names between a base and a schema below it.
fn way_down(schemas: &Schemas<'_>, tokens: &[String], start: usize) -> String {
    let mut words = String::new();
    let mut at = pointer::join("", tokens[..start].iter().map(String::as_str));
    let mut index = start;
    while let Some(token) = tokens.get(index) {
        at = pointer::child(&at, token);
        index += 1;
        match token.as_str() {
            "items" => words.push_str("Item"),
            "additionalProperties" | "unevaluatedProperties" => words.push_str("Value"),
            "schema" => {}
            "properties" | "$defs" | "definitions" | "paths" | "parameters" => {
                if let Some(name) = tokens.get(index) {
                    at = pointer::child(&at, name);
                    words.push_str(&names::pascal(name));
                    index += 1;
                }
            }
            "patternProperties" => {
                at = tokens
                    .get(index)
                    .map_or(at.clone(), |name| pointer::child(&at, name));
                words.push_str("Value");
                index += 1;
            }
            "allOf" | "content" => {
                at = tokens
                    .get(index)
                    .map_or(at.clone(), |name| pointer::child(&at, name));
                index += 1;
            }
            "oneOf" | "anyOf" | "prefixItems" => {
                let Some(member) = tokens.get(index) else {
                    continue;
                };
                at = pointer::child(&at, member);
                index += 1;
                match schemas.labels.get(&at) {
                    Some(label) => words.push_str(&names::pascal(label)),
                    None if member.starts_with(|c: char| c.is_ascii_digit()) => {
                        words.push_str(&format!("Variant{member}"));
                    }
                    None => words.push_str(&names::pascal(member)),
                }
            }
            other => words.push_str(&names::pascal(other)),
        }
    }
    words
}
