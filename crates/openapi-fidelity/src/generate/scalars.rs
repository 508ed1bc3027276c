//! Numbers and strings, at their boundaries and between.

use rand::RngExt as _;
use rand_pcg::Pcg32;
use serde_json::{Value, json};

use super::facts::Facts;

/// Strings longer than this are not written out.
const LONGEST: usize = 8192;

/// Whole numbers, within the bounds and those that `format` names.
pub(super) fn integers(facts: &Facts<'_>) -> Vec<Value> {
    let (format_least, format_most) = match facts.text("format") {
        Some("int8") => (i64::from(i8::MIN), i64::from(i8::MAX)),
        Some("int16") => (i64::from(i16::MIN), i64::from(i16::MAX)),
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("uint8") => (0, i64::from(u8::MAX)),
        Some("uint16") => (0, i64::from(u16::MAX)),
        Some("uint32") => (0, i64::from(u32::MAX)),
        Some("uint" | "uint64") => (0, i64::MAX),
        _ => (i64::MIN, i64::MAX),
    };
    let (least, most) = bounds(facts);
    let least = least.map_or(format_least, |bound| bound.ceil_within(format_least));
    let most = most.map_or(format_most, |bound| bound.floor_within(format_most));
    let step = facts
        .all("multipleOf")
        .find_map(Value::as_i64)
        .filter(|step| *step > 0);
    let wanted = [
        0,
        1,
        -1,
        42,
        1_717_000_000,
        9_007_199_254_740_993,
        least,
        most,
    ];
    let mut found: Vec<i64> = match step {
        None => wanted.to_vec(),
        Some(step) => wanted
            .iter()
            .flat_map(|n| {
                [
                    n - n.rem_euclid(step),
                    (n - n.rem_euclid(step)).saturating_add(step),
                ]
            })
            .collect(),
    };
    found.retain(|number| (least..=most).contains(number));
    found.into_iter().map(Value::from).collect()
}

/// Numbers, whole and not.
pub(super) fn numbers(facts: &Facts<'_>) -> Vec<Value> {
    let (least, most) = bounds(facts);
    let step = facts
        .all("multipleOf")
        .find_map(Value::as_f64)
        .filter(|step| *step > 0.0);
    let mut wanted = vec![0.5, 0.0, 1.0, -2.25, 1e3, 1234.5, -1e-3, 1e15];
    for bound in [least, most].into_iter().flatten() {
        wanted.extend([bound.value, bound.value + 0.5, bound.value - 0.5]);
    }
    if let (Some(least), Some(most)) = (least, most) {
        wanted.push(f64::midpoint(least.value, most.value));
    }
    if let Some(step) = step {
        wanted = wanted
            .iter()
            .flat_map(|n| [(n / step).floor() * step, (n / step).ceil() * step])
            .collect();
    }
    let mut found: Vec<Value> = Vec::new();
    for number in wanted {
        let above = least.is_none_or(|least| {
            number > least.value || (number == least.value && !least.exclusive)
        });
        let below = most
            .is_none_or(|most| number < most.value || (number == most.value && !most.exclusive));
        if above && below {
            found.push(json!(number));
            // The other spelling of a whole number.
            if number.fract() == 0.0 && number.abs() < 1e15 {
                found.extend(format!("{number:.0}").parse::<i64>().map(Value::from));
            }
        }
    }
    found
}

#[derive(Clone, Copy)]
struct Bound {
    value: f64,
    exclusive: bool,
}

impl Bound {
    fn ceil_within(self, least: i64) -> i64 {
        let whole = if self.exclusive {
            self.value.floor() + 1.0
        } else {
            self.value.ceil()
        };
        format!("{whole:.0}")
            .parse::<i64>()
            .map_or(least, |whole| whole.max(least))
    }

    fn floor_within(self, most: i64) -> i64 {
        let whole = if self.exclusive {
            self.value.ceil() - 1.0
        } else {
            self.value.floor()
        };
        format!("{whole:.0}")
            .parse::<i64>()
            .map_or(most, |whole| whole.min(most))
    }
}

