//! The [`Job`]: one object to wait for a job, to follow it, and to find it again.
//!
//! Only the driving lives here: look, pause, look again, until the job has ended or the wait must.
//! What a look tells is decided in `events`, how long a pause is in `pace`.

use std::collections::VecDeque;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, Stream};

use super::events::{JobEvent, Outcome, Told};
use super::handle::JobHandle;
use super::pace::{Facts, Pace, Speed};
use super::wake::Bell;
use super::{JobId, JobStatus, JobView};
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::platform::{Instant, sleep_until, timeout};
use crate::telemetry::Span;

/// Half an hour: longer than a job is known to take, shorter than anyone wants to hang.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(30 * 60);
/// How long the look at the deadline may take: a server that hangs must not hold the wait.
const LAST_LOOK: Duration = Duration::from_secs(5);
/// A year: no wait is longer, whatever was asked for, and every clock can hold it.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// A job that is younger than this was submitted just now: there is nothing to see yet.
const FRESH: Duration = Duration::from_secs(2);

/// A job at the server, to be waited for; from [`Clips::submit`](crate::Clips::submit),
/// [`Clips::job`](crate::Clips::job) and [`Clips::resume`](crate::Clips::resume), and alike from
/// [`AiClipping`](crate::AiClipping).
///
/// `.await` gives the completed job; one that failed or was cancelled is an error
/// ([`Error::is_job_failed`]). [`Job::outcome`] gives all three as values. [`Job::events`] tells
/// what happens meanwhile. Nothing is asked before one of them is awaited.
///
/// A wait that ends before the job does is an error: because of the [deadline](Job::deadline)
/// ([`Error::is_timeout`]), of [`Job::cancel_on`] ([`Error::is_wait_cancelled`]), or of a refusal
/// that will not pass. The job goes on at the server; [`Error::handle`] finds it again, and
/// [`Error::job_status`] is its last state. Failures that may pass (429, 5xx, no connection) do not
/// end a wait.
///
/// ```no_run
/// # async fn example(client: heygen_clips::Client) -> heygen_clips::Result<()> {
/// use futures::TryStreamExt as _;
/// use heygen_clips::{ClipDuration, CreateAiClipping, JobEvent};
/// use std::time::Duration;
///
/// let request = CreateAiClipping::from_url("https://example.com/talk.mp4")
///     .durations([ClipDuration::Seconds30, ClipDuration::Seconds60]);
/// let job = client.ai_clipping().submit(request).await?;
/// let mut events = job.deadline(Duration::from_secs(3600)).events();
/// while let Some(event) = events.try_next().await? {
///     match event {
///         JobEvent::Progress(percent) => eprintln!("{percent} %"),
///         JobEvent::Clip(clip) => eprintln!("{:?} is ready", clip.label),
///         JobEvent::Finished(outcome) => {
///             let job = outcome.into_result()?;
///             let folder = format!("clips/{}", job.id);
///             client.ai_clipping().download(&job, folder).await?;
///         }
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a job is not waited for until it is awaited"]
pub struct Job<J> {
    client: Client,
    handle: JobHandle,
    bell: Bell,
    deadline: Duration,
    pace: Pace,
    cancel: Option<BoxFuture<'static, ()>>,
    view: PhantomData<fn() -> J>,
}

