//! Receives the callbacks of single jobs with axum. Nobody signs them, so each is only a reason to
//! ask the server, and what the server says is what counts.
//!
//! With the key in `HEYGEN_API_KEY`; jobs are submitted with a `callback_url` that leads here.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use heygen_clips::{Callback, Client, JobStatus, Unverified};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8082").await?;
    Ok(axum::serve(listener, app(Client::from_env()?)).await?)
}

pub(crate) fn app(client: Client) -> Router {
    Router::new()
        .route("/done", post(handle))
        .with_state(client)
}

async fn handle(State(client): State<Client>, body: Bytes) -> StatusCode {
    let Ok(callback) = Unverified::<Callback>::read(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    match callback.confirm(&client).await {
        Ok(job) if job.job_status() == JobStatus::Completed => {
            println!("{} is done", job.job_id());
            StatusCode::OK
        }
        Ok(job) => {
            println!("{} is {}", job.job_id(), job.job_status());
            StatusCode::OK
        }
        // Somebody has made it up.
        Err(error) if error.is_not_found() => StatusCode::NOT_FOUND,
        // It comes again.
        Err(error) => {
            eprintln!("{error}");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
