//! The wire types that calls take and give, as the raw crate generates them from the documents.
//!
//! What comes from the server is open: fields that the document does not declare are in `extra`, by
//! their names, and a word that is not in the document decodes to an `Unknown` arm that keeps it.
//! Written again, such a value is as it came.

#[cfg(feature = "schemars")]
mod schemas;

#[cfg(feature = "schemars")]
pub use schemas::{schema, schema_names};

pub use heygen_clips_openapi::ai_clipping::types::{
    AiClip, AiClippingDetail as AiClippingJob, Asset, UploadedAsset, WebhookEndpoint, WebhookEvent,
    WebhookEventTypeInfo,
};
pub use heygen_clips_openapi::clips::types::{Clip, ClipJob, ClipJobSummary};

use serde::de::DeserializeOwned;
use serde_json::Value;

/// A value as one of the types. By way of its text, so that the types are compiled for one reader only.
pub(crate) fn read<T: DeserializeOwned>(value: &Value) -> serde_json::Result<T> {
    serde_json::from_slice(&serde_json::to_vec(value)?)
}
