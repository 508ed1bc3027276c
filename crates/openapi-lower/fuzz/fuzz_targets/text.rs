//! Any text, as JSON or YAML, lowers or is refused: what the `openapi-lower` program is given.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_lower::{Options, lower};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let document: Option<serde_json::Value> = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).ok()
    } else {
        let options = serde_saphyr::options! { strict_booleans: true };
        serde_saphyr::from_str_with_options(text, options).ok()
    };
    let Some(document) = document else { return };
    if let Ok((lowered, losses)) = lower(&document, &Options::default()) {
        lowered.to_openapi().expect("what is lowered is OpenAPI 3.0");
        for loss in losses {
            assert!(document.pointer(&loss.pointer).is_some(), "{loss}");
        }
    }
});
