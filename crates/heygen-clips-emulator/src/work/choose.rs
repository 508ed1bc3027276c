//! Decides what to cut: the windows that were asked for, or the moments that the engine picks.

use clip_engine::{ClipLength, SelectSpec};

use super::run::Failure;
use super::source::Found;
use super::{JobSpec, Moments, Target, Window};
use crate::app::{App, new_id};
use crate::store::{JobRow, NewClip};

/// Decides on a job's clips.
pub(super) async fn choose(
    app: &App,
    job: &JobRow,
    spec: &JobSpec,
    found: &Found,
) -> Result<Vec<NewClip>, Failure> {
    let mut wished = match &spec.moments {
        Moments::Windows { windows } => return exactly(app, job, spec, found, windows).await,
        Moments::Best { most } => SelectSpec::count(usize::try_from(*most).unwrap_or(usize::MAX)),
        Moments::Targets { targets } => {
            SelectSpec::lengths(targets.iter().map(|target| length(*target)).collect())
        }
    };
    if let Some(instruction) = &spec.instruction {
        wished = wished.instruction(instruction);
    }
    if let Some(transcript) = &found.transcript {
        wished = wished.transcript(transcript.clone());
    }
    let selection = app.engine.select(&found.video, &wished).await;
    let selection = selection.map_err(|e| Failure(format!("no moments could be chosen: {e}")))?;
    for line in &selection.log {
        app.log(&job.id, "warn", line).await;
    }
    let mut moments = selection.moments;
    if matches!(spec.moments, Moments::Targets { .. }) {
        // As the lengths were asked for: nothing else on the wire tells which clip is for which.
        moments.sort_by_key(|moment| moment.wish);
    }
    for moment in &moments {
        let features: Vec<_> = moment
            .features
            .iter()
            .map(|f| format!("{} {:.2}", f.name, f.value))
            .collect();
        let (from, to, score) = (moment.start_seconds, moment.end_seconds, moment.score);
        let message = format!(
            "chose {from:.2}-{to:.2} s, score {score:.2}: {}",
            features.join(", ")
        );
        app.log(&job.id, "info", &message).await;
    }
    let clips = moments.into_iter().map(|moment| NewClip {
        id: new_id("c_"),
        label: moment.label,
        start_seconds: moment.start_seconds,
        end_seconds: moment.end_seconds,
        score: Some(moment.score),
        aspect: spec.aspect.clone(),
    });
    Ok(clips.collect())
}

fn length(target: Target) -> ClipLength {
    match target {
        Target::S30 => ClipLength::about(30.0),
        Target::S60 => ClipLength::about(60.0),
        Target::S180 => ClipLength::about(180.0),
        Target::Long => ClipLength::over(180.0),
    }
}

/// The windows as they are, as far as the source goes.
async fn exactly(
    app: &App,
    job: &JobRow,
    spec: &JobSpec,
    found: &Found,
    windows: &[Window],
) -> Result<Vec<NewClip>, Failure> {
    let duration = found.info.duration_seconds;
    let mut clips = Vec::with_capacity(windows.len());
    for (index, window) in windows.iter().enumerate() {
        let (start, end) = (window.start, window.end);
        if start >= duration {
            return Err(Failure(format!(
                "windows[{index}] begins at {start} s, but the source is {duration:.3} s long"
            )));
        }
        if end > duration + 0.001 {
            let message = format!(
                "windows[{index}] ends at {end} s, but the source is {duration:.3} s long: the clip \
                 ends with the source"
            );
            app.log(&job.id, "warn", &message).await;
        }
        clips.push(NewClip {
            id: new_id("c_"),
            label: window
                .label
                .clone()
                .unwrap_or_else(|| format!("Clip {}", index + 1)),
            start_seconds: start,
            end_seconds: end.min(duration),
            score: None,
            aspect: spec.aspect.clone(),
        });
    }
    Ok(clips)
}
