//! The guide dialect: `/v3/clips`.

use crate::transport::Hooks;

/// The OpenAPI 3.1 document that this module was generated from, as YAML.
pub const DOCUMENT: &str = include_str!("../openapi/clips.yaml");

/// A client of the API at `base_url`, which has no trailing slash.
///
/// `http` only builds the requests. `hooks` hold the transport that sends them, and credentials are its business.
pub fn connect(base_url: &str, http: reqwest::Client, hooks: Hooks) -> Client {
    Client::new_with_client(base_url, http, hooks)
}

crate::transport::hook!(Client);

pub use generated::*;

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::uninlined_format_args,
    clippy::unwrap_used,
    reason = "generated"
)]
mod generated {
    use crate::transport::Hooks;

    #[cfg(feature = "codegen")]
    include!(concat!(env!("OUT_DIR"), "/clips.rs"));
    #[cfg(not(feature = "codegen"))]
    include!("generated/clips.rs");
}
