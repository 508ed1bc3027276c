//! What differs between a value and what came back of it.

use serde_json::Value;

use crate::pointer;

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Delta {
    /// Where, in the value that was sent or in the one that came back.
    pub(crate) at: String,
    pub(crate) what: What,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum What {
    /// `null` was sent, nothing came back.
    NullGone,
    /// Something else was sent, nothing came back.
    Gone,
    /// Nothing was sent.
    Added,
    /// The same number, written `1` and `1.0`.
    Spelling,
    /// Anything else.
    Changed,
}

/// All differences between `sent` and `back`.
pub(crate) fn compare(sent: &Value, back: &Value) -> Vec<Delta> {
    let mut found = Vec::new();
    walk(sent, back, "", &mut found);
    found
}

fn walk(sent: &Value, back: &Value, at: &str, found: &mut Vec<Delta>) {
    let mut note = |at: &str, what| {
        found.push(Delta {
            at: at.to_owned(),
            what,
        });
    };
    match (sent, back) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in a {
                let here = pointer::child(at, name);
                match b.get(name) {
                    Some(other) => walk(value, other, &here, found),
                    None if value.is_null() => found.push(Delta {
                        at: here,
                        what: What::NullGone,
                    }),
                    None => found.push(Delta {
                        at: here,
                        what: What::Gone,
                    }),
                }
            }
            for name in b.keys().filter(|name| !a.contains_key(*name)) {
                found.push(Delta {
                    at: pointer::child(at, name),
                    what: What::Added,
                });
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (value, other)) in a.iter().zip(b).enumerate() {
                walk(value, other, &pointer::child(at, &index.to_string()), found);
            }
        }
        (Value::Number(a), Value::Number(b)) if a != b => {
            let same = a.as_f64() == b.as_f64() && (a.is_f64() || b.is_f64());
            note(at, if same { What::Spelling } else { What::Changed });
        }
        _ if sent == back => {}
        _ => note(at, What::Changed),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_difference_is_named_where_it_is() {
        let sent = json!({"a": null, "b": 1, "c": [1, 2], "d": {"e": 0.5}, "f": 3});
        let back = json!({"b": 1.0, "c": [1], "d": {"e": 0.25, "g": 0}});
        let mut found: Vec<(String, What)> = compare(&sent, &back)
            .into_iter()
            .map(|delta| (delta.at, delta.what))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let wanted = [
            ("/a", What::NullGone),
            ("/b", What::Spelling),
            ("/c", What::Changed),
            ("/d/e", What::Changed),
            ("/d/g", What::Added),
            ("/f", What::Gone),
        ];
        assert_eq!(found, wanted.map(|(at, what)| (at.to_owned(), what)));
    }
}
