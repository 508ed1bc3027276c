//! `xml` is words to JSON, and the notation itself to XML.
#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_pass_by_value)]

use openapi_drift::{Report, Verdict, compare};
use serde_json::{Value, json};

fn report(media: &str, old: Value, new: Value) -> Report {
    let document = |xml: Value| {
        let content = json!({media: {"schema": {
            "type": "object", "properties": {"a": {"type": "string", "xml": xml}}
        }}});
        json!({"openapi": "3.1.0", "paths": {"/t": {"post": {
            "requestBody": {"content": content},
            "responses": {"200": {"description": "done", "content": content}}
        }}}})
    };
    compare(&document(old), &document(new)).unwrap()
}

#[test]
fn another_name_is_another_message_in_xml_alone() {
    let (old, new) = (json!({}), json!({"name": "b"}));
    let json_body = report("application/json", old.clone(), new.clone());
    assert_eq!(json_body.verdict, Verdict::DocsOnly);
    for media in [
        "application/xml",
        "text/xml; charset=utf-8",
        "application/atom+xml",
    ] {
        let xml = report(media, old.clone(), new.clone());
        assert_eq!(xml.verdict, Verdict::Breaking);
        assert_eq!(xml.changes.len(), 1);
        assert_eq!(
            xml.changes[0].witness.as_ref().unwrap().instance,
            json!("<a>a</a>")
        );
    }
}

#[test]
fn each_way_of_writing_is_told_apart() {
    for (old, new, shown) in [
        (json!({}), json!({"attribute": true}), "<a>a</a>"),
        (json!({"attribute": true}), json!({}), "a=\"a\""),
        (json!({"wrapped": true}), json!({}), "<a><a>a</a></a>"),
        (
            json!({"prefix": "p"}),
            json!({"prefix": "q"}),
            "<p:a>a</p:a>",
        ),
        (
            json!({"namespace": "urn:x"}),
            json!({}),
            "<a xmlns=\"urn:x\">a</a>",
        ),
    ] {
        let found = report("application/xml", old, new);
        assert_eq!(found.verdict, Verdict::Breaking, "{shown}");
        assert_eq!(
            found.changes[0].witness.as_ref().unwrap().instance,
            json!(shown)
        );
    }
    let written_out = report(
        "application/xml",
        json!({}),
        json!({"name": "a", "wrapped": false}),
    );
    assert_eq!(written_out.verdict, Verdict::DocsOnly);
}

#[test]
fn what_no_rule_reads_is_said_to_be_unproved() {
    let found = report("application/xml", json!({}), json!({"nodeType": "cdata"}));
    assert_eq!(found.verdict, Verdict::Breaking);
    assert_eq!(found.changes[0].witness, None);
    assert!(found.changes[0].unknown.is_some());
}
