//! The document as a whole: from the paths inwards, then out again as OpenAPI 3.0.3.

mod bodies;
mod names;
mod notes;
mod numbers;
mod objects;
pub(crate) mod operations;
mod parameters;
mod places;
mod responses;
mod roots;
mod share;
mod webhooks;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::loss::Loss;
use crate::lowered::{Direction, Document30, TypeOrigin, TypePart};
use crate::options::Options;
use crate::pointer;
use crate::schema::Schemas;
use crate::schema::keys::Keys;
use crate::schema::node::Kind;
use names::{Names, Part, Target};
use operations::{Api, Operation};
use parameters::Place;
use responses::{Content, Response};
use write::{Way, Writer};

/// Lowers `document`; see [`crate::lower`].
pub(crate) fn lower(document: &Value, options: &Options) -> Result<(Document30, Vec<Loss>), Error> {
    let root = check_version(document)?;
    let mut schemas = Schemas::new(document, options);
    note_root(&mut schemas, root);
    let mut api = operations::read(&mut schemas, options)?;
    let components = if options.selects() {
        Vec::new()
    } else {
        all_components(&mut schemas)
    };
    schemas.read_all();
    share::share(&mut schemas, &mut api);

    let reached = names::reach(&schemas, &api, &components);
    let names = names::assign(&schemas, &api, &reached, &options.type_names);
    let mut losses = std::mem::take(&mut schemas.losses);
    notes::note(&schemas, &api, &reached, &mut losses);

    let writer = Writer {
        schemas: &schemas,
        names: Some(&names),
    };
    let (components, types) = write_components(&writer, &names);
    let value = json!({
        "openapi": "3.0.3",
        "info": info(document),
        "servers": servers(document),
        "tags": tags(document),
        "paths": write_paths(&writer, &api),
        "components": {"schemas": components},
    });
    Ok((
        Document30::new(value, types),
        losses.into_vec(|at| schemas.refs.get(at).is_some()),
    ))
}

fn check_version(document: &Value) -> Result<&Map<String, Value>, Error> {
    let Some(root) = document.as_object() else {
        return Err(Error::new(
            "",
            "the document is not an object; expected an OpenAPI document",
        ));
    };
    let version = match root.get("openapi") {
        Some(Value::String(version)) => version.clone(),
        // YAML reads an unquoted `3.1` as a number.
        Some(Value::Number(version)) => version.to_string(),
        Some(_) => {
            return Err(Error::new(
                "/openapi",
                "the version is not a string such as \"3.1.0\"",
            ));
        }
        None if root.contains_key("swagger") => {
            return Err(Error::new(
                "/swagger",
                "this is Swagger 2; convert it to OpenAPI 3 first",
            ));
        }
        None => {
            return Err(Error::new(
                "",
                "there is no `openapi` version; expected an OpenAPI document",
            ));
        }
    };
    let known = ["3.0", "3.1", "3.2"].iter().any(|known| {
        version
            .strip_prefix(known)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    });
    if !known {
        let message = format!("version {version:?} is not supported; expected 3.0, 3.1 or 3.2");
        return Err(Error::new("/openapi", message));
    }
    Ok(root)
}

/// Keywords of the document that say nothing about the operations' types.
pub(crate) const ROOT_ANNOTATIONS: &[&str] = &[
    "$self",
    "components",
    "externalDocs",
    "info",
    "jsonSchemaDialect",
    "openapi",
    "paths",
    "security",
    "servers",
    "tags",
    "webhooks",
];

