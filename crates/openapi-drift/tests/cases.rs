//! Every edit of the sheets in `cases/`, made to their documents: the verdict, the step of the
//! generated crate, and a checked witness for whatever breaks.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use openapi_drift::{Verdict, compare};
use serde_json::Value;
use support::{Sheet, apply, library, parcels};

#[test]
fn every_edit_has_its_verdict_and_every_break_its_witness() {
    let mut wrong = Vec::new();
    let sheets = [library(), parcels()];
    let all = sheets
        .iter()
        .flat_map(|sheet| sheet.cases.iter().map(move |case| (sheet, case)));
    for (sheet, case) in all {
        let name = case["name"].as_str().unwrap();
        let report = compare(&sheet.base, &sheet.edited(case)).unwrap();
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
fn every_place_is_in_one_of_the_documents() {
    let mut nowhere = Vec::new();
    for sheet in [library(), parcels()] {
        for case in &sheet.cases {
            let new = sheet.edited(case);
            let report = compare(&sheet.base, &new).unwrap();
            for change in &report.changes {
                let place = change.place();
                let place = place.trim_start_matches('#');
                if new.pointer(place).or(sheet.base.pointer(place)).is_none() {
                    nowhere.push(format!("{}: {} {place}", case["name"], change.rule));
                }
            }
        }
    }
    assert!(nowhere.is_empty(), "{}", nowhere.join("\n"));
}

#[test]
fn no_edited_document_differs_from_itself() {
    for sheet in [library(), parcels()] {
        for case in &sheet.cases {
            let document = sheet.edited(case);
            let report = compare(&document, &document).unwrap();
            assert!(report.is_empty(), "{}: {:#?}", case["name"], report.changes);
        }
    }
}

/// Whoever goes back meets the edit from the other side: what was no change is none, and what breaks has a witness.
#[test]
fn no_edit_undone_breaks_without_a_witness() {
    let mut wrong = Vec::new();
    for sheet in [library(), parcels()] {
        for case in &sheet.cases {
            let report = compare(&sheet.edited(case), &sheet.base).unwrap();
            let name = &case["name"];
            let quiet = ["equivalent", "docs-only"];
            let is = case["is"].as_str().unwrap();
            if quiet.iter().any(|word| is.starts_with(word)) && report.verdict > Verdict::DocsOnly {
                wrong.push(format!("{name}: {:?}", report.changes[0].summary));
            }
            for change in &report.changes {
                if change.verdict >= Verdict::BreakingClosed && change.witness.is_none() {
                    wrong.push(format!("{name}: {}: {:?}", change.summary, change.unknown));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn parts_of_a_form_are_compared_with_their_defaults() {
    let document = |encoding: serde_json::Value| {
        serde_json::json!({"openapi": "3.1.0", "paths": {"/a": {"post": {
            "requestBody": {"content": {"multipart/form-data": {
                "schema": {"type": "object", "properties": {"meta": {"type": "object"}, "name": {"type": "string"}}},
                "encoding": encoding
            }}},
            "responses": {"204": {"description": ""}}
        }}}})
    };
    let of = |old, new| compare(&document(old), &document(new)).unwrap();
    let none = || serde_json::json!({});
    let kind = |name: &str, kind: &str| serde_json::json!({name: {"contentType": kind}});
    assert!(of(none(), kind("meta", "application/json")).is_empty());
    assert!(of(none(), kind("name", "text/plain")).is_empty());
    let xml = of(none(), kind("meta", "application/xml"));
    assert_eq!(xml.verdict, Verdict::Breaking);
    assert!(xml.changes[0].witness.is_some());
    let more = of(
        kind("name", "text/plain"),
        kind("name", "text/plain, text/html"),
    );
    assert_eq!(more.verdict, Verdict::Compatible);
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
    let (library, parcels) = (in_pairs(&library()), in_pairs(&parcels()));
    assert!(library > 300 && parcels > 150, "{library} {parcels}");
}

fn in_pairs(sheet: &Sheet) -> usize {
    // What is gone as a whole hides what else was done to it.
    let cases: Vec<Value> = sheet
        .cases
        .iter()
        .filter(|case| !touched(case).iter().any(|place| is_whole(place)))
        .cloned()
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
            let report = compare(&sheet.base, &apply(two, sheet.edited(one))).unwrap();
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
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    tried
}

/// Found by the fuzzer: an invalid document may have one route under two paths.
#[test]
fn a_route_that_is_there_twice_is_no_change() {
    let get = serde_json::json!({"get": {"responses": {"200": {"description": "ok"}}}});
    let document = serde_json::json!({"openapi": "3.1.0", "paths": {
        "/{a}": {"get": {"operationId": "a", "responses": {}}}, "/{b}": get, "/{}": get
    }});
    let report = compare(&document, &document).unwrap();
    assert!(report.is_empty(), "{:#?}", report.changes);
}
