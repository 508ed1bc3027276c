//! Turns `openapi/*.yaml` into raw clients.
//!
//! With the feature `codegen`, which this workspace's tests turn on, it generates them into `OUT_DIR`. Without it, it
//! only makes sure that the checked-in copies in `src/generated` belong to the documents, so that nobody who depends on
//! this crate compiles a generator. `openapi/names.toml` says which names stay as they are.

#[path = "build/first_line.rs"]
mod first_line;
#[cfg(feature = "codegen")]
#[path = "build/generate.rs"]
mod generate;

use std::fs;
use std::path::PathBuf;

use first_line::first_line;

/// The names that generated items keep.
const NAMES: &str = "openapi/names.toml";

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={NAMES}");
    for dialect in ["ai_clipping", "clips"] {
        let document = format!("openapi/{}.yaml", dialect.replace('_', "-"));
        println!("cargo::rerun-if-changed={document}");
        if let Err(message) = client(dialect, &document) {
            println!("cargo::error={document}: {message}");
        }
    }
}

#[cfg(not(feature = "codegen"))]
fn client(dialect: &str, document: &str) -> Result<(), String> {
    let copy = PathBuf::from("src/generated").join(format!("{dialect}.rs"));
    println!("cargo::rerun-if-changed={}", copy.display());
    let (text, names) = (read(document)?, read(NAMES)?);
    let generated =
        fs::read_to_string(&copy).map_err(|error| format!("{}: {error}", copy.display()))?;
    if generated.lines().next() == Some(first_line(document, &text, &names).as_str()) {
        return Ok(());
    }
    Err(format!(
        "{} is stale; run `cargo xtask generate`",
        copy.display()
    ))
}

#[cfg(feature = "codegen")]
fn client(dialect: &str, document: &str) -> Result<(), String> {
    let (text, names) = (read(document)?, read(NAMES)?);
    let kept = generate::names::Names::read(&names, document)?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?)
        .join(format!("{dialect}.rs"));
    let code = format!(
        "{}\n{}",
        first_line(document, &text, &names),
        generate::client(&text, &kept)?
    );
    fs::write(out, code).map_err(|error| error.to_string())
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}
