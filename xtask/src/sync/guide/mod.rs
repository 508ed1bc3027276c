//! The guide page: what its prose, tables and examples say, as rows, and where `clips.yaml` says otherwise.
//!
//! `clips.yaml` is written by hand, since no document of the vendor's has these operations. So nothing here changes it; a
//! difference is for a person to look at.

mod compare;
mod example;
mod python;
mod read;
mod table;

use serde_json::Value;

use super::limits::Limits;

pub(crate) use compare::compare;
pub(crate) use read::read;

/// Where in a call something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Body,
    Path,
    Query,
    Header,
    Response,
}

impl Place {
    /// The word that reports use.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Response => "response",
        }
    }
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// `METHOD /path`.
    pub(crate) operation: String,
    pub(crate) place: Place,
    /// Such as `clips[].id`.
    pub(crate) path: String,
    pub(crate) line: usize,
    /// Without null; nothing when the table has no such column.
    pub(crate) kind: Option<String>,
    pub(crate) nullable: bool,
    pub(crate) required: Option<bool>,
    /// The outer is whether the table has such a column.
    pub(crate) default: Option<Option<Value>>,
    pub(crate) limits: Limits,
    /// Inline JSON: a sample of the value.
    pub(crate) samples: Vec<Value>,
}

/// A value that the page shows being sent or received.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Example {
    /// `METHOD /path`, with whatever stands in the place of path parameters; nothing for a fragment.
    pub(crate) operation: Option<String>,
    pub(crate) place: Place,
    pub(crate) line: usize,
    /// Such as `curl`.
    pub(crate) from: &'static str,
    pub(crate) value: Value,
}

/// A member that an example program reads from an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Read {
    pub(crate) operation: String,
    pub(crate) path: String,
    pub(crate) line: usize,
    /// What the program compares it with.
    pub(crate) values: Vec<Value>,
}

/// What a guide page says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Guide {
    /// Operations that the page gives a section, and the line where it begins.
    pub(crate) operations: Vec<(String, usize)>,
    pub(crate) rows: Vec<Row>,
    pub(crate) examples: Vec<Example>,
    pub(crate) reads: Vec<Read>,
    /// What looks like a table or an example and could not be read.
    pub(crate) unread: Vec<String>,
}

/// Stands in an example for a value that only a running program knows.
pub(crate) fn unknown() -> Value {
    serde_json::json!({ UNKNOWN: true })
}

/// Whether a value is `unknown`.
pub(crate) fn is_unknown(value: &Value) -> bool {
    value.get(UNKNOWN).is_some()
}

const UNKNOWN: &str = "\u{0}unknown";
