//! An axum extractor: a handler that takes a [`Signed`] only ever sees true deliveries.

use std::sync::Arc;

use axum_core::extract::{FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use reqwest::StatusCode;

use super::{Delivery, Verifier};
use crate::error::Error;

/// A delivery whose signature was checked before the handler ran. The router's state gives the
/// [`Verifier`], as an `Arc<Verifier>` or as a part of it by [`FromRef`].
///
/// A verifier that [remembers](Verifier::remember) does so before the handler runs. A handler that
/// fails must [forget](Verifier::forget) the delivery, or it is not taken when it comes again. And
/// it must come that far: a handler is dropped where it stands when the vendor, which waits for some
/// seconds only, hangs up. So the work is best done in a task of its own.
///
/// ```
/// use std::sync::Arc;
/// use axum::{Router, extract::State, http::StatusCode, routing::post};
/// use heygen_clips::{Event, Signed, Verifier};
///
/// async fn handle(State(verifier): State<Arc<Verifier>>, Signed(delivery): Signed) -> StatusCode {
///     let work = tokio::spawn(async move {
///         let stored = store(&delivery.event).await;
///         if stored.is_err() {
///             verifier.forget(&delivery);
///         }
///         stored
///     });
///     match work.await {
///         Ok(Ok(())) => StatusCode::OK,
///         _ => StatusCode::INTERNAL_SERVER_ERROR,
///     }
/// }
/// # async fn store(event: &Event) -> Result<(), ()> { Ok(()) }
///
/// # fn main() -> heygen_clips::Result<()> {
/// let verifier = Arc::new(Verifier::new("whsec_from_the_endpoint")?.remember(10_000));
/// let app: Router = Router::new().route("/heygen", post(handle)).with_state(verifier);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Signed(pub Delivery);

/// Why a request did not reach the handler. As a response: 401 for a wrong signature or time, 200
/// for a delivery that came before (else it would come again), 400 for what is no delivery.
#[derive(Debug)]
pub enum Rejection {
    /// The verifier refused it.
    Refused(Error),
    /// The body could not be read, for example because it is too large.
    Body(Response),
}

impl<S> FromRequest<S> for Signed
where
    S: Send + Sync,
    Arc<Verifier>: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        let verifier = Arc::<Verifier>::from_ref(state);
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| Rejection::Body(rejection.into_response()))?;
        verifier
            .verify(&headers, &body)
            .map(Self)
            .map_err(Rejection::Refused)
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let error = match self {
            Self::Refused(error) => error,
            Self::Body(response) => return response,
        };
        let status = if error.is_replayed() {
            StatusCode::OK
        } else if error.is_forged() || error.is_stale() {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::BAD_REQUEST
        };
        (status, error.message().to_owned()).into_response()
    }
}
