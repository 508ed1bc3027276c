//! Holds a guide page against `clips.yaml`, row by row and example by example.

use serde_json::Value;

use super::{Example, Guide, Place, Row, is_unknown};
use crate::sync::descriptions::same;
use crate::sync::limits::{self, Subject};
use crate::sync::shape::{self, Field};
use crate::sync::source::operations;

/// One line for each difference.
pub(crate) fn compare(guide: &Guide, document: &Value) -> Vec<String> {
    let mut found: Vec<String> = guide
        .unread
        .iter()
        .map(|what| format!("{what}; not understood"))
        .collect();
    for (name, line) in &guide.operations {
        if !operations(document).any(|(known, _)| known == *name) {
            found.push(format!(
                "{name}: in the guide (line {line}), not in clips.yaml"
            ));
        }
    }
    for (name, _) in operations(document) {
        // Operations of callbacks stand elsewhere; what is here the guide had.
        if !guide.operations.iter().any(|(known, _)| *known == name) {
            found.push(format!("{name}: in clips.yaml, no longer in the guide"));
        }
    }
    for row in &guide.rows {
        compare_row(document, row, &mut found);
    }
    gone(document, guide, &mut found);
    for example in &guide.examples {
        compare_example(document, example, &mut found);
    }
    for read in &guide.reads {
        let Some(operation) = find(document, &read.operation) else {
            continue;
        };
        let place = format!(
            "{} response {}, read by an example (line {})",
            read.operation, read.path, read.line
        );
        let field = shape::response(document, operation)
            .and_then(|schema| shape::at(document, schema, &read.path));
        match field {
            None => found.push(format!("{place}: clips.yaml has no such field")),
            Some(field) => read
                .values
                .iter()
                .for_each(|value| literal(&field, value, &place, &mut found)),
        }
    }
    found.dedup();
    found
}

/// The operation of this name; path parameters may have any value.
fn find<'a>(document: &'a Value, name: &str) -> Option<&'a Value> {
    let mut all = operations(document);
    all.find(|(known, _)| fits(known, name))
        .map(|(_, operation)| operation)
}

/// Whether `name` could be a call of `template`: an example fills parameters in, or calls them by a variable of its own.
fn fits(template: &str, name: &str) -> bool {
    let name: Vec<&str> = name.trim_end_matches('/').split('/').collect();
    let template: Vec<&str> = template.split('/').collect();
    let mut parts = template.iter().zip(&name);
    template.len() == name.len()
        && parts.all(|(known, part)| known == part || (known.starts_with('{') && !part.is_empty()))
}

/// The field that a row is about.
fn field(document: &Value, row: &Row) -> Option<Field> {
    let operation = find(document, &row.operation)?;
    match row.place {
        Place::Body => shape::at(document, shape::request(document, operation)?, &row.path),
        Place::Response => {
            let schema = shape::response(document, operation)?;
            // Tables leave the envelope out.
            ["", "data.", "data[]."].iter().find_map(|envelope| {
                shape::at(document, schema, &format!("{envelope}{}", row.path))
            })
        }
        Place::Path | Place::Query | Place::Header => {
            parameter(document, &row.operation, row.place, &row.path)
        }
    }
}

/// The parameter of an operation, its own or its path's.
fn parameter(document: &Value, name: &str, place: Place, path: &str) -> Option<Field> {
    parameters(document, name, place)
        .find(|(known, _)| known == path)
        .map(|(_, field)| field)
}

fn parameters<'a>(
    document: &'a Value,
    name: &str,
    place: Place,
) -> impl Iterator<Item = (String, Field)> + 'a {
    let own = find(document, name).and_then(|operation| operation.get("parameters"));
    let paths = document["paths"].as_object().into_iter().flatten();
    let path = name.split_once(' ').map_or("", |(_, path)| path).to_owned();
    let shared = paths
        .filter(move |(known, _)| fits(known, &path))
        .filter_map(|(_, item)| item.get("parameters"));
    own.into_iter()
        .chain(shared)
        .filter_map(Value::as_array)
        .flatten()
        .map(|parameter| shape::resolved(document, parameter))
        .filter(move |parameter| parameter["in"] == place.as_str())
        .filter_map(|parameter| {
            let field = shape::field(
                document,
                &parameter["schema"],
                parameter["required"] == true,
            );
            Some((parameter["name"].as_str()?.to_owned(), field))
        })
}

