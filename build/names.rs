//! `openapi/names.toml`: the names that generated items keep, whatever they are called upstream. A table a document, in it
//! entries of the form that `openapi-drift` takes and prints.

use std::collections::BTreeMap;

use openapi_lower::Options;
use openapi_lower::serde_json::Value;

/// Where the file lies below the root.
pub(crate) const FILE: &str = "openapi/names.toml";

/// The names of one document.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Of types, by the JSON pointers of their schemas.
    types: BTreeMap<String, String>,
    /// Of operations, by `METHOD /path`.
    operations: BTreeMap<String, String>,
}

impl Names {
    /// Reads the names of `document` (`openapi/clips.yaml`) out of the file's text.
    pub(crate) fn read(text: &str, document: &str) -> Result<Self, String> {
        let file: toml::Table = text.parse().map_err(|error| format!("{FILE}: {error}"))?;
        let name = document
            .rsplit('/')
            .next()
            .unwrap_or(document)
            .trim_end_matches(".yaml");
        let mut names = Self::default();
        let Some(tables) = file.get(name) else {
            return Ok(names);
        };
        let wrong =
            || format!("{FILE}: [{name}] has `types` and `operations`, each a table of names");
        for (kind, entries) in tables.as_table().ok_or_else(wrong)? {
            let into = match kind.as_str() {
                "types" => &mut names.types,
                "operations" => &mut names.operations,
                _ => return Err(wrong()),
            };
            for (place, name) in entries.as_table().ok_or_else(wrong)? {
                into.insert(place.clone(), name.as_str().ok_or_else(wrong)?.to_owned());
            }
        }
        Ok(names)
    }

    /// As the lowering takes them.
    pub(crate) fn options(&self) -> Options {
        let types = self.types.iter();
        let options = types.fold(Options::default(), |options, (pointer, name)| {
            options.type_name(pointer, name)
        });
        let operations = self
            .operations
            .iter()
            .filter_map(|(operation, name)| Some((operation.split_once(' ')?, name)));
        operations.fold(options, |options, ((method, path), name)| {
            options.operation_name(method, path, name)
        })
    }

    /// What the type of a component is called.
    pub(crate) fn component<'n>(&'n self, name: &'n str) -> &'n str {
        let pointer = format!(
            "/components/schemas/{}",
            name.replace('~', "~0").replace('/', "~1")
        );
        self.types.get(&pointer).map_or(name, String::as_str)
    }

    /// The entries that name nothing in a document: what they were for is gone, and so should they be.
    pub(crate) fn stale(&self, document: &Value) -> Vec<&str> {
        let types = self
            .types
            .keys()
            .filter(|pointer| document.pointer(pointer).is_none());
        let operations = self.operations.keys().filter(|operation| {
            let (method, path) = operation.split_once(' ').unwrap_or_default();
            document["paths"][path].get(method.to_lowercase()).is_none()
        });
        types.chain(operations).map(String::as_str).collect()
    }
}
