//! Clip jobs of `/v3/ai-clipping`: one clip for each asked duration.

mod create;

#[cfg(not(target_arch = "wasm32"))]
use std::path::Path;
use std::time::SystemTime;

use futures::future::BoxFuture;
use futures::{FutureExt, TryFutureExt};
use heygen_clips_openapi::ai_clipping::types;
use uuid::Uuid;

pub use create::{ClipDuration, CreateAiClipping};

use crate::client::Client;
use crate::error::{Repetition, Result};
use crate::files::{self, ClipStream};
#[cfg(not(target_arch = "wasm32"))]
use crate::files::{Download, DownloadClip};
use crate::job::handle::{Dialect, JobHandle};
use crate::job::wait::Job;
use crate::job::{FinishedClip, JobId, JobStatus, JobView, Reading, sealed};
use crate::journal::{resume, wire::Wire};
use crate::limits;
use crate::paging::{List, list};
use crate::platform;
use crate::redact;

/// Clip jobs of `/v3/ai-clipping`; from [`Client::ai_clipping`].
#[derive(Debug, Clone)]
pub struct AiClipping {
    client: Client,
}

impl AiClipping {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Starts a job and gives its id. The job goes on at the server; [`AiClipping::submit`] gives it as a
    /// [`Job`] to wait for.
    ///
    /// An idempotency key goes along, a fresh one unless the request has
    /// [its own](CreateAiClipping::idempotency_key). Under a fresh one a create that fails without an
    /// answer is [in doubt](crate::Error::is_in_doubt): to call this again is another job.
    ///
    /// ```no_run
    /// # async fn example(client: heygen_clips::Client) -> heygen_clips::Result<()> {
    /// use heygen_clips::{ClipDuration, CreateAiClipping};
    ///
    /// let request = CreateAiClipping::from_url("https://example.com/talk.mp4")
    ///     .durations([ClipDuration::Seconds30, ClipDuration::Seconds60])
    ///     .idempotency_key("talk-2026-11-21");
    /// let id = client.ai_clipping().create(request).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_request`](crate::Error::is_invalid_request) before anything is sent
    /// when the request breaks a limit of the document.
    pub async fn create(&self, request: CreateAiClipping) -> Result<JobId> {
        request.check()?;
        let (key, body) = request.into_raw()?;
        self.send_once(key, body).await
    }

    /// Starts a job and gives it to be waited for; otherwise as [`AiClipping::create`].
    ///
    /// With a [journal](crate::Journal) it is one job however often this is interrupted and
    /// repeated.
    pub async fn submit(&self, request: CreateAiClipping) -> Result<Job<types::AiClippingDetail>> {
        request.check()?;
        let (key, body) = request.into_raw()?;
        let client = self.client.clone();
        let handle = match client.journal() {
            Some(journal) => {
                let wire = Wire::AiClipping { key, body };
                resume::submit(client.clone(), journal.clone(), wire).await?
            }
            None => {
                let id = self.send_once(key, body).await?;
                JobHandle::new(Dialect::AiClipping, client.base_url(), id).created_now()
            }
        };
        Ok(Job::new(client, handle))
    }

