//! What stands before every handler: the request id, the key, the contract, and idempotency.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, MatchedPath, OptionalFromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::reply::{Answer, Refusal};
use crate::app::{App, new_id};
use crate::contract::Operation;
use crate::store::{Change, Kept, Replay};

/// Larger JSON bodies are answered 413; the largest valid one is a tenth of it.
const MAX_JSON_BYTES: usize = 1024 * 1024;
const REPLAY_SECONDS: i64 = 24 * 60 * 60;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives every answer an `X-Request-Id`.
pub(super) async fn request_id(request: Request, next: Next) -> Response {
    let id = new_id("req_");
    let span =
        tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    let mut response = tracing::Instrument::instrument(next.run(request), span).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Lets only callers with a key pass.
pub(super) async fn key(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let Some(owner) = owner(request.headers(), &app.settings.api_keys) else {
        return Refusal::unauthorized().into_response();
    };
    request.extensions_mut().insert(owner);
    next.run(request).await
}

/// Who is asking: a digest of the key, never the key.
#[derive(Debug, Clone)]
struct Owner(String);

fn owner(headers: &HeaderMap, allowed: &[String]) -> Option<Owner> {
    let bearer = |value: &HeaderValue| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().to_owned())
    };
    let key = match headers.get("x-api-key") {
        Some(value) => value.to_str().ok()?.to_owned(),
        None => headers.get(header::AUTHORIZATION).and_then(bearer)?,
    };
    let digest = |key: &str| hex::encode(Sha256::digest(key.as_bytes()));
    let given = digest(&key);
    // Digests are compared, so the time it takes says nothing about a key.
    let known = allowed.is_empty() || allowed.iter().any(|key| digest(key) == given);
    (known && !key.is_empty()).then_some(Owner(given))
}

/// A JSON body that the contract has accepted.
#[derive(Debug, Clone)]
pub(super) struct Checked(Value);

impl Checked {
    /// Reads the body into the shape that a handler works with.
    pub(super) fn read<T: DeserializeOwned>(self) -> Answer<T> {
        // The contract holds, so what is left is a number that no machine type can hold.
        serde_json::from_value(self.0)
            .map_err(|error| Refusal::request(format!("the body cannot be read: {error}")))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Checked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        parts.extensions.remove().ok_or_else(|| {
            Refusal::internal("a handler asks for a body that its operation does not have")
                .into_response()
        })
    }
}

/// Holds a request against the documents, and answers a repeated one from memory.
pub(super) async fn contract(
    State(app): State<Arc<App>>,
    template: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    // Not on this connection's task: a caller that hangs up must not stop a create half way, or the
    // repeat with the same key would create a second job.
    let serving = app.clone();
    let served = app
        .tasks
        .spawn(tracing::Instrument::in_current_span(async move {
            serve(&serving, template.as_str(), request, next).await
        }));
    match served.await {
        Ok(Ok(response)) => response,
        Ok(Err(refusal)) => refusal.into_response(),
        Err(failure) => Refusal::internal(failure).into_response(),
    }
}

async fn serve(app: &App, template: &str, request: Request, next: Next) -> Answer {
    let Some(operation) = app.contract.operation(request.method(), template) else {
        return Err(Refusal::internal(format!("{template} is in no document")));
    };
    operation.check_query(&query(&request))?;
    operation.check_headers(request.headers())?;
    let Some(key) = idempotency_key(&request)? else {
        return Ok(next.run(checked(operation, request).await?).await);
    };
    let owner = request
        .extensions()
        .get::<Owner>()
        .map_or("", |owner| owner.0.as_str());
    let scope = format!("{} {} {owner}", request.method(), request.uri().path());
    let Some(_claim) = app.in_flight.claim(&scope, &key) else {
        return Err(Refusal::conflict(
            "request_in_progress",
            "a request with this Idempotency-Key is still being answered: wait, then repeat it",
        ));
    };
    let now = app.clock.now();
    let since = now - REPLAY_SECONDS;
    if let Some(replay) = app.store.replay(&scope, &key, since).await? {
        return replayed(replay);
    }
    let keyed = Keyed {
        scope,
        key,
        now,
        since,
    };
    let mut request = checked(operation, request).await?;
    // What is carried out is remembered by its handler, with what it changed (`finish`). A refused
    // request is not: it may be put right and repeated.
    request.extensions_mut().insert(keyed);
    Ok(next.run(request).await)
}

/// The key of a request that has one. Every handler of a POST takes it, for `finish`.
#[derive(Debug, Clone)]
pub(super) struct Keyed {
    scope: String,
    key: String,
    now: i64,
    since: i64,
}

