//! `/v3/webhooks`: endpoints, their secrets, and the log of events. Deliveries are made by `deliver`.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;

use super::Id;
use super::gate::{self, Checked, Keyed};
use super::jobs::Paging;
use super::reply::{self, Answer, Refusal};
use crate::app::{App, new_id};
use crate::store::EndpointRow;
use crate::wire;

const ENDPOINTS: &str = "endpoints";
const EVENTS: &str = "events";

#[derive(Debug, Deserialize)]
struct Create {
    url: String,
    events: Option<Vec<String>>,
    entity_id: Option<String>,
}

/// Registers an endpoint. Its secret is shown here and never again.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    keyed: Option<Keyed>,
    body: Checked,
) -> Answer {
    let create: Create = body.read()?;
    check_url(&app, &create.url)?;
    let endpoint = EndpointRow {
        seq: 0,
        id: new_id("ep_"),
        url: create.url,
        events: create.events.map(as_text).transpose()?,
        entity_id: create.entity_id,
        secret: new_secret(),
        status: "enabled".to_owned(),
        created_at: app.clock.now(),
    };
    let response = reply::data(wire::webhooks::endpoint(&endpoint, true))?;
    let mut change = app.store.change().await?;
    change.insert_endpoint(&endpoint).await?;
    gate::finish(change, keyed, response).await
}

/// One page of endpoints, newest first.
pub(super) async fn list(State(app): State<Arc<App>>, paging: Paging) -> Answer {
    let before = paging.before(&app, ENDPOINTS)?;
    let mut rows = app.store.endpoints(before, paging.rows()).await?;
    let next = paging.cut(&app, ENDPOINTS, &mut rows, |row| row.seq);
    let rows = rows.iter().map(|row| wire::webhooks::endpoint(row, false));
    reply::page(rows.collect(), next.as_deref())
}

/// A field that is absent or null stays as it is.
#[derive(Debug, Deserialize)]
struct Update {
    url: Option<String>,
    events: Option<Vec<String>>,
}

/// Changes an endpoint; `events` replaces the whole list.
pub(super) async fn update(State(app): State<Arc<App>>, Id(id): Id, body: Checked) -> Answer {
    let update: Update = body.read()?;
    if let Some(url) = &update.url {
        check_url(&app, url)?;
    }
    let events = update.events.map(as_text).transpose()?;
    let row = app
        .store
        .update_endpoint(&id, update.url.as_deref(), events.as_deref())
        .await?;
    let row = row.ok_or_else(|| no_endpoint(&id))?;
    reply::data(wire::webhooks::endpoint(&row, false))
}

/// Removes an endpoint.
pub(super) async fn delete(State(app): State<Arc<App>>, Id(id): Id) -> Answer {
    if !app.store.remove_endpoint(&id).await? {
        return Err(no_endpoint(&id));
    }
    reply::data(Ok(json!({})))
}

/// Gives an endpoint a new secret; the old one signs nothing from now on.
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    Id(id): Id,
    keyed: Option<Keyed>,
) -> Answer {
    let mut change = app.store.change().await?;
    let row = change.rotate_secret(&id, &new_secret()).await?;
    let row = row.ok_or_else(|| no_endpoint(&id))?;
    let response = reply::data(wire::webhooks::endpoint(&row, true))?;
    gate::finish(change, keyed, response).await
}

/// The events that this emulator sends.
pub(super) async fn event_types() -> Answer {
    reply::page(wire::webhooks::event_types(), None)
}

/// One page of what happened, newest first.
pub(super) async fn events(State(app): State<Arc<App>>, paging: Paging) -> Answer {
    let before = paging.before(&app, EVENTS)?;
    let (event_type, entity) = (paging.get("event_type"), paging.get("entity_id"));
    let mut rows = app
        .store
        .events(event_type, entity, before, paging.rows())
        .await?;
    let next = paging.cut(&app, EVENTS, &mut rows, |row| row.seq);
    reply::page(
        rows.into_iter().map(wire::webhooks::event).collect(),
        next.as_deref(),
    )
}

fn check_url(app: &App, url: &str) -> Answer<()> {
    let checked = app.fetcher.guard().check(url);
    checked
        .map(drop)
        .map_err(|refused| Refusal::parameter("url", refused.0))
}

fn no_endpoint(id: &str) -> Refusal {
    Refusal::not_found(
        "webhook_not_found",
        format!("there is no webhook endpoint {id}"),
    )
}

fn new_secret() -> String {
    let bytes: [u8; 24] = rand::random();
    format!("whsec_{}", hex::encode(bytes))
}

#[allow(clippy::needless_pass_by_value, reason = "it is what `map` hands over")]
fn as_text(events: Vec<String>) -> Answer<String> {
    serde_json::to_string(&events).map_err(Refusal::internal)
}
