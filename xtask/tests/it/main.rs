//! xtask as its users run it: the program itself, in a small workspace, against an upstream on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod bad_upstreams;
mod drift;
mod guide;
mod server;
mod sync;
mod workflows;
mod workspace;
