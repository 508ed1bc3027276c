//! The one way by which xtask reaches the network: a GET with time limits, a size limit and retries.
//!
//! It hands out text that came whole, from the host that was asked, and of a kind that was asked for. What the text says is
//! judged elsewhere.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url, redirect};
use tokio::runtime::Runtime;

/// More than this is no document that we know.
const MAX_BYTES: u64 = 16 << 20;
const MAX_REDIRECTS: usize = 3;
const ATTEMPTS: u32 = 3;
/// A server that wants us to wait longer does not want us now.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How long to wait for whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For a whole answer.
    pub(crate) answer: Duration,
    /// Before the second attempt; twice that before the third.
    pub(crate) between: Duration,
}

/// What a source may call itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// JSON, or text.
    Json,
    /// Markdown, or text.
    Markdown,
}

/// An HTTP client for the vendor's documents.
pub(crate) struct Client {
    http: reqwest::Client,
    runtime: Runtime,
    patience: Patience,
}

impl Client {
    /// A client that waits as long as `patience` says.
    pub(crate) fn new(patience: Patience) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("cannot start the network: {error}"))?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls())
            .user_agent("heygen-clips-xtask")
            .timeout(patience.answer)
            .connect_timeout(patience.answer.min(Duration::from_secs(10)))
            .redirect(redirect::Policy::custom(redirect))
            .build()
            .map_err(|error| format!("cannot build the HTTP client: {error}"))?;
        Ok(Self {
            http,
            runtime,
            patience,
        })
    }

    /// The text at `url`.
    pub(crate) fn get(&self, url: &str, media: Media) -> Result<String, String> {
        let parsed = Url::parse(url).map_err(|error| format!("{url} is no URL: {error}"))?;
        if !allowed(&parsed) {
            return Err(format!("{url} is not https; only loopback may do without"));
        }
        self.runtime
            .block_on(self.attempts(parsed, media))
            .map_err(|why| format!("{url}: {why}"))
    }

    async fn attempts(&self, url: Url, media: Media) -> Result<String, String> {
        let mut wait = self.patience.between;
        let mut attempt = 1;
        loop {
            match self.attempt(url.clone(), media).await {
                Ok(text) => return Ok(text),
                Err(Failure::Final(why)) => return Err(why),
                Err(Failure::Passing(why, _)) if attempt == ATTEMPTS => {
                    return Err(format!("{why} ({ATTEMPTS} attempts)"));
                }
                Err(Failure::Passing(_, wish)) => {
                    tokio::time::sleep(wish.unwrap_or(wait).min(LONGEST_WAIT)).await;
                }
            }
            wait *= 2;
            attempt += 1;
        }
    }

    async fn attempt(&self, url: Url, media: Media) -> Result<String, Failure> {
        let response = self
            .http
            .get(url)
            .send()
            .await
            .map_err(|error| transport(&error))?;
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            let wish = response.headers().get(RETRY_AFTER);
            let wish = wish.and_then(|wish| wish.to_str().ok()?.parse().ok());
            return Err(Failure::Passing(
                format!("the server answers {status}"),
                wish.map(Duration::from_secs),
            ));
        }
        if !status.is_success() {
            return Err(Failure::Final(format!("the server answers {status}")));
        }
        kind(&response, media).map_err(Failure::Final)?;
        let text = String::from_utf8(body(response).await?)
            .map_err(|_| Failure::Final("the answer is not UTF-8".to_owned()))?;
        let start = text
            .trim_start()
            .get(..9)
            .unwrap_or_default()
            .to_lowercase();
        if start.starts_with("<!doctype") || start.starts_with("<html") {
            return Err(Failure::Final(
                "the answer is an HTML page, whatever it calls itself".to_owned(),
            ));
        }
        Ok(text)
    }
}

/// Why there is no text.
enum Failure {
    /// Asking again will not help.
    Final(String),
    /// It may, after the time that the server wishes.
    Passing(String, Option<Duration>),
}

/// A redirection may correct a path. One that leaves the host or gives up encryption is for a person to look at.
fn redirect(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let target = attempt.url().clone();
    if attempt.previous().len() > MAX_REDIRECTS {
        return attempt.error(Redirected(format!(
            "redirected more than {MAX_REDIRECTS} times"
        )));
    }
    let same = attempt
        .previous()
        .first()
        .is_some_and(|first| first.origin() == target.origin() && allowed(&target));
    if same {
        attempt.follow()
    } else {
        attempt.error(Redirected(format!(
            "redirected to {target}, which is another host; if the document moved, change openapi/upstream/upstream.toml"
        )))
    }
}

/// Why a redirection is not followed.
#[derive(Debug)]
struct Redirected(String);

impl std::fmt::Display for Redirected {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Redirected {}

/// https, or a server on this machine.
fn allowed(url: &Url) -> bool {
    let loopback = url.host_str().is_some_and(|host| {
        host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    });
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

/// Whether the answer calls itself what it should be. Plain text is what file hosts call everything.
fn kind(response: &Response, media: Media) -> Result<(), String> {
    let header = response.headers().get(CONTENT_TYPE);
    let said = header
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let name = said
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    let fits = match media {
        Media::Json => name == "application/json" || name.ends_with("+json"),
        Media::Markdown => name == "text/markdown",
    };
    if fits || name == "text/plain" || name.is_empty() {
        return Ok(());
    }
    let wanted = match media {
        Media::Json => "JSON",
        Media::Markdown => "Markdown",
    };
    Err(format!("the answer calls itself {name}, not {wanted}"))
}

/// The whole body, within the size limit.
async fn body(mut response: Response) -> Result<Vec<u8>, Failure> {
    let too_large = || Failure::Final(format!("the answer is larger than {MAX_BYTES} bytes"));
    if response
        .content_length()
        .is_some_and(|length| length > MAX_BYTES)
    {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| transport(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > MAX_BYTES {
            return Err(too_large());
        }
    }
    Ok(bytes)
}

/// What went wrong below HTTP. The innermost cause says it best.
fn transport(error: &reqwest::Error) -> Failure {
    let cause = innermost(error);
    if error.is_redirect() {
        return Failure::Final(cause);
    }
    let what = if error.is_timeout() {
        "no whole answer in time".to_owned()
    } else if error.is_body() || error.is_decode() {
        format!("the answer breaks off: {cause}")
    } else if error.is_connect() {
        format!("cannot connect: {cause}")
    } else {
        format!("the answer cannot be read: {cause}")
    };
    Failure::Passing(what, None)
}

fn innermost(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => innermost(source),
        None => error.to_string(),
    }
}

/// ring and the machine's own roots. Where a machine has none, https fails with a certificate error.
fn tls() -> rustls::ClientConfig {
    use rustls_platform_verifier::BuilderVerifierExt as _;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = |provider| {
        rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(rustls::DEFAULT_VERSIONS)
            .unwrap_or_else(|_| unreachable!("ring supports the default TLS versions"))
    };
    match versions(provider.clone()).with_platform_verifier() {
        Ok(builder) => builder.with_no_client_auth(),
        Err(_) => versions(provider)
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth(),
    }
}
