//! Parameters: those that the generator can send as the document says, and the nearest thing for
//! the others.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::operations::{ANNOTATIONS, Api, Slot};
use crate::names;
use crate::pointer;
use crate::schema::Schemas;
use crate::schema::keys::Keys;
use crate::schema::node::{Kind, NodeId, Rest};

/// Where a parameter is sent. The order is the order of the generated arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

/// One parameter of an operation.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) required: bool,
    pub(crate) deprecated: bool,
    pub(crate) description: Option<String>,
    pub(crate) slot: Slot,
    /// Where it is declared; the operation, if it is not.
    pub(crate) pointer: String,
}

/// A parameter as declared: where, its object, its name, where it is sent.
type Declared<'d> = (String, &'d serde_json::Map<String, Value>);

/// Header parameters that OpenAPI itself says to ignore: they are sent by other means.
const IGNORED_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

/// Names of arguments that the generated method needs itself.
const ARGUMENTS_IN_USE: [&str; 4] = ["self", "header_map", "new", "send"];

/// And those that it needs for a body.
const ARGUMENTS_OF_BODY: [&str; 2] = ["body", "body_map"];

/// The parameters of a list, references followed.
pub(crate) fn list<'d>(
    schemas: &mut Schemas<'d>,
    at: &str,
    list: Option<&'d Value>,
) -> Vec<Declared<'d>> {
    let mut found: Vec<Declared<'d>> = Vec::new();
    for index in 0..list.and_then(Value::as_array).map_or(0, Vec::len) {
        let here = format!("{at}/{index}");
        match schemas.refs.follow(&here) {
            Some((place, Value::Object(map))) => {
                let same = |there: &Declared<'d>| {
                    ["in", "name"]
                        .iter()
                        .all(|key| there.1.get(*key) == map.get(*key))
                };
                if let Some((there, _)) = found.iter().find(|there| same(there)) {
                    schemas.losses.add(
                        there,
                        "parameter",
                        "the other parameter of this name",
                        "this one: its name is listed again",
                    );
                }
                found.retain(|there| !same(there));
                found.push((place, map));
            }
            _ => schemas.losses.add(
                &here,
                "parameters",
                "the other parameters",
                "this one: its reference leads nowhere, or it is not an object",
            ),
        }
    }
    found
}

