//! One raw schema read into its form.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::{Map, Number, Value};

use super::form::{Arr, Child, Form, Kinds, Num, Obj, Opaque, Str};
use super::merge::sort_values;
use super::{Arena, Bound, RawId};
use crate::document::TAGGED;
use crate::pointer;

/// Schemas that apply to the same value and nest deeper than this are left open.
const MAX_NESTING: usize = 100;

impl<'d> Arena<'d> {
    /// The form of one raw schema. A schema that only refers to itself demands nothing.
    pub(super) fn form(&mut self, raw: RawId) -> Rc<Form> {
        if let Some(form) = self.forms.get(&raw) {
            return form.clone();
        }
        if self.visiting.contains(&raw) {
            return Rc::new(Form::anything());
        }
        if self.visiting.len() > MAX_NESTING {
            return Rc::new(Form {
                cut: true,
                ..Form::anything()
            });
        }
        self.visiting.push(raw);
        let mut form = match self.raw(raw) {
            Value::Bool(false) => Form::never(),
            Value::Object(map) => self.read(raw, map),
            _ => Form::anything(),
        };
        self.visiting.pop();
        if let Some(name) = pointer::component(self.pointer(raw)) {
            let name: Rc<str> = Rc::from(name);
            for meta in form.metas_mut() {
                meta.name.get_or_insert_with(|| name.clone());
            }
        }
        let form = Rc::new(form);
        self.forms.insert(raw, form.clone());
        form
    }

