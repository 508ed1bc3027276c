//! The `openapi-lower` program: a document in, its lowered form and the losses out.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use openapi_lower::{Document30, Loss, Options};

/// Lowers an OpenAPI 3.1 document to the OpenAPI 3.0.3 that Rust generators read.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// The document, YAML or JSON; `-` reads standard input.
    file: PathBuf,
    /// Where the lowered document goes, as JSON; standard output if absent.
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// How losses are written to standard error.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    losses: Format,
    /// Take only the operation with this id, and what it reaches (repeatable).
    #[arg(long, value_name = "ID")]
    operation: Vec<String>,
    /// Take only the operations whose path is this or lies below it (repeatable).
    #[arg(long, value_name = "PATH")]
    path: Vec<String>,
    /// Take only the webhook of this name (repeatable).
    #[arg(long, value_name = "NAME")]
    webhook: Vec<String>,
    /// Leave string bounds and patterns out of requests.
    #[arg(long)]
    no_bounds: bool,
    /// Keep uuid, date and address formats.
    #[arg(long)]
    typed_formats: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line for each loss.
    Text,
    /// A JSON array.
    Json,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let name = arguments.file.display();
    let text = read(&arguments.file).map_err(|cause| format!("cannot read {name}: {cause}"))?;
    let document = parse(&arguments.file, &text)?;
    let (lowered, losses) = openapi_lower::lower(&document, &options(arguments))
        .map_err(|cause| format!("{name}{cause}"))?;
    write(arguments.output.as_deref(), &lowered)?;
    report(&losses, arguments.losses)
}

fn read(file: &Path) -> std::io::Result<String> {
    if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(file)
    }
}

fn parse(file: &Path, text: &str) -> Result<serde_json::Value, String> {
    let name = file.display();
    // JSON first: it is the faster parser, and its messages suit a file that is meant as JSON.
    if text.trim_start().starts_with('{') {
        match serde_json::from_str(text) {
            Ok(document) => return Ok(document),
            Err(cause) if file.extension().is_none_or(|extension| extension == "json") => {
                return Err(format!("{name} is not JSON: {cause}"));
            }
            // YAML can begin so, too.
            Err(_) => {}
        }
    }
    serde_saphyr::from_str_with_options(text, yaml())
        .map_err(|cause| format!("{name} is not YAML: {cause}"))
}

fn options(arguments: &Arguments) -> Options {
    let mut options = Options::default()
        .request_bounds(!arguments.no_bounds)
        .typed_formats(arguments.typed_formats);
    for id in &arguments.operation {
        options = options.operation(id);
    }
    for path in &arguments.path {
        options = options.path_prefix(path);
    }
    for name in &arguments.webhook {
        options = options.webhook(name);
    }
    options
}

fn write(output: Option<&Path>, lowered: &Document30) -> Result<(), String> {
    let mut text =
        serde_json::to_string_pretty(lowered.as_value()).map_err(|cause| cause.to_string())?;
    text.push('\n');
    let Some(output) = output else {
        let written = std::io::stdout().lock().write_all(text.as_bytes());
        return written.map_err(|cause| format!("cannot write the document: {cause}"));
    };
    // What is there and no file, as /dev/stdout, is written to and not replaced.
    if std::fs::metadata(output).is_ok_and(|there| !there.is_file()) {
        let written = std::fs::write(output, text);
        return written.map_err(|cause| format!("cannot write {}: {cause}", output.display()));
    }
    // Beside the place first: a reader never sees half a document.
    let mut beside = output.as_os_str().to_owned();
    beside.push(".partial");
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, output));
    written.map_err(|cause| {
        // It may not even be there; the first failure is the one to tell.
        let _ = std::fs::remove_file(&beside);
        format!("cannot write {}: {cause}", output.display())
    })
}

fn report(losses: &[Loss], format: Format) -> Result<(), String> {
    let mut text = String::new();
    match format {
        Format::Text => losses
            .iter()
            .for_each(|loss| text.push_str(&format!("{loss}\n"))),
        Format::Json => {
            text = serde_json::to_string_pretty(losses).map_err(|cause| cause.to_string())?;
            text.push('\n');
        }
    }
    std::io::stderr()
        .lock()
        .write_all(text.as_bytes())
        .map_err(|cause| format!("cannot write the losses: {cause}"))
}

/// YAML 1.2, as OpenAPI wants it: `no` and `on` are words.
fn yaml() -> serde_saphyr::Options {
    serde_saphyr::options! { strict_booleans: true }
}
