//! Maintenance commands of this workspace: `cargo xtask help`.
//!
//! xtask depends on no generated code, so that it still builds when the client does not.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a test that cannot go on fails"
    )
)]

mod check;
mod documents;
mod drift;
mod fidelity;
mod generate;
mod names;
mod pointer;
mod sync;
mod tidy;
mod yaml;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Maintenance commands of this workspace")]
struct Arguments {
    /// The workspace to work on; the one that this was built in when not given
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write openapi/ai-clipping.yaml from the vendor's page and the overlays.
    Documents {
        /// Only compare; fail with a diff when the file is stale.
        #[arg(long)]
        check: bool,
    },
    /// Refresh src/generated, the checked-in copies of the generated clients.
    Generate {
        /// Only compare; fail with a diff when a copy is stale.
        #[arg(long)]
        check: bool,
    },
    /// Say what the vendor changed, what it does to our documents and clients, and what to run next.
    ///
    /// Exits with 0 when nothing changed but words, 2 when all changes are compatible, 3 when only the Rust API breaks, 4 when
    /// something breaks, behaves otherwise, is said otherwise in the guide or cannot be taken, and 10 when the comparison could not be done.
    Drift(drift::Options),
    /// Prove that the types generated from OpenAPI documents say what the documents say.
    Fidelity {
        /// OpenAPI documents, JSON or YAML.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The interface to generate around the types.
        #[arg(long, value_enum, default_value = "positional")]
        style: fidelity::Style,
        /// List the explained differences too.
        #[arg(long, short)]
        verbose: bool,
    },
    /// Bring the vendor's document in: fetch, judge, slice, try everything that is made from it, and only then replace.
    Sync(sync::Options),
    /// Check the floors of ARCHITECTURE.md and the habits of the sources.
    Tidy,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => {
            // Help is no error; and 2, which clap would say, is a verdict of drift.
            let failed = answer.use_stderr();
            let _ = answer.print();
            return ExitCode::from(if failed { drift::IMPOSSIBLE } else { 0 });
        }
    };
    let root = arguments.root.unwrap_or_else(workspace_root);
    let done = |()| ExitCode::SUCCESS;
    // The codes of drift are verdicts, and 1 is none of them.
    let failure = match arguments.command {
        Command::Drift(_) => ExitCode::from(drift::IMPOSSIBLE),
        _ => ExitCode::FAILURE,
    };
    let result = sync::recover(&root).and_then(|()| match arguments.command {
        Command::Documents { check } => documents::run(&root, check).map(done),
        Command::Drift(options) => Ok(drift::run(&root, &options)),
        Command::Fidelity {
            files,
            style,
            verbose,
        } => fidelity::run(&root, &files, style, verbose).map(done),
        Command::Generate { check } => generate::run(&root, check).map(done),
        Command::Sync(options) => sync::run(&root, &options),
        Command::Tidy => tidy::run(&root).map(done),
    });
    match result {
        Ok(code) => code,
        Err(message) => {
            eprintln!("error: {message}");
            failure
        }
    }
}

/// The folder of the workspace: xtask lies right below it.
fn workspace_root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
