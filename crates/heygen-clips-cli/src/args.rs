//! What may be typed: commands, options, their help. Values are checked here as far as their form
//! goes; what they mean is left to the modules that carry the commands out.

pub(crate) mod journal;
pub(crate) mod webhook;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser as SomeText;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use self::journal::{JobsArgs, JournalArgs, ResumeArgs};
pub(crate) use self::webhook::WebhookCommand;
use crate::values::{
    Source, WebUrl, Window, parse_address, parse_count, parse_language, parse_time_limit,
};

const EXIT_CODES: &str = "\
Results are JSON on stdout. A failure is one JSON object {\"error\": {code, message, param, doc_url, \
...}} at the end of stderr.

Exit codes: 0 done, 1 the API or the network failed, 2 wrong usage, 3 no or wrong API key, 4 out of \
time, 130 stopped by Ctrl-C or another signal (0 for webhook listen).";

/// Clip jobs of HeyGen's API from the command line, and the emulator of that API.
#[derive(Debug, Parser)]
#[command(name = "heygen-clips", version, term_width = 100, after_help = EXIT_CODES)]
#[command(disable_help_subcommand = true, arg_required_else_help = false)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which server is asked, and as whom.
#[derive(Debug, Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct AccountArgs {
    /// Address of the server [default: the variable HEYGEN_API_BASE, or HeyGen's own]
    ///
    /// Plain http is accepted for this machine only.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<WebUrl>,
    /// File with the API key, or - for standard input [default: the variable HEYGEN_API_KEY]
    ///
    /// The key of an account is never taken as an argument: other users of the machine can read
    /// those.
    #[arg(long, value_name = "FILE")]
    pub(crate) api_key_file: Option<PathBuf>,
}

/// Which server is asked, as whom, and how long; or an emulator.
#[derive(Debug, Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct ServerArgs {
    #[command(flatten)]
    pub(crate) account: AccountArgs,
    /// Run against an emulator inside this program: no account, no key, clips cut on this machine
    #[arg(long, conflicts_with_all = ["base_url", "api_key_file"])]
    pub(crate) local: bool,
    /// Folder where --local keeps jobs, assets and clips [default: a folder that is removed]
    ///
    /// Needed by every command about what an earlier one has made.
    #[arg(long, value_name = "DIR", requires = "local")]
    pub(crate) local_data: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) time: TimeArgs,
}

/// How long a command may take.
#[derive(Debug, Args)]
pub(crate) struct TimeArgs {
    /// Longest time that the whole command may take: 90, 90s, 10m, 1h
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = parse_time_limit, allow_hyphen_values = true)]
    pub(crate) timeout: Duration,
}

/// The arguments of a command about jobs, with the dialect and the server.
#[derive(Debug, Args)]
pub(crate) struct Job<T: Args> {
    #[command(flatten)]
    pub(crate) args: T,
    /// Which of the two published clipping APIs to speak: /v3/clips or /v3/ai-clipping
    #[arg(
        long,
        value_name = "NAME",
        default_value = "clips",
        help_heading = "Server"
    )]
    pub(crate) dialect: Dialect,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

/// The two published forms of the clipping API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dialect {
    /// /v3/clips, as the guide describes it: windows, number of clips, caption files
    Clips,
    /// /v3/ai-clipping, as the reference describes it: durations, caption styles
    AiClipping,
}

/// As it is typed.
impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clips => "clips",
            Self::AiClipping => "ai-clipping",
        })
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Ask(Ask),
    /// Show the jobs that the journal has open
    Jobs(JobsArgs),
    /// Serve the API on this machine until Ctrl-C
    Emulator(EmulatorArgs),
    /// Show the whole road: upload a video to a local emulator, cut clips, download them
    Demo(DemoArgs),
    /// Check, sign and receive webhook deliveries
    #[command(subcommand, disable_help_subcommand = true)]
    Webhook(WebhookCommand),
    /// Print the JSON Schema of a type of the API
    Schema {
        /// Name of the type, such as ClipJob [default: list the names]
        #[arg(value_name = "TYPE")]
        name: Option<String>,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell to complete in
        shell: Shell,
    },
    /// Print the manual page, or write the pages of all commands
    Man {
        /// Folder to write them to, for example /usr/local/share/man/man1
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
}