    fn read(&mut self, raw: RawId, map: &'d Map<String, Value>) -> Form {
        let mut form = self.local(raw, map);
        let mut parts: Vec<Rc<Form>> = Vec::new();
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            match self.target(reference) {
                Some(target) => {
                    let target = self.follow(target);
                    let target = self.form(target);
                    let name = target.objects.first().and_then(|one| one.meta.name.clone());
                    form = form.meet(&target);
                    parts.push(target);
                    if map.contains_key(TAGGED) {
                        form.metas_mut()
                            .for_each(|meta| meta.name.clone_from(&name));
                    }
                }
                None => demand(&mut form, "$ref", raw),
            }
        }
        for (index, member) in array(map, "allOf").enumerate() {
            let member = self.member(raw, "allOf", index, member);
            form = form.meet(&member);
            parts.push(member);
        }
        for key in ["anyOf", "oneOf"] {
            if array(map, key).next().is_some() {
                let union = self.union(raw, map, key);
                form = form.meet(&union);
                parts.push(Rc::new(union));
            }
        }
        let idle = !map.contains_key("then") && !map.contains_key("else");
        for (keyword, neutral) in OPAQUE {
            let says_more = || owed_when(map, keyword).is_none_or(|(_, says_more)| says_more);
            if (*keyword == "if" && idle) || !says_more() {
                continue;
            }
            if map
                .get(*keyword)
                .is_some_and(|value| !neutral.contains(&value.to_string().as_str()))
            {
                demand(&mut form, keyword, raw);
            }
        }
        self.unevaluated(raw, map, &mut form);
        self.contradicted(&[raw], &parts, &mut form);
        form
    }

    fn member(&mut self, raw: RawId, key: &str, index: usize, value: &'d Value) -> Rc<Form> {
        let place = pointer::join(self.pointer(raw), &[key, &index.to_string()]);
        let id = self.intern(&place, value);
        // A bare reference adds nothing of its own, nor a level of nesting.
        let id = self.follow(id);
        self.form(id)
    }

    fn union(&mut self, raw: RawId, map: &'d Map<String, Value>, key: &str) -> Form {
        let mut union = Form::never();
        let mut branches: Vec<Rc<Form>> = Vec::new();
        for (index, member) in array(map, key).enumerate() {
            let branch = self.member(raw, key, index, member);
            if key == "oneOf" && branches.len() < 64 {
                union.exclusive |= branches.iter().any(|known| self.overlap(known, &branch));
            }
            union.join(&branch);
            branches.push(branch);
        }
        for one in &mut union.numbers {
            sort_values(&mut one.values);
        }
        union
    }

    /// Whether some value could be in both, as far as kinds, enums and tags tell.
    fn overlap(&mut self, left: &Form, right: &Form) -> bool {
        if left.kinds().0 & right.kinds().0 & !Kinds::OBJECT & !Kinds::STRING != 0 {
            return true;
        }
        let apart = |left: &Str, right: &Str| match (&left.values, &right.values) {
            (Some(left), Some(right)) => left.is_disjoint(right),
            _ => false,
        };
        if left
            .strings
            .iter()
            .any(|one| right.strings.iter().any(|two| !apart(one, two)))
        {
            return true;
        }
        for one in &left.objects {
            for two in &right.objects {
                if !self.tags_differ(one, two) {
                    return true;
                }
            }
        }
        false
    }

    fn tags_differ(&mut self, left: &Obj, right: &Obj) -> bool {
        left.required.intersection(&right.required).any(|name| {
            match (
                self.tag_values(&left.member(name)),
                self.tag_values(&right.member(name)),
            ) {
                (Some(left), Some(right)) => left.is_disjoint(&right),
                _ => false,
            }
        })
    }

    /// The strings that a child may be, if it is an enum of strings and nothing else.
    pub(crate) fn tag_values(&mut self, child: &Child) -> Option<BTreeSet<String>> {
        let Child::All(conj) = child else { return None };
        let node = self.node(conj);
        let form = self.get(node).form.clone();
        let [only] = form.strings.as_slice() else {
            return None;
        };
        (form.kinds().0 == Kinds::STRING).then(|| only.values.clone())?
    }

    fn local(&mut self, raw: RawId, map: &'d Map<String, Value>) -> Form {
        let mut form = Form::anything();
        let kinds = kinds(map);
        let has = |bit: u8| kinds & bit != 0;
        form.null = has(Kinds::NULL);
        form.yes = has(Kinds::BOOLEAN);
        form.no = form.yes;
        form.numbers = vec![number(map)];
        if !has(Kinds::FRACTION) {
            form.numbers.iter_mut().for_each(|one| one.whole = true);
        }
        form.numbers.retain_mut(Num::settle);
        form.strings = vec![string(map)];
        form.strings.retain_mut(Str::settle);
        form.arrays = vec![self.array(raw, map)];
        form.objects = vec![self.object(raw, map)];
        form.metas_mut().for_each(|meta| meta.sources.push(raw));
        if !has(Kinds::INTEGER) {
            form.numbers.clear();
        }
        if !has(Kinds::STRING) {
            form.strings.clear();
        }
        if !has(Kinds::ARRAY) {
            form.arrays.clear();
        }
        if !has(Kinds::OBJECT) {
            form.objects.clear();
        }
        if let Some(Value::Array(values)) = map.get("enum") {
            among(&mut form, values);
        }
        if let Some(value) = map.get("const") {
            among(&mut form, std::slice::from_ref(value));
        }
        form
    }

    fn array(&mut self, raw: RawId, map: &'d Map<String, Value>) -> Arr {
        let mut arr = Arr {
            min: count(map, "minItems").unwrap_or(0),
            max: count(map, "maxItems"),
            unique: map.get("uniqueItems") == Some(&Value::Bool(true)),
            ..Arr::default()
        };
        for (index, member) in array(map, "prefixItems").enumerate() {
            arr.prefix
                .push(self.child(raw, &["prefixItems", &index.to_string()], member));
        }
        if let Some(items) = map.get("items") {
            arr.items = self.child(raw, &["items"], items);
        }
        arr
    }

    fn object(&mut self, raw: RawId, map: &'d Map<String, Value>) -> Obj {
        let mut obj = Obj {
            min: count(map, "minProperties").unwrap_or(0),
            max: count(map, "maxProperties"),
            required: names(map.get("required")),
            ..Obj::default()
        };
        if let Some(Value::Object(properties)) = map.get("properties") {
            for (name, value) in properties {
                let child = self.child(raw, &["properties", name], value);
                obj.properties.insert(Rc::from(name.as_str()), child);
            }
        }
        if let Some(Value::Object(patterns)) = map.get("patternProperties") {
            for (name, value) in patterns {
                let child = self.child(raw, &["patternProperties", name], value);
                obj.patterns.insert(Rc::from(name.as_str()), child);
            }
        }
        if let Some(extra) = map.get("additionalProperties") {
            obj.extra = self.child(raw, &["additionalProperties"], extra);
        }
        for keyword in DEPENDENT {
            let owed = owed_when(map, keyword).into_iter();
            obj.dependent.extend(owed.flat_map(|(owed, _)| owed));
        }
        obj.let_in_owed();
        obj
    }

    /// `unevaluated…: false` closes what all the merged schemas leave open.
    fn unevaluated(&mut self, raw: RawId, map: &'d Map<String, Value>, form: &mut Form) {
        if let Some(value) = map.get("unevaluatedProperties") {
            let rest = self.child(raw, &["unevaluatedProperties"], value);
            let has_none = map.contains_key("additionalProperties");
            for object in &mut form.objects {
                // What speaks of all members leaves none over.
                if has_none || !object.extra.is_anything() {
                    continue;
                }
                if object.meta.opaque.iter().any(|one| one.keyword != "not") {
                    object.meta.opaque.insert(Opaque {
                        keyword: "unevaluatedProperties",
                        raw,
                    });
                } else {
                    object.extra = object.extra.meet(&rest);
                }
            }
        }
        if let Some(value) = map
            .get("unevaluatedItems")
            .filter(|_| !map.contains_key("items"))
        {
            let rest = self.child(raw, &["unevaluatedItems"], value);
            for array in &mut form.arrays {
                array.items = array.items.meet(&rest);
            }
        }
    }
}

