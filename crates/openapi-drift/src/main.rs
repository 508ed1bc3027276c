//! `openapi-drift OLD NEW`: what changed between two OpenAPI documents, and for whom it breaks.

use std::process::ExitCode;

use clap::Parser;
use openapi_drift::{Report, Rust, Verdict, compare};

/// Compare two OpenAPI documents.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The old document, YAML or JSON.
    old: std::path::PathBuf,
    /// The new document, YAML or JSON.
    new: std::path::PathBuf,
    /// How to print the report.
    #[arg(long, default_value = "json")]
    format: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(report) => exit(&report),
        Err(message) => {
            eprintln!("openapi-drift: {message}");
            ExitCode::from(10)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Report, String> {
    let read = |path: &std::path::Path| -> Result<serde_json::Value, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        if text.trim_start().starts_with('{')
            && let Ok(value) = serde_json::from_str(&text)
        {
            return Ok(value);
        }
        serde_saphyr::from_str(&text)
            .map_err(|error| format!("{} is not YAML: {error}", path.display()))
    };
    let report = compare(&read(&arguments.old)?, &read(&arguments.new)?)
        .map_err(|error| error.to_string())?;
    println!(
        "{}",
        serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?
    );
    Ok(report)
}

fn exit(report: &Report) -> ExitCode {
    ExitCode::from(match (report.verdict, report.rust) {
        (Verdict::Breaking | Verdict::BreakingClosed | Verdict::Behaviour, _) => 4,
        (_, Rust::Major) => 3,
        (Verdict::Compatible, _) => 2,
        _ => 0,
    })
}
