//! An answer beside the schema of the document that describes it: what one has and the other not.
//!
//! Not a validator: types and bounds do not matter here, only names. Of a union those alternatives
//! count whose constants the value has.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use http::StatusCode;
use serde_json::{Map, Value};

use super::{Departure, Kind};
use crate::operations;

/// No schema of the documents is nested so deep; one that contains itself would be.
const DEEPEST: usize = 64;

/// An operation of a document.
struct Described {
    document: &'static Value,
    /// `GET /v3/clips/{clip_job_id}`.
    route: String,
    pointer: String,
}

/// What an answer has that its document does not, and the route that it answers. `None` for what no
/// document describes.
pub(super) fn departures(
    operation: &str,
    status: StatusCode,
    body: &[u8],
) -> Option<(&'static str, BTreeSet<Departure>)> {
    let described = described().get(operation)?;
    let payload: Value = serde_json::from_slice(body).ok()?;
    let (response, pointer) = described.response(status)?;
    let schema = response.pointer("/content/application~1json/schema")?;
    let mut walk = Walk {
        document: described.document,
        found: BTreeSet::new(),
    };
    let pointer = format!("{pointer}/content/application~1json/schema");
    walk.value(&payload, &[Part { schema, pointer }], 0);
    Some((&described.route, walk.found))
}

fn described() -> &'static HashMap<String, Described> {
    static DESCRIBED: OnceLock<HashMap<String, Described>> = OnceLock::new();
    DESCRIBED.get_or_init(|| {
        let mut all = HashMap::new();
        for text in [
            heygen_clips_openapi::clips::DOCUMENT,
            heygen_clips_openapi::ai_clipping::DOCUMENT,
        ] {
            // A document that cannot be read describes nothing; a test reads both.
            let options = serde_saphyr::options! { strict_booleans: true };
            let document: Value =
                serde_saphyr::from_str_with_options(text, options).unwrap_or_default();
            let document: &'static Value = Box::leak(Box::new(document));
            for (path, item) in document["paths"].as_object().into_iter().flatten() {
                for (method, operation) in item.as_object().into_iter().flatten() {
                    let Some(id) = operation["operationId"].as_str() else {
                        continue;
                    };
                    let described = Described {
                        document,
                        route: format!("{} {path}", method.to_uppercase()),
                        pointer: format!("/paths/{}/{method}", escaped(path)),
                    };
                    all.insert(operations::snake(id), described);
                }
            }
        }
        all
    })
}

impl Described {
    /// The declared response to a status, and where it stands.
    fn response(&self, status: StatusCode) -> Option<(&'static Value, String)> {
        let responses = self
            .document
            .pointer(&format!("{}/responses", self.pointer))?;
        let class = format!("{}XX", status.as_u16() / 100);
        [status.as_str(), &class, "default"].iter().find_map(|key| {
            let response = responses.get(key)?;
            let pointer = format!("{}/responses/{key}", self.pointer);
            Some(resolve(self.document, response, pointer))
        })
    }
}

/// A schema that holds for a value, and where it stands.
#[derive(Clone)]
struct Part {
    schema: &'static Value,
    pointer: String,
}

impl Part {
    fn at(&self, schema: &'static Value, path: &str) -> Self {
        let pointer = format!("{}/{path}", self.pointer);
        Self { schema, pointer }
    }
}

struct Walk {
    document: &'static Value,
    found: BTreeSet<Departure>,
}

