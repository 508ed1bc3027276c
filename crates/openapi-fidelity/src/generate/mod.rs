//! Instances of a JSON Schema: the telling ones, each once, and some at random.
//!
//! What is made here is a candidate. Keywords such as `not`, `dependentRequired` or `unevaluatedProperties` are left to the
//! validator, which keeps the candidates that are valid. A schema without `type` whose keywords belong to one type is read
//! as that type: whoever writes `properties` means an object.

mod facts;
mod objects;
mod scalars;

use std::collections::BTreeSet;

use rand::RngExt as _;
use rand::SeedableRng as _;
use rand_pcg::Pcg32;
use serde_json::{Map, Value, json};

use facts::{Facts, Type};

/// Schemas nested deeper than this are given their smallest value.
const DEEP: usize = 5;
/// Schemas nested deeper than this have no value: they only end where something optional is left out.
const TOO_DEEP: usize = 24;
/// How many values a schema contributes, by depth: deeper ones are looked at in their own right elsewhere.
const SHARE: [usize; 4] = [400, 40, 12, 4];

/// Candidates for the schema `schema`, whose references point into `root`.
///
/// The same arguments give the same instances, on every machine.
pub(crate) fn instances(root: &Value, schema: &Value, random: usize, seed: u64) -> Vec<Value> {
    let mut generator = Generator {
        root,
        rng: Pcg32::seed_from_u64(seed),
    };
    let mut found = generator.cases(&[schema], 0);
    found.extend((0..random).filter_map(|_| generator.random(&[schema], 0)));
    let mut seen = BTreeSet::new();
    found.retain(|value| seen.insert(value.to_string()));
    found
}

struct Generator<'s> {
    root: &'s Value,
    rng: Pcg32,
}

/// Several schemas that hold at once.
type Set<'s> = [&'s Value];

impl<'s> Generator<'s> {
    /// The telling values: boundaries, each member of each list, each property on and off, each alternative.
    fn cases(&mut self, set: &Set<'s>, depth: usize) -> Vec<Value> {
        if depth > DEEP {
            return self.minimal(set, depth).into_iter().collect();
        }
        let Some(facts) = Facts::gather(self.root, set) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        if facts.unions.is_empty() {
            self.plain_cases(&facts, depth, &mut found);
        } else {
            for choice in facts.choices() {
                found.extend(self.cases(&choice, depth));
            }
        }
        let mut seen = BTreeSet::new();
        found.retain(|value| seen.insert(value.to_string()));
        thin(found, SHARE[depth.min(SHARE.len() - 1)])
    }

    fn plain_cases(&mut self, facts: &Facts<'s>, depth: usize, found: &mut Vec<Value>) {
        if let Some(values) = facts.values() {
            found.extend(values);
            return;
        }
        found.extend(facts.samples());
        let Some(types) = facts.types() else {
            found.extend(anything());
            return;
        };
        for kind in types {
            match kind {
                Type::Null => found.push(Value::Null),
                Type::Boolean => found.extend([json!(true), json!(false)]),
                Type::Integer => found.extend(scalars::integers(facts)),
                Type::Number => found.extend(scalars::numbers(facts)),
                Type::String => found.extend(scalars::strings(facts, &mut self.rng)),
                Type::Array => self.array_cases(facts, depth, found),
                Type::Object => self.object_cases(facts, depth, found),
            }
        }
    }

    /// The smallest value, if the schema has one that is not nested without end.
    fn minimal(&mut self, set: &Set<'s>, depth: usize) -> Option<Value> {
        if depth > TOO_DEEP {
            return None;
        }
        let facts = Facts::gather(self.root, set)?;
        if !facts.unions.is_empty() {
            // An alternative that leads back to the union ends nowhere; the next one may.
            return facts
                .choices()
                .into_iter()
                .find_map(|choice| self.minimal(&choice, depth + 1));
        }
        if let Some(values) = facts.values() {
            return values.into_iter().next();
        }
        let Some(types) = facts.types() else {
            return Some(json!("anything"));
        };
        types.into_iter().find_map(|kind| match kind {
            Type::Null => Some(Value::Null),
            Type::Boolean => Some(json!(true)),
            Type::Integer => scalars::integers(&facts).into_iter().next(),
            Type::Number => scalars::numbers(&facts).into_iter().next(),
            Type::String => scalars::strings(&facts, &mut self.rng).into_iter().next(),
            Type::Array => self.minimal_array(&facts, depth),
            Type::Object => self.minimal_object(&facts, depth).map(Value::Object),
        })
    }

    /// Any value.
    fn random(&mut self, set: &Set<'s>, depth: usize) -> Option<Value> {
        if depth > DEEP {
            return self.minimal(set, depth);
        }
        let facts = Facts::gather(self.root, set)?;
        if !facts.unions.is_empty() {
            let picks: Vec<usize> = facts
                .unions
                .iter()
                .map(|arms| self.rng.random_range(0..arms.len().max(1)))
                .collect();
            return self.random(&facts.choice(&picks), depth);
        }
        let kind = facts.types().and_then(|types| self.pick(types));
        match kind {
            Some(Type::Object) if facts.values().is_none() => self.random_object(&facts, depth),
            Some(Type::Array) if facts.values().is_none() => self.random_array(&facts, depth),
            _ => {
                let mut found = Vec::new();
                self.plain_cases(&facts, depth, &mut found);
                self.pick(found)
            }
        }
    }

    fn random_object(&mut self, facts: &Facts<'s>, depth: usize) -> Option<Value> {
        let required = facts.required();
        let mut map = Map::new();
        for (name, schemas) in facts.properties() {
            let needed = required.contains(name.as_str());
            if needed || self.rng.random_bool(0.5) {
                match self.random(&schemas, depth + 1) {
                    Some(value) => {
                        map.insert(name, value);
                    }
                    None if needed => return None,
                    None => {}
                }
            }
        }
        Some(Value::Object(map))
    }

