//! Regular expressions as sets of strings: whether one admits a string that another does not.
//!
//! Both become automata over characters, walked together one character at a time; the first string
//! found is a shortest one. Expressions with look-around or back-references are not read.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::rc::Rc;

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// The strings of one expression without those of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Difference {
    /// There are none: this is proved.
    Empty,
    /// One of them.
    Holds(String),
    /// The expressions could not be read, or the search grew too large.
    Unknown,
}

/// Larger automata are not built.
const MAX_STATES: usize = 6_000;
/// No more pairs of state sets than this are visited.
const MAX_VISITS: usize = 4_000;

thread_local! {
    /// Expressions that texts were held against: large ones take long to read, and come again and again.
    static READ: RefCell<HashMap<String, Option<Rc<Automaton>>>> = RefCell::default();
}

/// No more expressions than this are remembered.
const MAX_READ: usize = 200;

/// Whether a text surely does not match an expression.
pub(crate) fn misses(text: &str, expression: &str) -> bool {
    let automaton = READ.with_borrow_mut(|read| {
        if read.len() > MAX_READ {
            read.clear();
        }
        let automaton = || Automaton::new(expression).map(Rc::new);
        read.entry(expression.to_owned())
            .or_insert_with(automaton)
            .clone()
    });
    automaton.is_some_and(|automaton| {
        let start = automaton.start();
        let end = text
            .chars()
            .fold(start, |at, letter| automaton.step(&at, letter));
        !automaton.accepts(&end)
    })
}

/// What all of `own` match and `other` does not, as JSON Schema matches: anywhere in the string.
pub(crate) fn difference(own: &[&str], other: &str) -> Difference {
    let automata: Option<Vec<Automaton>> = own
        .iter()
        .chain([&other])
        .map(|pattern| Automaton::new(pattern))
        .collect();
    let Some(automata) = automata else {
        return Difference::Unknown;
    };
    let letters = letters(&automata);
    let start: Vec<Set> = automata.iter().map(Automaton::start).collect();
    let mut seen = HashSet::from([start.clone()]);
    let mut open = VecDeque::from([(start, String::new())]);
    while let Some((at, word)) = open.pop_front() {
        let mut accepted = automata.iter().zip(&at).map(|(one, at)| one.accepts(at));
        // The last one is `other`.
        if !accepted.next_back().unwrap_or(true) && accepted.all(|one| one) {
            return Difference::Holds(word);
        }
        if seen.len() > MAX_VISITS {
            return Difference::Unknown;
        }
        for letter in &letters {
            let next: Vec<Set> = automata
                .iter()
                .zip(&at)
                .map(|(one, at)| one.step(at, *letter))
                .collect();
            // From nothing, nothing more can match.
            if next[..own.len()]
                .iter()
                .any(|(states, done)| states.is_empty() && !done)
            {
                continue;
            }
            if seen.insert(next.clone()) {
                let mut word = word.clone();
                word.push(*letter);
                open.push_back((next, word));
            }
        }
    }
    Difference::Empty
}

enum State {
    Letter(Vec<(char, char)>, usize),
    Fork(Vec<usize>),
    /// Only before the first character.
    First(usize),
    /// Only after the last character.
    Last(usize),
    Done,
}

/// The states that a string can have led to, forks and the like resolved. The flag says that the
/// whole expression matched already.
type Set = (Rc<BTreeSet<usize>>, bool);

struct Automaton {
    states: Vec<State>,
    entry: usize,
}

impl Automaton {
    fn new(pattern: &str) -> Option<Self> {
        // ECMA-262 has `\d` and `\w` for ASCII letters alone.
        let hir = regex_syntax::parse(&ascii_classes(pattern)).ok()?;
        let mut states = vec![State::Done];
        let entry = build(&hir, 0, &mut states)?;
        Some(Self { states, entry })
    }

    fn start(&self) -> Set {
        self.close([self.entry], true, false)
    }

    /// Where one more character leads; the expression may also begin after it.
    fn step(&self, from: &Set, letter: char) -> Set {
        if from.1 {
            return (Rc::new(BTreeSet::new()), true);
        }
        let mut next: Vec<usize> = vec![self.entry];
        for state in from.0.iter() {
            if let State::Letter(ranges, to) = &self.states[*state]
                && ranges
                    .iter()
                    .any(|(low, high)| *low <= letter && letter <= *high)
            {
                next.push(*to);
            }
        }
        self.close(next, false, false)
    }

    fn accepts(&self, at: &Set) -> bool {
        at.1 || self.close(at.0.iter().copied(), false, true).1
    }

    fn close(&self, from: impl IntoIterator<Item = usize>, first: bool, last: bool) -> Set {
        let mut open: Vec<usize> = from.into_iter().collect();
        let mut seen = BTreeSet::new();
        let mut kept = BTreeSet::new();
        let mut done = false;
        while let Some(state) = open.pop() {
            if !seen.insert(state) {
                continue;
            }
            match &self.states[state] {
                State::Letter(..) => {
                    kept.insert(state);
                }
                State::Fork(ways) => open.extend(ways),
                State::First(next) if first => open.push(*next),
                State::First(_) => {}
                State::Last(next) => {
                    kept.insert(state);
                    if last {
                        open.push(*next);
                    }
                }
                State::Done => done = true,
            }
        }
        // An expression that may begin at the start and at the end at once needs both to hold.
        (Rc::new(kept), done)
    }
}

