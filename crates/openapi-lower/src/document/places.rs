//! Where a keyword stands in the document: schemas are put together out of parts, and a loss names the part.

use serde_json::Value;

use crate::pointer;
use crate::refs::Refs;
use crate::schema::Schemas;
use crate::schema::node::NodeId;

/// Where a keyword of the schema at `pointer` stands, which need not be a place of the document: in the schema,
/// or in a part of it.
pub(super) fn within(refs: &Refs<'_>, pointer: &str, keyword: &str) -> String {
    let tokens = pointer::tokens(pointer);
    if let Some(found) = descend(refs, "", &tokens, keyword, MAX_PARTS) {
        return found;
    }
    // A part of a schema that allows several types has no place of its own.
    let mut place = pointer;
    while refs.get(place).is_none()
        && let Some((around, _)) = place.rsplit_once('/')
    {
        place = around;
    }
    let found = locate(refs, place, keyword, MAX_PARTS).or_else(|| {
        // One object for several alternatives stands beside them.
        let (around, parts) = place.rsplit_once('/')?;
        let is_union = matches!(parts, "oneOf" | "anyOf");
        is_union.then(|| locate(refs, around, keyword, 0)).flatten()
    });
    found.unwrap_or_else(|| pointer::child(pointer, keyword))
}

/// Where a keyword is said of `node`: there, or on the way to the schema that it stands for.
pub(super) fn of_node(schemas: &Schemas<'_>, node: NodeId, keyword: &str) -> String {
    let way = schemas.way(node);
    let places = way.iter().map(|&node| &schemas.node(node).pointer);
    let found = places
        .clone()
        .find_map(|place| locate(&schemas.refs, place, keyword, MAX_PARTS));
    found.unwrap_or_else(|| schemas.node(node).pointer.clone())
}

/// Parts of parts deeper than this are not searched.
const MAX_PARTS: usize = 6;

/// The place of `keyword` in the schema that lies `tokens` below `at`. What schemas are made of may have them, too.
fn descend(
    refs: &Refs<'_>,
    at: &str,
    tokens: &[String],
    keyword: &str,
    depth: usize,
) -> Option<String> {
    let Some((first, rest)) = tokens.split_first() else {
        return locate(refs, at, keyword, depth);
    };
    refs.get(at)?;
    let below = descend(refs, &pointer::child(at, first), rest, keyword, depth);
    below.or_else(|| {
        let depth = depth.checked_sub(1)?;
        let mut parts = parts(refs, at).into_iter();
        parts.find_map(|part| descend(refs, &part, tokens, keyword, depth))
    })
}

/// The place of `keyword` in the schema at `at`, or in one of the schemas that it is made of.
fn locate(refs: &Refs<'_>, at: &str, keyword: &str, depth: usize) -> Option<String> {
    let schema = refs.get(at)?;
    if !is_map(at) && schema.get(keyword).is_some() {
        return Some(pointer::child(at, keyword));
    }
    let depth = depth.checked_sub(1)?;
    let mut parts = parts(refs, at).into_iter();
    parts.find_map(|part| locate(refs, &part, keyword, depth))
}

/// Whether what stands at `at` is a map of schemas that became one.
fn is_map(at: &str) -> bool {
    at.ends_with("/patternProperties")
}

/// The schemas that the one at `at` is made of.
fn parts(refs: &Refs<'_>, at: &str) -> Vec<String> {
    let indexed = |at: &str, count: usize| -> Vec<String> {
        (0..count).map(|index| format!("{at}/{index}")).collect()
    };
    match refs.get(at) {
        Some(Value::Array(items)) => indexed(at, items.len()),
        Some(Value::Object(map)) if is_map(at) => {
            map.keys().map(|key| pointer::child(at, key)).collect()
        }
        Some(Value::Object(map)) => {
            let inline = ["allOf", "anyOf", "oneOf"].into_iter().flat_map(|key| {
                let count = map.get(key).and_then(Value::as_array).map_or(0, Vec::len);
                indexed(&pointer::child(at, key), count)
            });
            let reference = map.get("$ref").and_then(Value::as_str);
            inline
                .chain(reference.and_then(|to| refs.resolve(to, at)))
                .collect()
        }
        _ => Vec::new(),
    }
}
