//! The bytes of one file, over as many connections and links as it takes.
//!
//! A connection that breaks is followed by another that goes on at the same byte; a link that has
//! expired by a fresh one. That the pieces are of one file is checked by ETag (or date), length and
//! `Content-Range`. Where the bytes go is the caller's business.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_RANGE,
    LAST_MODIFIED, RANGE,
};

use super::link::{self, Answer, failure};
use super::source::{FileOf, Links};
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::platform;
use crate::retry;

/// Attempts in a row that bring no new byte before it is given up.
const MOST_IDLE: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// No pause is longer, unless the store asks for it.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Nor is one that the store asks for (`Retry-After`).
const LONGEST_ASKED: Duration = Duration::from_secs(120);
/// A connection that brought as much is followed by the next one at once.
const WORTH_IT: u64 = 16 << 10;

/// What is known of a file whose first bytes are there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// How many bytes are there.
    pub(super) offset: u64,
    /// How many it has.
    pub(super) total: Option<u64>,
    /// Its strong ETag, else its date: what `If-Range` takes.
    pub(super) version: Option<String>,
}

/// What comes next.
pub(super) enum Step {
    Bytes(Bytes),
    /// All that came before is void: the file has changed, or the store gives it only from its
    /// beginning.
    Restart,
    End,
}

/// A file on its way.
pub(super) struct Fetch {
    client: Client,
    links: Arc<Links>,
    clip: String,
    file: FileOf,
    /// Empty until it is asked for.
    link: String,
    /// Whether the link was just renewed and has brought nothing yet.
    is_fresh: bool,
    known: Known,
    body: Option<Answer>,
    /// Bytes at the beginning of the body that are there already.
    skip: u64,
    /// Where in the file the body should end, if that was said.
    end: Option<u64>,
    /// Whether the store can be asked for a part.
    has_ranges: bool,
    /// The most bytes that were ever there at the end of a connection.
    furthest: u64,
    idle: u32,
    pauses: ExponentialBackoff,
}

impl Fetch {
    pub(super) fn new(
        client: Client,
        links: Arc<Links>,
        clip: &str,
        file: FileOf,
        known: Known,
    ) -> Self {
        Self {
            client,
            links,
            clip: clip.to_owned(),
            file,
            link: String::new(),
            is_fresh: false,
            furthest: known.offset,
            known,
            body: None,
            skip: 0,
            end: None,
            has_ranges: true,
            idle: 0,
            pauses: pauses(),
        }
    }

    /// What is known of the file; complete as soon as the first byte came.
    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    /// Connects, so that the length is known before the first byte is asked for.
    pub(super) async fn connect(&mut self) -> Result<()> {
        while self.body.is_none() && !self.is_complete() {
            if self.open().await? {
                return Err(changed());
            }
        }
        Ok(())
    }

    pub(super) async fn next(&mut self) -> Result<Step> {
        loop {
            if self.body.is_none() {
                if self.is_complete() {
                    return Ok(Step::End);
                }
                if self.open().await? {
                    return Ok(Step::Restart);
                }
            }
            let Some(body) = &mut self.body else { continue };
            match body.chunk().await {
                Ok(Some(bytes)) => {
                    let bytes = self.without_known(bytes);
                    if bytes.is_empty() {
                        continue;
                    }
                    let offset = self.known.offset + bytes.len() as u64;
                    if self.end.is_some_and(|end| offset > end) {
                        let was_begun = self.start_over();
                        let error = failure("the file store sent more bytes than it announced");
                        self.again(error, None).await?;
                        if was_begun {
                            return Ok(Step::Restart);
                        }
                        continue;
                    }
                    self.known.offset = offset;
                    return Ok(Step::Bytes(bytes));
                }
                Ok(None) => {
                    self.body = None;
                    let offset = self.known.offset;
                    if (offset > 0 || self.may_be_empty()) && self.skip == 0 {
                        // Without a length the end of the body is the end of the file.
                        self.known.total.get_or_insert(offset);
                    }
                    if !self.is_complete() {
                        let total = self.known.total;
                        let total = total.map_or("some".to_owned(), |total| total.to_string());
                        let message =
                            format!("the file was cut off: {offset} of {total} bytes came");
                        self.again(Error::new(Kind::Network, message), None).await?;
                    }
                }
                Err(error) => {
                    self.body = None;
                    self.again(error, None).await?;
                }
            }
        }
    }

