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

impl Servers {
    /// The path that all addresses end with, if it is one and has no variable.
    pub(crate) fn path(&self) -> Option<&str> {
        let mut paths = self.urls.iter().map(|one| split(&one.url).1);
        let first = paths.next()?;
        let shared = paths.all(|path| path == first) && !first.contains('{');
        shared.then_some(first)
    }
}

/// An address that may have variables left.
pub(crate) struct Address {
    pub(crate) url: String,
    /// The same without the names of the variables.
    pub(crate) route: String,
    /// The route before values were written out.
    template: String,
}

impl Address {
    fn new(url: String, template: &str) -> Self {
        let route = holes(&url).0;
        let template = template.to_owned();
        Self {
            url,
            route,
            template,
        }
    }

    /// Whether this is what another was before its variables took any value.
    pub(crate) fn frees(&self, other: &Self) -> bool {
        let mut parts = self.route.split("{}");
        let Some(mut rest) = other.route.strip_prefix(parts.next().unwrap_or_default()) else {
            return false;
        };
        let mut parts: Vec<&str> = parts.collect();
        let Some(last) = parts.pop() else {
            return rest.is_empty();
        };
        for part in parts {
            let Some((_, after)) = rest.split_once(part) else {
                return false;
            };
            rest = after;
        }
        self.template == other.template && rest.ends_with(last)
    }
}

/// An address with what is read alike regardless of how it is written in one form: scheme and host
/// in small letters, the port left out that the scheme has anyway.
fn canonical(url: &str) -> String {
    let (origin, path) = split(url.trim_end_matches('/'));
    let Some((scheme, host)) = origin.split_once("://") else {
        return path.to_owned();
    };
    let scheme = scheme.to_lowercase();
    let port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    let mut small = String::new();
    let mut inside = false;
    for letter in host.strip_suffix(port).unwrap_or(host).chars() {
        inside = letter == '{' || inside && letter != '}';
        match inside {
            true => small.push(letter),
            false => small.extend(letter.to_lowercase()),
        }
    }
    format!("{scheme}://{small}{path}")
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
            let url = canonical(&text(server, "url").unwrap_or_default());
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
            let all = urls.iter().map(|url| canonical(url));
            let all = all.map(|url| Address::new(url, &route));
            servers.urls.extend(all);
        }
        return servers;
    }
    Servers {
        pointer: "#".to_owned(),
        urls: vec![Address::new(String::new(), "")],
        ..Servers::default()
    }
}

/// Where the server is, which a relative address leaves out, and the path there.
fn split(url: &str) -> (&str, &str) {
    let host = url.find("://").map_or(0, |end| end + 3);
    let path = url[host..].find('/').map_or(url.len(), |path| host + path);
    match host {
        0 => ("", url),
        _ => url.split_at(path),
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
