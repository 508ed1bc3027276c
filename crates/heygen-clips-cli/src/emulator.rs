//! Starting and stopping the emulator, as a command of its own and for commands that need one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use heygen_clips_emulator::{Emulator, Worker};
use serde::Serialize;

use crate::args::{Backend, EmulatorArgs, EngineArgs};
use crate::failure::Failure;
use crate::output;

/// First argument with which this program cuts clips on behalf of an emulator in another process.
/// It is no command for people, so neither help nor completions know it.
pub(crate) const WORKER_COMMAND: &str = "__clip-worker";

/// How an emulator is set up, apart from its engine.
pub(crate) struct Settings<'a> {
    listen: SocketAddr,
    data: Option<&'a Path>,
    api_keys: &'a [String],
    allow_private_urls: bool,
}

impl<'a> Settings<'a> {
    /// For one command of this program: a free port of this machine.
    pub(crate) fn in_process(data: Option<&'a Path>) -> Self {
        let listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        Self {
            listen,
            data,
            api_keys: &[],
            allow_private_urls: true,
        }
    }
}

/// Serves until the process is asked to stop.
pub(crate) async fn serve(args: &EmulatorArgs) -> Result<(), Failure> {
    let settings = Settings {
        listen: args.listen,
        data: args.data.as_deref(),
        api_keys: &args.api_keys,
        allow_private_urls: args.allow_private_urls || args.listen.ip().is_loopback(),
    };
    let emulator = start(settings, &args.engine).await?;
    output::print_line(&Listening {
        base_url: emulator.base_url(),
    })?;
    crate::interrupted().await;
    emulator.shutdown().await;
    Ok(())
}

/// Starts one whose clips are cut by child processes of this program.
pub(crate) async fn start(
    settings: Settings<'_>,
    engine: &EngineArgs,
) -> Result<Emulator, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::local("cli_emulator", format!("cannot find myself: {error}")))?;
    let worker = Worker::Command {
        program,
        arguments: vec![WORKER_COMMAND.to_owned()],
    };
    let mut builder = Emulator::builder()
        .listen(settings.listen)
        .allow_private_urls(settings.allow_private_urls)
        .backend(engine.backend.into())
        .strict_captions(engine.strict_captions)
        .worker(worker);
    if let Some(folder) = settings.data {
        builder = builder.data_dir(folder);
    }
    for key in settings.api_keys {
        builder = builder.api_key(key);
    }
    builder.start().await.map_err(|error| {
        let message = format!("the emulator did not start: {error}");
        if error.is_listen() {
            Failure::usage("--listen", message)
        } else if error.is_data() {
            Failure::usage("--data", message)
        } else if error.is_settings() {
            Failure::usage("emulator", message)
        } else {
            Failure::local("cli_emulator", message)
        }
    })
}

impl From<Backend> for heygen_clips_emulator::Backend {
    fn from(backend: Backend) -> Self {
        match backend {
            Backend::Auto => Self::Auto,
            Backend::Embedded => Self::Embedded,
            Backend::Ffmpeg => Self::Ffmpeg(None),
        }
    }
}

/// Where it can be reached, for whoever started it.
#[derive(Serialize)]
struct Listening<'a> {
    base_url: &'a str,
}
