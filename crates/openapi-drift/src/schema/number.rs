//! Numbers compared by value: `1`, `1.0` and `1e0` are one number.

use std::cmp::Ordering;

use serde_json::Number;

/// One end of a range.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub(crate) value: Number,
    pub(crate) exclusive: bool,
}

impl PartialEq for Bound {
    fn eq(&self, other: &Self) -> bool {
        self.exclusive == other.exclusive
            && compare_numbers(&self.value, &other.value) == Ordering::Equal
    }
}

impl Bound {
    /// Whether a value lies inside, when this is the lower end.
    pub(crate) fn admits_above(&self, value: &Number) -> bool {
        match compare_numbers(value, &self.value) {
            Ordering::Greater => true,
            Ordering::Equal => !self.exclusive,
            Ordering::Less => false,
        }
    }

    /// Whether a value lies inside, when this is the upper end.
    pub(crate) fn admits_below(&self, value: &Number) -> bool {
        match compare_numbers(value, &self.value) {
            Ordering::Less => true,
            Ordering::Equal => !self.exclusive,
            Ordering::Greater => false,
        }
    }

    /// For whole numbers an open end is a closed one, one further in.
    pub(crate) fn for_whole(self, step: i128) -> Self {
        match (self.exclusive, whole(&self.value)) {
            (true, Some(value)) => match i64::try_from(value + step) {
                Ok(value) => Self {
                    value: Number::from(value),
                    exclusive: false,
                },
                Err(_) => self,
            },
            _ => self,
        }
    }
}

pub(crate) fn compare_numbers(left: &Number, right: &Number) -> Ordering {
    if let (Some(left), Some(right)) = (whole(left), whole(right)) {
        return left.cmp(&right);
    }
    let left = left.as_f64().unwrap_or(f64::NAN);
    let right = right.as_f64().unwrap_or(f64::NAN);
    left.partial_cmp(&right).unwrap_or(Ordering::Equal)
}

/// Whether every multiple of `number` is one of `divisor`.
pub(crate) fn is_multiple(number: &Number, divisor: &Number) -> bool {
    if let (Some(number), Some(divisor)) = (whole(number), whole(divisor)) {
        return divisor != 0 && number % divisor == 0;
    }
    let quotient = number.as_f64().unwrap_or(f64::NAN) / divisor.as_f64().unwrap_or(f64::NAN);
    quotient.is_finite() && (quotient - quotient.round()).abs() < 1e-9
}

/// The least and the greatest number that a format of integers holds.
pub(crate) fn width(format: Option<&str>) -> Option<(i128, i128)> {
    let (is_signed, bits) = match format? {
        "int8" => (true, 8),
        "int16" => (true, 16),
        "int32" => (true, 32),
        "int64" => (true, 64),
        "uint8" => (false, 8),
        "uint16" => (false, 16),
        "uint32" => (false, 32),
        "uint64" => (false, 64),
        _ => return None,
    };
    let values = 1_i128 << bits;
    Some(match is_signed {
        true => (-values / 2, values / 2 - 1),
        false => (0, values - 1),
    })
}

pub(crate) fn whole(number: &Number) -> Option<i128> {
    if let Some(value) = number.as_i64() {
        return Some(i128::from(value));
    }
    if let Some(value) = number.as_u64() {
        return Some(i128::from(value));
    }
    let value = number.as_f64()?;
    // Exact below 2^53; larger floats stay floats.
    #[allow(clippy::cast_possible_truncation, reason = "bounded just above")]
    (value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0).then_some(value as i128)
}