fn compare_row(document: &Value, row: &Row, found: &mut Vec<String>) {
    if find(document, &row.operation).is_none() {
        return;
    }
    let place = format!(
        "{} {} {} (line {})",
        row.operation,
        row.place.as_str(),
        row.path,
        row.line
    );
    let Some(field) = field(document, row) else {
        found.push(format!("{place}: clips.yaml has no such field"));
        return;
    };
    let mut differs = |what: &str, guide: String, ours: String| {
        found.push(format!(
            "{place}: {what} is {guide} in the guide and {ours} in clips.yaml"
        ));
    };
    if let Some(kind) = row.kind.as_deref().filter(|kind| *kind != field.kind()) {
        differs("the type", kind.to_owned(), field.kind().to_owned());
    }
    if row.kind.is_some() && row.nullable != field.nullable {
        differs("null", allowed(row.nullable), allowed(field.nullable));
    }
    if let Some(required) = row.required.filter(|required| *required != field.required) {
        differs("required", required.to_string(), field.required.to_string());
    }
    let shown = |value: Option<&Value>| value.map_or("none".to_owned(), Value::to_string);
    let ours = field.schema.get("default");
    if let Some(default) = row
        .default
        .as_ref()
        .filter(|default| default.as_ref() != ours)
    {
        differs("the default", shown(default.as_ref()), shown(ours));
    }
    // What a schema of an answer says in words counts as said: answers are never refused.
    let prose = field
        .schema
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let words = limits::read(prose, Subject::of(field.kind()));
    for (keyword, said) in &row.limits.0 {
        let held = field
            .schema
            .get(*keyword)
            .or_else(|| words.get(keyword).filter(|_| row.place == Place::Response));
        if !held.is_some_and(|held| same(keyword, held, said)) {
            differs(keyword, said.to_string(), shown(held));
        }
    }
    if row.place != Place::Response {
        let inferred = field
            .schema
            .get("x-source")
            .and_then(Value::as_str)
            .is_some_and(|mark| mark.contains("INFERRED"));
        for keyword in [
            "minimum",
            "maximum",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "enum",
        ] {
            if let (Some(held), None, false) =
                (field.schema.get(keyword), row.limits.get(keyword), inferred)
            {
                differs(keyword, "none".to_owned(), held.to_string());
            }
        }
    }
    for sample in &row.samples {
        value(document, &field, sample, &place, found);
    }
}

fn allowed(yes: bool) -> String {
    if yes { "allowed" } else { "not allowed" }.to_owned()
}

/// Fields of clips.yaml that a table of the guide should have and has not.
fn gone(document: &Value, guide: &Guide, found: &mut Vec<String>) {
    for (name, operation) in operations(document) {
        let rows = |place: Place| -> Vec<&Row> {
            guide
                .rows
                .iter()
                .filter(|row| row.place == place && fits(&name, &row.operation))
                .collect()
        };
        let body =
            shape::request(document, operation).map(|schema| shape::field(document, schema, true));
        let answer = shape::response(document, operation)
            .and_then(|schema| shape::at(document, schema, "data"));
        for (place, object) in [(Place::Body, body), (Place::Response, answer)] {
            let (rows, Some(object)) = (rows(place), object) else {
                continue;
            };
            if rows.is_empty() && place == Place::Response {
                continue;
            }
            for property in shape::names(&object) {
                if !rows
                    .iter()
                    .any(|row| row.path == *property || row.path == format!("data.{property}"))
                {
                    found.push(format!(
                        "{name} {} {property}: in clips.yaml, no longer in the guide's table",
                        place.as_str()
                    ));
                }
            }
        }
        for place in [Place::Query, Place::Path] {
            let known = rows(place);
            for (parameter, _) in parameters(document, &name, place) {
                let listed = known.iter().any(|row| row.path == parameter);
                let named_in_path = place == Place::Path && known.is_empty();
                // A path parameter without a table stands in the path itself.
                if !listed && !named_in_path {
                    found.push(format!(
                        "{name} {} {parameter}: in clips.yaml, no longer in the guide's table",
                        place.as_str()
                    ));
                }
            }
        }
    }
}

