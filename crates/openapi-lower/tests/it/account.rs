//! Nothing is dropped in silence: every member of every object of a document is accounted for.
//!
//! A member is accounted for by one of four: the lowered document says something else without it (or with
//! another value), so it carries what it says; a loss names it; a loss around it says that all below is given
//! up ([`covers`]); or it is one of those that say nothing to a client ([`SILENT`]). Nothing here asks how
//! lowering works: the document is changed, and the outcomes are compared.

use std::collections::BTreeSet;

use openapi_lower::{Loss, Options, lower};
use serde_json::{Map, Value, json};

use crate::slices::{members, slices};

/// Keywords that say nothing about what a client sends or receives, with why that is so.
const SILENT: &[(&str, &str)] = &[
    (
        "title",
        "a name for people; the names of types follow from their places",
    ),
    (
        "description",
        "prose: it is kept where the lowered document has a place for it",
    ),
    ("summary", "as `description`"),
    ("termsOfService", "as `description`"),
    ("examples", "examples of what other keywords say"),
    ("example", "as `examples`"),
    ("externalDocs", "a link for people"),
    ("contact", "whom to write to"),
    ("license", "the terms of the document"),
    ("xml", "how the value would look in XML, which is not JSON"),
    ("$comment", "for the authors of the document"),
    ("$schema", "the dialect, which `openapi` has chosen"),
    ("$vocabulary", "as `$schema`"),
    ("jsonSchemaDialect", "as `$schema`"),
    ("$id", "a name to refer to; references are followed"),
    ("$self", "as `$id`"),
    ("$anchor", "as `$id`"),
    ("$dynamicAnchor", "as `$id`"),
    ("$recursiveAnchor", "as `$id`"),
    ("tags", "how operations are grouped for people"),
    (
        "security",
        "which scheme applies where; that none is applied is a loss of each scheme",
    ),
];

/// Objects whose keys are names, not keywords.
const MAPS: &[&str] = &[
    "$defs",
    "callbacks",
    "content",
    "definitions",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "encoding",
    "headers",
    "links",
    "mapping",
    "parameters",
    "pathItems",
    "paths",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
    "variables",
    "webhooks",
];

/// Keywords whose values are data: what they are made of are no keywords.
const DATA: &[&str] = &["const", "default", "enum"];

/// What nothing accounts for: the pointers of members that could go without a trace. `losses` are those that
/// lowering reports, or fewer.
fn unaccounted(document: &Value, losses: &[Loss]) -> Vec<String> {
    unaccounted_but(document, losses, &mut BTreeSet::new())
}

/// The same, without a second look at the members that were `seen`.
fn unaccounted_but(document: &Value, losses: &[Loss], seen: &mut BTreeSet<String>) -> Vec<String> {
    let Some((output, reported)) = outcome(document) else {
        return Vec::new();
    };
    let mut account = Account {
        document,
        output,
        reported,
        losses,
        missing: Vec::new(),
        seen,
        tags: tags(document),
    };
    account.walk("", document, false);
    account.missing
}

/// One document, and what lowering says of it.
struct Account<'d> {
    document: &'d Value,
    output: Value,
    reported: BTreeSet<Loss>,
    losses: &'d [Loss],
    missing: Vec<String>,
    seen: &'d mut BTreeSet<String>,
    /// The properties that discriminators name.
    tags: BTreeSet<String>,
}

