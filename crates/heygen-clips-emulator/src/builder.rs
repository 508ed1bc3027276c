//! Starting and stopping an emulator.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use clip_engine::{Backend, Engine, Worker};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::api::{self, InFlight};
use crate::app::{App, Running, Settings};
use crate::clock::{Clock, SystemClock};
use crate::contract::Contract;
use crate::fetch::{Fetcher, Guard};
use crate::folder::Folder;
use crate::links::Signer;
use crate::serve::serve;
use crate::store::Store;
use crate::{Error, Setting, work};

/// How long a shutdown waits for requests that are being answered.
const LAST_TASKS: Duration = Duration::from_secs(10);

/// Settings of an [`Emulator`] that is not started yet.
///
/// ```no_run
/// # async fn example() -> Result<(), heygen_clips_emulator::Error> {
/// let emulator = heygen_clips_emulator::Emulator::builder().start().await?;
/// println!("the API is at {}", emulator.base_url());
/// emulator.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing runs until `start` is awaited"]
pub struct Builder {
    listen: SocketAddr,
    data: Option<PathBuf>,
    api_keys: Vec<String>,
    allow_private_urls: Option<bool>,
    backend: Backend,
    worker: Worker,
    link_lifetime: Duration,
    strict_captions: bool,
    max_unfinished_jobs: Option<u32>,
    max_source_bytes: u64,
    retry_base: Duration,
    public_url: Option<String>,
    clock: Arc<dyn Clock>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            data: None,
            api_keys: Vec::new(),
            allow_private_urls: None,
            backend: Backend::default(),
            worker: Worker::default(),
            link_lifetime: Duration::from_secs(60 * 60),
            strict_captions: false,
            max_unfinished_jobs: None,
            max_source_bytes: 4 << 30,
            retry_base: Duration::from_secs(2),
            public_url: None,
            clock: Arc::new(SystemClock),
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("listen", &self.listen)
            .field("data", &self.data)
            .field("api_keys", &self.api_keys.len())
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Where to listen. Default: a free port of `127.0.0.1`.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Where rows and files are kept, for the next start too. Default: a temporary folder that goes
    /// when the emulator does.
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data = Some(folder.into());
        self
    }

    /// Adds a key that is let in. Default: any key that is not empty.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_keys.push(key.into());
        self
    }

    /// Whether sources and callbacks may be at private addresses and over plain http. Default: only
    /// when listening on loopback. Metadata services of clouds are out of reach either way.
    pub fn allow_private_urls(mut self, allowed: bool) -> Self {
        self.allow_private_urls = Some(allowed);
        self
    }

    /// What cuts the videos. Default: ffmpeg where it is found, the built-in codecs otherwise.
    pub fn backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Where it cuts them. Default: in threads of this process; a program that can run as
    /// [`worker_main`](crate::worker_main) keeps crashes and memory limits out of it.
    pub fn worker(mut self, worker: Worker) -> Self {
        self.worker = worker;
        self
    }

    /// How long links to clips and for uploads work, in whole seconds. Default: an hour.
    pub fn link_lifetime(mut self, lifetime: Duration) -> Self {
        self.link_lifetime = lifetime;
        self
    }

    /// Whether a job that asks for captions fails when there is no transcript. Default: its clips
    /// come without, and its log says so.
    pub fn strict_captions(mut self, strict: bool) -> Self {
        self.strict_captions = strict;
        self
    }

    /// How many jobs may be unfinished before a create call is answered 429. Default: no limit.
    pub fn max_unfinished_jobs(mut self, jobs: u32) -> Self {
        self.max_unfinished_jobs = Some(jobs);
        self
    }

    /// The largest source that is fetched, in bytes. Default: 4 GiB.
    pub fn max_source_bytes(mut self, bytes: u64) -> Self {
        self.max_source_bytes = bytes;
        self
    }

    /// How long to wait before a refused delivery is tried again, in whole seconds; each further
    /// wait is twice as long. Default: two seconds. After six attempts it is given up.
    pub fn delivery_retry(mut self, first_wait: Duration) -> Self {
        self.retry_base = first_wait;
        self
    }

    /// What links begin with, where callers reach the emulator under another address than it
    /// listens on, such as behind a proxy. Default: `http://` and the address.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// The time of day by which links, replays and deliveries go. Default: the system's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Starts to listen and to work.
    ///
    /// # Errors
    /// [`Error::is_settings`] for an empty key, a public URL that is none or an ffmpeg that is not
    /// there, [`Error::is_data`] where the data folder cannot be used, [`Error::is_listen`] where
    /// the address cannot.
    pub async fn start(self) -> Result<Emulator, Error> {
        if self.api_keys.iter().any(String::is_empty) {
            let message = "an API key must not be empty";
            return Err(Error::settings(Setting::ApiKey, message));
        }
        let listener = TcpListener::bind(self.listen).await.map_err(|cause| {
            Error::listen(format!("{} cannot be listened on", self.listen), cause)
        })?;
        let address = listener
            .local_addr()
            .map_err(|cause| Error::listen("the port is not known".to_owned(), cause))?;
        let base_url = match &self.public_url {
            Some(url) => public_url(url)?,
            None => format!("http://{}", reachable(address)),
        };
        let allow_private = self
            .allow_private_urls
            .unwrap_or(address.ip().is_loopback());
        let engine = Engine::builder()
            .backend(self.backend)
            .worker(self.worker)
            .build();
        let folder = Folder::open(self.data.as_deref())?;
        let app = Arc::new(App {
            store: Store::open(&folder.database()).await?,
            signer: Signer::new(folder.key()?),
            folder,
            clock: self.clock,
            contract: Contract::load(&DOCUMENTS)?,
            fetcher: Fetcher::new(Guard { allow_private }, self.max_source_bytes)?,
            engine: engine.map_err(|e| Error::settings(Setting::Engine, e.to_string()))?,
            in_flight: InFlight::default(),
            running: Running::default(),
            tasks: TaskTracker::new(),
            assets: tokio::sync::Mutex::default(),
            queued: Arc::new(Notify::new()),
            told: Notify::new(),
            settings: Settings {
                api_keys: self.api_keys,
                link_lifetime: self.link_lifetime,
                strict_captions: self.strict_captions,
                max_unfinished_jobs: self.max_unfinished_jobs,
                retry_base: self.retry_base,
                base_url,
            },
        });
        let router = api::router(&app);
        let stop = CancellationToken::new();
        let server = tokio::spawn(serve(listener, router.clone(), stop.clone()));
        let workers = vec![
            work::spawn_worker(app.clone()),
            work::spawn_deliveries(app.clone()),
        ];
        Ok(Emulator {
            app,
            router,
            address,
            stop: stop.drop_guard(),
            server,
            workers: Workers(workers),
        })
    }
}

