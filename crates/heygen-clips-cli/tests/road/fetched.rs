//! Jobs that are done, and whose clips cannot be put where they were to go.

use serde_json::{Value, json};

use crate::run::{KEY, Ran, run};
use crate::serve::{clip_at, serve};

/// A server whose jobs end at once, with the clip of a base URL.
fn server(clip_at_url: impl Fn(&str) -> String + Send + 'static) -> String {
    serve(move |head, base_url| {
        if head.starts_with("GET /clip.mp4") {
            return Some("a clip".to_owned());
        }
        let data = match head.starts_with("POST") {
            true => json!({"clip_job_id": "made"}),
            false => json!({
                "id": "made", "status": "completed", "clips": [clip_at(&clip_at_url(base_url))],
            }),
        };
        Some(json!({ "data": data }).to_string())
    })
}

const CREATE: [&str; 2] = ["create", "https://example.org/a.mp4"];

/// Runs the command that a hint begins with, as it is written.
fn typed(hint: &str) -> Ran {
    let (command, _) = hint.split_once(" fetches the clips").unwrap();
    let words: Vec<_> = command.split(' ').collect();
    run(&words[1..], &[])
}

#[test]
fn a_file_in_the_way_of_a_clip_leaves_a_job_that_is_named_with_the_way_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (output, key, journal) = (path("clips"), path("key"), path("jobs.journal"));
    std::fs::create_dir(&output).unwrap();
    let holiday = format!("{output}/01-hello.mp4");
    std::fs::write(&holiday, "holiday").unwrap();
    std::fs::write(&key, KEY).unwrap();
    let base_url = server(str::to_owned);
    let account = ["--base-url", &base_url, "--api-key-file", &key];
    let create = [&CREATE[..], &["--output", &output], &account].concat();
    let noted = [&create[..], &["--journal", &journal]].concat();
    for (arguments, journal) in [
        (create, String::new()),
        (noted, format!(" --journal {journal}")),
    ] {
        let error = run(&arguments, &[]).error(1);
        assert_eq!(
            (&error["code"], &error["param"], &error["job_id"]),
            (&json!("cli_file"), &json!("--output"), &json!("made"))
        );
        let message = format!("{holiday} is there already, and not known to be of job made");
        assert_eq!(error["message"], message);
        let download = format!(
            "heygen-clips download made --dialect clips --output {output}/made{journal} \
             --base-url {base_url}/ --api-key-file {key}"
        );
        let hint = format!("{download} fetches the clips; --overwrite replaces what is there");
        assert_eq!(error["hint"], hint);
        assert_eq!(std::fs::read(&holiday).unwrap(), b"holiday");

        let video = &typed(&hint).json()["files"][0]["video"];
        assert_eq!(video, &format!("{output}/made/01-hello.mp4"));
    }
    let open = run(&["jobs", "--journal", &journal], &[]).json();
    assert_eq!(open, json!({ "jobs": [] }));
}

#[test]
fn a_download_that_breaks_names_the_command_that_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("clips");
    let output = output.to_str().unwrap();
    // Nothing listens there.
    let base_url = server(|_| "http://127.0.0.1:1".to_owned());
    let environment = [("HEYGEN_API_KEY", KEY), ("HEYGEN_API_BASE", &base_url)];
    let create = [&CREATE[..], &["--output", output]].concat();
    let error: Value = run(&create, &environment).error(1);
    assert_eq!(error["job_id"], "made");
    let download = format!("heygen-clips download made --dialect clips --output {output}");
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.ends_with(&format!("{download} fetches the clips")),
        "{error}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_files_is_refused_before_there_is_a_job() {
    // Nobody can make a file there, whatever their rights.
    let output = ["--output", "/proc/self"];
    let environment = [
        ("HEYGEN_API_KEY", KEY),
        ("HEYGEN_API_BASE", "http://127.0.0.1:1"),
    ];
    for command in [&CREATE[..], &["wait", "job"], &["download", "job"]] {
        let error = run(&[command, &output].concat(), &environment).error(2);
        assert_eq!(error["param"], "--output");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.starts_with("cannot write to the folder /proc/self: "),
            "{message}"
        );
    }
}
