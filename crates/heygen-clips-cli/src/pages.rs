//! What is made from the definition of the commands alone: completion scripts and manual pages.

use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::args::Cli;
use crate::failure::Failure;
use crate::output;

/// Prints a completion script.
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "heygen-clips", &mut script);
    output::print_text(String::from_utf8_lossy(&script).trim_end())
}

/// Prints the page of the program, or writes a page for each command into a folder.
pub(crate) fn manual(folder: Option<&Path>) -> Result<(), Failure> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        Man::new(Cli::command())
            .render(&mut page)
            .map_err(|error| output::broken(&error))?;
        return output::print_text(String::from_utf8_lossy(&page).trim_end());
    };
    output::make_folder(folder)?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(|error| {
        let message = format!("cannot write to {}: {error}", folder.display());
        Failure::local("cli_file", message)
    })
}
