//! What the peer calls at the client: webhooks, and the callbacks of an operation.

use std::collections::BTreeMap;

use serde_json::Value;

use super::exams;
use super::fact::Fact;
use super::operations::{Comparison, Context};
use crate::document::model::Operation;
use crate::report::Direction;
use crate::rust_impact::Surface;
use crate::verdict::{Effect, Polarity, Tier};

/// A callback's name, expression and method.
type Key = (String, String, String);

/// In which of its parts a call that is still delivered differs from what it was.
struct Kin<K> {
    rule: &'static str,
    tier: Tier,
    effect: Effect,
    /// What two keys of the same call have in common.
    shared: fn(&K) -> (&str, &str),
    /// What differs.
    part: fn(&K) -> &str,
}

/// Calls are paired by the first of these that pairs them alone.
const WEBHOOKS: &[Kin<(String, String)>] = &[Kin {
    rule: "webhook-method",
    // Who waits for one method refuses another.
    tier: Tier::Shape,
    effect: Effect::WIDENS,
    shared: |key| (&key.0, ""),
    part: |key| &key.1,
}];

const CALLBACKS: &[Kin<Key>] = &[
    Kin {
        rule: "callback-address",
        tier: Tier::Meaning,
        effect: Effect::NONE,
        shared: |key| (&key.0, &key.2),
        part: |key| &key.1,
    },
    // Its name is never sent.
    Kin {
        rule: "callback-renamed",
        tier: Tier::Words,
        effect: Effect::NONE,
        shared: |key| (&key.1, &key.2),
        part: |key| &key.0,
    },
    Kin {
        rule: "callback-method",
        tier: Tier::Shape,
        effect: Effect::WIDENS,
        shared: |key| (&key.0, &key.1),
        part: |key| &key.2,
    },
];

/// What is delivered.
struct Delivery<K: 'static> {
    direction: Direction,
    /// What it is called in reports, before its name.
    what: String,
    /// For people.
    name: fn(&K) -> String,
    kin: &'static [Kin<K>],
    /// Rules of what comes no longer, and of what comes now.
    removed: &'static str,
    added: &'static str,
}

impl<K> Delivery<K> {
    fn context(&self, key: &K) -> Context {
        Context {
            operation: format!("{} {}", self.what, (self.name)(key)),
            direction: self.direction,
            polarity: Polarity::Received,
            delivered: Some(self.direction),
        }
    }
}

impl<K: Clone> Kin<K> {
    /// The keys by what they share, where no other shares it.
    fn alone(&self, calls: &BTreeMap<K, &Operation>) -> BTreeMap<(String, String), Option<K>> {
        let mut alone = BTreeMap::new();
        for key in calls.keys() {
            let (one, two) = (self.shared)(key);
            alone
                .entry((one.to_owned(), two.to_owned()))
                .and_modify(|known| *known = None)
                .or_insert_with(|| Some(key.clone()));
        }
        alone
    }
}

impl Comparison<'_> {
    pub(super) fn webhooks(&mut self, old: &[Operation], new: &[Operation]) {
        let key = |operation: &Operation| (operation.path.clone(), operation.method.clone());
        let before = old.iter().map(|one| (key(one), one)).collect();
        let after = new.iter().map(|one| (key(one), one)).collect();
        let webhooks = Delivery {
            direction: Direction::Webhook,
            what: "webhook".to_owned(),
            name: |(name, _): &(String, String)| name.clone(),
            kin: WEBHOOKS,
            removed: "webhook-removed",
            added: "webhook-added",
        };
        self.delivered(before, after, &webhooks);
    }

    pub(super) fn callbacks(&mut self, caller: &str, old: &Operation, new: &Operation) {
        let callbacks = Delivery {
            direction: Direction::Callback,
            what: format!("{caller} callback"),
            name: named,
            kin: CALLBACKS,
            removed: "callback-removed",
            added: "callback-added",
        };
        self.delivered(keys(old), keys(new), &callbacks);
    }

    /// What the peer calls at the client: webhooks, and the callbacks of an operation.
    fn delivered<K: Ord + Clone>(
        &mut self,
        mut old: BTreeMap<K, &Operation>,
        mut new: BTreeMap<K, &Operation>,
        delivery: &Delivery<K>,
    ) {
        for (key, before) in old.clone() {
            if let Some(after) = new.remove(&key) {
                old.remove(&key);
                self.operation(before, after, Some(delivery.context(&key)));
            }
        }
        for kin in delivery.kin {
            let others = kin.alone(&new);
            for (shared, key) in kin.alone(&old) {
                let (Some(key), Some(Some(other))) = (key, others.get(&shared)) else {
                    continue;
                };
                let (Some(before), Some(after)) = (old.remove(&key), new.remove(other)) else {
                    continue;
                };
                let context = delivery.context(other);
                let subject = (delivery.name)(other);
                let fact = Fact::new(kin.rule, subject, kin.tier, kin.effect)
                    .at(before.pointer.clone(), after.pointer.clone())
                    .values((kin.part)(&key), (kin.part)(other));
                let (one, two) = (before.method.to_uppercase(), after.method.to_uppercase());
                let exam = exams::listed(&context.operation, "method", &two, &[&one], &[&two]);
                self.found(&context, fact, Some(exam));
                self.operation(before, after, Some(context));
            }
        }
        for (key, before) in old {
            // Nothing fails: the call simply no longer comes.
            let name = (delivery.name)(&key);
            let fact = Fact::new(delivery.removed, name, Tier::Shape, Effect::SILENT)
                .surface(Surface::Removed)
                .at(before.pointer.clone(), None)
                .values(before.path.clone(), Value::Null);
            self.find(&delivery.context(&key), fact);
        }
        for (key, after) in new {
            let name = (delivery.name)(&key);
            let fact = Fact::new(delivery.added, name, Tier::Shape, Effect::NONE)
                .surface(Surface::Added)
                .at(None, after.pointer.clone())
                .values(Value::Null, after.path.clone());
            self.find(&delivery.context(&key), fact);
        }
    }
}

fn keys(operation: &Operation) -> BTreeMap<Key, &Operation> {
    let callbacks = operation.callbacks.iter();
    callbacks.map(|(key, one)| (key.clone(), one)).collect()
}

/// For people: several callbacks may come to one address.
fn named((name, expression, _): &Key) -> String {
    format!("{name} {expression}")
}
