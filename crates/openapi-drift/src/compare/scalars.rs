//! Differences within one kind of scalar: values, bounds, patterns, formats.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::fact::Fact;
use super::lengths::implies;
use super::pairs::{PairId, Pairs, TYPE};
use crate::rust_impact::Surface;
use crate::schema::{Bound, Node, Num, RawId, Str, compare_numbers, is_multiple};
use crate::verdict::{Effect, Tier};

/// A place being compared: what it is called, and the schemas that speak there on each side.
pub(super) struct Spot<'a> {
    pub(super) pair: PairId,
    pub(super) subject: String,
    pub(super) old: &'a [RawId],
    pub(super) new: &'a [RawId],
}

impl Pairs<'_> {
    pub(super) fn push(&mut self, spot: &Spot<'_>, keywords: &[&str], fact: Fact) {
        let fact = fact.at(
            self.old.locate(spot.old, keywords),
            self.new.locate(spot.new, keywords),
        );
        self.list[spot.pair].facts.push(fact);
    }

    pub(super) fn booleans(&mut self, pair: PairId, old: &Node, new: &Node) {
        let values = |node: &Node| -> Vec<Value> {
            [(node.form.no, false), (node.form.yes, true)]
                .into_iter()
                .filter_map(|(admitted, value)| admitted.then_some(Value::Bool(value)))
                .collect()
        };
        let (before, after) = (values(old), values(new));
        if before == after || before.is_empty() || after.is_empty() {
            return;
        }
        let spot = self.spot(pair, old, new);
        let gone = before.iter().any(|value| !after.contains(value));
        let come = after.iter().any(|value| !before.contains(value));
        let fact = Fact::new(
            "enum",
            spot.subject.clone(),
            Tier::Closed,
            Effect::new(gone, come),
        )
        .values(before, after);
        let (left, right) = (spot.old.to_vec(), spot.new.to_vec());
        let spot = Spot {
            old: &left,
            new: &right,
            ..spot
        };
        self.push(&spot, &["enum", "const"], fact);
    }

    fn spot<'a>(&self, pair: PairId, old: &'a Node, new: &'a Node) -> Spot<'a> {
        Spot {
            pair,
            subject: self.subject(old, new),
            old: &old.conj,
            new: &new.conj,
        }
    }

    pub(super) fn numbers(&mut self, pair: PairId, old: &Node, new: &Node) {
        let subject = self.subject(old, new);
        let same = |left: &Num, right: &Num| {
            left.whole == right.whole
                && left.low == right.low
                && left.high == right.high
                && left.multiples == right.multiples
                && left.values == right.values
        };
        let aligned = align(&old.form.numbers, &new.form.numbers, same);
        for (left, right) in aligned.both {
            let (left, right) = (&old.form.numbers[left], &new.form.numbers[right]);
            let spot = Spot {
                pair,
                subject: subject.clone(),
                old: &left.meta.sources,
                new: &right.meta.sources,
            };
            self.number(&spot, left, right);
            self.opaque(&spot, &left.meta, &right.meta);
        }
        self.ranges(
            pair,
            &subject,
            old,
            new,
            aligned.gone.len(),
            aligned.come.len(),
        );
    }

    fn number(&mut self, spot: &Spot<'_>, old: &Num, new: &Num) {
        if old.values.is_some() || new.values.is_some() {
            let list = |one: &Num| one.values.clone();
            self.values(spot, list(old), list(new));
            return;
        }
        self.bound(
            spot,
            (&old.low, &new.low),
            Ordering::Greater,
            &["minimum", "exclusiveMinimum"],
        );
        self.bound(
            spot,
            (&old.high, &new.high),
            Ordering::Less,
            &["maximum", "exclusiveMaximum"],
        );
        if old.multiples != new.multiples {
            let covered = |some: &Num, by: &Num| {
                by.multiples.iter().all(|divisor| {
                    some.multiples
                        .iter()
                        .any(|number| is_multiple(number, divisor))
                })
            };
            let effect = Effect::new(!covered(old, new), !covered(new, old));
            let list = |one: &Num| {
                Value::Array(one.multiples.iter().cloned().map(Value::Number).collect())
            };
            let fact = Fact::new("multiple-of", spot.subject.clone(), Tier::Value, effect)
                .values(list(old), list(new));
            self.push(spot, &["multipleOf"], fact);
        }
        if old.format != new.format {
            self.number_format(spot, old, new);
        }
    }

    /// `int32` in `int64` in none; for fractions the width is precision, which no value fails.
    fn number_format(&mut self, spot: &Spot<'_>, old: &Num, new: &Num) {
        let width = |one: &Num| match one.format.as_deref() {
            Some("int32") => Some(32),
            Some("int64") => Some(64),
            _ => None,
        };
        let (before, after) = (width(old), width(new));
        let float = |one: &Num| one.format.as_deref() == Some("float");
        let narrower = |some: Option<u8>, than: Option<u8>| match (some, than) {
            (Some(some), Some(than)) => some < than,
            (Some(_), None) => true,
            _ => false,
        };
        // Where limits say more than the width does, the width is a word about types.
        let limited = |one: &Num| {
            let within = |bound: &Option<Bound>, positive: bool| {
                bound
                    .as_ref()
                    .and_then(|bound| bound.value.as_f64())
                    .is_some_and(|value| {
                        let most = if old.format.as_deref() == Some("int32")
                            || new.format.as_deref() == Some("int32")
                        {
                            f64::from(i32::MAX)
                        } else {
                            2_f64.powi(63)
                        };
                        if positive {
                            value <= most
                        } else {
                            value >= -most
                        }
                    })
            };
            within(&one.low, false) && within(&one.high, true)
        };
        let (tier, effect) = if before != after && limited(old) && limited(new) {
            (Tier::Words, Effect::NONE)
        } else if before != after {
            // A reader's `i64` holds every value of an unnamed width that it ever held.
            let tier = if before == Some(32) {
                Tier::Shape
            } else {
                Tier::Value
            };
            (
                tier,
                Effect::new(narrower(after, before), narrower(before, after)),
            )
        } else if float(old) != float(new) {
            (Tier::Meaning, Effect::NONE)
        } else {
            (Tier::Words, Effect::NONE)
        };
        let named = |one: &Num| match one.format.as_deref() {
            Some("int32") => "i32",
            Some("float") => "f32",
            _ if one.whole => "i64",
            _ => "f64",
        };
        let surface = if named(old) == named(new) {
            Surface::Text
        } else {
            Surface::Retyped
        };
        let fact = Fact::new("format", spot.subject.clone(), tier, effect)
            .surface(surface)
            .values(text(&old.format), text(&new.format));
        self.push(spot, &["format", "contentEncoding"], fact);
    }

    fn bound(
        &mut self,
        spot: &Spot<'_>,
        (old, new): (&Option<Bound>, &Option<Bound>),
        tighter: Ordering,
        keywords: &[&'static str; 2],
    ) {
        let effect = match (old, new) {
            (None, None) => return,
            (None, Some(_)) => Effect::NARROWS,
            (Some(_), None) => Effect::WIDENS,
            (Some(one), Some(two)) => match compare_numbers(&two.value, &one.value) {
                Ordering::Equal if one.exclusive == two.exclusive => return,
                Ordering::Equal if two.exclusive => Effect::NARROWS,
                order if order == tighter => Effect::NARROWS,
                _ => Effect::WIDENS,
            },
        };
        let value = |bound: &Option<Bound>| {
            bound.as_ref().map_or(Value::Null, |bound| {
                let value = Value::Number(bound.value.clone());
                if bound.exclusive {
                    serde_json::json!({"exclusive": value})
                } else {
                    value
                }
            })
        };
        let rule = if tighter == Ordering::Greater {
            "minimum"
        } else {
            "maximum"
        };
        let fact = Fact::new(rule, spot.subject.clone(), Tier::Value, effect)
            .values(value(old), value(new));
        self.push(spot, keywords, fact);
    }

    pub(super) fn strings(&mut self, pair: PairId, old: &Node, new: &Node) {
        let subject = self.subject(old, new);
        let same = |left: &Str, right: &Str| {
            left.min == right.min
                && left.max == right.max
                && left.patterns == right.patterns
                && left.format == right.format
                && left.values == right.values
        };
        let aligned = align(&old.form.strings, &new.form.strings, same);
        for (left, right) in aligned.both {
            let (left, right) = (&old.form.strings[left], &new.form.strings[right]);
            let spot = Spot {
                pair,
                subject: subject.clone(),
                old: &left.meta.sources,
                new: &right.meta.sources,
            };
            if left.values.is_some() && right.values.is_some() {
                self.names(pair, &left.meta, &right.meta);
            }
            self.string(&spot, left, right);
            self.opaque(&spot, &left.meta, &right.meta);
        }
        self.ranges(
            pair,
            &subject,
            old,
            new,
            aligned.gone.len(),
            aligned.come.len(),
        );
    }

    fn string(&mut self, spot: &Spot<'_>, old: &Str, new: &Str) {
        if old.values.is_some() || new.values.is_some() {
            let list = |values: &Option<BTreeSet<String>>| {
                values.as_ref().map(|values| {
                    values
                        .iter()
                        .map(|value| Value::from(value.as_str()))
                        .collect()
                })
            };
            self.values(spot, list(&old.values), list(&new.values));
            return;
        }
        self.lengths(spot, old, new);
        if old.patterns != new.patterns {
            let effect = Effect::new(!implies(old, new), !implies(new, old));
            let tier = if effect == Effect::NONE {
                Tier::Same
            } else {
                Tier::Value
            };
            let list = |patterns: &BTreeSet<String>| match patterns.len() {
                0 => Value::Null,
                1 => patterns
                    .first()
                    .map(|one| Value::from(one.as_str()))
                    .unwrap_or_default(),
                _ => patterns
                    .iter()
                    .map(|one| Value::from(one.as_str()))
                    .collect(),
            };
            let fact = Fact::new("pattern", spot.subject.clone(), tier, effect)
                .values(list(&old.patterns), list(&new.patterns));
            self.push(spot, &["pattern"], fact);
        }
        if old.format != new.format {
            let (before, after) = (old.format.as_deref(), new.format.as_deref());
            let (left, right) = (checked(before), checked(after));
            let effect = match (left, right) {
                (None, None) => Effect::NONE,
                (Some(_), None) => Effect::WIDENS,
                (None, Some(_)) => Effect::NARROWS,
                (Some(_), Some(_)) => Effect::BOTH,
            };
            let tier = match (left, right) {
                (None, None) if is_encoded(before) != is_encoded(after) => Tier::Meaning,
                (None, None) => Tier::Words,
                (Some(true), _) => Tier::Shape,
                _ => Tier::Value,
            };
            let typed = |format: Option<bool>| format == Some(true);
            let surface = if typed(left) || typed(right) {
                Surface::Retyped
            } else {
                Surface::Text
            };
            let fact = Fact::new("format", spot.subject.clone(), tier, effect)
                .surface(surface)
                .values(text(&old.format), text(&new.format));
            self.push(spot, &["format", "contentEncoding"], fact);
        }
    }

    /// Enumerated values, or their coming and going altogether.
    pub(super) fn values(
        &mut self,
        spot: &Spot<'_>,
        old: Option<Vec<Value>>,
        new: Option<Vec<Value>>,
    ) {
        if old == new {
            return;
        }
        let lost = |some: &Option<Vec<Value>>, other: &Option<Vec<Value>>| match (some, other) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(some), Some(other)) => {
                let other: HashSet<&Value> = other.iter().collect();
                some.iter().any(|value| !other.contains(value))
            }
        };
        let (gone, come) = (lost(&old, &new), lost(&new, &old));
        let surface = match (&old, &new) {
            (Some(_), Some(_)) if gone => Surface::VariantRemoved,
            (Some(_), Some(_)) => Surface::VariantAdded(true),
            _ => Surface::Retyped,
        };
        let list = |values: Option<Vec<Value>>| values.map_or(Value::Null, Value::Array);
        let fact = Fact::new(
            "enum",
            spot.subject.clone(),
            Tier::Closed,
            Effect::new(gone, come),
        )
        .surface(surface)
        .values(list(old), list(new));
        self.push(spot, &["enum", "const"], fact);
    }

    /// A least or greatest count; `None` is no limit.
    pub(super) fn counts(
        &mut self,
        spot: &Spot<'_>,
        rule: &'static str,
        (old, new): (Option<u64>, Option<u64>),
        keywords: &[&str],
    ) {
        if old == new {
            return;
        }
        let greatest = rule.starts_with("max");
        let narrows = match (old, new) {
            (Some(old), Some(new)) => (new < old) == greatest,
            (None, _) => true,
            (_, None) => false,
        };
        let effect = if narrows {
            Effect::NARROWS
        } else {
            Effect::WIDENS
        };
        let value = |count: Option<u64>| count.map_or(Value::Null, Value::from);
        let fact = Fact::new(rule, spot.subject.clone(), Tier::Value, effect)
            .values(value(old), value(new));
        self.push(spot, keywords, fact);
    }

    /// Alternatives of a scalar kind that only one side has.
    fn ranges(
        &mut self,
        pair: PairId,
        subject: &str,
        old: &Node,
        new: &Node,
        gone: usize,
        come: usize,
    ) {
        if gone + come == 0 || old.form.kinds().without_null() != new.form.kinds().without_null() {
            return;
        }
        let fact = Fact::new(
            "alternatives",
            subject,
            Tier::Value,
            Effect::new(gone > 0, come > 0),
        )
        .at(
            self.old.locate(&old.conj, TYPE),
            self.new.locate(&new.conj, TYPE),
        )
        .values(gone, come);
        self.list[pair].facts.push(fact);
    }
}

