//! What a maintainer reads after a sync: whole reports of the kinds of jump that real histories have.
#![cfg(feature = "generate")]
#![allow(clippy::unwrap_used, clippy::panic)]

use openapi_drift::output::{self, Colour};
use openapi_drift::{Lock, compare};
use serde_json::Value;

/// The text of the report between a document and the same with some text replaced.
fn report(edits: &[(&str, &str)]) -> String {
    let old = include_str!("cases/clipper.yaml");
    let mut new = old.to_owned();
    for (text, with) in edits {
        assert!(new.contains(text), "{text}");
        new = new.replace(text, with);
    }
    let read = |text: &str| serde_saphyr::from_str::<Value>(text).unwrap();
    let (old, new) = (read(old), read(&new));
    let mut report = compare(&old, &new).unwrap();
    let free = Lock::default();
    report.measure((&old, &free), (&new, &free));
    output::text(&report, Colour::Never, None)
}

#[test]
fn another_generator_upstream_is_no_change() {
    let printed = report(&[
        ("openapi: 3.0.3", "openapi: 3.1.0"),
        ("type: string|null", "type: [string, 'null']"),
        (
            "type: object|null",
            "anyOf: [{type: object}, {type: 'null'}]",
        ),
        (
            "{type: string, nullable: true}",
            "{oneOf: [{type: string}, {type: 'null'}]}",
        ),
    ]);
    assert_eq!(printed, "equivalent, Rust none: no change\n");
}

#[test]
fn a_removed_operation_breaks_in_one_short_paragraph() {
    let document = include_str!("cases/clipper.yaml");
    let start = document.find("  /cuts/{cut_id}:\n").unwrap();
    let end = document.find("components:\n").unwrap();
    let printed = report(&[(&document[start..end], "")]);
    let expected = "\
operations
  breaking         GET /cuts/{cut_id} was removed [both, Rust major] 4110c1c86ee44a69
      Client::get_cut is gone; types::GetCutResponse is gone
      GET /cuts/a: served by the old document, not by the new one
breaking, Rust major: 1 breaking
";
    assert_eq!(printed, expected);
}

#[test]
fn a_new_value_in_a_response_breaks_closed_readers_only() {
    let printed = report(&[("enum: [queued, done]", "enum: [queued, done, paused]")]);
    let expected = "\
several operations
  breaking-closed  state can be paused now [response, Rust minor, which still compiles] a23c03643746d043
      at #/components/schemas/Cut/properties/state/enum
      reaches GET /cuts/{cut_id}, POST /cuts
      types::CutStateKnown::Paused is new
      202 with application/json, to POST /cuts: valid under the new document, not under the old one (\"paused\" is not one of \"queued\" or \"done\" at /data/state)
        {\"data\":{\"id\":\"a\",\"state\":\"paused\"}}
breaking-closed, Rust minor: 1 breaking-closed
";
    assert_eq!(printed, expected);
}

#[test]
fn an_operation_that_gains_callbacks_and_a_style_that_becomes_an_enum() {
    let printed = report(&[
        (
            "style: {type: string}",
            "style: {type: string, enum: [bold, plain]}\n        callback_url: {type: string, format: uri}",
        ),
        (
            "      operationId: createCut\n",
            "      operationId: createCut\n      callbacks:\n        done:\n          '{$request.body#/callback_url}':\n            post:\n              requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Cut'}}}}\n              responses: {'200': {description: ok}}\n",
        ),
    ]);
    let expected = "\
POST /cuts
  breaking         style is one of [\"bold\",\"plain\"] now [request, Rust major] 73e9baec765fd2ff
      at #/components/schemas/NewCut/properties/style/enum
      types::NewCut.style: Option<String> is now Option<NewCutStyle>; types::NewCutStyle is new
      POST /cuts with application/json: valid under the old document, not under the new one (\"a\" is not one of \"bold\" or \"plain\" at /style)
        {\"style\":\"a\",\"video\":\"a\"}
  compatible       callback_url was added [request, Rust minor]
      at #/components/schemas/NewCut/properties/callback_url
      types::NewCut.callback_url is new: Option<String>
POST /cuts callback done {$request.body#/callback_url}
  compatible       done {$request.body#/callback_url} is delivered now [callback, Rust minor]
      at #/paths/~1cuts/post/callbacks/done/{$request.body#~1callback_url}/post
breaking, Rust major: 1 breaking, 2 compatible
";
    assert_eq!(printed, expected);
}

#[test]
fn what_only_the_crate_feels_comes_after_what_messages_do() {
    let printed = report(&[
        ("operationId: createCut", "operationId: makeCut"),
        ("enum: [queued, done]", "enum: [queued, done, paused]"),
    ]);
    let expected = "\
several operations
  breaking-closed  state can be paused now [response, Rust minor, which still compiles] a23c03643746d043
      at #/components/schemas/Cut/properties/state/enum
      reaches GET /cuts/{cut_id}, POST /cuts
      types::CutStateKnown::Paused is new
      202 with application/json, to POST /cuts: valid under the new document, not under the old one (\"paused\" is not one of \"queued\" or \"done\" at /data/state)
        {\"data\":{\"id\":\"a\",\"state\":\"paused\"}}
the generated crate alone
  docs-only        operation id of POST /cuts: createCut is now makeCut [Rust major, not on the wire] 2f92c16b455ff8b5
      at #/paths/~1cuts/post/operationId
      Client::create_cut is now Client::make_cut; types::CreateCutResponse is now types::MakeCutResponse
      avoid with name lock: operations.\"POST /cuts\" = \"createCut\"
breaking-closed, Rust major: 1 breaking-closed, 1 docs-only
";
    assert_eq!(printed, expected);
}
