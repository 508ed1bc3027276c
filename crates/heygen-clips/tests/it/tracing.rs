//! What the SDK tells `tracing`: the spans of a call, and nothing secret.

use std::cell::RefCell;
use std::io::Write;
use std::sync::{Arc, Mutex, Once};

use heygen_clips::{CreateClips, Retries};
use serde_json::json;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::server::{KEY, Server, clip, data, job, refusal, with};

thread_local! {
    /// Where what this thread tells goes.
    static LISTENING: RefCell<Option<Log>> = const { RefCell::new(None) };
}

/// What one test's thread tells. There is one subscriber for all of them: with one for each test,
/// those that come and go on other threads decide at times that nobody listens.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

/// Ends the listening when it is dropped.
pub(crate) struct Guard;

/// Writes to the log of whichever thread writes.
struct ToThread;

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Everything on, every span told when it closes.
    pub(crate) fn start(&self) -> Guard {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            let subscriber = tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_span_events(FmtSpan::CLOSE)
                .without_time()
                .with_ansi(false)
                .with_writer(|| ToThread)
                .finish();
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        LISTENING.set(Some(self.clone()));
        Guard
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        LISTENING.set(None);
    }
}

impl Write for ToThread {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LISTENING.with_borrow(|log| {
            if let Some(Log(log)) = log {
                log.lock().unwrap().extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_a_span_with_its_attempts() {
    let server = Server::new(|_, count| match count {
        0 => with(refusal(503, "down", "later"), "retry-after", "2"),
        _ => with(data(&job("running")), "x-request-id", "req_7"),
    });
    let log = Log::default();
    let guard = log.start();
    server.patient_client().clips().get("clip_1").await.unwrap();
    drop(guard);

    let text = log.text();
    for told in [
        "otel.name=\"get_clip_job\"",
        "otel.kind=\"client\"",
        "url.template=\"/v3/clips/{clip_job_id}\"",
        "server.address=\"api.example.com\" server.port=443",
        "http.request.method=\"GET\" http.request.resend_count=0 http.response.status_code=503",
        "retry_delay_ms=2000 error.type=\"down\"",
        "http.request.resend_count=1 http.response.status_code=200 request_id=\"req_7\"",
        "attempts=2",
    ] {
        assert!(text.contains(told), "{told} is missing in:\n{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_a_span_around_its_looks() {
    let server = Server::new(|_, count| data(&job(["running", "completed"][count])));
    let log = Log::default();
    let guard = log.start();
    server.client().clips().job("clip_1").await.unwrap();
    drop(guard);

    let text = log.text();
    let looks = text.matches("wait{job_id=\"clip_1\"").count();
    assert!(looks >= 2, "{text}");
    assert!(text.contains("job_status=\"completed\""), "{text}");
}

#[tokio::test(start_paused = true)]
async fn no_secret_is_told() {
    let link = "https://files.example.com/c.mp4?sig=s1gn4ture";
    let mut done = job("completed");
    done["clips"] = json!([clip("c_1", "One", link, None)]);
    let server = Server::new(move |call, _| match call.operation.as_str() {
        "get_clip_job" => data(&done),
        _ => refusal(500, "internal", "oops"),
    });
    let log = Log::default();
    let guard = log.start();
    let client = server
        .patient_client()
        .with_retries(Retries::default().attempts(2));
    let clips = client.clips();
    let job = clips.get("clip_1").await.unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    clips.download(&job, folder.path()).await.unwrap_err();
    let source = CreateClips::from_url("https://example.com/talk.mp4?token=t0ken");
    clips.create(source).await.unwrap_err();
    drop(guard);

    let text = log.text();
    assert!(text.contains("create_clip_job"), "{text}");
    let of_link = "otel.name=\"download_file\" otel.kind=\"client\" url.template=\"(signed link)\" \
                   server.address=\"files.example.com\"";
    assert!(text.contains(of_link), "{text}");
    for secret in [KEY, "s1gn4ture", "t0ken"] {
        assert!(!text.contains(secret), "{secret} in:\n{text}");
    }
}
