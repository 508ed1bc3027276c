//! Objects and arrays.

use serde_json::{Map, Value};

use super::facts::Facts;
use super::{Generator, scalars};

/// Arrays longer than this are not written out.
pub(super) const LONGEST: usize = 64;

impl<'s> Generator<'s> {
    /// Smallest, full, each property off and on, each property with each of its values, and properties of the rest.
    pub(super) fn object_cases(&mut self, facts: &Facts<'s>, depth: usize, found: &mut Vec<Value>) {
        let Some(small) = self.minimal_object(facts, depth) else {
            return;
        };
        found.push(Value::Object(small.clone()));
        let required = facts.required();
        let mut full = small.clone();
        let mut variations = Vec::new();
        for (name, schemas) in facts.properties() {
            let mut cases = self.cases(&schemas, depth + 1).into_iter();
            let Some(first) = cases.next() else { continue };
            full.insert(name.clone(), first.clone());
            if !required.contains(name.as_str()) {
                variations.push((name.clone(), first));
            }
            variations.extend(cases.map(|case| (name.clone(), case)));
        }
        found.push(Value::Object(full.clone()));
        for name in full.keys().filter(|name| !required.contains(name.as_str())) {
            let mut without = full.clone();
            without.remove(name);
            found.push(Value::Object(without));
        }
        found.extend(
            variations
                .into_iter()
                .map(|(name, case)| with(&small, name, case)),
        );
        for (name, value) in self.extras(facts, depth) {
            found.push(with(&small, name.clone(), value.clone()));
            found.push(with(&full, name, value));
        }
    }

    pub(super) fn minimal_object(
        &mut self,
        facts: &Facts<'s>,
        depth: usize,
    ) -> Option<Map<String, Value>> {
        let required = facts.required();
        let mut map = Map::new();
        for (name, schemas) in facts.properties() {
            if required.contains(name.as_str()) {
                map.insert(name, self.minimal(&schemas, depth + 1)?);
            }
        }
        let (least, _) = facts.size("minProperties", "maxProperties");
        if map.len() < least {
            for (name, schemas) in facts.properties() {
                if map.len() < least && !map.contains_key(&name) {
                    map.extend(self.minimal(&schemas, depth + 1).map(|value| (name, value)));
                }
            }
            for (name, value) in self.extras(facts, depth + 1) {
                if map.len() < least {
                    map.insert(name, value);
                }
            }
        }
        Some(map)
    }

    /// Properties that the schema allows in so many words without naming them.
    fn extras(&mut self, facts: &Facts<'s>, depth: usize) -> Vec<(String, Value)> {
        let mut found = Vec::new();
        let patterned = facts
            .all("patternProperties")
            .filter_map(Value::as_object)
            .flatten();
        for (pattern, schema) in patterned {
            let names = scalars::matching(pattern, &mut self.rng, 2);
            let values = self.cases(&[schema], depth + 1);
            found.extend(names.into_iter().cycle().zip(values));
        }
        let schemas = facts.extra();
        if !schemas.is_empty() {
            let mut names = vec!["another".to_owned(), "and one-more".to_owned()];
            for rule in facts.all("propertyNames") {
                let allowed = self.cases(&[rule], depth + 1);
                names = allowed
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect();
            }
            let values = self.cases(&schemas, depth + 1);
            found.extend(names.into_iter().cycle().zip(values));
        }
        found
    }

    /// None, one of each kind, several, and as few and as many as are allowed.
    pub(super) fn array_cases(&mut self, facts: &Facts<'s>, depth: usize, found: &mut Vec<Value>) {
        let (least, most) = facts.size("minItems", "maxItems");
        let placed = facts.placed();
        found.extend(self.minimal_array(facts, depth));
        if placed > 0 {
            let full: Option<Vec<Value>> = (0..placed)
                .map(|index| self.cases(&facts.item(index), depth + 1).into_iter().next())
                .collect();
            let Some(full) = full else { return };
            found.push(Value::Array(full.clone()));
            for index in 0..placed {
                for case in self.cases(&facts.item(index), depth + 1) {
                    let mut items = full.clone();
                    items[index] = case;
                    found.push(Value::Array(items));
                }
            }
        }
        let items = self.cases(&facts.item(placed), depth + 1);
        if items.is_empty() || placed > 0 {
            return;
        }
        if least <= 1 {
            found.extend(items.iter().map(|item| Value::Array(vec![item.clone()])));
        }
        let several = [least, 2, 3].into_iter().chain(most);
        for length in several.filter(|&length| length > 0 && length <= LONGEST) {
            found.push(items.iter().cycle().take(length).cloned().collect());
        }
    }

    pub(super) fn minimal_array(&mut self, facts: &Facts<'s>, depth: usize) -> Option<Value> {
        let (least, _) = facts.size("minItems", "maxItems");
        if least > LONGEST {
            return None;
        }
        let items = (0..least).map(|index| self.minimal(&facts.item(index), depth + 1));
        items.collect::<Option<Vec<_>>>().map(Value::Array)
    }
}

fn with(object: &Map<String, Value>, name: String, value: Value) -> Value {
    let mut object = object.clone();
    object.insert(name, value);
    Value::Object(object)
}
