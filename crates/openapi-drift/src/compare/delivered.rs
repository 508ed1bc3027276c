//! What the peer calls at the client: webhooks, and the callbacks of an operation.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fact::Fact;
use super::operations::{Comparison, Context};
use crate::document::model::Operation;
use crate::report::Direction;
use crate::rust_impact::Surface;
use crate::verdict::{Effect, Polarity, Tier};

/// A callback's name, expression and method.
type Key = (String, String, String);

impl Comparison<'_> {
    pub(super) fn webhooks(&mut self, old: &[Operation], new: &[Operation]) {
        let key = |operation: &Operation| (operation.path.clone(), operation.method.clone());
        let before: BTreeMap<_, _> = old.iter().map(|one| (key(one), one)).collect();
        let after: BTreeMap<_, _> = new.iter().map(|one| (key(one), one)).collect();
        let name = |key: &(String, String)| key.0.clone();
        self.delivered(&before, &after, Direction::Webhook, ("webhook", ""), name);
    }

    /// What the peer calls at the client: webhooks, and the callbacks of an operation.
    fn delivered<K: Ord>(
        &mut self,
        old: &BTreeMap<K, &Operation>,
        new: &BTreeMap<K, &Operation>,
        direction: Direction,
        (what, caller): (&str, &str),
        name: impl Fn(&K) -> String,
    ) {
        let label = |key: &K| {
            let space = if caller.is_empty() { "" } else { " " };
            format!("{caller}{space}{what} {}", name(key))
        };
        let context = |key: &K| Context {
            operation: label(key),
            direction,
            polarity: Polarity::Received,
            delivered: Some(direction),
        };
        for (key, before) in old {
            match new.get(key) {
                Some(after) => self.operation(before, after, Some(context(key))),
                None => {
                    // Nothing fails: the call simply no longer comes.
                    let rule = if what == "webhook" {
                        "webhook-removed"
                    } else {
                        "callback-removed"
                    };
                    let fact = Fact::new(rule, name(key), Tier::Shape, Effect::SILENT)
                        .surface(Surface::Removed)
                        .at(before.pointer.clone(), None)
                        .values(before.path.clone(), Value::Null);
                    self.find(&context(key), fact);
                }
            }
        }
        for (key, after) in new {
            if !old.contains_key(key) {
                let rule = if what == "webhook" {
                    "webhook-added"
                } else {
                    "callback-added"
                };
                let fact = Fact::new(rule, name(key), Tier::Shape, Effect::NONE)
                    .surface(Surface::Added)
                    .at(None, after.pointer.clone())
                    .values(Value::Null, after.path.clone());
                self.find(&context(key), fact);
            }
        }
    }

    pub(super) fn callbacks(&mut self, caller: &str, old: &Operation, new: &Operation) {
        let (before, after) = (keys(old), keys(new));
        // A callback that goes to another address is the same callback, delivered elsewhere.
        let mut left: BTreeMap<Key, &Operation> = BTreeMap::new();
        let mut right: BTreeMap<Key, &Operation> = BTreeMap::new();
        for key in &after {
            right.insert(key.clone(), &new.callbacks[key]);
        }
        for key in &before {
            let same_name = |other: &&Key| other.0 == key.0 && other.2 == key.2;
            let only = after.iter().filter(same_name).count() == 1
                && before.iter().filter(same_name).count() == 1;
            let elsewhere = after
                .iter()
                .find(same_name)
                .filter(|other| only && *other != key);
            match elsewhere {
                Some(other) => {
                    let context = Context {
                        operation: format!("{caller} callback {}", named(other)),
                        direction: Direction::Callback,
                        polarity: Polarity::Received,
                        delivered: Some(Direction::Callback),
                    };
                    let fact = Fact::new(
                        "callback-address",
                        key.0.clone(),
                        Tier::Meaning,
                        Effect::NONE,
                    )
                    .at(
                        old.callbacks[key].pointer.clone(),
                        new.callbacks[other].pointer.clone(),
                    )
                    .values(key.1.clone(), other.1.clone());
                    self.find(&context, fact);
                    left.insert(other.clone(), &old.callbacks[key]);
                }
                None => {
                    left.insert(key.clone(), &old.callbacks[key]);
                }
            }
        }
        let what = ("callback", caller);
        self.delivered(&left, &right, Direction::Callback, what, named);
    }
}

fn keys(operation: &Operation) -> Vec<Key> {
    operation.callbacks.keys().cloned().collect()
}

/// For people: several callbacks may come to one address.
fn named((name, expression, _): &Key) -> String {
    format!("{name} {expression}")
}
