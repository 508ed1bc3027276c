//! The commands about the journal: what is open in it, and going on with all of that.

use std::path::{Path, PathBuf};

use futures::future::join_all;
use heygen_clips::{
    Client, Dialect, Download, DownloadedClip, Intent, Job, JobId, JobStatus, JobView, Journal,
    Resumed,
};
use serde::Serialize;

use crate::args::ServerArgs;
use crate::args::journal::{JobsArgs, JournalArgs};
use crate::captions;
use crate::failure::{Exit, Failure};
use crate::fate::{Stage, journal_flag};
use crate::jobs::{ended_badly, with_clips};
use crate::output::{self, Progress};
use crate::session::Session;
use crate::table;

/// Shows what is open, or gives something of it up.
pub(crate) async fn jobs(args: &JobsArgs) -> Result<(), Failure> {
    let path = existing(&args.journal)?;
    // A journal is opened by a client. Nothing is sent, so this one needs no key.
    let client = Client::builder().api_key("none").journal(path).build()?;
    let Some(journal) = client.journal() else {
        return Ok(());
    };
    tell_unreadable(journal);
    let open = journal.intents();
    if let Some(id) = &args.discard {
        let intent = open.iter().find(|intent| intent.id == *id).ok_or_else(|| {
            let flag = journal_flag(journal.path());
            let message =
                format!("nothing with the id {id} is open; heygen-clips jobs{flag} lists what is");
            Failure::usage("--discard", message)
        })?;
        journal.discard(intent).await?;
        return output::print_json(&Open::from(intent));
    }
    if args.table {
        return output::print_text(&as_table(&open));
    }
    output::print_json(&Jobs {
        jobs: open.iter().map(Open::from).collect::<Vec<_>>(),
    })
}

/// Goes on with everything that is open: finds out, waits, downloads.
pub(crate) async fn resume(session: &Session, folder: &Path) -> Result<(), Failure> {
    output::try_folder(folder)?;
    session.reached(Stage::Resuming {
        output: folder.to_owned(),
    });
    let progress = Progress::start("finding out what became of the jobs");
    let resumed = session.within(session.client.resume_all()).await?;
    progress.now(format!("waiting for {} jobs", resumed.len()));
    let settled = resumed
        .into_iter()
        .map(|resumed| settle(session, folder, resumed));
    let jobs = join_all(settled).await;
    drop(progress);
    for job in &jobs {
        if let (Some(id), Some(note)) = (&job.job_id, job.note) {
            output::note(&format!("job {id}: {note}"));
        }
    }
    output::print_json(&Jobs { jobs: &jobs })?;
    verdict(&jobs, &session.how_to_resume(Some(folder)))
}

/// The journal that a command may make use of.
pub(crate) fn chosen(args: &JournalArgs, server: &ServerArgs) -> Result<Option<PathBuf>, Failure> {
    if !server.local {
        return args.path().map(checked).transpose();
    }
    match args.journal {
        Some(_) => {
            let message = "a journal is of no use with --local: the server ends with the command";
            Err(Failure::usage("--journal", message))
        }
        None => Ok(None),
    }
}

/// The journal that a command cannot do without.
pub(crate) fn existing(args: &JournalArgs) -> Result<PathBuf, Failure> {
    let path = args.path().ok_or_else(|| {
        let message = "which journal? name it with --journal, or set HEYGEN_CLIPS_JOURNAL";
        Failure::usage("--journal", message)
    })?;
    let path = checked(path)?;
    if path.is_file() {
        return Ok(path);
    }
    let message = format!(
        "there is no journal {}; heygen-clips create --journal FILE makes one",
        path.display()
    );
    Err(Failure::usage("--journal", message))
}

/// Refuses what no journal can be at.
fn checked(path: PathBuf) -> Result<PathBuf, Failure> {
    let folder = path.parent().filter(|path| !path.as_os_str().is_empty());
    let message = if path.is_dir() {
        format!("{} is a folder: name a file in it", path.display())
    } else if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        format!(
            "there is no folder {} for the journal {}",
            folder.display(),
            path.display()
        )
    } else {
        return Ok(path);
    };
    Err(Failure::usage("--journal", message))
}

/// Says that a journal is damaged beyond what a crash does to it.
pub(crate) fn tell_unreadable(journal: &Journal) {
    let lines = journal.unreadable_lines();
    if lines > 1 {
        output::note(&format!(
            "{lines} lines of the journal {} cannot be read and are left as they are",
            journal.path().display()
        ));
    }
}

