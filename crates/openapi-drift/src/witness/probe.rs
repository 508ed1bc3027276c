//! Values worth trying at a place where two schemas differ: the edges of everything either says.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use serde_json::{Map, Number, Value, json};

use super::make::{
    MAX_LENGTH, Maker, agreed, format_of_length, format_sample, format_variants, string_of, tidy,
};
use super::pattern;
use super::spoken::spoken;
use crate::compare::pairs::Pairs;
use crate::schema::{Arena, Arr, Child, Difference, Form, NodeId, Num, Obj, Str, difference};

/// No more values than this are tried at one place.
const MAX_SAMPLES: usize = 1_500;

/// Objects with more members than this are not built.
const MAX_MEMBERS: u64 = 64;

/// Values near every edge of two nodes, plainest first. The document whose schema is to admit the
/// value is the old one if `own_is_old`.
pub(super) fn samples(
    pairs: &mut Pairs<'_>,
    pair: (NodeId, NodeId),
    own_is_old: bool,
) -> Vec<Value> {
    let old = pairs.old.get(pair.0).form.clone();
    let new = pairs.new.get(pair.1).form.clone();
    let (own, other) = if own_is_old { (old, new) } else { (new, old) };
    let mut all = Samples {
        list: Vec::new(),
        seen: BTreeSet::new(),
    };
    strings(&mut all, &own, &other);
    numbers(&mut all, &own, &other);
    for value in [
        json!(true),
        json!(false),
        json!(null),
        json!("a"),
        json!(1),
        json!(1.5),
        json!({}),
        json!([]),
    ] {
        all.push(value);
    }
    let arenas = if own_is_old {
        (&mut pairs.old, &mut pairs.new)
    } else {
        (&mut pairs.new, &mut pairs.old)
    };
    let conditions = spoken((arenas.0, &own), (arenas.1, &other));
    conditions.into_iter().for_each(|value| all.push(value));
    objects(&mut all, (arenas.0, arenas.1), &own, &other);
    arrays(&mut all, arenas.0, &own, &other);
    all.list
}

struct Samples {
    list: Vec<Value>,
    seen: BTreeSet<String>,
}

impl Samples {
    fn is_full(&self) -> bool {
        self.list.len() >= MAX_SAMPLES
    }

    fn push(&mut self, value: Value) {
        if !self.is_full() && self.seen.insert(value.to_string()) {
            self.list.push(value);
        }
    }
}

fn strings(all: &mut Samples, own: &Form, other: &Form) {
    for string in &own.strings {
        for room in 0..3 {
            if let Some(text) = string_of(string, room) {
                all.push(Value::from(text));
            }
        }
    }
    for string in own
        .strings
        .iter()
        .filter(|string| !string.patterns.is_empty())
    {
        // Lengths up to here are worth a walk; longer ones are left to the plain samples.
        let most = string
            .max
            .filter(|max| *max <= 300)
            .map_or(String::new(), |max| max.to_string());
        let length = format!("(?s)^.{{{},{most}}}$", string.min.min(300));
        let mut wanted: Vec<&str> = string.patterns.iter().map(String::as_str).collect();
        wanted.push(&length);
        for refused in other.strings.iter().flat_map(|string| &string.patterns) {
            if let Difference::Holds(word) = difference(&wanted, refused) {
                all.push(Value::from(word));
            }
            // What must not follow, or come before, put there.
            if refused.contains("(?!") || refused.contains("(?<!") {
                let forbidden = refused.replace("(?!", "(?:").replace("(?<!", "(?:");
                let text = pattern::example(&forbidden, 0);
                text.into_iter()
                    .for_each(|text| all.push(Value::from(text)));
            }
        }
    }
    let both = || own.strings.iter().chain(&other.strings);
    let known = |value: &String| {
        other
            .strings
            .iter()
            .any(|one| one.values.as_ref().is_some_and(|all| all.contains(value)))
    };
    for values in own
        .strings
        .iter()
        .filter_map(|string| string.values.as_ref())
    {
        let only = values.iter().filter(|value| !known(value));
        only.take(20)
            .for_each(|value| all.push(Value::from(value.as_str())));
    }
    for values in both().filter_map(|string| string.values.as_ref()) {
        values
            .iter()
            .take(200)
            .for_each(|value| all.push(Value::from(value.as_str())));
    }
    let edges: BTreeSet<u64> = both()
        .flat_map(|string| [Some(string.min), string.max])
        .flatten()
        .flat_map(|edge| [edge.saturating_sub(1), edge, edge.saturating_add(1)])
        .filter(|edge| *edge <= MAX_LENGTH)
        .collect();
    for string in &own.strings {
        for edge in &edges {
            if let Some(text) = of_length(string, *edge) {
                all.push(Value::from(text));
            }
        }
    }
    for format in both().filter_map(|string| string.format.as_deref()) {
        if let Some(sample) = format_sample(format) {
            all.push(Value::from(sample));
        }
        for variant in format_variants(format) {
            all.push(Value::from(*variant));
        }
    }
    if !own.strings.is_empty() {
        for text in [
            "",
            "a",
            "A",
            "0",
            "-",
            "_",
            " ",
            "!",
            "a b",
            "é",
            "a/b",
            "(",
            "x-unlisted",
            "https://example.com/a",
            // What a dot leaves out.
            "a\nb",
        ] {
            all.push(Value::from(text));
        }
    }
}

