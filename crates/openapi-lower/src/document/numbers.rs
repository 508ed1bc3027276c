//! The lowered text of numbers: the bounds that the generator can read.

use serde_json::{Map, Value, json};

use super::write::{Way, insert, of_type};
use crate::schema::node::{Bound, Numeric};

/// A bound of an integer: whole, and within what the generator can read.
pub(crate) fn whole(bound: &Bound, up: bool) -> Option<i64> {
    let value = match bound.value.as_i64() {
        Some(value) => value,
        None => {
            let float = bound.value.as_f64()?;
            let float = if up { float.ceil() } else { float.floor() };
            // Beyond 2^53 a float is no bound worth keeping.
            #[allow(clippy::cast_possible_truncation)]
            (float.abs() < 9e15).then_some(float as i64)?
        }
    };
    match (
        bound.exclusive && bound.value.as_f64().is_some_and(|f| f.fract() == 0.0),
        up,
    ) {
        (false, _) => Some(value),
        (true, true) => value.checked_add(1),
        (true, false) => value.checked_sub(1),
    }
}

pub(super) fn integer(numeric: &Numeric, way: Way) -> Map<String, Value> {
    let mut map = of_type("integer");
    if way == Way::Request && !numeric.values.is_empty() {
        map.insert("enum".to_owned(), json!(numeric.values));
        return map;
    }
    insert(&mut map, "format", numeric.format.clone());
    if way == Way::Request {
        insert(
            &mut map,
            "minimum",
            numeric
                .minimum
                .as_ref()
                .and_then(|bound| whole(bound, true)),
        );
        insert(
            &mut map,
            "maximum",
            numeric
                .maximum
                .as_ref()
                .and_then(|bound| whole(bound, false)),
        );
    }
    map
}

pub(super) fn number(numeric: &Numeric, way: Way) -> Map<String, Value> {
    let mut map = of_type("number");
    // Single precision would change what passes through.
    insert(
        &mut map,
        "format",
        numeric.format.clone().filter(|format| format != "float"),
    );
    if way == Way::Request {
        for (key, flag, bound) in [
            ("minimum", "exclusiveMinimum", &numeric.minimum),
            ("maximum", "exclusiveMaximum", &numeric.maximum),
        ] {
            if let Some(bound) = bound {
                map.insert(key.to_owned(), Value::Number(bound.value.clone()));
                if bound.exclusive {
                    map.insert(flag.to_owned(), Value::Bool(true));
                }
            }
        }
    }
    map
}
