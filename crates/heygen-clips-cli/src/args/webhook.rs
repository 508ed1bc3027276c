//! What may be typed after `heygen-clips webhook`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::AccountArgs;
use crate::values::{Header, parse_time_limit};

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Check the signature of a delivery, and show what it says
    Verify(VerifyArgs),
    /// Print the headers that the vendor would send with a body, to test a receiver
    ///
    /// They are lines as curl reads them: heygen-clips webhook sign event.json | curl -H @-
    /// --data-binary @event.json http://127.0.0.1:3000/hook
    Sign(SignArgs),
    /// Receive deliveries on this machine until Ctrl-C, and print each as a line of JSON
    ///
    /// A signed event is printed with "trust": "signed", after its signature was checked; one whose
    /// signature is wrong is answered 401 and not printed. Callbacks of single jobs are not signed:
    /// they are printed with "trust": "unverified", and only what they claim; with --confirm the
    /// API is asked for the job, and what it says is printed with "trust": "confirmed".
    ///
    /// The port is open on this machine only. For the vendor to reach it, put a tunnel or a proxy
    /// with https in front.
    Listen(ListenArgs),
}

/// With what deliveries are signed.
#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// File with the endpoint's signing secret, or - for standard input [default: the variable
    /// HEYGEN_WEBHOOK_SECRET]
    ///
    /// The call that makes an endpoint answers it, and the one that rotates it. It is never taken
    /// as an argument: other users of the machine can read those.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// File with the body, byte for byte as it came, or - for standard input
    #[arg(value_name = "BODY")]
    pub(crate) body: PathBuf,
    /// Header that came with it; may be given several times
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<Header>,
    /// File with the headers that came with it, one a line
    #[arg(long, value_name = "FILE")]
    pub(crate) headers_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    #[command(flatten)]
    pub(crate) age: AgeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    /// File with the body, or - for standard input
    #[arg(value_name = "BODY")]
    pub(crate) body: PathBuf,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
}

/// How old a delivery may be.
#[derive(Debug, Args)]
pub(crate) struct AgeArgs {
    /// Refuse what was sent longer ago, or does not say when: 90, 90s, 10m [default: any time]
    #[arg(long, value_name = "TIME", value_parser = parse_time_limit, allow_hyphen_values = true)]
    pub(crate) tolerance: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct ListenArgs {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(
        long,
        value_name = "NUMBER",
        default_value = "8788",
        allow_negative_numbers = true
    )]
    pub(crate) port: u16,
    /// End after so many lines
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..), allow_negative_numbers = true)]
    pub(crate) count: Option<u64>,
    /// Ask the API for the job of each unsigned callback, and print what it says instead
    #[arg(long)]
    pub(crate) confirm: bool,
    /// Take only unsigned callbacks with this text, the --callback-id of the job
    #[arg(long, value_name = "TEXT")]
    pub(crate) callback_id: Option<String>,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    #[command(flatten)]
    pub(crate) age: AgeArgs,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
}
