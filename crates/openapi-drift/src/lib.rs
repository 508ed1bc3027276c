//! Compares two OpenAPI documents and says what changed, for whom it breaks, and what it does to a
//! Rust client generated from them.
//!
//! [`compare`] takes two OpenAPI 3.0 or 3.1 documents as values; invalid ones are read as far as
//! they make sense. Both are brought into one normal form first, so that a document differs from
//! none of its rewritings. Every change has a [`Verdict`], which follows from what the edit does to
//! the set of valid messages and from who writes and who reads them.
//!
//! ```
//! use openapi_drift::{Rust, Verdict, compare};
//! use serde_json::json;
//!
//! let document = |limit: u32| json!({
//!     "openapi": "3.1.0",
//!     "paths": {"/things": {"post": {
//!         "requestBody": {"content": {"application/json": {"schema": {
//!             "type": "object",
//!             "properties": {"name": {"type": "string", "maxLength": limit}}
//!         }}}},
//!         "responses": {"204": {"description": "done"}}
//!     }}}
//! });
//! let report = compare(&document(500), &document(400))?;
//! assert_eq!(report.verdict, Verdict::Breaking);
//! assert_eq!(report.rust, Rust::Patch);
//! assert_eq!(report.changes[0].summary, "max length of name: 500 is now 400");
//! # Ok::<(), openapi_drift::Error>(())
//! ```

mod accept;
mod compare;
mod document;
mod error;
mod gather;
mod level;
pub mod output;
mod pointer;
mod report;
mod rust_impact;
mod schema;
mod summary;
mod unread;
mod verdict;
mod witness;

use serde_json::Value;

pub use accept::{Accepted, Class};
pub use error::Error;
pub use level::{Level, exit_code};
pub use report::{Acceptance, AcceptedChange, Change, Direction, Generated, Note, Report};
pub use rust_impact::{Cell, Lock, Remedy, Rust, Version};
pub use verdict::Verdict;
pub use witness::Witness;

/// Compares an old document with a new one.
///
/// # Errors
/// Only when a value is no OpenAPI 3 document at all, or nests beyond reason.
pub fn compare(old: &Value, new: &Value) -> Result<Report, Error> {
    compared(old, new, true)
}

/// The same without witnesses, for those who only ask what the Rust API feels.
#[cfg(feature = "generate")]
pub(crate) fn compare_unproved(old: &Value, new: &Value) -> Result<Report, Error> {
    compared(old, new, false)
}

fn compared(old: &Value, new: &Value, prove: bool) -> Result<Report, Error> {
    let sources = (old, new);
    let old = document::Document::new(old, "old")?;
    let new = document::Document::new(new, "new")?;
    Ok(on_a_deep_stack(|| {
        let mut comparison = compare::compare(&old, &new);
        let changes = gather::gather(&mut comparison, &old, &new, sources, prove);
        Report::new(changes, unread::notes(&comparison, &old, &new))
    }))
}

/// Schemas can refer to one another in chains as long as the document, and validators recurse.
pub(crate) fn on_a_deep_stack<T: Send>(work: impl Fn() -> T + Sync) -> T {
    const STACK_BYTES: usize = 256 << 20;
    std::thread::scope(|scope| {
        let deep = std::thread::Builder::new().stack_size(STACK_BYTES);
        match deep.spawn_scoped(scope, &work) {
            Ok(thread) => thread
                .join()
                .unwrap_or_else(|cause| std::panic::resume_unwind(cause)),
            // Where no thread can be had, the stack at hand has to do.
            Err(_) => work(),
        }
    })
}
