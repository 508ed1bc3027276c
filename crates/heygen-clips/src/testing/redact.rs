//! What must not be in a recording, taken out of it: fields that are credentials, and in texts what must be in none.

use serde_json::Value;

use crate::redact::{self, INSTEAD};

/// Fields of JSON whose texts are credentials.
const SECRET_FIELDS: [&str; 6] = [
    "secret",
    "password",
    "signature",
    "api_key",
    "authorization",
    "upload_headers",
];

/// Redacts what has to do with one request.
pub(super) struct Redaction {
    key: Option<String>,
}

impl Redaction {
    /// With the credential of these headers.
    pub(super) fn new(headers: &http::HeaderMap) -> Self {
        let key = ["x-api-key", "authorization"].iter().find_map(|name| {
            let key = redact::key(headers.get(*name)?);
            key.map(str::to_owned)
        });
        Self { key }
    }

    pub(super) fn text(&self, text: &str) -> String {
        redact::text(text, self.key.as_deref())
    }

    pub(super) fn json(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    let name = name.to_lowercase();
                    if SECRET_FIELDS.iter().any(|secret| name.contains(secret)) {
                        blank(value);
                    } else {
                        self.json(value);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Every text in it.
fn blank(value: &mut Value) {
    match value {
        Value::String(text) => *text = INSTEAD.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(blank),
        Value::Object(fields) => fields.values_mut().for_each(blank),
        _ => {}
    }
}
