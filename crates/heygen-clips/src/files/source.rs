//! Where the files of a job's clips can be fetched now. Links expire; then the job is read again,
//! once for all of its clips.

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::Mutex;

use super::link::failure;
use crate::error::{Error, Result};
use crate::job::{FinishedClip, JobView, Reading};

/// Which file of a clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileOf {
    Video,
    #[cfg_attr(
        target_arch = "wasm32",
        allow(dead_code, reason = "captions go into folders")
    )]
    Captions,
}

/// The links of a job's clips, by clip.
pub(super) struct Links {
    known: Mutex<Vec<ClipLinks>>,
    refresh: Box<dyn Fn() -> BoxFuture<'static, Result<Vec<ClipLinks>>> + Send + Sync>,
}

/// A link in the place of one that is dead.
pub(super) struct Renewed {
    pub(super) link: String,
    /// Whether the job was read for it just now.
    pub(super) is_fresh: bool,
}

struct ClipLinks {
    clip: String,
    video: String,
    captions: Option<String>,
}

impl Links {
    pub(super) fn new<J: JobView>(
        clips: &[FinishedClip],
        read_job: impl Fn() -> Reading<J> + Send + Sync + 'static,
    ) -> Self {
        Self {
            known: Mutex::new(clips.iter().map(ClipLinks::of).collect()),
            refresh: Box::new(move || {
                let reading = read_job();
                async move {
                    let job = reading.await?;
                    Ok(job.finished_clips().iter().map(ClipLinks::of).collect())
                }
                .boxed()
            }),
        }
    }

    /// The link that was seen last.
    pub(super) async fn current(&self, clip: &str, file: FileOf) -> Result<String> {
        find(&self.known.lock().await, clip, file)
    }

    /// Another link than `dead`: one that another clip brought along meanwhile, which may be dead by
    /// now, or a fresh one from the job.
    pub(super) async fn renewed(&self, clip: &str, file: FileOf, dead: &str) -> Result<Renewed> {
        let mut known = self.known.lock().await;
        let link = find(&known, clip, file)?;
        if link != dead {
            let is_fresh = false;
            return Ok(Renewed { link, is_fresh });
        }
        *known = (self.refresh)().await?;
        Ok(Renewed {
            link: find(&known, clip, file)?,
            is_fresh: true,
        })
    }
}

impl ClipLinks {
    fn of(clip: &FinishedClip) -> Self {
        Self {
            clip: clip.id.clone(),
            video: clip.video_url.clone(),
            captions: clip.caption_url.clone(),
        }
    }
}

fn find(known: &[ClipLinks], clip: &str, file: FileOf) -> Result<String> {
    let links = known.iter().find(|links| links.clip == clip);
    let link = links.and_then(|links| match file {
        FileOf::Video => Some(&links.video),
        FileOf::Captions => links.captions.as_ref(),
    });
    link.cloned().ok_or_else(|| gone(clip))
}

fn gone(clip: &str) -> Error {
    failure(format!("the job no longer has a file for clip {clip}"))
}
