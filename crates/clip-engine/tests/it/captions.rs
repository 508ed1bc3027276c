//! Captions: drawn while they are said, written with the clip's own time, read from a track.

use clip_engine::{Captions, ClipSpec, Cue, Transcript};

use crate::support::clip::Clip;
use crate::support::{fixture, on_each_backend};

fn cue(start_seconds: f64, end_seconds: f64, text: &str) -> Cue {
    Cue {
        start_seconds,
        end_seconds,
        text: text.to_owned(),
    }
}

/// How many pixels of the lower quarter are as bright as words are.
fn white(luma: &crate::support::picture::Luma) -> usize {
    let from = luma.width * luma.height * 3 / 4;
    luma.data[from..]
        .iter()
        .filter(|&&pixel| pixel > 215)
        .count()
}

#[tokio::test]
async fn three_hundred_captions_are_each_seen_when_they_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let source = fixture("b-frames.mp4");
    // Two in each frame's time, of which the first is seen; a pause between all of them.
    let cues: Vec<Cue> = (0..300_u32)
        .map(|number| {
            let start = (f64::from(number) * 0.02 - 0.002).max(0.0);
            let text = if number / 2 % 2 == 0 { "W" } else { "WWWWWWWW" };
            cue(start, start + 0.015, text)
        })
        .collect();
    on_each_backend(async |engine| {
        let label = format!("{:?}", engine.backend());
        let path = folder.path().join("clip.mp4");
        let spec = ClipSpec::new(0.0, 6.0).captions(Captions::new(cues.clone()));
        engine.cut(&source, &spec, &path).await.unwrap();
        let seen: Vec<usize> = Clip::read(&path)
            .frames
            .iter()
            .map(|(_, luma)| white(luma))
            .collect();
        assert_eq!(seen.len(), 150, "{label}");
        for (index, pair) in seen.chunks(2).enumerate() {
            assert!(
                pair[0] > 0 && pair[1] > 3 * pair[0],
                "{label}: frames from {}: {pair:?}",
                2 * index
            );
        }
    })
    .await;
}

#[tokio::test]
async fn captions_are_drawn_and_written_exactly_while_they_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let source = fixture("b-frames.mp4");
    let cues = vec![
        cue(0.0, 1.0, "before"),
        cue(2.2, 2.6, "WWWW"),
        cue(2.8, 5.0, "MMMM"),
    ];
    on_each_backend(async |engine| {
        let label = format!("{:?}", engine.backend());
        let path = folder.path().join("clip.mp4");
        let spec = ClipSpec::new(2.0, 3.2).captions(Captions::new(cues.clone()));
        let report = engine.cut(&source, &spec, &path).await.unwrap();
        let vtt = std::fs::read_to_string(report.captions_path.unwrap()).unwrap();
        assert_eq!(
            vtt,
            "WEBVTT\n\n00:00:00.200 --> 00:00:00.600\nWWWW\n\n00:00:00.800 --> 00:00:01.200\nMMMM\n"
        );
        let clip = Clip::read(&path);
        for (index, (_, luma)) in clip.frames.iter().enumerate() {
            let said = (5..15).contains(&index) || index >= 20;
            assert_eq!(
                white(luma) > 20,
                said,
                "{label}: frame {index}: {}",
                white(luma)
            );
        }
        let numbers: Vec<usize> = clip
            .numbers(|_| (12.0, 12.0))
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(numbers, (50..80).collect::<Vec<_>>(), "{label}");
    })
    .await;
}

