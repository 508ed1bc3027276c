//! Jobs of `/v3/clips`, which has no keys, looked for by their titles before anything is sent again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use heygen_clips::{CreateClips, Resumed};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::journal::{Bench, VIDEO, ago, clips_body, down, intent};
use crate::server::{Answer, Server, data, json_reply};

/// Answers lists with these jobs, newest first, and creates with `clip_new`.
fn listing(rows: Vec<Value>) -> Bench {
    Bench::new(move |call, _| match call.method.as_str() {
        "GET" => json_reply(200, &json!({ "data": rows, "has_more": false })),
        _ => data(&json!({ "clip_job_id": "clip_new" })),
    })
}

fn row(id: &str, title: &str, created_at: u64) -> Value {
    json!({ "id": id, "title": title, "status": "running", "created_at": created_at })
}

#[tokio::test(start_paused = true)]
async fn clips_are_looked_up_by_title_before_they_are_sent_again() {
    let found = vec![
        row("clip_3", "Other", ago(1)),
        row("clip_2", "Talk", ago(5)),
        row("clip_1", "Talk", ago(9_999)),
    ];
    let bench = listing(found);
    bench.write(&[intent("clips", ago(10), "Talk", &clips_body())]);
    let start = Instant::now();
    let resumed = bench.start().resume_all().await.unwrap();
    let [Resumed::Clips(job)] = resumed.as_slice() else {
        panic!("{resumed:?}");
    };
    assert_eq!(job.id().as_str(), "clip_2");
    let limit = Duration::from_secs(120);
    assert!(start.elapsed() >= limit, "the settle time");
    assert_eq!(bench.server.calls().len(), 1, "nothing was sent");
    let last = bench.records().pop().unwrap();
    assert_eq!(last, json!({ "is": "accepted", "job_id": "clip_2" }));
}

