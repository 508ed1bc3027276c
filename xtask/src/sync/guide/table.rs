//! Tables: with pipes as Markdown has them, or with the outer pipes of their rows lost.

use serde_json::Value;

use super::{Guide, Place, Row};
use crate::sync::limits::{self, Limits, Subject};

/// A table: its column names in lower case, and its cells.
pub(crate) struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// The table whose header is the first of `lines`, and how many lines it has.
pub(crate) fn find(lines: &[&str]) -> Option<(Table, usize)> {
    let header = lines.first().filter(|header| header.contains('|'))?;
    lines.get(1).filter(|line| is_rule(line))?;
    let columns = cells(header)
        .iter()
        .map(|name| name.to_lowercase())
        .collect();
    // A page that lost its empty lines goes straight on to the header of the next table.
    let next_is_rule = |at: usize| lines.get(at + 1).is_some_and(|line| is_rule(line));
    let rows: Vec<Vec<String>> = (2..lines.len())
        .take_while(|at| !next_is_rule(*at) && (!bounded(header) || bounded(lines[*at])))
        .map(|at| cells(lines[at]))
        .take_while(|cells| cells.len() > 1)
        .collect();
    let length = rows.len() + 2;
    Some((Table { columns, rows }, length))
}

/// Whether a pipe stands at an end of a line; a pipe in a command does not.
fn bounded(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('|') || line.ends_with('|')
}

/// The line of dashes below a header.
fn is_rule(line: &str) -> bool {
    let mark = |c| matches!(c, '|' | '-' | ':' | ' ' | '\t');
    line.contains('-') && line.contains('|') && line.chars().all(mark)
}

/// The cells of a line. A pipe after a backslash belongs to its cell.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim().replace("\\|", "\u{1}");
    let inner = line.strip_prefix('|').unwrap_or(&line);
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    inner
        .split('|')
        .map(|cell| cell.replace('\u{1}', "|").trim().to_owned())
        .collect()
}

impl Table {
    /// Adds the rows to `guide`. `label` is the last line of prose before the table, in lower case.
    pub(crate) fn rows(&self, operation: &str, label: &str, line: usize, guide: &mut Guide) {
        let named = ["parameter", "field", "name", "property", "attribute", "key"];
        let Some(name) = self.column(&named) else {
            guide
                .unread
                .push(format!("line {line}: a table without a column of names"));
            return;
        };
        let place = self.place(operation, label);
        for (at, cells) in self.rows.iter().enumerate() {
            let line = line + 2 + at;
            if cells.len() != self.columns.len() {
                guide.unread.push(format!(
                    "line {line}: a row of {} cells in a table of {}",
                    cells.len(),
                    self.columns.len()
                ));
                continue;
            }
            let cell = |names: &[&str]| self.column(names).map(|column| cells[column].as_str());
            let prose = cell(&["description", "notes", "meaning"]).unwrap_or_default();
            let (kind, nullable) = cell(&["type"]).map_or((None, false), kind);
            let subject = kind.as_deref().map_or(Subject::Other, Subject::of);
            let (bare, samples) = samples(prose);
            let default = cell(&["default"]).map(default);
            let mut limits = limits::read(&bare, subject);
            if default.is_some() {
                // The column says it.
                limits = Limits(
                    limits
                        .0
                        .into_iter()
                        .filter(|(name, _)| *name != "default")
                        .collect(),
                );
            }
            guide.rows.push(Row {
                operation: operation.to_owned(),
                place,
                path: path(&cells[name]),
                line,
                kind,
                nullable,
                required: cell(&["required"]).and_then(required),
                default,
                limits,
                samples,
            });
        }
    }

    fn column(&self, names: &[&str]) -> Option<usize> {
        self.columns.iter().position(|column| {
            let column = column.trim_matches(['*', '`', '_']);
            names.contains(&column)
        })
    }

    /// Where what the table describes stands: as its label says, or as its columns suggest.
    fn place(&self, operation: &str, label: &str) -> Place {
        let fields = self.column(&["field", "property", "attribute"]).is_some();
        for (word, place) in [
            ("path param", Place::Path),
            ("query", Place::Query),
            ("header", Place::Header),
            ("response", Place::Response),
            ("body", Place::Body),
        ] {
            if label.contains(word) && label.len() < 60 {
                return place;
            }
        }
        if fields || self.column(&["required"]).is_none() {
            Place::Response
        } else if operation.starts_with("GET") || operation.starts_with("DELETE") {
            Place::Query
        } else {
            Place::Body
        }
    }
}

/// A field's name without markup and with one spelling of array items.
fn path(cell: &str) -> String {
    let bare = cell
        .replace("\\_", "_")
        .replace("\\[", "[")
        .replace("\\]", "]");
    let word = bare.trim_matches(['*', '`', ' ']);
    word.replace("[*]", "[]")
        .replace("[i]", "[]")
        .replace("[n]", "[]")
}

/// The type without null, and whether null is among its names.
fn kind(cell: &str) -> (Option<String>, bool) {
    let cell = cell.replace(['`', '*'], "").to_lowercase();
    let mut nullable = cell.ends_with('?') || cell.contains("nullable");
    let mut found = None;
    for word in cell.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '[' | ']' | '<'))) {
        let known = match word {
            "null" | "none" => {
                nullable = true;
                continue;
            }
            word if word.ends_with("[]")
                || word.starts_with("array")
                || word.starts_with("list") =>
            {
                "array"
            }
            "string" | "str" | "enum" | "uuid" | "url" => "string",
            "integer" | "int" | "long" | "timestamp" => "integer",
            "number" | "float" | "double" => "number",
            "boolean" | "bool" => "boolean",
            "object" | "map" | "dict" => "object",
            _ => continue,
        };
        found.get_or_insert_with(|| known.to_owned());
    }
    (found, nullable)
}

fn required(cell: &str) -> Option<bool> {
    match cell.replace(['*', '`'], "").to_lowercase().trim() {
        "yes" | "true" | "required" | "✓" | "✅" | "y" => Some(true),
        "no" | "false" | "optional" | "✗" | "❌" | "n" | "" | "-" | "—" | "–" => Some(false),
        _ => None,
    }
}

fn default(cell: &str) -> Option<Value> {
    let bare = cell.trim_matches(['`', '*', ' ']);
    match bare {
        "" | "-" | "—" | "–" | "none" | "null" | "N/A" | "n/a" => None,
        _ => Some(limits::literal(bare)),
    }
}

/// The prose without its inline JSON, and that JSON.
fn samples(prose: &str) -> (String, Vec<Value>) {
    let (mut bare, mut found) = (String::new(), Vec::new());
    let mut rest = prose;
    while let Some(start) = rest.find(['{', '[']) {
        bare.push_str(&rest[..start]);
        let tail = &rest[start..];
        let mut stream = serde_json::Deserializer::from_str(tail).into_iter::<Value>();
        if let Some(Ok(value)) = stream.next() {
            found.push(value);
            rest = &tail[stream.byte_offset()..];
        } else {
            bare.push_str(&tail[..1]);
            rest = &tail[1..];
        }
    }
    bare.push_str(rest);
    (bare, found)
}
