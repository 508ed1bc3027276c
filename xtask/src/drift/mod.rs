//! `cargo xtask drift`: one report of what the vendor changed, what a sync would do to our documents and clients, and which
//! version that asks for. It changes no document and no client. It writes what it fetched where `--record` says; and like every
//! xtask command it first finishes a sync that was killed.

mod history;
mod print;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use openapi_drift::{
    Accepted, Cell, Level, Lock, Remedy, Report, Rust, Verdict, Version, exit_code,
};
use serde::Serialize;
use serde_json::Value;

use crate::documents::{self, DERIVED};
use crate::sync::{self, Asked, Upstream};
use crate::{names, yaml};

/// Our documents, each a client of the crate.
const DOCUMENTS: [&str; 2] = [DERIVED, "openapi/clips.yaml"];

/// What to compare and how to say it.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    asked: Asked,
    /// Ask nobody: compare what is checked in with a revision
    #[arg(long)]
    offline: bool,
    /// The revision to compare with; the last release (a tag v1.2.3) when not given
    #[arg(long, value_name = "REVISION")]
    against: Option<String>,
    /// Print the Markdown of a pull request: its title, an empty line, its body
    #[arg(long)]
    pr: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "text", conflicts_with = "pr")]
    format: Format,
    /// A TOML file of accepted changes, as `openapi-drift` takes it
    #[arg(long, value_name = "FILE")]
    accept: Option<PathBuf>,
    /// Exit with 0 below this: the least that counts as a failure
    #[arg(long, value_enum, value_name = "LEVEL")]
    fail_on: Option<Level>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Markdown,
    Github,
}

/// Two documents and what differs.
#[derive(Debug, Serialize)]
struct Comparison {
    /// What the comparison is about.
    about: &'static str,
    /// The document of ours that it is about, below the root.
    document: &'static str,
    old: String,
    new: String,
    report: Report,
}

/// Everything that was found.
#[derive(Debug, Serialize)]
struct Drift {
    /// The version of this layout.
    schema: u32,
    /// The worst of what nobody accepted.
    verdict: Verdict,
    rust: Rust,
    /// The worst of everything, whoever agreed to it.
    #[serde(skip)]
    found: (Verdict, Rust),
    /// How many changes were accepted.
    accepted: usize,
    /// What the exit code follows from.
    comparisons: Vec<Comparison>,
    /// Our documents since the release or revision, with what a sync would bring.
    since: Vec<Comparison>,
    /// Why the new document cannot be taken yet.
    blocked: Option<String>,
    /// Where the guide page and clips.yaml differ.
    guide: Vec<String>,
    notes: Vec<String>,
    /// The released version or revision, and what comes next.
    revision: Option<String>,
    next_version: Option<String>,
    next: Vec<String>,
}

/// Exit code when the comparison could not be done.
pub(crate) const IMPOSSIBLE: u8 = 10;

/// Compares and prints.
pub(crate) fn run(root: &Path, options: &Options) -> ExitCode {
    match examine(root, options) {
        Ok(drift) => {
            let text = match (options.pr, options.format) {
                (true, _) => print::pull_request(&drift),
                (_, Format::Text) => print::text(&drift),
                (_, Format::Json) => print::json(&drift),
                (_, Format::Markdown) => print::markdown(&drift),
                (_, Format::Github) => print::github(&drift),
            };
            print!("{text}");
            ExitCode::from(exit_code(drift.verdict, drift.rust, options.fail_on))
        }
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::from(IMPOSSIBLE)
        }
    }
}