/// Which alternatives belong together, and which have no partner.
pub(super) struct Aligned {
    pub(super) both: Vec<(usize, usize)>,
    pub(super) gone: Vec<usize>,
    pub(super) come: Vec<usize>,
}

/// Pairs equal alternatives first, then the rest in order.
fn align<T>(old: &[T], new: &[T], same: impl Fn(&T, &T) -> bool) -> Aligned {
    let mut gone: Vec<usize> = (0..old.len()).collect();
    let mut come: Vec<usize> = (0..new.len()).collect();
    let mut both = Vec::new();
    gone.retain(|left| {
        match come
            .iter()
            .position(|right| same(&old[*left], &new[*right]))
        {
            Some(place) => {
                both.push((*left, come.remove(place)));
                false
            }
            None => true,
        }
    });
    while !gone.is_empty() && !come.is_empty() {
        both.push((gone.remove(0), come.remove(0)));
    }
    Aligned { both, gone, come }
}

/// Whether the text stands for bytes.
fn is_encoded(format: Option<&str>) -> bool {
    format.is_some_and(|format| matches!(format, "byte" | "binary" | "base64" | "base64url"))
}

/// Whether a format is checked at all, and if so, whether typed readers parse it into a type.
fn checked(format: Option<&str>) -> Option<bool> {
    match format? {
        "date-time" | "date" | "time" | "uuid" | "ipv4" | "ipv6" => Some(true),
        "duration"
        | "email"
        | "idn-email"
        | "hostname"
        | "idn-hostname"
        | "uri"
        | "uri-reference"
        | "iri"
        | "iri-reference"
        | "uri-template"
        | "json-pointer"
        | "relative-json-pointer"
        | "regex" => Some(false),
        _ => None,
    }
}

fn text(format: &Option<String>) -> Value {
    format.as_deref().map(Value::from).unwrap_or_default()
}