fn note_root<'d>(schemas: &mut Schemas<'d>, root: &'d Map<String, Value>) {
    Keys::new("", root).finish_except(ROOT_ANNOTATIONS, &mut schemas.losses);
    for at in [
        "/paths",
        "/webhooks",
        "/components",
        "/components/schemas",
        "/info",
        "/servers",
    ] {
        let value = schemas.refs.get(at);
        let is_sound = |value: &Value| match at {
            "/servers" => value.is_array(),
            _ => value.is_object(),
        };
        if value.is_some_and(|value| !is_sound(value)) {
            schemas.losses.add(
                at,
                at.rsplit('/').next().unwrap_or_default(),
                "the rest of the document",
                "something of another type than it has in OpenAPI",
            );
        }
    }
    let Some(Value::Object(components)) = root.get("components") else {
        return;
    };
    Keys::new("/components", components).finish_except(SECTIONS, &mut schemas.losses);
    let schemes = components.get("securitySchemes").and_then(Value::as_object);
    for (name, _) in operations::sorted(schemes) {
        schemas.losses.add(
            &pointer::join("", ["components", "securitySchemes", name]),
            "securitySchemes",
            "the operations",
            "how they authenticate: the caller adds it to each request",
        );
    }
    let servers = root.get("servers").and_then(Value::as_array);
    for (index, server) in servers.into_iter().flatten().enumerate() {
        if plain_server(server).is_none() {
            schemas.losses.add(
                &format!("/servers/{index}"),
                "servers",
                "the other servers",
                "one whose address has variables, or is none",
            );
        }
    }
}

/// What `components` may have. What of it is used is read where it is used.
const SECTIONS: &[&str] = &[
    "callbacks",
    "examples",
    "headers",
    "links",
    "mediaTypes",
    "parameters",
    "pathItems",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
];

fn all_components(schemas: &mut Schemas<'_>) -> Vec<usize> {
    let at = "/components/schemas";
    let declared = schemas.refs.get(at).and_then(Value::as_object);
    declared
        .into_iter()
        .flat_map(Map::keys)
        .map(|name| schemas.at(&pointer::child(at, name)))
        .collect()
}

fn write_components(
    writer: &Writer<'_, '_>,
    names: &Names,
) -> (BTreeMap<String, Value>, BTreeMap<String, TypeOrigin>) {
    let mut components = BTreeMap::new();
    let mut types: BTreeMap<String, TypeOrigin> = BTreeMap::new();
    for (target, way, name) in names.entries() {
        components
            .entry(name.to_owned())
            .or_insert_with(|| writer.component(target, way));
        let direction = match way {
            Way::Request => Direction::Request,
            Way::Response => Direction::Response,
        };
        let part = match target.part {
            Part::Whole => TypePart::Whole,
            Part::Known => TypePart::Known,
            Part::Variant(_) => TypePart::Variant,
            Part::Tag(_) => TypePart::Tag,
        };
        let origin = types.entry(name.to_owned()).or_insert_with(|| TypeOrigin {
            pointers: origins(writer.schemas, target),
            direction,
            part,
        });
        origin.direction = origin.direction.and(direction);
        if part != TypePart::Whole {
            origin.part = part;
        }
    }
    (components, types)
}

/// Where a component comes from: its place, and those that share it.
fn origins(schemas: &Schemas<'_>, target: Target) -> Vec<String> {
    let node = match (&schemas.shape(target.node).kind, target.part) {
        (Kind::Tagged(tagged), Part::Variant(index) | Part::Tag(index)) => {
            schemas.resolve(tagged.variants[index].1)
        }
        _ => target.node,
    };
    let sharing = schemas.shared_by(node).iter().chain([&node]);
    let pointers: BTreeSet<String> = sharing
        .map(|&node| schemas.node(node).pointer.clone())
        .collect();
    pointers.into_iter().collect()
}

fn write_paths(writer: &Writer<'_, '_>, api: &Api) -> Map<String, Value> {
    let mut paths: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
    for operation in &api.operations {
        paths
            .entry(&operation.path)
            .or_default()
            .insert(operation.method, write_operation(writer, operation));
    }
    paths
        .into_iter()
        .map(|(path, methods)| (path.to_owned(), json!(methods)))
        .collect()
}

