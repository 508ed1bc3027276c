//! Questions about whole calls, put so that a JSON Schema validator can answer them: a call is an
//! object of its parts, and each document says with a schema which calls it knows.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::samples::Samples;
use crate::document::Alternative;
use crate::document::Style;
use crate::document::model::{Media, Operation, Parameter};
use crate::schema::Kinds;
use crate::witness::Exam;

/// Does the document serve this request line, by this very operation?
pub(super) fn served(operation: &Operation, old: &[Operation], new: &[Operation]) -> Exam {
    let path = filled(&operation.path);
    let method = operation.method.to_uppercase();
    let route = operation.route();
    let known = |all: &[Operation]| {
        let same = all
            .iter()
            .find(|one| one.method == operation.method && one.route() == route);
        same.map_or(Value::Bool(false), |one| {
            json!({"properties": {
                "method": {"const": method},
                "path": {"pattern": expression(&one.path)},
            }})
        })
    };
    // A request that the new document still answers, but by something else, is no less broken.
    let segments = |path: &str| path.matches('/').count();
    let heir = new.iter().find(|one| {
        one.method == operation.method
            && segments(&one.path) == segments(&path)
            && one.route() != route
            && covers(&one.path, &path)
    });
    let note = heir.map_or(String::new(), |one| {
        format!(", which {} would answer now", one.title())
    });
    Exam {
        line: format!("{method} {path}{note}"),
        instance: json!({"method": method, "path": path}),
        old: known(old),
        new: known(new),
    }
}

/// Whether a template has this path among its fillings.
fn covers(template: &str, path: &str) -> bool {
    template
        .split('/')
        .zip(path.split('/'))
        .all(|(hole, segment)| hole.contains('{') || hole == segment)
}

/// Does the document let this part of a message be left out?
pub(super) fn left_out(line: &str, part: &str, name: &str, required: (bool, bool)) -> Exam {
    let schema = |required: bool| {
        if required {
            json!({"properties": {part: {"required": [name]}}})
        } else {
            Value::Bool(true)
        }
    };
    Exam {
        line: format!("{line} without {name}"),
        instance: json!({part: {}}),
        old: schema(required.0),
        new: schema(required.1),
    }
}

/// Does the document take the name of a parameter alone? `old` says whether the old one does, and the new one does not.
pub(super) fn bare(line: &str, name: &str, old: bool) -> Exam {
    let schema = |is_taken: bool| {
        let rest = if is_taken { "(=.*)?" } else { "=.*" };
        json!({"pattern": format!("^{}{rest}$", plain(name))})
    };
    Exam {
        line: format!("{line} with {name} and no value"),
        instance: Value::from(name),
        old: schema(old),
        new: schema(!old),
    }
}

/// Does the document list this value of a part?
pub(super) fn listed(line: &str, part: &str, value: &str, old: &[&str], new: &[&str]) -> Exam {
    let schema = |all: &[&str]| {
        let any: Vec<Value> = all
            .iter()
            .map(|one| json!({"pattern": range(one)}))
            .collect();
        let part_schema = if any.is_empty() {
            Value::Bool(false)
        } else {
            json!({"anyOf": any})
        };
        json!({"properties": {part: part_schema}})
    };
    Exam {
        line: format!("{line} with {part} {value}"),
        instance: json!({part: value}),
        old: schema(old),
        new: schema(new),
    }
}

/// Does the document take the parameter from here?
pub(super) fn taken_from(line: &str, name: &str, old: &str, new: &str) -> Exam {
    let schema =
        |part: &str| json!({"properties": {part: {"required": [name]}}, "required": [part]});
    Exam {
        line: format!("{line} with {name} in the {old}"),
        instance: json!({old: {name: "a"}}),
        old: schema(old),
        new: schema(new),
    }
}

