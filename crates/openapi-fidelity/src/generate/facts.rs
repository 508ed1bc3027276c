//! What several schemas that hold at once say together, with `$ref` and `allOf` followed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::view;

/// The types of JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Type {
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,
    Null,
}

const TYPES: [(Type, &str); 7] = [
    (Type::Object, "object"),
    (Type::Array, "array"),
    (Type::String, "string"),
    (Type::Integer, "integer"),
    (Type::Number, "number"),
    (Type::Boolean, "boolean"),
    (Type::Null, "null"),
];

/// Keywords that only one type has, where no `type` is given.
const IMPLIED: [(Type, &[&str]); 4] = [
    (
        Type::Object,
        &[
            "properties",
            "required",
            "additionalProperties",
            "patternProperties",
            "propertyNames",
            "minProperties",
        ],
    ),
    (
        Type::Array,
        &[
            "items",
            "prefixItems",
            "minItems",
            "maxItems",
            "uniqueItems",
            "contains",
        ],
    ),
    (
        Type::String,
        &["minLength", "maxLength", "pattern", "contentEncoding"],
    ),
    (
        Type::Number,
        &[
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
        ],
    ),
];

/// Schemas that hold at once, alternatives aside.
pub(super) struct Facts<'s> {
    maps: Vec<&'s Map<String, Value>>,
    /// The alternatives of each union among them.
    pub(super) unions: Vec<Vec<Vec<&'s Value>>>,
    /// The schemas that stand there without their unions: those that were taken apart already.
    settled: Vec<&'s Value>,
}

static TRUE: Value = Value::Bool(true);