/// Success, if all clips of all jobs are here; out of time, if that is all that is in the way.
fn verdict(jobs: &[Settled], resume: &str) -> Result<(), Failure> {
    let count = |state: State| jobs.iter().filter(|job| job.state == state).count();
    let (all, running) = (jobs.len(), count(State::Running));
    let missing = all - count(State::Downloaded);
    if missing == 0 {
        Ok(())
    } else if missing == running {
        let message = format!("{running} of {all} jobs still run");
        Err(Failure::timeout(message).hinted(format!("{resume} goes on with them")))
    } else {
        let message = format!("{missing} of {all} jobs are not here; the result says why");
        Err(Failure::local("cli_unfinished", message))
    }
}

#[derive(Serialize)]
struct Jobs<T> {
    jobs: T,
}

/// What is open, as it is shown.
#[derive(Serialize)]
struct Open<'a> {
    intent: &'a str,
    dialect: Dialect,
    base_url: &'a str,
    submitted_at: String,
    /// Known once the server has answered.
    job_id: Option<&'a JobId>,
    /// How it ended, if that was seen.
    ended: Option<&'a str>,
}

impl<'a> From<&'a Intent> for Open<'a> {
    fn from(intent: &'a Intent) -> Self {
        Self {
            intent: &intent.id,
            dialect: intent.dialect,
            base_url: &intent.base_url,
            submitted_at: humantime::format_rfc3339_seconds(intent.submitted_at).to_string(),
            job_id: intent.job_id.as_ref(),
            ended: intent.finished.as_ref().map(JobStatus::as_str),
        }
    }
}

fn as_table(open: &[Intent]) -> String {
    let rows: Vec<_> = open
        .iter()
        .map(|intent| {
            let row = Open::from(intent);
            let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
            vec![
                row.submitted_at,
                row.dialect.to_string(),
                or_dash(row.job_id.map(JobId::as_str)),
                or_dash(row.ended),
                row.intent.to_owned(),
            ]
        })
        .collect();
    table::render(
        &["submitted", "dialect", "job", "ended", "intent"],
        &[],
        &rows,
    )
}

/// What came of something that was open.
#[derive(Serialize)]
struct Settled {
    intent: Option<String>,
    dialect: Dialect,
    job_id: Option<JobId>,
    state: State,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<DownloadedClip>,
    /// What is not as it was wished, to be told on stderr.
    #[serde(skip)]
    note: Option<&'static str>,
    /// As `error`, in the form of the last line of a command that fails.
    #[serde(flatten)]
    failure: Option<Failure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// All its clips are here.
    Downloaded,
    /// Time is up; the server goes on.
    Running,
    /// The job ended badly. It is not open any more, and `files` are all that it has.
    Failed,
    /// It is open, and somebody has to do something about it.
    Open,
}

async fn settle(session: &Session, folder: &Path, resumed: Resumed) -> Settled {
    let client = &session.client;
    match resumed {
        Resumed::Clips(job) => {
            let clips = client.clips();
            fetch(session, folder, job, |job, to| clips.download(job, to)).await
        }
        Resumed::AiClipping(job) => {
            let clipping = client.ai_clipping();
            fetch(session, folder, job, |job, to| clipping.download(job, to)).await
        }
        Resumed::Expired(intent) => {
            let message = "it is not known whether the server has the job, and sending it again \
                           could make a second one";
            open(
                &intent,
                unresolved(message).hinted(look_then_discard(session, &intent)),
            )
        }
        Resumed::NeedsRequest(intent) => {
            let message = "no job of it is known, and the request is not in the journal because its \
                           links may hold secrets";
            let hint = format!(
                "run the same create command again, with the very same links and with{}",
                session.journal_flag()
            );
            open(&intent, unresolved(message).hinted(hint))
        }
        Resumed::Ambiguous {
            intent, job_ids, ..
        } => {
            let ids: Vec<_> = job_ids.iter().map(JobId::as_str).collect();
            let message = format!("each of these jobs may be this one: {}", ids.join(", "));
            open(
                &intent,
                unresolved(message).hinted(look_then_discard(session, &intent)),
            )
        }
        Resumed::OtherServer(intent) => {
            let message = format!("it was submitted to {}", intent.base_url);
            let resume = session.how_to_resume_at(&intent.base_url, folder);
            let hint = format!("{resume} goes on with it, with a key of that server");
            open(&intent, unresolved(message).hinted(hint))
        }
        Resumed::Failed { intent, error, .. } => {
            let again = error.is_retryable();
            let failure = session.advised(Failure::from(error));
            open(
                &intent,
                match again {
                    true => failure.hinted_then(&goes_on(session, folder)),
                    false => failure,
                },
            )
        }
        other => {
            // What a later SDK knows beyond this.
            output::note(&format!("left as it is: {other:?}"));
            Settled {
                intent: None,
                dialect: Dialect::Clips,
                job_id: None,
                state: State::Open,
                files: Vec::new(),
                note: None,
                failure: Some(unresolved("this program cannot go on with it")),
            }
        }
    }
}

