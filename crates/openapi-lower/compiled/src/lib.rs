//! The fixtures of `openapi-lower` as Rust. That this crate compiles is the first half of the
//! test; what passes through its types is the second, in `tests`.

include!(concat!(env!("OUT_DIR"), "/modules.rs"));
