//! A job's clips and captions into a folder: which files, under which names, and what is told of
//! them. How a file's bytes come is the business of `fetch`, how they get onto the disk of `part`.

use std::fmt;
use std::fs;
use std::future::IntoFuture;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};

use super::fetch::{Fetch, Step};
use super::folder::Missing;
use super::link::failure;
use super::manifest::{Claim, ManifestClip, ManifestFile};
use super::part::Part;
use super::source::{FileOf, Links};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::job::events::{ended_badly, reason};
use crate::job::{FinishedClip, JobStatus, JobView, Reading};
use crate::platform::blocking;

/// Clips fetched at once.
const PARALLEL: usize = 4;

type Watcher = Box<dyn Fn(DownloadProgress<'_>) + Send + Sync>;

/// A download that has not begun; `.await` it. Made by [`Clips::download`](crate::Clips::download)
/// and [`AiClipping::download`](crate::AiClipping::download).
///
/// Gives what is in the folder, in the order of the job. Names are made from the position in the
/// job and the label, `01-why-we-changed-our-pricing.mp4` and `.vtt`, so that a clip has the same
/// name whenever it is fetched; a file that has such a name is replaced. Beside them
/// `clips.json` lists what is there, see [`Manifest`](crate::Manifest). A folder with the list of another job is refused,
/// unless it is to be [overwritten](Download::overwrite): no job's clips are lost to another's.
///
/// A file with a clip's name is a whole clip: until then it is hidden beside its place. Broken
/// connections are taken up at the byte where they broke, as long as each brings something; a link
/// that has expired is replaced by reading the job again. What is left of an interrupted download
/// is used by the next one, and a clip that is there already, as the list says, is not fetched
/// again. When a clip fails the others are still fetched, and the error is that of the first that
/// failed. A job that failed or was cancelled and has no clips is an error, with the vendor's reason
/// ([`Error::is_job_failed`]); so is one that has none yet. A store that neither says how long a file is
/// nor sends it in chunks says that it is whole by closing the connection, and is believed.
///
/// ```no_run
/// # async fn example(client: heygen_clips::Client) -> heygen_clips::Result<()> {
/// let clips = client.clips();
/// let job = clips.get("clip_abc123").await?;
/// let download = clips.download(&job, "clips").parallel(2).on_progress(|now| {
///     eprintln!("{}: {} of {:?} bytes", now.clip_id, now.bytes, now.total);
/// });
/// for clip in download.await? {
///     println!("{} ({} bytes)", clip.video.display(), clip.video_bytes);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a download does nothing until it is awaited"]
pub struct Download {
    client: Client,
    job_id: String,
    /// Why there is nothing to fetch, where there should be.
    fault: Option<Error>,
    /// No more clips will come, and these are all.
    is_final: bool,
    clips: Vec<FinishedClip>,
    links: Arc<Links>,
    folder: PathBuf,
    captions: bool,
    overwrite: bool,
    parallel: usize,
    watcher: Option<Watcher>,
}

/// As [`Download`], of one clip: it need not wait until the others of its job are made. Made by
/// [`Clips::download_clip`](crate::Clips::download_clip) and
/// [`AiClipping::download_clip`](crate::AiClipping::download_clip).
///
/// ```no_run
/// # async fn example(client: heygen_clips::Client) -> heygen_clips::Result<()> {
/// use heygen_clips::JobView as _;
///
/// let jobs = client.ai_clipping();
/// let job = jobs.get("aic_abc123").await?;
/// for clip in job.finished_clips() {
///     let file = jobs.download_clip(&clip, "clips").await?;
///     println!("{}", file.video.display());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a download does nothing until it is awaited"]
pub struct DownloadClip(Download);

/// How far the video of a clip is, for [`Download::on_progress`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DownloadProgress<'a> {
    /// Id of the clip.
    pub clip_id: &'a str,
    /// Bytes that are there. May fall back to 0 where the store cannot go on.
    pub bytes: u64,
    /// Bytes of the whole video, if the store says so.
    pub total: Option<u64>,
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
    /// The WebVTT captions, where the clip has any and they were to be fetched.
    pub captions: Option<PathBuf>,
    /// Whether the server has a caption file of the clip. If not, though captions were
    /// [asked for](crate::CreateClips::captions), it could make none. `/v3/ai-clipping` has caption
    /// files of no clip.
    pub has_caption_file: bool,
}