fn of_length(string: &Str, length: u64) -> Option<String> {
    let length = usize::try_from(length).ok()?;
    let formed = |format: &str| format_of_length(format, length);
    if let Some(text) = string.format.as_deref().and_then(formed) {
        return Some(text);
    }
    match string.patterns.first() {
        Some(expression) => {
            let least = pattern::example(expression, 0)?.chars().count();
            pattern::example(expression, length.checked_sub(least)?)
        }
        None => Some("a".repeat(length)),
    }
}

fn numbers(all: &mut Samples, own: &Form, other: &Form) {
    let both = || own.numbers.iter().chain(&other.numbers);
    let put = |all: &mut Samples, value: f64| {
        if let Some(number) = tidy(value, false) {
            all.push(Value::Number(number));
        }
    };
    let listed = |form: &Form| -> Vec<Value> {
        let lists = form.numbers.iter().filter_map(|one| one.values.as_ref());
        lists.flatten().cloned().collect()
    };
    let known: HashSet<Value> = listed(other).into_iter().collect();
    let only = listed(own);
    for value in only.into_iter().filter(|value| !known.contains(value)) {
        all.push(value);
    }
    for number in both() {
        for value in number.values.iter().flatten().take(200) {
            all.push(value.clone());
        }
        for edge in [&number.low, &number.high].into_iter().flatten() {
            all.push(Value::Number(edge.value.clone()));
            if let Some(edge) = edge.value.as_f64() {
                for away in [1.0, -1.0, 0.5, -0.5] {
                    put(all, edge + away);
                }
            }
        }
        steps(all, number);
    }
    if !own.numbers.is_empty() {
        for value in [
            0.0,
            1.0,
            -1.0,
            2.0,
            3.0,
            7.0,
            0.5,
            2.5,
            300.0,
            70_000.0,
            3_000_000_000.0,
            -3_000_000_000.0,
            1e15,
        ] {
            put(all, value);
        }
        // The first that 64 bits with a sign do not hold.
        all.push(Value::from(1_u64 << 63));
    }
}

