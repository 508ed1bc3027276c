//! Single clips: fetched while others are made, read as a stream, and how many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use heygen_clips::types::AiClippingJob;
use heygen_clips::{Client, JobView, Request, Response, Sending, Transport};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

use crate::download::{download, names};
use crate::server::{BASE, KEY, Server, clip, data, job, reply, with};
use crate::store::{Store, content, finished, job_with};

const LINK: &str = "https://files.example.com/1.mp4?Signature=s";

#[tokio::test]
async fn a_clip_can_be_fetched_while_others_are_made() {
    let server = Server::always(reply(200, "video"));
    let jobs = server.client().ai_clipping();
    let job: AiClippingJob = serde_json::from_value(json!({
        "id": "aic_1", "status": "running", "created_at": 1, "clips": [
            { "id": "a", "status": "pending" },
            { "id": "b", "title": "B", "status": "completed", "video_url": LINK, "virality_score": 87 },
        ],
    }))
    .unwrap();
    let clips = job.finished_clips();
    assert_eq!((clips[0].position, clips[0].score), (2, Some(0.87)));
    let folder = TempDir::new().unwrap();
    let file = jobs.download_clip(&clips[0], folder.path()).await.unwrap();
    assert_eq!((file.id.as_str(), file.video_bytes), ("b", 5));
    assert_eq!(names(folder.path()), ["02-b.mp4", "clips.json"]);
}

#[tokio::test]
async fn a_clip_can_be_read_as_a_stream_over_links_that_expire() {
    let store = Store::new(content(200_000), Some("\"1\""), 64 << 10);
    let clips = store.server().client().clips();
    let clip = &finished(store.job("https://files.example.com")).finished_clips()[0];
    let stream = clips.open_clip(clip).await.unwrap();
    assert_eq!(stream.length(), Some(200_000));
    let pieces: Vec<Bytes> = stream.try_collect().await.unwrap();
    assert!(pieces.concat() == *store.content);
    assert_eq!(store.links(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_stream_does_not_mix_two_versions() {
    let first = with(reply(200, "01234"), "content-length", "10");
    let first = with(first, "etag", "\"1\"");
    let server = Server::script(vec![first, with(reply(200, "abc"), "etag", "\"2\"")]);
    let clips = server.client().clips();
    let clip = &finished(job_with(LINK)).finished_clips()[0];
    let mut stream = clips.open_clip(clip).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), "01234");
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(
        (error.code(), error.job_id()),
        ("cli_download", Some("clip_1"))
    );
    assert!(
        error.to_string().contains("another one than a moment ago"),
        "{error}"
    );
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_clip_goes_into_any_writer_and_a_writer_that_fails_is_named() {
    let server = Server::always(reply(200, content(100_000)));
    let clips = server.client().clips();
    let clip = &finished(job_with(LINK)).finished_clips()[0];
    let mut kept = Vec::new();
    let stream = clips.open_clip(clip).await.unwrap();
    assert_eq!(stream.write_to(&mut kept).await.unwrap(), 100_000);
    assert!(kept == content(100_000));

    let (mut writer, reader) = tokio::io::duplex(1000);
    drop(reader);
    let stream = clips.open_clip(clip).await.unwrap();
    let error = stream.write_to(&mut writer).await.unwrap_err();
    assert!(error.is_file(), "{error}");
    writer.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_dead_fails_on_opening() {
    let server = Server::new(|call, _| match call.operation.as_str() {
        "get_clip_job" => data(&job_with(LINK)),
        _ => reply(410, ""),
    });
    let clips = server.client().clips();
    let clip = &finished(job_with(LINK)).finished_clips()[0];
    let error = clips.open_clip(clip).await.unwrap_err();
    assert_eq!(error.status(), Some(410));
    assert!(!format!("{error} {error:?}").contains("Signature"));
}

/// A store that sends one byte at a time, and counts how many files are under way.
#[derive(Clone, Default)]
struct Slow {
    open: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    /// Whether it falls silent in the middle.
    stalls: bool,
}

impl Transport for Slow {
    fn send(&self, _request: Request) -> Sending<'_> {
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(open, Ordering::SeqCst);
        let (count, stalls) = (Arc::clone(&self.open), self.stalls);
        let bytes = stream::iter(0..5).then(move |number| {
            let count = Arc::clone(&count);
            async move {
                if stalls && number == 3 {
                    std::future::pending::<()>().await;
                }
                tokio::time::sleep(Duration::from_secs(20)).await;
                if number == 4 {
                    count.fetch_sub(1, Ordering::SeqCst);
                }
                Ok::<_, std::io::Error>(Bytes::from_static(b"x"))
            }
        });
        Box::pin(async move { Ok(Response::streaming(http::Response::new(()), bytes)) })
    }
}

fn client(transport: Slow) -> Client {
    let client = Client::builder().api_key(KEY).base_url(BASE);
    client.transport(transport).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn no_more_clips_than_asked_for_are_fetched_at_once() {
    let mut job = job("completed");
    let link = |number| format!("https://files.example.com/{number}.mp4");
    let clips = (0..9).map(|number| clip(&format!("c{number}"), "x", &link(number), None));
    job["clips"] = clips.collect();
    let job = finished(job);
    for (parallel, most) in [(None, 4), (Some(2), 2), (Some(0), 1), (Some(20), 9)] {
        let slow = Slow::default();
        let folder = TempDir::new().unwrap();
        let mut run = client(slow.clone()).clips().download(&job, folder.path());
        if let Some(parallel) = parallel {
            run = run.parallel(parallel);
        }
        assert_eq!(run.await.unwrap().len(), 9);
        assert_eq!(slow.most.load(Ordering::SeqCst), most);
    }
}

/// Twenty seconds for each byte are not too long; a silence is.
#[tokio::test(start_paused = true)]
async fn a_store_that_falls_silent_is_given_up() {
    let slow = Slow {
        stalls: true,
        ..Slow::default()
    };
    let folder = TempDir::new().unwrap();
    let begun = tokio::time::Instant::now();
    let job = finished(job_with(LINK));
    let error = download(&client(slow), &job, folder.path())
        .await
        .unwrap_err();
    assert!(error.is_network() && error.is_retryable(), "{error}");
    assert!(error.message().contains("silent for 30 s"), "{error}");
    assert!(
        begun.elapsed() > Duration::from_secs(5 * 90),
        "five attempts"
    );
    assert!(names(folder.path()).is_empty());
}
