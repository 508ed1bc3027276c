//! The smallest values that a schema admits, as far as its normal form tells.

use std::rc::Rc;

use serde_json::{Map, Number, Value};

use crate::schema::{Arena, Arr, Bound, Child, Form, Num, Obj, Str, is_multiple};

/// Values nest no deeper than this, so that recursive schemas end.
const MAX_DEPTH: usize = 24;
/// Longer strings and arrays are not built.
pub(super) const MAX_LENGTH: u64 = 20_000;

/// Makes values from one document's schemas.
pub(super) struct Maker<'a, 'd> {
    arena: &'a mut Arena<'d>,
    depth: usize,
    fuel: usize,
}

impl<'a, 'd> Maker<'a, 'd> {
    pub(super) fn new(arena: &'a mut Arena<'d>) -> Self {
        Self {
            arena,
            depth: 0,
            fuel: 1_000,
        }
    }

    pub(super) fn child(&mut self, child: &Child) -> Option<Value> {
        let Child::All(conj) = child else { return None };
        if conj.is_empty() {
            return Some(Value::from("a"));
        }
        let node = self.arena.node(conj);
        let form = self.arena.get(node).form.clone();
        self.form(&form)
    }

    pub(super) fn form(&mut self, form: &Form) -> Option<Value> {
        self.fuel = self.fuel.checked_sub(1)?;
        if self.depth > MAX_DEPTH {
            return form.null.then_some(Value::Null);
        }
        for string in &form.strings {
            if let Some(text) = string_of(string, 0) {
                return Some(Value::from(text));
            }
        }
        for number in &form.numbers {
            if let Some(number) = number_of(number) {
                return Some(Value::Number(number));
            }
        }
        if form.yes {
            return Some(Value::Bool(true));
        }
        if form.no {
            return Some(Value::Bool(false));
        }
        self.depth += 1;
        let made = form
            .objects
            .iter()
            .find_map(|object| self.object(object))
            .or_else(|| {
                form.arrays
                    .iter()
                    .find_map(|array| self.array(array, array.min))
            });
        self.depth -= 1;
        made.or_else(|| form.null.then_some(Value::Null))
    }

    pub(super) fn object(&mut self, object: &Obj) -> Option<Value> {
        if let Some(values) = &object.values {
            return values.first().cloned();
        }
        self.object_without(object, "").map(Value::Object)
    }

    /// The required members of an object, but for one.
    pub(super) fn object_without(&mut self, object: &Obj, but: &str) -> Option<Map<String, Value>> {
        let mut map = Map::new();
        for name in object.required.iter().filter(|name| name.as_ref() != but) {
            map.insert(name.to_string(), self.member(object, name)?);
        }
        for (when, owed) in &object.dependent {
            if (map.contains_key(when.as_ref()) || when.as_ref() == but) && owed.as_ref() != but {
                let value = self.member(object, owed)?;
                map.entry(owed.to_string()).or_insert(value);
            }
        }
        let declared: Vec<Rc<str>> = object.properties.keys().cloned().collect();
        let mut spare = declared.into_iter().filter(|name| name.as_ref() != but);
        while (map.len() as u64) < object.min.min(64) {
            match spare.next() {
                Some(name) => {
                    if let Some(value) = self.member(object, &name) {
                        map.entry(name.to_string()).or_insert(value);
                    }
                }
                None if object.extra == Child::Never => return None,
                None => {
                    let value = self.child(&object.extra)?;
                    map.insert(format!("x-{}", map.len()), value);
                }
            }
        }
        Some(map)
    }

    pub(super) fn member(&mut self, object: &Obj, name: &Rc<str>) -> Option<Value> {
        let child = object.member(name);
        self.child(&child)
    }

    /// An array of some length, its items as different as uniqueness asks.
    pub(super) fn array(&mut self, array: &Arr, length: u64) -> Option<Value> {
        if let Some(values) = &array.values {
            return values.first().cloned();
        }
        if length > MAX_LENGTH {
            return None;
        }
        let mut items = Vec::new();
        for index in 0..usize::try_from(length).ok()? {
            let child = array.prefix.get(index).unwrap_or(&array.items).clone();
            items.push(self.item(&child, index, array.unique)?);
        }
        Some(Value::Array(items))
    }

    fn item(&mut self, child: &Child, index: usize, unique: bool) -> Option<Value> {
        if !unique {
            return self.child(child);
        }
        let Child::All(conj) = child else { return None };
        if conj.is_empty() {
            return Some(Value::from(index));
        }
        let node = self.arena.node(conj);
        let form = self.arena.get(node).form.clone();
        match (form.strings.first(), form.numbers.first()) {
            (
                Some(Str {
                    values: Some(values),
                    ..
                }),
                _,
            ) => values
                .iter()
                .nth(index)
                .map(|value| Value::from(value.as_str())),
            (Some(string), _) => string_of(string, index).map(Value::from),
            (None, Some(number)) => {
                let base = number_of(number)?;
                let step = number
                    .multiples
                    .first()
                    .and_then(Number::as_f64)
                    .unwrap_or(1.0);
                let value = base.as_f64()? + step * f64::from(u32::try_from(index).ok()?);
                tidy(value, number.whole).map(Value::Number)
            }
            _ => self.form(&form),
        }
    }

    /// An array with a given value in one place.
    pub(super) fn array_with(&mut self, array: &Arr, place: usize, value: Value) -> Option<Value> {
        let length = array.min.max(place as u64 + 1);
        let mut all = self.array(array, length)?;
        *all.as_array_mut()?.get_mut(place)? = value;
        Some(all)
    }
}

