//! The workflow files, and the scripts that they call: run with the real xtask, a repository on disk as `origin`, and a `gh`
//! that writes down what it is asked.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::workspace::{Ran, Workspace, document};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A clone with the scripts, and a folder of programs that stand in for cargo and gh.
struct Host {
    workspace: Workspace,
    outside: tempfile::TempDir,
}

impl Host {
    fn new() -> Self {
        let host = Self {
            workspace: Workspace::new(),
            outside: tempfile::tempdir().unwrap(),
        };
        let scripts = host.workspace.path().join(".ci");
        fs::create_dir_all(&scripts).unwrap();
        for script in ["drift-pr", "drift-gate"] {
            fs::copy(
                Path::new(ROOT).join(".ci").join(script),
                scripts.join(script),
            )
            .unwrap();
        }
        fs::write(host.workspace.path().join(".gitignore"), "/.sync\n").unwrap();
        let xtask = env!("CARGO_BIN_EXE_xtask");
        host.program(
            "cargo",
            &format!(
                "shift; exec '{xtask}' --root '{}' \"$@\"",
                host.workspace.path().display()
            ),
        );
        // The list of open pull requests is a file; creating one adds to it.
        host.program(
            "gh",
            "echo \"$@\" >>\"$GH_LOG\"\ncase $2 in\n  list) case $* in *merged*) list=$GH_MERGED ;; *) list=$GH_OPEN ;; esac; cat \"$list\" 2>/dev/null || true ;;\n  create) echo 7 >\"$GH_OPEN\" ;;\nesac",
        );
        let origin = host.path("origin.git");
        host.git(&["init", "--quiet", "--bare", origin.to_str().unwrap()]);
        for arguments in [
            &["init", "--quiet", "--initial-branch", "main"][..],
            &["config", "user.name", "t"],
            &["config", "user.email", "t@example.com"],
            &["add", "--all"],
            &["commit", "--quiet", "--message", "Start"],
            &["remote", "add", "origin", origin.to_str().unwrap()],
            &["push", "--quiet", "origin", "main"],
        ] {
            host.git(arguments);
        }
        host
    }

    fn path(&self, name: &str) -> PathBuf {
        self.outside.path().join(name)
    }

