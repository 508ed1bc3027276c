//! What is done about intents: a new one is sent, one that was left open is taken up again.
//!
//! The order of things is what counts here: the disk before the network, the question whether the
//! job exists before a second request.

use std::time::Duration;

use futures::stream::{self, StreamExt, TryStreamExt};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

use super::record::What;
use super::state::{DAY, Entry, SKEW};
use super::wire::{Wire, marker};
use super::{Claim, Intent, Journal, now};
use crate::client::Client;
use crate::error::{Error, Kind, Repetition, Result};
use crate::job::JobId;
use crate::job::handle::{Dialect, JobHandle};
use crate::job::wait::Job;
use crate::platform::{self, sleep_until};
use crate::types::{AiClippingJob, ClipJob};

/// Intents taken up at once.
const PARALLEL: usize = 8;
/// No create is waited for longer than this.
const LONGEST_SETTLE: Duration = Duration::from_secs(DAY);

/// What became of an open intent; from [`Client::resume_all`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Resumed {
    /// A job of `/v3/clips`, to be waited for.
    Clips(Job<ClipJob>),
    /// A job of `/v3/ai-clipping`, to be waited for.
    AiClipping(Job<AiClippingJob>),
    /// It was submitted, or its key was first used, about a day ago or before, and it is not known whether
    /// the server has the job, or had it: by now it does not recognise the key, and what the list of `/v3/clips` does not have
    /// may have been deleted. Sending it again could pay again. Look at the list, then
    /// [discard](Journal::discard) the intent; one of `/v3/clips` can also be submitted again.
    Expired(Intent),
    /// No job of this is known, and the request is not in the journal because it may hold a secret:
    /// submit it again, with the same links.
    NeedsRequest(Intent),
    /// By their title these jobs may be this one, and there are several, or several intents that
    /// they may be, or no telling how old they are. Nothing was sent.
    #[non_exhaustive]
    Ambiguous {
        /// What was wanted.
        intent: Intent,
        /// The jobs that it may be.
        job_ids: Vec<JobId>,
    },
    /// It was submitted to another server than this client's.
    OtherServer(Intent),
    /// It could not be found out. The intent stays open, unless it is sure that there is no job of it.
    #[non_exhaustive]
    Failed {
        /// What was wanted.
        intent: Intent,
        /// Why it is not.
        error: Error,
    },
}

/// What came of taking an intent up.
enum Taken {
    Job(JobHandle),
    Expired,
    NeedsRequest,
    Ambiguous(Vec<JobId>),
}

/// Submits a request so that it becomes one job however often this is interrupted and repeated.
pub(crate) fn submit(
    client: Client,
    journal: Journal,
    wire: Wire,
) -> BoxFuture<'static, Result<JobHandle>> {
    async move {
        let sha256 = wire.sha256()?;
        let base_url = client.base_url();
        let left_open = journal.claim_equal(|entry| {
            let wanted = &entry.wanted;
            (wanted.dialect, wanted.sha256.as_str()) == (wire.dialect(), sha256.as_str())
                && wanted.base_url == base_url
        })?;
        if let Some((claim, entry)) = left_open {
            return match take_up(&client, &claim, &entry, Some(wire)).await? {
                Taken::Job(handle) => {
                    claim.gives();
                    Ok(handle)
                }
                Taken::Expired | Taken::NeedsRequest => Err(unresolved(
                    "an equal request was submitted, or its key first used, about a day ago or \
                     before, or by a clock that was ahead, and it is not known whether the server has the job: look at the list, \
                     then discard the intent",
                )),
                Taken::Ambiguous(ids) => Err(unresolved(format!(
                    "an equal request was submitted before and these jobs may be it: {}; \
                     discard the intent to have another",
                    ids.iter().map(JobId::as_str).collect::<Vec<_>>().join(", ")
                ))),
            };
        }
        let intent = Uuid::new_v4().to_string();
        let mut wire = wire;
        wire.mark(&intent);
        let mut wanted = wire.wanted(base_url, sha256, &intent)?;
        wanted.key_since = journal.key_since(&wanted);
        let claim = journal.begin(&intent);
        claim
            .note(What::Intent(wanted))
            .await
            .map_err(|error| error.with_context("nothing was sent"))?;
        let handle = send(&client, &claim, wire, true).await?;
        claim.gives();
        Ok(handle.created_now())
    }
    .boxed()
}

