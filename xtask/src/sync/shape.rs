//! A JSON Schema as a reader of a table sees it: what a field is, where it lies, what it may hold.

use std::collections::VecDeque;

use serde_json::{Map, Value};

/// What a field may be, with references followed and the null idioms folded.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// The schema, merged with what it refers to; what stands beside a reference wins.
    pub(crate) schema: Map<String, Value>,
    pub(crate) nullable: bool,
    pub(crate) required: bool,
}

impl Field {
    /// The declared type, without null; `object` for a union.
    pub(crate) fn kind(&self) -> &str {
        let declared = match self.schema.get("type") {
            Some(Value::Array(types)) => types
                .iter()
                .filter_map(Value::as_str)
                .find(|name| *name != "null"),
            other => other.and_then(Value::as_str),
        };
        declared.unwrap_or(if self.schema.contains_key("enum") {
            "string"
        } else {
            "object"
        })
    }
}

/// Reads a schema in `document`.
pub(crate) fn field(document: &Value, schema: &Value, required: bool) -> Field {
    let mut merged = Map::new();
    let mut nullable = false;
    let mut fuel = MOST;
    fold(document, schema, &mut merged, &mut nullable, 0, &mut fuel);
    if let Some(Value::Array(types)) = merged.get("type") {
        nullable |= types.iter().any(|name| name == "null");
    }
    nullable |= merged.get("nullable") == Some(&Value::Bool(true));
    Field {
        schema: merged,
        nullable,
        required,
    }
}

/// References lead to references; a circle of them ends here.
const DEEPEST: usize = 16;

/// How many arms of unions are looked into for one property.
const MOST_ARMS: usize = 200;

/// How many schemas make one field at most: parts that each have parts of their own multiply.
const MOST: usize = 1000;

fn fold(
    document: &Value,
    schema: &Value,
    into: &mut Map<String, Value>,
    nullable: &mut bool,
    depth: usize,
    fuel: &mut usize,
) {
    let Some(map) = schema.as_object().filter(|_| depth < DEEPEST && *fuel > 0) else {
        return;
    };
    *fuel -= 1;
    let target = map.get("$ref").and_then(Value::as_str);
    let found = target.and_then(|target| document.pointer(target.strip_prefix('#')?));
    if let Some(found) = found {
        fold(document, found, into, nullable, depth + 1, fuel);
    }
    for keyword in ["anyOf", "oneOf"] {
        let arms = map
            .get(keyword)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let (nulls, others): (Vec<&Value>, Vec<&Value>) =
            arms.iter().partition(|arm| arm["type"] == "null");
        *nullable |= !nulls.is_empty();
        if let ([only], false) = (others.as_slice(), nulls.is_empty()) {
            fold(document, only, into, nullable, depth + 1, fuel);
        }
    }
    for part in map
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let properties = into.get("properties").cloned();
        fold(document, part, into, nullable, depth + 1, fuel);
        // Each part adds its own properties.
        if let (Some(Value::Object(before)), Some(Value::Object(now))) =
            (properties, into.get_mut("properties"))
        {
            for (name, schema) in before {
                now.entry(name).or_insert(schema);
            }
        }
    }
    for (keyword, value) in map {
        if !matches!(keyword.as_str(), "$ref" | "allOf") {
            into.insert(keyword.clone(), value.clone());
        }
    }
}

/// The field at `path` (`clips[].id`) below a schema.
pub(crate) fn at(document: &Value, schema: &Value, path: &str) -> Option<Field> {
    let mut found = field(document, schema, true);
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let name = part.trim_end_matches("[]");
        if !name.is_empty() {
            found = property(document, &found, name)?;
        }
        for _ in 0..part.matches("[]").count() {
            found = field(document, found.schema.get("items")?, true);
        }
    }
    Some(found)
}

/// A property of an object, or of any arm of a union; the arms of arms come after their elders.
fn property(document: &Value, object: &Field, name: &str) -> Option<Field> {
    let mut open = VecDeque::from([object.clone()]);
    // A union may be an arm of itself, and arms of arms multiply.
    for _ in 0..MOST_ARMS {
        let object = open.pop_front()?;
        let properties = object.schema.get("properties");
        if let Some(schema) = properties.and_then(|all| all.get(name)) {
            let required = object.schema.get("required").and_then(Value::as_array);
            let required = required.is_some_and(|names| names.iter().any(|known| known == name));
            return Some(field(document, schema, required));
        }
        let room = MOST_ARMS.saturating_sub(open.len());
        open.extend(
            arms(&object)
                .take(room)
                .map(|arm| field(document, arm, true)),
        );
    }
    None
}

/// The arms of a union.
pub(crate) fn arms(object: &Field) -> impl Iterator<Item = &Value> {
    ["oneOf", "anyOf"]
        .into_iter()
        .filter_map(|keyword| object.schema.get(keyword)?.as_array())
        .flatten()
}

/// The names of an object's properties.
pub(crate) fn names(object: &Field) -> impl Iterator<Item = &String> {
    object
        .schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::keys)
}

/// The JSON schema of an operation's request body.
pub(crate) fn request<'a>(document: &'a Value, operation: &'a Value) -> Option<&'a Value> {
    content(resolved(document, operation.get("requestBody")?))
}

/// The JSON schema of an operation's first 2xx answer.
pub(crate) fn response<'a>(document: &'a Value, operation: &'a Value) -> Option<&'a Value> {
    let responses = operation["responses"].as_object()?;
    let (_, answer) = responses
        .iter()
        .find(|(status, _)| status.starts_with('2'))?;
    content(resolved(document, answer))
}

fn content(holder: &Value) -> Option<&Value> {
    holder["content"]["application/json"].get("schema")
}

/// What a reference object refers to, or the value itself.
pub(crate) fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"]
        .as_str()
        .and_then(|target| document.pointer(target.strip_prefix('#')?))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Ten parts, each of them the whole again, make 10^15 without a bound.
    #[test]
    fn parts_that_multiply_come_to_an_end() {
        let mut parts = vec![json!({"$ref": "#/all"}); 10];
        parts.insert(0, json!({"type": "string"}));
        let document = json!({"all": {"allOf": parts, "maxLength": 3}});
        let found = field(&document, &document["all"], true);
        assert_eq!(found.kind(), "string");
        assert_eq!(found.schema["maxLength"], 3);
    }

    #[test]
    fn a_union_that_is_its_own_arm_comes_to_an_end() {
        let document = json!({"all": {"oneOf": [
            {"$ref": "#/all"}, {"$ref": "#/all"}, {"properties": {"id": {"type": "integer"}}},
        ]}});
        let found = at(&document, &document["all"], "id").unwrap();
        assert_eq!(found.kind(), "integer");
        assert!(at(&document, &document["all"], "other").is_none());
    }
}