impl Account<'_> {
    fn walk(&mut self, at: &str, value: &Value, names: bool) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    self.member(&child(at, key), key, (map, value), names);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let here = format!("{at}/{index}");
                    if !self.is_given_up(&here) {
                        self.walk(&here, item, false);
                    }
                }
            }
            _ => {}
        }
    }

    fn member(
        &mut self,
        at: &str,
        key: &str,
        (map, value): (&Map<String, Value>, &Value),
        is_name: bool,
    ) {
        let silent = SILENT.iter().any(|(silent, _)| *silent == key) || key.starts_with("x-");
        if (silent && !is_name)
            || self.is_given_up(at)
            || is_unused(self.document, at)
            || is_replaced(self.document, at)
        {
            return;
        }
        let is_data = !is_name && DATA.contains(&key);
        // What is made of objects says what they say.
        let is_container = !is_data
            && match value {
                Value::Object(map) => !map.is_empty(),
                Value::Array(items) => items.iter().any(Value::is_object),
                _ => false,
            };
        let named = self.losses.iter().any(|loss| loss.pointer == at);
        let accounted = named
            || is_container
            || (!is_name
                && (implied(map, key, value) || self.is_type_of_tag(at, key, (map, value))))
            || self.seen.contains(at);
        if !accounted && !self.matters(at, key, value) {
            self.missing.push(at.to_owned());
        }
        self.seen.insert(at.to_owned());
        if !is_data {
            self.walk(at, value, !is_name && MAPS.contains(&key));
        }
    }

    /// Whether a loss says that nothing is left of what stands at `at`.
    fn is_given_up(&self, at: &str) -> bool {
        self.losses.iter().any(|loss| {
            let below = at.strip_prefix(&loss.pointer);
            (loss.pointer == at && covers(loss))
                || below.is_some_and(|below| {
                    loss.kept == "a type for each payload" && is_beside_payload(below)
                })
        })
    }

    /// What tells alternatives apart is a string, whether or not that is said.
    fn is_type_of_tag(
        &self,
        at: &str,
        key: &str,
        (map, value): (&Map<String, Value>, &Value),
    ) -> bool {
        let property = at.rsplit('/').nth(1).unwrap_or_default();
        key == "type"
            && value == "string"
            && (self.tags.contains(property)
                || map.contains_key("const")
                || map.contains_key("enum"))
    }

    /// Whether the outcome depends on the member at `at`.
    fn matters(&self, at: &str, key: &str, value: &Value) -> bool {
        let (parent, _) = at.rsplit_once('/').unwrap_or_default();
        let without = changed(self.document, parent, |map| {
            map.remove(key);
        });
        // A loss that only this member prevents shows that it was read, and agreed with. Of a nonsensical value
        // that is so for references only: others are reported because they are nonsense.
        let is_reference = key == "$ref" || parent.ends_with("/mapping");
        let with_others = others(key, value).into_iter().map(|other| {
            let with = changed(self.document, parent, |map| {
                map.insert(key.to_owned(), other);
            });
            (with, is_reference)
        });
        let changes: Vec<(Value, bool)> = std::iter::once((without, true))
            .chain(with_others)
            .collect();
        changes
            .iter()
            .any(|(changed, by_losses)| match outcome(changed) {
                None => true,
                Some((value, losses)) => {
                    value != self.output || (*by_losses && !losses.is_subset(&self.reported))
                }
            })
    }
}

/// What lowering makes of a document, if it can.
fn outcome(document: &Value) -> Option<(Value, BTreeSet<Loss>)> {
    let (lowered, losses) = lower(document, &Options::default()).ok()?;
    Some((lowered.into_value(), losses.into_iter().collect()))
}

fn changed(document: &Value, parent: &str, change: impl FnOnce(&mut Map<String, Value>)) -> Value {
    let mut document = document.clone();
    if let Some(Value::Object(map)) = document.pointer_mut(parent) {
        change(map);
    }
    document
}

/// Other values that a keyword may have: for one that says what is so anyway, leaving it out shows nothing.
fn others(key: &str, value: &Value) -> Vec<Value> {
    match (key, value) {
        ("type", _) => vec![json!("boolean"), json!("string")],
        ("style", _) => vec![json!("form"), json!("deepObject")],
        (_, Value::Bool(flag)) => vec![json!(!flag)],
        (_, Value::String(_)) => vec![json!("other")],
        (_, Value::Number(_)) => vec![json!(1), json!(7), json!(-7)],
        (_, Value::Array(items)) if !items.is_empty() => vec![json!([])],
        _ => Vec::new(),
    }
}

