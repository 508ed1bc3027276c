//! The documents as values, and how to find one's way in them.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file of this package.
pub(crate) fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// The text of a file of this package.
pub(crate) fn text(relative: &str) -> String {
    std::fs::read_to_string(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// A YAML file of this package.
pub(crate) fn yaml(relative: &str) -> Value {
    let yaml = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(&text(relative), yaml)
        .unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// Both documents, by name.
pub(crate) fn documents() -> [(&'static str, Value); 2] {
    ["clips", "ai-clipping"].map(|name| (name, yaml(&format!("openapi/{name}.yaml"))))
}

/// A validator of the schema at `pointer` of `document`, which may refer to the document's components.
pub(crate) fn validator(document: &Value, pointer: &str) -> jsonschema::Validator {
    let mut root = document
        .pointer(pointer)
        .unwrap_or_else(|| panic!("nothing at {pointer}"))
        .clone();
    root["components"] = document["components"].clone();
    jsonschema::draft202012::new(&root).unwrap_or_else(|error| panic!("{pointer}: {error}"))
}

/// Calls `visit` with the JSON pointer and the value of every node of `value`.
pub(crate) fn walk(value: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    walk_at("", value, visit);
}

fn walk_at(pointer: &str, value: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    visit(pointer, value);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                walk_at(&format!("{pointer}/{key}"), value, visit);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                walk_at(&format!("{pointer}/{index}"), value, visit);
            }
        }
        _ => {}
    }
}
