//! What handlers and workers share.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clip_engine::Engine;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::InFlight;
use crate::clock::Clock;
use crate::contract::Contract;
use crate::fetch::Fetcher;
use crate::folder::Folder;
use crate::links::Signer;
use crate::store::Store;

/// What the builder decided. Without `Debug`, for the keys.
pub(crate) struct Settings {
    /// Keys that are let in; none listed means any.
    pub(crate) api_keys: Vec<String>,
    pub(crate) link_lifetime: Duration,
    pub(crate) strict_captions: bool,
    pub(crate) max_unfinished_jobs: Option<u32>,
    pub(crate) retry_base: Duration,
    /// Scheme, host and port of every link that is handed out, without a slash at the end.
    pub(crate) base_url: String,
}

/// Everything that is alive while an emulator runs.
pub(crate) struct App {
    pub(crate) settings: Settings,
    pub(crate) folder: Folder,
    pub(crate) store: Store,
    pub(crate) signer: Signer,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) contract: Contract,
    pub(crate) fetcher: Fetcher,
    pub(crate) engine: Engine,
    pub(crate) in_flight: InFlight,
    pub(crate) running: Running,
    /// Tasks that go on when whoever began them is gone; a shutdown waits for them.
    pub(crate) tasks: TaskTracker,
    /// Held while the row and the file of an asset change together.
    pub(crate) assets: tokio::sync::Mutex<()>,
    /// Told when a job was queued.
    pub(crate) queued: Arc<Notify>,
    /// Told when a delivery was stored.
    pub(crate) told: Notify,
}

impl App {
    /// A link to a file of a job or an asset that works until its time is over.
    pub(crate) fn file_link(&self, folder: &str, name: &str) -> String {
        self.link("GET", &format!("/_files/{folder}/{name}"))
    }

    /// A signed link for one method.
    pub(crate) fn link(&self, method: &str, path: &str) -> String {
        let lifetime = i64::try_from(self.settings.link_lifetime.as_secs()).unwrap_or(i64::MAX);
        let expires = self.clock.now().saturating_add(lifetime);
        format!(
            "{}{}",
            self.settings.base_url,
            self.signer.link(method, path, expires)
        )
    }

    /// Adds a line to a job's log. A log that cannot be written stops no job.
    pub(crate) async fn log(&self, job_id: &str, level: &str, message: &str) {
        tracing::info!(job_id, level, message, "job");
        if let Err(cause) = self
            .store
            .log(job_id, self.clock.now(), level, message)
            .await
        {
            tracing::error!(%cause, "a job's log could not be written");
        }
    }

    /// Stops a job's work and removes its files.
    pub(crate) async fn forget_job(&self, job_id: &str) {
        self.running.cancel(job_id);
        remove_folder(self.folder.job(job_id)).await;
    }
}

/// Removes a folder and all in it; one that is not there is fine.
pub(crate) async fn remove_folder(folder: PathBuf) {
    match tokio::fs::remove_dir_all(&folder).await {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%cause, folder = %folder.display(), "files could not be removed");
        }
        _ => {}
    }
}

/// The jobs that are being worked on, so that deleting one stops it.
#[derive(Debug, Default)]
pub(crate) struct Running(Mutex<HashMap<String, CancellationToken>>);

impl Running {
    /// Notes that a job is being worked on.
    pub(crate) fn begin(&self, job_id: &str) -> CancellationToken {
        let token = CancellationToken::new();
        self.all().insert(job_id.to_owned(), token.clone());
        token
    }

    /// Notes that it no longer is.
    pub(crate) fn end(&self, job_id: &str) {
        self.all().remove(job_id);
    }

    /// The jobs that are being worked on, or were when the work on them was stopped.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.all().keys().cloned().collect()
    }

    fn cancel(&self, job_id: &str) {
        if let Some(token) = self.all().remove(job_id) {
            token.cancel();
        }
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<String, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A new id: `prefix` and 20 hexadecimal digits.
pub(crate) fn new_id(prefix: &str) -> String {
    let bytes: [u8; 10] = rand::random();
    format!("{prefix}{}", hex::encode(bytes))
}
