//! Exact windows: the first and the last frame are the right ones, and the sound is in step.

use clip_engine::{Aspect, ClipSpec, Framing};

use crate::support::clip::Clip;
use crate::support::picture::Luma;
use crate::support::source::Source;
use crate::support::{Numbers, on_each_backend};

const FRAMES: u32 = 7500;
const CHIRP_SECONDS: f64 = 94.0 * 1024.0 / 48_000.0;

/// Sixty random windows of a five-minute video: all frames of each are the right ones, in order.
#[tokio::test]
async fn sixty_random_windows_of_five_minutes_have_the_right_frames() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("five-minutes.mp4");
    Source::steady(FRAMES).write(&source);
    on_each_backend(async |engine| {
        let info = engine.probe(&source).await.unwrap();
        assert_eq!((info.width, info.height, info.frame_rate), (320, 176, 25.0));
        assert!(info.has_audio && !info.variable_frame_rate);
        assert!((info.duration_seconds - 300.0).abs() < 1e-6);

        let mut numbers = Numbers(7);
        let clip = folder.path().join("clip.mp4");
        for round in 0..60 {
            let start = numbers.below(298_000) as f64 / 1000.0;
            let end = (start + 0.2 + numbers.below(1800) as f64 / 1000.0).min(300.0);
            let first = (start * 25.0 - 0.0125).ceil() as usize;
            let last = (end * 25.0 - 0.0125).ceil() as usize - 1;
            let aspect = [Aspect::Portrait, Aspect::Square, Aspect::Landscape][round % 3];
            let spec = ClipSpec::new(start, end).framing(Framing::new(aspect));
            let report = engine.cut(&source, &spec, &clip).await.unwrap();

            let label = format!("{:?} {start}-{end}", engine.backend());
            let read = Clip::read(&clip);
            let expected: Vec<Option<usize>> = (first..=last).map(Some).collect();
            assert_eq!(read.numbers(|_| (22.0, 22.0)), expected, "{label}");
            let length = (last + 1 - first) as f64 / 25.0;
            assert_eq!(report.frames, (last + 1 - first) as u64, "{label}");
            assert!((report.duration_seconds - length).abs() < 1e-6, "{label}");
            assert!((read.duration_seconds - length).abs() < 1e-6, "{label}");
            assert!(
                (report.start_seconds - first as f64 / 25.0).abs() < 1e-6,
                "{label}"
            );
            assert!(
                (read.sound_seconds - length).abs() < 1024.0 / 48_000.0,
                "{label}"
            );
            let size = (
                read.frames[0].1.width as u32,
                read.frames[0].1.height as u32,
            );
            assert_eq!(size, (report.width, report.height));
            assert_eq!(
                size,
                [(98, 176), (176, 176), (312, 176)][round % 3],
                "{label}"
            );
            assert_in_step(&read, first as f64 / 25.0, &label);
            assert_eq!(read.layout[..2], ["ftyp", "moov"], "the index comes first");
        }
    })
    .await;
}

/// The tone's pitch tells which moment of the source is heard.
fn assert_in_step(clip: &Clip, start: f64, label: &str) {
    let mut heard = 0;
    let mut at = 0.06;
    while at < clip.sound_seconds - 0.06 {
        let phase = (start + at) % CHIRP_SECONDS;
        // Where the tone starts over, there is no one pitch.
        if phase > 0.05 && phase < CHIRP_SECONDS - 0.05 {
            let off = (clip.pitch(at) - 400.0) / 1350.0 - phase;
            assert!(
                off.abs() < 1024.0 / 48_000.0,
                "{label}: the sound is off by {off} s at {at}"
            );
            heard += 1;
        }
        at += 0.05;
    }
    assert!(heard > 0, "{label}: nothing was compared");
}

