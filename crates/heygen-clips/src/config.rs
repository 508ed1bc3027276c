//! How a [`Client`] is set up: credentials, base URL, time limits, transport.

use std::fmt;
#[cfg(not(target_arch = "wasm32"))]
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::client::{Client, Shared};
use crate::error::{Error, Kind, Result};
use crate::exchange::{self, Requests};
use crate::job::wake::Waiters;
#[cfg(not(target_arch = "wasm32"))]
use crate::journal::Journal;
use crate::retry::{Budget, Retries};
use crate::telemetry::Server;
use crate::transport::{Http, Transport};

/// Where the vendor listens.
pub(crate) const PRODUCTION: &str = "https://api.heygen.com";

const KEY_VARIABLE: &str = "HEYGEN_API_KEY";
const BASE_VARIABLE: &str = "HEYGEN_API_BASE";

/// Sets up a [`Client`]; see [`Client::builder`].
///
/// ```
/// use std::time::Duration;
///
/// # fn main() -> heygen_clips::Result<()> {
/// let client = heygen_clips::Client::builder()
///     .api_key("a key of the emulator")
///     .base_url("http://127.0.0.1:8080")
///     .create_timeout(Duration::from_secs(60))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct ClientBuilder {
    credential: Option<Credential>,
    base_url: Option<String>,
    timeouts: Timeouts,
    retries: Retries,
    http: Option<reqwest::ClientBuilder>,
    transport: Option<Arc<dyn Transport>>,
    #[cfg(not(target_arch = "wasm32"))]
    journal: Option<PathBuf>,
    #[cfg(test)]
    open_journal: Option<Journal>,
    #[cfg(feature = "observe")]
    observer: Option<crate::observe::Observer>,
}

enum Credential {
    ApiKey(SecretString),
    Bearer(SecretString),
}

/// Time limits of one attempt, from sending it to the last byte of the answer.
///
/// A create takes the vendor half a minute at times, so the limits differ by kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    pub(crate) read: Duration,
    pub(crate) create: Duration,
    pub(crate) upload: Duration,
    /// No limit of ours, but one that the server keeps.
    pub(crate) settle: Duration,
}

impl Timeouts {
    /// The same limit for every attempt.
    pub(crate) fn all(self, limit: Duration) -> Self {
        Self {
            read: limit,
            create: limit,
            upload: limit,
            ..self
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(30),
            create: Duration::from_secs(120),
            upload: Duration::from_secs(600),
            settle: Duration::from_secs(120),
        }
    }
}

impl ClientBuilder {
    /// Authenticates with an API key, which the vendor bills to the API wallet.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.credential = Some(Credential::ApiKey(key.into()));
        self
    }

    /// Authenticates with an OAuth 2 access token, which the vendor bills to the web plan.
    /// Replaces an API key: exactly one of the two is sent.
    pub fn bearer_token(mut self, token: impl Into<SecretString>) -> Self {
        self.credential = Some(Credential::Bearer(token.into()));
        self
    }

    /// Talks to another server, by default `https://api.heygen.com`. Plain `http` is taken only
    /// for a loopback address, because the key would travel readable.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Time limit of reads and deletes (default 30 s). For a download it limits each silence, not
    /// the whole.
    pub fn read_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.read = limit;
        self
    }

    /// Time limit of calls that create something (default 120 s).
    pub fn create_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.create = limit;
        self
    }

    /// Time limit of an upload (default 600 s).
    pub fn upload_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.upload = limit;
        self
    }

    /// How long the server may still be busy with a create whose answer was lost (default 120 s;
    /// the vendor takes half a minute at times). Only after that does the list of jobs tell whether
    /// there is one, see [`Journal`](crate::Journal). Less is for servers that answer at once, such
    /// as the emulator: a job that is listed later is made, and paid for, twice.
    pub fn settle_time(mut self, time: Duration) -> Self {
        self.timeouts.settle = time;
        self
    }

    /// How calls that fail are sent again; see [`Retries`] for what happens if not set.
    pub fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// Sends through a `reqwest` client of these settings, for proxies or other TLS.
    ///
    /// Two of them do not count: no redirect is followed, because `reqwest` would take the API key
    /// along, and no proxy is used for plain http, which only this machine may hear.
    pub fn http_client(mut self, http: reqwest::ClientBuilder) -> Self {
        self.http = Some(http);
        self
    }

    /// Sends through this transport instead of the network: a server in the same process, a
    /// recording, a fault.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Holds every answer against the documents and tells the observer what they do not say.
    #[cfg(feature = "observe")]
    pub fn observer(mut self, observer: &crate::observe::Observer) -> Self {
        self.observer = Some(observer.clone());
        self
    }

    /// Notes submitted jobs in this file, so that a program that dies pays for none twice and
    /// loses none; see [`Journal`]. Made if it does not exist, readable to its owner alone.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn journal(mut self, path: impl Into<PathBuf>) -> Self {
        self.journal = Some(path.into());
        self
    }

    #[cfg(test)]
    pub(crate) fn with_open_journal(mut self, journal: Journal) -> Self {
        self.open_journal = Some(journal);
        self
    }

    /// Makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Error::is_config`] when there is no credential, when it or the base URL cannot be used,
    /// or when TLS cannot be set up; [`Error::is_journal`] when the journal cannot be opened or
    /// another client has it.
    pub fn build(self) -> Result<Client> {
        let base = base_url(self.base_url.as_deref().unwrap_or(PRODUCTION))?;
        let server = Server::of(&base);
        let base = base.as_str().trim_end_matches('/').to_owned();
        let auth = match &self.credential {
            Some(Credential::ApiKey(key)) => (
                HeaderName::from_static("x-api-key"),
                header("API key", "", key)?,
            ),
            Some(Credential::Bearer(token)) => {
                (AUTHORIZATION, header("bearer token", "Bearer ", token)?)
            }
            None => {
                return Err(config(format!(
                    "no API key: give one to the builder, or set {KEY_VARIABLE} and use \
                     Client::from_env"
                )));
            }
        };
        let http = exchange::http(self.http, &base)?;
        let requests = Requests::new(&base, http.client().clone());
        let transport = self
            .transport
            .unwrap_or_else(|| Arc::new(Http::from_raw(http)));
        #[cfg(not(target_arch = "wasm32"))]
        let journal = self.journal.as_deref().map(Journal::open).transpose()?;
        #[cfg(target_arch = "wasm32")]
        let journal = None;
        #[cfg(test)]
        let journal = self.open_journal.or(journal);
        let shared = Shared {
            base,
            auth,
            requests,
            transport,
            budget: Budget::default(),
            server,
            waiters: Waiters::default(),
            journal,
            #[cfg(feature = "observe")]
            observer: self.observer,
        };
        Ok(Client::new(shared, self.retries, self.timeouts))
    }

    /// Credentials and base URL from the environment, see [`Client::from_env`].
    pub(crate) fn from_env() -> Result<Self> {
        let Some(key) = variable(KEY_VARIABLE)? else {
            return Err(config(format!(
                "{KEY_VARIABLE} is not set: export your API key, or any word for the emulator"
            )));
        };
        let mut builder = Self::default().api_key(key);
        builder.base_url = variable(BASE_VARIABLE)?;
        Ok(builder)
    }
}

