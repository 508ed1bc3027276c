//! What the vendor's document has beside what we take: operations near ours that nobody here has looked at, and operations
//! that our overlays describe and the vendor's document now describes too, or does not.

use std::collections::BTreeSet;

use serde_json::Value;

use super::settings::Slice;
use super::slice::slice;
use super::source::operations;

/// Notes for the reader, one a line. `upstream` is the whole document, `ours` is `openapi/ai-clipping.yaml`.
pub(crate) fn notes(upstream: &Value, ours: &Value, settings: &Slice) -> Vec<String> {
    let bound: BTreeSet<String> = operations(ours).map(|(name, _)| name).collect();
    let ours: BTreeSet<&str> = operations(ours)
        .flat_map(|(_, operation)| tags(operation))
        .collect();
    let mut notes = Vec::new();
    for (name, operation) in operations(upstream) {
        let known = bound.contains(&name)
            || settings.operations.contains(&name)
            || settings.ignored.contains(&name);
        let path = name.split_once(' ').map_or("", |(_, path)| path);
        let near = settings.near.iter().any(|prefix| {
            path.strip_prefix(prefix.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }) || tags(operation).any(|tag| ours.contains(tag));
        if known || !near {
            continue;
        }
        let hidden = if operation["x-excluded"] == true {
            ", which the vendor has not announced"
        } else {
            ""
        };
        let summary = operation["summary"].as_str().unwrap_or("no summary");
        notes.push(format!(
            "new operation near ours: {name} ({summary}){hidden}"
        ));
    }
    notes
}

/// For each operation that overlays describe and the vendor's document has too: whether they say the same.
pub(crate) fn described(upstream: &Value, ours: &Value, settings: &Slice) -> Vec<String> {
    let names: BTreeSet<String> = operations(upstream).map(|(name, _)| name).collect();
    let mut notes = Vec::new();
    for (name, _) in operations(ours) {
        if settings.operations.contains(&name) || !names.contains(&name) {
            continue;
        }
        let wanted = [name.clone()];
        let (Ok(theirs), Ok(mine)) = (slice(upstream, &wanted), slice(ours, &wanted)) else {
            notes.push(format!(
                "{name} is in the vendor's document, but cannot be cut out of it"
            ));
            continue;
        };
        let said = match openapi_drift::compare(&mine, &theirs) {
            Ok(report) if report.is_empty() => "says the same as our overlays".to_owned(),
            Ok(report) => format!(
                "differs from our overlays ({}, {} changes)",
                report.verdict.as_str(),
                report.changes.len()
            ),
            Err(error) => format!("cannot be compared: {error}"),
        };
        notes.push(format!(
            "{name} is in the vendor's document and {said}; to take it, add it to `operations` in upstream.toml and retire the overlay actions"
        ));
    }
    notes
}

fn tags(operation: &Value) -> impl Iterator<Item = &str> {
    operation["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// Drops tags that belong to other products, unless they were taken before: they say nothing about our operations.
pub(crate) fn own_tags(sliced: &mut Value, before: &Value) {
    let used: BTreeSet<String> = operations(sliced)
        .flat_map(|(_, operation)| tags(operation))
        .map(str::to_owned)
        .collect();
    let kept = |tag: &Value| {
        let name = tag["name"].as_str().unwrap_or_default();
        let there = |list: &Value| {
            list.as_array()
                .is_some_and(|list| list.iter().any(|tag| tag["name"] == name))
        };
        used.contains(name) || there(&before["tags"])
    };
    if let Some(tags) = sliced.get_mut("tags").and_then(Value::as_array_mut) {
        tags.retain(kept);
    }
}
