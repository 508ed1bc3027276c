//! Kinds of input: each gives a right clip or a refusal that names what is in the way.

use clip_engine::{Aspect, ClipSpec, Framing};

use crate::support::clip::Clip;
use crate::support::source::Source;
use crate::support::{embedded, files_in, fixture, on_each_backend};

fn numbers(clip: &Clip, cell: (f64, f64)) -> Vec<usize> {
    clip.numbers(|_| cell).into_iter().flatten().collect()
}

#[tokio::test]
async fn a_turned_video_is_cut_as_it_is_shown() {
    for (rotation, quarters) in [(90, 3), (180, 2), (270, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("turned.mp4");
        Source {
            rotation,
            audio: false,
            ..Source::steady(30)
        }
        .write(&source);
        on_each_backend(async |engine| {
            let label = format!("{:?} {rotation}", engine.backend());
            let info = engine.probe(&source).await.unwrap();
            let upright = if rotation == 180 {
                (320, 176)
            } else {
                (176, 320)
            };
            assert_eq!((info.width, info.height), upright, "{label}");
            assert_eq!(info.rotation_degrees, rotation, "{label}");
            let path = folder.path().join("clip.mp4");
            let spec = ClipSpec::new(0.4, 0.8).framing(Framing::new(Aspect::Square));
            engine.cut(&source, &spec, &path).await.unwrap();
            let mut clip = Clip::read(&path);
            for (_, luma) in &mut clip.frames {
                // Turned back, the numbers can be read.
                *luma = luma.turned(quarters);
            }
            assert_eq!(
                numbers(&clip, (22.0, 22.0)),
                (10..20).collect::<Vec<_>>(),
                "{label}"
            );
        })
        .await;
    }
}

#[tokio::test]
async fn pixels_that_are_not_square_are_stretched() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("anamorphic.mp4");
    Source {
        pixel_aspect: Some((3, 2)),
        audio: false,
        ..Source::steady(30)
    }
    .write(&source);
    on_each_backend(async |engine| {
        let label = format!("{:?}", engine.backend());
        let info = engine.probe(&source).await.unwrap();
        assert_eq!((info.width, info.height), (480, 176), "{label}");
        let path = folder.path().join("clip.mp4");
        let report = engine
            .cut(&source, &ClipSpec::new(0.4, 0.8), &path)
            .await
            .unwrap();
        assert_eq!((report.width, report.height), (480, 176), "{label}");
        let clip = Clip::read(&path);
        assert_eq!(
            numbers(&clip, (33.0, 22.0)),
            (10..20).collect::<Vec<_>>(),
            "{label}"
        );
    })
    .await;
}