    fn program(&self, name: &str, body: &str) {
        let folder = self.path("bin");
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        fs::write(&path, format!("#!/usr/bin/env bash\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        let ran = Command::new("git")
            .arg("-C")
            .arg(self.workspace.path())
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            ran.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
        String::from_utf8(ran.stdout).unwrap()
    }

    fn script(&self, name: &str, arguments: &[&str]) -> Ran {
        let path = std::env::join_paths(
            std::iter::once(self.path("bin"))
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
        )
        .unwrap();
        let output = Command::new(self.workspace.path().join(".ci").join(name))
            .args(arguments)
            .env("PATH", path)
            .env("GH_LOG", self.path("gh.log"))
            .env("GH_OPEN", self.path("gh.open"))
            .env("GH_MERGED", self.path("gh.merged"))
            .env_remove("GITHUB_STEP_SUMMARY")
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What gh was asked to change.
    fn asked(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("gh.log")).unwrap_or_default();
        log.lines()
            .filter(|line| !line.starts_with("pr list"))
            .map(str::to_owned)
            .collect()
    }

    fn source(&self, edit: impl FnOnce(&mut Value)) -> String {
        let path = self.path("api.json");
        fs::write(&path, document(edit).to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn longest_name(it: &mut Value, length: u32) {
    it["components"]["schemas"]["NewJob"]["properties"]["name"]["maxLength"] = json!(length);
}

#[test]
fn one_pull_request_is_opened_and_then_updated() {
    let host = Host::new();
    let same = host.source(|_| ());
    let follow = |json: &str| {
        let record = ["--record", "upstream-history"];
        host.script("drift-pr", &[&record[..], &["--json", json]].concat())
    };
    let ran = follow(&same);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(host.asked(), Vec::<String>::new());

    let changed = host.source(|it| longest_name(it, 30));
    let ran = follow(&changed);
    assert_eq!(ran.code, 0, "{ran:?}");
    let asked = host.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(
        asked[0].starts_with("pr create --head follow-the-vendor --base main --title Follow the vendor's document: breaking, Rust patch --body-file"),
        "{asked:?}"
    );
    let taken = host.git(&[
        "show",
        "follow-the-vendor:openapi/upstream/create-ai-clipping.yaml",
    ]);
    assert!(taken.contains("maxLength: 30"), "{taken}");
    let pushed = host.git(&["ls-remote", "origin", "follow-the-vendor"]);

    // The same again, as tomorrow's run: nothing is pushed, and the one pull request is brought up to date.
    host.git(&["switch", "--quiet", "main"]);
    let ran = follow(&changed);
    assert!(ran.stdout.contains("the branch is up to date"), "{ran:?}");
    assert_eq!(
        host.git(&["ls-remote", "origin", "follow-the-vendor"]),
        pushed
    );
    assert!(
        host.asked()[1].starts_with("pr edit 7 --title"),
        "{:?}",
        host.asked()
    );

    host.git(&["switch", "--quiet", "main"]);
    let more = host.source(|it| longest_name(it, 20));
    assert_eq!(follow(&more).code, 0);
    assert_ne!(
        host.git(&["ls-remote", "origin", "follow-the-vendor"]),
        pushed
    );
    assert_eq!(
        host.asked()
            .iter()
            .filter(|line| line.starts_with("pr create"))
            .count(),
        1
    );
    assert_eq!(
        host.git(&["rev-list", "--count", "main..follow-the-vendor"])
            .trim(),
        "1"
    );
}

#[test]
fn what_a_person_pushed_to_the_branch_stays() {
    let host = Host::new();
    let changed = host.source(|it| longest_name(it, 30));
    assert_eq!(host.script("drift-pr", &["--json", &changed]).code, 0);
    host.git(&[
        "-c",
        "user.email=person@example.com",
        "commit",
        "--quiet",
        "--allow-empty",
        "--message",
        "Mend an overlay",
    ]);
    host.git(&["push", "--quiet", "origin", "follow-the-vendor"]);
    let pushed = host.git(&["ls-remote", "origin", "follow-the-vendor"]);

    host.git(&["switch", "--quiet", "main"]);
    let more = host.source(|it| longest_name(it, 20));
    let ran = host.script("drift-pr", &["--json", &more]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout.contains("follow-the-vendor has commits of"),
        "{ran:?}"
    );
    assert_eq!(
        host.git(&["ls-remote", "origin", "follow-the-vendor"]),
        pushed
    );
    let asked = host.asked();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[1].starts_with("pr edit 7 --title"), "{asked:?}");

    // Once that was merged, as a squash that leaves no trace in the history, the branch is made anew.
    let tip = pushed.split_whitespace().next().unwrap();
    fs::write(host.path("gh.merged"), format!("{tip}\n")).unwrap();
    fs::remove_file(host.path("gh.open")).unwrap();
    let ran = host.script("drift-pr", &["--json", &more]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let taken = host.git(&[
        "show",
        "origin/follow-the-vendor:openapi/upstream/create-ai-clipping.yaml",
    ]);
    assert!(taken.contains("maxLength: 20"), "{taken}");
    let asked = host.asked();
    assert!(asked[2].starts_with("pr create"), "{asked:?}");
}

#[test]
fn a_bad_upstream_fails_the_run_and_asks_for_nothing() {
    let host = Host::new();
    let decoy = host.source(|it| it["info"]["title"] = json!("Plant Store"));
    let ran = host.script("drift-pr", &["--json", &decoy]);
    assert_eq!(ran.code, 10, "{ran:?}");
    assert_eq!(host.asked(), Vec::<String>::new());
    assert_eq!(host.git(&["status", "--porcelain"]), "");
}

#[test]
fn what_cannot_be_taken_still_becomes_a_pull_request() {
    let host = Host::new();
    let blocked = host.source(|it| {
        let properties = it["components"]["schemas"]["NewJob"]
            .as_object_mut()
            .unwrap();
        properties.remove("properties");
        properties.insert("required".to_owned(), json!([]));
    });
    let ran = host.script("drift-pr", &["--json", &blocked]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stderr.contains("an overlay no longer applies"),
        "{ran:?}"
    );
    assert_eq!(host.asked().len(), 1);
    assert_eq!(
        host.git(&["diff", "--stat", "main", "follow-the-vendor"]),
        ""
    );
}

#[test]
fn the_gate_fails_on_a_break_until_it_is_accepted() {
    let host = Host::new();
    let ran = host.script("drift-gate", &["main"]);
    assert_eq!(
        (ran.code, ran.stdout.contains("no document changed")),
        (0, true),
        "{ran:?}"
    );

    let clips = host.workspace.path().join("openapi/clips.yaml");
    let text = fs::read_to_string(&clips).unwrap();
    fs::write(&clips, text.replace("maxLength: 300", "maxLength: 400")).unwrap();
    assert_eq!(host.script("drift-gate", &["main"]).code, 0);

    fs::write(&clips, text.replace("maxLength: 300", "maxLength: 200")).unwrap();
    let ran = host.script("drift-gate", &["main"]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.stdout.contains("::error"), "{ran:?}");

    let found = host.workspace.run(&[
        "drift",
        "--offline",
        "--against",
        "main",
        "--format",
        "json",
    ]);
    let found: Value = serde_json::from_str(&found.stdout).unwrap();
    let fingerprint = &found["since"][1]["report"]["changes"][0]["fingerprint"];
    let entry = format!(
        "[[accept]]\nfingerprint = {fingerprint}\nreason = \"agreed\"\nclass = \"intended\"\n"
    );
    fs::write(host.workspace.path().join("openapi/accepted.toml"), entry).unwrap();
    let ran = host.script("drift-gate", &["main"]);
    assert_eq!(ran.code, 0, "{ran:?}");

    assert_eq!(host.script("drift-gate", &["nowhere"]).code, 10);
}

/// No runner is at hand here: that the files are workflows, and that what they call is there and may be run.
#[test]
fn the_workflow_files_call_what_exists() {
    for (name, script) in [
        ("ci.yml", ".ci/run"),
        ("drift.yml", ".ci/drift-pr"),
        ("drift-gate.yml", ".ci/drift-gate"),
    ] {
        let path = Path::new(ROOT).join(".github/workflows").join(name);
        let workflow: Value = serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let jobs = workflow["jobs"].as_object().unwrap();
        let steps = jobs
            .values()
            .flat_map(|job| job["steps"].as_array().unwrap());
        let runs: Vec<&str> = steps.filter_map(|step| step["run"].as_str()).collect();
        assert!(
            runs.iter().any(|run| run.starts_with(script)),
            "{name}: {runs:?}"
        );
        let mode = fs::metadata(Path::new(ROOT).join(script))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o111, 0o111, "{script} is not executable");
    }
}
