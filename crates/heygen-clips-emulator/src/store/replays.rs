//! Answers kept under their Idempotency-Key.

use sqlx::FromRow;

use super::{Store, Stored};

/// An answer that can be given again.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Replay {
    pub(crate) status: u16,
    /// Header names and values, as a JSON list of pairs.
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
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

    /// Keeps an answer and forgets those older than `since`.
    pub(crate) async fn keep_replay(
        &self,
        scope: &str,
        key: &str,
        replay: &Replay,
        now: i64,
        since: i64,
    ) -> Stored<()> {
        let mut tx = self.write().await?;
        sqlx::query("delete from replays where created_at <= ?")
            .bind(since)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "insert into replays (scope, key, status, headers, body, created_at)
             values (?, ?, ?, ?, ?, ?) on conflict do nothing",
        )
        .bind(scope)
        .bind(key)
        .bind(replay.status)
        .bind(&replay.headers)
        .bind(&replay.body)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }
}