    /// Sends a request that nobody has noted, under the caller's key or one that is lost when this ends.
    fn send_once(
        &self,
        key: Option<String>,
        body: types::CreateAiClippingRequest,
    ) -> BoxFuture<'_, Result<JobId>> {
        let is_lost = key.is_none();
        let key = key.unwrap_or_else(|| Uuid::new_v4().to_string());
        let sent = self.send(key, platform::now(), body);
        sent.map_err(move |error| match is_lost {
            true => error.with_repetition(Repetition::Doubles),
            false => error,
        })
        .boxed()
    }

    /// Sends a request that was checked, under a key that was first used then.
    pub(crate) async fn send(
        &self,
        key: String,
        first_use: SystemTime,
        body: types::CreateAiClippingRequest,
    ) -> Result<JobId> {
        let mut call = self.client.exchange().keyed_since(first_use);
        let raw = call.ai_clipping();
        let request = raw.create_ai_clipping_v3().idempotency_key(key).body(body);
        let created = call.answer(|| request.clone().send()).await?;
        Ok(call.require(created.data)?.ai_clipping_id.into())
    }

    /// Reads a job. Clips that are ready are in it while others are still made.
    pub async fn get(&self, id: impl AsRef<str>) -> Result<types::AiClippingDetail> {
        let id = limits::id("job_id", &id)?;
        let mut call = self.client.exchange();
        let raw = call.ai_clipping();
        let job = call
            .answer(|| raw.get_ai_clipping_v3().job_id(id).send())
            .await?;
        call.require(job.data)
    }

    /// Lists the jobs with their clips, newest first.
    pub fn list(&self) -> List<types::AiClippingDetail> {
        list!(self.client, ai_clipping, list_ai_clippings_v3)
    }

    /// Deletes a job and its clips.
    pub async fn delete(&self, id: impl AsRef<str>) -> Result<()> {
        let id = limits::id("job_id", &id)?;
        let mut call = self.client.exchange();
        let raw = call.ai_clipping();
        let deleted = call
            .answer(|| raw.delete_ai_clipping_v3().job_id(id).send())
            .await;
        let deleted = deleted.and_then(|answer| call.require(answer.data));
        call.deleted(deleted)?;
        self.client.close_job(id).await
    }

    /// A job by its id, to be waited for or followed. Nothing is asked yet.
    pub fn job(&self, id: impl AsRef<str>) -> Job<types::AiClippingDetail> {
        let id = JobId::from(id.as_ref());
        let handle = JobHandle::new(Dialect::AiClipping, self.client.base_url(), id);
        Job::new(self.client.clone(), handle)
    }

    /// A job by what [`Job::handle`] or [`Error::handle`](crate::Error::handle) gave. Nothing is
    /// asked yet.
    ///
    /// # Errors
    ///
    /// [`Error::is_config`](crate::Error::is_config) when the job is of the other dialect or at
    /// another server: this client's key is not shown there.
    pub fn resume(&self, handle: &JobHandle) -> Result<Job<types::AiClippingDetail>> {
        Job::resume(self.client.clone(), handle)
    }

    /// Fetches the finished clips of a job into a folder; see [`Download`]. This dialect has no
    /// caption files.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn download(&self, job: &types::AiClippingDetail, folder: impl AsRef<Path>) -> Download {
        let reader = self.reader(&job.id);
        Download::new(self.client.clone(), job, folder.as_ref(), reader)
    }

    /// Fetches one clip into a folder, if need be while others are still made; see
    /// [`DownloadClip`].
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
    fn reader(&self, id: &str) -> impl Fn() -> Reading<types::AiClippingDetail> + use<> {
        let (client, id) = (self.client.clone(), id.to_owned());
        move || sealed::Sealed::read(&client, &id)
    }
}

impl sealed::Sealed for types::AiClippingDetail {
    const DIALECT: Dialect = Dialect::AiClipping;

    fn read(client: &Client, id: &str) -> Reading<Self> {
        let (jobs, id) = (client.ai_clipping(), id.to_owned());
        async move { jobs.get(id).await }.boxed()
    }

    fn has_all_clips(&self) -> bool {
        let mut clips = self.clips.iter().flatten();
        clips.all(|clip| {
            let status = JobStatus::of(&clip.status);
            clip.video_url.is_some() || matches!(status, JobStatus::Failed | JobStatus::Cancelled)
        })
    }
}

impl JobView for types::AiClippingDetail {
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
        u8::try_from(self.progress?.clamp(0, 100)).ok()
    }

    fn source_seconds(&self) -> Option<f64> {
        self.source_duration
    }

    fn finished_clips(&self) -> Vec<FinishedClip> {
        let clips = (1..).zip(self.clips.iter().flatten());
        let clips = clips.filter_map(|(position, clip)| {
            Some(FinishedClip {
                job_id: self.id.clone(),
                position,
                id: clip.id.clone(),
                label: clip.title.clone(),
                video_url: clip.video_url.clone()?,
                caption_url: None,
                duration_seconds: clip.duration_seconds,
                start_seconds: None,
                end_seconds: None,
                score: clip.virality_score.map(|percent| percent as f64 / 100.0),
            })
        });
        clips.collect()
    }
}
