//! Jobs that are noted, and found again by another run of the program.

use serde_json::{Value, json};

use crate::run::{KEY, Ran, Server, clip, run};

/// The result of a run that failed all the same.
fn result(ran: &Ran, code: i32) -> Value {
    assert_eq!(ran.code, code, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
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
    assert_eq!(
        job["error"]["hint"],
        format!("heygen-clips resume --base-url {elsewhere}")
    );
    assert!(
        resumed.stderr.contains("1 of 1 jobs are not here"),
        "{}",
        resumed.stderr
    );

    assert_eq!(
        run(&["jobs", "--discard", intent], &noted).json()["intent"],
        intent
    );
    assert_eq!(run(&["jobs"], &noted).json(), json!({ "jobs": [] }));
    let again = run(&["jobs", "--discard", intent], &noted).error(2);
    assert_eq!(again["param"], "--discard");
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
