//! Clip jobs of `/v3/clips`: the moments that a model picks, or exactly the windows asked for.

mod create;

use std::path::Path;

use futures::FutureExt;
use heygen_clips_openapi::clips::types;

pub use create::{CreateClips, Window};

use crate::client::Client;
use crate::error::Result;
use crate::exchange::Limit;
use crate::files::Download;
use crate::job::wait::Wait;
use crate::job::{FinishedClip, JobId, JobStatus, JobView, sealed};
use crate::limits;
use crate::paging::{List, Page, PageQuery};

/// Clip jobs of `/v3/clips`; from [`Client::clips`].
#[derive(Debug, Clone)]
pub struct Clips {
    client: Client,
}

impl Clips {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Starts a job and gives its id. The job goes on at the server; see [`Clips::wait`].
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
        let call = self.client.exchange("createClipJob", Limit::Create);
        let raw = call.clips();
        let result = raw
            .create_clip_job()
            .body(request.into_raw()?)
            .send()
            .boxed()
            .await;
        let created = call.finish(result)?;
        Ok(call.require(created.data)?.clip_job_id.into())
    }

    /// Reads a job.
    pub async fn get(&self, id: impl AsRef<str>) -> Result<types::ClipJob> {
        let id = id.as_ref();
        limits::id("clip_job_id", id)?;
        let call = self.client.exchange("getClipJob", Limit::Read);
        let raw = call.clips();
        let result = raw.get_clip_job().clip_job_id(id).send().boxed().await;
        let job = call.finish(result)?;
        call.require(job.data)
    }

    /// Lists the jobs, newest first. Rows have id, title, status and time of creation only.
    pub fn list(&self) -> List<types::ClipJobSummary> {
        let clips = self.clone();
        List::new("listClipJobs", move |query| {
            clips.clone().page(query).boxed()
        })
    }

    /// Deletes a job and its clips for good.
    pub async fn delete(&self, id: impl AsRef<str>) -> Result<()> {
        let id = id.as_ref();
        limits::id("clip_job_id", id)?;
        let call = self.client.exchange("deleteClipJob", Limit::Read);
        let raw = call.clips();
        let result = raw.delete_clip_job().clip_job_id(id).send().boxed().await;
        let deleted = call.finish(result)?;
        call.require(deleted.data).map(drop)
    }

    /// Waits until a job is done and gives it; see [`Wait`].
    pub fn wait(&self, id: impl AsRef<str>) -> Wait<types::ClipJob> {
        let (clips, id) = (self.clone(), id.as_ref().to_owned());
        Wait::new(id.clone(), move || {
            clips.clone().get_owned(id.clone()).boxed()
        })
    }

    /// Fetches the clips and captions of a job into a folder; see [`Download`].
    pub fn download(
        &self,
        job: &types::ClipJob,
        folder: impl AsRef<Path>,
    ) -> Download<types::ClipJob> {
        let (clips, id) = (self.clone(), job.id.clone());
        Download::new(self.client.clone(), job, folder.as_ref(), move || {
            clips.clone().get_owned(id.clone()).boxed()
        })
    }

    async fn get_owned(self, id: String) -> Result<types::ClipJob> {
        self.get(id).await
    }

    async fn page(self, query: PageQuery) -> Result<Page<types::ClipJobSummary>> {
        let call = self.client.exchange("listClipJobs", Limit::Read);
        let raw = call.clips();
        let mut request = raw.list_clip_jobs();
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

impl sealed::Sealed for types::ClipJob {}

impl JobView for types::ClipJob {
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
        None
    }

    fn finished_clips(&self) -> Vec<FinishedClip<'_>> {
        let clips = self.clips.iter().map(|clip| FinishedClip {
            id: &clip.id,
            label: Some(&clip.label),
            video_url: &clip.url,
            caption_url: clip.caption_url.as_deref(),
            duration_seconds: Some(clip.duration),
        });
        clips.collect()
    }
}