#[tokio::test]
async fn words_that_end_after_the_last_frame_add_no_frame() {
    let folder = tempfile::tempdir().unwrap();
    on_each_backend(async |engine| {
        let label = format!("{:?}", engine.backend());
        let path = folder.path().join("clip.mp4");
        // The last frame of the window is shown from 3.16 s on.
        let captions = Captions::new(vec![cue(2.2, 3.18, "WWWW")]);
        let spec = ClipSpec::new(2.0, 3.2).captions(captions);
        let report = engine
            .cut(fixture("b-frames.mp4"), &spec, &path)
            .await
            .unwrap();
        assert_eq!(Clip::read(&path).frames.len(), 30, "{label}");
        assert_eq!(report.frames, 30, "{label}");
        let log = report.log.join("\n");
        assert!(!log.contains("damaged"), "{label}: {log}");
    })
    .await;
}

#[tokio::test]
async fn a_clip_in_which_nothing_is_said_has_no_captions() {
    let folder = tempfile::tempdir().unwrap();
    on_each_backend(async |engine| {
        let path = folder.path().join("clip.mp4");
        let captions = Captions::new(vec![cue(4.0, 5.0, "later")]);
        let spec = ClipSpec::new(1.0, 2.0).captions(captions);
        let report = engine
            .cut(fixture("b-frames.mp4"), &spec, &path)
            .await
            .unwrap();
        assert_eq!(report.captions_path, None);
        assert!(
            report.log.iter().any(|line| line.contains("no captions")),
            "{:?}",
            report.log
        );
    })
    .await;
}

#[tokio::test]
async fn a_subtitle_track_is_a_transcript() {
    let expected = vec![cue(0.2, 0.8, "First words"), cue(1.0, 1.5, "and then")];
    on_each_backend(async |engine| {
        let source = fixture("subtitled.mp4");
        let info = engine.probe(&source).await.unwrap();
        assert_eq!(info.subtitles.len(), 1);
        let track = &info.subtitles[0];
        assert_eq!(
            (track.codec.as_str(), track.language.as_deref()),
            ("mov_text", Some("eng"))
        );
        assert!(track.readable);
        let transcript = engine.subtitles(&source, track.index).await.unwrap();
        assert_eq!(
            transcript,
            Transcript::new(expected.clone()),
            "{:?}",
            engine.backend()
        );
        let error = engine.subtitles(&source, 1).await.unwrap_err();
        assert!(
            error.is_invalid() && error.to_string().contains("the file has 1"),
            "{error}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_thumbnail_is_a_jpeg_of_the_clip() {
    let folder = tempfile::tempdir().unwrap();
    on_each_backend(async |engine| {
        let path = folder.path().join("clip.mp4");
        let spec = ClipSpec::new(1.0, 2.0).thumbnail(true);
        let report = engine
            .cut(fixture("b-frames.mp4"), &spec, &path)
            .await
            .unwrap();
        let jpeg = std::fs::read(report.thumbnail_path.unwrap()).unwrap();
        assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]) && jpeg.ends_with(&[0xff, 0xd9]));
        // The frame header: height and width.
        let at = jpeg
            .windows(2)
            .position(|pair| pair == [0xff, 0xc0])
            .unwrap();
        assert_eq!(jpeg[at + 5..at + 9], [0, 96, 0, 160]);
    })
    .await;
}

#[test]
fn a_transcript_beside_the_source_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("talk.mp4");
    assert_eq!(Transcript::beside(&source).unwrap(), None);
    std::fs::write(
        folder.path().join("talk.srt"),
        "1\n00:00:01,000 --> 00:00:02,000\nsrt\n",
    )
    .unwrap();
    assert_eq!(
        Transcript::beside(&source).unwrap().unwrap().cues[0].text,
        "srt"
    );
    std::fs::write(
        folder.path().join("talk.vtt"),
        "WEBVTT\n\n00:01.000 --> 00:02.000\nvtt\n",
    )
    .unwrap();
    assert_eq!(
        Transcript::beside(&source).unwrap().unwrap().cues[0].text,
        "vtt"
    );
    std::fs::write(folder.path().join("talk.vtt"), "nothing").unwrap();
    let error = Transcript::beside(&source).unwrap_err();
    assert!(
        error.is_damaged() && error.to_string().contains("talk.vtt"),
        "{error}"
    );
}
