//! On which line of a YAML file each key stands, and the `x-source` marks that name such lines.
//!
//! A mark like `create-ai-clipping.yaml:52` names a line, and lines move when the file is taken again. Since what a mark means
//! is the key on that line, it can be moved along.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

use crate::pointer;

/// A JSON pointer for each line that holds a key. For block YAML, which is what the vendor publishes and what we write.
pub(crate) fn pointers(text: &str) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    // Open collections: the column where their keys stand, the pointer so far, and for a sequence its next index.
    let mut open: Vec<Level> = Vec::new();
    let mut scalar: Option<usize> = None;
    for (number, line) in text.lines().enumerate() {
        let mut rest = line.trim_start();
        let mut column = line.len() - rest.len();
        if rest.is_empty() || rest.starts_with('#') {
            continue;
        }
        if scalar.is_some_and(|owner| column > owner) {
            continue;
        }
        scalar = None;
        // A dash opens an item; what follows on the line stands in a column of its own.
        while let Some(after) = rest.strip_prefix("- ") {
            let pointer = item(&mut open, column);
            open.push(Level {
                column: column + 1,
                pointer,
                items: None,
                held: true,
            });
            column += rest.len() - after.trim_start().len();
            rest = after.trim_start();
        }
        let Some((key, value)) = key(rest) else {
            continue;
        };
        while open
            .last()
            .is_some_and(|level| level.column >= column && !level.held || level.column > column)
        {
            open.pop();
        }
        let parent = open.last().map_or("", |level| level.pointer.as_str());
        let pointer = pointer::child(parent, &key);
        found.insert(number + 1, pointer.clone());
        open.push(Level {
            column,
            pointer,
            items: None,
            held: false,
        });
        if value.starts_with(['|', '>']) {
            scalar = Some(column);
        }
    }
    found
}

struct Level {
    column: usize,
    pointer: String,
    items: Option<usize>,
    /// Whether this is an item of a sequence, which keys in its own column belong to.
    held: bool,
}

/// The pointer of the next item of the sequence whose dash stands at `column`.
fn item(open: &mut Vec<Level>, column: usize) -> String {
    while open
        .last()
        .is_some_and(|level| level.column > column || (level.held && level.column >= column))
    {
        open.pop();
    }
    match open.last_mut() {
        Some(level) => {
            let index = level.items.map_or(0, |last| last + 1);
            level.items = Some(index);
            format!("{}/{index}", level.pointer)
        }
        None => "/0".to_owned(),
    }
}

/// A key and what follows its colon.
fn key(text: &str) -> Option<(String, &str)> {
    let quote = text
        .chars()
        .next()
        .filter(|first| matches!(first, '\'' | '"'));
    let (key, value) = match quote {
        Some(quote) => {
            let end = text[1..].find(quote)? + 1;
            (&text[1..end], text[end + 1..].strip_prefix(':')?)
        }
        None => {
            let end = text
                .find(": ")
                .or_else(|| text.strip_suffix(':').map(str::len))?;
            (&text[..end], &text[end + 1..])
        }
    };
    Some((key.to_owned(), value.trim_start()))
}

/// Moves every mark `FILE:LINE` in `text` from the lines of `old` to those of `new`, both texts of `file`.
pub(crate) fn move_marks(text: &str, file: &str, old: &str, new: &str) -> Result<String, String> {
    let (before, after) = (pointers(old), pointers(new));
    let parsed: Value = crate::yaml::named(file, new)?;
    let lines: BTreeMap<&str, usize> = after
        .iter()
        .map(|(line, pointer)| (pointer.as_str(), *line))
        .collect();
    let mark = Regex::new(&format!(r"{}:(\d+)", regex::escape(file)))
        .map_err(|error| error.to_string())?;
    let mut lost = Vec::new();
    let moved = mark.replace_all(text, |found: &regex::Captures<'_>| {
        let pointer = found[1]
            .parse()
            .ok()
            .and_then(|line: usize| before.get(&line));
        let line = pointer
            .filter(|pointer| parsed.pointer(pointer).is_some())
            .and_then(|pointer| lines.get(pointer.as_str()));
        if let Some(line) = line {
            return format!("{file}:{line}");
        }
        lost.push(match pointer {
            Some(pointer) => format!("{} named {pointer}, which is gone", &found[0]),
            None => format!("{} names no key", &found[0]),
        });
        found[0].to_owned()
    });
    if lost.is_empty() {
        Ok(moved.into_owned())
    } else {
        Err(format!(
            "marks that lead nowhere any more; retire them:\n- {}",
            lost.join("\n- ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "\
info:
  title: Things
tags:
  - name: A
    description: >-
      Not a key: text.
  - name: B
paths:
  /v1/things:
    post:
      responses:
        '202':
          description: |
            also: text
      parameters:
      - $ref: x
        other: y
components: {}
";

    #[test]
    fn each_key_has_its_line() {
        let found = pointers(OLD);
        let expected = [
            (1, "/info"),
            (2, "/info/title"),
            (3, "/tags"),
            (4, "/tags/0/name"),
            (5, "/tags/0/description"),
            (7, "/tags/1/name"),
            (8, "/paths"),
            (9, "/paths/~1v1~1things"),
            (10, "/paths/~1v1~1things/post"),
            (11, "/paths/~1v1~1things/post/responses"),
            (12, "/paths/~1v1~1things/post/responses/202"),
            (13, "/paths/~1v1~1things/post/responses/202/description"),
            (15, "/paths/~1v1~1things/post/parameters"),
            (16, "/paths/~1v1~1things/post/parameters/0/$ref"),
            (17, "/paths/~1v1~1things/post/parameters/0/other"),
            (18, "/components"),
        ];
        let expected: BTreeMap<usize, String> = expected
            .into_iter()
            .map(|(line, pointer)| (line, pointer.to_owned()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn marks_follow_their_keys() {
        let new = format!("openapi: 3.1.0\nservers: []\n{OLD}");
        let marks = "a: file.yaml:10; CLI 1 2026\nb: file.yaml:3\nc: other.yaml:3\n";
        assert_eq!(
            move_marks(marks, "file.yaml", OLD, &new).unwrap(),
            "a: file.yaml:12; CLI 1 2026\nb: file.yaml:5\nc: other.yaml:3\n"
        );
        let gone = new.replace("tags:", "labels:");
        let error = move_marks(marks, "file.yaml", OLD, &gone).unwrap_err();
        assert!(
            error.contains("file.yaml:3 named /tags, which is gone"),
            "{error}"
        );
    }
}
