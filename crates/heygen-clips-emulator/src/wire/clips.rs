//! Replies of `/v3/clips`.

use heygen_clips_openapi::clips::types::{
    AspectRatio, Clip, ClipJob, ClipJobStatus, ClipJobStatusKnown, ClipJobSummary, CreatedClipJob,
    DeletedClipJob,
};
use serde_json::Map;

use super::{Wire, each_with_nulls, seconds, with_nulls};
use crate::app::App;
use crate::store::{ClipRow, JobRow, Status};

pub(crate) fn created(id: String) -> Wire {
    serde_json::to_value(CreatedClipJob {
        clip_job_id: id,
        extra: Map::new(),
    })
}

pub(crate) fn deleted(id: String) -> Wire {
    serde_json::to_value(DeletedClipJob {
        id,
        extra: Map::new(),
    })
}

/// A job. Its clips appear when it has completed, as the guide has it.
pub(crate) fn job(app: &App, job: &JobRow, clips: &[ClipRow]) -> Wire {
    let shown =
        |clip: &&ClipRow| job.status == Status::Completed && clip.status == Status::Completed;
    let reply = ClipJob {
        id: job.id.clone(),
        title: job.title.clone(),
        status: status(job.status),
        transcript_source: job.transcript_source.clone(),
        clips: clips
            .iter()
            .filter(shown)
            .map(|made| clip(app, made))
            .collect(),
        created_at: Some(job.created_at),
        failure_message: job.failure_message.clone(),
        extra: Map::new(),
    };
    let mut reply = with_nulls(&reply, &["title", "transcript_source", "failure_message"])?;
    each_with_nulls(&mut reply, "clips", &["score", "caption_url"]);
    Ok(reply)
}

/// A row of the list.
pub(crate) fn summary(job: &JobRow) -> Wire {
    let row = ClipJobSummary {
        id: job.id.clone(),
        title: job.title.clone(),
        status: status(job.status),
        created_at: Some(job.created_at),
        extra: Map::new(),
    };
    with_nulls(&row, &["title"])
}

fn clip(app: &App, clip: &ClipRow) -> Clip {
    let link = |ending: &str| app.file_link(&clip.job_id, &format!("{}.{ending}", clip.id));
    Clip {
        id: clip.id.clone(),
        label: clip.label.clone(),
        url: link("mp4"),
        start: seconds(clip.start_seconds),
        end: seconds(clip.end_seconds),
        duration: seconds(
            clip.duration_seconds
                .unwrap_or(clip.end_seconds - clip.start_seconds),
        ),
        aspect_ratio: clip.aspect.parse().map_or_else(
            |_| AspectRatio::Unknown(clip.aspect.clone()),
            AspectRatio::Known,
        ),
        score: clip.score,
        caption_url: clip.has_captions.then(|| link("vtt")),
        extra: Map::new(),
    }
}

fn status(status: Status) -> ClipJobStatus {
    ClipJobStatus::Known(match status {
        Status::Pending => ClipJobStatusKnown::Pending,
        Status::Running => ClipJobStatusKnown::Running,
        Status::Completed => ClipJobStatusKnown::Completed,
        Status::Failed => ClipJobStatusKnown::Failed,
    })
}
