//! The store keeps going over a restart.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Bench, Origin, builder, by_url};

fn files(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_job_that_was_cut_off_is_finished_by_the_next_start() {
    let (folder, origin) = (tempfile::tempdir().unwrap(), Origin::start().await);
    let start = || builder().data_dir(folder.path());
    let windows = json!([
        { "start": 0, "end": 1 }, { "start": 1, "end": 2 }, { "start": 2, "end": 3 },
        { "start": 4, "end": 18 }, { "start": 5, "end": 19 }, { "start": 6, "end": 20 },
    ]);

    // One that waits for its source, and one that is in the middle of its clips.
    let bench = Bench::with(start()).await;
    let waiting = json!({ "video": by_url(&origin.gated("talk.mp4")), "windows": windows });
    let waiting = bench.post("/v3/clips", waiting).await.data()["clip_job_id"].clone();
    let cutting = json!({ "video": by_url(&origin.file("talk.mp4")), "windows": windows });
    let cutting = bench.post("/v3/clips", cutting).await.data()["clip_job_id"].clone();
    let path = |id: &Value| format!("/v3/clips/{}", id.as_str().unwrap());
    let clips = folder
        .path()
        .join("jobs")
        .join(cutting.as_str().unwrap())
        .join("clips");
    let first = loop {
        let log = bench.log(&cutting).await;
        let made = log
            .iter()
            .find_map(|line| line.strip_prefix("clip ")?.split_once(" is made"));
        if let Some((id, _)) = made {
            break format!("{id}.mp4");
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    assert_ne!(
        bench.get(&path(&cutting)).await.data()["status"],
        "completed"
    );
    drop(bench.emulator);

    let made = |name: &str| {
        std::fs::metadata(clips.join(name))
            .unwrap()
            .modified()
            .unwrap()
    };
    let first_made = made(&first);
    // The folder is free as soon as what was running has let go of it.
    let emulator = loop {
        match start().start().await {
            Ok(emulator) => break emulator,
            Err(error) => assert!(error.is_data(), "{error}"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let bench = Bench {
        emulator,
        client: bench.client,
    };
    origin.open();
    for id in [&cutting, &waiting] {
        let job = bench.wait(&path(id)).await;
        assert_eq!(job["status"], "completed", "{job:#}");
        let clips = job["clips"].as_array().unwrap();
        assert_eq!(clips.len(), 6, "{job:#}");
        for clip in clips {
            assert_eq!(bench.get(clip["url"].as_str().unwrap()).await.status, 200);
        }
    }
    let names = files(&clips);
    let videos = names.iter().filter(|name| name.ends_with(".mp4")).count();
    assert_eq!(videos, 6, "exactly one set of clips: {names:?}");
    assert_eq!(
        made(&first),
        first_made,
        "a finished clip is not made again"
    );
    let log = bench.log(&cutting).await.join("\n");
    assert!(log.contains("begun again, from where it was left"), "{log}");
    let jobs = bench.get("/v3/clips").await.json();
    assert_eq!(jobs["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn rows_links_and_replays_outlive_a_restart() {
    let (folder, origin) = (tempfile::tempdir().unwrap(), Origin::start().await);
    let address = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap()
    };
    let start = || builder().data_dir(folder.path()).listen(address);
    let bench = Bench::with(start()).await;
    let windows = json!([{ "start": 0, "end": 1 }]);
    let body = json!({ "video": by_url(&origin.file("talk.mp4")), "windows": windows });
    let keyed = |bench: &Bench| {
        let request = bench
            .request("POST", "/v3/clips")
            .header("idempotency-key", "k");
        bench.send(request.json(&body))
    };
    let created = keyed(&bench).await;
    let id = created.data()["clip_job_id"].clone();
    let path = format!("/v3/clips/{}", id.as_str().unwrap());
    let job = bench.wait(&path).await;
    let link = job["clips"][0]["url"].as_str().unwrap().to_owned();
    bench.emulator.shutdown().await;

    let bench = Bench::with(start()).await;
    assert_eq!(bench.get(&link).await.status, 200, "the old link");
    let again = bench.get(&path).await.data();
    assert_eq!(
        (&again["status"], &again["title"]),
        (&job["status"], &job["title"])
    );
    assert_eq!(again["clips"][0]["id"], job["clips"][0]["id"]);
    assert_eq!(keyed(&bench).await.body, created.body);
}

#[tokio::test]
async fn stopping_in_order_never_gives_a_job_up() {
    let (folder, origin) = (tempfile::tempdir().unwrap(), Origin::start().await);
    let windows = json!([{ "start": 0, "end": 1 }]);
    let body = json!({ "video": by_url(&origin.gated("talk.mp4")), "windows": windows });
    let mut id = Value::Null;
    for begun in 1..=6 {
        let bench = Bench::with(builder().data_dir(folder.path())).await;
        if id.is_null() {
            id = bench.post("/v3/clips", body.clone()).await.data()["clip_job_id"].clone();
        }
        while bench.log(&id).await.len() < begun {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        bench.emulator.shutdown().await;
    }
    let bench = Bench::with(builder().data_dir(folder.path())).await;
    origin.open();
    let job = bench
        .wait(&format!("/v3/clips/{}", id.as_str().unwrap()))
        .await;
    assert_eq!(job["status"], "completed", "{job:#}");
}

#[cfg(unix)]
#[tokio::test]
async fn others_on_the_machine_cannot_read_the_secrets() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| {
        let metadata = std::fs::metadata(path).unwrap();
        metadata.permissions().mode() & 0o777
    };
    let parent = tempfile::tempdir().unwrap();
    let made = parent.path().join("made");
    let there = parent.path().join("there");
    std::fs::create_dir(&there).unwrap();
    let open = |mode| std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(&there, open(0o755)).unwrap();
    // As an earlier version left it.
    std::fs::write(there.join("emulator.db"), "").unwrap();
    std::fs::set_permissions(there.join("emulator.db"), open(0o644)).unwrap();
    for folder in [&made, &there] {
        let bench = Bench::with(builder().data_dir(folder)).await;
        bench.get("/v3/clips").await.json();
        for name in files(folder).iter().filter(|name| name.contains(".db")) {
            assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
        }
        assert_eq!(mode(&folder.join("emulator.key")), 0o600);
    }
    assert_eq!((mode(&made), mode(&there)), (0o700, 0o755));
}

#[tokio::test]
async fn a_shutdown_frees_the_folder_whatever_clients_hold_on_to() {
    let folder = tempfile::tempdir().unwrap();
    let start = || builder().data_dir(folder.path());
    let Bench { emulator, client } = Bench::with(start()).await;
    let list = format!("{}/v3/clips", emulator.base_url());
    // One connection that is kept alive, one in the middle of a request, and the service itself.
    let listed = client.get(&list).header("x-api-key", "k").send().await;
    assert_eq!(listed.unwrap().status(), 200);
    let mut half = TcpStream::connect(emulator.address()).await.unwrap();
    let head = "POST /v3/clips HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\ncontent-length: 99\r\n\r\n{";
    half.write_all(head.as_bytes()).await.unwrap();
    let router = emulator.router();

    emulator.shutdown().await;
    let again = start().start().await.unwrap();
    assert_eq!(half.read(&mut [0; 1]).await.unwrap_or(0), 0, "it is closed");
    again.shutdown().await;
    drop((client, router));
}
