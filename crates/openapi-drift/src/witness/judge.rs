//! The `jsonschema` crate's validators for places of both documents.

use std::collections::HashMap;
use std::rc::Rc;

use jsonschema::canonical::Containment;
use jsonschema::{Draft, Keyword, Registry, Resource, ValidationError, Validator};
use serde_json::{Value, json};

use crate::document::{Document, WIDTH, too_heavy};
use crate::pointer;
use crate::schema::{CLOSED, whole, width};
use crate::verdict::Polarity;

const DOCUMENT: &str = "urn:openapi-drift:document";
/// Longer messages are cut: unions repeat the whole instance.
const MAX_MESSAGE: usize = 200;

/// Says whether an instance is valid at one place.
pub(super) struct Judge {
    validator: Validator,
}

/// Why an instance is not valid.
pub(super) struct Objection<'i> {
    error: ValidationError<'i>,
    /// Whether one of the keywords that were expected to object did.
    pub(super) expected: bool,
    /// How many things are objected to, as far as they were counted.
    pub(super) count: usize,
}

impl Objection<'_> {
    /// In the validator's words. They can list all of an enum, so they are asked for once.
    pub(super) fn message(&self) -> String {
        let place = self.error.instance_path().to_string();
        let at = if place.is_empty() {
            String::new()
        } else {
            format!(" at {place}")
        };
        said(&self.error) + &at
    }
}

impl Judge {
    /// A judge for a schema that stands alone.
    pub(super) fn free(schema: &Value) -> Result<Self, String> {
        options()
            .build(schema)
            .map(|validator| Self { validator })
            .map_err(|error| cut(&error.to_string()))
    }

    pub(super) fn admits(&self, instance: &Value) -> bool {
        self.validator.is_valid(instance)
    }

    /// The first objection, an expected one if there is any.
    pub(super) fn objection<'i>(
        &'i self,
        instance: &'i Value,
        expected: &[&str],
    ) -> Option<Objection<'i>> {
        let mut first: Option<Objection<'i>> = None;
        let mut count = 0;
        for error in self.validator.iter_errors(instance).take(8) {
            count += 1;
            let path = error.schema_path().to_string();
            let hit = path.split('/').any(|token| expected.contains(&token));
            if first.as_ref().is_none_or(|known| hit && !known.expected) {
                first = Some(Objection {
                    error,
                    expected: hit,
                    count: 0,
                });
            }
        }
        first.map(|first| Objection { count, ..first })
    }
}

/// A document readied for validation, or why it can't be.
type Readied<'c> = Result<Registry<'c>, String>;

/// How documents are read, where as written no message is valid.
#[derive(Debug, PartialEq)]
pub(super) enum Reading {
    /// As written.
    Written,
    /// Vendors write `oneOf` over branches that nothing tells apart, which no value can satisfy; what they mean is "any of".
    AnyOf,
    /// Vendors close a base that they extend; the closed schemas at these places, of the old and of the new document, let in
    /// what is declared beside them.
    Opened(Vec<String>, Vec<String>),
}

impl Reading {
    /// For people; nothing to say of what is read as written.
    pub(super) fn describe(&self) -> Option<String> {
        match self {
            Self::Written => None,
            Self::AnyOf => Some("every oneOf as anyOf".to_owned()),
            Self::Opened(..) => Some("closed schemas that are extended as open".to_owned()),
        }
    }

    fn apply(&self, old: bool, contents: &mut Value) {
        match self {
            Self::Written => {}
            Self::AnyOf => relax(contents),
            Self::Opened(before, after) => {
                for place in if old { before } else { after } {
                    let schema = contents.pointer_mut(place.trim_start_matches('#'));
                    if let Some(schema) = schema.and_then(Value::as_object_mut) {
                        CLOSED
                            .iter()
                            .for_each(|keyword| drop(schema.remove(*keyword)));
                    }
                }
            }
        }
    }
}

/// Both documents, readied for validation when first asked for, and the judges made so far.
pub(super) struct Judges<'c> {
    documents: (&'c Document, &'c Document),
    readied: HashMap<(bool, Polarity), Readied<'c>>,
    pub(super) reading: Reading,
    known: HashMap<(bool, Polarity, Vec<String>), Rc<Judge>>,
}

impl<'c> Judges<'c> {
    pub(super) fn new(old: &'c Document, new: &'c Document, reading: Reading) -> Self {
        Self {
            documents: (old, new),
            readied: HashMap::new(),
            reading,
            known: HashMap::new(),
        }
    }

