//! Clip jobs of `/v3/clips`: the moments that a model picks, or exactly the windows asked for.

mod create;

#[cfg(not(target_arch = "wasm32"))]
use std::path::Path;

use futures::FutureExt;
use heygen_clips_openapi::clips::types;

pub use create::{CreateClips, Window};

use crate::client::Client;
use crate::error::Result;
use crate::files::{self, ClipStream};
#[cfg(not(target_arch = "wasm32"))]
use crate::files::{Download, DownloadClip};
use crate::job::handle::{Dialect, JobHandle};
use crate::job::wait::Job;
use crate::job::{FinishedClip, JobId, JobStatus, JobView, Reading, sealed};
use crate::journal::{resume, wire::Wire};
use crate::limits;
use crate::paging::{List, list};
use crate::redact;

/// Clip jobs of `/v3/clips`; from [`Client::clips`].
#[derive(Debug, Clone)]
pub struct Clips {
    client: Client,
}

impl Clips {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Starts a job and gives its id. The job goes on at the server; [`Clips::submit`] gives it as a
    /// [`Job`] to wait for.
    ///
    /// The vendor's guide promises no idempotency for this call: when it times out, look at
    /// [`Clips::list`] before sending it again, or pay twice.
    ///
    /// ```no_run
    /// # async fn example(client: heygen_clips::Client) -> heygen_clips::Result<()> {
    /// use heygen_clips::CreateClips;
    ///
    /// let request = CreateClips::from_url("https://example.com/talk.mp4")
    ///     .max_clips(3)
    ///     .instruction("where the speaker talks about prices");
    /// let id = client.clips().create(request).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_request`](crate::Error::is_invalid_request) before anything is sent
    /// when the request breaks a limit of the document.
    pub async fn create(&self, request: CreateClips) -> Result<JobId> {
        request.check()?;
        self.send(request.into_raw()?).boxed().await
    }

    /// Starts a job and gives it to be waited for; otherwise as [`Clips::create`].
    ///
    /// With a [journal](crate::Journal) it is one job however often this is interrupted and
    /// repeated, and a request without title gets one.
    pub async fn submit(&self, request: CreateClips) -> Result<Job<types::ClipJob>> {
        request.check()?;
        let body = request.into_raw()?;
        let client = self.client.clone();
        let handle = match client.journal() {
            Some(journal) => {
                resume::submit(client.clone(), journal.clone(), Wire::Clips(body)).await?
            }
            None => {
                let id = self.send(body).boxed().await?;
                JobHandle::new(Dialect::Clips, client.base_url(), id).created_now()
            }
        };
        Ok(Job::new(client, handle))
    }

    /// Sends a request that was checked.
    pub(crate) async fn send(&self, body: types::CreateClipsRequest) -> Result<JobId> {
        let mut call = self.client.exchange();
        let raw = call.clips();
        let request = raw.create_clip_job().body(body);
        let created = call.answer(|| request.clone().send()).await?;
        Ok(call.require(created.data)?.clip_job_id.into())
    }

    /// Reads a job.
    pub async fn get(&self, id: impl AsRef<str>) -> Result<types::ClipJob> {
        let id = limits::id("clip_job_id", &id)?;
        let mut call = self.client.exchange();
        let raw = call.clips();
        let job = call
            .answer(|| raw.get_clip_job().clip_job_id(id).send())
            .await?;
        call.require(job.data)
    }

    /// Lists the jobs, newest first. Rows have id, title, status and time of creation only.
    pub fn list(&self) -> List<types::ClipJobSummary> {
        list!(self.client, clips, list_clip_jobs)
    }

    /// Deletes a job and its clips for good.
    pub async fn delete(&self, id: impl AsRef<str>) -> Result<()> {
        let id = limits::id("clip_job_id", &id)?;
        let mut call = self.client.exchange();
        let raw = call.clips();
        let deleted = call
            .answer(|| raw.delete_clip_job().clip_job_id(id).send())
            .await;
        let deleted = deleted.and_then(|answer| call.require(answer.data));
        call.deleted(deleted)?;
        self.client.close_job(id).await
    }

    /// A job by its id, to be waited for or followed. Nothing is asked yet.
    pub fn job(&self, id: impl AsRef<str>) -> Job<types::ClipJob> {
        let id = JobId::from(id.as_ref());
        let handle = JobHandle::new(Dialect::Clips, self.client.base_url(), id);
        Job::new(self.client.clone(), handle)
    }

    /// A job by what [`Job::handle`] or [`Error::handle`](crate::Error::handle) gave. Nothing is
    /// asked yet.
    ///
    /// # Errors
    ///
    /// [`Error::is_config`](crate::Error::is_config) when the job is of the other dialect or at
    /// another server: this client's key is not shown there.
    pub fn resume(&self, handle: &JobHandle) -> Result<Job<types::ClipJob>> {
        Job::resume(self.client.clone(), handle)
    }

    /// Fetches the clips and captions of a job into a folder; see [`Download`].
    #[cfg(not(target_arch = "wasm32"))]
    pub fn download(&self, job: &types::ClipJob, folder: impl AsRef<Path>) -> Download {
        let reader = self.reader(&job.id);
        Download::new(self.client.clone(), job, folder.as_ref(), reader)
    }

    /// Fetches one clip and its captions into a folder; see [`DownloadClip`].
    #[cfg(not(target_arch = "wasm32"))]
    pub fn download_clip(&self, clip: &FinishedClip, folder: impl AsRef<Path>) -> DownloadClip {
        let reader = self.reader(&clip.job_id);
        DownloadClip::new(self.client.clone(), clip, folder.as_ref(), reader)
    }

    /// Opens one clip to be read piece by piece; see [`ClipStream`].
    pub async fn open_clip(&self, clip: &FinishedClip) -> Result<ClipStream> {
        files::open(&self.client, clip, self.reader(&clip.job_id)).await
    }

    /// Reads a job whenever it is called.
    fn reader(&self, id: &str) -> impl Fn() -> Reading<types::ClipJob> + use<> {
        let (client, id) = (self.client.clone(), id.to_owned());
        move || sealed::Sealed::read(&client, &id)
    }
}

impl sealed::Sealed for types::ClipJob {
    const DIALECT: Dialect = Dialect::Clips;

    fn read(client: &Client, id: &str) -> Reading<Self> {
        let (jobs, id) = (client.clips(), id.to_owned());
        async move { jobs.get(id).await }.boxed()
    }

    fn has_all_clips(&self) -> bool {
        true
    }
}

impl JobView for types::ClipJob {
    fn job_id(&self) -> &str {
        &self.id
    }

    fn job_status(&self) -> JobStatus {
        JobStatus::of(&self.status)
    }

    fn failure(&self) -> Option<String> {
        self.failure_message.as_deref().map(redact::links)
    }

    fn progress_percent(&self) -> Option<u8> {
        None
    }

    fn source_seconds(&self) -> Option<f64> {
        None
    }

    fn finished_clips(&self) -> Vec<FinishedClip> {
        let clips = (1..).zip(&self.clips).map(|(position, clip)| FinishedClip {
            job_id: self.id.clone(),
            position,
            id: clip.id.clone(),
            label: Some(clip.label.clone()),
            video_url: clip.url.clone(),
            caption_url: clip.caption_url.clone(),
            duration_seconds: Some(clip.duration),
            start_seconds: Some(clip.start),
            end_seconds: Some(clip.end),
            score: clip.score,
        });
        clips.collect()
    }
}
