//! Jobs that need a time drawn by chance, and the looks that waiting for them takes.
//!
//! The model: sources of 20 min (lognormal, sigma 0.7), jobs that need half a minute and a fifth of
//! their source's length (times a lognormal factor, sigma 0.4), and a progress that runs ahead or
//! behind (power 0.6 to 1.6) and jumps by 2 points. How the vendor's jobs are spread nobody outside
//! knows; the model is only the same for every pace.

use std::collections::HashMap;
use std::error::Error;
use std::f64::consts::TAU;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::try_join_all;
use heygen_clips::{Client, Pace, Request, Result, Sending, Transport};
use serde_json::{Value, json};
use tokio::time::Instant;

/// Of all chance, the client's own included: every run gives the same figures.
const SEED: u64 = 0x5eed;

/// Longer than any job.
const PATIENCE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A pace by name.
#[derive(Clone, Copy)]
pub(crate) struct Named {
    pub(crate) name: &'static str,
    make: fn() -> Pace,
}

pub(crate) const PACES: [Named; 3] = [
    Named {
        name: "adaptive",
        make: Pace::adaptive,
    },
    Named {
        name: "fixed, 10 s",
        make: || Pace::fixed(Duration::from_secs(10)),
    },
    Named {
        name: "doubling, 2 s to 30 s",
        make: || Pace::doubling(Duration::from_secs(2), Duration::from_secs(30)),
    },
];

/// What a waiter can know of a job.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Known {
    /// Live progress (`/v3/ai-clipping`).
    Progress,
    /// The length of the source (`/v3/clips` with `Job::source_duration`).
    Source,
    /// Nothing (`/v3/clips`).
    Nothing,
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Progress => "with progress",
            Self::Source => "with the source's length",
            Self::Nothing => "with neither",
        })
    }
}

/// What waiting for the jobs took.
pub(crate) struct Seen {
    /// Mean requests of a job, submission not counted.
    pub(crate) requests: f64,
    /// Mean seconds from a job's end to when its waiter knew.
    pub(crate) mean_lag: f64,
    /// What 95 of 100 lags are below, in seconds.
    pub(crate) late_lag: f64,
}

/// A simulated job; times in seconds.
struct Simulated {
    source: f64,
    needs: f64,
    /// Progress is the part of its time that has passed, to this power.
    power: f64,
    requests: u32,
}

/// The server, in this process.
#[derive(Clone)]
struct Server(Arc<Mutex<State>>);

struct State {
    begin: Instant,
    jobs: HashMap<String, Simulated>,
    chance: Chance,
}

/// Chance that is the same in every run.
struct Chance(u64);

/// Waits for so many jobs at once, under paused time.
pub(crate) fn simulate(jobs: usize, known: Known, pace: Named) -> Result<Seen, Box<dyn Error>> {
    // What the client's jitter is drawn from, on this thread.
    fastrand::seed(SEED);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    Ok(runtime.block_on(run(jobs, known, pace))?)
}

async fn run(jobs: usize, known: Known, pace: Named) -> Result<Seen> {
    let ids: Vec<_> = (0..jobs).map(|number| format!("job_{number}")).collect();
    let server = Server::new(&ids);
    let client = Client::builder()
        .api_key("any")
        .transport(server.clone())
        .build()?;
    let begin = Instant::now();
    let waits = ids.iter().map(|id| {
        let source = Duration::from_secs_f64(server.lock().jobs[id].source);
        let (client, pace) = (client.clone(), (pace.make)());
        async move {
            match known {
                Known::Progress => {
                    drop(
                        client
                            .ai_clipping()
                            .job(id)
                            .pace(pace)
                            .deadline(PATIENCE)
                            .await?,
                    );
                }
                Known::Source => {
                    let job = client.clips().job(id).pace(pace).deadline(PATIENCE);
                    drop(job.source_duration(source).await?);
                }
                Known::Nothing => drop(client.clips().job(id).pace(pace).deadline(PATIENCE).await?),
            }
            Result::<_>::Ok((id, begin.elapsed().as_secs_f64()))
        }
    });
    let ends = try_join_all(waits).await?;
    let state = server.lock();
    let mut lags: Vec<f64> = ends
        .iter()
        .map(|(id, end)| end - state.jobs[id.as_str()].needs)
        .collect();
    lags.sort_by(f64::total_cmp);
    let requests: u32 = state.jobs.values().map(|job| job.requests).sum();
    Ok(Seen {
        requests: f64::from(requests) / jobs as f64,
        mean_lag: lags.iter().sum::<f64>() / jobs as f64,
        late_lag: lags[jobs * 95 / 100],
    })
}

impl Server {
    fn new(ids: &[String]) -> Self {
        let mut chance = Chance(SEED);
        let jobs = ids.iter().map(|id| {
            let source = 1200.0 * (0.7 * chance.normal()).exp();
            let job = Simulated {
                source,
                needs: (30.0 + 0.2 * source) * (0.4 * chance.normal()).exp(),
                power: (0.25 * chance.normal()).exp(),
                requests: 0,
            };
            (id.clone(), job)
        });
        let jobs = jobs.collect();
        Self(Arc::new(Mutex::new(State {
            begin: Instant::now(),
            jobs,
            chance,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The job behind this path, as it is now.
    fn look(&self, path: &str) -> Option<Value> {
        let state = &mut *self.lock();
        let (dialect, id) = path.rsplit_once('/')?;
        let job = state.jobs.get_mut(id)?;
        job.requests += 1;
        let part = state.begin.elapsed().as_secs_f64() / job.needs;
        let status = if part < 1.0 { "running" } else { "completed" };
        let mut answer = json!({ "id": id, "status": status, "clips": [] });
        if dialect.ends_with("ai-clipping") {
            let told = 100.0 * part.min(1.0).powf(job.power) + 2.0 * state.chance.normal();
            let most = if part < 1.0 { 99 } else { 100 };
            let percent = (0_u8..=most).rfind(|percent| f64::from(*percent) <= told);
            answer["progress"] = json!(percent.unwrap_or(0));
        }
        Some(json!({ "data": answer }))
    }
}

impl Transport for Server {
    fn send(&self, request: Request) -> Sending<'_> {
        let path = request.url().split('?').next().unwrap_or_default();
        let answer = self.look(path);
        Box::pin(async move {
            let status = if answer.is_some() { 200 } else { 404 };
            let mut response = http::Response::new(answer.unwrap_or_default().to_string());
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
            Ok(response.into())
        })
    }
}

impl Chance {
    /// From 0 to 1, neither included.
    fn uniform(&mut self) -> f64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
        (drawn as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Normally distributed, with mean 0 and deviation 1.
    fn normal(&mut self) -> f64 {
        let (radius, angle) = (self.uniform(), self.uniform());
        (-2.0 * radius.ln()).sqrt() * (TAU * angle).cos()
    }
}
