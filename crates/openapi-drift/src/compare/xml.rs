//! The `xml` of a schema: words to a body in JSON, and how the message is written to a body in XML. No XML is validated here: what
//! is shown is the piece of text in which the two documents differ.

use serde_json::{Value, json};

use super::exams::plain;
use super::fact::Fact;
use super::operations::{Place, Root};
use crate::pointer;
use crate::verdict::{Effect, Tier};
use crate::witness::Exam;

/// The rule of such facts, and the keyword.
pub(crate) const RULE: &str = "xml";

/// How one value is written in XML.
#[derive(PartialEq)]
struct Written {
    /// With its prefix.
    name: String,
    namespace: Option<String>,
    attribute: bool,
    wrapped: bool,
    /// What else is said and no rule reads.
    rest: Value,
}

/// Says what a fact about `xml` means to one message, with a question that shows it.
pub(crate) fn weigh(fact: &mut Fact, root: &Root) -> Option<Exam> {
    let (Place::Body(media) | Place::Response(_, media)) = &root.place else {
        return None;
    };
    let kind = media.split(';').next().unwrap_or_default();
    let xml = kind.ends_with("/xml") || kind.ends_with("+xml");
    if fact.rule != RULE || !xml {
        return None;
    }
    let own = fact.new.as_ref().or(fact.old.as_ref());
    let name = own.map_or_else(|| "value".to_owned(), |place| default_name(place));
    let (old, new) = (read(&fact.before, &name), read(&fact.after, &name));
    if old == new {
        return None;
    }
    fact.tier = Tier::Shape;
    fact.effect = Effect::BOTH;
    let ((text, before), (_, after)) = (old.shown(), new.shown());
    (before != after).then(|| Exam {
        line: format!("{} with {media} {text}", root.operation),
        instance: Value::from(text),
        old: json!({"pattern": before}),
        new: json!({"pattern": after}),
    })
}

/// What an element is called when nobody says: as the member or the component.
fn default_name(place: &str) -> String {
    let tokens: Vec<String> = place.split('/').map(pointer::last).collect();
    let named = tokens
        .windows(2)
        .rev()
        .find(|pair| matches!(pair[0].as_str(), "properties" | "schemas"));
    named.map_or_else(|| "value".to_owned(), |pair| pair[1].clone())
}

fn read(xml: &Value, name: &str) -> Written {
    let text = |key: &str| xml.get(key).and_then(Value::as_str).map(str::to_owned);
    let flag = |key: &str| xml.get(key) == Some(&Value::Bool(true));
    let own = text("name").unwrap_or_else(|| name.to_owned());
    let mut rest = xml.clone();
    if let Some(rest) = rest.as_object_mut() {
        let known = ["name", "prefix", "namespace", "attribute", "wrapped"];
        rest.retain(|key, _| !known.contains(&key.as_str()) && !key.starts_with("x-"));
    }
    Written {
        name: match text("prefix") {
            Some(prefix) if !prefix.is_empty() => format!("{prefix}:{own}"),
            _ => own,
        },
        namespace: text("namespace").filter(|space| !space.is_empty()),
        attribute: flag("attribute"),
        wrapped: flag("wrapped"),
        rest: if rest.as_object().is_none_or(serde_json::Map::is_empty) {
            Value::Null
        } else {
            rest
        },
    }
}

impl Written {
    /// A piece of such a message, and the expression for all like it.
    fn shown(&self) -> (String, String) {
        let name = &self.name;
        let space = match &self.namespace {
            Some(space) => format!(" xmlns=\"{space}\""),
            None => String::new(),
        };
        let text = match (self.attribute, self.wrapped) {
            (true, _) => format!("{name}=\"a\"{space}"),
            (false, true) => format!("<{name}{space}><{name}>a</{name}></{name}>"),
            (false, false) => format!("<{name}{space}>a</{name}>"),
        };
        let pattern = format!("^{}$", plain(&text));
        (text, pattern)
    }
}
