//! Keywords whose value no reader can use: a pattern that is no expression, a length that is a text, a reference to nothing. Each is
//! taken out by itself, so that the rest of its schema still counts, and noted where it stood. What a change of such a keyword
//! means is [`crate::gather`]'s.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::anchors::{Anchors, Base};
use crate::pointer;

/// Under this keyword a schema keeps what was taken out of it: by keyword, what was said. The keyword is empty where the schema
/// itself is none.
pub(crate) const UNUSABLE: &str = "x-openapi-drift-unusable";

/// Beside a `$dynamicRef`, the places of the schemas that it can mean.
pub(crate) const MEANT: &str = "x-openapi-drift-meant";

/// Keeps the `$id` of a schema.
pub(crate) const IDENTITY: &str = "x-openapi-drift-id";

/// Something that a document says and nobody can use.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unusable {
    /// What is wrong with it, as the rest of a sentence.
    pub(crate) why: String,
    pub(crate) value: Value,
    /// What its author plainly meant, if that is plain. Null: nothing.
    pub(crate) reading: Option<Value>,
}

/// What was found so far in one document.
#[derive(Default)]
pub(super) struct Usage {
    pub(super) unusable: BTreeMap<String, Unusable>,
    expressions: HashMap<String, bool>,
    /// The references met so far that name something.
    pub(super) references: HashSet<String>,
    /// What relative references are relative to.
    pub(super) base: Base,
    anchors: Option<Anchors>,
}

/// Why a value can't be used, and what was plainly meant.
type Fault = (String, Option<Value>);

impl Usage {
    /// Takes out of a schema what can't be used.
    pub(super) fn clean(&mut self, root: &Value, place: &str, schema: &mut Value) {
        match schema {
            Value::Bool(_) => {}
            Value::Object(map) => self.keywords(root, place, map),
            _ => {
                let value = schema.take();
                *schema = json!({UNUSABLE: {"": value}});
                let reading = value.is_null().then_some(Value::Bool(true));
                let fault = ("is no schema".to_owned(), reading);
                self.note(place.to_owned(), value, fault);
            }
        }
    }

    fn keywords(&mut self, root: &Value, place: &str, map: &mut Map<String, Value>) {
        if let Some(Value::String(id)) = map.remove("$id") {
            self.base = self.base.under(&id, place);
            // A validator would take it for where the document's own references begin.
            map.insert(IDENTITY.to_owned(), Value::from(id));
        }
        self.dynamic(root, map);
        let mut faulty: Vec<(String, Fault)> = Vec::new();
        match map.get("$ref").map(|value| self.reference(root, value)) {
            Some(Ok(Some(place))) => drop(map.insert("$ref".to_owned(), Value::from(place))),
            Some(Err(fault)) => faulty.push(("$ref".to_owned(), fault)),
            Some(Ok(None)) | None => {}
        }
        for (keyword, value) in map.iter() {
            if let Some(fault) = self.fault(keyword, value) {
                faulty.push((keyword.clone(), fault));
            }
        }
        for (keyword, fault) in faulty {
            if let Some(value) = map.remove(&keyword) {
                self.take_out(place, map, &keyword, value, fault);
            }
        }
        if let Some(Value::Array(names)) = map.get_mut("required") {
            // To owe a member twice is to owe it.
            let mut seen = HashSet::new();
            names.retain(|name| seen.insert(name.clone()));
        }
        self.members(place, map);
    }

    /// Unions without the branches that are no schemas, and members by expressions that are none.
    fn members(&mut self, place: &str, map: &mut Map<String, Value>) {
        let mut faulty = Vec::new();
        for keyword in ["anyOf", "oneOf"] {
            let Some(Value::Array(branches)) = map.get_mut(keyword) else {
                continue;
            };
            for (index, branch) in branches.iter_mut().enumerate() {
                if !is_schema(branch) {
                    let value = std::mem::replace(branch, Value::Bool(false));
                    faulty.push((format!("{keyword}/{index}"), value, "is no schema"));
                }
            }
        }
        if let Some(Value::Object(patterns)) = map.get_mut("patternProperties") {
            let names: Vec<String> = patterns.keys().cloned().collect();
            for name in names.into_iter().filter(|name| !self.is_expression(name)) {
                if let Some(value) = patterns.remove(&name) {
                    let key = pointer::push("patternProperties", &name);
                    faulty.push((key, value, "is named by no regular expression"));
                }
            }
        }
        for (key, value, why) in faulty {
            self.take_out(place, map, &key, value, (why.to_owned(), None));
        }
    }

