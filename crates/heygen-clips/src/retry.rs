//! Sending a call again: whether it is safe, whether it is worth it, and after how long.
//!
//! Pure decisions. The loop that carries them out is in `exchange`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use http::StatusCode;

use crate::error::{Kind, Result};
use crate::operations::Repeat;
use crate::platform::Instant;

/// Retries that a client may have in hand. Each takes from it, each success gives a little back.
const BUDGET: u32 = 500;
const COST: u32 = 5;
/// How long a request with a key waits for the first one under the same key. Creates take the
/// vendor half a minute.
const LONGEST_IN_PROGRESS: Duration = Duration::from_secs(120);
/// Nor is that one asked for without a pause, whatever the settings.
const SHORTEST_IN_PROGRESS: Duration = Duration::from_millis(100);
/// A time limit that ran out has cost the server more than a refusal has.
const COST_OF_TIMEOUT: u32 = 10;

/// How long after its first use the server surely recognises a key: a day, less what clocks may differ.
/// What is sent under it later may be done a second time.
pub(crate) const KEY_WINDOW: Duration = Duration::from_secs(24 * 60 * 60 - 5 * 60);

/// How calls are sent again when they fail in a way that may pass.
///
/// A call that gets 408, 425, 429, a 5xx other than 501, no answer or half of one is sent again after
/// a pause that doubles each time, half of it by chance. Where the server says how long to wait
/// (`Retry-After`), it is waited at least that long. So that sending twice never does a thing
/// twice, this holds only for reads, deletes, calls with an idempotency key, and those that may be
/// said twice (the steps of a direct upload, changes of a webhook endpoint); others are sent
/// again only when they surely did nothing: the connection could not be made, or the server
/// answered 429. A 409 `request_in_progress` is waited out, in pauses that add up to
/// two minutes at most.
///
/// All clones of a client share one budget of retries, 100 at first and refilled by calls that
/// succeed, so that a server in trouble is not asked ever more often.
///
/// ```
/// use std::time::Duration;
/// use heygen_clips::{Client, Retries};
///
/// # fn main() -> heygen_clips::Result<()> {
/// let client = Client::builder()
///     .api_key("a key of the emulator")
///     .retries(Retries::default().attempts(6).longest_pause(Duration::from_secs(60)))
///     .build()?;
/// let once = client.with_retries(Retries::none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
    deadline: Option<Duration>,
}

/// How an attempt ended, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A success, or a refusal that will not change.
    Settled { success: bool },
    /// This error status, and what `Retry-After` says.
    Status(StatusCode, Option<Duration>),
    /// The first request under this key is not answered yet.
    InProgress(Option<Duration>),
    /// The request never left.
    NotConnected,
    /// It left, and no whole answer came back.
    Broken,
    /// As broken, after the time limit.
    TimedOut,
}

impl Outcome {
    /// Whether the server may have done what it was asked nevertheless.
    pub(crate) fn is_doubtful(self) -> bool {
        match self {
            Self::Broken | Self::TimedOut | Self::InProgress(_) => true,
            Self::Status(status, _) => {
                status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT
            }
            Self::Settled { .. } | Self::NotConnected => false,
        }
    }

    pub(crate) fn of<T>(result: &Result<T>) -> Self {
        let error = match result {
            Ok(_) => return Self::Settled { success: true },
            Err(error) => error,
        };
        match (error.kind(), error.http_status()) {
            (Kind::Unreachable, _) => Self::NotConnected,
            (Kind::Network, _) => Self::Broken,
            (Kind::Timeout, _) => Self::TimedOut,
            (Kind::Api, Some(StatusCode::CONFLICT)) if error.code() == "request_in_progress" => {
                Self::InProgress(error.retry_after())
            }
            (Kind::Api | Kind::BadResponse, Some(status)) if !status.is_success() => {
                Self::Status(status, error.retry_after())
            }
            _ => Self::Settled { success: false },
        }
    }
}

/// The retries that a client has in hand, shared by its clones.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<u32>);

/// The attempts of one call.
pub(crate) struct Attempts<'a> {
    retries: Retries,
    budget: &'a Budget,
    /// When the call must be over.
    deadline: Option<Instant>,
    pauses: Option<ExponentialBackoff>,
    /// Failed attempts that another followed.
    made: u32,
    /// Spent on a first request that is still being worked on.
    waited: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(20),
            deadline: None,
        }
    }
}

impl Retries {
    /// Every call is sent once.
    pub fn none() -> Self {
        Self::default().attempts(1)
    }

