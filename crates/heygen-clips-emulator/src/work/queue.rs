//! The worker that takes jobs out of the queue. apalis carries "run job X" and nothing else, so that
//! a restart, or a second machine on another database, is its business and not ours.

use std::sync::Arc;
use std::time::Duration;

use apalis::layers::WorkerBuilderExt;
use apalis::prelude::{BoxDynError, Data, WorkerBuilder};
use apalis_core::backend::ext::BackendExt;
use apalis_core::backend::ext::poll_strategy::Strategy;
use apalis_sqlite::{Config, SqliteStorage};
use futures::stream;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

use super::run;
use crate::app::{App, new_id};
use crate::store::{QUEUE, RunJob};

/// How many jobs run at once. Cutting is bounded by the engine; the others wait for it or download.
const JOBS_AT_ONCE: usize = 8;
/// A worker that was silent for two of these is dead, and its jobs go back into the queue. Only one
/// emulator works in a data folder, so a slow heartbeat costs nothing.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Works until it is aborted; then what runs is dropped where it stands, to be resumed.
pub(crate) fn spawn(app: Arc<App>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            if let Err(cause) = work(app.clone()).await {
                // Such as a full disk. A new worker takes over what this one held.
                tracing::error!(%cause, "the worker stopped, and is started again");
            }
            tokio::time::sleep(HEARTBEAT).await;
        }
    })
}

async fn work(app: Arc<App>) -> Result<(), apalis_core::error::WorkerError> {
    let config = Config::default()
        .queue(QUEUE)
        .batch_size(JOBS_AT_ONCE)
        .heartbeat_interval(HEARTBEAT)
        .missed_heartbeats(2);
    // A new job wakes the worker; the interval finds what was put back into the queue.
    let queued = stream::unfold(app.queued.clone(), |queued| async move {
        queued.notified().await;
        Some(((), queued))
    });
    let strategy = Strategy::new()
        .stream(Box::pin(queued))
        .interval(Duration::from_millis(250));
    let backend = SqliteStorage::<RunJob>::new(app.store.pool())
        .with_config(config)
        .poll_with_strategy(strategy);
    WorkerBuilder::new(new_id("worker-"))
        .backend(backend)
        .concurrency(JOBS_AT_ONCE)
        .data(app)
        .build(step)
        .run()
        .await
}

async fn step(task: RunJob, app: Data<Arc<App>>) -> Result<(), BoxDynError> {
    // On a task of its own: jobs run beside each other, a panic is an error, and it still ends when
    // the worker does.
    let job = Arc::clone(&app);
    let run = app
        .tasks
        .spawn(async move { run::run(&job, &task.job_id).await });
    Ok(AbortOnDropHandle::new(run).await??)
}
