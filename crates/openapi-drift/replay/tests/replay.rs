//! Every witness that breaks, sent through the types of both sides: what the report calls a major
//! step is refused by real Rust types, and what it calls `wire-only` is not noticed by any.
#![allow(clippy::unwrap_used, clippy::panic)]

use openapi_drift::{Cell, Change, Lock, Report, compare};
use openapi_drift_replay::{new, old};
use serde::de::DeserializeOwned;
use serde_json::Value;

fn report() -> Report {
    let read = |text: &str| serde_saphyr::from_str::<Value>(text).unwrap();
    let before = read(include_str!("../documents/old.yaml"));
    let after = read(include_str!("../documents/new.yaml"));
    let mut report = compare(&before, &after).unwrap();
    let free = Lock::default();
    report.measure((&before, &free), (&after, &free));
    report
}

fn takes<T: DeserializeOwned>(message: &Value) -> bool {
    serde_json::from_value::<T>(message.clone()).is_ok()
}

/// Whether the old and the new types take a message.
fn both_sides(change: &Change) -> (bool, bool) {
    let witness = change.witness.as_ref().unwrap();
    let message = &witness.instance;
    if witness.line.starts_with("POST /orders") {
        (
            takes::<old::types::Order>(message),
            takes::<new::types::Order>(message),
        )
    } else if witness.line.contains("shipped") {
        (
            takes::<old::types::Shipped>(message),
            takes::<new::types::Shipped>(message),
        )
    } else {
        (
            takes::<old::types::Receipt>(message),
            takes::<new::types::Receipt>(message),
        )
    }
}

#[test]
fn witnesses_pass_one_side_and_not_the_other() {
    let report = report();
    let mut seen: Vec<String> = report
        .changes
        .iter()
        .filter(|change| change.witness.is_some())
        .map(|change| {
            let (old, new) = both_sides(change);
            let side = |takes| if takes { "takes" } else { "refuses" };
            let cell = if change.cell == Some(Cell::WireOnly) {
                " (wire only)"
            } else {
                ""
            };
            format!(
                "{}: old {}, new {}{cell}",
                change.summary,
                side(old),
                side(new)
            )
        })
        .collect();
    seen.sort();
    let expected = [
        "at became optional: old refuses, new takes",
        "due can be null now: old refuses, new takes",
        "gift became required: old takes, new refuses",
        "max items of labels: 4 is now 2: old takes, new takes (wire only)",
        // A limit on a request's text is checked when it is made: it compiles, and is refused then.
        "max length of note: 20 is now 5: old takes, new refuses (wire only)",
        "maximum of count: 10 is now 5: old takes, new takes (wire only)",
        "object with kind, path was removed: old takes, new refuses",
        "pattern of code: ^[a-z]+$ is now ^[a-f]+$: old takes, new refuses (wire only)",
        "place became optional: old refuses, new takes",
        "speed can't be fast any more: old takes, new refuses",
        // What is received is open: only closed readers, which these types are not, would refuse it.
        "state can be void now: old takes, new takes (wire only)",
        "type of price: number is now string: old refuses, new takes",
        "type of weight: number is now integer: old takes, new refuses",
        "voucher was removed: old takes, new refuses",
    ];
    assert_eq!(seen, expected);
    assert_eq!(report.unknown, 0);
}