/// What is asked of a server.
#[derive(Debug, Subcommand)]
pub(crate) enum Ask {
    /// Start a job that cuts clips out of a video
    Create(Box<Job<CreateArgs>>),
    /// Show a job
    Get(Job<IdArgs>),
    /// List jobs, newest first
    List(Job<ListArgs>),
    /// Wait until a job has ended, then show it
    Wait(Job<WaitArgs>),
    /// Download the clips and captions of a job
    Download(Job<DownloadArgs>),
    /// Delete a job and its clips
    Delete(Job<IdArgs>),
    /// Go on with all jobs that the journal has open: wait for them, download their clips
    ///
    /// What is known to the server is waited for; what never reached it is submitted now. Where no
    /// answer came from /v3/clips, that can take two minutes to find out.
    Resume(Box<ResumeArgs>),
    /// Upload, show and delete source files
    #[command(subcommand, disable_help_subcommand = true)]
    Assets(AssetCommand),
}

#[derive(Debug, Args)]
pub(crate) struct IdArgs {
    /// Id of the job
    pub(crate) job: String,
}

#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    /// Id of the job
    pub(crate) job: String,
    /// Download the clips into this folder as well
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Replace clips of other jobs, and files of the same names
    #[arg(long, requires = "output")]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) journal: JournalArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DownloadArgs {
    /// Id of the job
    pub(crate) job: String,
    /// Folder to write to; it is made if it does not exist
    #[arg(short, long, value_name = "DIR", default_value = "clips")]
    pub(crate) output: PathBuf,
    /// Replace clips of other jobs, and files of the same names
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) journal: JournalArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// URL of a video, path of a local file (it is uploaded), or id of an uploaded asset
    ///
    /// Whatever begins with http:// or https:// is a URL; what holds a dot or a slash, or exists as
    /// a file, is a path; the rest is an asset id. asset:ID is always an asset id.
    #[arg(value_name = "URL|FILE|ASSET")]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) options: ClipOptions,
    /// Transcript of a local file, .vtt or .srt [default: the one of the same name beside the file]
    ///
    /// It is uploaded with the file; only the emulator makes use of it. Without this option a
    /// transcript beside the file is uploaded to servers on this machine only.
    #[arg(long, value_name = "FILE")]
    pub(crate) transcript: Option<PathBuf>,
    /// Wait until the job has ended, and show it
    #[arg(long)]
    pub(crate) wait: bool,
    /// Wait, then download clips and captions into this folder
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Replace clips of other jobs, and files of the same names
    #[arg(long, requires = "output")]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) journal: JournalArgs,
}

/// What is to be cut.
#[derive(Debug, Args)]
pub(crate) struct ClipOptions {
    /// Title of the job
    #[arg(long, value_name = "TEXT", value_parser = SomeText::new())]
    pub(crate) title: Option<String>,
    /// Shape of the clips [default: what the server takes, 9:16]
    #[arg(long, value_name = "RATIO")]
    pub(crate) aspect_ratio: Option<AspectRatio>,
    /// Burn captions into the clips [default: what the server takes]
    ///
    /// The emulator, and so --local, makes them of a .vtt or .srt of the same name beside the file or
    /// the URL, and of a subtitle track in the video; without, the clips come without.
    #[arg(long, conflicts_with = "no_captions")]
    pub(crate) captions: bool,
    /// Do not burn captions into the clips
    #[arg(long)]
    pub(crate) no_captions: bool,
    /// What to look for, in words
    #[arg(long, value_name = "TEXT", alias = "prompt", value_parser = SomeText::new())]
    pub(crate) instruction: Option<String>,
    /// URL that is called when the job has ended
    #[arg(long, value_name = "URL")]
    pub(crate) callback_url: Option<WebUrl>,
    /// Text that is sent back with that call
    #[arg(long, value_name = "TEXT", value_parser = SomeText::new())]
    pub(crate) callback_id: Option<String>,

    /// Greatest number of clips, 1 to 10
    #[arg(long, value_name = "NUMBER", help_heading = ONLY_CLIPS, value_parser = parse_count, allow_negative_numbers = true)]
    pub(crate) max_clips: Option<u32>,
    /// Exact part to cut, for example 75-98.5, 1:15-1:38.5=Pricing; may be given 10 times
    ///
    /// Neither --max-clips nor --instruction has a meaning beside it: nothing is chosen.
    #[arg(
        long = "window",
        value_name = "START-END[=LABEL]",
        help_heading = ONLY_CLIPS,
        allow_hyphen_values = true,
        conflicts_with_all = ["max_clips", "instruction"]
    )]
    pub(crate) windows: Vec<Window>,
    /// Folder of the vendor's library that receives the clips
    #[arg(long, value_name = "ID", help_heading = ONLY_CLIPS, value_parser = SomeText::new())]
    pub(crate) folder_id: Option<String>,

    /// Length of a clip, one clip for each: 30, 60, 180 (seconds), long; may be given 4 times
    #[arg(long = "duration", value_name = "LENGTH", help_heading = ONLY_AI_CLIPPING, allow_negative_numbers = true)]
    pub(crate) durations: Vec<DurationType>,
    /// Look of the captions, such as outline_classic
    #[arg(long, value_name = "NAME", help_heading = ONLY_AI_CLIPPING, value_parser = SomeText::new())]
    pub(crate) caption_style: Option<String>,
    /// Language that is spoken, as two letters such as en [default: the server finds out]
    #[arg(long, value_name = "CODE", help_heading = ONLY_AI_CLIPPING, value_parser = parse_language)]
    pub(crate) language: Option<String>,
    /// Key that makes it safe to send the same request again
    #[arg(long, value_name = "KEY", help_heading = ONLY_AI_CLIPPING)]
    pub(crate) idempotency_key: Option<String>,
}

