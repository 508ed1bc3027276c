//! SARIF 2.1.0, for code-scanning services.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::proof;
use crate::report::Report;
use crate::verdict::Verdict;

/// The report as SARIF. `document` is the path of the new document, for the places.
#[must_use]
pub fn sarif(report: &Report, document: &str) -> String {
    let rules: BTreeSet<&str> = report
        .changes
        .iter()
        .map(|change| change.rule.as_str())
        .collect();
    let results: Vec<Value> = report
        .changes
        .iter()
        .map(|change| {
            let mut message = change.summary.clone();
            if let Some(proof) = proof(change) {
                message.push_str(". ");
                message.push_str(&proof);
            }
            let mut result = json!({
                "ruleId": change.rule,
                "level": level(change.verdict),
                "message": {"text": message},
                "locations": [{
                    "physicalLocation": {"artifactLocation": {"uri": document}},
                    "logicalLocations": [{"fullyQualifiedName": change.place()}],
                }],
                "partialFingerprints": {"openapiDrift/v1": change.fingerprint},
                "properties": {
                    "verdict": change.verdict,
                    "rust": change.rust,
                    "cell": change.cell,
                    "direction": change.direction,
                    "operations": change.operations,
                },
            });
            if let Some(accepted) = super::acceptance(change) {
                result["suppressions"] =
                    json!([{"kind": "external", "status": "accepted", "justification": accepted}]);
            }
            result
        })
        .collect();
    let rules: Vec<Value> = rules.into_iter().map(|rule| json!({"id": rule})).collect();
    let mut log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "openapi-drift",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "results": results,
        }],
    });
    let notes = super::notes(report);
    if !notes.is_empty() {
        let told: Vec<Value> = notes
            .iter()
            .map(|note| json!({"level": "note", "message": {"text": note}}))
            .collect();
        log["runs"][0]["invocations"] =
            json!([{"executionSuccessful": true, "toolExecutionNotifications": told}]);
    }
    format!("{log:#}\n")
}

fn level(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Breaking => "error",
        Verdict::BreakingClosed | Verdict::Behaviour => "warning",
        Verdict::Compatible | Verdict::DocsOnly | Verdict::Equivalent => "note",
    }
}