    fn take_out(
        &mut self,
        place: &str,
        map: &mut Map<String, Value>,
        key: &str,
        value: Value,
        fault: Fault,
    ) {
        if let Some(kept) = map
            .entry(UNUSABLE)
            .or_insert_with(|| json!({}))
            .as_object_mut()
        {
            kept.insert(key.to_owned(), value.clone());
        }
        self.note(format!("{place}/{key}"), value, fault);
    }

    fn note(&mut self, place: String, value: Value, (why, reading): Fault) {
        let unusable = Unusable {
            why,
            value,
            reading,
        };
        self.unusable.insert(place, unusable);
    }

    fn fault(&mut self, keyword: &str, value: &Value) -> Option<Fault> {
        let (fits, wanted) = match keyword {
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
            | "maxProperties" | "minContains" | "maxContains" => {
                (is_count(value), "is no count: a whole number from 0 on")
            }
            "minimum" | "maximum" => (value.is_number(), "is no number"),
            "exclusiveMinimum" | "exclusiveMaximum" => (
                value.is_number() || value.is_boolean(),
                "is neither a number nor true or false",
            ),
            "multipleOf" => (
                value.as_f64().is_some_and(|step| step > 0.0),
                "is no number above 0",
            ),
            "uniqueItems" | "nullable" | "readOnly" | "writeOnly" | "deprecated" => {
                (value.is_boolean(), "is neither true nor false")
            }
            "format" | "contentEncoding" | "contentMediaType" => (value.is_string(), "is no text"),
            "pattern" => (
                value.as_str().is_some_and(|text| self.is_expression(text)),
                "is no regular expression that can be used",
            ),
            "enum" => (value.is_array(), "is no list"),
            "required" => (is_names(value), "is no list of names"),
            "type" => (is_type(value), "names no kind of value"),
            "dependentRequired" => (
                value
                    .as_object()
                    .is_some_and(|all| all.values().all(is_names)),
                "does not list names by names",
            ),
            "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions" => {
                (value.is_object(), "does not list schemas by names")
            }
            "allOf" | "prefixItems" => (value.is_array(), "is no list of schemas"),
            "anyOf" | "oneOf" => (
                value
                    .as_array()
                    .is_some_and(|all| all.iter().any(is_schema)),
                "is no list of schemas",
            ),
            "discriminator" => (value.is_object(), "is no object"),
            _ => return None,
        };
        (!fits).then(|| (wanted.to_owned(), reading(keyword, value)))
    }

    /// Why a reference names nothing. One by a name is rewritten to the place that has it.
    fn reference(&mut self, root: &Value, value: &Value) -> Result<Option<String>, Fault> {
        let Some(reference) = value.as_str() else {
            return Err(("is no text".to_owned(), None));
        };
        if self.base.is_document() {
            if self.references.contains(reference) {
                return Ok(None);
            }
            let plain = pointer::local(reference);
            if plain.is_some_and(|place| pointer::lookup(root, &place).is_some()) {
                self.references.insert(reference.to_owned());
                return Ok(None);
            }
        }
        let anchors = self.anchors.get_or_insert_with(|| Anchors::read(root));
        let resolved = anchors.resolve(root, &self.base, reference);
        // Whoever gives a schema an `$id` seldom means that `#/components` begins there.
        let resolved = resolved.or_else(|| {
            let outer = Base::default();
            (reference.starts_with('#')).then(|| anchors.resolve(root, &outer, reference))?
        });
        if let Some(place) = resolved {
            self.references.insert(place.clone());
            return Ok(Some(pointer::encode(&place)));
        }
        let why = if reference.starts_with('#') {
            "names nothing in this document"
        } else {
            "names another document, which is not read"
        };
        Err((why.to_owned(), None))
    }

