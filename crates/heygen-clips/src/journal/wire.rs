//! A create request of either dialect on its way: what is noted of it, and how it is sent.

use heygen_clips_openapi::{ai_clipping, clips};
use hmac_sha256::Hash;
use serde_json::Value;

use super::record::Wanted;
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::job::JobId;
use crate::job::handle::Dialect;

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
        let body = wanted.body.clone()?;
        Some(match wanted.dialect {
            Dialect::Clips => Self::Clips(serde_json::from_value(body).ok()?),
            Dialect::AiClipping => Self::AiClipping {
                key: wanted.key.clone(),
                body: serde_json::from_value(body).ok()?,
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
            body.title.get_or_insert_with(|| format!("clips-{intent}"));
        }
    }

    /// What the journal has of it.
    pub(super) fn wanted(&self, base_url: &str, sha256: String, intent: &str) -> Result<Wanted> {
        let body = self.body()?;
        let is_secret = may_hold_a_secret(&body, "");
        let title = self.title().filter(|_| !is_secret);
        Ok(Wanted {
            dialect: self.dialect(),
            base_url: base_url.to_owned(),
            key: self.key(intent),
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

    /// Sends it, under the intent's key where there are keys.
    pub(super) async fn send(self, client: &Client, intent: &str) -> Result<JobId> {
        let key = self.key(intent).unwrap_or_default();
        match self {
            Self::Clips(body) => client.clips().send(body).await,
            Self::AiClipping { body, .. } => client.ai_clipping().send(key, body).await,
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

/// Whether a link in it has a query, a fragment or a user: these are where signatures, tokens and
/// passwords stand. Text that is no link but has one within is judged alike.
fn may_hold_a_secret(value: &Value, field: &str) -> bool {
    match value {
        Value::String(text) => {
            let is_link = field.ends_with("url") || text.contains("://");
            is_link && text.contains(['?', '#', '@'])
        }
        Value::Array(items) => items.iter().any(|item| may_hold_a_secret(item, field)),
        Value::Object(fields) => fields
            .iter()
            .any(|(field, value)| may_hold_a_secret(value, field)),
        _ => false,
    }
}

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
        assert!(!holds(json!({ "video": { "url": "https://x.example/a" } })));
        assert!(!holds(json!({ "prompt": "who says what? @ the end" })));
    }
}
