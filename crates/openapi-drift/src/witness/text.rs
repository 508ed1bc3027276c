//! Parameters and headers travel as text: `?limit=5` is the number and the string alike. What tells two documents apart there is
//! a text that one takes under some reading and the other under none.

use serde_json::{Number, Value};

use super::judge::Judge;
use crate::compare::Text;
use crate::schema::{Arena, Arr, Child, Difference, Form, Kinds, Num, Str, difference};

/// What is sent for a value; nothing where it has no text of its own.
enum Wire {
    Nothing,
    One(String),
    /// The key once for each.
    Many(Vec<String>),
}

/// Whether the other document takes what is sent for a value, whatever it reads it as. What is not
/// sent at all is no matter of a schema.
pub(super) fn taken(text: Text, instance: &Value, other: &Judge) -> bool {
    match wire(text, instance) {
        None => false,
        Some(Wire::Nothing) => true,
        Some(wire) => readings(text, wire).iter().any(|one| other.admits(one)),
    }
}

/// The texts of a value, for a request line.
pub(super) fn shown(text: Text, instance: &Value) -> Option<Vec<String>> {
    match wire(text, instance)? {
        Wire::Nothing => None,
        Wire::One(one) => Some(vec![one]),
        Wire::Many(all) => Some(all),
    }
}

/// `None` for what is no scalar and no list of scalars: objects have notations of their own.
fn wire(text: Text, instance: &Value) -> Option<Wire> {
    let Value::Array(items) = instance else {
        return match instance {
            Value::Null => Some(Wire::Nothing),
            other => scalar(other).map(Wire::One),
        };
    };
    let items: Vec<String> = items.iter().map(scalar).collect::<Option<_>>()?;
    Some(match text.separator {
        _ if items.is_empty() => Wire::Nothing,
        Some(separator) => Wire::One(items.join(&separator.to_string())),
        None => Wire::Many(items),
    })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn readings(text: Text, wire: Wire) -> Vec<Value> {
    let (mut all, items) = match wire {
        Wire::Nothing => return Vec::new(),
        Wire::One(one) => {
            let items = match text.separator {
                Some(separator) => one.split(separator).map(str::to_owned).collect(),
                None => vec![one.clone()],
            };
            (read(&one), items)
        }
        Wire::Many(items) => (Vec::new(), items),
    };
    if let (true, [only]) = (all.is_empty(), items.as_slice()) {
        all = read(only);
    }
    all.push(
        items
            .iter()
            .map(|item| Value::from(item.as_str()))
            .collect(),
    );
    all.push(
        items
            .iter()
            .map(|item| read(item).pop().unwrap_or_default())
            .collect(),
    );
    all
}

/// As a string, and as what else it spells.
fn read(text: &str) -> Vec<Value> {
    let mut all = vec![Value::from(text)];
    match text {
        "true" => all.push(Value::Bool(true)),
        "false" => all.push(Value::Bool(false)),
        _ => {
            // As JSON writes numbers: whether `007` and `+7` are some is for each reader to say.
            let number = serde_json::from_str::<Number>(text).ok();
            let bare = number.filter(|_| text.trim() == text);
            all.extend(bare.map(Value::Number));
        }
    }
    all
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

/// The expressions that a string must match, its length among them.
fn languages(string: &Str) -> Vec<String> {
    // Longer ones are beyond the search; to leave them out makes the language larger.
    let most = string.max.filter(|max| *max <= 300);
    let most = most.map_or(String::new(), |max| max.to_string());
    let length = format!("(?s)^.{{{},{most}}}$", string.min.min(300));
    string.patterns.iter().cloned().chain([length]).collect()
}

/// Whether every text of a string is a number that the other form takes.
fn spells(string: &Str, number: &Num) -> bool {
    let patterns = languages(string);
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let within = |other: &str| difference(&patterns, other) == Difference::Empty;
    let plain = number.meta.opaque.is_empty()
        && number.values.is_none()
        && number.multiples.is_empty()
        && matches!(number.format.as_deref(), None | Some("int32" | "int64"));
    let known = string.values.is_none() && string.meta.opaque.is_empty();
    if !(plain && known && within(if number.whole { WHOLE } else { NUMBER })) {
        return false;
    }
    let high = number.high.as_ref().map(|bound| bound.value.as_f64());
    let width = match number.format.as_deref() {
        Some("int32") => Some(f64::from(i32::MAX)),
        Some("int64") => Some(9.2e18),
        _ => None,
    };
    let high = [high.map(Option::unwrap_or_default), width];
    let most = high.into_iter().flatten().fold(f64::INFINITY, f64::min);
    let digits = (1..=18).take_while(|digits| 10_f64.powi(*digits) - 1.0 <= most);
    let fits_above = most == f64::INFINITY
        || digits
            .last()
            .is_some_and(|digits| within(&format!("^-?[0-9]{{1,{digits}}}$")));
    let fits_below = match &number.low {
        None => true,
        Some(low) => low.value.as_f64() == Some(0.0) && !low.exclusive && within("^[0-9]"),
    };
    fits_above && fits_below
}

/// Whether all texts of one form are sure to be taken by the other: because the other takes any,
/// or because there are few and each was tried.
pub(super) fn covered(
    text: Text,
    (own_arena, own): (&mut Arena<'_>, &Form),
    (arena, other): (&mut Arena<'_>, &Form),
    judge: &Judge,
) -> bool {
    if own.cut || other.cut || other.exclusive {
        return false;
    }
    let kinds = own.kinds().0;
    if kinds & Kinds::OBJECT != 0 {
        return false;
    }
    if let Some(values) = values(own) {
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
    let flat = own.arrays.iter().all(|one| is_flat(one, own_arena));
    // A repeated key is no single text.
    let one = any && text.separator.is_some();
    scalars && (own.arrays.is_empty() || flat && (list || one))
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
        meta: crate::schema::Meta::default(),
        min: 0,
        ..string.clone()
    };
    string.meta.opaque.is_empty() && string.min <= least && rest == Str::default()
}

fn takes_lists(array: &Arr, least: u64, arena: &mut Arena<'_>) -> bool {
    let plain = Arr {
        meta: crate::schema::Meta::default(),
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
