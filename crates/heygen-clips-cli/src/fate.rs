//! What becomes of a job when a command ends before it does, and which command goes on with it.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use heygen_clips::{Intent, JobId, Journal};

use crate::args::Dialect;
use crate::failure::Failure;
use crate::session::Session;

/// Said where the server ended too, and nothing of it is left.
const ENDED: &str = "the job ended with this command";

/// How far a command is, for the moment at which it is stopped.
#[derive(Debug, Default)]
pub(crate) enum Stage {
    /// The server has nothing to do for it, or nothing that goes on.
    #[default]
    Before,
    /// A job is to be asked for, after what comes before.
    Preparing,
    /// A job is asked for, and no answer has come.
    Asking(Asking),
    /// There is a job.
    Job {
        id: String,
        dialect: Dialect,
        /// Where its clips are to go.
        output: Option<PathBuf>,
    },
    /// All jobs of the journal are looked after.
    Resuming {
        /// Where their clips are to go.
        output: PathBuf,
    },
}

/// A request for a job that may be under way.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    pub(crate) dialect: Dialect,
    /// Whether the caller has a key under which it can be sent again.
    pub(crate) has_key: bool,
    pub(crate) since: SystemTime,
    /// Where the clips are to go.
    pub(crate) output: Option<PathBuf>,
}

impl Session {
    /// What to say when somebody asks the program to stop now.
    pub(crate) fn interrupted(&self) -> Failure {
        match &*self.stage.borrow() {
            Stage::Before => Failure::interrupted("stopped before it was done"),
            Stage::Preparing => {
                Failure::interrupted("stopped before a job was asked for: there is none")
            }
            Stage::Asking(asking) => {
                let message = "stopped before the server answered whether it makes the job";
                let failure = Failure::interrupted(message);
                failure.hinted(self.unanswered(asking))
            }
            Stage::Job {
                id,
                dialect,
                output,
            } => {
                let message = format!("stopped before job {id} was done with");
                let hint = self.way_on(id, *dialect, output.as_deref());
                Failure::interrupted(message)
                    .of_job(id)
                    .hinted(hint.unwrap_or_else(|| ENDED.to_owned()))
            }
            Stage::Resuming { output } => {
                let resume = self.how_to_resume(Some(output));
                Failure::interrupted("stopped before all jobs were done with")
                    .hinted(format!("{resume} goes on with them"))
            }
        }
    }

    /// What becomes of a job when there is no more time to wait for it.
    pub(crate) fn fate_of(&self, job: &str, dialect: Dialect, output: Option<&Path>) -> String {
        self.way_on(job, dialect, output)
            .unwrap_or_else(|| format!("{ENDED}: --timeout gives the next one more time"))
    }

    /// What to do where a job has ended and its clips are not here.
    pub(crate) fn way_to_clips(
        &self,
        job: &str,
        dialect: Dialect,
        output: Option<&Path>,
    ) -> String {
        if !self.is_kept() {
            return ENDED.to_owned();
        }
        let journal = self.client.journal().map(Journal::path);
        format!(
            "heygen-clips download {job} --dialect {dialect}{}{}{} fetches the clips",
            output_flag(output),
            journal.map(journal_flag).unwrap_or_default(),
            self.flags()
        )
    }

    /// What to do where it is not known whether the server makes a job.
    pub(crate) fn unanswered(&self, asking: &Asking) -> String {
        let dialect = asking.dialect;
        if self.client.journal().is_some() {
            let resume = self.how_to_resume(asking.output.as_deref());
            let noted = if self.has_noted_since(asking.since) {
                "it is noted, and"
            } else {
                "if it came to be noted,"
            };
            return format!("{noted} {resume} finds out whether there is a job, or makes it");
        }
        let flags = self.flags();
        if !self.is_kept() {
            ENDED.to_owned()
        } else if asking.has_key {
            "the same command again, with the same --idempotency-key, makes no second job"
                .to_owned()
        } else {
            format!(
                "there may be a job all the same: heygen-clips list --dialect {dialect}{flags} \
                 shows it; --journal FILE has the next one noted"
            )
        }
    }

