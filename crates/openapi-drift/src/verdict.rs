//! The one table from effect and direction to verdict. What an edit does to the set of valid
//! messages is found elsewhere; what that means for whom is decided here, and nowhere else.

use serde::Serialize;

/// What a change means for a client written against the old document, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing that is sent or received differs.
    Equivalent,
    /// Only words for people changed.
    DocsOnly,
    /// Every old message stays good.
    Compatible,
    /// Every old message stays valid but means, promises or does something else.
    Behaviour,
    /// Only readers with closed enums, closed unions or closed objects break.
    BreakingClosed,
    /// A valid message of the old document fails under the new one, or a reply can't be read.
    Breaking,
}

impl Verdict {
    /// The name that reports use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equivalent => "equivalent",
            Self::DocsOnly => "docs-only",
            Self::Compatible => "compatible",
            Self::Behaviour => "behaviour",
            Self::BreakingClosed => "breaking-closed",
            Self::Breaking => "breaking",
        }
    }
}

/// Which way a message goes, seen from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Polarity {
    /// The client writes it: requests, and the replies that it gives to webhooks and callbacks.
    Sent,
    /// The client reads it: responses, webhooks, callbacks.
    Received,
}

/// Who notices first when a set of messages grows or shrinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Tier {
    /// Nobody: the same set, written otherwise.
    Same,
    /// A person who reads.
    Words,
    /// Nobody yet: a deprecation.
    Notice,
    /// The same messages mean something else.
    Meaning,
    /// Only a validator: bounds, patterns, formats that types do not parse.
    Value,
    /// A reader that lists all it accepts: enums, unions, closed objects.
    Closed,
    /// Every reader with types: kinds, presence, shape.
    Shape,
}

/// What an edit does to the set of valid messages at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Effect {
    /// Some message that was valid no longer is.
    pub(crate) narrows: bool,
    /// Some message is valid that was not.
    pub(crate) widens: bool,
    /// A declared part is no longer declared: still valid, but nobody says what becomes of it.
    pub(crate) silent: bool,
}

impl Effect {
    pub(crate) const NONE: Self = Self::new(false, false);
    pub(crate) const NARROWS: Self = Self::new(true, false);
    pub(crate) const WIDENS: Self = Self::new(false, true);
    pub(crate) const BOTH: Self = Self::new(true, true);
    pub(crate) const SILENT: Self = Self {
        silent: true,
        ..Self::NONE
    };

    pub(crate) const fn new(narrows: bool, widens: bool) -> Self {
        Self {
            narrows,
            widens,
            silent: false,
        }
    }

    /// The word that reports use for this effect in its tier.
    pub(crate) fn word(self, tier: Tier) -> &'static str {
        match (tier, self.narrows, self.widens) {
            (Tier::Same, ..) => "none",
            (Tier::Words | Tier::Notice, ..) => "docs",
            (_, true, true) => "both",
            (_, true, false) => "narrows",
            (_, false, true) => "widens",
            (_, false, false) => "meaning",
        }
    }
}

/// The table.
pub(crate) fn verdict(tier: Tier, effect: Effect, polarity: Polarity) -> Verdict {
    let otherwise = if effect.silent {
        Verdict::Behaviour
    } else {
        Verdict::Compatible
    };
    match (tier, polarity) {
        (Tier::Same, _) => Verdict::Equivalent,
        (Tier::Words, _) => Verdict::DocsOnly,
        (Tier::Notice, _) => Verdict::Compatible,
        (Tier::Meaning, _) => Verdict::Behaviour,
        (_, Polarity::Sent) if effect.narrows => Verdict::Breaking,
        (Tier::Shape, Polarity::Received) if effect.widens => Verdict::Breaking,
        (Tier::Closed, Polarity::Received) if effect.widens => Verdict::BreakingClosed,
        (Tier::Value, Polarity::Received) if effect.widens => Verdict::Behaviour,
        _ => otherwise,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_narrows_breaks_senders_and_what_widens_breaks_readers() {
        use Polarity::{Received, Sent};
        for (tier, effect, sent, received) in [
            (Tier::Shape, Effect::NARROWS, "breaking", "compatible"),
            (Tier::Shape, Effect::WIDENS, "compatible", "breaking"),
            (
                Tier::Closed,
                Effect::WIDENS,
                "compatible",
                "breaking-closed",
            ),
            (Tier::Value, Effect::WIDENS, "compatible", "behaviour"),
            (Tier::Value, Effect::BOTH, "breaking", "behaviour"),
            (Tier::Shape, Effect::SILENT, "behaviour", "behaviour"),
            (Tier::Meaning, Effect::NONE, "behaviour", "behaviour"),
            (Tier::Words, Effect::NONE, "docs-only", "docs-only"),
            (Tier::Same, Effect::NONE, "equivalent", "equivalent"),
        ] {
            assert_eq!(
                verdict(tier, effect, Sent).as_str(),
                sent,
                "{tier:?} {effect:?}"
            );
            assert_eq!(
                verdict(tier, effect, Received).as_str(),
                received,
                "{tier:?} {effect:?}"
            );
        }
    }
}
