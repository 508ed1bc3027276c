//! The same against the emulator, over real sockets and in real time.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use futures::stream::{self, StreamExt, TryStreamExt};
use heygen_clips::{
    Client, CreateAiClipping, CreateClips, Http, JobView, Manifest, Pace, Request, Response,
    Sending, Transport, TransportError, Window,
};
use heygen_clips_emulator::{Backend, Emulator};
use tempfile::TempDir;

use super::world::{Chance, Fault, reply};
use super::{Wanted, client, is_there, killed_after, program};

const SAMPLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../heygen-clips-cli/sample/sample.mp4"
);
const KEY: &str = "sk_test_of_the_emulator";
const RUNS: u64 = 16;
/// Runs that use the other dialect too.
const BOTH: u64 = 1;

/// The network, which fails one time in five.
struct Flaky {
    network: Http,
    chance: Mutex<Chance>,
}

impl Flaky {
    async fn answer(&self, request: Request) -> Result<Response, TransportError> {
        let fault = Fault::draw(&mut self.chance.lock().unwrap());
        match fault {
            Fault::Unreachable => return Err(TransportError::not_connected("refused")),
            Fault::Lost => return Err(TransportError::broken("reset")),
            Fault::Status(status) => return Ok(reply(status, b"{}", false)),
            Fault::None | Fault::Cut | Fault::Gateway => {}
        }
        let mut answer = self.network.send(request).await?;
        if fault == Fault::None {
            return Ok(answer);
        }
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await? {
            body.extend_from_slice(&piece);
        }
        Ok(match fault {
            Fault::Gateway => reply(504, b"<html>", false),
            _ => reply(answer.status().as_u16(), &body, true),
        })
    }
}

impl Transport for Flaky {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(self.answer(request))
    }
}

/// One program with some deaths, after some polls or at some instant.
async fn run(base: &str, asset: &str, seed: u64, folder: &Path) {
    let make = || {
        let network = Flaky {
            network: Http::new().unwrap(),
            chance: Mutex::new(Chance::new(seed)),
        };
        let builder = Client::builder().api_key(KEY).base_url(base);
        let builder = builder.transport(network).journal(folder.join("journal"));
        let limit = Duration::from_secs(4);
        builder.create_timeout(limit).settle_time(limit)
    };
    let start = 1.0 + seed as f64 / 10.0;
    let window = Window::new(start, start + 0.5);
    let ai_clipping =
        CreateAiClipping::from_asset(asset).durations([heygen_clips::ClipDuration::Seconds30]);
    let wanted = Wanted {
        clips: CreateClips::from_asset(asset).windows([window]),
        ai_clipping: (seed <= BOTH).then_some(ai_clipping),
        pace: Pace::fixed(Duration::from_millis(200)),
        resumes: seed.is_multiple_of(2),
    };
    let mut chance = Chance::new(1_000 + seed);
    for _ in 0..4 {
        let life = program(client(&make).await, &wanted, folder);
        if chance.below(2) == 0 {
            killed_after(1 + chance.below(60), life).await;
        } else {
            let instant = Duration::from_millis(chance.below(1_500) as u64);
            let _ = tokio::time::timeout(instant, life).await;
        }
    }
    for _ in 0..50 {
        let done = program(client(&make).await, &wanted, folder).await;
        if done.is_ok() && is_there(&folder.join("clips")).await {
            assert_eq!(client(&make).await.journal().unwrap().intents(), []);
            return;
        }
    }
    panic!("seed {seed}: the program never gets done");
}

/// That the folder holds the clips of one job as the server has them, and nothing else.
async fn check<J: JobView>(
    folder: &Path,
    read: impl AsyncFn(&str) -> J,
    job_ids: &mut Vec<String>,
) {
    let listed = Manifest::read(folder).await.unwrap().unwrap();
    let job = read(&listed.job_id).await;
    let clips = job.finished_clips();
    assert_eq!(listed.clips.len(), clips.len());
    for (listed, clip) in listed.clips.iter().zip(&clips) {
        let bytes = std::fs::read(folder.join(&listed.video.name)).unwrap();
        let whole = reqwest::get(&clip.video_url).await.unwrap();
        assert!(
            bytes == whole.bytes().await.unwrap(),
            "{}",
            listed.video.name
        );
    }
    let names = std::fs::read_dir(folder).unwrap();
    let seen = names.filter(|name| {
        let name = name.as_ref().unwrap().file_name();
        !name.to_str().unwrap().starts_with('.')
    });
    assert_eq!(seen.count(), clips.len() + 1, "the clips and their list");
    job_ids.push(listed.job_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn against_the_emulator_too_each_wish_is_one_job_and_every_clip_is_whole() {
    let emulator = Emulator::builder().backend(Backend::Embedded).api_key(KEY);
    let emulator = emulator.start().await.unwrap();
    let base = emulator.base_url();
    let builder = Client::builder().api_key(KEY).base_url(base);
    let steady = builder.build().unwrap();
    let asset = steady.assets().upload(SAMPLE).await.unwrap().asset_id;
    let folder = TempDir::new().unwrap();
    let folders: Vec<_> = (1..=RUNS)
        .map(|seed| folder.path().join(seed.to_string()))
        .collect();
    let runs = (1..).zip(&folders).map(|(seed, folder)| {
        std::fs::create_dir(folder).unwrap();
        run(base, &asset, seed, folder)
    });
    stream::iter(runs).buffer_unordered(8).collect::<()>().await;

    let (clips, ai_clipping) = (steady.clips(), steady.ai_clipping());
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (seed, folder) in (1..).zip(&folders) {
        let read = async |id: &str| clips.get(id).await.unwrap();
        check(&folder.join("clips"), read, &mut first).await;
        if seed <= BOTH {
            let read = async |id: &str| ai_clipping.get(id).await.unwrap();
            check(&folder.join("ai"), read, &mut second).await;
        }
    }
    let rows: Vec<_> = clips.list().by_item().try_collect().await.unwrap();
    let mut made: Vec<_> = rows.into_iter().map(|row| row.id).collect();
    let rows: Vec<_> = ai_clipping.list().by_item().try_collect().await.unwrap();
    let mut also_made: Vec<_> = rows.into_iter().map(|row| row.id).collect();
    for ids in [&mut first, &mut second, &mut made, &mut also_made] {
        ids.sort();
    }
    assert_eq!(first, made, "one job a wish, and no other");
    assert_eq!(second, also_made);
}
