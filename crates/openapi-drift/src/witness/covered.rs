//! What is proved of all texts of a parameter at once: that another schema takes each of them.

use serde_json::Value;

use super::judge::Judge;
use super::text::taken;
use crate::compare::{Notation, Text, languages};
use crate::schema::{
    Arena, Arr, Bound, Child, Conj, Difference, Form, Kinds, Meta, Num, Obj, Str, difference, width,
};

/// Whether all texts of one form are sure to be taken by the other: because the other takes any,
/// or because there are few and each was tried.
pub(super) fn covered(
    text: Text,
    (own_arena, own): (&mut Arena<'_>, &Form),
    (arena, other): (&mut Arena<'_>, &Form),
    judge: Option<&Judge>,
) -> bool {
    if own.cut || other.cut || other.exclusive {
        return false;
    }
    let kinds = own.kinds().0;
    if kinds & Kinds::OBJECT != 0 {
        // Null is never sent.
        let alone = kinds & !(Kinds::OBJECT | Kinds::NULL) == 0;
        return match (own.objects.as_slice(), other.objects.as_slice()) {
            ([one], [two]) if alone => members(text, (own_arena, one), (arena, two)),
            _ => false,
        };
    }
    if text.notation == Notation::Deep {
        return false;
    }
    if alike(own, other) || narrower(own, other) {
        return true;
    }
    if let (Some(values), Some(judge)) = (values(own), judge) {
        return values.iter().all(|value| taken(text, value, judge));
    }
    // Numbers and flags have some text; strings, alone or in a list, may be empty.
    let least = u64::from(kinds & (Kinds::STRING | Kinds::ARRAY) == 0);
    let any = other.strings.iter().any(|one| is_free(one, least));
    let list = other
        .arrays
        .iter()
        .any(|one| takes_lists(one, least, arena));
    let scalars = kinds & (Kinds::BOOLEAN | Kinds::INTEGER | Kinds::STRING) == 0 || any || list;
    // Strings of digits are what a number takes.
    let spelled = kinds & !(Kinds::STRING | Kinds::NULL) == 0
        && own
            .strings
            .iter()
            .all(|one| other.numbers.iter().any(|number| spells(one, number)));
    if spelled {
        return true;
    }
    if is_undivided(text, own) {
        let lists = other.arrays.iter().filter(|one| takes_one(one));
        let items: Vec<Conj> = lists
            .filter_map(|one| match &one.items {
                Child::All(items) => Some(items.clone()),
                Child::Never => None,
            })
            .collect();
        for items in items {
            let node = arena.node(&items);
            let item = arena.get(node).form.clone();
            if item.arrays.is_empty() && covered(text, (own_arena, own), (arena, &item), None) {
                return true;
            }
        }
    }
    let flat = own.arrays.iter().all(|one| is_flat(one, own_arena));
    // A repeated key is no single text.
    let one = any && text.separator.is_some();
    scalars && (own.arrays.is_empty() || flat && (list || one))
}

/// Whether two forms of scalars are the same.
fn alike(own: &Form, other: &Form) -> bool {
    let plain = |form: &Form| {
        let numbers = form.numbers.iter().map(|one| &one.meta);
        let metas = numbers.chain(form.strings.iter().map(|one| &one.meta));
        form.arrays.is_empty() && metas.into_iter().all(|meta| meta.opaque.is_empty())
    };
    let bare = |form: &Form| {
        let mut form = Form {
            null: false,
            arrays: Vec::new(),
            objects: Vec::new(),
            ..form.clone()
        };
        form.metas_mut().for_each(|meta| *meta = Meta::default());
        form
    };
    plain(own) && plain(other) && bare(own) == bare(other)
}

/// Whether a form of numbers has none that the other lacks.
fn narrower(own: &Form, other: &Form) -> bool {
    let alone = own.kinds().0 & !(Kinds::INTEGER | Kinds::FRACTION | Kinds::NULL) == 0;
    let within = |own: &Num, other: &Num| {
        let above = |bound: &Bound| {
            own.low
                .as_ref()
                .is_some_and(|low| bound.admits_above(&low.value))
        };
        let below = |bound: &Bound| {
            own.high
                .as_ref()
                .is_some_and(|high| bound.admits_below(&high.value))
        };
        let plain = other.meta.opaque.is_empty() && other.values.is_none() && own.values.is_none();
        plain
            && (own.whole || !other.whole)
            && (other.format.is_none() || own.format == other.format)
            && other.low.as_ref().is_none_or(above)
            && other.high.as_ref().is_none_or(below)
            && other
                .multiples
                .iter()
                .all(|one| own.multiples.contains(one))
    };
    let mut all = own.numbers.iter();
    alone && all.all(|one| other.numbers.iter().any(|two| within(one, two)))
}

/// Whether a value is written as one text that is no list of several, whatever it is.
fn is_undivided(text: Text, own: &Form) -> bool {
    let single = own.arrays.is_empty() && own.objects.is_empty();
    let whole = own.numbers.iter().all(|one| one.whole);
    let divides = |separator| !own.strings.is_empty() || separator == '.' && !whole;
    single && !text.separator.is_some_and(divides)
}

/// Whether a list can have one item, whose schema is that of all.
fn takes_one(array: &Arr) -> bool {
    let bare = array.meta.opaque.is_empty() && array.prefix.is_empty() && array.values.is_none();
    bare && array.min <= 1 && array.max != Some(0)
}

/// Whether an object takes the texts of all members of another.
fn members(
    text: Text,
    (own_arena, own): (&mut Arena<'_>, &Obj),
    (arena, other): (&mut Arena<'_>, &Obj),
) -> bool {
    let told = own.values.is_none() && other.values.is_none();
    let open = own.patterns.is_empty() && other.patterns.is_empty();
    let plain = own.meta.opaque.is_empty() && other.meta.opaque.is_empty();
    let owed = other.required.is_subset(&own.required)
        && other.dependent.is_subset(&own.dependent)
        && other.min <= own.min
        && other
            .max
            .is_none_or(|most| own.max.is_some_and(|max| max <= most));
    let part = Text {
        notation: Notation::Simple,
        ..text
    };
    let names = own.properties.keys().chain(other.properties.keys());
    let mut pairs: Vec<(Child, Child)> = names
        .map(|name| (own.member(name), other.member(name)))
        .collect();
    pairs.push((own.extra.clone(), other.extra.clone()));
    told && open
        && plain
        && owed
        && pairs.iter().all(|(left, right)| match (left, right) {
            (Child::Never, _) => true,
            (_, Child::Never) => false,
            (_, right) if right.is_anything() => true,
            (Child::All(left), Child::All(right)) => {
                let (left, right) = (own_arena.node(left), arena.node(right));
                let (left, right) = (own_arena.get(left), arena.get(right));
                let flat = |form: &Form| form.arrays.is_empty() && form.objects.is_empty();
                flat(&left.form)
                    && covered(part, (own_arena, &left.form), (arena, &right.form), None)
            }
        })
}

/// Whether a list holds no lists and no objects.
fn is_flat(array: &Arr, arena: &mut Arena<'_>) -> bool {
    let mut items = array.prefix.iter().chain([&array.items]);
    items.all(|item| match item {
        Child::Never => true,
        Child::All(conj) => {
            let node = arena.node(conj);
            let kinds = arena.get(node).form.kinds().0;
            kinds & (Kinds::ARRAY | Kinds::OBJECT) == 0
        }
    })
}

/// All values, where they are listed.
fn values(form: &Form) -> Option<Vec<Value>> {
    if !form.arrays.is_empty() || !form.objects.is_empty() {
        return None;
    }
    let mut all = Vec::new();
    all.extend(form.yes.then_some(Value::Bool(true)));
    all.extend(form.no.then_some(Value::Bool(false)));
    for one in &form.numbers {
        all.extend(one.values.as_ref()?.iter().cloned());
    }
    for one in &form.strings {
        all.extend(one.values.as_ref()?.iter().cloned().map(Value::String));
    }
    Some(all)
}

fn is_free(string: &Str, least: u64) -> bool {
    let rest = Str {
        meta: Meta::default(),
        min: 0,
        ..string.clone()
    };
    string.meta.opaque.is_empty() && string.min <= least && rest == Str::default()
}

fn takes_lists(array: &Arr, least: u64, arena: &mut Arena<'_>) -> bool {
    let plain = Arr {
        meta: Meta::default(),
        items: Child::anything(),
        min: 0,
        ..array.clone()
    };
    let Child::All(items) = &array.items else {
        return false;
    };
    let node = arena.node(items);
    let form = arena.get(node).form.clone();
    let strings =
        form.strings.iter().any(|one| is_free(one, least)) && !form.exclusive && !form.cut;
    strings && array.meta.opaque.is_empty() && array.min <= 1 && plain == Arr::default()
}

/// How whole numbers are written, and numbers.
const WHOLE: &str = "^-?(0|[1-9][0-9]*)$";
const NUMBER: &str = "^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$";

/// Texts that may look like numbers of the other form and are none: no numbers at all, or beyond its
/// bounds.
pub(super) fn unlike_numbers(own: &Form, other: &Form) -> Vec<Value> {
    let bounds = other.numbers.iter().flat_map(|one| [&one.low, &one.high]);
    let mut all: Vec<Value> = bounds
        .flatten()
        .filter_map(|bound| bound.value.as_i64())
        .flat_map(|edge| [edge.saturating_sub(1), edge, edge.saturating_add(1)])
        .map(|text| Value::from(text.to_string()))
        .collect();
    for string in own.strings.iter().filter(|one| one.values.is_none()) {
        let patterns = languages(string);
        let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
        for number in [WHOLE, NUMBER] {
            if let Difference::Holds(word) = difference(&patterns, number) {
                all.push(Value::from(word));
            }
        }
    }
    all
}

/// Whether every text of a string is a number that the other form takes.
fn spells(string: &Str, number: &Num) -> bool {
    let patterns = languages(string);
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let within = |other: &str| difference(&patterns, other) == Difference::Empty;
    let width = width(number.format.as_deref());
    let plain = number.meta.opaque.is_empty()
        && number.values.is_none()
        && number.multiples.is_empty()
        && (number.format.is_none() || width.is_some());
    let known = string.values.is_none() && string.meta.opaque.is_empty();
    if !(plain && known && within(if number.whole { WHOLE } else { NUMBER })) {
        return false;
    }
    let high = number.high.as_ref().map(|bound| bound.value.as_f64());
    let high = [
        high.map(Option::unwrap_or_default),
        width.map(|(_, most)| most as f64),
    ];
    let most = high.into_iter().flatten().fold(f64::INFINITY, f64::min);
    let digits = (1..=18).take_while(|digits| 10_f64.powi(*digits) - 1.0 <= most);
    let fits_above = most == f64::INFINITY
        || digits
            .last()
            .is_some_and(|digits| within(&format!("^-?[0-9]{{1,{digits}}}$")));
    let is_unsigned = width.is_some_and(|(least, _)| least == 0);
    let fits_below = match &number.low {
        None => !is_unsigned || within("^[0-9]"),
        Some(low) => low.value.as_f64() == Some(0.0) && !low.exclusive && within("^[0-9]"),
    };
    fits_above && fits_below
}
