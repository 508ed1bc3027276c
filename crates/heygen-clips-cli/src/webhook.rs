//! The commands about webhook deliveries: check one, sign one, receive them.
//!
//! What makes a delivery true is the SDK's to say; here it is read from files, and told.

mod listen;

use std::path::Path;

use heygen_clips::{Delivery, Event, Verifier};
use http::HeaderMap;
use serde::Serialize;
use serde_json::Value;

pub(crate) use self::listen::listen;
use crate::args::webhook::{AgeArgs, SecretArgs, SignArgs, VerifyArgs};
use crate::failure::Failure;
use crate::output;
use crate::session::{secret_file, variable};
use crate::values::Header;

const SECRET_VARIABLE: &str = "HEYGEN_WEBHOOK_SECRET";

/// Checks a delivery and shows what it says.
pub(crate) fn verify(args: &VerifyArgs) -> Result<(), Failure> {
    let verifier = required_verifier(&args.body, &args.secret)?;
    let verifier = with_age(verifier, &args.age);
    let headers = headers(args)?;
    let body = read_body(&args.body)?;
    let delivery = verifier.verify(&headers, &body)?;
    output::print_json(&Told::signed(&delivery)?)
}

/// Prints the headers that make a body a signed delivery.
pub(crate) fn sign(args: &SignArgs) -> Result<(), Failure> {
    let verifier = required_verifier(&args.body, &args.secret)?;
    let headers = verifier.sign_test_delivery(&read_body(&args.body)?);
    let lines: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default()))
        .collect();
    output::print_text(&lines.join("\n"))
}

/// A delivery as it is shown: how far it can be trusted, and what it says.
#[derive(Serialize)]
struct Told {
    trust: Trust,
    event_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<String>,
    /// As the headers say, which nobody signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<String>,
    job_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_id: Option<String>,
    /// What came with a signed event, or the job as the API gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

/// Who vouches for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Trust {
    /// The signature.
    Signed,
    /// The API, which was asked.
    Confirmed,
    /// Nobody.
    Unverified,
}

impl Told {
    fn signed(delivery: &Delivery) -> Result<Self, Failure> {
        let event = &delivery.event;
        let data = match event {
            Event::AiClippingSucceeded(job) | Event::AiClippingFailed(job) => to_json(job)?,
            Event::Unknown { data, .. } => data.clone(),
            // Kinds of events that a later SDK knows have a job as well.
            other => Value::from(other.job_id()),
        };
        Ok(Self {
            trust: Trust::Signed,
            event_type: event.event_type().to_owned(),
            event_id: delivery.event_id.clone(),
            sent_at: delivery
                .sent_at
                .map(|time| humantime::format_rfc3339_seconds(time).to_string()),
            job_id: event.job_id().map(str::to_owned),
            callback_id: None,
            data: Some(data),
        })
    }
}

fn to_json(value: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value)
        .map_err(|error| Failure::local("cli_output", format!("cannot write the result: {error}")))
}

/// A verifier of a delivery whose body comes from `body`.
fn required_verifier(body: &Path, args: &SecretArgs) -> Result<Verifier, Failure> {
    let standard_input = Path::new("-");
    if body == standard_input && args.secret_file.as_deref() == Some(standard_input) {
        let message = "standard input cannot give both the body and the secret";
        return Err(Failure::usage("--secret-file", message));
    }
    verifier(args)?.ok_or_else(|| {
        let message = format!(
            "no webhook secret: set {SECRET_VARIABLE}, or name a file with --secret-file; the call \
             that makes an endpoint answers it"
        );
        Failure::usage("--secret-file", message)
    })
}

/// A verifier with the secret from the named file, standard input or the environment, if there is
/// one.
fn verifier(args: &SecretArgs) -> Result<Option<Verifier>, Failure> {
    let secret = match &args.secret_file {
        Some(path) => secret_file("--secret-file", path)?,
        None => variable(SECRET_VARIABLE)?,
    };
    match (secret.trim(), &args.secret_file) {
        ("", Some(path)) => {
            let message = format!("{} holds no webhook secret", path.display());
            Err(Failure::usage("--secret-file", message))
        }
        ("", None) => Ok(None),
        (secret, _) => Ok(Some(Verifier::new(secret)?)),
    }
}

fn with_age(verifier: Verifier, args: &AgeArgs) -> Verifier {
    match args.tolerance {
        Some(tolerance) => verifier.tolerance(tolerance),
        None => verifier,
    }
}

/// The headers from the options and the file.
fn headers(args: &VerifyArgs) -> Result<HeaderMap, Failure> {
    let mut given = args.headers.clone();
    if let Some(path) = &args.headers_file {
        let text = String::from_utf8_lossy(&read("--headers-file", path)?).into_owned();
        // A status line, as curl writes it above them, has no colon.
        let lines = text.lines().filter(|line| line.contains(':'));
        for line in lines {
            let header = line.parse::<Header>().map_err(|error| {
                let message = format!("{}: {error}", path.display());
                Failure::usage("--headers-file", message)
            })?;
            given.push(header);
        }
    }
    Ok(given
        .into_iter()
        .map(|Header(name, value)| (name, value))
        .collect())
}

fn read_body(path: &Path) -> Result<Vec<u8>, Failure> {
    if path != Path::new("-") {
        return read("<BODY>", path);
    }
    let mut body = Vec::new();
    std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut body).map_err(|error| {
        Failure::usage("<BODY>", format!("cannot read standard input: {error}"))
    })?;
    Ok(body)
}

fn read(argument: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        let message = format!("cannot read {}: {error}", path.display());
        Failure::usage(argument, message)
    })
}
