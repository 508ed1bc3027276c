//! What earlier revisions of this repository say, as git has them.

use std::path::Path;
use std::process::Command;

/// The last release: the nearest tag of the form `v1.2.3` before the present commit, if there is one.
pub(crate) fn last_release(root: &Path) -> Option<String> {
    let tag = git(
        root,
        &["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"],
    )
    .ok()?;
    Some(tag.trim().to_owned())
}

/// A file as it was at a revision; nothing when it was not there.
pub(crate) fn text(root: &Path, revision: &str, path: &str) -> Result<Option<String>, String> {
    git(
        root,
        &[
            "rev-parse",
            "--verify",
            "--quiet",
            &format!("{revision}^{{commit}}"),
        ],
    )
    .map_err(|_| format!("git knows no revision {revision}"))?;
    Ok(git(root, &["show", &format!("{revision}:./{path}")]).ok())
}

/// What git prints, or what it complains of.
fn git(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .output()
        .map_err(|error| format!("cannot run git: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}
