//! JSON Schemas of the wire types, by name.
//!
//! The list is written out, because Rust cannot ask a module for its types; a test holds it against
//! the generated sources.

use schemars::{JsonSchema, Schema, SchemaGenerator};

/// A type's name, and how its schema is made.
type Row = (&'static str, fn(&mut SchemaGenerator) -> Schema);

/// The JSON Schema (draft 2020-12) of a type that is sent or received, by the name that the
/// documents give it; nothing where there is no such type.
///
/// It says which fields there are, of which kind, and which must be there. Lengths and ranges are
/// not in it; those are in the documents, and are checked before anything is sent. For a type that
/// this module has, `schemars::schema_for!` gives the same.
///
/// ```
/// let schema = heygen_clips::types::schema("ClipWindow").unwrap();
/// assert_eq!(schema.get("title").unwrap(), "ClipWindow");
/// assert_eq!(schema.get("additionalProperties").unwrap(), false);
/// ```
pub fn schema(name: &str) -> Option<Schema> {
    let (_, make) = rows().find(|(known, _)| *known == name)?;
    let mut generator = SchemaGenerator::default();
    Some(make(&mut generator))
}

/// The names that [`schema`] knows, in alphabetical order.
pub fn schema_names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<_> = rows().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.into_iter()
}

fn rows() -> impl Iterator<Item = Row> {
    CLIPS.iter().chain(AI_CLIPPING).copied()
}

fn root<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.root_schema_for::<T>()
}

macro_rules! rows {
    ($module:ident: $($name:ident)*) => {
        &[$((stringify!($name), root::<heygen_clips_openapi::$module::types::$name>)),*]
    };
}

/// What both dialects have, an error, is in the other list.
const CLIPS: &[Row] = rows!(clips:
    AspectRatio
    Clip
    ClipJob
    ClipJobCallback
    ClipJobCreatedBody
    ClipJobEvent
    ClipJobPage
    ClipJobStatus
    ClipJobSummary
    ClipWindow
    CreateClipsRequest
    CreateClipsRequestInstruction
    CreatedClipJob
    DeleteClipJobResponse
    DeletedClipJob
    GetClipJobResponse
    VideoSource
);

const AI_CLIPPING: &[Row] = rows!(ai_clipping:
    AiClip
    AiClipStatus
    AiClippingDelivery
    AiClippingDetail
    AiClippingPage
    AiClippingStatus
    Asset
    AssetUpload
    CaptionStyle
    CompleteDirectUploadRequest
    CompleteDirectUploadRequestChecksumSha256
    CompleteDirectUploadResponse
    CompletedDirectUpload
    CreateAiClippingRequest
    CreateAiClippingRequestTitle
    CreateAiClippingRequestVideo
    CreateAiClippingResponse
    CreateAiClippingV3Response
    CreateDirectUploadRequest
    CreateDirectUploadRequestChecksumSha256
    CreateDirectUploadRequestContentType
    CreateDirectUploadRequestFilename
    CreateDirectUploadResponse
    CreateWebhookEndpointRequest
    DeleteAiClippingV3Response
    DeleteAssetResponse
    DeleteWebhookEndpointResponse
    DeletedAiClipping
    DeletedAsset
    DirectUpload
    ErrorEnvelope
    GetAiClippingV3Response
    GetAssetResponse
    HighlightOutputSettings
    HighlightOutputSettingsCaptionStyle
    HighlightOutputSettingsInput
    HighlightOutputSettingsPrompt
    IdempotencyKey
    OutputAspectRatio
    OutputDuration
    StandardApiError
    UpdateWebhookEndpointRequest
    UploadAssetResponse
    UploadedAsset
    WebhookEndpoint
    WebhookEndpointBody
    WebhookEndpointPage
    WebhookEvent
    WebhookEventPage
    WebhookEventType
    WebhookEventTypeInfo
    WebhookEventTypes
);
