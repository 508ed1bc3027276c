//! Requests as the generated clients build them, which send nothing here.
//!
//! A generated call builds its request, hands it to its transport and waits. The transport of these
//! keeps the request for [`built`], which then drops the rest: it has room for everything that could
//! follow, and none of that is wanted.

use std::cell::Cell;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use heygen_clips_openapi as raw;
use progenitor_client::{Error as RawError, ResponseValue};
use raw::transport::{Hooks, Sending, Transport};

use super::nothing_sent;
use crate::error::{Error, Kind, Result};

/// A request, and the operation that it is for.
pub(super) type Built = (&'static str, reqwest::Request);

/// What builds requests, by generated clients and without.
pub(crate) struct Requests {
    pub(crate) http: reqwest::Client,
    pub(crate) clips: raw::clips::Client,
    pub(crate) ai_clipping: raw::ai_clipping::Client,
}

impl Requests {
    /// To the server at `base`.
    pub(crate) fn new(base: &str, http: reqwest::Client) -> Self {
        let keeping: Arc<dyn Transport> = Arc::new(Keeping);
        let hooks = || Hooks::shared(Arc::clone(&keeping));
        Self {
            clips: raw::clips::connect(base, http.clone(), hooks()),
            ai_clipping: raw::ai_clipping::connect(base, http.clone(), hooks()),
            http,
        }
    }
}

thread_local! {
    /// From [`Keeping`] to [`built`], which is on the same thread and does not wait in between.
    static KEPT: Cell<Option<Built>> = const { Cell::new(None) };
}

/// Sends nothing, and never answers.
struct Keeping;

impl Transport for Keeping {
    fn send<'a>(&'a self, operation: &'static str, request: reqwest::Request) -> Sending<'a> {
        KEPT.set(Some((operation, request)));
        Box::pin(pending())
    }
}

/// What a call by one of the clients in [`Requests`] would send.
pub(super) fn built<T, E, F>(call: impl FnOnce() -> F) -> Result<Built>
where
    F: Future<Output = Result<ResponseValue<T>, RawError<E>>>,
{
    let mut context = Context::from_waker(Waker::noop());
    if let Poll::Ready(Err(RawError::InvalidRequest(message))) = pin!(call()).poll(&mut context) {
        return Err(Error::new(Kind::InvalidRequest, message));
    }
    KEPT.take().ok_or_else(nothing_sent)
}
