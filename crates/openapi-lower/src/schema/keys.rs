//! The keywords of one schema object, with a record of which were read.
//!
//! Whatever nobody has read by the time of [`Keys::finish`] becomes a loss: that is how nothing is
//! dropped in silence.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::loss::Losses;
use crate::pointer;

/// Keywords that say nothing about which values are allowed. They are dropped without a loss, and
/// the crate's documentation lists them.
pub(crate) const ANNOTATIONS: &[&str] = &[
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$id",
    "$recursiveAnchor",
    "$schema",
    "$vocabulary",
    "definitions",
    "example",
    "examples",
    "externalDocs",
    "title",
    "xml",
];

/// The keywords of a schema object.
pub(crate) struct Keys<'d> {
    map: &'d Map<String, Value>,
    pointer: String,
    read: RefCell<BTreeSet<&'d str>>,
}

impl<'d> Keys<'d> {
    pub(crate) fn new(pointer: &str, map: &'d Map<String, Value>) -> Self {
        Self {
            map,
            pointer: pointer.to_owned(),
            read: RefCell::default(),
        }
    }

    /// Where the object stands.
    pub(crate) fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Where the keyword stands.
    pub(crate) fn at(&self, keyword: &str) -> String {
        pointer::child(&self.pointer, keyword)
    }

    /// Reads a keyword.
    pub(crate) fn take(&self, keyword: &str) -> Option<&'d Value> {
        let (key, value) = self.map.get_key_value(keyword)?;
        self.read.borrow_mut().insert(key);
        Some(value)
    }

    /// Reads a keyword if its value has the right type; another is left to [`Keys::finish`].
    pub(crate) fn take_if<T>(
        &self,
        keyword: &str,
        read: impl Fn(&'d Value) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.map.get(keyword)?)?;
        self.take(keyword);
        Some(value)
    }

    /// A keyword that is a string.
    pub(crate) fn string(&self, keyword: &str) -> Option<&'d str> {
        self.take_if(keyword, Value::as_str)
    }

    /// A keyword that is a boolean; absent is false.
    pub(crate) fn flag(&self, keyword: &str) -> bool {
        self.take_if(keyword, Value::as_bool).unwrap_or(false)
    }

    /// A keyword that is a whole number, also where it is written `1.0`.
    pub(crate) fn count(&self, keyword: &str) -> Option<u64> {
        self.take_if(keyword, as_count)
    }

    /// The value of a keyword, which stays unread.
    pub(crate) fn peek(&self, keyword: &str) -> Option<&'d Value> {
        self.map.get(keyword)
    }

    /// Whether a keyword is there, read or not.
    pub(crate) fn has(&self, keyword: &str) -> bool {
        self.map.contains_key(keyword)
    }

    /// Notes every keyword that was not read, [`ANNOTATIONS`] and extensions aside.
    pub(crate) fn finish(self, losses: &mut Losses) {
        self.finish_except(ANNOTATIONS, losses);
    }

    /// Notes every keyword that was not read, `annotations` and extensions aside.
    pub(crate) fn finish_except(self, annotations: &[&str], losses: &mut Losses) {
        let read = self.read.into_inner();
        for key in self.map.keys() {
            let known = read.contains(key.as_str())
                || annotations.contains(&key.as_str())
                || key.starts_with("x-");
            if !known {
                let at = pointer::child(&self.pointer, key);
                losses.add(&at, key, "the rest of the object", unread(key));
            }
        }
    }
}

fn as_count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let float = value.as_f64()?;
        // Exact below 2^53, and no schema counts further.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (float >= 0.0 && float.fract() == 0.0 && float < 9e15).then_some(float as u64)
    })
}

fn unread(keyword: &str) -> &'static str {
    match keyword {
        "not" => "the values that it excludes are allowed",
        "if" | "then" | "else" => "the condition is not checked",
        "contains" | "minContains" | "maxContains" => "the items are not searched",
        "propertyNames" => "property names are not checked",
        "minProperties" | "maxProperties" => "properties are not counted",
        "dependentRequired" | "dependentSchemas" | "dependencies" => {
            "dependencies between properties are not checked"
        }
        "unevaluatedItems" | "additionalItems" => "further items are not checked",
        "uniqueItems" => "items may repeat",
        "multipleOf" => "any step is allowed",
        "links" => "links to other operations",
        "headers" => "their types; their values can be read from the response",
        "servers" => "that it is at another address than the rest",
        "allowEmptyValue" => "that it may be sent without a value",
        "allowReserved" => "reserved characters are percent-encoded all the same",
        "encoding" => "how the parts are encoded",
        _ => "it does not apply to this type, or its meaning is unknown here",
    }
}
