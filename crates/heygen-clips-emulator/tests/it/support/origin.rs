//! A server on loopback: it hands out files and writes down what is posted to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// The test video: 20 s, 320x180, 25 frames a second, with sound.
pub const VIDEO: &[u8] = include_bytes!("../data/talk.mp4");
/// What is said in it.
pub const TRANSCRIPT: &str = include_str!("../data/talk.vtt");

/// A delivery as it came.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

#[derive(Default)]
struct Shared {
    files: Mutex<HashMap<String, Vec<u8>>>,
    /// Statuses to answer deliveries with before 200.
    refusals: Mutex<Vec<u16>>,
    deliveries: Mutex<Vec<Delivery>>,
    gate: Notify,
}

/// The server; it ends with the test.
#[derive(Clone)]
pub struct Origin {
    pub url: String,
    shared: Arc<Shared>,
}

impl Origin {
    /// Serves `talk.mp4` (without its transcript) and whatever else is added.
    pub async fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let router = Router::new()
            .route("/files/{name}", get(file))
            .route("/gated/{name}", get(gated))
            .route("/moved/{name}", get(moved))
            .route(
                "/to-metadata",
                get(|| async { Redirect::to("http://169.254.169.254/v") }),
            )
            .route("/loop", get(|| async { Redirect::to("/loop") }))
            .route("/hook", post(hook))
            .with_state(shared.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let origin = Self { url, shared };
        origin.add("talk.mp4", VIDEO);
        origin
    }

    /// Adds a file under `/files`, `/gated` and `/moved`.
    pub fn add(&self, name: &str, bytes: impl AsRef<[u8]>) {
        self.shared
            .files
            .lock()
            .unwrap()
            .insert(name.to_owned(), bytes.as_ref().to_vec());
    }

    /// The link to a file.
    pub fn file(&self, name: &str) -> String {
        format!("{}/files/{name}", self.url)
    }

    /// A link that does not answer until [`Origin::open`].
    pub fn gated(&self, name: &str) -> String {
        format!("{}/gated/{name}", self.url)
    }

    /// Lets one waiting request for a gated file go on.
    pub fn open(&self) {
        self.shared.gate.notify_one();
    }

    /// The link for callbacks.
    pub fn hook(&self) -> String {
        format!("{}/hook", self.url)
    }

    /// Answers the next deliveries with these statuses.
    pub fn refuse(&self, statuses: &[u16]) {
        self.shared
            .refusals
            .lock()
            .unwrap()
            .extend_from_slice(statuses);
    }

    /// Waits for so many deliveries.
    pub async fn deliveries(&self, count: usize) -> Vec<Delivery> {
        for _ in 0..600 {
            let deliveries = self.shared.deliveries.lock().unwrap().clone();
            if deliveries.len() >= count {
                return deliveries;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{count} deliveries did not come within 30 s");
    }
}

async fn file(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Response {
    match shared.files.lock().unwrap().get(&name) {
        Some(bytes) => bytes.clone().into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn gated(state: State<Arc<Shared>>, name: Path<String>) -> Response {
    // Only the video waits: what is looked for beside it is answered at once.
    if name.ends_with(".mp4") {
        state.gate.notified().await;
    }
    file(state, name).await
}

async fn moved(Path(name): Path<String>) -> Redirect {
    Redirect::to(&format!("/files/{name}"))
}

async fn hook(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    shared.deliveries.lock().unwrap().push(Delivery {
        headers,
        body: body.to_vec(),
    });
    let mut refusals = shared.refusals.lock().unwrap();
    let status = if refusals.is_empty() {
        200
    } else {
        refusals.remove(0)
    };
    StatusCode::from_u16(status).unwrap()
}
