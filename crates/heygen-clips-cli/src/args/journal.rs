//! What may be typed about the journal of submitted jobs.

use std::path::PathBuf;

use clap::Args;

use super::{AccountArgs, TimeArgs};

/// Where submitted jobs are noted.
#[derive(Debug, Args)]
pub(crate) struct JournalArgs {
    /// File that notes jobs until their clips are here, so that none is lost or made twice
    /// [default: the variable HEYGEN_CLIPS_JOURNAL, or none]
    ///
    /// Beside it, FILE.uploads has what was uploaded for them. One command at a time has it open. Not with --local, whose jobs end with the command.
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
}

impl JournalArgs {
    /// The file that the option or the environment names.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        let variable = || std::env::var_os("HEYGEN_CLIPS_JOURNAL").filter(|path| !path.is_empty());
        self.journal
            .clone()
            .or_else(|| variable().map(PathBuf::from))
    }
}

#[derive(Debug, Args)]
pub(crate) struct JobsArgs {
    #[command(flatten)]
    pub(crate) journal: JournalArgs,
    /// Print a table instead of JSON
    #[arg(long, conflicts_with = "discard")]
    pub(crate) table: bool,
    /// Give up what has this id: it is not sent again, and not waited for
    #[arg(long, value_name = "INTENT")]
    pub(crate) discard: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    #[command(flatten)]
    pub(crate) journal: JournalArgs,
    /// Folder to write to; each job has a folder of its own in it
    #[arg(short, long, value_name = "DIR", default_value = "clips")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
    #[command(flatten, next_help_heading = "Server")]
    pub(crate) time: TimeArgs,
}
