//! Jobs that are noted, and found again by another run of the program.

use std::io::Read as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::run::{KEY, Ran, Server, clip, run};
use crate::serve::{clip_at, serve};

/// The result of a run that failed all the same.
fn result(ran: &Ran, code: i32) -> Value {
    assert_eq!(ran.code, code, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// Runs a command that the program has named, as it is written.
fn typed(command: &str, environment: &[(&str, &str)]) -> Ran {
    let words: Vec<_> = command.split(' ').collect();
    assert_eq!(words[0], "heygen-clips");
    run(&words[1..], environment)
}

#[test]
fn what_was_not_waited_for_is_resumed_and_then_no_longer_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (journal, output) = (path("jobs.journal"), path("clips"));
    let server = Server::start(&folder.path().join("data"), &[]);
    let noted = ["--journal", journal.as_str()];

    let create = ["create", "sample/sample.mp4", "--window", "5-7"];
    let created = server.ask(&[&create[..], &noted].concat());
    assert!(
        created
            .stderr
            .contains(&format!("heygen-clips resume --journal {journal}")),
        "{}",
        created.stderr
    );
    let id = &created.json()["id"];

    let open = run(&[&["jobs"], &noted[..]].concat(), &[]).json();
    let job = &open["jobs"][0];
    assert_eq!((&job["job_id"], &job["dialect"]), (id, &json!("clips")));
    assert_eq!(job["base_url"], server.base_url);
    let table = run(&[&["jobs", "--table"], &noted[..]].concat(), &[]).stdout;
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("submitted"), "{table}");
    assert!(lines[1].contains(id.as_str().unwrap()), "{table}");

    let resume = [&["resume", "--output", &output], &noted[..]].concat();
    let resumed = server.ask(&resume).json();
    let job = &resumed["jobs"][0];
    assert_eq!((&job["state"], &job["job_id"]), (&json!("downloaded"), id));
    let video = job["files"][0]["video"].as_str().unwrap();
    assert!(video.starts_with(&format!("{output}/{}/", id.as_str().unwrap())));
    assert!((clip(video.as_ref()).seconds - 2.0).abs() < 0.05);

    assert_eq!(server.ask(&resume).json(), json!({ "jobs": [] }));
    assert!(!std::fs::read_to_string(&journal).unwrap().contains(KEY));
}

#[test]
fn a_file_that_is_sent_again_is_the_same_job() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (journal, video) = (path("jobs.journal"), path("talk.mp4"));
    std::fs::copy("sample/sample.mp4", &video).unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    let create = [
        "create",
        &video,
        "--dialect",
        "ai-clipping",
        "--journal",
        &journal,
    ];
    let first = server.ask(&create).json();
    let again = server.ask(&create);
    assert_eq!(again.json(), first);
    assert!(
        again.stderr.contains("was uploaded before, as "),
        "{}",
        again.stderr
    );
    let list = ["list", "--dialect", "ai-clipping"];
    let jobs = |ran: Ran| ran.json()["data"].as_array().unwrap().len();
    assert_eq!(jobs(server.ask(&list)), 1);

    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&video)
        .unwrap();
    std::io::Write::write_all(&mut file, b"\0\0\0\x08free").unwrap();
    drop(file);
    assert_ne!(server.ask(&create).json(), first);
    assert_eq!(jobs(server.ask(&list)), 2);
}

#[test]
fn a_job_that_was_deleted_is_given_up_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (journal, output) = (path("jobs.journal"), path("clips"));
    let server = Server::start(&folder.path().join("data"), &[]);
    let create = ["create", "sample/sample.mp4", "--window", "5-7"];
    let created = server.ask(&[&create[..], &["--journal", &journal]].concat());
    server.ask(&["delete", created.json()["id"].as_str().unwrap()]);
    let resumed = server.ask(&["resume", "--journal", &journal, "--output", &output]);
    let job = &result(&resumed, 1)["jobs"][0];
    let give_up = format!(
        "heygen-clips jobs --journal {journal} --discard {}",
        job["intent"].as_str().unwrap()
    );
    assert_eq!(
        job["error"]["hint"],
        format!("it may have been deleted, or belongs to another account; {give_up} gives it up")
    );
    typed(&give_up, &[]).json();
    assert_eq!(
        run(&["jobs", "--journal", &journal], &[]).json(),
        json!({ "jobs": [] })
    );
}

