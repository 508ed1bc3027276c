//! Tells who asked to be told: signed webhooks to registered endpoints, and a job's own callback.
//!
//! What is to be told is stored together with the end of the job, so a restart loses none of it. A
//! receiver may hear of one event twice, and recognises it by its `Heygen-Event-Id`.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::app::{App, new_id};
use crate::links::sign_with;
use crate::store::{
    DeliveryRow, Dialect, EndpointRow, JobRow, NewDelivery, NewEvent, Status, Stored,
};
use crate::wire;

/// After so many refusals a delivery is given up: with a base of two seconds, after a minute.
const MAX_ATTEMPTS: i64 = 6;
const AT_ONCE: usize = 8;
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Ends a job and stores what is to be told about it.
pub(super) async fn finish(app: &App, job: &JobRow, failure: Option<&str>) -> Stored<()> {
    let clips = app.store.clips(&job.id).await?;
    // The row as it is read back after an earlier step, with the end that is about to be stored.
    let Some(stored) = app.store.job(&job.id).await? else {
        return Ok(());
    };
    let status = if failure.is_some() {
        Status::Failed
    } else {
        Status::Completed
    };
    let ended = JobRow {
        status,
        failure_message: failure.map(str::to_owned),
        ..stored
    };
    let data = match job.dialect {
        Dialect::Clips => wire::clips::job(app, &ended, &clips),
        Dialect::AiClipping => wire::ai_clipping::job(app, &ended, &clips, true),
    };
    let mut data = data.map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    data["callback_id"] = json!(job.callback_id);
    let event_type = match (job.dialect, status) {
        (Dialect::Clips, Status::Completed) => "clips.success",
        (Dialect::Clips, _) => "clips.fail",
        (Dialect::AiClipping, Status::Completed) => "ai_clipping.success",
        (Dialect::AiClipping, _) => "ai_clipping.fail",
    };
    let now = app.clock.now();
    let event = NewEvent {
        id: new_id("evt_"),
        event_type,
        entity_id: job.id.clone(),
        data: data.to_string(),
        created_at: now,
    };
    let body = wire::webhooks::delivery(&event.id, event_type, &data, now).to_string();
    let to = |url: String, secret: Option<String>| NewDelivery {
        event_id: event.id.clone(),
        url,
        secret,
        body: body.clone(),
        next_at: now,
    };
    let mut deliveries = Vec::new();
    let endpoints = app.store.endpoints(None, i64::MAX).await?;
    for endpoint in endpoints
        .into_iter()
        .filter(|endpoint| listens(endpoint, event_type, &job.id))
    {
        deliveries.push(to(endpoint.url, Some(endpoint.secret)));
    }
    deliveries.extend(job.callback_url.clone().map(|url| to(url, None)));
    app.store
        .finish_job(&job.id, failure, &event, &deliveries)
        .await?;
    app.told.notify_one();
    Ok(())
}

fn listens(endpoint: &EndpointRow, event_type: &str, entity: &str) -> bool {
    let events: Option<Vec<String>> = endpoint
        .events
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok());
    events.is_none_or(|events| events.iter().any(|event| event == event_type))
        && endpoint
            .entity_id
            .as_deref()
            .is_none_or(|wanted| wanted == entity)
}

/// Delivers what is due until it is aborted.
pub(crate) fn spawn(app: Arc<App>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            if let Err(cause) = deliver_due(&app).await {
                tracing::error!(%cause, "deliveries could not be read or settled");
            }
            // The clock may be one that is moved by hand, so it is looked at and not slept by.
            let _ = tokio::time::timeout(LOOK_EVERY, app.told.notified()).await;
        }
    })
}

async fn deliver_due(app: &App) -> Stored<()> {
    let due = app.store.due_deliveries(app.clock.now(), 100).await?;
    let posts = futures::stream::iter(due).map(|delivery| deliver(app, delivery));
    let mut posts = posts.buffer_unordered(AT_ONCE);
    while let Some(settled) = posts.next().await {
        settled?;
    }
    Ok(())
}

async fn deliver(app: &App, delivery: DeliveryRow) -> Stored<()> {
    let headers = headers(app.clock.now(), &delivery);
    let outcome = app
        .fetcher
        .post(&delivery.url, headers, delivery.body.clone())
        .await;
    let what = if delivery.secret.is_some() {
        "webhook"
    } else {
        "callback"
    };
    match outcome {
        Ok(()) => {
            app.log(
                &delivery.job_id,
                "info",
                &format!("the {what} was delivered"),
            )
            .await;
            app.store.settle_delivery(delivery.seq, Ok(())).await
        }
        Err(why) => {
            let tried = delivery.attempts + 1;
            let base = i64::try_from(app.settings.retry_base.as_secs()).unwrap_or(i64::MAX);
            let wait = base.saturating_mul(1 << delivery.attempts.clamp(0, 32));
            let next = (tried < MAX_ATTEMPTS).then(|| app.clock.now().saturating_add(wait));
            let then = if next.is_some() {
                "it is tried again"
            } else {
                "it is given up"
            };
            let message = format!("the {what} was not delivered, attempt {tried}: {why}; {then}");
            app.log(&delivery.job_id, "warn", &message).await;
            app.store
                .settle_delivery(delivery.seq, Err((&why, next)))
                .await
        }
    }
}

fn headers(now: i64, delivery: &DeliveryRow) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    if let Some(secret) = &delivery.secret {
        let mac = hmac::Mac::finalize(sign_with(secret.as_bytes(), delivery.body.as_bytes()));
        let signed = [
            ("heygen-signature", hex::encode(mac.into_bytes())),
            ("heygen-timestamp", now.to_string()),
            ("heygen-event-id", delivery.event_id.clone()),
        ];
        for (name, value) in signed {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
    headers
}
