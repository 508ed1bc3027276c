//! Tests of the documents and of what is generated from them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod documents;
mod fidelity;
mod generated;
mod lowered;
mod support;
mod wire;