/// The parameters of an operation, and its path with the names that they have now.
pub(crate) fn read<'d>(
    schemas: &mut Schemas<'d>,
    api: &mut Api,
    id: &str,
    path: &str,
    (at, operation): (&str, &serde_json::Map<String, Value>),
    declared: Vec<Declared<'d>>,
) -> (String, Vec<Parameter>) {
    // The operation's own parameters come last and replace those of the path.
    let mut by_key = BTreeMap::new();
    for (place, map) in declared {
        let text = |key: &str| {
            map.get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        by_key.insert((text("in"), text("name")), (place, map));
    }
    let template = Template::parse(path);
    let mut parameters = Vec::new();
    let in_path: BTreeSet<String> = by_key
        .keys()
        .filter(|(sent_in, _)| sent_in == "path")
        .map(|(_, name)| name.clone())
        .collect();
    for ((sent_in, name), (place, map)) in by_key {
        let in_template = template.names.contains(&name);
        let sent_as = match sent_in.as_str() {
            "path" if in_template => Place::Path,
            // A query that is written out in the path is filled in there.
            "query" if in_template && !in_path.contains(&name) => Place::Path,
            "query" => Place::Query,
            "header"
                if !IGNORED_HEADERS.contains(&name.to_ascii_lowercase().as_str())
                    && is_token(&name) =>
            {
                Place::Header
            }
            _ => {
                schemas.losses.add(
                    &place,
                    "parameter",
                    "the operation without it",
                    format!("`{name}` in {sent_in}: the generated method does not send it"),
                );
                continue;
            }
        };
        parameters.extend(read_one(schemas, api, id, &place, map, &name, sent_as));
    }
    for name in &template.names {
        let known = parameters
            .iter()
            .any(|p: &Parameter| p.place == Place::Path && &p.name == name);
        if !known {
            schemas.losses.add(
                at,
                "parameter",
                format!("`{name}` of the path as a string"),
                "that the document does not declare it",
            );
            parameters.push(Parameter {
                name: name.clone(),
                place: Place::Path,
                required: true,
                deprecated: false,
                description: None,
                slot: Slot::Text,
                pointer: at.to_owned(),
            });
        }
    }
    let has_body = operation.contains_key("requestBody");
    name_arguments(schemas, has_body, template, parameters)
}

fn read_one<'d>(
    schemas: &mut Schemas<'d>,
    api: &mut Api,
    id: &str,
    at: &str,
    map: &'d serde_json::Map<String, Value>,
    name: &str,
    place: Place,
) -> Vec<Parameter> {
    let keys = Keys::new(at, map);
    keys.take("name");
    keys.take("in");
    let required = keys.flag("required") || place == Place::Path;
    let deprecated = keys.flag("deprecated");
    let description = keys.string("description").map(str::to_owned);
    let default_style = if place == Place::Query {
        "form"
    } else {
        "simple"
    };
    let style = keys.string("style").unwrap_or(default_style);
    let explode = keys
        .take_if("explode", Value::as_bool)
        .unwrap_or(style == "form");
    for keyword in ["allowEmptyValue", "allowReserved"] {
        keys.take_if(keyword, |value| {
            (value == &Value::Bool(false)).then_some(())
        });
    }
    let content = keys.take_if("content", Value::as_object);
    let schema = content.is_none() && keys.take("schema").is_some();
    keys.finish_except(ANNOTATIONS, &mut schemas.losses);
    let parameter = |slot| Parameter {
        name: name.to_owned(),
        place,
        required,
        deprecated,
        description: description.clone(),
        slot,
        pointer: at.to_owned(),
    };
    let as_text = |schemas: &mut Schemas<'d>, keyword: &str, given_up: &str| {
        // Whatever the reason, it is the schema that is given up.
        let place = if keyword == "style" {
            "schema"
        } else {
            keyword
        };
        schemas.losses.add(
            &pointer::child(at, place),
            keyword,
            "a string that the caller writes",
            given_up,
        );
        vec![parameter(Slot::Text)]
    };
    if content.is_some() {
        if map.contains_key("style") {
            schemas.losses.add(
                &pointer::child(at, "style"),
                "style",
                "a string that the caller writes",
                "how it is written: content has no style",
            );
        }
        return as_text(schemas, "content", "its media type and schema");
    }
    if !schema {
        return vec![parameter(Slot::Text)];
    }
    let at_schema = pointer::child(at, "schema");
    let node = schemas.at(&at_schema);
    api.bases.push((at_schema, format!("{id}-{name}")));
    let Some(end) = schemas.force_resolved(node) else {
        return as_text(schemas, "schema", "a schema that leads back to itself");
    };
    if schemas.is_nullable(node) {
        schemas.losses.add(
            &pointer::child(at, "schema"),
            "nullable",
            "the other values",
            "`null`: a parameter is sent or it is not",
        );
    }
    match schemas.shape(end).kind.clone() {
        _ if is_printable(schemas, end) => {
            if style != default_style {
                schemas.losses.add(
                    &pointer::child(at, "style"),
                    "style",
                    "the value alone",
                    format!("what `{style}` puts around it"),
                );
            }
            vec![parameter(Slot::Node(node))]
        }
        Kind::List(list) if place == Place::Query && style == "form" && explode => {
            let item = schemas.force_resolved(list.item);
            if item.is_some_and(|item| is_printable(schemas, item)) {
                vec![parameter(Slot::Node(node))]
            } else {
                as_text(schemas, "schema", "items that are not single values")
            }
        }
        Kind::Record(record)
            if place == Place::Query
                && !record.fields.is_empty()
                && (style == "deepObject" || (style == "form" && explode)) =>
        {
            schemas.losses.add(
                at,
                "style",
                "one parameter for each property, spelt as on the wire",
                format!("the object `{name}` as one argument"),
            );
            schemas.give_up_words(&[node], "one parameter for each property");
            if !matches!(record.rest, Rest::Unsaid) {
                schemas.losses.add(
                    &pointer::child(at, "schema"),
                    "additionalProperties",
                    "the declared properties",
                    "what is said of others",
                );
            }
            if !required && record.fields.values().any(|field| field.required) {
                schemas.losses.add(
                    &pointer::join(at, ["schema", "required"]),
                    "required",
                    "optional parameters",
                    "that some are sent where any is",
                );
            }
            record
                .fields
                .iter()
                .map(|(field, of)| {
                    let end = schemas.force_resolved(of.node);
                    let printable = end.is_some_and(|end| is_printable(schemas, end));
                    let name = match style {
                        "deepObject" => format!("{name}[{field}]"),
                        _ => field.clone(),
                    };
                    if !printable {
                        let at = schemas.node(of.node).pointer.clone();
                        schemas.losses.add(
                            &at,
                            "schema",
                            "a string that the caller writes",
                            "its type",
                        );
                    }
                    Parameter {
                        name,
                        place,
                        required: required && of.required,
                        deprecated,
                        description: schemas.shape(of.node).docs.description.clone(),
                        slot: if printable {
                            Slot::Node(of.node)
                        } else {
                            Slot::Text
                        },
                        pointer: schemas.node(of.node).pointer.clone(),
                    }
                })
                .collect()
        }
        _ => {
            let keyword = if map.contains_key("style") {
                "style"
            } else {
                "schema"
            };
            as_text(
                schemas,
                keyword,
                "its type: the generated method cannot write it in this style",
            )
        }
    }
}