impl Client {
    /// Goes on with everything that the [journal](Journal) has open: attaches to jobs that were
    /// accepted, finds out about the others, and submits what surely is not there. Gives one
    /// [`Resumed`] for each intent, the oldest first; intents that this process is busy with are
    /// left out.
    ///
    /// For `/v3/clips` this takes up to the [settle time](crate::ClientBuilder::settle_time).
    ///
    /// # Errors
    ///
    /// [`Error::is_config`] when the client has no journal.
    pub async fn resume_all(&self) -> Result<Vec<Resumed>> {
        let journal = self.journal().ok_or_else(|| {
            Error::new(
                Kind::Config,
                "the client has no journal: set one on its builder",
            )
        })?;
        let mut claimed: Vec<(Claim, Entry)> = Vec::new();
        while let Some(next) = journal.claim_any() {
            claimed.push(next);
        }
        let resumed = claimed.into_iter().map(|(claim, entry)| {
            let client = self.clone();
            async move { (resume(&client, &claim, &entry).await, claim) }.boxed()
        });
        let resumed: Vec<_> = stream::iter(resumed).buffered(PARALLEL).collect().await;
        // Only now: who stops waiting before all are known is given none.
        let given = resumed.into_iter().map(|(resumed, claim)| {
            if matches!(resumed, Resumed::Clips(_) | Resumed::AiClipping(_)) {
                claim.gives();
            }
            resumed
        });
        Ok(given.collect())
    }
}

async fn resume(client: &Client, claim: &Claim, entry: &Entry) -> Resumed {
    let intent = Intent::of(entry);
    if entry.wanted.base_url != client.base_url() {
        return Resumed::OtherServer(intent);
    }
    match take_up(client, claim, entry, None).await {
        Ok(Taken::Job(handle)) => match handle.dialect {
            Dialect::Clips => Resumed::Clips(Job::new(client.clone(), handle)),
            Dialect::AiClipping => Resumed::AiClipping(Job::new(client.clone(), handle)),
        },
        Ok(Taken::Expired) => Resumed::Expired(intent),
        Ok(Taken::NeedsRequest) => Resumed::NeedsRequest(intent),
        Ok(Taken::Ambiguous(job_ids)) => Resumed::Ambiguous { intent, job_ids },
        Err(error) => Resumed::Failed { intent, error },
    }
}

/// Makes the job of an intent that was left open, or finds the one that it has become.
async fn take_up(
    client: &Client,
    claim: &Claim,
    entry: &Entry,
    request: Option<Wire>,
) -> Result<Taken> {
    if let Some(id) = &entry.job_id {
        return Ok(Taken::Job(handle(entry, id.clone())));
    }
    let is_asked_for = request.is_some();
    let mut request = request.or_else(|| Wire::stored(&entry.wanted));
    if let Some(request) = &mut request {
        request.mark(&entry.id);
    }
    let is_keyed = entry.wanted.dialect == Dialect::AiClipping;
    if is_keyed {
        if entry.is_expired(now()) {
            return Ok(Taken::Expired);
        }
    } else {
        let title = request.as_ref().and_then(Wire::title);
        if let Some(title) = title.or(entry.wanted.title.as_deref()) {
            let settle = client.timeouts().settle.min(LONGEST_SETTLE);
            sleep_until(claim.journal.last_attempt(&entry.id) + settle).await;
            match look_up(client, &claim.journal, title, entry).await? {
                // It may have been there, and been deleted when nobody needed it any more.
                Found::Nothing if !is_asked_for && entry.is_old(now()) => {
                    return Ok(Taken::Expired);
                }
                Found::Nothing => {}
                Found::Job(id) => {
                    note_accepted(claim, &id).await;
                    return Ok(Taken::Job(handle(entry, id)));
                }
                Found::Perhaps(ids) => return Ok(Taken::Ambiguous(ids)),
            }
        }
    }
    let Some(request) = request else {
        return Ok(Taken::NeedsRequest);
    };
    claim
        .note(What::Sent)
        .await
        .map_err(|error| error.with_context("nothing was sent"))?;
    // An earlier attempt whose caller stopped waiting may have been noted since, and surely is by now:
    // records are written in turn.
    match claim.entry() {
        Some(Entry {
            job_id: Some(id), ..
        }) => return Ok(Taken::Job(handle(entry, id))),
        Some(_) => {}
        None => return Err(unresolved("the intent was discarded, and nothing was sent")),
    }
    // That the list has no such job is certain; that a key was never used is not.
    let sent = send(client, claim, request, !is_keyed).await?;
    Ok(Taken::Job(handle(entry, sent.job_id)))
}

