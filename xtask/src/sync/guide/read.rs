//! From the text of a guide page to what it says. Reads Markdown, and the same page after something took its markup away.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::{Example, Guide, Place, example, python, table};
use crate::sync::page;

static ENDPOINT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:Endpoint:?\s*)?(GET|POST|PUT|PATCH|DELETE)\s+(?:https?://[^/\s]+)?(/[^\s?]+)$")
        .unwrap_or_else(|error| unreachable!("{error}"))
});

/// Reads a page.
pub(crate) fn read(text: &str) -> Guide {
    let page = page::without_banner(text);
    let lines: Vec<&str> = page.lines().collect();
    let ends = page.match_indices('\n').map(|(end, _)| end + 1);
    let starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
    let mut guide = Guide::default();
    let mut operation: Option<String> = None;
    let mut label = String::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].trim();
        let number = at + 1;
        if let Some(found) = ENDPOINT.captures(&unmarked(line)) {
            let name = format!("{} {}", &found[1], &found[2]);
            guide.operations.push((name.clone(), number));
            operation = Some(name);
            at += 1;
        } else if let Some((table, length)) = table::find(&lines[at..]) {
            match &operation {
                Some(operation) => table.rows(operation, &label, number, &mut guide),
                None => guide
                    .unread
                    .push(format!("line {number}: a table before any endpoint")),
            }
            // A heading speaks of one table.
            label.clear();
            at += length;
        } else if line.contains("curl ") {
            let length = example::curl(&lines[at..], number, &mut guide);
            at += length;
        } else if line.starts_with('{') {
            let end = starts.get(at + LONGEST).copied().unwrap_or(page.len());
            let text = &page[starts[at]..end];
            at += body(text, number, operation.as_deref(), &mut guide);
        } else {
            if !line.is_empty() && !line.starts_with("```") {
                label = line.to_lowercase();
            }
            at += 1;
        }
    }
    python::read(&page, &mut guide);
    guide
}

/// A line without the marks of headings, lists, emphasis and code.
fn unmarked(line: &str) -> String {
    let bare: String = line
        .chars()
        .filter(|c| !matches!(c, '*' | '`' | '#'))
        .collect();
    bare.trim().trim_start_matches(['-', '>']).trim().to_owned()
}

/// How many lines of a body are read, so that a page of open braces is not read again for each of them.
const LONGEST: usize = 2000;

/// A JSON body at the start of `text`; returns how many lines it has.
fn body(text: &str, number: usize, operation: Option<&str>, guide: &mut Guide) -> usize {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let Some(Ok(value)) = stream.next() else {
        // In a program a brace may begin a line without being JSON; after an endpoint it should not.
        if text.lines().next().map(str::trim) == Some("{") {
            guide
                .unread
                .push(format!("line {number}: a body that is not JSON"));
        }
        return 1;
    };
    let length = text[..stream.byte_offset()].lines().count().max(1);
    let answer = value.get("data").is_some() || value.get("error").is_some();
    // What has no envelope shows a part of something.
    let operation = operation.filter(|_| answer);
    guide.examples.push(Example {
        operation: operation.map(str::to_owned),
        place: if answer { Place::Response } else { Place::Body },
        line: number,
        from: "JSON",
        value,
    });
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_may_have_many_lines_but_not_all_of_them() {
        let body = |items: usize| format!("{{\n\"data\": [\n{}0]}}\nafter", "0,\n".repeat(items));
        let guide = read(&body(LONGEST - 3));
        assert_eq!(guide.examples.len(), 1);
        assert_eq!(guide.unread, Vec::<String>::new());
        let guide = read(&body(LONGEST - 2));
        assert_eq!(guide.examples.len(), 0);
        assert_eq!(guide.unread, ["line 1: a body that is not JSON"]);
    }
}
