//! Submitted jobs on disk, so that a program that dies pays for no job twice and loses none.
//!
//! What the records mean is in `state`, how they become lines and which lines are kept in `file`, how
//! those get onto the disk in `disk`, and what is done about an open intent in `resume`. Here is what
//! connects them: who writes, and who is busy with which intent.

mod disk;
mod file;
mod record;
pub(crate) mod resume;
mod state;
pub(crate) mod wire;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::error::{Error, Kind, Result};
use crate::job::handle::Dialect;
use crate::job::{JobId, JobStatus};
use crate::platform::{self, Instant, blocking};
use file::{Contents, Log};
use record::{Record, Wanted, What};
use state::{Entry, State};

/// The file in which [`submit`](crate::Clips::submit) notes what it is about to do and what came of
/// it; set with [`ClientBuilder::journal`](crate::ClientBuilder::journal).
///
/// With it a job is made once however often the program dies, and is not forgotten before its
/// clips are on disk:
///
/// - The intent is on disk before the request is sent. Where that fails (a full disk), nothing is
///   sent.
/// - After a restart, [`Client::resume_all`](crate::Client::resume_all) goes on with everything that
///   is open, and so does submitting an equal request again: it is the job that is open, until this
///   process has been given that. What is submitted after that is another. While `resume_all` still
///   looks for it, submitting it is an error.
/// - A job stays open until it is seen to have failed or been cancelled without clips, a download of all
///   its clips is complete, or [`Job::close`](crate::Job::close) is called. One that is read or fetched
///   clip by clip has to be closed.
///
/// `/v3/ai-clipping` recognises a repeated request by its key for 24 hours after the key's first use, also
/// where that was in an intent before; after that it is not sent again. For `/v3/clips` the vendor promises no keys, so there the list of jobs is searched by
/// title before anything is sent again: a request without title gets one, `clips-` and the intent's
/// id, and is looked for when nothing can be under way any more, the
/// [settle time](crate::ClientBuilder::settle_time) after the last attempt. What is not there after a
/// day may have been deleted, and is only sent again by submitting it again. A title of one's own is
/// best used once: where several requests or jobs have it, none is taken for another, and that is
/// [told](crate::Resumed::Ambiguous) instead. So is a job whose title is this one trimmed or cut short.
///
/// The file has one JSON record a line, and records are added at its end. Past a thousand of them
/// it is replaced, once most are of jobs that are done with, by one that has the others as they
/// were. One client at a time has it open; `.NAME.new` beside it is what a crash left of a new one.
/// When nothing is open and nobody has it open, it may be deleted. A file that holds something else
/// is refused, and left as it is.
///
/// It is for one account: a client with another account's key looks there for the jobs, and makes there
/// what it does not find.
///
/// It holds no key and no signed link. A request is noted by its hash alone, and can only be taken
/// up by submitting it again, if one of its links has a query, a fragment or a user, or a part that
/// looks drawn by chance: at least 16 letters and digits that keep changing between digits, small and
/// capital letters, as in UUIDs, hexadecimal and base64. What looks like a name is taken for one: a
/// secret of that kind in a path would be in the file, which on Unix only its owner may read.
///
/// ```no_run
/// use heygen_clips::{Client, CreateAiClipping, Resumed};
///
/// # async fn example() -> heygen_clips::Result<()> {
/// let client = Client::builder().api_key("key").journal("jobs.journal").build()?;
/// for resumed in client.resume_all().await? {
///     let Resumed::AiClipping(job) = resumed else {
///         eprintln!("{resumed:?}");
///         continue;
///     };
///     // One job that fails keeps no other from its clips.
///     match job.await {
///         Ok(job) => {
///             let folder = format!("clips/{}", job.id);
///             client.ai_clipping().download(&job, folder).await?;
///         }
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// let request = CreateAiClipping::from_url("https://example.com/talk.mp4");
/// let job = client.ai_clipping().submit(request).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    path: PathBuf,
    unreadable: usize,
    opened: Instant,
    /// Locked while a record is written, on a thread that may block. Writers come in turn.
    log: Arc<tokio::sync::Mutex<Log>>,
    /// Locked for a moment.
    live: Mutex<Live>,
}

struct Live {
    state: State,
    /// Being sent or looked for by this process, and whether that is `resume_all`.
    busy: HashMap<String, bool>,
    /// When this process last ended an attempt at an intent that is still open.
    tried: HashMap<String, Instant>,
    /// Open intents whose job this process was given.
    given: HashSet<String>,
}