/// Stores a change together with the answer that tells of it: where one were there without the other,
/// a repeat of the request would change something once more.
pub(super) async fn finish(mut change: Change, keyed: Option<Keyed>, response: Response) -> Answer {
    let Some(keyed) = keyed else {
        change.commit().await?;
        return Ok(response);
    };
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(Refusal::internal)?.to_bytes();
    let kept = Kept {
        scope: keyed.scope,
        key: keyed.key,
        replay: keepable(&parts.headers, parts.status, &body)?,
        now: keyed.now,
        since: keyed.since,
    };
    change.keep(&kept).await?;
    change.commit().await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Keyed {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.remove())
    }
}

/// The decoded query of a request.
pub(super) fn query(request: &Request) -> Vec<(String, String)> {
    pairs(request.uri().query())
}

pub(super) fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .into_owned()
        .collect()
}

fn idempotency_key(request: &Request) -> Answer<Option<String>> {
    let Some(value) = request.headers().get("idempotency-key") else {
        return Ok(None);
    };
    if request.method() != Method::POST {
        return Ok(None);
    }
    let fits = |key: &&str| {
        (1..=255).contains(&key.len())
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-:.".contains(&b))
    };
    value
        .to_str()
        .ok()
        .filter(fits)
        .map(|key| Some(key.to_owned()))
        .ok_or_else(|| {
            Refusal::parameter(
                "Idempotency-Key",
                "1 to 255 of the characters A-Z a-z 0-9 _ - : . are allowed",
            )
        })
}

/// The request with its JSON body read, checked and laid beside it, where its operation has one.
async fn checked(operation: &Operation, request: Request) -> Answer<Request> {
    if !operation.takes_json() {
        return Ok(request);
    }
    let (mut parts, body) = request.into_parts();
    let kind = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let bytes = match Limited::new(body, MAX_JSON_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err(Refusal::too_large(format!(
                "a JSON body has at most {MAX_JSON_BYTES} bytes"
            )));
        }
        Err(error) => {
            return Err(Refusal::request(format!(
                "the body could not be read: {error}"
            )));
        }
    };
    if bytes.is_empty() && operation.body_is_optional() {
        return Ok(Request::from_parts(parts, Body::empty()));
    }
    if !kind.is_some_and(is_json) {
        return Err(Refusal::request(
            "the body must be JSON, with Content-Type: application/json",
        ));
    }
    let mut value: Value = serde_json::from_slice(&bytes)
        .map_err(|error| Refusal::request(format!("the body is not valid JSON: {error}")))?;
    operation.check_body(&value)?;
    whole_numbers(&mut value);
    parts.extensions.insert(Checked(value));
    Ok(Request::from_parts(parts, Body::empty()))
}

/// JSON Schema takes `8.0` for an integer, serde does not: writes such numbers as integers.
#[allow(
    clippy::cast_possible_truncation,
    reason = "whole and within the range of exact floats"
)]
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let exact = number.as_f64().filter(|float| {
                number.is_f64() && float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0
            });
            if let Some(float) = exact {
                *value = Value::from(float as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn is_json(content_type: &str) -> bool {
    let kind = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn keepable(headers: &HeaderMap, status: StatusCode, body: &Bytes) -> Answer<Replay> {
    let pairs: Vec<(&str, &str)> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let headers = serde_json::to_string(&pairs).map_err(Refusal::internal)?;
    Ok(Replay {
        status: status.as_u16(),
        headers,
        body: body.to_vec(),
    })
}

fn replayed(replay: Replay) -> Answer {
    let pairs: Vec<(String, String)> =
        serde_json::from_str(&replay.headers).map_err(Refusal::internal)?;
    let mut response = Response::builder().status(replay.status);
    for (name, value) in pairs {
        response = response.header(name, value);
    }
    response
        .body(Body::from(replay.body))
        .map_err(Refusal::internal)
}

/// The keys whose first request is still being answered. In memory only: a request does not outlive
/// the process that answers it.
#[derive(Debug, Default)]
pub(crate) struct InFlight(Arc<Mutex<HashSet<(String, String)>>>);

/// Gives its key back when dropped, however the request ended.
pub(super) struct Claim {
    all: Arc<Mutex<HashSet<(String, String)>>>,
    mine: (String, String),
}

impl InFlight {
    fn claim(&self, scope: &str, key: &str) -> Option<Claim> {
        let mine = (scope.to_owned(), key.to_owned());
        let free = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(mine.clone());
        free.then(|| Claim {
            all: self.0.clone(),
            mine,
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.mine);
    }
}
