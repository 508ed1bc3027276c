//! The losses of writing: what a schema says in the document and its lowered text does not, in the
//! directions in which it is reached.

use super::names::Reach;
use super::numbers::whole;
use super::objects::EXTRA;
use super::operations::Api;
use super::places;
use super::roots;
use super::write::{TYPED_FORMATS, Way, Writer};
use crate::loss::Losses;
use crate::names::snake;
use crate::pointer;
use crate::schema::Schemas;
use crate::schema::node::{Choice, Kind, List, NodeId, Numeric, Record, Rest, Tagged, Text};

/// Notes what writing gives up, for everything that is reached.
pub(crate) fn note(schemas: &Schemas<'_>, api: &Api, reached: &Reach, losses: &mut Losses) {
    roots::note(schemas, api, losses);
    for &(node, way) in reached {
        let notes = Notes { schemas, node, way };
        notes.note(losses);
        notes.note_one_way(losses);
        notes.note_default(losses);
    }
}

struct Notes<'s, 'd> {
    schemas: &'s Schemas<'d>,
    node: NodeId,
    way: Way,
}

impl Notes<'_, '_> {
    fn note(&self, losses: &mut Losses) {
        match &self.schemas.shape(self.node).kind {
            Kind::Any | Kind::Boolean => {}
            Kind::Alias(_) => losses.add(
                &self.at("$ref"),
                "$ref",
                "any value",
                "nothing: the reference leads back to itself",
            ),
            Kind::Null => losses.add(
                &self.at("type"),
                "null",
                "any value",
                "that it is always null",
            ),
            Kind::Integer(numeric) => self.note_integer(numeric, losses),
            Kind::Number(numeric) => self.note_number(numeric, losses),
            Kind::Text(text) => self.note_text(text, losses),
            Kind::Choice(choice) => self.note_choice(choice, losses),
            Kind::List(list) => self.note_list(list, losses),
            Kind::Record(record) => self.note_record(record, losses),
            Kind::Tagged(tagged) => self.note_tagged(tagged, losses),
            Kind::Union(_) => {
                if self.way == Way::Response {
                    losses.add(
                        self.pointer(),
                        "union",
                        "the alternatives, and any other value as raw JSON",
                        "that a response with none of them is refused",
                    );
                }
            }
        }
    }

    fn pointer(&self) -> &str {
        &self.schemas.node(self.node).pointer
    }

    /// Where a keyword of this schema stands: in the schema, or in a part of it.
    fn at(&self, keyword: &str) -> String {
        places::within(&self.schemas.refs, self.pointer(), keyword)
    }

    /// A bound that responses do not enforce.
    fn open(&self, keyword: &str, kept: &str, losses: &mut Losses) {
        losses.add(
            &self.at(keyword),
            keyword,
            kept,
            "the bound: a response beyond it still decodes",
        );
    }

    fn unchecked(&self, keyword: &str, losses: &mut Losses) {
        losses.add(
            &self.at(keyword),
            keyword,
            "the bound in the lowered document",
            "the check: the generated type does not make it",
        );
    }

    fn note_bounds(&self, numeric: &Numeric, checked: impl Fn(&str) -> bool, losses: &mut Losses) {
        for (inclusive, exclusive, bound) in [
            ("minimum", "exclusiveMinimum", &numeric.minimum),
            ("maximum", "exclusiveMaximum", &numeric.maximum),
        ] {
            let Some(bound) = bound else { continue };
            let keyword = if bound.exclusive {
                exclusive
            } else {
                inclusive
            };
            match self.way {
                Way::Response => self.open(keyword, "the number", losses),
                Way::Request if checked(inclusive) => {}
                Way::Request if whole(bound, true).is_none() => {
                    losses.add(
                        &self.at(keyword),
                        keyword,
                        "the number",
                        "a bound of this size",
                    );
                }
                Way::Request => self.unchecked(keyword, losses),
            }
        }
    }

    fn note_integer(&self, numeric: &Numeric, losses: &mut Losses) {
        // The generator picks an unsigned or non-zero type for these, and checks no others.
        let least = numeric
            .minimum
            .as_ref()
            .and_then(|bound| whole(bound, true));
        let checked = |keyword: &str| keyword == "minimum" && matches!(least, Some(0 | 1));
        if numeric.values.is_empty() || self.way == Way::Response {
            self.note_bounds(numeric, checked, losses);
        }
        if !numeric.values.is_empty() && self.way == Way::Response {
            let given_up = format!(
                "that only {:?} are sent: others still decode",
                numeric.values
            );
            losses.add(self.pointer(), "enum", "an integer", given_up);
        }
    }

