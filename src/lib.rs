//! Raw clients of HeyGen's clipping API, generated from its OpenAPI 3.1 documents.
//!
//! Most people want the `heygen-clips` crate, which adds waiting, paging, uploads and downloads to this one. Come here
//! for a call that it does not wrap, or for the wire types.
//!
//! ```no_run
//! use heygen_clips_openapi::{clips, transport};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let mut headers = reqwest::header::HeaderMap::new();
//! headers.insert("x-api-key", "a key".parse()?);
//! let http = transport::Http::new(transport::client_builder().default_headers(headers))?;
//! let requests = http.client().clone();
//! let client = clips::connect("https://api.heygen.com", requests, transport::Hooks::new(http));
//! let job = client.get_clip_job().clip_job_id("clip_1").send().await?;
//! println!("{:?}", job.into_inner().data);
//! # Ok(())
//! # }
//! ```
//!
//! # Two dialects
//!
//! [`clips`] is `/v3/clips` of the vendor's guide; [`ai_clipping`] is `/v3/ai-clipping` of its reference, with assets and
//! webhooks. They share no types: the vendor's two descriptions of a job differ.
//!
//! # What the types promise
//!
//! What is sent is strict: bounds, closed objects, closed enums. What is received is open: fields that the document
//! does not declare are kept in `extra`, by their names, and unknown values of an enum in `Unknown`; both go back out as
//! they came. `tests/it` proves both against the documents.
//!
//! # Features
//!
//! - `rustls` (default): TLS by rustls with ring. `rustls-aws-lc` and `native-tls` are the alternatives; with none of
//!   them the client speaks plain HTTP only, which is enough for an emulator on loopback. Where several are on,
//!   `native-tls` is taken before `rustls-aws-lc`, and that before `rustls`.
//! - `schemars`: JSON Schemas of every type.
//! - `codegen`: generate from the documents in `build.rs` instead of using the checked-in result. For maintainers.

pub mod ai_clipping;
pub mod clips;
pub mod transport;
