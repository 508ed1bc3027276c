//! Conjunction and union of forms: what `allOf`, `$ref` siblings, `anyOf` and `oneOf` come to.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use serde_json::Value;

use super::form::{Arr, Child, Form, Meta, Num, Obj, Str};
use super::language::misses;
use super::number::{Bound, compare_numbers, is_multiple, width};

/// More alternatives of one kind than this are not multiplied out any further.
const MAX_ALTERNATIVES: usize = 1_024;
/// Nor are products of unions beyond this.
const MAX_PRODUCT: usize = 128;

impl Form {
    /// What both admit.
    pub(crate) fn meet(&self, other: &Self) -> Self {
        // Words alone constrain nothing: the other side keeps its names and places.
        let (left_open, right_open) = (self.is_anything(), other.is_anything());
        if left_open || right_open {
            let (mut kept, words) = if right_open {
                (self.clone(), other)
            } else {
                (other.clone(), self)
            };
            let sources: Vec<_> = words
                .numbers
                .iter()
                .flat_map(|one| one.meta.sources.iter().copied())
                .collect();
            kept.cut |= words.cut;
            kept.add_dead(&words.dead);
            for meta in kept.metas_mut() {
                meta.add(&sources);
            }
            return kept;
        }
        let mut met = Self {
            null: self.null && other.null,
            yes: self.yes && other.yes,
            no: self.no && other.no,
            numbers: cross(&self.numbers, &other.numbers, meet_numbers),
            strings: cross(&self.strings, &other.strings, meet_strings),
            arrays: cross(&self.arrays, &other.arrays, meet_arrays),
            objects: cross(&self.objects, &other.objects, meet_objects),
            exclusive: self.exclusive || other.exclusive,
            cut: self.cut || other.cut,
            dead: self.dead.clone(),
        };
        met.add_dead(&other.dead);
        if met.objects.is_empty() {
            // Nobody means what nothing satisfies: a closed base is written to be extended.
            met.objects = cross(&self.objects, &other.objects, open_objects);
        }
        met.cut |=
            self.width() * other.width() > MAX_PRODUCT && self.width().min(other.width()) > 5;
        met
    }

    /// What either admits. Alternatives that another one covers are folded into it.
    pub(crate) fn join(&mut self, other: &Self) {
        self.null |= other.null;
        self.yes |= other.yes;
        self.no |= other.no;
        self.exclusive |= other.exclusive;
        self.add_dead(&other.dead);
        self.cut |= other.cut || self.width() + other.width() >= MAX_ALTERNATIVES;
        for one in &other.numbers {
            join_number(&mut self.numbers, one);
        }
        for one in &other.strings {
            join_string(&mut self.strings, one);
        }
        for one in &other.arrays {
            push_new(&mut self.arrays, one);
        }
        for one in &other.objects {
            push_new(&mut self.objects, one);
        }
    }
}

fn cross<T: Clone + PartialEq>(
    left: &[T],
    right: &[T],
    meet: impl Fn(&T, &T) -> Option<T>,
) -> Vec<T> {
    let mut all = Vec::new();
    for one in left {
        for two in right {
            if let Some(both) = meet(one, two)
                && !all.contains(&both)
            {
                all.push(both);
            }
            if all.len() >= MAX_PRODUCT.max(left.len()).max(right.len()) {
                return all;
            }
        }
    }
    all
}

/// Adds an alternative unless the same one is there.
fn push_new<T: Clone + PartialEq>(list: &mut Vec<T>, one: &T) {
    if list.len() < MAX_ALTERNATIVES && !list.contains(one) {
        list.push(one.clone());
    }
}

fn join_number(list: &mut Vec<Num>, one: &Num) {
    // Long lists are not copied to find out that they are lists.
    let free = |number: &Num| {
        number.values.is_none()
            && Num {
                meta: Meta::default(),
                whole: false,
                format: None,
                ..number.clone()
            } == Num::default()
            && width(number.format.as_deref()).is_none()
            && number.meta.opaque.is_empty()
    };
    if list
        .iter()
        .any(|known| free(known) && (!known.whole || one.whole))
    {
        return;
    }
    if free(one) {
        list.retain(|known| one.whole && !known.whole);
    }
    if let Some(values) = &one.values
        && let Some(known) = list.iter_mut().find(|known| known.values.is_some())
    {
        known.meta.add(&one.meta.sources);
        known.whole &= one.whole;
        // They are brought into order once, when the union is whole.
        known
            .values
            .get_or_insert_default()
            .extend(values.iter().cloned());
        return;
    }
    push_new(list, one);
}

fn join_string(list: &mut Vec<Str>, one: &Str) {
    let free = |string: &Str| {
        string.values.is_none()
            && Str {
                meta: Meta::default(),
                ..string.clone()
            } == Str::default()
            && string.meta.opaque.is_empty()
    };
    if list.iter().any(&free) {
        return;
    }
    if free(one) {
        list.clear();
    }
    if let Some(values) = &one.values
        && let Some(known) = list.iter_mut().find(|known| known.values.is_some())
    {
        known.meta.add(&one.meta.sources);
        known
            .values
            .get_or_insert_default()
            .extend(values.iter().cloned());
        return;
    }
    push_new(list, one);
}