const ONLY_CLIPS: &str = "Only with --dialect clips";
const ONLY_AI_CLIPPING: &str = "Only with --dialect ai-clipping";

/// Shape of a clip, by either dialect's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AspectRatio {
    /// portrait
    #[value(name = "9:16", alias = "portrait")]
    Portrait,
    /// square
    #[value(name = "1:1", alias = "square")]
    Square,
    /// landscape
    #[value(name = "16:9", alias = "landscape")]
    Landscape,
}

/// Length that `/v3/ai-clipping` is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DurationType {
    /// up to half a minute
    #[value(name = "30")]
    HalfMinute,
    /// up to a minute
    #[value(name = "60")]
    Minute,
    /// up to three minutes
    #[value(name = "180")]
    ThreeMinutes,
    /// longer than three minutes
    Long,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Number of jobs on a page, 1 to 100
    #[arg(long, value_name = "NUMBER", value_parser = parse_count, allow_negative_numbers = true)]
    pub(crate) limit: Option<u32>,
    /// Page to show: the next_token of the page before
    #[arg(long, value_name = "TOKEN", conflicts_with = "all")]
    pub(crate) token: Option<String>,
    /// Follow the pages to the end
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AssetCommand {
    /// Upload a file
    Upload {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Show an asset
    Get {
        /// Id of the asset
        asset: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Delete an asset
    Delete {
        /// Id of the asset
        asset: String,
        #[command(flatten)]
        server: ServerArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct EmulatorArgs {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787", value_parser = parse_address)]
    pub(crate) listen: SocketAddr,
    /// Folder for jobs, assets and clips; kept between runs [default: a folder that is removed]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// What links begin with, where others reach the emulator at another address than ADDRESS:PORT
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<WebUrl>,
    /// Accept only this key; may be given several times [default: any key]
    ///
    /// For keys that are no secret: other users of the machine can read arguments.
    #[arg(long = "api-key", value_name = "KEY")]
    pub(crate) api_keys: Vec<String>,
    /// Accept the keys in this file, one a line, or - for standard input
    ///
    /// Keys in the variable HEYGEN_EMULATOR_API_KEYS, with spaces between them, are accepted as
    /// well.
    #[arg(long, value_name = "FILE")]
    pub(crate) api_key_file: Option<PathBuf>,
    /// Fetch videos and call callbacks at private addresses too [default: only if ADDRESS is local]
    #[arg(long)]
    pub(crate) allow_private_urls: bool,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

/// How clips are cut on this machine.
#[derive(Debug, Args)]
pub(crate) struct EngineArgs {
    /// What cuts the video: the built-in engine, or the ffmpeg program
    #[arg(long, value_name = "NAME", default_value = "auto")]
    pub(crate) backend: Backend,
    /// Fail a job whose captions cannot be made, instead of cutting clips without
    #[arg(long)]
    pub(crate) strict_captions: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    /// ffmpeg if it is found, else embedded
    Auto,
    /// The built-in engine: H.264 in MP4, nothing to install
    Embedded,
    /// The ffmpeg program: every format that it reads
    Ffmpeg,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The video, with its transcript (.vtt or .srt) beside it [default: a sample that is built in]
    pub(crate) video: Option<PathBuf>,
    /// Folder to write the clips to; it is made if it does not exist
    ///
    /// What an earlier demo wrote there is replaced.
    #[arg(short, long, value_name = "DIR", default_value = "clips")]
    pub(crate) output: PathBuf,
    /// Replace clips of other jobs, and files of the same names
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Shape of the clips
    #[arg(long, value_name = "RATIO", default_value = "9:16")]
    pub(crate) aspect_ratio: AspectRatio,
    /// Greatest number of clips, 1 to 10
    #[arg(long, value_name = "NUMBER", default_value = "4", value_parser = parse_count, allow_negative_numbers = true)]
    pub(crate) max_clips: u32,
    /// What to look for, in words
    #[arg(long, value_name = "TEXT", value_parser = SomeText::new())]
    pub(crate) instruction: Option<String>,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    #[command(flatten)]
    pub(crate) time: TimeArgs,
}
