//! The emulator from outside: over HTTP, with every answer held against the documents.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "a test stops at the first surprise and has no readers of its docs"
)]

mod ai_clipping;
mod assets;
mod clips;
mod errors;
mod idempotency;
mod links;
mod lists;
mod restart;
mod support;
mod webhooks;
mod whole;
