//! A document as both sides of a call read it: one plain 2020-12 dialect, once for what is sent and
//! once for what is received. Operations are read in [`model`], schemas in [`crate::schema`].

mod anchors;
mod desugar;
mod idioms;
pub(crate) mod model;
mod security;
mod servers;
mod style;
mod unusable;
mod weight;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Error;
use crate::verdict::Polarity;

use desugar::Rewritten;
pub(crate) use desugar::{METHODS, TAGGED, WIDTH};
pub(crate) use idioms::{IGNORED, NULL_LEFT_OUT, WRAPPED};
pub(crate) use security::{Alternative, FREE};
pub(crate) use servers::{Address, Servers};
pub(crate) use style::Style;
pub(crate) use unusable::{IDENTITY, MEANT, UNUSABLE, Unusable};
pub(crate) use weight::too_heavy;

/// Deeper documents are refused: nothing that people write comes near, and recursion must end.
const MAX_DEPTH: usize = 400;

/// One document, desugared for each polarity.
pub(crate) struct Document {
    sent: Value,
    /// Only when some property is read-only or write-only; otherwise both readings are one.
    received: Option<Value>,
    unusable: BTreeMap<String, Unusable>,
    rewritten: Rewritten,
}

impl Document {
    /// Reads a document. `side` names it in errors.
    pub(crate) fn new(source: &Value, side: &str) -> Result<Self, Error> {
        let Some(root) = source.as_object() else {
            return Err(Error::new(format!(
                "the {side} document is not an object; give an OpenAPI 3.0 or 3.1 document"
            )));
        };
        if root.contains_key("swagger") {
            return Err(Error::new(format!(
                "the {side} document is Swagger 2.0; convert it to OpenAPI 3 first"
            )));
        }
        let version = root.get("openapi").and_then(Value::as_str);
        let is_known = |version: &str| {
            !version.starts_with(|first: char| first.is_ascii_digit() && first != '3')
        };
        if let Some(version) = version.filter(|version| !is_known(version)) {
            return Err(Error::new(format!(
                "the {side} document is of OpenAPI {version}; give one of 3.0 or 3.1"
            )));
        }
        for key in ["paths", "webhooks", "components"] {
            // Some encoders write an empty map as an empty list.
            let is_empty = |part: &Value| part.is_null() || part == &Value::Array(Vec::new());
            if root
                .get(key)
                .is_some_and(|part| !part.is_object() && !is_empty(part))
            {
                return Err(Error::new(format!(
                    "`{key}` of the {side} document is not an object: is it a whole OpenAPI document?"
                )));
            }
        }
        let known = ["openapi", "paths", "webhooks", "components"];
        if !known.iter().any(|key| root.contains_key(*key)) {
            return Err(Error::new(format!(
                "the {side} document has neither `openapi` nor `paths`; give an OpenAPI document"
            )));
        }
        if !shallow(source, MAX_DEPTH) {
            return Err(Error::new(format!(
                "the {side} document nests deeper than {MAX_DEPTH} levels"
            )));
        }
        let (sent, unusable, rewritten) = desugar::desugar(source, Polarity::Sent);
        // Only one-way properties are told apart by the second reading: it finds nothing new to list.
        let received = desugar::has_one_way_properties(source)
            .then(|| desugar::desugar(source, Polarity::Received).0);
        Ok(Self {
            sent,
            received,
            unusable,
            rewritten,
        })
    }

    /// The document as one polarity reads it.
    pub(crate) fn view(&self, polarity: Polarity) -> &Value {
        match polarity {
            Polarity::Sent => &self.sent,
            Polarity::Received => self.received.as_ref().unwrap_or(&self.sent),
        }
    }

    /// The place in the document as written of one in a view.
    pub(crate) fn written(&self, place: &str) -> String {
        self.rewritten.written(place)
    }

    /// What the document says in a form that nobody can use, by its place.
    pub(crate) fn unusable(&self) -> &BTreeMap<String, Unusable> {
        &self.unusable
    }

    /// Whether what is sent and what is received read differently.
    pub(crate) fn is_split(&self) -> bool {
        self.received.is_some()
    }
}

fn shallow(value: &Value, levels: usize) -> bool {
    // A list of work, since a document too deep to recurse into is what this looks for.
    let mut open = vec![(value, 0usize)];
    while let Some((value, depth)) = open.pop() {
        if depth > levels {
            return false;
        }
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => open.extend(members.values().map(|item| (item, depth + 1))),
            _ => {}
        }
    }
    true
}
