//! Rust SDK of HeyGen's clipping API: a long video in, short captioned clips on disk out.
//!
//! ```no_run
//! use heygen_clips::{AspectRatio, Client, CreateClips};
//!
//! # #[tokio::main]
//! # async fn main() -> heygen_clips::Result<()> {
//! let client = Client::from_env()?; // HEYGEN_API_KEY
//! let clips = client.clips();
//!
//! let job = clips
//!     .submit(
//!         CreateClips::from_url("https://example.com/talk.mp4")
//!             .instruction("where the speaker talks about prices")
//!             .aspect_ratio(AspectRatio::Portrait)
//!             .captions(true),
//!     )
//!     .await?;
//! let finished = job.await?;
//! let folder = format!("clips/{}", finished.id); // a folder holds the clips of one job
//! for clip in clips.download(&finished, folder).await? {
//!     println!("{}", clip.video.display());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The vendor has two dialects of this API. [`Client::clips`] speaks `/v3/clips` of the guide: up
//! to ten clips, by instruction or by exact windows. [`Client::ai_clipping`] speaks
//! `/v3/ai-clipping` of the reference: one clip for each asked duration. Both are used alike:
//! submit a request and have a [`Job`] to wait for, [download](Download), [list](List), delete. [`Client::assets`] uploads
//! source files, [`Client::webhooks`] manages where events go, and a [`Verifier`] checks those that
//! come.
//!
//! A download goes on where it broke, in the same run or the next, and its folder has a
//! [list](Manifest). Single clips can be fetched as they become ready, also as a
//! [stream](ClipStream).
//!
//! A job costs money, so a program that may die should not forget one: with a [`Journal`] on the
//! client, [`Client::resume_all`] goes on after a restart and pays for nothing twice.
//!
//! Set `HEYGEN_API_BASE` to talk to an emulator instead, for example `http://127.0.0.1:8080`.
//!
//! The folder `examples` has a program for each of these: `quickstart`, `windows`, `upload`, `events`,
//! `download_progress`, `list_and_delete`, `hand_over`, `restart`, `callbacks`, `webhook_receiver`,
//! `errors`, `retries`, `observer` and `without_async`.
//!
//! # Errors
//!
//! All of it fails with one [`Error`]: ask it by predicate, or for the vendor's code, the field at
//! fault, the status and the request id. What a document's limit forbids is refused before it is
//! sent, as the server would refuse it.
//!
//! # Other crates that you may need
//!
//! It runs on tokio. What comes one by one ([`Job::events`], [`List::by_item`], [`ClipStream`]) is a
//! stream of `futures` 0.3: `next` and `try_next` come with its `StreamExt` and `TryStreamExt`. Headers
//! of deliveries, and what an own [`Transport`] carries, are types of `http` 1 and `bytes` 1. An own
//! HTTP client ([`ClientBuilder::http_client`]) is one of `reqwest` 0.13. Whoever uses none of these
//! needs none of the crates.
//!
//! # What it does not do
//!
//! It covers clipping and what belongs to it. Other calls of the two documents are reached by
//! [`Client::raw`].
//!
//! # In a browser
//!
//! It compiles for `wasm32-unknown-unknown` with `--no-default-features`, but has not been run there.
//! What needs files is not there: downloads into a folder ([`Clips::open_clip`] streams), uploads
//! from a path, the journal; neither are `raw`, `blocking` and `testing`. An upload is
//! held in memory, and redirects are the browser's business.
//!
//! # Features
//!
//! TLS: `rustls` (default, with *ring*), `rustls-aws-lc` or `native-tls`. Where several are on,
//! `native-tls` is taken before `rustls-aws-lc`, and that before `rustls`; with none of them only
//! plain http to a loopback address works. With `rustls`, a program that builds a `reqwest` client of its
//! own without any TLS feature of `reqwest` has to install a crypto provider of `rustls` before.
//!
//! `tracing` (default): a span for each call and attempt. `observe`: an `Observer` that tells what
//! answers have and the documents do not say. `axum`: an extractor of signed deliveries.
//! `schemars`: JSON Schemas of what is sent and received, see [`types`]. `blocking`: waits and
//! iterators for programs without async. `testing`: scripted servers with faults, record and
//! replay, for the tests of programs that use this crate.

mod ai_clipping;
mod assets;
#[cfg(all(feature = "blocking", not(target_arch = "wasm32")))]
pub mod blocking;
mod client;
mod clips;
mod config;
mod deliveries;
mod error;
mod exchange;
mod files;
mod job;
#[cfg_attr(
    target_arch = "wasm32",
    allow(dead_code, reason = "none is opened there")
)]
mod journal;
mod limits;
#[cfg(feature = "observe")]
mod observe;
mod operations;
mod paging;
mod platform;
mod redact;
mod retry;
mod source;
mod telemetry;
#[cfg(all(feature = "testing", not(target_arch = "wasm32")))]
pub mod testing;
mod transport;
pub mod types;
mod webhooks;

pub use ai_clipping::{AiClipping, ClipDuration, CreateAiClipping};
pub use assets::{Assets, PendingUpload, Upload, UploadProgress};
pub use client::Client;
#[cfg(not(target_arch = "wasm32"))]
pub use client::Raw;
pub use clips::{Clips, CreateClips, Window};
pub use config::ClientBuilder;
pub use deliveries::{Callback, Confirmed, Delivery, Event, Unverified, Verifier};
#[cfg(feature = "axum")]
pub use deliveries::{Rejection, Signed};
pub use error::{Error, Result};
pub use files::ClipStream;
#[cfg(not(target_arch = "wasm32"))]
pub use files::{
    Download, DownloadClip, DownloadProgress, DownloadedClip, Manifest, ManifestClip, ManifestFile,
};
pub use job::events::{JobEvent, Outcome};
pub use job::handle::{Dialect, JobHandle};
pub use job::pace::Pace;
pub use job::wait::{Job, JobEvents};
pub use job::{FinishedClip, JobId, JobStatus, JobView};
pub use journal::resume::Resumed;
pub use journal::{Intent, Journal};
#[cfg(feature = "observe")]
pub use observe::{Observation, Observer};
pub use paging::{List, Page};
pub use retry::Retries;
pub use source::{AspectRatio, Video};
pub use transport::{Http, Request, Response, Sending, Transport, TransportError};
pub use webhooks::Webhooks;

/// What [`Raw`] clients are made of, for calls that no generated client makes: the client that
/// builds requests, and the transport that carries them with this client's key.
#[cfg(not(target_arch = "wasm32"))]
#[doc(no_inline)]
pub use heygen_clips_openapi::clips::ClientInfo;

/// Compiles the example of the workspace's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
