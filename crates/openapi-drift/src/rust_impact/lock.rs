//! The name lock: names that the generated crate keeps, whatever they are called upstream.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Rust;
use crate::report::{Note, Report};
use crate::{Error, pointer};

/// Names that are kept, from a TOML file.
///
/// ```
/// let lock = openapi_drift::Lock::parse(
///     r#"
/// [types]
/// "/components/schemas/UrlAsset" = "AssetUrl"   # it was called so before
///
/// [operations]
/// "POST /clips" = "createClips"
/// "#,
/// )?;
/// # let _ = lock;
/// # Ok::<(), openapi_drift::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Type names by the JSON pointers of their schemas.
    #[serde(default)]
    types: BTreeMap<String, String>,
    /// Operation names by method and path.
    #[serde(default)]
    operations: BTreeMap<String, String>,
}

impl Lock {
    /// Reads a lock file.
    ///
    /// # Errors
    /// When it is no TOML of that shape, a place is neither a pointer nor a request, or two places
    /// have one name.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let lock: Self = toml::from_str(text)
            .map_err(|error| Error::new(format!("the name lock can't be read: {error}")))?;
        for (table, names) in [("types", &lock.types), ("operations", &lock.operations)] {
            let mut seen = BTreeMap::new();
            for (place, name) in names {
                let right = match table {
                    "types" => place.starts_with('/'),
                    _ => place
                        .split_once(' ')
                        .is_some_and(|(_, path)| path.starts_with('/')),
                };
                if !right {
                    return Err(Error::new(format!(
                        "{place} in the name lock is no place; write /components/schemas/Thing or POST /things"
                    )));
                }
                if let Some(other) = seen.insert(name, place) {
                    return Err(Error::new(format!(
                        "the name lock calls both {other} and {place} {name}"
                    )));
                }
            }
        }
        Ok(lock)
    }

    /// The places of the lock that a document does not have: what they keep is called otherwise now, or
    /// is gone.
    #[must_use]
    pub fn unmatched(&self, document: &Value) -> Vec<&str> {
        let operation = |place: &str| {
            let (method, path) = place.split_once(' ')?;
            document.get("paths")?.get(path)?.get(method.to_lowercase())
        };
        let types = self
            .types
            .keys()
            .filter(|place| document.pointer(place).is_none());
        let operations = self
            .operations
            .keys()
            .filter(|place| operation(place).is_none());
        types.chain(operations).map(String::as_str).collect()
    }

    /// The name that the thing at this place keeps: a JSON pointer, or a method and path.
    fn kept(&self, place: &str) -> Option<&str> {
        let place = place.strip_prefix('#').unwrap_or(place);
        let name = self.types.get(place).or_else(|| self.operations.get(place));
        name.map(String::as_str)
    }

    /// Adds a name that is kept.
    #[cfg(feature = "generate")]
    pub(super) fn keep(&mut self, place: &str, name: &str) {
        let table = if place.starts_with('/') {
            &mut self.types
        } else {
            &mut self.operations
        };
        table.insert(place.to_owned(), name.to_owned());
    }

    /// The lock as the lowering takes it.
    #[cfg(feature = "generate")]
    pub(super) fn options(&self) -> openapi_lower::Options {
        let mut options = openapi_lower::Options::default();
        for (pointer, name) in &self.types {
            options = options.type_name(pointer, name);
        }
        for (operation, name) in &self.operations {
            if let Some((method, path)) = operation.split_once(' ') {
                options = options.operation_name(method, path, name);
            }
        }
        options
    }
}

impl Report {
    /// Notes the entries of both locks that match nothing in their documents.
    pub fn check_names(&mut self, old: (&Value, &Lock), new: (&Value, &Lock)) {
        for (about, (document, lock)) in [("old name lock", old), ("name lock", new)] {
            let notes = lock.unmatched(document).into_iter().map(|place| Note {
                about: about.to_owned(),
                pointer: place.to_owned(),
                message: "matches nothing in the document and keeps no name".to_owned(),
            });
            self.notes.extend(notes);
        }
    }

    /// Takes renames that the locks undo for what they are then: no move of the Rust API. `old` is
    /// the lock that the old crate was generated with, `new` the one of the new crate.
    pub fn keep_names(&mut self, old: &Lock, new: &Lock) {
        for change in &mut self.changes {
            let (was, place) = match change.rule.as_str() {
                "type-name" => {
                    let name = change.before.as_str();
                    let was = name.map(|name| pointer::push("#/components/schemas", name));
                    (was, Some(change.pointer.as_str()))
                }
                "operation-id" => {
                    let place = change.operations.first();
                    (place.cloned(), place.map(String::as_str))
                }
                _ => continue,
            };
            // A name in the new lock is what somebody wanted to keep. Whether it is the old one only generated code can
            // tell: names that Rust can't have are written otherwise there.
            let kept = place.is_some_and(|place| new.kept(place).is_some());
            let named = was.and_then(|place| old.kept(&place).map(str::to_owned));
            if kept || named.is_some() && named.as_deref() == change.after.as_str() {
                change.rust = Rust::Patch;
            }
        }
        self.settle();
    }
}
