//! Checks what the compiler does not: the floors of ARCHITECTURE.md, and the habits of the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Which of our own packages each one may use, tests aside. What is not listed may use none.
const FLOORS: &[(&str, &[&str])] = &[
    ("openapi-lower", &[]),
    // The fixtures of openapi-lower, compiled: nothing uses it.
    ("openapi-lower-compiled", &["openapi-lower"]),
    ("clip-engine", &[]),
    ("openapi-fidelity", &["openapi-lower"]),
    ("xtask", &["openapi-lower", "openapi-drift"]),
    ("openapi-drift", &["openapi-lower"]),
    // Types of two documents, for the witnesses between them: nothing uses it.
    ("openapi-drift-replay", &["openapi-lower"]),
    ("heygen-clips-openapi", &["openapi-lower"]),
    ("heygen-clips", &["heygen-clips-openapi"]),
    (
        "heygen-clips-emulator",
        &["heygen-clips-openapi", "clip-engine"],
    ),
    (
        "heygen-clips-cli",
        &["heygen-clips", "heygen-clips-emulator"],
    ),
];

/// Packages that know no vendor and open no connection.
const GROUND: &[&str] = &[
    "openapi-lower",
    "openapi-drift",
    "openapi-fidelity",
    "clip-engine",
];

/// Packages that open connections, so that nothing on the ground may use them.
const NETWORK: &[&str] = &[
    "reqwest",
    "hyper",
    "axum",
    "tonic",
    "ureq",
    "http",
    "tokio-rustls",
    "native-tls",
];

/// What a source that opens connections by itself says.
const CONNECTS: &[&str] = &["std::net", "tokio::net", "reqwest::"];

/// Of the SDK and the program, what may listen by itself.
const LISTENS: &[&str] = &["testing/socket.rs", "webhook/listen.rs"];

/// A hand-written file above this many lines is usually two rooms.
const LONGEST: usize = 600;

/// Runs every check and reports all that fail.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .exec()
        .map_err(|error| format!("cargo metadata failed: {error}"))?;
    let mut faults = Vec::new();
    for package in metadata.workspace_packages() {
        floors(package, &metadata, &mut faults);
        manifest(package, &mut faults);
        sources(package, &mut faults);
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "{} faults:\n- {}",
            faults.len(),
            faults.join("\n- ")
        ))
    }
}

/// An arrow between our packages only ever points down.
fn floors(package: &Package, metadata: &Metadata, faults: &mut Vec<String>) {
    let ours: BTreeSet<&str> = metadata
        .workspace_packages()
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let Some((_, allowed)) = FLOORS.iter().find(|(name, _)| package.name == *name) else {
        faults.push(format!(
            "{} has no floor; give it one in xtask/src/tidy.rs and ARCHITECTURE.md",
            package.name
        ));
        return;
    };
    for dependency in package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development)
    {
        let name = dependency.name.as_str();
        if ours.contains(name) && !allowed.contains(&name) {
            faults.push(format!(
                "{} uses {name}, which is not below it; see ARCHITECTURE.md",
                package.name
            ));
        }
        if GROUND.contains(&package.name.as_str()) && NETWORK.contains(&name) {
            faults.push(format!(
                "{} uses {name}: the ground floor opens no connection",
                package.name
            ));
        }
    }
}

fn manifest(package: &Package, faults: &mut Vec<String>) {
    let text = fs::read_to_string(&package.manifest_path).unwrap_or_default();
    if !text.contains("[lints]\nworkspace = true") {
        faults.push(format!(
            "{} does not inherit the workspace's lints",
            package.manifest_path
        ));
    }
    if package.license.as_deref() != Some("MIT OR Apache-2.0") {
        faults.push(format!(
            "{} is not MIT OR Apache-2.0",
            package.manifest_path
        ));
    }
}

fn sources(package: &Package, faults: &mut Vec<String>) {
    let Some(folder) = package.manifest_path.parent() else {
        return;
    };
    let mut files = Vec::new();
    for part in ["src", "tests", "examples", "benches", "build", "build.rs"] {
        walk(folder.join(part).as_std_path(), &mut files);
    }
    for path in files {
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        source(package, &path, &text, faults);
    }
}

fn source(package: &Package, path: &Path, text: &str, faults: &mut Vec<String>) {
    let shown = path.display();
    if path
        .components()
        .any(|part| part.as_os_str() == "generated")
    {
        if !text.starts_with("// Generated by `") {
            faults.push(format!("{shown} does not say which command made it"));
        }
        return;
    }
    if !text.starts_with("//!") {
        faults.push(format!(
            "{shown} does not begin with what belongs in it (`//!`)"
        ));
    }
    let lines = text.lines().count();
    if lines > LONGEST {
        faults.push(format!(
            "{shown} has {lines} lines; more than {LONGEST} are usually two files"
        ));
    }
    if GROUND.contains(&package.name.as_str()) && text.to_lowercase().contains("heygen") {
        faults.push(format!(
            "{shown} names the vendor; the ground floor serves any"
        ));
    }
    let may_connect = match package.name.as_str() {
        // This file names them; tests have an upstream of their own.
        "xtask" => ["tidy.rs", "sync", "tests"]
            .iter()
            .any(|place| path.components().any(|part| part.as_os_str() == *place)),
        "heygen-clips" | "heygen-clips-cli" => {
            let mut parts = path.components().map(std::path::Component::as_os_str);
            let is_test = parts.any(|part| part == "tests" || part == "examples");
            let listens = LISTENS.iter().any(|place| path.ends_with(place));
            is_test || listens || !text.contains("tokio::net")
        }
        name => !GROUND.contains(&name),
    };
    if let Some(how) = CONNECTS
        .iter()
        .find(|how| !may_connect && text.contains(**how))
    {
        faults.push(format!(
            "{shown} says {how}: who may open connections is invariant 5 of ARCHITECTURE.md"
        ));
    }
}

/// Collects the Rust files below `path`, or `path` itself.
fn walk(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let entries = fs::read_dir(path)
            .into_iter()
            .flatten()
            .filter_map(Result::ok);
        let mut below: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        below.sort();
        below.iter().for_each(|path| walk(path, files));
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        files.push(path.to_owned());
    }
}