fn steps(all: &mut Samples, number: &Num) {
    let low = number
        .low
        .as_ref()
        .and_then(|bound| bound.value.as_f64())
        .unwrap_or(0.0);
    let high = number.high.as_ref();
    let high = high.and_then(|bound| bound.value.as_f64());
    for step in number.multiples.iter().filter_map(Number::as_f64) {
        let first = (low / step).ceil();
        if let Some(last) = high.map(|high| (high / step).floor()) {
            for index in [0.0, 1.0, 2.0] {
                if let Some(number) = tidy((last - index) * step, false) {
                    all.push(Value::Number(number));
                }
            }
        }
        // What lies between is no multiple.
        for index in [0.0, 1.0, 2.0, 3.0, 0.5] {
            if let Some(number) = tidy((first + index) * step, false) {
                all.push(Value::Number(number));
            }
        }
    }
}

fn arrays(all: &mut Samples, arena: &mut Arena<'_>, own: &Form, other: &Form) {
    let edges: BTreeSet<u64> = own
        .arrays
        .iter()
        .chain(&other.arrays)
        .flat_map(|array| [Some(array.min), array.max, Some(array.prefix.len() as u64)])
        .flatten()
        .flat_map(|edge| [edge.saturating_sub(1), edge, edge.saturating_add(1)])
        .chain([0, 1, 2])
        .filter(|edge| *edge <= MAX_LENGTH)
        .collect();
    for array in &own.arrays {
        for value in array.values.iter().flatten().take(50) {
            all.push(value.clone());
        }
        for edge in &edges {
            if let Some(value) = Maker::new(arena).array(array, *edge) {
                all.push(value);
            }
        }
        // Items that nobody thinks of, for what an array must or must not contain.
        for length in edges.iter().filter(|length| (1..=8).contains(*length)) {
            let words = ["b", "c", "d", "e", "f", "g", "h", "i"];
            let numbers = 2_u64..;
            all.push(
                words
                    .into_iter()
                    .take(usize::try_from(*length).unwrap_or(1))
                    .collect(),
            );
            all.push(
                numbers
                    .take(usize::try_from(*length).unwrap_or(1))
                    .collect(),
            );
        }
        twins(all, arena, array);
        for value in child_values(arena, &array.items) {
            all.push(json!([value]));
        }
    }
}

/// Two equal items, for arrays that may or may not hold such.
fn twins(all: &mut Samples, arena: &mut Arena<'_>, array: &Arr) {
    if let Some(item) = Maker::new(arena).child(&array.items) {
        all.push(json!([item, item]));
    }
}

fn objects(
    all: &mut Samples,
    (arena, other_arena): (&mut Arena<'_>, &mut Arena<'_>),
    own: &Form,
    other: &Form,
) {
    let foreign: BTreeSet<Rc<str>> = other
        .objects
        .iter()
        .flat_map(|object| object.properties.keys().chain(&object.required).cloned())
        .collect();
    let named = own.objects.iter().chain(&other.objects);
    let named = named.flat_map(|object| object.patterns.keys());
    let patterns: Vec<String> = named
        .filter_map(|one| pattern::example(one, 0))
        .take(20)
        .collect();
    let counts: BTreeSet<u64> = own
        .objects
        .iter()
        .chain(&other.objects)
        .flat_map(|object| [Some(object.min), object.max])
        .flatten()
        .filter(|edge| (1..=MAX_MEMBERS).contains(edge))
        .flat_map(|edge| [edge - 1, edge, edge + 1])
        .collect();
    for object in &own.objects {
        for value in object.values.iter().flatten().take(50) {
            all.push(value.clone());
        }
        // The alternatives that have most in common come first.
        let mut peers: Vec<&Obj> = other.objects.iter().take(64).collect();
        let shared = |peer: &&Obj| {
            peer.required
                .iter()
                .filter(|name| object.required.contains(*name))
                .count()
        };
        peers.sort_by_key(|peer| std::cmp::Reverse(shared(peer)));
        let mut bases: Vec<Map<String, Value>> = peers
            .into_iter()
            .take(2)
            .filter_map(|peer| agreed((arena, object), (other_arena, peer), ""))
            .collect();
        bases.extend(Maker::new(arena).object_without(object, ""));
        bases.dedup();
        for base in bases {
            if all.is_full() {
                return;
            }
            around(all, arena, object, &base, &foreign, &patterns, &counts);
        }
    }
}

