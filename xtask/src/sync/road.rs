//! The way from a new upstream document to the generated client, walked beside the workspace: what does not arrive is never
//! put in place.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::lines;
use crate::documents::{self, BASE, DERIVED, OverlayFile};
use crate::{names, pointer, yaml};

#[path = "../../../build/first_line.rs"]
mod first_line;
#[path = "../../../build/generate.rs"]
mod generate;

use generate::names::Names;

const GENERATED: &str = "src/generated/ai_clipping.rs";
/// What marks call the file.
const MARKED: &str = "create-ai-clipping.yaml";

/// What a new upstream document makes of the workspace.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// The derived document.
    pub(crate) derived: Value,
    /// Every file that changes with it, below the root, and its text.
    pub(crate) files: Vec<(PathBuf, String)>,
    /// What overlays add although the vendor now says it too, as pointers.
    pub(crate) repeated: Vec<String>,
}

/// Walks the road with `base`, the text of the new upstream file.
pub(crate) fn walk(root: &Path, base: &str) -> Result<Arrival, String> {
    let before = documents::text(&root.join(BASE))?;
    let overlays = documents::overlays(root)?;
    let document: Value = yaml::named(BASE, base)?;
    // Whether they apply comes first: an action whose target is gone says more than the mark in it.
    documents::assemble(document.clone(), &overlays).map_err(|why| {
        format!(
            "an overlay no longer applies: {why}; rewrite or retire the action, then sync again"
        )
    })?;
    let moved: Vec<OverlayFile> = overlays
        .iter()
        .map(|(path, text)| {
            let moved = lines::move_marks(text, MARKED, &before, base)
                .map_err(|why| format!("{}: {why}", path.display()))?;
            Ok((path.clone(), moved))
        })
        .collect::<Result<_, String>>()?;
    let derived = documents::assemble(document.clone(), &moved)?;
    doubled(&derived)?;
    let text = documents::render(&derived)?;
    let names = documents::text(&root.join(names::FILE))?;
    let client = Names::read(&names, DERIVED)
        .and_then(|kept| generate::client(&text, &kept))
        .map_err(|why| format!("no client can be generated from the new document: {why}"))?;
    let first_line = first_line::first_line(DERIVED, &text, &names);
    let code = format!("{first_line}\n{client}");

    let mut files = vec![(PathBuf::from(BASE), base.to_owned())];
    files.extend(moved);
    files.push((PathBuf::from(DERIVED), text));
    files.push((PathBuf::from(GENERATED), code));
    let old: Value = yaml::named(BASE, &before)?;
    let repeated = repeated(
        &old,
        &document,
        &documents::assemble(old.clone(), &overlays)?,
    );
    Ok(Arrival {
        derived,
        files: changed(root, files),
        repeated,
    })
}

/// The files whose text differs from what is there.
pub(crate) fn changed(root: &Path, files: Vec<(PathBuf, String)>) -> Vec<(PathBuf, String)> {
    files
        .into_iter()
        .filter(|(path, text)| {
            fs::read_to_string(root.join(path)).ok().as_deref() != Some(text.as_str())
        })
        .collect()
}

/// The overlay standard appends to arrays, so an overlay that adds what the document already has doubles it.
fn doubled(derived: &Value) -> Result<(), String> {
    let mut found = Vec::new();
    look(derived, "", &mut found);
    if found.is_empty() {
        return Ok(());
    }
    Err(format!(
        "an overlay adds what the new document already says, at {}; retire the action, then sync again",
        found.join(", ")
    ))
}

fn look(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let place = pointer::child(pointer, key);
                let set = matches!(
                    key.as_str(),
                    "required" | "enum" | "parameters" | "oneOf" | "tags"
                );
                if let (true, Value::Array(items)) = (set, value) {
                    let distinct: BTreeSet<String> = items.iter().map(Value::to_string).collect();
                    if distinct.len() < items.len() {
                        found.push(place.clone());
                    }
                }
                look(value, &place, found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                look(item, &format!("{pointer}/{at}"), found);
            }
        }
        _ => {}
    }
}

/// Pointers that the overlays added to the old document and that the new one has by itself; the outermost only.
fn repeated(old: &Value, new: &Value, derived: &Value) -> Vec<String> {
    let mut found = Vec::new();
    added(old, new, derived, "", &mut found);
    found
}

fn added(old: &Value, new: &Value, derived: &Value, pointer: &str, found: &mut Vec<String>) {
    for (key, ours) in derived.as_object().into_iter().flatten() {
        let Some(theirs) = new.get(key) else { continue };
        let place = pointer::child(pointer, key);
        match old.get(key) {
            Some(old) => added(old, theirs, ours, &place, found),
            None => found.push(place),
        }
    }
}

