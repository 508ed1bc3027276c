//! Webhook endpoints, the log of events, and what is still to be delivered.

use sqlx::{FromRow, Sqlite, Transaction};

use super::{Change, Store, Stored};

/// A registered endpoint.
#[derive(Clone, FromRow)]
pub(crate) struct EndpointRow {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) url: String,
    /// JSON list of event types; `None` for all.
    pub(crate) events: Option<String>,
    pub(crate) entity_id: Option<String>,
    pub(crate) secret: String,
    pub(crate) status: String,
    pub(crate) created_at: i64,
}

impl std::fmt::Debug for EndpointRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointRow")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Something that happened.
#[derive(Debug)]
pub(crate) struct NewEvent {
    pub(crate) id: String,
    pub(crate) event_type: &'static str,
    pub(crate) entity_id: String,
    /// JSON of `event_data`, with links that were fresh at the time.
    pub(crate) data: String,
    pub(crate) created_at: i64,
}

/// A stored event.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct EventRow {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) event_type: String,
    pub(crate) data: String,
    pub(crate) created_at: i64,
}

/// A POST to be made. Without `Debug`, for its secret.
pub(crate) struct NewDelivery {
    pub(crate) event_id: String,
    pub(crate) url: String,
    /// Signs the body; a per-job callback has none.
    pub(crate) secret: Option<String>,
    pub(crate) body: String,
    pub(crate) next_at: i64,
}

/// A stored delivery.
#[derive(Clone, FromRow)]
pub(crate) struct DeliveryRow {
    pub(crate) seq: i64,
    pub(crate) job_id: String,
    pub(crate) event_id: String,
    pub(crate) url: String,
    pub(crate) secret: Option<String>,
    pub(crate) body: String,
    pub(crate) attempts: i64,
}

impl std::fmt::Debug for DeliveryRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeliveryRow")
            .field("seq", &self.seq)
            .finish_non_exhaustive()
    }
}

pub(super) async fn insert_event(tx: &mut Transaction<'_, Sqlite>, event: &NewEvent) -> Stored<()> {
    sqlx::query(
        "insert into events (id, event_type, entity_id, data, created_at) values (?, ?, ?, ?, ?)",
    )
    .bind(&event.id)
    .bind(event.event_type)
    .bind(&event.entity_id)
    .bind(&event.data)
    .bind(event.created_at)
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub(super) async fn insert_delivery(
    tx: &mut Transaction<'_, Sqlite>,
    job_id: &str,
    delivery: &NewDelivery,
) -> Stored<()> {
    sqlx::query(
        "insert into deliveries (job_id, event_id, url, secret, body, next_at)
         values (?, ?, ?, ?, ?, ?)",
    )
    .bind(job_id)
    .bind(&delivery.event_id)
    .bind(&delivery.url)
    .bind(&delivery.secret)
    .bind(&delivery.body)
    .bind(delivery.next_at)
    .execute(&mut **tx)
    .await
    .map(drop)
}

impl Change {
    /// Registers an endpoint.
    pub(crate) async fn insert_endpoint(&mut self, endpoint: &EndpointRow) -> Stored<()> {
        sqlx::query(
            "insert into endpoints (id, url, events, entity_id, secret, status, created_at)
             values (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&endpoint.id)
        .bind(&endpoint.url)
        .bind(&endpoint.events)
        .bind(&endpoint.entity_id)
        .bind(&endpoint.secret)
        .bind(&endpoint.status)
        .bind(endpoint.created_at)
        .execute(&mut *self.0)
        .await
        .map(drop)
    }

    /// Replaces an endpoint's secret; the old one is worth nothing from then on.
    pub(crate) async fn rotate_secret(
        &mut self,
        id: &str,
        secret: &str,
    ) -> Stored<Option<EndpointRow>> {
        sqlx::query_as("update endpoints set secret = ? where id = ? returning *")
            .bind(secret)
            .bind(id)
            .fetch_optional(&mut *self.0)
            .await
    }
}

impl Store {
    /// Endpoints, newest first, older than `before`.
    pub(crate) async fn endpoints(
        &self,
        before: Option<i64>,
        limit: i64,
    ) -> Stored<Vec<EndpointRow>> {
        sqlx::query_as("select * from endpoints where seq < ? order by seq desc limit ?")
            .bind(before.unwrap_or(i64::MAX))
            .bind(limit)
            .fetch_all(&self.pool)
            .await
    }

    /// Changes an endpoint's address, events or both (`None` leaves a column as it is).
    pub(crate) async fn update_endpoint(
        &self,
        id: &str,
        url: Option<&str>,
        events: Option<&str>,
    ) -> Stored<Option<EndpointRow>> {
        sqlx::query_as(
            "update endpoints set url = coalesce(?, url), events = coalesce(?, events)
             where id = ? returning *",
        )
        .bind(url)
        .bind(events)
        .bind(id)
        .fetch_optional(&self.pool)
        .await
    }

    /// Removes an endpoint. `false` when there is none.
    pub(crate) async fn remove_endpoint(&self, id: &str) -> Stored<bool> {
        let removed = sqlx::query("delete from endpoints where id = ?")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(removed.rows_affected() == 1)
    }

    /// Events, newest first, older than `before`, of one type or entity where given.
    pub(crate) async fn events(
        &self,
        event_type: Option<&str>,
        entity_id: Option<&str>,
        before: Option<i64>,
        limit: i64,
    ) -> Stored<Vec<EventRow>> {
        sqlx::query_as(
            "select * from events
             where (?1 is null or event_type = ?1) and (?2 is null or entity_id = ?2) and seq < ?3
             order by seq desc limit ?4",
        )
        .bind(event_type)
        .bind(entity_id)
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(&self.pool)
        .await
    }

    /// Deliveries whose time has come, oldest first.
    pub(crate) async fn due_deliveries(&self, now: i64, limit: i64) -> Stored<Vec<DeliveryRow>> {
        sqlx::query_as(
            "select * from deliveries where status = 'waiting' and next_at <= ?
             order by next_at, seq limit ?",
        )
        .bind(now)
        .bind(limit)
        .fetch_all(&self.pool)
        .await
    }

    /// Writes down how an attempt ended: delivered (`Ok`), to be tried again, or given up.
    pub(crate) async fn settle_delivery(
        &self,
        seq: i64,
        outcome: Result<(), (&str, Option<i64>)>,
    ) -> Stored<()> {
        let (status, error, next_at) = match outcome {
            Ok(()) => ("delivered", None, None),
            Err((error, Some(next_at))) => ("waiting", Some(error), Some(next_at)),
            Err((error, None)) => ("given up", Some(error), None),
        };
        sqlx::query(
            "update deliveries set status = ?, last_error = ?, attempts = attempts + 1,
                    next_at = coalesce(?, next_at) where seq = ?",
        )
        .bind(status)
        .bind(error)
        .bind(next_at)
        .bind(seq)
        .execute(&self.pool)
        .await
        .map(drop)
    }
}
