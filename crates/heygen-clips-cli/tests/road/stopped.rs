//! Commands that are stopped by Ctrl-C: what they say of the job.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use crate::run::{KEY, Ran, run, run_and_interrupt};
use crate::serve::serve;

/// A server whose jobs never end; it answers a create call or keeps silent. Each request is told, by
/// its method.
fn server(answers_create: bool) -> (String, Receiver<String>) {
    let (told, requests) = channel();
    let base_url = serve(move |head, _| {
        let method = head.split(' ').next().unwrap_or_default();
        let data = match method {
            "POST" if !answers_create => None,
            "POST" => Some(json!({"clip_job_id": "made", "ai_clipping_id": "made"})),
            _ => Some(json!({"id": "made", "status": "running", "clips": []})),
        };
        let _ = told.send(method.to_owned());
        data.map(|data| json!({ "data": data }).to_string())
    });
    (base_url, requests)
}

/// Until the server has had such a request.
fn until(requests: &Receiver<String>, at: &str) {
    while requests.recv().unwrap() != at {}
}

/// Runs the program until the server has had such a request, and stops it.
fn stopped(answers_create: bool, at: &str, arguments: &[&str]) -> Ran {
    let (base_url, requests) = server(answers_create);
    let environment = [("HEYGEN_API_KEY", KEY), ("HEYGEN_API_BASE", &base_url)];
    run_and_interrupt(arguments, &environment, || until(&requests, at))
}

fn told(ran: &Ran) -> Value {
    let error = ran.error(130);
    assert_eq!(error["code"], "cli_interrupted");
    error
}

const CREATE: [&str; 2] = ["create", "https://example.org/a.mp4"];

#[test]
fn a_job_that_was_waited_for_is_named_with_the_way_on() {
    for dialect in ["clips", "ai-clipping"] {
        let more = ["--wait", "--dialect", dialect];
        let ran = stopped(true, "GET", &[&CREATE[..], &more].concat());
        let error = told(&ran);
        assert_eq!(error["job_id"], "made");
        assert_eq!(error["message"], "stopped before job made was done with");
        let wait = format!("heygen-clips wait made --dialect {dialect} --timeout 2h");
        assert_eq!(error["hint"], format!("the job goes on: {wait}"));
    }

    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("my clips");
    let output = output.to_str().unwrap();
    for first in [&CREATE[..], &["wait", "made"]] {
        let arguments = [first, &["--output", output]].concat();
        let ran = stopped(true, "GET", &arguments);
        let wait = "heygen-clips wait made --dialect clips --timeout 2h";
        assert_eq!(
            told(&ran)["hint"],
            format!("the job goes on: {wait} --output '{output}'")
        );
    }
}

#[test]
fn the_way_on_leads_to_the_same_server_and_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (journal, key, clips) = (path("jobs.journal"), path("key"), path("clips"));
    std::fs::write(&key, KEY).unwrap();
    let (base_url, requests) = server(true);
    let arguments = [
        &CREATE[..],
        &["--wait", "--base-url", &base_url, "--api-key-file", &key],
    ]
    .concat();
    let until_get = || until(&requests, "GET");
    let error = told(&run_and_interrupt(&arguments, &[], until_get));
    let server = format!("--base-url {base_url}/ --api-key-file {key}");
    let wait = "heygen-clips wait made --dialect clips --timeout 2h";
    assert_eq!(error["hint"], format!("the job goes on: {wait} {server}"));

    let arguments = [&arguments[..], &["--journal", &journal, "--output", &clips]].concat();
    let error = told(&run_and_interrupt(&arguments, &[], until_get));
    assert_eq!(error["job_id"], "made");
    let resume = format!("heygen-clips resume --journal {journal} {server} --output {clips}");
    assert_eq!(error["hint"], format!("the job goes on: {resume}"));

    let arguments = [
        &["resume", "--journal", &journal, "--output", &clips][..],
        &["--base-url", &base_url, "--api-key-file", &key],
    ]
    .concat();
    let error = told(&run_and_interrupt(&arguments, &[], until_get));
    assert_eq!(error["hint"], format!("{resume} goes on with them"));
    assert!(!folder.path().join("clips").exists());
}

#[test]
fn where_nothing_was_asked_for_there_is_no_job() {
    // The upload is never answered.
    let ran = stopped(false, "POST", &["create", "sample/sample.mp4"]);
    assert_eq!(
        told(&ran)["message"],
        "stopped before a job was asked for: there is none"
    );
}

#[test]
fn a_job_that_may_have_been_made_is_not_kept_quiet() {
    let ran = stopped(false, "POST", &CREATE);
    let error = told(&ran);
    assert_eq!(
        error["message"],
        "stopped before the server answered whether it makes the job"
    );
    let list = "heygen-clips list --dialect clips";
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains("there may be a job") && hint.contains(list),
        "{hint}"
    );

    let keyed = ["--dialect", "ai-clipping", "--idempotency-key", "k-1"];
    let ran = stopped(false, "POST", &[&CREATE[..], &keyed].concat());
    let hint = told(&ran)["hint"].clone();
    assert!(
        hint.as_str().unwrap().contains("--idempotency-key"),
        "{hint}"
    );

    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("jobs.journal");
    let journal = journal.to_str().unwrap();
    let ran = stopped(
        false,
        "POST",
        &[&CREATE[..], &["--journal", journal, "--output=-clips"]].concat(),
    );
    let resume = format!(
        "it is noted, and heygen-clips resume --journal {journal} --output ./-clips finds out \
         whether there is a job, or makes it"
    );
    assert_eq!(told(&ran)["hint"], resume);
}

#[test]
fn what_is_not_known_to_be_noted_is_not_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jobs.journal");
    let journal = path.to_str().unwrap();
    let (tell, requests) = channel();
    let base_url = serve(move |head, _| {
        let _ = tell.send(head.split(' ').next().unwrap_or_default().to_owned());
        None
    });
    let environment = [("HEYGEN_API_KEY", KEY), ("HEYGEN_API_BASE", &base_url)];
    let create = [&CREATE[..], &["--journal", journal]].concat();
    run_and_interrupt(&create, &environment, || until(&requests, "POST"));

    // The same again, long after: before anything is noted, the first is looked for.
    age(&path);
    let ran = run_and_interrupt(&create, &environment, || until(&requests, "GET"));
    assert_eq!(
        told(&ran)["hint"],
        format!(
            "if it came to be noted, heygen-clips resume --journal {journal} finds out whether \
             there is a job, or makes it"
        )
    );

    // In the other dialect there is nothing to look for it by.
    let create = [&create[..], &["--dialect", "ai-clipping"]].concat();
    run_and_interrupt(&create, &environment, || until(&requests, "POST"));
    age(&path);
    let error = run(&create, &environment).error(1);
    assert_eq!(error["code"], "cli_unresolved");
    assert_eq!(
        error["hint"],
        format!(
            "heygen-clips jobs --journal {journal} lists what the journal has open; with --discard \
             INTENT, it gives one up"
        )
    );
}

/// Makes everything in a journal old.
fn age(journal: &Path) {
    let lines = std::fs::read_to_string(journal).unwrap();
    let aged = lines.lines().map(|line| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        record["at"] = json!(1_000);
        format!("{record}\n")
    });
    std::fs::write(journal, aged.collect::<String>()).unwrap();
}
