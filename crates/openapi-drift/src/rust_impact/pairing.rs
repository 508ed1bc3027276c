//! Which items of two generated clients are the same one, whatever they are called.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{Api, Shape, Ty};

/// Which new item is which old one.
#[derive(Default)]
pub(super) struct Pairing<'a> {
    pub(super) types: BTreeMap<&'a str, &'a str>,
    pub(super) taken: BTreeSet<&'a str>,
    pub(super) methods: BTreeMap<&'a str, &'a str>,
}

impl<'a> Pairing<'a> {
    fn join(&mut self, old: &'a str, new: &'a str) -> bool {
        let fresh = !self.types.contains_key(old) && !self.taken.contains(new);
        if fresh {
            self.types.insert(old, new);
            self.taken.insert(new);
        }
        fresh
    }
}

/// A type keeps its identity with its name; one whose name is gone is the one that now stands in
/// all its places, if that has a name that was not there before.
pub(super) fn pair<'a>(old: &'a Api, new: &'a Api, renames: &[(String, String)]) -> Pairing<'a> {
    let mut paired = Pairing::default();
    for name in old
        .types
        .keys()
        .filter(|name| new.types.contains_key(*name))
    {
        paired.join(name, name);
    }
    for name in old
        .methods
        .keys()
        .filter(|name| new.methods.contains_key(*name))
    {
        paired.methods.insert(name, name);
    }
    let by_request: BTreeMap<&str, &str> = new
        .methods
        .iter()
        .filter(|(name, _)| !old.methods.contains_key(*name))
        .map(|(name, method)| (method.operation.as_str(), name.as_str()))
        .collect();
    for (name, method) in &old.methods {
        if let Some(other) = by_request.get(method.operation.as_str())
            && !new.methods.contains_key(name)
        {
            paired.methods.insert(name, other);
        }
    }
    let mut open: Vec<(&Ty, &Ty)> = Vec::new();
    for (left, right) in &paired.methods {
        if let (Some(left), Some(right)) = (old.methods.get(*left), new.methods.get(*right)) {
            open.push((&left.success, &right.success));
            open.push((&left.failure, &right.failure));
            open.extend(both(&left.arguments, &right.arguments));
        }
    }
    for (before, now) in renames {
        let at = |api: &'a Api, other: &Api, place: &String| {
            let mut fresh = api
                .types
                .iter()
                .filter(|(name, _)| !other.types.contains_key(*name));
            let own = fresh.find(|(_, item)| item.pointers.contains(place));
            own.map(|(name, _)| name.as_str())
        };
        if let (Some(one), Some(two)) = (at(old, new, before), at(new, old, now)) {
            paired.join(one, two);
        }
    }
    let mut ready: Vec<(&str, &str)> = paired.types.iter().map(|(old, new)| (*old, *new)).collect();
    loop {
        for (left, right) in std::mem::take(&mut open) {
            meet(left, right, &mut |one, two| {
                let gone = !new.types.contains_key(one) && !old.types.contains_key(two);
                if gone && paired.join(one, two) {
                    ready.push((one, two));
                }
            });
        }
        let Some((left, right)) = ready.pop() else {
            return paired;
        };
        let (Some(left), Some(right)) = (old.types.get(left), new.types.get(right)) else {
            continue;
        };
        match (&left.shape, &right.shape) {
            (Shape::Struct(left), Shape::Struct(right)) => {
                open.extend(both(left, right).map(|(left, right)| (&left.ty, &right.ty)));
            }
            (Shape::Enum(left), Shape::Enum(right)) => {
                for (left, right) in both(left, right) {
                    open.extend(both(left, right).map(|(left, right)| (&left.ty, &right.ty)));
                }
            }
            _ => {}
        }
    }
}

/// The entries that two maps both have.
fn both<'a, T>(
    left: &'a BTreeMap<String, T>,
    right: &'a BTreeMap<String, T>,
) -> impl Iterator<Item = (&'a T, &'a T)> {
    left.iter()
        .filter_map(|(name, left)| right.get(name).map(|right| (left, right)))
}

/// The types of the module `types` that stand in the same place of two types.
fn meet<'a>(left: &'a Ty, right: &'a Ty, visit: &mut impl FnMut(&'a str, &'a str)) {
    match (left, right) {
        (Ty::Own(left), Ty::Own(right)) => visit(left, right),
        (Ty::Other(one, left), Ty::Other(two, right)) if one == two => {
            for (left, right) in left.iter().zip(right) {
                meet(left, right, visit);
            }
        }
        // What became optional is the same inside.
        (Ty::Other(one, inner), other) if one == "Option" && inner.len() == 1 => {
            meet(&inner[0], other, visit);
        }
        (other, Ty::Other(one, inner)) if one == "Option" && inner.len() == 1 => {
            meet(other, &inner[0], visit);
        }
        _ => {}
    }
}