    /// Sends a call at most so often, the first time included (default 4).
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The pause after the first attempt (default 500 ms).
    #[must_use]
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// The longest pause (default 20 s). When the server asks for more than this, the call fails at
    /// once, with [`Error::retry_after`](crate::Error::retry_after).
    #[must_use]
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// Time limit of a call with all its attempts and pauses (default none: each attempt has the
    /// client's limit). It is that of a call of the API: a direct upload is several, and transfers
    /// from and to the file store are none and have the limits of their attempts.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    pub(crate) fn call_deadline(&self) -> Option<Duration> {
        self.deadline
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self(Mutex::new(BUDGET))
    }
}

impl Budget {
    fn take(&self, cost: u32) -> bool {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match left.checked_sub(cost) {
            Some(rest) => {
                *left = rest;
                true
            }
            None => false,
        }
    }

    fn give(&self, amount: u32) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.saturating_add(amount).min(BUDGET);
    }
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(retries: Retries, budget: &'a Budget) -> Self {
        Self {
            retries,
            budget,
            deadline: None,
            pauses: None,
            made: 0,
            waited: Duration::ZERO,
        }
    }

    /// No pause ends later than this.
    pub(crate) fn until(mut self, deadline: Option<Instant>) -> Self {
        self.deadline = deadline;
        self
    }

    /// For what can be sent only once, if it is so.
    pub(crate) fn once(mut self, is_so: bool) -> Self {
        if is_so {
            self.retries.attempts = 1;
        }
        self
    }

    /// The pause after which to send again, or nothing if what came is the result.
    pub(crate) fn again_after(&mut self, outcome: Outcome, repeat: Repeat) -> Option<Duration> {
        let (asked, cost) = match outcome {
            Outcome::Settled { success } => {
                if success {
                    // What a retry that worked has cost comes back.
                    self.budget.give(if self.made > 0 { COST } else { 1 });
                }
                return None;
            }
            Outcome::NotConnected => (None, COST),
            Outcome::Status(StatusCode::TOO_MANY_REQUESTS, asked) => (asked, COST),
            _ if repeat == Repeat::Doubles => return None,
            Outcome::InProgress(asked) => return self.wait_for_the_first(asked),
            Outcome::Status(status, asked) if may_pass(status) => (asked, COST),
            Outcome::Status(..) => return None,
            Outcome::Broken => (None, COST),
            Outcome::TimedOut => (None, COST_OF_TIMEOUT),
        };
        if self.made + 1 >= self.retries.attempts {
            return None;
        }
        let pause = self.next_pause();
        let pause = self.bearable(asked.map_or(pause, |asked| asked.max(pause)))?;
        if !self.budget.take(cost) {
            return None;
        }
        self.made += 1;
        Some(pause)
    }

    /// Not counted as an attempt: the first request is being worked on, and its answer will be
    /// given to this one.
    fn wait_for_the_first(&mut self, asked: Option<Duration>) -> Option<Duration> {
        if self.retries.attempts == 1 {
            return None;
        }
        let pause = asked.unwrap_or_default().max(self.next_pause());
        let pause = pause.max(SHORTEST_IN_PROGRESS);
        let left = LONGEST_IN_PROGRESS.saturating_sub(self.waited);
        // Not less than was asked for, and one more look at the end.
        let pause = match asked {
            Some(asked) if asked > left => return None,
            _ if left.is_zero() => return None,
            _ => pause.min(left),
        };
        let pause = self.in_time(pause)?;
        self.waited += pause;
        Some(pause)
    }

    /// Made at the first failure: most calls have none.
    fn next_pause(&mut self) -> Duration {
        let Retries {
            first_pause,
            longest_pause,
            ..
        } = self.retries;
        let pauses = self.pauses.get_or_insert_with(|| {
            ExponentialBuilder::new()
                .with_min_delay(first_pause / 2)
                .with_max_delay((longest_pause / 2).max(first_pause / 2))
                .with_jitter()
                .without_max_times()
                .build()
        });
        pauses.next().unwrap_or(longest_pause)
    }

    fn bearable(&self, pause: Duration) -> Option<Duration> {
        let longest = self.retries.longest_pause.max(self.retries.first_pause);
        self.in_time(pause).filter(|pause| *pause <= longest)
    }

    /// A pause after which there is time left.
    fn in_time(&self, pause: Duration) -> Option<Duration> {
        let left = self
            .deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()));
        left.is_none_or(|left| pause < left).then_some(pause)
    }
}

/// Whether what answered so may answer otherwise later. 501 is not implemented, now and then.
pub(crate) fn may_pass(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502..=599)
}
