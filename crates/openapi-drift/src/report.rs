//! The result of a comparison, as a library hands it out and as JSON shows it.

use serde::Serialize;
use serde_json::Value;

use crate::accept::Class;
use crate::rust_impact::{self, Cell, Remedy, Rust, Version};
use crate::verdict::Verdict;
use crate::witness::Witness;

/// Which message a change concerns, seen from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// No message: words, names, deprecations.
    None,
    /// What the client sends.
    Request,
    /// What the client gets back.
    Response,
    /// Both, or the call as a whole.
    Both,
    /// What the peer delivers to the client by itself.
    Webhook,
    /// What the peer delivers because the client asked for it.
    Callback,
}

impl Direction {
    /// The name that reports use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Request => "request",
            Self::Response => "response",
            Self::Both => "both",
            Self::Webhook => "webhook",
            Self::Callback => "callback",
        }
    }
}

/// One change, with everything that it reaches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// A stable name for this change, for accept files: sixteen hexadecimal digits.
    pub fingerprint: String,
    /// The rule that found it, in kebab case.
    pub rule: String,
    /// One sentence for people.
    pub summary: String,
    /// Where it was made: in the new document, or in the old one for what is gone. What is said of a member by the list
    /// beside it has a place of its own here, `…/properties/NAME/required`; [`Change::place`] is that list.
    pub pointer: String,
    /// The other places where the same change was made, such as inlined copies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_at: Vec<String>,
    /// The operations, webhooks and callbacks that it reaches; none for the document itself.
    pub operations: Vec<String>,
    /// Which messages it concerns.
    pub direction: Direction,
    /// `narrows`, `widens`, `both`, `meaning`, `docs` or `none`.
    pub effect: String,
    /// What it means for clients written against the old document.
    pub verdict: Verdict,
    /// What it does to the generated Rust API.
    pub rust: Rust,
    /// The generated public items that it moved, a line each, when both clients were generated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// Set where the wire and the Rust API disagree about a break.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<Cell>,
    /// What would keep the Rust API as it is, for a change that only breaks that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
    /// What of it breaks code all the same: the generated items that the remedy does not bring back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remains: Vec<String>,
    /// What stood there before.
    pub before: Value,
    /// What stands there now.
    pub after: Value,
    /// The proof, for a change that breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
    /// Why there is no proof, for a change that breaks as far as can be told; or why nobody can tell what
    /// it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// What one document said before or says now in a form that nobody can use, where both plainly mean
    /// the same: a correction of the document, and no change of the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correction: Option<String>,
    /// Why it fails no gate, where somebody accepted it. It is a change all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Acceptance>,
}

impl Change {
    /// The pointer to show: to what can be found in one of the documents.
    #[must_use]
    pub fn place(&self) -> String {
        shown_place(&self.rule, &self.pointer)
    }
}

pub(crate) fn shown_place(rule: &str, pointer: &str) -> String {
    let member = pointer.strip_suffix("/required");
    match member.and_then(|member| member.rsplit_once("/properties/")) {
        Some((owner, name)) if rule == "required" && !name.contains('/') => {
            format!("{owner}/required")
        }
        _ => pointer.to_owned(),
    }
}

/// That somebody looked at a change and let it pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acceptance {
    /// On what grounds.
    pub class: Class,
    /// In their words.
    pub reason: String,
    /// The last day on which it counts, as `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// An accepted change, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcceptedChange {
    /// Which of the changes it is.
    pub fingerprint: String,
    /// What it means all the same.
    pub verdict: Verdict,
    /// What it does to the generated Rust API all the same.
    pub rust: Rust,
    /// Why it passes.
    #[serde(flatten)]
    pub acceptance: Acceptance,
}

/// Whether the generated clients were compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Generated {
    /// Nobody asked: the steps follow from the conventions alone.
    #[default]
    No,
    /// Both were generated and their public items compared.
    Compared,
    /// It was tried and could not be done, for this reason; the steps follow from the conventions.
    Unknown(String),
}

/// Everything that differs between two documents.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The version of this layout.
    pub schema: u32,
    /// The worst verdict of all changes that nobody accepted: what the exit code follows from.
    pub verdict: Verdict,
    /// The largest step of those.
    pub rust: Rust,
    /// How many changes were accepted as corrections: the server always did so.
    pub corrections: usize,
    /// The changes that were accepted, those corrections among them.
    pub accepted: Vec<AcceptedChange>,
    /// How many changes are not known to do what they are said to, breaking ones without a witness among
    /// them.
    pub unknown: usize,
    /// How many changes break on the wire while code written against the crate still compiles.
    pub wire_only: usize,
    /// How many changes break code written against the crate and nothing on the wire.
    pub rust_only: usize,
    /// Whether the steps of the Rust API were read from generated code as well.
    pub generated: Generated,
    /// The version that the generated crate takes next, when the present one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_version: Option<Version>,
    /// What the comparison left out, or could not use: nothing of that is passed over in silence.
    pub notes: Vec<Note>,
    /// The changes, worst first.
    pub changes: Vec<Change>,
}

/// Something that was left out of the comparison, or that had no use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Where it was said: `old document`, `new document`, `both documents`, `old name lock` or `name lock`; or of what, the
    /// `generated crate`.
    pub about: String,
    /// The place there.
    pub pointer: String,
    /// What is wrong with it, as a sentence without its subject.
    pub message: String,
}

impl Report {
    pub(crate) fn new(changes: Vec<Change>, notes: Vec<Note>) -> Self {
        let mut report = Self {
            schema: 1,
            verdict: Verdict::Equivalent,
            rust: Rust::None,
            corrections: 0,
            accepted: Vec::new(),
            unknown: 0,
            wire_only: 0,
            rust_only: 0,
            generated: Generated::No,
            next_version: None,
            notes,
            changes,
        };
        report.settle();
        report
    }

    /// Recomputes the order and the worst of what is left.
    pub(crate) fn settle(&mut self) {
        self.changes.sort_by(|left, right| {
            (right.verdict, right.rust, &left.pointer, &left.rule).cmp(&(
                left.verdict,
                left.rust,
                &right.pointer,
                &right.rule,
            ))
        });
        rust_impact::settle(&mut self.changes);
        let count = |cell| {
            let of = self.changes.iter();
            of.filter(|change| change.cell == Some(cell)).count()
        };
        self.wire_only = count(Cell::WireOnly);
        self.rust_only = count(Cell::RustOnly);
        (self.verdict, self.rust) = worst(self.changes.iter().filter(|one| one.accepted.is_none()));
        self.accepted = self
            .changes
            .iter()
            .filter_map(|change| {
                Some(AcceptedChange {
                    fingerprint: change.fingerprint.clone(),
                    verdict: change.verdict,
                    rust: change.rust,
                    acceptance: change.accepted.clone()?,
                })
            })
            .collect();
        let corrections = self.accepted.iter();
        self.corrections = corrections
            .filter(|one| one.acceptance.class == Class::Correction)
            .count();
        self.unknown = self
            .changes
            .iter()
            .filter(|change| change.unknown.is_some())
            .count();
    }

    /// The worst verdict and the largest step of all changes, accepted or not: what is so, whoever
    /// agreed to it. The crate's next version follows from it.
    #[must_use]
    pub fn found(&self) -> (Verdict, Rust) {
        worst(self.changes.iter())
    }

    /// Whether nothing differs at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

fn worst<'c>(changes: impl Iterator<Item = &'c Change>) -> (Verdict, Rust) {
    changes.fold((Verdict::Equivalent, Rust::None), |(verdict, rust), one| {
        (verdict.max(one.verdict), rust.max(one.rust))
    })
}
