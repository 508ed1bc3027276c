//! Command-line examples: the call that a `curl` makes, and what a `jq` behind it reads.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use super::{Example, Guide, Place, Read};
use crate::sync::limits;

struct Patterns {
    url: Regex,
    method: Regex,
    data: Regex,
    jq: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let of = |pattern| Regex::new(pattern).unwrap_or_else(|error| unreachable!("{error}"));
    Patterns {
        url: of(r#"https?://[^/\s"']+(/[^\s"'?]*)(?:\?([^\s"']*))?"#),
        method: of(r"(?:-X|--request)[\s=]*([A-Z]+)"),
        data: of(r"(?s)(?:-d|--json|--data(?:-raw|-binary)?)[\s=]+'(.*?)'(?:\s|$)"),
        jq: of(r"jq\s+(?:-\w+\s+)*'?\.([\w.\[\]]+)"),
    }
});

/// Reads the command that begins on the first of `lines`; returns how many lines it has.
pub(crate) fn curl(lines: &[&str], number: usize, guide: &mut Guide) -> usize {
    let (command, length) = whole(lines);
    let patterns = &*PATTERNS;
    let Some(url) = patterns.url.captures(&command) else {
        guide
            .unread
            .push(format!("line {number}: a curl command without a URL"));
        return length;
    };
    let data = patterns
        .data
        .captures(&command)
        .map(|found| found[1].to_owned());
    let method = patterns.method.captures(&command).map_or_else(
        || if data.is_some() { "POST" } else { "GET" }.to_owned(),
        |found| found[1].to_owned(),
    );
    let operation = format!("{method} {}", &url[1]);
    let mut push = |place, value| {
        guide.examples.push(Example {
            operation: Some(operation.clone()),
            place,
            line: number,
            from: "curl",
            value,
        });
    };
    match data.as_deref().map(serde_json::from_str::<Value>) {
        Some(Ok(value)) => push(Place::Body, value),
        Some(Err(_)) => guide
            .unread
            .push(format!("line {number}: curl sends what is not JSON")),
        // Without a body the call itself is still a claim.
        None => push(
            Place::Query,
            query(url.get(2).map_or("", |found| found.as_str())),
        ),
    }
    if let Some(path) = patterns.jq.captures(&command) {
        guide.reads.push(Read {
            operation,
            path: path[1].to_owned(),
            line: number,
            values: Vec::new(),
        });
    }
    length
}

/// The command with its continuation lines: a backslash or an open quote carries on.
fn whole(lines: &[&str]) -> (String, usize) {
    let mut command = String::new();
    let mut open = false;
    for (at, line) in lines.iter().enumerate() {
        command.push_str(line.strip_suffix('\\').unwrap_or(line));
        command.push('\n');
        open ^= line.matches('\'').count() % 2 == 1;
        if !open && !line.trim_end().ends_with('\\') {
            return (command, at + 1);
        }
    }
    (command, lines.len())
}

fn query(text: &str) -> Value {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    let pairs = pairs.map(|(name, value)| (name.to_owned(), limits::literal(value)));
    Value::Object(pairs.collect::<Map<String, Value>>())
}
