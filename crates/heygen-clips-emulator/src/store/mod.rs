//! The emulator's rows: jobs and their clips, assets, webhooks, deliveries and replays, in one SQLite
//! database that also carries the queue (the `Jobs` and `Workers` tables of apalis-sqlite).
//!
//! Rows and transactions only. What a row means on the wire is decided in `api`, and what happens to
//! it in `work`.

mod assets;
mod jobs;
mod replays;
mod webhooks;

use std::path::Path;
use std::time::Duration;

use apalis_sqlite::SqliteStorage;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};

pub(crate) use assets::{AssetRow, NewAsset};
pub(crate) use jobs::{ClipRow, Dialect, JobRow, LogRow, Made, NewClip, NewJob, Status};
pub(crate) use replays::{Kept, Replay};
pub(crate) use webhooks::{DeliveryRow, EndpointRow, EventRow, NewDelivery, NewEvent};

use crate::Error;

/// The queue that the workers read.
pub(crate) const QUEUE: &str = "clip-jobs";

/// What a queue entry says: run this job.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct RunJob {
    pub(crate) job_id: String,
}

/// A handle on the database; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: SqlitePool,
}

/// What a store call gives back.
pub(crate) type Stored<T> = Result<T, sqlx::Error>;

impl Store {
    /// Opens the database, or makes it.
    pub(crate) async fn open(file: &Path) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            // Readers (polls) never wait for a writer, and a killed process loses no finished step.
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(30));
        let pool = SqlitePoolOptions::new()
            .max_connections(8)
            .connect_with(options)
            .await?;
        SqliteStorage::migrations()
            .run(&pool)
            .await
            .map_err(|e| Error::internal("the queue's tables could not be made", e))?;
        sqlx::raw_sql(include_str!("schema.sql"))
            .execute(&pool)
            .await?;
        Ok(Self { pool })
    }

    /// The pool, for the queue.
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Waits for what is running and closes all connections, so that the files can be removed.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// Begins a change, which holds the write lock: two of them never deadlock, and a read in one is
    /// never stale.
    pub(crate) async fn change(&self) -> Stored<Change> {
        self.pool.begin_with("begin immediate").await.map(Change)
    }
}

/// Writes that happen together or, where this is dropped, not at all.
pub(crate) struct Change(Transaction<'static, Sqlite>);

impl Change {
    /// Makes the writes last.
    pub(crate) async fn commit(self) -> Stored<()> {
        self.0.commit().await
    }
}