/// Keywords compared by what stands under them, and the values that demand nothing.
const OPAQUE: &[(&str, &[&str])] = &[
    ("not", &["false"]),
    ("if", &[]),
    ("contains", &["true", "{}"]),
    ("propertyNames", &["true", "{}"]),
    ("dependentSchemas", &["{}"]),
    ("dependencies", &["{}"]),
    ("$dynamicRef", &[]),
];

/// Lays an opaque demand on the kinds that it can speak of.
fn demand(form: &mut Form, keyword: &'static str, raw: RawId) {
    let opaque = Opaque { keyword, raw };
    match keyword {
        "contains" => form.arrays.iter_mut().for_each(|one| {
            one.meta.opaque.insert(opaque.clone());
        }),
        "propertyNames" | "dependentSchemas" | "dependencies" => {
            form.objects.iter_mut().for_each(|one| {
                one.meta.opaque.insert(opaque.clone());
            });
        }
        _ => form.metas_mut().for_each(|meta| {
            meta.opaque.insert(opaque.clone());
        }),
    }
}

fn kinds(map: &Map<String, Value>) -> u8 {
    let bit = |name: &Value| match name.as_str() {
        Some("null") => Kinds::NULL,
        Some("boolean") => Kinds::BOOLEAN,
        Some("integer") => Kinds::INTEGER,
        Some("number") => Kinds::INTEGER | Kinds::FRACTION,
        Some("string") => Kinds::STRING,
        Some("array") => Kinds::ARRAY,
        Some("object") => Kinds::OBJECT,
        _ => 0,
    };
    match map.get("type") {
        Some(Value::Array(names)) => names.iter().map(bit).fold(0, |all, one| all | one),
        Some(name @ Value::String(_)) => bit(name),
        _ => Kinds::ALL,
    }
}

fn number(map: &Map<String, Value>) -> Num {
    let bound = |key: &str, exclusive: bool| match map.get(key) {
        Some(Value::Number(value)) => Some(Bound {
            value: value.clone(),
            exclusive,
        }),
        _ => None,
    };
    let side = |inclusive: &str, exclusive: &str, low: bool| match (
        bound(inclusive, false),
        bound(exclusive, true),
    ) {
        (Some(closed), Some(open)) => {
            let inside = if low {
                closed.admits_above(&open.value)
            } else {
                closed.admits_below(&open.value)
            };
            Some(if inside { open } else { closed })
        }
        (closed, open) => closed.or(open),
    };
    let mut num = Num {
        low: side("minimum", "exclusiveMinimum", true),
        high: side("maximum", "exclusiveMaximum", false),
        format: text(map, "format"),
        ..Num::default()
    };
    if let Some(Value::Number(multiple)) = map.get("multipleOf") {
        if multiple.as_f64() == Some(1.0) {
            num.whole = true;
        } else {
            num.multiples.push(multiple.clone());
        }
    }
    num
}

