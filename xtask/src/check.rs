//! Writes a derived file, or compares it: every command that derives files goes through here.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use similar::TextDiff;

/// What to do with derived text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Put it in place.
    Write,
    /// Fail when the file differs.
    Compare,
}

impl Mode {
    /// The mode that a `--check` flag asks for.
    pub(crate) fn from_check(check: bool) -> Self {
        if check { Self::Compare } else { Self::Write }
    }
}

/// Writes `text` to `path`, or compares the two; `repair` is the command that a reader should run on a difference.
pub(crate) fn settle(mode: Mode, path: &Path, text: &str, repair: &str) -> Result<(), String> {
    let old = fs::read_to_string(path).unwrap_or_default();
    if old == text {
        return Ok(());
    }
    match mode {
        Mode::Write => write_whole(path, text),
        Mode::Compare => {
            let diff = TextDiff::from_lines(old.as_str(), text);
            let diff = diff
                .unified_diff()
                .context_radius(2)
                .header("checked in", "derived")
                .to_string();
            Err(format!(
                "{} is stale:\n{diff}\nrun `{repair}` and commit the result",
                path.display()
            ))
        }
    }
}

/// Writes beside the target and renames, so that no reader ever sees half a file.
fn write_whole(path: &Path, text: &str) -> Result<(), String> {
    let folder = path
        .parent()
        .ok_or_else(|| format!("{} has no folder", path.display()))?;
    let write = || {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new()
            .permissions(public())
            .tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(path).map_err(|error| error.error)
    };
    write()
        .map(|_| println!("wrote {}", path.display()))
        .map_err(|e| format!("cannot write {}: {e}", path.display()))
}

#[cfg(unix)]
fn public() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::Permissions::from_mode(0o644)
}
