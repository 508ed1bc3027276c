//! A section for a changelog, or the body of a pull request.

use std::fmt::Write;

use super::{SECTIONS, instance, of, reach, total};
use crate::report::{Change, Report};

/// The report as Markdown, one list for each verdict.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut out = format!("## API changes\n\n{}\n", escape(&total(report)));
    if let Some(line) = super::generated(report) {
        let _ = writeln!(out, "\n{}", escape(&line));
    }
    for note in super::notes(report) {
        let _ = writeln!(out, "\nNote: {}", escape(&note));
    }
    for (verdict, title) in SECTIONS {
        let mut changes = of(report, verdict).peekable();
        if changes.peek().is_none() {
            continue;
        }
        let _ = write!(out, "\n### {title}\n\n");
        for change in changes {
            write_change(&mut out, change);
        }
    }
    out
}

fn write_change(out: &mut String, change: &Change) {
    let _ = writeln!(
        out,
        "- {} ({}; Rust: {})",
        escape(&change.summary),
        escape(&reach(change)),
        super::step(change)
    );
    if let Some(items) = super::items(change) {
        let _ = writeln!(out, "  - {}", code(&items));
    }
    if let Some(remedy) = &change.remedy {
        let rest = escape(&super::remains(change));
        let _ = writeln!(
            out,
            "  - avoid with {}{rest}",
            code(&super::cut(&remedy.line()))
        );
    }
    if let Some(witness) = &change.witness {
        let _ = writeln!(
            out,
            "  - valid under the {} document only: {}: {}",
            witness.valid_under,
            code(&witness.line),
            code(&instance(witness))
        );
    }
    if let Some(why) = &change.unknown {
        let _ = writeln!(out, "  - unproved: {}", escape(why));
    }
    if let Some(why) = &change.correction {
        let _ = writeln!(out, "  - a correction: {}", escape(why));
    }
    if let Some(accepted) = super::acceptance(change) {
        let _ = writeln!(out, "  - {}", escape(&accepted));
    }
}

/// A code span that backticks inside can't end.
fn code(text: &str) -> String {
    let longest = text
        .split(|letter| letter != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.contains('`') { " " } else { "" };
    format!(
        "{fence}{pad}{}{pad}{fence}",
        text.replace(['\n', '\r'], " ")
    )
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => safe.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' => {
                safe.push('\\');
                safe.push(letter);
            }
            other => safe.push(other),
        }
    }
    safe
}