/// Waits for a job and downloads its clips.
async fn fetch<J: JobView>(
    session: &Session,
    folder: &Path,
    job: Job<J>,
    download: impl FnOnce(&J, &Path) -> Download,
) -> Settled {
    let (id, dialect) = (job.id().clone(), job.handle().dialect());
    let open = session.client.journal().map(Journal::intents);
    let intent = open
        .into_iter()
        .flatten()
        .find(|intent| intent.job_id.as_ref() == Some(&id))
        .map(|intent| intent.id);
    let job = job.deadline(session.time_left());
    let downloaded = async {
        let job = with_clips(session.about_within(job.outcome()).await?)?;
        let folder = folder.join(folder_name(id.as_str()));
        let files = session
            .within(download(&job, &folder).into_future())
            .await?;
        let note = captions::missing(session, &job, false).await;
        let is_well = job.job_status() == JobStatus::Completed;
        let failure = (!is_well).then(|| ended_badly(&job, Some(&folder)));
        Ok::<_, Failure>(((files, note), failure))
    };
    let (state, (files, note), failure) = match downloaded.await {
        Ok((files, None)) => (State::Downloaded, files, None),
        Ok((files, failure)) => (State::Failed, files, failure),
        Err(failure) => {
            let next = goes_on(session, folder);
            let (state, failure) = match failure.exit {
                Exit::Timeout => (State::Running, failure.hinted(next)),
                _ if failure.is_of_job() => {
                    let hint = "heygen-clips create makes a new one";
                    (State::Failed, failure.hinted(hint))
                }
                _ if failure.is_gone() => {
                    let (look, id) = (session.how_to_look(), intent.as_deref());
                    let hint = format!("{look} --discard {} gives it up", id.unwrap_or("INTENT"));
                    (State::Open, failure.hinted_also(&hint))
                }
                _ => (State::Open, failure.hinted_then(&next)),
            };
            (state, (Vec::new(), None), Some(failure))
        }
    };
    Settled {
        intent,
        dialect,
        job_id: Some(id),
        state,
        files,
        note,
        failure,
    }
}

/// The folder of a job, whatever the server calls the job.
pub(crate) fn folder_name(job: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    job.chars()
        .map(|letter| if safe(letter) { letter } else { '_' })
        .collect()
}

fn open(intent: &Intent, failure: Failure) -> Settled {
    Settled {
        intent: Some(intent.id.clone()),
        dialect: intent.dialect,
        job_id: intent.job_id.clone(),
        state: State::Open,
        files: Vec::new(),
        note: None,
        failure: Some(failure),
    }
}

fn unresolved(message: impl Into<String>) -> Failure {
    Failure::local("cli_unresolved", message)
}

fn goes_on(session: &Session, folder: &Path) -> String {
    format!("{} goes on with it", session.how_to_resume(Some(folder)))
}

fn look_then_discard(session: &Session, intent: &Intent) -> String {
    let dialect = match intent.dialect {
        Dialect::Clips => "clips",
        _ => "ai-clipping",
    };
    format!(
        "heygen-clips list --dialect {dialect}{} shows what is there; then {} --discard {} gives this \
         up",
        session.flags(),
        session.how_to_look(),
        intent.id
    )
}

#[cfg(test)]
mod tests {
    use super::folder_name;

    #[test]
    fn no_job_has_a_folder_elsewhere() {
        assert_eq!(folder_name("clip_9f-2"), "clip_9f-2");
        assert_eq!(folder_name("../../etc"), "______etc");
    }
}
