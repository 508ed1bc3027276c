//! Where a caller may call.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::model::{Words, members, text, words};
use crate::pointer;

/// The addresses that may be called, variables written out.
#[derive(Default)]
pub(crate) struct Servers {
    pub(crate) pointer: String,
    pub(crate) urls: Vec<String>,
    pub(crate) defaults: BTreeMap<String, Value>,
    pub(crate) words: Words,
}

/// The addresses of an operation: its own, those of its path, or the document's.
pub(super) fn read(
    root: &Value,
    (place, value): (&str, &Value),
    (item_place, item): (&str, &Value),
) -> Servers {
    for (base, holder) in [(place, value), (item_place, item), ("#", root)] {
        let listed = holder.get("servers").and_then(Value::as_array);
        let Some(listed) = listed.filter(|listed| !listed.is_empty()) else {
            continue;
        };
        let mut servers = Servers {
            pointer: pointer::push(base, "servers"),
            ..Servers::default()
        };
        for server in listed {
            let url = text(server, "url").unwrap_or_default();
            let mut urls = vec![url.trim_end_matches('/').to_owned()];
            for (name, variable) in members(server, "variables") {
                urls = spread(&urls, name, variable);
                if let Some(said) = variable.get("description") {
                    servers
                        .words
                        .insert(format!("description of {{{name}}} of {url}"), said.clone());
                }
                if let Some(default) = variable.get("default") {
                    servers.defaults.insert(name.to_owned(), default.clone());
                }
            }
            let known = ["url", "variables"];
            for (key, said) in words(server.as_object(), &known) {
                servers.words.insert(format!("{key} of {url}"), said);
            }
            servers.urls.extend(urls);
        }
        return servers;
    }
    Servers {
        pointer: "#".to_owned(),
        urls: vec![String::new()],
        ..Servers::default()
    }
}

/// Every listed value of a server variable written out, as far as that stays few.
fn spread(urls: &[String], name: &str, variable: &Value) -> Vec<String> {
    let hole = format!("{{{name}}}");
    let listed: Vec<&str> = variable
        .get("enum")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if listed.is_empty() || urls.len() * listed.len() > 64 {
        return urls.to_vec();
    }
    let filled = urls
        .iter()
        .flat_map(|url| listed.iter().map(|value| url.replace(&hole, value)));
    filled.collect::<BTreeSet<_>>().into_iter().collect()
}
