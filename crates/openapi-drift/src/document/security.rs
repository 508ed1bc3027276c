//! What a caller must show: alternatives of schemes as they look on the wire, names left out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::pointer;

/// The alternatives of one operation. None at all means that anybody may call.
pub(crate) struct Security {
    pub(crate) pointer: String,
    pub(crate) alternatives: Vec<Alternative>,
}

/// What an alternative is called under which nothing has to be shown.
pub(crate) const FREE: &str = "nothing";

/// Schemes that are shown together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alternative {
    /// What is shown on the wire, and with which scopes.
    pub(crate) shown: BTreeMap<String, BTreeSet<String>>,
    /// The components' names.
    pub(crate) names: BTreeSet<String>,
}

impl Alternative {
    /// Whether whoever satisfies `self` satisfies `other` too.
    pub(crate) fn satisfies(&self, other: &Self) -> bool {
        other.shown.iter().all(|(scheme, scopes)| {
            self.shown
                .get(scheme)
                .is_some_and(|own| scopes.is_subset(own))
        })
    }

    /// For people.
    pub(crate) fn describe(&self) -> String {
        if self.shown.is_empty() {
            return FREE.to_owned();
        }
        let parts: Vec<String> = self
            .shown
            .iter()
            .map(|(scheme, scopes)| {
                if scopes.is_empty() {
                    scheme.clone()
                } else {
                    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
                    format!("{scheme} ({})", scopes.join(", "))
                }
            })
            .collect();
        parts.join(" and ")
    }
}

/// The alternatives of an operation, its own or the document's.
pub(super) fn read(root: &Value, place: &str, operation: &Value) -> Security {
    let (pointer, listed) = match operation.get("security") {
        Some(own) => (pointer::push(place, "security"), Some(own)),
        None => ("#/security".to_owned(), root.get("security")),
    };
    let mut alternatives: Vec<Alternative> = Vec::new();
    for requirement in listed.and_then(Value::as_array).into_iter().flatten() {
        for alternative in spread(root, requirement) {
            if !alternatives.contains(&alternative) {
                alternatives.push(alternative);
            }
        }
    }
    if alternatives.is_empty() {
        alternatives.push(Alternative {
            shown: BTreeMap::new(),
            names: BTreeSet::new(),
        });
    }
    Security {
        pointer,
        alternatives,
    }
}

/// What each scheme says beside what is shown on the wire.
pub(super) fn scheme_words(root: &Value) -> BTreeMap<String, BTreeMap<String, Value>> {
    const SHOWN: [&str; 6] = ["type", "in", "name", "scheme", "openIdConnectUrl", "flows"];
    let schemes = pointer::lookup(root, "#/components/securitySchemes").and_then(Value::as_object);
    let mut all = BTreeMap::new();
    for (name, scheme) in schemes.into_iter().flatten() {
        let mut words: BTreeMap<String, Value> = BTreeMap::new();
        for (key, said) in scheme.as_object().into_iter().flatten() {
            if !SHOWN.contains(&key.as_str()) {
                words.insert(key.clone(), said.clone());
            }
        }
        let flows = scheme.get("flows").and_then(Value::as_object);
        for (kind, flow) in flows.into_iter().flatten() {
            for key in ["scopes", "refreshUrl"] {
                if let Some(said) = flow.get(key) {
                    words.insert(format!("flows/{kind}/{key}"), said.clone());
                }
            }
        }
        all.insert(name.clone(), words);
    }
    all
}

/// One requirement as alternatives: each flow of an OAuth scheme is one.
fn spread(root: &Value, requirement: &Value) -> Vec<Alternative> {
    let mut all = vec![Alternative {
        shown: BTreeMap::new(),
        names: BTreeSet::new(),
    }];
    for (name, scopes) in requirement.as_object().into_iter().flatten() {
        let scopes: BTreeSet<String> = scopes
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        let schemes = on_the_wire(root, name);
        all = all
            .iter()
            .flat_map(|known| {
                schemes.iter().map(|scheme| {
                    let mut next = known.clone();
                    next.shown
                        .entry(scheme.clone())
                        .or_default()
                        .extend(scopes.iter().cloned());
                    next.names.insert(name.clone());
                    next
                })
            })
            .take(64)
            .collect();
    }
    all
}

fn on_the_wire(root: &Value, name: &str) -> Vec<String> {
    let place = pointer::join("#/components/securitySchemes", &[name]);
    let mut scheme = pointer::lookup(root, &place);
    for _ in 0..16 {
        let target = scheme
            .and_then(|scheme| scheme.get("$ref"))
            .and_then(Value::as_str);
        match target {
            Some(target) => scheme = pointer::lookup(root, target),
            None => break,
        }
    }
    let Some(scheme) = scheme else {
        return vec![format!("undefined scheme {name}")];
    };
    let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "apiKey" if text("in") == "header" => {
            vec![format!("header {}", text("name").to_lowercase())]
        }
        "apiKey" => vec![format!("{} {}", text("in"), text("name"))],
        "http" => vec![format!("{} authorization", text("scheme").to_lowercase())],
        "openIdConnect" => vec![format!("OpenID Connect of {}", text("openIdConnectUrl"))],
        "oauth2" => {
            let flows = scheme.get("flows").and_then(Value::as_object);
            let all: Vec<String> = flows
                .into_iter()
                .flatten()
                .filter(|(kind, _)| !kind.starts_with("x-"))
                .map(|(kind, flow)| {
                    let url = |key: &str| flow.get(key).and_then(Value::as_str).unwrap_or_default();
                    let parts = [url("authorizationUrl"), url("tokenUrl")];
                    let parts: Vec<&str> =
                        parts.into_iter().filter(|part| !part.is_empty()).collect();
                    format!("OAuth {kind} at {}", parts.join(" and "))
                })
                .collect();
            if all.is_empty() {
                vec!["OAuth".to_owned()]
            } else {
                all
            }
        }
        other => vec![other.to_owned()],
    }
}
