//! The commands one by one, against an emulator in another process.

use std::path::{Path, PathBuf};

use crate::run::{Server, clip, run};

const SAMPLE: &str = "sample/sample.mp4";

#[test]
fn a_job_is_created_waited_for_downloaded_listed_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    let output = folder.path().join("clips");
    let output = output.to_str().unwrap();

    let created = server.ask(&[
        "create",
        SAMPLE,
        "--title",
        "Talk",
        "--captions",
        "--aspect-ratio",
        "1:1",
        "--window",
        "5-8.2=First words",
        "--window",
        "0:21.5-0:24",
        "--output",
        output,
    ]);
    assert_eq!(created.stderr, "");
    let created = created.json();
    let job = &created["job"];
    assert_eq!(job["status"], "completed");
    assert_eq!(job["title"], "Talk");
    let clips = job["clips"].as_array().unwrap();
    let files = created["files"].as_array().unwrap();
    assert_eq!((clips.len(), files.len()), (2, 2));
    assert_eq!(clips[0]["label"], "First words");
    for ((described, file), seconds) in clips.iter().zip(files).zip([3.2, 2.5]) {
        let found = clip(Path::new(file["video"].as_str().unwrap()));
        assert_eq!((found.width, found.height), (720, 720));
        let duration = described["duration"].as_f64().unwrap();
        assert!(
            (found.seconds - duration).abs() < 0.05,
            "{described} {found:?}"
        );
        assert!((duration - seconds).abs() < 0.05, "{described}");
        let captions = std::fs::read_to_string(file["captions"].as_str().unwrap()).unwrap();
        assert!(captions.starts_with("WEBVTT"), "{captions}");
    }

    let id = job["id"].as_str().unwrap();
    assert_eq!(server.ask(&["get", id]).json()["id"], id);
    assert_eq!(server.ask(&["wait", id]).json()["status"], "completed");
    let list = server.ask(&["list", "--limit", "1"]).json();
    assert_eq!(
        (&list["data"][0]["id"], &list["has_more"]),
        (&id.into(), &false.into())
    );
    assert_eq!(
        server.ask(&["list", "--all"]).json()["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    let again = folder.path().join("again");
    let download = server
        .ask(&["download", id, "--output", again.to_str().unwrap()])
        .json();
    let name = |file: &serde_json::Value| PathBuf::from(file["video"].as_str().unwrap());
    assert_eq!(
        name(&download["files"][0]).file_name(),
        name(&files[0]).file_name()
    );
    assert!(name(&download["files"][0]).starts_with(&again));

    assert_eq!(server.ask(&["delete", id]).json()["id"], id);
    let error = server.ask(&["get", id]).error(1);
    assert_eq!(error["status"], 404, "{error}");
}

#[test]
fn the_other_dialect_makes_clips_too() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    let output = folder.path().join("clips");
    let ran = server.ask(&[
        "create",
        SAMPLE,
        "--dialect",
        "ai-clipping",
        "--duration",
        "30",
        "--aspect-ratio",
        "portrait",
        "--output",
        output.to_str().unwrap(),
    ]);
    let said = ran.json();
    assert_eq!(said["job"]["status"], "completed");
    let found = clip(Path::new(said["files"][0]["video"].as_str().unwrap()));
    let duration = said["job"]["clips"][0]["duration_seconds"]
        .as_f64()
        .unwrap();
    assert!((found.seconds - duration).abs() < 0.05, "{found:?} {said}");
    assert!(found.width < found.height, "{found:?}");
    let list = server.ask(&["list", "--dialect", "ai-clipping"]).json();
    assert_eq!(list["data"][0]["id"], said["job"]["id"]);
}

#[test]
fn assets_are_uploaded_shown_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let uploaded = server.ask(&["assets", "upload", SAMPLE]).json();
    assert_eq!(uploaded["mime_type"], "video/mp4");
    let id = uploaded["asset_id"].as_str().unwrap();
    assert_eq!(server.ask(&["assets", "get", id]).json()["id"], id);
    assert_eq!(server.ask(&["assets", "delete", id]).json()["id"], id);
    let error = server.ask(&["assets", "get", id]).error(1);
    assert_eq!(
        (&error["code"], &error["status"]),
        (&"asset_not_found".into(), &404.into())
    );
    let error = server.ask(&["assets", "upload", "no-such-file"]).error(2);
    assert_eq!(error["param"], "<FILE>");
}