impl Walk {
    fn value(&mut self, value: &Value, schemas: &[Part], depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let mut parts = Vec::new();
        for schema in schemas {
            self.flatten(schema.clone(), value, &mut parts, 0);
        }
        match value {
            Value::Object(object) => self.object(object, &parts, depth),
            Value::Array(items) => {
                let of_items: Vec<_> = parts
                    .iter()
                    .filter_map(|part| Some(part.at(part.schema.get("items")?, "items")))
                    .collect();
                for item in items {
                    self.value(item, &of_items, depth + 1);
                }
            }
            Value::String(word) => self.word(word, &parts),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn object(&mut self, object: &Map<String, Value>, parts: &[Part], depth: usize) {
        // Where nothing is declared, nothing is unknown; where all is allowed, too.
        let is_map = parts.iter().any(|part| {
            part.schema
                .get("additionalProperties")
                .is_some_and(|more| *more != Value::Bool(false))
        });
        let owner = parts
            .iter()
            .find(|part| part.schema["properties"].is_object());
        for (name, value) in object {
            let mut of_field: Vec<_> = parts
                .iter()
                .filter_map(|part| {
                    let path = format!("properties/{}", escaped(name));
                    Some(part.at(part.schema.get("properties")?.get(name)?, &path))
                })
                .collect();
            if of_field.is_empty() {
                match owner {
                    Some(owner) if !is_map => {
                        let pointer = format!("{}/properties", owner.pointer);
                        self.depart(Kind::UnknownField, pointer, name);
                    }
                    _ => of_field.extend(parts.iter().filter_map(|part| {
                        let more = part.schema.get("additionalProperties")?;
                        Some(part.at(more, "additionalProperties"))
                    })),
                }
            }
            self.value(value, &of_field, depth + 1);
        }
        for part in parts {
            for name in part.schema["required"].as_array().into_iter().flatten() {
                if let Some(name) = name.as_str()
                    && !object.contains_key(name)
                {
                    let pointer = format!("{}/required", part.pointer);
                    self.depart(Kind::MissingField, pointer, name);
                }
            }
        }
    }

    fn word(&mut self, word: &str, parts: &[Part]) {
        for part in parts {
            let (keyword, is_known) = if let Some(known) = part.schema["enum"].as_array() {
                ("enum", known.iter().any(|known| known == word))
            } else if let Some(known) = part.schema.get("const") {
                ("const", known == word)
            } else {
                continue;
            };
            if !is_known {
                let pointer = format!("{}/{keyword}", part.pointer);
                self.depart(Kind::UnknownValue, pointer, word);
            }
        }
    }

    fn depart(&mut self, kind: Kind, pointer: String, name: &str) {
        self.found.insert(Departure {
            kind,
            pointer,
            name: name.to_owned(),
        });
    }

    /// A schema and all that it consists of, as far as it concerns this value.
    fn flatten(&self, part: Part, value: &Value, out: &mut Vec<Part>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        if let Some(target) = part.schema.get("$ref") {
            let (schema, pointer) = resolve(self.document, part.schema, part.pointer.clone());
            if schema.get("$ref") != Some(target) {
                self.flatten(Part { schema, pointer }, value, out, depth + 1);
            }
        }
        let list = |keyword: &str| part.schema[keyword].as_array().into_iter().flatten();
        for (index, schema) in list("allOf").enumerate() {
            self.flatten(
                part.at(schema, &format!("allOf/{index}")),
                value,
                out,
                depth + 1,
            );
        }
        for keyword in ["oneOf", "anyOf"] {
            for (index, schema) in list(keyword).enumerate() {
                let alternative = part.at(schema, &format!("{keyword}/{index}"));
                let mut of_it = Vec::new();
                self.flatten(alternative, value, &mut of_it, depth + 1);
                if of_it.iter().all(|part| fits(part.schema, value)) {
                    out.extend(of_it);
                }
            }
        }
        out.push(part);
    }
}

/// Whether a value can be meant by an alternative: it is of a type that it has, and has its tags.
fn fits(schema: &Value, value: &Value) -> bool {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is = |word: &Value| word == kind || (kind == "number" && word == "integer");
    let type_fits = match schema.get("type") {
        None => true,
        Some(Value::Array(words)) => words.iter().any(is),
        Some(word) => is(word),
    };
    let tags_fit = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .all(
            |(name, schema)| match (schema.get("const"), value.get(name)) {
                (Some(tag), Some(value)) => tag == value,
                _ => true,
            },
        );
    type_fits && tags_fit
}

/// What a `$ref` leads to, and where that stands; what is none stays.
fn resolve(
    document: &'static Value,
    mut value: &'static Value,
    mut pointer: String,
) -> (&'static Value, String) {
    for _ in 0..DEEPEST {
        let target = value["$ref"]
            .as_str()
            .and_then(|target| target.strip_prefix('#'));
        let Some((found, target)) = target.and_then(|at| Some((document.pointer(at)?, at))) else {
            break;
        };
        (value, pointer) = (found, target.to_owned());
    }
    (value, pointer)
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
