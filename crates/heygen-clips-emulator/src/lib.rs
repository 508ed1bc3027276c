//! HeyGen's clipping API on your own machine: same contract, real clips, no account.

mod api;
mod app;
mod builder;
mod clock;
mod contract;
mod error;
mod fetch;
mod folder;
mod links;
mod sniff;
mod store;
mod wire;
mod work;

pub use builder::{Builder, Emulator};
pub use clip_engine::{Backend, Worker, worker_main};
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::Error;
