//! What lowering could not carry over, and where it stood.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// One thing of the input document that the lowered document says less about.
///
/// Losses are ordered by pointer, then by construct.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Loss {
    /// JSON pointer into the **input** document.
    pub pointer: String,
    /// The keyword or construct, such as `pattern` or `discriminator.mapping`.
    pub construct: String,
    /// What the lowered document still says.
    pub kept: String,
    /// What it no longer says.
    pub given_up: String,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "#{}: {}: kept {}; given up: {}",
            self.pointer, self.construct, self.kept, self.given_up
        )
    }
}

/// The losses found so far, each once.
#[derive(Debug, Default)]
pub(crate) struct Losses(BTreeSet<Loss>);

impl Losses {
    /// Notes a loss; saying the same twice has no effect.
    pub(crate) fn add(
        &mut self,
        pointer: &str,
        construct: &str,
        kept: impl Into<String>,
        given_up: impl Into<String>,
    ) {
        self.0.insert(Loss {
            pointer: pointer.to_owned(),
            construct: construct.to_owned(),
            kept: kept.into(),
            given_up: given_up.into(),
        });
    }

    /// All losses, in order. A place that only lowering knows (`exists` says no) becomes the
    /// nearest around it that the document has.
    pub(crate) fn into_vec(self, exists: impl Fn(&str) -> bool) -> Vec<Loss> {
        let placed = self.0.into_iter().map(|mut loss| {
            while !exists(&loss.pointer) {
                let end = loss.pointer.rfind('/').unwrap_or_default();
                loss.pointer.truncate(end);
            }
            loss
        });
        placed.collect::<BTreeSet<Loss>>().into_iter().collect()
    }
}
