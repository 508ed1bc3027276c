//! Receives signed events with axum, and wakes whoever waits for the job. Feature `axum`.
//!
//! The secret of the endpoint is in `WEBHOOK_SECRET`, the key in `HEYGEN_API_KEY`.

use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Router, serve};
use heygen_clips::{Client, Signed, Verifier};

#[derive(Clone)]
struct App {
    client: Client,
    verifier: Arc<Verifier>,
}

impl FromRef<App> for Arc<Verifier> {
    fn from_ref(app: &App) -> Self {
        Arc::clone(&app.verifier)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secret = std::env::var("WEBHOOK_SECRET")?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8081").await?;
    Ok(serve(listener, app(Client::from_env()?, &secret)?).await?)
}

pub(crate) fn app(client: Client, secret: &str) -> heygen_clips::Result<Router> {
    let verifier = Arc::new(Verifier::new(secret)?.remember(10_000));
    let app = App { client, verifier };
    Ok(Router::new().route("/heygen", post(handle)).with_state(app))
}

async fn handle(State(app): State<App>, Signed(delivery): Signed) -> StatusCode {
    println!("{}", delivery.event.event_type());
    if let Some(id) = delivery.event.job_id() {
        app.client.wake(id);
    }
    StatusCode::OK
}
