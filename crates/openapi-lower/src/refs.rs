//! Where a `$ref` leads: pointers, anchors and `$id`s within the one document.
//!
//! Nothing is fetched: a reference to another document is reported as such.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::pointer;

/// The document with an index of its names.
#[derive(Debug)]
pub(crate) struct Refs<'d> {
    document: &'d Value,
    /// `$anchor` and `$dynamicAnchor` names, and `$id`s, each to the first place that has it.
    anchors: BTreeMap<&'d str, String>,
    ids: BTreeMap<&'d str, String>,
}

impl<'d> Refs<'d> {
    /// Indexes `document`, without recursion: documents may be nested as deeply as they like.
    pub(crate) fn new(document: &'d Value) -> Self {
        let mut refs = Self {
            document,
            anchors: BTreeMap::new(),
            ids: BTreeMap::new(),
        };
        let mut open = vec![(String::new(), document)];
        while let Some((at, value)) = open.pop() {
            match value {
                Value::Object(map) => {
                    for (key, value) in map {
                        match (key.as_str(), value.as_str()) {
                            ("$anchor" | "$dynamicAnchor", Some(name)) => {
                                keep_first(&mut refs.anchors, name, &at);
                            }
                            ("$id" | "$self", Some(name)) => {
                                keep_first(&mut refs.ids, name.trim_end_matches('#'), &at);
                            }
                            _ if value.is_object() || value.is_array() => {
                                open.push((pointer::child(&at, key), value));
                            }
                            _ => {}
                        }
                    }
                }
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        if item.is_object() || item.is_array() {
                            open.push((format!("{at}/{index}"), item));
                        }
                    }
                }
                _ => {}
            }
        }
        refs
    }

    /// The document itself.
    pub(crate) fn document(&self) -> &'d Value {
        self.document
    }

    /// The value at a pointer.
    pub(crate) fn get(&self, pointer: &str) -> Option<&'d Value> {
        pointer::get(self.document, pointer)
    }

    /// The pointer that `reference` means where it is written at `from`, if it is in this document.
    pub(crate) fn resolve(&self, reference: &str, from: &str) -> Option<String> {
        let (base, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let base = if base.is_empty() {
            ""
        } else {
            self.ids.get(base)?.as_str()
        };
        let fragment = pointer::from_fragment(fragment);
        if fragment.is_empty() {
            return self.get(base).map(|_| base.to_owned());
        }
        if !fragment.starts_with('/') {
            return self.anchors.get(fragment.as_str()).cloned();
        }
        let absolute = format!("{base}{fragment}");
        if self.get(&absolute).is_some() {
            return Some(absolute);
        }
        // A pointer below an embedded `$id` starts at that schema.
        self.ids
            .values()
            .filter(|id| !id.is_empty() && from.starts_with(id.as_str()))
            .max_by_key(|id| id.len())
            .map(|id| format!("{id}{fragment}"))
            .filter(|pointer| self.get(pointer).is_some())
    }

    /// Follows `$ref`s of things that are not schemas (path items, parameters, responses) from
    /// `from` to the object meant. `None` where the way ends outside the document or in a circle.
    pub(crate) fn follow(&self, from: &str) -> Option<(String, &'d Value)> {
        let mut at = from.to_owned();
        for _ in 0..MAX_HOPS {
            let value = self.get(&at)?;
            match value.get("$ref").and_then(Value::as_str) {
                None => return Some((at, value)),
                Some(reference) => at = self.resolve(reference, &at)?,
            }
        }
        None
    }
}

/// References to references longer than this are circles.
const MAX_HOPS: usize = 64;

fn keep_first<'d>(index: &mut BTreeMap<&'d str, String>, name: &'d str, at: &str) {
    let place = index.entry(name).or_insert_with(|| at.to_owned());
    // The order of visits is not the order of the document: the smallest pointer is the first.
    if at < place.as_str() {
        at.clone_into(place);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pointers_anchors_and_ids_resolve() {
        let document = json!({
            "components": {"schemas": {
                "A": {"$anchor": "a", "$id": "https://x.test/a", "$defs": {"B": {}}},
                "x/y": {}
            }}
        });
        let refs = Refs::new(&document);
        let a = "/components/schemas/A";
        assert_eq!(
            refs.resolve("#/components/schemas/A", "").as_deref(),
            Some(a)
        );
        assert_eq!(refs.resolve("#a", "").as_deref(), Some(a));
        assert_eq!(refs.resolve("https://x.test/a", "").as_deref(), Some(a));
        let b = format!("{a}/$defs/B");
        assert_eq!(refs.resolve("#/$defs/B", &format!("{a}/items")), Some(b));
        let escaped = "/components/schemas/x~1y";
        assert_eq!(
            refs.resolve("#/components/schemas/x~1y", "").as_deref(),
            Some(escaped)
        );
        assert_eq!(refs.resolve("other.yaml#/a", ""), None);
    }

    #[test]
    fn circles_end() {
        let document = json!({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}});
        assert_eq!(Refs::new(&document).follow("/a"), None);
    }
}
