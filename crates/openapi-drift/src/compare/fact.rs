//! One difference found at one place, before anybody asks whom it reaches.

use serde_json::Value;

use crate::rust_impact::Surface;
use crate::verdict::{Effect, Tier};

/// A difference at one place of both documents.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    /// The rule's stable name, in kebab case.
    pub(crate) rule: &'static str,
    /// What it is about, for people: a property, a parameter, a status.
    pub(crate) subject: String,
    pub(crate) tier: Tier,
    pub(crate) effect: Effect,
    pub(crate) surface: Surface,
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
    pub(crate) before: Value,
    pub(crate) after: Value,
    /// Why one side can't be used, where that is so: what the fact means is then anybody's guess.
    pub(crate) unread: Option<String>,
}

impl Fact {
    /// A fact of a rule; the builder calls below fill in the rest.
    pub(crate) fn new(
        rule: &'static str,
        subject: impl Into<String>,
        tier: Tier,
        effect: Effect,
    ) -> Self {
        Self {
            rule,
            subject: subject.into(),
            tier,
            effect,
            surface: Surface::Text,
            old: None,
            new: None,
            before: Value::Null,
            after: Value::Null,
            unread: None,
        }
    }

    pub(crate) fn surface(mut self, surface: Surface) -> Self {
        self.surface = surface;
        self
    }

    pub(crate) fn at(
        mut self,
        old: impl Into<Option<String>>,
        new: impl Into<Option<String>>,
    ) -> Self {
        self.old = old.into();
        self.new = new.into();
        self
    }

    pub(crate) fn values(mut self, before: impl Into<Value>, after: impl Into<Value>) -> Self {
        self.before = before.into();
        self.after = after.into();
        self
    }
}