#[tokio::test(start_paused = true)]
async fn clips_that_are_not_there_are_sent_again() {
    let bench = listing(vec![row("clip_7", "Talk", ago(5))]);
    let mut other = intent("clips", ago(20), "Talk", &clips_body());
    other["intent"] = json!("i0");
    bench.write(&[
        other,
        json!({ "at": 1, "intent": "i0", "is": "accepted", "job_id": "clip_7" }),
        json!({ "at": 1, "intent": "i0", "is": "closed" }),
        intent("clips", ago(10), "Talk", &clips_body()),
    ]);
    let resumed = bench.start().resume_all().await.unwrap();
    let [Resumed::Clips(job)] = resumed.as_slice() else {
        panic!("{resumed:?}");
    };
    // The one of that title is the job of the other intent.
    assert_eq!(job.id().as_str(), "clip_new");
    let calls = bench.server.calls();
    assert_eq!(calls.last().unwrap().json(), clips_body());
    let words: Vec<_> = bench.records().iter().map(|r| r["is"].clone()).collect();
    assert_eq!(words[3..], ["intent", "sent", "accepted"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_after_a_day_may_have_been_deleted_and_is_only_sent_again_when_asked() {
    let bench = Bench::new(|call, count| match call.method.as_str() {
        "GET" => json_reply(200, &json!({ "data": [], "has_more": false })),
        _ if count == 0 => down(),
        _ => data(&json!({ "clip_job_id": "clip_new" })),
    });
    let request = || CreateClips::from_url(VIDEO);
    let error = bench.start().clips().submit(request()).await;
    error.unwrap_err();
    let text = bench.text();
    let records = text.lines().map(|line| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        record["at"] = json!(ago(24 * 3600));
        record
    });
    bench.write(&records.collect::<Vec<_>>());

    let sent = || {
        let calls = bench.server.calls();
        calls.iter().filter(|call| call.method == "POST").count()
    };
    let client = bench.start();
    let resumed = client.resume_all().await.unwrap();
    assert!(
        matches!(resumed.as_slice(), [Resumed::Expired(_)]),
        "{resumed:?}"
    );
    assert_eq!(sent(), 1);
    let job = client.clips().submit(request()).await.unwrap();
    assert_eq!((job.id().as_str(), sent()), ("clip_new", 2));
    assert_eq!(client.journal().unwrap().intents().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn several_that_may_be_it_are_told_and_nothing_is_sent() {
    let bench = listing(vec![row("b", "Talk", ago(5)), row("a", "Talk", ago(6))]);
    bench.write(&[intent("clips", ago(10), "Talk", &clips_body())]);
    let client = bench.start();
    let resumed = client.resume_all().await.unwrap();
    let [Resumed::Ambiguous { job_ids, .. }] = resumed.as_slice() else {
        panic!("{resumed:?}");
    };
    assert_eq!(job_ids.len(), 2);
    assert!(bench.server.calls().iter().all(|call| call.method == "GET"));
}

#[tokio::test(start_paused = true)]
async fn a_title_that_the_server_made_shorter_may_be_the_one_that_was_sent() {
    let long = "What we learned in a year of weekly talks about video";
    for (kept, sent, is_like) in [
        ("Talk  one", " Talk one ", true),
        (&long[..30], long, true),
        ("What we learned", long, false),
        ("Talk two", "Talk one", false),
    ] {
        let bench = listing(vec![row("clip_2", kept, ago(5))]);
        let mut body = clips_body();
        body["title"] = json!(sent);
        bench.write(&[intent("clips", ago(10), sent, &body)]);
        let resumed = bench.start().resume_all().await.unwrap();
        let calls = bench.server.calls();
        let posts = calls.iter().filter(|call| call.method == "POST").count();
        let is_told = matches!(resumed.as_slice(), [Resumed::Ambiguous { job_ids, .. }] if job_ids.len() == 1);
        assert_eq!((is_told, posts), (is_like, usize::from(!is_like)), "{kept}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_job_is_taken_for_one_of_two_that_are_wanted_by_its_title() {
    let bench = listing(vec![
        row("clip_2", "Talk", ago(5)),
        row("clip_2", "Talk", ago(5)),
    ]);
    let mut other = intent("clips", ago(9), "Talk", &clips_body());
    other["intent"] = json!("i2");
    bench.write(&[intent("clips", ago(10), "Talk", &clips_body()), other]);
    let client = bench.start();
    let resumed = client.resume_all().await.unwrap();
    for resumed in &resumed {
        let Resumed::Ambiguous { job_ids, .. } = resumed else {
            panic!("{resumed:?}");
        };
        assert_eq!(job_ids, &["clip_2".into()], "a row that shifted is one job");
    }
    let intents = client.journal().unwrap().intents();
    assert_eq!(intents.len(), 2);
    assert!(bench.server.calls().iter().all(|call| call.method == "GET"));

    // Which it is not has been decided: it is the other.
    client
        .journal()
        .unwrap()
        .discard(&intents[1])
        .await
        .unwrap();
    let resumed = client.resume_all().await.unwrap();
    let [Resumed::Clips(job)] = resumed.as_slice() else {
        panic!("{resumed:?}");
    };
    assert_eq!(job.id().as_str(), "clip_2");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_ahead_hides_no_job() {
    let resumed = async |title: &'static str, written: u64| {
        let bench = listing(vec![row("clip_2", title, ago(3600))]);
        let mut wanted = intent("clips", written, title, &clips_body());
        wanted["body"]["title"] = json!(title);
        bench.write(&[wanted]);
        let resumed = bench.start().resume_all().await.unwrap().pop();
        assert!(bench.server.calls().iter().all(|call| call.method == "GET"));
        resumed.unwrap()
    };
    // The job was made when our clock was ten minutes, or two days, ahead.
    for written in [ago(3000), ago(0) + 2 * 24 * 3600] {
        // A title that only this intent has; one that others may have.
        let found = resumed("clips-i1", written).await;
        assert!(matches!(found, Resumed::Clips(_)), "{found:?}");
        let found = resumed("Talk", written).await;
        assert!(matches!(found, Resumed::Ambiguous { .. }), "{found:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_may_hold_a_secret_is_looked_for_before_it_is_asked_for() {
    let titles = std::sync::Arc::new(std::sync::Mutex::new(None));
    let bench = Bench::new(move |call, _| {
        let mut title = titles.lock().unwrap();
        match call.method.as_str() {
            "POST" => {
                *title = Some(call.json()["title"].as_str().unwrap().to_owned());
                down()
            }
            _ => {
                let title = title.as_deref().unwrap();
                let row = row("clip_5", title, ago(0));
                json_reply(200, &json!({ "data": [row], "has_more": false }))
            }
        }
    });
    let signed = CreateClips::from_url("https://cdn.example/talk.mp4?signature=s3cret");
    bench.start().clips().submit(signed).await.unwrap_err();
    assert!(!bench.text().contains("s3cret"));
    let resumed = bench.start().resume_all().await.unwrap();
    let [Resumed::Clips(job)] = resumed.as_slice() else {
        panic!("{resumed:?}");
    };
    assert_eq!(job.id().as_str(), "clip_5");
}

#[tokio::test]
async fn without_a_title_clips_get_one_that_can_be_found() {
    let bench = listing(Vec::new());
    let client = bench.start();
    let request = CreateClips::from_url(VIDEO);
    drop(client.clips().submit(request).await.unwrap());
    let id = client.journal().unwrap().intents()[0].id.clone();
    let sent = bench.server.calls()[0].json();
    assert_eq!(sent["title"], format!("clips-{id}"));
    let titled = CreateClips::from_url(VIDEO).title("Mine");
    drop(client.clips().submit(titled).await.unwrap());
    assert_eq!(bench.server.calls()[1].json()["title"], "Mine");
}

/// Two of one title: while the list is read for one of them, the other is made, and is in the first page.
#[tokio::test(start_paused = true)]
async fn a_job_that_turns_out_to_be_anothers_is_not_taken() {
    let made = AtomicUsize::new(0);
    let page = |rows: Value, more: bool| {
        json_reply(
            200,
            &json!({ "data": rows, "has_more": more, "next_token": more.then_some("2") }),
        )
    };
    let seconds = Duration::from_secs;
    let server = Server::new(move |call, count| {
        let is_create = call.method == "POST";
        match count {
            // The first finds nothing, and is sent.
            0 => Answer::from(page(json!([]), false)),
            // What the second finds was made meanwhile, and is known before the next page is.
            1 => Answer::from(page(json!([row("clip_1", "Talk", ago(1))]), true)).after(seconds(2)),
            _ if !is_create => Answer::from(page(json!([]), false)).after(seconds(9)),
            _ => {
                let id = format!("clip_{}", made.fetch_add(1, Ordering::Relaxed) + 1);
                Answer::from(data(&json!({ "clip_job_id": id }))).after(seconds(4))
            }
        }
    });
    let bench = Bench::with(server);
    let mut other = intent("clips", ago(10), "Talk", &clips_body());
    other["intent"] = json!("i2");
    other["sha256"] = json!("11");
    bench.write(&[intent("clips", ago(10), "Talk", &clips_body()), other]);
    let resumed = bench.start().resume_all().await.unwrap();
    let ids = resumed.iter().map(|resumed| match resumed {
        Resumed::Clips(job) => job.id().as_str(),
        other => panic!("{other:?}"),
    });
    assert_eq!(ids.collect::<Vec<_>>(), ["clip_1", "clip_2"]);
}
