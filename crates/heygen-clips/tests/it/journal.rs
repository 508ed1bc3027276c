//! The journal: what is on disk when, what a restart makes of it, and what it must never hold.

use std::path::{Path, PathBuf};

use heygen_clips::{AspectRatio, Client, CreateAiClipping, CreateClips, Dialect, Resumed, Retries};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::{BASE, Call, KEY, Reply, Server, clip, data, job, json_reply, refusal};

pub(crate) const VIDEO: &str = "https://example.com/talk.mp4";

pub(crate) struct Bench {
    folder: TempDir,
    pub(crate) server: Server,
}

impl Bench {
    pub(crate) fn new(answer: impl Fn(&Call, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(Server::new(answer))
    }

    pub(crate) fn with(server: Server) -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            server,
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("jobs.journal")
    }

    /// A client of a program that has just started, which sends each call once.
    pub(crate) fn start(&self) -> Client {
        let builder = Client::builder().api_key(KEY).base_url(BASE);
        let builder = builder.transport(self.server.clone()).journal(self.path());
        builder.retries(Retries::none()).build().unwrap()
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(self.path()).unwrap()
    }

    /// The records, without what differs from run to run.
    pub(crate) fn records(&self) -> Vec<Value> {
        let lines = self.text();
        let records = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let bare = records.map(|mut record: Value| {
            let fields = record.as_object_mut().unwrap();
            for field in ["at", "intent", "key", "sha256", "title"] {
                fields.remove(field);
            }
            record
        });
        bare.collect()
    }

    pub(crate) fn write(&self, records: &[Value]) {
        let lines: Vec<_> = records.iter().map(Value::to_string).collect();
        std::fs::write(self.path(), lines.join("\n") + "\n").unwrap();
    }
}

fn ai_request() -> CreateAiClipping {
    CreateAiClipping::from_url(VIDEO).prompt("prices")
}

fn accepted() -> Reply {
    json_reply(202, &json!({ "data": { "ai_clipping_id": "job_1" } }))
}

pub(crate) fn down() -> Reply {
    refusal(503, "internal_error", "Down.")
}

/// Seconds since 1970, so many of them ago.
pub(crate) fn ago(seconds: u64) -> u64 {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    now.as_secs() - seconds
}

pub(crate) fn intent(dialect: &str, at: u64, title: &str, body: &Value) -> Value {
    json!({
        "at": at, "intent": "i1", "is": "intent", "dialect": dialect, "base_url": BASE,
        "key": "k1", "sha256": "00", "title": title, "body": body,
    })
}

pub(crate) fn clips_body() -> Value {
    json!({ "video": { "type": "url", "url": VIDEO }, "title": "Talk" })
}

