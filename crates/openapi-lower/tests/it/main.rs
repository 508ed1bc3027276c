//! Lowers fixtures, gives the result to progenitor, and looks at what comes out.
#![allow(clippy::unwrap_used, clippy::panic)]

mod account;
mod constructs;
mod generate;
mod never;
mod program;
mod selection;
mod slices;
mod tagged_request;
mod wild;
