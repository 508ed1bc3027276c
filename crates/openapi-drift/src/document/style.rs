//! How a parameter is written on the wire: `style`, `explode`, `allowReserved`, defaults filled in.

use serde_json::Value;

use crate::compare::{Notation, Text};
use crate::schema::Kinds;

/// A parameter's serialisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) style: String,
    pub(crate) explode: bool,
    pub(crate) reserved: bool,
    pub(crate) empty: bool,
}

impl Style {
    pub(super) fn read(value: &Value, location: &str) -> Self {
        let style = match value.get("style").and_then(Value::as_str) {
            Some(style) => style.to_owned(),
            None if matches!(location, "query" | "cookie") => "form".to_owned(),
            None => "simple".to_owned(),
        };
        let flag = |key: &str| value.get(key).and_then(Value::as_bool);
        Self {
            explode: flag("explode").unwrap_or(style == "form"),
            reserved: flag("allowReserved").unwrap_or(false),
            empty: flag("allowEmptyValue").unwrap_or(false),
            style,
        }
    }

    /// How values are written, in the styles that there are.
    pub(crate) fn text(&self) -> Option<Text> {
        let (notation, separator) = match (self.style.as_str(), self.explode) {
            ("form" | "spaceDelimited" | "pipeDelimited", true) => (Notation::Form, None),
            ("form", false) => (Notation::Form, Some(',')),
            ("spaceDelimited", false) => (Notation::Form, Some(' ')),
            ("pipeDelimited", false) => (Notation::Form, Some('|')),
            ("simple", _) => (Notation::Simple, Some(',')),
            ("label", true) => (Notation::Label, Some('.')),
            ("label", false) => (Notation::Label, Some(',')),
            ("matrix", true) => (Notation::Matrix, None),
            ("matrix", false) => (Notation::Matrix, Some(',')),
            ("deepObject", _) => (Notation::Deep, None),
            _ => return None,
        };
        Some(Text {
            notation,
            explode: self.explode || notation == Notation::Deep,
            separator,
        })
    }

    /// How a part of a form in a URL's notation is written.
    pub(crate) fn of_part(encoding: &Value) -> Self {
        Self::read(encoding, "query")
    }

    /// The same serialisation, with what makes no difference for these kinds left out.
    pub(crate) fn for_kinds(&self, kinds: Kinds) -> (String, bool) {
        let many = kinds.0 & (Kinds::ARRAY | Kinds::OBJECT) != 0;
        match self.style.as_str() {
            "matrix" | "label" => (self.style.clone(), many && self.explode),
            "deepObject" if many => (self.style.clone(), true),
            _ if many => (self.style.clone(), self.explode),
            // A single value is written the same by all the others.
            _ => ("single".to_owned(), false),
        }
    }
}