impl<'s> Facts<'s> {
    /// `None` where one of the schemas is `false`.
    ///
    /// A set that was made by [`Facts::choice`] begins with `true`, a mark: the unions of the schemas after the mark and
    /// before a second one have been decided.
    pub(super) fn gather(root: &'s Value, set: &[&'s Value]) -> Option<Self> {
        let mut settled: Vec<&Value> = Vec::new();
        let mut open: Vec<&Value> = set.to_vec();
        if set
            .first()
            .is_some_and(|first| std::ptr::eq(*first, &raw const TRUE))
        {
            let end = 1 + set[1..]
                .iter()
                .position(|schema| std::ptr::eq(*schema, &raw const TRUE))?;
            settled = set[1..end].to_vec();
            open = set[end + 1..].to_vec();
        }
        let mut facts = Facts {
            maps: Vec::new(),
            unions: Vec::new(),
            settled: Vec::new(),
        };
        for schema in settled {
            facts.maps.extend(schema.as_object());
            facts.settled.push(schema);
        }
        open.reverse();
        while let Some(schema) = open.pop() {
            if facts
                .settled
                .iter()
                .any(|known| std::ptr::eq(*known, schema))
            {
                continue;
            }
            let map = match schema {
                Value::Bool(false) => return None,
                Value::Object(map) => map,
                _ => continue,
            };
            facts.settled.push(schema);
            facts.maps.push(map);
            if let Some(link) = map.get("$ref").and_then(Value::as_str) {
                open.extend(view::target(root, link).map(|(_, value)| value));
            }
            open.extend(
                map.get("allOf")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .rev(),
            );
            for keyword in ["oneOf", "anyOf"] {
                if let Some(arms) = map.get(keyword).and_then(Value::as_array) {
                    facts
                        .unions
                        .push(arms.iter().map(|arm| vec![arm]).collect());
                }
            }
            if let Some(condition) = map.get("if") {
                let with = [Some(condition), map.get("then")]
                    .into_iter()
                    .flatten()
                    .collect();
                facts
                    .unions
                    .push(vec![with, map.get("else").into_iter().collect()]);
            }
        }
        Some(facts)
    }

    /// One set for each alternative of each union; the other unions stand at their first.
    pub(super) fn choices(&self) -> Vec<Vec<&'s Value>> {
        let mut picks = vec![0; self.unions.len()];
        let mut found = Vec::new();
        for (index, arms) in self.unions.iter().enumerate() {
            // All at their first is one choice, not one for each union.
            for arm in usize::from(index > 0)..arms.len() {
                picks[index] = arm;
                found.push(self.choice(&picks));
            }
            picks[index] = 0;
        }
        found
    }

    /// The set with one alternative of each union.
    pub(super) fn choice(&self, picks: &[usize]) -> Vec<&'s Value> {
        let mut set: Vec<&Value> = vec![&TRUE];
        set.extend(&self.settled);
        set.push(&TRUE);
        for (arms, &pick) in self.unions.iter().zip(picks) {
            set.extend(arms.get(pick).into_iter().flatten());
        }
        set
    }

    /// The listed values, where there is a list.
    pub(super) fn values(&self) -> Option<Vec<Value>> {
        let lists = self
            .maps
            .iter()
            .filter_map(|map| match (map.get("const"), map.get("enum")) {
                (Some(value), _) => Some(vec![value.clone()]),
                (None, Some(Value::Array(values))) => Some(values.clone()),
                _ => None,
            });
        lists.min_by_key(Vec::len)
    }

    /// The types that are allowed; `None` where nothing is said of them.
    pub(super) fn types(&self) -> Option<Vec<Type>> {
        let mut allowed: Option<BTreeSet<Type>> = None;
        for kind in self.maps.iter().filter_map(|map| map.get("type")) {
            let named: BTreeSet<Type> = match kind {
                Value::String(one) => types_called(one).collect(),
                Value::Array(several) => several
                    .iter()
                    .filter_map(Value::as_str)
                    .flat_map(types_called)
                    .collect(),
                _ => continue,
            };
            allowed = Some(match allowed {
                None => named,
                Some(so_far) => intersection(&so_far, &named),
            });
        }
        let mut types: Vec<Type> = match allowed {
            Some(types) => types.into_iter().collect(),
            None => {
                let (kind, _) = IMPLIED
                    .iter()
                    .find(|(_, words)| words.iter().any(|word| self.all(word).next().is_some()))?;
                vec![*kind]
            }
        };
        if types.contains(&Type::Number) {
            types.retain(|kind| *kind != Type::Integer);
        }
        Some(types)
    }

    /// The values that the keyword has, in any of the schemas.
    pub(super) fn all(&self, keyword: &str) -> impl Iterator<Item = &'s Value> {
        self.maps.iter().filter_map(move |map| map.get(keyword))
    }

    /// The keyword where it is a string, the first.
    pub(super) fn text(&self, keyword: &str) -> Option<&'s str> {
        self.all(keyword).find_map(Value::as_str)
    }

    /// The tightest bounds of a size.
    pub(super) fn size(&self, least: &str, most: &str) -> (usize, Option<usize>) {
        let count = |value: &Value| {
            value
                .as_f64()
                .and_then(|count| format!("{count:.0}").parse::<usize>().ok())
        };
        let least = self.all(least).filter_map(count).max().unwrap_or(0);
        (least, self.all(most).filter_map(count).min())
    }

    pub(super) fn required(&self) -> BTreeSet<&'s str> {
        self.all("required")
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// The declared properties, and the required ones that are not declared.
    pub(super) fn properties(&self) -> BTreeMap<String, Vec<&'s Value>> {
        let mut found: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        for (name, schema) in self
            .all("properties")
            .filter_map(Value::as_object)
            .flatten()
        {
            found.entry(name.clone()).or_default().push(schema);
        }
        for name in self.required() {
            found.entry(name.to_owned()).or_insert_with(|| self.extra());
        }
        found
    }

    /// What is said, in so many words, of properties that are not declared.
    pub(super) fn extra(&self) -> Vec<&'s Value> {
        self.all("additionalProperties")
            .chain(self.all("unevaluatedProperties"))
            .collect()
    }

    /// What the item at `index` has to be.
    pub(super) fn item(&self, index: usize) -> Vec<&'s Value> {
        let mut found = Vec::new();
        for map in &self.maps {
            let listed = map.get("prefixItems").and_then(|items| items.get(index));
            found.extend(listed.or_else(|| map.get("items")));
        }
        found
    }

    /// How many items have a schema of their own place.
    pub(super) fn placed(&self) -> usize {
        self.all("prefixItems")
            .filter_map(Value::as_array)
            .map(Vec::len)
            .max()
            .unwrap_or(0)
    }

    /// Values that the document itself gives.
    pub(super) fn samples(&self) -> Vec<Value> {
        let listed = self.all("examples").filter_map(Value::as_array).flatten();
        self.all("default")
            .chain(self.all("example"))
            .chain(listed)
            .cloned()
            .collect()
    }
}

fn types_called(name: &str) -> impl Iterator<Item = Type> {
    TYPES
        .into_iter()
        .filter(move |(_, known)| *known == name)
        .map(|(kind, _)| kind)
}

/// The common types; an integer is a number.
fn intersection(a: &BTreeSet<Type>, b: &BTreeSet<Type>) -> BTreeSet<Type> {
    let within = |kind: Type, other: &BTreeSet<Type>| {
        other.contains(&kind) || (kind == Type::Integer && other.contains(&Type::Number))
    };
    let common = a
        .iter()
        .filter(|kind| within(**kind, b))
        .chain(b.iter().filter(|kind| within(**kind, a)));
    common.copied().collect()
}