    fn registry(&mut self, old: bool, polarity: Polarity) -> Result<&Registry<'c>, String> {
        let document = if old {
            self.documents.0
        } else {
            self.documents.1
        };
        let reading = &self.reading;
        // Where both polarities read alike, one registry serves both.
        let polarity = if document.is_split() {
            polarity
        } else {
            Polarity::Sent
        };
        self.readied
            .entry((old, polarity))
            .or_insert_with(|| {
                if let Some(why) = too_heavy(document.view(polarity)) {
                    return Err(why);
                }
                let view = document.view(polarity);
                // Large documents are read where they are.
                let added = if *reading == Reading::Written {
                    Registry::new().add(DOCUMENT, view)
                } else {
                    let mut contents = view.clone();
                    reading.apply(old, &mut contents);
                    Registry::new().add(DOCUMENT, Resource::from_contents(contents))
                };
                added
                    .and_then(jsonschema::RegistryBuilder::prepare)
                    .map_err(|error| cut(&error.to_string()))
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    /// Whether everything that `own` admits is proved to be admitted by the other document, by set
    /// algebra on schemas that shares nothing with this crate.
    pub(super) fn covers(
        &mut self,
        own_is_old: bool,
        polarity: Polarity,
        (own, other): (&Value, &Value),
    ) -> bool {
        let mut canonical = |old: bool, schema: &Value| {
            let registry = self.registry(old, polarity).ok()?;
            jsonschema::canonical::options()
                .with_draft(Draft::Draft202012)
                .should_validate_formats(true)
                .with_registry(registry)
                .offline()
                .canonicalize(schema)
                .ok()
        };
        let (Some(own), Some(other)) = (canonical(own_is_old, own), canonical(!own_is_old, other))
        else {
            return false;
        };
        matches!(other.covers(&own), Ok(Containment::Yes))
    }

    /// A judge for all the schemas at some places together. No place: everything is admitted.
    pub(super) fn judge(
        &mut self,
        old: bool,
        polarity: Polarity,
        places: &[String],
    ) -> Result<Rc<Judge>, String> {
        let key = (old, polarity, places.to_vec());
        if let Some(judge) = self.known.get(&key) {
            return Ok(judge.clone());
        }
        let judge = Rc::new(self.judge_of(old, polarity, &reference(places))?);
        self.known.insert(key, judge.clone());
        Ok(judge)
    }

    /// A judge for a schema that refers to one document.
    pub(super) fn judge_of(
        &mut self,
        old: bool,
        polarity: Polarity,
        schema: &Value,
    ) -> Result<Judge, String> {
        let registry = self.registry(old, polarity)?;
        options()
            .with_registry(registry)
            .build(schema)
            .map(|validator| Judge { validator })
            .map_err(|error| format!("the schema can't be validated: {}", cut(&error.to_string())))
    }
}

/// A schema for all the schemas at some places together.
pub(super) fn reference(places: &[String]) -> Value {
    let all: Vec<Value> = places
        .iter()
        .filter(|place| !place.is_empty())
        .map(|place| json!({"$ref": format!("{DOCUMENT}{}", pointer::encode(place))}))
        .collect();
    if all.is_empty() {
        Value::Bool(true)
    } else {
        json!({"allOf": all})
    }
}

fn relax(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(relax),
        Value::Object(map) => {
            map.values_mut().for_each(relax);
            if matches!(map.get("oneOf"), Some(Value::Array(_)))
                && !map.contains_key("anyOf")
                && let Some(branches) = map.remove("oneOf")
            {
                map.insert("anyOf".to_owned(), branches);
            }
        }
        _ => {}
    }
}

fn options<'i>() -> jsonschema::ValidationOptions<'i> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .with_keyword(WIDTH, |_, value, _| {
            Ok(Box::new(Width(value.as_str().map(str::to_owned))))
        })
}

/// Whether a text is of a format that the validator knows.
pub(crate) fn is_of_format(text: &str, format: &str) -> bool {
    let schema = serde_json::json!({"format": format});
    let judge = options().build(&schema);
    judge.is_ok_and(|judge| judge.is_valid(&Value::from(text)))
}

/// Formats of integers, such as `int32`: the validator checks formats of strings only.
struct Width(Option<String>);

impl<'i> Keyword<'i> for Width {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            Ok(())
        } else {
            let format = self.0.as_deref().unwrap_or_default();
            let bits = format.trim_start_matches(char::is_alphabetic);
            let sign = match format.starts_with('u') {
                true => " without a sign",
                false => "",
            };
            Err(ValidationError::custom(format!(
                "{instance} does not fit {bits} bits{sign}"
            )))
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        let (Value::Number(number), Some((least, most))) = (instance, width(self.0.as_deref()))
        else {
            return true;
        };
        match whole(number) {
            Some(value) => (least..=most).contains(&value),
            // Too large to be counted exactly, or no integer, which another keyword refuses.
            None => {
                let value = number.as_f64().unwrap_or_default();
                value >= least as f64 && value <= most as f64
            }
        }
    }
}

/// What the validator says, without the value where the value is long.
fn said(error: &ValidationError<'_>) -> String {
    let text = error.to_string();
    if text.chars().count() <= MAX_MESSAGE {
        return text;
    }
    cut(&error.masked_with("the value").to_string())
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MAX_MESSAGE {
        return text.to_owned();
    }
    let head: String = text.chars().take(MAX_MESSAGE).collect();
    format!("{head}…")
}
