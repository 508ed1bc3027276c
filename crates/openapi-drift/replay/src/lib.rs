//! The types of `documents/old.yaml` and `documents/new.yaml`. What passes through them is the
//! test, in `tests`.

#[allow(missing_docs, warnings, clippy::all)]
/// Before the changes.
pub mod old {
    include!(concat!(env!("OUT_DIR"), "/old.rs"));
}

#[allow(missing_docs, warnings, clippy::all)]
/// After the changes.
pub mod new {
    include!(concat!(env!("OUT_DIR"), "/new.rs"));
}
