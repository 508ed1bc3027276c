//! JUnit XML: one test case for each change, failed if it breaks.

use std::fmt::Write;

use super::proof;
use crate::report::Report;
use crate::verdict::Verdict;

/// The report as JUnit XML.
#[must_use]
pub fn junit(report: &Report) -> String {
    let failed = report
        .changes
        .iter()
        .filter(|change| change.verdict >= Verdict::Behaviour && change.accepted.is_none())
        .count();
    let skipped = match report.accepted.len() {
        0 => String::new(),
        count => format!(" skipped=\"{count}\""),
    };
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites><testsuite name=\"openapi-drift\" tests=\"{}\" failures=\"{failed}\"{skipped}>",
        report.changes.len().max(1)
    );
    if report.is_empty() {
        out.push_str(
            "  <testcase name=\"the documents are equivalent\" classname=\"equivalent\"/>\n",
        );
    }
    for change in &report.changes {
        let name = escape(&format!("{} ({})", change.summary, change.place()));
        let class = change.verdict.as_str();
        if let Some(accepted) = super::acceptance(change) {
            let _ = writeln!(
                out,
                "  <testcase name=\"{name}\" classname=\"{class}\"><skipped message=\"{}\"/></testcase>",
                escape(&accepted)
            );
            continue;
        }
        if change.verdict < Verdict::Behaviour {
            let _ = writeln!(out, "  <testcase name=\"{name}\" classname=\"{class}\"/>");
            continue;
        }
        let _ = writeln!(
            out,
            "  <testcase name=\"{name}\" classname=\"{class}\"><failure type=\"{class}\" message=\"{}\">{}</failure></testcase>",
            escape(&change.summary),
            escape(&proof(change).unwrap_or_default())
        );
    }
    let notes = super::notes(report);
    if !notes.is_empty() {
        let _ = writeln!(
            out,
            "  <system-out>{}</system-out>",
            escape(&notes.join("; "))
        );
    }
    out.push_str("</testsuite></testsuites>\n");
    out
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // XML has no way to write the other control characters.
            other if other.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}
