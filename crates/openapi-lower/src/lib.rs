//! Lowers OpenAPI 3.1 documents to the OpenAPI 3.0.3 that Rust generators read, and says what was lost.
