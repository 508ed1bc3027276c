//! The servers of the test kit, with our key and the vendor's forms of answers.

use std::ops::Deref;

use bytes::Bytes;
pub(crate) use heygen_clips::testing::{Answer, Call, Reply};
use heygen_clips::{Client, Request, Retries, Sending, Transport, testing};
use serde_json::{Value, json};

/// The key of every client here, to look for where it must not be.
pub(crate) const KEY: &str = "sk_test_f3b1c0ffee";

pub(crate) const BASE: &str = "https://api.example.com";

/// The kit's server, with the clients that are used here.
#[derive(Clone)]
pub(crate) struct Server(testing::Server);

impl Server {
    pub(crate) fn new<A: Into<Answer>>(
        answer: impl Fn(&Call, usize) -> A + Send + Sync + 'static,
    ) -> Self {
        Self(testing::Server::new(answer))
    }

    pub(crate) fn script(replies: Vec<Reply>) -> Self {
        Self(testing::Server::script(replies))
    }

    pub(crate) fn always(reply: Reply) -> Self {
        Self(testing::Server::always(reply))
    }

    /// A client that sends every call once.
    pub(crate) fn client(&self) -> Client {
        self.patient_client().with_retries(Retries::none())
    }

    /// A client as users have it.
    pub(crate) fn patient_client(&self) -> Client {
        let client = self.client_builder().api_key(KEY).base_url(BASE);
        client.build().unwrap()
    }
}

impl Deref for Server {
    type Target = testing::Server;

    fn deref(&self) -> &testing::Server {
        &self.0
    }
}

impl Transport for Server {
    fn send(&self, request: Request) -> Sending<'_> {
        self.0.send(request)
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
