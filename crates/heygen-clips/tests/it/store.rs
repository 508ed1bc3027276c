//! A store of one file behind signed links: with ranges, ETags and links that wear out. It answers
//! in the same process, or over a socket of its own.

use std::sync::{Arc, Mutex};

use heygen_clips::Client;
use heygen_clips::testing::Listening;
use heygen_clips::types::ClipJob;
use serde_json::{Value, json};

use crate::server::{Call, KEY, Reply, Server, clip, data, job, reply, with};

const FILES: &str = "https://files.example.com";

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

    fn file(&self, url: &str, range: Option<&str>, if_range: Option<&str>) -> Reply {
        let mut state = self.state.lock().unwrap();
        if state.left == 0 || !url.ends_with(&format!("?Signature={}", state.signature)) {
            return reply(403, "");
        }
        let total = self.content.len();
        let is_same = if_range.is_none() || if_range == self.etag;
        let start = range.filter(|_| is_same).map_or(0, |range| {
            let range = range.strip_prefix("bytes=").unwrap();
            range.strip_suffix('-').unwrap().parse().unwrap()
        });
        let sent = state.left.min(total - start);
        state.left -= sent;
        let body = self.content[start..start + sent].to_vec();
        let length = (total - start).to_string();
        // The body may be shorter than announced.
        let mut answer = with(
            reply(if start > 0 { 206 } else { 200 }, body),
            "content-length",
            &length,
        );
        if start > 0 {
            let range = format!("bytes {start}-{}/{total}", total - 1);
            answer = with(answer, "content-range", &range);
        }
        match self.etag {
            Some(etag) => with(answer, "etag", etag),
            None => answer,
        }
    }

    /// A server that has both the job and the file.
    pub(crate) fn server(&self) -> Server {
        let store = self.clone();
        Server::new(move |call, _| store.answer(call))
    }

    /// It on a socket, and a client of it.
    pub(crate) async fn listen(&self) -> (Listening, Client) {
        let listening = self.server().listen().await.unwrap();
        let client = Client::builder().api_key(KEY);
        let client = client.base_url(listening.base_url()).build().unwrap();
        (listening, client)
    }

    fn answer(&self, call: &Call) -> Reply {
        if !call.url.contains("/1.mp4") {
            assert_eq!(call.header("x-api-key"), Some(KEY));
            let api = call.url.split("/v3").next().unwrap();
            let is_far = api.starts_with("http://");
            return data(&self.job(if is_far { api } else { FILES }));
        }
        assert!(call.header("x-api-key").is_none());
        self.file(&call.url, call.header("range"), call.header("if-range"))
    }
}
