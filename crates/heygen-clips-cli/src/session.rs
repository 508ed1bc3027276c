//! What a command works with: a client of the server that was named, the emulator behind it where
//! `--local` asked for one, and the time that is left.

use std::cell::RefCell;
use std::future::{Future, pending};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures::future::Either;
use heygen_clips::{Client, ClientBuilder};
use heygen_clips_emulator::Emulator;
use http::HeaderValue;

use crate::args::{AccountArgs, Backend, EngineArgs, ServerArgs};
use crate::emulator;
use crate::failure::Failure;
use crate::fate::{Stage, quoted};
use crate::journal;
use crate::values::WebUrl;

const KEY_VARIABLE: &str = "HEYGEN_API_KEY";
const BASE_VARIABLE: &str = "HEYGEN_API_BASE";

/// Time for a last look at a job whose deadline has come, so that its state can be told.
const GRACE: Duration = Duration::from_secs(5);

/// Does something with a session and closes it, whatever came of it.
pub(crate) async fn with<T>(
    server: &ServerArgs,
    work: impl AsyncFnOnce(&Session) -> Result<T, Failure>,
) -> Result<T, Failure> {
    with_journal(server, None, work).await
}

/// As [`with`], and submitted jobs are noted in the journal, if there is one.
pub(crate) async fn with_journal<T>(
    server: &ServerArgs,
    journal: Option<PathBuf>,
    work: impl AsyncFnOnce(&Session) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let interrupted = crate::interrupted();
    let session = Session::open(server, journal).await?;
    session.during(interrupted, work).await
}

/// Refuses to ask an emulator that can have nothing of what an earlier command made.
pub(crate) fn check_kept(server: &ServerArgs) -> Result<(), Failure> {
    let message = match &server.local_data {
        _ if !server.local => return Ok(()),
        Some(folder) if folder.is_dir() => return Ok(()),
        Some(folder) => format!(
            "there is no folder {}; heygen-clips create --local --local-data DIR makes one",
            folder.display()
        ),
        None => "--local has what an earlier command made only where both name a folder for it: \
                 add --local-data DIR"
            .to_owned(),
    };
    Err(Failure::usage("--local-data", message))
}

/// A client, and what must live as long as it.
pub(crate) struct Session {
    pub(crate) client: Client,
    /// Whether the server runs on this machine, so that it is the emulator.
    pub(crate) is_local: bool,
    /// How far the command is.
    pub(crate) stage: RefCell<Stage>,
    deadline: Deadline,
    emulator: Option<Emulator>,
    /// Where the emulator keeps what outlives the command.
    local_data: Option<PathBuf>,
    /// How the server and the key were named on the command line.
    flags: String,
}

impl Session {
    /// Connects as the arguments say. Nothing is sent yet.
    async fn open(server: &ServerArgs, journal: Option<PathBuf>) -> Result<Self, Failure> {
        let deadline = Deadline::new(server.time.timeout);
        if server.local {
            let engine = EngineArgs {
                backend: Backend::Auto,
                strict_captions: false,
            };
            return Self::with_emulator(server.local_data.as_deref(), &engine, deadline).await;
        }
        let (mut builder, is_local) = account(&server.account)?;
        if let Some(path) = journal {
            builder = builder.journal(path);
        }
        let client = builder.build()?;
        if let Some(journal) = client.journal() {
            journal::tell_unreadable(journal);
        }
        Ok(Self {
            client,
            is_local,
            stage: RefCell::default(),
            deadline,
            emulator: None,
            local_data: None,
            flags: flags(&server.account),
        })
    }

    /// Starts an emulator in this process and connects to it over HTTP.
    pub(crate) async fn with_emulator(
        data: Option<&Path>,
        engine: &EngineArgs,
        deadline: Deadline,
    ) -> Result<Self, Failure> {
        let emulator = emulator::start(emulator::Settings::in_process(data), engine).await?;
        let client = Client::builder()
            .api_key("local")
            .base_url(emulator.base_url())
            .build()?;
        let flags = data.map(|data| format!(" --local --local-data {}", quoted(data)));
        Ok(Self {
            client,
            is_local: true,
            stage: RefCell::default(),
            deadline,
            emulator: Some(emulator),
            local_data: data.map(Path::to_owned),
            flags: flags.unwrap_or_default(),
        })
    }

