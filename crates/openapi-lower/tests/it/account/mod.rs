//! Nothing is dropped in silence: every member of every object of a document is accounted for.
//!
//! A member is accounted for by one of four: the lowered document says something else without it (or with
//! another value), so it carries what it says; a loss names it; a loss around it says that all below is given
//! up ([`covers`]); or it is one of those that say nothing to a client ([`SILENT`]). Nothing here asks how
//! lowering works: the document is changed, and the outcomes are compared.

mod implied;
mod words;

use std::collections::BTreeSet;

use openapi_lower::{Loss, Options, lower};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::slices::{members, slices};
use implied::{References, is_implied, is_replaced, is_required_anyway, whole};
use words::{DATA, MAPS, SILENT, covers};

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
        places: losses
            .iter()
            .map(|loss| (whole(&loss.pointer), loss.construct.as_str()))
            .collect(),
        missing: Vec::new(),
        seen,
        tags: tags(document),
        references: References::of(document, |at| is_given_up(losses, at)),
    };
    account.walk("", document, false);
    account.missing
}

/// Keywords whose other values are no nonsense, so that a loss of one shows that it is read.
const READ: &[&str] = &[
    "$ref",
    "const",
    "enum",
    "style",
    "type",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
];

/// One document, and what lowering says of it.
struct Account<'d> {
    document: &'d Value,
    output: Value,
    reported: BTreeSet<Loss>,
    losses: &'d [Loss],
    /// The places of the losses, parts taken for the whole, and what was lost there.
    places: Vec<(String, &'d str)>,
    missing: Vec<String>,
    seen: &'d mut BTreeSet<String>,
    /// The properties that discriminators name.
    tags: BTreeSet<String>,
    references: References,
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
                    if !is_given_up(self.losses, &here) {
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
            || is_given_up(self.losses, at)
            || self.references.is_unused(at)
            || is_replaced(self.document, at)
        {
            return;
        }
        let is_data = !is_name && DATA.contains(&key);
        // What is made of schemas says what they say.
        let is_container = !is_data
            && match value {
                Value::Object(map) => !map.is_empty(),
                Value::Array(items) => items.iter().enumerate().any(|(index, item)| {
                    item.is_object()
                        || self
                            .losses
                            .iter()
                            .any(|loss| loss.pointer == format!("{at}/{index}"))
                }),
                _ => false,
            };
        let accounted = self.is_named(at, key)
            || is_container
            || (!is_name
                && (is_implied(self.document, at, map, key, value)
                    || self.is_type_of_tag(at, key, (map, value))))
            || (is_name && is_required_anyway(self.document, at, value))
            || self.seen.contains(at);
        if !accounted && !self.matters(at, key, value) {
            self.missing.push(at.to_owned());
        }
        self.seen.insert(at.to_owned());
        if !is_data {
            self.walk(at, value, !is_name && MAPS.contains(&key));
        }
    }

    /// Whether a loss names the member: by its place, or by that of its schema, which may be made of parts.
    fn is_named(&self, at: &str, key: &str) -> bool {
        let (schema, _) = at.rsplit_once('/').unwrap_or_default();
        let schema = whole(schema);
        let constructs: &[&str] = match key {
            "enum" | "const" => &["enum", "const"],
            "contentEncoding" | "contentMediaType" => &["format"],
            _ => &[],
        };
        let here = whole(at);
        self.places.iter().any(|(place, construct)| {
            let of_schema = *construct == key || constructs.contains(construct);
            *place == here || (of_schema && *place == schema)
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
        // that is so for some only: others are reported because they are nonsense.
        let by_losses = READ.contains(&key) || parent.ends_with("/mapping");
        let with_others = others(key, value).into_iter().map(|other| {
            let with = changed(self.document, parent, |map| {
                map.insert(key.to_owned(), other);
            });
            (with, by_losses)
        });
        let opposite = match key {
            "readOnly" => Some("writeOnly"),
            "writeOnly" => Some("readOnly"),
            _ => None,
        };
        // What travels this way only is as if it travelled both ways, but not as if it travelled the other way.
        let turned = opposite.map(|opposite| {
            let with = changed(self.document, parent, |map| {
                map.remove(key);
                map.insert(opposite.to_owned(), Value::Bool(true));
            });
            (with, false)
        });
        std::iter::once((without, true))
            .chain(with_others)
            .chain(turned)
            .any(|(changed, by_losses)| self.differs(&changed, by_losses))
            || self.differs(&self.without_all(at, key), true)
            || (key == "required" && self.are_required(parent, value))
    }

    /// The document without the keyword in any part of the schema: what two parts say goes only with both.
    fn without_all(&self, at: &str, key: &str) -> Value {
        let mut all = BTreeSet::new();
        members(self.document, "", &mut all);
        let is_same = |other: &&String| whole(other) == whole(at);
        all.iter()
            .filter(is_same)
            .fold(self.document.clone(), |document, other| {
                let (parent, _) = other.rsplit_once('/').unwrap_or_default();
                changed(&document, parent, |map| drop(map.remove(key)))
            })
    }

    fn differs(&self, changed: &Value, by_losses: bool) -> bool {
        outcome(changed).is_none_or(|(value, losses)| {
            value != self.output || (by_losses && !losses.is_subset(&self.reported))
        })
    }

    /// Whether a loss names each of the properties that are required: with it goes that it is required.
    fn are_required(&self, schema: &str, names: &Value) -> bool {
        let names = names.as_array().into_iter().flatten();
        let mut names = names.filter_map(Value::as_str);
        names.all(|name| {
            let at = child(&format!("{schema}/properties"), name);
            self.losses.iter().any(|loss| loss.pointer == at)
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
        ("const", Value::Null) => vec![json!("other")],
        ("style", _) => vec![json!("form"), json!("deepObject")],
        (_, Value::Bool(flag)) => vec![json!(!flag)],
        (_, Value::String(_)) => vec![json!("other")],
        (_, Value::Number(_)) => {
            vec![json!(1), json!(7), json!(-7), json!(1e300), json!(-1e300)]
        }
        (_, Value::Array(items)) if !items.is_empty() => vec![json!([])],
        _ => Vec::new(),
    }
}

/// Whether a loss says that nothing is left of what stands at `at`.
fn is_given_up(losses: &[Loss], at: &str) -> bool {
    let is_part = ["/allOf/", "/anyOf/", "/oneOf/"]
        .iter()
        .any(|part| at.contains(part));
    let whole_at = is_part.then(|| whole(at));
    losses.iter().any(|loss| {
        let below = at.strip_prefix(&loss.pointer);
        let is_at = at == loss.pointer || whole_at.as_deref() == Some(&loss.pointer);
        (is_at && covers(loss))
            || below.is_some_and(|below| {
                loss.kept == "a type for each payload" && is_beside_payload(below)
            })
    })
}

/// Whether `below` a path item that is received stands what its payload is not made of.
fn is_beside_payload(below: &str) -> bool {
    let tokens: Vec<&str> = below.split('/').skip(1).collect();
    !matches!(
        tokens.as_slice(),
        [] | [_] | [_, "requestBody"] | [_, "requestBody", "content" | "$ref", ..]
    )
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
    words: "words.yaml";
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

proptest! {
    // Each case lowers a document once for each of its members, and more.
    #![proptest_config(ProptestConfig { cases: cases(), ..crate::never::config() })]

    /// Without damage: what is no OpenAPI is reported as such, or is as good as absent.
    #[test]
    fn every_member_of_a_made_up_document(bytes in prop::collection::vec(any::<u8>(), 0..MOST_BYTES)) {
        let document = crate::wild::sound_document(&bytes);
        if let Ok((_, losses)) = lower(&document, &Options::default()) {
            let missing = unaccounted(&document, &losses);
            let text = serde_json::to_string_pretty(&document).unwrap();
            prop_assert!(missing.is_empty(), "{missing:?}\n{text}");
        }
    }
}

/// Small documents say as much, and shrink less.
const MOST_BYTES: usize = 160;

/// `PROPTEST_CASES` looks further.
fn cases() -> u32 {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    wanted.and_then(|wanted| wanted.parse().ok()).unwrap_or(200)
}