    fn random_array(&mut self, facts: &Facts<'s>, depth: usize) -> Option<Value> {
        let (least, most) = facts.size("minItems", "maxItems");
        let least = least.min(objects::LONGEST);
        let most = most.unwrap_or(least + 3).min(least + 3);
        let length = self.rng.random_range(least..=most.max(least));
        (0..length)
            .map(|index| self.random(&facts.item(index), depth + 1))
            .collect::<Option<Vec<_>>>()
            .map(Value::Array)
    }

    fn pick<T>(&mut self, mut from: Vec<T>) -> Option<T> {
        if from.is_empty() {
            return None;
        }
        Some(from.swap_remove(self.rng.random_range(0..from.len())))
    }
}

/// One value of each type, for schemas that allow all.
fn anything() -> Vec<Value> {
    vec![
        json!("anything"),
        json!(7),
        json!(0.5),
        json!(true),
        json!(["a", 1]),
        json!({"a": {"b": null}}),
        Value::Null,
    ]
}

/// At most `most` of `values`: the first ones, and the rest evenly.
fn thin(values: Vec<Value>, most: usize) -> Vec<Value> {
    let count = values.len();
    if count <= most {
        return values;
    }
    let kept: BTreeSet<usize> = (0..most).map(|index| index * count / most).collect();
    values
        .into_iter()
        .enumerate()
        .filter(|(index, _)| kept.contains(index))
        .map(|(_, value)| value)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn valid(schema: &Value) -> Vec<Value> {
        let validator = jsonschema::draft202012::new(schema).unwrap();
        let found = instances(schema, schema, 8, 1);
        found
            .into_iter()
            .filter(|value| validator.is_valid(value))
            .collect()
    }

    #[test]
    fn objects_come_small_full_and_with_each_property_on_and_off() {
        let schema = json!({
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": {"a": {"const": 1}, "b": {"enum": ["x", "y"]}, "c": {"type": "boolean"}}
        });
        let found = valid(&schema);
        for wanted in [
            json!({"a": 1}),
            json!({"a": 1, "b": "x", "c": true}),
            json!({"a": 1, "b": "x"}),
            json!({"a": 1, "c": true}),
            json!({"a": 1, "b": "y"}),
            json!({"a": 1, "c": false}),
        ] {
            assert!(found.contains(&wanted), "{wanted} is not among {found:?}");
        }
    }

    #[test]
    fn boundaries_are_reached() {
        let strings = valid(&json!({"type": "string", "minLength": 2, "maxLength": 5}));
        let lengths: BTreeSet<usize> = strings
            .iter()
            .filter_map(Value::as_str)
            .map(|text| text.chars().count())
            .collect();
        assert!(lengths.contains(&2) && lengths.contains(&5), "{lengths:?}");
        let numbers = valid(
            &json!({"type": "integer", "exclusiveMinimum": 3, "maximum": 90, "multipleOf": 10}),
        );
        assert!(
            numbers.contains(&json!(10)) && numbers.contains(&json!(90)),
            "{numbers:?}"
        );
        let arrays = valid(
            &json!({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 4}),
        );
        let sizes: BTreeSet<usize> = arrays
            .iter()
            .filter_map(Value::as_array)
            .map(Vec::len)
            .collect();
        assert!(sizes.contains(&1) && sizes.contains(&4), "{sizes:?}");
    }

    #[test]
    fn every_alternative_and_what_holds_beside_it_is_met() {
        let schema = json!({
            "properties": {"id": {"type": "integer"}}, "required": ["id"],
            "oneOf": [
                {"properties": {"t": {"const": "a"}, "n": {"type": ["null", "number"]}}, "required": ["t"]},
                {"$ref": "#/$defs/b"}
            ],
            "$defs": {"b": {"allOf": [{"properties": {"t": {"const": "b"}}}, {"required": ["t", "u"]}]}}
        });
        let found = valid(&schema);
        assert!(
            found
                .iter()
                .any(|value| value["t"] == "a" && value["id"].is_i64()),
            "{found:?}"
        );
        assert!(
            found
                .iter()
                .any(|value| value["t"] == "a" && value.get("n") == Some(&Value::Null)),
            "{found:?}"
        );
        assert!(
            found
                .iter()
                .any(|value| value["t"] == "b" && value.get("u").is_some()),
            "{found:?}"
        );
    }

    #[test]
    fn circles_end() {
        let tree = json!({"$ref": "#/$defs/t", "$defs": {"t": {
            "type": "object", "required": ["kids"],
            "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/t"}}, "up": {"$ref": "#/$defs/t"}}
        }}});
        assert!(valid(&tree).contains(&json!({"kids": [{"kids": []}]})));
        let endless = json!({"$ref": "#/$defs/e", "$defs": {"e": {
            "type": "object", "required": ["e"], "properties": {"e": {"$ref": "#/$defs/e"}}
        }}});
        assert_eq!(instances(&endless, &endless, 4, 1), Vec::<Value>::new());
        let own = json!({"$ref": "#"});
        assert!(!instances(&own, &own, 0, 1).is_empty());
    }

    #[test]
    fn patterns_are_matched() {
        let found = valid(&json!({"type": "string", "pattern": "^[a-z]{3}-\\d{2,4}$"}));
        assert!(found.len() > 2, "{found:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_instances() {
        let schema =
            json!({"type": "object", "properties": {"a": {"type": "string", "pattern": "[a-z]+"}}});
        assert_eq!(
            instances(&schema, &schema, 20, 5),
            instances(&schema, &schema, 20, 5)
        );
    }
}
