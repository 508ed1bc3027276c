//! Any two documents that the property tests of the lowering can make compare; neither differs from
//! itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_drift::{Verdict, compare};

#[path = "../../../openapi-lower/tests/it/wild/mod.rs"]
mod wild;

mod measured;

fuzz_target!(|bytes: &[u8]| {
    // A common start makes documents that have something in common.
    let (start, rest) = bytes.split_at(bytes.len() / 3);
    let (one, two) = rest.split_at(rest.len() / 2);
    let old = wild::document(&[start, one].concat());
    let new = wild::document(&[start, two].concat());
    let Ok(mut report) = compare(&old, &new) else {
        return;
    };
    measured::measure(&mut report, bytes, &old, &new);
    for change in &report.changes {
        let proved = change.witness.is_some() != change.unknown.is_some();
        assert!(proved || change.verdict < Verdict::BreakingClosed, "{change:?}");
    }
    for document in [&old, &new] {
        let same = compare(document, document).expect("it was compared once");
        assert!(same.is_empty(), "{:?}", same.changes);
    }
});
