//! Listed values on one side and limits on the other: which of the values the limits refuse.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Number, Value, json};

use super::fact::Fact;
use super::formats::checked;
use super::pairs::Pairs;
use super::scalars::Spot;
use crate::schema::{Bound, Num, Str, is_multiple, misses, sort_values, whole, width};
use crate::verdict::{Effect, Tier};
use crate::witness::is_of_format;

impl Pairs<'_> {
    pub(super) fn listed_numbers(&mut self, spot: &Spot<'_>, old: &Num, new: &Num) {
        let refused = |list: &Num, limits: &Num| -> Vec<Value> {
            let listed = list.values.iter().flatten();
            let refused =
                listed.filter(|value| value.as_number().is_some_and(|it| !limits.admits(it)));
            refused.cloned().collect()
        };
        match (&old.values, &new.values) {
            (Some(_), None) => self.listed(spot, refused(old, new), Vec::new(), Tier::Value),
            (None, Some(_)) => self.listed(spot, Vec::new(), refused(new, old), Tier::Value),
            _ => {}
        }
    }

    pub(super) fn listed_strings(&mut self, spot: &Spot<'_>, old: &Str, new: &Str) {
        let refused = |list: &Str, limits: &Str| -> Vec<Value> {
            let listed = list.values.iter().flatten();
            let refused = listed.filter(|value| limits.refuses(value));
            refused.map(|value| Value::from(value.as_str())).collect()
        };
        // A reader that parses texts into a type fails on others.
        let tier = match checked(old.format.as_deref()) {
            Some(true) => Tier::Shape,
            _ => Tier::Value,
        };
        match (&old.values, &new.values) {
            (Some(_), None) => self.listed(spot, refused(old, new), Vec::new(), tier),
            (None, Some(_)) => self.listed(spot, Vec::new(), refused(new, old), tier),
            _ => {}
        }
    }

    fn listed(&mut self, spot: &Spot<'_>, gone: Vec<Value>, come: Vec<Value>, tier: Tier) {
        let effect = Effect::new(!gone.is_empty(), !come.is_empty());
        if effect != Effect::NONE {
            let fact = Fact::new("listed", spot.subject.clone(), tier, effect).values(gone, come);
            self.push(spot, LIMITS, fact);
        }
    }
}

/// Where limits are said, and lists.
const LIMITS: &[&str] = &[
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "enum",
    "const",
];

/// More numbers than this are not listed where limits leave them.
const MOST: i128 = 256;

impl Num {
    /// All numbers, where the limits leave but a few whole ones.
    pub(super) fn all(&self) -> Option<Vec<Value>> {
        let end = |bound: &Option<Bound>| bound.as_ref().and_then(|end| whole(&end.value));
        let (low, high) = (end(&self.low)?, end(&self.high)?);
        if !self.whole || high.checked_sub(low)? >= MOST {
            return None;
        }
        let (low, high) = (i64::try_from(low).ok()?, i64::try_from(high).ok()?);
        let all = (low..=high).map(Number::from);
        let all = all.filter(|number| self.admits(number));
        let mut all = Some(all.map(Value::Number).collect());
        sort_values(&mut all);
        all
    }

    /// Whether a number keeps to the limits.
    fn admits(&self, number: &Number) -> bool {
        let width = width(self.format.as_deref());
        let fits = |(least, most)| whole(number).is_none_or(|it| (least..=most).contains(&it));
        self.low.as_ref().is_none_or(|low| low.admits_above(number))
            && self
                .high
                .as_ref()
                .is_none_or(|high| high.admits_below(number))
            && self
                .multiples
                .iter()
                .all(|divisor| is_multiple(number, divisor))
            && (!self.whole || whole(number).is_some())
            && width.is_none_or(fits)
    }

    /// As a schema, for people. In one order, however maps are built.
    pub(super) fn described(&self) -> Value {
        let mut said = BTreeMap::new();
        let kind = if self.whole { "integer" } else { "number" };
        said.insert("type".to_owned(), kind.into());
        let mut say = |key: &str, value: Option<Value>| {
            said.extend(value.map(|value| (key.to_owned(), value)));
        };
        say("enum", self.values.clone().map(Value::from));
        for (bound, keys) in [
            (&self.low, ["minimum", "exclusiveMinimum"]),
            (&self.high, ["maximum", "exclusiveMaximum"]),
        ] {
            if let Some(bound) = bound {
                say(
                    keys[usize::from(bound.exclusive)],
                    Some(bound.value.clone().into()),
                );
            }
        }
        say(
            "multipleOf",
            self.multiples.first().cloned().map(Value::from),
        );
        say("format", self.format.clone().map(Value::from));
        said.into_iter().collect::<Map<_, _>>().into()
    }
}

impl Str {
    /// Whether a text surely breaks the limits.
    fn refuses(&self, text: &str) -> bool {
        let length = text.chars().count() as u64;
        let format = self.format.as_deref();
        let format = format.filter(|_| checked(format).is_some());
        length < self.min
            || self.max.is_some_and(|max| length > max)
            || self.patterns.iter().any(|pattern| misses(text, pattern))
            || format.is_some_and(|format| !is_of_format(text, format))
    }

    /// As a schema, for people. In one order, however maps are built.
    pub(super) fn described(&self) -> Value {
        let list = |texts: &BTreeSet<String>| -> Value {
            texts
                .iter()
                .map(|text| Value::from(text.as_str()))
                .collect()
        };
        let mut said = BTreeMap::new();
        said.insert("type".to_owned(), "string".into());
        let mut say = |key: &str, value: Option<Value>| {
            said.extend(value.map(|value| (key.to_owned(), value)));
        };
        say("enum", self.values.as_ref().map(list));
        say("minLength", (self.min > 0).then(|| json!(self.min)));
        say("maxLength", self.max.map(Value::from));
        say(
            "pattern",
            self.patterns.first().map(|one| one.as_str().into()),
        );
        say("format", self.format.clone().map(Value::from));
        said.into_iter().collect::<Map<_, _>>().into()
    }
}
