//! Values that conditions speak of: what a `not` forbids, or an `if` asks for, is the message that shows it, and no edge of any
//! other keyword.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::make::{Maker, number_of, string_of, tidy};
use crate::schema::{Arena, Child, Form, Obj, RawId};

/// No more values than this are taken from one condition, nor are more built around one object.
const MAX_VALUES: usize = 60;
const MAX_BUILT: usize = 240;

/// What the conditions under some forms come to.
#[derive(Default)]
struct Spoken {
    /// Whole values.
    values: Vec<Value>,
    /// Members that conditions speak of, each with values that tell something apart.
    members: BTreeMap<String, Vec<Value>>,
    /// Names that may be members, or must not.
    names: Vec<String>,
    /// How many items are worth a try.
    counts: BTreeSet<usize>,
}

/// Values for the conditions of two forms, of which the first is to admit them.
pub(super) fn spoken(
    (arena, own): (&mut Arena<'_>, &Form),
    (other_arena, other): (&mut Arena<'_>, &Form),
) -> Vec<Value> {
    let mut found = Spoken::default();
    found.conditions(arena, own);
    found.conditions(other_arena, other);
    if found.values.is_empty() && found.members.is_empty() && found.names.is_empty() {
        return Vec::new();
    }
    let mut all = Vec::new();
    if !own.arrays.is_empty() {
        let item = own
            .arrays
            .first()
            .and_then(|array| Maker::new(arena).child(&array.items));
        for value in &found.values {
            all.push(json!([value]));
            all.push(json!([value, value]));
            for count in &found.counts {
                all.push(vec![value.clone(); *count].into());
            }
            all.extend(item.as_ref().map(|item| json!([item, value])));
        }
    }
    for object in own.objects.iter().take(4) {
        found.around(arena, object, &mut all);
    }
    found.values.extend(all);
    found.values
}

impl Spoken {
    fn conditions(&mut self, arena: &mut Arena<'_>, form: &Form) {
        let mut conditions: Vec<(&'static str, RawId)> = Vec::new();
        let strings = form.strings.iter().map(|one| &one.meta);
        let metas = strings
            .chain(form.numbers.iter().map(|one| &one.meta))
            .chain(form.arrays.iter().map(|one| &one.meta))
            .chain(form.objects.iter().map(|one| &one.meta));
        for one in metas.flat_map(|meta| &meta.opaque) {
            if !conditions.contains(&(one.keyword, one.raw)) {
                conditions.push((one.keyword, one.raw));
            }
        }
        for (keyword, raw) in conditions {
            for key in ["minContains", "maxContains"] {
                let count = arena.raw(raw).get(key).and_then(Value::as_u64);
                let count = count.and_then(|count| usize::try_from(count).ok());
                let few = count.filter(|count| *count < MAX_VALUES);
                self.counts
                    .extend(few.into_iter().flat_map(|few| [few, few + 1]));
            }
            let parts: &[&str] = if keyword == "if" {
                &["if", "then", "else"]
            } else {
                &[keyword]
            };
            let mut listed = Vec::new();
            for part in parts {
                let Some(schema) = arena.raw(raw).get(*part) else {
                    continue;
                };
                listed_in(schema, &mut listed);
                if matches!(keyword, "dependentSchemas" | "dependencies") {
                    for name in schema.as_object().into_iter().flat_map(Map::keys) {
                        self.member(name, json!("a"));
                        let child = arena.keyword_child(raw, &[part, name]);
                        self.part(arena, &child);
                    }
                    continue;
                }
                let child = arena.keyword_child(raw, &[part]);
                if keyword == "propertyNames" {
                    self.names.push("0".to_owned());
                    let texts = around(arena, &child)
                        .into_iter()
                        .chain(listed.iter().cloned());
                    self.names
                        .extend(texts.filter_map(|text| text.as_str().map(str::to_owned)));
                } else {
                    self.part(arena, &child);
                }
            }
            self.values.append(&mut listed);
        }
    }

    /// What one schema in a condition admits, kind by kind, and what it says of members.
    fn part(&mut self, arena: &mut Arena<'_>, child: &Child) {
        let Some(form) = form_of(arena, child) else {
            return;
        };
        if form.is_anything() {
            return;
        }
        self.values.extend(scalars(&form));
        for array in form.arrays.iter().take(4) {
            self.values
                .extend(Maker::new(arena).array(array, array.min));
        }
        for object in form.objects.iter().take(4) {
            self.values.extend(Maker::new(arena).object(object));
            for (name, child) in object.properties.iter().take(MAX_VALUES) {
                for value in around(arena, child) {
                    self.member(name, value);
                }
            }
            for name in &object.required {
                self.member(name, json!("a"));
            }
        }
    }

    fn member(&mut self, name: &str, value: Value) {
        let values = self.members.entry(name.to_owned()).or_default();
        if values.len() < MAX_VALUES && !values.contains(&value) {
            values.push(value);
        }
    }

    /// Objects that a form admits otherwise, with the members that conditions speak of.
    fn around(&self, arena: &mut Arena<'_>, object: &Obj, all: &mut Vec<Value>) {
        let most = all.len() + MAX_BUILT;
        let Some(bare) = Maker::new(arena).object_without(object, "") else {
            return;
        };
        let mut full = bare.clone();
        for name in object.properties.keys().take(MAX_VALUES) {
            if let Some(value) = Maker::new(arena).member(object, name) {
                full.entry(name.to_string()).or_insert(value);
            }
        }
        let mut bases = Vec::new();
        for base in [&bare, &full] {
            bases.push(base.clone());
            for made in self.values.iter().filter_map(Value::as_object) {
                let mut with = base.clone();
                with.extend(made.clone());
                all.push(Value::Object(with.clone()));
                bases.push(with);
            }
            let mut with = base.clone();
            let first = self
                .members
                .iter()
                .filter_map(|(name, values)| Some((name.clone(), values.first()?.clone())));
            with.extend(first);
            bases.push(with);
        }
        for base in bases {
            for (name, values) in &self.members {
                let mut without = base.clone();
                without.remove(name);
                all.push(Value::Object(without.clone()));
                let own = Maker::new(arena).member(object, &name.as_str().into());
                for value in values.iter().cloned().chain(own) {
                    without.insert(name.clone(), value);
                    all.push(Value::Object(without.clone()));
                }
            }
            for name in &self.names {
                let mut with = base.clone();
                let value = Maker::new(arena).member(object, &name.as_str().into());
                with.insert(name.clone(), value.unwrap_or_else(|| json!("a")));
                all.push(Value::Object(with));
            }
            if all.len() > most {
                return;
            }
        }
    }
}

fn form_of(arena: &mut Arena<'_>, child: &Child) -> Option<std::rc::Rc<Form>> {
    let Child::All(conj) = child else { return None };
    let node = arena.node(conj);
    Some(arena.get(node).form.clone())
}

/// A value of each kind besides lists and objects.
fn scalars(form: &Form) -> Vec<Value> {
    let mut all = Vec::new();
    for string in form.strings.iter().take(4) {
        all.extend(string_of(string, 0).map(Value::from));
    }
    for number in form.numbers.iter().take(4) {
        all.extend(number_of(number).map(Value::Number));
    }
    for (admitted, value) in [
        (form.yes, json!(true)),
        (form.no, json!(false)),
        (form.null, json!(null)),
    ] {
        if admitted {
            all.push(value);
        }
    }
    all
}

/// Values on both sides of what a child demands.
fn around(arena: &mut Arena<'_>, child: &Child) -> Vec<Value> {
    let Some(form) = form_of(arena, child) else {
        return vec![json!("a")];
    };
    let mut all = Vec::new();
    for listed in form.strings.iter().filter_map(|one| one.values.as_ref()) {
        all.extend(listed.iter().take(8).map(|text| Value::from(text.as_str())));
    }
    all.extend(scalars(&form));
    for number in form.numbers.iter().take(4) {
        let bounds = number.low.iter().chain(&number.high);
        let edges = bounds.filter_map(|bound| bound.value.as_f64());
        for edge in edges.flat_map(|edge| [edge - 1.0, edge, edge + 1.0]) {
            all.extend(tidy(edge, false).map(Value::Number));
        }
    }
    for string in form.strings.iter().take(4) {
        let lengths = [
            Some(string.min.saturating_sub(1)),
            string.max.map(|most| most.saturating_add(1)),
        ];
        for length in lengths
            .into_iter()
            .flatten()
            .filter(|length| *length <= 1_000)
        {
            all.push(Value::from(
                "a".repeat(usize::try_from(length).unwrap_or_default()),
            ));
        }
    }
    all.extend([json!("0"), json!(0)]);
    all
}

fn listed_in(schema: &Value, all: &mut Vec<Value>) {
    if all.len() >= MAX_VALUES {
        return;
    }
    match schema {
        Value::Object(members) => {
            for (key, member) in members {
                match (key.as_str(), member) {
                    ("const", value) => all.push(value.clone()),
                    ("enum", Value::Array(values)) => {
                        all.extend(values.iter().take(MAX_VALUES).cloned());
                    }
                    (_, member) => listed_in(member, all),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| listed_in(item, all)),
        _ => {}
    }
}
