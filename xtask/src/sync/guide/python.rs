//! Examples in Python with `requests`: which calls they make, what they send, and what they read of the answers.
//!
//! It follows names through plain assignments. That is enough for the examples of a page; a program needs an interpreter.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use super::{Example, Guide, Place, Read, unknown};
use crate::sync::limits;

struct Patterns {
    call: Regex,
    json: Regex,
    dict: Regex,
    assigned: Regex,
    target: Regex,
    answer: Regex,
    step: Regex,
    subscript: Regex,
    compared: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let of = |pattern| Regex::new(pattern).unwrap_or_else(|error| unreachable!("{error}"));
    Patterns {
        call: of(
            r#"(?:requests|session|client)\.(get|post|put|patch|delete)\(\s*f?["'](?:https?://[^/"']+|\{\w+\})(/[^"']*)["']"#,
        ),
        json: of(r"json\s*=\s*(\w+|\{)"),
        dict: of(r"(?m)^\s*(\w+)\s*(?::\s*dict\w*\s*)?=\s*\{"),
        assigned: of(r#"(?m)^\s*(\w+)\[["'](\w+)["']\]\s*="#),
        target: of(r"(\w+)\s*=\s*$"),
        answer: of(r#"\.json\(\)((?:\[["']\w+["']\])*)"#),
        step: of(r#"\[["'](\w+)["']\]"#),
        subscript: of(r#"\b(\w+)(?:\[["'](\w+)["']\]|\.get\(["'](\w+)["'])"#),
        compared: of(r#"^\s*(?:in\s*[(\[]|==|!=)\s*((?:["'][\w-]+["'],?\s*)+)"#),
    }
});

/// Reads every call in `text`.
pub(crate) fn read(text: &str, guide: &mut Guide) {
    let patterns = &*PATTERNS;
    let dicts = dicts(text);
    let lines = Lines::of(text);
    // Names that hold answers: the operation, and the path that was already taken.
    let mut answers: BTreeMap<String, (String, String)> = BTreeMap::new();
    for found in patterns.call.captures_iter(text) {
        let (Some(whole), Some(method)) = (found.get(0), found.get(1)) else {
            continue;
        };
        let operation = format!("{} {}", method.as_str().to_uppercase(), &found[2]);
        let line = lines.at(whole.start());
        let end = statement(text, whole.start());
        // Where a quote is missing, the address runs on past the end of its statement.
        let rest = text.get(whole.end()..end).unwrap_or_default();
        let sent = patterns
            .json
            .captures(rest)
            .and_then(|json| match &json[1] {
                "{" => literal(&rest[json.get(1)?.start()..]).map(|(value, _)| value),
                name => dicts.get(name).cloned(),
            });
        guide.examples.push(Example {
            operation: Some(operation.clone()),
            place: if sent.is_some() {
                Place::Body
            } else {
                Place::Query
            },
            line,
            from: "Python",
            value: sent.unwrap_or_else(|| Value::Object(Map::new())),
        });
        let Some(answer) = patterns.answer.captures(rest) else {
            continue;
        };
        let steps: Vec<&str> = patterns
            .step
            .captures_iter(&answer[1])
            .filter_map(|step| Some(step.get(1)?.as_str()))
            .collect();
        let path = steps.join(".");
        guide.reads.push(Read {
            operation: operation.clone(),
            path: path.clone(),
            line,
            values: Vec::new(),
        });
        if let Some(name) = patterns
            .target
            .captures(&text[lines.start(whole.start())..whole.start()])
        {
            answers.insert(name[1].to_owned(), (operation, path));
        }
    }
    for found in patterns.subscript.captures_iter(text) {
        let (Some(whole), Some((operation, before))) = (found.get(0), answers.get(&found[1]))
        else {
            continue;
        };
        let Some(key) = found.get(2).or_else(|| found.get(3)) else {
            continue;
        };
        let path = [before.as_str(), key.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(".");
        let compared = patterns.compared.captures(ahead(text, whole.end()));
        guide.reads.push(Read {
            operation: operation.clone(),
            path,
            line: lines.at(whole.start()),
            values: compared.map_or_else(Vec::new, |found| {
                found[1]
                    .split(',')
                    .map(str::trim)
                    .filter(|value| !value.is_empty())
                    .map(limits::literal)
                    .collect()
            }),
        });
    }
}

/// A little of what follows: whatever a name is compared with stands close.
fn ahead(text: &str, from: usize) -> &str {
    &text[from..text.floor_char_boundary(from.saturating_add(LONGEST))]
}

/// Dictionaries by the name that they are assigned to, with the keys that are assigned later.
fn dicts(text: &str) -> BTreeMap<String, Value> {
    let patterns = &*PATTERNS;
    let mut found = BTreeMap::new();
    for dict in patterns.dict.captures_iter(text) {
        let start = dict.get(0).map_or(0, |whole| whole.end() - 1);
        if let Some((value, _)) = literal(ahead(text, start)) {
            found.insert(dict[1].to_owned(), value);
        }
    }
    for assigned in patterns.assigned.captures_iter(text) {
        if let Some(Value::Object(map)) = found.get_mut(&assigned[1]) {
            map.entry(&assigned[2]).or_insert_with(unknown);
        }
    }
    found
}

/// Where the lines of a text begin, so that each of many calls finds its own without reading all before it.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self(std::iter::once(0).chain(ends).collect())
    }

    /// The line of an offset, from 1.
    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }

    /// Where the line of an offset begins.
    fn start(&self, offset: usize) -> usize {
        self.0[self.at(offset) - 1]
    }
}

/// No statement of an example is longer; where a bracket is never closed, its call ends here.
const LONGEST: usize = 8 << 10;

/// Where the statement that holds offset `at` ends: at the end of a line on which no bracket is open.
fn statement(text: &str, at: usize) -> usize {
    let mut depth = 0_i32;
    let rest = &text.as_bytes()[at..];
    for (offset, byte) in rest.iter().enumerate().take(LONGEST) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b'\n' if depth <= 0 => return at + offset,
            _ => {}
        }
    }
    text.floor_char_boundary(at.saturating_add(LONGEST))
}

