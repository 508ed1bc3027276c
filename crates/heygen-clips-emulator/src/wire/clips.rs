//! Replies of `/v3/clips`.

use serde_json::{Value, json};

use crate::app::App;
use crate::store::{ClipRow, JobRow, Status};

pub(crate) fn created(id: String) -> Value {
    json!({ "clip_job_id": id })
}

pub(crate) fn deleted(id: String) -> Value {
    json!({ "id": id })
}

/// A job. Its clips appear when it has completed, as the guide has it.
pub(crate) fn job(app: &App, job: &JobRow, clips: &[ClipRow]) -> Value {
    let made = clips
        .iter()
        .filter(|clip| job.status == Status::Completed && clip.status == Status::Completed);
    json!({
        "id": job.id,
        "title": job.title,
        "status": status(job.status),
        "transcript_source": job.transcript_source,
        "clips": made.map(|made| clip(app, made)).collect::<Vec<_>>(),
        "created_at": job.created_at,
        "failure_message": job.failure_message,
    })
}

pub(crate) fn summary(job: &JobRow) -> serde_json::Result<Value> {
    Ok(json!({
        "id": job.id,
        "title": job.title,
        "status": status(job.status),
        "created_at": job.created_at,
    }))
}

fn clip(app: &App, clip: &ClipRow) -> Value {
    let link = |ending: &str| app.file_link(&clip.job_id, &format!("{}.{ending}", clip.id));
    json!({
        "id": clip.id,
        "label": clip.label,
        "url": link("mp4"),
        "start": clip.start_seconds,
        "end": clip.end_seconds,
        "duration": clip.duration_seconds,
        "aspect_ratio": clip.aspect,
        "score": clip.score,
        "caption_url": clip.has_captions.then(|| link("vtt")),
    })
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Pending => "pending",
        Status::Running => "running",
        Status::Completed => "completed",
        Status::Failed => "failed",
    }
}
