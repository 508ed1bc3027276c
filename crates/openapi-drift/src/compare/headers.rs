//! Headers, of responses and of a form's parts.

use serde_json::Value;

use super::exams;
use super::fact::Fact;
use super::operations::{Comparison, Context, Place};
use crate::document::model::Headers;
use crate::pointer;
use crate::verdict::{Effect, Polarity, Tier};

impl Comparison<'_> {
    /// The headers of two holders that stand at these places.
    pub(super) fn headers(
        &mut self,
        context: &Context,
        (old_place, new_place): (&str, &str),
        (old, new): (&Headers, &Headers),
        place: impl Fn(&str) -> Place,
    ) {
        // One that is missing stands nowhere, and its holder may have no list of them.
        let none = |base: &str, all: &Headers| match all.is_empty() {
            true => base.to_owned(),
            false => pointer::push(base, "headers"),
        };
        for (name, before) in old {
            match new.get(name) {
                Some(after) => self.described(context, before, after, place(name), Tier::Value),
                None => {
                    let effect = Effect {
                        silent: true,
                        widens: before.required,
                        ..Effect::NONE
                    };
                    let fact =
                        Fact::new("header-removed", before.name.clone(), Tier::Value, effect)
                            .at(before.pointer.clone(), none(new_place, new))
                            .values(before.name.clone(), Value::Null);
                    self.find(context, fact);
                }
            }
        }
        for after in new
            .iter()
            .filter(|(name, _)| !old.contains_key(*name))
            .map(|(_, after)| after)
        {
            let owed = context.polarity == Polarity::Sent && after.required;
            let effect = Effect::new(owed, false);
            let fact = Fact::new("header-added", after.name.clone(), Tier::Value, effect)
                .at(none(old_place, old), after.pointer.clone())
                .values(Value::Null, after.name.clone());
            let required = (false, owed);
            let exam = exams::left_out(&context.operation, "header", &after.name, required);
            self.found(context, fact, Some(exam).filter(|_| owed));
        }
    }
}
