//! A store of one file behind signed links: with ranges, ETags and links that wear out. It answers
//! in the same process, or over a socket of its own.

use std::sync::{Arc, Mutex};

use heygen_clips::Client;
use heygen_clips::types::ClipJob;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::{Call, KEY, Reply, Server, clip, data, job, reply};

/// A job of one clip behind `link`.
pub(crate) fn job_with(link: &str) -> Value {
    let mut job = job("completed");
    job["clips"] = json!([clip("c_1", "x", link, None)]);
    job
}

pub(crate) fn finished(job: Value) -> ClipJob {
    serde_json::from_value(job).unwrap()
}

/// Bytes of which no two stretches are alike.
pub(crate) fn content(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(next).collect()
}

/// A file whose link is dead after some bytes.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) content: Arc<Vec<u8>>,
    etag: Option<&'static str>,
    /// Bytes that each link gives.
    worth: usize,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Of the link that works now.
    signature: u32,
    left: usize,
}

/// What goes over the wire: the body may be shorter than announced.
pub(crate) struct Sent {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Store {
    pub(crate) fn new(content: Vec<u8>, etag: Option<&'static str>, worth: usize) -> Self {
        Self {
            content: Arc::new(content),
            etag,
            worth,
            state: Arc::new(Mutex::new(State {
                signature: 1,
                left: worth,
            })),
        }
    }

    /// How many links it has given.
    pub(crate) fn links(&self) -> u32 {
        self.state.lock().unwrap().signature
    }

    /// The job as it is read now: with a new link, if the last one is worn out.
    pub(crate) fn job(&self, host: &str) -> Value {
        let mut state = self.state.lock().unwrap();
        if state.left == 0 {
            state.signature += 1;
            state.left = self.worth;
        }
        let signature = state.signature;
        job_with(&format!("{host}/1.mp4?Signature={signature}"))
    }

    fn file(&self, url: &str, range: Option<&str>, if_range: Option<&str>) -> Sent {
        let mut state = self.state.lock().unwrap();
        if state.left == 0 || !url.ends_with(&format!("?Signature={}", state.signature)) {
            return Sent {
                status: 403,
                headers: vec![("content-length", "0".into())],
                body: Vec::new(),
            };
        }
        let total = self.content.len();
        let is_same = if_range.is_none() || if_range == self.etag;
        let start = range.filter(|_| is_same).map_or(0, |range| {
            let range = range.strip_prefix("bytes=").unwrap();
            range.strip_suffix('-').unwrap().parse().unwrap()
        });
        let sent = state.left.min(total - start);
        state.left -= sent;
        let mut headers = vec![("content-length", (total - start).to_string())];
        if start > 0 {
            let range = format!("bytes {start}-{}/{total}", total - 1);
            headers.push(("content-range", range));
        }
        if let Some(etag) = self.etag {
            headers.push(("etag", etag.to_owned()));
        }
        Sent {
            status: if start > 0 { 206 } else { 200 },
            headers,
            body: self.content[start..start + sent].to_vec(),
        }
    }

    /// In the same process.
    pub(crate) fn server(&self) -> Server {
        let store = self.clone();
        Server::new(move |call, _| store.answer(call))
    }

    fn answer(&self, call: &Call) -> Reply {
        if !call.url.contains("/1.mp4") {
            return data(&self.job("https://files.example.com"));
        }
        assert!(call.header("x-api-key").is_none());
        let sent = self.file(&call.url, call.header("range"), call.header("if-range"));
        let mut answer = reply(sent.status, sent.body);
        for (name, value) in sent.headers {
            answer.headers_mut().insert(name, value.parse().unwrap());
        }
        answer
    }

    /// On a socket; gives the client of a server that has both the job and the file.
    pub(crate) async fn listen(&self) -> Client {
        let store = self.clone();
        let answer = move |host: &str, head: &str| {
            let url = head.split(' ').nth(1).unwrap();
            if !url.contains("/1.mp4") {
                assert!(head.contains(KEY));
                return whole(&json!({ "data": store.job(host) }).to_string());
            }
            assert!(!head.contains(KEY));
            let header = |name: &str| {
                let mut lines = head.lines();
                lines.find_map(|line| line.strip_prefix(&format!("{name}: ")))
            };
            let sent = store.file(url, header("range"), header("if-range"));
            let mut out = format!("HTTP/1.1 {} x\r\nconnection: close\r\n", sent.status);
            for (name, value) in sent.headers {
                out.push_str(&format!("{name}: {value}\r\n"));
            }
            let mut out = format!("{out}\r\n").into_bytes();
            out.extend(sent.body);
            out
        };
        let base = listen(answer).await;
        let client = Client::builder().api_key(KEY).base_url(base);
        client.build().unwrap()
    }
}

/// An answer of HTTP with a body of text.
pub(crate) fn whole(body: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nconnection: close";
    format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Answers each request on a socket with the bytes that `answer` makes of the server's own address
/// and the request's head, then closes the connection.
pub(crate) async fn listen(
    answer: impl Fn(&str, &str) -> Vec<u8> + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let host = base.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            if head.is_empty() {
                continue;
            }
            let answer = answer(&host, std::str::from_utf8(&head).unwrap());
            // The client may have had enough.
            let _ = stream.write_all(&answer).await;
        }
    });
    base
}
