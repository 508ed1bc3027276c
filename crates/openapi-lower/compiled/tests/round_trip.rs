//! What passes through the generated types: requests are written as the document says, responses
//! come back as they were, whatever the server has learnt to say since.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "a table of literals reads better"
)]

use openapi_lower_compiled::{compose, objects, refs, tagged_request, unions, webhooks};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// `value` as `T`, and back.
#[track_caller]
fn through<T: DeserializeOwned + Serialize>(value: &Value) -> Value {
    let decoded: T = serde_json::from_value(value.clone()).unwrap();
    serde_json::to_value(decoded).unwrap()
}

#[track_caller]
fn unchanged<T: DeserializeOwned + Serialize>(value: Value) {
    assert_eq!(through::<T>(&value), value);
}

#[test]
fn both_variants_of_a_request_union_pass() {
    use tagged_request::types::CreatePressRequest;
    unchanged::<CreatePressRequest>(
        json!({"source": {"type": "url", "url": "https://x.test/v.mp4"}}),
    );
    unchanged::<CreatePressRequest>(
        json!({"source": {"type": "asset_id", "asset_id": "a1"}, "title": "t"}),
    );
}

#[test]
fn requests_are_strict() {
    use tagged_request::types::CreatePressRequest;
    for wrong in [
        json!({"source": {"type": "ftp", "url": "x"}}),
        json!({"source": {"type": "url", "url": "x"}, "sauce": 1}),
        json!({"source": {"type": "url", "url": "x"}, "title": "t".repeat(256)}),
        json!({"source": {"type": "url", "url": "x"}, "settings": {"shape": "round"}}),
    ] {
        assert!(
            serde_json::from_value::<CreatePressRequest>(wrong.clone()).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn an_error_body_is_not_a_success_body() {
    let body = json!({"error": {"code": "bad", "message": "Bad.", "param": "source"}});
    let error: tagged_request::types::ApiErrBody = serde_json::from_value(body).unwrap();
    let error = error.error.unwrap();
    assert_eq!(
        (error.code.as_str(), error.param.as_deref()),
        ("bad", Some("source"))
    );
}

#[test]
fn unknown_values_and_tags_come_back_as_they_were() {
    use tagged_request::types::{PressJob, PressJobStatus};
    let job = json!({"id": "1", "status": "paused", "shape": "round", "output": {"kind": "gif", "n": [1]}});
    unchanged::<PressJob>(job.clone());
    let job: PressJob = serde_json::from_value(job).unwrap();
    assert!(matches!(job.status, PressJobStatus::Unknown(status) if status == "paused"));
    unchanged::<PressJob>(
        json!({"id": "1", "status": "done", "output": {"kind": "clip", "seconds": 1.5}}),
    );
}

#[test]
fn what_a_response_has_beside_its_fields_comes_back() {
    use tagged_request::types::PressJob;
    // All at once, and each in its place: a status, a field and a tag that nobody knew.
    unchanged::<PressJob>(
        json!({"id": "1", "status": "paused", "mood": {"good": [1, null]}, "output": {"kind": "gif", "n": 1}}),
    );
    for kind in ["clip", "gif"] {
        unchanged::<PressJob>(
            json!({"id": "1", "status": "done", "output": {"kind": kind, "seconds": 1.5, "fps": 25}}),
        );
    }
    unchanged::<unions::types::Unions>(
        json!({"tagged": {"type": "a", "a": "x", "new": 1}, "newer": [{}]}),
    );
    unchanged::<unions::types::Unions>(json!({"told_by_required": {"path": "p", "new": 1}}));
    unchanged::<unions::types::Unions>(json!({"alike": {"b": "x", "both": "y", "new": 1}}));
}

#[test]
fn a_property_with_the_name_of_the_map_is_in_the_map() {
    use objects::types::{Objects, ObjectsInput};
    for value in [
        json!({"extra_declared": {"extra": 1, "b": "x", "new": true}}),
        json!({"extra_alone": {"extra": {"c": "x"}, "new": true}}),
        json!({"extra_in_variant": {"kind": "a", "extra": "x", "Kind": "y", "new": true}}),
        json!({"extra_in_variant": {"kind": "unknown", "new": true}}),
        json!({"extra_in_variant": {"kind": "b", "new": true}}),
    ] {
        unchanged::<Objects>(value);
    }
    unchanged::<ObjectsInput>(json!({"extra_declared": {"extra": 1, "b": "x"}}));
    let wrong = json!({"extra_declared": {"extra": "one"}});
    assert!(serde_json::from_value::<ObjectsInput>(wrong).is_err());
}

#[test]
fn absent_and_empty_arrays_stay_apart() {
    use tagged_request::types::Settings;
    unchanged::<Settings>(json!({}));
    unchanged::<Settings>(json!({"lengths": []}));
}

#[test]
fn unions_pass_in_both_directions() {
    for value in [
        json!({"tagged": {"type": "a", "a": "x"}}),
        json!({"several_values": {"type": "y", "u": "x"}}),
        json!({"by_schema_name": {"type": "Untagged", "u": "x"}}),
        json!({"listed_values": {"type": "q", "n": 1}}),
        json!({"same_value": {"type": "a", "more": "x"}}),
        json!({"signs": {"op": ">", "v": 1}}),
        json!({"only_tags": {"type": "off"}}),
        json!({"adjacent": {"type": "count", "value": 3}}),
        json!({"scalars": true}),
        json!({"numbers": 1.5}),
        json!({"enums": "c"}),
        json!({"open_enum": "warp"}),
        json!({"text_or_list": ["a", "b"]}),
        json!({"lists": [1, 2]}),
        json!({"told_by_required": {"path": "p"}}),
        json!({"alike": {"b": "x", "both": "y"}}),
        json!({"alike": {"a": "x", "both": 1}}),
        json!({"object_or_map": {"x": 1}}),
        json!({"object_or_map": {"known": "k"}}),
        json!({"unions_in_union": [{"type": "a", "a": "x"}]}),
        json!({"value": {"a": [1.5, "x", {"b": null}]}}),
        json!({"closed": {"kind": "d", "d": "v"}}),
        json!({"recursive": {"op": "not", "of": {"op": "and", "all": [{"op": "var", "name": "x"}]}}}),
    ] {
        unchanged::<unions::types::Unions>(value.clone());
        unchanged::<unions::types::UnionsInput>(value);
    }
}

#[test]
fn unknown_alternatives_of_a_response_are_kept() {
    for value in [
        json!({"tagged": {"type": "z", "deep": {"er": 1}}}),
        json!({"scalars": [1]}),
        json!({"recursive": {"op": "xor", "of": []}}),
        json!({"closed": {"kind": "d", "d": "new"}}),
    ] {
        unchanged::<unions::types::Unions>(value.clone());
        assert!(
            serde_json::from_value::<unions::types::UnionsInput>(value.clone()).is_err(),
            "{value}"
        );
    }
}

#[test]
fn a_family_is_its_members() {
    let dog = json!({"animal": {"species": "hound", "name": "Rex", "barks": true}});
    unchanged::<compose::types::Composed>(dog.clone());
    unchanged::<compose::types::ComposedInput>(dog);
    unchanged::<compose::types::Composed>(json!({"shape": {"sides": "Square", "edge": 2.0}}));
}

#[test]
fn properties_that_have_no_field_of_their_own_are_kept() {
    unchanged::<objects::types::Objects>(
        json!({"twins": {"fooBar": "a", "foo_bar": 1, "foo-bar": true}}),
    );
    unchanged::<objects::types::Objects>(json!({"open": {"a": "x", "more": [1]}}));
    unchanged::<objects::types::Objects>(json!({"called_extra": {"extra": "x", "y": "z"}}));
    unchanged::<objects::types::Objects>(
        json!({"odd_names": {"": "e", "type": "t", "+1": 1, "-1": 2}}),
    );
}

#[test]
fn recursive_schemas_pass() {
    unchanged::<refs::types::Tree>(
        json!({"children": [{"children": []}], "parent": {"children": []}}),
    );
    unchanged::<refs::types::ListOfItself>(json!([[], [[]]]));
}

#[test]
fn payloads_have_types() {
    let payload = json!({"event": "job.done.v2", "result": {"n": 1}});
    unchanged::<webhooks::types::JobDonePayload>(payload);
    unchanged::<webhooks::types::CreateJobFinishedPayload>(json!({"state": "paused", "at": "now"}));
}
