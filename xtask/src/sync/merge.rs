//! One document from several: the whole one is believed, and the pages are held against it; without it the pages are put
//! together, and what two of them say must be the same.

use serde_json::{Map, Value, json};

use super::source::{Document, Kind, operations};
use crate::pointer;

/// A document and what is doubtful about it.
#[derive(Debug)]
pub(crate) struct Merged {
    pub(crate) value: Value,
    /// Where a page and the whole document differ; the whole document was believed.
    pub(crate) doubts: Vec<String>,
}

/// Puts documents together.
pub(crate) fn merge(documents: &[Document]) -> Result<Merged, String> {
    let first = super::believed(documents)?;
    let mut value = first.value.clone();
    let mut differences = Vec::new();
    for page in documents.iter().filter(|one| !std::ptr::eq(*one, first)) {
        differences.extend(compare(first, &value, page));
        if first.kind != Kind::Json {
            add(&mut value, &page.value).map_err(|why| format!("{}: {why}", first.origin))?;
        }
    }
    if first.kind != Kind::Json && !differences.is_empty() {
        return Err(format!(
            "the pages contradict each other; take them again, or take the JSON document:\n{}",
            differences.join("\n")
        ));
    }
    Ok(Merged {
        value,
        doubts: differences,
    })
}

/// What `page` says otherwise than `value`, which came from `first` and perhaps other pages.
fn compare(first: &Document, value: &Value, page: &Document) -> Vec<String> {
    let mut differences = Vec::new();
    for (kind, name, theirs) in components(&page.value) {
        let Some(ours) = value["components"][kind].get(name) else {
            if first.kind == Kind::Json {
                differences.push(format!(
                    "- {} has the {kind} {name}, and {} does not",
                    page.origin, first.origin
                ));
            }
            continue;
        };
        if !same(kind, name, (ours, value), (theirs, &page.value)) {
            differences.push(both(
                &format!("components/{kind}/{name}"),
                (&first.origin, ours),
                (&page.origin, theirs),
            ));
        }
    }
    for (name, theirs) in operations(&page.value) {
        match operations(value).find(|(known, _)| *known == name) {
            Some((_, ours)) if !same_operation((ours, value), (theirs, &page.value)) => {
                differences.push(both(&name, (&first.origin, ours), (&page.origin, theirs)));
            }
            None if first.kind == Kind::Json => differences.push(format!(
                "- {} has {name}, and {} does not",
                page.origin, first.origin
            )),
            _ => {}
        }
    }
    differences
}

/// Both versions, so that a reader can choose.
fn both(
    place: &str,
    (ours_from, ours): (&str, &Value),
    (theirs_from, theirs): (&str, &Value),
) -> String {
    let show = |value: &Value| serde_saphyr::to_string(value).unwrap_or_else(|_| value.to_string());
    let (old, new) = (show(ours), show(theirs));
    let diff = similar::TextDiff::from_lines(old.as_str(), new.as_str());
    let diff = diff
        .unified_diff()
        .context_radius(3)
        .header(ours_from, theirs_from)
        .to_string();
    format!("- {place} occurs twice and differs:\n{diff}")
}

fn components(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let kinds = document["components"].as_object().into_iter().flatten();
    kinds.flat_map(|(kind, named)| {
        let named = named.as_object().into_iter().flatten();
        named.map(move |(name, value)| (kind.as_str(), name.as_str(), value))
    })
}

/// Adds what `page` has and `value` has not.
fn add(value: &mut Value, page: &Value) -> Result<(), String> {
    for section in ["paths", "components"] {
        for (key, item) in page[section].as_object().into_iter().flatten() {
            let ours = object(value, [section, key])?;
            for (name, theirs) in item.as_object().into_iter().flatten() {
                if !ours.contains_key(name) {
                    ours.insert(name.clone(), theirs.clone());
                }
            }
        }
    }
    Ok(())
}

/// The object at a path of names, made where there is none.
fn object<'a>(
    mut value: &'a mut Value,
    path: [&str; 2],
) -> Result<&'a mut Map<String, Value>, String> {
    let mut pointer = String::new();
    for name in path {
        value = members(value, &pointer)?.entry(name).or_insert(Value::Null);
        pointer = pointer::child(&pointer, name);
    }
    members(value, &pointer)
}

fn members<'a>(value: &'a mut Value, pointer: &str) -> Result<&'a mut Map<String, Value>, String> {
    if value.is_null() {
        *value = json!({});
    }
    value.as_object_mut().ok_or_else(|| {
        format!("`{pointer}` is no object, so that nothing can be added to it; take the page again, or take the JSON document")
    })
}