#[test]
fn what_cannot_be_resumed_says_what_to_do_and_can_be_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("jobs.journal");
    let output = folder.path().join("clips");
    let journal = journal.to_str().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    let noted = [("HEYGEN_API_KEY", KEY), ("HEYGEN_CLIPS_JOURNAL", journal)];

    // A server that is not there.
    let elsewhere = "http://127.0.0.1:1";
    let create = [
        "create",
        "https://example.org/a.mp4",
        "--base-url",
        elsewhere,
    ];
    let create = [&create[..], &["--dialect", "ai-clipping"]].concat();
    let error = run(&create, &noted).error(1);
    assert_eq!(error["code"], "cli_network");
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains(&format!("heygen-clips resume --journal {journal}")),
        "{hint}"
    );
    let open = run(&["jobs"], &noted).json();
    assert_eq!(open["jobs"][0]["job_id"], Value::Null);
    let intent = open["jobs"][0]["intent"].as_str().unwrap();

    let resume = ["resume", "--base-url", &server.base_url, "--output"];
    let resume = [&resume[..], &[output.to_str().unwrap()]].concat();
    let resumed = run(&resume, &noted);
    let job = &result(&resumed, 1)["jobs"][0];
    assert_eq!(
        (&job["state"], &job["intent"]),
        (&json!("open"), &json!(intent))
    );
    let there = format!(
        "heygen-clips resume --journal {journal} --base-url {elsewhere} --output {}",
        output.display()
    );
    assert_eq!(
        job["error"]["hint"],
        format!("{there} goes on with it, with a key of that server")
    );
    assert!(
        resumed.stderr.contains("1 of 1 jobs are not here"),
        "{}",
        resumed.stderr
    );

    // As it is written, without the journal in the environment.
    let error = &result(&typed(&there, &noted[..1]), 1)["jobs"][0]["error"];
    assert_eq!(error["code"], "cli_network");
    let hint = error["hint"].as_str().unwrap();
    let again = there.replace(elsewhere, "http://127.0.0.1:1/");
    let again = format!("; then {again} goes on with it");
    assert!(
        hint.starts_with("is http://127.0.0.1:1 the right server") && hint.ends_with(&again),
        "{hint}"
    );

    assert_eq!(
        run(&["jobs", "--discard", intent], &noted).json()["intent"],
        intent
    );
    assert_eq!(run(&["jobs"], &noted).json(), json!({ "jobs": [] }));
    let again = run(&["jobs", "--discard", intent], &noted).error(2);
    assert_eq!(again["param"], "--discard");
    let message = again["message"].as_str().unwrap();
    let jobs = format!("heygen-clips jobs --journal {journal}");
    assert!(
        message.ends_with(&format!("; {jobs} lists what is")),
        "{message}"
    );
    assert_eq!(typed(&jobs, &[]).json(), json!({ "jobs": [] }));
}

#[test]
fn a_job_that_still_runs_is_resumed_by_the_command_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (journal, key, clips) = (path("jobs.journal"), path("key"), path("clips"));
    std::fs::write(&key, KEY).unwrap();
    let (base_url, is_done) = server();
    let account = ["--base-url", &base_url, "--api-key-file", &key];
    let noted = [&["--journal", journal.as_str()], &account[..]].concat();
    let create = ["create", "https://example.org/a.mp4"];
    run(&[&create[..], &noted].concat(), &[]).json();

    let resume = ["resume", "--output", &clips, "--timeout", "500ms"];
    let resumed = run(&[&resume[..], &noted].concat(), &[]);
    let job = &result(&resumed, 4)["jobs"][0];
    assert_eq!(job["state"], "running");
    let resume = format!(
        "heygen-clips resume --journal {journal} --base-url {base_url}/ --api-key-file {key} \
         --output {clips}"
    );
    assert_eq!(job["error"]["hint"], format!("{resume} goes on with it"));
    let last = resumed.stderr.lines().last().unwrap();
    let error: Value = serde_json::from_str(last).unwrap();
    assert_eq!(
        error["error"]["hint"],
        format!("{resume} goes on with them")
    );

    is_done.store(true, Ordering::SeqCst);
    let resumed = typed(&resume, &[]).json();
    assert_eq!(resumed["jobs"][0]["state"], "downloaded");
    let video = resumed["jobs"][0]["files"][0]["video"].as_str().unwrap();
    assert_eq!(video, format!("{clips}/made/01-hello.mp4"));
    assert_eq!(std::fs::read(video).unwrap(), b"a clip");
}

