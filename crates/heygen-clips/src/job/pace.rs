//! How long to pause before the next look at a job.
//!
//! Pure: facts in, a pause out. The figures of the adaptive pace were chosen with
//! `examples/polling`, which measures them against other paces.

use std::time::Duration;

/// No pause is shorter, so that a pace of nothing does not keep a processor busy.
const SHORTEST: f64 = 0.01;
/// A day: no pause is longer, and every clock can hold it.
const LONGEST: f64 = 24.0 * 60.0 * 60.0;
/// Looks that find the job unfinished after it was said to be finished: the answer may be older
/// than the news.
const AFTER_NEWS: u32 = 4;

/// How often a [`Job`](crate::Job) is looked at while it is waited for.
///
/// Whatever the pace, a `Retry-After` of the server is respected, the job is looked at once more
/// when the deadline comes, and [`Client::wake`](crate::Client::wake) makes the next look come at
/// once. All but [`Pace::fixed`] vary each pause by up to a tenth, so that many waiters do not ask
/// in step.
///
/// ```no_run
/// # async fn example(client: heygen_clips::Client) -> heygen_clips::Result<()> {
/// use heygen_clips::Pace;
///
/// // The callback will wake it; looking is only for the case that none comes.
/// let job = client.clips().job("clip_abc123").pace(Pace::slow()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Pace(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Adaptive,
    Fixed(Duration),
    Doubling { first: Duration, longest: Duration },
    Slow,
}

impl Pace {
    /// Follows the job (the default). Where the job tells its progress, a bit less
    /// than half of the time that seems to be left, 2 s to 2 min. Else 5 to 10 s, and longer for a job that takes unusually
    /// long (up to 30 s); where the length of the source is known
    /// ([`Job::source_duration`](crate::Job::source_duration), or the server tells it), the first
    /// eighth of that length is slept through in pauses of up to 2 min.
    pub fn adaptive() -> Self {
        Self(Kind::Adaptive)
    }

    /// The same pause each time, at least 10 ms.
    pub fn fixed(pause: Duration) -> Self {
        Self(Kind::Fixed(pause))
    }

    /// A pause of `first`, and twice as long each time, up to `longest`.
    pub fn doubling(first: Duration, longest: Duration) -> Self {
        let longest = longest.max(first);
        Self(Kind::Doubling { first, longest })
    }

    /// Every five minutes, for jobs whose callback calls [`Client::wake`](crate::Client::wake).
    pub fn slow() -> Self {
        Self(Kind::Slow)
    }

    /// The pause before the next look; `chance` from 0 to 1.
    pub(crate) fn pause(&self, facts: &Facts, chance: f64) -> Duration {
        let hurried = facts
            .looks_since_news
            .filter(|looks| *looks < AFTER_NEWS)
            .map_or(f64::MAX, |looks| 2_f64.powi(looks as i32));
        let seconds = match &self.0 {
            Kind::Adaptive => adaptive(facts),
            Kind::Fixed(pause) => return bounded(pause.as_secs_f64().min(hurried)),
            Kind::Doubling { first, longest } => {
                let doubled = first.as_secs_f64() * 2_f64.powi(facts.pauses.min(64) as i32);
                doubled.min(longest.as_secs_f64())
            }
            Kind::Slow => 300.0,
        };
        bounded(seconds.min(hurried) * (0.9 + 0.2 * chance))
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::adaptive()
    }
}

/// What is known of a job when the next pause is chosen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Since the job was made, or else since it was first looked at.
    pub(crate) elapsed: Duration,
    /// Pauses so far.
    pub(crate) pauses: u32,
    /// Length of the source.
    pub(crate) source: Option<Duration>,
    /// How long the job still needs, judged by its progress.
    pub(crate) left: Option<Duration>,
    /// Looks since somebody said that the job has ended.
    pub(crate) looks_since_news: Option<u32>,
}

fn adaptive(facts: &Facts) -> f64 {
    let elapsed = facts.elapsed.as_secs_f64();
    if let Some(left) = facts.left {
        // Less than half, because an estimate that is too long costs a lag, and one that is too
        // short one more look.
        let shortest = (0.3 * elapsed).clamp(2.0, 8.0);
        return (0.45 * left.as_secs_f64()).clamp(shortest, 120.0);
    }
    if facts.pauses == 0 {
        // Failures come early.
        return 5.0;
    }
    let pause = 10.0_f64.max((0.015 * elapsed).min(30.0));
    let Some(source) = facts.source.map(|source| source.as_secs_f64()) else {
        return pause;
    };
    let early = source / 8.0;
    if elapsed + pause < early {
        (early - elapsed).min(120.0)
    } else if elapsed < source / 2.0 {
        pause.min(7.5)
    } else {
        pause
    }
}

fn bounded(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds.clamp(SHORTEST, LONGEST))
}

/// How fast a job's progress grows.
#[derive(Debug, Default)]
pub(crate) struct Speed {
    /// A moment and the percent it had then. A job that was seen from its beginning had none.
    origin: Option<(Duration, u8)>,
}