#[tokio::test]
async fn the_intent_is_on_disk_before_the_request_is_sent_and_the_job_after() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("jobs.journal");
    let (seen, asked) = (path.clone(), std::sync::Arc::new(std::sync::Mutex::new(0)));
    let lines = std::sync::Arc::clone(&asked);
    let server = Server::new(move |_, _| {
        *lines.lock().unwrap() = std::fs::read_to_string(&seen).unwrap().lines().count();
        accepted()
    });
    let bench = Bench { folder, server };
    let job = bench.start().ai_clipping().submit(ai_request()).await;
    assert_eq!(job.unwrap().id().as_str(), "job_1");
    assert_eq!(*asked.lock().unwrap(), 1);
    let body = json!({
        "video": { "type": "url", "url": VIDEO }, "output_settings": { "prompt": "prices" },
    });
    assert_eq!(
        bench.records(),
        [
            json!({ "is": "intent", "dialect": "ai-clipping", "base_url": BASE, "body": body }),
            json!({ "is": "accepted", "job_id": "job_1" }),
        ]
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn the_same_key_goes_along_after_a_restart_and_when_submitted_again() {
    let bench = Bench::new(|_, count| if count < 3 { down() } else { accepted() });
    let error = bench.start().ai_clipping().submit(ai_request()).await;
    let error = error.unwrap_err();
    assert!(error.is_server_error());
    let hint = "the journal keeps the intent, and resume_all goes on with it";
    assert!(error.message().contains(hint), "{error}");

    let client = bench.start();
    let resumed = client.resume_all().await.unwrap();
    let [Resumed::Failed { intent, .. }] = resumed.as_slice() else {
        panic!("{resumed:?}");
    };
    assert_eq!(
        (intent.dialect, &intent.job_id),
        (Dialect::AiClipping, &None)
    );
    client.ai_clipping().submit(ai_request()).await.unwrap_err();
    drop(client.ai_clipping().submit(ai_request()).await.unwrap());
    let keys = |calls: Vec<Call>| -> Vec<String> {
        let keys = calls.iter().map(|call| call.header("idempotency-key"));
        keys.map(|key| key.unwrap().to_owned()).collect()
    };
    let sent = keys(bench.server.calls());
    assert_eq!(sent.len(), 4);
    assert!(sent.iter().all(|key| *key == sent[0]), "{sent:?}");

    // That intent has its job now: what is wanted next is another.
    drop(client.ai_clipping().submit(ai_request()).await.unwrap());
    let other = keys(bench.server.calls()).pop().unwrap();
    assert_ne!(other, sent[0]);
}

#[tokio::test]
async fn an_equal_request_after_a_restart_is_the_job_that_is_open() {
    let bench = Bench::new(|_, count| {
        json_reply(
            202,
            &json!({ "data": { "ai_clipping_id": format!("job_{count}") } }),
        )
    });
    let submit = async |client: &Client| {
        let job = client.ai_clipping().submit(ai_request()).await.unwrap();
        job.id().to_string()
    };
    assert_eq!(submit(&bench.start()).await, "job_0");
    let client = bench.start();
    assert_eq!(submit(&client).await, "job_0");
    assert_eq!(bench.server.calls().len(), 1, "nothing was sent");
    assert_eq!(submit(&client).await, "job_1", "it was given that one");
    drop(client);

    // What resume_all gave is not given by another submission.
    let client = bench.start();
    assert_eq!(client.resume_all().await.unwrap().len(), 2);
    assert_eq!(submit(&client).await, "job_2");
    for job in ["job_0", "job_1", "job_2"] {
        client.ai_clipping().job(job).close().await.unwrap();
    }
    drop(client);
    assert_eq!(submit(&bench.start()).await, "job_3", "nothing is open");
}

#[tokio::test(start_paused = true)]
async fn an_equal_request_while_resume_all_takes_it_up_makes_no_second_job() {
    let bench = Bench::new(|call, count| match call.method.as_str() {
        "GET" => json_reply(200, &json!({ "data": [], "has_more": false })),
        _ if count == 0 => down(),
        _ => data(&json!({ "clip_job_id": "clip_1" })),
    });
    let request = || CreateClips::from_url(VIDEO);
    let error = bench.start().clips().submit(request()).await;
    error.unwrap_err();

    let client = bench.start();
    let clips = client.clips();
    let (resumed, submitted) = tokio::join!(client.resume_all(), clips.submit(request()));
    let error = submitted.unwrap_err();
    assert!(error.is_unresolved(), "{error}");
    let said = "is being taken up by resume_all: wait for what that gives (nothing was sent)";
    assert!(error.message().ends_with(said), "{error}");
    let resumed = resumed.unwrap();
    let [Resumed::Clips(job)] = resumed.as_slice() else {
        panic!("{resumed:?}");
    };
    assert_eq!(job.id().as_str(), "clip_1");
    let calls = bench.server.calls();
    let sent = calls.iter().filter(|call| call.method == "POST").count();
    assert_eq!(
        sent, 2,
        "the one that failed, and the one that made the job"
    );
}

#[tokio::test(start_paused = true)]
async fn what_resume_all_found_and_nobody_waited_for_is_not_given() {
    let bench = Bench::new(|call, _| match call.operation.as_str() {
        "create_clip_job" => down(),
        _ => accepted(),
    });
    let client = bench.start();
    drop(client.ai_clipping().submit(ai_request()).await.unwrap());
    let clips = client.clips().submit(CreateClips::from_url(VIDEO)).await;
    clips.unwrap_err();
    drop(client);

    // The second is waited for, for two minutes.
    let client = bench.start();
    let patience = std::time::Duration::from_secs(30);
    let resumed = tokio::time::timeout(patience, client.resume_all()).await;
    resumed.unwrap_err();
    let calls = bench.server.calls().len();
    let job = client.ai_clipping().submit(ai_request()).await.unwrap();
    assert_eq!(job.id().as_str(), "job_1");
    assert_eq!(bench.server.calls().len(), calls, "nothing was sent");
}

#[tokio::test]
async fn a_job_that_two_intents_became_is_closed_for_both() {
    let bench = Bench::new(|_, _| accepted());
    let mine = || ai_request().idempotency_key("mine");
    let client = bench.start();
    for _ in 0..2 {
        drop(client.ai_clipping().submit(mine()).await.unwrap());
    }
    assert_eq!(client.journal().unwrap().intents().len(), 2);
    client.ai_clipping().job("job_1").close().await.unwrap();
    assert_eq!(client.journal().unwrap().intents(), []);
}

#[tokio::test]
async fn another_request_is_another_intent() {
    let bench = Bench::new(|_, _| down());
    let client = bench.start();
    let jobs = client.ai_clipping();
    jobs.submit(ai_request()).await.unwrap_err();
    jobs.submit(ai_request().aspect_ratio(AspectRatio::Square))
        .await
        .unwrap_err();
    jobs.submit(ai_request().idempotency_key("mine"))
        .await
        .unwrap_err();
    assert_eq!(client.journal().unwrap().intents().len(), 3);
    let calls = bench.server.calls();
    assert_eq!(calls[2].header("idempotency-key"), Some("mine"));
}

#[tokio::test]
async fn one_client_has_it_at_a_time() {
    let bench = Bench::new(|_, _| down());
    let client = bench.start();
    let second = || Client::builder().api_key(KEY).journal(bench.path()).build();
    let error = second().unwrap_err();
    assert!(error.is_journal() && error.code() == "cli_journal");
    assert!(
        error.to_string().ends_with(
            "is in use: another client or process has it open, and it takes one at a time"
        ),
        "{error}"
    );
    drop(client);
    assert!(second().is_ok());
    let nowhere = Client::builder()
        .api_key(KEY)
        .journal("/nowhere/at/all")
        .build();
    assert!(nowhere.unwrap_err().is_journal());
}

#[tokio::test]
async fn a_request_that_may_hold_a_secret_is_taken_up_by_submitting_it_again() {
    let bench = Bench::new(|_, count| if count == 0 { down() } else { accepted() });
    let signed = || {
        CreateAiClipping::from_url("https://cdn.example/talk.mp4?signature=s3cret")
            .callback_url("https://user:pa55@hooks.example/done")
    };
    stays_out_of_the_journal(&bench, signed, &["s3cret", "pa55", KEY, "cdn.example"]).await;

    let bench = Bench::new(|_, count| if count == 0 { down() } else { accepted() });
    let token = "kT9-x_Qp2Lw7Zs4VbN8mR3";
    let by_path = || CreateAiClipping::from_url(format!("https://cdn.example/{token}/talk.mp4"));
    stays_out_of_the_journal(&bench, by_path, &[token, KEY, "cdn.example"]).await;
}

async fn stays_out_of_the_journal(
    bench: &Bench,
    request: impl Fn() -> CreateAiClipping,
    secrets: &[&str],
) {
    let submitted = bench.start().ai_clipping().submit(request()).await;
    submitted.unwrap_err();
    for secret in secrets {
        assert!(!bench.text().contains(secret), "{}", bench.text());
    }
    let client = bench.start();
    let resumed = client.resume_all().await.unwrap();
    assert!(matches!(resumed.as_slice(), [Resumed::NeedsRequest(_)]));
    assert_eq!(bench.server.calls().len(), 1);
    drop(client.ai_clipping().submit(request()).await.unwrap());
    let calls = bench.server.calls();
    assert_eq!(
        calls[0].header("idempotency-key"),
        calls[1].header("idempotency-key")
    );
}

#[tokio::test]
async fn a_journal_of_jobs_that_are_done_with_is_rewritten_when_it_is_opened() {
    let bench = Bench::new(|_, _| down());
    let done = (0..400).flat_map(|job| {
        let id = format!("done-{job}");
        let mut wanted = intent("clips", ago(90 * 3600), "Talk", &clips_body());
        wanted["intent"] = json!(id);
        let at = ago(89 * 3600);
        [
            wanted,
            json!({ "at": at, "intent": id, "is": "accepted", "job_id": id }),
            json!({ "at": at, "intent": id, "is": "closed" }),
        ]
    });
    let open = [
        intent("ai-clipping", ago(90 * 3600), "", &Value::Null),
        json!({ "at": ago(90 * 3600), "intent": "i1", "is": "accepted", "job_id": "job_9" }),
    ];
    let all: Vec<Value> = open.iter().cloned().chain(done).collect();
    bench.write(&all);
    let client = bench.start();
    let lines: Vec<Value> = bench
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines, open);
    let intents = client.journal().unwrap().intents();
    assert_eq!(intents.len(), 1);

    // The new file is the one that is locked and written to.
    let second = Client::builder().api_key(KEY).journal(bench.path()).build();
    assert!(second.unwrap_err().is_journal());
    let journal = client.journal().unwrap();
    journal.discard(&intents[0]).await.unwrap();
    assert_eq!(bench.records().pop().unwrap(), json!({ "is": "closed" }));
    drop(client);
    assert_eq!(bench.start().journal().unwrap().intents(), []);
}