/// Whether a member says what would be so without it.
fn implied(map: &Map<String, Value>, key: &str, value: &Value) -> bool {
    let is = |key: &str, text: &str| map.get(key).is_some_and(|value| value == text);
    match key {
        // What is left out is absent, and so is what is filled in with nothing.
        "default" => value.is_null(),
        // Nothing more has to hold, or is there.
        _ if MAPS.contains(&key) && value == &json!({}) => true,
        "allOf" | "required" | "parameters" if value == &json!([]) => true,
        // What is not a property travels as what it is part of does.
        "readOnly" | "writeOnly" => true,
        // A path without it is another path.
        "required" => is("in", "path"),
        // Single values have one form; where it matters the schema has the loss.
        "explode" => true,
        _ => false,
    }
}

/// Whether a loss says that everything at its place is given up: by what is kept instead, or by what is not.
fn covers(loss: &Loss) -> bool {
    const KEPT: &[&str] = &[
        // Keywords that nothing reads, whole.
        "the rest of the object",
        "the rest of the document",
        // Schemas of which no type is made.
        "any value",
        "any JSON value",
        "a string that the caller writes",
        "the schema itself",
        "the first of the schemas that must hold at once",
        "the properties, each optional unless required in any case",
        "it among the `extra` properties",
        "the property in requests",
        "the property in responses",
        "the other properties",
        // Parts of operations that the generator cannot make.
        "the operation without it",
        "the payload without it",
        "the operation without a body",
        "the other parameters",
        "the other parameter of this name",
        "the other paths",
        "the other responses",
        "the other callbacks",
        "the other servers",
        "the others",
        "the responses of this class that have a type",
        "a stream of bytes",
        "a body of bytes, sent as `application/octet-stream`",
    ];
    const GIVEN_UP: &[&str] = &[
        "the schema of what it encodes",
        "the formats and bounds of the strings allowed here",
        "the bounds and formats of the others",
        "others, in a variant of a tagged union",
        "how they authenticate: the caller adds it to each request",
    ];
    KEPT.contains(&loss.kept.as_str())
        || GIVEN_UP.contains(&loss.given_up.as_str())
        || loss.given_up.ends_with(": one media type is generated")
}

/// Whether `below` a path item that is received stands what its payload is not made of.
fn is_beside_payload(below: &str) -> bool {
    let tokens: Vec<&str> = below.split('/').skip(1).collect();
    !matches!(
        tokens.as_slice(),
        [] | [_] | [_, "requestBody"] | [_, "requestBody", "content" | "$ref", ..]
    )
}

/// Whether the member stands in a parameter of a path that each of its operations has its own of.
fn is_replaced(document: &Value, at: &str) -> bool {
    let tokens: Vec<&str> = at.split('/').collect();
    let ["", "paths", path, "parameters", index, ..] = tokens.as_slice() else {
        return false;
    };
    let item = document.pointer(&format!("/paths/{path}")).unwrap();
    let same = |a: &Value, b: &Value| a["name"] == b["name"] && a["in"] == b["in"];
    let shared = item.pointer(&format!("/parameters/{index}")).unwrap();
    let operations: Vec<&Value> = METHODS
        .iter()
        .filter_map(|method| item.get(method))
        .collect();
    operations.iter().all(|operation| {
        let own = operation.get("parameters").and_then(Value::as_array);
        own.into_iter().flatten().any(|own| same(own, shared))
    })
}

/// The names of the properties that discriminators name.
fn tags(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(map) => {
            let own = map
                .get("propertyName")
                .and_then(Value::as_str)
                .map(str::to_owned);
            map.values().flat_map(tags).chain(own).collect()
        }
        Value::Array(items) => items.iter().flat_map(tags).collect(),
        _ => BTreeSet::new(),
    }
}