/// Compiles the workspace's clients with `files` in place, in a copy of the workspace.
pub(crate) fn compile(root: &Path, files: &[(PathBuf, String)]) -> Result<(), String> {
    let copy = tempfile::Builder::new()
        .prefix("heygen-clips-sync-")
        .tempdir()
        .map_err(|error| format!("cannot make a folder for the copy: {error}"))?;
    let listed = Command::new("git")
        .current_dir(root)
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .output()
        .map_err(|error| format!("cannot run git: {error}"))?;
    if !listed.status.success() {
        return Err("git cannot list the files of the workspace".to_owned());
    }
    for path in String::from_utf8_lossy(&listed.stdout)
        .split('\0')
        .filter(|path| !path.is_empty())
    {
        let from = root.join(path);
        if from.is_file() {
            let to = copy.path().join(path);
            parent(&to)?;
            fs::copy(&from, &to).map_err(|error| format!("cannot copy {path}: {error}"))?;
        }
    }
    for (path, text) in files {
        let to = copy.path().join(path);
        parent(&to)?;
        fs::write(&to, text).map_err(|error| format!("cannot write {}: {error}", to.display()))?;
    }
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(copy.path())
        .args([
            "check",
            "--quiet",
            "--offline",
            "--package",
            "heygen-clips-cli",
            "--target-dir",
        ])
        .arg(target)
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err("the SDK or the program does not compile with the new client; see above".to_owned())
    }
}

fn parent(path: &Path) -> Result<(), String> {
    match path.parent() {
        Some(folder) => fs::create_dir_all(folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is generated here is what the build script generates: the checked-in client comes out, to the byte.
    #[test]
    fn the_checked_in_document_arrives_at_the_checked_in_client() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let base = documents::text(&root.join(BASE)).unwrap();
        let arrival = walk(&root, &base).unwrap();
        let paths: Vec<&PathBuf> = arrival.files.iter().map(|(path, _)| path).collect();
        assert_eq!(paths, Vec::<&PathBuf>::new());
        assert_eq!(arrival.repeated, Vec::<String>::new());
    }

    const UNION: &str = r##"
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /jobs:
    post:
      operationId: create
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Source'}}}
      responses: {'204': {description: done}}
components:
  schemas:
    Source: {oneOf: [{$ref: '#/components/schemas/Link'}, {$ref: '#/components/schemas/Id'}]}
    Link:
      type: object
      additionalProperties: false
      required: [type, value]
      properties: {type: {const: link}, value: {type: string, x-secret: true}}
    Id:
      type: object
      additionalProperties: false
      required: [type, value]
      properties: {type: {const: id}, value: {type: string}}
"##;

    fn squeezed(text: &str) -> String {
        text.split_whitespace().collect()
    }

    #[test]
    fn an_alternative_without_a_type_of_its_own_keeps_its_secret() {
        let client = squeezed(&generate::client(UNION, &Names::default()).unwrap());
        assert!(
            client.contains("#[serde(tag=\"type\",content=\"value\""),
            "{client}"
        );
        let shown = "Self::Link{0:_}=>{formatter.debug_tuple(stringify!(Link))\
                     .field(&format_args!(\"(redacted)\")).finish()}";
        assert!(client.contains(shown), "{client}");
        let shown = "Self::Id{0:value0}=>{formatter.debug_tuple(stringify!(Id)).field(value0)";
        assert!(client.contains(shown), "{client}");
        let before_union = client.split("pubenumSource{").next().unwrap();
        let derived = before_union.rsplit("#[derive(").next().unwrap();
        assert!(!derived.contains("Debug"), "{derived}");
    }

    #[test]
    fn a_secret_that_would_be_printed_is_an_error() {
        let no_fields = UNION.replace("Link:\n      type: object", "Link:\n      type: string");
        let error = generate::client(&no_fields, &Names::default())
            .map(drop)
            .unwrap_err();
        assert_eq!(error, "Link lacks one of the secret fields value");
        let inline = UNION.replace("description: done", "description: done, x-secret: true");
        let error = generate::client(&inline, &Names::default())
            .map(drop)
            .unwrap_err();
        assert_eq!(
            error,
            "x-secret stands elsewhere than in a property of a component"
        );
    }

    #[test]
    fn a_pattern_that_the_client_cannot_check_is_an_error() {
        let checked = "properties: {type: {const: id}, value: {type: string, pattern: 'a{2}'}}";
        let plain = "properties: {type: {const: id}, value: {type: string}}";
        let client = generate::client(&UNION.replace(plain, checked), &Names::default()).unwrap();
        assert!(
            client.contains(r#"::regex_lite::Regex::new("a{2}")"#),
            "{client}"
        );
        let ahead = UNION.replace(plain, &checked.replace("a{2}", "(?=a)b"));
        let error = generate::client(&ahead, &Names::default())
            .map(drop)
            .unwrap_err();
        assert!(
            error.starts_with("the pattern \"(?=a)b\" cannot be checked: "),
            "{error}"
        );
    }
}