#[tokio::test]
async fn past_the_window_it_refuses_instead_of_paying_again() {
    let bench = Bench::new(|_, _| accepted());
    let body = json!({ "video": { "type": "url", "url": VIDEO } });
    bench.write(&[intent("ai-clipping", ago(24 * 3600 - 250), "", &body)]);
    let client = bench.start();
    let resumed = client.resume_all().await.unwrap();
    let [Resumed::Expired(intent)] = resumed.as_slice() else {
        panic!("{resumed:?}");
    };
    assert_eq!(bench.server.calls().len(), 0);
    client.journal().unwrap().discard(intent).await.unwrap();
    assert_eq!(client.resume_all().await.unwrap().len(), 0);
    drop(client);

    bench.write(&[self::intent("ai-clipping", ago(23 * 3600), "", &body)]);
    let resumed = bench.start().resume_all().await.unwrap();
    assert!(matches!(resumed.as_slice(), [Resumed::AiClipping(_)]));
    let calls = bench.server.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].header("idempotency-key"), Some("k1"));
    assert_eq!(calls[0].json(), body);
}

#[tokio::test]
async fn an_equal_request_past_the_window_is_an_error() {
    let bench = Bench::new(|_, _| down());
    bench
        .start()
        .ai_clipping()
        .submit(ai_request())
        .await
        .unwrap_err();
    let mut records: Vec<Value> = bench
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    records[0]["at"] = json!(ago(24 * 3600));
    bench.write(&records);
    let error = bench.start().ai_clipping().submit(ai_request()).await;
    let error = error.unwrap_err();
    assert!(error.is_unresolved() && error.code() == "cli_unresolved");
    assert_eq!(bench.server.calls().len(), 1);
}

