//! The documents say what the vendor's pages say, and where each fact was read.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{documents, text, validator, walk, yaml};

const PAGE: &str = "openapi/upstream/create-ai-clipping.yaml";
const GUIDE: &str = "openapi/upstream/clips-guide.yaml";

#[test]
fn upstream_files_are_as_they_were_taken() {
    let manifest = text("openapi/upstream/upstream.toml");
    for file in [PAGE, GUIDE] {
        let sum: String = Sha256::digest(text(file))
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert!(
            manifest.contains(&format!("taken_sha256 = \"{sum}\"")),
            "{file} has the sum {sum}, not its manifest's"
        );
    }
}

#[test]
fn every_operation_parameter_and_property_names_its_source() {
    let mut missing = Vec::new();
    for (name, document) in documents() {
        walk(&document, &mut |pointer, value| {
            if needs_source(pointer, value) && source(value).is_none() {
                missing.push(format!("{name}{pointer}"));
            }
        });
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn links_are_marked_as_secrets() {
    let mut unmarked = Vec::new();
    for (name, document) in documents() {
        walk(&document, &mut |pointer, value| {
            let is_link = value.is_object()
                && pointer.ends_with("url")
                && pointer.contains("/properties/")
                && !pointer.ends_with("/doc_url");
            if is_link && value["x-secret"] != true {
                unmarked.push(format!("{name}{pointer}"));
            }
        });
    }
    assert_eq!(unmarked, Vec::<String>::new());
}

/// Operations, parameters and the properties of named schemas. Envelopes written out in place carry nothing of their own.
fn needs_source(pointer: &str, value: &Value) -> bool {
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    let reference_only = value
        .as_object()
        .is_some_and(|map| map.len() == 1 && map.contains_key("$ref"));
    match parts.as_slice() {
        ["components", "schemas", rest @ ..] => {
            let property = rest.len() >= 2 && rest[rest.len() - 2] == "properties";
            (rest.len() == 1 || property) && !rest.contains(&"example")
        }
        ["components", "parameters" | "securitySchemes", _] => true,
        [.., "parameters", _] => !reference_only,
        _ => value.get("operationId").is_some(),
    }
}

fn source(value: &Value) -> Option<&str> {
    value.get("x-source")?.as_str()
}

#[test]
fn sources_lead_to_what_they_name() {
    let page = text(PAGE);
    let lines: Vec<&str> = page.lines().collect();
    let guide = yaml(GUIDE);
    let mut seen = (0, 0);
    for (name, document) in documents() {
        walk(&document, &mut |pointer, value| {
            for mark in source(value).unwrap_or_default().split("; ") {
                if let Some(line) = mark.strip_prefix("create-ai-clipping.yaml:") {
                    let key = pointer.rsplit('/').next().unwrap();
                    let line = lines[line.parse::<usize>().unwrap() - 1].trim();
                    let errors = pointer.contains("ErrorEnvelope");
                    assert!(
                        line == format!("{key}:") || errors,
                        "{name}{pointer}: {mark} is `{line}`"
                    );
                    seen.0 += 1;
                }
                if let Some(row) = mark.strip_prefix("clips-guide.yaml ") {
                    assert!(
                        row_exists(&guide, row),
                        "{name}{pointer}: {GUIDE} has no row {row}"
                    );
                    seen.1 += 1;
                }
            }
        });
    }
    assert!(
        seen.0 >= 29 && seen.1 >= 40,
        "too few sources to be true: {seen:?}"
    );
}

/// `section`, or `section.path` for a row of it.
fn row_exists(guide: &Value, row: &str) -> bool {
    let (section, path) = row
        .split_once('.')
        .map_or((row, None), |(section, path)| (section, Some(path)));
    match (guide.get(section), path) {
        (Some(section), Some(path)) => rows(section).iter().any(|row| row["path"] == path),
        (section, None) => section.is_some(),
        (None, Some(_)) => false,
    }
}

fn rows(section: &Value) -> Vec<Value> {
    section["rows"].as_array().unwrap().clone()
}

/// Row by row: what `clips.yaml` says of a field is what the guide's table says of it.
#[test]
fn clips_says_what_the_guide_says() {
    let (_, document) = documents().into_iter().next().unwrap();
    let guide = yaml(GUIDE);
    let schemas = &document["components"]["schemas"];
    let object = |schema: &str, path: &str| {
        let schema = &schemas[schema];
        let required = schema["required"]
            .as_array()
            .is_some_and(|names| names.contains(&json!(path)));
        (resolved(&document, &schema["properties"][path]), required)
    };
    for row in rows(&guide["create"]) {
        let path = row["path"].as_str().unwrap();
        compare(&row, &object("CreateClipsRequest", path), true);
    }
    for row in rows(&guide["created"]) {
        compare(
            &row,
            &object("CreatedClipJob", row["path"].as_str().unwrap()),
            false,
        );
    }
    for row in rows(&guide["job"]) {
        let path = row["path"].as_str().unwrap();
        let found = match path.strip_prefix("clips[].") {
            Some(path) => object("Clip", path),
            None => object("ClipJob", path),
        };
        compare(&row, &found, false);
    }
    for row in rows(&guide["list"])
        .iter()
        .filter(|row| row["in"] == "query")
    {
        let parameters = document["paths"]["/v3/clips"]["get"]["parameters"]
            .as_array()
            .unwrap();
        let parameter = parameters
            .iter()
            .find(|parameter| parameter["name"] == row["path"])
            .unwrap();
        let required = parameter["required"].as_bool().unwrap_or(false);
        compare(row, &(parameter["schema"].clone(), required), true);
    }
}

/// The schema with what it refers to merged in; what stands beside a `$ref` wins.
fn resolved(document: &Value, schema: &Value) -> Value {
    let mut merged = match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => document
            .pointer(reference.trim_start_matches('#'))
            .unwrap()
            .clone(),
        None => json!({}),
    };
    for (key, value) in schema.as_object().unwrap() {
        merged[key] = value.clone();
    }
    merged
}

fn compare(row: &Value, (schema, required): &(Value, bool), request: bool) {
    let path = row["path"].as_str().unwrap();
    let declared = match &schema["type"] {
        Value::Array(types) => types[0].clone(),
        Value::Null => json!("object"), // a union of objects
        one => one.clone(),
    };
    assert_eq!(declared, row["type"], "type of {path}");
    let nullable = schema["type"]
        .as_array()
        .is_some_and(|types| types.contains(&json!("null")));
    assert_eq!(nullable, row["nullable"] == json!(true), "null in {path}");
    if request {
        assert_eq!(
            *required,
            row["required"] == json!(true),
            "whether {path} is required"
        );
        assert_eq!(schema["default"], row["default"], "default of {path}");
    }
    for (ours, theirs) in [
        ("minimum", "minimum"),
        ("maximum", "maximum"),
        ("maxLength", "max_length"),
        ("maxItems", "max_items"),
    ] {
        assert_eq!(schema[ours], row[theirs], "{theirs} of {path}");
    }
    if row.get("enum").is_some() {
        assert_eq!(schema["enum"], row["enum"], "values of {path}");
    }
}

#[test]
fn every_example_is_valid() {
    let mut count = 0;
    for (name, document) in documents() {
        walk(&document, &mut |pointer, value| {
            let (Some(example), true) = (value.get("example"), value.get("schema").is_some())
            else {
                return;
            };
            let validator = validator(&document, &format!("{pointer}/schema"));
            if let Err(error) = validator.validate(example) {
                panic!("{name}{pointer}/example: {error}");
            }
            count += 1;
        });
    }
    assert!(count >= 20, "only {count} examples were found");
}

/// The bodies that the two dialects must agree on, sent and refused.
#[test]
fn limits_of_the_guide_hold_in_the_schema() {
    let (_, clips) = documents().into_iter().next().unwrap();
    let request = validator(&clips, "/components/schemas/CreateClipsRequest");
    let video = json!({"type": "url", "url": "https://example.com/a.mp4"});
    let window = json!({"start": 1.0, "end": 2.5});
    for (body, valid) in [
        (json!({"video": video}), true),
        (json!({}), false),
        (json!({"video": video, "max_clips": 10}), true),
        (json!({"video": video, "max_clips": 11}), false),
        (json!({"video": video, "max_clips": 0}), false),
        (
            json!({"video": video, "instruction": "x".repeat(2000)}),
            true,
        ),
        (
            json!({"video": video, "instruction": "x".repeat(2001)}),
            false,
        ),
        (
            json!({"video": video, "windows": vec![window.clone(); 10]}),
            true,
        ),
        (json!({"video": video, "windows": vec![window; 11]}), false),
        (json!({"video": video, "aspect_ratio": "4:3"}), false),
        (
            json!({"video": {"type": "asset_id", "asset_id": "as_1"}}),
            true,
        ),
        (
            json!({"video": {"type": "asset_id", "url": "https://example.com/a.mp4"}}),
            false,
        ),
    ] {
        assert_eq!(request.is_valid(&body), valid, "{body}");
    }
}