#[tokio::test]
async fn fragmented_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("fragmented.mp4");
    Source {
        fragment: Some(20),
        frames_between_keyframes: 20,
        ..Source::steady(100)
    }
    .write(&ours);
    // In the second one the picture begins two frames after the sound.
    for (source, cell, late) in [(ours, 22.0, 0), (fixture("fragmented.mp4"), 12.0, 2)] {
        on_each_backend(async |engine| {
            let label = format!("{:?} {}", engine.backend(), source.display());
            let info = engine.probe(&source).await.unwrap();
            let length = 4.0 + late as f64 / 25.0;
            assert!(
                (info.duration_seconds - length).abs() < 1e-6,
                "{label}: {info:?}"
            );
            assert!(info.has_audio, "{label}");
            let path = folder.path().join("clip.mp4");
            let report = engine
                .cut(&source, &ClipSpec::new(1.2, 2.4), &path)
                .await
                .unwrap();
            assert!(report.has_audio, "{label}");
            let clip = Clip::read(&path);
            let expected: Vec<usize> = (30 - late..60 - late).collect();
            assert_eq!(numbers(&clip, (cell, cell)), expected, "{label}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_file_without_sound_gives_a_clip_without_sound() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("silent.mp4");
    Source {
        audio: false,
        ..Source::steady(50)
    }
    .write(&source);
    on_each_backend(async |engine| {
        let info = engine.probe(&source).await.unwrap();
        assert!(!info.has_audio && info.audio_codec.is_none());
        let path = folder.path().join("clip.mp4");
        let report = engine
            .cut(&source, &ClipSpec::new(0.0, 1.0), &path)
            .await
            .unwrap();
        assert!(!report.has_audio);
        assert!(Clip::read(&path).sound.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_edit_list_moves_the_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("edited.mp4");
    // The first second of the media is hidden.
    let edits = vec![(2 * 12_800, Some(12_800))];
    Source {
        edits,
        audio: false,
        ..Source::steady(75)
    }
    .write(&source);
    on_each_backend(async |engine| {
        let label = format!("{:?}", engine.backend());
        let info = engine.probe(&source).await.unwrap();
        assert!(
            (info.duration_seconds - 2.0).abs() < 1e-6,
            "{label}: {info:?}"
        );
        let path = folder.path().join("clip.mp4");
        engine
            .cut(&source, &ClipSpec::new(0.0, 0.4), &path)
            .await
            .unwrap();
        let clip = Clip::read(&path);
        assert_eq!(
            numbers(&clip, (22.0, 22.0)),
            (25..35).collect::<Vec<_>>(),
            "{label}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_late_picture_keeps_its_distance_to_the_sound() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("late.mp4");
    // The picture begins half a second after the sound.
    let edits = vec![(6400, None), (75 * 512, Some(0))];
    Source {
        edits,
        ..Source::steady(75)
    }
    .write(&source);
    on_each_backend(async |engine| {
        let label = format!("{:?}", engine.backend());
        let path = folder.path().join("clip.mp4");
        engine
            .cut(&source, &ClipSpec::new(1.5, 2.0), &path)
            .await
            .unwrap();
        let clip = Clip::read(&path);
        // 1.5 s of the presentation is 1 s of the picture and 1.5 s of the sound.
        let first = numbers(&clip, (22.0, 22.0))[0];
        assert!(first == 25, "{label}: {first}");
        let heard = (clip.pitch(0.25) - 400.0) / 1350.0;
        assert!((heard - 1.75).abs() < 0.021, "{label}: {heard}");
    })
    .await;
}

/// What the embedded backend refuses, and the word that names it.
#[tokio::test]
async fn the_embedded_backend_refuses_by_name_what_it_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let pieces = folder.path().join("pieces.mp4");
    let edits = vec![(12_800, Some(0)), (12_800, Some(25_600))];
    Source {
        edits,
        audio: false,
        ..Source::steady(75)
    }
    .write(&pieces);
    let text = folder.path().join("text.mp4");
    std::fs::write(&text, "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/x.ts\n").unwrap();
    let empty = folder.path().join("empty.mp4");
    std::fs::write(&empty, "").unwrap();
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();

    let engine = embedded().build().unwrap();
    for (source, word) in [
        (fixture("hevc.mp4"), "hevc"),
        (fixture("vp9.mp4"), "vp9"),
        (fixture("vp9.webm"), "Matroska or WebM"),
        (fixture("h264.mkv"), "Matroska or WebM"),
        (fixture("ten-bit.mp4"), "10-bit"),
        (fixture("full-colour.mp4"), "chroma format 3"),
        (fixture("interlaced.mp4"), "interlaced"),
        (pieces, "several pieces"),
        (text, "no MP4"),
        (empty, "no MP4"),
    ] {
        let spec = ClipSpec::new(0.0, 0.2);
        let error = engine
            .cut(&source, &spec, out.join("clip.mp4"))
            .await
            .unwrap_err();
        let name = source.file_name().unwrap().to_string_lossy().into_owned();
        assert!(error.is_unsupported(), "{name}: {error:?}");
        let message = error.to_string();
        assert!(
            message.contains(word) && message.contains(&name),
            "{message}"
        );
        assert_eq!(
            files_in(&out),
            Vec::<String>::new(),
            "{name} left something behind"
        );
    }
    let error = engine
        .probe(folder.path().join("nothing.mp4"))
        .await
        .unwrap_err();
    assert!(
        error.is_not_found() && error.to_string().contains("nothing.mp4"),
        "{error}"
    );
}

#[tokio::test]
async fn ffmpeg_reads_the_kinds_that_the_embedded_backend_refuses() {
    let Some(builder) = crate::support::ffmpeg() else {
        return;
    };
    let engine = builder.build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, codec) in [
        ("hevc.mp4", "hevc"),
        ("vp9.mp4", "vp9"),
        ("vp9.webm", "vp9"),
        ("h264.mkv", "h264"),
        ("ten-bit.mp4", "h264"),
        ("full-colour.mp4", "h264"),
        ("interlaced.mp4", "h264"),
    ] {
        let source = fixture(name);
        let info = engine.probe(&source).await.unwrap();
        assert_eq!(info.video_codec, codec, "{name}");
        let path = folder.path().join("clip.mp4");
        engine
            .cut(&source, &ClipSpec::new(0.12, 0.32), &path)
            .await
            .unwrap();
        let clip = Clip::read(&path);
        assert_eq!(numbers(&clip, (12.0, 12.0)), [3, 4, 5, 6, 7], "{name}");
    }
}

/// A transport stream begins at some time of its own and has no index to search in.
#[tokio::test]
async fn ffmpeg_cuts_exact_windows_of_a_transport_stream() {
    let Some(builder) = crate::support::ffmpeg() else {
        return;
    };
    let engine = builder.build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = fixture("h264.ts");
    let info = engine.probe(&source).await.unwrap();
    assert!((info.duration_seconds - 6.0).abs() < 0.05, "{info:?}");
    let path = folder.path().join("clip.mp4");
    for first in [0.0, 2.0, 4.4] {
        let report = engine
            .cut(&source, &ClipSpec::new(first, first + 1.0), &path)
            .await
            .unwrap();
        let expected = (report.start_seconds - (info.duration_seconds - 6.0)) * 25.0;
        let expected = expected.round() as usize;
        let clip = Clip::read(&path);
        assert_eq!(
            numbers(&clip, (12.0, 12.0)),
            (expected..expected + 25).collect::<Vec<_>>()
        );
        assert_eq!(report.frames, 25);
    }
}

#[tokio::test]
async fn ffmpeg_opens_no_playlist_and_no_network() {
    let Some(builder) = crate::support::ffmpeg() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("playlist.mp4");
    std::fs::write(&source, "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n").unwrap();
    let error = builder.build().unwrap().probe(&source).await.unwrap_err();
    assert!(error.is_unsupported(), "{error:?}");
    assert!(error.to_string().contains("no video container"), "{error}");
}

#[tokio::test]
async fn sound_of_other_kinds_is_copied_in_step() {
    let folder = tempfile::tempdir().unwrap();
    let engine = embedded().build().unwrap();
    for (name, codec) in [("mp3.mp4", "mp3"), ("opus.mp4", "opus")] {
        let path = folder.path().join(name);
        let spec = ClipSpec::new(0.4, 0.9);
        let report = engine.cut(fixture(name), &spec, &path).await.unwrap();
        assert!(report.has_audio, "{name}");
        assert_eq!(
            engine.probe(&path).await.unwrap().audio_codec.as_deref(),
            Some(codec)
        );
        assert_eq!(
            numbers(&Clip::read(&path), (12.0, 12.0)),
            (10..23).collect::<Vec<_>>(),
            "{name}"
        );
        // What a player hears, made AAC to be heard here.
        if let Some(builder) = crate::support::ffmpeg() {
            let heard = folder.path().join("heard.mp4");
            let all = ClipSpec::new(0.0, 0.5);
            builder
                .build()
                .unwrap()
                .cut(&path, &all, &heard)
                .await
                .unwrap();
            let heard = Clip::read(&heard);
            for seconds in [0.05, 0.2, 0.4] {
                let expected = 400.0 + 1350.0 * (0.4 + seconds);
                let pitch = heard.pitch(seconds);
                // A packet of MP3 or Opus is heard 24 or 20 ms long, in which the pitch rises by 32 Hz.
                assert!(
                    (pitch - expected).abs() < 32.0,
                    "{name} at {seconds}: {pitch} instead of {expected}"
                );
            }
        }
    }
}

#[tokio::test]
async fn sound_that_no_clip_can_hold_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.mp4");
    let spec = ClipSpec::new(0.2, 0.6);
    let error = embedded()
        .build()
        .unwrap()
        .cut(fixture("pcm.mov"), &spec, &path)
        .await
        .unwrap_err();
    assert!(error.is_unsupported(), "{error:?}");
    assert_eq!(
        error.to_string(),
        "pcm.mov: the sound is PCM, which the embedded backend cannot copy into a clip: give a file with AAC, \
         MP3 or Opus, or use the ffmpeg backend"
    );
    assert!(!path.exists());
    if let Some(builder) = crate::support::ffmpeg() {
        let engine = builder.build().unwrap();
        let report = engine.cut(fixture("pcm.mov"), &spec, &path).await.unwrap();
        assert!(report.has_audio);
    }
}

#[tokio::test]
async fn impossible_requests_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let source = fixture("b-frames.mp4");
    on_each_backend(async |engine| {
        for (spec, word) in [
            (ClipSpec::new(3.0, 3.0), "empty"),
            (ClipSpec::new(-1.0, 3.0), "0 or more"),
            (ClipSpec::new(6.5, 7.0), "after the video's end"),
            (
                ClipSpec::new(1.0, 2.0).framing(Framing::new(Aspect::Square).height(9999)),
                "9998",
            ),
        ] {
            let path = folder.path().join("clip.mp4");
            let error = engine.cut(&source, &spec, &path).await.unwrap_err();
            assert!(error.is_invalid(), "{error:?}");
            assert!(error.to_string().contains(word), "{error}");
        }
        assert_eq!(files_in(folder.path()), Vec::<String>::new());
    })
    .await;
}