#[tokio::test]
async fn a_job_that_was_accepted_is_attached_to_whatever_its_age() {
    let bench = Bench::new(|_, _| data(&json!({ "id": "job_9", "status": "failed" })));
    bench.write(&[
        intent("ai-clipping", ago(90 * 3600), "", &Value::Null),
        json!({ "at": 1, "intent": "i1", "is": "accepted", "job_id": "job_9" }),
    ]);
    let client = bench.start();
    let mut resumed = client.resume_all().await.unwrap();
    let Some(Resumed::AiClipping(job)) = resumed.pop() else {
        panic!("{resumed:?}");
    };
    assert_eq!(job.id().as_str(), "job_9");
    let error = job.await.unwrap_err();
    assert!(error.is_job_failed());
    // It was seen to have failed, so nobody needs it any more.
    assert_eq!(client.journal().unwrap().intents(), []);
    let last = bench.records().pop().unwrap();
    assert_eq!(last, json!({ "is": "finished", "status": "failed" }));
}

#[tokio::test]
async fn a_completed_job_stays_open_until_it_is_closed() {
    let bench = Bench::new(|_, _| data(&job("completed")));
    bench.write(&[
        intent("clips", ago(90), "x", &Value::Null),
        json!({ "at": 1, "intent": "i1", "is": "accepted", "job_id": "clip_1" }),
    ]);
    let client = bench.start();
    client.clips().job("clip_1").await.unwrap();
    let intents = client.journal().unwrap().intents();
    assert_eq!(
        intents[0].finished,
        Some(heygen_clips::JobStatus::Completed)
    );
    client.clips().job("clip_1").close().await.unwrap();
    assert_eq!(client.journal().unwrap().intents(), []);
    client.clips().job("clip_2").close().await.unwrap();
    assert_eq!(bench.records().len(), 4, "a job that is not in it");
}