/// Something that was submitted and is not done with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Intent {
    /// Its own id in the journal.
    pub id: String,
    /// The dialect of the job.
    pub dialect: Dialect,
    /// The server it was meant for.
    pub base_url: String,
    /// When it was first submitted.
    pub submitted_at: SystemTime,
    /// The job, if the server is known to have accepted it.
    pub job_id: Option<JobId>,
    /// The state in which the job ended, if that was seen.
    pub finished: Option<JobStatus>,
}

/// That this process is busy with an intent. Others leave it alone meanwhile.
pub(crate) struct Claim {
    journal: Journal,
    intent: String,
    has_sent: AtomicBool,
}

impl Journal {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let (log, contents) = file::open(path, now())?;
        Ok(Self::new(path, log, contents))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Lines that could not be read when it was opened, and were left as they are. One is what a
    /// crash may leave; more is worth a look.
    pub fn unreadable_lines(&self) -> usize {
        self.0.unreadable
    }

    /// What is open, the oldest first.
    pub fn intents(&self) -> Vec<Intent> {
        self.live().state.open().map(Intent::of).collect()
    }

    /// Gives an intent up: it is not sent again, whatever became of it at the server.
    ///
    /// # Errors
    ///
    /// [`Error::is_journal`] when that cannot be written.
    pub async fn discard(&self, intent: &Intent) -> Result<()> {
        if self.live().state.get(&intent.id).is_none() {
            return Ok(());
        }
        self.append(&intent.id, What::Closed).await
    }

    /// Notes that nobody needs a job any more.
    pub(crate) async fn close(&self, base_url: &str, job_id: &str) -> Result<()> {
        for entry in self.intents_of(base_url, job_id) {
            self.append(&entry.id, What::Closed).await?;
        }
        Ok(())
    }

    /// Notes how a job ended, and whether there is something to fetch. Where that cannot be written
    /// it will be seen again.
    pub(crate) async fn finished(
        &self,
        (base_url, job_id): (&str, &str),
        status: &JobStatus,
        has_clips: bool,
    ) {
        let entries = self.intents_of(base_url, job_id).into_iter();
        for entry in entries.filter(|entry| entry.finished.is_none()) {
            let status = status.as_str().to_owned();
            let finished = What::Finished { status, has_clips };
            let _ = self.append(&entry.id, finished).await;
        }
    }

    fn new(path: &Path, log: Log, contents: Contents) -> Self {
        Self(Arc::new(Inner {
            path: path.to_owned(),
            unreadable: contents.unreadable,
            opened: Instant::now(),
            log: Arc::new(tokio::sync::Mutex::new(log)),
            live: Mutex::new(Live {
                state: contents.state,
                busy: HashMap::new(),
                tried: HashMap::new(),
                given: HashSet::new(),
            }),
        }))
    }

    /// Comes back when the record is safe. Once begun it is written to the end, also when nobody
    /// waits for that any more.
    async fn append(&self, intent: &str, what: What) -> Result<()> {
        let record = Record {
            at: now(),
            intent: intent.to_owned(),
            what,
        };
        let mut log = Arc::clone(&self.0.log).lock_owned().await;
        let is_new = matches!(record.what, What::Intent(_));
        if is_new {
            // At once: who submits the same while this is written goes on with it.
            let mut live = self.live();
            live.state.forget(record.at);
            live.state.apply(record.clone());
        }
        let journal = self.clone();
        let written = blocking(move || {
            let written = log.append(&record);
            let mut live = journal.live();
            match &written {
                Ok(()) if is_new => {}
                Ok(()) => live.state.apply(record),
                Err(_) if is_new => live.state.apply(Record {
                    what: What::Closed,
                    ..record
                }),
                // As long as this process lives it is known: what is done with the job is done with the intent.
                Err(_) if matches!(record.what, What::Accepted { .. }) => live.state.apply(record),
                Err(_) => {}
            }
            Ok(written)
        });
        written.await.unwrap_or_else(|error| {
            let message = "the journal could not be written: its thread ended";
            Err(Error::new(Kind::Journal, message).with_cause(error))
        })
    }

    /// Begins a new intent.
    fn begin(&self, intent: &str) -> Claim {
        self.live().busy.insert(intent.to_owned(), false);
        self.claimed(intent)
    }

    /// The oldest intent that nobody is busy with, for `resume_all`.
    fn claim_any(&self) -> Option<(Claim, Entry)> {
        let mut live = self.live();
        let is_free = |entry: &&Entry| !live.busy.contains_key(&entry.id);
        let entry = live.state.open().find(is_free)?.clone();
        live.busy.insert(entry.id.clone(), true);
        drop(live);
        Some((self.claimed(&entry.id), entry))
    }