fn examine(root: &Path, options: &Options) -> Result<Drift, String> {
    let mut drift = Drift {
        schema: 1,
        verdict: Verdict::Equivalent,
        rust: Rust::None,
        found: (Verdict::Equivalent, Rust::None),
        accepted: 0,
        comparisons: Vec::new(),
        since: Vec::new(),
        blocked: None,
        guide: Vec::new(),
        notes: Vec::new(),
        revision: None,
        next_version: None,
        next: Vec::new(),
    };
    let kept = documents::text(&root.join(names::FILE))?;
    let lock = names::lock(&kept, DERIVED)?;
    let checked_in: Value = yaml::read(&root.join(DERIVED))?;
    let mut candidate = checked_in.clone();
    if !options.offline {
        let found = sync::look(root, &Upstream::read(root)?, &options.asked)?;
        for page in found.guides {
            drift.guide.extend(page.differences);
        }
        if let Some(offer) = found.offer {
            let old = (documents::BASE.to_owned(), &offer.before, &lock);
            let new = (offer.origin().to_owned(), &offer.sliced, &lock);
            drift
                .comparisons
                .push(compare("the vendor's document", DERIVED, old, new)?);
            match offer.is_new().then(|| offer.walk(root)) {
                Some(Ok(arrival)) => {
                    candidate = arrival.derived;
                    let old = (DERIVED.to_owned(), &checked_in, &lock);
                    let new = ("what a sync makes of it".to_owned(), &candidate, &lock);
                    let about = "our document and its client";
                    drift.comparisons.push(compare(about, DERIVED, old, new)?);
                    drift.notes.extend(arrival.repeated.iter().map(|pointer| {
                        format!("an overlay adds {pointer}, which the vendor's document now has; retire what repeats it")
                    }));
                }
                Some(Err(why)) => drift.blocked = Some(why),
                None => {}
            }
            drift.notes.extend(offer.notes);
        }
    }
    drift
        .notes
        .extend(lock.unmatched(&candidate).iter().map(|place| {
            format!(
                "{place} in {} matches nothing and keeps no name",
                names::FILE
            )
        }));
    drift.revision = options
        .against
        .clone()
        .or_else(|| history::last_release(root));
    if let Some(revision) = &drift.revision {
        // What was released then was generated with the names that were kept then.
        let kept_then = history::text(root, revision, names::FILE)?.unwrap_or_default();
        for path in DOCUMENTS {
            let Some(text) = history::text(root, revision, path)? else {
                continue;
            };
            let old: Value = yaml::named(format!("{revision}:{path}"), &text)?;
            let new = if path == DERIVED {
                candidate.clone()
            } else {
                yaml::read(&root.join(path))?
            };
            let locks = (names::lock(&kept_then, path)?, names::lock(&kept, path)?);
            let old = (format!("{revision}:{path}"), &old, &locks.0);
            let new = (path.to_owned(), &new, &locks.1);
            drift.since.push(compare("since then", path, old, new)?);
        }
        drift.next_version = next_version(root, revision, &drift.since)?;
    }
    if let Some(path) = &options.accept {
        let reports = drift.comparisons.iter_mut().chain(&mut drift.since);
        accept(
            path,
            &mut reports.map(|one| &mut one.report).collect::<Vec<_>>(),
        )?;
    }
    settle(&mut drift, options.offline, &options.asked.sources());
    Ok(drift)
}

/// Compares without our own marks: where a fact was read is no part of what a document says.
fn compare(
    about: &'static str,
    document: &'static str,
    (old_name, old, old_lock): (String, &Value, &Lock),
    (new_name, new, new_lock): (String, &Value, &Lock),
) -> Result<Comparison, String> {
    let (old, new) = (unmarked(old), unmarked(new));
    let mut report = openapi_drift::compare(&old, &new).map_err(|error| error.to_string())?;
    report.measure((&old, old_lock), (&new, new_lock));
    Ok(Comparison {
        about,
        document,
        old: old_name,
        new: new_name,
        report,
    })
}

fn unmarked(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| *key != "x-source");
            Value::Object(
                kept.map(|(key, value)| (key.clone(), unmarked(value)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(unmarked).collect()),
        _ => value.clone(),
    }
}

