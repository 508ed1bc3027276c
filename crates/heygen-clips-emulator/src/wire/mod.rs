//! From rows to what goes over the wire, one module a dialect. The only place that knows the names
//! of the vendor's fields.
#![allow(
    clippy::needless_pass_by_value,
    reason = "what is handed over goes into the reply"
)]

pub(crate) mod ai_clipping;
pub(crate) mod assets;
pub(crate) mod clips;
pub(crate) mod webhooks;
