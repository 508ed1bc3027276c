//! Limits that prose states: lengths, ranges, counts, defaults and listed values.
//!
//! It reads sentences as vendors write them and misses what is said in other words. What it finds is compared with a schema
//! elsewhere; here nothing is judged.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Number, Value};

/// What kind of value the prose is about. "Up to 10" is a length of one, a bound of another and a count of the third.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Text,
    Number,
    List,
    Other,
}

impl Subject {
    /// From a JSON Schema type.
    pub(crate) fn of(kind: &str) -> Self {
        match kind {
            "string" => Self::Text,
            "integer" | "number" => Self::Number,
            "array" => Self::List,
            _ => Self::Other,
        }
    }
}

/// Stated limits by JSON Schema keyword, in a fixed order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Limits(pub(crate) Vec<(&'static str, Value)>);

impl Limits {
    /// The value of a keyword.
    pub(crate) fn get(&self, keyword: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(name, _)| *name == keyword);
        found.map(|(_, value)| value)
    }

    fn put(&mut self, keyword: &'static str, value: Value) {
        if self.get(keyword).is_none() {
            self.0.push((keyword, value));
        }
    }
}

const NUMBER: &str = r"(-?\d+(?:\.\d+)?)";
const CHARACTERS: &str = r"char(?:acter)?s?\b";
const AT_MOST: &str = r"(?:max(?:imum)?(?: of)?|up to|at most|no (?:more|longer) than|must not exceed|limited to|<=|≤)";
const AT_LEAST: &str = r"(?:min(?:imum)?(?: of)?|at least|no (?:fewer|less|shorter) than|>=|≥)";
/// What may be counted without being an item of the list.
const UNITS: &str =
    r"(?:char\w*|seconds?|s|minutes?|hours?|days?|times?|bytes?|[kmg]i?b|%|percent)\b";

struct Patterns {
    length_range: Regex,
    length_most: Regex,
    length_most_after: Regex,
    length_least: Regex,
    range: Regex,
    most: Regex,
    least: Regex,
    above: Regex,
    count_range: Regex,
    count_most: Regex,
    count_least: Regex,
    unit: Regex,
    default: Regex,
    examples: Regex,
    json: Regex,
    thousands: Regex,
    list: Regex,
    quoted: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let of = |pattern: &str| {
        Regex::new(&format!("(?i){pattern}")).unwrap_or_else(|error| unreachable!("{error}"))
    };
    let quoted = r#"(?:"[^"]+"|'[^']+')"#;
    Patterns {
        length_range: of(&format!(
            r"{NUMBER}\s*(?:-|to|and)\s*{NUMBER}\s*{CHARACTERS}"
        )),
        length_most: of(&format!(
            r"(?:{AT_MOST}|max(?:imum)? length(?: is| of)?)\s*:?\s*{NUMBER}(?:\s*-?\s*{CHARACTERS}|\s*[.,)]|$)"
        )),
        length_most_after: of(&format!(
            r"{NUMBER}[\s-]*{CHARACTERS}\s*(?:or (?:fewer|less)|max(?:imum)?|limit|at most)"
        )),
        length_least: of(&format!(
            r"(?:{AT_LEAST}|min(?:imum)? length(?: is| of)?)\s*:?\s*{NUMBER}\s*-?\s*{CHARACTERS}"
        )),
        range: of(&format!(
            r"(?:\(|\[|\bfrom |\bbetween |\brange:? (?:of )?|^|\s){NUMBER}\s*(?:-|to|and|\.\.|,)\s*{NUMBER}(?:[\s.,;)\]]|$)"
        )),
        most: of(&format!(r"{AT_MOST}\s*:?\s*{NUMBER}")),
        least: of(&format!(r"{AT_LEAST}\s*:?\s*{NUMBER}")),
        above: of(&format!(r"(?:greater|more|larger) than {NUMBER}")),
        count_range: of(&format!(r"{NUMBER}\s*(?:-|to)\s*{NUMBER}\s+([a-z]+)")),
        count_most: of(&format!(r"{AT_MOST}\s*:?\s*{NUMBER}\s+([a-z]+)")),
        count_least: of(&format!(r"{AT_LEAST}\s*:?\s*{NUMBER}\s+([a-z]+)")),
        unit: of(&format!("^{UNITS}")),
        default: of(&format!(
            r#"\bdefaults?(?: is| to| value(?: is)?)?\s*[:=]?\s*({quoted}|-?\d+(?:\.\d+)?\b|true\b|false\b)"#
        )),
        examples: of(
            r"\((?:e\.g\.|for example|such as|like)[^)]*\)|\b(?:e\.g\.|for example|such as)[^.;]*",
        ),
        json: of(r"\[\{.*?\}\]|\{[^{}]*\}"),
        thousands: of(r"(\d),(\d{3})\b"),
        list: of(&format!(
            r"{quoted}(?:\s*(?:,|\||/|,?\s*(?:or|and)\b)\s*{quoted})+"
        )),
        quoted: of(r#""([^"]+)"|'([^']+)'"#),
    }
});

