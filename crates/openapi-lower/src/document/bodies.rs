//! Request bodies: JSON and forms as types, everything else as bytes.

use serde_json::{Map, Value, json};

use super::operations::{ANNOTATIONS, Api, Slot, sorted};
use crate::pointer;
use crate::schema::Schemas;
use crate::schema::keys::Keys;

/// The body that an operation sends.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) content_type: &'static str,
    pub(crate) description: Option<String>,
    pub(crate) slot: Slot,
}

/// What the generator can do with a media type, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Media {
    Json,
    JsonLike,
    Form,
    Text,
    Other,
}

impl Media {
    pub(crate) fn of(name: &str) -> Self {
        let essence = name
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Self::Json,
            "text/json" | "*/*" | "application/*" => Self::JsonLike,
            "application/x-www-form-urlencoded" => Self::Form,
            "text/plain" => Self::Text,
            other if other.ends_with("+json") => Self::JsonLike,
            _ => Self::Other,
        }
    }

    pub(crate) fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::JsonLike)
    }
}

/// A media type of some content: its place, name and object.
pub(crate) type Chosen<'d> = (Media, String, &'d str, Option<&'d Map<String, Value>>);

/// The media type to generate from.
pub(crate) fn choose<'d>(at: &str, content: Option<&'d Map<String, Value>>) -> Option<Chosen<'d>> {
    sorted(content)
        .into_iter()
        .map(|(name, object)| {
            (
                Media::of(name),
                pointer::child(at, name),
                name.as_str(),
                object.as_object(),
            )
        })
        .min_by(|a, b| (a.0, a.2).cmp(&(b.0, b.2)))
}

/// The body at `at`, if it has content.
pub(crate) fn read(schemas: &mut Schemas<'_>, api: &mut Api, id: &str, at: &str) -> Option<Body> {
    let Some((place, Value::Object(object))) = schemas.refs.follow(at) else {
        schemas.losses.add(
            at,
            "requestBody",
            "the operation without a body",
            "a reference that leads nowhere",
        );
        return None;
    };
    let keys = Keys::new(&place, object);
    let description = keys.string("description").map(str::to_owned);
    let optional = !keys.flag("required");
    let content = keys.take_if("content", Value::as_object);
    keys.finish_except(ANNOTATIONS, &mut schemas.losses);
    let at_content = pointer::child(&place, "content");
    let Some((media, at_media, name, object)) = choose(&at_content, content) else {
        schemas.losses.add(
            &place,
            "requestBody",
            "the operation without a body",
            "a body of which the document does not say what it is",
        );
        return None;
    };
    note_others(schemas, &at_content, content, name, "requestBody.content");
    if optional {
        schemas.losses.add(
            &pointer::child(&place, "required"),
            "requestBody.required",
            "a body that is always sent",
            "that it may be left out",
        );
    }
    let (content_type, slot) = match media {
        Media::Json | Media::JsonLike => {
            if media == Media::JsonLike {
                schemas.losses.add(
                    &at_media,
                    "requestBody.content",
                    "`application/json`",
                    format!("the name `{name}`"),
                );
            }
            (
                "application/json",
                read_media(schemas, api, &at_media, object, &format!("{id}-Body")),
            )
        }
        Media::Form => (
            "application/x-www-form-urlencoded",
            read_media(schemas, api, &at_media, object, &format!("{id}-Body")),
        ),
        Media::Text => {
            if object.is_some_and(|object| *object != plain_text()) {
                schemas.losses.add(
                    &at_media,
                    "requestBody.content",
                    "a string that the caller writes",
                    "what the document says of it",
                );
            }
            ("text/plain", Slot::Text)
        }
        Media::Other => {
            if name != "application/octet-stream" || object.is_some_and(|object| *object != bytes())
            {
                schemas.losses.add(
                    &at_media,
                    "requestBody.content",
                    "a body of bytes, sent as `application/octet-stream`",
                    format!("`{name}`, its schema and its encoding: the caller has to write both"),
                );
            }
            ("application/octet-stream", Slot::Binary)
        }
    };
    Some(Body {
        content_type,
        description,
        slot,
    })
}

/// The schema of a media type; without one it is any JSON.
pub(crate) fn read_media(
    schemas: &mut Schemas<'_>,
    api: &mut Api,
    at: &str,
    object: Option<&Map<String, Value>>,
    base: &str,
) -> Slot {
    let at_schema = pointer::child(at, "schema");
    note_media(schemas, at, object);
    let node = schemas.at(&at_schema);
    api.bases.push((at_schema, base.to_owned()));
    Slot::Node(node)
}

/// Notes what a media type says beside its schema, and that it has none.
pub(crate) fn note_media(schemas: &mut Schemas<'_>, at: &str, object: Option<&Map<String, Value>>) {
    if let Some(object) = object {
        let keys = Keys::new(at, object);
        keys.take("schema");
        keys.finish_except(ANNOTATIONS, &mut schemas.losses);
    }
    if object.is_none_or(|object| !object.contains_key("schema")) {
        schemas.losses.add(
            at,
            "content",
            "any JSON value",
            "nothing: the document has no schema here",
        );
    }
}

/// The media type of a body that is any bytes.
fn bytes() -> Map<String, Value> {
    let schema = json!({"type": "string", "format": "binary"});
    Map::from_iter([("schema".to_owned(), schema)])
}

/// The media type of a body that is any text.
fn plain_text() -> Map<String, Value> {
    Map::from_iter([("schema".to_owned(), json!({"type": "string"}))])
}

/// Notes the media types that were not chosen.
pub(crate) fn note_others(
    schemas: &mut Schemas<'_>,
    at: &str,
    content: Option<&Map<String, Value>>,
    chosen: &str,
    construct: &str,
) {
    for (name, _) in sorted(content) {
        if name != chosen {
            schemas.losses.add(
                &pointer::child(at, name),
                construct,
                format!("`{chosen}`"),
                format!("`{name}`: one media type is generated"),
            );
        }
    }
}