impl Download {
    pub(crate) fn new<J: JobView>(
        client: Client,
        job: &J,
        folder: &Path,
        read_job: impl Fn() -> Reading<J> + Send + Sync + 'static,
    ) -> Self {
        let status = job.job_status();
        let clips = job.finished_clips();
        let id = job.job_id();
        let fault = match &status {
            _ if !clips.is_empty() => None,
            JobStatus::Completed => None,
            JobStatus::Failed | JobStatus::Cancelled => {
                Some(ended_badly(id, status.clone(), &reason(job)))
            }
            _ => {
                let message =
                    format!("job {id} is {status} and has no clips yet: wait for it first");
                Some(failure(message).with_job(id, Some(status.clone())))
            }
        };
        let links = Links::new(&clips, read_job);
        Self {
            client,
            job_id: id.to_owned(),
            fault,
            is_final: status.is_final() && job.has_all_clips(),
            clips,
            links: Arc::new(links),
            folder: folder.to_owned(),
            captions: true,
            overwrite: false,
            parallel: PARALLEL,
            watcher: None,
        }
    }

    /// Whether to fetch caption files too (default yes).
    pub fn captions(mut self, captions: bool) -> Self {
        self.captions = captions;
        self
    }

    /// Whether to fetch what is there already, whole and of this job, and to replace the clips of
    /// another job in the folder (default no).
    pub fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// How many clips are fetched at once (default 4).
    pub fn parallel(mut self, clips: usize) -> Self {
        self.parallel = clips.max(1);
        self
    }

    /// Called with each piece of a video that arrived, and once for a video that was there already.
    pub fn on_progress(
        mut self,
        watcher: impl Fn(DownloadProgress<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.watcher = Some(Box::new(watcher));
        self
    }

    async fn make_folder(&self) -> Result<()> {
        let folder = self.folder.clone();
        let made = blocking(|| fs::create_dir_all(folder)).await;
        made.map_err(|error| {
            let message = format!("cannot make the folder {}", self.folder.display());
            Error::file(message, error)
        })
    }

    async fn run(self) -> Result<Vec<DownloadedClip>> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if self.clips.is_empty() {
            self.note_end().await;
            return Ok(Vec::new());
        }
        // Where nothing comes, nothing is left.
        let _made = Missing::on_the_way_to(&self.folder);
        self.make_folder().await?;
        // Before anything is fetched: what stands there may not be ours to replace.
        let claim = Claim::of(&self.folder, &self.job_id, self.overwrite).await;
        let claim = claim.map_err(|error| error.with_job(&self.job_id, None))?;
        // Boxed one by one: a stream of closures over `&self` is not provably `Send`.
        let fetches: Vec<_> = self
            .clips
            .iter()
            .map(|clip| self.fetch(clip, &claim).boxed())
            .collect();
        let results: Vec<_> = stream::iter(fetches)
            .buffered(self.parallel)
            .collect()
            .await;
        let written = results.iter().filter(|result| result.is_ok()).count();
        if written == results.len() {
            self.note_end().await;
        }
        results.into_iter().collect::<Result<_>>().map_err(|error| {
            error.with_job(&self.job_id, None).with_context(&format!(
                "{written} of {} clips are in {}",
                self.clips.len(),
                self.folder.display()
            ))
        })
    }

    /// All clips of the job are here.
    async fn note_end(&self) {
        if self.is_final {
            // Where this cannot be noted, the job is seen and fetched once more, which costs little.
            let _ = self.client.close_job(&self.job_id).await;
        }
    }

    /// One clip, which may be there already.
    async fn fetch(&self, clip: &FinishedClip, claim: &Claim) -> Result<DownloadedClip> {
        let listed = claim.clip(&clip.id);
        let stem = clip.file_stem();
        let video_name = format!("{stem}.mp4");
        let listed_video = listed.map(|listed| &listed.video);
        let (video, is_new) = self
            .file(clip, FileOf::Video, video_name, claim, listed_video)
            .await?;
        let mut changed = is_new;
        let mut captions = None;
        if self.captions && clip.caption_url.is_some() {
            let name = format!("{stem}.vtt");
            let listed = listed.and_then(|listed| listed.captions.as_ref());
            let (file, is_new) = self
                .file(clip, FileOf::Captions, name, claim, listed)
                .await?;
            changed |= is_new;
            captions = Some(file);
        }
        let downloaded = DownloadedClip {
            id: clip.id.clone(),
            label: clip.label.clone(),
            video: self.folder.join(&video.name),
            video_bytes: video.bytes,
            captions: captions.as_ref().map(|file| self.folder.join(&file.name)),
            has_caption_file: clip.caption_url.is_some(),
        };
        if changed {
            claim.add(ManifestClip::new(clip, video, captions)).await?;
        }
        Ok(downloaded)
    }

