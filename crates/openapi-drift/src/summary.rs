//! One sentence for each change, for people.

use std::collections::HashSet;

use serde_json::Value;

use crate::compare::fact::Fact;
use crate::document::FREE;
use crate::verdict::Tier;

/// Longer values are cut in sentences; reports carry them whole.
const MAX_VALUE: usize = 60;

pub(crate) fn summary(fact: &Fact) -> String {
    let subject = if fact.subject.is_empty() {
        "the value"
    } else {
        &fact.subject
    };
    let (before, after) = (short(&fact.before), short(&fact.after));
    let turn = |on: &str, off: &str| {
        let word = if fact.after == Value::Bool(true) {
            on
        } else {
            off
        };
        format!("{subject} {word}")
    };
    if fact.unread.is_some() && fact.tier == Tier::Same {
        let said = fact.rule.replace('-', " ");
        return format!("{said} of {subject} is written otherwise and means the same");
    }
    match fact.rule {
        "operation-removed" => format!("{subject} was removed"),
        "operation-added" => format!("{subject} was added"),
        "operation-moved" => format!("{before} is now {after}"),
        "webhook-removed" | "callback-removed" => format!("{subject} is no longer delivered"),
        "webhook-added" | "callback-added" => format!("{subject} is delivered now"),
        "webhook-method" | "callback-method" => {
            format!("{subject} is delivered by {after} now instead of {before}")
        }
        "callback-renamed" => format!("callback {before} is called {after} now"),
        "required" => turn("became required", "became optional"),
        "required-alternatives" if fact.before.is_null() => {
            format!("{after} is owed in {subject} now")
        }
        "required-alternatives" if fact.after.is_null() => {
            format!("{before} is no longer owed in {subject}")
        }
        "required-alternatives" => {
            format!("{after} is owed in {subject} now instead of {before}")
        }
        "nullable" => turn("can be null now", "can't be null any more"),
        "deprecated" => turn("is deprecated", "is no longer deprecated"),
        "read-only" => turn("became read-only", "can be written now"),
        "write-only" => turn("became write-only", "can be read now"),
        "security-removed" if before == FREE => {
            "calls without credentials are refused now".to_owned()
        }
        "security-added" if after == FREE => "calls without credentials are taken now".to_owned(),
        "security-eased" if after == FREE => {
            format!("calls without credentials are taken now, and not only those with {before}")
        }
        "link-removed" => format!("link {subject} was removed"),
        "link-added" => format!("link {subject} was added"),
        "link-changed" => format!("link {subject}: {before} is now {after}"),
        "property-removed" | "parameter-removed" | "media-type-removed" | "status-removed"
        | "header-removed" | "variant-removed" | "server-removed" | "body-removed"
        | "security-removed" => {
            format!("{subject} was removed")
        }
        "property-added" | "parameter-added" | "media-type-added" | "status-added"
        | "header-added" | "variant-added" | "server-added" | "body-added" | "security-added" => {
            format!("{subject} was added")
        }
        "additional-properties" => turn("accepts other members", "no longer accepts other members"),
        "type-name" if fact.after.is_null() => {
            format!("the type of {subject} is no longer named {before}")
        }
        "type-name" if fact.before.is_null() => {
            format!("the type of {subject} is named {after} now")
        }
        "type-name" => format!("the type of {subject} is named {after} instead of {before}"),
        "enum" | "listed" => values(subject, &fact.before, &fact.after),
        "alternatives" if fact.before.is_array() => values(subject, &fact.before, &fact.after),
        "words" | "xml" => format!("{subject} reads otherwise"),
        "condition" if fact.before.is_null() => format!("{subject} was added: {after}"),
        "condition" if fact.after.is_null() => format!("{subject} was removed: {before}"),
        "server-variable" => format!("{before} is written {after}"),
        "contradiction" if fact.unread.is_some() => {
            format!("what {subject} demands changed, and nothing satisfies it")
        }
        "contradiction" => turn("admits nothing any more", "can be satisfied now"),
        "shut-member" => format!("{subject}, which no object can have, changed"),
        "unusable" => format!("{subject}: {before} is now {after}"),
        "server-freed" => format!("{subject} takes any value in its braces now"),
        "security-delivered" => format!("{subject} shows {after} now instead of {before}"),
        "discriminator-mapping" => {
            let tag = format!("the tag of what extends {subject}");
            values(&tag, &fact.before, &fact.after)
        }
        "operation-path" => format!("{before} is written {after}, and its servers make up for it"),
        "security-moved" => format!("{subject} is written elsewhere"),
        rule => format!(
            "{} of {subject}: {before} is now {after}",
            rule.replace('-', " ")
        ),
    }
}

fn values(subject: &str, before: &Value, after: &Value) -> String {
    let (Some(old), Some(new)) = (before.as_array(), after.as_array()) else {
        return match (before, after) {
            (Value::Null, _) => format!("{subject} is one of {} now", short(after)),
            _ => format!("{subject} is no longer limited to {}", short(before)),
        };
    };
    let list = |some: &[Value], other: &[Value]| -> String {
        let other: HashSet<&Value> = other.iter().collect();
        let only: Vec<String> = some
            .iter()
            .filter(|value| !other.contains(value))
            .map(short)
            .collect();
        only.join(", ")
    };
    let (gone, come) = (list(old, new), list(new, old));
    match (gone.is_empty(), come.is_empty()) {
        (true, _) => format!("{subject} can be {come} now"),
        (_, true) => format!("{subject} can't be {gone} any more"),
        _ => format!("{subject} can be {come} now, and no longer {gone}"),
    }
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= MAX_VALUE {
        return text;
    }
    let cut: String = text.chars().take(MAX_VALUE).collect();
    format!("{cut}…")
}
