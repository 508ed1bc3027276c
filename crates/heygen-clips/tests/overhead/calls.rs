//! The same typed read twice: by the SDK as users have it, and by bare `reqwest`.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};

use heygen_clips::{Client, types};

const KEY: &str = "sk_overhead";

const BODY: &str = r#"{"data":{"id":"clip_1","title":"Talk","status":"completed","transcript_source":"asr","clips":[{"id":"c_1","label":"One","url":"https://files.example.com/c_1.mp4?sig=1","start":1.0,"end":3.5,"duration":2.5,"aspect_ratio":"9:16","score":0.5,"caption_url":null}],"created_at":1717000000,"failure_message":null}}"#;

/// A server on a thread of its own, so that what it costs is not counted: one answer to everything.
pub(crate) fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut reader = BufReader::new(connection.try_clone().expect("a second handle"));
                let mut writer = connection;
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
                    if line == "\r\n" {
                        let length = BODY.len();
                        let answer = format!(
                            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: r\r\n\
                             content-length: {length}\r\n\r\n{BODY}"
                        );
                        if writer.write_all(answer.as_bytes()).is_err() {
                            return;
                        }
                    }
                    line.clear();
                }
            });
        }
    });
    address
}

/// The SDK, with retries, key and tracing as they are by default.
pub(crate) struct Sdk(Client);

impl Sdk {
    pub(crate) fn new(server: SocketAddr) -> Self {
        let client = Client::builder()
            .api_key(KEY)
            .base_url(format!("http://{server}"));
        Self(client.build().expect("a client"))
    }

    pub(crate) async fn call(&self) -> types::ClipJob {
        self.0.clips().get("clip_1").await.expect("a job")
    }
}

/// What one would write without the SDK.
pub(crate) struct Bare {
    client: reqwest::Client,
    base: String,
}

#[derive(serde::Deserialize)]
struct Envelope {
    data: types::ClipJob,
}

impl Bare {
    pub(crate) fn new(server: SocketAddr) -> Self {
        Self {
            client: heygen_clips_openapi::transport::client_builder()
                .no_proxy()
                .build()
                .expect("a client"),
            base: format!("http://{server}"),
        }
    }

    pub(crate) async fn call(&self) -> types::ClipJob {
        let url = format!("{}/v3/clips/{}", self.base, "clip_1");
        let request = self.client.get(url).header("x-api-key", KEY);
        let answer = request.send().await.expect("an answer");
        let answer = answer.error_for_status().expect("a success");
        answer.json::<Envelope>().await.expect("a job").data
    }
}
