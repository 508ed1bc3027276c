//! `openapi-drift OLD NEW`: what changed between two OpenAPI documents, and for whom it breaks.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Parser, ValueEnum};
#[cfg(feature = "generate")]
use openapi_drift::Generated;
use openapi_drift::output::{self, Colour};
use openapi_drift::{Accepted, Level, Lock, Report, Rust, Verdict, Version, compare, exit_code};
use serde_json::Value;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Compares two OpenAPI documents: what changed, for whom it breaks, and the proof.
///
/// Exits with 0 when nothing changed but words, 2 when all changes are compatible, 3 when only a
/// generated Rust API breaks, 4 when something breaks or behaves otherwise, and 10 when the
/// comparison could not be done.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The old document, YAML or JSON
    old: PathBuf,
    /// The new document, YAML or JSON
    new: PathBuf,
    /// How to print the report
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Exit with 0 below this: the least that counts as a failure
    #[arg(long, value_enum, value_name = "LEVEL")]
    fail_on: Option<Level>,
    /// A TOML file of accepted changes
    #[arg(long, value_name = "FILE")]
    accept: Option<PathBuf>,
    /// Where the steps of the Rust API come from
    #[arg(long, value_enum, default_value_t = Source::default(), value_name = "SOURCE")]
    rust: Source,
    /// A TOML file of names that the generated crate keeps
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// The one that the old crate was generated with
    #[arg(long, value_name = "FILE")]
    old_lock: Option<PathBuf>,
    /// The generated crate's version now; the report then says the next one
    #[arg(long, value_name = "VERSION")]
    crate_version: Option<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Source {
    /// As `generated`, but as `rules` for documents of more than a thousand operations
    #[cfg(feature = "generate")]
    #[default]
    Auto,
    /// Clients generated from both documents, beside the conventions
    #[cfg(feature = "generate")]
    Generated,
    /// The conventions alone: faster, and blind to names that collide
    #[cfg_attr(not(feature = "generate"), default)]
    Rules,
}

/// Generating more operations than this takes seconds and gigabytes, so it has to be asked for.
#[cfg(feature = "generate")]
const MAX_GENERATED: usize = 1_000;

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
    Markdown,
    Sarif,
    Junit,
    Github,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => {
            // Help and versions are no errors; and 2, which clap would say, is a verdict.
            let code = if answer.use_stderr() { 10 } else { 0 };
            let _ = answer.print();
            return ExitCode::from(code);
        }
    };
    match run(&arguments) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("openapi-drift: {message}");
            ExitCode::from(10)
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let (old, new) = (read(&arguments.old)?, read(&arguments.new)?);
    let (old_lock, lock) = (
        lock(arguments.old_lock.as_deref())?,
        lock(arguments.lock.as_deref())?,
    );
    let version = arguments.crate_version.as_deref().map(Version::parse);
    let version = version.transpose().map_err(|error| error.to_string())?;
    let mut report = compare(&old, &new).map_err(|error| error.to_string())?;
    report.check_names((&old, &old_lock), (&new, &lock));
    match arguments.rust {
        #[cfg(feature = "generate")]
        Source::Auto if operations(&old).max(operations(&new)) > MAX_GENERATED => {
            report.keep_names(&old_lock, &lock);
            report.generated = Generated::Unknown(format!(
                "more than {MAX_GENERATED} operations are generated with --rust generated only"
            ));
        }
        #[cfg(feature = "generate")]
        Source::Auto | Source::Generated => measure(&mut report, (&old, &old_lock), (&new, &lock)),
        Source::Rules => report.keep_names(&old_lock, &lock),
    }
    if let Some(path) = &arguments.accept {
        let text = text_of(path)?;
        let accepted = Accepted::parse(&text).map_err(|error| error.to_string())?;
        accepted
            .apply(&mut report, &today())
            .map_err(|error| error.to_string())?;
    }
    report.next_version = version.map(|version| version.after(report.found().1));
    let printed = print(arguments, &report);
    std::io::stdout()
        .write_all(printed.as_bytes())
        .map_err(|error| format!("cannot print the report: {error}"))?;
    let code = ExitCode::from(exit_code(report.verdict, report.rust, arguments.fail_on));
    // The process ends here: to take large documents apart first would only take time.
    std::mem::forget((old, new, report));
    Ok(code)
}

fn lock(path: Option<&Path>) -> Result<Lock, String> {
    let Some(path) = path else {
        return Ok(Lock::default());
    };
    Lock::parse(&text_of(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

/// How many operations a document has at most.
#[cfg(feature = "generate")]
fn operations(document: &Value) -> usize {
    let items = document.get("paths").and_then(Value::as_object);
    items
        .into_iter()
        .flat_map(|items| items.values())
        .filter_map(Value::as_object)
        .map(serde_json::Map::len)
        .sum()
}

/// A document that the generator can't take is reported, and its panic is not printed.
#[cfg(feature = "generate")]
fn measure(report: &mut Report, old: (&Value, &Lock), new: (&Value, &Lock)) {
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    report.measure(old, new);
    std::panic::set_hook(loud);
}

fn print(arguments: &Arguments, report: &Report) -> String {
    let document = arguments.new.to_string_lossy();
    match arguments.format {
        Format::Text => {
            let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let colour = std::io::stdout().is_terminal() && !plain;
            let colour = if colour {
                Colour::Always
            } else {
                Colour::Never
            };
            let breaks = report.verdict >= Verdict::Behaviour || report.rust == Rust::Major;
            let next = format!(
                "openapi-drift {} {document} --accept FILE, with the fingerprints of what is meant to be",
                arguments.old.display()
            );
            output::text(report, colour, breaks.then_some(next.as_str()))
        }
        Format::Json => output::json(report),
        Format::Markdown => output::markdown(report),
        Format::Sarif => output::sarif(report, &document),
        Format::Junit => output::junit(report),
        Format::Github => output::github(report, &document),
    }
}

fn read(path: &Path) -> Result<Value, String> {
    let text = text_of(path)?;
    // JSON is YAML too, but its own reader is faster and says better what is wrong.
    if text.trim_start().starts_with('{') {
        match serde_json::from_str(&text) {
            Ok(value) => return Ok(value),
            Err(error)
                if path
                    .extension()
                    .is_some_and(|extension| extension == "json") =>
            {
                return Err(format!("{} is not JSON: {error}", path.display()));
            }
            Err(_) => {}
        }
    }
    // YAML 1.2: `on` and `no` are words. What a file holds is not limited, only what its aliases make of it.
    let options = serde_saphyr::options! {
        strict_booleans: true,
        budget: serde_saphyr::budget! {
            max_nodes: text.len().max(250_000),
            max_events: (4 * text.len()).max(1_000_000),
        },
    };
    serde_saphyr::from_str_with_options(&text, options)
        .map_err(|error| format!("{} is not YAML: {error}", path.display()))
}

fn text_of(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// The day in UTC, as `YYYY-MM-DD`.
fn today() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |passed| passed.as_secs());
    // Days since 0000-03-01, so that leap days end a year; eras of 400 years are all alike.
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, turn) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    format!("{:04}-{month:02}-{date:02}", year + era * 400 + turn)
}