/// `\d` and `\w` written out, inside brackets and outside. Their opposites are nested brackets, which
/// this syntax has.
pub(crate) fn ascii_classes(pattern: &str) -> String {
    let mut plain = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        match letters.next() {
            Some('d') => plain.push_str("[0-9]"),
            Some('D') => plain.push_str("[^0-9]"),
            Some('w') => plain.push_str("[A-Za-z0-9_]"),
            Some('W') => plain.push_str("[^A-Za-z0-9_]"),
            other => {
                plain.push('\\');
                plain.extend(other);
            }
        }
    }
    plain
}

/// Adds the states of an expression in front of `next`; gives the first of them.
fn build(hir: &Hir, next: usize, states: &mut Vec<State>) -> Option<usize> {
    if states.len() > MAX_STATES {
        return None;
    }
    let add = |state: State, states: &mut Vec<State>| {
        states.push(state);
        states.len() - 1
    };
    Some(match hir.kind() {
        HirKind::Empty => next,
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            text.chars().rev().fold(next, |next, letter| {
                add(State::Letter(vec![(letter, letter)], next), states)
            })
        }
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class
                .ranges()
                .iter()
                .map(|range| (range.start(), range.end()))
                .collect();
            add(State::Letter(ranges, next), states)
        }
        HirKind::Class(Class::Bytes(_)) => return None,
        HirKind::Look(Look::Start) => add(State::First(next), states),
        HirKind::Look(Look::End) => add(State::Last(next), states),
        HirKind::Look(_) => return None,
        HirKind::Capture(capture) => build(&capture.sub, next, states)?,
        HirKind::Concat(parts) => {
            let mut next = next;
            for part in parts.iter().rev() {
                next = build(part, next, states)?;
            }
            next
        }
        HirKind::Alternation(parts) => {
            let ways: Option<Vec<usize>> =
                parts.iter().map(|part| build(part, next, states)).collect();
            let ways = ways?;
            add(State::Fork(ways), states)
        }
        HirKind::Repetition(repetition) => {
            let mut entry = match repetition.max {
                None => {
                    let fork = add(State::Fork(vec![next]), states);
                    let again = build(&repetition.sub, fork, states)?;
                    states[fork] = State::Fork(vec![again, next]);
                    fork
                }
                Some(most) => {
                    let mut entry = next;
                    for _ in repetition.min..most {
                        let once = build(&repetition.sub, entry, states)?;
                        entry = add(State::Fork(vec![once, next]), states);
                    }
                    entry
                }
            };
            for _ in 0..repetition.min {
                entry = build(&repetition.sub, entry, states)?;
            }
            entry
        }
    })
}

/// One character for each set of characters that all expressions treat alike.
fn letters(automata: &[Automaton]) -> Vec<char> {
    let mut starts = BTreeSet::from(['\0']);
    for state in automata.iter().flat_map(|one| &one.states) {
        if let State::Letter(ranges, _) = state {
            for (low, high) in ranges {
                starts.insert(*low);
                starts.extend(after(*high));
            }
        }
    }
    let bounds: Vec<char> = starts.into_iter().collect();
    let mut letters: Vec<char> = bounds
        .iter()
        .enumerate()
        .map(|(index, start)| {
            // A letter that people can read, if the set has one.
            let end = bounds.get(index + 1).copied();
            let inside = |letter: &char| letter >= start && end.is_none_or(|end| *letter < end);
            "aA0-_ .!é".chars().find(inside).unwrap_or(*start)
        })
        .collect();
    letters.sort_by_key(|letter| (!letter.is_ascii_graphic(), *letter));
    letters
}

fn after(letter: char) -> Option<char> {
    match letter {
        '\u{D7FF}' => Some('\u{E000}'),
        char::MAX => None,
        other => char::from_u32(u32::from(other) + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::{Difference, difference};

    #[test]
    fn a_shortest_string_tells_two_expressions_apart() {
        for (own, other, expected) in [
            ("^[0-9]+$", "^[0-8]+$", "9"),
            ("^[a-z]{1,5}$", "^[a-z]{1,3}$", "aaaa"),
            ("a", "^a", "Aa"),
            ("^(red|green)$", "^red$", "green"),
            ("^.*$", "^x", ""),
        ] {
            assert_eq!(
                difference(&[own], other),
                Difference::Holds(expected.to_owned()),
                "{own}"
            );
        }
    }

    #[test]
    fn inclusion_is_proved() {
        for (own, other) in [
            ("^[0-8]+$", "^[0-9]+$"),
            ("^a", "a"),
            ("^\\d{3}$", "^\\d+$"),
            ("^\\d+$", "^[0-9]+$"),
            ("^[0-9]+$", "^[\\d]+$"),
            ("^[\\w.]+$", "^[A-Za-z0-9_.]+$"),
            ("^\\W$", "^[^A-Za-z0-9_]$"),
            ("^(a|b)$", "^[ab]$"),
            ("^[ab]$", "^(a|b)$"),
        ] {
            assert_eq!(difference(&[own], other), Difference::Empty, "{own}");
        }
        let both = ["^[0-9]+$", "^.{4,}$"];
        assert_eq!(
            difference(&both, "^[0-8]+$"),
            Difference::Holds("0009".to_owned())
        );
        assert_eq!(difference(&["(?=a)"], "b"), Difference::Unknown);
    }
}
