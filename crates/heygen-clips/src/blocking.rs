//! For programs without async: waits for what the client does, on the thread that calls.
//!
//! There is no second client here. [`Wait`] gives every call, job, upload and download of
//! [`Client`](crate::Client) a `wait()`, and [`Iterate`] makes an iterator of every stream, so that
//! all options are there and none is written twice.
//!
//! ```no_run
//! use heygen_clips::blocking::{Iterate as _, Wait as _};
//! use heygen_clips::{Client, CreateClips, JobEvent};
//!
//! fn main() -> heygen_clips::Result<()> {
//!     let client = Client::from_env()?;
//!     let clips = client.clips();
//!
//!     let job = clips.submit(CreateClips::from_url("https://example.com/talk.mp4")).wait()?;
//!     for event in job.events().iter() {
//!         if let JobEvent::Finished(outcome) = event? {
//!             let job = outcome.into_result()?;
//!             let folder = format!("clips/{}", job.id);
//!             clips.download(&job, folder).parallel(2).wait()?;
//!         }
//!     }
//!     for job in clips.list().by_item().iter().take(20) {
//!         println!("{}", job?.id);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! The first wait starts one thread, which then does the network's work for all others until the
//! program ends. Any number of threads may wait at once.
//!
//! Inside an async runtime all of it is an error ([`Error::is_config`]), because a wait would hold
//! the runtime up: use `.await` there. That holds for `spawn_blocking` too; a thread of
//! [`std::thread`] may wait. A client whose calls were waited for should not be used in a runtime as
//! well: idle connections belong to where they were made.

use std::fmt;
use std::pin::Pin;
use std::sync::OnceLock;

use futures::stream::{Stream, StreamExt};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Error, Kind};

/// Gives a `wait()` to everything that can be awaited and may fail; see the [module](self).
pub trait Wait<T, E: From<Error>>: IntoFuture<Output = Result<T, E>> + Sized {
    /// Holds this thread until it is done, as `.await` would do with a task.
    ///
    /// # Errors
    ///
    /// Those of what is waited for, and [`Error::is_config`] inside an async runtime.
    fn wait(self) -> Result<T, E> {
        // Made in the runtime too, since timers look for theirs when they are made.
        runtime()?.block_on(async { self.into_future().await })
    }
}

impl<F, T, E> Wait<T, E> for F
where
    F: IntoFuture<Output = Result<T, E>>,
    E: From<Error>,
{
}

/// Makes an iterator of every stream whose items may be errors; see the [module](self).
pub trait Iterate<T, E: From<Error>>: Stream<Item = Result<T, E>> + Sized {
    /// The items, each waited for when it is asked for.
    ///
    /// Inside an async runtime the only item is an error ([`Error::is_config`]).
    fn iter(self) -> Iter<Self> {
        Iter(Some(Box::pin(self)))
    }
}

impl<S, T, E> Iterate<T, E> for S
where
    S: Stream<Item = Result<T, E>>,
    E: From<Error>,
{
}

/// The items of a stream; from [`Iterate::iter`].
#[must_use = "an iterator does nothing until it is read"]
pub struct Iter<S>(Option<Pin<Box<S>>>);

impl<S, T, E> Iterator for Iter<S>
where
    S: Stream<Item = Result<T, E>>,
    E: From<Error>,
{
    type Item = Result<T, E>;

    fn next(&mut self) -> Option<Self::Item> {
        let stream = self.0.as_mut()?;
        let next = match runtime() {
            Ok(runtime) => runtime.block_on(stream.next()),
            Err(error) => {
                self.0 = None;
                return Some(Err(error.into()));
            }
        };
        if next.is_none() {
            // A stream must not be read behind its end.
            self.0 = None;
        }
        next
    }
}

impl<S> fmt::Debug for Iter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iter(..)")
    }
}

/// What all waits share. Never dropped: it would have to wait for itself.
fn runtime() -> Result<&'static Runtime, Error> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if Handle::try_current().is_ok() {
        let message = "a blocking call inside an async runtime would hold it up: use .await there, \
                       or a thread of std::thread";
        return Err(Error::new(Kind::Config, message));
    }
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    // With a thread of its own, so that connections are looked after while nobody waits.
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("heygen-clips")
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| {
        Error::new(Kind::Config, "cannot start the thread of blocking calls").with_cause(error)
    })?;
    Ok(RUNTIME.get_or_init(|| runtime))
}