/// Whether two components mean the same. What they refer to is compared under its own name.
fn same(kind: &str, name: &str, ours: (&Value, &Value), theirs: (&Value, &Value)) -> bool {
    let reference = json!({"$ref": format!("#/components/{kind}/{name}")});
    let probe = match kind {
        "schemas" => {
            json!({"requestBody": body(&reference), "responses": {"200": body(&reference)}})
        }
        "parameters" => json!({"parameters": [reference], "responses": {}}),
        "responses" => json!({"responses": {"200": reference}}),
        "requestBodies" => json!({"requestBody": reference, "responses": {}}),
        "headers" => {
            json!({"responses": {"200": {"description": "", "headers": {"X": reference}}}})
        }
        _ => return repaired(ours.0) == repaired(theirs.0),
    };
    same_in(&probe, ours, theirs)
}

fn same_operation(ours: (&Value, &Value), theirs: (&Value, &Value)) -> bool {
    repaired(ours.0) == repaired(theirs.0)
        || differences(
            &alone(ours.0, ours.1),
            &alone(theirs.0, theirs.1),
            ours,
            theirs,
        )
}

fn same_in(probe: &Value, ours: (&Value, &Value), theirs: (&Value, &Value)) -> bool {
    repaired(ours.0) == repaired(theirs.0)
        || differences(&alone(probe, ours.1), &alone(probe, theirs.1), ours, theirs)
}

/// Whether the two mean the same, given that their text differs. A component that both refer to is made the same in both
/// first, so that its differences count once only, under its own name.
fn differences(
    left: &Value,
    right: &Value,
    ours: (&Value, &Value),
    theirs: (&Value, &Value),
) -> bool {
    let (mut left, mut right) = (left.clone(), right.clone());
    for (kind, name, value) in components(ours.1) {
        let own = std::ptr::eq(value, ours.0);
        let other = right["components"]
            .get_mut(kind)
            .and_then(|named| named.get_mut(name));
        if let (false, Some(other)) = (own, other) {
            *other = repaired(value);
        }
        left["components"][kind][name] = repaired(value);
    }
    for (kind, name, value) in components(theirs.1) {
        if std::ptr::eq(value, theirs.0) {
            right["components"][kind][name] = repaired(value);
        }
    }
    openapi_drift::compare(&left, &right).is_ok_and(|report| report.is_empty())
}

/// A document with this operation alone.
fn alone(operation: &Value, document: &Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "", "version": ""},
        "paths": {"/": {"post": operation}},
        "components": document.get("components").cloned().unwrap_or_else(|| json!({})),
    })
}

fn body(schema: &Value) -> Value {
    json!({"description": "", "content": {"application/json": {"schema": schema}}})
}

/// The value without a defect of the page's renderer: it turns each target of a discriminator's mapping into a reference
/// object. Both spellings lead to the same schema.
pub(crate) fn repaired(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut out = Map::new();
            for (key, value) in map {
                let value = match (key.as_str(), value) {
                    ("mapping", Value::Object(mapping)) => Value::Object(
                        mapping
                            .iter()
                            .map(|(name, target)| {
                                (name.clone(), target.get("$ref").unwrap_or(target).clone())
                            })
                            .collect(),
                    ),
                    _ => repaired(value),
                };
                out.insert(key.clone(), value);
            }
            Value::Object(out)
        }
        Value::Array(items) => Value::Array(items.iter().map(repaired).collect()),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(origin: &str, value: Value) -> Document {
        Document {
            kind: Kind::Page,
            origin: origin.to_owned(),
            value,
            operation: None,
            sha256: String::new(),
            bytes: 0,
        }
    }

    #[test]
    fn what_cannot_be_added_to_is_an_error_with_its_place() {
        let whole = json!({
            "paths": {"/jobs": {"get": {"summary": "List", "responses": {}}}},
            "components": {"schemas": {"Job": {"type": "object"}}},
        });
        for (pointer, with) in [
            ("/components", json!("none")),
            ("/components", json!([])),
            ("/components/schemas", json!("none")),
            ("/paths/~1jobs", json!([])),
        ] {
            let mut first = whole.clone();
            *first.pointer_mut(pointer).unwrap() = with;
            let error = merge(&[page("a.md", first), page("b.md", whole.clone())]).unwrap_err();
            let start = format!("a.md: `{pointer}` is no object");
            assert!(error.starts_with(&start), "{error}");
        }
    }

    #[test]
    fn components_that_are_none_are_compared_all_the_same() {
        let ours = json!({
            "paths": {"/jobs": {"get": {"summary": "List", "responses": {}}}},
            "components": {"schemas": {"Job": {"type": "object"}}},
        });
        let mut theirs = ours.clone();
        theirs["components"] = json!("none");
        theirs["paths"]["/jobs"]["get"]["deprecated"] = json!(true);
        let error = merge(&[page("a.md", ours), page("b.md", theirs)]).unwrap_err();
        assert!(
            error.contains("GET /jobs occurs twice and differs"),
            "{error}"
        );
    }

    #[test]
    fn a_section_without_value_is_filled() {
        let whole = json!({"paths": {}, "components": {"schemas": {"Job": {"type": "object"}}}});
        let first = json!({"paths": {}, "components": null});
        let merged = merge(&[page("a.md", first), page("b.md", whole.clone())]).unwrap();
        assert_eq!(merged.value, whole);
    }
}
