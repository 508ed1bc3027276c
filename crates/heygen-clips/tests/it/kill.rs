//! Programs that die at every point where they wait, and at others, while the server and the way to it
//! fail one time in five: each thing that was wanted becomes one job, and every clip is on disk.

mod emulator;
mod world;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::join;
use heygen_clips::{
    Client, CreateAiClipping, CreateClips, Dialect, Download, Job, JobView, Manifest, Pace, Result,
    Resumed,
};
use tempfile::TempDir;

use world::World;

/// A future that is dropped after so many polls.
struct Killed<F> {
    inner: Option<Pin<Box<F>>>,
    polls: usize,
}

impl<F: Future> Future for Killed<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(left) = self.polls.checked_sub(1) else {
            self.inner = None;
            return Poll::Ready(None);
        };
        self.polls = left;
        match self
            .inner
            .as_mut()
            .map(|inner| inner.as_mut().poll(context))
        {
            Some(Poll::Ready(output)) => Poll::Ready(Some(output)),
            Some(Poll::Pending) => Poll::Pending,
            None => Poll::Ready(None),
        }
    }
}

fn killed_after<F: Future>(polls: usize, future: F) -> Killed<F> {
    Killed {
        inner: Some(Box::pin(future)),
        polls,
    }
}

/// What a program wants, in both dialects.
#[derive(Clone)]
struct Wanted {
    clips: CreateClips,
    ai_clipping: Option<CreateAiClipping>,
    pace: Pace,
    /// Whether it goes on with what is open; otherwise it submits the same again.
    resumes: bool,
}

async fn is_there(folder: &Path) -> bool {
    Manifest::read(folder)
        .await
        .unwrap()
        .is_some_and(|listed| !listed.clips.is_empty())
}

async fn fetch<J: JobView>(
    job: Job<J>,
    wanted: &Wanted,
    download: impl FnOnce(&J) -> Download,
) -> Result<()> {
    let job = job.pace(wanted.pace.clone()).await?;
    download(&job).await.map(drop)
}

/// A program as one would write it: go on with what is open, then do what is not done yet; or the
/// second alone.
async fn program(client: Client, wanted: &Wanted, folder: &Path) -> Result<()> {
    let (clips, ai_clipping) = (client.clips(), client.ai_clipping());
    let (one, other) = (folder.join("clips"), folder.join("ai"));
    let open = match wanted.resumes {
        true => client.resume_all().await?,
        false => Vec::new(),
    };
    for resumed in open {
        match resumed {
            Resumed::Clips(job) => fetch(job, wanted, |job| clips.download(job, &one)).await?,
            Resumed::AiClipping(job) => {
                fetch(job, wanted, |job| ai_clipping.download(job, &other)).await?;
            }
            Resumed::Failed { error, .. } => return Err(error),
            other => panic!("{other:?}"),
        }
    }
    let noted = client.journal().unwrap().intents();
    let is_open = |dialect| noted.iter().any(|intent| intent.dialect == dialect);
    let first = async {
        if is_open(Dialect::Clips) || !is_there(&one).await {
            let job = clips.submit(wanted.clips.clone()).await?;
            fetch(job, wanted, |job| clips.download(job, &one)).await?;
        }
        Result::Ok(())
    };
    let second = async {
        if let Some(request) = &wanted.ai_clipping
            && (is_open(Dialect::AiClipping) || !is_there(&other).await)
        {
            let job = ai_clipping.submit(request.clone()).await?;
            fetch(job, wanted, |job| ai_clipping.download(job, &other)).await?;
        }
        Result::Ok(())
    };
    let (first, second) = join(first, second).await;
    first.and(second)
}

/// Opens the journal, which what is left of a killed program may still have for a moment.
async fn client(make: &impl Fn() -> heygen_clips::ClientBuilder) -> Client {
    loop {
        match make().build() {
            Ok(client) => return client,
            Err(error) if error.is_journal() => {
                std::thread::sleep(Duration::from_millis(1));
                tokio::task::yield_now().await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Runs a program that is killed after so many polls, as often as there are numbers, and then until
/// it is done. Whether it was killed the first time.
async fn live(
    make: &impl Fn() -> heygen_clips::ClientBuilder,
    wanted: &Wanted,
    folder: &Path,
    kills: &[usize],
) -> bool {
    let mut was_killed = false;
    for (index, polls) in kills.iter().enumerate() {
        let life = program(client(make).await, wanted, folder);
        let ended = killed_after(*polls, life).await;
        if index == 0 {
            was_killed = ended.is_none();
        }
    }
    for _ in 0..100 {
        if program(client(make).await, wanted, folder).await.is_ok() {
            return was_killed;
        }
    }
    panic!("the program never gets done");
}

fn wanted(resumes: bool) -> Wanted {
    let url = "https://example.com/talk.mp4";
    Wanted {
        clips: CreateClips::from_url(url).max_clips(2),
        ai_clipping: Some(CreateAiClipping::from_url(url).prompt("prices")),
        pace: Pace::adaptive(),
        resumes,
    }
}

/// One world, one program, some deaths; whether the first of them came before the program was done.
/// In odd worlds the program never asks what is open.
async fn run(seed: u64, kills: &[usize]) -> bool {
    let (world, folder) = (World::new(seed), TempDir::new().unwrap());
    let journal = folder.path().join("journal");
    let make = || world.client().journal(&journal);
    let wanted = wanted(seed.is_multiple_of(2));
    let was_killed = live(&make, &wanted, folder.path(), kills).await;
    let said = format!("seed {seed}, killed after {kills:?}");
    assert_eq!(world.jobs(), [1, 1], "{said}: one job an intent");
    world.check_files(&folder.path().join("clips"), "clips", &said);
    world.check_files(&folder.path().join("ai"), "ai", &said);
    let last = client(&make).await;
    assert_eq!(
        last.journal().unwrap().intents(),
        [],
        "{said}: all is closed"
    );
    let text = std::fs::read_to_string(&journal).unwrap();
    assert!(
        !text.contains("sig=") && !text.contains("sk_test"),
        "{said}"
    );
    was_killed
}

#[tokio::test(start_paused = true)]
async fn a_program_that_dies_at_any_await_point_makes_one_job_and_gets_every_clip() {
    // The points are more in a world that fails more, so each world is gone through to its end.
    let mut runs = 0;
    for seed in 0..4 {
        let mut polls = 1;
        while run(seed, &[polls]).await {
            runs += 1;
            polls += if polls < 60 { 1 } else { 1 + polls / 30 };
        }
    }
    assert!(runs > 200, "{runs} runs");
}

#[tokio::test(start_paused = true)]
async fn a_program_that_dies_again_and_again_makes_one_job_and_gets_every_clip() {
    for seed in 100..370 {
        let mut chance = world::Chance::new(seed);
        let deaths = 1 + chance.below(3);
        let kills: Vec<_> = (0..deaths).map(|_| 1 + chance.below(80)).collect();
        run(seed, &kills).await;
    }
}
