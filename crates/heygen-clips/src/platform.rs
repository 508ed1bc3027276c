//! What is another thing in a browser (`wasm32`): clocks, what may travel between threads, and files;
//! and where work that blocks is done.
//!
//! How requests leave there is in `transport/web.rs`.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;

#[cfg(not(target_arch = "wasm32"))]
mod here {
    use std::fs::File;
    use std::path::Path;
    use std::time::SystemTime;

    pub(crate) use tokio::time::{Instant, sleep, sleep_until, timeout};

    /// Whether a file is still the one of this name.
    pub(crate) fn is_at(file: &File, path: &Path) -> bool {
        let opened = file.try_clone().and_then(same_file::Handle::from_file);
        match (opened, same_file::Handle::from_path(path)) {
            (Ok(opened), Ok(named)) => opened == named,
            _ => false,
        }
    }

    /// What the generated clients do can be sent.
    pub(crate) trait MaybeSend: Send {}

    impl<T: Send> MaybeSend for T {}

    pub(crate) fn sendable<F: Future + Send>(future: F) -> F {
        future
    }

    pub(crate) fn now() -> SystemTime {
        let now = SystemTime::now();
        #[cfg(test)]
        let now = now + super::asleep::so_far();
        now
    }
}

#[cfg(target_arch = "wasm32")]
mod here {
    use std::fs::File;
    use std::path::Path;
    use std::time::SystemTime;

    use send_wrapper::SendWrapper;
    use wasmtimer::std::SystemTime as Clock;

    pub(crate) use wasmtimer::std::Instant;
    pub(crate) use wasmtimer::tokio::{sleep, sleep_until, timeout};

    /// What the generated clients do belongs to the browser's thread.
    pub(crate) trait MaybeSend {}

    impl<T> MaybeSend for T {}

    pub(crate) fn sendable<F: Future>(future: F) -> SendWrapper<F> {
        SendWrapper::new(future)
    }

    /// No file is opened there.
    pub(crate) fn is_at(_file: &File, _path: &Path) -> bool {
        true
    }

    pub(crate) fn now() -> SystemTime {
        let since = Clock::now().duration_since(Clock::UNIX_EPOCH);
        SystemTime::UNIX_EPOCH + since.unwrap_or_default()
    }
}

pub(crate) use here::{Instant, MaybeSend, is_at, now, sendable, sleep, sleep_until, timeout};

/// Makes a rename last. Where folders cannot be opened or synced there is nothing to do.
pub(crate) fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Runs what blocks where it may; once begun it is run to its end, also when nobody waits for that any more.
///
/// The runtime gets all such work as one type: for each type of its own it would compile a whole task
/// anew, which was a tenth of this crate. `tokio::fs` does so for each function of it.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&done);
    run(Box::new(move || {
        let result = work();
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }))
    .await
    .map_err(io::Error::other)?;
    let result = done.lock().unwrap_or_else(PoisonError::into_inner).take();
    result.unwrap_or_else(|| Err(io::Error::other("the work ended without a result")))
}

fn run(work: Box<dyn FnOnce() + Send>) -> JoinHandle<()> {
    tokio::task::spawn_blocking(work)
}

/// A machine that sleeps, in tests: of all clocks only the one on the wall goes on meanwhile.
#[cfg(test)]
pub(crate) mod asleep {
    use std::cell::Cell;
    use std::time::Duration;

    thread_local! {
        static SO_FAR: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    }

    pub(super) fn so_far() -> Duration {
        SO_FAR.get()
    }

    pub(crate) fn sleep(time: Duration) {
        SO_FAR.set(SO_FAR.get() + time);
    }
}
