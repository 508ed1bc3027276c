//! A job's clips and captions into a folder.
//!
//! Each file is written beside its place under a temporary name and renamed when it is whole, so
//! that a file with a clip's name is a whole clip. A link that has expired is renewed once by
//! reading the job again.

use std::future::IntoFuture;
use std::io;
use std::path::{Path, PathBuf};

use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use reqwest::header::CONTENT_TYPE;
use tokio::io::AsyncWriteExt;

use super::link::{self, failure};
use super::names;
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::job::{FinishedClip, JobView, Reading};

/// Clips fetched at once.
const PARALLEL: usize = 4;

type Refresh<J> = Box<dyn Fn() -> Reading<J> + Send + Sync>;

/// A download that has not begun; `.await` it. Made by [`Clips::download`](crate::Clips::download)
/// and [`AiClipping::download`](crate::AiClipping::download).
///
/// Gives what was written, in the order of the job. Names are made from the position in the job and
/// the label, `01-why-we-changed-our-pricing.mp4` and `.vtt`, so that a clip has the same name
/// whenever it is fetched; a file that has such a name is replaced.
/// When a clip fails the others are still fetched, and the error is that of the first that failed.
///
/// ```no_run
/// # async fn example(client: heygen_clips::Client) -> heygen_clips::Result<()> {
/// let clips = client.clips();
/// let job = clips.job("clip_abc123").await?;
/// for clip in clips.download(&job, "clips").await? {
///     println!("{} ({} bytes)", clip.video.display(), clip.video_bytes);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a download does nothing until it is awaited"]
pub struct Download<J> {
    client: Client,
    job_id: String,
    unfinished: Option<String>,
    wanted: Vec<Wanted>,
    folder: PathBuf,
    captions: bool,
    refresh: Refresh<J>,
}

/// A clip on disk.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct DownloadedClip {
    /// Id of the clip.
    pub id: String,
    /// Its title, if it has one.
    pub label: Option<String>,
    /// The MP4.
    pub video: PathBuf,
    /// Its size.
    pub video_bytes: u64,
    /// The WebVTT captions, where the clip has any.
    pub captions: Option<PathBuf>,
}

/// A clip to fetch.
struct Wanted {
    position: usize,
    id: String,
    label: Option<String>,
    links: Links,
}

#[derive(Clone)]
struct Links {
    video: String,
    captions: Option<String>,
}

impl<J: JobView> Download<J> {
    pub(crate) fn new(
        client: Client,
        job: &J,
        folder: &Path,
        refresh: impl Fn() -> Reading<J> + Send + Sync + 'static,
    ) -> Self {
        let status = job.job_status();
        let clips = job.finished_clips();
        let unfinished = (clips.is_empty() && !status.is_final()).then(|| status.to_string());
        let wanted = clips.into_iter().map(Wanted::new).collect();
        Self {
            client,
            job_id: job.job_id().to_owned(),
            unfinished,
            wanted,
            folder: folder.to_owned(),
            captions: true,
            refresh: Box::new(refresh),
        }
    }

    /// Whether to fetch caption files too (default yes).
    pub fn captions(mut self, captions: bool) -> Self {
        self.captions = captions;
        self
    }

    async fn run(self) -> Result<Vec<DownloadedClip>> {
        if let Some(status) = &self.unfinished {
            return Err(failure(format!(
                "job {} is {status} and has no clips yet: wait for it first",
                self.job_id
            )));
        }
        tokio::fs::create_dir_all(&self.folder)
            .await
            .map_err(|error| {
                Error::file(
                    format!("cannot make the folder {}", self.folder.display()),
                    error,
                )
            })?;
        // Boxed one by one: a stream of closures over `&self` is not provably `Send`.
        let fetches: Vec<_> = self
            .wanted
            .iter()
            .map(|wanted| self.fetch(wanted).boxed())
            .collect();
        let results: Vec<_> = stream::iter(fetches).buffered(PARALLEL).collect().await;
        let written = results.iter().filter(|result| result.is_ok()).count();
        results.into_iter().collect::<Result<_>>().map_err(|error| {
            error.with_job(&self.job_id, None).with_context(&format!(
                "{written} of {} clips are in {}",
                self.wanted.len(),
                self.folder.display()
            ))
        })
    }

