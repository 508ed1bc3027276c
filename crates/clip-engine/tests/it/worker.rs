//! Work apart from the host: the same results, limits that hold, and nothing left behind.

use std::time::Duration;

use clip_engine::{ClipSpec, Limits, Worker};

use crate::support::source::Source;
use crate::support::{embedded, ffmpeg, files_in, fixture, on_each_backend, worker};

#[tokio::test]
async fn a_worker_process_cuts_the_same_clip_as_a_thread() {
    let folder = tempfile::tempdir().unwrap();
    let spec = ClipSpec::new(1.0, 2.0).thumbnail(true);
    let mut files = Vec::new();
    for (name, place) in [("thread.mp4", Worker::Thread), ("process.mp4", worker())] {
        let engine = embedded().worker(place).build().unwrap();
        let path = folder.path().join(name);
        let mut seen = Vec::new();
        let report = engine
            .cut_with_progress(fixture("b-frames.mp4"), &spec, &path, |done| {
                seen.push(done);
            })
            .await
            .unwrap();
        assert_eq!(report.frames, 25);
        assert_eq!(seen.last(), Some(&1.0));
        assert!(seen.windows(2).all(|pair| pair[0] <= pair[1]), "{seen:?}");
        files.push(std::fs::read(path).unwrap());
    }
    assert!(files[0] == files[1], "the files differ");
    let names = ["process.jpg", "process.mp4", "thread.jpg", "thread.mp4"];
    assert_eq!(files_in(folder.path()), names);
}

#[tokio::test]
async fn errors_cross_the_pipe_with_their_kind() {
    let engine = embedded().worker(worker()).build().unwrap();
    let error = engine.probe(fixture("hevc.mp4")).await.unwrap_err();
    assert!(
        error.is_unsupported() && error.to_string().contains("hevc"),
        "{error:?}"
    );
    let error = engine.probe("no-such-file.mp4").await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
}

#[tokio::test]
async fn work_that_takes_too_long_is_ended_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("long.mp4");
    Source {
        audio: false,
        ..Source::steady(1500)
    }
    .write(&source);
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let limits = Limits::default().wall_time(Duration::from_millis(30));
    let mut builders = vec![embedded().worker(worker()), embedded()];
    builders.extend(ffmpeg().map(|builder| builder.worker(worker())));
    for builder in builders {
        let engine = builder.limits(limits).build().unwrap();
        let spec = ClipSpec::new(0.0, 60.0);
        let error = engine
            .cut(&source, &spec, out.join("clip.mp4"))
            .await
            .unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        assert_eq!(files_in(&out), Vec::<String>::new());
    }
}

#[tokio::test]
async fn work_that_nobody_waits_for_is_ended_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("long.mp4");
    Source {
        audio: false,
        ..Source::steady(1500)
    }
    .write(&source);
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let mut builders = vec![embedded().worker(worker())];
    builders.extend(ffmpeg().map(|builder| builder.worker(worker())));
    for builder in builders {
        let engine = builder.build().unwrap();
        let (started, begun) = tokio::sync::oneshot::channel();
        let (source, clip) = (source.clone(), out.join("clip.mp4"));
        let work = tokio::spawn(async move {
            let mut started = Some(started);
            let tell = move |_| {
                if let Some(started) = started.take() {
                    let _ = started.send(());
                }
            };
            engine
                .cut_with_progress(&source, &ClipSpec::new(0.0, 60.0), &clip, tell)
                .await
        });
        begun.await.unwrap();
        work.abort();
        assert!(work.await.unwrap_err().is_cancelled());
        assert_eq!(files_in(&out), Vec::<String>::new());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_worker_may_not_write_or_hold_more_than_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.mp4");
    let spec = ClipSpec::new(0.0, 6.0);
    let cut = async |limits: Limits| {
        let engine = embedded().worker(worker()).limits(limits).build().unwrap();
        engine
            .cut(fixture("b-frames.mp4"), &spec, &path)
            .await
            .unwrap_err()
    };
    let error = cut(Limits::default().output_bytes(10_000)).await;
    assert!(error.is_limit(), "{error:?}");
    let error = cut(Limits::default().memory_bytes(24 << 20)).await;
    // Which allocation fails first, and so what is said, differs; that nothing is left behind does not.
    assert!(!error.to_string().contains("panicked"), "{error:?}");
    assert_eq!(files_in(folder.path()), Vec::<String>::new());
}

#[tokio::test]
async fn a_worker_that_is_no_worker_is_told_from_a_bad_file() {
    let place = |program: &str| Worker::Command {
        program: program.into(),
        arguments: vec![],
    };
    let error = embedded()
        .worker(place("/nowhere/worker"))
        .build()
        .unwrap_err();
    assert!(
        error.is_not_found() && error.to_string().contains("/nowhere/worker"),
        "{error:?}"
    );
    let engine = embedded().worker(place("false")).build().unwrap();
    let error = engine.probe(fixture("b-frames.mp4")).await.unwrap_err();
    assert!(
        error.is_worker() && error.to_string().contains("without an answer"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_finished_clip_replaces_an_older_one_and_a_failed_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.mp4");
    on_each_backend(async |engine| {
        std::fs::write(&path, "older").unwrap();
        let spec = ClipSpec::new(0.0, 0.4);
        engine
            .cut(folder.path().join("none.mp4"), &spec, &path)
            .await
            .unwrap_err();
        assert_eq!(std::fs::read(&path).unwrap(), b"older");
        engine
            .cut(fixture("b-frames.mp4"), &spec, &path)
            .await
            .unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() > 1000);
        assert_eq!(files_in(folder.path()), ["clip.mp4"]);
    })
    .await;
}
