//! Bodies that say the same share one type, and each operation ends with one type of success and
//! one of error.
//!
//! Envelopes such as `{"error": …}` are written out under every status of every operation; a type
//! for each would make error handling impossible to write once.

use std::collections::{BTreeMap, BTreeSet};

use super::operations::Api;
use super::responses::{Class, Content};
use crate::names;
use crate::pointer;
use crate::schema::Schemas;
use crate::schema::node::{Kind, NodeId, Rest, Shape};

/// Makes equal inline bodies one node, and distinct bodies of one class a union. Fills in the
/// names that result.
pub(crate) fn share(schemas: &mut Schemas<'_>, api: &mut Api) {
    let equal = find_equal(schemas, api);
    for cluster in equal.values() {
        for &other in &cluster.nodes[1..] {
            // Two components that say the same are two names that the document gives.
            if schemas.node(other).component().is_none() {
                schemas.share(other, cluster.nodes[0]);
            }
        }
    }
    for index in 0..api.operations.len() {
        for class in [Class::Success, Class::Error] {
            unite_class(schemas, api, index, class, &equal);
        }
    }
}

/// Bodies that say the same, those that are components first.
struct Cluster {
    nodes: Vec<NodeId>,
    /// The operations and classes that have them.
    users: BTreeSet<(String, Class)>,
}

fn find_equal(schemas: &Schemas<'_>, api: &Api) -> BTreeMap<String, Cluster> {
    let mut clusters: BTreeMap<String, Cluster> = BTreeMap::new();
    for operation in &api.operations {
        for response in &operation.responses {
            let Content::Json(node) = response.content else {
                continue;
            };
            let node = schemas.resolve(node);
            // What is not an envelope is shared within its operation only: a name taken from one
            // operation would say nothing to the others.
            let mut key = signature(schemas, node);
            if envelope_name(schemas, node).is_none() {
                key = format!("{} {:?} {key}", operation.id, response.class());
            }
            let cluster = clusters.entry(key).or_insert_with(|| Cluster {
                nodes: Vec::new(),
                users: BTreeSet::new(),
            });
            if !cluster.nodes.contains(&node) {
                cluster.nodes.push(node);
            }
            cluster
                .users
                .insert((operation.id.clone(), response.class()));
        }
    }
    // A component that says the same lends its name.
    for cluster in clusters.values_mut() {
        cluster
            .nodes
            .sort_by_key(|&node| schemas.node(node).component().is_none());
    }
    clusters
}

fn unite_class(
    schemas: &mut Schemas<'_>,
    api: &mut Api,
    index: usize,
    class: Class,
    equal: &BTreeMap<String, Cluster>,
) {
    let operation = &api.operations[index];
    let suffix = match class {
        Class::Success => "Response",
        Class::Error => "Error",
    };
    let whole = format!("{}-{suffix}", operation.id);
    let mut distinct: Vec<(NodeId, NodeId, String)> = Vec::new();
    for response in operation
        .responses
        .iter()
        .filter(|response| response.class() == class)
    {
        if let Content::Json(node) = response.content {
            let end = schemas.resolve(node);
            if !distinct.iter().any(|(_, there, _)| *there == end) {
                distinct.push((node, end, response.status.clone()));
            }
        }
    }
    for (_, end, status) in &distinct {
        let at = schemas.node(*end).pointer.clone();
        let cluster = equal.values().find(|cluster| cluster.nodes[0] == *end);
        let shared = cluster.filter(|cluster| cluster.users.len() > 1);
        let name = match shared.and_then(|_| envelope_name(schemas, *end)) {
            Some(name) => name,
            None if distinct.len() > 1 => format!("{whole}-{status}"),
            None => whole.clone(),
        };
        api.bases.push((at, name));
    }
    if distinct.len() < 2 {
        return;
    }
    let at = pointer::child(&operation_pointer(api, index), suffix);
    schemas.losses.add(
        &response_pointer(api, index, class),
        "responses",
        format!("one type, `{}`, that is any of them", names::pascal(&whole)),
        "which status goes with which type",
    );
    let shape = schemas.unite_bodies(&at, distinct.iter().map(|(node, _, _)| *node).collect());
    let union = schemas.make(&at, shape);
    api.bases.push((at, whole));
    for response in &mut api.operations[index].responses {
        if response.class() == class && matches!(response.content, Content::Json(_)) {
            response.content = Content::Json(union);
        }
    }
}

fn operation_pointer(api: &Api, index: usize) -> String {
    let operation = &api.operations[index];
    pointer::join(
        "",
        ["paths", &operation.path, operation.method, "responses"],
    )
}

fn response_pointer(api: &Api, index: usize, class: Class) -> String {
    let responses = &api.operations[index].responses;
    let first = responses.iter().find(|response| response.class() == class);
    let at = first
        .map(|response| response.pointer.clone())
        .unwrap_or_default();
    at.rsplit_once('/')
        .map(|(parent, _)| parent.to_owned())
        .unwrap_or_default()
}

/// The name of a body that several operations share: its one property's type and `Body`, as in
/// `{"error": ApiError}` to `ApiErrorBody`.
fn envelope_name(schemas: &Schemas<'_>, node: NodeId) -> Option<String> {
    let Kind::Record(record) = &schemas.shape(node).kind else {
        return None;
    };
    let mut fields = record.fields.iter();
    let (Some((_, field)), None) = (fields.next(), fields.next()) else {
        return None;
    };
    let end = schemas.resolve(field.node);
    let name = schemas.node(end).component()?;
    Some(format!("{name}-Body"))
}

/// What a schema says, without its words and with references by target. Equal texts are equal
/// types.
fn signature(schemas: &Schemas<'_>, node: NodeId) -> String {
    let mut text = String::new();
    write_signature(schemas, node, true, &mut text);
    text
}

fn write_signature(schemas: &Schemas<'_>, node: NodeId, top: bool, text: &mut String) {
    let end = schemas.resolve(node);
    if schemas.is_nullable(node) {
        text.push('?');
    }
    let referenced = schemas.node(end).referenced || schemas.node(end).component().is_some();
    if end != node || (referenced && !top) {
        text.push_str(&format!("#{end}"));
        return;
    }
    let Shape { kind, docs, .. } = schemas.shape(end);
    if docs.read_only || docs.write_only {
        text.push_str(&format!("{}{}", docs.read_only, docs.write_only));
    }
    match kind {
        Kind::Record(record) => {
            text.push('{');
            for (name, field) in &record.fields {
                text.push_str(&format!(
                    "{name:?}{}",
                    if field.required { "!" } else { ":" }
                ));
                write_signature(schemas, field.node, false, text);
            }
            match record.rest {
                Rest::Unsaid => {}
                Rest::Denied => text.push('-'),
                Rest::Typed(node) => {
                    text.push('+');
                    write_signature(schemas, node, false, text);
                }
            }
            text.push('}');
        }
        Kind::List(list) => {
            text.push_str(&format!("[{:?}{:?}", list.min_items, list.max_items));
            write_signature(schemas, list.item, false, text);
            text.push(']');
        }
        Kind::Union(union) => {
            text.push('(');
            for member in &union.members {
                write_signature(schemas, member.node, false, text);
                text.push('|');
            }
            text.push(')');
        }
        Kind::Tagged(tagged) => {
            text.push_str(&format!("<{:?}", tagged.tag));
            for (value, node) in &tagged.variants {
                text.push_str(&format!("{value:?}"));
                write_signature(schemas, *node, false, text);
            }
            text.push('>');
        }
        other => text.push_str(&format!("{other:?}")),
    }
}
