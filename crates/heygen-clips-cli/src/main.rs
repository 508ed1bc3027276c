//! The `heygen-clips` program: clip jobs of HeyGen's API from the command line, and the emulator of
//! that API.
//!
//! It is a thin layer over the SDK `heygen-clips`: it reads arguments, calls the SDK, prints JSON
//! and turns errors into exit codes. What a job is, how waiting and downloading work, is the SDK's.

mod args;
mod assets;
mod captions;
mod demo;
mod emulator;
mod failure;
mod fate;
mod folder;
mod jobs;
mod journal;
mod media;
mod output;
mod pages;
mod request;
mod schema;
mod session;
mod table;
mod upload;
mod uploads;
mod values;
mod webhook;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;

use crate::args::journal::ResumeArgs;
use crate::args::{Ask, AssetCommand, Cli, Command, Job, ServerArgs, WebhookCommand};
use crate::failure::Failure;

/// How long what is being done may take to end in order once the process is asked to stop.
const LAST_WORK: Duration = Duration::from_secs(10);
/// How long it may take to say what it leaves behind, once nobody waits any more.
const LAST_WORD: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == emulator::WORKER_COMMAND)
    {
        return heygen_clips_emulator::worker_main();
    }
    let done = match Cli::try_parse() {
        Ok(cli) => run(cli),
        // Help and version are results, not failures.
        Err(error) if !error.use_stderr() => output::print_help(&error),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::print_failure(&failure);
            failure.exit.into()
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Ask(ask) => block_on(until_interrupted(answer(ask))),
        Command::Emulator(args) => block_on(emulator::serve(&args)),
        Command::Demo(args) => block_on(until_interrupted(demo::run(&args))),
        Command::Jobs(args) => block_on(journal::jobs(&args)),
        Command::Webhook(command) => match &command {
            WebhookCommand::Verify(args) => webhook::verify(args),
            WebhookCommand::Sign(args) => webhook::sign(args),
            WebhookCommand::Listen(args) => block_on(webhook::listen(args)),
        },
        Command::Schema { name } => schema::print(name.as_deref()),
        Command::Completions { shell } => pages::completions(shell),
        Command::Man { output } => pages::manual(output.as_deref()),
    }
}

/// Carries out what a server is asked.
async fn answer(ask: Ask) -> Result<(), Failure> {
    if let Some(server) = keeper(&ask) {
        session::check_kept(server)?;
    }
    match ask {
        Ask::Create(job) => {
            let Job {
                args,
                dialect,
                server,
            } = *job;
            let journal = journal::chosen(&args.journal, &server)?;
            session::with_journal(&server, journal, async |with| {
                jobs::create(with, dialect, &args).await
            })
            .await
        }
        Ask::Get(Job {
            args,
            dialect,
            server,
        }) => {
            session::with(&server, async |with| {
                jobs::get(with, dialect, &args.job).await
            })
            .await
        }
        Ask::List(Job {
            args,
            dialect,
            server,
        }) => session::with(&server, async |with| jobs::list(with, dialect, &args).await).await,
        Ask::Wait(Job {
            args,
            dialect,
            server,
        }) => {
            let journal = journal::chosen(&args.journal, &server)?;
            session::with_journal(&server, journal, async |with| {
                jobs::wait(with, dialect, &args).await
            })
            .await
        }
        Ask::Download(Job {
            args,
            dialect,
            server,
        }) => {
            let journal = journal::chosen(&args.journal, &server)?;
            session::with_journal(&server, journal, async |with| {
                jobs::download(with, dialect, &args).await
            })
            .await
        }
        Ask::Delete(Job {
            args,
            dialect,
            server,
        }) => {
            session::with(&server, async |with| {
                jobs::delete(with, dialect, &args.job).await
            })
            .await
        }
        Ask::Resume(args) => {
            let ResumeArgs {
                journal,
                output,
                account,
                time,
            } = *args;
            let journal = journal::existing(&journal)?;
            let server = ServerArgs {
                account,
                local: false,
                local_data: None,
                time,
            };
            session::with_journal(&server, Some(journal), async |with| {
                journal::resume(with, &output).await
            })
            .await
        }
        Ask::Assets(AssetCommand::Upload { file, server }) => {
            session::with(&server, async |with| assets::upload(with, &file).await).await
        }
        Ask::Assets(AssetCommand::Get { asset, server }) => {
            session::with(&server, async |with| assets::get(with, &asset).await).await
        }
        Ask::Assets(AssetCommand::Delete { asset, server }) => {
            session::with(&server, async |with| assets::delete(with, &asset).await).await
        }
    }
}

