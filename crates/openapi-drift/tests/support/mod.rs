//! Two documents, each with a sheet of edits.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    missing_docs
)]

use enumset::EnumSet;
use roas_overlay::apply::{Apply as _, ApplyOptions};
use roas_overlay::v1_0::Overlay;
use serde_json::{Map, Value, json};

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// A document, and the edits made to it.
pub struct Sheet {
    pub base: Value,
    pub cases: Vec<Value>,
}

impl Sheet {
    fn new(base: &str, cases: &str) -> Self {
        Self {
            base: yaml(base),
            cases: yaml(cases).as_array().unwrap().clone(),
        }
    }

    /// The document after one edit.
    pub fn edited(&self, case: &Value) -> Value {
        apply(case, self.base.clone())
    }

    pub fn case(&self, name: &str) -> &Value {
        self.cases.iter().find(|case| case["name"] == name).unwrap()
    }
}

/// A lending library, each idiom once.
pub fn library() -> Sheet {
    Sheet::new(
        include_str!("../cases/library.yaml"),
        include_str!("../cases/edits.yaml"),
    )
}

/// A shipping service in the style of documents that frameworks write.
pub fn parcels() -> Sheet {
    Sheet::new(
        include_str!("../cases/parcels.yaml"),
        include_str!("../cases/parcel-edits.yaml"),
    )
}

fn tokens(pointer: &str) -> Vec<String> {
    pointer
        .split('/')
        .skip(1)
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
        .collect()
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    let mut place = document;
    for token in tokens(pointer) {
        place = match place {
            Value::Array(items) => {
                let index: usize = token.parse().unwrap();
                if index == items.len() {
                    items.push(Value::Null);
                }
                &mut items[index]
            }
            other => {
                if other.is_null() {
                    *other = Value::Object(Map::new());
                }
                other
                    .as_object_mut()
                    .unwrap()
                    .entry(token)
                    .or_insert(Value::Null)
            }
        };
    }
    *place = value;
}

pub fn remove(document: &mut Value, pointer: &str) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let last = last.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent).unwrap() {
        Value::Array(items) => drop(items.remove(last.parse().unwrap())),
        other => assert!(
            other.as_object_mut().unwrap().remove(&last).is_some(),
            "{pointer}"
        ),
    }
}

pub fn apply(case: &Value, mut document: Value) -> Value {
    let base = document.clone();
    for (pointer, value) in case["set"].as_object().into_iter().flatten() {
        let value = match value.as_str().and_then(|text| text.strip_prefix('=')) {
            Some(copied) => base
                .pointer(copied)
                .unwrap_or_else(|| panic!("{copied}"))
                .clone(),
            None => value.clone(),
        };
        set(&mut document, pointer, value);
    }
    for pointer in case["remove"].as_array().into_iter().flatten() {
        remove(&mut document, pointer.as_str().unwrap());
    }
    document
}

/// A document after the actions of an overlay, each of which has to find its target.
pub fn overlaid(document: &Value, actions: &[Value]) -> Value {
    let mut document = document.clone();
    let overlay =
        json!({"overlay": "1.0.0", "info": {"title": "kept", "version": "1"}, "actions": actions});
    let overlay: Overlay = serde_json::from_value(overlay).unwrap();
    let strict = EnumSet::only(ApplyOptions::ErrorOnZeroMatch);
    overlay.apply(&mut document, strict).unwrap();
    document
}
