//! From rows to what goes over the wire, one module a dialect. The only place that knows the names
//! of the vendor's fields, and those it takes from the generated types: a field that the documents
//! gain does not compile here until it is filled.

pub(crate) mod ai_clipping;
pub(crate) mod assets;
pub(crate) mod clips;
pub(crate) mod webhooks;

use serde::Serialize;
use serde_json::Value;

/// A reply's `data`, or what kept it from being written.
pub(crate) type Wire = serde_json::Result<Value>;

/// Seconds to the millisecond: beyond that they are dust of sums and time scales.
fn seconds(exact: f64) -> f64 {
    (exact * 1000.0).round() / 1000.0
}

/// Writes a generated type with `null` for what it has no value of. The types leave such fields out,
/// as a request must; the vendor's replies have them.
fn with_nulls(reply: &impl Serialize, nullable: &[&str]) -> Wire {
    let mut value = serde_json::to_value(reply)?;
    if let Some(fields) = value.as_object_mut() {
        for name in nullable {
            fields.entry(*name).or_insert(Value::Null);
        }
    }
    Ok(value)
}

/// The same for every element of a list field.
fn each_with_nulls(value: &mut Value, list: &str, nullable: &[&str]) {
    for element in value[list].as_array_mut().into_iter().flatten() {
        if let Some(fields) = element.as_object_mut() {
            for name in nullable {
                fields.entry(*name).or_insert(Value::Null);
            }
        }
    }
}