/// What `prose` states about a value of kind `subject`.
pub(crate) fn read(prose: &str, subject: Subject) -> Limits {
    let patterns = &*PATTERNS;
    let text = plain(prose);
    let mut limits = Limits::default();
    match subject {
        Subject::Text => {
            pair(
                &patterns.length_range,
                &text,
                &mut limits,
                "minLength",
                "maxLength",
            );
            one(&patterns.length_most, &text, &mut limits, "maxLength");
            one(&patterns.length_most_after, &text, &mut limits, "maxLength");
            one(&patterns.length_least, &text, &mut limits, "minLength");
            let values = values(&text);
            if !values.is_empty() {
                limits.put("enum", Value::Array(values));
            }
        }
        Subject::Number => {
            pair(&patterns.range, &text, &mut limits, "minimum", "maximum");
            one(&patterns.most, &text, &mut limits, "maximum");
            one(&patterns.least, &text, &mut limits, "minimum");
            one(&patterns.above, &text, &mut limits, "exclusiveMinimum");
        }
        Subject::List => {
            let counted = |found: &Captures<'_>, at: usize| !patterns.unit.is_match(&found[at]);
            if let Some(found) = patterns
                .count_range
                .captures_iter(&text)
                .find(|found| counted(found, 3))
            {
                put(&mut limits, "minItems", &found[1]);
                put(&mut limits, "maxItems", &found[2]);
            }
            for (pattern, keyword) in [
                (&patterns.count_most, "maxItems"),
                (&patterns.count_least, "minItems"),
            ] {
                if let Some(found) = pattern.captures_iter(&text).find(|found| counted(found, 2)) {
                    put(&mut limits, keyword, &found[1]);
                }
            }
        }
        Subject::Other => {}
    }
    if let Some(found) = patterns.default.captures(&text) {
        limits.put("default", literal(&found[1]));
    }
    limits
}

/// The prose with one spelling of dashes, quotes and numbers, and without examples and inline JSON.
fn plain(prose: &str) -> String {
    let patterns = &*PATTERNS;
    let text = prose
        .replace(['–', '—', '−'], "-")
        .replace(['“', '”'], "\"")
        .replace("`\"", "\"")
        .replace("\"`", "\"")
        .replace('`', "\"")
        .replace('’', " ");
    let text = patterns.json.replace_all(&text, "");
    let text = patterns.examples.replace_all(&text, "");
    let mut text = text.into_owned();
    // Twice, because neighbours share a digit: 1,000,000.
    for _ in 0..2 {
        text = patterns.thousands.replace_all(&text, "$1$2").into_owned();
    }
    text
}

fn pair(pattern: &Regex, text: &str, limits: &mut Limits, least: &'static str, most: &'static str) {
    if let Some(found) = pattern.captures(text) {
        put(limits, least, &found[1]);
        put(limits, most, &found[2]);
    }
}

fn one(pattern: &Regex, text: &str, limits: &mut Limits, keyword: &'static str) {
    if let Some(found) = pattern.captures(text) {
        put(limits, keyword, &found[1]);
    }
}

fn put(limits: &mut Limits, keyword: &'static str, digits: &str) {
    limits.put(keyword, literal(digits));
}

