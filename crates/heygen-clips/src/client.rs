//! The client: what all calls share, and the ways into the API's parts.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
#[cfg(not(target_arch = "wasm32"))]
use heygen_clips_openapi::{
    self as raw,
    transport::{Hooks, Transport as RawTransport},
};
use reqwest::header::{HeaderName, HeaderValue};

use crate::ai_clipping::AiClipping;
use crate::assets::Assets;
use crate::clips::Clips;
use crate::config::{ClientBuilder, Timeouts};
use crate::error::Result;
#[cfg(not(target_arch = "wasm32"))]
use crate::exchange::Authorized;
use crate::exchange::{Exchange, Requests};
use crate::job::wake::Waiters;
use crate::journal::Journal;
use crate::redact;
use crate::retry::{Budget, Retries};
use crate::telemetry::Server;
use crate::transport::Transport;
use crate::webhooks::Webhooks;

/// Client of HeyGen's clipping API, or of an emulator of it. Cheap to clone; clones share
/// connections.
///
/// ```no_run
/// # async fn example() -> heygen_clips::Result<()> {
/// use heygen_clips::JobView as _;
///
/// let client = heygen_clips::Client::from_env()?;
/// let job = client.clips().get("clip_abc123").await?;
/// println!("{} has {} clips", job.job_status(), job.clips.len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    retries: Retries,
    timeouts: Timeouts,
}

/// What all clones of a client have in common.
pub(crate) struct Shared {
    /// Without a slash at its end.
    pub(crate) base: String,
    pub(crate) auth: (HeaderName, HeaderValue),
    /// Builds requests; sending is the transport's.
    pub(crate) requests: Requests,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) budget: Budget,
    pub(crate) server: Server,
    pub(crate) waiters: Waiters,
    pub(crate) journal: Option<Journal>,
    #[cfg(feature = "observe")]
    pub(crate) observer: Option<crate::observe::Observer>,
}

/// The generated clients, for what this crate does not cover; see [`Client::raw`].
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Raw {
    /// `/v3/clips`.
    pub clips: raw::clips::Client,
    /// `/v3/ai-clipping`, assets and webhooks.
    pub ai_clipping: raw::ai_clipping::Client,
}

impl Client {
    /// A client with the key in `HEYGEN_API_KEY` and, where it is set, the base URL in
    /// `HEYGEN_API_BASE`.
    ///
    /// # Errors
    ///
    /// [`Error::is_config`](crate::Error::is_config) when the key is missing or one of the two
    /// cannot be used.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// Sets a client up step by step.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Clip jobs of `/v3/clips`: up to ten clips, by instruction or exact windows.
    pub fn clips(&self) -> Clips {
        Clips::new(self.clone())
    }

    /// Clip jobs of `/v3/ai-clipping`: one clip for each asked duration.
    pub fn ai_clipping(&self) -> AiClipping {
        AiClipping::new(self.clone())
    }

    /// Uploaded source videos.
    pub fn assets(&self) -> Assets {
        Assets::new(self.clone())
    }

    /// Webhook endpoints of the account.
    pub fn webhooks(&self) -> Webhooks {
        Webhooks::new(self.clone())
    }

    /// The same client, sending calls again by other rules. It shares all else with this one, the
    /// budget of retries too.
    #[must_use]
    pub fn with_retries(&self, retries: Retries) -> Self {
        Self {
            retries,
            ..self.clone()
        }
    }

    /// The same client with another time limit for each attempt, whatever the call.
    #[must_use]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        Self {
            timeouts: self.timeouts.all(limit),
            ..self.clone()
        }
    }

    /// The journal of submitted jobs, if there is one.
    pub fn journal(&self) -> Option<&Journal> {
        self.shared.journal.as_ref()
    }

    /// Makes everyone who waits for this job through a clone of this client look at once, and a
    /// few times more if the job has not ended by then; whether there is anyone. Also heard by a
    /// [`Job`](crate::Job) whose wait has not begun.
    ///
    /// With this a callback decides when to look, and the server still decides what is true:
    ///
    /// ```no_run
    /// # async fn example(client: heygen_clips::Client, body: &[u8]) -> heygen_clips::Result<()> {
    /// use heygen_clips::{Callback, Pace, Unverified, Verifier};
    ///
    /// let waiting = client.clips().job("clip_abc123").pace(Pace::slow());
    /// let waiting = tokio::spawn(async move { waiting.await });
    ///
    /// // In the handler of callbacks, which are not signed:
    /// let callback = Unverified::<Callback>::read(body)?;
    /// if callback.callback_id() == Some("order-17") {
    ///     client.wake(callback.job_id());
    /// }
    ///
    /// // Or in that of signed events:
    /// # let (headers, verifier) = (Default::default(), Verifier::new("whsec_from_the_endpoint")?);
    /// let delivery = verifier.verify(&headers, body)?;
    /// if let Some(id) = delivery.event.job_id() {
    ///     client.wake(id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn wake(&self, job_id: impl AsRef<str>) -> bool {
        self.shared.waiters.ring(job_id.as_ref())
    }

    /// The generated clients with this client's address, credential, time limits and transport,
    /// but without its checks and errors: the way out for what is not covered here. Its errors print
    /// what the server answered as it is, links and headers included; they belong in no log.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn raw(&self) -> Raw {
        let transport: Arc<dyn RawTransport> = Arc::new(Authorized(self.clone()));
        let hooks = || Hooks::shared(Arc::clone(&transport));
        let http = &self.shared.requests.http;
        Raw {
            clips: raw::clips::connect(self.base_url(), http.clone(), hooks()),
            ai_clipping: raw::ai_clipping::connect(self.base_url(), http.clone(), hooks()),
        }
    }

    /// The address that it talks to, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.shared.base
    }

    pub(crate) fn new(shared: Shared, retries: Retries, timeouts: Timeouts) -> Self {
        Self {
            shared: Arc::new(shared),
            retries,
            timeouts,
        }
    }

    pub(crate) fn retries(&self) -> Retries {
        self.retries
    }

    /// The key or token that goes along with every call.
    pub(crate) fn credential(&self) -> Option<&str> {
        redact::key(&self.shared.auth.1)
    }

    pub(crate) fn timeouts(&self) -> &Timeouts {
        &self.timeouts
    }

    /// Notes in the journal that nobody needs a job any more. Boxed, as few clients have a journal and each
    /// future that ends with this is smaller for it.
    pub(crate) async fn close_job(&self, id: &str) -> Result<()> {
        match self.journal() {
            Some(journal) => journal.close(self.base_url(), id).boxed().await,
            None => Ok(()),
        }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn exchange(&self) -> Exchange<'_> {
        Exchange::new(self)
    }
}

/// Without the credential.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.shared.base)
            .field("auth", &format_args!("{} (redacted)", self.shared.auth.0))
            .field("retries", &self.retries)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}
