//! The report as text, JSON, Markdown, a pull request, or annotations of a workflow run.

use std::fmt::Write as _;

use openapi_drift::output::{self, Colour};
use openapi_drift::{Rust, Verdict};

use super::{Comparison, Drift};

/// For a terminal: each comparison, the notes, and what to run next.
pub(super) fn text(drift: &Drift) -> String {
    let mut out = String::new();
    for one in drift.comparisons.iter().chain(&drift.since) {
        let _ = writeln!(out, "== {}: {} -> {}", one.about, one.old, one.new);
        out.push_str(&output::text(&one.report, Colour::Never, None));
        out.push('\n');
    }
    list(
        &mut out,
        "== the guide page and clips.yaml differ",
        &drift.guide,
    );
    list(&mut out, "== notes", &drift.notes);
    if let Some(why) = &drift.blocked {
        let _ = writeln!(out, "== it cannot be taken yet\n- {why}\n");
    }
    let _ = writeln!(out, "{}", summary(drift));
    let _ = writeln!(out, "{}", version(drift));
    for next in &drift.next {
        let _ = writeln!(out, "next: {next}");
    }
    out
}

/// With every change and its fingerprint.
pub(super) fn json(drift: &Drift) -> String {
    let text = serde_json::to_string_pretty(drift);
    text.unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}")) + "\n"
}

/// For a changelog or a summary.
pub(super) fn markdown(drift: &Drift) -> String {
    let mut out = format!("{}\n\n{}\n\n", summary(drift), version(drift));
    for one in drift.comparisons.iter().chain(&drift.since) {
        // A comparison without changes is one line; its heading would be three.
        if one.report.is_empty() {
            let _ = writeln!(out, "No change from `{}` to `{}`.\n", one.old, one.new);
            continue;
        }
        let _ = writeln!(out, "# {}: `{}` to `{}`\n", heading(one), one.old, one.new);
        out.push_str(&output::markdown(&one.report));
        out.push('\n');
    }
    list(
        &mut out,
        "# The guide page and `clips.yaml` differ\n",
        &drift.guide,
    );
    list(&mut out, "# Notes\n", &drift.notes);
    if let Some(why) = &drift.blocked {
        let _ = writeln!(out, "# It cannot be taken yet\n\n```\n{why}\n```\n");
    }
    list(&mut out, "# What to do next\n", &drift.next);
    out
}

/// A pull request: its title on the first line, its body after an empty one.
pub(super) fn pull_request(drift: &Drift) -> String {
    let step = match drift.found {
        (verdict, Rust::None) => verdict.as_str().to_owned(),
        (verdict, step) => format!("{}, Rust {}", verdict.as_str(), step.as_str()),
    };
    format!(
        "Follow the vendor's document: {step}\n\n{}",
        markdown(drift)
    )
}

/// Annotations on the lines of a pull request, and the summary.
pub(super) fn github(drift: &Drift) -> String {
    let mut out = String::new();
    for one in drift.comparisons.iter().chain(&drift.since) {
        out.push_str(&output::github(&one.report, &one.new));
    }
    if let Some(why) = &drift.blocked {
        let _ = writeln!(out, "::error title=it cannot be taken yet::{}", data(why));
    }
    for difference in &drift.guide {
        let _ = writeln!(
            out,
            "::warning file=openapi/clips.yaml::{}",
            data(difference)
        );
    }
    let _ = writeln!(out, "{}\n{}", summary(drift), version(drift));
    for next in &drift.next {
        let _ = writeln!(out, "next: {next}");
    }
    out
}

/// The message of a workflow command, which ends with its line; what a page says must not begin another.
fn data(message: &str) -> String {
    message
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn summary(drift: &Drift) -> String {
    let changes: usize = drift
        .comparisons
        .first()
        .or_else(|| drift.since.first())
        .map_or(0, |one| one.report.changes.len());
    let prose = match drift.guide.len() {
        0 => String::new(),
        count => format!(", {count} differences from the guide"),
    };
    if drift.found == (Verdict::Equivalent, Rust::None) {
        return format!("Nothing to do: the documents say the same{prose}.");
    }
    let accepted = match drift.accepted {
        0 => String::new(),
        count => format!(
            " Of all changes below {count} are accepted; the rest: wire {}, Rust API {}.",
            drift.verdict.as_str(),
            drift.rust.as_str()
        ),
    };
    format!(
        "Wire: {}. Rust API: {}. {changes} changes{prose}.{accepted}",
        drift.found.0.as_str(),
        drift.found.1.as_str()
    )
}

fn version(drift: &Drift) -> String {
    match (&drift.revision, &drift.next_version) {
        (Some(revision), Some(next)) => format!("Version: {next}, since {revision}."),
        (Some(revision), None) => format!("Version: {revision} has none to go on from."),
        (None, _) => "Version: nothing was released yet, so any will do.".to_owned(),
    }
}

fn heading(one: &Comparison) -> String {
    let mut letters = one.about.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn list(out: &mut String, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(out, "{title}");
    for item in items {
        let _ = writeln!(out, "- {item}");
    }
    out.push('\n');
}
