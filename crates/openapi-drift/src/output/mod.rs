//! Reports in the forms that people and tools read. Each is a function from a report to text.

mod github;
mod json;
mod junit;
mod markdown;
mod sarif;
mod text;

pub use github::github;
pub use json::json;
pub use junit::junit;
pub use markdown::markdown;
pub use sarif::sarif;
pub use text::{Colour, text};

use crate::report::{Change, Generated, Report};
use crate::rust_impact::Cell;
use crate::verdict::Verdict;
use crate::witness::Witness;

/// Verdicts worst first, with how sections are headed.
const SECTIONS: [(Verdict, &str); 6] = [
    (Verdict::Breaking, "Breaking"),
    (Verdict::BreakingClosed, "Breaking for closed readers"),
    (Verdict::Behaviour, "Behaviour"),
    (Verdict::Compatible, "Compatible"),
    (Verdict::DocsOnly, "Documentation"),
    (Verdict::Equivalent, "Equivalent on the wire"),
];

fn of(report: &Report, verdict: Verdict) -> impl Iterator<Item = &Change> {
    report
        .changes
        .iter()
        .filter(move |change| change.verdict == verdict)
}

/// Where a change is felt: up to three operations, and how many more.
fn reach(change: &Change) -> String {
    let named: Vec<&str> = change
        .operations
        .iter()
        .take(3)
        .map(String::as_str)
        .collect();
    match change.operations.len() {
        0 => "the document".to_owned(),
        1..=3 => named.join(", "),
        more => format!("{} and {} more", named.join(", "), more - 3),
    }
}

/// Instances longer than this are shown in part; JSON has them whole.
const MAX_INSTANCE: usize = 160;

/// A witness's instance, cut if it is long.
fn instance(witness: &Witness) -> String {
    cut(&witness.instance.to_string())
}

fn cut(shown: &str) -> String {
    let cut: String = shown.chars().take(MAX_INSTANCE).collect();
    let dots = if cut.len() < shown.len() { "…" } else { "" };
    cut + dots
}

/// The step of a change, and the cell where it disagrees with the wire.
fn step(change: &Change) -> String {
    let cell = match change.cell {
        Some(Cell::WireOnly) => ", which still compiles",
        Some(Cell::RustOnly) => ", not on the wire",
        None => "",
    };
    format!("{}{cell}", change.rust.as_str())
}

/// The generated items that a change moved: up to two, and how many more.
fn items(change: &Change) -> Option<String> {
    const SHOWN: usize = 2;
    let first: Vec<&str> = change
        .items
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect();
    let more = change.items.len().saturating_sub(SHOWN);
    let rest = if more == 0 {
        String::new()
    } else {
        format!("; and {more} more")
    };
    (!first.is_empty()).then(|| first.join("; ") + &rest)
}

/// What a remedy leaves, as the end of a sentence.
fn remains(change: &Change) -> String {
    match change.remains.as_slice() {
        [] => String::new(),
        [only] => format!(", which leaves: {only}"),
        [first, rest @ ..] => format!(", which leaves: {first}; and {} more", rest.len()),
    }
}

/// The next version, and why nothing was generated, where there is something to say.
fn generated(report: &Report) -> Option<String> {
    let version = report
        .next_version
        .map(|version| format!("the crate's next version is {version}"));
    let unknown = match &report.generated {
        Generated::Unknown(why) => Some(format!(
            "the Rust steps follow from conventions alone ({why})"
        )),
        Generated::Compared | Generated::No => None,
    };
    match (version, unknown) {
        (Some(version), Some(unknown)) => Some(format!("{version}; {unknown}")),
        (version, unknown) => version.or(unknown),
    }
}

/// So many notes are shown; JSON has them all.
const MAX_NOTES: usize = 5;

/// What was left out or had no use, a line each.
fn notes(report: &Report) -> Vec<String> {
    let mut lines: Vec<String> = report
        .notes
        .iter()
        .take(MAX_NOTES)
        .map(|note| format!("{} {}: {}", note.about, note.pointer, note.message))
        .collect();
    let more = report.notes.len().saturating_sub(MAX_NOTES);
    if more > 0 {
        lines.push(format!(
            "{more} more of the kind, which --format json lists"
        ));
    }
    lines
}

/// What proves a change, or why nothing does.
fn proof(change: &Change) -> Option<String> {
    match (&change.witness, &change.unknown) {
        (Some(witness), _) => {
            if change.rule.starts_with("operation-") {
                return Some(format!(
                    "{}: served by the old document, not by the new one",
                    witness.line
                ));
            }
            let other = if witness.valid_under == "old" {
                "new"
            } else {
                "old"
            };
            let reading = witness.reading.as_ref();
            let reading = reading.map_or_else(String::new, |how| format!("; read with {how}"));
            Some(format!(
                "{}: valid under the {} document, not under the {other} one ({}{reading})",
                witness.line, witness.valid_under, witness.because
            ))
        }
        (None, Some(why)) => Some(format!("unproved: {why}")),
        (None, None) => change
            .correction
            .as_ref()
            .map(|why| format!("a correction: {why}")),
    }
}

/// Who let a change pass, and why.
fn acceptance(change: &Change) -> Option<String> {
    let accepted = change.accepted.as_ref()?;
    let until = accepted
        .expires
        .as_ref()
        .map_or_else(String::new, |date| format!(" until {date}"));
    Some(format!(
        "accepted as {}{until}: {}",
        accepted.class.as_str(),
        accepted.reason
    ))
}

/// One line that sums a report up.
fn total(report: &Report) -> String {
    let counts: Vec<String> = SECTIONS
        .iter()
        .map(|(verdict, _)| (verdict, of(report, *verdict).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{count} {}", verdict.as_str()))
        .collect();
    let unknown = report
        .changes
        .iter()
        .filter(|change| change.unknown.is_some())
        .count();
    let counted = if counts.is_empty() {
        "no change".to_owned()
    } else {
        counts.join(", ")
    };
    let waived = match report.accepted.len() {
        0 => String::new(),
        all if all == report.changes.len() => "; all accepted".to_owned(),
        some => format!(
            "; {some} accepted, the rest is {}, Rust {}",
            report.verdict.as_str(),
            report.rust.as_str()
        ),
    };
    let unproved = if unknown == 0 {
        String::new()
    } else {
        format!("; {unknown} unproved")
    };
    let (verdict, rust) = report.found();
    format!(
        "{}, Rust {}: {counted}{unproved}{waived}",
        verdict.as_str(),
        rust.as_str()
    )
}
