//! The version that a crate takes after a step.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Rust;
use crate::Error;

/// A version of the generated crate: `1.4.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    major: u64,
    minor: u64,
    patch: u64,
}

impl Version {
    /// Reads `1.4.0`. What stands after a `-` or `+` is left out: the next version has none.
    ///
    /// # Errors
    /// When it is not three numbers.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let numbers: Option<Vec<u64>> = text
            .split(['-', '+'])
            .next()
            .unwrap_or_default()
            .split('.')
            .map(|part| part.parse().ok())
            .collect();
        match numbers.as_deref() {
            Some(&[major, minor, patch]) => Ok(Self {
                major,
                minor,
                patch,
            }),
            _ => Err(Error::new(format!(
                "{text} is no version; write it as 1.4.0"
            ))),
        }
    }

    /// The version after a step, as Cargo reads versions: below 1.0.0 the second number breaks.
    ///
    /// ```
    /// use openapi_drift::{Rust, Version};
    ///
    /// let next = |version: &str, step| Version::parse(version).map(|v| v.after(step).to_string());
    /// assert_eq!(next("1.4.2", Rust::Major)?, "2.0.0");
    /// assert_eq!(next("1.4.2", Rust::Minor)?, "1.5.0");
    /// assert_eq!(next("0.4.2", Rust::Major)?, "0.5.0");
    /// assert_eq!(next("0.4.2", Rust::Minor)?, "0.4.3");
    /// assert_eq!(next("0.0.2", Rust::Patch)?, "0.0.3");
    /// assert_eq!(next("1.4.2", Rust::None)?, "1.4.2");
    /// # Ok::<(), openapi_drift::Error>(())
    /// ```
    #[must_use]
    pub fn after(self, step: Rust) -> Self {
        let Self {
            major,
            minor,
            patch,
        } = self;
        let at = |major, minor, patch| Self {
            major,
            minor,
            patch,
        };
        match (step, major, minor) {
            (Rust::None, ..) => self,
            (Rust::Major, 1.., _) => at(major.saturating_add(1), 0, 0),
            (Rust::Major, 0, 1..) | (Rust::Minor, 1.., _) => at(major, minor.saturating_add(1), 0),
            _ => at(major, minor, patch.saturating_add(1)),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