/// The members that either side requires of an object, but for one, with values that the other
/// side admits as far as it declares them: so that nothing else than the difference shows.
pub(super) fn agreed(
    (own_arena, own): (&mut Arena<'_>, &Obj),
    (other_arena, other): (&mut Arena<'_>, &Obj),
    but: &str,
) -> Option<Map<String, Value>> {
    let (mut ours, mut theirs) = (Maker::new(own_arena), Maker::new(other_arena));
    let mut map = Map::new();
    for name in own.required.union(&other.required) {
        if name.as_ref() == but || own.member(name) == Child::Never {
            continue;
        }
        let value = other
            .properties
            .get(name)
            .and_then(|child| theirs.child(child))
            .or_else(|| ours.member(own, name))?;
        map.insert(name.to_string(), value);
    }
    Some(map)
}

/// A string that an alternative admits, with `room` characters beyond the fewest.
pub(super) fn string_of(string: &Str, room: usize) -> Option<String> {
    if let Some(values) = &string.values {
        return values.iter().nth(room % values.len().max(1)).cloned();
    }
    if let Some(sample) = string.format.as_deref().and_then(format_sample) {
        return Some(sample.to_owned());
    }
    if string.min > MAX_LENGTH {
        return None;
    }
    let least = usize::try_from(string.min).ok()?;
    match string.patterns.first() {
        Some(pattern) => {
            let shortest = super::pattern::example(pattern, 0)?;
            let missing = least.saturating_sub(shortest.chars().count());
            super::pattern::example(pattern, missing + room)
        }
        None => {
            let length = least.max(usize::from(string.max != Some(0))) + room;
            Some("a".repeat(length))
        }
    }
}

/// Other texts that a format admits, which a pattern may tell from the first.
pub(super) fn format_variants(format: &str) -> &'static [&'static str] {
    match format {
        "date-time" => &["1999-12-31T23:59:59.5+02:00", "2031-06-15T12:30:00Z"],
        "date" => &["1999-12-31", "2031-06-15"],
        "time" => &["23:59:59Z", "12:30:00Z"],
        "uuid" => &[
            "ffffffff-ffff-4fff-bfff-ffffffffffff",
            "a1b2c3d4-e5f6-4a7b-9c8d-1e2f3a4b5c6d",
        ],
        "email" | "idn-email" => &["b.c+d@mail.example.org"],
        "hostname" | "idn-hostname" => &["a1.example.org"],
        "ipv4" => &["10.0.0.255"],
        "ipv6" => &["fe80::ffff"],
        "uri" | "iri" | "url" => &[
            "http://localhost:8080/b?c=d",
            "ftp://example.org/",
            "urn:a:b",
        ],
        _ => &[],
    }
}

/// A text of a given length that a format admits, where it can be made longer at will.
pub(super) fn format_of_length(format: &str, length: usize) -> Option<String> {
    let (start, end) = match format {
        "uri" | "iri" | "uri-reference" | "iri-reference" | "url" => ("https://example.com/", ""),
        "json-pointer" => ("/", ""),
        "email" | "idn-email" => ("", "@example.com"),
        _ => return None,
    };
    let room = length.checked_sub(start.len() + end.len())?;
    (room > 0).then(|| format!("{start}{}{end}", "a".repeat(room)))
}

/// A text that a format admits.
pub(super) fn format_sample(format: &str) -> Option<&'static str> {
    Some(match format {
        "date-time" => "2020-01-01T00:00:00Z",
        "date" => "2020-01-01",
        "time" => "00:00:00Z",
        "duration" => "PT1S",
        "uuid" => "00000000-0000-4000-8000-000000000000",
        "email" | "idn-email" => "a@example.com",
        "hostname" | "idn-hostname" => "example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "uri" | "iri" | "uri-reference" | "iri-reference" | "uri-template" | "url" => {
            "https://example.com/a"
        }
        "json-pointer" => "/a",
        "relative-json-pointer" => "0",
        _ => return None,
    })
}

/// A number that an alternative admits.
pub(super) fn number_of(number: &Num) -> Option<Number> {
    if let Some(values) = &number.values {
        return values.first().and_then(|value| value.as_number().cloned());
    }
    let low = number.low.as_ref().and_then(|bound| bound.value.as_f64());
    let high = number.high.as_ref().and_then(|bound| bound.value.as_f64());
    let middle = match (low, high) {
        (Some(low), Some(high)) => f64::midpoint(low, high),
        _ => 0.0,
    };
    let mut candidates = vec![1.0, 0.0];
    candidates.extend(
        [low, high]
            .into_iter()
            .flatten()
            .flat_map(|edge| [edge, edge + 1.0, edge - 1.0]),
    );
    candidates.push(middle);
    if let Some(step) = number.multiples.first().and_then(Number::as_f64) {
        let base = low.unwrap_or(0.0);
        candidates.push((base / step).ceil() * step);
        candidates.push(((base / step).ceil() + 1.0) * step);
    }
    candidates
        .into_iter()
        .filter_map(|value| tidy(value, number.whole))
        .find(|value| admits(number, value))
}

fn admits(number: &Num, value: &Number) -> bool {
    let inside = |bound: &Option<Bound>, test: fn(&Bound, &Number) -> bool| {
        bound.as_ref().is_none_or(|bound| test(bound, value))
    };
    inside(&number.low, Bound::admits_above)
        && inside(&number.high, Bound::admits_below)
        && number.multiples.iter().all(|step| is_multiple(value, step))
}

/// A float as the number that people write.
pub(super) fn tidy(value: f64, whole: bool) -> Option<Number> {
    if value.fract() == 0.0 && value.abs() < 9.0e15 {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "whole, and bounded just above"
        )]
        return Some(Number::from(value as i64));
    }
    if whole { None } else { Number::from_f64(value) }
}
