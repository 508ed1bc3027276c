//! Damaged files: each gives a clip or an error, never a panic, a hang or half a file.

use std::time::Duration;

use clip_engine::{ClipSpec, Engine, Limits, SelectSpec};

use crate::support::clip::Clip;
use crate::support::source::Source;
use crate::support::{Numbers, embedded, files_in, fixture, worker};

/// One of eight ways to damage a file.
fn damaged(original: &[u8], numbers: &mut Numbers, way: usize) -> Vec<u8> {
    let mut bytes = original.to_vec();
    let place = |numbers: &mut Numbers| numbers.below(original.len() as u64) as usize;
    // The index is small and interesting: half of the hits go there.
    let index = original
        .windows(4)
        .position(|name| name == b"moov")
        .unwrap_or(0);
    let in_index = |numbers: &mut Numbers| {
        let size = (original.len() - index).min(6000) as u64;
        index + numbers.below(size) as usize
    };
    match way {
        0 => bytes.truncate(place(numbers)),
        1 => bytes[place(numbers)] ^= 1 << numbers.below(8),
        2 => bytes[in_index(numbers)] ^= 1 << numbers.below(8),
        3 => {
            for _ in 0..20 {
                bytes[in_index(numbers)] = numbers.below(256) as u8;
            }
        }
        4 => {
            // A size or a count that claims everything.
            let at = in_index(numbers).min(bytes.len() - 4) & !3;
            bytes[at..at + 4].copy_from_slice(&u32::MAX.to_be_bytes());
        }
        5 => {
            let (at, length) = (place(numbers), numbers.below(2000) as usize);
            let end = (at + length).min(bytes.len());
            bytes[at..end].fill(0);
        }
        6 => {
            let (from, to) = (place(numbers), place(numbers));
            let length = (numbers.below(500) as usize).min(bytes.len() - from.max(to));
            bytes.copy_within(from..from + length, to);
        }
        _ => {
            for _ in 0..50 {
                let at = place(numbers);
                bytes[at] = numbers.below(256) as u8;
            }
        }
    }
    bytes
}

/// Cuts, picks and reads out of `files` damaged files; tells how many gave a clip and how many an error.
async fn cut_damaged(engine: &Engine, files: usize) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("ours.mp4");
    Source {
        width: 64,
        height: 48,
        ..Source::steady(60)
    }
    .write(&ours);
    let originals = [
        std::fs::read(&ours).unwrap(),
        std::fs::read(fixture("b-frames.mp4")).unwrap(),
        std::fs::read(fixture("fragmented.mp4")).unwrap(),
        std::fs::read(fixture("subtitled.mp4")).unwrap(),
    ];
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let mut numbers = Numbers(2026);
    let (mut clips, mut errors) = (0, 0);
    for round in 0..files {
        let original = &originals[round % originals.len()];
        let bytes = damaged(original, &mut numbers, round / originals.len() % 8);
        let source = folder.path().join("damaged.mp4");
        std::fs::write(&source, &bytes).unwrap();
        let clip = out.join("clip.mp4");
        match engine.cut(&source, &ClipSpec::new(0.4, 1.2), &clip).await {
            Ok(report) => {
                // Whatever is reported is really there.
                assert_eq!(
                    Clip::read(&clip).frames.len() as u64,
                    report.frames,
                    "file {round}"
                );
                std::fs::remove_file(&clip).unwrap();
                clips += 1;
            }
            Err(error) => {
                let told = error.is_damaged() || error.is_unsupported() || error.is_invalid();
                let text = error.to_string();
                let calm = !text.contains("panicked") && !text.contains(" @ 0x");
                assert!(told && calm, "file {round}: {error:?}");
                errors += 1;
            }
        }
        assert_eq!(
            files_in(&out),
            Vec::<String>::new(),
            "file {round} left something behind"
        );
        if round % 8 == 0 {
            // What else reads the file must not be worse.
            let calm = |error: clip_engine::Error| {
                let text = error.to_string();
                assert!(!text.contains("panicked"), "file {round}: {error:?}");
            };
            let spec = SelectSpec::count(1);
            let _ = engine.select(&source, &spec).await.map_err(calm);
            let _ = engine.subtitles(&source, 0).await.map_err(calm);
        }
    }
    println!("{files} damaged files: {clips} clips, {errors} errors");
    (clips, errors)
}

fn limits() -> Limits {
    Limits::default()
        .wall_time(Duration::from_secs(60))
        .memory_bytes(1 << 30)
}

#[tokio::test]
async fn damaged_files_give_a_clip_or_an_error() {
    let engine = embedded().worker(worker()).limits(limits());
    let (clips, errors) = cut_damaged(&engine.build().unwrap(), 520).await;
    assert!(clips > 50 && errors > 100, "{clips} clips, {errors} errors");
}

/// Fewer, as each is a process or two more.
#[tokio::test]
async fn damaged_files_give_a_clip_or_an_error_with_ffmpeg_too() {
    let Some(builder) = crate::support::ffmpeg() else {
        return;
    };
    let engine = builder.worker(worker()).limits(limits());
    let (clips, errors) = cut_damaged(&engine.build().unwrap(), 128).await;
    assert!(clips > 20 && errors > 20, "{clips} clips, {errors} errors");
}