/// A number, a boolean, or a text with or without its quotes.
pub(crate) fn literal(text: &str) -> Value {
    let text = text.trim();
    let number = || text.parse::<i64>().ok().map(Number::from);
    let fraction = || text.parse().ok().and_then(Number::from_f64);
    match text {
        "true" | "True" => Value::Bool(true),
        "false" | "False" => Value::Bool(false),
        "null" | "None" => Value::Null,
        _ => number().or_else(fraction).map_or_else(
            || Value::String(text.trim_matches(['"', '\'', '`']).to_owned()),
            Value::Number,
        ),
    }
}

/// Values listed in quotes, two or more: `"a", "b" or "c"`.
fn values(text: &str) -> Vec<Value> {
    let patterns = &*PATTERNS;
    let Some(list) = patterns.list.find(text) else {
        return Vec::new();
    };
    let found = patterns.quoted.captures_iter(list.as_str());
    found
        .filter_map(|found| found.get(1).or_else(|| found.get(2)))
        .map(|value| Value::String(value.as_str().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(prose: &str, subject: Subject) -> Value {
        let limits = read(prose, subject).0.into_iter();
        Value::Object(
            limits
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    #[test]
    fn lengths_ranges_and_counts() {
        for (prose, subject, expected) in [
            (
                "What to say (max 2000 chars).",
                Subject::Text,
                json!({"maxLength": 2000}),
            ),
            (
                "Max 500 characters.",
                Subject::Text,
                json!({"maxLength": 500}),
            ),
            (
                "Up to 1,000 characters long.",
                Subject::Text,
                json!({"maxLength": 1000}),
            ),
            (
                "A name, 64 characters or fewer.",
                Subject::Text,
                json!({"maxLength": 64}),
            ),
            (
                "At least 8 characters.",
                Subject::Text,
                json!({"minLength": 8}),
            ),
            (
                "Must be 1–255 characters from a set.",
                Subject::Text,
                json!({"minLength": 1, "maxLength": 255}),
            ),
            (
                "How many to make (1–10). Not with cuts.",
                Subject::Number,
                json!({"minimum": 1, "maximum": 10}),
            ),
            (
                "Between 0.5 and 2.",
                Subject::Number,
                json!({"minimum": 0.5, "maximum": 2}),
            ),
            (
                "Rows on a page, at most 100. Default 20.",
                Subject::Number,
                json!({"maximum": 100, "default": 20}),
            ),
            (
                "Greater than 0.",
                Subject::Number,
                json!({"exclusiveMinimum": 0}),
            ),
            (
                "Exact cuts. Up to 10 cuts.",
                Subject::List,
                json!({"maxItems": 10}),
            ),
            (
                "One of them; 1 to 4 entries.",
                Subject::List,
                json!({"minItems": 1, "maxItems": 4}),
            ),
            (
                "Defaults to 'portrait' (tall).",
                Subject::Text,
                json!({"default": "portrait"}),
            ),
        ] {
            assert_eq!(shown(prose, subject), expected, "{prose}");
        }
    }

    #[test]
    fn listed_values() {
        for prose in [
            r#"Framing: "9:16", "1:1", or "16:9"."#,
            r#"Framing: `"9:16"`, `"1:1"` or `"16:9"`."#,
            "Framing: `9:16`, `1:1`, and `16:9`.",
        ] {
            assert_eq!(
                shown(prose, Subject::Text),
                json!({"enum": ["9:16", "1:1", "16:9"]}),
                "{prose}"
            );
        }
    }

    #[test]
    fn what_states_nothing() {
        for (prose, subject) in [
            ("A language code (e.g. 'en', 'es').", Subject::Text),
            (r#"Only there when the state is "failed"."#, Subject::Text),
            (
                r#"Give { "type": "url", "url": "x" } or { "type": "id", "id": "y" }."#,
                Subject::Other,
            ),
            ("Kept for up to 30 days.", Subject::List),
            (
                "Time of creation in seconds since 1970-01-01.",
                Subject::Number,
            ),
            ("Title. Defaults to the source's title.", Subject::Text),
            ("An answer with 409 means it is at work.", Subject::Text),
        ] {
            assert_eq!(shown(prose, subject), json!({}), "{prose}");
        }
    }
}
