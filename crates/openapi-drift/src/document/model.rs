//! The operations of a document: what is sent where, and what comes back. References are followed
//! and path-level parts spread over the operations; schemas stay pointers.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::METHODS;
use super::security::{self, Security};
use super::servers::{self, Servers};
use super::style::Style;
use crate::pointer;

/// Words and extensions of an object: whatever no rule reads.
pub(crate) type Words = BTreeMap<String, Value>;

/// A whole document, without its schemas.
pub(crate) struct Api {
    pub(crate) operations: Vec<Operation>,
    pub(crate) webhooks: Vec<Operation>,
    pub(crate) words: Words,
    /// What each security scheme says beside what is shown on the wire.
    pub(crate) schemes: BTreeMap<String, Words>,
    /// What the document itself demands of operations that say nothing.
    pub(crate) security: Option<Value>,
}

pub(crate) struct Operation {
    pub(crate) pointer: String,
    pub(crate) method: String,
    /// The path, a webhook's name, or a callback's expression.
    pub(crate) path: String,
    pub(crate) id: Option<String>,
    pub(crate) deprecated: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) responses: BTreeMap<String, Response>,
    pub(crate) security: Security,
    pub(crate) servers: Servers,
    /// By callback name, expression and method.
    pub(crate) callbacks: BTreeMap<(String, String, String), Operation>,
    pub(crate) words: Words,
    /// The path item that it stands in, and what that says.
    pub(crate) item: (String, Words),
}

impl Operation {
    /// As people write it: `POST /v1/things`.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// The path with its parameters' names left out: what the server can tell apart.
    pub(crate) fn route(&self) -> String {
        let mut route = String::new();
        let mut rest = self.path.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            route.push_str(before);
            route.push_str("{}");
            rest = after.split_once('}').map_or("", |(_, rest)| rest);
        }
        route + rest
    }

    /// The route with the path before it that its servers name: what is requested in the end.
    pub(crate) fn whole_route(&self) -> Option<String> {
        Some(self.servers.path()?.to_owned() + &self.route())
    }

    /// The names in the path, in order.
    pub(crate) fn path_names(&self) -> Vec<&str> {
        self.path
            .split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}').map(|(name, _)| name))
            .collect()
    }
}

pub(crate) struct Parameter {
    pub(crate) pointer: String,
    pub(crate) name: String,
    pub(crate) location: String,
    pub(crate) required: bool,
    pub(crate) deprecated: bool,
    pub(crate) style: Style,
    /// Where its schema is, and in which medium it is written if it names one.
    pub(crate) schema: Option<String>,
    pub(crate) media: Option<String>,
    pub(crate) words: Words,
}

pub(crate) struct Body {
    pub(crate) pointer: String,
    pub(crate) required: bool,
    pub(crate) content: BTreeMap<String, Media>,
    pub(crate) words: Words,
}

pub(crate) struct Media {
    pub(crate) pointer: String,
    pub(crate) schema: Option<String>,
    pub(crate) encoding: Value,
    /// The headers of each part that has any.
    pub(crate) parts: BTreeMap<String, Headers>,
    pub(crate) words: Words,
}

/// By name in lower case.
pub(crate) type Headers = BTreeMap<String, Parameter>;

pub(crate) struct Response {
    pub(crate) pointer: String,
    pub(crate) content: BTreeMap<String, Media>,
    pub(crate) headers: Headers,
    pub(crate) links: Words,
    pub(crate) words: Words,
}

/// Reads the operations of one reading of a document.
pub(crate) fn read(root: &Value) -> Api {
    let reader = Reader { root };
    let mut words = words(
        root.as_object(),
        &[
            "openapi",
            "paths",
            "webhooks",
            "x-webhooks",
            "components",
            // Schemas here are compared where they are referred to.
            "definitions",
            "$defs",
            "security",
            "servers",
        ],
    );
    if let Some(Value::Object(info)) = words.remove("info") {
        words.extend(
            info.into_iter()
                .map(|(key, value)| (format!("info/{key}"), value)),
        );
    }
    for (key, said) in members(root, "paths").filter(|(key, _)| !key.starts_with('/')) {
        words.insert(format!("paths/{key}"), said.clone());
    }
    Api {
        operations: reader.group(root, "paths", true),
        webhooks: {
            let mut all = reader.group(root, "webhooks", false);
            all.extend(reader.group(root, "x-webhooks", false));
            all
        },
        words,
        schemes: security::scheme_words(root),
        security: root.get("security").cloned(),
    }
}

struct Reader<'d> {
    root: &'d Value,
}

impl<'d> Reader<'d> {
    /// A value and its place, with references followed.
    fn resolve(&self, mut place: String, mut value: &'d Value) -> (String, &'d Value) {
        for _ in 0..32 {
            let target = value
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(pointer::local)
                .and_then(|target| Some((pointer::lookup(self.root, &target)?, target)));
            match target {
                Some((next, target)) => (place, value) = (target, next),
                None => break,
            }
        }
        (place, value)
    }

