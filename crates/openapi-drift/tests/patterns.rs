//! Patterns against lengths, patterns that look around, and patterns of names.
#![allow(clippy::unwrap_used, clippy::panic)]

use openapi_drift::{Report, Verdict, compare};
use serde_json::{Value, json};

fn report(old: &Value, new: &Value) -> Report {
    let document = |schema: &Value| {
        json!({"openapi": "3.1.0", "paths": {"/t": {"post": {
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {"204": {"description": "done"}}
        }}}})
    };
    compare(&document(old), &document(new)).unwrap()
}

#[test]
fn lengths_that_a_pattern_says_already_are_no_news() {
    let bare = json!({"type": "string", "pattern": "^[a-z]{2,5}$"});
    let told = json!({"type": "string", "pattern": "^[a-z]{2,5}$", "minLength": 2, "maxLength": 5});
    assert_eq!(report(&bare, &told).verdict, Verdict::Equivalent);
    assert_eq!(report(&told, &bare).verdict, Verdict::Equivalent);
    let tighter = json!({"type": "string", "pattern": "^[a-z]{2,5}$", "maxLength": 4});
    let found = report(&bare, &tighter);
    assert_eq!(found.verdict, Verdict::Breaking);
    assert_eq!(
        found.changes[0].witness.as_ref().unwrap().instance,
        json!("aaaaa")
    );
}

#[test]
fn what_must_not_follow_is_the_witness() {
    let old = json!({"type": "string", "pattern": "^a"});
    let new = json!({"type": "string", "pattern": "^(?!ab)a"});
    let found = report(&old, &new);
    assert_eq!(found.verdict, Verdict::Breaking);
    let witness = found.changes[0].witness.as_ref().unwrap();
    assert_eq!(witness.instance, json!("aba"));
}

#[test]
fn patterns_of_names_are_compared_as_sets_of_names() {
    let text = json!({"type": "string"});
    let open = |pattern: &str| json!({"type": "object", "patternProperties": {pattern: text}});
    let closed = |pattern: &str| json!({"type": "object", "patternProperties": {pattern: text}, "additionalProperties": false});
    let both = |one: &str, two: &str| json!({"type": "object", "patternProperties": {one: text, two: text}});
    let map = json!({"type": "object", "additionalProperties": text});
    for (old, new, there, back) in [
        (open("^k"), open("^k_"), "compatible", "breaking"),
        (open("^k_"), open("^k[_]"), "equivalent", "equivalent"),
        (closed("^k_"), closed("^[jk]_"), "compatible", "breaking"),
        (open(".*"), map, "equivalent", "equivalent"),
        (open("^[ab]"), both("^a", "^b"), "equivalent", "equivalent"),
        (open("^k"), open("^j"), "breaking", "breaking"),
    ] {
        for (old, new, verdict) in [(&old, &new, there), (&new, &old, back)] {
            let found = report(old, new);
            assert_eq!(found.verdict.as_str(), verdict, "{old} {new}");
            assert_eq!(found.changes.len(), 1, "{old} {new}");
            assert_eq!(found.unknown, 0, "{old} {new}");
        }
    }
    let found = report(&closed("^[jk]_"), &closed("^k_"));
    assert_eq!(
        found.changes[0].summary,
        "pattern properties of request body: ^[jk]_ is now ^k_"
    );
    let witness = found.changes[0].witness.as_ref().unwrap();
    assert_eq!(witness.instance, json!({"j_": "a"}));
    let nullable =
        json!({"type": "object", "patternProperties": {"^k_": {"type": ["string", "null"]}}});
    assert_eq!(
        report(&open("^k[_]"), &nullable).verdict,
        Verdict::Compatible
    );
    assert_eq!(report(&nullable, &open("^k[_]")).verdict, Verdict::Breaking);
}
