//! Waiting for a job: look, pause, look again, until it is done or the deadline has passed.
//!
//! Only the loop lives here. What a look is (one typed `get`) comes from the dialect's module.

use std::future::IntoFuture;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use futures::future::BoxFuture;
use tokio::time::{Instant, sleep_until};

use crate::error::{Error, Kind, Result};
use crate::job::{JobStatus, JobView, Reading};

/// Half an hour: longer than a job is known to take, shorter than anyone wants to hang.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(30 * 60);
const DEFAULT_FIRST_PAUSE: Duration = Duration::from_secs(1);
const DEFAULT_LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// How long the look at the deadline may take: a server that hangs must not hold the wait.
const LAST_LOOK: Duration = Duration::from_secs(5);
/// A year: no wait is longer, whatever was asked for, and every clock can hold it.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

type Look<J> = Box<dyn FnMut() -> Reading<J> + Send>;
type Watcher<J> = Box<dyn FnMut(&J) + Send>;

/// A wait that has not begun; `.await` it. Made by [`Clips::wait`](crate::Clips::wait) and
/// [`AiClipping::wait`](crate::AiClipping::wait).
///
/// Gives the job when it is completed. A job that failed or was cancelled is an error
/// ([`Error::is_job_failed`]), and so is one that is not done by the deadline
/// ([`Error::is_timeout`]); both carry [`Error::job_id`] and [`Error::job_status`].
///
/// Pauses grow by half each time from one second to fifteen, plus up to as much again by chance,
/// so that many waiters do not ask in step. A `Retry-After` of the server is respected. Failures
/// that may pass (429, 5xx, no connection) do not end the wait. When the deadline comes the job
/// is looked at once more.
///
/// ```no_run
/// # async fn example(client: heygen_clips::Client) -> heygen_clips::Result<()> {
/// use heygen_clips::JobView as _;
/// use std::time::Duration;
///
/// let job = client
///     .clips()
///     .wait("clip_abc123")
///     .deadline(Duration::from_secs(600))
///     .on_look(|job| eprintln!("{}", job.job_status()))
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait<J> {
    id: String,
    look: Look<J>,
    watcher: Option<Watcher<J>>,
    deadline: Duration,
    first_pause: Duration,
    longest_pause: Duration,
}

impl<J: JobView> Wait<J> {
    pub(crate) fn new(id: String, look: impl FnMut() -> Reading<J> + Send + 'static) -> Self {
        Self {
            id,
            look: Box::new(look),
            watcher: None,
            deadline: DEFAULT_DEADLINE,
            first_pause: DEFAULT_FIRST_PAUSE,
            longest_pause: DEFAULT_LONGEST_PAUSE,
        }
    }

    /// Gives up after this long (default 30 minutes). The job goes on at the server.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Pauses between two looks: the first, and the longest that they grow to (default 1 s and
    /// 15 s, before chance is added).
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first;
        self.longest_pause = longest.max(first);
        self
    }

    /// Called with the job after each look at it, for progress.
    pub fn on_look(mut self, watcher: impl FnMut(&J) + Send + 'static) -> Self {
        self.watcher = Some(Box::new(watcher));
        self
    }

    async fn run(mut self) -> Result<J> {
        let deadline = after(self.deadline);
        let mut pauses = ExponentialBuilder::new()
            .with_min_delay(self.first_pause)
            .with_max_delay(self.longest_pause)
            .with_factor(1.5)
            .with_jitter()
            .without_max_times()
            .build();
        let mut last_status = None;
        loop {
            // Taken before the look: a look begun at the deadline is the last one.
            let is_last = Instant::now() >= deadline;
            let mut asked_pause = None;
            let patience = deadline.saturating_duration_since(Instant::now()) + LAST_LOOK;
            let Ok(looked) = tokio::time::timeout(patience, (self.look)()).await else {
                return Err(self.too_late(last_status, None));
            };
            match looked {
                Ok(job) => {
                    if let Some(watcher) = &mut self.watcher {
                        watcher(&job);
                    }
                    let status = job.job_status();
                    match status {
                        JobStatus::Completed => return Ok(job),
                        JobStatus::Failed | JobStatus::Cancelled => {
                            return Err(unsuccessful(&self.id, &job, status));
                        }
                        _ => last_status = Some(status),
                    }
                    if is_last {
                        return Err(self.too_late(last_status, None));
                    }
                }
                Err(error) if error.is_retryable() && !is_last => {
                    asked_pause = error.retry_after();
                }
                Err(error) if error.is_retryable() => {
                    return Err(self.too_late(last_status, Some(error)));
                }
                Err(error) => return Err(error.with_job(self.id, last_status)),
            }
            let mut pause = pauses.next().unwrap_or(self.longest_pause);
            if let Some(asked) = asked_pause {
                pause = pause.max(asked);
            }
            sleep_until(after(pause).min(deadline)).await;
        }
    }

    fn too_late(&self, last: Option<JobStatus>, cause: Option<Error>) -> Error {
        let seen = last.as_ref().map_or("never seen", JobStatus::as_str);
        let message = format!(
            "job {} was not finished after {} s (last state: {seen})",
            self.id,
            self.deadline.as_secs_f64()
        );
        let error = Error::new(Kind::Timeout, message).with_job(&self.id, last);
        match cause {
            Some(cause) => error.with_cause(cause),
            None => error,
        }
    }
}

impl<J: JobView> IntoFuture for Wait<J> {
    type Output = Result<J>;
    type IntoFuture = BoxFuture<'static, Result<J>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// The instant that is `wait` from now. A server or a caller can ask for more than a clock can hold.
fn after(wait: Duration) -> Instant {
    Instant::now() + wait.min(LONGEST)
}

fn unsuccessful(id: &str, job: &impl JobView, status: JobStatus) -> Error {
    let message = match job.failure() {
        Some(reason) => format!("job {id} {status}: {reason}"),
        None => format!("job {id} {status}; the server gave no reason"),
    };
    Error::new(Kind::Job, message).with_job(id, Some(status))
}
