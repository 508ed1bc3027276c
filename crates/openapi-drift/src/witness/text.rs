//! Parameters and headers travel as text: `?limit=5` is the number and the string alike. What tells two documents apart there is
//! a text that one takes under some reading and the other under none.

use serde_json::{Number, Value};

use super::judge::Judge;
use crate::compare::Text;
use crate::schema::{Arena, Arr, Child, Form, Kinds, Str};

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
            let number = text
                .parse::<i64>()
                .map(Number::from)
                .or_else(|_| serde_json::from_str(text));
            all.extend(number.map(Value::Number));
        }
    }
    all
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
