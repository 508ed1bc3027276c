//! Where a caller may call.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::model::{Words, members, text, words};
use crate::pointer;

/// The addresses that may be called, variables written out.
#[derive(Default)]
pub(crate) struct Servers {
    pub(crate) pointer: String,
    pub(crate) urls: Vec<Address>,
    /// By the address as it was written and the place in it: the variable's name is never sent. A
    /// variable without a place has its name.
    pub(crate) defaults: BTreeMap<(String, String), (String, Value)>,
    pub(crate) words: Words,
}

/// An address that may have variables left.
#[derive(PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) url: String,
    /// The same without the names of the variables.
    pub(crate) route: String,
}

impl Address {
    fn new(url: String) -> Self {
        let route = holes(&url).0;
        Self { url, route }
    }
}

/// An address without the names of its variables, and those names.
fn holes(url: &str) -> (String, Vec<&str>) {
    let (mut route, mut names, mut rest) = (String::new(), Vec::new(), url);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, next)) = after.split_once('}') else {
            break;
        };
        route = route + before + "{}";
        names.push(name);
        rest = next;
    }
    (route + rest, names)
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
            let url = url.trim_end_matches('/').to_owned();
            let mut urls = vec![url.clone()];
            let (route, names) = holes(&url);
            for (name, variable) in members(server, "variables") {
                urls = spread(&urls, name, variable);
                if let Some(said) = variable.get("description") {
                    servers
                        .words
                        .insert(format!("description of {{{name}}} of {url}"), said.clone());
                }
                let place = names.iter().position(|known| *known == name);
                let place = place.map_or_else(|| name.to_owned(), |place| place.to_string());
                if let Some(default) = variable.get("default") {
                    let said = (name.to_owned(), default.clone());
                    servers.defaults.insert((route.clone(), place), said);
                }
            }
            let known = ["url", "variables"];
            for (key, said) in words(server.as_object(), &known) {
                servers.words.insert(format!("{key} of {url}"), said);
            }
            servers.urls.extend(urls.into_iter().map(Address::new));
        }
        return servers;
    }
    Servers {
        pointer: "#".to_owned(),
        urls: vec![Address::new(String::new())],
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
