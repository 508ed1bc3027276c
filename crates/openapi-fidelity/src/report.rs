//! What the checks found, and how it reads.

use std::collections::BTreeMap;
use std::fmt;

use openapi_lower::Loss;
use serde_json::Value;

use crate::view::Way;

/// What [`check`](crate::check) found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub(crate) counts: Counts,
    pub(crate) allowed: BTreeMap<Allowance, usize>,
    pub(crate) differences: Vec<Difference>,
    pub(crate) notes: Vec<String>,
}

/// How much was tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Types that were tried.
    pub types: usize,
    /// Instances of the document's schemas that went through a type.
    pub instances: usize,
    /// Instances with a field or a member that the document does not know, likewise.
    pub novelties: usize,
    /// Values that a request type was asked to take although nothing says that they are valid.
    pub attempts: usize,
    /// Those of them that the type took, and whose encoding was held against the document.
    pub sent: usize,
    /// Examples of the document that went through a type.
    pub examples: usize,
}

/// Something that a type does otherwise than the document, once for all instances that show it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// The type.
    pub type_name: String,
    /// The schema that the type stands for, as a JSON pointer into the document.
    pub pointer: String,
    /// Which way the value travels; `None` where no value is involved.
    pub way: Option<Way>,
    /// What sort of difference it is.
    pub kind: Kind,
    /// The smallest value that was found to show it.
    pub instance: Value,
    /// Where in that value.
    pub place: String,
    /// What happened.
    pub detail: String,
    /// How many instances show it.
    pub count: usize,
    /// What the lowering said of it, at this very schema: then it is as it should be.
    pub explanation: Option<Loss>,
}

/// A sort of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// The document allows a value that the type does not decode.
    Refused,
    /// The type decodes a value and encodes another.
    Changed,
    /// The type takes a value that the document lists for one that it does not know.
    Misread,
    /// The type does not decode a value with something new in it.
    NoveltyRefused,
    /// The type loses or alters something new.
    NoveltyChanged,
    /// The type encodes a value that the document does not allow.
    Invented,
    /// One type stands for schemas that say different things.
    Shared,
    /// A type of the lowered document was not tried, or something was tried that is no type of it.
    Missing,
    /// No instance could be made, so nothing is proved.
    Untested,
}

/// What every type may do, by name. Each is counted in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Allowance {
    /// An optional property that is `null` comes back absent, where the document allows that as well.
    NullForAbsent,
    /// `1` comes back as `1.0`, or the other way round.
    NumberSpelling,
    /// `null` is refused by the type of a schema that allows it: where the type is used it stands in an `Option`.
    NullAtUse,
}

impl Report {
    /// How much was tried.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// All differences, explained or not.
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// The differences that nothing explains: defects, of the lowering or of the document's reading.
    pub fn unexplained(&self) -> impl Iterator<Item = &Difference> {
        self.differences
            .iter()
            .filter(|difference| difference.explanation.is_none())
    }

    /// How often each allowance was used.
    #[must_use]
    pub fn allowed(&self) -> &BTreeMap<Allowance, usize> {
        &self.allowed
    }

    /// What could not be tried, and why that is no difference: schemas without a place of their own in the document,
    /// examples that their own schema refuses.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Adds what another check found.
    pub fn extend(&mut self, differences: impl IntoIterator<Item = Difference>) {
        differences
            .into_iter()
            .for_each(|difference| self.add(difference));
    }

    pub(crate) fn allow(&mut self, allowance: Allowance) {
        *self.allowed.entry(allowance).or_default() += 1;
    }

    /// Adds a difference; one that says the same as another only counts, and the smaller instance is kept.
    pub(crate) fn add(&mut self, difference: Difference) {
        let same = self.differences.iter_mut().find(|known| {
            known.type_name == difference.type_name
                && known.pointer == difference.pointer
                && known.way == difference.way
                && known.kind == difference.kind
                && known.explanation == difference.explanation
                && without_indices(&known.place) == without_indices(&difference.place)
                && known.detail == difference.detail
        });
        match same {
            None => self.differences.push(difference),
            Some(known) => {
                known.count += difference.count;
                if difference.instance.to_string().len() < known.instance.to_string().len() {
                    known.instance = difference.instance;
                    known.place = difference.place;
                }
            }
        }
    }
}

fn without_indices(place: &str) -> String {
    let token = |token: &str| {
        if token.parse::<usize>().is_ok() {
            "*".to_owned()
        } else {
            token.to_owned()
        }
    };
    place.split('/').map(token).collect::<Vec<_>>().join("/")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts {
            types,
            instances,
            novelties,
            attempts,
            sent,
            examples,
        } = self.counts;
        writeln!(
            f,
            "{types} types; {instances} instances and {examples} examples went through them;"
        )?;
        writeln!(
            f,
            "{novelties} instances with something new; {sent} of {attempts} doubtful values sent"
        )?;
        for (allowance, count) in &self.allowed {
            writeln!(f, "allowed {count} times: {allowance}")?;
        }
        let unexplained = self.unexplained().count();
        writeln!(
            f,
            "{} differences explained, {unexplained} not",
            self.differences.len() - unexplained
        )?;
        for difference in self.unexplained() {
            writeln!(f, "\n{difference}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self.way {
            Some(Way::Request) => " (request)",
            Some(Way::Response) => " (response)",
            None => "",
        };
        write!(
            f,
            "{}, #{}{way}: {}",
            self.type_name, self.pointer, self.kind
        )?;
        if !self.place.is_empty() {
            write!(f, " at {}", self.place)?;
        }
        write!(f, ": {}", self.detail)?;
        if self.way.is_some() {
            write!(f, "\n  instance: {}", shortened(&self.instance.to_string()))?;
        }
        if self.count > 1 {
            write!(f, "\n  shown by {} instances", self.count)?;
        }
        match &self.explanation {
            None => Ok(()),
            Some(loss) => write!(f, "\n  explained by the loss {loss}"),
        }
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 400;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(" …".chars()).collect()
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "a valid value is refused",
            Self::Changed => "a valid value changes",
            Self::Misread => "a listed value is taken for an unknown one",
            Self::NoveltyRefused => "a value with something new is refused",
            Self::NoveltyChanged => "something new does not come back",
            Self::Invented => "an invalid value can be sent",
            Self::Shared => "a type stands for different schemas",
            Self::Missing => "the types do not match the document",
            Self::Untested => "nothing could be tried",
        })
    }
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NullForAbsent => "an optional null comes back absent",
            Self::NumberSpelling => "a whole number comes back in its other spelling (1 and 1.0)",
            Self::NullAtUse => "a nullable type leaves null to the place of its use",
        })
    }
}
