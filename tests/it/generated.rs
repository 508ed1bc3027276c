//! The checked-in clients are what `build.rs` generates.

use crate::support::text;

#[test]
fn checked_in_clients_are_the_generated_ones() {
    for dialect in ["ai_clipping", "clips"] {
        let fresh = std::fs::read_to_string(format!("{}/{dialect}.rs", env!("OUT_DIR"))).unwrap();
        let copy = format!("src/generated/{dialect}.rs");
        let same = text(&copy) == fresh;
        assert!(
            same,
            "{copy} is stale: run `cargo xtask generate` and commit the result"
        );
    }
}
