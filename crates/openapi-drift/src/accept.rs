//! Changes that were looked at and accepted: a TOML file of fingerprints, each with its reason.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::report::{Acceptance, Report};

/// Accepted changes.
///
/// ```toml
/// [[accept]]
/// fingerprint = "9f86d081884c7d65"
/// reason = "the server always refused more than ten"
/// class = "correction"
/// expires = "2027-01-31"
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    #[serde(default)]
    accept: Vec<Entry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    fingerprint: String,
    reason: String,
    class: Class,
    /// The last day on which it counts, as `YYYY-MM-DD`.
    expires: Option<String>,
}

/// Why a change was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The document was wrong: the server always did so.
    Correction,
    /// It breaks, everybody concerned knows, and it is meant.
    Intended,
    /// The verdict is wrong for those who use this API.
    Harmless,
}

impl Class {
    /// The name that accept files and reports use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Intended => "intended",
            Self::Harmless => "harmless",
        }
    }
}

impl Accepted {
    /// Reads an accept file.
    ///
    /// # Errors
    /// When it is no TOML of that shape, an entry gives no reason, a date is none, or two entries
    /// name the same change.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let accepted: Self = toml::from_str(text)
            .map_err(|error| Error::new(format!("the accept file can't be read: {error}")))?;
        let mut seen = HashMap::new();
        for entry in &accepted.accept {
            let name = &entry.fingerprint;
            if entry.reason.trim().is_empty() {
                return Err(Error::new(format!(
                    "the accept file gives no reason for {name}"
                )));
            }
            if entry.expires.as_deref().is_some_and(|date| !is_date(date)) {
                return Err(Error::new(format!(
                    "the expiry of {name} in the accept file is no date; write it as 2027-01-31"
                )));
            }
            if seen.insert(name, ()).is_some() {
                return Err(Error::new(format!("the accept file names {name} twice")));
            }
        }
        Ok(accepted)
    }

    /// Marks the accepted changes of a report: they stay in it, and its verdict and step are those of
    /// the others. `today`, as `YYYY-MM-DD`, decides what expired.
    ///
    /// # Errors
    /// When an entry expired, or matches no change: an accept file never outlives its reasons.
    pub fn apply(&self, report: &mut Report, today: &str) -> Result<(), Error> {
        for entry in &self.accept {
            let name = &entry.fingerprint;
            if let Some(date) = entry.expires.as_deref().filter(|date| *date < today) {
                return Err(Error::new(format!(
                    "the acceptance of {name} ({}) expired on {date}; look at the change again",
                    entry.reason
                )));
            }
            let mut matched = false;
            for change in &mut report.changes {
                if change.fingerprint == *name {
                    matched = true;
                    change.accepted = Some(Acceptance {
                        class: entry.class,
                        reason: entry.reason.clone(),
                        expires: entry.expires.clone(),
                    });
                }
            }
            if !matched {
                return Err(Error::new(format!(
                    "no change is {name} ({}) any more; remove it from the accept file",
                    entry.reason
                )));
            }
        }
        report.settle();
        Ok(())
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &str, length: usize, most: u32| {
        part.len() == length
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part
                .parse::<u32>()
                .is_ok_and(|value| (1..=most).contains(&value))
    };
    matches!(parts.as_slice(), [year, month, day]
        if digits(year, 4, 9999) && digits(month, 2, 12) && digits(day, 2, 31))
}
