//! Values that a document does not list: what a server sends some day, and what a client must not send.

use serde_json::{Value, json};

use crate::pointer;
use crate::reach::Reach;

/// The name and the value that nothing declares.
pub(crate) const NOVEL: &str = "x_not_known_yet";

/// `value` with a new field in each object, and a new member in place of each listed string or number. With the place.
pub(crate) fn novelties(root: &Value, schema: &str, value: &Value) -> Vec<(String, Value)> {
    let reach = Reach::of(root, schema, value);
    let mut found = Vec::new();
    for at in pointer::places(value) {
        match value.pointer(&at) {
            Some(Value::Object(map)) if takes_fields(root, &reach, &at) => {
                let mut map = map.clone();
                map.insert(NOVEL.to_owned(), json!({"a": [1, "b"]}));
                let place = pointer::child(&at, NOVEL);
                found.push((place, pointer::replaced(value, &at, Value::Object(map))));
            }
            Some(Value::String(_)) if listed(root, &reach, &at) => {
                found.push((at.clone(), pointer::replaced(value, &at, json!(NOVEL))));
            }
            Some(Value::Number(number)) if number.is_i64() && listed(root, &reach, &at) => {
                found.push((at.clone(), pointer::replaced(value, &at, json!(987_654))));
            }
            _ => {}
        }
    }
    found
}

/// Whether a server may add any field here: to a record, unless the document says what other fields look like.
fn takes_fields(root: &Value, reach: &Reach, at: &str) -> bool {
    let schemas: Vec<&Value> = reach
        .at(at)
        .filter_map(|schema| root.pointer(schema))
        .collect();
    let typed = |schema: &Value| {
        schema
            .get("additionalProperties")
            .is_some_and(Value::is_object)
    };
    schemas
        .iter()
        .any(|schema| schema.get("properties").is_some())
        && !schemas.into_iter().any(typed)
}

fn listed(root: &Value, reach: &Reach, at: &str) -> bool {
    reach
        .at(at)
        .filter_map(|schema| root.pointer(schema))
        .any(|schema| schema.get("enum").is_some() || schema.get("const").is_some())
}

/// `value` with one thing wrong, for every keyword that can be broken in every place. Some may be valid all the same.
pub(crate) fn faults(root: &Value, schema: &str, value: &Value) -> Vec<Value> {
    let reach = Reach::of(root, schema, value);
    let mut found = Vec::new();
    for at in pointer::places(value) {
        let Some(here) = value.pointer(&at) else {
            continue;
        };
        let mut put = |by: Value| found.push(pointer::replaced(value, &at, by));
        for wrong in [
            Value::Null,
            json!(true),
            json!(1),
            json!("text"),
            json!([]),
            json!({}),
        ] {
            if std::mem::discriminant(&wrong) != std::mem::discriminant(here) {
                put(wrong);
            }
        }
        match here {
            Value::String(_) => {
                put(json!(""));
                put(json!("~ not listed ~"));
            }
            Value::Number(_) => {
                put(json!(0.25));
                put(json!(-7));
            }
            Value::Array(items) => {
                let twice: Vec<Value> = items.iter().chain(items).cloned().collect();
                put(Value::Array(twice));
            }
            Value::Object(map) => {
                let mut map = map.clone();
                map.insert(NOVEL.to_owned(), json!(1));
                put(Value::Object(map));
            }
            _ => {}
        }
        for schema in reach.at(&at).filter_map(|schema| root.pointer(schema)) {
            beyond(schema, here).into_iter().for_each(&mut put);
        }
        if !at.is_empty() {
            found.push(pointer::removed(value, &at));
        }
    }
    found
}

/// Just beyond each bound.
fn beyond(schema: &Value, here: &Value) -> Vec<Value> {
    let number = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let size = |keyword: &str| {
        schema
            .get(keyword)
            .and_then(Value::as_u64)
            .and_then(|size| usize::try_from(size).ok())
    };
    let mut found = Vec::new();
    match here {
        Value::String(_) => {
            found.extend(
                size("minLength")
                    .filter(|&n| n > 0)
                    .map(|n| json!("x".repeat(n - 1))),
            );
            found.extend(
                size("maxLength")
                    .filter(|&n| n < 10_000)
                    .map(|n| json!("x".repeat(n + 1))),
            );
        }
        Value::Number(_) => {
            for (keyword, step) in [
                ("minimum", -1.0),
                ("maximum", 1.0),
                ("exclusiveMinimum", 0.0),
                ("exclusiveMaximum", 0.0),
            ] {
                let Some(bound) = number(keyword).map(|bound| bound + step) else {
                    continue;
                };
                found.push(json!(bound));
                found.extend(format!("{bound:.0}").parse::<i64>().map(Value::from));
            }
            found.extend(number("multipleOf").map(|step| json!(step * 1.5)));
        }
        Value::Array(items) => {
            if let (Some(most), Some(item)) = (size("maxItems").filter(|&n| n < 100), items.first())
            {
                found.push(Value::Array(vec![item.clone(); most + 1]));
            }
            if let Some(least) = size("minItems").filter(|&n| n > 0) {
                found.push(items.iter().take(least - 1).cloned().collect());
            }
        }
        _ => {}
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_gains_fields_and_members() {
        let root = json!({"s": {"properties": {"t": {"enum": ["a"]}, "o": {"type": "object"}, "f": {"type": "string"}}}});
        let found = novelties(&root, "/s", &json!({"t": "a", "o": {}, "f": "g"}));
        let places: Vec<_> = found.iter().map(|(at, _)| at.as_str()).collect();
        assert_eq!(places, ["/x_not_known_yet", "/t"]);
        assert_eq!(found[1].1, json!({"t": NOVEL, "o": {}, "f": "g"}));
    }

    #[test]
    fn every_bound_is_broken() {
        let root = json!({"s": {"properties": {"n": {"maximum": 5}, "s": {"maxLength": 2}, "a": {"maxItems": 1}}}});
        let found = faults(&root, "/s", &json!({"n": 5, "s": "ab", "a": [1]}));
        for wanted in [
            json!({"n": 6, "s": "ab", "a": [1]}),
            json!({"n": 5, "s": "xxx", "a": [1]}),
            json!({"n": 5, "s": "ab", "a": [1, 1]}),
            json!({"n": 5, "s": "ab"}),
            json!({"n": "text", "s": "ab", "a": [1]}),
        ] {
            assert!(found.contains(&wanted), "{wanted}");
        }
    }
}
