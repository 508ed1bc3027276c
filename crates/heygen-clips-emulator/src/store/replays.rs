//! Answers kept under their Idempotency-Key.

use sqlx::FromRow;

use super::{Change, Store, Stored};

/// An answer that can be given again. Without `Debug`: it may hold a secret.
#[derive(Clone, FromRow)]
pub(crate) struct Replay {
    pub(crate) status: u16,
    /// Header names and values, as a JSON list of pairs.
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

/// An answer to keep under a key.
pub(crate) struct Kept {
    pub(crate) scope: String,
    pub(crate) key: String,
    pub(crate) replay: Replay,
    pub(crate) now: i64,
    /// Older ones are forgotten.
    pub(crate) since: i64,
}

impl Store {
    /// The answer kept under a key, unless it is older than `since`.
    pub(crate) async fn replay(
        &self,
        scope: &str,
        key: &str,
        since: i64,
    ) -> Stored<Option<Replay>> {
        sqlx::query_as(
            "select status, headers, body from replays
             where scope = ? and key = ? and created_at > ?",
        )
        .bind(scope)
        .bind(key)
        .bind(since)
        .fetch_optional(&self.pool)
        .await
    }
}

impl Change {
    /// Keeps an answer beside what it tells of.
    pub(crate) async fn keep(&mut self, kept: &Kept) -> Stored<()> {
        sqlx::query("delete from replays where created_at <= ?")
            .bind(kept.since)
            .execute(&mut *self.0)
            .await?;
        sqlx::query(
            "insert into replays (scope, key, status, headers, body, created_at)
             values (?, ?, ?, ?, ?, ?)",
        )
        .bind(&kept.scope)
        .bind(&kept.key)
        .bind(kept.replay.status)
        .bind(&kept.replay.headers)
        .bind(&kept.replay.body)
        .bind(kept.now)
        .execute(&mut *self.0)
        .await
        .map(drop)
    }
}
