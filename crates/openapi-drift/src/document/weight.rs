//! How often a validator, or a generator, comes back to the same schemas for one value. A few lines of references can ask for
//! more steps than any machine has; what would never end is found here before it is begun.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::pointer;

/// Nothing that people write comes near.
const MAX_VISITS: u64 = 10_000;
/// Chains of references longer than this are not followed.
const MAX_CHAIN: usize = 10_000;

/// Keywords whose schemas apply to the same value as the schema that has them.
const IN_PLACE: [&str; 8] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
];

/// Why the schemas of a document can't be gone through for every value, if they can't.
pub(crate) fn too_heavy(root: &Value) -> Option<String> {
    let mut targets = BTreeSet::new();
    references(root, &mut targets);
    let mut scales = Scales {
        root,
        known: HashMap::new(),
    };
    let heavy = targets
        .iter()
        .find(|target| scales.target(target, 0) > MAX_VISITS)?;
    Some(format!(
        "{heavy} refers to the same schemas more than {MAX_VISITS} times over"
    ))
}

fn references(value: &Value, targets: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, targets)),
        Value::Object(members) => {
            targets.extend(target(value));
            members
                .values()
                .for_each(|member| references(member, targets));
        }
        _ => {}
    }
}

fn target(schema: &Value) -> Option<String> {
    pointer::local(schema.get("$ref")?.as_str()?)
}

struct Scales<'d> {
    root: &'d Value,
    /// `None` while it is being weighed: a ring weighs as much as one round of it.
    known: HashMap<String, Option<u64>>,
}

impl Scales<'_> {
    fn target(&mut self, place: &str, depth: usize) -> u64 {
        if let Some(known) = self.known.get(place) {
            return known.unwrap_or(0);
        }
        if depth > MAX_CHAIN {
            return MAX_VISITS + 1;
        }
        self.known.insert(place.to_owned(), None);
        let visits =
            pointer::lookup(self.root, place).map_or(0, |schema| self.schema(schema, depth));
        self.known.insert(place.to_owned(), Some(visits));
        visits
    }

    fn schema(&mut self, schema: &Value, depth: usize) -> u64 {
        let mut visits: u64 = 1;
        if let Some(place) = target(schema) {
            visits = visits.saturating_add(self.target(&place, depth + 1));
        }
        for keyword in IN_PLACE {
            let below: Vec<&Value> = match schema.get(keyword) {
                Some(Value::Array(members)) => members.iter().collect(),
                Some(Value::Object(members)) if keyword == "dependentSchemas" => {
                    members.values().collect()
                }
                Some(only @ Value::Object(_)) => vec![only],
                _ => continue,
            };
            for member in below {
                visits = visits.saturating_add(self.schema(member, depth + 1));
            }
        }
        visits
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    /// Each schema leads to the next one by two ways.
    fn lattice(levels: usize) -> Value {
        let to = |name: String| json!({"$ref": format!("#/components/schemas/{name}")});
        let mut schemas = serde_json::Map::new();
        for level in 0..levels {
            let next = to(format!("A{}", level + 1));
            schemas.insert(
                format!("A{level}"),
                json!({"anyOf": [next, {"allOf": [next]}]}),
            );
        }
        schemas.insert(format!("A{levels}"), json!({"type": "string"}));
        json!({"components": {"schemas": schemas}})
    }

    #[test]
    fn what_doubles_at_each_step_is_too_heavy() {
        assert_eq!(super::too_heavy(&lattice(5)), None);
        let why = super::too_heavy(&lattice(60)).unwrap_or_default();
        assert!(why.contains("more than 10000 times over"), "{why}");
    }

    #[test]
    fn a_ring_has_a_weight() {
        let ring = json!({"components": {"schemas": {"Tree": {"anyOf": [
            {"type": "null"},
            {"$ref": "#/components/schemas/Tree"},
            {"items": {"$ref": "#/components/schemas/Tree"}},
        ]}}}});
        assert_eq!(super::too_heavy(&ring), None);
    }
}
