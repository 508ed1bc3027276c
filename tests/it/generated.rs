//! The checked-in clients are what `build.rs` generates.

use crate::support::text;

#[test]
fn checked_in_clients_are_the_generated_ones() {
    for dialect in ["ai_clipping", "clips"] {
        let fresh = std::fs::read_to_string(format!("{}/{dialect}.rs", env!("OUT_DIR"))).unwrap();
        let copy = format!("src/generated/{dialect}.rs");
        let same = text(&copy) == fresh;
        assert!(
            same,
            "{copy} is stale: run `cargo xtask generate` and commit the result"
        );
    }
}

#[test]
fn what_is_sent_has_a_builder_and_what_arrives_has_none() {
    for (dialect, sent) in [
        (
            "ai_clipping",
            &[
                "CompleteDirectUploadRequest",
                "CreateAiClippingRequest",
                "CreateDirectUploadRequest",
                "CreateWebhookEndpointRequest",
                "HighlightOutputSettingsInput",
                "UpdateWebhookEndpointRequest",
            ][..],
        ),
        ("clips", &["ClipWindow", "CreateClipsRequest"]),
    ] {
        let code = text(&format!("src/generated/{dialect}.rs"));
        let named = |before: &str, end: char| -> Vec<&str> {
            let after = code.split(before).skip(1);
            after.filter_map(|rest| rest.split(end).next()).collect()
        };
        assert_eq!(named("pub fn builder() -> builder::", ' '), sent);
        // Nor is a builder left that nothing leads to.
        assert_eq!(named("::std::convert::From<super::", '>'), sent);
    }
}