#[test]
fn what_is_too_old_to_be_sent_again_is_given_up_by_the_commands_that_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("jobs.journal");
    let server = Server::start(&folder.path().join("data"), &[]);
    let line = json!({
        "at": 1_000, "intent": "old-1", "is": "intent", "dialect": "ai-clipping",
        "base_url": server.base_url, "key": "k-1", "sha256": "00",
    });
    let without_request = json!({
        "at": 2_000, "intent": "old-2", "is": "intent", "dialect": "clips",
        "base_url": server.base_url, "sha256": "01",
    });
    std::fs::write(&journal, format!("{line}\n{without_request}\n")).unwrap();
    let journal = journal.to_str().unwrap();
    let account = ["--base-url", server.base_url.as_str()];
    let resume = [&["resume", "--journal", journal], &account[..]].concat();
    let key = [("HEYGEN_API_KEY", KEY)];
    let jobs = &result(&run(&resume, &key), 1)["jobs"];
    assert_eq!(
        jobs[1]["error"]["hint"],
        format!(
            "run the same create command again, with the very same links and with --journal {journal}"
        )
    );
    let job = &jobs[0];
    let list = format!(
        "heygen-clips list --dialect ai-clipping --base-url {}/",
        server.base_url
    );
    let discard = format!("heygen-clips jobs --journal {journal} --discard old-1");
    assert_eq!(
        job["error"]["hint"],
        format!("{list} shows what is there; then {discard} gives this up")
    );
    assert_eq!(typed(&list, &key).json()["data"], json!([]));
    assert_eq!(typed(&discard, &[]).json()["intent"], "old-1");
}

/// A server with one job, which ends with a clip when it is told to.
fn server() -> (String, Arc<AtomicBool>) {
    let is_done = Arc::new(AtomicBool::new(false));
    let told = is_done.clone();
    let base_url = serve(move |head, base_url| {
        let data = if head.starts_with("GET /clip.mp4") {
            return Some("a clip".to_owned());
        } else if head.starts_with("POST") {
            json!({"clip_job_id": "made"})
        } else if told.load(Ordering::SeqCst) {
            json!({"id": "made", "status": "completed", "clips": [clip_at(base_url)]})
        } else {
            json!({"id": "made", "status": "running", "clips": []})
        };
        Some(json!({ "data": data }).to_string())
    });
    (base_url, is_done)
}

#[test]
fn a_file_of_something_else_is_not_taken_for_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let video = folder.path().join("talk.mp4");
    std::fs::copy("sample/sample.mp4", &video).unwrap();
    let before = std::fs::read(&video).unwrap();
    let environment = [
        ("HEYGEN_API_KEY", KEY),
        ("HEYGEN_API_BASE", "http://127.0.0.1:1"),
    ];
    for command in [&["jobs"][..], &["create", "asset:a"], &["resume"]] {
        let arguments = [command, &["--journal", video.to_str().unwrap()]].concat();
        let error = run(&arguments, &environment).error(1);
        assert_eq!(error["code"], "cli_journal");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("talk.mp4 is not a journal"), "{message}");
    }
    assert!(
        std::fs::read(&video).unwrap() == before,
        "the video was changed"
    );
}

#[test]
fn a_create_without_an_answer_says_that_there_may_be_a_job() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // All of a request, and then nothing.
            let _ = stream.unwrap().read(&mut [0; 8192]);
        }
    });
    for dialect in ["clips", "ai-clipping"] {
        let create = ["create", "https://example.org/a.mp4", "--base-url", &base];
        let create = [&create[..], &["--dialect", dialect]].concat();
        let error = run(&create, &[("HEYGEN_API_KEY", KEY)]).error(1);
        assert_eq!(error["code"], "cli_network");
        let hint = error["hint"].as_str().unwrap();
        let list =
            format!("there may be a job all the same: heygen-clips list --dialect {dialect}");
        assert!(hint.starts_with(&list), "{hint}");
    }
}
