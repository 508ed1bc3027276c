//! What the generated crate feels, read from generated code: for every edit of the sheets in `cases/`.
#![cfg(feature = "generate")]
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use openapi_drift::{Cell, Generated, Lock, Remedy, Report, Rust, Verdict, compare};
use serde_json::{Value, json};
use support::{library, overlaid, parcels};

fn measured(old: &Value, new: &Value) -> Report {
    let mut report = compare(old, new).unwrap();
    let free = Lock::default();
    report.measure((old, &free), (new, &free));
    assert_eq!(report.generated, Generated::Compared);
    report
}

#[test]
fn generated_code_agrees_with_the_conventions() {
    let mut wrong = Vec::new();
    let sheets = [library(), parcels()];
    let all = sheets
        .iter()
        .flat_map(|sheet| sheet.cases.iter().map(move |case| (sheet, case)));
    for (sheet, case) in all {
        let name = case["name"].as_str().unwrap();
        let report = measured(&sheet.base, &sheet.edited(case));
        let step = case["is"].as_str().unwrap().split(' ').nth(1).unwrap();
        if report.rust.as_str() != step {
            wrong.push(format!("{name}: {} not {step}", report.rust.as_str()));
            for change in &report.changes {
                wrong.push(format!(
                    "    {} {} {:?}",
                    change.rule, change.summary, change.items
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_breaks_the_rust_api_alone_says_what_avoids_it() {
    let mut helped = [0, 0];
    let sheet = library();
    for case in &sheet.cases {
        let (old, new) = (sheet.base.clone(), sheet.edited(case));
        let report = measured(&old, &new);
        let major = report
            .changes
            .iter()
            .filter(|change| change.rust == Rust::Major);
        if major.count() > 1 {
            // What another change moves, no remedy of this one brings back.
            continue;
        }
        for change in &report.changes {
            if change.cell != Some(Cell::RustOnly) {
                continue;
            }
            let name = case["name"].as_str().unwrap();
            let after = match &change.remedy {
                Some(Remedy::NameLock(entries)) => {
                    helped[0] += 1;
                    let lock = Lock::parse(&entries.join("\n")).unwrap();
                    let mut report = compare(&old, &new).unwrap();
                    report.measure((&old, &Lock::default()), (&new, &lock));
                    report
                }
                Some(Remedy::Overlay(actions)) => {
                    helped[1] += 1;
                    measured(&old, &overlaid(&new, actions))
                }
                None => panic!("{name}: nothing helps against {}", change.summary),
            };
            assert!(
                after.rust < Rust::Major,
                "{name}: {:?}: {:#?}",
                change.remedy,
                after.changes
            );
        }
    }
    assert!(helped.iter().all(|count| *count > 2), "{helped:?}");
}

#[test]
fn a_break_that_still_compiles_is_called_so() {
    let sheet = library();
    let new = sheet.edited(sheet.case("parameter maximum lowered"));
    let report = measured(&sheet.base, &new);
    assert_eq!(report.changes[0].cell, Some(Cell::WireOnly));
    assert_eq!((report.wire_only, report.rust_only), (1, 0));
    assert_eq!(report.changes[0].items, [""; 0]);
}

#[test]
fn a_document_that_cannot_be_generated_says_why_and_keeps_the_steps_of_the_conventions() {
    let sheet = library();
    let mut new = sheet.edited(sheet.case("operation removed"));
    new["openapi"] = "3.9.0".into();
    let mut report = compare(&sheet.base, &new).unwrap();
    let rules = report.rust;
    let free = Lock::default();
    report.measure((&sheet.base, &free), (&new, &free));
    assert_eq!(report.rust, rules);
    let Generated::Unknown(why) = report.generated else {
        panic!("{:?}", report.generated);
    };
    assert!(
        why.starts_with("new: the document can't be lowered: "),
        "{why}"
    );
}

#[test]
fn a_union_that_became_a_component_moves_its_type_alone() {
    let sheet = library();
    let mut new = sheet.base.clone();
    let item = new["components"]["schemas"]["NewLoan"]["properties"]["item"].take();
    new["components"]["schemas"]["Thing"] = item;
    new["components"]["schemas"]["NewLoan"]["properties"]["item"] =
        serde_json::json!({"$ref": "#/components/schemas/Thing"});
    assert!(compare(&sheet.base, &new).unwrap().is_empty());
    let report = measured(&sheet.base, &new);
    assert_eq!(
        (report.verdict, report.rust),
        (Verdict::Equivalent, Rust::Major)
    );
    assert_eq!(
        report.changes[0].items[0],
        "types::NewLoanItem is now types::Thing"
    );
}

#[test]
fn what_a_call_fails_with_is_one_opaque_error() {
    let sheet = library();
    let mut new = sheet.base.clone();
    new["paths"]["/loans"]["post"]["responses"]["409"] = serde_json::json!({"description": "Lent", "content": {"application/json": {
        "schema": {"type": "object", "required": ["until"], "properties": {"until": {"type": "integer"}}}}}});
    let report = measured(&sheet.base, &new);
    assert_eq!(
        (report.verdict, report.rust),
        (Verdict::Compatible, Rust::Patch),
        "{:#?}",
        report.changes
    );
}

#[test]
fn names_that_collide_move_items_that_no_rule_foresees() {
    let document = |extra: bool| {
        let mut schemas = serde_json::json!({
            "Job": {"type": "object", "properties": {"state": {"type": "object", "properties": {"a": {"type": "string"}}}}},
        });
        if extra {
            schemas["JobState"] =
                serde_json::json!({"type": "object", "properties": {"b": {"type": "string"}}});
        }
        let answer = |name: &str| {
            serde_json::json!({"200": {"description": "", "content": {"application/json": {
            "schema": {"$ref": format!("#/components/schemas/{name}")}}}}})
        };
        let mut paths = serde_json::json!({"/jobs": {"get": {"operationId": "getJob", "responses": answer("Job")}}});
        if extra {
            paths["/states"] = serde_json::json!({"get": {"operationId": "getState", "responses": answer("JobState")}});
        }
        serde_json::json!({"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": paths, "components": {"schemas": schemas}})
    };
    let report = measured(&document(false), &document(true));
    assert_eq!(report.verdict.as_str(), "compatible");
    assert_eq!(report.rust, Rust::Major);
}

#[test]
fn what_the_conventions_decide_hides_no_other_move() {
    let sheet = library();
    let edit = json!({"set": {
        "/paths/~1loans/get/parameters/2/explode": false,
        "/components/schemas/Limit": "=/paths/~1loans/get/parameters/0/schema",
        "/paths/~1loans/get/parameters/0/schema": {"$ref": "#/components/schemas/Limit"},
    }});
    let report = measured(&sheet.base, &sheet.edited(&edit));
    let steps = report
        .changes
        .iter()
        .map(|change| (change.rule.as_str(), change.rust));
    assert_eq!(
        steps.collect::<Vec<_>>(),
        [("parameter-style", Rust::Patch), ("rust-api", Rust::Major)]
    );
}

#[test]
fn members_of_a_parameter_that_are_arguments_go_with_its_style() {
    let sheet = library();
    let filter = |style: &str| {
        let schema = json!({"type": "object", "properties": {"shelf": {"type": "string"}}});
        let filter = json!({"name": "filter", "in": "query", "style": style, "explode": true, "schema": schema});
        sheet.edited(&json!({"set": {"/paths/~1loans/get/parameters/4": filter}}))
    };
    let report = measured(&filter("deepObject"), &filter("form"));
    let steps = report
        .changes
        .iter()
        .map(|change| (change.rule.as_str(), change.rust));
    assert_eq!(
        steps.collect::<Vec<_>>(),
        [("parameter-style", Rust::Patch)]
    );
}
