//! Every request that the emulator makes: it fetches sources and posts callbacks. Guarded by
//! [`guard`], never through a proxy, with limits on time, size and redirects.

pub(crate) mod guard;

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Response, redirect};
use tokio::io::AsyncWriteExt;
use url::Url;

use crate::Error;
pub(crate) use guard::Guard;

const CONNECT: Duration = Duration::from_secs(15);
const SILENCE: Duration = Duration::from_secs(60);
const DOWNLOAD: Duration = Duration::from_secs(30 * 60);
const SMALL: Duration = Duration::from_secs(30);
const DELIVERY: Duration = Duration::from_secs(10);
const REDIRECTS: usize = 5;

/// Fetches and posts.
#[derive(Debug, Clone)]
pub(crate) struct Fetcher {
    guard: Guard,
    max_bytes: u64,
    downloads: Client,
    posts: Client,
}

/// Why a source could not be fetched, in words for the job's `failure_message`. Links are named
/// without their query, which may be a credential.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct FetchError(String);

impl Fetcher {
    /// A fetcher that keeps to `guard` and to files of at most `max_bytes`.
    pub(crate) fn new(guard: Guard, max_bytes: u64) -> Result<Self, Error> {
        let redirects = redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() > REDIRECTS {
                return attempt.error(guard::Refused("the link redirects too often".into()));
            }
            match guard.check_url(attempt.url()) {
                Ok(()) => attempt.follow(),
                Err(refused) => attempt.error(refused),
            }
        });
        let client = |redirects| {
            Client::builder()
                .no_proxy()
                // A source's link may be signed: the host that it redirects to must not read it.
                .referer(false)
                .dns_resolver(Arc::new(guard))
                .tls_backend_preconfigured(tls())
                .user_agent(concat!("heygen-clips-emulator/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(CONNECT)
                .redirect(redirects)
        };
        let built = |builder: reqwest::ClientBuilder| {
            builder
                .build()
                .map_err(|e| Error::internal("the HTTP client could not be built", e))
        };
        Ok(Self {
            guard,
            max_bytes,
            downloads: built(client(redirects).read_timeout(SILENCE))?,
            posts: built(client(redirect::Policy::none()).timeout(DELIVERY))?,
        })
    }

    /// The rule that this fetcher keeps to.
    pub(crate) fn guard(&self) -> Guard {
        self.guard
    }

    /// Writes what a link leads to into `file`. The file is complete when this returns; on an error
    /// it may be left half written.
    pub(crate) async fn download(&self, link: &str, file: &Path) -> Result<(), FetchError> {
        let (url, mut response) = self.get(link, DOWNLOAD).await?;
        let too_large = || {
            self.fail(
                &url,
                format!("the file is larger than {} bytes", self.max_bytes),
            )
        };
        if response
            .content_length()
            .is_some_and(|length| length > self.max_bytes)
        {
            return Err(too_large());
        }
        let io = |e: std::io::Error| FetchError(format!("the source could not be stored: {e}"));
        let mut out = tokio::fs::File::create(file).await.map_err(io)?;
        let mut written = 0_u64;
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|e| self.fail(&url, root(&e)))?
        {
            written += chunk.len() as u64;
            if written > self.max_bytes {
                return Err(too_large());
            }
            out.write_all(&chunk).await.map_err(io)?;
        }
        if written == 0 {
            return Err(self.fail(&url, "the file is empty"));
        }
        out.sync_all().await.map_err(io)
    }

    /// What is behind a link, when that is at most `limit` bytes.
    pub(crate) async fn small(&self, link: &Url, limit: usize) -> Option<Vec<u8>> {
        let (_, mut response) = self.get(link.as_str(), SMALL).await.ok()?;
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.ok()? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > limit {
                return None;
            }
        }
        Some(bytes)
    }

    /// Posts a JSON body. `Err` says why it counts as not delivered.
    pub(crate) async fn post(
        &self,
        link: &str,
        headers: http::HeaderMap,
        body: String,
    ) -> Result<(), String> {
        let url = self
            .guard
            .check(link)
            .map_err(|refused| refused.to_string())?;
        let request = self.posts.post(url).headers(headers).body(body);
        let status = request.send().await.map_err(|e| root(&e))?.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(format!("the receiver answered {status}"))
        }
    }

    async fn get(&self, link: &str, within: Duration) -> Result<(Url, Response), FetchError> {
        let url = self
            .guard
            .check(link)
            .map_err(|refused| FetchError(format!("the source cannot be fetched: {refused}")))?;
        let response = self.downloads.get(url.clone()).timeout(within).send().await;
        let response = response.map_err(|e| self.fail(&url, root(&e)))?;
        if !response.status().is_success() {
            return Err(self.fail(&url, format!("the server answered {}", response.status())));
        }
        Ok((url, response))
    }

    fn fail(&self, url: &Url, why: impl Display) -> FetchError {
        let mut shown = url.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        FetchError(format!("the source {shown} could not be downloaded: {why}"))
    }
}

/// The innermost cause: reqwest's own words only repeat the URL, query included.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if error.is_timeout() {
        "it took too long".to_owned()
    } else {
        cause.to_string()
    }
}

/// ring and the machine's own roots. Where a machine has no roots, https fails with a certificate
/// error and plain http to allowed addresses still works.
fn tls() -> rustls::ClientConfig {
    use rustls_platform_verifier::BuilderVerifierExt;
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