/// A Python literal at the start of `text`, and what follows it. Whatever is no literal becomes unknown.
fn literal(text: &str) -> Option<(Value, &str)> {
    nested(text, 0)
}

/// No example is deeper; what is deeper is not read.
const DEEPEST: usize = 64;

fn nested(text: &str, depth: usize) -> Option<(Value, &str)> {
    if depth > DEEPEST {
        return None;
    }
    let text = text.trim_start();
    match text.chars().next()? {
        '{' => {
            let mut map = Map::new();
            let mut rest = text[1..].trim_start();
            loop {
                if let Some(after) = rest.strip_prefix('}') {
                    return Some((Value::Object(map), after));
                }
                let (key, after) = string(rest)?;
                let (value, after) = nested(after.trim_start().strip_prefix(':')?, depth + 1)?;
                map.insert(key, value);
                rest = comma(after);
            }
        }
        '[' => {
            let mut items = Vec::new();
            let mut rest = text[1..].trim_start();
            loop {
                if let Some(after) = rest.strip_prefix(']') {
                    return Some((Value::Array(items), after));
                }
                let (value, after) = nested(rest, depth + 1)?;
                items.push(value);
                rest = comma(after);
            }
        }
        '"' | '\'' => string(text).map(|(value, rest)| (Value::String(value), rest)),
        _ => {
            let end = expression(text);
            let word = text[..end].trim();
            let known = matches!(word, "True" | "False" | "None") || word.parse::<f64>().is_ok();
            let value = if known {
                limits::literal(word)
            } else {
                unknown()
            };
            (end > 0).then_some((value, &text[end..]))
        }
    }
}

/// How long an expression is: up to a comma or a closing bracket of what it stands in.
fn expression(text: &str) -> usize {
    let mut depth = 0_i32;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => return at,
            b')' | b']' | b'}' => depth -= 1,
            b',' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

fn string(text: &str) -> Option<(String, &str)> {
    let quote = text
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''))?;
    let end = text[1..].find(quote)? + 1;
    Some((text[1..end].to_owned(), &text[end + 1..]))
}

fn comma(text: &str) -> &str {
    let text = text.trim_start();
    text.strip_prefix(',').unwrap_or(text).trim_start()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_without_its_end_is_read_as_far_as_it_goes() {
        let mut guide = Guide::default();
        read(
            "requests.get(\"https://h/v3/clips)\nprint(\"x\")\n",
            &mut guide,
        );
        assert_eq!(guide.examples.len(), 1);
        assert_eq!(guide.examples[0].value, json!({}));
        assert_eq!(guide.examples[0].line, 1);
    }

    #[test]
    fn many_calls_each_have_their_line() {
        let text = "a = requests.get(\"https://h/v3/clips\").json()\n".repeat(20_000);
        let mut guide = Guide::default();
        read(&text, &mut guide);
        assert_eq!(guide.examples.len(), 20_000);
        assert_eq!(guide.examples[19_999].line, 20_000);
        // Brackets that nobody closes: each call would run on to the end of the page.
        let mut guide = Guide::default();
        read(
            &"x = requests.get(\"https://h/v3/clips\", json={(\n".repeat(5_000),
            &mut guide,
        );
        assert_eq!(guide.examples.len(), 5_000);
    }

    #[test]
    fn what_is_nested_without_end_is_not_read() {
        let nest = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(literal("[[], [1]] rest"), Some((json!([[], [1]]), " rest")));
        assert!(literal(&nest(DEEPEST)).is_some());
        assert_eq!(literal(&nest(200_000)), None);
        assert_eq!(literal(&"{'a': ".repeat(200_000)), None);
    }
}
