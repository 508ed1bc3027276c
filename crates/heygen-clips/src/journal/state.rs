//! What a journal says: from its records, in their order, to the intents that are still open.
//!
//! Pure, so that a restart after any record is one call in a test.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

use super::record::{Record, Wanted, What};
use crate::job::JobId;
use crate::job::handle::Dialect;
use crate::retry;

/// In seconds, as all here.
pub(crate) const DAY: u64 = 24 * 60 * 60;
/// By how much clocks may differ.
pub(crate) const SKEW: u64 = 5 * 60;
/// How long the server surely recognises a key.
const KEY_WINDOW: u64 = retry::KEY_WINDOW.as_secs();

/// An intent that is still open.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) id: String,
    /// When it was written, in Unix seconds.
    pub(crate) at: u64,
    /// When its key was first used, which is earlier where an intent before it had the same.
    since: u64,
    pub(crate) wanted: Wanted,
    pub(crate) job_id: Option<JobId>,
    /// The job's state, once it has ended.
    pub(crate) finished: Option<String>,
}

/// All that the records say.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// In the order in which they were written.
    order: Vec<String>,
    open: HashMap<String, Entry>,
    /// Every job that an intent became, also of intents that are closed.
    jobs: HashMap<JobId, Made>,
    /// Keys of the callers' own that the server may recognise, by server and key.
    keys: HashMap<(String, String), Vec<Use>>,
}

/// What made a job.
#[derive(Debug)]
struct Made {
    intent: String,
    at: u64,
}

/// The use of a key.
#[derive(Debug)]
struct Use {
    intent: String,
    at: u64,
}

impl Use {
    /// Whether the server may still recognise the key because of it.
    fn is_recent(&self, now: u64) -> bool {
        now < self.at.saturating_add(DAY + SKEW)
    }
}

impl Entry {
    /// Whether the server may have forgotten its key by now. It may also when that is not known.
    pub(crate) fn is_expired(&self, now: u64) -> bool {
        self.is_from_later(now) || now.saturating_sub(self.since) >= KEY_WINDOW
    }

    /// When its key was first used.
    pub(crate) fn first_use(&self) -> SystemTime {
        let since = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.since));
        since.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// Whether a job of it may have been made, fetched and deleted since.
    pub(crate) fn is_old(&self, now: u64) -> bool {
        self.is_from_later(now) || now.saturating_sub(self.at) >= DAY
    }

    /// Whether it was written by a clock that was ahead of this one, so that its age is not known.
    pub(crate) fn is_from_later(&self, now: u64) -> bool {
        self.at > now.saturating_add(SKEW)
    }
}

impl State {
    pub(crate) fn apply(&mut self, record: Record) {
        let Record { at, intent, what } = record;
        match what {
            What::Intent(wanted) => {
                let since = self.first_use(&wanted, at).min(at);
                self.uses(&intent, &wanted, at);
                let entry = Entry {
                    id: intent.clone(),
                    at,
                    since,
                    wanted,
                    job_id: None,
                    finished: None,
                };
                if self.open.insert(intent.clone(), entry).is_none() {
                    self.order.push(intent);
                }
            }
            // Also for people, and to find out whether anything can be noted before it is sent.
            What::Sent => {
                if let Some(Entry { wanted, .. }) = self.open.get(&intent).cloned() {
                    self.uses(&intent, &wanted, at);
                }
            }
            What::Accepted { job_id } => {
                let made = Made {
                    intent: intent.clone(),
                    at,
                };
                self.jobs.insert(job_id.clone(), made);
                if let Some(entry) = self.open.get_mut(&intent) {
                    entry.job_id = Some(job_id);
                }
            }
            What::Finished { status, has_clips } if has_clips || status == "completed" => {
                // Its clips are still to be fetched.
                if let Some(entry) = self.open.get_mut(&intent) {
                    entry.finished = Some(status);
                }
            }
            What::Refused { .. } | What::Finished { .. } | What::Closed => {
                if self.open.remove(&intent).is_some() {
                    self.order.retain(|id| *id != intent);
                }
            }
        }
    }

    /// When the key of an intent was first used, as far as that is known.
    pub(crate) fn first_use(&self, wanted: &Wanted, at: u64) -> u64 {
        let uses = wanted.key.as_ref().and_then(|key| {
            let key = (wanted.base_url.clone(), key.clone());
            self.keys.get(&key)
        });
        let uses = uses.into_iter().flatten().filter(|one| one.is_recent(at));
        let noted = wanted.key_since.into_iter();
        uses.map(|one| one.at).chain(noted).min().unwrap_or(at)
    }

    /// Notes the use of a key, if it was not drawn for the intent: others may use it too.
    fn uses(&mut self, intent: &str, wanted: &Wanted, at: u64) {
        let Some(key) = wanted.key.as_ref().filter(|key| *key != intent) else {
            return;
        };
        let uses = self.keys.entry((wanted.base_url.clone(), key.clone()));
        uses.or_default().push(Use {
            intent: intent.to_owned(),
            at,
        });
    }