fn compare_example(document: &Value, example: &Example, found: &mut Vec<String>) {
    let place = |operation: &str| {
        format!(
            "{operation} {} in an example of {} (line {})",
            example.place.as_str(),
            example.from,
            example.line
        )
    };
    let Some(name) = &example.operation else {
        // A fragment: it must be a value of some field that is sent.
        let fits = operations(document)
            .filter_map(|(_, operation)| shape::request(document, operation))
            .any(|schema| {
                let body = shape::field(document, schema, true);
                let fields: Vec<Field> = shape::names(&body)
                    .filter_map(|name| shape::at(document, schema, name))
                    .collect();
                std::iter::once(body).chain(fields).any(|field| {
                    let mut faults = Vec::new();
                    value(document, &field, &example.value, "", &mut faults);
                    faults.is_empty() && field.kind() == "object"
                })
            });
        if !fits {
            found.push(format!(
                "line {}: {} fits no field of clips.yaml",
                example.line, example.value
            ));
        }
        return;
    };
    let Some(operation) = find(document, name) else {
        found.push(format!("{}: clips.yaml has no such operation", place(name)));
        return;
    };
    let schema = match example.place {
        Place::Body => shape::request(document, operation),
        Place::Response => shape::response(document, operation),
        Place::Path | Place::Query | Place::Header => {
            for (key, shown) in example.value.as_object().into_iter().flatten() {
                match parameter(document, name, Place::Query, key) {
                    Some(field) => value(document, &field, shown, &place(name), found),
                    None => found.push(format!(
                        "{}: clips.yaml has no query parameter {key}",
                        place(name)
                    )),
                }
            }
            return;
        }
    };
    match schema {
        Some(schema) => value(
            document,
            &shape::field(document, schema, true),
            &example.value,
            &place(name),
            found,
        ),
        None => found.push(format!("{}: clips.yaml has no such body", place(name))),
    }
}

/// Whether a value could be one of `field`; every name in it must be known.
fn value(document: &Value, field: &Field, shown: &Value, place: &str, found: &mut Vec<String>) {
    if is_unknown(shown) || (shown.is_null() && field.nullable) {
        return;
    }
    let arms: Vec<Field> = shape::arms(field)
        .map(|arm| shape::field(document, arm, true))
        .collect();
    if !arms.is_empty() {
        let faults = |arm: &Field| {
            let mut faults = Vec::new();
            value(document, arm, shown, place, &mut faults);
            faults
        };
        if !arms.iter().any(|arm| faults(arm).is_empty()) {
            found.push(format!(
                "{place}: clips.yaml has no alternative for {shown}"
            ));
        }
        return;
    }
    let kind = field.kind();
    let fits = match shown {
        Value::Null => false,
        Value::Bool(_) => kind == "boolean",
        Value::Number(number) => kind == "number" || (kind == "integer" && !number.is_f64()),
        Value::String(_) => kind == "string",
        Value::Array(_) => kind == "array",
        Value::Object(_) => kind == "object",
    };
    if !fits {
        found.push(format!(
            "{place}: {shown} is no {kind}, as clips.yaml wants"
        ));
        return;
    }
    match shown {
        Value::Object(map) => {
            for (key, inner) in map {
                let known = shape::names(field).any(|name| name == key);
                match field
                    .schema
                    .get("properties")
                    .and_then(|all| all.get(key))
                    .filter(|_| known)
                {
                    Some(schema) => {
                        let inner_field = shape::field(document, schema, true);
                        value(
                            document,
                            &inner_field,
                            inner,
                            &format!("{place} {key}"),
                            found,
                        );
                    }
                    None => found.push(format!("{place}: clips.yaml has no field {key}")),
                }
            }
        }
        Value::Array(items) => {
            let schema = field
                .schema
                .get("items")
                .map(|schema| shape::field(document, schema, true));
            for item in items {
                if let Some(schema) = &schema {
                    value(document, schema, item, place, found);
                }
            }
        }
        _ => literal(field, shown, place, found),
    }
}

/// Whether a plain value is among those that the field lists.
fn literal(field: &Field, shown: &Value, place: &str, found: &mut Vec<String>) {
    let listed = field.schema.get("enum").and_then(Value::as_array);
    let fixed = field.schema.get("const");
    if listed.is_some_and(|values| !values.contains(shown))
        || fixed.is_some_and(|fixed| fixed != shown)
    {
        found.push(format!(
            "{place}: {shown} is not among the values of clips.yaml"
        ));
    }
}
