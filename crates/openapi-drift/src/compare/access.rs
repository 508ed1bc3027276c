//! Where a caller may call, and what it must show there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::exams;
use super::fact::Fact;
use super::operations::{Comparison, Context};
use crate::document::model::Operation;
use crate::document::{Address, Alternative, Servers};
use crate::pointer;
use crate::report::Direction;
use crate::rust_impact::Surface;
use crate::verdict::{Effect, Tier};

fn urls(servers: &Servers) -> Vec<&str> {
    servers.urls.iter().map(|one| one.url.as_str()).collect()
}

impl Comparison<'_> {
    pub(super) fn servers(&mut self, context: &Context, old: &Operation, new: &Operation) {
        let (before, after) = (&old.servers, &new.servers);
        let place = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        let (left, right) = place(&before.pointer, &after.pointer);
        // Where a part of the path went over to the addresses, or came from there, it is left out.
        let moved = old.route() != new.route() && old.whole_route() == new.whole_route();
        let route = |servers: &Servers, one: &Address| {
            let path = servers.path().filter(|_| moved).unwrap_or_default();
            one.route.strip_suffix(path).map(str::to_owned)
        };
        let only = |some: &'_ Servers, other: &Servers| -> Vec<String> {
            let known = |one: &&Address| {
                let own = route(some, one);
                other.urls.iter().all(|all| route(other, all) != own)
            };
            let only = some.urls.iter().filter(known);
            only.map(|one| one.url.clone()).collect()
        };
        let (mut gone, mut come) = (only(before, after), only(after, before));
        // A variable may have any value now: what it could be before is still among them.
        for free in &after.urls {
            let freed = |url: &String| {
                let mut all = before.urls.iter();
                all.any(|one| one.url == *url && free.frees(one))
            };
            if come.contains(&free.url) && gone.iter().any(freed) {
                let was: Vec<String> = gone.iter().filter(|url| freed(url)).cloned().collect();
                gone.retain(|url| !was.contains(url));
                come.retain(|url| *url != free.url);
                let about = free.url.as_str();
                let fact = Fact::new("server-freed", about, Tier::Shape, Effect::WIDENS)
                    .at(left.clone(), right.clone())
                    .values(was, about);
                self.find(context, fact);
            }
        }
        let sent = Context {
            direction: Direction::Request,
            ..context.clone()
        };
        let (gone_count, come_count) = (gone.len(), come.len());
        for (index, url) in gone.into_iter().enumerate() {
            let to = come
                .get(index)
                .map(|url| Value::from(url.as_str()))
                .unwrap_or_default();
            let (rule, surface) = if to.is_null() {
                ("server-removed", Surface::Removed)
            } else {
                ("server-changed", Surface::Text)
            };
            let fact = Fact::new(rule, url.as_str(), Tier::Shape, Effect::NARROWS)
                .surface(surface)
                .at(left.clone(), right.clone())
                .values(url.as_str(), to);
            let (old_urls, new_urls) = (urls(before), urls(after));
            let exam = exams::listed(&new.title(), "server", &url, &old_urls, &new_urls);
            self.found(&sent, fact, Some(exam));
        }
        for url in come.into_iter().skip(gone_count.min(come_count)) {
            let fact = Fact::new("server-added", url.as_str(), Tier::Shape, Effect::WIDENS)
                .surface(Surface::Added)
                .at(left.clone(), right.clone())
                .values(Value::Null, url.as_str());
            self.find(context, fact);
        }
        for left_url in &before.urls {
            let same = |right: &&Address| right.route == left_url.route;
            let Some(right_url) = after.urls.iter().find(same) else {
                continue;
            };
            let known = after.urls.iter().any(|one| one.url == left_url.url);
            if !known {
                let about = right_url.url.as_str();
                let fact = Fact::new("server-variable", about, Tier::Same, Effect::NONE)
                    .at(left.clone(), right.clone())
                    .values(left_url.url.as_str(), about);
                self.find(&context.aside(Direction::None), fact);
            }
        }
        let places = before.defaults.keys().chain(after.defaults.keys());
        for place in places.collect::<BTreeSet<_>>() {
            let (value, other) = (before.defaults.get(place), after.defaults.get(place));
            // A variable that one side has no place for is told by the addresses.
            let has_place = |servers: &Servers| servers.urls.iter().any(|one| one.route == place.0);
            let tells =
                (value.is_some() || has_place(before)) && (other.is_some() || has_place(after));
            let said = |one: Option<&(String, Value)>| one.map(|(_, value)| value.clone());
            if said(value) != said(other) && tells {
                let name = other.or(value).map_or("", |(name, _)| name.as_str());
                let fact = Fact::new("server-default", name, Tier::Meaning, Effect::NONE)
                    .at(left.clone(), right.clone())
                    .values(
                        said(value).unwrap_or_default(),
                        said(other).unwrap_or_default(),
                    );
                self.find(&sent, fact);
            }
        }
        self.words(
            context,
            "servers",
            (&left, &right),
            (&before.words, &after.words),
        );
    }

    pub(super) fn security(&mut self, context: &Context, old: &Operation, new: &Operation) {
        let (before, after) = (&old.security.alternatives, &new.security.alternatives);
        let mut used = vec![false; after.len()];
        for (index, alternative) in after.iter().enumerate() {
            used[index] = before.iter().any(|left| left.shown == alternative.shown);
        }
        self.renamed(context, old, new);
        for left in before
            .iter()
            .filter(|left| after.iter().all(|right| right.shown != left.shown))
        {
            // Whoever could call with this: can they still?
            let eased = after.iter().position(|right| left.satisfies(right));
            if let Some(index) = eased {
                let fresh = !std::mem::replace(&mut used[index], true);
                if fresh {
                    self.changed(
                        context,
                        ("security-eased", Effect::WIDENS),
                        (old, left),
                        (new, &after[index]),
                    );
                }
                continue;
            }
            let named =
                (0..after.len()).find(|index| !used[*index] && after[*index].names == left.names);
            match named {
                Some(index) => {
                    used[index] = true;
                    self.changed(
                        context,
                        ("security-changed", Effect::BOTH),
                        (old, left),
                        (new, &after[index]),
                    );
                }
                None => {
                    let fact = Fact::new(
                        "security-removed",
                        left.describe(),
                        Tier::Shape,
                        Effect::NARROWS,
                    )
                    .surface(if left.shown.is_empty() {
                        Surface::Text
                    } else {
                        Surface::Removed
                    })
                    .at(old.security.pointer.clone(), new.security.pointer.clone())
                    .values(left.describe(), Value::Null);
                    let exam = exams::shown(&context.operation, left, before, after);
                    self.found(context, fact, Some(exam));
                }
            }
        }
        for (right, _) in after.iter().zip(&used).filter(|(_, used)| !**used) {
            let fact = Fact::new(
                "security-added",
                right.describe(),
                Tier::Shape,
                Effect::WIDENS,
            )
            .surface(if right.shown.is_empty() {
                Surface::Text
            } else {
                Surface::Added
            })
            .at(old.security.pointer.clone(), new.security.pointer.clone())
            .values(Value::Null, right.describe());
            self.find(context, fact);
        }
    }

    /// What the peer shows at the client, where this is said of the very operation. Whether it is
    /// looked at is the client's own affair.
    pub(super) fn delivered_security(
        &mut self,
        context: &Context,
        old: &Operation,
        new: &Operation,
    ) {
        let said = |one: &Operation| one.security.pointer.starts_with(&one.pointer);
        let shown = |one: &Operation| -> BTreeSet<String> {
            let all = one.security.alternatives.iter();
            all.map(Alternative::describe).collect()
        };
        let (before, after) = (shown(old), shown(new));
        if before == after || !(said(old) || said(new)) {
            return;
        }
        let joined = |all: BTreeSet<String>| all.into_iter().collect::<Vec<_>>().join(" or ");
        let place = |one: &Operation| match said(one) {
            true => one.security.pointer.clone(),
            false => one.pointer.clone(),
        };
        let about = new.path.as_str();
        let fact = Fact::new("security-delivered", about, Tier::Meaning, Effect::NONE)
            .at(place(old), place(new))
            .values(joined(before), joined(after));
        self.find(context, fact);
    }

    /// The same credentials under another component's name.
    fn renamed(&mut self, context: &Context, old: &Operation, new: &Operation) {
        for left in &old.security.alternatives {
            let same = new
                .security
                .alternatives
                .iter()
                .find(|right| right.shown == left.shown);
            let Some(right) = same.filter(|right| right.names != left.names) else {
                continue;
            };
            let names = |alternative: &Alternative| -> Value {
                alternative
                    .names
                    .iter()
                    .map(|name| Value::from(name.as_str()))
                    .collect()
            };
            let fact = Fact::new("security-name", left.describe(), Tier::Same, Effect::NONE)
                .at(old.security.pointer.clone(), new.security.pointer.clone())
                .values(names(left), names(right));
            self.find(&context.aside(Direction::None), fact);
        }
    }

    fn changed(
        &mut self,
        context: &Context,
        (rule, effect): (&'static str, Effect),
        (old, left): (&Operation, &Alternative),
        (new, right): (&Operation, &Alternative),
    ) {
        // The scheme's own place says it best, where one scheme is what changed.
        let place = |alternative: &Alternative, otherwise: &str| match alternative.names.first() {
            Some(name) if alternative.names.len() == 1 && left.names == right.names => {
                pointer::push("#/components/securitySchemes", name)
            }
            _ => otherwise.to_owned(),
        };
        let fact = Fact::new(rule, right.describe(), Tier::Shape, effect)
            .at(
                place(left, &old.security.pointer),
                place(right, &new.security.pointer),
            )
            .values(left.describe(), right.describe());
        let (before, after) = (&old.security.alternatives, &new.security.alternatives);
        let exam = exams::shown(&context.operation, left, before, after);
        self.found(context, fact, Some(exam));
    }
}
