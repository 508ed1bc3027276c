//! What patterns say of strings, their lengths among it.

use super::fact::Fact;
use super::formats::expression;
use super::pairs::Pairs;
use super::scalars::Spot;
use crate::schema::{Difference, Str, difference};
use crate::verdict::{Effect, Tier};

impl Pairs<'_> {
    pub(super) fn lengths(&mut self, spot: &Spot<'_>, old: &Str, new: &Str) {
        let least = (Some(old.min), Some(new.min));
        let known = patterns_say(old, new.min, None) && patterns_say(new, old.min, None);
        self.length(spot, "min-length", least, "minLength", known);
        let most = (old.max, new.max);
        let known = patterns_say(old, 0, new.max) && patterns_say(new, 0, old.max);
        self.length(spot, "max-length", most, "maxLength", known);
    }

    /// A limit, which the patterns of both sides may say already.
    fn length(
        &mut self,
        spot: &Spot<'_>,
        rule: &'static str,
        (old, new): (Option<u64>, Option<u64>),
        keyword: &str,
        known: bool,
    ) {
        if !known {
            self.counts(spot, rule, (old, new), &[keyword]);
        } else if old != new {
            let fact =
                Fact::new(rule, spot.subject.clone(), Tier::Same, Effect::NONE).values(old, new);
            self.push(spot, &[keyword], fact);
        }
    }
}

/// Longer strings are beyond the search.
const MOST: u64 = 300;

/// The expressions that a string must match, its length among them.
pub(crate) fn languages(string: &Str) -> Vec<String> {
    let mut all: Vec<String> = string.patterns.iter().cloned().collect();
    // To leave a length out makes the language larger.
    let (least, most) = (string.min.min(MOST), string.max.filter(|max| *max <= MOST));
    if least > 0 || most.is_some() {
        all.push(of_length(least, most));
    }
    all
}

fn of_length(least: u64, most: Option<u64>) -> String {
    let most = most.map_or(String::new(), |most| most.to_string());
    format!("(?s)^.{{{least},{most}}}$")
}

/// Whether the patterns of a string are proved to keep it within these lengths, so that to say them is
/// to say nothing.
fn patterns_say(string: &Str, least: u64, most: Option<u64>) -> bool {
    if string.min >= least && most.is_none_or(|most| string.max.is_some_and(|max| max <= most)) {
        return true;
    }
    if string.patterns.is_empty() || least.max(most.unwrap_or(0)) > MOST {
        return false;
    }
    let all: Vec<&str> = string.patterns.iter().map(String::as_str).collect();
    difference(&all, &of_length(least, most)) == Difference::Empty
}

/// Whether all that one string may be is proved to match the patterns of another.
pub(super) fn implies(one: &Str, other: &Str) -> bool {
    let all = languages(one);
    let mut all: Vec<&str> = all.iter().map(String::as_str).collect();
    all.extend(one.format.as_deref().and_then(expression));
    let mut others = other.patterns.iter();
    others.all(|other| one.patterns.contains(other) || difference(&all, other) == Difference::Empty)
}