    /// A `$dynamicRef` by a name that one schema has is a `$ref` to it. With several, each is kept as one that may be meant.
    fn dynamic(&mut self, root: &Value, map: &mut Map<String, Value>) {
        let Some(Value::String(name)) = map.get("$dynamicRef") else {
            return;
        };
        let anchors = self.anchors.get_or_insert_with(|| Anchors::read(root));
        match anchors.dynamic(name) {
            [] => {}
            [place] if !map.contains_key("$ref") => {
                let place = place.clone();
                map.remove("$dynamicRef");
                map.insert("$ref".to_owned(), Value::from(pointer::encode(&place)));
                self.references.insert(place);
            }
            places => {
                self.references.extend(places.iter().cloned());
                let places = places.iter().map(String::as_str).collect();
                map.insert(MEANT.to_owned(), places);
            }
        }
    }

    fn is_expression(&mut self, text: &str) -> bool {
        if let Some(known) = self.expressions.get(text) {
            return *known;
        }
        let usable = is_plain(text) || {
            // The judge of every witness decides: what it can't use would cost the whole schema.
            let schema = json!({"pattern": text});
            jsonschema::options()
                .with_draft(jsonschema::Draft::Draft202012)
                .build(&schema)
                .is_ok()
        };
        self.expressions.insert(text.to_owned(), usable);
        usable
    }
}

/// Whether an expression is one in any notation, and small; seen without compiling it.
fn is_plain(text: &str) -> bool {
    let odd = [
        "(?", "[[", "\\p", "\\P", "&&", "--", "~~", "\\x", "\\u", "\\c", "\\k",
    ];
    let long = text.len() > 200
        || text
            .split(|letter: char| !letter.is_ascii_digit())
            .any(|digits| digits.len() > 2);
    let escapes = text.split('\\').skip(1).all(|rest| {
        rest.starts_with(|letter: char| "dDwWsSbBnrtfv".contains(letter))
            || rest.starts_with(|letter: char| letter.is_ascii_punctuation())
    });
    !long
        && escapes
        && text.is_ascii()
        && !odd.iter().any(|odd| text.contains(odd))
        && regex_syntax::ast::parse::Parser::new().parse(text).is_ok()
}

fn is_schema(value: &Value) -> bool {
    value.is_object() || value.is_boolean()
}

fn is_count(value: &Value) -> bool {
    value.is_u64()
        || value
            .as_f64()
            .is_some_and(|count| count.fract() == 0.0 && (0.0..1e15).contains(&count))
}

fn is_names(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|names| names.iter().all(Value::is_string))
}

/// Whether `type` says something; `string|null`, which some vendors write, does.
fn is_type(value: &Value) -> bool {
    const KINDS: [&str; 8] = [
        "null", "boolean", "integer", "number", "string", "array", "object", "file",
    ];
    let known = |name: &str| KINDS.contains(&name.trim());
    match value {
        Value::String(names) => names.split('|').all(known),
        Value::Array(names) => {
            !names.is_empty() && names.iter().all(|name| name.as_str().is_some_and(known))
        }
        _ => false,
    }
}

/// What the author of an unusable value plainly meant.
fn reading(keyword: &str, value: &Value) -> Option<Value> {
    if value.is_null() {
        return Some(Value::Null);
    }
    // Older drafts had it at the member; not to owe is what everything does.
    if (keyword, value) == ("required", &Value::Bool(false)) {
        return Some(Value::Null);
    }
    let text = value.as_str()?;
    let lower = Value::from(text.trim().to_lowercase());
    match keyword {
        "type" if is_type(&lower) => Some(lower),
        "required" | "enum" => Some(json!([text])),
        "pattern" | "type" | "properties" | "allOf" | "anyOf" | "oneOf" => None,
        _ => serde_json::from_str(text.trim())
            .ok()
            .filter(|read: &Value| read.is_number() || read.is_boolean()),
    }
}
