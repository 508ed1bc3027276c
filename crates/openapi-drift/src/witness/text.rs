//! Parameters and headers travel as text: `?limit=5` is the number and the string alike. What tells two documents apart there is
//! a text that one takes under some reading and the other under none.

use serde_json::{Number, Value};

use super::judge::Judge;
use crate::compare::{Notation, Text};

/// What is sent for a value; nothing where it has no text of its own.
enum Wire {
    Nothing,
    One(String),
    /// The key once for each.
    Many(Vec<String>),
    /// Each member of an object.
    Members(Vec<(String, String)>),
}

/// More members than this are read as strings, or as what else they spell, all together.
const MAX_MIXED: usize = 6;

/// Whether the other document takes what is sent for a value, whatever it reads it as. What is not
/// sent at all is no matter of a schema, nor is what has no text: see [`has_text`].
pub(super) fn taken(text: Text, instance: &Value, other: &Judge) -> bool {
    match wire(text, instance) {
        None | Some(Wire::Nothing) => true,
        Some(wire) => readings(text, wire).iter().any(|one| other.admits(one)),
    }
}

/// Whether the standard says how a value is written: it does not for parts within parts.
pub(super) fn has_text(text: Text, instance: &Value) -> bool {
    wire(text, instance).is_some()
}

/// What is written for a value in a request line or header, with the parameter's name where the style
/// has it.
pub(super) fn shown(text: Text, name: &str, instance: &Value) -> Option<String> {
    let lead = match text.notation {
        Notation::Simple => String::new(),
        Notation::Form | Notation::Deep => format!("{name}="),
        Notation::Label => ".".to_owned(),
        Notation::Matrix => format!(";{name}="),
    };
    let between = match (text.notation, text.separator) {
        (Notation::Matrix, None) => ";".to_owned(),
        (_, Some(separator)) => separator.to_string(),
        (_, None) => "&".to_owned(),
    };
    let each = |all: Vec<String>| all.join(&between);
    match wire(text, instance)? {
        Wire::Nothing => None,
        Wire::One(one) => Some(lead + &one),
        Wire::Many(all) => {
            let lead = lead.trim_start_matches(';');
            let written = each(all.iter().map(|one| format!("{lead}{one}")).collect());
            let mark = if text.notation == Notation::Matrix {
                ";"
            } else {
                ""
            };
            Some(format!("{mark}{written}"))
        }
        Wire::Members(all) if text.explode => {
            let mark = match text.notation {
                Notation::Label => ".",
                Notation::Matrix => ";",
                _ => "",
            };
            let one = |(key, value): (String, String)| match text.notation {
                Notation::Deep => format!("{name}[{key}]={value}"),
                _ => format!("{key}={value}"),
            };
            Some(format!(
                "{mark}{}",
                each(all.into_iter().map(one).collect())
            ))
        }
        Wire::Members(all) => {
            let parts = all.into_iter().flat_map(|(key, value)| [key, value]);
            Some(lead + &each(parts.collect()))
        }
    }
}

/// `None` for what holds parts within parts, and for what a style has no notation for.
fn wire(text: Text, instance: &Value) -> Option<Wire> {
    let deep = text.notation == Notation::Deep;
    match instance {
        Value::Null => Some(Wire::Nothing),
        Value::Object(members) => {
            let sent = members.iter().filter(|(_, value)| !value.is_null());
            let all: Vec<(String, String)> = sent
                .map(|(key, value)| Some((key.clone(), scalar(value)?)))
                .collect::<Option<_>>()?;
            Some(if all.is_empty() {
                Wire::Nothing
            } else {
                Wire::Members(all)
            })
        }
        _ if deep => None,
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(scalar).collect::<Option<_>>()?;
            Some(match text.separator {
                _ if items.is_empty() => Wire::Nothing,
                Some(separator) => Wire::One(items.join(&separator.to_string())),
                None => Wire::Many(items),
            })
        }
        other => scalar(other).map(Wire::One),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn readings(text: Text, wire: Wire) -> Vec<Value> {
    let (mut all, items) = match wire {
        Wire::Nothing => return Vec::new(),
        Wire::One(one) => {
            let items = match text.separator {
                Some(separator) => one.split(separator).map(str::to_owned).collect(),
                None => vec![one.clone()],
            };
            (read(&one), items)
        }
        Wire::Many(items) => (Vec::new(), items),
        Wire::Members(members) => return objects(&members),
    };
    if let (true, [only]) = (all.is_empty(), items.as_slice()) {
        all = read(only);
    }
    all.push(
        items
            .iter()
            .map(|item| Value::from(item.as_str()))
            .collect(),
    );
    all.push(
        items
            .iter()
            .map(|item| read(item).pop().unwrap_or_default())
            .collect(),
    );
    all
}

/// The objects that members can be read as: each as a string, or as what else it spells.
fn objects(members: &[(String, String)]) -> Vec<Value> {
    let whole = |pick: &dyn Fn(usize, Vec<Value>) -> Option<Value>| -> Value {
        let all = members.iter().enumerate();
        let read =
            all.filter_map(|(index, (key, text))| Some((key.clone(), pick(index, read(text))?)));
        Value::Object(read.collect())
    };
    if members.len() > MAX_MIXED {
        let first = whole(&|_, all| all.into_iter().next());
        return vec![first, whole(&|_, mut all| all.pop())];
    }
    (0..1_usize << members.len())
        .map(|mask| {
            whole(&|index, mut all| {
                if mask >> index & 1 == 1 {
                    all.pop()
                } else {
                    all.into_iter().next()
                }
            })
        })
        .collect()
}

/// As a string, and as what else it spells.
fn read(text: &str) -> Vec<Value> {
    let mut all = vec![Value::from(text)];
    match text {
        "true" => all.push(Value::Bool(true)),
        "false" => all.push(Value::Bool(false)),
        _ => {
            // As JSON writes numbers: whether `007` and `+7` are some is for each reader to say.
            let number = serde_json::from_str::<Number>(text).ok();
            let bare = number.filter(|_| text.trim() == text);
            all.extend(bare.map(Value::Number));
        }
    }
    all
}