    fn group(&self, holder: &'d Value, key: &str, paths: bool) -> Vec<Operation> {
        let base = pointer::push("#", key);
        let mut all = Vec::new();
        for (path, item) in members(holder, key) {
            if paths && !path.starts_with('/') {
                continue;
            }
            all.extend(self.item(pointer::push(&base, path), path, item, 0));
        }
        all
    }

    fn item(&self, place: String, path: &str, item: &'d Value, depth: usize) -> Vec<Operation> {
        let (place, resolved) = self.resolve(place, item);
        METHODS
            .iter()
            .filter_map(|method| {
                let operation = resolved.get(*method).filter(|value| value.is_object())?;
                Some(self.operation(&place, path, resolved, method, operation, depth))
            })
            .collect()
    }

    fn operation(
        &self,
        item_place: &str,
        path: &str,
        item: &'d Value,
        method: &str,
        value: &'d Value,
        depth: usize,
    ) -> Operation {
        let place = pointer::push(item_place, method);
        let mut operation = Operation {
            method: method.to_owned(),
            path: path.to_owned(),
            id: text(value, "operationId"),
            deprecated: flag(value, "deprecated", false),
            parameters: self.parameters(item_place, item, &place, value),
            body: value
                .get("requestBody")
                .map(|body| self.body(pointer::push(&place, "requestBody"), body)),
            responses: self.responses(&place, value),
            security: security::read(self.root, &place, value),
            servers: servers::read(self.root, (&place, value), (item_place, item)),
            callbacks: BTreeMap::new(),
            words: words(
                value.as_object(),
                &[
                    "operationId",
                    "deprecated",
                    "parameters",
                    "requestBody",
                    "responses",
                    "security",
                    "servers",
                    "callbacks",
                ],
            ),
            item: (item_place.to_owned(), item_words(item)),
            pointer: place.clone(),
        };
        for (status, said) in
            members(value, "responses").filter(|(status, _)| status.starts_with("x-"))
        {
            operation
                .words
                .insert(format!("responses/{status}"), said.clone());
        }
        // A callback can hold callbacks, and references can make that a ring.
        if depth < 4 {
            for (name, callback) in members(value, "callbacks") {
                let base = pointer::join(&place, &["callbacks", name]);
                let (base, callback) = self.resolve(base, callback);
                for (expression, item) in callback.as_object().into_iter().flatten() {
                    if expression.starts_with("x-") {
                        continue;
                    }
                    let place = pointer::push(&base, expression);
                    for inner in self.item(place, expression, item, depth + 1) {
                        let key = (name.to_owned(), expression.clone(), inner.method.clone());
                        operation.callbacks.insert(key, inner);
                    }
                }
            }
        }
        operation
    }

    fn parameters(
        &self,
        item_place: &str,
        item: &'d Value,
        place: &str,
        value: &'d Value,
    ) -> Vec<Parameter> {
        let mut all: Vec<Parameter> = Vec::new();
        for (base, holder) in [(item_place, item), (place, value)] {
            let listed = holder.get("parameters").and_then(Value::as_array);
            for (index, parameter) in listed.into_iter().flatten().enumerate() {
                let own = pointer::join(base, &["parameters", &index.to_string()]);
                let (own, parameter) = self.resolve(own, parameter);
                let Some(parameter) = self.parameter(own, parameter, None) else {
                    continue;
                };
                // The operation's own parameter overrides the path's.
                all.retain(|known| known.key() != parameter.key());
                all.push(parameter);
            }
        }
        all
    }

    /// A parameter, or a header when `header` gives the name that the object itself lacks.
    fn parameter(
        &self,
        place: String,
        value: &'d Value,
        header: Option<&str>,
    ) -> Option<Parameter> {
        let location = match header {
            Some(_) => "header".to_owned(),
            None => text(value, "in")?,
        };
        let name = header.map(str::to_owned).or_else(|| text(value, "name"))?;
        let ignored = ["accept", "content-type", "authorization"];
        if location == "header"
            && header.is_none()
            && ignored.contains(&name.to_lowercase().as_str())
        {
            return None;
        }
        let content = members(value, "content").next();
        let schema = match content {
            Some((media, inner)) => inner
                .get("schema")
                .map(|_| pointer::join(&place, &["content", media, "schema"])),
            None => value.get("schema").map(|_| pointer::push(&place, "schema")),
        };
        Some(Parameter {
            required: flag(value, "required", false) || location == "path",
            deprecated: flag(value, "deprecated", false),
            style: Style::read(value, &location),
            schema,
            media: content.map(|(media, _)| media_type(media)),
            words: words(
                value.as_object(),
                &[
                    "name",
                    "in",
                    "required",
                    "deprecated",
                    "style",
                    "explode",
                    "allowReserved",
                    "allowEmptyValue",
                    "schema",
                    "content",
                ],
            ),
            pointer: place,
            name,
            location,
        })
    }

