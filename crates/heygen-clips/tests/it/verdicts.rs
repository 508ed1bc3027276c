//! What the SDK refuses before sending is what the emulator refuses, by code and field, for
//! requests made at random. The emulator judges by the documents, the SDK by its own checks.
//!
//! Of several faults each side names one, not always the same. Links are absolute https or none at
//! all: whether a server takes plain http is its own decision.

use std::cell::Cell;

use axum::Router;
use axum::body::Body;
use heygen_clips::{Client, ClipDuration, CreateAiClipping, CreateClips, Error, Result, Window};
use heygen_clips_emulator::{Backend, Emulator};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

use crate::server::KEY;

const CASES: u32 = 1_000;

/// A request as both sides have it, and the fields that are wrong in it.
#[derive(Debug)]
struct Case<R> {
    ours: R,
    theirs: Map<String, Value>,
    key: Option<String>,
    faults: Vec<String>,
}

impl<R> Case<R> {
    fn set(&mut self, field: &str, value: Value, set: impl FnOnce(R) -> R)
    where
        R: Clone,
    {
        self.theirs.insert(field.to_owned(), value);
        self.ours = set(self.ours.clone());
    }

    fn is_fault(&mut self, is_fault: bool, param: impl Into<String>) {
        if is_fault {
            self.faults.push(param.into());
        }
    }
}

/// Text around a limit, in characters of one and of more bytes.
fn text(most: usize) -> impl Strategy<Value = String> {
    let length = prop_oneof![6 => 1..=20_usize, 3 => most - 1..=most, 1 => most + 1..=most + 5];
    (length, prop_oneof![Just("x"), Just("é"), Just("\u{1f3ac}")])
        .prop_map(|(length, letter)| letter.repeat(length))
}

fn link() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => "https://[a-z]{1,8}\\.example/[a-z]{0,8}(\\?[a-z]=[0-9])?",
        1 => prop_oneof![Just("nowhere"), Just(""), Just("ftp://a.example/x"), Just("/x")]
            .prop_map(|link: &str| link.to_owned()),
    ]
}

fn is_wrong(link: &str) -> bool {
    !link.starts_with("https://")
}

/// The source, by an asset that is not there, so that no job is made.
fn video() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![12 => Just(None), 1 => Just(Some("talk.mp4")), 1 => Just(Some("file:///talk.mp4"))]
}

fn seconds() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => (0..=3_600_000_u32).prop_map(|ms| f64::from(ms) / 1000.0),
        1 => (1..=100_000_u32).prop_map(|ms| -f64::from(ms) / 1000.0),
    ]
}

fn clips() -> impl Strategy<Value = Case<CreateClips>> {
    let count = prop_oneof![8 => 1..=10_u32, 1 => Just(0), 1 => 11..=u32::MAX];
    let length = prop_oneof![6 => 0..=2_usize, 2 => 9..=10_usize, 1 => 11..=12_usize];
    let window = (
        seconds(),
        prop_oneof![9 => 0.001..600.0_f64, 1 => -5.0..=0.0_f64],
    )
        .boxed();
    let windows = length.prop_flat_map(move |length| prop::collection::vec(window.clone(), length));
    let of = prop::option::of::<BoxedStrategy<String>>;
    let fields = (
        video(),
        prop::option::of(count),
        of(text(2000).boxed()),
        prop::option::of(windows),
        of(link().boxed()),
        of(text(300).boxed()),
    );
    fields.prop_map(|(video, count, instruction, windows, callback, title)| {
        let mut case = match video {
            None => start(CreateClips::from_asset("ast_none"), asset()),
            Some(link) => start(CreateClips::from_url(link), url(link)),
        };
        case.is_fault(video.is_some(), "video.url");
        if let Some(count) = count {
            case.set("max_clips", json!(count), |request| {
                request.max_clips(count)
            });
            case.is_fault(!(1..=10).contains(&count), "max_clips");
        }
        if let Some(text) = instruction {
            case.set("instruction", json!(text), |request| {
                request.instruction(&text)
            });
            case.is_fault(text.chars().count() > 2000, "instruction");
        }
        if let Some(windows) = windows {
            let ends = windows
                .iter()
                .map(|(start, length)| (*start, start + length));
            let ends: Vec<(f64, f64)> = ends.collect();
            let theirs = ends
                .iter()
                .map(|(start, end)| json!({ "start": start, "end": end }));
            case.set("windows", theirs.collect(), |request| {
                request.windows(ends.iter().map(|(start, end)| Window::new(*start, *end)))
            });
            case.is_fault(ends.len() > 10, "windows");
            for (index, (start, end)) in ends.iter().enumerate() {
                case.is_fault(*start < 0.0, format!("windows[{index}].start"));
                // A window that begins before 0 may end before 0 too.
                case.is_fault(*end <= start.max(0.0), format!("windows[{index}].end"));
            }
        }
        if let Some(link) = callback {
            case.set("callback_url", json!(link), |request| {
                request.callback_url(&link)
            });
            case.is_fault(is_wrong(&link), "callback_url");
        }
        if let Some(title) = title {
            case.set("title", json!(title), |request| request.title(&title));
        }
        case
    })
}

