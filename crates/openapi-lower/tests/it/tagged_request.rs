//! The document style that compiles and is wrong when it is lowered keyword by keyword.

use openapi_lower::{Direction, TypePart};

use crate::generate::{fixture, generate};

#[test]
fn the_request_union_is_a_tagged_enum_with_both_variants() {
    let lowered = generate(&fixture("tagged-request.yaml"));
    assert_eq!(
        lowered.types["CreatePressRequestSource"],
        "#[serde(tag = \"type\", deny_unknown_fields)] pub enum CreatePressRequestSource { \
         #[serde(rename = \"url\")] Url { url: ::std::string::String }, \
         #[serde(rename = \"asset_id\")] AssetId { asset_id: ::std::string::String }, }"
    );
}

#[test]
fn success_and_error_bodies_are_types_of_their_own() {
    let lowered = generate(&fixture("tagged-request.yaml"));
    assert_eq!(
        lowered.signature("create_press_v1"),
        "(&'a self, retry_key: Option<&'a types::RetryKey>, body: &'a types::CreatePressRequest,) \
         -> Result<ResponseValue<types::CreatePressV1Response>, Error<types::ApiErrBody>>"
    );
    assert_eq!(lowered.document.types()["ApiErrBody"].pointers.len(), 4);
}

#[test]
fn defaults_are_documented_and_not_sent() {
    let lowered = generate(&fixture("tagged-request.yaml"));
    let settings = &lowered.types["Settings"];
    assert!(
        settings.contains("pub shape: ::std::option::Option<ShapeKnown>"),
        "{settings}"
    );
    assert!(
        settings.contains("pub words: ::std::option::Option<bool>"),
        "{settings}"
    );
    assert!(lowered.client.contains("Default: `tall`."));
}

#[test]
fn responses_are_open_and_requests_are_closed() {
    let lowered = generate(&fixture("tagged-request.yaml"));
    assert_eq!(
        lowered.types["PressJobStatus"],
        "#[serde(untagged)] pub enum PressJobStatus { Known(PressJobStatusKnown), \
         Unknown(::std::string::String), }"
    );
    assert_eq!(
        lowered.types["PressJobOutput"],
        "#[serde(untagged)] pub enum PressJobOutput { Clip(PressJobOutputClip), \
         Still(PressJobOutputStill), Unknown(::serde_json::Value), }"
    );
    assert_eq!(
        lowered.types["PressJobOutputClip"],
        "pub struct PressJobOutputClip { pub kind: PressJobOutputClipKind, pub seconds: f64, \
         #[serde(flatten)] pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>, }"
    );
    assert!(lowered.types["Settings"].starts_with("#[serde(deny_unknown_fields)]"));
    assert!(!lowered.types["PressJob"].contains("deny_unknown_fields"));
}

#[test]
fn an_absent_array_is_not_an_empty_one() {
    let lowered = generate(&fixture("tagged-request.yaml"));
    let settings = &lowered.types["Settings"];
    let field = "pub lengths: ::std::option::Option<::std::vec::Vec<Length>>";
    assert!(settings.contains(field), "{settings}");
}

#[test]
fn types_say_where_they_come_from() {
    let lowered = generate(&fixture("tagged-request.yaml"));
    let types = lowered.document.types();
    assert_eq!(types["Settings"].direction, Direction::Request);
    assert_eq!(types["PressJob"].direction, Direction::Response);
    let known = &types["ShapeKnown"];
    assert_eq!(known.direction, Direction::Both);
    assert_eq!(known.part, TypePart::Known);
    assert_eq!(known.pointers, ["/components/schemas/Shape"]);
    let names: Vec<&String> = lowered.types.keys().collect();
    assert_eq!(names, types.keys().collect::<Vec<_>>());
}

#[test]
fn the_broken_mapping_is_taken_and_reported() {
    let lowered = generate(&fixture("tagged-request.yaml"));
    let at = "/components/schemas/CreatePressRequest/properties/source/discriminator/mapping";
    for value in ["url", "asset_id"] {
        let line = format!("{at}/{value} discriminator.mapping");
        assert!(
            lowered.loss_lines().contains(&line),
            "{:#?}",
            lowered.losses
        );
    }
}
