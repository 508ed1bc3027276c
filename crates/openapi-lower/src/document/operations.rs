//! Paths and their operations: which there are, what they are called, what they take and give.
//!
//! Parameters, bodies and responses are read by the modules of those names.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::parameters::{self, Parameter};
use super::responses::{self, Response};
use super::{bodies, bodies::Body, webhooks};
use crate::error::Error;
use crate::names::{self, Namer};
use crate::options::Options;
use crate::pointer;
use crate::schema::Schemas;
use crate::schema::keys::Keys;
use crate::schema::node::NodeId;

/// One operation, as far as it is lowered.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) path: String,
    pub(crate) method: &'static str,
    /// Where it is declared.
    pub(crate) pointer: String,
    pub(crate) id: String,
    pub(crate) summary: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) deprecated: bool,
    pub(crate) tags: Vec<String>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) responses: Vec<Response>,
}

/// What stands where a schema is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Node(NodeId),
    /// Any string.
    Text,
    /// Bytes.
    Binary,
}

/// Everything of the document that leads to schemas.
#[derive(Debug, Default)]
pub(crate) struct Api {
    pub(crate) operations: Vec<Operation>,
    /// Bodies of webhooks and callbacks: received, like responses.
    pub(crate) payloads: Vec<NodeId>,
    /// Names of the places that do not lie in a schema component.
    pub(crate) bases: Vec<(String, String)>,
}

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Keywords of operations, path items, parameters, bodies and responses that do not change what
/// is generated and that are dropped without a loss.
pub(crate) const ANNOTATIONS: &[&str] =
    &["example", "examples", "externalDocs", "security", "summary"];

/// Reads the operations and webhooks that `options` selects.
pub(crate) fn read(schemas: &mut Schemas<'_>, options: &Options) -> Result<Api, Error> {
    let document = schemas.refs.document();
    let mut api = Api::default();
    let mut namer = Namer::operations();
    let mut unmatched: BTreeSet<&str> = options.operations.iter().map(String::as_str).collect();
    let paths = document.get("paths").and_then(Value::as_object);
    // Operations with an id of their own have the first claim on it.
    let mut found = Vec::new();
    for (path, _) in sorted(paths) {
        if path.starts_with("x-") {
            continue;
        }
        let at = pointer::join("", ["paths", path]);
        let Some((place, item)) = schemas.refs.follow(&at) else {
            schemas.losses.add(
                &at,
                "$ref",
                "the other paths",
                "this path: its reference leads nowhere",
            );
            continue;
        };
        let Some(item) = item.as_object() else {
            let given_up = "this path: it is not an object";
            schemas
                .losses
                .add(&place, "paths", "the other paths", given_up);
            continue;
        };
        let keys = Keys::new(&place, item);
        keys.take_if("parameters", Value::as_array);
        keys.take("description");
        for method in METHODS {
            let Some(operation) = keys.take_if(method, Value::as_object) else {
                continue;
            };
            let id = operation.get("operationId").and_then(Value::as_str);
            if is_selected(options, path, id, &mut unmatched) {
                found.push((path, method, place.clone(), item, operation, id));
            }
        }
        keys.finish_except(ANNOTATIONS, &mut schemas.losses);
    }
    if let Some(id) = unmatched.first() {
        let operations = paths.into_iter().flat_map(|paths| paths.values());
        let ids = operations
            .flat_map(|item| METHODS.map(|method| item.get(method)?.get("operationId")?.as_str()))
            .flatten();
        return Err(Error::new(
            "/paths",
            format!(
                "no operation has the selected id `{id}`; {}",
                offered(ids.collect())
            ),
        ));
    }
    for prefix in &options.path_prefixes {
        if !found.iter().any(|(path, ..)| is_below(path, prefix)) {
            let all = sorted(paths).into_iter().map(|(path, _)| path.as_str());
            return Err(Error::new(
                "/paths",
                format!(
                    "no path lies below the selected `{prefix}`; {}",
                    offered(all.collect())
                ),
            ));
        }
    }
    let locked = |path: &String, method: &str| {
        let names = &options.operation_names;
        names.get(&(method.to_owned(), path.clone())).cloned()
    };
    found.sort_by_key(|(path, method, _, _, _, id)| (locked(path, method).is_none(), id.is_none()));
    for (path, method, place, item, operation, id) in found {
        let lock = locked(path, method);
        let own = id.filter(|id| !id.is_empty() && lock.is_none());
        let wanted = lock
            .or_else(|| own.map(str::to_owned))
            .unwrap_or_else(|| invent_id(method, path));
        let claimed = namer.claim(&wanted);
        let at = pointer::child(&place, method);
        if own.is_some() && claimed != wanted {
            schemas.losses.add(
                &pointer::child(&at, "operationId"),
                "operationId",
                format!("the operation, as `{claimed}`"),
                format!("the name `{wanted}`: another operation or the client itself has it"),
            );
        }
        let operation = read_operation(
            schemas,
            &mut api,
            &claimed,
            path,
            method,
            (&place, item),
            (&at, operation),
        );
        api.operations.push(operation);
    }
    api.operations
        .sort_by(|a, b| (&a.path, a.method).cmp(&(&b.path, b.method)));
    drop_doubles(schemas, &mut api);
    webhooks::read(schemas, options, &mut api)?;
    Ok(api)
}

