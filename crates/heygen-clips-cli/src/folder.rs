//! The folder that clips are downloaded into. The SDK refuses one of another job, but replaces any file
//! that has a clip's name; people who type commands have not read that, so here it is refused unless
//! they say `--overwrite`.

use std::path::Path;

use heygen_clips::{JobView, Manifest};

use crate::failure::Failure;
use crate::output;

/// Where to download to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folder<'a> {
    path: &'a Path,
    overwrite: bool,
}

impl<'a> Folder<'a> {
    pub(crate) fn new(path: &'a Path, overwrite: bool) -> Self {
        Self { path, overwrite }
    }

    pub(crate) fn path(&self) -> &'a Path {
        self.path
    }

    /// Tries to make the folder, and refuses one with clips of another job than `job`; any job is another
    /// one than a job that is still to be made. Called first: that the folder cannot be had must not
    /// show after a job that was long, or paid for.
    pub(crate) async fn prepare(&self, job: Option<&str>) -> Result<(), Failure> {
        output::try_folder(self.path)?;
        match self.listed_job().await? {
            Some(other) if !self.overwrite && job != Some(&other) => Err(refused(format!(
                "{} holds the clips of job {other}: choose another folder, or replace them with \
                 --overwrite",
                self.path.display()
            ))),
            _ => Ok(()),
        }
    }

    /// Refuses the folder where the clips of `job` would replace what is not of this job. What to do
    /// then is the caller's to say, who knows where the job is.
    pub(crate) async fn check(&self, job: &impl JobView) -> Result<(), Failure> {
        let id = job.job_id();
        self.prepare(Some(id)).await?;
        // In a folder of this job, a file that is not on the list is what is left of a download that
        // was killed before it came to that.
        if self.overwrite || self.listed_job().await?.is_some() {
            return Ok(());
        }
        for clip in job.finished_clips() {
            for ending in ["mp4", "vtt"] {
                let file = self.path.join(format!("{}.{ending}", clip.file_stem()));
                if file.exists() {
                    return Err(refused(format!(
                        "{} is there already, and not known to be of job {id}",
                        file.display()
                    )));
                }
            }
        }
        Ok(())
    }

    /// Whether the clips of another job than `job` are here.
    pub(crate) async fn is_anothers(&self, job: &str) -> Result<bool, Failure> {
        let listed = self.listed_job().await?;
        Ok(listed.is_some_and(|other| other != job))
    }

    /// Whether they are, and may be replaced.
    pub(crate) async fn replaces(&self, job: &str) -> Result<bool, Failure> {
        Ok(self.overwrite && self.is_anothers(job).await?)
    }

    /// The job whose clips are here, by the list that downloads leave.
    pub(crate) async fn listed_job(&self) -> Result<Option<String>, Failure> {
        let listed = Manifest::read(self.path).await;
        let listed = listed.map_err(|error| refused(error.message()))?;
        Ok(listed.map(|listed| listed.job_id))
    }
}

fn refused(message: impl Into<String>) -> Failure {
    Failure::usage("--output", message)
}