#[tokio::test]
async fn frames_of_uneven_length_keep_their_times_and_are_held_at_the_edges() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("uneven.mp4");
    // 40 ms, then 20 ms, then one frame that stands for two seconds, then 40 ms again.
    let mut times: Vec<u32> = (0..50).map(|frame| frame * 40).collect();
    times.extend((0..50).map(|frame| 2000 + frame * 20));
    times.extend((0..50).map(|frame| 5000 + frame * 40));
    Source {
        times,
        timescale: 1000,
        end: 7000,
        audio: false,
        ..Source::steady(0)
    }
    .write(&source);
    on_each_backend(async |engine| {
        let label = format!("{:?}", engine.backend());
        let info = engine.probe(&source).await.unwrap();
        assert!(info.variable_frame_rate && !info.has_audio, "{label}");
        let clip = folder.path().join("clip.mp4");
        let cut = async |start: f64, end: f64| {
            let report = engine
                .cut(&source, &ClipSpec::new(start, end), &clip)
                .await
                .unwrap();
            (report, Clip::read(&clip))
        };
        let (_, read) = cut(1.9, 2.1).await;
        let numbers: Vec<usize> = read
            .numbers(|_| (22.0, 22.0))
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(numbers, [48, 49, 50, 51, 52, 53, 54], "{label}");
        let times: Vec<u32> = read
            .frames
            .iter()
            .map(|(time, _)| (time * 1000.0).round() as u32)
            .collect();
        assert_eq!(times, [0, 40, 80, 100, 120, 140, 160], "{label}");

        // Frame 99, at 2.98 s, stands until 5 s: it is on screen at 4 s.
        let (report, read) = cut(4.0, 5.08).await;
        let numbers: Vec<usize> = read
            .numbers(|_| (22.0, 22.0))
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(numbers, [99, 100, 101], "{label}");
        let times: Vec<u32> = read
            .frames
            .iter()
            .map(|(time, _)| (time * 1000.0).round() as u32)
            .collect();
        assert_eq!(times, [0, 1000, 1040], "{label}");
        assert!((report.start_seconds - 4.0).abs() < 1e-6, "{label}");
        assert!(
            (report.duration_seconds - 1.08).abs() < 0.001,
            "{label}: {report:?}"
        );
    })
    .await;
}

/// Reordered frames: the display order is what counts.
#[tokio::test]
async fn windows_of_a_video_with_b_frames_are_exact() {
    let folder = tempfile::tempdir().unwrap();
    let source = crate::support::fixture("b-frames.mp4");
    on_each_backend(async |engine| {
        let clip = folder.path().join("clip.mp4");
        let mut numbers = Numbers(11);
        for _ in 0..12 {
            let first = numbers.below(130) as usize;
            let count = 5 + numbers.below(15) as usize;
            let spec = ClipSpec::new(first as f64 / 25.0, (first + count) as f64 / 25.0);
            engine.cut(&source, &spec, &clip).await.unwrap();
            let read = Clip::read(&clip);
            let expected: Vec<Option<usize>> = (first..first + count).map(Some).collect();
            let label = format!("{:?} from {first}", engine.backend());
            assert_eq!(read.numbers(|_| (12.0, 12.0)), expected, "{label}");
            assert_in_step(&read, first as f64 / 25.0, &label);
        }
    })
    .await;
}

#[tokio::test]
async fn the_same_window_twice_is_the_same_file_on_the_embedded_backend() {
    let folder = tempfile::tempdir().unwrap();
    let engine = crate::support::embedded().build().unwrap();
    let source = crate::support::fixture("b-frames.mp4");
    let spec = ClipSpec::new(1.0, 2.0)
        .framing(Framing::new(Aspect::Square))
        .thumbnail(true);
    let mut made = Vec::new();
    for name in ["one.mp4", "two.mp4"] {
        let path = folder.path().join(name);
        engine.cut(&source, &spec, &path).await.unwrap();
        made.push((
            std::fs::read(&path).unwrap(),
            std::fs::read(path.with_extension("jpg")).unwrap(),
        ));
    }
    assert!(made[0] == made[1], "the files differ");
}

#[tokio::test]
async fn a_height_enlarges_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let source = crate::support::fixture("b-frames.mp4");
    on_each_backend(async |engine| {
        let clip = folder.path().join("clip.mp4");
        let framing = Framing::new(Aspect::Portrait).height(320);
        let spec = ClipSpec::new(1.0, 1.4).framing(framing);
        let report = engine.cut(&source, &spec, &clip).await.unwrap();
        assert_eq!((report.width, report.height), (180, 320));
        let cell = |luma: &Luma| (luma.height as f64 / 8.0, luma.height as f64 / 8.0);
        let numbers: Vec<usize> = Clip::read(&clip)
            .numbers(cell)
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(numbers, (25..35).collect::<Vec<_>>());
    })
    .await;
}