/// Does the document read two items, or a member, when they are written this way?
pub(super) fn written(
    line: &str,
    name: &str,
    styles: (&Style, &Style),
    kinds: Kinds,
    samples: &Samples,
) -> Option<Exam> {
    let array = kinds.0 & Kinds::ARRAY != 0;
    let form = |style| form(style, name, array, samples);
    let (old, new) = (form(styles.0)?, form(styles.1)?);
    Some(Exam {
        line: format!("{line} with {}", old.0),
        instance: Value::from(old.0),
        old: json!({"pattern": old.1}),
        new: json!({"pattern": new.1}),
    })
}

/// Does the document read a value that is written as JSON, or as its style says?
pub(super) fn wrapped(
    line: &str,
    (old, new): (&Parameter, &Parameter),
    kinds: Kinds,
) -> Option<Exam> {
    let many = kinds.0 & (Kinds::ARRAY | Kinds::OBJECT) != 0;
    let name = &new.name;
    let one = |parameter: &Parameter| match parameter.media.as_deref() {
        Some("application/json") => {
            let text = match (many, kinds.0 & Kinds::ARRAY != 0) {
                (true, true) => "%5B%22a%22%5D",
                (true, false) => "%7B%22k%22%3A%22a%22%7D",
                (false, _) => "%22a%22",
            };
            let expression = format!("^{}=%(5B|7B|22).*$", plain(name));
            Some((format!("{name}={text}"), expression))
        }
        Some(_) => None,
        None if many => {
            let array = kinds.0 & Kinds::ARRAY != 0;
            let shown = form(&parameter.style, name, array, &Samples::default());
            // Written member by member, no member is what stood under the name of the whole.
            let apart = !array && parameter.style.explode && parameter.style.style == "form";
            shown.map(|(text, expression)| match expression.strip_prefix('^') {
                Some(rest) if apart => (text, format!("^(?!{}=){rest}", plain(name))),
                _ => (text, expression),
            })
        }
        None => Some((format!("{name}=a"), format!("^{}=[^&,|% ]*$", plain(name)))),
    };
    let (before, after) = (one(old)?, one(new)?);
    Some(Exam {
        line: format!("{line} with {}", before.0),
        instance: Value::from(before.0),
        old: json!({"pattern": before.1}),
        new: json!({"pattern": after.1}),
    })
}

/// An example of a style, and the expression that all of its writings match.
fn form(style: &Style, name: &str, array: bool, samples: &Samples) -> Option<(String, String)> {
    let safe = plain(name);
    let flat = samples.flat(array);
    let items = |before: &str, between: &str| {
        let items = samples.items.iter().map(|item| format!("{before}{item}"));
        items.collect::<Vec<_>>().join(between)
    };
    let members = |between: &str| {
        let members = samples.members.iter();
        let members = members.map(|(key, text)| format!("{key}={text}"));
        members.collect::<Vec<_>>().join(between)
    };
    let separated = |mark: &str, shown: &str| {
        (
            format!("{name}={}", flat.join(shown)),
            format!("^{safe}=[^&,|% ]*({mark}[^&,|% ]*)*$"),
        )
    };
    Some(match (style.style.as_str(), style.explode, array) {
        ("form", true, true) => (
            items(&format!("{name}="), "&"),
            format!("^{safe}=[^&,|% ]*(&{safe}=[^&,|% ]*)*$"),
        ),
        ("form", true, false) => (
            members("&"),
            "^[^&=\\[]+=[^&,]*(&[^&=\\[]+=[^&,]*)*$".to_owned(),
        ),
        ("form", false, _) => separated(",", ","),
        ("spaceDelimited", _, _) => separated("%20", "%20"),
        ("pipeDelimited", _, _) => separated("\\|", "|"),
        ("deepObject", _, _) => {
            let members = samples.members.iter();
            let members = members.map(|(key, text)| format!("{name}[{key}]={text}"));
            (
                members.collect::<Vec<_>>().join("&"),
                format!("^{safe}\\[[^\\]]*\\]=[^&]*(&{safe}\\[[^\\]]*\\]=[^&]*)*$"),
            )
        }
        ("simple", true, false) => (members(","), "^[^,=]+=[^,]*(,[^,=]+=[^,]*)*$".to_owned()),
        ("simple", _, _) => (flat.join(","), "^[^,=]*(,[^,=]*)*$".to_owned()),
        ("label", true, true) => (items(".", ""), "^(\\.[^.,=]*)*$".to_owned()),
        ("label", true, false) => (
            format!(".{}", members(".")),
            "^(\\.[^.,=]+=[^.,]*)*$".to_owned(),
        ),
        ("label", false, _) => (
            format!(".{}", flat.join(",")),
            "^\\.[^.,=]*(,[^.,=]*)*$".to_owned(),
        ),
        ("matrix", true, true) => (
            items(&format!(";{name}="), ""),
            format!("^(;{safe}=[^;,]*)*$"),
        ),
        ("matrix", true, false) => (
            format!(";{}", members(";")),
            "^(;[^;=,]+=[^;,]*)*$".to_owned(),
        ),
        ("matrix", false, _) => (
            format!(";{name}={}", flat.join(",")),
            format!("^;{safe}=[^;,]*(,[^;,]*)*$"),
        ),
        _ => return None,
    })
}

