//! A small workspace in a temporary folder, and xtask at work in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The documents of the fixtures.
pub(crate) const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// A workspace that took its document once.
pub(crate) struct Workspace(tempfile::TempDir);

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Workspace {
    /// A fresh one.
    pub(crate) fn new() -> Self {
        let workspace = Self(tempfile::tempdir().unwrap());
        copy(&Path::new(FIXTURES).join("workspace"), workspace.path());
        let base = workspace
            .path()
            .join("openapi/upstream/create-ai-clipping.yaml");
        let page = fs::read_to_string(Path::new(FIXTURES).join("upstream/taken.yaml")).unwrap();
        fs::write(base, page).unwrap();
        let made = workspace.run(&["documents"]);
        assert_eq!(made.code, 0, "{made:?}");
        fs::create_dir_all(workspace.path().join("src/generated")).unwrap();
        workspace
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Every file and its bytes.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        walk(self.path(), &mut |path| {
            let name = path.strip_prefix(self.path()).unwrap().to_owned();
            found.insert(name, fs::read(path).unwrap());
        });
        found
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// A YAML file.
    pub(crate) fn yaml(&self, path: &str) -> Value {
        serde_saphyr::from_str(&self.text(path)).unwrap()
    }

    /// Runs xtask here.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The command that `run` runs.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("--root").arg(self.path()).args(arguments);
        for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        command
    }
}

/// The fixture's whole document, changed by `edit`.
pub(crate) fn document(edit: impl FnOnce(&mut Value)) -> Value {
    let text = fs::read_to_string(Path::new(FIXTURES).join("upstream/api.yaml")).unwrap();
    let mut document = serde_saphyr::from_str(&text).unwrap();
    edit(&mut document);
    document
}

/// A reference page of `operation` (`post /v1/jobs`) with a document, under a banner that names `host`.
pub(crate) fn page(operation: &str, document: &Value, host: &str) -> String {
    let block = serde_saphyr::to_string(document).unwrap();
    format!(
        "> ## Documentation Index\n> All pages: https://{host}/llms.txt\n\n# A page\n\n````yaml /openapi.json {operation}\n{block}````\n"
    )
}

fn copy(from: &Path, to: &Path) {
    walk(from, &mut |path| {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    });
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, visit);
        } else {
            visit(&path);
        }
    }
}
