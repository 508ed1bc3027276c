//! Webhooks and callbacks that are still delivered, under another name or by another method; members that are owed undeclared.
#![allow(clippy::unwrap_used)]

use openapi_drift::compare;
use serde_json::{Value, json};

fn document(callbacks: &Value, webhooks: &Value, request: &Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "paths": {"/prints": {"post": {
            "requestBody": {"required": true, "content": {"application/json": {"schema": request}}},
            "responses": {"204": {"description": "done"}},
            "callbacks": callbacks,
        }}},
        "webhooks": webhooks,
    })
}

/// A delivery by this method, which may or may not lack its sheet.
fn delivery(method: &str, owes: bool) -> Value {
    let required: &[&str] = if owes { &["sheet"] } else { &[] };
    let schema = json!({"type": "object", "required": required, "properties": {"sheet": {"type": "string"}}});
    json!({method: {
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": "seen"}},
    }})
}

fn callback(name: &str, address: &str, method: &str, owes: bool) -> Value {
    json!({name: {address: delivery(method, owes)}})
}

/// The verdict of the whole, and a line for each change.
fn told(old: &Value, new: &Value) -> (&'static str, Vec<String>) {
    let report = compare(old, new).unwrap();
    let line = |change: &openapi_drift::Change| {
        let witness = change.witness.as_ref().map(|witness| &witness.line);
        let witness = witness.map_or_else(String::new, |line| format!(" ({line})"));
        format!("{}: {}{witness}", change.verdict.as_str(), change.summary)
    };
    let lines = report.changes.iter().map(line).collect();
    (report.verdict.as_str(), lines)
}

#[test]
fn a_callback_is_the_same_under_another_name() {
    let of = |callback: &Value| document(callback, &json!({}), &json!({}));
    let old = of(&callback("done", "{$url}", "post", true));
    let renamed = told(&old, &of(&callback("printed", "{$url}", "post", true)));
    assert_eq!(
        renamed,
        (
            "docs-only",
            vec!["docs-only: callback done is called printed now".to_owned()]
        )
    );
    let (verdict, lines) = told(&old, &of(&callback("printed", "{$url}", "post", false)));
    assert_eq!(verdict, "breaking");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].starts_with("breaking: sheet became optional ("),
        "{lines:?}"
    );
}

#[test]
fn what_is_delivered_by_another_method_or_elsewhere_is_compared() {
    let of = |callback: &Value| document(callback, &json!({}), &json!({}));
    let old = of(&callback("done", "{$url}", "post", true));
    for (new, said) in [
        (
            callback("done", "{$url}", "put", false),
            "breaking: done {$url} is delivered by put now instead of post (POST /prints callback done {$url} with method PUT)",
        ),
        (
            callback("done", "{$link}", "post", false),
            "behaviour: callback address of done {$link}: {$url} is now {$link}",
        ),
    ] {
        let (verdict, lines) = told(&old, &of(&new));
        assert_eq!((verdict, lines.len()), ("breaking", 2), "{lines:?}");
        assert!(lines.iter().any(|line| line == said), "{lines:?}");
        let optional = "breaking: sheet became optional (";
        assert!(
            lines.iter().any(|line| line.starts_with(optional)),
            "{lines:?}"
        );
    }
    let of = |webhook: &Value| document(&json!({}), &json!({"printed": webhook}), &json!({}));
    let told_of = |owes| told(&of(&delivery("post", true)), &of(&delivery("put", owes)));
    let by_put = "breaking: printed is delivered by put now instead of post (webhook printed with method PUT)";
    assert_eq!(told_of(true), ("breaking", vec![by_put.to_owned()]));
    assert_eq!(told_of(false).1.len(), 2);
}

#[test]
fn a_number_of_members_that_are_owed_anyway_is_no_limit() {
    let of = |request: &Value| document(&json!({}), &json!({}), request);
    let owed = json!({"type": "object", "required": ["sheet"], "properties": {"sheet": {"type": "string"}}});
    let mut counted = owed.clone();
    counted["minProperties"] = json!(1);
    assert_eq!(told(&of(&owed), &of(&counted)), ("equivalent", Vec::new()));
    counted["minProperties"] = json!(2);
    assert_eq!(told(&of(&owed), &of(&counted)).0, "breaking");
}

#[test]
fn a_member_can_be_owed_that_is_not_declared() {
    let of = |request: &Value| document(&json!({}), &json!({}), request);
    let declared = of(&json!({"type": "object", "properties": {"sheet": {"type": "string"}}}));
    let owed = of(&json!({"type": "object", "required": ["sheet"]}));
    let (verdict, lines) = told(&declared, &owed);
    assert_eq!(verdict, "breaking");
    let witness = "breaking: sheet became required (POST /prints with application/json)";
    assert!(lines.iter().any(|line| line == witness), "{lines:?}");
    let (_, lines) = told(&owed, &declared);
    let eased = "compatible: sheet became optional";
    assert!(lines.iter().any(|line| line == eased), "{lines:?}");
}
