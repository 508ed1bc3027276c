//! What is known of each operation beside its request and answer: its path, its time limit, and
//! what sending it twice does.
//!
//! Data only. `exchange` carries it out; a test holds the table against the documents.

use std::time::Duration;

use crate::config::Timeouts;

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    /// As the generated clients spell it.
    pub(crate) id: &'static str,
    /// With its parameters unfilled, so that it can be logged.
    pub(crate) path: &'static str,
    pub(crate) limit: Limit,
    pub(crate) repeat: Repeat,
}

/// Which time limit holds for an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Read,
    Create,
    Upload,
}

/// What repeating a call does at the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Nothing more than sending it once.
    Harmless,
    /// Nothing more than sending it once, because an idempotency key goes along.
    Keyed,
    /// The thing again.
    Doubles,
}

const fn row(id: &'static str, path: &'static str, limit: Limit, repeat: Repeat) -> Operation {
    Operation {
        id,
        path,
        limit,
        repeat,
    }
}

use Limit::{Create, Read, Upload};
use Repeat::{Doubles, Harmless, Keyed};

/// Every operation that this crate sends to the API.
static OPERATIONS: [Operation; 21] = [
    row("create_clip_job", "/v3/clips", Create, Doubles),
    row("list_clip_jobs", "/v3/clips", Read, Harmless),
    row("get_clip_job", "/v3/clips/{clip_job_id}", Read, Harmless),
    row("delete_clip_job", "/v3/clips/{clip_job_id}", Read, Harmless),
    row("create_ai_clipping_v3", "/v3/ai-clipping", Create, Keyed),
    row("list_ai_clippings_v3", "/v3/ai-clipping", Read, Harmless),
    row(
        "get_ai_clipping_v3",
        "/v3/ai-clipping/{job_id}",
        Read,
        Harmless,
    ),
    row(
        "delete_ai_clipping_v3",
        "/v3/ai-clipping/{job_id}",
        Read,
        Harmless,
    ),
    row("upload_asset", "/v3/assets", Upload, Keyed),
    row("get_asset", "/v3/assets/{asset_id}", Read, Harmless),
    row("delete_asset", "/v3/assets/{asset_id}", Read, Harmless),
    // A second place is reserved and runs out unused.
    row(
        "create_direct_upload",
        "/v3/assets/direct-uploads",
        Create,
        Harmless,
    ),
    row(
        "complete_direct_upload",
        "/v3/assets/{asset_id}/complete",
        Create,
        Harmless,
    ),
    row(
        "list_webhook_endpoints",
        "/v3/webhooks/endpoints",
        Read,
        Harmless,
    ),
    row(
        "create_webhook_endpoint",
        "/v3/webhooks/endpoints",
        Create,
        Doubles,
    ),
    row(
        "update_webhook_endpoint",
        "/v3/webhooks/endpoints/{endpoint_id}",
        Create,
        Harmless,
    ),
    row(
        "delete_webhook_endpoint",
        "/v3/webhooks/endpoints/{endpoint_id}",
        Read,
        Harmless,
    ),
    // A second new secret would end the first, which may have arrived.
    row(
        "rotate_webhook_endpoint_secret",
        "/v3/webhooks/endpoints/{endpoint_id}/rotate-secret",
        Create,
        Doubles,
    ),
    row(
        "list_webhook_event_types",
        "/v3/webhooks/event-types",
        Read,
        Harmless,
    ),
    row("list_webhook_events", "/v3/webhooks/events", Read, Harmless),
    // Not of the documents: what `download` asks of a signed link.
    row("download_file", "", Read, Harmless),
];

/// An operation that is not in the table: nothing good is assumed.
static UNKNOWN: Operation = row("unknown", "", Create, Doubles);

/// The row of an operation.
pub(crate) fn find(id: &str) -> &'static Operation {
    OPERATIONS
        .iter()
        .find(|operation| operation.id == id)
        .unwrap_or(&UNKNOWN)
}

/// An operation's id as the generated clients spell it: `create_ai_clipping_v3` of
/// `createAiClippingV3`.
#[cfg(any(test, feature = "observe"))]
pub(crate) fn snake(id: &str) -> String {
    let mut out = String::new();
    for letter in id.chars() {
        if letter.is_uppercase() {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

impl Limit {
    pub(crate) fn of(self, timeouts: &Timeouts) -> Duration {
        match self {
            Self::Read => timeouts.read,
            Self::Create => timeouts.create,
            Self::Upload => timeouts.upload,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::{OPERATIONS, Repeat, snake};

    #[test]
    fn the_table_says_what_the_documents_say() {
        let mut rows: BTreeMap<_, _> = OPERATIONS
            .iter()
            .filter(|row| !row.path.is_empty())
            .map(|row| (row.id, row))
            .collect();
        for document in [
            heygen_clips_openapi::clips::DOCUMENT,
            heygen_clips_openapi::ai_clipping::DOCUMENT,
        ] {
            let document: Value = serde_saphyr::from_str(document).unwrap();
            for (path, item) in document["paths"].as_object().unwrap() {
                for (method, operation) in item.as_object().unwrap() {
                    let Some(id) = operation["operationId"].as_str() else {
                        continue;
                    };
                    let row = rows.remove(snake(id).as_str()).expect(id);
                    assert_eq!(row.path, path);
                    let takes_key = operation["parameters"].as_array().is_some_and(|list| {
                        list.iter()
                            .any(|it| it["$ref"] == "#/components/parameters/IdempotencyKey")
                    });
                    assert_eq!(row.repeat == Repeat::Keyed, takes_key, "{id}");
                    if matches!(method.as_str(), "get" | "delete") {
                        assert_eq!(row.repeat, Repeat::Harmless, "{id}");
                    }
                }
            }
        }
        assert!(rows.is_empty(), "in no document: {rows:?}");
    }
}
