//! Differences within one kind of scalar: values, bounds, patterns. Formats are with `formats`, lists against limits with `listed`.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};

use serde_json::{Number, Value};

use super::fact::Fact;
use super::formats::checked;
use super::lengths::implies;
use super::pairs::{PairId, Pairs, TYPE};
use crate::rust_impact::Surface;
use crate::schema::{Bound, Node, Num, RawId, Str, compare_numbers, is_multiple, width};
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
        let before = old.form.numbers.iter().map(number_tier).max();
        let before = before.filter(|_| !new.form.numbers.is_empty());
        let gone = aligned.gone.iter().map(|one| &old.form.numbers[*one]);
        let come = aligned.come.iter().map(|one| &new.form.numbers[*one]);
        let lists = (
            gone.map(Num::described).collect(),
            come.map(Num::described).collect(),
        );
        self.ranges((pair, &subject), (old, new), before, lists);
    }

    fn number(&mut self, spot: &Spot<'_>, old: &Num, new: &Num) {
        if old.values.is_some() || new.values.is_some() {
            let list = |one: &Num| one.values.clone();
            let all = |one: &Num| list(one).or_else(|| one.all());
            self.listing(spot, (list(old), list(new)), (all(old), all(new)));
            self.listed_numbers(spot, old, new);
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
            let one = Number::from(1);
            let covered = |some: &Num, by: &Num| {
                let steps = || some.multiples.iter().chain(some.whole.then_some(&one));
                let known = |divisor| steps().any(|number| is_multiple(number, divisor));
                by.multiples.iter().all(known)
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
        let before = old.form.strings.iter().map(string_tier).max();
        let before = before.filter(|_| !new.form.strings.is_empty());
        let gone = aligned.gone.iter().map(|one| &old.form.strings[*one]);
        let come = aligned.come.iter().map(|one| &new.form.strings[*one]);
        let lists = (
            gone.map(Str::described).collect(),
            come.map(Str::described).collect(),
        );
        self.ranges((pair, &subject), (old, new), before, lists);
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
            self.listed_strings(spot, old, new);
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
            self.string_format(spot, old, new);
        }
    }

    /// Enumerated values, or their coming and going altogether.
    pub(super) fn values(
        &mut self,
        spot: &Spot<'_>,
        old: Option<Vec<Value>>,
        new: Option<Vec<Value>>,
    ) {
        self.listing(spot, (old.clone(), new.clone()), (old, new));
    }

    /// The same, where all values may be known though none are listed.
    fn listing(
        &mut self,
        spot: &Spot<'_>,
        (old, new): (Option<Vec<Value>>, Option<Vec<Value>>),
        (before, after): (Option<Vec<Value>>, Option<Vec<Value>>),
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
        let (gone, come) = (lost(&before, &after), lost(&after, &before));
        let tier = match before == after {
            true => Tier::Same,
            false => Tier::Closed,
        };
        let surface = match (&old, &new) {
            (Some(_), Some(_)) if gone => Surface::VariantRemoved,
            (Some(_), Some(_)) => Surface::VariantAdded(true),
            _ => Surface::Retyped,
        };
        let list = |values: Option<Vec<Value>>| values.map_or(Value::Null, Value::Array);
        let fact = Fact::new("enum", spot.subject.clone(), tier, Effect::new(gone, come))
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

    /// Alternatives of a scalar kind that only one side has. `before`: who of those that read the old
    /// ones notices others, where both sides have any; otherwise a kind has come or gone.
    fn ranges(
        &mut self,
        (pair, subject): (PairId, &str),
        (old, new): (&Node, &Node),
        before: Option<Tier>,
        (gone, come): (Vec<Value>, Vec<Value>),
    ) {
        let Some(tier) = before.filter(|_| gone.len() + come.len() > 0) else {
            return;
        };
        let effect = Effect::new(!gone.is_empty(), !come.is_empty());
        let fact = Fact::new("alternatives", subject, tier, effect)
            .at(
                self.old.locate(&old.conj, TYPE),
                self.new.locate(&new.conj, TYPE),
            )
            .values(gone, come);
        self.list[pair].facts.push(fact);
    }
}

/// Who notices that there are others beside such numbers.
fn number_tier(one: &Num) -> Tier {
    match width(one.format.as_deref()) {
        _ if one.values.is_some() => Tier::Closed,
        Some(_) if one.format.as_deref() != Some("int64") => Tier::Shape,
        _ => Tier::Value,
    }
}

/// Who notices that there are others beside such texts.
fn string_tier(one: &Str) -> Tier {
    match checked(one.format.as_deref()) {
        Some(true) => Tier::Shape,
        _ if one.values.is_some() => Tier::Closed,
        _ => Tier::Value,
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
