//! What the vendor's document has beside what we take: operations near ours that nobody here has looked at, and operations
//! that our overlays describe and the vendor's document now describes too, or does not.

use std::collections::BTreeSet;

use openapi_drift::Verdict;
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

/// Of the operations that overlays describe and the vendor's document has too: which say the same, and which do not.
pub(crate) fn described(upstream: &Value, ours: &Value, settings: &Slice) -> Vec<String> {
    const HINT: &str = "to take one, add it to `operations` in upstream.toml and retire what the overlays say of it";
    let names: BTreeSet<String> = operations(upstream).map(|(name, _)| name).collect();
    let (mut same, mut notes) = (Vec::new(), Vec::new());
    for (name, _) in operations(ours) {
        if settings.operations.contains(&name) || !names.contains(&name) {
            continue;
        }
        let wanted = [name.clone()];
        let theirs = slice(upstream, &wanted);
        let mine = slice(ours, &wanted);
        let report = theirs.and_then(|theirs| {
            openapi_drift::compare(&mine?, &theirs).map_err(|error| error.to_string())
        });
        match report {
            Ok(report) if report.verdict <= Verdict::DocsOnly => same.push(name),
            Ok(report) => notes.push(format!(
                "the vendor's document now has {name}, and differs from our overlays ({}): {}; {HINT}",
                report.verdict.as_str(),
                report.changes.first().map_or("", |change| change.summary.as_str())
            )),
            Err(why) => notes.push(format!(
                "the vendor's document now has {name}, which cannot be compared: {why}"
            )),
        }
    }
    if !same.is_empty() {
        notes.push(format!(
            "the vendor's document now has, as our overlays say: {}; {HINT}",
            same.join(", ")
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
