//! Any document that the property tests can make lowers, twice to the same text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openapi_lower::{Options, lower};

#[path = "../../tests/it/wild/mod.rs"]
mod wild;

fuzz_target!(|bytes: &[u8]| {
    let document = wild::document(bytes);
    let Ok((lowered, losses)) = lower(&document, &Options::default()) else {
        return;
    };
    lowered.to_openapi().expect("what is lowered is OpenAPI 3.0");
    for loss in &losses {
        assert!(document.pointer(&loss.pointer).is_some(), "{loss}");
    }
    let (again, losses_again) = lower(&document, &Options::default()).expect("it lowered once");
    assert_eq!(lowered.as_value().to_string(), again.as_value().to_string());
    assert_eq!(losses, losses_again);
});
