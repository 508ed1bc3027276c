//! Whether a document is the vendor's at all. Others answer with 200 at neighbouring addresses, and the vendor's own
//! automation has published documents that had lost most of what they should say.

use serde_json::Value;

use super::settings::{Identity, Taken};
use super::source::{Document, Kind, operations, recorded};

/// Refuses what is not the document that we know.
pub(crate) fn check(
    document: &Document,
    identity: &Identity,
    last: Option<&Taken>,
    accept_removals: bool,
) -> Result<(), String> {
    let origin = &document.origin;
    let refuse = |why: String| {
        Err(format!(
            "{origin} is not the document that we know: {why}; nothing was taken"
        ))
    };
    let version = document.value["openapi"].as_str().unwrap_or_default();
    if !version.starts_with("3.") {
        return refuse("it does not call itself OpenAPI 3".to_owned());
    }
    let title = document.value["info"]["title"].as_str().unwrap_or_default();
    if title != identity.title {
        return refuse(format!(
            "its title is \"{title}\", not \"{}\"",
            identity.title
        ));
    }
    match (&document.operation, document.kind) {
        (Some(operation), _) => {
            if !operations(&document.value).any(|(name, _)| name == *operation) {
                return refuse(format!("it promises {operation} and does not have it"));
            }
        }
        (None, Kind::Json) => {
            if let Some(path) = missing(&document.value, &identity.paths) {
                return refuse(format!("it has no path {path}"));
            }
        }
        (None, Kind::Page | Kind::Guide) => {}
    }
    if document.bytes < identity.smallest_bytes {
        return refuse(format!(
            "it has {} bytes, and a whole one has at least {}",
            document.bytes, identity.smallest_bytes
        ));
    }
    // Only documents from the same place can be counted against each other: a page holds a part.
    let before = last
        .filter(|last| last.url == recorded(origin))
        .and_then(|last| last.operations);
    let now = document.operations();
    match before {
        Some(before) if now < before && !accept_removals => Err(format!(
            "{origin} has {now} operations and had {before} when it was last taken; if the vendor removed them, run again with --accept-removals; nothing was taken"
        )),
        _ => Ok(()),
    }
}

fn missing<'a>(document: &Value, paths: &'a [String]) -> Option<&'a String> {
    paths
        .iter()
        .find(|path| document["paths"].get(path.as_str()).is_none())
}
