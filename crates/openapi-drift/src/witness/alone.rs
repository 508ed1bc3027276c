//! What some keywords demand by themselves, without what the schemas around them say.

use serde_json::{Map, Value, json};

use super::judge::reference;
use crate::compare::pairs::sources;
use crate::pointer;
use crate::schema::{Arena, Child, Form, Node};

/// Keywords that can be read without those beside them.
const ALONE: &[&str] = &[
    "not",
    "if",
    "contains",
    "propertyNames",
    "dependentSchemas",
    "dependentRequired",
    "minProperties",
    "maxProperties",
    "minItems",
    "maxItems",
    "uniqueItems",
];

/// A schema of nothing but these keywords, as all schemas that apply at a node say them together. `None`
/// where one of them says nothing without its neighbours, or none of them is there.
pub(super) fn alone(arena: &Arena<'_>, node: &Node, keywords: &[&str]) -> Option<Value> {
    if !keywords.iter().all(|keyword| ALONE.contains(keyword)) {
        return None;
    }
    let mut all = Vec::new();
    for raw in sources(node) {
        let Some(map) = arena.raw(raw).as_object() else {
            continue;
        };
        // What these demand is not all written under the keywords.
        let entangled = ["dependencies", "unevaluatedItems", "unevaluatedProperties"];
        if entangled.iter().any(|keyword| map.contains_key(*keyword)) {
            return None;
        }
        let said = keywords
            .iter()
            .filter(|keyword| map.contains_key(**keyword));
        all.extend(said.map(|keyword| one(map, arena.pointer(raw), keyword)));
    }
    (!all.is_empty()).then(|| json!({"allOf": all}))
}

/// One keyword with what belongs to it, of a schema that stands at a place.
fn one(map: &Map<String, Value>, place: &str, keyword: &str) -> Value {
    let at = |keyword: &str| reference(&[pointer::push(place, keyword)]);
    let group: &[&str] = match keyword {
        "if" => &["if", "then", "else"],
        "contains" => &["contains", "minContains", "maxContains"],
        _ => &[keyword],
    };
    let said = group.iter().filter_map(|keyword| {
        let value = map.get(*keyword)?;
        let value = match *keyword {
            "not" | "if" | "then" | "else" | "contains" | "propertyNames" => at(keyword),
            "dependentSchemas" => {
                let names = value.as_object().into_iter().flat_map(Map::keys);
                let place = |name: &String| reference(&[pointer::join(place, &[keyword, name])]);
                names.map(|name| (name.clone(), place(name))).collect()
            }
            _ => value.clone(),
        };
        Some(((*keyword).to_owned(), value))
    });
    Value::Object(said.collect())
}

/// The names that members can have, where no others are let in.
pub(super) fn names(form: &Form) -> Option<Vec<&str>> {
    if form.cut {
        return None;
    }
    let mut names = Vec::new();
    for object in &form.objects {
        if object.extra != Child::Never || !object.patterns.is_empty() || object.values.is_some() {
            return None;
        }
        names.extend(object.properties.keys().map(AsRef::as_ref));
    }
    Some(names)
}
