//! A create request of either dialect on its way: what is noted of it, and how it is sent.

use std::time::SystemTime;

use heygen_clips_openapi::{ai_clipping, clips};
use hmac_sha256::Hash;
use serde_json::Value;

use super::record::Wanted;
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::job::JobId;
use crate::job::handle::Dialect;
use crate::redact::{self, looks_like_a_token};
use crate::types;

/// A create request, checked.
#[derive(Clone)]
pub(crate) enum Wire {
    Clips(clips::types::CreateClipsRequest),
    AiClipping {
        /// The caller's own key.
        key: Option<String>,
        body: ai_clipping::types::CreateAiClippingRequest,
    },
}

impl Wire {
    /// From a journal.
    pub(super) fn stored(wanted: &Wanted) -> Option<Self> {
        let body = wanted.body.as_ref()?;
        Some(match wanted.dialect {
            Dialect::Clips => Self::Clips(types::read(body).ok()?),
            Dialect::AiClipping => Self::AiClipping {
                key: wanted.key.clone(),
                body: types::read(body).ok()?,
            },
        })
    }

    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Clips(_) => Dialect::Clips,
            Self::AiClipping { .. } => Dialect::AiClipping,
        }
    }

    /// Equal for equal requests. Taken before [`Wire::mark`].
    pub(super) fn sha256(&self) -> Result<String> {
        let mut hash = Hash::new();
        if let Self::AiClipping { key, .. } = self {
            hash.update(key.as_deref().unwrap_or_default());
        }
        hash.update([0]);
        hash.update(self.body()?.to_string());
        Ok(hex::encode(hash.finalize()))
    }

    /// Makes the request one that can be found in a list of jobs.
    pub(super) fn mark(&mut self, intent: &str) {
        if let Self::Clips(body) = self {
            let title = body.title.take();
            let title = title.filter(|title| !title.trim().is_empty());
            body.title = Some(title.unwrap_or_else(|| marker(intent)));
        }
    }

    /// What the journal has of it.
    pub(super) fn wanted(&self, base_url: &str, sha256: String, intent: &str) -> Result<Wanted> {
        let body = self.body()?;
        let is_secret = may_hold_a_secret(&body, "");
        let title = self.title();
        let title = title.filter(|title| !may_hold_a_secret(&Value::from(*title), ""));
        Ok(Wanted {
            dialect: self.dialect(),
            base_url: base_url.to_owned(),
            key: self.key(intent),
            key_since: None,
            sha256,
            title: title.map(str::to_owned),
            body: (!is_secret).then_some(body),
        })
    }

    /// The title, where a job can be looked for by it.
    pub(super) fn title(&self) -> Option<&str> {
        match self {
            Self::Clips(body) => body.title.as_deref(),
            Self::AiClipping { .. } => None,
        }
    }

    /// Sends it, under the intent's key where there are keys, which was first used then.
    pub(super) async fn send(
        self,
        client: &Client,
        intent: &str,
        first_use: SystemTime,
    ) -> Result<JobId> {
        let key = self.key(intent).unwrap_or_default();
        match self {
            Self::Clips(body) => client.clips().send(body).await,
            Self::AiClipping { body, .. } => client.ai_clipping().send(key, first_use, body).await,
        }
    }

    fn key(&self, intent: &str) -> Option<String> {
        match self {
            Self::Clips(_) => None,
            Self::AiClipping { key, .. } => Some(key.clone().unwrap_or_else(|| intent.to_owned())),
        }
    }

    fn body(&self) -> Result<Value> {
        let body = match self {
            Self::Clips(body) => serde_json::to_value(body),
            Self::AiClipping { body, .. } => serde_json::to_value(body),
        };
        body.map_err(|error| Error::new(Kind::InvalidRequest, error.to_string()))
    }
}

/// The title of a job whose request has none, which no other job has.
pub(super) fn marker(intent: &str) -> String {
    format!("clips-{intent}")
}

/// Whether a link in it has a query, a fragment or a user, where signatures, tokens and passwords
/// stand, or looks like having a token in its path. Text that is no link but has one within is
/// judged alike.
fn may_hold_a_secret(value: &Value, field: &str) -> bool {
    match value {
        Value::String(text) => {
            let is_link =
                field.ends_with("url") || text.contains("://") || redact::links(text) != *text;
            is_link && (text.contains(['?', '#', '@']) || text.split(PARTS).any(looks_like_a_token))
        }
        Value::Array(items) => items.iter().any(|item| may_hold_a_secret(item, field)),
        Value::Object(fields) => fields
            .iter()
            .any(|(field, value)| may_hold_a_secret(value, field)),
        _ => false,
    }
}

/// What ends a part of a link, or a link within a text.
const PARTS: [char; 4] = ['/', '.', ' ', '\n'];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn links_that_may_hold_a_secret_are_told_from_those_that_do_not() {
        let holds = |value: Value| may_hold_a_secret(&value, "");
        assert!(holds(
            json!({ "video": { "url": "https://x.example/a?sig=1" } })
        ));
        assert!(holds(json!({ "callback_url": "https://u:p@x.example/" })));
        assert!(holds(json!({ "callback_url": "https:x.example#token" })));
        assert!(holds(json!({ "prompts": ["see https://x.example/?a=b"] })));
        assert!(holds(
            json!({ "callback_url": "https://x.example/hooks/9f86d081884c7d65/done" })
        ));
        assert!(holds(json!({ "title": "x.example/a.mp4?Signature=s" })));
        assert!(!holds(json!({ "video": { "url": "https://x.example/a" } })));
        assert!(!holds(json!({ "prompt": "who says what? @ the end" })));
        assert!(!holds(
            json!({ "video": { "asset_id": "3fa85f6457174562b3fc2c963f66afa6" } })
        ));
    }

    #[test]
    fn tokens_in_paths_are_told_from_names() {
        let holds = |path: &str| {
            let url = format!("https://files.example.com/{path}");
            may_hold_a_secret(&json!({ "url": url }), "")
        };
        for token in [
            "3fa85f64-5717-4562-b3fc-2c963f66afa6.mp4",
            "9f86d081884c7d659a2feaa0c55ad015/talk.mp4",
            "v1/dGhpcyBpcyBhIHNlY3JldCB0b2tlbg/talk.mp4",
            "share/kT9-x_Qp2Lw7Zs4VbN8mR3/talk%20one.mp4",
            "services/T024BE91L/B0F5G7H9J/xq7RbW2kLm9TzP4vYc8NdS1g",
            "bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/x",
            "01HZY3V9K8QW2E5R7T6Y4U1I0P.mp4",
            "f/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.x",
        ] {
            assert!(holds(token), "{token}");
        }
        for name in [
            "talk.mp4",
            "2026/11/22/interview-with-jane-final-version-2.mp4",
            "HolidayVideo2026Final.mp4",
            "my%20holiday%20in%20the%20mountains%202026.mp4",
            "IMG20261122103000.mov",
            "podcast-episode-117-how-we-got-here-1080p.mp4",
            "donaudampfschifffahrtsgesellschaft.webm",
            "webhooks/clips/finished",
            "1234567890123456789.mp4",
            "vortr\u{e4}ge/gr\u{fc}\u{df}e-aus-k\u{f6}ln-teil-3.mp4",
        ] {
            assert!(!holds(name), "{name}");
        }
    }
}
