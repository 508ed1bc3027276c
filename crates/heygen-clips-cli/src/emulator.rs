//! Starting and stopping the emulator, as a command of its own and for commands that need one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use heygen_clips_emulator::{Emulator, Setting, Worker};
use serde::Serialize;

use crate::args::{Backend, EmulatorArgs, EngineArgs};
use crate::failure::Failure;
use crate::output;
use crate::session;
use crate::values::WebUrl;

/// Keys that the emulator accepts, with spaces between them.
const KEYS_VARIABLE: &str = "HEYGEN_EMULATOR_API_KEYS";

/// First argument with which this program cuts clips on behalf of an emulator in another process.
/// It is no command for people, so neither help nor completions know it.
pub(crate) const WORKER_COMMAND: &str = "__clip-worker";

/// How an emulator is set up, apart from its engine.
pub(crate) struct Settings<'a> {
    listen: SocketAddr,
    data: Option<&'a Path>,
    /// The option that names `data`.
    data_option: &'static str,
    api_keys: &'a [String],
    allow_private_urls: bool,
    public_url: Option<&'a str>,
}

impl<'a> Settings<'a> {
    /// For one command of this program: a free port of this machine.
    pub(crate) fn in_process(data: Option<&'a Path>) -> Self {
        let listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        Self {
            listen,
            data,
            data_option: "--local-data",
            api_keys: &[],
            allow_private_urls: true,
            public_url: None,
        }
    }
}

/// Serves until the process is asked to stop.
pub(crate) async fn serve(args: &EmulatorArgs) -> Result<(), Failure> {
    let interrupted = crate::interrupted();
    let settings = Settings {
        listen: args.listen,
        data: args.data.as_deref(),
        data_option: "--data",
        api_keys: &api_keys(args)?,
        allow_private_urls: args.allow_private_urls || args.listen.ip().is_loopback(),
        public_url: args.public_url.as_ref().map(WebUrl::as_str),
    };
    let emulator = start(settings, &args.engine).await?;
    if args.listen.ip().is_unspecified() && args.public_url.is_none() {
        let base_url = emulator.base_url();
        output::note(&format!(
            "links begin with {base_url}, where only this machine finds them; --public-url sets \
             what they begin with"
        ));
    }
    output::print_line(&Listening {
        base_url: emulator.base_url(),
    })?;
    interrupted.await;
    emulator.shutdown().await;
    Ok(())
}

/// The keys to accept, from the arguments, the file and the environment; none means any.
fn api_keys(args: &EmulatorArgs) -> Result<Vec<String>, Failure> {
    let mut keys = args.api_keys.clone();
    if let Some(path) = &args.api_key_file {
        let text = session::secret_file("--api-key-file", path)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let before = keys.len();
        keys.extend(lines.map(str::to_owned));
        if keys.len() == before {
            // Going on would let everyone in.
            let message = format!("{} holds no API key", path.display());
            return Err(Failure::usage("--api-key-file", message));
        }
    }
    let variable = session::variable(KEYS_VARIABLE)?;
    keys.extend(variable.split_whitespace().map(str::to_owned));
    Ok(keys)
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
    if let Some(url) = settings.public_url {
        builder = builder.public_url(url);
    }
    for key in settings.api_keys {
        builder = builder.api_key(key);
    }
    builder.start().await.map_err(|error| {
        let message = format!("the emulator did not start: {error}");
        let option = match error.setting() {
            Some(Setting::ApiKey) => Some("--api-key"),
            Some(Setting::PublicUrl) => Some("--public-url"),
            // An engine that was not chosen is nothing that was typed.
            Some(Setting::Engine) => (engine.backend == Backend::Ffmpeg).then_some("--backend"),
            _ if error.is_listen() => Some("--listen"),
            _ if error.is_data() => settings.data.map(|_| settings.data_option),
            _ => None,
        };
        match option {
            Some(option) => Failure::usage(option, message),
            None => Failure::local("cli_emulator", message),
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