pub(crate) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Whether the member is a reusable part that nothing refers to: it is not part of the API. Schemas are lowered
/// even so.
fn is_unused(document: &Value, at: &str) -> bool {
    let tokens: Vec<&str> = at.split('/').collect();
    let is_reusable = match tokens.as_slice() {
        ["", "components", "schemas" | "securitySchemes", _] => false,
        ["", "components", _, _] | [.., "$defs" | "definitions", _] => true,
        // Said where a schema is used.
        ["", "components", "schemas", _, "nullable" | "deprecated"] => {
            return !refers(document, "", &format!("#{}", tokens[..4].join("/")));
        }
        _ => false,
    };
    is_reusable && !refers(document, "", &format!("#{at}"))
}

/// Whether something refers to a component from outside of it.
fn refers(value: &Value, at: &str, to: &str) -> bool {
    match value {
        _ if to.strip_prefix('#') == Some(at) => false,
        Value::Object(map) => map
            .iter()
            .any(|(key, value)| refers(value, &child(at, key), to)),
        Value::Array(items) => items
            .iter()
            .any(|value| refers(value, &format!("{at}/-"), to)),
        Value::String(text) => text == to || text.starts_with(&format!("{to}/")),
        _ => false,
    }
}

pub(crate) fn child(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The whole of a fixture, and the check itself.
fn check(file: &str) {
    let document = crate::generate::fixture(file);
    let (_, losses) = lower(&document, &Options::default()).unwrap();
    assert_eq!(unaccounted(&document, &losses), Vec::<String>::new());
}

macro_rules! accounts {
    ($($test:ident: $file:literal;)*) => {
        $(#[test]
        fn $test() {
            check($file);
        })*
    };
}

accounts! {
    types: "types.yaml";
    refs: "refs.yaml";
    compose: "compose.yaml";
    unions: "unions.yaml";
    objects: "objects.yaml";
    operations: "operations.yaml";
    webhooks: "webhooks.yaml";
    tagged_request: "tagged-request.yaml";
}

/// The documents of this repository are walked in slices, each operation and each direction apart: what is kept
/// where it is sent may be lost where it is received, and small documents lower faster.
fn check_slices(name: &str) {
    let document = crate::generate::document(name);
    let mut walked = BTreeSet::new();
    let [mut sent, mut received] = [BTreeSet::new(), BTreeSet::new()];
    for (is_sent, slice) in slices(&document) {
        let (_, losses) = lower(&slice, &Options::default()).unwrap();
        let seen = if is_sent { &mut sent } else { &mut received };
        assert_eq!(unaccounted_but(&slice, &losses, seen), Vec::<String>::new());
        members(&slice, "", &mut walked);
    }
    let mut all = BTreeSet::new();
    members(&document, "", &mut all);
    assert_eq!(
        all.difference(&walked).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
}

#[test]
fn our_clips() {
    check_slices("clips");
}

#[test]
fn our_ai_clipping() {
    check_slices("ai-clipping");
}

#[test]
fn a_loss_that_is_not_reported_is_found() {
    let document = json!({
        "openapi": "3.1.0",
        "info": {"title": "Words", "version": "1"},
        "components": {"schemas": {"Word": {
            "type": "object",
            "properties": {"text": {"type": "string", "maxLength": 9, "not": {"const": "no"}}},
        }}},
    });
    let (_, losses) = lower(&document, &Options::default()).unwrap();
    assert_eq!(unaccounted(&document, &losses), Vec::<String>::new());
    let text = "/components/schemas/Word/properties/text";
    let lost = [format!("{text}/maxLength"), format!("{text}/not")];
    assert_eq!(
        losses.iter().map(|loss| &loss.pointer).collect::<Vec<_>>(),
        lost.iter().collect::<Vec<_>>()
    );
    assert_eq!(unaccounted(&document, &losses[1..]), [lost[0].clone()]);
    assert_eq!(
        unaccounted(&document, &losses[..1]),
        [format!("{text}/not/const")]
    );
}
