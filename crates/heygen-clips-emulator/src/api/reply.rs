//! The two shapes every answer has: `{"data": ...}` or `{"error": {code, message, param, doc_url}}`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::contract::Violation;
use crate::wire::Wire;

/// A refusal, on its way to the caller.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    param: Option<String>,
    retry_after_seconds: Option<u32>,
}

/// What a handler gives back.
pub(crate) type Answer<T = Response> = Result<T, Refusal>;

/// A 200 with `data`.
pub(crate) fn data(data: Wire) -> Answer {
    with_status(StatusCode::OK, data)
}

/// `data` with another success code.
pub(crate) fn with_status(status: StatusCode, data: Wire) -> Answer {
    let data = data.map_err(Refusal::internal)?;
    Ok((status, Json(json!({ "data": data }))).into_response())
}

/// One page of a list.
pub(crate) fn page(data: serde_json::Result<Vec<Value>>, next_token: Option<&str>) -> Answer {
    let data = data.map_err(Refusal::internal)?;
    let has_more = next_token.is_some();
    let page = json!({ "data": data, "has_more": has_more, "next_token": next_token });
    Ok(Json(page).into_response())
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            param: None,
            retry_after_seconds: None,
        }
    }

    /// 400 about one field.
    pub(crate) fn parameter(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            param: Some(param.into()),
            ..Self::request(message)
        }
    }

    /// 400 about the request as a whole.
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_parameter", message)
    }

    /// 404 of one kind of thing; `code` says of which.
    pub(crate) fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "the API key is missing or not valid: send it as x-api-key, or as Authorization: Bearer",
        )
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", message)
    }

    pub(crate) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// 429 with the seconds to wait.
    pub(crate) fn busy(message: impl Into<String>, retry_after_seconds: u32) -> Self {
        Self {
            retry_after_seconds: Some(retry_after_seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limit_exceeded",
                message,
            )
        }
    }

    /// 500. The cause goes to the log of the process; the caller gets the request id.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "it is what map_err hands over"
    )]
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "the emulator failed to answer");
        let message = "the emulator failed; its log says why, under this answer's X-Request-Id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
    }

    /// Says which field is to blame.
    pub(crate) fn about(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(cause: sqlx::Error) -> Self {
        Self::internal(cause)
    }
}

impl From<std::io::Error> for Refusal {
    fn from(cause: std::io::Error) -> Self {
        Self::internal(cause)
    }
}

impl From<Violation> for Refusal {
    fn from(violation: Violation) -> Self {
        Self {
            param: violation.param,
            ..Self::request(violation.message)
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let doc_url = format!(
            "https://developers.heygen.com/docs/error-codes#{}",
            self.code
        );
        let error = json!({
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "doc_url": doc_url,
        });
        let mut response = (self.status, Json(json!({ "error": error }))).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