    fn is_complete(&self) -> bool {
        let offset = self.known.offset;
        (offset > 0 || self.may_be_empty()) && self.known.total == Some(offset)
    }

    /// An empty video is none. Captions of a clip in which nobody speaks may be empty.
    fn may_be_empty(&self) -> bool {
        matches!(self.file, FileOf::Captions)
    }

    /// Cuts off what a store without ranges has sent again.
    fn without_known(&mut self, mut bytes: Bytes) -> Bytes {
        let cut = usize::try_from(self.skip).unwrap_or(usize::MAX);
        let rest = bytes.split_off(cut.min(bytes.len()));
        self.skip -= bytes.len() as u64;
        rest
    }

    /// Asks for the rest of the file. On return there is a body, or reason to ask again; `true`
    /// when the bytes that came before are void.
    async fn open(&mut self) -> Result<bool> {
        if self.link.is_empty() {
            self.link = self.links.current(&self.clip, self.file).await?;
        }
        let headers = self.headers()?;
        let answer = match link::get(&self.client, &self.link, &headers).await {
            Ok(answer) => answer,
            Err(error) if error.is_network() || error.is_timeout() => {
                self.again(error, None).await?;
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        let status = answer.status();
        match status.as_u16() {
            200 => self.whole(answer),
            206 => self.part(answer, !headers.is_empty()).await,
            416 if !headers.is_empty() => {
                // Shorter than what is there already: it is another file.
                let was_begun = self.start_over();
                self.again(refused(&self.clip, status), None).await?;
                Ok(was_begun)
            }
            // Stores answer each of these for a link past its time.
            403 | 404 | 410 => {
                self.renew(refused(&self.clip, status)).await?;
                Ok(false)
            }
            _ if retry::may_pass(status) => {
                let asked = answer.retry_after();
                self.again(refused(&self.clip, status), asked).await?;
                Ok(false)
            }
            _ => Err(refused(&self.clip, status)),
        }
    }

    fn headers(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        if self.known.offset == 0 || !self.has_ranges {
            return Ok(headers);
        }
        let odd = |_| failure("the file store gave an ETag that cannot be sent back");
        let range = format!("bytes={}-", self.known.offset);
        headers.insert(RANGE, HeaderValue::try_from(range).map_err(odd)?);
        if let Some(version) = &self.known.version {
            headers.insert(IF_RANGE, HeaderValue::try_from(version).map_err(odd)?);
        }
        Ok(headers)
    }

    /// The file from its beginning, asked for or not.
    fn whole(&mut self, answer: Answer) -> Result<bool> {
        check_kind(&answer)?;
        self.is_fresh = false;
        let (version, total) = (version(&answer), answer.length());
        let is_same = version.is_some() && version == self.known.version;
        let is_same = is_same && (total.is_none() || total == self.known.total);
        let void = !is_same && self.start_over();
        self.skip = self.known.offset;
        self.known.version = version;
        self.known.total = total.or(self.known.total);
        self.end = self.known.total;
        self.body = Some(answer);
        Ok(void)
    }

    /// The rest of the file, if it is that.
    async fn part(&mut self, answer: Answer, was_asked: bool) -> Result<bool> {
        check_kind(&answer)?;
        self.is_fresh = false;
        let version = version(&answer);
        let is_same = match (&version, &self.known.version) {
            (Some(new), Some(old)) => new == old,
            _ => true,
        };
        let part = was_asked
            .then(|| range(&answer, self.known.offset))
            .flatten();
        match part {
            Some((end, total))
                if is_same && self.known.total.is_none_or(|known| known == total) =>
            {
                self.known.total = Some(total);
                self.end = Some(end);
                self.skip = 0;
                self.body = Some(answer);
                Ok(false)
            }
            _ => {
                // A store that is wrong about ranges is asked for none any more.
                self.has_ranges = !is_same && part.is_some();
                let was_begun = self.start_over();
                let error = failure("the file store sent another part than was asked for");
                self.again(error, None).await?;
                Ok(was_begun)
            }
        }
    }

    /// Forgets what came; `true` if anything did.
    fn start_over(&mut self) -> bool {
        self.body = None;
        self.skip = 0;
        std::mem::take(&mut self.known).offset > 0
    }

    /// Reads the job again for another link, which is not done twice in vain.
    async fn renew(&mut self, error: Error) -> Result<()> {
        if self.is_fresh {
            return Err(error);
        }
        match self.links.renewed(&self.clip, self.file, &self.link).await {
            Ok(renewed) => {
                self.link = renewed.link;
                self.is_fresh = renewed.is_fresh;
                self.count();
                Ok(())
            }
            Err(error) if error.is_retryable() => {
                let asked = error.retry_after();
                self.again(error, asked).await
            }
            Err(error) => Err(error),
        }
    }

    /// Pauses before the next attempt, unless there were too many that brought nothing.
    async fn again(&mut self, error: Error, asked: Option<Duration>) -> Result<()> {
        let brought = self.count();
        if self.idle >= MOST_IDLE {
            return Err(error);
        }
        if brought < WORTH_IT {
            let pause = self.pauses.next().unwrap_or(LONGEST_PAUSE);
            let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
            platform::sleep(pause.min(LONGEST_PAUSE).max(asked)).await;
        }
        Ok(())
    }

    /// Counts an attempt by what it brought: new bytes wipe the slate clean.
    fn count(&mut self) -> u64 {
        let brought = self.known.offset.saturating_sub(self.furthest);
        if brought > 0 {
            self.furthest = self.known.offset;
            self.idle = 0;
            self.pauses = pauses();
        } else {
            self.idle += 1;
        }
        brought
    }
}

pub(super) fn changed() -> Error {
    failure("the file at the store is another one than a moment ago: fetch it again from its start")
}

fn pauses() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .with_jitter()
        .without_max_times()
        .build()
}

fn refused(clip: &str, status: StatusCode) -> Error {
    failure(format!("the file store refused clip {clip}")).with_status(status)
}

/// What tells this content from another at the same place.
fn version(answer: &Answer) -> Option<String> {
    let etag = answer
        .header(&ETAG)
        .filter(|etag| etag.starts_with('"') && etag.len() > 2);
    etag.or_else(|| answer.header(&LAST_MODIFIED))
        .map(str::to_owned)
}

fn check_kind(answer: &Answer) -> Result<()> {
    let is_page = answer.header(&CONTENT_TYPE).is_some_and(|kind| {
        kind.trim_start()
            .to_ascii_lowercase()
            .starts_with("text/html")
    });
    if is_page {
        return Err(failure(
            "the file store answered with an HTML page instead of a file",
        ));
    }
    match answer.header(&CONTENT_ENCODING) {
        None | Some("identity") => Ok(()),
        Some(_) => Err(failure("the file store sent the file packed, unasked")),
    }
}

/// Where the part ends and the whole file does, if the answer is its part from `offset` on.
fn range(answer: &Answer, offset: u64) -> Option<(u64, u64)> {
    let text = answer.header(&CONTENT_RANGE)?.strip_prefix("bytes ")?;
    let (span, total) = text.split_once('/')?;
    let (first, last) = span.split_once('-')?;
    let (first, last): (u64, u64) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let total: u64 = total.trim().parse().ok()?;
    let length = last.checked_sub(first)?.checked_add(1)?;
    let is_right =
        first == offset && last < total && answer.length().is_none_or(|told| told == length);
    is_right.then(|| (last + 1, total))
}
