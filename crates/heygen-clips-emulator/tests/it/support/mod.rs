//! What the tests share: an emulator with a client whose every exchange is held against the
//! documents, and a server on loopback that hands out the test video.

pub mod documents;
pub mod origin;

use std::sync::LazyLock;
use std::time::Duration;

use heygen_clips_emulator::{Backend, Builder, Emulator};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use documents::Documents;
pub use origin::Origin;

/// The contract.
pub static DOCUMENTS: LazyLock<Documents> = LazyLock::new(|| {
    Documents::new(&[
        heygen_clips_openapi::clips::DOCUMENT,
        heygen_clips_openapi::ai_clipping::DOCUMENT,
    ])
});

/// An emulator under test.
pub struct Bench {
    pub emulator: Emulator,
    pub client: reqwest::Client,
}

/// An answer, as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    /// `data` of a 200 or 202.
    #[track_caller]
    pub fn data(&self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{}: {}",
            self.status,
            self.json()
        );
        self.json()["data"].clone()
    }

    /// Status, `code` and `param` of a refusal.
    #[track_caller]
    pub fn refusal(&self) -> (u16, String, Option<String>) {
        let error = &self.json()["error"];
        assert!(!error["message"].as_str().unwrap().is_empty());
        let code = error["code"].as_str().unwrap().to_owned();
        (
            self.status,
            code,
            error["param"].as_str().map(str::to_owned),
        )
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// The expected side of [`Reply::refusal`].
pub fn refused(status: u16, code: &str, param: Option<&str>) -> (u16, String, Option<String>) {
    (status, code.to_owned(), param.map(str::to_owned))
}

/// Settings that every test begins with: the backend that needs nothing installed.
pub fn builder() -> Builder {
    Emulator::builder().backend(Backend::Embedded)
}

impl Bench {
    /// Starts an emulator with the usual settings.
    pub async fn start() -> Self {
        Self::with(builder()).await
    }

    /// Starts one with other settings.
    pub async fn with(builder: Builder) -> Self {
        let emulator = builder.start().await.unwrap();
        // reqwest wants to know a TLS library even for plain http; another test may have told it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { emulator, client }
    }

    /// A request with a key. Links are taken as they are, and get none.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().unwrap();
        if path.starts_with("http") {
            return self.client.request(method, path);
        }
        let url = format!("{}{path}", self.emulator.base_url());
        self.client
            .request(method, url)
            .header("x-api-key", "test-key")
    }

    /// Sends a request and holds the answer against the documents.
    #[track_caller]
    pub fn send(&self, request: RequestBuilder) -> impl Future<Output = Reply> + use<> {
        let client = self.client.clone();
        let base = self.emulator.base_url().to_owned();
        async move {
            let request = request.build().unwrap();
            let method = request.method().to_string();
            let path = request
                .url()
                .as_str()
                .strip_prefix(&base)
                .map(str::to_owned);
            let response = client.execute(request).await.unwrap();
            let status = response.status().as_u16();
            let headers = response.headers().clone();
            let body = response.bytes().await.unwrap().to_vec();
            assert!(headers.contains_key("x-request-id"), "no request id");
            if let Some(path) = path.filter(|path| DOCUMENTS.has(path)) {
                let kind = headers
                    .get("content-type")
                    .and_then(|value| value.to_str().ok());
                DOCUMENTS
                    .response(&method, &path, status, kind, &body)
                    .unwrap();
            }
            Reply {
                status,
                headers,
                body,
            }
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request("GET", path)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request("DELETE", path)).await
    }

    /// Posts a body; one that is accepted must be what the documents allow.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        let bytes = serde_json::to_vec(&body).unwrap();
        let request = self
            .request("POST", path)
            .header("content-type", "application/json");
        let reply = self.send(request.body(bytes.clone())).await;
        if reply.status < 300 {
            DOCUMENTS.request("POST", path, &bytes).unwrap();
        }
        reply
    }

    /// Polls a job until it has ended.
    pub async fn wait(&self, path: &str) -> Value {
        for _ in 0..1200 {
            let job = self.get(path).await.data();
            if job["status"] != "pending" && job["status"] != "running" {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{path} did not end within a minute");
    }

    /// Creates a `/v3/clips` job and waits for its end.
    pub async fn clip(&self, body: Value) -> Value {
        let id = self.post("/v3/clips", body).await.data()["clip_job_id"].clone();
        self.wait(&format!("/v3/clips/{}", id.as_str().unwrap()))
            .await
    }

    /// The messages of a job's log.
    pub async fn log(&self, id: &Value) -> Vec<String> {
        let path = format!("/_local/jobs/{}/log", id.as_str().unwrap());
        let lines = self.get(&path).await.data();
        let lines = lines.as_array().unwrap().iter();
        lines
            .map(|line| line["message"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// A source by link.
pub fn by_url(url: &str) -> Value {
    json!({ "type": "url", "url": url })
}
