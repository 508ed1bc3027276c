//! 3.0 and 3.1 write the same things in their own ways.
#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_pass_by_value)]

use openapi_drift::{Report, Verdict, compare};
use serde_json::{Value, json};

fn document(version: &str, media: &str, schema: Value) -> Value {
    json!({
        "openapi": version,
        "paths": {"/t": {"post": {
            "requestBody": {"content": {media: {"schema": schema}}},
            "responses": {"204": {"description": "done"}}
        }}},
        "components": {"schemas": {"Name": {"type": "string"}}}
    })
}

fn member(version: &str, media: &str, a: Value) -> Value {
    document(
        version,
        media,
        json!({"type": "object", "properties": {"a": a}}),
    )
}

fn upgraded(media: &str, old: &Value, new: &Value) -> Report {
    compare(
        &member("3.0.3", media, old.clone()),
        &member("3.1.0", media, new.clone()),
    )
    .unwrap()
}

#[test]
fn what_both_versions_write_in_their_own_way_is_the_same() {
    let json_body = "application/json";
    let form = "multipart/form-data";
    let bytes = json!({"type": "string", "format": "binary"});
    for (media, old, new) in [
        (
            json_body,
            json!({"type": "string", "format": "byte"}),
            json!({"type": "string", "contentEncoding": "base64"}),
        ),
        (
            json_body,
            json!({"type": "string", "format": "byte"}),
            json!({"type": "string", "contentEncoding": "base64", "contentMediaType": "application/octet-stream"}),
        ),
        (
            json_body,
            json!({"type": "string", "example": "x"}),
            json!({"type": "string", "examples": ["x"]}),
        ),
        (
            json_body,
            json!({"type": "number", "minimum": 0, "exclusiveMinimum": true}),
            json!({"type": "number", "exclusiveMinimum": 0}),
        ),
        (
            json_body,
            json!({"type": "number", "maximum": 9, "exclusiveMaximum": false}),
            json!({"type": "number", "maximum": 9}),
        ),
        (
            json_body,
            json!({"type": "string", "nullable": true, "enum": ["x"]}),
            json!({"type": ["string", "null"], "enum": ["x"]}),
        ),
        (
            json_body,
            json!({"type": "string", "nullable": true, "enum": ["x"]}),
            json!({"type": ["string", "null"], "enum": ["x", null]}),
        ),
        (
            json_body,
            json!({"type": "string", "nullable": true, "enum": ["x"]}),
            json!({"anyOf": [{"type": "string", "enum": ["x"]}, {"type": "null"}]}),
        ),
        (
            form,
            bytes.clone(),
            json!({"type": "string", "contentMediaType": "application/octet-stream"}),
        ),
        (
            form,
            bytes.clone(),
            json!({"contentMediaType": "application/octet-stream"}),
        ),
        (form, bytes.clone(), json!({})),
    ] {
        let report = upgraded(media, &old, &new);
        assert!(report.is_empty(), "{old} {new}: {:#?}", report.changes);
    }
    for new in [
        json!({}),
        json!(true),
        json!({"contentMediaType": "application/octet-stream"}),
    ] {
        let media = "application/octet-stream";
        let report = compare(
            &document("3.0.3", media, bytes.clone()),
            &document("3.1.0", media, new),
        )
        .unwrap();
        assert!(report.is_empty(), "{:#?}", report.changes);
    }
    let picture = upgraded(form, &bytes, &json!({"contentMediaType": "image/png"}));
    assert_eq!(picture.verdict, Verdict::DocsOnly);
}

#[test]
fn within_one_version_null_that_an_enum_leaves_out_is_not_valid() {
    let open = json!({"type": ["string", "null"], "enum": ["x", null]});
    let shut = json!({"type": ["string", "null"], "enum": ["x"]});
    let media = "application/json";
    let report = compare(&member("3.1.0", media, open), &member("3.1.0", media, shut)).unwrap();
    assert_eq!(report.verdict, Verdict::Breaking);
    assert_eq!(
        report.changes[0].witness.as_ref().unwrap().instance,
        json!({"a": null})
    );
}

#[test]
fn what_stands_beside_a_reference_counts_from_3_1_on() {
    let bare = json!({"$ref": "#/components/schemas/Name"});
    let media = "application/json";
    for (key, value) in [
        ("maxLength", json!(3)),
        ("nullable", json!(true)),
        ("type", json!("integer")),
        ("description", json!("x")),
    ] {
        let mut beside = bare.clone();
        beside[key] = value;
        let report = compare(
            &member("3.0.3", media, bare.clone()),
            &member("3.0.3", media, beside),
        )
        .unwrap();
        assert_eq!(report.verdict, Verdict::DocsOnly, "{key}");
        assert_eq!(
            report.changes[0].summary,
            format!("{key} beside $ref of a reads otherwise")
        );
    }
    let mut beside = bare.clone();
    beside["maxLength"] = json!(3);
    let live = compare(
        &member("3.1.0", media, bare),
        &member("3.1.0", media, beside.clone()),
    )
    .unwrap();
    assert_eq!(live.verdict, Verdict::Breaking);
    let upgrade = upgraded(media, &beside, &beside);
    assert_eq!(upgrade.verdict, Verdict::Breaking);
    assert_eq!(
        upgrade.changes[0].witness.as_ref().unwrap().instance,
        json!({"a": "aaaa"})
    );
}