#[test]
fn what_is_not_a_video_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    let text = folder.path().join("notes.mp4");
    std::fs::write(&text, "no video at all").unwrap();
    let error = server
        .ask(&["create", text.to_str().unwrap(), "--wait"])
        .error(1);
    assert_eq!(error["status"], 400, "{error}");

    // The head of a video alone passes for one until it is opened: the job fails, with a reason.
    let damaged = folder.path().join("damaged.mp4");
    std::fs::write(&damaged, &std::fs::read(SAMPLE).unwrap()[..2000]).unwrap();
    let error = server
        .ask(&["create", damaged.to_str().unwrap(), "--wait"])
        .error(1);
    assert_eq!(
        (&error["code"], &error["job_status"]),
        (&"cli_job_failed".into(), &"failed".into())
    );
}

#[test]
fn an_unknown_asset_or_an_odd_window_is_answered_with_the_parameter() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    for (source, nor) in [
        ("nosuchasset", "; nor is there a file of that name here"),
        ("asset:nosuchasset", ""),
    ] {
        let error = server.ask(&["create", source]).error(1);
        assert_eq!(error["code"], "asset_not_found", "{error}");
        let hint = "it may have been deleted, or belongs to another account";
        assert_eq!(error["hint"], format!("{hint}{nor}"));
    }
    let error = server
        .ask(&["create", SAMPLE, "--window", "500-510", "--wait"])
        .error(1);
    assert!(
        error["message"].as_str().unwrap().contains("500"),
        "{error}"
    );
}

#[test]
fn strict_captions_fail_a_job_that_can_have_none() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &["--strict-captions"]);
    let alone = &alone(folder.path());
    let error = server
        .ask(&["create", alone, "--captions", "--window", "1-2", "--wait"])
        .error(1);
    assert_eq!(error["code"], "cli_job_failed");
    // A transcript from elsewhere helps.
    let ran = server.ask(&[
        "create",
        alone,
        "--captions",
        "--window",
        "1-2",
        "--wait",
        "--transcript",
        "sample/sample.vtt",
    ]);
    assert_eq!(ran.json()["status"], "completed");
}

#[cfg(unix)]
#[test]
fn the_emulator_stops_when_asked_and_keeps_its_jobs() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data, &[]);
    let created = server.ask(&["create", SAMPLE, "--window", "1-2"]).json();
    assert_eq!(server.stop("-TERM"), Some(0));

    let server = Server::start(&data, &[]);
    let id = created["id"].as_str().unwrap();
    assert_eq!(server.ask(&["wait", id]).json()["status"], "completed");
}

#[cfg(target_os = "linux")]
#[test]
fn the_emulator_ends_in_order_with_its_terminal() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = u64::from_str_radix(ignored.unwrap().trim(), 16).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    // Under nohup, which the tests may be run with, it goes on.
    if ignored & 1 == 0 {
        assert_eq!(server.stop("-HUP"), Some(0));
    }
}

#[test]
fn links_lead_to_where_the_emulator_is_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let public = ["--public-url", "https://clips.example.com/api/"];
    let server = Server::start(&folder.path().join("data"), &public);
    assert_eq!(server.base_url, "https://clips.example.com/api");

    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_heygen-clips"))
        .args(["emulator", "--listen", "0.0.0.0:0"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut stderr, &mut line).unwrap();
    let _ = child.kill();
    let _ = child.wait();
    assert!(
        line.starts_with("note: links begin with http://127.0.0.1:")
            && line.contains("--public-url"),
        "{line}"
    );
}

/// The sample without its transcript.
fn alone(folder: &Path) -> String {
    let alone = folder.join("alone.mp4");
    std::fs::copy(SAMPLE, &alone).unwrap();
    alone.to_str().unwrap().to_owned()
}

const NO_CAPTIONS: &str = "note: the clips have no captions, because no transcript was found: put a \
    .vtt or .srt file of the same name beside the video, or name one with --transcript\n";

