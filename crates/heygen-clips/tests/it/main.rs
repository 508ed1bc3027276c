//! The SDK at its boundaries: the requests it sends, the answers it is given, the files it writes.
#![allow(clippy::unwrap_used, clippy::panic)]

mod config;
mod deliveries;
mod download;
mod emulator;
mod errors;
mod job;
mod journal;
mod kill;
mod limits;
mod manifest;
mod network;
mod observe;
mod paging;
mod polling;
mod public_api;
mod resume;
mod retry;
mod server;
mod store;
mod streams;
mod tracing;
mod upload;
mod upload_again;
mod wait;
mod wire;