/// Sends a request whose intent is on disk. `is_first`: no earlier attempt may have become a job.
async fn send(client: &Client, claim: &Claim, wire: Wire, is_first: bool) -> Result<JobHandle> {
    let dialect = wire.dialect();
    claim.sends();
    let first_use = claim
        .entry()
        .map_or_else(platform::now, |entry| entry.first_use());
    match wire.send(client, claim.intent(), first_use).await {
        Ok(id) => {
            note_accepted(claim, &id).await;
            Ok(JobHandle::new(dialect, client.base_url(), id))
        }
        Err(error) => {
            // Only keyed requests are sent again by themselves when the first may have arrived. Where
            // the server was not reached at all, they are noted to be sent later.
            let is_alone = match error.status() {
                Some(_) => !error.was_heard(),
                None => error.attempts() <= 1,
            };
            let is_first = is_first && (dialect == Dialect::Clips || is_alone);
            if surely_made_nothing(&error, is_first) {
                let refused = What::Refused {
                    status: error.status(),
                    code: error.code().to_owned(),
                };
                // Where this cannot be written, the intent is looked into once more.
                let _ = claim.note(refused).await;
                return Err(error);
            }
            let error = error.with_repetition(Repetition::Safe);
            Err(error.with_context("the journal keeps the intent, and resume_all goes on with it"))
        }
    }
}

/// Where this cannot be written, the job is found again by its key or title.
async fn note_accepted(claim: &Claim, id: &JobId) {
    let accepted = What::Accepted { job_id: id.clone() };
    let _ = claim.note(accepted).await;
}

/// Whether a create that failed has surely made no job, and never will.
fn surely_made_nothing(error: &Error, is_first: bool) -> bool {
    match (error.kind(), error.status()) {
        (Kind::InvalidRequest, _) => true,
        (Kind::Api, Some(408 | 409 | 425)) => false,
        // What is refused now may have been taken before: a link may have expired, a limit been reached.
        (Kind::Api, Some(400..=499)) | (Kind::Unreachable, _) => is_first,
        _ => false,
    }
}

/// What a list of jobs has of an intent.
enum Found {
    Nothing,
    Job(JobId),
    /// One of these, or none of them.
    Perhaps(Vec<JobId>),
}

/// Looks for the job that this intent may have become: of its title, and not another intent's.
async fn look_up(client: &Client, journal: &Journal, title: &str, entry: &Entry) -> Result<Found> {
    let is_ours_alone = title == marker(&entry.id);
    // The server's clock may differ by some minutes, and by more if ours is wrong.
    let at = match entry.is_from_later(now()) {
        true => 0,
        false => entry.at,
    };
    let before = |seconds| i64::try_from(at.saturating_sub(seconds)).unwrap_or(i64::MAX);
    let (earliest, last) = (before(SKEW), before(DAY));
    let (mut sure, mut old) = (Vec::new(), Vec::new());
    let mut rows = client.clips().list().limit(100).by_item();
    while let Some(row) = rows.try_next().await? {
        let created = row.created_at.unwrap_or(i64::MAX);
        if created < last {
            // The newest come first.
            break;
        }
        let Some(its) = row.title.as_deref() else {
            continue;
        };
        if !is_like(its, title) || journal.is_of_another(&row.id, &entry.id) {
            continue;
        }
        let is_exact = its == title;
        let id = JobId::from(row.id);
        let is_sure = is_ours_alone || is_exact && created >= earliest && at > 0;
        let list = if is_sure { &mut sure } else { &mut old };
        // Pages shift while they are read, and then have a row twice.
        if !list.contains(&id) {
            list.push(id);
        }
    }
    // Asked first: what is known by then to be another's is sorted out below.
    let may_be_another = journal.wants_another(entry, title);
    // Another's job may have become known while the pages were read.
    for list in [&mut sure, &mut old] {
        list.retain(|id| !journal.is_of_another(id.as_str(), &entry.id));
    }
    Ok(match (sure.as_slice(), old.is_empty()) {
        ([], true) => Found::Nothing,
        ([id], _) if !may_be_another => Found::Job(id.clone()),
        ([], false) => Found::Perhaps(old),
        _ => Found::Perhaps(sure),
    })
}

/// Whether a title may be what a server made of another: without what it trims, or cut short.
pub(super) fn is_like(its: &str, title: &str) -> bool {
    /// Servers keep at least so much of a title.
    const SHORTEST_CUT: usize = 24;
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (its, title) = (plain(its), plain(title));
    let is_cut = its.chars().count() >= SHORTEST_CUT && title.starts_with(&its);
    its == title || is_cut
}

fn handle(entry: &Entry, id: JobId) -> JobHandle {
    JobHandle {
        created_at: Some(entry.at),
        ..JobHandle::new(entry.wanted.dialect, &entry.wanted.base_url, id)
    }
}

fn unresolved(message: impl Into<String>) -> Error {
    Error::new(Kind::Unresolved, message)
}
