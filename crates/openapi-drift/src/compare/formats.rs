//! What `format` says of numbers and of texts.

use serde_json::Value;

use super::fact::Fact;
use super::pairs::Pairs;
use super::scalars::Spot;
use crate::rust_impact::Surface;
use crate::schema::{Bound, Num, Str, whole, width};
use crate::verdict::{Effect, Tier};

impl Pairs<'_> {
    /// What one width holds another may not; for fractions the width is precision, which no value
    /// fails.
    pub(super) fn number_format(&mut self, spot: &Spot<'_>, old: &Num, new: &Num) {
        let (before, after) = (width(old.format.as_deref()), width(new.format.as_deref()));
        let holds = |some: Option<(i128, i128)>, other: Option<(i128, i128)>| match (some, other) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(some), Some(other)) => some.0 <= other.0 && other.1 <= some.1,
        };
        // Where limits say more than the width does, the width is a word about types.
        let limited = |one: &Num| {
            let bound = |bound: &Option<Bound>| {
                let bound = bound.as_ref();
                bound.and_then(|bound| whole(&bound.value))
            };
            let (low, high) = (bound(&one.low), bound(&one.high));
            [before, after].into_iter().flatten().all(|(least, most)| {
                low.is_some_and(|low| low >= least) && high.is_some_and(|high| high <= most)
            })
        };
        let is_float = |one: &Num| one.format.as_deref() == Some("float");
        let (tier, effect) = if before != after && limited(old) && limited(new) {
            (Tier::Words, Effect::NONE)
        } else if before != after {
            // A reader's `i64` holds every value of an unnamed width that it ever held.
            let is_i64 = old.format.as_deref() == Some("int64") && after.is_none();
            let tier = match before.is_none() || is_i64 {
                true => Tier::Value,
                false => Tier::Shape,
            };
            (
                tier,
                Effect::new(!holds(after, before), !holds(before, after)),
            )
        } else if is_float(old) && !is_float(new) {
            // Precision that a writer does not have is missed by nobody; a reader may lose some.
            (Tier::Value, Effect::WIDENS)
        } else if is_float(old) != is_float(new) {
            (Tier::Meaning, Effect::NONE)
        } else {
            (Tier::Words, Effect::NONE)
        };
        let named = |one: &Num| match (width(one.format.as_deref()), one.format.as_deref()) {
            (Some(_), Some(format)) => format.replacen("int", "", 1),
            (None, Some("float")) => "f32".to_owned(),
            _ if one.whole => "64".to_owned(),
            _ => "f64".to_owned(),
        };
        let surface = if named(old) == named(new) {
            Surface::Text
        } else {
            Surface::Retyped
        };
        let fact = Fact::new("format", spot.subject.clone(), tier, effect)
            .surface(surface)
            .values(text(&old.format), text(&new.format));
        self.push(spot, &["format", "contentEncoding"], fact);
    }

    pub(super) fn string_format(&mut self, spot: &Spot<'_>, old: &Str, new: &Str) {
        let (before, after) = (old.format.as_deref(), new.format.as_deref());
        let (left, right) = (checked(before), checked(after));
        let effect = match (left, right) {
            (None, None) => Effect::NONE,
            (Some(_), None) => Effect::WIDENS,
            (None, Some(_)) => Effect::NARROWS,
            (Some(_), Some(_)) => Effect::new(!is_part(before, after), !is_part(after, before)),
        };
        let tier = match (left, right) {
            (None, None) if is_encoded(before) != is_encoded(after) => Tier::Meaning,
            (None, None) => Tier::Words,
            (Some(true), _) => Tier::Shape,
            _ => Tier::Value,
        };
        let typed = |format: Option<bool>| format == Some(true);
        let surface = if typed(left) || typed(right) {
            Surface::Retyped
        } else {
            Surface::Text
        };
        let fact = Fact::new("format", spot.subject.clone(), tier, effect)
            .surface(surface)
            .values(text(&old.format), text(&new.format));
        self.push(spot, &["format", "contentEncoding"], fact);
    }
}

/// Whether all texts of one format are of another.
fn is_part(one: Option<&str>, other: Option<&str>) -> bool {
    matches!(
        (one, other),
        (Some("uri"), Some("uri-reference" | "iri" | "iri-reference"))
            | (Some("uri-reference" | "iri"), Some("iri-reference"))
            | (Some("email"), Some("idn-email"))
            | (Some("hostname"), Some("idn-hostname"))
    )
}

/// Whether the text stands for bytes.
fn is_encoded(format: Option<&str>) -> bool {
    format.is_some_and(|format| matches!(format, "byte" | "binary" | "base64" | "base64url"))
}

/// Whether a format is checked at all, and if so, whether typed readers parse it into a type.
pub(super) fn checked(format: Option<&str>) -> Option<bool> {
    match format? {
        "date-time" | "date" | "time" | "uuid" | "ipv4" | "ipv6" => Some(true),
        "duration"
        | "email"
        | "idn-email"
        | "hostname"
        | "idn-hostname"
        | "uri"
        | "uri-reference"
        | "iri"
        | "iri-reference"
        | "uri-template"
        | "json-pointer"
        | "relative-json-pointer"
        | "regex" => Some(false),
        _ => None,
    }
}

/// What all texts of a format match, which some others may match too.
pub(super) fn expression(format: &str) -> Option<&'static str> {
    Some(match format {
        "date" => "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
        "date-time" => {
            "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
        }
        "time" => {
            "^([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
        }
        "uuid" => "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
        "ipv4" => {
            "^(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}$"
        }
        _ => return None,
    })
}

fn text(format: &Option<String>) -> Value {
    format.as_deref().map(Value::from).unwrap_or_default()
}