    /// Whether a request that was submitted since then is in the journal, without an answer.
    pub(crate) fn has_noted_since(&self, since: SystemTime) -> bool {
        // The journal counts whole seconds.
        let since = since - Duration::from_secs(1);
        let is_it = |intent: &Intent| intent.job_id.is_none() && intent.submitted_at >= since;
        self.noted().iter().any(is_it)
    }

    /// The intent of a job that was submitted before that time, and not by this command.
    pub(crate) fn noted_before(&self, job: &JobId, since: SystemTime) -> Option<Intent> {
        let since = since - Duration::from_secs(1);
        let is_it =
            |intent: &Intent| intent.job_id.as_ref() == Some(job) && intent.submitted_at < since;
        self.noted().into_iter().find(is_it)
    }

    /// The command that goes on with what the journal has open.
    pub(crate) fn how_to_resume(&self, output: Option<&Path>) -> String {
        let resume = self.about_journal("resume");
        format!("{resume}{}{}", self.flags(), output_flag(output))
    }

    /// As [`Session::how_to_resume`], for what was submitted to another server. The key of this one
    /// is not for it.
    pub(crate) fn how_to_resume_at(&self, base_url: &str, output: &Path) -> String {
        let resume = self.about_journal("resume");
        let base_url = quoted(Path::new(base_url));
        format!(
            "{resume} --base-url {base_url}{}",
            output_flag(Some(output))
        )
    }

    /// The command that shows what the journal has open.
    pub(crate) fn how_to_look(&self) -> String {
        self.about_journal("jobs")
    }

    fn about_journal(&self, command: &str) -> String {
        format!("heygen-clips {command}{}", self.journal_flag())
    }

    /// How the journal was named, to be added to another command.
    pub(crate) fn journal_flag(&self) -> String {
        let path = self.client.journal().map(Journal::path);
        journal_flag(path.unwrap_or(Path::new("FILE")))
    }

    /// How a job goes on and with which command; none where it ends with this one.
    fn way_on(&self, job: &str, dialect: Dialect, output: Option<&Path>) -> Option<String> {
        let is_it = |intent: &Intent| intent.job_id.as_ref().is_some_and(|id| id.as_str() == job);
        if self.noted().iter().any(is_it) {
            let resume = self.how_to_resume(output);
            return Some(format!("the job goes on: {resume}"));
        }
        let wait = format!(
            "heygen-clips wait {job} --dialect {dialect} --timeout 2h{}{}",
            output_flag(output),
            self.flags()
        );
        match (self.ends_with_command(), self.is_kept()) {
            (false, _) => Some(format!("the job goes on: {wait}")),
            (true, true) => Some(format!("the job has stopped and goes on with: {wait}")),
            (true, false) => None,
        }
    }

    fn noted(&self) -> Vec<Intent> {
        self.client
            .journal()
            .map(Journal::intents)
            .unwrap_or_default()
    }
}

pub(crate) fn journal_flag(journal: &Path) -> String {
    format!(" --journal {}", quoted(journal))
}

fn output_flag(output: Option<&Path>) -> String {
    output.map_or_else(String::new, |path| format!(" --output {}", quoted(path)))
}

/// A path as a shell takes it, and the program behind an option.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let text = if text.starts_with('-') {
        // Or it would be taken for an option itself.
        format!("./{text}")
    } else {
        text
    };
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-./:+,@%".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_where_a_shell_would_split_them() {
        let quoted = |text: &str| quoted(Path::new(text));
        assert_eq!(quoted("/tmp/clips-1"), "/tmp/clips-1");
        assert_eq!(quoted("my clips"), "'my clips'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn no_path_is_taken_for_an_option() {
        assert_eq!(quoted(Path::new("-j.j")), "./-j.j");
        assert_eq!(quoted(Path::new("--my clips")), "'./--my clips'");
    }
}
