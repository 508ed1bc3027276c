//! Where the wire and the Rust API disagree about a break, and what helps against it.

use serde::Serialize;
use serde_json::Value;

use super::Rust;
use crate::report::Change;
use crate::verdict::Verdict;

/// A disagreement between the wire and the Rust API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// It breaks on the wire, and code written against the crate still compiles: nobody is warned.
    WireOnly,
    /// It breaks code written against the crate, and nothing on the wire: nobody is helped.
    RustOnly,
}

/// What keeps the Rust API as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// Entries of the name lock, a line of TOML each.
    NameLock(Vec<String>),
    /// Actions of an OpenAPI Overlay for the new document, which bring the old form back.
    Overlay(Vec<Value>),
}

impl Remedy {
    /// One line that says what to write where.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::NameLock(entries) => format!("name lock: {}", entries.join("; ")),
            Self::Overlay(actions) => {
                let shown: Vec<String> = actions.iter().map(Value::to_string).collect();
                format!("overlay: {}", shown.join(", "))
            }
        }
    }
}

/// Names the cell of each change.
pub(crate) fn settle(changes: &mut [Change]) {
    for change in changes {
        change.cell = match change.verdict {
            Verdict::Breaking | Verdict::BreakingClosed if change.rust < Rust::Major => {
                Some(Cell::WireOnly)
            }
            Verdict::Compatible | Verdict::DocsOnly | Verdict::Equivalent
                if change.rust == Rust::Major =>
            {
                Some(Cell::RustOnly)
            }
            _ => None,
        };
    }
}
