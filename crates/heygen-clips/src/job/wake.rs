//! Who waits for which job in this process, so that news about a job reaches its waiters.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

/// The jobs that somebody may wait for; shared by the clones of a client.
#[derive(Clone, Default)]
pub(crate) struct Waiters(Arc<Mutex<HashMap<String, Vec<Weak<Notify>>>>>);

/// One waiter's bell. A ring is kept until it is heard, also from before the wait began.
pub(crate) struct Bell {
    id: String,
    notify: Arc<Notify>,
    waiters: Waiters,
}

impl Waiters {
    pub(crate) fn bell(&self, id: &str) -> Bell {
        let notify = Arc::new(Notify::new());
        let mut waiting = self.lock();
        let bells = waiting.entry(id.to_owned()).or_default();
        bells.push(Arc::downgrade(&notify));
        Bell {
            id: id.to_owned(),
            notify,
            waiters: self.clone(),
        }
    }

    /// Rings for all who wait for this job; whether there are any.
    pub(crate) fn ring(&self, id: &str) -> bool {
        let waiting = self.lock();
        let bells = waiting.get(id).into_iter().flatten();
        let rung = bells.filter_map(Weak::upgrade);
        rung.map(|notify| notify.notify_one()).count() > 0
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Weak<Notify>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Waiters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiters({})", self.lock().len())
    }
}

impl Bell {
    pub(crate) async fn rung(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        let mut waiting = self.waiters.lock();
        if let Some(bells) = waiting.get_mut(&self.id) {
            bells.retain(|bell| !std::ptr::eq(bell.as_ptr(), Arc::as_ptr(&self.notify)));
            if bells.is_empty() {
                waiting.remove(&self.id);
            }
        }
    }
}