/// What happens to a job, as a stream; from [`Job::events`].
#[must_use = "a stream does nothing until it is read"]
pub struct JobEvents<J>(BoxStream<'static, Result<JobEvent<J>>>);

impl<J: JobView> Job<J> {
    pub(crate) fn new(client: Client, handle: JobHandle) -> Self {
        Self {
            bell: client.shared().waiters.bell(handle.job_id.as_str()),
            client,
            handle,
            deadline: DEFAULT_DEADLINE,
            pace: Pace::default(),
            cancel: None,
            view: PhantomData,
        }
    }

    pub(crate) fn resume(client: Client, handle: &JobHandle) -> Result<Self> {
        let id = &handle.job_id;
        if handle.dialect != J::DIALECT {
            let message = format!(
                "job {id} is of {}, not of {}: resume it there",
                handle.dialect,
                J::DIALECT
            );
            return Err(Error::new(Kind::Config, message));
        }
        if handle.base_url.trim_end_matches('/') != client.base_url() {
            let message = format!(
                "job {id} is at another server than this client's, which is {}",
                client.base_url()
            );
            return Err(Error::new(Kind::Config, message));
        }
        Ok(Self::new(client, handle.clone()))
    }

    /// The job's id.
    pub fn id(&self) -> &JobId {
        &self.handle.job_id
    }

    /// What finds this job again, in another process too.
    pub fn handle(&self) -> &JobHandle {
        &self.handle
    }

    /// Gives up after this long (default 30 minutes), counted from the first `.await`. When the
    /// time has come the job is looked at once more, which takes up to 5 s.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How often to look (default [`Pace::adaptive`]).
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// How long the source video is. [`Pace::adaptive`] makes use of it, where the server does not
    /// tell.
    pub fn source_duration(mut self, duration: Duration) -> Self {
        self.handle.source_seconds = Some(duration.as_secs_f64());
        self
    }

    /// Ends the wait when `cancelled` is ready, for example the signal of a program that has to
    /// stop. The job goes on at the server.
    pub fn cancel_on(mut self, cancelled: impl Future<Output = ()> + Send + 'static) -> Self {
        self.cancel = Some(Box::pin(cancelled));
        self
    }

    /// Notes in the [journal](crate::Journal) that nobody needs this job any more. Without journal,
    /// or for a job that is not in it, this does nothing.
    ///
    /// # Errors
    ///
    /// [`Error::is_journal`] when that cannot be written.
    pub async fn close(self) -> Result<()> {
        self.client.close_job(self.handle.job_id.as_str()).await
    }

    /// What happens to the job, from now to its end. The stream ends after
    /// [`JobEvent::Finished`] or an error.
    pub fn events(self) -> JobEvents<J> {
        let state = (Waiting::new(self), VecDeque::new());
        let events = stream::unfold(state, |(mut waiting, mut queue)| async move {
            while queue.is_empty() && !waiting.ended {
                match waiting.look().await {
                    Ok(events) => queue.extend(events),
                    Err(error) => return Some((Err(error), (waiting, queue))),
                }
            }
            let event = queue.pop_front()?;
            Some((Ok(event), (waiting, queue)))
        });
        JobEvents(Box::pin(events))
    }

    /// Waits until the job has ended, well or not.
    ///
    /// # Errors
    ///
    /// When the wait ends before the job does.
    pub fn outcome(self) -> BoxFuture<'static, Result<Outcome<J>>> {
        let mut waiting = Waiting::new(self);
        Box::pin(async move {
            loop {
                let last = waiting.look().await?.pop();
                if let Some(JobEvent::Finished(outcome)) = last {
                    return Ok(outcome);
                }
            }
        })
    }
}

impl<J: JobView> IntoFuture for Job<J> {
    type Output = Result<J>;
    type IntoFuture = BoxFuture<'static, Result<J>>;

    fn into_future(self) -> Self::IntoFuture {
        let outcome = self.outcome();
        Box::pin(async move { outcome.await?.into_result() })
    }
}

impl<J> fmt::Debug for Job<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("handle", &self.handle)
            .field("deadline", &self.deadline)
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}

impl<J> Stream for JobEvents<J> {
    type Item = Result<JobEvent<J>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl<J> fmt::Debug for JobEvents<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JobEvents(..)")
    }
}

/// After so many answers in a row that could not be read, the next ends the wait.
const MAX_UNREADABLE: u32 = 3;

/// A wait under way.
struct Waiting<J> {
    job: Job<J>,
    /// The job has ended, or the wait has.
    ended: bool,
    told: Told,
    /// Set at the first look.
    times: Option<Times>,
    speed: Speed,
    source: Option<Duration>,
    percent: Option<u8>,
    /// How many answers in a row could not be read.
    unreadable: u32,
    pauses: u32,
    /// The server asked not to be asked before.
    not_before: Option<Instant>,
    looks_since_news: Option<u32>,
    span: Span,
}

struct Times {
    /// When the job was made, or else when the wait began.
    begin: Instant,
    deadline: Instant,
}

impl<J: JobView> Waiting<J> {
    fn new(job: Job<J>) -> Self {
        let is_known_from_the_beginning = job.handle.age().is_some_and(|age| age < FRESH);
        Self {
            ended: false,
            told: Told::default(),
            times: None,
            speed: if is_known_from_the_beginning {
                Speed::from_the_beginning()
            } else {
                Speed::default()
            },
            source: job.handle.source_duration(),
            percent: None,
            unreadable: 0,
            pauses: 0,
            not_before: None,
            looks_since_news: None,
            span: Span::wait(job.id().as_str()),
            job,
        }
    }

    /// Waits until a look is due, looks, and tells what is new. The last event of a job that has
    /// ended is [`JobEvent::Finished`].
    async fn look(&mut self) -> Result<Vec<JobEvent<J>>> {
        let span = self.span.clone();
        let result = span.around(self.pause_and_look()).await;
        span.looked(self.last_state());
        self.ended |= match &result {
            Ok(events) => matches!(events.last(), Some(JobEvent::Finished(_))),
            Err(_) => true,
        };
        result
    }

