//! The listener, and the connections that end with it.
//!
//! `axum::serve` leaves connections to themselves when it is stopped, idle ones included; an emulator
//! that has stopped must have let go of its data folder.

use axum::Router;
use axum::serve::Listener;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Serves until `stop` is cancelled; then all connections are closed, whatever they are doing.
pub(crate) async fn serve(mut listener: TcpListener, router: Router, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = tokio::select! {
            // axum's: it waits out what makes `accept` fail.
            accepted = Listener::accept(&mut listener) => accepted,
            Some(_) = connections.join_next() => continue,
            () = stop.cancelled() => break,
        };
        let service = TowerToHyperService::new(router.clone());
        connections.spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            let served = server.serve_connection(TokioIo::new(stream), service);
            if let Err(cause) = served.await {
                tracing::debug!(cause, "a connection broke");
            }
        });
    }
    connections.shutdown().await;
}
