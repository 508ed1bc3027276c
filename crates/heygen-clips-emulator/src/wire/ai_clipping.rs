//! Replies of `/v3/ai-clipping`.

use serde_json::{Value, json};

use crate::app::App;
use crate::store::{ClipRow, JobRow, Status};

pub(crate) fn created(id: String) -> Value {
    json!({ "ai_clipping_id": id })
}

pub(crate) fn deleted(id: String) -> Value {
    json!({ "id": id })
}

/// A job and its clips as they stand. `live` is for a job read on its own: only there does
/// `progress` move between 0 and 100.
pub(crate) fn job(app: &App, job: &JobRow, clips: &[ClipRow], live: bool) -> Value {
    // Empty until the first clip is there; from then on each planned clip shows its own status.
    let begun = clips.iter().any(|clip| clip.status != Status::Pending);
    let shown = if begun { clips } else { &[] };
    json!({
        "id": job.id,
        "status": status(job.status),
        "title": job.title,
        "input_language": job.input_language,
        "source_duration": job.source_duration,
        "progress": progress(job, clips, live),
        "clips": shown.iter().map(|row| clip(app, row)).collect::<Vec<_>>(),
        "output_settings": null,
        "callback_id": job.callback_id,
        "created_at": job.created_at,
        "failure_message": job.failure_message,
    })
}

fn clip(app: &App, clip: &ClipRow) -> Value {
    let made = clip.status == Status::Completed;
    let link = |ending: &str| app.file_link(&clip.job_id, &format!("{}.{ending}", clip.id));
    json!({
        "id": clip.id,
        "status": status(clip.status),
        "title": clip.label,
        "video_url": made.then(|| link("mp4")),
        "thumbnail_url": (made && clip.has_thumbnail).then(|| link("jpg")),
        "duration_seconds": clip.duration_seconds,
        "aspect_ratio": clip.aspect,
        "virality_score": clip.score.map(percent),
        "failure_message": clip.failure_message,
    })
}

/// 10 once the source is there and the clips are decided on, the rest by finished clips.
fn progress(job: &JobRow, clips: &[ClipRow], live: bool) -> u32 {
    match job.status {
        Status::Completed => 100,
        Status::Running if live && job.planned && !clips.is_empty() => {
            let settled = clips
                .iter()
                .filter(|clip| clip.status != Status::Pending)
                .count();
            u32::try_from(10 + 89 * settled / clips.len()).unwrap_or(99)
        }
        _ => 0,
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 to 100, rounded"
)]
fn percent(score: f64) -> u32 {
    (score.clamp(0.0, 1.0) * 100.0).round() as u32
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Pending => "pending",
        Status::Running => "running",
        Status::Completed => "completed",
        Status::Failed => "failed",
    }
}
