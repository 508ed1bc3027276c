//! Proves that generated Rust types say what an OpenAPI document says.
//!
//! A generator that compiles is not a generator that is right: a type that was reused by name, an alternative that was
//! lost, a bound that is enforced on the wrong side all compile. This crate makes instances of every schema of a document
//! and sends them through the type that was generated from it, and makes values of every request type and holds them
//! against the document:
//!
//! - What the document allows decodes, is understood, and encodes to the same JSON.
//! - What a request type encodes is valid under the document.
//! - A response with an unknown field, member or tag decodes, and what was unknown is not altered.
//! - Examples go through unchanged.
//! - No two different schemas share a type.
//!
//! [`check`] lists every difference. Those that the lowering gave notice of, as a [`Loss`](openapi_lower::Loss) at the very
//! schema, are explained; [`Report::unexplained`] gives the others. What every type may do has a name, [`Allowance`], and is
//! counted.
//!
//! ```
//! use openapi_fidelity::{Subject, check};
//! use serde_json::json;
//!
//! #[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
//! struct Window { start: f64, end: i64 }
//!
//! let document = json!({
//!     "openapi": "3.1.0", "info": {"title": "Windows", "version": "1"},
//!     "components": {"schemas": {"Window": {
//!         "type": "object", "required": ["start", "end"],
//!         "properties": {"start": {"type": "number"}, "end": {"type": "number"}}
//!     }}}
//! });
//! let (lowered, losses) = openapi_lower::lower(&document, &openapi_lower::Options::default())?;
//! let report = check(&document, &lowered, &losses, &[Subject::of::<Window>("Window")])?;
//! // The document's `end` may have a fraction; the type's may not.
//! let difference = report.unexplained().next().unwrap();
//! assert_eq!(difference.kind, openapi_fidelity::Kind::Refused);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What it is not: a proof over all values. Instances are the telling ones (boundaries, each property on and off, each
//! listed value, each alternative) and some at random, the same in every run.

mod case;
mod check;
mod compare;
mod examples;
mod explain;
mod generate;
mod mutate;
mod pointer;
mod reach;
mod report;
mod shared;
mod shrink;
mod subject;
mod tags;
mod unions;
mod view;

pub use check::check;
pub use report::{Allowance, Counts, Difference, Kind, Report};
pub use shared::check_source;
pub use subject::{Recoded, Subject};
pub use view::Way;
