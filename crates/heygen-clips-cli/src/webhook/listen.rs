//! Receiving deliveries: a server on this machine that answers each one when it has been printed.
//!
//! A handler judges a delivery and hands it to the one who prints; so lines do not mix, and what
//! could not be printed is answered as a failure, so that it comes again.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use heygen_clips::{Callback, Client, Confirmed, Unverified, Verifier};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use super::{Told, Trust, to_json, verifier, with_age};
use crate::args::webhook::ListenArgs;
use crate::failure::Failure;
use crate::output;
use crate::session::account;

/// Deliveries that come again within so many others are printed once.
const REMEMBERED: usize = 10_000;
/// For the answers that are under way when it ends.
const LINGER: Duration = Duration::from_secs(2);

/// Receives deliveries until the process is asked to stop, or enough were printed.
pub(crate) async fn listen(args: &ListenArgs) -> Result<(), Failure> {
    let verifier =
        verifier(&args.secret)?.map(|verifier| with_age(verifier, &args.age).remember(REMEMBERED));
    let client = match args.confirm {
        true => Some(account(&args.account)?.0.build()?),
        false => None,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).await;
    let listener = listener.map_err(|error| {
        let message = format!("cannot listen on port {}: {error}", args.port);
        Failure::usage("--port", message)
    })?;
    let address = listener.local_addr().map_err(|error| broken(&error))?;
    if verifier.is_none() {
        output::note(
            "without a secret nothing is verified: set HEYGEN_WEBHOOK_SECRET or name a file with \
             --secret-file",
        );
    }
    output::note(&format!("listening on http://{address}"));

    let (tell, mut told) = mpsc::channel(16);
    let desk = Arc::new(Desk {
        verifier,
        client,
        callback_id: args.callback_id.clone(),
        tell,
    });
    let app = Router::new().fallback_service(post(receive).with_state(desk));
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = axum::serve(listener, app).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    let mut serving = tokio::spawn(serving.into_future());
    let done = tokio::select! {
        done = print(&mut told, args.count) => done,
        () = crate::interrupted() => Ok(()),
        served = &mut serving => return served.unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|error| broken(&error)),
    };
    // Whoever waits to be printed is told that it did not happen.
    drop(told);
    drop(stop);
    let _ = tokio::time::timeout(LINGER, &mut serving).await;
    serving.abort();
    done
}

/// What is to be printed, and whom to tell that it was.
type Line = (Told, oneshot::Sender<()>);

async fn print(told: &mut mpsc::Receiver<Line>, count: Option<u64>) -> Result<(), Failure> {
    let mut left = count;
    while left != Some(0) {
        let Some((line, printed)) = told.recv().await else {
            return Ok(());
        };
        if !output::print_line(&line)? {
            // Nobody reads any more.
            return Ok(());
        }
        // A sender that has gone away is not told.
        let _ = printed.send(());
        left = left.map(|left| left - 1);
    }
    Ok(())
}

/// What a handler works with.
struct Desk {
    verifier: Option<Verifier>,
    /// Who is asked about unsigned callbacks.
    client: Option<Client>,
    callback_id: Option<String>,
    tell: mpsc::Sender<Line>,
}

/// How a delivery that is not printed is answered, and why.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        output::note(&format!("answered {}: {}", self.0.as_u16(), self.1));
        (self.0, self.1).into_response()
    }
}

impl From<Failure> for Refused {
    fn from(_: Failure) -> Self {
        Self::not_printed()
    }
}

impl Refused {
    /// It comes again then.
    fn not_printed() -> Self {
        let message = "the delivery could not be printed".to_owned();
        Self(StatusCode::SERVICE_UNAVAILABLE, message)
    }
}

/// In a task of its own: a handler ends where it stands when the peer hangs up, and the delivery
/// would be remembered and not printed.
async fn receive(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    let dealt_with = tokio::spawn(deal_with(desk, headers, body));
    dealt_with
        .await
        .unwrap_or_else(|_| Err(Refused::not_printed()))
}

async fn deal_with(
    desk: Arc<Desk>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    match &desk.verifier {
        Some(verifier) if Verifier::is_signed(&headers) => {
            desk.signed(verifier, &headers, &body).await
        }
        _ => desk.unsigned(&body).await,
    }
}

impl Desk {
    async fn signed(
        &self,
        verifier: &Verifier,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<StatusCode, Refused> {
        let delivery = match verifier.verify(headers, body) {
            Ok(delivery) => delivery,
            // It came before and was printed; otherwise it would come for ever.
            Err(error) if error.is_replayed() => return Ok(StatusCode::OK),
            Err(error) => {
                let status = if error.is_forged() || error.is_stale() {
                    StatusCode::UNAUTHORIZED
                } else {
                    StatusCode::BAD_REQUEST
                };
                return Err(Refused(status, error.message().to_owned()));
            }
        };
        let told = Told::signed(&delivery)?;
        if self.tell(told).await.is_err() {
            verifier.forget(&delivery);
            return Err(Refused::not_printed());
        }
        Ok(StatusCode::OK)
    }

    async fn unsigned(&self, body: &[u8]) -> Result<StatusCode, Refused> {
        let callback = Unverified::<Callback>::read(body)
            .map_err(|error| Refused(StatusCode::BAD_REQUEST, error.message().to_owned()))?;
        if let Some(wanted) = &self.callback_id
            && callback.callback_id() != Some(wanted)
        {
            let message = "the callback has another callback_id than the one of --callback-id";
            return Err(Refused(StatusCode::FORBIDDEN, message.to_owned()));
        }
        let mut told = Told {
            trust: Trust::Unverified,
            event_type: callback.event_type().to_owned(),
            event_id: None,
            sent_at: None,
            job_id: Some(callback.job_id().as_str().to_owned()),
            callback_id: callback.callback_id().map(str::to_owned),
            data: None,
        };
        if let Some(client) = &self.client {
            told.data = Some(confirm(callback, client).await?);
            told.trust = Trust::Confirmed;
        }
        self.tell(told).await?;
        Ok(StatusCode::OK)
    }

    /// Has it printed, and comes back when it was.
    async fn tell(&self, told: Told) -> Result<(), Refused> {
        let (printed, was_printed) = oneshot::channel();
        let sent = self.tell.send((told, printed)).await;
        sent.map_err(|_| Refused::not_printed())?;
        was_printed.await.map_err(|_| Refused::not_printed())
    }
}

/// The job, as the API gives it.
async fn confirm(callback: Unverified<Callback>, client: &Client) -> Result<Value, Refused> {
    let confirmed = callback.confirm(client).await.map_err(|error| {
        // What may come right comes again; a job that is not there never was.
        let status = if error.is_not_found() || error.is_invalid_request() {
            StatusCode::FORBIDDEN
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        Refused(
            status,
            format!("the callback is not confirmed: {}", error.message()),
        )
    })?;
    Ok(match confirmed {
        Confirmed::Clips(job) => to_json(&job)?,
        Confirmed::AiClipping(job) => to_json(&job)?,
        // A dialect that a later SDK knows.
        other => Value::from(other.job_id()),
    })
}

fn broken(error: &io::Error) -> Failure {
    Failure::local("cli_listen", format!("cannot go on listening: {error}"))
}
