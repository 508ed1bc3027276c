//! Texts for what a parameter holds, such as its schema allows where that is easily said, and letters
//! elsewhere: what shows how values are written must not be wrong for another reason.

use crate::schema::{Arena, Child, Form, Num, Str};

/// The texts of some items, and of some members with their names.
#[derive(Debug, Clone)]
pub(super) struct Samples {
    pub(super) items: Vec<String>,
    pub(super) members: Vec<(String, String)>,
}

impl Default for Samples {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            items: vec![text("a"), text("b")],
            members: vec![(text("k"), text("a")), (text("l"), text("b"))],
        }
    }
}

/// More items are not written.
const MOST: u64 = 9;

impl Samples {
    /// Those of a schema's first alternatives; letters where it is not plain what it allows.
    pub(super) fn of(arena: &mut Arena<'_>, form: &Form) -> Self {
        let mut samples = Self::default();
        if let Some(array) = form.arrays.first() {
            let count = array.min.clamp(2, MOST);
            let items: Option<Vec<String>> = (0..count)
                .map(|index| {
                    let place = usize::try_from(index).ok()?;
                    let item = array.prefix.get(place).unwrap_or(&array.items);
                    child(arena, item, index)
                })
                .collect();
            samples.items = items.unwrap_or(samples.items);
        }
        if let Some(object) = form
            .objects
            .first()
            .filter(|one| !one.properties.is_empty())
        {
            let owed = object.required.iter();
            let free = object.properties.keys();
            let free = free.filter(|name| !object.required.contains(*name));
            let count = object.required.len().max(2);
            let few = object.required.len() as u64 <= MOST;
            let members: Option<Vec<(String, String)>> = owed
                .chain(free)
                .take(count)
                .zip(0..)
                .map(|(name, index)| {
                    let text = child(arena, &object.member(name), index)?;
                    let told = few && is_plain(name);
                    let text = told.then_some(text)?;
                    Some((name.to_string(), text))
                })
                .collect();
            samples.members = members.unwrap_or(samples.members);
        }
        samples
    }

    /// Names and texts of members in turn, or the items.
    pub(super) fn flat(&self, array: bool) -> Vec<&str> {
        if array {
            return self.items.iter().map(String::as_str).collect();
        }
        let members = self.members.iter();
        members
            .flat_map(|(name, text)| [name.as_str(), text.as_str()])
            .collect()
    }
}

/// Whether no style puts a meaning into one of its letters.
fn is_plain(text: &str) -> bool {
    text.chars()
        .all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'))
}

fn child(arena: &mut Arena<'_>, child: &Child, index: u64) -> Option<String> {
    let Child::All(conj) = child else {
        return None;
    };
    let node = arena.node(conj);
    let form = arena.get(node).form.clone();
    if let Some(one) = form.strings.first() {
        return string(one, index);
    }
    if let Some(one) = form.numbers.first() {
        return number(one, index);
    }
    (form.yes || form.no).then(|| form.yes.to_string())
}

fn string(one: &Str, index: u64) -> Option<String> {
    let place = usize::try_from(index).ok()?;
    if let Some(values) = &one.values {
        let value = values.iter().nth(place.checked_rem(values.len())?)?;
        return is_plain(value).then(|| value.clone());
    }
    let letter = ["a", "b", "c", "d", "e", "f", "g", "h", "i"].get(place)?;
    let plain = one.patterns.is_empty() && one.format.is_none() && one.meta.opaque.is_empty();
    let length = usize::try_from(one.min.max(1))
        .ok()
        .filter(|length| *length < 50)?;
    plain.then(|| letter.repeat(length))
}

fn number(one: &Num, index: u64) -> Option<String> {
    if let Some(values) = &one.values {
        let place = usize::try_from(index).ok()?;
        let value = values.get(place.checked_rem(values.len())?)?;
        return value.as_i64().map(|value| value.to_string());
    }
    let low = match (&one.low, &one.high) {
        (Some(low), _) => low.value.as_i64()?.checked_add(i64::from(low.exclusive))?,
        (None, Some(high)) => high.value.as_i64()?.checked_sub(10)?,
        (None, None) => 1,
    };
    let value = low.checked_add(i64::try_from(index).ok()?)?;
    let plain = one.multiples.is_empty() && one.meta.opaque.is_empty();
    let fits = one
        .high
        .as_ref()
        .is_none_or(|high| high.admits_below(&value.into()));
    (plain && fits).then(|| value.to_string())
}