fn meet_meta(left: &Meta, right: &Meta, left_plain: bool, right_plain: bool) -> Meta {
    let mut meta = left.clone();
    meta.add(&right.sources);
    meta.opaque.extend(right.opaque.iter().cloned());
    meta.opened |= right.opened;
    meta.name = match (left_plain, right_plain) {
        (true, _) if left.name.is_none() => right.name.clone(),
        (_, true) if right.name.is_none() => left.name.clone(),
        _ if left.name == right.name => left.name.clone(),
        _ => None,
    };
    meta
}

fn meet_numbers(left: &Num, right: &Num) -> Option<Num> {
    let plain = |one: &Num| one.low.is_none() && one.high.is_none() && one.values.is_none();
    let mut both = Num {
        meta: meet_meta(&left.meta, &right.meta, plain(left), plain(right)),
        whole: left.whole || right.whole,
        low: tighter(&left.low, &right.low, true),
        high: tighter(&left.high, &right.high, false),
        multiples: left.multiples.clone(),
        format: left.format.clone().or_else(|| right.format.clone()),
        values: common(left.values.as_ref(), right.values.as_ref()),
    };
    for multiple in &right.multiples {
        if !both.multiples.contains(multiple) {
            both.multiples.push(multiple.clone());
        }
    }
    both.multiples.sort_by(compare_numbers);
    both.settle().then_some(both)
}

impl Num {
    /// Brings the alternative into its normal form; false if nothing is left of it.
    pub(crate) fn settle(&mut self) -> bool {
        if self.whole {
            self.low = self.low.take().map(|bound| bound.for_whole(1));
            self.high = self.high.take().map(|bound| bound.for_whole(-1));
        }
        if let Some(values) = &mut self.values {
            values.retain(|value| match value {
                Value::Number(number) => {
                    (!self.whole || super::number::whole(number).is_some())
                        && self.low.as_ref().is_none_or(|low| low.admits_above(number))
                        && self
                            .high
                            .as_ref()
                            .is_none_or(|high| high.admits_below(number))
                        && self.multiples.iter().all(|step| is_multiple(number, step))
                }
                _ => false,
            });
            if values.is_empty() {
                return false;
            }
            self.whole = values.iter().all(is_whole);
        }
        match (&self.low, &self.high) {
            (Some(low), Some(high)) => {
                low.admits_above(&high.value) && high.admits_below(&low.value)
            }
            _ => true,
        }
    }
}

fn is_whole(value: &Value) -> bool {
    let number = value.as_number();
    number.is_some_and(|number| super::number::whole(number).is_some())
}

fn meet_strings(left: &Str, right: &Str) -> Option<Str> {
    let values = match (&left.values, &right.values) {
        (Some(left), Some(right)) => Some(left.intersection(right).cloned().collect()),
        (Some(only), None) | (None, Some(only)) => Some(only.clone()),
        (None, None) => None,
    };
    let plain = |one: &Str| one.values.is_none();
    let mut both = Str {
        meta: meet_meta(&left.meta, &right.meta, plain(left), plain(right)),
        min: left.min.max(right.min),
        max: least(left.max, right.max),
        patterns: left.patterns.union(&right.patterns).cloned().collect(),
        format: left.format.clone().or_else(|| right.format.clone()),
        values,
    };
    both.settle().then_some(both)
}

/// More listed texts than this are not held against the patterns beside them.
const MAX_MATCHED: usize = 256;

impl Str {
    pub(crate) fn settle(&mut self) -> bool {
        if let Some(values) = &mut self.values {
            let (min, max) = (self.min, self.max);
            values.retain(|value| {
                let length = value.chars().count() as u64;
                length >= min && max.is_none_or(|max| length <= max)
            });
            if !self.patterns.is_empty() && values.len() <= MAX_MATCHED {
                let matches = |value: &&String| !self.patterns.iter().any(|one| misses(value, one));
                let matched: BTreeSet<String> = values.iter().filter(matches).cloned().collect();
                // A pattern that refuses all that is listed is not meant so.
                if !matched.is_empty() {
                    *values = matched;
                }
            }
            if values.is_empty() {
                return false;
            }
        }
        self.max.is_none_or(|max| self.min <= max)
    }
}

fn meet_arrays(left: &Arr, right: &Arr) -> Option<Arr> {
    let length = left.prefix.len().max(right.prefix.len());
    let prefix = (0..length)
        .map(|index| {
            let left = left.prefix.get(index).unwrap_or(&left.items);
            left.meet(right.prefix.get(index).unwrap_or(&right.items))
        })
        .collect();
    let both = Arr {
        meta: meet_meta(&left.meta, &right.meta, false, false),
        prefix,
        items: left.items.meet(&right.items),
        min: left.min.max(right.min),
        max: least(left.max, right.max),
        unique: left.unique || right.unique,
        values: common(left.values.as_ref(), right.values.as_ref()),
    };
    both.max.is_none_or(|max| both.min <= max).then_some(both)
}

