//! The engine as its hosts see it: sources go in, clips come out, and another reader looks at them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod captions;
mod damage;
mod inputs;
mod select;
mod support;
mod windows;
mod worker;