fn bounds(facts: &Facts<'_>) -> (Option<Bound>, Option<Bound>) {
    let read = |keyword, exclusive| {
        facts
            .all(keyword)
            .filter_map(Value::as_f64)
            .map(move |value| Bound { value, exclusive })
    };
    let least = read("minimum", false).chain(read("exclusiveMinimum", true));
    let most = read("maximum", false).chain(read("exclusiveMaximum", true));
    (
        least.max_by(|a, b| {
            (a.value, a.exclusive)
                .partial_cmp(&(b.value, b.exclusive))
                .unwrap_or(std::cmp::Ordering::Equal)
        }),
        most.min_by(|a, b| {
            (a.value, !a.exclusive)
                .partial_cmp(&(b.value, !b.exclusive))
                .unwrap_or(std::cmp::Ordering::Equal)
        }),
    )
}

/// Strings: of the format or the pattern where there is one, else short, long, empty and awkward.
pub(super) fn strings(facts: &Facts<'_>, rng: &mut Pcg32) -> Vec<Value> {
    let patterns: Vec<&str> = facts.all("pattern").filter_map(Value::as_str).collect();
    let mut found: Vec<String> = patterns
        .iter()
        .flat_map(|pattern| matching(pattern, rng, 6))
        .collect();
    if let Some(samples) = facts.text("format").and_then(of_format) {
        found.extend(samples.iter().map(|sample| (*sample).to_owned()));
    } else if patterns.is_empty() {
        found.extend(
            [
                "text",
                "",
                "a",
                "Zürich 🐢 \"q\"\\\n",
                "1",
                "null",
                "2024-05-17",
            ]
            .map(str::to_owned),
        );
        found.push(
            (0..12)
                .map(|_| char::from(b'a' + rng.random_range(0..26)))
                .collect(),
        );
    }
    let (least, most) = facts.size("minLength", "maxLength");
    if patterns.is_empty() {
        found.extend(
            [Some(least), most]
                .into_iter()
                .flatten()
                .filter(|&length| length <= LONGEST)
                .map(of_length),
        );
        let fits = |text: &str| {
            let length = text.chars().count();
            length >= least && most.is_none_or(|most| length <= most)
        };
        found.retain(|text| fits(text));
    }
    found.into_iter().map(Value::from).collect()
}

/// Strings that match `pattern`; none where it is written in a way that the generator of strings does not know.
pub(super) fn matching(pattern: &str, rng: &mut Pcg32, count: usize) -> Vec<String> {
    // Anchors bind a match to the ends, and what is generated is a match from end to end.
    let bare = pattern.strip_prefix('^').unwrap_or(pattern);
    let bare = bare
        .strip_suffix('$')
        .filter(|rest| !rest.ends_with('\\'))
        .unwrap_or(bare);
    let Ok(regex) = rand_regex::Regex::compile(&in_ascii(bare), 12) else {
        return Vec::new();
    };
    (0..count)
        .map(|_| rng.sample::<String, _>(&regex))
        .collect()
}

/// The classes of JavaScript's patterns are of ASCII, those of Rust's of Unicode.
fn in_ascii(pattern: &str) -> String {
    let mut ascii = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            ascii.push(character);
            continue;
        }
        match characters.next() {
            Some('d') => ascii.push_str("[0-9]"),
            Some('w') => ascii.push_str("[0-9A-Za-z_]"),
            Some('s') => ascii.push_str("[ \\t]"),
            other => {
                ascii.push('\\');
                ascii.extend(other);
            }
        }
    }
    ascii
}

fn of_length(length: usize) -> String {
    "é".repeat(length.min(1)) + &"x".repeat(length.saturating_sub(1))
}

fn of_format(format: &str) -> Option<&'static [&'static str]> {
    Some(match format {
        "date-time" => &["2024-05-17T10:00:00Z", "2024-05-17T10:00:00.123+02:00"],
        "date" => &["2024-05-17"],
        "time" => &["10:00:00Z"],
        "duration" => &["PT1H"],
        "uuid" => &["6f1c2f0e-6f0b-4a55-8f43-5a2f8e0d2c11"],
        "email" | "idn-email" => &["a@example.com"],
        "uri" | "url" | "iri" => &["https://example.com/a?b=c#d", "urn:a:b"],
        "uri-reference" | "iri-reference" => &["/a/b", "https://example.com"],
        "hostname" | "idn-hostname" => &["example.com"],
        "ipv4" => &["192.0.2.1"],
        "ip" | "ipv6" => &["2001:db8::1"],
        "byte" => &["aGVsbG8=", ""],
        "json-pointer" => &["/a/0"],
        _ => return None,
    })
}