    fn note_number(&self, numeric: &Numeric, losses: &mut Losses) {
        self.note_bounds(numeric, |_| false, losses);
        if numeric.format.as_deref() == Some("float") {
            losses.add(
                &self.at("format"),
                "format",
                "a double",
                "single precision, which would change the number",
            );
        }
    }

    fn note_text(&self, text: &Text, losses: &mut Losses) {
        if let Some(format) = text
            .format
            .as_deref()
            .filter(|format| TYPED_FORMATS.contains(format))
            && !self.schemas.options.typed_formats
        {
            losses.add(
                &self.at("format"),
                "format",
                "a string",
                format!("that it is a `{format}`"),
            );
        }
        let writer = Writer {
            schemas: self.schemas,
            names: None,
        };
        let kept = writer.bounded(text);
        let enforced = self.way == Way::Request && self.schemas.options.request_bounds;
        for (keyword, declared, honoured) in [
            (
                "minLength",
                text.min_length.is_some(),
                kept.min_length.is_some(),
            ),
            (
                "maxLength",
                text.max_length.is_some(),
                kept.max_length.is_some(),
            ),
            ("pattern", text.pattern.is_some(), kept.pattern.is_some()),
        ] {
            match (declared, honoured, enforced) {
                (false, ..) | (true, true, true) => {}
                (true, false, _) => losses.add(
                    &self.at(keyword),
                    keyword,
                    "a string",
                    "the bound: the generated code could not check it",
                ),
                (true, true, false) if self.way == Way::Response => {
                    self.open(keyword, "a string", losses);
                }
                (true, true, false) => {
                    losses.add(
                        &self.at(keyword),
                        keyword,
                        "a string",
                        "the bound, as the options ask",
                    );
                }
            }
        }
    }

    fn note_choice(&self, choice: &Choice, losses: &mut Losses) {
        if self.way == Way::Request || choice.open {
            return;
        }
        if let [only] = choice.values.as_slice() {
            losses.add(
                self.pointer(),
                "const",
                "a string",
                format!("that it is always `{only}`: another value still decodes"),
            );
        } else {
            losses.add(
                self.pointer(),
                "enum",
                "the listed values, and any other string as it came",
                "that a response with another value is refused",
            );
        }
    }

    fn note_list(&self, list: &List, losses: &mut Losses) {
        for (keyword, bound) in [("minItems", list.min_items), ("maxItems", list.max_items)] {
            if bound.is_none() {
                continue;
            }
            match self.way {
                Way::Response => self.open(keyword, "the items", losses),
                Way::Request => self.unchecked(keyword, losses),
            }
        }
    }

    fn note_record(&self, record: &Record, losses: &mut Losses) {
        if matches!(record.rest, Rest::Denied) && self.way == Way::Response {
            losses.add(
                &self.at("additionalProperties"),
                "additionalProperties",
                "the declared properties",
                "that others are refused: a response with new ones still decodes",
            );
        }
        self.note_fields(record, self.pointer(), None, losses);
    }

