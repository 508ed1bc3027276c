//! `/v3/clips`: the guide's dialect.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;

use super::Id;
use super::gate::{Checked, Keyed};
use super::jobs::{self, Order, Paging};
use super::reply::{self, Answer, Refusal};
use crate::app::App;
use crate::store::Dialect;
use crate::wire;
use crate::work::{JobSpec, Moments, Source, Window};

const LIST: &str = "clips";

/// The fields of a create call that matter here; the contract has checked all of them.
#[derive(Debug, Deserialize)]
struct Create {
    video: Source,
    max_clips: Option<u32>,
    instruction: Option<String>,
    windows: Option<Vec<Window>>,
    aspect_ratio: Option<String>,
    enable_caption: Option<bool>,
    title: Option<String>,
    callback_url: Option<String>,
    callback_id: Option<String>,
}

/// Accepts a job. Answers 200: the vendor's guide names no code, and its siblings use 200.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    keyed: Option<Keyed>,
    body: Checked,
) -> Answer {
    let create: Create = body.read()?;
    // An empty list is no list: "ignored when windows is supplied" speaks of windows to cut.
    let windows = create.windows.filter(|windows| !windows.is_empty());
    for (index, window) in windows.iter().flatten().enumerate() {
        if window.end <= window.start {
            let message = if window.end < window.start {
                format!("the window ends at {} s, before it begins", window.end)
            } else {
                format!(
                    "the window is empty: it begins and ends at {} s",
                    window.end
                )
            };
            return Err(Refusal::parameter(format!("windows[{index}].end"), message));
        }
    }
    let moments = match windows {
        Some(windows) => Moments::Windows { windows },
        None => Moments::Best {
            most: create.max_clips.unwrap_or(5),
        },
    };
    let spec = JobSpec {
        source: create.video,
        moments,
        instruction: create.instruction,
        aspect: create.aspect_ratio.unwrap_or_else(|| "9:16".to_owned()),
        captions: create.enable_caption.unwrap_or(false),
        caption_style: None,
    };
    let order = Order {
        dialect: Dialect::Clips,
        title: create.title,
        input_language: None,
        callback_url: create.callback_url,
        callback_id: create.callback_id,
        spec,
    };
    jobs::accept(&app, order, keyed, |id| {
        reply::data(wire::clips::created(id))
    })
    .await
}

/// One job; its clips only once it has completed.
pub(super) async fn get(State(app): State<Arc<App>>, Id(id): Id) -> Answer {
    let job = jobs::find(&app, Dialect::Clips, &id).await?;
    let clips = app.store.clips(&id).await?;
    reply::data(wire::clips::job(&app, &job, &clips))
}

/// One page of jobs, newest first, without their clips.
pub(super) async fn list(State(app): State<Arc<App>>, paging: Paging) -> Answer {
    let before = paging.before(&app, LIST)?;
    let mut rows = app
        .store
        .jobs(Dialect::Clips, before, paging.rows())
        .await?;
    let next = paging.cut(&app, LIST, &mut rows, |job| job.seq);
    reply::page(
        rows.iter().map(wire::clips::summary).collect(),
        next.as_deref(),
    )
}

/// Deletes a job for good, and stops it when it runs.
pub(super) async fn delete(State(app): State<Arc<App>>, Id(id): Id) -> Answer {
    if !app.store.remove_job(Dialect::Clips, &id).await? {
        return Err(jobs::no_job(&id));
    }
    app.forget_job(&id).await;
    reply::data(wire::clips::deleted(id))
}
