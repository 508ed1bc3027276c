//! `/v3/ai-clipping`: the reference's dialect.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;

use super::Id;
use super::gate::{Checked, Keyed};
use super::jobs::{self, Order, Paging};
use super::reply::{self, Answer};
use crate::app::App;
use crate::store::Dialect;
use crate::wire;
use crate::work::{JobSpec, Moments, Source, Target};

const LIST: &str = "ai-clipping";

/// The fields of a create call; the contract has checked all of them.
#[derive(Debug, Deserialize)]
struct Create {
    video: Source,
    title: Option<String>,
    input_language: Option<String>,
    #[serde(default)]
    output_settings: OutputSettings,
    callback_url: Option<String>,
    callback_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct OutputSettings {
    duration_types: Option<Vec<Target>>,
    aspect_ratio: Option<String>,
    captions: Option<bool>,
    caption_style: Option<String>,
    prompt: Option<String>,
}

/// Accepts a job, with 202.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    keyed: Option<Keyed>,
    body: Checked,
) -> Answer {
    let create: Create = body.read()?;
    let settings = create.output_settings;
    let spec = JobSpec {
        source: create.video,
        // What the vendor makes without a choice is not documented: one short and one longer clip.
        moments: Moments::Targets {
            targets: settings
                .duration_types
                .unwrap_or_else(|| vec![Target::S30, Target::S60]),
        },
        instruction: settings.prompt,
        aspect: settings
            .aspect_ratio
            .unwrap_or_else(|| "portrait".to_owned()),
        captions: settings.captions.unwrap_or(true),
        caption_style: settings.caption_style,
    };
    let order = Order {
        dialect: Dialect::AiClipping,
        title: create.title,
        input_language: create.input_language,
        callback_url: create.callback_url,
        callback_id: create.callback_id,
        spec,
    };
    jobs::accept(&app, order, keyed, |id| {
        reply::with_status(StatusCode::ACCEPTED, wire::ai_clipping::created(id))
    })
    .await
}

/// One job with its clips as they stand, finished or not.
pub(super) async fn get(State(app): State<Arc<App>>, Id(id): Id) -> Answer {
    let job = jobs::find(&app, Dialect::AiClipping, &id).await?;
    let clips = app.store.clips(&id).await?;
    reply::data(wire::ai_clipping::job(&app, &job, &clips, true))
}

/// One page of jobs, newest first, each with its clips.
pub(super) async fn list(State(app): State<Arc<App>>, paging: Paging) -> Answer {
    let before = paging.before(&app, LIST)?;
    let mut rows = app
        .store
        .jobs(Dialect::AiClipping, before, paging.rows())
        .await?;
    let next = paging.cut(&app, LIST, &mut rows, |job| job.seq);
    let mut jobs = Vec::with_capacity(rows.len());
    for row in &rows {
        let clips = app.store.clips(&row.id).await?;
        jobs.push(wire::ai_clipping::job(&app, row, &clips, false));
    }
    reply::page(jobs.into_iter().collect(), next.as_deref())
}

/// Hides a job and its clips, and stops it when it runs. Its row stays, its files do not.
pub(super) async fn delete(State(app): State<Arc<App>>, Id(id): Id) -> Answer {
    if !app.store.hide_job(Dialect::AiClipping, &id).await? {
        return Err(jobs::no_job(&id));
    }
    app.forget_job(&id).await;
    reply::data(wire::ai_clipping::deleted(id))
}
