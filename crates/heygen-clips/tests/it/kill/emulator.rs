//! The same against the emulator, over real sockets and in real time.

use std::path::Path;
use std::sync::{Arc, Mutex};
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

/// Half a minute that costs little to cut:
/// `ffmpeg -f lavfi -i testsrc=size=96x54:rate=10:duration=30 -g 10 -crf 45 -pix_fmt yuv420p tiny.mp4`
const VIDEO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/kill/tiny.mp4");
const KEY: &str = "sk_test_of_the_emulator";
/// Programs, each of which is killed twice, unless it is done before: at a point where it waits and at
/// some instant.
const PROGRAMS: u64 = 500;
/// Those that are killed four times.
const HAUNTED: u64 = 16;
/// Those that use the other dialect too, whose clips are not shorter than half a minute.
const BOTH: u64 = 50;
/// The points where a program waits while nothing fails, about; and how long it takes, about.
const POINTS: u64 = 20;
const MILLISECONDS: usize = 2_500;

/// The network, which fails one time in five.
struct Flaky {
    network: Http,
    /// Shared by all lives of a program, or each would fail at what the one before failed at.
    chance: Arc<Mutex<Chance>>,
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

/// One program with its deaths, after some polls or at some instant; how many of them it did not outrun.
async fn run(network: &Http, base: &str, asset: &str, seed: u64, folder: &Path) -> usize {
    let faults = Arc::new(Mutex::new(Chance::new(seed)));
    let make = || {
        let network = Flaky {
            network: network.clone(),
            chance: faults.clone(),
        };
        let builder = Client::builder().api_key(KEY).base_url(base);
        let builder = builder.transport(network).journal(folder.join("journal"));
        let limit = Duration::from_secs(4);
        builder.create_timeout(limit).settle_time(limit)
    };
    let start = seed as f64 / 20.0;
    let window = Window::new(start, start + 0.2);
    let ai_clipping =
        CreateAiClipping::from_asset(asset).durations([heygen_clips::ClipDuration::Seconds30]);
    let wanted = Wanted {
        clips: CreateClips::from_asset(asset).windows([window]),
        ai_clipping: (seed <= BOTH).then_some(ai_clipping),
        pace: Pace::fixed(Duration::from_millis(200)),
        resumes: seed.is_multiple_of(2),
    };
    let mut chance = Chance::new(1_000 + seed);
    let mut deaths = 0;
    for nth in 0..if seed <= HAUNTED { 4 } else { 2 } {
        let life = program(client(&make).await, &wanted, folder);
        let is_done = if (seed / 2 + nth).is_multiple_of(2) {
            let polls = usize::try_from(1 + seed % POINTS).unwrap();
            killed_after(polls, life).await.is_some()
        } else {
            let instant = Duration::from_millis(chance.below(MILLISECONDS) as u64);
            tokio::time::timeout(instant, life).await.is_ok()
        };
        deaths += usize::from(!is_done);
    }
    for _ in 0..50 {
        let done = program(client(&make).await, &wanted, folder).await;
        if done.is_ok() && is_there(&folder.join("clips")).await {
            assert_eq!(client(&make).await.journal().unwrap().intents(), []);
            return deaths;
        }
    }
    panic!("seed {seed}: the program never gets done");
}

/// That the folder holds the clips of one job as the server has them, and nothing else.
async fn check<J: JobView>(
    network: &reqwest::Client,
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
        let whole = network.get(&clip.video_url).send().await.unwrap();
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
    let asset = steady.assets().upload(VIDEO).await.unwrap().asset_id;
    let (folder, network) = (TempDir::new().unwrap(), Http::new().unwrap());
    let folders: Vec<_> = (1..=PROGRAMS)
        .map(|seed| folder.path().join(seed.to_string()))
        .collect();
    let runs = (1..).zip(&folders).map(|(seed, folder)| {
        std::fs::create_dir(folder).unwrap();
        run(&network, base, &asset, seed, folder)
    });
    let runs = stream::iter(runs).buffer_unordered(64);
    let deaths: Vec<_> = runs.collect().await;
    let deaths: usize = deaths.into_iter().sum();
    assert!(deaths >= 500, "{deaths} deaths");

    let (clips, ai_clipping) = (steady.clips(), steady.ai_clipping());
    let network = reqwest::Client::new();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (seed, folder) in (1..).zip(&folders) {
        let read = async |id: &str| clips.get(id).await.unwrap();
        check(&network, &folder.join("clips"), read, &mut first).await;
        if seed <= BOTH {
            let read = async |id: &str| ai_clipping.get(id).await.unwrap();
            check(&network, &folder.join("ai"), read, &mut second).await;
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
