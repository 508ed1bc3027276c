//! What goes out: results as JSON on stdout, failures and notes on stderr, progress on a terminal.

use std::io::{ErrorKind, IsTerminal as _, Write as _, stderr, stdout};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::failure::Failure;

/// Prints a result as JSON.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| {
        Failure::local("cli_output", format!("cannot write the result: {error}"))
    })?;
    print_text(&text)
}

/// Prints a result as JSON on one line, for a reader that waits for it; whether there is one.
pub(crate) fn print_line(value: &impl Serialize) -> Result<bool, Failure> {
    let text = serde_json::to_string(value).map_err(|error| {
        Failure::local("cli_output", format!("cannot write the result: {error}"))
    })?;
    print_to_reader(&text)
}

/// Prints a result that is text, and a line feed.
pub(crate) fn print_text(text: &str) -> Result<(), Failure> {
    // A reader who has seen enough (`heygen-clips list | head`) is not a failure of ours.
    print_to_reader(text).map(drop)
}

/// As [`print_text`]; whether there is still a reader.
pub(crate) fn print_to_reader(text: &str) -> Result<bool, Failure> {
    let mut out = stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(broken(&error)),
    }
}

/// Prints help or the version, in colours where they are seen.
pub(crate) fn print_help(help: &clap::Error) -> Result<(), Failure> {
    match help.print() {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(broken(&error)),
        _ => Ok(()),
    }
}

/// Finds out whether there is a folder for the clips, or can be, and whether a file can be made in
/// it. The folder is made for good when the first clip comes.
pub(crate) fn try_folder(path: &Path) -> Result<(), Failure> {
    let ways = path.ancestors().filter(|path| !path.as_os_str().is_empty());
    let missing: Vec<_> = ways.take_while(|path| !path.exists()).collect();
    let tried = make_folder(path).and_then(|()| try_file(path));
    for path in missing {
        let _ = std::fs::remove_dir(path);
    }
    tried
}

fn try_file(folder: &Path) -> Result<(), Failure> {
    tempfile::tempfile_in(folder).map(drop).map_err(|error| {
        // The kind alone: the error itself may name a file that nobody has heard of.
        let (folder, kind) = (folder.display(), error.kind());
        Failure::usage(
            "--output",
            format!("cannot write to the folder {folder}: {kind}"),
        )
    })
}

/// Makes a folder for what comes out.
pub(crate) fn make_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|error| {
        let message = format!("cannot make the folder {}: {error}", path.display());
        Failure::usage("--output", message)
    })
}

/// Standard output cannot be written to.
pub(crate) fn broken(error: &std::io::Error) -> Failure {
    Failure::local(
        "cli_output",
        format!("cannot write to standard output: {error}"),
    )
}

/// Prints the envelope of a failure as the last thing on stderr: one line, or several for people.
pub(crate) fn print_failure(failure: &Failure) {
    let mut err = stderr().lock();
    // Where stderr is closed there is nobody to tell; the exit code still speaks.
    let _ = writeln!(err, "{}", failure.envelope(err.is_terminal()));
}

/// Tells something on stderr that is no failure.
pub(crate) fn note(text: &str) {
    let _ = writeln!(stderr().lock(), "note: {text}");
}

/// What is going on, for people at a terminal; silent elsewhere.
#[derive(Clone)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Begins with what is done first.
    pub(crate) fn start(doing: impl Into<String>) -> Self {
        let bar = ProgressBar::new_spinner().with_message(doing.into());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// Goes on with something else.
    pub(crate) fn now(&self, doing: impl Into<String>) {
        self.0.set_message(doing.into());
    }

    /// Shows a part of 100 as a bar.
    pub(crate) fn percent(&self, percent: u8) {
        if self.0.length().is_none() {
            self.0.set_length(100);
            if let Ok(style) =
                ProgressStyle::with_template("{spinner} {msg} {wide_bar} {percent} %")
            {
                self.0.set_style(style);
            }
        }
        self.0.set_position(percent.into());
    }

    /// Tells something on stderr without disturbing what is shown.
    pub(crate) fn note(&self, text: &str) {
        self.0.suspend(|| note(text));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