    fn body(&self, place: String, value: &'d Value) -> Body {
        let (place, value) = self.resolve(place, value);
        Body {
            required: flag(value, "required", false),
            content: self.content(&place, value),
            words: words(value.as_object(), &["required", "content"]),
            pointer: place,
        }
    }

    fn content(&self, place: &str, value: &'d Value) -> BTreeMap<String, Media> {
        members(value, "content")
            .map(|(name, media)| {
                let place = pointer::join(place, &["content", name]);
                let (place, media) = self.resolve(place, media);
                let schema = media.get("schema").map(|_| pointer::push(&place, "schema"));
                let parts = members(media, "encoding").map(|(part, encoding)| {
                    let place = pointer::join(&place, &["encoding", part]);
                    (part.to_owned(), self.headers(&place, encoding))
                });
                let all = Media {
                    parts: parts.filter(|(_, headers)| !headers.is_empty()).collect(),
                    schema,
                    encoding: media.get("encoding").cloned().unwrap_or_default(),
                    words: words(media.as_object(), &["schema", "encoding"]),
                    pointer: place,
                };
                (media_type(name), all)
            })
            .collect()
    }

    fn headers(&self, place: &str, holder: &'d Value) -> Headers {
        members(holder, "headers")
            .filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"))
            .filter_map(|(name, header)| {
                let place = pointer::join(place, &["headers", name]);
                let (place, header) = self.resolve(place, header);
                Some((
                    name.to_lowercase(),
                    self.parameter(place, header, Some(name))?,
                ))
            })
            .collect()
    }

    /// The links of a response, and what is said of them, which changes nothing.
    fn links(&self, place: &str, response: &'d Value) -> (Words, Words) {
        let (mut links, mut said) = (Words::new(), Words::new());
        for (name, link) in members(response, "links") {
            let mut link = self.resolve(place.to_owned(), link).1.clone();
            let description = link
                .as_object_mut()
                .and_then(|link| link.remove("description"));
            said.extend(description.map(|text| (format!("description of link {name}"), text)));
            links.insert(name.to_owned(), link);
        }
        (links, said)
    }

    fn responses(&self, place: &str, value: &'d Value) -> BTreeMap<String, Response> {
        members(value, "responses")
            .filter(|(status, _)| !status.starts_with("x-"))
            .map(|(status, response)| {
                let place = pointer::join(place, &["responses", status]);
                let (place, response) = self.resolve(place, response);
                let (links, said) = self.links(&place, response);
                let mut words = words(response.as_object(), &["content", "headers", "links"]);
                words.extend(said);
                let all = Response {
                    content: self.content(&place, response),
                    headers: self.headers(&place, response),
                    links,
                    words,
                    pointer: place,
                };
                (status.to_uppercase().replace("DEFAULT", "default"), all)
            })
            .collect()
    }
}

impl Parameter {
    /// What tells one parameter from another: header names regardless of case.
    pub(crate) fn key(&self) -> (String, String) {
        let name = match self.location.as_str() {
            "header" => self.name.to_lowercase(),
            _ => self.name.clone(),
        };
        (self.location.clone(), name)
    }
}

impl Response {
    /// Whether a client is to take this for success.
    pub(crate) fn is_success(status: &str) -> bool {
        status.starts_with('2')
    }
}

/// What a path item says for people.
fn item_words(item: &Value) -> Words {
    let mut said = words(item.as_object(), &["$ref", "servers", "parameters"]);
    said.retain(|key, _| !METHODS.contains(&key.as_str()));
    said
}

/// A media type with its case and its parameters in one order; UTF-8 is what JSON is anyway.
fn media_type(name: &str) -> String {
    let mut parts = name.split(';').map(|part| part.trim().to_lowercase());
    let kind = parts.next().unwrap_or_default();
    let mut parameters: Vec<String> = parts
        .filter(|part| !(part.is_empty() || kind.contains("json") && part == "charset=utf-8"))
        .collect();
    parameters.sort();
    parameters.insert(0, kind);
    parameters.join(";")
}

pub(super) fn words(map: Option<&Map<String, Value>>, read: &[&str]) -> Words {
    map.into_iter()
        .flatten()
        .filter(|(key, _)| !read.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

pub(super) fn members<'v>(
    holder: &'v Value,
    key: &str,
) -> impl Iterator<Item = (&'v str, &'v Value)> {
    holder
        .get(key)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn flag(value: &Value, key: &str, default: bool) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(default)
}
