//! Patterns against lengths, and patterns that look around.
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