/// The two dialects' documents.
const DOCUMENTS: [&str; 2] = [
    heygen_clips_openapi::clips::DOCUMENT,
    heygen_clips_openapi::ai_clipping::DOCUMENT,
];

/// A running emulator. Dropping it stops it at once; unfinished jobs go on at the next start on the
/// same data folder.
#[must_use = "it stops when it is dropped"]
pub struct Emulator {
    app: Arc<App>,
    router: Router,
    address: SocketAddr,
    stop: DropGuard,
    server: JoinHandle<()>,
    workers: Workers,
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Emulator {
    /// Settings for a new emulator.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// What a client takes for `https://api.heygen.com`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.app.settings.base_url
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The service itself, for calls without a socket. Jobs made through it are worked on as any
    /// other; links in its answers lead to [`Emulator::base_url`].
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Stops listening and working, closes all connections, and waits until the data folder is free
    /// for another emulator. Unfinished jobs stay in the store, and go on at the next start however
    /// often that happens; where an emulator is dropped or dies, they do so five times.
    pub async fn shutdown(self) {
        let Self {
            app,
            stop,
            server,
            mut workers,
            ..
        } = self;
        drop(stop);
        // What fails here has ended too, which is all that is asked.
        let _ = server.await;
        for worker in std::mem::take(&mut workers.0) {
            worker.abort();
            let _ = worker.await;
        }
        app.tasks.close();
        // A request that came through `router` ends when its caller lets it, which may be never.
        let _ = tokio::time::timeout(LAST_TASKS, app.tasks.wait()).await;
        for job in app.running.ids() {
            if let Err(cause) = app.store.give_attempt_back(&job).await {
                tracing::warn!(%cause, job, "a stopped job counts as one that crashed");
            }
        }
        app.store.close().await;
        app.folder.release();
    }
}

/// Background tasks that end with their owner.
struct Workers(Vec<JoinHandle<()>>);

impl Drop for Workers {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

fn public_url(text: &str) -> Result<String, Error> {
    let parsed = url::Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.has_host()
    });
    match parsed {
        Some(_) => Ok(text.trim_end_matches('/').to_owned()),
        None => {
            let message = format!("the public URL {text:?} is no http or https address");
            Err(Error::settings(Setting::PublicUrl, message))
        }
    }
}

/// An address that can be connected to: one that stands for all interfaces cannot.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => {
            SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
        }
        IpAddr::V6(ip) if ip.is_unspecified() => {
            SocketAddr::new(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST), address.port())
        }
        _ => address,
    }
}