    /// The oldest intent of this kind that nobody is busy with, and whose job this process was not
    /// given. An error where `resume_all` is about to give one: its job is the one that is asked for,
    /// and `resume_all` may be waited for by whoever asks.
    fn claim_equal(&self, is_it: impl Fn(&Entry) -> bool) -> Result<Option<(Claim, Entry)>> {
        let mut live = self.live();
        let mut equal = live
            .state
            .open()
            .filter(|entry| is_it(entry) && !live.given.contains(&entry.id));
        let Some(entry) = equal.find(|entry| live.busy.get(&entry.id) != Some(&false)) else {
            return Ok(None);
        };
        if live.busy.contains_key(&entry.id) {
            let message = "an equal request is being taken up by resume_all: wait for what that \
                           gives (nothing was sent)";
            return Err(Error::new(Kind::Unresolved, message));
        }
        let entry = entry.clone();
        drop(equal);
        live.busy.insert(entry.id.clone(), false);
        drop(live);
        Ok(Some((self.claimed(&entry.id), entry)))
    }

    fn claimed(&self, intent: &str) -> Claim {
        Claim {
            journal: self.clone(),
            intent: intent.to_owned(),
            has_sent: AtomicBool::new(false),
        }
    }

    /// When the last attempt at an intent had surely ended: this process knows of its own, and
    /// those of others ended before it could open the file.
    fn last_attempt(&self, intent: &str) -> Instant {
        let tried = self.live().tried.get(intent).copied();
        tried.unwrap_or(self.0.opened)
    }

    fn is_of_another(&self, job_id: &str, intent: &str) -> bool {
        self.live().state.is_of_another(job_id, intent)
    }

    /// When a key was first used, if it was.
    fn key_since(&self, wanted: &Wanted) -> Option<u64> {
        let now = now();
        let since = self.live().state.first_use(wanted, now);
        (since < now).then_some(since)
    }

    /// Whether another job of this title is wanted and not known yet.
    fn wants_another(&self, entry: &Entry, title: &str) -> bool {
        let live = self.live();
        // The server may have shortened either.
        let is_alike = |other: &str| resume::is_like(other, title) || resume::is_like(title, other);
        live.state.open().any(|other| {
            let wanted = &other.wanted;
            other.id != entry.id
                && other.job_id.is_none()
                && wanted.title.as_deref().is_some_and(is_alike)
                && wanted.base_url == entry.wanted.base_url
        })
    }

    fn intents_of(&self, base_url: &str, job_id: &str) -> Vec<Entry> {
        let live = self.live();
        live.state.of_job(base_url, job_id).cloned().collect()
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("path", &self.0.path)
            .field("intents", &self.intents())
            .finish_non_exhaustive()
    }
}

impl Claim {
    fn intent(&self) -> &str {
        &self.intent
    }

    /// From now on the request may be under way.
    fn sends(&self) {
        self.has_sent.store(true, Ordering::Relaxed);
    }

    /// As it is known by now.
    fn entry(&self) -> Option<Entry> {
        self.journal.live().state.get(&self.intent).cloned()
    }

    async fn note(&self, what: What) -> Result<()> {
        self.journal.append(&self.intent, what).await
    }

    /// The caller gets the job now.
    fn gives(&self) {
        let Live { state, given, .. } = &mut *self.journal.live();
        given.retain(|intent| state.get(intent).is_some());
        given.insert(self.intent.clone());
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut live = self.journal.live();
        live.busy.remove(&self.intent);
        let entry = live.state.get(&self.intent);
        let is_open = entry.is_some_and(|entry| entry.job_id.is_none());
        if !is_open {
            live.tried.remove(&self.intent);
        } else if self.has_sent.load(Ordering::Relaxed) {
            live.tried.insert(self.intent.clone(), Instant::now());
        }
    }
}

impl Intent {
    fn of(entry: &Entry) -> Self {
        let submitted_at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(entry.at));
        Self {
            id: entry.id.clone(),
            dialect: entry.wanted.dialect,
            base_url: entry.wanted.base_url.clone(),
            submitted_at: submitted_at.unwrap_or(SystemTime::UNIX_EPOCH),
            job_id: entry.job_id.clone(),
            finished: entry.finished.as_deref().map(JobStatus::from),
        }
    }
}