    /// Does something within the time limit of the command.
    pub(crate) async fn within<T, E: Into<Failure>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        let done = self.deadline.bound(Duration::ZERO, work).await;
        done.map_err(|failure| self.advised(failure))
    }

    /// Does something that keeps to [`Session::time_left`] by itself and then says more.
    pub(crate) async fn about_within<T, E: Into<Failure>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        let done = self.deadline.bound(GRACE, work).await;
        done.map_err(|failure| self.advised(failure))
    }

    /// A failure of a call, and what to do about it, where that is known.
    pub(crate) fn advised(&self, failure: Failure) -> Failure {
        failure.with_hint(self.client.base_url(), &self.how_to_look())
    }

    /// How much of the time limit is left.
    pub(crate) fn time_left(&self) -> Duration {
        self.deadline.left()
    }

    /// Whether the server is part of this process.
    pub(crate) fn ends_with_command(&self) -> bool {
        self.emulator.is_some()
    }

    /// Whether jobs and clips on the server outlive this command.
    pub(crate) fn is_kept(&self) -> bool {
        self.emulator.is_none() || self.local_data.is_some()
    }

    /// How the server was named, to be added to another command that is to ask it.
    pub(crate) fn flags(&self) -> &str {
        &self.flags
    }

    /// Notes how far the command is.
    pub(crate) fn reached(&self, stage: Stage) {
        self.stage.replace(stage);
    }

    /// Does something, and ends the emulator, if there is one, so that nothing of it is left behind:
    /// whatever came of it, and when the process is asked to stop. Where it is asked once more, that
    /// end is not waited for.
    pub(crate) async fn during<T>(
        self,
        interrupted: impl Future<Output = ()>,
        work: impl AsyncFnOnce(&Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let (done, patience) = tokio::select! {
            done = work(&self) => (done, Either::Left(pending())),
            () = interrupted => (Err(self.interrupted()), Either::Right(crate::out_of_patience())),
        };
        if let Some(emulator) = self.emulator {
            tokio::select! {
                () = emulator.shutdown() => {}
                () = patience => {}
            }
        }
        done
    }
}

/// When a command must be done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    limit: Duration,
    begun: Instant,
}

impl Deadline {
    /// That long from now.
    pub(crate) fn new(limit: Duration) -> Self {
        Self {
            limit,
            begun: Instant::now(),
        }
    }

    fn left(&self) -> Duration {
        self.limit.saturating_sub(self.begun.elapsed())
    }

    async fn bound<T, E: Into<Failure>>(
        &self,
        grace: Duration,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        match tokio::time::timeout(self.left().saturating_add(grace), work).await {
            Ok(result) => result.map_err(Into::into),
            Err(_) => Err(Failure::timeout(format!(
                "not done within {}; --timeout sets the limit",
                humantime::format_duration(self.limit)
            ))),
        }
    }
}

/// What names the same server and key in another command.
fn flags(args: &AccountArgs) -> String {
    let mut flags = String::new();
    if let Some(url) = &args.base_url {
        flags += &format!(" --base-url {}", url.as_str());
    }
    // What came on standard input is gone.
    let file = args.api_key_file.as_deref();
    if let Some(file) = file.filter(|file| *file != Path::new("-")) {
        flags += &format!(" --api-key-file {}", quoted(file));
    }
    flags
}

/// A client of the server that was named, and whether that is this machine.
pub(crate) fn account(args: &AccountArgs) -> Result<(ClientBuilder, bool), Failure> {
    let mut builder = Client::builder().api_key(api_key(args.api_key_file.as_deref())?);
    let base_url = match &args.base_url {
        Some(url) => Some(url.clone()),
        None => base_url_variable()?,
    };
    if let Some(url) = &base_url {
        builder = builder.base_url(url.as_str());
    }
    Ok((builder, base_url.is_some_and(|url| url.is_loopback())))
}

/// The server that the environment names.
fn base_url_variable() -> Result<Option<WebUrl>, Failure> {
    match variable(BASE_VARIABLE)?.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|error| Failure::usage(BASE_VARIABLE, error)),
    }
}

/// The key from the named file, standard input or the environment.
fn api_key(file: Option<&Path>) -> Result<String, Failure> {
    let key = match file {
        Some(path) => secret_file("--api-key-file", path)?,
        None => os_variable(KEY_VARIABLE)
            .map_err(|()| Failure::bad_key(format!("{KEY_VARIABLE} is not UTF-8")))?,
    };
    let key = key.trim();
    if key.is_empty() {
        let message = match file {
            Some(path) => format!("{} holds no API key", path.display()),
            None => format!(
                "no API key: set {KEY_VARIABLE}, or name a file with --api-key-file; --local needs none"
            ),
        };
        return Err(Failure::no_key(message));
    }
    // As the client would refuse it, which cannot tell a key from wrong usage.
    let is_sendable = HeaderValue::from_str(key).is_ok_and(|value| value.to_str().is_ok());
    if !is_sendable {
        let message = "the API key has characters that cannot stand in an HTTP header";
        return Err(Failure::bad_key(message));
    }
    Ok(key.to_owned())
}

/// What is in a variable; nothing, where it is not set.
pub(crate) fn variable(name: &str) -> Result<String, Failure> {
    let wrong = |()| Failure::usage(name, format!("{name} is not UTF-8"));
    os_variable(name).map_err(wrong)
}

fn os_variable(name: &str) -> Result<String, ()> {
    let text = std::env::var_os(name).unwrap_or_default();
    text.into_string().map_err(drop)
}

/// What an option such as `--api-key-file` names; `-` is standard input.
pub(crate) fn secret_file(option: &str, path: &Path) -> Result<String, Failure> {
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    text.map_err(|error| {
        let message = format!("cannot read {}: {error}", path.display());
        Failure::usage(option, message)
    })
}