/// The members of an object added and taken away, one at a time.
fn around(
    all: &mut Samples,
    arena: &mut Arena<'_>,
    object: &Obj,
    base: &Map<String, Value>,
    foreign: &BTreeSet<Rc<str>>,
    patterns: &[String],
    counts: &BTreeSet<u64>,
) {
    all.push(Value::Object(base.clone()));
    let with = |name: &str, value: Value| {
        let mut map: Map<String, Value> = base.clone();
        map.insert(name.to_owned(), value);
        Value::Object(map)
    };
    all.push(with("x-unlisted", json!("a")));
    if let Some(value) = Maker::new(arena).child(&object.extra) {
        all.push(with("x-unlisted", value));
    }
    for name in base
        .keys()
        .filter(|name| !object.required.contains(name.as_str()))
    {
        let mut map = base.clone();
        map.remove(name);
        all.push(Value::Object(map));
    }
    for name in patterns {
        let child = object.member(&Rc::from(name.as_str()));
        let made = Maker::new(arena).child(&child);
        for value in child_values(arena, &Child::anything())
            .into_iter()
            .chain(made)
        {
            all.push(with(name, value));
        }
    }
    let names: Vec<Rc<str>> = object.properties.keys().cloned().collect();
    let mut full = base.clone();
    for name in &names {
        if let Some(value) = Maker::new(arena).member(object, name) {
            full.entry(name.to_string()).or_insert(value);
        }
    }
    // All but one: what depends on another's presence shows.
    all.push(Value::Object(full.clone()));
    for name in names
        .iter()
        .filter(|name| !object.required.contains(*name))
        .take(60)
    {
        let mut map = full.clone();
        map.remove(name.as_ref());
        all.push(Value::Object(map));
    }
    let others = foreign.iter().filter(|name| !names.contains(name));
    for name in names.iter().chain(others).take(120) {
        let child = object.member(name);
        for value in child_values(arena, &child) {
            all.push(with(name, value));
        }
        if let Some(value) = Maker::new(arena).child(&child) {
            all.push(with(name, value));
        }
    }
    for count in counts {
        let mut map = base.clone();
        let spare = names.iter().map(ToString::to_string);
        let unlisted = (0..*count).map(|index| format!("x-{index}"));
        for name in spare.chain(unlisted) {
            if map.len() as u64 >= *count {
                break;
            }
            let child = object.member(&Rc::from(name.as_str()));
            if let Some(value) = Maker::new(arena).child(&child) {
                map.entry(name).or_insert(value);
            }
        }
        all.push(Value::Object(map));
    }
}

/// A few values of a child, one for each that its own schema tells apart.
fn child_values(arena: &mut Arena<'_>, child: &Child) -> Vec<Value> {
    let Child::All(conj) = child else {
        return Vec::new();
    };
    if conj.is_empty() {
        return vec![
            json!("a"),
            json!(1),
            json!(true),
            json!(null),
            json!({}),
            json!([]),
        ];
    }
    let node = arena.node(conj);
    let form = arena.get(node).form.clone();
    let mut values = Vec::new();
    for (admitted, value) in [
        (form.yes, json!(true)),
        (form.no, json!(false)),
        (form.null, json!(null)),
    ] {
        if admitted {
            values.push(value);
        }
    }
    for string in &form.strings {
        match &string.values {
            Some(listed) => values.extend(
                listed
                    .iter()
                    .take(8)
                    .map(|value| Value::from(value.as_str())),
            ),
            None => values.extend(string_of(string, 0).map(Value::from)),
        }
    }
    for number in &form.numbers {
        values.extend(super::make::number_of(number).map(Value::Number));
    }
    for object in form.objects.iter().take(8) {
        values.extend(variant(arena, object));
    }
    values
}

fn variant(arena: &mut Arena<'_>, object: &Obj) -> Option<Value> {
    Maker::new(arena).object(object)
}
