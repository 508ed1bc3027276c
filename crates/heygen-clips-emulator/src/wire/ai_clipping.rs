//! Replies of `/v3/ai-clipping`.

use heygen_clips_openapi::ai_clipping::types::{
    AiClip, AiClipStatus, AiClipStatusKnown, AiClippingDetail, AiClippingStatus,
    AiClippingStatusKnown, CreateAiClippingResponse, DeletedAiClipping, OutputAspectRatio,
};
use serde_json::Map;

use super::{Wire, each_with_nulls, seconds, with_nulls};
use crate::app::App;
use crate::store::{ClipRow, JobRow, Status};

const JOB_NULLS: [&str; 6] = [
    "title",
    "input_language",
    "source_duration",
    "output_settings",
    "callback_id",
    "failure_message",
];
const CLIP_NULLS: [&str; 5] = [
    "video_url",
    "thumbnail_url",
    "duration_seconds",
    "virality_score",
    "failure_message",
];

pub(crate) fn created(id: String) -> Wire {
    serde_json::to_value(CreateAiClippingResponse {
        ai_clipping_id: id,
        extra: Map::new(),
    })
}

pub(crate) fn deleted(id: String) -> Wire {
    serde_json::to_value(DeletedAiClipping {
        id,
        extra: Map::new(),
    })
}

/// A job and its clips as they stand. `live` is for a job read on its own: only there does
/// `progress` move between 0 and 100.
pub(crate) fn job(app: &App, job: &JobRow, clips: &[ClipRow], live: bool) -> Wire {
    // Empty until the first clip is there; from then on each planned clip shows its own status.
    let begun = clips.iter().any(|clip| clip.status != Status::Pending);
    let shown = if begun { clips } else { &[] };
    let reply = AiClippingDetail {
        id: job.id.clone(),
        status: status(job.status),
        title: job.title.clone(),
        input_language: job.input_language.clone(),
        source_duration: job.source_duration.map(seconds),
        progress: Some(progress(job, clips, live)),
        clips: Some(shown.iter().map(|row| clip(app, row)).collect()),
        output_settings: None,
        callback_id: job.callback_id.clone(),
        created_at: Some(job.created_at),
        failure_message: job.failure_message.clone(),
        extra: Map::new(),
    };
    let mut reply = with_nulls(&reply, &JOB_NULLS)?;
    each_with_nulls(&mut reply, "clips", &CLIP_NULLS);
    Ok(reply)
}

fn clip(app: &App, clip: &ClipRow) -> AiClip {
    let made = clip.status == Status::Completed;
    let link = |ending: &str| app.file_link(&clip.job_id, &format!("{}.{ending}", clip.id));
    let unknown = |_| OutputAspectRatio::Unknown(clip.aspect.clone());
    AiClip {
        id: clip.id.clone(),
        status: AiClipStatus::Known(match clip.status {
            Status::Pending | Status::Running => AiClipStatusKnown::Pending,
            Status::Completed => AiClipStatusKnown::Completed,
            Status::Failed => AiClipStatusKnown::Failed,
        }),
        title: Some(clip.label.clone()),
        video_url: made.then(|| link("mp4")),
        thumbnail_url: (made && clip.has_thumbnail).then(|| link("jpg")),
        duration_seconds: clip.duration_seconds.map(seconds),
        aspect_ratio: Some(
            clip.aspect
                .parse()
                .map_or_else(unknown, OutputAspectRatio::Known),
        ),
        virality_score: clip.score.map(percent),
        failure_message: clip.failure_message.clone(),
        extra: Map::new(),
    }
}

/// 10 once the source is there and the clips are decided on, the rest by finished clips.
fn progress(job: &JobRow, clips: &[ClipRow], live: bool) -> i64 {
    match job.status {
        Status::Completed => 100,
        Status::Running if live && job.planned && !clips.is_empty() => {
            let settled = clips
                .iter()
                .filter(|clip| clip.status != Status::Pending)
                .count();
            i64::try_from(10 + 89 * settled / clips.len()).unwrap_or(99)
        }
        _ => 0,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "0 to 100, rounded")]
fn percent(score: f64) -> i64 {
    (score.clamp(0.0, 1.0) * 100.0).round() as i64
}

fn status(status: Status) -> AiClippingStatus {
    AiClippingStatus::Known(match status {
        Status::Pending => AiClippingStatusKnown::Pending,
        Status::Running => AiClippingStatusKnown::Running,
        Status::Completed => AiClippingStatusKnown::Completed,
        Status::Failed => AiClippingStatusKnown::Failed,
    })
}
