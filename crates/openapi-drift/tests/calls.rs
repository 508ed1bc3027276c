//! Where a call goes, what its parts carry, and what is shown at a delivery.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use openapi_drift::{Rust, compare};
use serde_json::{Value, json};

fn base() -> Value {
    json!({
        "openapi": "3.1.0",
        "servers": [{"url": "https://{region}.press.example/v1", "variables": {"region": {"default": "us", "enum": ["us", "eu"]}}}],
        "paths": {
            "/prints": {"post": {
                "requestBody": {"content": {"multipart/form-data": {
                    "schema": {"type": "object", "properties": {
                        "sheet": {"type": "string", "contentMediaType": "application/pdf"},
                        "pages": {"type": "array", "items": {"type": "string"}},
                    }},
                    "encoding": {
                        "sheet": {"headers": {"X-Dpi": {"schema": {"type": "integer"}}}},
                        "pages": {"explode": true, "style": "form"},
                    },
                }}},
                "responses": {"200": {"description": "done", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Print"}}}}},
            }},
            "/orders": {"post": {
                "requestBody": {"content": {"application/x-www-form-urlencoded": {
                    "schema": {"type": "object", "properties": {"link": {"type": "string"}}},
                    "encoding": {"link": {"allowReserved": false}},
                }}},
                "responses": {"204": {"description": "done"}},
            }},
        },
        "webhooks": {"printed": {"post": {"security": [{"Stamp": []}], "responses": {"200": {"description": "seen"}}}}},
        "components": {
            "securitySchemes": {
                "Stamp": {"type": "apiKey", "in": "header", "name": "X-Stamp"},
                "Seal": {"type": "apiKey", "in": "header", "name": "X-Seal"},
            },
            "schemas": {
                "Print": {
                    "type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}},
                    "discriminator": {"propertyName": "kind", "mapping": {"poster": "#/components/schemas/Poster"}},
                },
                "Poster": {"allOf": [{"$ref": "#/components/schemas/Print"}, {"type": "object", "properties": {"width": {"type": "integer"}}}]},
            },
        },
    })
}

/// What an edit of the base is said to be, a line for each change.
fn told(edit: &Value) -> Vec<String> {
    told_of(&base(), &support::apply(edit, base()))
}

fn told_of(old: &Value, new: &Value) -> Vec<String> {
    let report = compare(old, new).unwrap();
    assert_eq!(report.unknown, 0, "{:?}", report.changes);
    let line = |change: &openapi_drift::Change| {
        let witness = change.witness.as_ref().map(|witness| &witness.line);
        let witness = witness.map_or_else(String::new, |line| format!(" ({line})"));
        format!("{}: {}{witness}", change.verdict.as_str(), change.summary)
    };
    report.changes.iter().map(line).collect()
}

#[test]
fn an_address_is_the_same_in_other_letters_and_with_the_usual_port() {
    let edit = json!({"set": {"/servers/0/url": "HTTPS://{region}.Press.example:443/v1/"}});
    assert_eq!(told(&edit), Vec::<String>::new());
}

#[test]
fn a_variable_without_its_list_takes_what_it_took() {
    let edit = json!({"remove": ["/servers/0/variables/region/enum"]});
    assert_eq!(
        told(&edit),
        ["compatible: https://{region}.press.example/v1 takes any value in its braces now"]
    );
}

#[test]
fn a_path_that_goes_over_to_the_address_is_requested_as_before() {
    let mut old = base();
    old["servers"] =
        json!([{"url": "https://press.example/v1"}, {"url": "https://test.press.example/v1/"}]);
    let mut new = old.clone();
    new["servers"] =
        json!([{"url": "https://press.example"}, {"url": "https://test.press.example"}]);
    let paths = new["paths"].as_object_mut().unwrap();
    *paths = paths
        .iter()
        .map(|(path, item)| (format!("/v1{path}"), item.clone()))
        .collect();
    for (old, new) in [(&old, &new), (&new, &old)] {
        let report = compare(old, new).unwrap();
        assert_eq!(
            report.verdict.as_str(),
            "equivalent",
            "{:?}",
            report.changes
        );
        assert_eq!(report.changes.len(), 2);
    }
    new["servers"][1]["url"] = json!("https://try.press.example");
    let report = compare(&old, &new).unwrap();
    let broken = report
        .changes
        .iter()
        .find(|change| change.rule == "server-changed")
        .unwrap();
    assert_eq!(broken.before, "https://test.press.example/v1");
}

#[test]
fn headers_of_parts_are_compared() {
    let dpi = "/paths/~1prints/post/requestBody/content/multipart~1form-data/encoding/sheet/headers/X-Dpi";
    let owed = json!({"set": {format!("{dpi}/required"): true}});
    assert_eq!(
        told(&owed),
        ["breaking: header parameter X-Dpi became required (POST /prints without X-Dpi)"]
    );
    let limited = json!({"set": {format!("{dpi}/schema/maximum"): 600}});
    assert_eq!(
        told(&limited),
        [
            "breaking: maximum of X-Dpi: nothing is now 600 (POST /prints with x-dpi: 601 at part sheet)"
        ]
    );
    assert_eq!(
        told(&json!({"remove": [dpi]})),
        ["behaviour: X-Dpi was removed"]
    );
    let other = dpi.replace("Dpi", "Ink");
    let added = json!({"set": {other: {"required": true, "schema": {"type": "string"}}}});
    assert_eq!(
        told(&added),
        ["breaking: X-Ink was added (POST /prints without X-Ink)"]
    );
}

#[test]
fn how_parts_are_written_is_compared() {
    let content = "requestBody/content";
    let edit = json!({"set": {format!("/paths/~1prints/post/{content}/multipart~1form-data/encoding/pages/explode"): false}});
    assert_eq!(
        told(&edit),
        [
            r#"behaviour: encoding of part pages of multipart/form-data: {"explode":true,"style":"form"} is now {"explode":false,"style":"form"}"#
        ]
    );
    let edit = json!({"set": {format!("/paths/~1orders/post/{content}/application~1x-www-form-urlencoded/encoding/link/allowReserved"): true}});
    assert_eq!(
        told(&edit),
        [
            r#"behaviour: encoding of part link of application/x-www-form-urlencoded: {"allowReserved":false} is now {"allowReserved":true}"#
        ]
    );
}

#[test]
fn what_the_peer_shows_is_compared() {
    let edit = json!({"set": {"/webhooks/printed/post/security": [{"Seal": []}]}});
    assert_eq!(
        told(&edit),
        ["behaviour: printed shows header x-seal now instead of header x-stamp"]
    );
}

#[test]
fn tags_of_schemas_that_extend_another_are_compared() {
    let edit = json!({"set": {"/components/schemas/Print/discriminator/mapping": {"placard": "#/components/schemas/Poster"}}});
    assert_eq!(
        told(&edit),
        ["behaviour: the tag of what extends Print can be placard now, and no longer poster"]
    );
}

#[test]
fn a_reply_that_owes_a_body_breaks_who_writes_it() {
    let content = json!({"application/json": {"schema": {"type": "object"}}});
    let bare = base();
    let mut owed = base();
    owed["webhooks"]["printed"]["post"]["responses"]["200"]["content"] = content;
    for (old, new, line) in [
        (
            &bare,
            &owed,
            "breaking: body of response 200 was added (response 200 to webhook printed without body)",
        ),
        (&owed, &bare, "behaviour: body of response 200 was removed"),
    ] {
        assert_eq!(told_of(old, new), [line]);
    }
}

#[test]
fn an_error_that_gains_a_body_stays_one_error() {
    let place = "/paths/~1prints/post/responses/400";
    let bare = support::apply(&json!({"set": {place: {"description": "bad"}}}), base());
    let content = json!({"application/json": {"schema": {"type": "object"}}});
    let edit = json!({"set": {format!("{place}/content"): content}});
    let report = compare(&bare, &support::apply(&edit, bare.clone())).unwrap();
    assert_eq!(report.verdict.as_str(), "compatible");
    assert_eq!(report.rust, Rust::Patch, "{:?}", report.changes);
}

#[test]
fn a_header_of_a_delivery_that_may_be_missing_is_like_one_that_is_gone() {
    let header = |required: bool| json!([{"name": "X-Try", "in": "header", "required": required, "schema": {"type": "integer"}}]);
    let parameters = "/webhooks/printed/post/parameters";
    let with = |list: &Value| support::apply(&json!({"set": {parameters: list}}), base());
    let owed = with(&header(true));
    assert_eq!(
        told_of(&owed, &with(&header(false))),
        ["behaviour: header parameter X-Try became optional"]
    );
    assert_eq!(
        told_of(&owed, &base()),
        ["behaviour: header parameter X-Try was removed"]
    );
    assert_eq!(
        told_of(&with(&header(false)), &owed),
        ["compatible: header parameter X-Try became required"]
    );
}

#[test]
fn who_need_not_give_a_parameter_is_not_refused_where_it_moves() {
    let parameters = "/paths/~1prints/post/parameters";
    let with = |place: &str, required: bool| {
        let list = json!([{"name": "tray", "in": place, "required": required, "schema": {"type": "string"}}]);
        support::apply(&json!({"set": {parameters: list}}), base())
    };
    assert_eq!(
        told_of(&with("query", false), &with("cookie", false)),
        ["behaviour: parameter moved of tray: query is now cookie"]
    );
    assert_eq!(
        told_of(&with("query", true), &with("cookie", true)),
        [
            "breaking: parameter moved of tray: query is now cookie (POST /prints with tray in the query)"
        ]
    );
}

#[test]
fn parts_without_a_name_are_called_by_what_they_are() {
    let print = "/paths/~1prints/post";
    let list = |items: &Value| json!([{"name": "size", "in": "query", "schema": {"type": "array", "items": items}}]);
    let parameters = format!("{print}/parameters");
    let callback = |name: &str| format!("{print}/callbacks/{name}");
    let link = format!("{print}/responses/200/links");
    for (before, after, line) in [
        (
            json!({"set": {&parameters: list(&json!({"type": "string"}))}}),
            json!({"set": {&parameters: list(&json!({"type": "string", "enum": ["a3", "a4"]}))}}),
            r#"breaking: query parameter size[] is one of ["a3","a4"] now (POST /prints?size=a)"#,
        ),
        (
            json!({"set": {&link: {"next": {"operationId": "order"}}}}),
            json!({}),
            "behaviour: link next of response 200 was removed",
        ),
        (
            json!({"set": {callback("done"): {"{$url}": {"post": {"responses": {}}}}}}),
            json!({"set": {
                callback("done"): {"{$url}": {"post": {"responses": {}}}},
                callback("jam"): {"{$url}": {"post": {"responses": {}}}},
            }}),
            "compatible: jam {$url} is delivered now",
        ),
        (
            json!({"set": {format!("{print}/security"): [{"Seal": []}]}}),
            json!({"set": {format!("{print}/security"): [{"Seal": []}, {}]}}),
            "compatible: calls without credentials are taken now",
        ),
        (
            json!({"set": {format!("{print}/security"): [{"Seal": []}, {}]}}),
            json!({"set": {format!("{print}/security"): [{"Seal": []}]}}),
            "breaking: calls without credentials are refused now (POST /prints without credentials)",
        ),
        (
            json!({"set": {format!("{print}/security"): [{"Seal": []}]}}),
            json!({"set": {format!("{print}/security"): []}}),
            "compatible: calls without credentials are taken now, and not only those with header x-seal",
        ),
    ] {
        let (old, new) = (
            support::apply(&before, base()),
            support::apply(&after, base()),
        );
        assert_eq!(told_of(&old, &new), [line]);
    }
}

#[test]
fn a_range_of_media_types_is_more_than_one_of_them() {
    let only = |kind: &str, schema: Value| {
        let path = "/paths/~1prints/post/responses/200/content";
        support::apply(&json!({"set": {path: {kind: {"schema": schema}}}}), base())
    };
    let print = json!({"$ref": "#/components/schemas/Print"});
    let (any, text) = (only("*/*", print.clone()), only("text/*", print.clone()));
    let one = only("application/json", print);
    assert_eq!(told_of(&any, &one), ["compatible: */* was removed"]);
    let answer = |kind: &str| format!("(POST /prints with content-type {kind})");
    assert_eq!(
        told_of(&one, &any),
        [format!(
            "breaking: */* was added {}",
            answer("application/octet-stream")
        )]
    );
    assert_eq!(told_of(&any, &text), ["compatible: */* was removed"]);
    assert_eq!(
        told_of(&text, &one)[0],
        format!("breaking: text/* was removed {}", answer("text/plain"))
    );
    let beside = support::apply(
        &json!({"set": {"/paths/~1prints/post/responses/200/content/*~1*": {"schema": {"type": "integer"}}}}),
        one.clone(),
    );
    assert_eq!(
        told_of(&beside, &one),
        ["compatible: */* was removed"],
        "what was listed is not what the range was for"
    );
    let number = only("application/json", json!({"type": "integer"}));
    assert!(
        told_of(&any, &number).len() > 1,
        "what they hold is compared"
    );
}