    /// One file in the folder; with whether it came now.
    async fn file(
        &self,
        clip: &FinishedClip,
        file: FileOf,
        name: String,
        claim: &Claim,
        listed: Option<&ManifestFile>,
    ) -> Result<(ManifestFile, bool)> {
        let path = self.folder.join(&name);
        let listed = listed.filter(|listed| listed.name == name && !self.overwrite);
        if let Some(listed) = listed
            && has(&path, listed.bytes).await
        {
            self.tell(clip, file, listed.bytes, Some(listed.bytes));
            return Ok((listed.clone(), false));
        }
        let cannot = |error| Error::file(format!("cannot write {}", path.display()), error);
        // Another download, of which nothing came, may have taken it away.
        self.make_folder().await?;
        let part = Part::open(&path, &self.job_id, &clip.id).await;
        let mut part = part.map_err(cannot)?;
        let (client, links) = (self.client.clone(), Arc::clone(&self.links));
        let mut fetch = Fetch::new(client, links, &clip.id, file, part.known());
        let written = loop {
            let step = match fetch.next().await {
                Ok(Step::Bytes(bytes)) => part.write(&bytes, fetch.known()).await,
                Ok(Step::Restart) => part.restart().await,
                Ok(Step::End) => break part.finish(claim.allows()).await.map_err(cannot)?,
                Err(error) => {
                    part.leave().await;
                    return Err(error);
                }
            };
            // How much of the last bytes is there is unknown now; a later run goes on before them.
            step.map_err(cannot)?;
            self.tell(clip, file, fetch.known().offset, fetch.known().total);
        };
        let file = ManifestFile {
            name,
            bytes: written.bytes,
            sha256: written.sha256,
        };
        Ok((file, true))
    }

    fn tell(&self, clip: &FinishedClip, file: FileOf, bytes: u64, total: Option<u64>) {
        if let (Some(watcher), FileOf::Video) = (&self.watcher, file) {
            watcher(DownloadProgress {
                clip_id: &clip.id,
                bytes,
                total,
            });
        }
    }
}

/// Whether a file of this length is there.
async fn has(path: &Path, bytes: u64) -> bool {
    let path = path.to_owned();
    let present = blocking(|| fs::metadata(path)).await;
    present.is_ok_and(|present| present.is_file() && present.len() == bytes)
}

impl DownloadClip {
    pub(crate) fn new<J: JobView>(
        client: Client,
        clip: &FinishedClip,
        folder: &Path,
        read_job: impl Fn() -> Reading<J> + Send + Sync + 'static,
    ) -> Self {
        let clips = vec![clip.clone()];
        let links = Links::new(&clips, read_job);
        Self(Download {
            client,
            job_id: clip.job_id.clone(),
            fault: None,
            is_final: false,
            clips,
            links: Arc::new(links),
            folder: folder.to_owned(),
            captions: true,
            overwrite: false,
            parallel: 1,
            watcher: None,
        })
    }

    /// As [`Download::captions`].
    pub fn captions(self, captions: bool) -> Self {
        Self(self.0.captions(captions))
    }

    /// As [`Download::overwrite`].
    pub fn overwrite(self, overwrite: bool) -> Self {
        Self(self.0.overwrite(overwrite))
    }

    /// As [`Download::on_progress`].
    pub fn on_progress(
        self,
        watcher: impl Fn(DownloadProgress<'_>) + Send + Sync + 'static,
    ) -> Self {
        Self(self.0.on_progress(watcher))
    }
}

impl IntoFuture for Download {
    type Output = Result<Vec<DownloadedClip>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl IntoFuture for DownloadClip {
    type Output = Result<DownloadedClip>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let clip = self.0.clips.first().map(|clip| clip.id.clone());
        let run = self.0.run();
        Box::pin(async move {
            let mut clips = run.await?;
            let missing = || failure(format!("clip {} was not fetched", clip.unwrap_or_default()));
            clips.pop().ok_or_else(missing)
        })
    }
}

/// Without links and callbacks.
impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("job_id", &self.job_id)
            .field("folder", &self.folder)
            .field("clips", &self.clips)
            .field("captions", &self.captions)
            .field("overwrite", &self.overwrite)
            .field("parallel", &self.parallel)
            .finish_non_exhaustive()
    }
}
