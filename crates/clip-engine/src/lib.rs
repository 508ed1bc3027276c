//! Cuts short clips out of a video: exact windows, another shape, captions, MP4 and WebVTT.
//!
//! ```no_run
//! use clip_engine::{Aspect, Captions, ClipSpec, Engine, Framing, Transcript};
//!
//! # async fn example() -> Result<(), clip_engine::Error> {
//! let engine = Engine::builder().build()?;
//! let mut spec = ClipSpec::new(12.0, 42.0)
//!     .framing(Framing::new(Aspect::Portrait))
//!     .thumbnail(true);
//! if let Some(transcript) = Transcript::beside("talk.mp4")? {
//!     spec = spec.captions(Captions::new(transcript.cues));
//! }
//! let report = engine.cut("talk.mp4", &spec, "clip-1.mp4").await?;
//! println!("{} frames, {} s", report.frames, report.duration_seconds);
//! # Ok(())
//! # }
//! ```
//!
//! # What it does
//! - [`Engine::probe`] looks at a file, [`Engine::cut`] cuts one clip: the frames whose time lies in
//!   `[start, end)`, exactly, at both ends, with the sound in step.
//! - Two backends do the same work. The *embedded* one is compiled in, needs nothing installed, and
//!   reads H.264 with AAC, MP3 or Opus in MP4 files, fragmented ones too; the rest it refuses by name. The other
//!   hands the work to an ffmpeg program: more formats, smaller files, tolerant of damage.
//! - Work runs in a thread, or apart from the host in worker processes ([`Worker`]) with limits on
//!   time, memory and output.
//!
//! # What it leaves to others
//! It knows no network and no API. It never makes text up: captions come from a transcript that the
//! caller has.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "samples, pixels and ticks: ranges are checked where they enter, in demux, plan and framing"
)]

mod captions;
mod embedded;
mod engine;
mod error;
mod ffmpeg;
mod framing;
mod host;
mod model;
mod plan;
mod select;
mod thumbnail;
mod transcript;
mod worker;

pub use captions::{CaptionStyle, Rgb};
pub use engine::{Backend, Engine, EngineBuilder, Limits, Worker};
pub use error::{Error, Result};
pub use framing::{Aspect, Framing};
pub use model::{BackendKind, Captions, ClipSpec, CutReport, SourceInfo, SubtitleTrack};
pub use select::{ClipLength, Feature, Moment, SelectSpec, Selection};
pub use transcript::{Cue, Transcript};
pub use worker::main as worker_main;
