//! Webhooks and callbacks: requests that the other side sends. Their payloads become types, read
//! as openly as responses; the generated client does not listen for them.

use serde_json::{Map, Value};

use super::operations::{Api, Slot, offered, sorted};
use super::{bodies, parameters};
use crate::error::Error;
use crate::options::Options;
use crate::pointer;
use crate::schema::Schemas;

/// Reads the payloads of the webhooks that `options` selects.
pub(crate) fn read(
    schemas: &mut Schemas<'_>,
    options: &Options,
    api: &mut Api,
) -> Result<(), Error> {
    let document = schemas.refs.document();
    let webhooks = document.get("webhooks").and_then(Value::as_object);
    for wanted in &options.webhooks {
        if !webhooks.is_some_and(|webhooks| webhooks.contains_key(wanted)) {
            return Err(Error::new(
                "/webhooks",
                format!(
                    "there is no selected webhook `{wanted}`; {}",
                    offered(
                        sorted(webhooks)
                            .into_iter()
                            .map(|(name, _)| name.as_str())
                            .collect()
                    )
                ),
            ));
        }
    }
    for (name, _) in sorted(webhooks) {
        if !options.selects() || options.webhooks.contains(name) {
            let at = pointer::join("", ["webhooks", name]);
            read_path_item(schemas, api, &at, name, "webhooks");
        }
    }
    Ok(())
}

/// Reads the payloads of an operation's callbacks.
pub(crate) fn read_callbacks(
    schemas: &mut Schemas<'_>,
    api: &mut Api,
    id: &str,
    at: &str,
    operation: &Map<String, Value>,
) {
    let at = pointer::child(at, "callbacks");
    for (name, _) in sorted(operation.get("callbacks").and_then(Value::as_object)) {
        let here = pointer::child(&at, name);
        let Some((place, Value::Object(callback))) = schemas.refs.follow(&here) else {
            schemas.losses.add(
                &here,
                "callbacks",
                "the other callbacks",
                "this one: it leads nowhere",
            );
            continue;
        };
        for (expression, _) in sorted(Some(callback)) {
            if !expression.starts_with("x-") {
                let at = pointer::child(&place, expression);
                read_path_item(schemas, api, &at, &format!("{id}-{name}"), "callbacks");
            }
        }
    }
}

fn read_path_item(schemas: &mut Schemas<'_>, api: &mut Api, at: &str, name: &str, construct: &str) {
    let Some((place, Value::Object(item))) = schemas.refs.follow(at) else {
        schemas
            .losses
            .add(at, construct, "the others", "this one: it leads nowhere");
        return;
    };
    schemas.losses.add(
        &place,
        construct,
        "a type for each payload",
        "the request itself: the generated client does not receive it",
    );
    for (method, operation) in sorted(Some(item)) {
        let at_parameters = pointer::join(&place, [method, "parameters"]);
        for (at, _) in parameters::list(schemas, &at_parameters, operation.get("parameters")) {
            schemas.losses.add(
                &at,
                construct,
                "the payload without it",
                "what is sent beside the payload",
            );
        }
        let at = pointer::join(&place, [method, "requestBody"]);
        if operation.get("requestBody").is_none() {
            continue;
        }
        let Some((place, body)) = schemas.refs.follow(&at) else {
            schemas.losses.add(
                &at,
                "requestBody",
                "the others",
                "this one: it leads nowhere",
            );
            continue;
        };
        let content = body.get("content").and_then(Value::as_object);
        let at_content = pointer::child(&place, "content");
        let Some((media, at_media, chosen, object)) = bodies::choose(&at_content, content) else {
            continue;
        };
        bodies::note_others(schemas, &at_content, content, chosen, construct);
        if media.is_json() || media == bodies::Media::Form {
            let base = format!("{name}-Payload");
            if let Slot::Node(node) = bodies::read_media(schemas, api, &at_media, object, &base) {
                api.payloads.push(node);
            }
        } else {
            schemas.losses.add(
                &at_media,
                construct,
                "the others",
                format!("this payload: no type can be made of `{chosen}`"),
            );
        }
        if body.get("required").is_some() {
            schemas.losses.add(
                &pointer::child(&place, "required"),
                "requestBody.required",
                "a type for the payload",
                "whether it is always sent",
            );
        }
    }
}
