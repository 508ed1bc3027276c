//! Every edit of `cases/edits.yaml`, made to `cases/library.yaml`: the verdict, the step of the
//! generated crate, and a checked witness for whatever breaks.
#![allow(clippy::unwrap_used, clippy::panic)]

use openapi_drift::{Verdict, compare};
use serde_json::{Map, Value};

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

fn library() -> Value {
    yaml(include_str!("cases/library.yaml"))
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

fn remove(document: &mut Value, pointer: &str) {
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

/// The library after one edit.
fn edited(case: &Value) -> Value {
    let base = library();
    let mut document = base.clone();
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

fn cases() -> Vec<Value> {
    yaml(include_str!("cases/edits.yaml"))
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn every_edit_has_its_verdict_and_every_break_its_witness() {
    let mut wrong = Vec::new();
    for case in cases() {
        let name = case["name"].as_str().unwrap();
        let report = compare(&library(), &edited(&case)).unwrap();
        let direction = report
            .changes
            .first()
            .map_or("none", |change| change.direction.as_str());
        let got = format!(
            "{} {} {direction}",
            report.verdict.as_str(),
            report.rust.as_str()
        );
        if got != case["is"].as_str().unwrap() {
            let changes: Vec<&String> = report
                .changes
                .iter()
                .map(|change| &change.summary)
                .collect();
            wrong.push(format!("{name}: {got}, not {}: {changes:#?}", case["is"]));
        }
        for change in &report.changes {
            if change.verdict >= Verdict::BreakingClosed && change.witness.is_none() {
                wrong.push(format!(
                    "{name}: no witness for {}: {:?}",
                    change.summary, change.unknown
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_edited_document_differs_from_itself() {
    for case in cases() {
        let document = edited(&case);
        let report = compare(&document, &document).unwrap();
        assert!(report.is_empty(), "{}: {:#?}", case["name"], report.changes);
    }
}