    /// What the fields lose, in a variant beside its `tag`.
    fn note_fields(&self, record: &Record, at: &str, tag: Option<&str>, losses: &mut Losses) {
        // A variant that is sent has no place for other properties.
        let has_map = tag.is_none() || self.way == Way::Response;
        let writer = Writer {
            schemas: self.schemas,
            names: None,
        };
        let fitted = writer.fit_beside(tag, record, self.way);
        let fields = record.fields.iter();
        for (name, field) in fields.filter(|(name, _)| Some(name.as_str()) != tag) {
            let docs = self.schemas.words(field.node);
            let place = self.schemas.node(field.node).pointer.clone();
            let place = match self.schemas.refs.get(&place) {
                Some(_) => place,
                // One property for those that several schemas have.
                None => {
                    let keyword = match self.way {
                        Way::Request => "readOnly",
                        Way::Response => "writeOnly",
                    };
                    let at = places::within(&self.schemas.refs, &place, keyword);
                    let is_there = self.schemas.refs.get(&at).is_some();
                    let property = at.rsplit_once('/').filter(|_| is_there);
                    property.map_or(place, |(property, _)| property.to_owned())
                }
            };
            let one_way = match self.way {
                Way::Request => docs.read_only.then_some((
                    "readOnly",
                    "the property in responses",
                    "it in requests",
                )),
                Way::Response => docs.write_only.then_some((
                    "writeOnly",
                    "the property in requests",
                    "it in responses",
                )),
            };
            if let Some((keyword, kept, given_up)) = one_way {
                losses.add(&place, keyword, kept, given_up);
            } else if !fitted.fields.contains_key(name.as_str()) {
                let kept = if has_map {
                    "it among the `extra` properties"
                } else {
                    "the other properties"
                };
                let given_up = if has_map && snake(name) == EXTRA {
                    "its type: the map of the other properties has its Rust name"
                } else {
                    "its type: another property has the same Rust name"
                };
                losses.add(&place, "properties", kept, given_up);
                if field.required {
                    losses.add(
                        &places::within(&self.schemas.refs, at, "required"),
                        "required",
                        kept,
                        format!("that `{name}` is required"),
                    );
                }
            } else if !field.required && self.schemas.is_nullable(field.node) {
                losses.add(
                    &place,
                    "nullable",
                    "an optional value",
                    "the difference between `null` and an absent property",
                );
            }
        }
        if tag.is_some() && has_map && matches!(record.rest, Rest::Denied) {
            losses.add(
                &places::within(&self.schemas.refs, at, "additionalProperties"),
                "additionalProperties",
                "the declared properties",
                "that others are refused: a response with new ones still decodes",
            );
        }
        if !has_map && matches!(record.rest, Rest::Typed(_)) {
            losses.add(
                &places::within(&self.schemas.refs, at, "additionalProperties"),
                "additionalProperties",
                "the declared properties",
                "others, in a variant of a tagged union that is sent",
            );
        }
    }

    fn note_tagged(&self, tagged: &Tagged, losses: &mut Losses) {
        for (_, variant) in &tagged.variants {
            let end = self.schemas.resolve(*variant);
            if let Kind::Record(record) = &self.schemas.shape(end).kind {
                if let Some(tag) = record.fields.get(&tagged.tag) {
                    self.note_default_of_tag(tag.node, losses);
                }
                let at = &self.schemas.node(end).pointer;
                self.note_fields(record, at, Some(&tagged.tag), losses);
            }
        }
        if self.way == Way::Response {
            losses.add(
                self.pointer(),
                "union",
                "the alternatives, and an unknown one as raw JSON",
                "that a response with none of them is refused",
            );
        }
    }

    fn note_default_of_tag(&self, tag: NodeId, losses: &mut Losses) {
        let tag = self.schemas.node(tag);
        if tag.shape.docs.default.is_some() {
            losses.add(
                &pointer::child(&tag.pointer, "default"),
                "default",
                "a tag that is always sent",
                "what it means where it is absent",
            );
        }
    }

    /// What is no property has no way of its own: it travels as what it is part of does.
    fn note_one_way(&self, losses: &mut Losses) {
        let children = self.children();
        let others = children.iter().filter(|(_, is_field)| !is_field);
        for (node, _) in others {
            roots::note_two_ways(self.schemas, *node, losses);
        }
    }

    /// What the schema is made of, the fields of its variants but their tags included, each with whether it is a field.
    fn children(&self) -> Vec<(NodeId, bool)> {
        let shape = self.schemas.shape(self.node);
        let mut shapes = vec![(shape, None)];
        if let Kind::Tagged(tagged) = &shape.kind {
            for (_, variant) in &tagged.variants {
                let variant = self.schemas.shape(self.schemas.resolve(*variant));
                let tag = match &variant.kind {
                    Kind::Record(record) => record.fields.get(&tagged.tag),
                    _ => None,
                };
                shapes.push((variant, tag.map(|tag| tag.node)));
            }
        }
        let children = shapes.into_iter().flat_map(|(shape, tag)| {
            let fields: Vec<NodeId> = match &shape.kind {
                Kind::Record(record) => record.fields.values().map(|field| field.node).collect(),
                _ => Vec::new(),
            };
            let of = shape.children().into_iter();
            of.filter(move |child| Some(*child) != tag)
                .map(move |child| (child, fields.contains(&child)))
        });
        children.collect()
    }

    fn note_default(&self, losses: &mut Losses) {
        let children = self.children().into_iter().map(|(node, _)| node);
        let nodes = std::iter::once(self.node).chain(children);
        for node in nodes.flat_map(|node| self.schemas.way(node)) {
            let node = self.schemas.node(node);
            if node
                .shape
                .docs
                .default
                .as_ref()
                .is_some_and(|default| !default.is_null())
            {
                losses.add(
                    &pointer::child(&node.pointer, "default"),
                    "default",
                    "the default in the description",
                    "that it is filled in: what is left out is not sent",
                );
            }
        }
    }
}
