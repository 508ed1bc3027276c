//! What a selection takes, and every way in which a document or a selection is refused.

use openapi_lower::{Document30, Options, lower};
use serde_json::{Value, json};

fn document() -> Value {
    let answer = |name: &str| {
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        json!({"description": "ok", "content": {"application/json": {"schema": schema}}})
    };
    let object = |field: &str| json!({"type": "object", "properties": {field: {"type": "string"}}});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Birds", "version": "1"},
        "paths": {
            "/birds": {"get": {"operationId": "list_birds", "responses": {"200": answer("Bird")}}},
            "/birds/{id}": {"get": {"operationId": "get_bird", "responses": {"200": answer("Bird")}}},
            "/birdsong": {"get": {"operationId": "sing", "responses": {"200": answer("Song")}}},
        },
        "webhooks": {"hatched": {"post": {
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Egg"}}}},
            "responses": {},
        }}},
        "components": {"schemas": {
            "Bird": object("name"), "Song": object("text"), "Egg": object("size"), "Nest": object("place"),
        }},
    })
}

/// The operations and types that are left.
fn taken(options: &Options) -> (Vec<String>, Vec<String>) {
    let (lowered, _): (Document30, _) = lower(&document(), options).unwrap();
    let paths = lowered.as_value()["paths"].as_object().unwrap();
    let operations = paths
        .values()
        .map(|item| item["get"]["operationId"].as_str().unwrap().to_owned());
    (
        operations.collect(),
        lowered.types().keys().cloned().collect(),
    )
}

fn refusal(document: &Value, options: &Options) -> String {
    let error = lower(document, options).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("#{}: ", error.pointer()))
    );
    error.to_string()
}

#[test]
fn without_a_selection_everything_is_taken() {
    let (operations, types) = taken(&Options::default());
    assert_eq!(operations.len(), 3);
    assert_eq!(types, ["Bird", "Egg", "Nest", "Song"]);
}

#[test]
fn operations_are_taken_by_id_with_what_they_reach() {
    let (operations, types) = taken(&Options::default().operation("sing"));
    assert_eq!(operations, ["sing"]);
    assert_eq!(types, ["Song"]);
}

#[test]
fn a_prefix_ends_where_a_segment_ends() {
    for prefix in ["/birds", "/birds/"] {
        let (mut operations, types) = taken(&Options::default().path_prefix(prefix));
        operations.sort();
        assert_eq!(operations, ["get_bird", "list_birds"]);
        assert_eq!(types, ["Bird"]);
    }
}

#[test]
fn webhooks_are_taken_by_name_and_selections_add_up() {
    let (operations, types) = taken(&Options::default().webhook("hatched"));
    assert_eq!(operations, Vec::<String>::new());
    assert_eq!(types, ["Egg"]);
    let (operations, types) = taken(&Options::default().webhook("hatched").operation("sing"));
    assert_eq!(operations, ["sing"]);
    assert_eq!(types, ["Egg", "Song"]);
}

#[test]
fn a_selection_of_what_is_not_there_says_what_is() {
    let refused = |options| refusal(&document(), &options);
    assert_eq!(
        refused(Options::default().operation("sign")),
        "#/paths: no operation has the selected id `sign`; there is `get_bird`, `list_birds`, `sing`"
    );
    assert_eq!(
        refused(Options::default().path_prefix("/bird")),
        "#/paths: no path lies below the selected `/bird`; there is `/birds`, `/birds/{id}`, `/birdsong`"
    );
    assert_eq!(
        refused(Options::default().webhook("hatch")),
        "#/webhooks: there is no selected webhook `hatch`; there is `hatched`"
    );
    let bare = json!({"openapi": "3.1.0"});
    assert_eq!(
        refusal(&bare, &Options::default().webhook("hatch")),
        "#/webhooks: there is no selected webhook `hatch`; there is none"
    );
}

#[test]
fn what_is_no_openapi_document_is_refused() {
    let refused = |document: Value| refusal(&document, &Options::default());
    assert_eq!(
        refused(json!([])),
        "#: the document is not an object; expected an OpenAPI document"
    );
    assert_eq!(
        refused(json!({})),
        "#: there is no `openapi` version; expected an OpenAPI document"
    );
    assert_eq!(
        refused(json!({"swagger": "2.0"})),
        "#/swagger: this is Swagger 2; convert it to OpenAPI 3 first"
    );
    assert_eq!(
        refused(json!({"openapi": true})),
        "#/openapi: the version is not a string such as \"3.1.0\""
    );
    assert_eq!(
        refused(json!({"openapi": "3.10.0"})),
        "#/openapi: version \"3.10.0\" is not supported; expected 3.0, 3.1 or 3.2"
    );
}
