//! How often jobs are asked for, and how late their end is seen. `examples/polling` prints the same
//! for more jobs; chance is seeded.

#[path = "../../examples/polling/simulation.rs"]
mod simulation;

use simulation::{Known, PACES, Seen, simulate};

/// For each of nine ways: ten thousand in all.
const JOBS: usize = 1_112;

fn by_pace(known: Known) -> [Seen; 3] {
    PACES.map(|pace| {
        let seen = simulate(JOBS, known, pace).unwrap();
        let Seen {
            requests,
            mean_lag,
            late_lag,
        } = &seen;
        let name = pace.name;
        println!("{known}, {name}: {requests:.1} requests, lag {mean_lag:.1} and {late_lag:.1} s");
        seen
    })
}

#[test]
fn with_progress_adaptive_needs_a_third_of_the_requests_and_is_no_later() {
    let [adaptive, fixed, doubling] = by_pace(Known::Progress);
    assert!(adaptive.requests < fixed.requests / 3.0);
    assert!(adaptive.requests < doubling.requests / 1.3);
    assert!(adaptive.mean_lag <= fixed.mean_lag + 1.0);
    assert!(adaptive.late_lag <= fixed.late_lag + 3.0);
    assert!(adaptive.mean_lag < doubling.mean_lag / 2.0);
}

#[test]
fn with_the_sources_length_adaptive_needs_fewer_requests_for_the_same_lag() {
    let [adaptive, fixed, doubling] = by_pace(Known::Source);
    assert!(adaptive.requests < fixed.requests * 0.75);
    assert!(adaptive.mean_lag <= fixed.mean_lag + 1.0);
    assert!(adaptive.mean_lag < doubling.mean_lag / 2.0);
}

#[test]
fn with_neither_adaptive_is_no_worse_than_a_fixed_pace() {
    let [adaptive, fixed, doubling] = by_pace(Known::Nothing);
    assert!(adaptive.requests <= fixed.requests * 1.05);
    assert!(adaptive.mean_lag <= fixed.mean_lag + 1.5);
    assert!(adaptive.mean_lag < doubling.mean_lag / 2.0);
}
