//! Clip jobs of `/v3/ai-clipping`: one clip for each asked duration.

mod create;

use std::path::Path;

use futures::FutureExt;
use heygen_clips_openapi::ai_clipping::types;

pub use create::{ClipDuration, CreateAiClipping};

use crate::client::Client;
use crate::error::Result;
use crate::exchange::Limit;
use crate::files::Download;
use crate::job::wait::Wait;
use crate::job::{FinishedClip, JobId, JobStatus, JobView, sealed};
use crate::limits;
use crate::paging::{List, Page, PageQuery};

/// Clip jobs of `/v3/ai-clipping`; from [`Client::ai_clipping`].
#[derive(Debug, Clone)]
pub struct AiClipping {
    client: Client,
}

impl AiClipping {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Starts a job and gives its id. The job goes on at the server; see [`AiClipping::wait`].
    ///
    /// An idempotency key goes along, a fresh one unless the request has
    /// [its own](CreateAiClipping::idempotency_key).
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
        let call = self.client.exchange("createAiClippingV3", Limit::Create);
        let raw = call.ai_clipping();
        let result = raw
            .create_ai_clipping_v3()
            .idempotency_key(key)
            .body(body)
            .send()
            .boxed()
            .await;
        let created = call.finish(result)?;
        Ok(call.require(created.data)?.ai_clipping_id.into())
    }

    /// Reads a job. Clips that are ready are in it while others are still made.
    pub async fn get(&self, id: impl AsRef<str>) -> Result<types::AiClippingDetail> {
        let id = id.as_ref();
        limits::id("job_id", id)?;
        let call = self.client.exchange("getAiClippingV3", Limit::Read);
        let raw = call.ai_clipping();
        let result = raw.get_ai_clipping_v3().job_id(id).send().boxed().await;
        let job = call.finish(result)?;
        call.require(job.data)
    }

    /// Lists the jobs with their clips, newest first.
    pub fn list(&self) -> List<types::AiClippingDetail> {
        let jobs = self.clone();
        List::new("listAiClippingsV3", move |query| {
            jobs.clone().page(query).boxed()
        })
    }

    /// Deletes a job and its clips.
    pub async fn delete(&self, id: impl AsRef<str>) -> Result<()> {
        let id = id.as_ref();
        limits::id("job_id", id)?;
        let call = self.client.exchange("deleteAiClippingV3", Limit::Read);
        let raw = call.ai_clipping();
        let result = raw.delete_ai_clipping_v3().job_id(id).send().boxed().await;
        let deleted = call.finish(result)?;
        call.require(deleted.data).map(drop)
    }

    /// Waits until a job is done and gives it; see [`Wait`].
    pub fn wait(&self, id: impl AsRef<str>) -> Wait<types::AiClippingDetail> {
        let (jobs, id) = (self.clone(), id.as_ref().to_owned());
        Wait::new(id.clone(), move || {
            jobs.clone().get_owned(id.clone()).boxed()
        })
    }

    /// Fetches the finished clips of a job into a folder; see [`Download`]. This dialect has no
    /// caption files.
    pub fn download(
        &self,
        job: &types::AiClippingDetail,
        folder: impl AsRef<Path>,
    ) -> Download<types::AiClippingDetail> {
        let (jobs, id) = (self.clone(), job.id.clone());
        Download::new(self.client.clone(), job, folder.as_ref(), move || {
            jobs.clone().get_owned(id.clone()).boxed()
        })
    }

    async fn get_owned(self, id: String) -> Result<types::AiClippingDetail> {
        self.get(id).await
    }

    async fn page(self, query: PageQuery) -> Result<Page<types::AiClippingDetail>> {
        let call = self.client.exchange("listAiClippingsV3", Limit::Read);
        let raw = call.ai_clipping();
        let mut request = raw.list_ai_clippings_v3();
        if let Some(limit) = query.rows() {
            request = request.limit(limit);
        }
        if let Some(token) = query.token {
            request = request.token(token);
        }
        let result = request.send().boxed().await;
        let page = call.finish(result)?;
        Ok(Page::new(
            call.require(page.data)?,
            page.has_more,
            page.next_token,
        ))
    }
}

impl sealed::Sealed for types::AiClippingDetail {}

impl JobView for types::AiClippingDetail {
    fn job_id(&self) -> &str {
        &self.id
    }

    fn job_status(&self) -> JobStatus {
        JobStatus::of(&self.status)
    }

    fn failure(&self) -> Option<&str> {
        self.failure_message.as_deref()
    }

    fn progress_percent(&self) -> Option<u8> {
        u8::try_from(self.progress?.clamp(0, 100)).ok()
    }

    fn finished_clips(&self) -> Vec<FinishedClip<'_>> {
        let clips = self.clips.iter().flatten().filter_map(|clip| {
            Some(FinishedClip {
                id: &clip.id,
                label: clip.title.as_deref(),
                video_url: clip.video_url.as_deref()?,
                caption_url: None,
                duration_seconds: clip.duration_seconds,
            })
        });
        clips.collect()
    }
}
