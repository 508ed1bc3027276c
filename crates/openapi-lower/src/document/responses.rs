//! Responses: for each operation one type of success and one type of error, as the generator
//! insists.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::bodies::{self, Media};
use super::operations::ANNOTATIONS;
use crate::pointer;
use crate::schema::Schemas;
use crate::schema::keys::Keys;
use crate::schema::node::NodeId;

/// What an operation answers with one status.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    /// `200`, `4XX`.
    pub(crate) status: String,
    pub(crate) pointer: String,
    pub(crate) description: String,
    pub(crate) content: Content,
}

/// What a response carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    Nothing,
    Json(NodeId),
    /// Anything but JSON: handed on as bytes.
    Bytes,
}

/// Success or error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Success,
    Error,
}

impl Response {
    pub(crate) fn class(&self) -> Class {
        if self.status.starts_with('2') {
            Class::Success
        } else {
            Class::Error
        }
    }
}

/// The responses of the operation at `at`.
pub(crate) fn read<'d>(
    schemas: &mut Schemas<'d>,
    at: &str,
    operation: &'d Map<String, Value>,
) -> Vec<Response> {
    let at = pointer::child(at, "responses");
    let declared = operation.get("responses").and_then(Value::as_object);
    let mut found: BTreeMap<String, Response> = BTreeMap::new();
    let mut default = None;
    for status in declared.into_iter().flat_map(Map::keys) {
        if status.starts_with("x-") {
            continue;
        }
        let here = pointer::child(&at, status);
        let Some(status) = known_status(status) else {
            schemas.losses.add(
                &here,
                "responses",
                "the other responses",
                format!("status `{status}`: it arrives as an unexpected response"),
            );
            continue;
        };
        let Some(response) = read_one(schemas, &here, status.clone()) else {
            continue;
        };
        if status == "default" {
            default = Some(response);
        } else {
            found.insert(status, response);
        }
    }
    if let Some(default) = default {
        spread_default(&mut found, &default);
    }
    let mut responses: Vec<Response> = found.into_values().collect();
    for class in [Class::Success, Class::Error] {
        keep_one_sort(schemas, &mut responses, class);
    }
    responses
}

/// `default` stands for all that is not listed, so it becomes the classes that are not.
fn spread_default(found: &mut BTreeMap<String, Response>, default: &Response) {
    let has_success = found.keys().any(|status| status.starts_with('2'));
    for (status, wanted) in [("2XX", !has_success), ("4XX", true), ("5XX", true)] {
        if wanted {
            found.entry(status.to_owned()).or_insert_with(|| Response {
                status: status.to_owned(),
                ..default.clone()
            });
        }
    }
}

/// The generator gives up on an operation with typed and untyped responses of one class.
fn keep_one_sort(schemas: &mut Schemas<'_>, responses: &mut Vec<Response>, class: Class) {
    let of_class = |response: &Response| response.class() == class;
    let typed = responses
        .iter()
        .any(|r| of_class(r) && matches!(r.content, Content::Json(_)));
    let bytes = responses
        .iter()
        .any(|r| of_class(r) && r.content == Content::Bytes);
    responses.retain(|response| {
        let kept = !of_class(response)
            || match response.content {
                Content::Json(_) => true,
                Content::Bytes => !typed,
                Content::Nothing => !typed && !bytes,
            };
        if !kept {
            schemas.losses.add(
                &response.pointer,
                "responses",
                "the responses of this class that have a type",
                format!(
                    "status {}: it arrives as an unexpected response",
                    response.status
                ),
            );
        }
        kept
    });
}

fn read_one(schemas: &mut Schemas<'_>, at: &str, status: String) -> Option<Response> {
    let Some((place, Value::Object(object))) = schemas.refs.follow(at) else {
        schemas.losses.add(
            at,
            "responses",
            "the other responses",
            "this one: it leads nowhere",
        );
        return None;
    };
    let keys = Keys::new(&place, object);
    let description = keys.string("description").unwrap_or_default().to_owned();
    let content = keys.take_if("content", Value::as_object);
    keys.finish_except(ANNOTATIONS, &mut schemas.losses);
    let at_content = pointer::child(&place, "content");
    let content = match bodies::choose(&at_content, content) {
        None => Content::Nothing,
        Some((media, at_media, name, object)) => {
            bodies::note_others(schemas, &at_content, content, name, "responses.content");
            if media.is_json() {
                if media == Media::JsonLike {
                    schemas.losses.add(
                        &at_media,
                        "responses.content",
                        "a JSON body, asked for as `application/json`",
                        format!("the name `{name}`"),
                    );
                }
                bodies::note_media(schemas, &at_media, object);
                Content::Json(schemas.at(&pointer::child(&at_media, "schema")))
            } else {
                schemas.losses.add(
                    &at_media,
                    "responses.content",
                    "a stream of bytes",
                    format!("what `{name}` is made of"),
                );
                Content::Bytes
            }
        }
    };
    Some(Response {
        status,
        pointer: at.to_owned(),
        description,
        content,
    })
}

/// A status as 3.0 writes it, if the generator can match it.
fn known_status(status: &str) -> Option<String> {
    let upper = status.to_ascii_uppercase();
    match upper.as_str() {
        "DEFAULT" => Some("default".to_owned()),
        "2XX" | "4XX" | "5XX" => Some(upper),
        _ => {
            let code: u16 = status.parse().ok()?;
            let known = status.len() == 3 && matches!(code, 200..=299 | 400..=599);
            known.then(|| status.to_owned())
        }
    }
}
