//! JSON, for programs. `schema` at the top is the version of the layout.

use crate::report::{Report, shown_place};

/// The report as indented JSON.
#[must_use]
pub fn json(report: &Report) -> String {
    let mut shown = report.clone();
    for change in &mut shown.changes {
        change.pointer = change.place();
        for place in &mut change.also_at {
            *place = shown_place(&change.rule, place);
        }
    }
    // A report holds nothing that JSON can't: an error here can't happen.
    serde_json::to_string_pretty(&shown).unwrap_or_default() + "\n"
}
