//! The checks: every schema of the document against the type that was made of it.

use std::collections::{BTreeMap, BTreeSet};

use openapi_lower::{Direction, Document30, Loss, TypeOrigin, TypePart};
use serde_json::Value;

use crate::case::Case;
use crate::report::{Difference, Kind, Report};
use crate::subject::Subject;
use crate::view::{View, Way};
use crate::{examples, shared, unions};

/// Holds `subjects`, the types that were generated from `lowered`, against `document`, from which that was lowered.
///
/// # Errors
/// When the document's schemas cannot be compiled into validators.
pub fn check(
    document: &Value,
    lowered: &Document30,
    losses: &[Loss],
    subjects: &[Subject],
) -> Result<Report, String> {
    let document = &unions::written_out(document, lowered);
    let views = [
        View::new(document, Way::Request)?,
        View::new(document, Way::Response)?,
    ];
    let examples = examples::collect(document);
    let nullable = nullable_at_use(lowered.as_value());
    let by_name: BTreeMap<&str, &Subject> = subjects
        .iter()
        .map(|subject| (subject.name(), subject))
        .collect();

    let mut report = Report::default();
    missing(lowered, &by_name, &mut report);
    report.extend(shared::schemas(document, lowered));
    for (name, origin) in lowered.types() {
        let Some(subject) = by_name.get(name.as_str()) else {
            continue;
        };
        report.counts.types += 1;
        let is_schema = |at: &&String| {
            document
                .pointer(at)
                .is_some_and(|v| v.is_object() || v.is_boolean())
        };
        if !origin.pointers.iter().any(|at| is_schema(&at)) {
            report.notes.push(format!(
                "{name}: made from {}, where the document has no schema; tried through the types that use it",
                origin.pointers.join(", ")
            ));
        }
        for at in origin.pointers.iter().filter(is_schema) {
            for way in ways(origin)
                .into_iter()
                .filter(|way| speaks_for(lowered, origin, at, *way))
            {
                let view = &views[usize::from(way == Way::Response)];
                let null_at_use = nullable.contains(name.as_str());
                match Case::new(view, losses, subject, at, way, null_at_use) {
                    Ok(case) => {
                        case.run(origin.part, &mut report);
                        let own = examples.iter().filter(|example| example.schema == *at);
                        own.for_each(|example| {
                            case.try_example(&example.place, &example.value, &mut report);
                        });
                    }
                    Err(why) => report.add(plain(name, at, Kind::Untested, &why)),
                }
            }
        }
    }
    report.notes.sort();
    report.notes.dedup();
    Ok(report)
}

/// The components that a nullable place of the lowered document refers to.
fn nullable_at_use(lowered: &Value) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut open = vec![lowered];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                if map.get("nullable") == Some(&Value::Bool(true)) {
                    let members = map
                        .get("allOf")
                        .and_then(Value::as_array)
                        .into_iter()
                        .flatten();
                    let links = members.filter_map(|member| member.get("$ref")?.as_str());
                    found.extend(
                        links.filter_map(|link| link.strip_prefix("#/components/schemas/")),
                    );
                }
                open.extend(map.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

/// A difference that no instance shows.
pub(crate) fn plain(name: &str, at: &str, kind: Kind, detail: &str) -> Difference {
    Difference {
        type_name: name.to_owned(),
        pointer: at.to_owned(),
        way: None,
        kind,
        instance: Value::Null,
        place: String::new(),
        detail: detail.to_owned(),
        count: 1,
        explanation: None,
    }
}

fn missing(lowered: &Document30, subjects: &BTreeMap<&str, &Subject>, report: &mut Report) {
    for (name, origin) in lowered.types() {
        if !subjects.contains_key(name.as_str()) {
            let at = origin.pointers.first().map_or("", String::as_str);
            report.add(plain(
                name,
                at,
                Kind::Missing,
                "no subject was given for it",
            ));
        }
    }
    for name in subjects
        .keys()
        .filter(|name| !lowered.types().contains_key(**name))
    {
        report.add(plain(
            name,
            "",
            Kind::Missing,
            "the lowered document has no type of this name",
        ));
    }
}

fn ways(origin: &TypeOrigin) -> Vec<Way> {
    match origin.direction {
        Direction::Request => vec![Way::Request],
        Direction::Response => vec![Way::Response],
        Direction::Both => vec![Way::Request, Way::Response],
    }
}

/// A closed part stands for its schema only in requests, and only where no type stands for all of it.
fn speaks_for(lowered: &Document30, origin: &TypeOrigin, at: &str, way: Way) -> bool {
    let whole = |other: &TypeOrigin| {
        other.part == TypePart::Whole
            && other.pointers.iter().any(|pointer| pointer == at)
            && ways(other).contains(&way)
    };
    origin.part == TypePart::Whole || (way == Way::Request && !lowered.types().values().any(whole))
}
