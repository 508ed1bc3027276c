//! A Rust type as the checks see it: two functions and a schema, whatever the type.

use std::fmt::Debug;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A generated type under test.
///
/// ```
/// #[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
/// struct Window { start: f64, end: f64 }
///
/// let subject = openapi_fidelity::Subject::of::<Window>("Window");
/// let back = subject.recode(&serde_json::json!({"start": 1.0, "end": 2.0})).unwrap();
/// assert_eq!(back.json, serde_json::json!({"start": 1.0, "end": 2.0}));
/// ```
#[derive(Debug, Clone)]
pub struct Subject {
    name: String,
    recode: fn(&Value) -> Result<Recoded, String>,
    derived: Value,
}

/// What a type makes of a value that it decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Recoded {
    /// The value, encoded again.
    pub json: Value,
    /// What landed in a variant called `Unknown`, as the type's `Debug` prints it.
    pub unknown: Vec<String>,
}

impl Subject {
    /// The type `T`, which the lowered document calls `name`.
    #[must_use]
    pub fn of<T: Serialize + DeserializeOwned + Debug + JsonSchema>(name: &str) -> Self {
        let derived = schemars::schema_for!(T).to_value();
        Self {
            name: name.to_owned(),
            recode: recode::<T>,
            derived,
        }
    }

    /// The component of the lowered document that the type was made from.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The JSON Schema that the type itself derives.
    #[must_use]
    pub fn derived(&self) -> &Value {
        &self.derived
    }

    /// Decodes `value` and encodes it again, by way of text as on the wire.
    ///
    /// # Errors
    /// The decoder's message, where the type refuses the value.
    pub fn recode(&self, value: &Value) -> Result<Recoded, String> {
        (self.recode)(value)
    }
}

fn recode<T: Serialize + DeserializeOwned + Debug>(value: &Value) -> Result<Recoded, String> {
    let decoded: T = serde_json::from_str(&value.to_string()).map_err(|error| error.to_string())?;
    let json = serde_json::to_value(&decoded).map_err(|error| format!("cannot encode: {error}"))?;
    Ok(Recoded {
        json,
        unknown: unknowns(&format!("{decoded:?}")),
    })
}

/// What stands in `Unknown(…)` in the debug text of a value.
fn unknowns(debug: &str) -> Vec<String> {
    const MARK: &str = "Unknown(";
    let mut found = Vec::new();
    let mut quoted = false;
    let mut escaped = false;
    for (at, character) in debug.char_indices() {
        if quoted {
            quoted = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if character == '"' {
            quoted = true;
        } else if debug[at..].starts_with(MARK) && !ends_in_identifier(&debug[..at]) {
            found.push(balanced(&debug[at + MARK.len()..]).to_owned());
        }
    }
    found
}

fn ends_in_identifier(text: &str) -> bool {
    text.chars()
        .next_back()
        .is_some_and(|last| last.is_alphanumeric() || last == '_')
}

/// The text up to the bracket that closes it.
fn balanced(text: &str) -> &str {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if quoted => {
                quoted = escaped || character != '"';
                escaped = !escaped && character == '\\';
            }
            '"' => quoted = true,
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => return &text[..at],
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_variants_are_found_outside_of_strings() {
        let debug = r#"Job { note: "Unknown(\"x\")", status: Unknown("pau\"sed)"), kind: JobUnknown(1), v: Unknown(Object {"a": Number(1)}) }"#;
        assert_eq!(
            unknowns(debug),
            [r#""pau\"sed)""#, r#"Object {"a": Number(1)}"#]
        );
    }
}
