//! Choosing moments of real files: what is measured, and that both backends agree.

use clip_engine::{ClipLength, SelectSpec};

use crate::support::source::Source;
use crate::support::{fixture, on_each_backend};

#[tokio::test]
async fn moments_are_chosen_from_a_video_without_a_transcript() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("minute.mp4");
    Source::steady(1500).write(&source);
    on_each_backend(async |engine| {
        let label = format!("{:?}", engine.backend());
        let lengths = vec![ClipLength::about(10.0), ClipLength::about(20.0)];
        let spec = SelectSpec::lengths(lengths).instruction("the best part");
        let selection = engine.select(&source, &spec).await.unwrap();
        assert_eq!(selection.moments.len(), 2, "{label}: {selection:?}");
        assert!(
            selection.log.iter().any(|line| line.contains("no effect")),
            "{label}"
        );
        for moment in &selection.moments {
            let feature = |name: &str| {
                moment
                    .features
                    .iter()
                    .find(|feature| feature.name == name)
                    .unwrap()
                    .value
            };
            // The tone never pauses: everything counts as sound.
            assert!(feature("speech") > 0.95, "{label}: {moment:?}");
            assert!(moment.score > 0.0 && moment.score <= 1.0, "{label}");
            assert!(
                moment.start_seconds >= 0.0 && moment.end_seconds <= 60.0,
                "{label}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_source_of_a_few_seconds_is_one_moment() {
    on_each_backend(async |engine| {
        let spec = SelectSpec::count(1);
        let selection = engine.select(fixture("b-frames.mp4"), &spec).await.unwrap();
        let moment = &selection.moments[0];
        assert!(
            moment.start_seconds < 0.5 && moment.end_seconds > 5.5,
            "{moment:?}"
        );
    })
    .await;
}
