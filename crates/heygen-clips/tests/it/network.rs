//! The way over the network: where the key goes, and where it does not.

use std::sync::{Arc, Mutex};

use heygen_clips::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::{KEY, job};

/// A host on loopback that gives every request the same answer and remembers what it was sent.
struct Host {
    url: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Host {
    async fn start(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let hears = heard.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 1 << 16];
                let size = stream.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..size]).into_owned();
                hears.lock().unwrap().push(request);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { url, heard }
    }

    /// One that has the job.
    async fn with_job() -> Self {
        let body = serde_json::json!({ "data": job("completed") }).to_string();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
        let length = body.len();
        Self::start(format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}")).await
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn the_key_follows_no_redirect_whatever_the_client_was_set_to() {
    let other = Host::with_job().await;
    let location = format!("{}/v3/clips/clip_1", other.url);
    let redirect = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {location}\r\nconnection: close\r\n\
         content-length: 0\r\n\r\n"
    );
    let first = Host::start(redirect).await;
    let follows = reqwest::redirect::Policy::limited(3);
    let own = reqwest::Client::builder().redirect(follows);
    for builder in [Client::builder(), Client::builder().http_client(own)] {
        let client = builder.api_key(KEY).base_url(&first.url).build().unwrap();
        let error = client.clips().get("clip_1").await.unwrap_err();
        assert_eq!(error.status(), Some(307), "{error}");
        assert_eq!(other.heard(), [""; 0]);
    }
    assert!(first.heard().iter().all(|request| request.contains(KEY)));
    assert_eq!(first.heard().len(), 2);
}

#[tokio::test]
async fn plain_http_to_this_machine_goes_through_no_proxy() {
    let (server, proxy) = (Host::with_job().await, Host::with_job().await);
    let proxied = reqwest::Proxy::all(&proxy.url).unwrap();
    let client = Client::builder()
        .http_client(reqwest::Client::builder().proxy(proxied))
        .api_key(KEY)
        .base_url(&server.url)
        .build()
        .unwrap();
    client.clips().get("clip_1").await.unwrap();
    assert_eq!(server.heard().len(), 1);
    assert_eq!(proxy.heard(), [""; 0]);
}
