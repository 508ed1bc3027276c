//! JSON, for programs. `schema` at the top is the version of the layout.

use crate::report::Report;

/// The report as indented JSON.
#[must_use]
pub fn json(report: &Report) -> String {
    // A report holds nothing that JSON can't: an error here can't happen.
    serde_json::to_string_pretty(report).unwrap_or_default() + "\n"
}