fn write_operation(writer: &Writer<'_, '_>, operation: &Operation) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| {
        if !matches!(&value, Value::Null | Value::Bool(false)) && value != json!([]) {
            map.insert(key.to_owned(), value);
        }
    };
    put("operationId", json!(operation.id));
    put("summary", json!(operation.summary));
    put("description", json!(operation.description));
    put("deprecated", json!(operation.deprecated));
    put("tags", json!(operation.tags));
    let parameters: Vec<Value> = operation
        .parameters
        .iter()
        .map(|parameter| {
            let mut map = Map::new();
            let place = match parameter.place {
                Place::Path => "path",
                Place::Query => "query",
                Place::Header => "header",
            };
            map.insert("name".to_owned(), json!(parameter.name));
            map.insert("in".to_owned(), json!(place));
            map.insert("required".to_owned(), json!(parameter.required));
            map.insert("schema".to_owned(), writer.parameter(parameter.slot));
            if let Some(description) = &parameter.description {
                map.insert("description".to_owned(), json!(description));
            }
            if parameter.deprecated {
                map.insert("deprecated".to_owned(), json!(true));
            }
            Value::Object(map)
        })
        .collect();
    put("parameters", json!(parameters));
    if let Some(body) = &operation.body {
        let content_type = body.content_type;
        let mut value = json!({
            "required": true,
            "content": {content_type: {"schema": writer.slot(body.slot, Way::Request)}},
        });
        if let Some(description) = &body.description {
            value["description"] = json!(description);
        }
        put("requestBody", value);
    }
    let responses: BTreeMap<&str, Value> = operation
        .responses
        .iter()
        .map(|response| (response.status.as_str(), write_response(writer, response)))
        .collect();
    put("responses", json!(responses));
    Value::Object(map)
}

fn write_response(writer: &Writer<'_, '_>, response: &Response) -> Value {
    let mut value = json!({"description": response.description});
    match response.content {
        Content::Nothing => {}
        Content::Json(node) => {
            let schema = writer.site(node, Way::Response);
            value["content"] = json!({"application/json": {"schema": schema}});
        }
        Content::Bytes => {
            let schema = json!({"type": "string", "format": "binary"});
            value["content"] = json!({"application/octet-stream": {"schema": schema}});
        }
    }
    value
}

fn info(document: &Value) -> Value {
    let text = |key: &str| {
        document
            .pointer(&format!("/info/{key}"))
            .and_then(Value::as_str)
    };
    let version = match document.pointer("/info/version") {
        Some(Value::String(version)) => Some(version.clone()),
        // YAML reads an unquoted `1.0` as a number.
        Some(Value::Number(version)) => Some(version.to_string()),
        _ => None,
    };
    let mut info = json!({
        "title": text("title").unwrap_or("API"),
        "version": version.unwrap_or_else(|| "0.0.0".to_owned()),
    });
    for key in ["description", "termsOfService"] {
        if let Some(value) = text(key) {
            info[key] = json!(value);
        }
    }
    info
}

/// The servers that 3.0 can say; variables are left out with their server.
fn servers(document: &Value) -> Vec<Value> {
    let servers = document.get("servers").and_then(Value::as_array);
    servers
        .into_iter()
        .flatten()
        .filter_map(plain_server)
        .collect()
}

fn plain_server(server: &Value) -> Option<Value> {
    let url = server
        .get("url")?
        .as_str()
        .filter(|url| !url.contains('{'))?;
    let description = server.get("description").and_then(Value::as_str);
    Some(match description {
        Some(description) => json!({"url": url, "description": description}),
        None => json!({"url": url}),
    })
}

fn tags(document: &Value) -> Vec<Value> {
    let tags = document.get("tags").and_then(Value::as_array);
    let plain = |tag: &Value| {
        let name = tag.get("name")?.as_str()?;
        let description = tag.get("description").and_then(Value::as_str);
        Some(match description {
            Some(description) => json!({"name": name, "description": description}),
            None => json!({"name": name}),
        })
    };
    tags.into_iter().flatten().filter_map(plain).collect()
}
