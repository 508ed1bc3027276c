//! Objects with a member that the patterns of both sides do not treat alike.

use serde_json::{Value, json};

use super::make::Maker;
use crate::compare::names;
use crate::compare::pairs::Pairs;
use crate::schema::{NodeId, Obj};

/// No more alternatives than this are held against each other, on each side.
const MAX_ALTERNATIVES: usize = 8;

/// Objects that one side may admit and the other not. The old one's are wanted if `own_is_old`.
pub(super) fn samples(
    pairs: &mut Pairs<'_>,
    pair: (NodeId, NodeId),
    own_is_old: bool,
) -> Vec<Value> {
    let old = pairs.old.get(pair.0).form.clone();
    let new = pairs.new.get(pair.1).form.clone();
    let mut all = Vec::new();
    let told = |one: &Obj, two: &Obj| !one.patterns.keys().eq(two.patterns.keys());
    for left in old.objects.iter().take(MAX_ALTERNATIVES) {
        let others = new.objects.iter().take(MAX_ALTERNATIVES);
        for right in others.filter(|right| told(left, right)) {
            for names in names(left, right) {
                let (arena, own, child) = match own_is_old {
                    true => (&mut pairs.old, left, &names.old),
                    false => (&mut pairs.new, right, &names.new),
                };
                let base = Maker::new(arena).object_without(own, "");
                let (Some(base), Some(name)) = (base, names.example) else {
                    continue;
                };
                let plain = [
                    json!(1),
                    json!("a"),
                    json!(true),
                    json!(null),
                    json!({}),
                    json!([]),
                ];
                for value in Maker::new(arena).child(child).into_iter().chain(plain) {
                    let mut map = base.clone();
                    map.insert(name.to_string(), value);
                    all.push(Value::Object(map));
                }
            }
        }
    }
    all
}
