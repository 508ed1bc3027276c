//! The part of two lowered documents that differs, with all that reaches it and all that it needs: what lies outside makes
//! the same items on both sides, and generating it would cost time and show nothing.
//!
//! Names are settled by the lowering already, so that leaving things out does not change what the rest is called.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

const SCHEMAS: &str = "#/components/schemas/";

/// What of each side is worth generating; nothing where the sides agree.
pub(super) fn differing(old: &Value, new: &Value) -> Option<(Value, Value)> {
    let changed: BTreeSet<&str> = schemas(old)
        .chain(schemas(new))
        .map(|(name, _)| name)
        .filter(|name| schema(old, name) != schema(new, name))
        .collect();
    let (left, right) = (Part::of(old, new, &changed), Part::of(new, old, &changed));
    // What one side needs stands on the other too, or it would look gone.
    let kept: BTreeSet<&str> = left.needed.union(&right.needed).copied().collect();
    if left.wanted.is_empty() && right.wanted.is_empty() && kept.is_empty() {
        return None;
    }
    Some((
        taken(old, &left.wanted, &kept),
        taken(new, &right.wanted, &kept),
    ))
}

struct Part<'d> {
    /// Operations, as path and method.
    wanted: BTreeSet<(&'d str, &'d str)>,
    /// Schemas that the operations and the changes start from, and all that these need.
    needed: BTreeSet<&'d str>,
}

impl<'d> Part<'d> {
    fn of(document: &'d Value, other: &Value, changed: &BTreeSet<&'d str>) -> Self {
        let uses: BTreeMap<&str, BTreeSet<&str>> = schemas(document)
            .map(|(name, value)| (name, references(value)))
            .collect();
        // All that leads to something that changed.
        let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, used) in &uses {
            for one in used {
                users.entry(one).or_default().push(name);
            }
        }
        let stirred = closure(changed.iter().copied(), |name| {
            users.get(name).into_iter().flatten().copied()
        });
        let mut wanted = BTreeSet::new();
        let mut needed = stirred.clone();
        for (path, method, operation) in operations(document) {
            let used = references(operation);
            let same = other["paths"][path].get(method) == Some(operation);
            if !same || used.iter().any(|name| stirred.contains(name)) {
                wanted.insert((path, method));
                needed.extend(used);
            }
        }
        let needed = closure(needed.into_iter(), |name| {
            uses.get(name).into_iter().flatten().copied()
        });
        Self { wanted, needed }
    }
}

/// A document with these operations and schemas alone.
fn taken(document: &Value, wanted: &BTreeSet<(&str, &str)>, kept: &BTreeSet<&str>) -> Value {
    let mut paths = Map::new();
    for (path, method, operation) in operations(document) {
        if wanted.contains(&(path, method)) {
            let item = paths
                .entry(path)
                .or_insert_with(|| Value::Object(Map::new()));
            item[method] = operation.clone();
        }
    }
    let kept = schemas(document).filter(|(name, _)| kept.contains(name));
    let kept: Map<String, Value> = kept
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
    let mut whole = Map::new();
    for (key, value) in document.as_object().into_iter().flatten() {
        let value = match key.as_str() {
            "paths" => Value::Object(std::mem::take(&mut paths)),
            "components" => continue,
            _ => value.clone(),
        };
        whole.insert(key.clone(), value);
    }
    whole.insert(
        "components".to_owned(),
        serde_json::json!({"schemas": kept}),
    );
    Value::Object(whole)
}

/// Everything that one leads to, with where it starts.
fn closure<'d, I: Iterator<Item = &'d str>>(
    start: impl Iterator<Item = &'d str>,
    next: impl Fn(&str) -> I,
) -> BTreeSet<&'d str> {
    let mut open: Vec<&str> = start.collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            open.extend(next(name));
        }
    }
    seen
}

/// The schemas that a value refers to.
fn references(value: &Value) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            // A discriminator's mapping refers with plain strings.
            Value::String(text) => found.extend(text.strip_prefix(SCHEMAS)),
            Value::Array(items) => open.extend(items),
            Value::Object(map) => open.extend(map.values()),
            _ => {}
        }
    }
    found
}

fn schemas(document: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let all = document["components"]["schemas"].as_object();
    all.into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

fn schema<'d>(document: &'d Value, name: &str) -> Option<&'d Value> {
    document["components"]["schemas"].get(name)
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}
