//! `demo`: from the sample that is built in to captioned clips on disk, with the built-in engine.

use crate::run::{clip, run};

#[test]
fn the_sample_becomes_at_least_three_captioned_portrait_clips() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("clips");
    let ran = run(
        &[
            "demo",
            "--backend",
            "embedded",
            "--output",
            output.to_str().unwrap(),
        ],
        &[],
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));

    let mut lines = ran.stdout.lines();
    let headings: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(
        headings,
        [
            "file",
            "start-end",
            "duration",
            "pixels",
            "score",
            "captions",
            "label"
        ]
    );
    let rows: Vec<&str> = lines.collect();
    assert!(rows.len() >= 3, "{}", ran.stdout);
    for row in rows {
        let cells: Vec<&str> = row
            .split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .collect();
        let [file, times, duration, pixels, score, captions, label] = cells[..] else {
            panic!("{row}");
        };
        let file = std::path::Path::new(file);
        let found = clip(file);
        assert_eq!(pixels, format!("{}x{}", found.width, found.height));
        let ratio = f64::from(found.width) / f64::from(found.height);
        assert!((ratio - 9.0 / 16.0).abs() < 0.003, "{found:?}");

        // The job's answer, as the table repeats it, is what lies on disk.
        let (start, end) = times.split_once('-').unwrap();
        assert!(
            (seconds(end) - seconds(start) - found.seconds).abs() < 0.05,
            "{row} {found:?}"
        );
        assert_eq!(duration, format!("{:.2} s", found.seconds));
        // 25 frames a second, and one AAC packet for 1024 samples at 48 kHz.
        let [frames, packets] = found.samples[..] else {
            panic!("{found:?}")
        };
        assert!(
            (f64::from(frames) / 25.0 - found.seconds).abs() < 0.05,
            "{found:?}"
        );
        assert!(
            (f64::from(packets) * 1024.0 / 48_000.0 - found.seconds).abs() < 0.15,
            "{found:?}"
        );

        assert!(
            (0.0..=1.0).contains(&score.parse::<f64>().unwrap()),
            "{row}"
        );
        assert_eq!(captions, "yes");
        assert!(!label.is_empty());
        let text = std::fs::read_to_string(file.with_extension("vtt")).unwrap();
        assert!(
            text.starts_with("WEBVTT") && text.contains(" --> "),
            "{text}"
        );
    }
}

#[test]
fn a_video_without_transcript_becomes_clips_without_captions_and_the_user_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let video = folder.path().join("alone.mp4");
    std::fs::copy("sample/sample.mp4", &video).unwrap();
    let output = folder.path().join("clips");
    let demo = [
        "demo",
        video.to_str().unwrap(),
        "--backend",
        "embedded",
        "--max-clips",
        "1",
        "--aspect-ratio",
        "1:1",
        "--output",
        output.to_str().unwrap(),
    ];
    // It may be done again, into the same folder.
    assert_eq!(run(&demo, &[]).code, 0);
    let ran = run(&demo, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("note: the clips have no captions"),
        "{}",
        ran.stderr
    );
    let files: Vec<_> = std::fs::read_dir(&output)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending != "json"))
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let found = clip(&files[0]);
    assert_eq!((found.width, found.height), (720, 720));

    // Clips that are not of a demo are somebody's.
    let list = output.join("clips.json");
    std::fs::write(
        &list,
        r#"{"version": 1, "job_id": "clip_paid", "clips": []}"#,
    )
    .unwrap();
    let error = run(&demo, &[]).error(2);
    assert!(
        error["message"].as_str().unwrap().contains("clip_paid"),
        "{error}"
    );
}

#[test]
fn a_folder_is_no_video_and_that_is_said() {
    let error = run(&["demo", "sample"], &[]).error(2);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("sample is a folder"), "{message}");
}

/// `m:ss.ss` in seconds.
fn seconds(clock: &str) -> f64 {
    let (minutes, seconds) = clock.split_once(':').unwrap();
    minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
}
