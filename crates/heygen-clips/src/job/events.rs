//! What happens to a job, told from one look to the next.
//!
//! Pure: a look goes in, events come out. Whether a look was due by the clock or because a callback
//! came makes no difference here.

use std::collections::HashSet;

use super::{FinishedClip, JobStatus, JobView};
use crate::error::{Error, Kind, Result};

/// Something new about a job; see [`Job::events`](crate::Job::events).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum JobEvent<J> {
    /// The job's state, at first and whenever it has changed.
    Status(JobStatus),
    /// How far it is, 0 to 100, whenever that has changed. `/v3/clips` does not tell.
    Progress(u8),
    /// A clip has a file to fetch. Each clip comes once; in `/v3/ai-clipping` some come while the
    /// job still runs.
    Clip(FinishedClip),
    /// The job has ended. Nothing comes after this.
    Finished(Outcome<J>),
}

/// How a job ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Outcome<J> {
    /// With clips.
    Completed(J),
    /// Not as it should. There may be clips all the same: [`JobView::finished_clips`].
    #[non_exhaustive]
    Failed {
        /// The job as it was last seen.
        job: J,
        /// The vendor's reason, or that there was none.
        message: String,
    },
    /// Stopped on the server's side.
    #[non_exhaustive]
    Cancelled {
        /// The job as it was last seen.
        job: J,
        /// The vendor's reason, or that there was none.
        message: String,
    },
}

impl<J: JobView> Outcome<J> {
    /// The completed job; one that failed or was cancelled is an error.
    ///
    /// # Errors
    ///
    /// [`Error::is_job_failed`], with the vendor's reason.
    pub fn into_result(self) -> Result<J> {
        let (job, message, status) = match self {
            Self::Completed(job) => return Ok(job),
            Self::Failed { job, message } => (job, message, JobStatus::Failed),
            Self::Cancelled { job, message } => (job, message, JobStatus::Cancelled),
        };
        Err(ended_badly(job.job_id(), status, &message))
    }

    /// The job, however it ended.
    pub fn job(&self) -> &J {
        match self {
            Self::Completed(job) | Self::Failed { job, .. } | Self::Cancelled { job, .. } => job,
        }
    }
}

/// The error that a job is which ended without clips.
pub(crate) fn ended_badly(id: &str, status: JobStatus, message: &str) -> Error {
    let error = Error::new(Kind::Job, format!("job {id} {status}: {message}"));
    error.with_job(id, Some(status))
}

/// The vendor's reason for that, or that there was none.
pub(crate) fn reason(job: &impl JobView) -> String {
    let reason = job.failure();
    reason.unwrap_or_else(|| "the server gave no reason".to_owned())
}

/// What has been told of a job so far.
#[derive(Debug, Default)]
pub(crate) struct Told {
    status: Option<JobStatus>,
    progress: Option<u8>,
    clips: HashSet<String>,
}

impl Told {
    /// The state at the last look.
    pub(crate) fn status(&self) -> Option<&JobStatus> {
        self.status.as_ref()
    }

    /// What is new in this look.
    pub(crate) fn look<J: JobView>(&mut self, job: J) -> Vec<JobEvent<J>> {
        let mut events = Vec::new();
        let status = job.job_status();
        if self.status.as_ref() != Some(&status) {
            self.status = Some(status.clone());
            events.push(JobEvent::Status(status.clone()));
        }
        let progress = job.progress_percent();
        if progress.is_some() && progress != self.progress {
            self.progress = progress;
            events.extend(progress.map(JobEvent::Progress));
        }
        let clips = job.finished_clips().into_iter();
        let new = clips.filter(|clip| self.clips.insert(clip.id.clone()));
        events.extend(new.map(JobEvent::Clip));
        let outcome = match status {
            JobStatus::Completed => Outcome::Completed(job),
            JobStatus::Failed => Outcome::Failed {
                message: reason(&job),
                job,
            },
            JobStatus::Cancelled => Outcome::Cancelled {
                message: reason(&job),
                job,
            },
            _ => return events,
        };
        events.push(JobEvent::Finished(outcome));
        events
    }
}
