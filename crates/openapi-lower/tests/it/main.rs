//! Lowers fixtures, gives the result to progenitor, and looks at what comes out.
#![allow(clippy::unwrap_used, clippy::panic)]

mod constructs;
mod generate;
mod tagged_request;
