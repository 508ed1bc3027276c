//! Reading an answer: the error envelope, what stands where it should be, and where a payload
//! departs from the document.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use memchr::memmem;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Answer, place};
use crate::error::{Error, Kind, Result};
use crate::platform;

/// What the vendor says about an error, read leniently: bodies with nothing but a code have been
/// seen, and codes that are numbers in the older APIs.
#[derive(Deserialize)]
struct Envelope {
    error: Option<Value>,
}

impl Answer {
    /// The decoded payload, unless the answer is an error under whatever status.
    pub(super) fn result<T: DeserializeOwned>(&self) -> Result<T> {
        if !self.status.is_success() || self.carries_error() {
            return Err(self.api_error());
        }
        self.decode()
    }

    /// The vendor's id of the request.
    pub(super) fn request_id(&self) -> Option<&str> {
        self.header("x-request-id")
    }

    /// An error about this answer.
    pub(super) fn error(&self, kind: Kind, message: impl Into<String>) -> Error {
        Error::new(kind, message)
            .with_status(self.status)
            .with_request_id(self.request_id().map(str::to_owned))
            .with_retry_after(self.retry_after())
    }

    fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| self.undocumented(&error))
    }

    /// The cause is not kept: serde quotes the payload, which may hold a signed link.
    fn undocumented(&self, error: &serde_json::Error) -> Error {
        let message = match self.not_json() {
            Some(what) => format!("the answer is {what} instead of JSON"),
            None => format!(
                "the answer is not as documented at {}: {}",
                place::path(&self.body, error.line(), error.column()),
                without_values(&error.to_string())
            ),
        };
        self.error(Kind::BadResponse, message)
    }

    /// Whether a success carries an error. The search first, because successes rarely do.
    fn carries_error(&self) -> bool {
        static FINDER: LazyLock<memmem::Finder<'static>> =
            LazyLock::new(|| memmem::Finder::new(b"\"error\""));
        FINDER.find(&self.body).is_some() && self.envelope().is_some()
    }

    fn envelope(&self) -> Option<Value> {
        serde_json::from_slice::<Envelope>(&self.body)
            .ok()?
            .error
            .filter(|error| !error.is_null())
    }

    fn api_error(&self) -> Error {
        let Some(envelope) = self.envelope() else {
            return self.error(Kind::Api, self.without_envelope());
        };
        let text = |name: &str| match envelope.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let message = text("message")
            .or_else(|| envelope.as_str().map(str::to_owned))
            .unwrap_or_else(|| "the server gave no reason".to_owned());
        self.error(Kind::Api, message)
            .with_envelope(text("code"), text("param"), text("doc_url"))
    }

    /// What to say of an error status whose body is not the vendor's: the body itself is left
    /// out, since pages of gateways repeat the request.
    fn without_envelope(&self) -> String {
        let reason = self.status.canonical_reason().unwrap_or("unknown status");
        if self.status.is_redirection() {
            return format!("{reason}: the API does not redirect, check the base URL");
        }
        match self.not_json() {
            Some(what) => format!("{reason}: {what}, from a gateway rather than the API"),
            None => format!("{reason}: no error in the body"),
        }
    }

    fn not_json(&self) -> Option<&'static str> {
        let body = self.body.trim_ascii_start();
        if body.is_empty() {
            return Some("an empty body");
        }
        let is_html = body.starts_with(b"<")
            || self
                .header(CONTENT_TYPE.as_str())
                .is_some_and(|kind| kind.contains("html"));
        if is_html {
            return Some("an HTML page");
        }
        serde_json::from_slice::<serde::de::IgnoredAny>(body)
            .is_err()
            .then_some("text")
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn retry_after(&self) -> Option<Duration> {
        retry_after(self.status, &self.headers)
    }
}

/// What an answer says about how long to wait.
pub(crate) fn retry_after(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    let said = headers.get(RETRY_AFTER)?.to_str().ok()?;
    read_retry_after(status, said, platform::now())
}

/// `Retry-After` in seconds or as an HTTP date; means a delay only on errors.
fn read_retry_after(status: StatusCode, value: &str, now: SystemTime) -> Option<Duration> {
    if status.is_success() {
        return None;
    }
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// serde's message without the quoted payload, and without the place, which the path tells better:
/// `invalid type: string "…", expected f64`.
fn without_values(message: &str) -> String {
    let message = message
        .rfind(" at line ")
        .map_or(message, |end| &message[..end]);
    match (message.find('"'), message.rfind('"')) {
        (Some(start), Some(end)) if start < end => {
            format!("{}\"…\"{}", &message[..start], &message[end + 1..])
        }
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{read_retry_after, without_values};
    use reqwest::StatusCode;
    use std::time::{Duration, SystemTime};

    #[test]
    fn retry_after_is_read_as_seconds_and_as_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let read = |value| read_retry_after(StatusCode::TOO_MANY_REQUESTS, value, now);
        assert_eq!(read("17"), Some(Duration::from_secs(17)));
        assert_eq!(
            read("Sun, 06 Nov 1994 08:49:40 GMT"),
            Some(Duration::from_secs(3))
        );
        assert_eq!(
            read("Sun, 06 Nov 1994 08:00:00 GMT"),
            Some(Duration::ZERO),
            "in the past"
        );
        assert_eq!(read("-1"), None);
        assert_eq!(read("soon"), None);
        assert_eq!(read("1e300"), None, "no panic on what is not a duration");
    }

    #[test]
    fn a_decoding_error_does_not_repeat_the_payload() {
        assert_eq!(
            without_values(
                r#"invalid type: string "https://x/?sig=1", expected f64 at line 1 column 7"#
            ),
            r#"invalid type: string "…", expected f64"#
        );
    }
}