/// Unix seconds.
fn now() -> u64 {
    let since = platform::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::AtomicUsize;

    use super::file::tests::Memory;
    use super::*;
    use crate::client::Client;
    use crate::transport::{Request, Response, Sending, Transport};
    use crate::{CreateAiClipping, CreateClips};

    struct Counting(Arc<AtomicUsize>);

    impl Transport for Counting {
        fn send(&self, _: Request) -> Sending<'_> {
            self.0.fetch_add(1, Ordering::Relaxed);
            let body = r#"{"data":{"clip_job_id":"j","ai_clipping_id":"j"}}"#;
            Box::pin(async move { Ok(Response::from(http::Response::new(body))) })
        }
    }

    #[tokio::test]
    async fn on_a_full_disk_nothing_is_sent() {
        let (disk, sent) = (Memory::default(), Arc::new(AtomicUsize::new(0)));
        let (log, contents) = Log::on(disk.clone(), 0).unwrap();
        let journal = Journal::new(Path::new("journal"), log, contents);
        let builder = Client::builder().api_key("any");
        let client = builder.transport(Counting(Arc::clone(&sent)));
        let client = client.with_open_journal(journal).build().unwrap();
        let url = "https://example.com/talk.mp4";
        let errors = [
            client
                .clips()
                .submit(CreateClips::from_url(url))
                .await
                .err(),
            client
                .ai_clipping()
                .submit(CreateAiClipping::from_url(url))
                .await
                .err(),
        ];
        for error in errors.map(Option::unwrap) {
            assert!(error.is_journal(), "{error}");
            assert!(error.to_string().ends_with("(nothing was sent)"), "{error}");
        }
        assert_eq!(sent.load(Ordering::Relaxed), 0);
        assert_eq!(*disk.bytes.lock().unwrap(), b"");

        *disk.room.lock().unwrap() = 100_000;
        let job = client.clips().submit(CreateClips::from_url(url)).await;
        assert_eq!(job.unwrap().id().as_str(), "j");
        assert_eq!(sent.load(Ordering::Relaxed), 1);

        // There is room for the intent, and not for what became of it.
        let intent = disk
            .bytes
            .lock()
            .unwrap()
            .split(|byte| *byte == b'\n')
            .next()
            .map(<[u8]>::len);
        *disk.room.lock().unwrap() = disk.bytes.lock().unwrap().len() + intent.unwrap() + 1;
        let job = client
            .clips()
            .submit(CreateClips::from_url(url))
            .await
            .unwrap();
        let known = |intents: Vec<Intent>| intents.last().and_then(|intent| intent.job_id.clone());
        assert_eq!(known(client.journal().unwrap().intents()), Some("j".into()));
        *disk.room.lock().unwrap() = 100_000;
        job.close().await.unwrap();
        assert_eq!(
            client.journal().unwrap().intents(),
            [],
            "both, which became one job"
        );
        let (_, contents) = Log::on(disk, 0).unwrap();
        assert_eq!(contents.state.open().count(), 0);
    }

    /// Refuses creates for now; while it is asked for the list, an earlier answer is noted.
    struct Late(Arc<AtomicUsize>, std::sync::OnceLock<Client>);

    impl Transport for Arc<Late> {
        fn send(&self, request: Request) -> Sending<'_> {
            Box::pin(async move {
                let answer = http::Response::builder();
                if request.method() != http::Method::GET {
                    self.0.fetch_add(1, Ordering::Relaxed);
                    return Ok(Response::from(answer.status(503).body("").unwrap()));
                }
                let journal = self.1.get().unwrap().journal().unwrap();
                let intent = journal.intents().remove(0);
                let job_id = JobId::from("j");
                journal
                    .append(&intent.id, What::Accepted { job_id })
                    .await
                    .unwrap();
                Ok(Response::from(
                    answer.body(r#"{"data":[],"has_more":false}"#).unwrap(),
                ))
            })
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_noted_while_the_job_is_looked_for_is_the_job() {
        let disk = Memory::default();
        *disk.room.lock().unwrap() = 100_000;
        let (log, contents) = Log::on(disk, 0).unwrap();
        let journal = Journal::new(Path::new("journal"), log, contents);
        let server = Arc::new(Late(Arc::default(), std::sync::OnceLock::new()));
        let builder = Client::builder().api_key("any").settle_time(Duration::ZERO);
        let builder = builder
            .transport(Arc::clone(&server))
            .retries(crate::Retries::none());
        let client = builder.with_open_journal(journal).build().unwrap();
        server.1.set(client.clone()).unwrap();
        let request = || CreateClips::from_url("https://example.com/talk.mp4");
        client.clips().submit(request()).await.unwrap_err();
        let job = client.clips().submit(request()).await.unwrap();
        assert_eq!(job.id().as_str(), "j");
        assert_eq!(server.0.load(Ordering::Relaxed), 1, "the first alone");
    }
}
