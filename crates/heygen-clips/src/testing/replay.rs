//! Answers from a recording.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::answer::Answer;
use super::cassette::{Asked, Cassette, Entry};
use super::redact::Redaction;
use crate::error::{Error, Kind, Result};
use crate::transport::{Request, Sending, Transport};

/// Answers from what a [`Recorder`](super::Recorder) wrote, in the order in which it was recorded.
/// Clones share what is left.
///
/// Requests are alike when their method, path, query, range and JSON body are; of signed links the
/// query does not count. What is asked beyond the recording gets 501 `not_in_cassette`, which is
/// not sent again.
///
/// ```no_run
/// use heygen_clips::Client;
/// use heygen_clips::testing::Replay;
///
/// # async fn example() -> heygen_clips::Result<()> {
/// let replay = Replay::open("tests/one_job.json")?;
/// let client = Client::builder().api_key("any").transport(replay).build()?;
/// client.clips().get("clip_abc123").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Replay {
    path: PathBuf,
    entries: Arc<Mutex<Vec<Recorded>>>,
}

struct Recorded {
    entry: Entry,
    used: bool,
}

impl Replay {
    /// Reads a recording.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is no recording of this version.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let text = std::fs::read(&path)
            .map_err(|error| Error::file(format!("cannot read {}", path.display()), error))?;
        let cassette: Cassette =
            serde_json::from_slice(&text).map_err(|error| unreadable(&path, &error.to_string()))?;
        if cassette.version != Cassette::VERSION {
            let reason = format!("its version is {}", cassette.version);
            return Err(unreadable(&path, &reason));
        }
        let entries = cassette.calls.into_iter();
        let entries = entries.map(|entry| Recorded { entry, used: false });
        Ok(Self {
            path,
            entries: Arc::new(Mutex::new(entries.collect())),
        })
    }

    /// How many recorded calls nobody has made yet.
    pub fn left(&self) -> usize {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().filter(|recorded| !recorded.used).count()
    }

    fn answer(&self, asked: &Asked) -> Answer {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let mut alike = 0;
        let next = entries.iter_mut().find(|recorded| {
            let is_alike = recorded.entry.asked == *asked;
            alike += usize::from(is_alike);
            is_alike && !recorded.used
        });
        let missing = match next {
            Some(recorded) => {
                recorded.used = true;
                match recorded.entry.answer() {
                    Ok(answer) => return answer,
                    Err(reason) => format!("has an answer that is none ({reason})"),
                }
            }
            None if alike > 0 => format!("has only {alike} of it: record again"),
            None => "does not have it: record again".to_owned(),
        };
        let (method, url, path) = (&asked.method, &asked.url, self.path.display());
        let message = format!("{method} {url}: the cassette {path} {missing}");
        Answer::refusal(501, "not_in_cassette", &message)
    }
}

impl Transport for Replay {
    fn send(&self, request: Request) -> Sending<'_> {
        let asked = Asked::of(&request, &Redaction::new(request.headers()));
        Box::pin(self.answer(&asked).into_response())
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay")
            .field("path", &self.path)
            .field("left", &self.left())
            .finish()
    }
}

fn unreadable(path: &Path, reason: &str) -> Error {
    let message = format!(
        "{} is no cassette of this version: {reason}",
        path.display()
    );
    Error::new(Kind::Config, message)
}
