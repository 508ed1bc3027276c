//! Ten thousand calls at 64 in flight, while the server fails in every way it can: nothing is lost
//! or made twice, retries stay within the budget, and memory stays as it is. Under paused time.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use futures::stream::{self, StreamExt};
use heygen_clips::testing::Answer;
use heygen_clips::{Client, CreateAiClipping, Request, Sending, Transport};
use serde_json::{Value, json};

/// Each is one create and one read.
const INTENTS: usize = 5_000;
const WARM: usize = 1_000;
const IN_FLIGHT: usize = 64;

/// Sends during which the server refuses everything.
const OUTAGE: std::ops::Range<usize> = 5_000..6_000;

/// A server that keeps what its idempotency keys made.
#[derive(Clone)]
struct Backend(Arc<Mutex<State>>);

struct State {
    chance: fastrand::Rng,
    sends: usize,
    /// By intent: how many jobs there are, the key that made the first, and how often
    /// the call that is under way was sent.
    jobs: Vec<usize>,
    keys: Vec<Option<[u8; 36]>>,
    sends_of_call: Vec<usize>,
}

/// What the callers saw.
#[derive(Default)]
struct Seen {
    calls: usize,
    failed: usize,
    /// Calls that worked at once, and after being sent again.
    at_once: usize,
    later: usize,
}

impl Seen {
    fn count(&mut self, sent: usize, worked: bool) {
        self.calls += 1;
        match (worked, sent) {
            (false, _) => self.failed += 1,
            (true, 1) => self.at_once += 1,
            (true, _) => self.later += 1,
        }
    }
}

impl Backend {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            chance: fastrand::Rng::with_seed(4),
            sends: 0,
            jobs: vec![0; INTENTS],
            keys: vec![None; INTENTS],
            sends_of_call: vec![0; INTENTS],
        })))
    }

    fn answer(&self, request: &Request) -> Answer {
        let state = &mut *self.0.lock().unwrap();
        state.sends += 1;
        let body = request.body().map(serde_json::from_slice::<Value>);
        let create = body.map(|body| body.unwrap());
        let named = match &create {
            Some(body) => body["video"]["url"].as_str().unwrap(),
            None => request.url(),
        };
        let intent: usize = named.rsplit('/').next().unwrap().parse().unwrap();
        state.sends_of_call[intent] += 1;
        if OUTAGE.contains(&state.sends) {
            return Answer::refusal(503, "maintenance", "back soon");
        }
        let dice = state.chance.u32(0..1000);
        match dice {
            0..30 => return Answer::reset(),
            30..50 => return Answer::refusal(429, "rate_limited", "x").header("retry-after", "1"),
            50..60 => return Answer::rate_limited_until(SystemTime::now()),
            60..80 => return Answer::bad_gateway(),
            _ => {}
        }
        let answer = if create.is_some() {
            let key = request.headers()["idempotency-key"].as_bytes();
            let key: [u8; 36] = key.try_into().unwrap();
            if *state.keys[intent].get_or_insert(key) != key || state.jobs[intent] == 0 {
                state.jobs[intent] += 1;
            }
            Answer::data(&json!({ "ai_clipping_id": intent.to_string() }))
        } else {
            Answer::data(&json!({ "id": intent.to_string(), "status": "running" }))
        };
        // From here on the server has acted.
        match dice {
            80..110 => Answer::reset(),
            110..130 => Answer::refusal(500, "internal", "x"),
            130..150 => answer.cut_after(12),
            150..200 => answer.slowly(8, Duration::from_millis(300)),
            200..205 => answer.slowly(1, Duration::from_secs(5)),
            _ => answer,
        }
    }

    fn begin(&self, intent: usize) {
        self.0.lock().unwrap().sends_of_call[intent] = 0;
    }

    fn sent(&self, intent: usize) -> usize {
        self.0.lock().unwrap().sends_of_call[intent]
    }
}

impl Transport for Backend {
    fn send(&self, request: Request) -> Sending<'_> {
        let answer = self.answer(&request);
        Box::pin(answer.into_response())
    }
}

/// Calls until it works, as a program would that wants this done.
async fn insist<T, F>(
    backend: &Backend,
    seen: &Mutex<Seen>,
    intent: usize,
    call: impl Fn() -> F,
) -> T
where
    F: Future<Output = heygen_clips::Result<T>>,
{
    for _ in 0..100 {
        backend.begin(intent);
        let result = call().await;
        let sent = backend.sent(intent);
        seen.lock().unwrap().count(sent, result.is_ok());
        match result {
            Ok(value) => return value,
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    panic!("intent {intent} never worked");
}

async fn run(
    client: &Client,
    backend: &Backend,
    seen: &Mutex<Seen>,
    intents: std::ops::Range<usize>,
) {
    let jobs = client.ai_clipping();
    let jobs = &jobs;
    let works = stream::iter(intents).map(|intent| async move {
        let key = format!("intent-{intent:029}");
        let url = format!("https://example.com/{intent}");
        let request = CreateAiClipping::from_url(url).idempotency_key(key);
        let id = insist(backend, seen, intent, || jobs.create(request.clone())).await;
        assert_eq!(id.as_str(), intent.to_string());
        let job = insist(backend, seen, intent, || jobs.get(&id)).await;
        assert_eq!(job.id, id.as_str());
    });
    works.buffer_unordered(IN_FLIGHT).collect::<()>().await;
}

#[test]
fn ten_thousand_calls_at_64_in_flight_under_resets_429_5xx_and_slow_bodies() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let (backend, seen) = (Backend::new(), Mutex::<Seen>::default());
    let client = Client::builder().api_key("any").transport(backend.clone());
    let client = client.build().unwrap();
    runtime.block_on(run(&client, &backend, &seen, 0..WARM));
    let memory = allocation_counter::measure(|| {
        runtime.block_on(run(&client, &backend, &seen, WARM..INTENTS));
    });

    let (state, seen) = (backend.0.lock().unwrap(), seen.into_inner().unwrap());
    println!(
        "{} calls, {} sends, {} failed; live bytes: {} more at the end, {} at most",
        seen.calls, state.sends, seen.failed, memory.bytes_current, memory.bytes_max
    );
    assert_eq!(seen.at_once + seen.later, 2 * INTENTS);
    let wrong = state.jobs.iter().filter(|jobs| **jobs != 1).count();
    assert_eq!(wrong, 0, "jobs that were lost or made twice");

    // 500 at first, 5 a retry; a success gives 1 back, or the 5 of its retry.
    let allowed = (500 + seen.at_once + 5 * seen.later) / 5;
    let retries = state.sends - seen.calls;
    assert!(retries <= allowed, "{retries} of {allowed}");
    // Four sends a call would make it 250.
    assert!(
        seen.failed > 600,
        "the outage was asked too often: {}",
        seen.failed
    );

    let grown = memory.bytes_current;
    assert!(
        grown.abs() < 64 << 10,
        "{grown} bytes more after 8,000 calls"
    );
    assert!(
        memory.bytes_max < 8 << 20,
        "{} bytes at most",
        memory.bytes_max
    );
}