/// What could have been selected, for the message of an error.
pub(crate) fn offered(mut names: Vec<&str>) -> String {
    const SHOWN: usize = 12;
    names.sort_unstable();
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    match (names.as_slice(), more) {
        ([], _) => "there is none".to_owned(),
        (names, 0) => format!("there is `{}`", names.join("`, `")),
        (names, more) => format!("there is `{}` and {more} more", names.join("`, `")),
    }
}

/// Two paths may be one path once they are mended.
fn drop_doubles(schemas: &mut Schemas<'_>, api: &mut Api) {
    let mut seen = BTreeSet::new();
    api.operations.retain(|operation| {
        let kept = seen.insert((operation.path.clone(), operation.method));
        if !kept {
            schemas.losses.add(
                &operation.pointer,
                "paths",
                "the other operation of this path and method",
                format!(
                    "`{}`: once mended its path is that of another",
                    operation.id
                ),
            );
        }
        kept
    });
}

/// The entries of an object in the order of their names: nothing here depends on the order in
/// which a document was written or parsed.
pub(crate) fn sorted(map: Option<&Map<String, Value>>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = map.into_iter().flatten().collect();
    entries.sort_by_key(|(name, _)| *name);
    entries
}

fn is_selected(
    options: &Options,
    path: &str,
    id: Option<&str>,
    unmatched: &mut BTreeSet<&str>,
) -> bool {
    if !options.selects() {
        return true;
    }
    let by_id = id.is_some_and(|id| options.operations.iter().any(|wanted| wanted == id));
    if let Some(id) = id {
        unmatched.remove(id);
    }
    by_id
        || options
            .path_prefixes
            .iter()
            .any(|prefix| is_below(path, prefix))
}

fn is_below(path: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// `get /v3/jobs/{job_id}` is `get_v3_jobs_by_job_id`.
fn invent_id(method: &str, path: &str) -> String {
    let words = path.split('/').filter(|part| !part.is_empty()).map(|part| {
        if part.starts_with('{') {
            format!("by_{}", names::snake(part.trim_matches(['{', '}'])))
        } else {
            names::snake(part)
        }
    });
    std::iter::once(method.to_owned())
        .chain(words)
        .collect::<Vec<_>>()
        .join("_")
}

fn read_operation<'d>(
    schemas: &mut Schemas<'d>,
    api: &mut Api,
    id: &str,
    path: &str,
    method: &'static str,
    (place, item): (&str, &'d Map<String, Value>),
    (at, operation): (&str, &'d Map<String, Value>),
) -> Operation {
    let keys = Keys::new(at, operation);
    keys.take("operationId");
    keys.take_if("parameters", Value::as_array);
    keys.take("requestBody");
    for shared in ["responses", "callbacks"] {
        keys.take_if(shared, Value::as_object);
    }
    let text = |keyword| {
        keys.string(keyword)
            .map(str::to_owned)
            .filter(|text| !text.is_empty())
    };
    let summary = text("summary");
    let description = text("description");
    let deprecated = keys.flag("deprecated");
    let tags = keys
        .take_if("tags", Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|tag| tag.as_str().map(str::to_owned))
        .collect();
    keys.finish_except(ANNOTATIONS, &mut schemas.losses);

    let mut declared = parameters::list(
        schemas,
        &pointer::child(place, "parameters"),
        item.get("parameters"),
    );
    declared.extend(parameters::list(
        schemas,
        &pointer::child(at, "parameters"),
        operation.get("parameters"),
    ));
    let (path, parameters) = parameters::read(schemas, api, id, path, (at, operation), declared);
    let body = operation
        .contains_key("requestBody")
        .then(|| bodies::read(schemas, api, id, &pointer::child(at, "requestBody")))
        .flatten();
    let responses = responses::read(schemas, at, operation);
    webhooks::read_callbacks(schemas, api, id, at, operation);
    Operation {
        path,
        method,
        pointer: at.to_owned(),
        id: id.to_owned(),
        summary,
        description,
        deprecated,
        tags,
        parameters,
        body,
        responses,
    }
}
