//! HeyGen's clipping API on your own machine: same contract, real clips, no account.
//!
//! ```no_run
//! use heygen_clips_emulator::Emulator;
//!
//! # async fn example() -> Result<(), heygen_clips_emulator::Error> {
//! let emulator = Emulator::builder().start().await?;
//! // Give this to a client instead of https://api.heygen.com; any key will do.
//! println!("{}", emulator.base_url());
//! emulator.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What it does
//!
//! Both dialects, `/v3/clips` and `/v3/ai-clipping`, work on one store of jobs; assets, direct
//! uploads, webhooks and signed links belong to them. Jobs cut real videos and go on after a restart
//! on the same data folder: each step is done at least once and leaves exactly one set of clips.
//!
//! Requests are held against the OpenAPI 3.1 documents, and a refusal names its field in `param`,
//! dotted and indexed: `output_settings.prompt`, `windows[0].end`.
//!
//! # Where the contract leaves room
//!
//! - `POST /v3/clips` answers 200 (the guide names no code), `POST /v3/ai-clipping` 202.
//! - A create call judges what it can see: the shape, the form of links, literal private addresses,
//!   whether an asset exists. A source that cannot be fetched or read fails the job later, with the
//!   reason in `failure_message`.
//! - A window that ends after the source is cut at its end; one that begins there fails the job. So
//!   does one that cannot be cut, because it lies between two frames for instance: all windows are
//!   cut or none.
//! - A job whose moments were picked completes when at least one of its clips could be made; the log
//!   names those that could not, and `/v3/ai-clipping` shows them as `failed`.
//! - Without `duration_types` there is one clip of about 30 and one of about 60 seconds.
//! - `Idempotency-Key` works on every POST. Answers of 2xx are replayed for 24 hours; a refused
//!   request may be put right and sent again under its key.
//! - `DELETE` stops a running job. A `/v3/clips` job is removed with all that belongs to it; of a
//!   `/v3/ai-clipping` job the row stays, hidden.
//! - Deliveries are tried six times, with a wait that doubles. Receivers may see one twice.
//! - The look of each `caption_style` is this project's own; the vendor publishes none.
//!
//! # How moments are chosen
//!
//! Without windows, stretches of the source that begin and end at sentences (without a transcript: at
//! pauses and changes of scene) are scored by a weighted mean of features such as speech, loudness,
//! pauses at both ends, length and striking words; the best is taken, then the best that does not
//! overlap it. An instruction adds one feature, which outweighs each of the others: how well the words
//! of the stretch match those of the instruction (BM25, small letters, English endings cut off), so
//! it finds what is said in these words, not what is meant by them. Where there is no transcript, or
//! none of the words occurs in it, the instruction has no effect and the job's log says so, as it
//! says of each chosen moment what its score is made of.
//!
//! # Captions are never made up
//!
//! What is said comes from a `.vtt` or `.srt` of the same name beside the link or among the assets,
//! or from a subtitle track in the file; `transcript_source` is then `sidecar` or `subtitle_track`.
//! Among assets, names come again: a transcript goes with the first video of its name that is
//! uploaded after it, or with the last one before it while there is none after it.
//! Where there is none, clips come without captions and the job's log says so
//! ([`Builder::strict_captions`] fails the job instead).
//!
//! # What only an emulator has
//!
//! `GET /_local/health` (no key) and `GET /_local/jobs/{id}/log`, a job's log line by line.

mod api;
mod app;
mod builder;
mod clock;
mod contract;
mod error;
mod fetch;
mod folder;
mod links;
mod serve;
mod sniff;
mod store;
mod wire;
mod work;

pub use builder::{Builder, Emulator};
pub use clip_engine::{Backend, Worker, worker_main};
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::{Error, Setting};
