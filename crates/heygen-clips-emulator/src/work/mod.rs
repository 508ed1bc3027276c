//! What happens to a job after it was accepted: fetch, choose, cut, tell.
//!
//! The queue hands a job over at least once, so each step can be repeated: a fetched source is kept
//! under its final name only when it is whole, the choice of moments is stored before anything is
//! cut, and a clip is marked as made after its file has its name.

mod choose;
mod deliver;
mod queue;
mod run;
mod source;
mod spec;
mod styles;

pub(crate) use deliver::spawn as spawn_deliveries;
pub(crate) use queue::spawn as spawn_worker;
pub(crate) use spec::{JobSpec, Moments, Source, Target, Window};
