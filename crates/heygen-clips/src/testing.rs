//! For tests of programs that use this crate: servers that answer as told, faults included, and
//! answers that were recorded.
//!
//! - A [`Server`] answers by a function or a script and remembers what it was asked: in the same
//!   process as a [`Transport`](crate::Transport), or on a socket ([`Server::listen`]). An
//!   [`Answer`] can be late, slow, cut off or none at all.
//! - A [`Recorder`] writes what goes over another transport into a file without credentials, and
//!   [`Replay`] answers from it.
//! - A server that does the work, cuts real clips and judges requests by the documents is the crate
//!   `heygen-clips-emulator`: `Emulator::builder().start().await?.base_url()`. It brings a video
//!   engine and a database with it, so that it is no part of this crate.
//!
//! ```
//! use heygen_clips::testing::{Answer, Server};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> heygen_clips::Result<()> {
//! let server = Server::script([
//!     Answer::bad_gateway(),
//!     Answer::data(&json!({ "id": "clip_1", "status": "running", "clips": [] })),
//! ]);
//! let client = server.client_builder().build()?;
//! let job = client.clips().get("clip_1").await?;
//! assert_eq!(job.id, "clip_1");
//! assert_eq!(server.operations(), ["get_clip_job", "get_clip_job"]);
//! # Ok(())
//! # }
//! ```

mod answer;
mod cassette;
mod redact;
mod replay;
mod server;
mod socket;

pub use answer::{Answer, Reply};
pub use cassette::Recorder;
pub use replay::Replay;
pub use server::{Call, Server};
pub use socket::Listening;
