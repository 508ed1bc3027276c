//! Any two texts, with an empty line between them, compare or are refused: what the program is given.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_drift::{compare, output};
use serde_json::Value;

mod measured;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (old, new) = text.split_once("\n\n").unwrap_or((text, text));
    let (Some(old), Some(new)) = (read(old), read(new)) else {
        return;
    };
    let Ok(mut report) = compare(&old, &new) else {
        return;
    };
    measured::measure(&mut report, bytes, &old, &new);
    let _ = output::text(&report, output::Colour::Always, None);
    let _ = output::markdown(&report);
    let same = compare(&old, &old).expect("it was compared once");
    assert!(same.is_empty(), "{:?}", same.changes);
});

fn read(text: &str) -> Option<Value> {
    if text.trim_start().starts_with('{') {
        serde_json::from_str(text).ok()
    } else {
        serde_saphyr::from_str_with_options(text, serde_saphyr::options! { strict_booleans: true }).ok()
    }
}
