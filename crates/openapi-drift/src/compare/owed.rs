//! Alternatives that differ only in which members they owe, as `anyOf` over lists of required members has it
//! beside one schema: one object, of which at least one list has to be there.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use crate::schema::{Form, Obj};
use crate::verdict::Effect;

/// More members than this are not tried in all combinations.
const MAX_MEMBERS: usize = 8;

pub(super) struct Owed {
    /// What all alternatives say, with the members that all of them owe.
    pub(super) common: Obj,
    /// What each of them owes beside these.
    lists: Vec<BTreeSet<Rc<str>>>,
    /// Exactly one list has to be there.
    exclusive: bool,
}

impl Owed {
    /// Nothing where the alternatives differ in something else.
    pub(super) fn of(form: &Form) -> Option<Self> {
        let bare = |one: &Obj| Obj {
            required: BTreeSet::new(),
            ..one.clone()
        };
        let (first, rest) = form.objects.split_first()?;
        let only = form.objects.len() == form.width();
        let alike = rest.iter().all(|one| bare(one) == bare(first));
        if form.cut || !alike || form.exclusive && !only {
            return None;
        }
        let mut common = first.clone();
        for one in rest {
            common.required.retain(|name| one.required.contains(name));
            let sources = &one.meta.sources;
            common.meta.sources.retain(|raw| sources.contains(raw));
        }
        if common.meta.sources.is_empty() {
            common.meta.sources.clone_from(&first.meta.sources);
        }
        let lists = form.objects.iter();
        let lists = lists.map(|one| one.required.difference(&common.required).cloned().collect());
        Some(Self {
            lists: lists.collect(),
            exclusive: form.exclusive,
            common,
        })
    }

    /// What it does to objects that have all that either side owes in any case. Nothing where there
    /// are too many members to try.
    pub(super) fn effect(&self, new: &Self) -> Option<Effect> {
        let sure = |name: &&Rc<str>| {
            self.common.required.contains(*name) || new.common.required.contains(*name)
        };
        let all = self.lists.iter().chain(&new.lists).flatten();
        let all: BTreeSet<&Rc<str>> = all.filter(|name| !sure(name)).collect();
        if all.len() > MAX_MEMBERS {
            return None;
        }
        let mut effect = Effect::NONE;
        for mask in 0..1_usize << all.len() {
            let chosen = all
                .iter()
                .enumerate()
                .filter(|(index, _)| mask >> index & 1 == 1);
            let chosen: BTreeSet<&Rc<str>> = chosen.map(|(_, name)| *name).collect();
            let admits = |one: &Self| {
                let there = |name: &Rc<str>| sure(&name) || chosen.contains(name);
                let met = one
                    .lists
                    .iter()
                    .filter(|list| list.iter().all(there))
                    .count();
                met > 0 && (met == 1 || !one.exclusive)
            };
            let (before, after) = (admits(self), admits(new));
            effect.narrows |= before && !after;
            effect.widens |= after && !before;
        }
        Some(effect)
    }

    /// For people; null where nothing more is owed.
    pub(super) fn describe(&self) -> Value {
        if self.lists.len() < 2 || !self.exclusive && self.lists.iter().any(BTreeSet::is_empty) {
            return Value::Null;
        }
        let least = match self.exclusive {
            true => "exactly one of",
            false => "at least one of",
        };
        let list = |list: &BTreeSet<Rc<str>>| match list.is_empty() {
            true => "nothing".to_owned(),
            false => list
                .iter()
                .map(AsRef::as_ref)
                .collect::<Vec<_>>()
                .join(" with "),
        };
        let lists: Vec<String> = self.lists.iter().map(list).collect();
        Value::from(format!("{least} {}", lists.join(", ")))
    }
}
