//! Refreshes the checked-in copies of the generated clients in `src/generated`.
//!
//! `build.rs` is the only place that generates: this builds the root package with its feature `codegen` and takes what the
//! build script left in its folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use serde_json::Value;

use crate::check::{self, Mode};

const REPAIR: &str = "cargo xtask generate";
const PACKAGE: &str = "heygen-clips-openapi";

/// Writes or compares the copies.
pub(crate) fn run(root: &Path, check: bool) -> Result<(), String> {
    if !check {
        // Cargo judges by the times of files. Where two checkouts share a target folder, or a file came with an old time,
        // it would take a build script that was made from other sources, and this would write what that one generated.
        File::options()
            .append(true)
            .open(root.join("build.rs"))
            .and_then(|script| script.set_modified(SystemTime::now()))
            .map_err(|error| format!("cannot touch build.rs: {error}"))?;
    }
    let built = build(root)?;
    for dialect in ["ai_clipping", "clips"] {
        let name = format!("{dialect}.rs");
        let path = built.join(&name);
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        check::settle(
            Mode::from_check(check),
            &root.join("src/generated").join(name),
            &text,
            REPAIR,
        )?;
    }
    Ok(())
}

/// Builds the package with `codegen` and returns its `OUT_DIR`.
fn build(root: &Path) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root)
        .args([
            "check",
            "--quiet",
            "--package",
            PACKAGE,
            "--features",
            "codegen",
            "--message-format",
        ])
        .arg("json-render-diagnostics")
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "{PACKAGE} does not build with the feature codegen; see above"
        ));
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "build-script-executed")
        .filter(|message| {
            message["package_id"]
                .as_str()
                .is_some_and(|id| id.contains(PACKAGE))
        })
        .find_map(|message| message["out_dir"].as_str().map(PathBuf::from))
        .ok_or_else(|| format!("cargo did not say where {PACKAGE} generates"))
}
