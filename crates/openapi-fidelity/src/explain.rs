//! Which losses account for a difference. There is no catch-all: a loss counts only at the schema where the
//! difference shows, and only if what was lost can have this effect.

use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use openapi_lower::Loss;

use crate::pointer;
use crate::view;

/// Constructs whose loss can make a type narrower than the document, or make it lose something. The loss of a bound, of a
/// condition or of a refusal (`union`: whatever fits no alternative is kept) cannot.
const NARROWING: &[&str] = &[
    "allOf",
    "anyOf",
    "discriminator",
    "discriminator.mapping",
    "oneOf",
    "required",
];

/// Keywords whose violation is explained by the loss of another: alternatives and what they are told apart by.
const UNIONS: &[&str] = &[
    "oneOf",
    "anyOf",
    "union",
    "discriminator",
    "discriminator.mapping",
];

/// A loss at one of `schemas` that can make a type refuse or alter what they allow.
pub(crate) fn narrowing(losses: &[Loss], schemas: &BTreeSet<&str>) -> Option<Loss> {
    let here = |loss: &&Loss| {
        let mut at = Some(loss.pointer.as_str());
        // The schema itself, or a keyword of it and what stands in there.
        for _ in 0..3 {
            let Some(pointer) = at else { return false };
            if schemas.contains(pointer) {
                return true;
            }
            at = pointer::split(pointer).map(|(parent, _)| parent);
        }
        false
    };
    let able = |loss: &&Loss| NARROWING.contains(&loss.construct.as_str());
    losses.iter().filter(able).find(here).cloned()
}

/// The reason why a type can send what fails with `error`.
pub(crate) fn widening(losses: &[Loss], error: &ValidationError<'_>) -> Option<Loss> {
    let at = view::location(error)?;
    let (schema, keyword) = pointer::split(&at)?;
    let lost = losses.iter().find(|loss| {
        (loss.pointer == schema || loss.pointer == at) && gives_up(&loss.construct, &keyword)
            || within(loss, "allOf", &at)
            || error.instance().is_null() && is_at(loss, "nullable", schema)
    });
    if let Some(loss) = lost {
        return Some(loss.clone());
    }
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            // The value was meant for one alternative, and all that is wrong with it there is explained.
            context
                .iter()
                .filter(|errors| !errors.is_empty())
                .find_map(|errors| {
                    let reasons: Option<Vec<Loss>> =
                        errors.iter().map(|error| widening(losses, error)).collect();
                    reasons.and_then(|reasons| reasons.into_iter().next())
                })
        }
        _ => None,
    }
}

/// Whether the loss of `construct` means that `keyword` is not enforced.
fn gives_up(construct: &str, keyword: &str) -> bool {
    construct == keyword
        || (UNIONS.contains(&keyword) && UNIONS.contains(&construct))
        || (construct == "null" && keyword == "type")
}

/// Whether `at` stands inside the keyword that was lost.
fn within(loss: &Loss, construct: &str, at: &str) -> bool {
    let inside = |rest: &str| rest.starts_with(&format!("/{construct}/"));
    loss.construct == construct && at.strip_prefix(&loss.pointer).is_some_and(inside)
}

/// Whether the loss is of this keyword of a schema.
fn is_at(loss: &Loss, construct: &str, schema: &str) -> bool {
    let (parent, keyword) = pointer::split(&loss.pointer).unwrap_or_default();
    loss.construct == construct && keyword == construct && parent == schema
}