/// Do these credentials suffice?
pub(super) fn shown(
    line: &str,
    alternative: &Alternative,
    old: &[Alternative],
    new: &[Alternative],
) -> Exam {
    let instance: Map<String, Value> = alternative
        .shown
        .iter()
        .map(|(scheme, scopes)| (scheme.clone(), json!(scopes)))
        .collect();
    let schema = |all: &[Alternative]| {
        let any: Vec<Value> = all
            .iter()
            .map(|one| {
                let schemes: BTreeMap<&String, Value> = one
                    .shown
                    .iter()
                    .map(|(scheme, scopes)| {
                        let each: Vec<Value> = scopes
                            .iter()
                            .map(|scope| json!({"contains": {"const": scope}}))
                            .collect();
                        (
                            scheme,
                            if each.is_empty() {
                                Value::Bool(true)
                            } else {
                                json!({"allOf": each})
                            },
                        )
                    })
                    .collect();
                let names: Vec<&String> = one.shown.keys().collect();
                json!({"required": names, "properties": schemes})
            })
            .collect();
        json!({"properties": {"credentials": {"anyOf": any}}})
    };
    let credentials = match alternative.shown.is_empty() {
        true => "without credentials".to_owned(),
        false => format!("with {}", alternative.describe()),
    };
    Exam {
        line: format!("{line} {credentials}"),
        instance: json!({"credentials": instance}),
        old: schema(old),
        new: schema(new),
    }
}

/// The names of media types.
pub(super) fn kinds(content: &BTreeMap<String, Media>) -> Vec<&str> {
    content.keys().map(String::as_str).collect()
}

/// A path with its holes filled.
fn filled(path: &str) -> String {
    let mut text = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        text.push('a');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    text + rest
}

/// The expression that all the fillings of a path match.
fn expression(path: &str) -> String {
    let mut text = "^".to_owned();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(&plain(before));
        text.push_str("[^/]+");
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    text + &plain(rest) + "$"
}

/// A listed value as an expression: `2XX`, `default` and `text/*` stand for many.
fn range(listed: &str) -> String {
    if listed == "default" || listed == "*/*" {
        return String::new();
    }
    if let Some(main) = listed.strip_suffix("/*") {
        return format!("^{}/", plain(main));
    }
    match listed.strip_suffix("XX") {
        Some(class) if class.len() == 1 => format!("^{class}[0-9][0-9]$"),
        _ => format!("^{}$", plain(listed)),
    }
}

pub(super) fn plain(text: &str) -> String {
    let mut safe = String::new();
    for character in text.chars() {
        if !character.is_alphanumeric()
            && !matches!(
                character,
                '/' | '_'
                    | '-'
                    | ' '
                    | ':'
                    | '='
                    | '&'
                    | '%'
                    | ','
                    | ';'
                    | '@'
                    | '!'
                    | '~'
                    | '#'
                    | '\''
                    | '"'
                    | '<'
                    | '>'
            )
        {
            safe.push('\\');
        }
        safe.push(character);
    }
    safe
}
