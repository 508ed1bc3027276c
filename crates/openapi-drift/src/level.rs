//! Exit codes, and the least that counts as a failure: for every program that ends with a report.

use crate::{Rust, Verdict};

/// The least that counts as a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Level {
    /// Any compatible change, or worse
    Compatible,
    /// A generated Rust API that breaks, or worse
    RustMajor,
    /// Anything that behaves otherwise, or worse
    Behaviour,
    /// A break for closed readers, or worse
    BreakingClosed,
    /// A break for everybody
    Breaking,
}

/// 4 when something breaks or behaves otherwise, 3 when only the Rust API breaks, 2 when all is compatible, 0 when nothing
/// changed but words, or when it is below `fail_on`.
///
/// ```
/// use openapi_drift::{Level, Rust, Verdict, exit_code};
///
/// assert_eq!(exit_code(Verdict::Breaking, Rust::Patch, None), 4);
/// assert_eq!(exit_code(Verdict::Compatible, Rust::Major, None), 3);
/// assert_eq!(exit_code(Verdict::Compatible, Rust::Major, Some(Level::Breaking)), 0);
/// ```
#[must_use]
pub fn exit_code(verdict: Verdict, rust: Rust, fail_on: Option<Level>) -> u8 {
    let major = rust == Rust::Major;
    let fails = match fail_on {
        None => true,
        Some(Level::Compatible) => verdict >= Verdict::Compatible || major,
        Some(Level::RustMajor) => verdict >= Verdict::Behaviour || major,
        Some(Level::Behaviour) => verdict >= Verdict::Behaviour,
        Some(Level::BreakingClosed) => verdict >= Verdict::BreakingClosed,
        Some(Level::Breaking) => verdict >= Verdict::Breaking,
    };
    match verdict {
        _ if !fails => 0,
        Verdict::Breaking | Verdict::BreakingClosed | Verdict::Behaviour => 4,
        _ if major => 3,
        Verdict::Compatible => 2,
        Verdict::DocsOnly | Verdict::Equivalent => 0,
    }
}