fn ai_clipping() -> impl Strategy<Value = Case<CreateAiClipping>> {
    let one = prop_oneof![
        Just((ClipDuration::Seconds30, "30")),
        Just((ClipDuration::Seconds60, "60")),
        Just((ClipDuration::Seconds180, "180")),
        Just((ClipDuration::Long, "long")),
    ];
    let length = prop_oneof![8 => 1..=4_usize, 1 => Just(0), 1 => 5..=6_usize];
    let durations = length.prop_flat_map(move |length| prop::collection::vec(one.clone(), length));
    let key = prop_oneof![
        8 => "[A-Za-z0-9_.:-]{1,40}",
        1 => "[a-z]{254,256}",
        1 => "[a-z]{0,3}[ /é+][a-z]{0,3}",
    ];
    let of = prop::option::of::<BoxedStrategy<String>>;
    let fields = (
        video(),
        of(text(255).boxed()),
        prop::option::of(durations),
        of(text(500).boxed()),
        of(link().boxed()),
        of(key.boxed()),
    );
    fields.prop_map(|(video, title, durations, prompt, callback, key)| {
        let mut case = match video {
            None => start(CreateAiClipping::from_asset("ast_none"), asset()),
            Some(link) => start(CreateAiClipping::from_url(link), url(link)),
        };
        case.is_fault(video.is_some(), "video.url");
        if let Some(title) = title {
            case.set("title", json!(title), |request| request.title(&title));
            case.is_fault(title.chars().count() > 255, "title");
        }
        let mut settings = Map::new();
        if let Some(durations) = durations {
            let names: Vec<_> = durations.iter().map(|(_, name)| *name).collect();
            settings.insert("duration_types".to_owned(), json!(names));
            case.ours =
                { case.ours }.durations(durations.into_iter().map(|(duration, _)| duration));
            case.faults.extend(
                (!(1..=4).contains(&names.len()))
                    .then(|| "output_settings.duration_types".to_owned()),
            );
        }
        if let Some(prompt) = prompt {
            settings.insert("prompt".to_owned(), json!(prompt));
            case.ours = { case.ours }.prompt(&prompt);
            case.faults.extend(
                (prompt.chars().count() > 500).then(|| "output_settings.prompt".to_owned()),
            );
        }
        if !settings.is_empty() {
            case.theirs
                .insert("output_settings".to_owned(), settings.into());
        }
        if let Some(link) = callback {
            case.set("callback_url", json!(link), |request| {
                request.callback_url(&link)
            });
            case.is_fault(is_wrong(&link), "callback_url");
        }
        if let Some(key) = key {
            case.ours = { case.ours }.idempotency_key(&key);
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_-:.".contains(c);
            let is_right = (1..=255).contains(&key.len()) && key.chars().all(is_allowed);
            case.is_fault(!is_right, "Idempotency-Key");
            case.key = Some(key);
        }
        case
    })
}

fn start<R>(ours: R, video: Value) -> Case<R> {
    Case {
        ours,
        theirs: Map::from_iter([("video".to_owned(), video)]),
        key: None,
        faults: Vec::new(),
    }
}

fn asset() -> Value {
    json!({ "type": "asset_id", "asset_id": "ast_none" })
}

fn url(link: &str) -> Value {
    json!({ "type": "url", "url": link })
}

/// Status, code and param of the emulator's answer.
async fn judge(emulator: &Router, request: http::Request<Body>) -> (u16, String, Option<String>) {
    let answer = emulator.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20)
        .await
        .unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let text = |field: &str| body["error"][field].as_str().map(str::to_owned);
    (status, text("code").unwrap_or_default(), text("param"))
}

