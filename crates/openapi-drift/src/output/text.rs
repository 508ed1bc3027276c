//! Text for a terminal: changes by operation, worst first, what only the generated crate feels after them, the next command last.

use std::collections::HashSet;
use std::fmt::Write;

use super::{instance, proof, total};
use crate::report::{Change, Direction, Report};
use crate::rust_impact::{Remedy, Rust};
use crate::verdict::Verdict;

/// Whether to colour what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// With ANSI escapes.
    Always,
    /// Plain.
    Never,
}

/// Words are summed up when there are more of them than this.
const MAX_WORDS: usize = 3;

/// Where more changes than this can be kept out of the Rust API, how is left to the other formats.
const MAX_REMEDIES: usize = 5;

/// The width of the longest verdict: sentences begin in one column.
const COLUMN: usize = 15;

/// Changes that reach no message, and are felt in the generated crate alone.
const GENERATED: &str = "the generated crate alone";

/// The report as text: a heading for each operation, and a line for each change, which begins with its verdict and ends, where it
/// fails a gate, with the fingerprint that an accept file names it by. `next` is the command that the reader will want to run, if
/// there is one.
#[must_use]
pub fn text(report: &Report, colour: Colour, next: Option<&str>) -> String {
    let mut out = String::new();
    let words = report
        .changes
        .iter()
        .filter(|change| is_words(change))
        .count();
    let remedies = report
        .changes
        .iter()
        .filter(|change| change.remedy.is_some());
    let remedies = remedies.count();
    // What restructures a type moves the same items for several reasons: they are shown once.
    let mut shown = HashSet::new();
    for (name, changes) in groups(report, words) {
        let _ = writeln!(out, "{}", paint(colour, "1", name));
        for change in changes {
            let fresh = change.items.is_empty() || shown.insert(&change.items[0]);
            let remedy = change.remedy.as_ref().filter(|_| remedies <= MAX_REMEDIES);
            write_change(&mut out, colour, change, fresh, remedy);
        }
    }
    if words > MAX_WORDS {
        let _ = writeln!(out, "{words} changes of words only");
    }
    if remedies > MAX_REMEDIES {
        let _ = writeln!(
            out,
            "{remedies} changes of the Rust API can be avoided by an overlay or a locked name: --format json says how"
        );
    }
    for note in super::notes(report) {
        let _ = writeln!(out, "note: {note}");
    }
    let _ = writeln!(
        out,
        "{}",
        paint(colour, tint(report.verdict), &total(report))
    );
    if let Some(line) = super::generated(report) {
        let _ = writeln!(out, "{line}");
    }
    if let Some(next) = next {
        let _ = writeln!(out, "next: {next}");
    }
    out
}

/// Changes by where they are felt: the worst first, and last what only the generated crate feels.
fn groups(report: &Report, words: usize) -> Vec<(&str, Vec<&Change>)> {
    let mut groups: Vec<(&str, Vec<&Change>)> = Vec::new();
    for change in &report.changes {
        if is_words(change) && words > MAX_WORDS {
            continue;
        }
        let key = group(change);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, changes)) => changes.push(change),
            None => groups.push((key, vec![change])),
        }
    }
    groups.sort_by_key(|(name, _)| *name == GENERATED);
    groups
}

fn write_change(
    out: &mut String,
    colour: Colour,
    change: &Change,
    fresh: bool,
    remedy: Option<&Remedy>,
) {
    let verdict = paint(
        colour,
        tint(change.verdict),
        &format!("{:COLUMN$}", change.verdict.as_str()),
    );
    let name = if fails(change) {
        format!(" {}", paint(colour, "2", &change.fingerprint))
    } else {
        String::new()
    };
    let direction = match change.direction {
        Direction::None => String::new(),
        other => format!("{}, ", other.as_str()),
    };
    let _ = writeln!(
        out,
        "  {verdict}  {} [{direction}Rust {}]{name}",
        change.summary,
        super::step(change)
    );
    if !is_whole(change) {
        let more = change.also_at.len();
        let copies = if more == 0 {
            String::new()
        } else {
            format!(
                " and {more} more {}",
                if more == 1 { "place" } else { "places" }
            )
        };
        let _ = writeln!(out, "      at {}{copies}", change.place());
    }
    if change.operations.len() > 1 {
        let _ = writeln!(out, "      reaches {}", super::reach(change));
    }
    if let Some(items) = super::items(change).filter(|_| fresh) {
        let _ = writeln!(out, "      {items}");
    }
    if let Some(remedy) = remedy {
        let rest = super::remains(change);
        let _ = writeln!(out, "      avoid with {}{rest}", super::cut(&remedy.line()));
    }
    if let Some(proof) = proof(change) {
        let _ = writeln!(out, "      {proof}");
    }
    if let Some(witness) = change.witness.as_ref().filter(|_| !is_whole(change)) {
        let _ = writeln!(out, "        {}", instance(witness));
    }
    if let Some(accepted) = super::acceptance(change) {
        let _ = writeln!(out, "      {accepted}");
    }
}

/// Whether a gate stops at it, so that somebody may want to accept it.
fn fails(change: &Change) -> bool {
    let bad = change.verdict >= Verdict::Behaviour || change.rust == Rust::Major;
    bad && change.accepted.is_none()
}

/// An operation as a whole: its sentence says where it is, and its witness is its request line.
fn is_whole(change: &Change) -> bool {
    matches!(
        change.rule.as_str(),
        "operation-added" | "operation-removed" | "operation-moved"
    )
}

fn is_words(change: &Change) -> bool {
    change.rule == "words" && change.accepted.is_none()
}

fn group(change: &Change) -> &str {
    if is_whole(change) {
        return "operations";
    }
    let silent = change.verdict <= Verdict::DocsOnly && change.rust >= Rust::Minor;
    if silent {
        return GENERATED;
    }
    match change.operations.as_slice() {
        [] => "document",
        [only] => only,
        _ => "several operations",
    }
}

fn tint(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Breaking => "1;31",
        Verdict::BreakingClosed => "31",
        Verdict::Behaviour => "33",
        Verdict::Compatible => "32",
        Verdict::DocsOnly | Verdict::Equivalent => "2",
    }
}

fn paint(colour: Colour, code: &str, text: &str) -> String {
    match colour {
        Colour::Always => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        Colour::Never => text.to_owned(),
    }
}
