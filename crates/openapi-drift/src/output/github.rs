//! Annotations that GitHub Actions reads from a step's output.

use std::fmt::Write;

use super::{proof, total};
use crate::report::Report;
use crate::verdict::Verdict;

/// The report as workflow commands. `document` is the path of the new document.
#[must_use]
pub fn github(report: &Report, document: &str) -> String {
    let mut out = String::new();
    for change in &report.changes {
        let command = match change.verdict {
            _ if change.accepted.is_some() => "notice",
            Verdict::Breaking => "error",
            Verdict::BreakingClosed | Verdict::Behaviour => "warning",
            Verdict::Compatible | Verdict::DocsOnly | Verdict::Equivalent => "notice",
        };
        let mut message = format!("{} at {}", change.summary, change.place());
        if let Some(proof) = proof(change) {
            message.push('\n');
            message.push_str(&proof);
        }
        if let Some(accepted) = super::acceptance(change) {
            message.push('\n');
            message.push_str(&accepted);
        }
        let _ = writeln!(
            out,
            "::{command} file={},title={}::{}",
            property(document),
            property(&format!("{} ({})", change.verdict.as_str(), change.rule)),
            data(&message)
        );
    }
    for note in super::notes(report) {
        let _ = writeln!(
            out,
            "::notice file={},title=note::{}",
            property(document),
            data(&note)
        );
    }
    let _ = writeln!(out, "{}", data(&total(report)));
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