    /// Gives back what no record needs to be kept for.
    pub(crate) fn forget(&mut self, now: u64) {
        let since = self.looked_for_since(now);
        let open = &self.open;
        self.jobs
            .retain(|_, made| made.at >= since || open.contains_key(&made.intent));
        self.keys.retain(|_, uses| {
            uses.retain(|one| one.is_recent(now));
            !uses.is_empty()
        });
    }

    /// What is open, the oldest first.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Entry> {
        self.order.iter().filter_map(|id| self.open.get(id))
    }

    pub(crate) fn get(&self, intent: &str) -> Option<&Entry> {
        self.open.get(intent)
    }

    /// The open intents that became this job: a key of the caller's own can be submitted twice.
    pub(crate) fn of_job(&self, base_url: &str, job_id: &str) -> impl Iterator<Item = &Entry> {
        self.open().filter(move |entry| {
            entry.wanted.base_url == base_url
                && entry.job_id.as_ref().map(JobId::as_str) == Some(job_id)
        })
    }

    /// Which records still say something. `now` in Unix seconds.
    pub(crate) fn needs(&self, now: u64) -> impl Fn(&Record) -> bool + '_ {
        let since = self.looked_for_since(now);
        let uses = self.keys.values().flatten();
        let keyed: HashSet<&String> = uses
            .filter(|one| one.is_recent(now))
            .map(|one| &one.intent)
            .collect();
        move |record| {
            let is_job = matches!(record.what, What::Accepted { .. });
            self.open.contains_key(&record.intent)
                || keyed.contains(&record.intent)
                || is_job && record.at >= since
        }
    }

    /// An intent is looked for among the jobs that are not older than it and are no other's.
    fn looked_for_since(&self, now: u64) -> u64 {
        let looked_for =
            |entry: &&Entry| entry.wanted.dialect == Dialect::Clips && entry.job_id.is_none();
        let oldest = self.open().filter(looked_for).map(|entry| entry.at).min();
        oldest.unwrap_or(now).min(now).saturating_sub(DAY)
    }

    /// Whether another intent than this became the job, open or not.
    pub(crate) fn is_of_another(&self, job_id: &str, intent: &str) -> bool {
        let made = self.jobs.get(&JobId::from(job_id));
        made.is_some_and(|made| made.intent != intent)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn record(intent: &str, what: What) -> Record {
        Record {
            at: 1_000,
            intent: intent.to_owned(),
            what,
        }
    }

    fn wanted() -> What {
        What::Intent(Wanted {
            dialect: Dialect::AiClipping,
            base_url: "https://api.example.com".to_owned(),
            key: Some("key".to_owned()),
            key_since: None,
            sha256: "00".to_owned(),
            title: None,
            body: None,
        })
    }

    fn accepted(id: &str) -> What {
        What::Accepted {
            job_id: JobId::from(id),
        }
    }

    fn finished(status: &str) -> What {
        What::Finished {
            status: status.to_owned(),
            has_clips: false,
        }
    }

    /// Whether the intent is open after so many of the records, and as which job.
    fn restarts(records: &[What]) -> Vec<Option<Option<String>>> {
        let after = |count: usize| {
            let mut state = State::default();
            for what in records.iter().take(count) {
                state.apply(record("a", what.clone()));
            }
            let entry = state.get("a").cloned();
            entry.map(|entry| entry.job_id.map(|id| id.to_string()))
        };
        (0..=records.len()).map(after).collect()
    }

    #[test]
    fn what_is_open_after_a_restart_at_each_record() {
        let job = || Some(Some("j".to_owned()));
        let closed = [
            wanted(),
            What::Sent,
            accepted("j"),
            finished("completed"),
            What::Closed,
        ];
        assert_eq!(
            restarts(&closed),
            [None, Some(None), Some(None), job(), job(), None]
        );
        let failed = [wanted(), accepted("j"), finished("failed")];
        assert_eq!(restarts(&failed), [None, Some(None), job(), None]);
        let failed_late = What::Finished {
            status: "failed".to_owned(),
            has_clips: true,
        };
        let clips_left = [wanted(), accepted("j"), failed_late, What::Closed];
        assert_eq!(
            restarts(&clips_left),
            [None, Some(None), job(), job(), None]
        );
        let refused = What::Refused {
            status: Some(400),
            code: "invalid_parameter".to_owned(),
        };
        assert_eq!(restarts(&[wanted(), refused]), [None, Some(None), None]);
    }

    #[test]
    fn a_job_is_known_even_when_it_is_closed() {
        let mut state = State::default();
        for what in [wanted(), accepted("j"), What::Closed] {
            state.apply(record("a", what));
        }
        assert!(state.is_of_another("j", "b"));
        assert!(!state.is_of_another("j", "a") && !state.is_of_another("k", "b"));
        let of_job = state.of_job("https://api.example.com", "j");
        assert_eq!(of_job.count(), 0);
        assert_eq!(state.open().count(), 0);
    }

    #[test]
    fn records_of_intents_that_are_done_with_are_not_needed_but_their_jobs_are_for_a_while() {
        let (day_before, now) = (1_000 - 1, 1_000 + DAY);
        let mut state = State::default();
        for what in [wanted(), accepted("j"), finished("completed")] {
            state.apply(record("open", what));
        }
        let job = |at| Record {
            at,
            ..record("done", accepted("k"))
        };
        let needs = |state: &State, record: &Record, now| state.needs(now)(record);
        assert!(needs(&state, &record("open", wanted()), u64::MAX));
        assert!(needs(&state, &record("open", finished("completed")), now));
        assert!(!needs(&state, &record("done", wanted()), now));
        assert!(!needs(&state, &record("done", What::Closed), now));
        assert!(needs(&state, &job(1_000), now));
        assert!(!needs(&state, &job(day_before), now));

        // One that may have to be looked for by its title, beside whatever was made since.
        let What::Intent(looked_for) = wanted() else {
            unreachable!()
        };
        let dialect = Dialect::Clips;
        let looked_for = What::Intent(Wanted {
            dialect,
            ..looked_for
        });
        state.apply(Record {
            at: 1_000 + DAY,
            ..record("lost", looked_for)
        });
        assert!(needs(&state, &job(1_000), u64::MAX));
        assert!(!needs(&state, &job(day_before), u64::MAX));
        state.apply(record("lost", accepted("l")));
        assert!(!needs(&state, &job(1_000), u64::MAX));
    }

    #[test]
    fn records_of_intents_that_nobody_knows_change_nothing() {
        let mut state = State::default();
        for what in [accepted("j"), finished("failed"), What::Closed, What::Sent] {
            state.apply(record("lost", what));
        }
        assert_eq!(state.open().count(), 0);
        assert!(state.is_of_another("j", "a"));
    }

    #[test]
    fn the_window_of_a_key_of_ones_own_begins_with_its_first_use() {
        let mut state = State::default();
        let at = |at, intent, what| Record {
            at,
            ..record(intent, what)
        };
        let later = 1_000 + 23 * 60 * 60;
        for record in [
            at(1_000, "first", wanted()),
            at(1_000, "first", accepted("j")),
            at(1_000, "first", What::Closed),
            at(later, "second", wanted()),
        ] {
            state.apply(record);
        }
        let second = state.get("second").unwrap().clone();
        assert!(!second.is_expired(1_000 + KEY_WINDOW - 1));
        assert!(second.is_expired(1_000 + KEY_WINDOW));
        // What says so is kept as long as the key may be recognised.
        let first = [wanted(), accepted("j"), What::Closed];
        for what in first {
            let record = at(1_000, "first", what);
            assert!(state.needs(1_000 + DAY + SKEW - 1)(&record));
        }
        assert!(!state.needs(1_000 + DAY + SKEW)(&at(
            1_000,
            "first",
            wanted()
        )));

        // A day later it is a new key, and what was of the old one is given back.
        state.apply(at(later, "second", What::Closed));
        let day_later = later + DAY + SKEW;
        state.apply(at(day_later, "third", wanted()));
        let third = state.get("third").unwrap();
        assert!(!third.is_expired(day_later + KEY_WINDOW - 1));
        assert!(third.is_expired(day_later + KEY_WINDOW));
        assert!(state.is_of_another("j", "third"));
        state.forget(3 * DAY);
        assert!(!state.is_of_another("j", "third"));
        assert!(state.keys.is_empty());
    }

    #[test]
    fn a_key_of_ones_own_is_used_whenever_it_is_sent() {
        let hour = |hour: u64| 1_000 + hour * 60 * 60;
        let at = |at, intent, what| Record {
            at,
            ..record(intent, what)
        };
        let mut state = State::default();
        for record in [
            at(hour(0), "first", wanted()),
            at(hour(12), "first", What::Sent),
            at(hour(12), "first", accepted("j")),
            at(hour(12), "first", What::Closed),
            at(hour(25), "second", wanted()),
        ] {
            state.apply(record);
        }
        let second = state.get("second").unwrap();
        assert!(!second.is_expired(hour(12) + KEY_WINDOW - 1));
        assert!(second.is_expired(hour(12) + KEY_WINDOW));

        // Noted with the intent, in case that nothing else speaks of the first any more.
        let What::Intent(later) = wanted() else {
            unreachable!()
        };
        let later = Wanted {
            key_since: Some(state.first_use(&later, hour(25))),
            ..later
        };
        assert_eq!(later.key_since, Some(hour(12)));
        let mut alone = State::default();
        alone.apply(at(hour(25), "second", What::Intent(later)));
        assert_eq!(alone.get("second").unwrap().since, hour(12));
    }

    #[test]
    fn the_window_of_a_key_ends_a_little_before_a_day_has_passed() {
        let mut state = State::default();
        state.apply(record("a", wanted()));
        let entry = state.get("a").unwrap();
        assert!(!entry.is_expired(1_000 + KEY_WINDOW - 1));
        assert!(entry.is_expired(1_000 + KEY_WINDOW));
        assert!(!entry.is_expired(1_000 - SKEW), "a clock that differs");
        assert!(
            entry.is_expired(999 - SKEW),
            "a clock that was set back says nothing of the age"
        );
    }
}