fn meet_objects(left: &Obj, right: &Obj) -> Option<Obj> {
    let mut properties = BTreeMap::new();
    let mut shut = left.shut.clone();
    shut.extend(right.shut.clone());
    for name in left.properties.keys().chain(right.properties.keys()) {
        let child = left.member(name).meet(&right.member(name));
        if child == Child::Never {
            if left.required.contains(name) || right.required.contains(name) {
                return None;
            }
            // What both speak of, one of them takes away on purpose.
            let (one, two) = (left.properties.get(name), right.properties.get(name));
            if let (Some(declared), None) | (None, Some(declared)) = (one, two)
                && *declared != Child::Never
            {
                shut.insert(name.clone(), declared.clone());
            }
        }
        properties.insert(name.clone(), child);
    }
    join_objects(left, right, properties, shut)
}

/// The same, where either side lets in what the other one declares.
fn open_objects(left: &Obj, right: &Obj) -> Option<Obj> {
    let let_in = |object: &Obj, name: &Rc<str>| match object.properties.get(name) {
        None if object.extra == Child::Never => Child::anything(),
        _ => object.member(name),
    };
    let mut properties = BTreeMap::new();
    for name in left.properties.keys().chain(right.properties.keys()) {
        let child = let_in(left, name).meet(&let_in(right, name));
        let owed = left.required.contains(name) || right.required.contains(name);
        if owed && child == Child::Never {
            return None;
        }
        properties.insert(name.clone(), child);
    }
    let mut both = join_objects(left, right, properties, BTreeMap::new())?;
    both.meta.opened = true;
    Some(both)
}

fn join_objects(
    left: &Obj,
    right: &Obj,
    mut properties: BTreeMap<Rc<str>, Child>,
    shut: BTreeMap<Rc<str>, Child>,
) -> Option<Obj> {
    // A name that one closed side does not declare can't be there at all: leave it undeclared.
    let extra = left.extra.meet(&right.extra);
    if extra == Child::Never {
        properties.retain(|_, child| *child != Child::Never);
    }
    let mut patterns = left.patterns.clone();
    for (pattern, child) in &right.patterns {
        let met = patterns
            .get(pattern)
            .map_or_else(|| child.clone(), |known| known.meet(child));
        patterns.insert(pattern.clone(), met);
    }
    let plain = |one: &Obj| {
        one.properties.is_empty()
            && one.required.is_empty()
            && one.extra.is_anything()
            && one.patterns.is_empty()
    };
    let mut both = Obj {
        meta: meet_meta(&left.meta, &right.meta, plain(left), plain(right)),
        properties,
        required: left.required.union(&right.required).cloned().collect(),
        patterns,
        extra,
        min: left.min.max(right.min),
        max: least(left.max, right.max),
        dependent: left.dependent.union(&right.dependent).cloned().collect(),
        values: common(left.values.as_ref(), right.values.as_ref()),
        shut,
    };
    both.let_in_owed();
    both.max.is_none_or(|max| both.min <= max).then_some(both)
}

impl Obj {
    /// A closed object that owes a member which it does not declare is read as if it did.
    pub(super) fn let_in_owed(&mut self) {
        if self.extra != Child::Never || !self.patterns.is_empty() {
            return;
        }
        for name in &self.required {
            if !self.properties.contains_key(name) {
                self.properties.insert(name.clone(), Child::anything());
                self.meta.opened = true;
            }
        }
    }

    /// What a member of this name may be. A pattern that could match it leaves it to the validator.
    pub(crate) fn member(&self, name: &Rc<str>) -> Child {
        match self.properties.get(name) {
            Some(child) => child.clone(),
            None if self.patterns.is_empty() => self.extra.clone(),
            None => Child::anything(),
        }
    }
}

fn tighter(left: &Option<Bound>, right: &Option<Bound>, low: bool) -> Option<Bound> {
    let (Some(one), Some(two)) = (left, right) else {
        return left.clone().or_else(|| right.clone());
    };
    let order = compare_numbers(&one.value, &two.value);
    let order = if low { order } else { order.reverse() };
    Some(match order {
        std::cmp::Ordering::Greater => one.clone(),
        std::cmp::Ordering::Less => two.clone(),
        std::cmp::Ordering::Equal => Bound {
            value: one.value.clone(),
            exclusive: one.exclusive || two.exclusive,
        },
    })
}

fn least(left: Option<u64>, right: Option<u64>) -> Option<u64> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (one, other) => one.or(other),
    }
}

fn common(left: Option<&Vec<Value>>, right: Option<&Vec<Value>>) -> Option<Vec<Value>> {
    match (left, right) {
        (Some(left), Some(right)) => {
            let right: HashSet<&Value> = right.iter().collect();
            let both = left.iter().filter(|value| right.contains(value));
            Some(both.cloned().collect())
        }
        (one, other) => one.or(other).cloned(),
    }
}

/// Values of an enum in one order, each once.
pub(crate) fn sort_values(values: &mut Option<Vec<Value>>) {
    if let Some(values) = values {
        values.sort_by_cached_key(Value::to_string);
        values.dedup();
    }
}
