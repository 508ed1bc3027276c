//! Replies of `/v3/webhooks`, and what is delivered.

use heygen_clips_openapi::ai_clipping::types::{
    WebhookEndpoint, WebhookEvent, WebhookEventTypeInfo,
};
use serde_json::{Map, Value, json};

use super::{Wire, with_nulls};
use crate::store::{EndpointRow, EventRow};

/// What this emulator tells about, with what it means.
const EVENT_TYPES: [(&str, &str); 4] = [
    ("ai_clipping.success", "an /v3/ai-clipping job completed"),
    ("ai_clipping.fail", "an /v3/ai-clipping job failed"),
    ("clips.success", "a /v3/clips job completed"),
    ("clips.fail", "a /v3/clips job failed"),
];

/// An endpoint; its secret only where it is new.
pub(crate) fn endpoint(row: &EndpointRow, with_secret: bool) -> Wire {
    let events = row
        .events
        .as_deref()
        .map(serde_json::from_str)
        .transpose()?;
    let reply = WebhookEndpoint {
        endpoint_id: row.id.clone(),
        url: row.url.clone(),
        events,
        status: row.status.clone(),
        secret: with_secret.then(|| row.secret.clone()),
        created_at: iso(row.created_at),
        extra: Map::new(),
    };
    with_nulls(&reply, &["events", "secret"])
}

/// The event types that exist here.
pub(crate) fn event_types() -> serde_json::Result<Vec<Value>> {
    let info = |(kind, text): &(&str, &str)| {
        let (event_type, description) = ((*kind).to_owned(), (*text).to_owned());
        serde_json::to_value(WebhookEventTypeInfo {
            event_type,
            description,
            extra: Map::new(),
        })
    };
    EVENT_TYPES.iter().map(info).collect()
}

/// An entry of the event log.
pub(crate) fn event(row: EventRow) -> Wire {
    serde_json::to_value(WebhookEvent {
        event_id: row.id,
        event_type: row.event_type,
        event_data: serde_json::from_str(&row.data)?,
        created_at: iso(row.created_at),
        extra: Map::new(),
    })
}

/// The body of a delivery. Written by hand, because it carries the job as the log of events keeps it.
pub(crate) fn delivery(event_id: &str, kind: &str, data: &Value, created_at: i64) -> Value {
    json!({
        "event_type": kind,
        "event_data": data,
        "event_id": event_id,
        "created_at": iso(created_at),
    })
}

/// ISO 8601, which webhooks use where jobs use Unix seconds.
fn iso(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .unwrap_or_default()
        .to_string()
}