impl Speed {
    pub(crate) fn from_the_beginning() -> Self {
        Self {
            origin: Some((Duration::ZERO, 0)),
        }
    }

    /// What is left of a job that has this percent by now; nothing while too little was seen of it.
    pub(crate) fn left(&mut self, elapsed: Duration, percent: u8) -> Option<Duration> {
        let (begin, first) = *self.origin.get_or_insert((elapsed, percent));
        let done = percent.min(100).checked_sub(first)?;
        if done < 3 {
            return None;
        }
        let spent = elapsed.saturating_sub(begin).as_secs_f64();
        let missing = 100 - percent.min(100);
        Some(bounded(spent * f64::from(missing) / f64::from(done)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(pace: &Pace, facts: &Facts) -> f64 {
        let pause = pace.pause(facts, 0.5).as_secs_f64();
        (pause * 100.0).round() / 100.0
    }

    fn at(elapsed: u64) -> Facts {
        Facts {
            elapsed: Duration::from_secs(elapsed),
            pauses: 3,
            ..Facts::default()
        }
    }

    #[test]
    fn adaptive_follows_the_progress() {
        let pace = Pace::adaptive();
        let with = |elapsed, left| Facts {
            left: Some(Duration::from_secs(left)),
            ..at(elapsed)
        };
        assert_eq!(
            seconds(&pace, &with(60, 40)),
            18.0,
            "less than half of what is left"
        );
        assert_eq!(seconds(&pace, &with(60, 3)), 8.0, "not in a hurry");
        assert_eq!(seconds(&pace, &with(2, 3)), 2.0, "a short job");
        assert_eq!(seconds(&pace, &with(600, 5_000)), 120.0);
    }

    #[test]
    fn adaptive_sleeps_through_what_a_long_source_needs_at_least() {
        let pace = Pace::adaptive();
        let with = |elapsed, pauses| Facts {
            source: Some(Duration::from_secs(1_600)),
            pauses,
            ..at(elapsed)
        };
        assert_eq!(seconds(&pace, &with(0, 0)), 5.0, "failures come early");
        assert_eq!(seconds(&pace, &with(5, 1)), 120.0);
        assert_eq!(seconds(&pace, &with(125, 2)), 75.0);
        assert_eq!(seconds(&pace, &with(200, 3)), 7.5);
        assert_eq!(seconds(&pace, &with(1_000, 99)), 15.0, "overdue");
        assert_eq!(seconds(&pace, &at(1)), 10.0, "nothing known");
        assert_eq!(seconds(&pace, &at(9_000)), 30.0);
    }

    #[test]
    fn the_others_do_what_they_say() {
        let fixed = Pace::fixed(Duration::from_secs(10));
        assert_eq!(fixed.pause(&at(5), 0.0), Duration::from_secs(10));
        assert_eq!(fixed.pause(&at(5), 1.0), Duration::from_secs(10));
        let doubling = Pace::doubling(Duration::from_secs(2), Duration::from_secs(30));
        let after = |pauses| seconds(&doubling, &Facts { pauses, ..at(9) });
        assert_eq!([0, 1, 2, 3, 4, 900].map(after), [2., 4., 8., 16., 30., 30.]);
        assert_eq!(seconds(&Pace::slow(), &at(9)), 300.0);
        let nothing = Pace::fixed(Duration::ZERO).pause(&at(0), 0.0);
        assert_eq!(nothing, Duration::from_millis(10));
        let huge = Pace::fixed(Duration::MAX).pause(&at(0), 0.0);
        assert_eq!(huge, Duration::from_secs(86_400));
    }

    #[test]
    fn chance_varies_a_pause_by_a_tenth() {
        let pace = Pace::slow();
        assert_eq!(pace.pause(&at(1), 0.0), Duration::from_secs(270));
        assert_eq!(pace.pause(&at(1), 1.0), Duration::from_secs(330));
    }

    #[test]
    fn news_that_the_answer_does_not_show_yet_is_looked_for_again_soon() {
        let after = |looks| Facts {
            looks_since_news: Some(looks),
            ..at(100)
        };
        let pauses = [0, 1, 2, 3, 4].map(|looks| seconds(&Pace::slow(), &after(looks)));
        assert_eq!(pauses, [1.0, 2.0, 4.0, 8.0, 300.0]);
    }

    #[test]
    fn speed_is_judged_from_the_beginning_or_from_the_first_look() {
        let s = Duration::from_secs;
        let mut speed = Speed::from_the_beginning();
        assert_eq!(speed.left(s(10), 2), None, "too little to judge");
        assert_eq!(speed.left(s(40), 20), Some(s(160)));
        let mut speed = Speed::default();
        assert_eq!(speed.left(s(0), 50), None);
        assert_eq!(speed.left(s(30), 60), Some(s(120)));
        assert_eq!(speed.left(s(40), 40), None, "it fell");
    }
}
