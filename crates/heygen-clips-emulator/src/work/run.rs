//! One job from its start, or from where it was left, to its end.

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use clip_engine::{Aspect, Captions, ClipSpec, Framing, Transcript};

use super::source::{self, Found};
use super::{JobSpec, Moments, choose, deliver, styles};
use crate::app::{App, remove_folder};
use crate::store::{ClipRow, JobRow, Made, Status, Stored};

/// A job that stopped its process this often is given up. Orderly shutdowns do not count.
const MAX_ATTEMPTS: i64 = 5;

/// Why a job ended without clips: in words, for its `failure_message`.
#[derive(Debug)]
pub(super) struct Failure(pub(super) String);

/// How a step of a job ends: done, or not, with the store itself in order or not.
pub(super) type Step<T> = Stored<Result<T, Failure>>;

/// Runs a job. An error means that the store failed: the queue then hands the job over again.
pub(super) async fn run(app: &App, job_id: &str) -> Stored<()> {
    // Before the row is read: a delete that comes later finds the token and cancels it.
    let cancelled = app.running.begin(job_id);
    let result = tokio::select! {
        () = cancelled.cancelled() => Ok(()),
        result = attempt(app, job_id) => result,
    };
    if cancelled.is_cancelled() {
        remove_folder(app.folder.job(job_id)).await;
        return Ok(());
    }
    app.running.end(job_id);
    result
}

async fn attempt(app: &App, job_id: &str) -> Stored<()> {
    let earlier = app.store.job(job_id).await?;
    let again = earlier.is_some_and(|job| job.status == Status::Running);
    let Some(job) = app.store.begin_job(job_id).await? else {
        return Ok(());
    };
    let failure = if job.attempts > MAX_ATTEMPTS {
        Some(format!(
            "the job was begun {MAX_ATTEMPTS} times and never came to its end"
        ))
    } else {
        work(app, &job, again).await?.err().map(|failure| failure.0)
    };
    let (level, message) = match &failure {
        Some(message) => ("warn", format!("the job failed: {message}")),
        None => ("info", "the job is complete".to_owned()),
    };
    app.log(job_id, level, &message).await;
    deliver::finish(app, &job, failure.as_deref()).await?;
    source::forget(app, job_id).await;
    Ok(())
}

async fn work(app: &App, job: &JobRow, again: bool) -> Step<()> {
    let spec: JobSpec = match serde_json::from_str(&job.request) {
        Ok(spec) => spec,
        Err(error) => {
            return Ok(Err(Failure(format!(
                "the stored job cannot be read: {error}"
            ))));
        }
    };
    let again = if again {
        " again, from where it was left"
    } else {
        ""
    };
    let backend = app.engine.backend();
    app.log(
        &job.id,
        "info",
        &format!("begun{again}, with the {backend} backend"),
    )
    .await;
    let found = match source::find(app, job, &spec).await? {
        Ok(found) => found,
        Err(failure) => return Ok(Err(failure)),
    };
    if !job.planned {
        let clips = match choose::choose(app, job, &spec, &found).await {
            Ok(clips) => clips,
            Err(failure) => return Ok(Err(failure)),
        };
        // Windows are cut without asking what is said in them, whatever the captions are made from.
        let by_windows = matches!(spec.moments, Moments::Windows { .. });
        let shown = found.transcript_source.filter(|_| !by_windows);
        app.store
            .plan_job(&job.id, found.info.duration_seconds, shown, &clips)
            .await?;
    }
    cut_all(app, job, &spec, &found).await
}

async fn cut_all(app: &App, job: &JobRow, spec: &JobSpec, found: &Found) -> Step<()> {
    if let Err(cause) = tokio::fs::create_dir_all(app.folder.clips(&job.id)).await {
        return Ok(Err(Failure(format!(
            "the clips could not be stored: {cause}"
        ))));
    }
    let clips = app.store.clips(&job.id).await?;
    let pending = clips.iter().filter(|clip| clip.status == Status::Pending);
    let mut cuts: FuturesUnordered<_> = pending.map(|clip| cut(app, clip, spec, found)).collect();
    // Whoever names windows wants all of them, and `/v3/clips` has no way to say that one of several
    // clips failed. So the job does, and without cutting what nobody will see.
    let all_or_none = matches!(spec.moments, Moments::Windows { .. });
    while let Some(made) = cuts.next().await {
        if !made? && all_or_none {
            break;
        }
    }
    drop(cuts);
    let clips = app.store.clips(&job.id).await?;
    let failed = |clip: &ClipRow| clip.status == Status::Failed;
    if let Some(index) = clips.iter().position(failed).filter(|_| all_or_none) {
        let why = clips[index].failure_message.as_deref().unwrap_or_default();
        let message = format!("windows[{index}] could not be cut: {why}");
        return Ok(Err(Failure(message)));
    }
    if clips.iter().any(|clip| clip.status == Status::Completed) {
        return Ok(Ok(()));
    }
    let why = clips.into_iter().find_map(|clip| clip.failure_message);
    Ok(Err(Failure(why.unwrap_or_else(|| {
        "no moment of the source makes a clip".to_owned()
    }))))
}

/// Cuts one clip; whether it was made.
async fn cut(app: &App, clip: &ClipRow, spec: &JobSpec, found: &Found) -> Stored<bool> {
    let output = app
        .folder
        .clips(&clip.job_id)
        .join(format!("{}.mp4", clip.id));
    let cut_spec = match clip_spec(clip, spec, found.transcript.as_ref()) {
        Ok(cut_spec) => cut_spec,
        Err(error) => {
            app.store.fail_clip(&clip.id, &error.to_string()).await?;
            return Ok(false);
        }
    };
    match app.engine.cut(&found.video, &cut_spec, &output).await {
        Ok(report) => {
            let made = Made {
                start_seconds: report.start_seconds,
                end_seconds: report.start_seconds + report.duration_seconds,
                duration_seconds: report.duration_seconds,
                has_captions: report.captions_path.is_some(),
                has_thumbnail: report.thumbnail_path.is_some(),
            };
            app.store.complete_clip(&clip.id, made).await?;
            let message = format!("clip {} is made: {}", clip.id, report.log.join("; "));
            app.log(&clip.job_id, "info", &message).await;
            Ok(true)
        }
        Err(error) => {
            app.log(
                &clip.job_id,
                "warn",
                &format!("clip {} failed: {error}", clip.id),
            )
            .await;
            app.store.fail_clip(&clip.id, &error.to_string()).await?;
            Ok(false)
        }
    }
}

fn clip_spec(
    clip: &ClipRow,
    spec: &JobSpec,
    transcript: Option<&Transcript>,
) -> clip_engine::Result<ClipSpec> {
    let aspect: Aspect = clip.aspect.parse()?;
    let mut cut = ClipSpec::new(clip.start_seconds, clip.end_seconds)
        .framing(Framing::new(aspect))
        .thumbnail(true);
    if let Some(transcript) = transcript.filter(|_| spec.captions) {
        let style = styles::named(spec.caption_style.as_deref());
        cut = cut.captions(Captions::new(transcript.cues.clone()).style(style));
    }
    Ok(cut)
}
