//! The losses of what is sent or received whole, or as an item: that a value travels one way only can be said of
//! properties alone.

use super::operations::{Api, Slot};
use super::places;
use super::responses::Content;
use super::write::{Way, Writer};
use crate::loss::Losses;
use crate::pointer;
use crate::schema::Schemas;
use crate::schema::node::NodeId;

/// What is sent or received whole is no property either.
pub(super) fn note(schemas: &Schemas<'_>, api: &Api, losses: &mut Losses) {
    for operation in &api.operations {
        let slots = operation.parameters.iter().map(|parameter| parameter.slot);
        for slot in slots.chain(operation.body.as_ref().map(|body| body.slot)) {
            if let Slot::Node(node) = slot {
                note_two_ways(schemas, node, losses);
            }
        }
        for response in &operation.responses {
            if let Content::Json(node) = response.content {
                note_two_ways(schemas, node, losses);
            }
        }
    }
    let writer = Writer {
        schemas,
        names: None,
    };
    for &node in &api.payloads {
        note_two_ways(schemas, node, losses);
        let end = schemas.resolve(node);
        let pointer = &schemas.node(node).pointer;
        if !writer.is_named(end, Way::Response) {
            losses.add(
                pointer,
                "webhooks",
                "the payload as JSON",
                "its type: it is no object, no list of words and no union",
            );
            continue;
        }
        let words = schemas.words_here(node);
        for (keyword, is_said) in [
            ("default", words.default.is_some()),
            ("deprecated", words.deprecated),
        ] {
            if is_said {
                losses.add(
                    &pointer::child(pointer, keyword),
                    keyword,
                    "the type of the payload",
                    "what is said of it here only",
                );
            }
        }
    }
}

/// Notes that `node` is sent and received where the document says that it is one of the two.
pub(super) fn note_two_ways(schemas: &Schemas<'_>, node: NodeId, losses: &mut Losses) {
    let words = schemas.words(node);
    for (keyword, is_said) in [
        ("readOnly", words.read_only),
        ("writeOnly", words.write_only),
    ] {
        if is_said {
            losses.add(
                &places::of_node(schemas, node, keyword),
                keyword,
                "the value both ways: it is no property",
                "that it travels one way only",
            );
        }
    }
}
