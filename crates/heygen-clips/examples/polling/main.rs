//! How often jobs are asked for, and how late their end is seen, by pace: ten thousand simulated jobs
//! go through the real waiting code under paused time, against a server in this process.
//!
//! ```sh
//! cargo run --release -p heygen-clips --example polling
//! ```

mod simulation;

use simulation::{Known, PACES, simulate};

const JOBS: usize = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("| jobs | pace | requests a job | lag, mean | lag, 95 of 100 |");
    println!("|---|---|---|---|---|");
    for known in [Known::Progress, Known::Source, Known::Nothing] {
        for pace in PACES {
            let seen = simulate(JOBS, known, pace)?;
            println!(
                "| {known} | {} | {:.1} | {:.1} s | {:.1} s |",
                pace.name, seen.requests, seen.mean_lag, seen.late_lag
            );
        }
    }
    Ok(())
}