/// The server that must have kept something for this.
fn keeper(ask: &Ask) -> Option<&ServerArgs> {
    match ask {
        Ask::Create(_) | Ask::Resume(_) | Ask::Assets(AssetCommand::Upload { .. }) => None,
        Ask::Get(job) | Ask::Delete(job) => Some(&job.server),
        Ask::List(job) => Some(&job.server),
        Ask::Wait(job) => Some(&job.server),
        Ask::Download(job) => Some(&job.server),
        Ask::Assets(AssetCommand::Get { server, .. } | AssetCommand::Delete { server, .. }) => {
            Some(server)
        }
    }
}

fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::local("cli_runtime", format!("cannot start: {error}")))?;
    runtime.block_on(work)
}

/// Ends the work when the process is asked to stop. Sessions hear it too and end their emulator in
/// order, for which there is a little time; nobody waits who asks twice.
async fn until_interrupted(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    ended(work, interrupted(), out_of_patience).await
}

async fn ended<P: Future<Output = ()>>(
    work: impl Future<Output = Result<(), Failure>>,
    interrupted: impl Future<Output = ()>,
    out_of_patience: impl FnOnce() -> P,
) -> Result<(), Failure> {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = interrupted => {}
    }
    tokio::select! {
        done = &mut work => return done,
        () = out_of_patience() => {}
    }
    // A session hears that too, and knows which job it is about.
    match tokio::time::timeout(LAST_WORD, work).await {
        Ok(done) => done,
        Err(_) => Err(Failure::interrupted("stopped at once")),
    }
}

/// Comes back when what ends in order is not waited for any longer: when the process is asked to stop
/// once more, or after a while.
pub(crate) async fn out_of_patience() {
    tokio::select! {
        () = interrupted() => {}
        () = tokio::time::sleep(LAST_WORK) => {}
    }
}

/// Comes back when the process is asked to stop, by Ctrl-C, SIGTERM or the end of its terminal, from
/// the moment of the call on.
pub(crate) fn interrupted() -> impl Future<Output = ()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let hangup = hears_hangups().then(SignalKind::hangup);
        let kinds = [
            Some(SignalKind::interrupt()),
            Some(SignalKind::terminate()),
            hangup,
        ];
        // Where a signal cannot be listened to, nobody is told to stop by it either.
        let [interrupt, terminate, hangup] =
            kinds.map(|kind| heard(kind.and_then(|kind| signal(kind).ok())));
        async move {
            tokio::select! {
                () = interrupt => {}
                () = terminate => {}
                () = hangup => {}
            }
        }
    }
    #[cfg(not(unix))]
    async {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(unix)]
async fn heard(signal: Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(mut signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Whether this process is to end with its terminal. Under `nohup` it is not, and listening to the
/// signal would undo that; where the system does not tell, the signal is left alone.
#[cfg(unix)]
fn hears_hangups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // SIGHUP is signal 1, the lowest bit.
    ignored.is_some_and(|mask| mask & 1 == 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn who_asks_twice_is_told_the_job_where_it_is_known() {
        // An emulator that does not end, in a session that gives it up when nobody waits any more.
        let asked_twice = tokio::sync::Notify::new();
        let session = async {
            asked_twice.notified().await;
            Err(Failure::interrupted("stopped before job j was done with"))
        };
        let again = || {
            asked_twice.notify_one();
            ready(())
        };
        let told = ended(session, ready(()), again).await.unwrap_err();
        assert!(told.envelope(false).contains("job j"), "{told:?}");

        let told = ended(pending(), ready(()), || ready(())).await.unwrap_err();
        assert!(told.envelope(false).contains("stopped at once"), "{told:?}");
    }
}
