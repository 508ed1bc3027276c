//! The second proof: no two different schemas share a Rust type.

use std::collections::{BTreeMap, BTreeSet};

use openapi_lower::Document30;
use serde_json::{Map, Value};

use crate::check::plain;
use crate::report::{Difference, Kind};
use crate::view;

/// Keywords that say nothing about which values are allowed.
const WORDS: &[&str] = &[
    "$comment",
    "default",
    "deprecated",
    "description",
    "example",
    "examples",
    "externalDocs",
    "readOnly",
    "summary",
    "title",
    "writeOnly",
    "xml",
];

/// A difference for each type that stands for schemas which do not say the same.
pub(crate) fn schemas(document: &Value, lowered: &Document30) -> Vec<Difference> {
    let mut found = Vec::new();
    for (name, origin) in lowered.types() {
        let Some((first, others)) = origin.pointers.split_first() else {
            continue;
        };
        for other in others {
            let (Some(a), Some(b)) = (document.pointer(first), document.pointer(other)) else {
                continue;
            };
            if !same(document, a, b, &mut BTreeSet::new()) {
                found.push(plain(
                    name,
                    other,
                    Kind::Shared,
                    &format!("says something else than #{first}"),
                ));
            }
        }
    }
    found
}

/// Holds the types in the module `types` of generated Rust against the components that they were generated from: exactly
/// one item for each.
///
/// # Errors
/// When `source` is not Rust, or has no module `types`.
pub fn check_source(lowered: &Document30, source: &str) -> Result<Vec<Difference>, String> {
    let file = syn::parse_file(source)
        .map_err(|error| format!("the generated code is not Rust: {error}"))?;
    let types = file.items.iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    let (_, items) = types.ok_or("the generated code has no module `types`")?;
    let mut defined: BTreeMap<String, usize> = BTreeMap::new();
    for item in items {
        let name = match item {
            syn::Item::Struct(item) => &item.ident,
            syn::Item::Enum(item) => &item.ident,
            syn::Item::Type(item) => &item.ident,
            _ => continue,
        };
        *defined.entry(name.to_string()).or_default() += 1;
    }
    let mut found = Vec::new();
    for (name, origin) in lowered.types() {
        let at = origin.pointers.first().map_or("", String::as_str);
        match defined.get(name) {
            Some(1) => {}
            Some(several) => {
                found.push(plain(
                    name,
                    at,
                    Kind::Shared,
                    &format!("the generated code defines it {several} times"),
                ));
            }
            None => found.push(plain(
                name,
                at,
                Kind::Missing,
                "the generated code does not define it",
            )),
        }
    }
    for name in defined
        .keys()
        .filter(|name| !lowered.types().contains_key(*name))
    {
        let detail = "the generator made it up: the lowered document has no such component";
        found.push(plain(name, "", Kind::Shared, detail));
    }
    Ok(found)
}

/// Whether two schemas allow the same, as far as their keywords tell: words aside, and references compared by what they
/// lead to.
fn same<'v>(
    document: &'v Value,
    a: &'v Value,
    b: &'v Value,
    met: &mut BTreeSet<(usize, usize)>,
) -> bool {
    let (a, b) = (end(document, a), end(document, b));
    let address = |value: &Value| std::ptr::from_ref(value).addr();
    // Met before: a circle, which is the same unless something else on it differs.
    if std::ptr::eq(a, b) || !met.insert((address(a), address(b))) {
        return true;
    }
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let (a, b) = (said(a), said(b));
            a.len() == b.len()
                && a.iter().all(|(key, value)| {
                    b.get(key).is_some_and(|other| match *key {
                        "properties" | "patternProperties" | "$defs" => {
                            members(document, value, other, met)
                        }
                        "required" | "type" | "enum" => as_set(value) == as_set(other),
                        _ => same(document, value, other, met),
                    })
                })
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(document, a, b, met))
        }
        _ => a == b,
    }
}

/// Schemas under the same names.
fn members<'v>(
    document: &'v Value,
    a: &'v Value,
    b: &'v Value,
    met: &mut BTreeSet<(usize, usize)>,
) -> bool {
    let (Value::Object(a), Value::Object(b)) = (a, b) else {
        return a == b;
    };
    a.len() == b.len()
        && a.iter()
            .all(|(name, a)| b.get(name).is_some_and(|b| same(document, a, b, met)))
}

fn said(map: &Map<String, Value>) -> BTreeMap<&str, &Value> {
    let says = |key: &str| !WORDS.contains(&key) && !key.starts_with("x-");
    map.iter()
        .filter(|(key, _)| says(key))
        .map(|(key, value)| (key.as_str(), value))
        .collect()
}

fn as_set(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => items.iter().map(ToString::to_string).collect(),
        other => BTreeSet::from([other.to_string()]),
    }
}

/// Where a schema that is only a reference leads.
fn end<'v>(document: &'v Value, schema: &'v Value) -> &'v Value {
    let mut schema = schema;
    for _ in 0..32 {
        let Some(map) = schema.as_object().filter(|map| said(map).len() == 1) else {
            break;
        };
        match map
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|link| view::target(document, link))
        {
            Some((_, target)) => schema = target,
            None => break,
        }
    }
    schema
}