/// Marks accepted changes in every report. Each entry must match in one of them at least.
fn accept(path: &Path, reports: &mut [&mut Report]) -> Result<(), String> {
    let named = |why: String| format!("{}: {why}", path.display());
    let text = documents::text(path)?;
    let whole: toml_edit::DocumentMut = text.parse().map_err(|error| named(format!("{error}")))?;
    // The file as a whole must make sense before its entries are tried one by one.
    Accepted::parse(&text).map_err(|error| named(error.to_string()))?;
    let entries = whole
        .get("accept")
        .and_then(toml_edit::Item::as_array_of_tables);
    for entry in entries.into_iter().flatten() {
        let mut one = toml_edit::ArrayOfTables::new();
        one.push(entry.clone());
        let mut alone = toml_edit::DocumentMut::new();
        alone.insert("accept", toml_edit::Item::ArrayOfTables(one));
        let entry =
            Accepted::parse(&alone.to_string()).map_err(|error| named(error.to_string()))?;
        let mut failed = None;
        let mut matched = false;
        for report in reports.iter_mut() {
            match entry.apply(report, &sync::today()) {
                Ok(()) => matched = true,
                Err(error) => failed = Some(error),
            }
        }
        if let (false, Some(error)) = (matched, failed) {
            return Err(named(error.to_string()));
        }
    }
    Ok(())
}

/// The version after the one that the revision had.
fn next_version(
    root: &Path,
    revision: &str,
    since: &[Comparison],
) -> Result<Option<String>, String> {
    let Some(manifest) = history::text(root, revision, "Cargo.toml")? else {
        return Ok(None);
    };
    let manifest: toml_edit::DocumentMut = manifest
        .parse()
        .map_err(|error| format!("{revision}:Cargo.toml: {error}"))?;
    let version = manifest["workspace"]["package"]["version"]
        .as_str()
        .unwrap_or_default();
    let version = Version::parse(version).map_err(|error| error.to_string())?;
    let step = since
        .iter()
        .map(|one| one.report.found().1)
        .max()
        .unwrap_or(Rust::None);
    Ok(Some(format!("{version} -> {}", version.after(step))))
}

/// The worst of what the exit code follows from, and what to run next.
fn settle(drift: &mut Drift, offline: bool, sources: &str) {
    let counted = if offline {
        &drift.since
    } else {
        &drift.comparisons
    };
    let verdicts = counted.iter().map(|one| one.report.verdict);
    drift.verdict = verdicts.max().unwrap_or(Verdict::Equivalent);
    let steps = counted.iter().map(|one| one.report.rust);
    drift.rust = steps.max().unwrap_or(Rust::None);
    let all = counted.iter().flat_map(|one| &one.report.changes);
    drift.found = all.fold(drift.found, |(verdict, rust), change| {
        (verdict.max(change.verdict), rust.max(change.rust))
    });
    drift.accepted = counted.iter().map(|one| one.report.accepted.len()).sum();
    let keeps: BTreeSet<String> = counted.iter().flat_map(keep).collect();
    drift.next.extend(keeps);
    if !drift.guide.is_empty() {
        // Nothing but a person can tell what prose means for a client.
        drift.verdict = drift.verdict.max(Verdict::Behaviour);
        drift.next.push(
            "change openapi/clips.yaml and openapi/upstream/clips-guide.yaml by hand".to_owned(),
        );
    }
    if drift.blocked.is_some() {
        // Whatever changed, it does not arrive by itself: silence would hide that.
        drift.verdict = drift.verdict.max(Verdict::Behaviour);
        drift.next.push(format!(
            "change openapi/overlays until `cargo xtask sync{sources}` goes through"
        ));
    } else if !offline && counted.iter().any(|one| !one.report.is_empty()) {
        drift.next.push(format!(
            "`cargo xtask sync --compile{sources}`, then `INSTA_UPDATE=always cargo test`"
        ));
    }
    drift.found.0 = drift.found.0.max(drift.verdict);
    if drift.next.is_empty() && drift.verdict >= Verdict::Behaviour {
        drift.next.push(
            "repair the documents, or list the fingerprints of `--format json` in an --accept file"
                .to_owned(),
        );
    }
}

/// What keeps names that only the vendor changed: an entry of our lock each.
fn keep(one: &Comparison) -> impl Iterator<Item = String> {
    let table = names::table(one.document);
    let changes = one.report.changes.iter();
    let rust_only =
        changes.filter(|change| change.cell == Some(Cell::RustOnly) && change.accepted.is_none());
    let entries = rust_only.flat_map(|change| match &change.remedy {
        Some(Remedy::NameLock(entries)) => entries.as_slice(),
        _ => &[],
    });
    entries.map(move |entry| {
        format!(
            "to keep a name, write under [{table}] in {}: {entry}",
            names::FILE
        )
    })
}
