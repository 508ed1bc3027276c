//! `/_local`: what only an emulator has. Not part of the vendor's contract.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Id;
use super::jobs::no_job;
use super::reply::{self, Answer};
use crate::app::App;

/// Whether the emulator is up, and how it works. Needs no key.
pub(super) async fn health(State(app): State<Arc<App>>) -> Response {
    let backend = app.engine.backend().to_string();
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "backend": backend }))
        .into_response()
}

/// What a job did and left out, oldest line first: `[{"at", "level": "info"|"warn", "message"}]`.
pub(super) async fn job_log(State(app): State<Arc<App>>, Id(id): Id) -> Answer {
    if app.store.job(&id).await?.is_none_or(|job| job.deleted) {
        return Err(no_job(&id));
    }
    let line = |line: crate::store::LogRow| json!({ "at": line.at, "level": line.level, "message": line.message });
    let lines: Value = app
        .store
        .job_log(&id)
        .await?
        .into_iter()
        .map(line)
        .collect();
    reply::data(Ok(lines))
}
