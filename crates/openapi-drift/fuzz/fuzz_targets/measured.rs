//! What both targets ask of a report beside its verdicts.

use openapi_drift::{Lock, Report};
use serde_json::Value;

/// Generating costs a hundred comparisons, so only some inputs pay for it.
const ONE_IN: usize = 16;

/// Compares the generated clients too. A panic of the generator is an answer, which libFuzzer's hook would end the run for;
/// one that gets out of `measure` still does.
pub fn measure(report: &mut Report, bytes: &[u8], old: &Value, new: &Value) {
    if bytes.len() % ONE_IN != 0 {
        return;
    }
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let free = Lock::default();
    report.measure((old, &free), (new, &free));
    std::panic::set_hook(hook);
}