fn compare<R: std::fmt::Debug>(
    case: &Case<R>,
    ours: Result<()>,
    theirs: (u16, String, Option<String>),
) -> Result<(), TestCaseError> {
    let (status, code, param) = theirs;
    let Err(ours) = ours else {
        prop_assert_eq!(&case.faults, &Vec::<String>::new());
        // All that is wrong with it is that there is no such asset.
        prop_assert_eq!(
            (code.as_str(), param.as_deref()),
            ("asset_not_found", Some("video.asset_id"))
        );
        return Ok(());
    };
    prop_assert_eq!((status, code.as_str()), (400, ours.code()), "{}", ours);
    let (mine, param) = (ours.param().unwrap_or_default(), param.unwrap_or_default());
    prop_assert!(case.faults.iter().any(|fault| fault == mine), "{}", ours);
    prop_assert!(case.faults.contains(&param), "{}", param);
    if case.faults.len() == 1 {
        prop_assert_eq!(mine, param);
    }
    Ok(())
}

fn post(path: &str, key: Option<&str>, body: &Map<String, Value>) -> http::Request<Body> {
    let request = http::Request::post(path)
        .header("x-api-key", KEY)
        .header("content-type", "application/json");
    let request = match key {
        Some(key) => request.header("Idempotency-Key", key.as_bytes()),
        None => request,
    };
    let body = serde_json::to_vec(body).unwrap();
    request.body(Body::from(body)).unwrap()
}

fn runner() -> TestRunner {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 50,
        ..Config::default()
    };
    let chance = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, chance)
}

fn emulator() -> (tokio::runtime::Runtime, Emulator) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let emulator = Emulator::builder().backend(Backend::Embedded).api_key(KEY);
    let emulator = runtime.block_on(emulator.start()).unwrap();
    (runtime, emulator)
}

#[test]
fn requests_made_at_random_are_refused_alike_by_the_sdk_and_the_emulator() {
    let (runtime, emulator) = emulator();
    let router = emulator.router();
    // With none, one or several faults.
    let seen = [const { Cell::new(0) }; 3];
    let count = |faults: usize| {
        let seen = &seen[faults.min(2)];
        seen.set(seen.get() + 1);
    };
    let run = runner().run(&clips(), |case| {
        count(case.faults.len());
        let request = post("/v3/clips", None, &case.theirs);
        let theirs = runtime.block_on(judge(&router, request));
        compare(&case, case.ours.check(), theirs)
    });
    run.unwrap();
    let run = runner().run(&ai_clipping(), |case| {
        count(case.faults.len());
        let request = post("/v3/ai-clipping", case.key.as_deref(), &case.theirs);
        let theirs = runtime.block_on(judge(&router, request));
        compare(&case, case.ours.check(), theirs)
    });
    run.unwrap();
    assert!(seen.iter().all(|seen| seen.get() > 100), "{seen:?}");
}

#[test]
fn limits_of_lists_are_refused_alike_by_the_sdk_and_the_emulator() {
    let (runtime, emulator) = emulator();
    let router = emulator.router();
    let client = Client::builder().api_key(KEY).base_url(emulator.base_url());
    let client = client.build().unwrap();
    let rows = prop_oneof![0..=120_u32, any::<u32>()];
    let run = runner().run(&rows, |rows| {
        let ours: [Result<(), Error>; 2] = runtime.block_on(async {
            [
                client.clips().list().limit(rows).page().await.map(drop),
                client
                    .ai_clipping()
                    .list()
                    .limit(rows)
                    .page()
                    .await
                    .map(drop),
            ]
        });
        for (path, ours) in ["/v3/clips", "/v3/ai-clipping"].into_iter().zip(ours) {
            let request = http::Request::get(format!("{path}?limit={rows}"));
            let request = request.header("x-api-key", KEY).body(Body::empty());
            let (status, code, param) = runtime.block_on(judge(&router, request.unwrap()));
            match ours {
                Ok(()) => prop_assert_eq!(status, 200),
                Err(ours) => {
                    prop_assert_eq!(ours.attempts(), 0, "{}", ours);
                    prop_assert_eq!(
                        (code.as_str(), param.as_deref()),
                        (ours.code(), ours.param())
                    );
                }
            }
        }
        Ok(())
    });
    run.unwrap();
}
