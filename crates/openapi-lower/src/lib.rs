//! Lowers OpenAPI 3.1 documents to the OpenAPI 3.0.3 that Rust generators read, and says what was
//! lost.
//!
//! ```
//! use openapi_lower::{Options, lower};
//! use serde_json::json;
//!
//! let document = json!({
//!     "openapi": "3.1.0",
//!     "info": {"title": "Jobs", "version": "1"},
//!     "paths": {},
//!     "components": {"schemas": {"Job": {
//!         "type": "object",
//!         "properties": {"status": {"type": ["string", "null"], "enum": ["new", "done", null]}},
//!     }}},
//! });
//! let (lowered, losses) = lower(&document, &Options::default())?;
//! let names: Vec<_> = lowered.types().keys().collect();
//! assert_eq!(names, ["Job", "JobStatus", "JobStatusKnown"]);
//! assert!(losses.iter().all(|loss| document.pointer(&loss.pointer).is_some()));
//! # Ok::<(), openapi_lower::Error>(())
//! ```
//!
//! The crate page says what it does and what it leaves to others.

mod document;
mod error;
mod loss;
mod lowered;
mod names;
mod options;
mod pointer;
mod refs;
mod schema;

pub use error::Error;
pub use loss::Loss;
pub use lowered::{Direction, Document30, TypeOrigin, TypePart};
pub use options::Options;
/// The version of `serde_json` whose values this crate takes.
pub use serde_json;

/// Lowers an OpenAPI 3.0, 3.1 or 3.2 document to 3.0.3.
///
/// # Errors
///
/// When `document` is not such a document, or `options` select something that it does not have.
pub fn lower(
    document: &serde_json::Value,
    options: &Options,
) -> Result<(Document30, Vec<Loss>), Error> {
    document::lower(document, options)
}
