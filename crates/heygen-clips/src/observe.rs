//! What answers have that the documents do not say: drift as production sees it.
//!
//! An [`Observer`] is told of every answer and keeps what is new, by pointer and name; values are
//! never kept, for they are the caller's. How an answer is held against a document is the business
//! of `walk`.

mod walk;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use hmac_sha256::Hash;
use http::StatusCode;
use serde::Serialize;

/// A departure of an answer from the document, in the layout of a change of `openapi-drift`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Observation {
    /// Stable name: sixteen hexadecimal digits.
    pub fingerprint: String,
    /// `property-added`, `enum-value-added` or `required-property-missing`.
    pub rule: &'static str,
    /// One sentence for people.
    pub summary: String,
    /// Where the document would have said it: a JSON pointer into it.
    pub pointer: String,
    /// The operations in whose answers it was seen, such as `GET /v3/clips/{clip_job_id}`.
    pub operations: Vec<String>,
    /// Always `response`.
    pub direction: &'static str,
    /// What it means for a client written against the document: `compatible`, `breaking-closed` or
    /// `breaking`.
    pub verdict: &'static str,
    /// The step of the generated crate once the document says it: `minor`, or `major`.
    pub rust: &'static str,
    /// The name of the field or enum value. Absent where it does not look like one: then it may be a
    /// payload.
    pub name: Option<String>,
    /// Why there is no witness.
    pub unknown: &'static str,
}

/// Watches the answers of a client for what the documents do not say; see
/// [`ClientBuilder::observer`](crate::ClientBuilder::observer). Clones share what was seen.
///
/// ```
/// use heygen_clips::{Client, Observer};
///
/// # fn main() -> heygen_clips::Result<()> {
/// let observer = Observer::new().on_new(|seen| eprintln!("API drift: {}", seen.summary));
/// let client = Client::builder().api_key("any").observer(&observer).build()?;
/// // ... calls ...
/// println!("{}", observer.report());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Observer {
    seen: Arc<Mutex<BTreeSet<Observation>>>,
    on_new: Option<Arc<OnNew>>,
}

type OnNew = dyn Fn(&Observation) + Send + Sync;

/// Everything that was seen, in the layout of a report of `openapi-drift`.
#[derive(Serialize)]
struct Report<'a> {
    schema: u32,
    verdict: &'static str,
    rust: &'static str,
    unknown: usize,
    changes: Vec<&'a Observation>,
}

/// A departure, before it is told.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Departure {
    kind: Kind,
    pointer: String,
    /// Field or value.
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    UnknownField,
    UnknownValue,
    MissingField,
}

impl Observer {
    /// Keeps what is seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `tell` with everything that is seen for the first time.
    #[must_use]
    pub fn on_new(mut self, tell: impl Fn(&Observation) + Send + Sync + 'static) -> Self {
        self.on_new = Some(Arc::new(tell));
        self
    }

    /// What was seen so far, without repetition.
    pub fn observations(&self) -> Vec<Observation> {
        self.lock().iter().cloned().collect()
    }

    /// What was seen so far as JSON, in the layout that `openapi-drift --format json` has.
    pub fn report(&self) -> String {
        let seen = self.lock();
        let worst = |of: fn(&Observation) -> &'static str, order: [&'static str; 3]| {
            let found = order
                .into_iter()
                .find(|word| seen.iter().any(|one| of(one) == *word));
            found.unwrap_or("none")
        };
        let report = Report {
            schema: 1,
            verdict: match worst(
                |one| one.verdict,
                ["breaking", "breaking-closed", "compatible"],
            ) {
                "none" => "equivalent",
                verdict => verdict,
            },
            rust: worst(|one| one.rust, ["major", "minor", "patch"]),
            unknown: seen.len(),
            changes: seen.iter().collect(),
        };
        // Strings and numbers: an error here cannot happen.
        serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
    }

    /// Holds an answer against the document.
    pub(crate) fn look(&self, operation: &str, status: StatusCode, body: &[u8]) {
        let Some((route, departures)) = walk::departures(operation, status, body) else {
            return;
        };
        for departure in departures {
            let observation = Observation::new(departure, route);
            let is_new = self.lock().insert(observation.clone());
            if let (true, Some(tell)) = (is_new, &self.on_new) {
                tell(&observation);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<Observation>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observation {
    fn new(departure: Departure, route: &str) -> Self {
        let Departure {
            kind,
            pointer,
            name,
        } = departure;
        let name = Some(name).filter(|name| is_name(name));
        let shown = name.as_deref().unwrap_or("(a name that may be a payload)");
        let (rule, verdict, rust, summary) = match kind {
            Kind::UnknownField => (
                "property-added",
                "compatible",
                "minor",
                format!("answers have a field {shown} that the document does not have"),
            ),
            Kind::UnknownValue => (
                "enum-value-added",
                "breaking-closed",
                "minor",
                format!("answers have a value {shown} that the enum does not have"),
            ),
            Kind::MissingField => (
                "required-property-missing",
                "breaking",
                "major",
                format!("answers lack the field {shown} that the document requires"),
            ),
        };
        let identity = format!("{rule}\n{pointer}\n{shown}\n{route}");
        Self {
            fingerprint: hex::encode(&Hash::hash(identity.as_bytes())[..8]),
            rule,
            summary,
            pointer,
            operations: vec![route.to_owned()],
            direction: "response",
            verdict,
            rust,
            name,
            unknown: "seen in an answer; payloads are not kept",
        }
    }
}

/// Whether a text is a name and not something that a user wrote.
fn is_name(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    !text.is_empty() && text.len() <= 48 && text.chars().all(is_letter)
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer")
            .field("seen", &self.lock().len())
            .finish_non_exhaustive()
    }
}
