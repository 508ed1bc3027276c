//! The smallest part of a value that still shows what the whole shows.

use serde_json::Value;

use crate::pointer;

/// Attempts at one value; after that the smallest so far has to do.
const ATTEMPTS: usize = 400;

/// `value` without all that can be left out while `holds` holds.
pub(crate) fn shrink(value: &Value, holds: &dyn Fn(&Value) -> bool) -> Value {
    let mut small = value.clone();
    let mut left = ATTEMPTS;
    loop {
        let smaller = pointer::places(&small)
            .into_iter()
            .skip(1)
            .map(|at| pointer::removed(&small, &at))
            .find(|less| {
                left = left.saturating_sub(1);
                left > 0 && holds(less)
            });
        match smaller {
            Some(less) => small = less,
            None => return small,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_matters_is_left() {
        let value = json!({"a": [1, 2, {"b": 3, "c": 4}], "d": 5});
        let small = shrink(&value, &|value| value.to_string().contains("\"c\":4"));
        assert_eq!(small, json!({"a": [{"c": 4}]}));
    }
}