    async fn pause_and_look(&mut self) -> Result<Vec<JobEvent<J>>> {
        match &self.times {
            Some(_) => self.pause().await?,
            None => {
                let age = self.job.handle.age();
                let now = Instant::now();
                self.times = Some(Times {
                    begin: age.and_then(|age| now.checked_sub(age)).unwrap_or(now),
                    deadline: after(self.job.deadline),
                });
                if age.is_some_and(|age| age < FRESH) {
                    self.pause().await?;
                }
            }
        }
        let deadline = self.deadline();
        // Taken before the look: a look begun at the deadline is the last one.
        let is_last = Instant::now() >= deadline;
        let patience = deadline.saturating_duration_since(Instant::now()) + LAST_LOOK;
        let look = J::read(&self.job.client, self.job.id().as_str());
        let looked = tokio::select! {
            biased;
            () = cancelled(&mut self.job.cancel) => return Err(self.cancelled()),
            looked = timeout(patience, look) => looked,
        };
        let Ok(looked) = looked else {
            return Err(self.too_late(None));
        };
        self.looks_since_news = self.looks_since_news.map(|looks| looks + 1);
        match looked {
            Ok(job) => {
                self.source = self.source.or(source(&job));
                self.percent = job.progress_percent();
                self.not_before = None;
                self.unreadable = 0;
                let events = self.told.look(job);
                if let Some(JobEvent::Finished(outcome)) = events.last() {
                    let has_clips = !outcome.job().finished_clips().is_empty();
                    self.note_end(has_clips).await;
                } else if is_last {
                    return Err(self.too_late(None));
                }
                Ok(events)
            }
            Err(error) if error.is_retryable() && !is_last => {
                self.not_before = error.retry_after().map(after);
                self.unreadable = 0;
                Ok(Vec::new())
            }
            Err(error) if error.is_retryable() => Err(self.too_late(Some(error))),
            // What stands between this and the server puts in a page of its own at times.
            Err(error)
                if error.is_bad_response() && !is_last && self.unreadable < MAX_UNREADABLE =>
            {
                self.unreadable += 1;
                Ok(Vec::new())
            }
            Err(error) => Err(self.ended_by(error)),
        }
    }

    /// Until the pace says so, somebody rings, or the deadline has come.
    async fn pause(&mut self) -> Result<()> {
        let facts = self.facts();
        let pause = self.job.pace.pause(&facts, fastrand::f64());
        self.pauses = self.pauses.saturating_add(1);
        let deadline = self.deadline();
        let not_before = self.not_before.unwrap_or_else(Instant::now).min(deadline);
        let due = after(pause).max(not_before).min(deadline);
        let bell = &self.job.bell;
        let news = async {
            bell.rung().await;
            // News is no reason to ask when the server has asked not to be.
            sleep_until(not_before).await;
        };
        tokio::select! {
            biased;
            () = cancelled(&mut self.job.cancel) => return Err(self.cancelled()),
            () = news => self.looks_since_news = Some(0),
            () = sleep_until(due) => {}
        }
        Ok(())
    }

    async fn note_end(&mut self, has_clips: bool) {
        let client = &self.job.client;
        if let (Some(journal), Some(status)) = (client.journal(), self.told.status()) {
            let job = (client.base_url(), self.job.id().as_str());
            journal.finished(job, status, has_clips).await;
        }
    }

    fn facts(&mut self) -> Facts {
        let begin = self.times.as_ref().map(|times| times.begin);
        let elapsed = begin.map_or(Duration::ZERO, |begin| begin.elapsed());
        Facts {
            elapsed,
            pauses: self.pauses,
            source: self.source,
            left: self
                .percent
                .and_then(|percent| self.speed.left(elapsed, percent)),
            looks_since_news: self.looks_since_news,
        }
    }

    fn deadline(&self) -> Instant {
        let times = self.times.as_ref();
        times.map_or_else(Instant::now, |times| times.deadline)
    }

    fn too_late(&self, cause: Option<Error>) -> Error {
        let message = format!(
            "job {} was not finished after {} s (last state: {})",
            self.job.id(),
            to_the_millisecond(self.job.deadline).as_secs_f64(),
            self.last_state(),
        );
        let error = self.ended_by(Error::new(Kind::Timeout, message));
        match cause {
            Some(cause) => error.with_cause(cause),
            None => error,
        }
    }

    fn cancelled(&self) -> Error {
        let message = format!(
            "the wait for job {} was cancelled (last state: {})",
            self.job.id(),
            self.last_state(),
        );
        self.ended_by(Error::new(Kind::WaitCancelled, message))
    }

    fn last_state(&self) -> &str {
        self.told.status().map_or("never seen", JobStatus::as_str)
    }

    fn ended_by(&self, error: Error) -> Error {
        error
            .with_job(self.job.id().as_str(), self.told.status().cloned())
            .with_handle(self.job.handle.clone())
    }
}

/// The instant that is `wait` from now. A server or a caller can ask for more than a clock can hold.
fn after(wait: Duration) -> Instant {
    Instant::now() + wait.min(LONGEST)
}

/// For people: of the rest nobody is the wiser.
fn to_the_millisecond(time: Duration) -> Duration {
    Duration::new(time.as_secs(), time.subsec_millis() * 1_000_000)
}

fn source(job: &impl JobView) -> Option<Duration> {
    let duration = Duration::try_from_secs_f64(job.source_seconds()?).ok()?;
    (!duration.is_zero()).then_some(duration)
}

async fn cancelled(cancel: &mut Option<BoxFuture<'static, ()>>) {
    match cancel {
        Some(cancel) => cancel.await,
        None => std::future::pending().await,
    }
}