#[test]
fn missing_captions_are_told_whoever_waits() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    let alone = alone(folder.path());
    let window = ["create", &alone, "--window", "1-2"];

    let created = server.ask(&[&window[..], &["--captions"]].concat());
    assert!(
        created.stderr.contains("no .vtt or .srt file"),
        "{}",
        created.stderr
    );
    let id = created.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(server.ask(&["wait", &id]).stderr, NO_CAPTIONS);
    let output = folder.path().join("clips");
    let output = output.to_str().unwrap();
    assert_eq!(
        server.ask(&["download", &id, "-o", output]).stderr,
        NO_CAPTIONS
    );
    let ran = server.ask(&[&window[..], &["--captions", "--wait"]].concat());
    assert_eq!(ran.stderr, NO_CAPTIONS);
    // Nobody asked.
    assert_eq!(server.ask(&[&window[..], &["--wait"]].concat()).stderr, "");

    // Here the answers do not show captions, and they are made unless one says no.
    let asset = server.ask(&["assets", "upload", &alone]).json();
    let highlight = [
        "create",
        asset["url"].as_str().unwrap(),
        "--dialect",
        "ai-clipping",
        "--duration",
        "30",
        "--wait",
    ];
    assert_eq!(server.ask(&highlight).stderr, NO_CAPTIONS);
}

#[test]
fn silence_is_not_taken_for_a_missing_transcript() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    let alone = alone(folder.path());
    let transcript = folder.path().join("alone.srt");
    std::fs::write(&transcript, b"1\n00:00:05,000 --> 00:00:06,000\nCaf\xe9\n").unwrap();
    let captions = ["create", &alone, "--captions", "--wait", "--window"];
    let silent = server.ask(&[&captions[..], &["1-2"]].concat());
    assert_eq!(
        silent.stderr,
        "note: the clips have no captions: by the transcript, nothing is said in them\n"
    );
    // In an encoding of old.
    let spoken = server.ask(&[&captions[..], &["5-6"]].concat());
    assert_eq!(spoken.stderr, "");
    assert!(spoken.json()["clips"][0]["caption_url"].is_string());

    std::fs::write(&transcript, "no subtitles at all").unwrap();
    let error = server.ask(&[&captions[..], &["5-6"]].concat()).error(1);
    let message = error["message"].as_str().unwrap();
    assert!(
        message.starts_with("the transcript ") && message.contains("alone.srt: "),
        "{message}"
    );
}

#[test]
fn what_is_not_of_the_job_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    let clips = folder.path().join("clips");
    let clips = clips.to_str().unwrap();
    let create = ["create", SAMPLE, "--window", "1-2=Mine", "--output", clips];
    let first = server.ask(&create).json()["job"]["id"].clone();
    let first = first.as_str().unwrap();

    let error = server.ask(&create).error(2);
    assert_eq!(error["param"], "--output");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains(first) && message.contains("--overwrite"),
        "{message}"
    );
    let jobs = server.ask(&["list"]).json();
    assert_eq!(
        jobs["data"].as_array().unwrap().len(),
        1,
        "nothing was sent"
    );

    // The same job goes on; another one is refused until somebody means it.
    server.ask(&["download", first, "-o", clips]).json();
    let second = server
        .ask(&["create", SAMPLE, "--window", "2-3=Mine", "--wait"])
        .json();
    let second = second["id"].as_str().unwrap();
    for command in ["download", "wait"] {
        let error = server.ask(&[command, second, "-o", clips]).error(2);
        assert!(
            error["message"].as_str().unwrap().contains(first),
            "{error}"
        );
    }
    server
        .ask(&["download", second, "-o", clips, "--overwrite"])
        .json();
    server.ask(&["wait", second, "-o", clips]).json();

    // Nor is a file that no job has written.
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let file = other.join("01-mine.mp4");
    std::fs::write(&file, "holiday").unwrap();
    let download = ["download", second, "-o", other.to_str().unwrap()];
    let error = server.ask(&download).error(1);
    assert!(
        error["message"].as_str().unwrap().contains("01-mine.mp4"),
        "{error}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "holiday");
    server
        .ask(&[&download[..], &["--overwrite"]].concat())
        .json();
    assert!(clip(&file).seconds > 0.9);
    // What is no list of ours is never replaced.
    std::fs::write(other.join("clips.json"), "[]").unwrap();
    let error = server
        .ask(&[&download[..], &["--overwrite"]].concat())
        .error(2);
    assert!(
        error["message"].as_str().unwrap().contains("clips.json"),
        "{error}"
    );
}

