//! A server in the same process: it answers by a function and remembers what it was asked.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use heygen_clips::{Client, Request, Response, Retries, Sending, Transport, TransportError};
use serde_json::{Value, json};

/// The key of every client here, to look for where it must not be.
pub(crate) const KEY: &str = "sk_test_f3b1c0ffee";

pub(crate) const BASE: &str = "https://api.example.com";

pub(crate) type Reply = http::Response<Bytes>;

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) operation: String,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Answer = dyn Fn(&Call, usize) -> Result<Reply, TransportError> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Server {
    answer: Arc<Answer>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Server {
    /// Answers with what `answer` makes of the call and of how many came before it.
    pub(crate) fn new(answer: impl Fn(&Call, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::faulty(move |call, count| Ok(answer(call, count)))
    }

    /// As [`Server::new`], for one that does not always answer.
    pub(crate) fn faulty(
        answer: impl Fn(&Call, usize) -> Result<Reply, TransportError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            answer: Arc::new(answer),
            calls: Arc::default(),
        }
    }

    /// Answers with these, in turn.
    pub(crate) fn script(replies: Vec<Reply>) -> Self {
        Self::new(move |call, count| {
            replies
                .get(count)
                .unwrap_or_else(|| panic!("no reply for {call:?}"))
                .clone()
        })
    }

    /// Answers everything with this.
    pub(crate) fn always(reply: Reply) -> Self {
        Self::new(move |_, _| reply.clone())
    }

    /// A client that sends every call once.
    pub(crate) fn client(&self) -> Client {
        self.patient_client().with_retries(Retries::none())
    }

    /// A client as users have it.
    pub(crate) fn patient_client(&self) -> Client {
        Client::builder()
            .api_key(KEY)
            .base_url(BASE)
            .transport(self.clone())
            .build()
            .unwrap()
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Operations in the order of the calls.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.calls()
            .into_iter()
            .map(|call| call.operation)
            .collect()
    }
}

impl Transport for Server {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let operation = request.operation().to_owned();
            let (parts, body) = request.into_http().await?.into_parts();
            let call = Call {
                operation,
                method: parts.method.to_string(),
                url: parts.uri.to_string(),
                headers: parts.headers,
                body,
            };
            let count = {
                let mut calls = self.calls.lock().unwrap();
                calls.push(call.clone());
                calls.len() - 1
            };
            (self.answer)(&call, count).map(Response::from)
        })
    }
}

pub(crate) fn reply(status: u16, body: impl Into<Bytes>) -> Reply {
    http::Response::builder()
        .status(status)
        .body(body.into())
        .unwrap()
}

pub(crate) fn json_reply(status: u16, body: &Value) -> Reply {
    reply(status, body.to_string())
}

/// A success with `data`.
pub(crate) fn data(data: &Value) -> Reply {
    json_reply(200, &json!({ "data": data }))
}

/// The vendor's error envelope.
pub(crate) fn refusal(status: u16, code: &str, message: &str) -> Reply {
    json_reply(
        status,
        &json!({ "error": { "code": code, "message": message } }),
    )
}

pub(crate) fn with(mut reply: Reply, name: &'static str, value: &str) -> Reply {
    reply.headers_mut().insert(name, value.parse().unwrap());
    reply
}

/// A job of `/v3/clips` in some state, without clips.
pub(crate) fn job(status: &str) -> Value {
    json!({ "id": "clip_1", "status": status, "clips": [] })
}

/// A finished clip whose files are behind these links.
pub(crate) fn clip(id: &str, label: &str, url: &str, caption_url: Option<&str>) -> Value {
    json!({
        "id": id, "label": label, "url": url, "caption_url": caption_url,
        "start": 1.0, "end": 3.5, "duration": 2.5, "aspect_ratio": "9:16", "score": 0.5,
    })
}
