//! The names that schemas give themselves (`$id`, `$anchor`), and the places that references by such names mean.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::pointer;

/// The resource that a schema belongs to: its address, and where it begins. Both are empty for the document itself.
#[derive(Clone, Default)]
pub(super) struct Base {
    uri: String,
    pointer: String,
}

impl Base {
    /// The base under a schema that has an `$id`, and stands at a place.
    pub(super) fn under(&self, id: &str, place: &str) -> Self {
        let uri = join(&self.uri, id.trim_end_matches('#'));
        Self {
            uri,
            pointer: place.to_owned(),
        }
    }

    pub(super) fn is_document(&self) -> bool {
        self.pointer.is_empty()
    }
}

/// Every name in a document.
#[derive(Default)]
pub(super) struct Anchors {
    resources: BTreeMap<String, String>,
    /// By the address of the resource and the name.
    anchors: BTreeMap<(String, String), String>,
    /// The places that have a `$dynamicAnchor`, by name.
    dynamic: BTreeMap<String, Vec<String>>,
}

impl Anchors {
    pub(super) fn read(root: &Value) -> Self {
        let mut all = Self::default();
        all.visit(root, "#", &Base::default());
        all
    }

    fn visit(&mut self, value: &Value, place: &str, base: &Base) {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.visit(item, &pointer::push(place, &index.to_string()), base);
                }
            }
            Value::Object(map) => {
                let own = map.get("$id").and_then(Value::as_str);
                let base = &own.map_or_else(|| base.clone(), |id| base.under(id, place));
                if own.is_some() {
                    self.resources.insert(base.uri.clone(), place.to_owned());
                }
                for key in ["$anchor", "$dynamicAnchor"] {
                    if let Some(name) = map.get(key).and_then(Value::as_str) {
                        let key = (base.uri.clone(), name.to_owned());
                        self.anchors.insert(key, place.to_owned());
                    }
                }
                if let Some(name) = map.get("$dynamicAnchor").and_then(Value::as_str) {
                    let places = self.dynamic.entry(name.to_owned()).or_default();
                    places.push(place.to_owned());
                }
                for (key, member) in map {
                    self.visit(member, &pointer::push(place, key), base);
                }
            }
            _ => {}
        }
    }

    /// The place that a reference in this resource means, if it is one of this document.
    pub(super) fn resolve(&self, root: &Value, base: &Base, reference: &str) -> Option<String> {
        let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let within = if address.is_empty() {
            (base.uri.clone(), base.pointer.as_str())
        } else {
            let uri = join(&base.uri, address);
            let pointer = self.resources.get(&uri)?;
            (uri, pointer.as_str())
        };
        let (uri, start) = within;
        let start = if start.is_empty() { "#" } else { start };
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return self.anchors.get(&(uri, fragment.to_owned())).cloned();
        }
        let target = pointer::local(&format!("{start}{fragment}"))?;
        pointer::lookup(root, &target).is_some().then_some(target)
    }

    /// The places that a `$dynamicRef` can mean.
    pub(super) fn dynamic(&self, reference: &str) -> &[String] {
        let name = reference.strip_prefix('#');
        let places = name.and_then(|name| self.dynamic.get(name));
        places.map_or(&[], Vec::as_slice)
    }
}

/// A reference by an address, resolved against another.
fn join(base: &str, reference: &str) -> String {
    let reference = reference.trim_start_matches("./");
    let absolute = reference.contains("://") || reference.starts_with("urn:");
    if absolute || base.is_empty() {
        return reference.to_owned();
    }
    let path = base.find("://").map_or(0, |scheme| scheme + 3);
    let keep = if reference.starts_with('/') {
        base[path..].find('/').map_or(base.len(), |end| path + end)
    } else {
        base[path..]
            .rfind('/')
            .map_or(base.len(), |end| path + end + 1)
    };
    let slash = if reference.starts_with('/') || keep < base.len() || base.ends_with('/') {
        ""
    } else {
        "/"
    };
    format!("{}{slash}{reference}", &base[..keep])
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn addresses_are_joined() {
        for (base, reference, joined) in [
            ("", "a.json", "a.json"),
            ("https://x.org/s/a.json", "b.json", "https://x.org/s/b.json"),
            (
                "https://x.org/s/a.json",
                "./b.json",
                "https://x.org/s/b.json",
            ),
            ("https://x.org/s/a.json", "/b.json", "https://x.org/b.json"),
            ("https://x.org", "b.json", "https://x.org/b.json"),
            ("https://x.org/a", "urn:b", "urn:b"),
        ] {
            assert_eq!(join(base, reference), joined);
        }
    }
}