#[test]
fn a_local_run_leaves_its_jobs_in_the_named_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let local = ["--local", "--local-data", data.to_str().unwrap()];
    let output = folder.path().join("clips");
    let mut create = vec![
        "create",
        SAMPLE,
        "--window",
        "1-2",
        "--output",
        output.to_str().unwrap(),
    ];
    create.extend(local);
    let created = run(&create, &[]);
    let said = format!("the clips are in {}\n", output.display());
    assert!(created.stderr.ends_with(&said), "{}", created.stderr);
    let created = created.json();
    let mut list = vec!["list"];
    list.extend(local);
    let listed = run(&list, &[]).json();
    assert_eq!(listed["data"][0]["id"], created["job"]["id"]);

    let id = created["job"]["id"].as_str().unwrap();
    let got = run(&[&["get", id][..], &local].concat(), &[]);
    let download = format!(
        "heygen-clips download {id} --dialect clips --local --local-data {} fetches the clips\n",
        data.display()
    );
    assert!(
        got.stderr
            .starts_with("note: the links in the result are dead")
            && got.stderr.ends_with(&download),
        "{}",
        got.stderr
    );
}

#[test]
fn an_emulator_that_cannot_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data, &[]);
    let address = server.base_url.trim_start_matches("http://");
    let taken = run(&["emulator", "--listen", address], &[]).error(2);
    assert_eq!(taken["param"], "--listen");
    let data = data.to_str().unwrap();
    let in_use = run(
        &["emulator", "--listen", "127.0.0.1:0", "--data", data],
        &[],
    )
    .error(2);
    assert_eq!(in_use["param"], "--data");
    let in_use = run(&["list", "--local", "--local-data", data], &[]).error(2);
    assert_eq!(in_use["param"], "--local-data");

    // Each setting is blamed for itself, whatever else was given.
    let no_program = [("PATH", "")];
    let settings = [
        ["--api-key", "", "--public-url", "https://example.org"],
        ["--public-url", "https://example.org?a=b", "--api-key", "k"],
        ["--backend", "ffmpeg", "--public-url", "https://example.org"],
    ];
    for setting in settings {
        let start = [&["emulator", "--listen", "127.0.0.1:0"], &setting[..]].concat();
        let error = run(&start, &no_program).error(2);
        assert_eq!(error["param"], setting[0], "{error}");
    }
    let output = folder.path().join("clips");
    let demo = [
        "demo",
        "--backend",
        "ffmpeg",
        "--output",
        output.to_str().unwrap(),
    ];
    let error = run(&demo, &no_program).error(2);
    assert_eq!(error["param"], "--backend");
}

#[test]
fn completions_know_the_commands_and_nothing_hidden() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(&["completions", shell], &[]);
        assert_eq!(ran.code, 0);
        assert!(
            ran.stdout.contains("download") && !ran.stdout.contains("worker"),
            "{shell}"
        );
    }
}

#[test]
fn the_emulator_takes_keys_from_where_others_cannot_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    std::fs::write(&file, "file-1\n\nfile-2\n").unwrap();
    let file = ["--api-key-file", file.to_str().unwrap()];
    let environment = [("HEYGEN_EMULATOR_API_KEYS", "env-1 env-2")];
    let data = folder.path().join("data");
    let server = Server::start_with(&data, &file, &environment);
    for key in ["file-1", "file-2", "env-1", "env-2"] {
        assert_eq!(server.ask_with(key, &["list"]).code, 0, "{key}");
    }
    assert_eq!(server.ask_with("file-3", &["list"]).code, 3);

    let empty = folder.path().join("empty");
    std::fs::write(&empty, "\n").unwrap();
    let open = ["emulator", "--api-key-file", empty.to_str().unwrap()];
    let error = run(&open, &[]).error(2);
    assert_eq!(
        error["param"], "--api-key-file",
        "it lets nobody in unasked"
    );
}