    async fn fetch(&self, wanted: &Wanted) -> Result<DownloadedClip> {
        let stem = names::stem(wanted.position, wanted.label.as_deref(), &wanted.id);
        let video = self.folder.join(format!("{stem}.mp4"));
        let mut links = wanted.links.clone();
        let video_bytes = self
            .file(wanted, &mut links, |links| Some(&links.video), &video)
            .await?;
        let captions = self.folder.join(format!("{stem}.vtt"));
        let has_captions = self.captions && links.captions.is_some();
        if has_captions {
            self.file(
                wanted,
                &mut links,
                |links| links.captions.as_deref(),
                &captions,
            )
            .await?;
        }
        Ok(DownloadedClip {
            id: wanted.id.clone(),
            label: wanted.label.clone(),
            video,
            video_bytes,
            captions: has_captions.then_some(captions),
        })
    }

    /// Fetches one file; renews the clip's links once when they have expired.
    async fn file(
        &self,
        wanted: &Wanted,
        links: &mut Links,
        which: impl Fn(&Links) -> Option<&str>,
        path: &Path,
    ) -> Result<u64> {
        let mut renewed = false;
        loop {
            let link = which(links).ok_or_else(|| gone(&wanted.id))?;
            let opened = link::open(&self.client, link).await?;
            let status = opened.response.status();
            if status.is_success() {
                return save(opened, path).await;
            }
            // Stores answer either for a link past its time.
            let is_expired = matches!(status.as_u16(), 403 | 404 | 410);
            if renewed || !is_expired {
                let message = format!("the file store refused clip {}", wanted.id);
                return Err(failure(message).with_status(status));
            }
            *links = self.renew(&wanted.id).await?;
            renewed = true;
        }
    }

    async fn renew(&self, clip: &str) -> Result<Links> {
        let job = (self.refresh)().await?;
        let clips = job.finished_clips();
        let clip = clips
            .into_iter()
            .find(|other| other.id == clip)
            .ok_or_else(|| gone(clip))?;
        Ok(Links {
            video: clip.video_url,
            captions: clip.caption_url,
        })
    }
}

impl<J: JobView> IntoFuture for Download<J> {
    type Output = Result<Vec<DownloadedClip>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl Wanted {
    fn new(clip: FinishedClip) -> Self {
        Self {
            position: clip.position,
            id: clip.id,
            label: clip.label,
            links: Links {
                video: clip.video_url,
                captions: clip.caption_url,
            },
        }
    }
}

fn gone(clip: &str) -> Error {
    failure(format!("the job no longer has a file for clip {clip}"))
}

/// Writes a body to its place, whole or not at all.
async fn save(mut opened: link::Opened, path: &Path) -> Result<u64> {
    let headers = opened.response.headers();
    let is_page = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page {
        return Err(failure(
            "the file store answered with an HTML page instead of a file",
        ));
    }
    let announced = opened.response.content_length();
    let cannot = |error| Error::file(format!("cannot write {}", path.display()), error);

    let folder = path.parent().unwrap_or(Path::new("."));
    let temporary = part_file(folder).map_err(cannot)?;
    let (file, place) = temporary.into_parts();
    let mut file = tokio::fs::File::from_std(file);
    let mut written = 0;
    while let Some(chunk) = opened.chunk().await? {
        file.write_all(&chunk).await.map_err(cannot)?;
        written += chunk.len() as u64;
    }
    if announced.is_some_and(|announced| announced != written) || written == 0 {
        let announced = announced.map_or("some".to_owned(), |bytes| bytes.to_string());
        return Err(Error::new(
            Kind::Network,
            format!("the file was cut off: {written} of {announced} bytes came"),
        ));
    }
    // The rename must not come before the bytes.
    file.sync_all().await.map_err(cannot)?;
    place.persist(path).map_err(|error| cannot(error.error))?;
    Ok(written)
}

/// A hidden file beside the target; removed when dropped before it is renamed.
fn part_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".clip-").suffix(".part");
    // A temporary file is private by default; a finished clip has the permissions of any file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}