fn string(map: &Map<String, Value>) -> Str {
    Str {
        min: count(map, "minLength").unwrap_or(0),
        max: count(map, "maxLength"),
        patterns: text(map, "pattern").into_iter().collect(),
        format: text(map, "format"),
        ..Str::default()
    }
}

/// Keywords that can say which members are owed once another is there.
pub(crate) const DEPENDENT: &[&str] = &[
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "if",
];

/// A member, and one that is owed where it is there.
type When = (Rc<str>, Rc<str>);

/// What a keyword owes to members that are there, and whether it says more than that.
fn owed_when(map: &Map<String, Value>, keyword: &str) -> Option<(Vec<When>, bool)> {
    let mut all = Vec::new();
    let mut says_more = false;
    let mut owe = |when: &str, schema: &Value| {
        let listed = schema.as_array().map(|_| schema);
        says_more |= listed.is_none()
            && schema
                .as_object()
                .is_none_or(|schema| schema.keys().any(|key| key != "required"));
        let owed = names(listed.or(schema.get("required")));
        all.extend(owed.into_iter().map(|owed| (Rc::from(when), owed)));
    };
    let said = map.get(keyword)?;
    match keyword {
        "if" => {
            let only = said.as_object().filter(|when| when.len() == 1)?;
            let when = names(only.get("required"));
            let one = when.first().filter(|_| when.len() == 1)?;
            owe(one, map.get("then")?);
            says_more |= map.contains_key("else");
        }
        "dependentRequired" | "dependentSchemas" | "dependencies" => {
            for (when, owed) in said.as_object()? {
                owe(when, owed);
            }
        }
        _ => return None,
    }
    Some((all, says_more))
}

/// Leaves only listed values.
fn among(form: &mut Form, values: &[Value]) {
    form.null &= values.contains(&Value::Null);
    form.yes &= values.contains(&Value::Bool(true));
    form.no &= values.contains(&Value::Bool(false));
    let pick = |keep: fn(&Value) -> bool| {
        let mut kept = Some(
            values
                .iter()
                .filter(|value| keep(value))
                .map(plain)
                .collect::<Vec<_>>(),
        );
        sort_values(&mut kept);
        kept
    };
    form.numbers.retain_mut(|one| {
        one.values = pick(Value::is_number);
        one.settle()
    });
    let strings: BTreeSet<String> = values
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    form.strings.retain_mut(|one| {
        one.values = Some(strings.clone());
        one.settle()
    });
    form.arrays.retain_mut(|one| {
        one.values = pick(Value::is_array);
        one.values.as_ref().is_some_and(|values| !values.is_empty())
    });
    form.objects.retain_mut(|one| {
        one.values = pick(Value::is_object);
        one.values.as_ref().is_some_and(|values| !values.is_empty())
    });
}

/// `1.0` is `1`, wherever it stands.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| (name.clone(), plain(value)));
            Value::Object(members.collect())
        }
        Value::Number(number) => {
            match super::number::whole(number).and_then(|whole| i64::try_from(whole).ok()) {
                Some(whole) => Value::Number(Number::from(whole)),
                None => value.clone(),
            }
        }
        other => other.clone(),
    }
}

fn array<'v>(map: &'v Map<String, Value>, key: &str) -> impl Iterator<Item = &'v Value> {
    map.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn count(map: &Map<String, Value>, key: &str) -> Option<u64> {
    let value = map.get(key)?;
    value.as_u64().or_else(|| {
        let float = value.as_f64()?;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, bounded, not negative"
        )]
        (float.fract() == 0.0 && (0.0..1e15).contains(&float)).then_some(float as u64)
    })
}

fn text(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn names(value: Option<&Value>) -> BTreeSet<Rc<str>> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(Rc::from)
        .collect()
}
