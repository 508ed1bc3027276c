//! What the lowering makes of the documents, and what it gives up. A change here is read before it is accepted.

use std::fmt::Write as _;

use openapi_lower::{Options, lower};
use serde_json::json;

use crate::support::documents;

#[test]
fn lowered_documents() {
    for (name, document) in documents() {
        let (lowered, _) = lower(&document, &Options::default()).unwrap();
        let yaml = serde_saphyr::to_string(lowered.as_value()).unwrap();
        insta::assert_snapshot!(format!("{name}-3.0"), yaml);
    }
}

#[test]
fn losses() {
    for (name, document) in documents() {
        let (_, losses) = lower(&document, &Options::default()).unwrap();
        let mut text = String::new();
        for loss in losses {
            writeln!(text, "{loss}").unwrap();
        }
        insta::assert_snapshot!(format!("{name}-losses"), text);
    }
}

/// What a maintainer sees when a document breaks: the place, not a panic of the generator.
#[test]
fn a_reference_to_nothing_is_a_loss_at_its_place() {
    let (_, mut document) = documents().into_iter().next().unwrap();
    let pointer = "/components/schemas/ClipJob/properties/clips/items";
    *document.pointer_mut(pointer).unwrap() = json!({"$ref": "#/components/schemas/Nothing"});
    let (_, losses) = lower(&document, &Options::default()).unwrap();
    let found: Vec<String> = losses
        .iter()
        .map(ToString::to_string)
        .filter(|loss| loss.contains("Nothing"))
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(&format!("#{pointer}")), "{found:?}");
}

#[test]
fn another_format_is_refused_by_name() {
    let error = lower(&json!({"swagger": "2.0", "paths": {}}), &Options::default())
        .map(|_| ())
        .unwrap_err();
    insta::assert_snapshot!(error.to_string());
}
