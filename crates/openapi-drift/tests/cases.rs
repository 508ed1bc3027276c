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
    apply(case, library())
}

fn apply(case: &Value, mut document: Value) -> Value {
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

/// The places that an edit touches.
fn touched(case: &Value) -> Vec<String> {
    let set = case["set"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(pointer, _)| pointer.clone());
    let removed = case["remove"].as_array().into_iter().flatten();
    set.chain(removed.map(|pointer| pointer.as_str().unwrap().to_owned()))
        .collect()
}

/// Whether a place is a path, an operation, a webhook or the callbacks of an operation.
fn is_whole(place: &str) -> bool {
    (place.starts_with("/paths") && place.matches('/').count() < 4)
        || (place.starts_with("/webhooks") && place.matches('/').count() < 3)
        || place.ends_with("/callbacks")
}

#[test]
fn two_edits_at_once_are_as_bad_as_the_worse() {
    // What is gone as a whole hides what else was done to it.
    let cases: Vec<Value> = cases()
        .into_iter()
        .filter(|case| !touched(case).iter().any(|place| is_whole(place)))
        .collect();
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (index, one) in cases.iter().enumerate() {
        // Every edit meets four others, and over the whole list most kinds of them.
        for step in [3, 17, 31, 53] {
            let two = &cases[(index + step) % cases.len()];
            let (first, second) = (touched(one), touched(two));
            let near = |left: &String, right: &String| {
                let parent = |place: &str| place.rsplit_once('/').unwrap().0.to_owned();
                left.starts_with(&parent(right)) || right.starts_with(&parent(left))
            };
            if first
                .iter()
                .any(|left| second.iter().any(|right| near(left, right)))
            {
                continue;
            }
            tried += 1;
            let report = compare(&library(), &apply(two, edited(one))).unwrap();
            let verdict = |case: &Value| {
                case["is"]
                    .as_str()
                    .unwrap()
                    .split(' ')
                    .next()
                    .unwrap()
                    .to_owned()
            };
            let names = [
                "equivalent",
                "docs-only",
                "compatible",
                "behaviour",
                "breaking-closed",
                "breaking",
            ];
            let rank = |name: &str| names.iter().position(|known| *known == name).unwrap();
            let worst = rank(&verdict(one)).max(rank(&verdict(two)));
            if rank(report.verdict.as_str()) != worst {
                wrong.push(format!(
                    "{} + {}: {}, not {}",
                    one["name"],
                    two["name"],
                    report.verdict.as_str(),
                    names[worst]
                ));
            }
            for change in report
                .changes
                .iter()
                .filter(|change| change.unknown.is_some())
            {
                wrong.push(format!(
                    "{} + {}: {:?}",
                    one["name"], two["name"], change.unknown
                ));
            }
        }
    }
    assert!(tried > 300, "{tried}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
