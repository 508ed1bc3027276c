//! A document differs from none of its rewritings: order, wrappers, idioms, references, notation.
#![allow(clippy::unwrap_used, clippy::panic)]

use openapi_drift::{Lock, Verdict, compare};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn library() -> Value {
    serde_saphyr::from_str(include_str!("cases/library.yaml")).unwrap()
}

/// Choices that a rewriting takes one after the other, from a seed.
struct Choices(u64);

impl Choices {
    fn next(&mut self, below: usize) -> usize {
        // A linear congruence is as random as shuffling needs.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below.max(1)
    }

    fn flip(&mut self) -> bool {
        self.next(2) == 0
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for index in (1..list.len()).rev() {
            let other = self.next(index + 1);
            list.swap(index, other);
        }
    }
}

/// Members in another order everywhere, and lists that are sets too.
fn shuffled(value: &Value, key: &str, choices: &mut Choices) -> Value {
    match value {
        Value::Object(map) => {
            let mut members: Vec<(String, Value)> = map
                .iter()
                .map(|(name, member)| (name.clone(), shuffled(member, name, choices)))
                .collect();
            choices.shuffle(&mut members);
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items
                .iter()
                .map(|item| shuffled(item, "", choices))
                .collect();
            if matches!(
                key,
                "required" | "enum" | "type" | "parameters" | "anyOf" | "oneOf" | "allOf"
            ) {
                choices.shuffle(&mut items);
            }
            Value::Array(items)
        }
        other => other.clone(),
    }
}

/// Schemas said in other words that mean the same.
fn reworded(value: &mut Value, choices: &mut Choices) {
    match value {
        Value::Object(map) => {
            for member in map.values_mut() {
                reworded(member, choices);
            }
            let target = map.get("$ref").and_then(Value::as_str).unwrap_or_default();
            if map.len() == 1 && target.starts_with("#/components/schemas/") && choices.flip() {
                let reference = std::mem::take(map);
                map.insert("allOf".to_owned(), json!([reference]));
            }
            if let Some(value) = map.get("const").filter(|value| value.is_string()).cloned()
                && map.get("type") == Some(&json!("string"))
                && choices.flip()
            {
                map.remove("const");
                map.insert("enum".to_owned(), json!([value]));
            }
            let nullable = map
                .get("type")
                .and_then(Value::as_array)
                .is_some_and(|kinds| kinds.len() == 2);
            if nullable && map.len() == 1 && choices.flip() {
                let kinds = map.remove("type").unwrap();
                let branches: Vec<Value> = kinds
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|kind| json!({"type": kind}))
                    .collect();
                map.insert("anyOf".to_owned(), Value::Array(branches));
            }
            if map.get("type") == Some(&json!("object"))
                && map.contains_key("properties")
                && choices.flip()
            {
                map.entry("additionalProperties").or_insert(json!(true));
                map.entry("minProperties").or_insert(json!(0));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| reworded(item, choices)),
        _ => {}
    }
}

/// Parameters, bodies and responses moved to components, and responses there brought back.
fn rereferenced(document: &mut Value, choices: &mut Choices) {
    let (mut parameters, mut bodies) = (Map::new(), Map::new());
    let responses = document["components"]["responses"].clone();
    let mut moved = Map::new();
    for item in document["paths"].as_object_mut().unwrap().values_mut() {
        for operation in item.as_object_mut().unwrap().values_mut() {
            for (index, parameter) in operation
                .get_mut("parameters")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
                .enumerate()
            {
                if choices.flip() {
                    let name = format!("{}{index}", parameter["name"].as_str().unwrap());
                    let reference = json!({"$ref": format!("#/components/parameters/{name}")});
                    parameters.insert(name, std::mem::replace(parameter, reference));
                }
            }
            if let Some(body) = operation.get_mut("requestBody")
                && choices.flip()
            {
                moved_to("requestBodies", &mut bodies, body);
            }
            let all = operation
                .get_mut("responses")
                .and_then(Value::as_object_mut);
            for response in all.into_iter().flat_map(Map::values_mut) {
                let name = response
                    .get("$ref")
                    .and_then(Value::as_str)
                    .map(str::to_owned);
                if !choices.flip() {
                    continue;
                }
                match name {
                    Some(name) => *response = responses[name.rsplit('/').next().unwrap()].clone(),
                    None => moved_to("responses", &mut moved, response),
                }
            }
        }
    }
    let components = &mut document["components"];
    components["parameters"] = Value::Object(parameters);
    components["requestBodies"] = Value::Object(bodies);
    components["responses"]
        .as_object_mut()
        .unwrap()
        .extend(moved);
}

fn moved_to(part: &str, all: &mut Map<String, Value>, value: &mut Value) {
    let name = format!("Part{}", all.len());
    let reference = json!({"$ref": format!("#/components/{part}/{name}")});
    all.insert(name, std::mem::replace(value, reference));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_rewriting_is_no_change(seed in any::<u64>()) {
        let mut choices = Choices(seed);
        let old = library();
        let mut new = old.clone();
        rereferenced(&mut new, &mut choices);
        reworded(&mut new, &mut choices);
        let new = shuffled(&new, "", &mut choices);
        // The server list's and the security list's order is kept: the first is the default.
        let yaml = serde_saphyr::to_string(&new).unwrap();
        let new: Value = serde_saphyr::from_str(&yaml).unwrap();
        let mut report = compare(&old, &new).unwrap();
        #[cfg(feature = "generate")]
        report.measure((&old, &Lock::default()), (&new, &Lock::default()));
        prop_assert!(report.is_empty(), "{:#?}", report.changes);
    }

    #[test]
    fn writing_references_out_changes_names_only(seed in any::<u64>()) {
        let mut choices = Choices(seed);
        let old = library();
        let mut new = old.clone();
        inline(&mut new, &old, &mut choices, 3);
        let report = compare(&old, &new).unwrap();
        prop_assert_eq!(report.verdict, Verdict::Equivalent, "{:#?}", report.changes);
    }
}

/// Some references to schemas replaced by what they refer to, as they stood at first.
fn inline(value: &mut Value, old: &Value, choices: &mut Choices, depth: usize) {
    let target = value
        .get("$ref")
        .and_then(Value::as_str)
        .filter(|target| target.starts_with("#/components/schemas/"))
        .and_then(|target| old.pointer(&target[1..]));
    if let Some(target) = target.filter(|_| value.as_object().unwrap().len() == 1) {
        // Tags belong to their unions by name.
        let tagged = ["BookItem", "DiscItem", "Returned", "Lost"];
        let name = value["$ref"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        if depth > 0 && !tagged.contains(&name.as_str()) && choices.flip() {
            *value = target.clone();
            inline(value, old, choices, depth - 1);
            return;
        }
    }
    match value {
        Value::Object(map) => map
            .values_mut()
            .for_each(|member| inline(member, old, choices, depth)),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| inline(item, old, choices, depth)),
        _ => {}
    }
}
