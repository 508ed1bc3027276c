//! HTTP: routes, what stands before them, and the shapes of answers.
//!
//! A request passes `gate` (key, contract, idempotency) before a handler sees it. Handlers read and
//! write rows and files; the work itself is done by `work`, which HTTP never waits for.

mod admin;
mod ai_clipping;
mod assets;
mod clips;
mod files;
mod gate;
mod jobs;
pub(crate) mod reply;

mod uploads;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post, put};
use http::request::Parts;
use http::{StatusCode, Uri};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
pub(crate) use files::ASSETS;
pub(crate) use gate::InFlight;
use reply::Refusal;

/// Everything the emulator serves.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let contract = Router::new()
        .route("/v3/clips", post(clips::create).get(clips::list))
        .route(
            "/v3/clips/{clip_job_id}",
            get(clips::get).delete(clips::delete),
        )
        .route(
            "/v3/ai-clipping",
            post(ai_clipping::create).get(ai_clipping::list),
        )
        .route(
            "/v3/ai-clipping/{job_id}",
            get(ai_clipping::get).delete(ai_clipping::delete),
        )
        .route("/v3/assets", post(assets::upload))
        .route(
            "/v3/assets/{asset_id}",
            get(assets::get).delete(assets::delete),
        )
        .route("/v3/assets/direct-uploads", post(uploads::create))
        .route("/v3/assets/{asset_id}/complete", post(uploads::complete))
        .route(
            "/v3/webhooks/endpoints",
            post(webhooks::create).get(webhooks::list),
        )
        .route(
            "/v3/webhooks/endpoints/{endpoint_id}",
            patch(webhooks::update).delete(webhooks::delete),
        )
        .route(
            "/v3/webhooks/endpoints/{endpoint_id}/rotate-secret",
            post(webhooks::rotate),
        )
        .route("/v3/webhooks/event-types", get(webhooks::event_types))
        .route("/v3/webhooks/events", get(webhooks::events))
        .route_layer(from_fn_with_state(app.clone(), gate::contract));
    let with_key = contract
        .route("/_local/jobs/{job_id}/log", get(admin::job_log))
        .route_layer(from_fn_with_state(app.clone(), gate::key));
    with_key
        .route("/_local/health", get(admin::health))
        .route("/_files/{folder}/{name}", get(files::download))
        .route("/_uploads/{asset_id}", put(uploads::receive))
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        // Bodies are limited where they are read, with our own envelope.
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(|_| {
            Refusal::internal("a handler panicked").into_response()
        }))
        .layer(from_fn(gate::request_id))
        .with_state(app.clone())
}

async fn no_route(uri: Uri) -> Refusal {
    Refusal::not_found("not_found", format!("there is no {} here", uri.path()))
}

async fn no_method(uri: Uri) -> Refusal {
    let message = format!(
        "{} does not take this method; see the Allow header",
        uri.path()
    );
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        message,
    )
}

/// The id in a path. One that is no text is one that does not exist.
#[derive(Debug)]
struct Id(String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => {
                let message = "the id in the path is not valid text";
                Err(Refusal::not_found("not_found", message).into_response())
            }
        }
    }
}