/// Whether the generated type can be written as one string.
fn is_printable(schemas: &Schemas<'_>, node: NodeId) -> bool {
    match &schemas.shape(node).kind {
        Kind::Boolean | Kind::Integer(_) | Kind::Number(_) | Kind::Text(_) | Kind::Choice(_) => {
            true
        }
        Kind::Union(union) => union.members.iter().all(|member| {
            let end = schemas.resolve(member.node);
            !matches!(schemas.shape(end).kind, Kind::Union(_)) && is_printable(schemas, end)
        }),
        _ => false,
    }
}

/// Gives each argument a name of its own. Names in a path are ours to choose, others are not.
fn name_arguments(
    schemas: &mut Schemas<'_>,
    has_body: bool,
    mut template: Template,
    parameters: Vec<Parameter>,
) -> (String, Vec<Parameter>) {
    let of_body = ARGUMENTS_OF_BODY.iter().filter(|_| has_body);
    let mut taken: BTreeSet<String> = ARGUMENTS_IN_USE
        .iter()
        .chain(of_body)
        .map(|name| (*name).to_owned())
        .collect();
    let (paths, others): (Vec<_>, Vec<_>) =
        parameters.into_iter().partition(|p| p.place == Place::Path);
    let mut kept = Vec::new();
    for parameter in others {
        // The generator compares names without regard to where they are sent.
        if taken.insert(names::snake(&parameter.name)) {
            kept.push(parameter);
        } else {
            schemas.losses.add(
                &parameter.pointer,
                "parameter",
                "the other parameter of this name",
                format!(
                    "`{}`: no second argument can be made of its name",
                    parameter.name
                ),
            );
        }
    }
    for mut parameter in paths {
        let mut name = parameter.name.clone();
        if name.contains(['/', '{', '}']) || !taken.insert(names::snake(&name)) {
            let plain = names::snake(&name);
            name = format!("path_{plain}");
            let mut number = 2_usize;
            while !taken.insert(names::snake(&name)) {
                name = format!("path_{plain}_{number}");
                number += 1;
            }
        }
        template.rename(&parameter.name, &name);
        parameter.name = name;
        kept.push(parameter);
    }
    kept.sort_by(|a, b| (a.place, &a.name).cmp(&(b.place, &b.name)));
    (template.to_path(), kept)
}

/// Whether a header may have this name.
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// A path with the places that parameters fill.
#[derive(Debug)]
struct Template {
    /// Text before each name, and the text at the end.
    texts: Vec<String>,
    names: Vec<String>,
}

impl Template {
    fn parse(path: &str) -> Self {
        let mut texts = Vec::new();
        let mut names = Vec::new();
        let mut rest = path;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            texts.push(before.replace('}', ""));
            names.push(name.to_owned());
            rest = after;
        }
        texts.push(rest.replace(['{', '}'], ""));
        if !texts[0].starts_with('/') {
            texts[0].insert(0, '/');
        }
        Self { texts, names }
    }

    fn rename(&mut self, from: &str, to: &str) {
        for name in &mut self.names {
            if name == from {
                to.clone_into(name);
            }
        }
    }

    fn to_path(&self) -> String {
        let mut path = self.texts[0].clone();
        for (name, text) in self.names.iter().zip(&self.texts[1..]) {
            path.push('{');
            path.push_str(name);
            path.push('}');
            path.push_str(text);
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_round_trip_and_are_mended() {
        for (path, mended) in [
            ("/v3/jobs/{job_id}", "/v3/jobs/{job_id}"),
            ("v3/{a}:{b}", "/v3/{a}:{b}"),
            ("/broken}/{a", "/broken/a"),
        ] {
            assert_eq!(Template::parse(path).to_path(), mended);
        }
    }
}
