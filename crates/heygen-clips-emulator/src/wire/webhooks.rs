//! Replies of `/v3/webhooks`, and what is delivered.

use serde_json::{Value, json};

use crate::store::{EndpointRow, EventRow};

/// What this emulator tells about, with what it means.
pub(crate) const EVENT_TYPES: [(&str, &str); 4] = [
    ("ai_clipping.success", "an /v3/ai-clipping job completed"),
    ("ai_clipping.fail", "an /v3/ai-clipping job failed"),
    ("clips.success", "a /v3/clips job completed"),
    ("clips.fail", "a /v3/clips job failed"),
];

/// An endpoint; its secret only where it is new.
pub(crate) fn endpoint(row: &EndpointRow, with_secret: bool) -> Value {
    let events = row
        .events
        .as_deref()
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    json!({
        "endpoint_id": row.id,
        "url": row.url,
        "events": events,
        "status": row.status,
        "secret": with_secret.then_some(&row.secret),
        "created_at": iso(row.created_at),
    })
}

pub(crate) fn event_types() -> serde_json::Result<Vec<Value>> {
    let info = |(kind, text): &(&str, &str)| json!({ "event_type": kind, "description": text });
    Ok(EVENT_TYPES.iter().map(info).collect())
}

pub(crate) fn event(row: EventRow) -> serde_json::Result<Value> {
    let data: Value = serde_json::from_str(&row.data)?;
    Ok(json!({
        "event_id": row.id,
        "event_type": row.event_type,
        "event_data": data,
        "created_at": iso(row.created_at),
    }))
}

/// The body of a delivery.
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
