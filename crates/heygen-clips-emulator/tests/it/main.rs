//! The emulator from outside: over HTTP, with every answer held against the documents.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test stops at the first surprise and has no readers of its docs"
)]

mod ai_clipping;
mod clips;
mod errors;
mod support;