/// Says what is set, never the credential.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credential = self.credential.as_ref().map(|credential| match credential {
            Credential::ApiKey(_) => "API key (redacted)",
            Credential::Bearer(_) => "bearer token (redacted)",
        });
        f.debug_struct("ClientBuilder")
            .field("credential", &credential)
            .field("base_url", &self.base_url.as_deref().map(presentable))
            .field("timeouts", &self.timeouts)
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}

/// A URL as it may be shown. `build` refuses one with a password or a query; until then it may have them.
fn presentable(url: &str) -> String {
    match Url::parse(url.trim()) {
        // A user and a host without `//` before them are read as a scheme and a path.
        Ok(url) if !url.has_host() => "(not a URL with a host)".to_owned(),
        Ok(url) if url.query().is_some() || url.fragment().is_some() => {
            "(redacted: it carries a query or fragment)".to_owned()
        }
        Ok(url) if url.username().is_empty() && url.password().is_none() => url.into(),
        Ok(_) => "(redacted: it carries a user)".to_owned(),
        Err(_) => "(not a URL)".to_owned(),
    }
}

/// Whether a link may be followed: encrypted, or not leaving this machine.
pub(crate) fn is_safe(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => url.host_str().is_some_and(is_loopback),
        _ => false,
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Checks a base URL.
fn base_url(text: &str) -> Result<Url> {
    let url = Url::parse(text.trim())
        .map_err(|error| config(format!("the base URL is not a URL: {error}")))?;
    if !url.has_host() {
        return Err(config("the base URL has no host: begin it with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(config("the base URL must not carry a user or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(config("the base URL must not have a query or fragment"));
    }
    if !is_safe(&url) {
        return Err(config(format!(
            "base URL {url}: use https (plain http is only for a loopback address such as \
             http://127.0.0.1:8080)"
        )));
    }
    Ok(url)
}

/// A header that `Debug` and HTTP/2 compression keep to themselves.
fn header(what: &str, prefix: &str, secret: &SecretString) -> Result<HeaderValue> {
    let secret = secret.expose_secret().trim();
    if secret.is_empty() {
        return Err(config(format!("the {what} is empty")));
    }
    let mut value = HeaderValue::try_from(format!("{prefix}{secret}"))
        .ok()
        .filter(|value| value.to_str().is_ok())
        .ok_or_else(|| {
            config(format!(
                "the {what} has characters that cannot stand in an HTTP header"
            ))
        })?;
    value.set_sensitive(true);
    Ok(value)
}

fn variable(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) if value.trim().is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(config(format!("{name} is not UTF-8"))),
    }
}

fn config(message: impl Into<String>) -> Error {
    Error::new(Kind::Config, message)
}