#[tokio::test]
async fn a_job_that_failed_stays_open_while_it_has_clips() {
    let mut answered = job("failed");
    answered["clips"] = json!([clip("c_1", "a", "https://files.example.com/1.mp4", None)]);
    let bench = Bench::new(move |call, _| match call.method.as_str() {
        "GET" => data(&answered),
        _ => data(&json!({ "clip_job_id": "clip_1" })),
    });
    let client = bench.start();
    let submitted = client.clips().submit(CreateClips::from_url(VIDEO)).await;
    let error = submitted.unwrap().await.unwrap_err();
    assert!(error.is_job_failed());
    drop(client);
    let client = bench.start();
    let intents = client.journal().unwrap().intents();
    assert_eq!(intents[0].finished, Some(heygen_clips::JobStatus::Failed));
    let last = bench.records().pop().unwrap();
    assert_eq!(
        last,
        json!({ "is": "finished", "status": "failed", "has_clips": true })
    );
}

#[tokio::test]
async fn a_refused_request_is_done_with() {
    let bench = Bench::new(|_, _| refusal(400, "invalid_parameter", "No."));
    let client = bench.start();
    client.ai_clipping().submit(ai_request()).await.unwrap_err();
    let clips = client.clips().submit(CreateClips::from_url(VIDEO)).await;
    assert!(clips.unwrap_err().is_invalid_request());
    assert_eq!(client.journal().unwrap().intents(), []);
    assert_eq!(
        bench.records()[1],
        json!({ "is": "refused", "status": 400, "code": "invalid_parameter" })
    );
}

#[tokio::test]
async fn what_is_refused_when_it_is_sent_again_may_have_been_taken_before() {
    let bench = Bench::new(|_, _| refusal(400, "source_unreachable", "Expired."));
    let body = json!({ "video": { "type": "url", "url": VIDEO } });
    bench.write(&[intent("ai-clipping", ago(60), "", &body)]);
    let client = bench.start();
    let resumed = client.resume_all().await.unwrap();
    assert!(
        matches!(resumed.as_slice(), [Resumed::Failed { .. }]),
        "{resumed:?}"
    );
    assert_eq!(client.journal().unwrap().intents().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_in_progress_is_waited_out_under_its_key() {
    let bench = Bench::new(|_, count| match count {
        0..5 => refusal(409, "request_in_progress", "Wait."),
        _ => accepted(),
    });
    let client = bench.start().with_retries(Retries::default());
    drop(client.ai_clipping().submit(ai_request()).await.unwrap());
    let calls = bench.server.calls();
    let first = calls[0].header("idempotency-key");
    assert!(
        calls
            .iter()
            .all(|call| call.header("idempotency-key") == first)
    );
    assert_eq!(calls.len(), 6);
}

#[tokio::test]
async fn what_is_elsewhere_or_unreadable_is_told() {
    let bench = Bench::new(|_, _| down());
    let mut elsewhere = intent("clips", ago(10), "Talk", &clips_body());
    elsewhere["base_url"] = json!("https://other.example");
    bench.write(&[elsewhere, json!({ "is": "something else" })]);
    let client = bench.start();
    assert_eq!(client.journal().unwrap().unreadable_lines(), 1);
    let resumed = client.resume_all().await.unwrap();
    assert!(matches!(resumed.as_slice(), [Resumed::OtherServer(_)]));
    assert_eq!(bench.server.calls().len(), 0);

    let without = bench.server.client().resume_all().await.unwrap_err();
    assert!(without.is_config());
    assert_eq!(
        without.to_string(),
        "the client has no journal: set one on its builder"
    );
    assert_eq!(client.journal().unwrap().path(), Path::new(&bench.path()));
}

#[tokio::test]
async fn an_intent_says_when_its_key_was_used_first() {
    let bench = Bench::new(|_, _| accepted());
    let request = || ai_request().idempotency_key("talk");
    let job = bench.start().ai_clipping().submit(request()).await.unwrap();
    job.close().await.unwrap();
    let records = bench.text();
    let records = records.lines().map(|line| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        record["at"] = json!(ago(23 * 3600));
        record
    });
    bench.write(&records.collect::<Vec<_>>());
    let client = bench.start();
    drop(client.ai_clipping().submit(request()).await.unwrap());
    let text = bench.text();
    let noted = text
        .lines()
        .filter(|line| line.contains("\"is\":\"intent\""));
    let noted: Vec<Value> = noted
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!((noted.len(), &noted[0]["key_since"]), (2, &Value::Null));
    assert_eq!(noted[1]["key_since"], noted[0]["at"]);
}
