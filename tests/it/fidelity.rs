//! The generated types say what the documents say: see the crate `openapi-fidelity`.
//!
//! Each dialect has the list of its types. It is checked against the lowered document, so that a new type cannot be
//! forgotten; what it should be is printed then.

use openapi_fidelity::{Report, Subject, check, check_source};
use openapi_lower::{Options, lower};

use crate::support::{text, yaml};

/// One subject for each type of a module.
macro_rules! subjects {
    ($module:path: $($name:ident)*) => {{
        use $module as types;
        vec![$(Subject::of::<types::$name>(stringify!($name))),*]
    }};
}

fn clips() -> Vec<Subject> {
    subjects!(heygen_clips_openapi::clips::types:
        AspectRatio
        AspectRatioKnown
        Clip
        ClipJob
        ClipJobCallback
        ClipJobCreatedBody
        ClipJobEvent
        ClipJobPage
        ClipJobStatus
        ClipJobStatusKnown
        ClipJobSummary
        ClipWindow
        CreateClipsRequest
        CreateClipsRequestInstruction
        CreatedClipJob
        DeleteClipJobResponse
        DeletedClipJob
        ErrorEnvelope
        GetClipJobResponse
        StandardApiError
        VideoSource
    )
}

fn ai_clipping() -> Vec<Subject> {
    subjects!(heygen_clips_openapi::ai_clipping::types:
        AiClip
        AiClipStatus
        AiClipStatusKnown
        AiClippingDelivery
        AiClippingDetail
        AiClippingPage
        AiClippingStatus
        AiClippingStatusKnown
        Asset
        AssetUpload
        CaptionStyle
        CaptionStyleKnown
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
        HighlightOutputSettingsCaptionStyleKnown
        HighlightOutputSettingsInput
        HighlightOutputSettingsPrompt
        IdempotencyKey
        OutputAspectRatio
        OutputAspectRatioKnown
        OutputDuration
        OutputDurationKnown
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
        WebhookEventTypeKnown
        WebhookEventTypes
    )
}

/// The report on one dialect; its list of subjects is complete.
fn report(document: &str, subjects: &[Subject]) -> Report {
    let document = yaml(document);
    let (lowered, losses) = lower(&document, &Options::default()).unwrap();
    let listed: Vec<&str> = subjects.iter().map(Subject::name).collect();
    let types: Vec<&str> = lowered.types().keys().map(String::as_str).collect();
    assert_eq!(
        listed,
        types,
        "the list in tests/it/fidelity.rs should be:\n{}",
        types.join("\n")
    );
    check(&document, &lowered, &losses, subjects).unwrap()
}

#[test]
fn types_of_the_guide_dialect_say_what_its_document_says() {
    holds("clips", &report("openapi/clips.yaml", &clips()));
}

#[test]
fn types_of_the_reference_dialect_say_what_its_document_says() {
    holds(
        "ai-clipping",
        &report("openapi/ai-clipping.yaml", &ai_clipping()),
    );
}

/// Nothing is unexplained; what is explained or allowed is a snapshot, so that it is read before it is accepted.
fn holds(name: &str, report: &Report) {
    assert!(report.unexplained().next().is_none(), "{report}");
    assert!(report.notes().is_empty(), "{:#?}", report.notes());
    let counts = report.counts();
    assert!(
        counts.instances > 500 && counts.novelties > 500 && counts.examples > 10,
        "{report}"
    );
    assert!(counts.sent > 500, "{report}");
    let allowed = report
        .allowed()
        .keys()
        .map(|allowance| format!("allowed: {allowance}"));
    let explained = report.differences().iter().filter_map(|difference| {
        let loss = difference.explanation.as_ref()?;
        let (name, kind, detail) = (&difference.type_name, difference.kind, &difference.detail);
        Some(format!("{name}: {kind}: {detail}\n  because of {loss}"))
    });
    let text: Vec<String> = allowed.chain(explained).collect();
    insta::assert_snapshot!(format!("{name}-fidelity"), text.join("\n"));
}

#[test]
fn no_two_schemas_share_a_type() {
    for (document, source) in [
        ("openapi/clips.yaml", "src/generated/clips.rs"),
        ("openapi/ai-clipping.yaml", "src/generated/ai_clipping.rs"),
    ] {
        let (lowered, _) = lower(&yaml(document), &Options::default()).unwrap();
        assert_eq!(
            check_source(&lowered, &text(source)).unwrap(),
            [],
            "{source}"
        );
    }
}
