//! Telling signed deliveries from forged, stale and repeated ones.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hmac_sha256::{HMAC, Hash};
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::{Delivery, Event, envelope};
use crate::error::{Error, Kind, Result};
use crate::platform;

/// Both names have been documented, at different times.
const SIGNATURES: [&str; 2] = ["heygen-signature", "signature"];
const TIMESTAMP: &str = "heygen-timestamp";
const EVENT_ID: &str = "heygen-event-id";

/// Digest of a body or of an event id.
pub(super) type Fingerprint = [u8; 32];

/// Checks deliveries to a webhook endpoint against its secret.
///
/// The signature is the HMAC-SHA256 of the raw body in hexadecimal, keyed with the secret as it was
/// given. It is compared in constant time, and before the body is read as JSON. Give the bytes as
/// they came: JSON that was parsed and written again has another signature.
///
/// ```
/// use heygen_clips::{Event, Verifier};
///
/// # fn main() -> heygen_clips::Result<()> {
/// let verifier = Verifier::new("whsec_from_the_endpoint")?.remember(10_000);
/// # let body = br#"{"event_type":"ai_clipping.success","event_data":{"id":"a1","status":"completed"}}"#;
/// # let headers = verifier.sign_test_delivery(body);
/// match verifier.verify(&headers, body) {
///     Ok(delivery) => match delivery.event {
///         Event::AiClippingSucceeded(job) => println!("{} is done", job.id),
///         event => println!("something else: {}", event.event_type()),
///     },
///     Err(error) if error.is_replayed() => println!("had it already: answer 200"),
///     Err(error) => println!("answer 401: {error}"),
/// }
/// # Ok(())
/// # }
/// ```
pub struct Verifier {
    secret: SecretString,
    tolerance: Option<Duration>,
    memory: Option<Mutex<Memory>>,
}

/// The newest deliveries, the oldest first.
struct Memory {
    capacity: usize,
    order: VecDeque<Fingerprint>,
    seen: HashSet<Fingerprint>,
}

impl Verifier {
    /// A verifier for the secret that the create or rotate call of the endpoint answered.
    ///
    /// # Errors
    ///
    /// [`Error::is_config`] when the secret is empty: anyone could sign with that.
    pub fn new(secret: impl Into<SecretString>) -> Result<Self> {
        let secret = secret.into();
        if secret.expose_secret().is_empty() {
            return Err(Error::new(Kind::Config, "the webhook secret is empty"));
        }
        Ok(Self {
            secret,
            tolerance: None,
            memory: None,
        })
    }

    /// Refuses what was sent longer ago than this, or that far in the future, or does not say when
    /// (by default the time is not looked at).
    ///
    /// The time is a header that the signature does not cover, so this stops accidents and not
    /// attackers; [`Verifier::remember`] stops both.
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = Some(tolerance);
        self
    }

    /// Remembers so many deliveries, and refuses each that comes again ([`Error::is_replayed`]).
    ///
    /// What is remembered is the signed body, and the event's id where there is one. It is kept in
    /// memory: after a restart everything is new.
    pub fn remember(mut self, deliveries: usize) -> Self {
        self.memory = (deliveries > 0).then(|| {
            Mutex::new(Memory {
                // A delivery has up to two fingerprints.
                capacity: deliveries.saturating_mul(2),
                order: VecDeque::new(),
                seen: HashSet::new(),
            })
        });
        self
    }

    /// Whether a delivery has a signature, right or wrong. Those of webhook endpoints do; per-job
    /// callbacks do not, and are read with [`Unverified`](crate::Unverified).
    pub fn is_signed(headers: &HeaderMap) -> bool {
        SIGNATURES.iter().any(|name| headers.contains_key(*name))
    }

    /// Checks a delivery that has just come in, and reads it.
    ///
    /// # Errors
    ///
    /// - [`Error::is_forged`] when the signature is missing or wrong: answer 401.
    /// - [`Error::is_stale`] when it is outside the [tolerance](Verifier::tolerance): answer 401.
    /// - [`Error::is_replayed`] when it came before: answer 200, or it will come again.
    /// - Any other when it is signed, but no event: answer 400.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Delivery> {
        self.verify_at(headers, body, platform::now())
    }

    /// As [`Verifier::verify`], for a delivery that came in at `now`.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn verify_at(&self, headers: &HeaderMap, body: &[u8], now: SystemTime) -> Result<Delivery> {
        self.check_signature(headers, body)?;
        let sent_at = sent_at(headers);
        self.check_time(sent_at, now)?;
        let envelope = envelope(body)?;
        // The body's first: it is signed, the header is not.
        let header = headers.get(EVENT_ID).and_then(|id| id.to_str().ok());
        let event_id = envelope.event_id.or(header.map(str::to_owned));
        let mut fingerprints = vec![fingerprint(b"body", body)];
        fingerprints.extend(
            event_id
                .as_ref()
                .map(|id| fingerprint(b"id", id.as_bytes())),
        );
        if let Some(memory) = &self.memory {
            let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
            memory.add(&fingerprints)?;
        }
        Ok(Delivery {
            event: Event::new(envelope.event_type, envelope.event_data),
            event_id,
            sent_at,
            fingerprints,
        })
    }

    /// Forgets a delivery that could not be dealt with, so that it is taken when it comes again.
    pub fn forget(&self, delivery: &Delivery) {
        if let Some(memory) = &self.memory {
            let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
            memory.remove(&delivery.fingerprints);
        }
    }

    /// The headers that the vendor would send with this body now, for tests of a receiver.
    pub fn sign_test_delivery(&self, body: &[u8]) -> HeaderMap {
        let seconds = platform::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        let signature = hex::encode(HMAC::mac(body, self.key()));
        let mut headers = HeaderMap::new();
        headers.insert(TIMESTAMP, HeaderValue::from(seconds));
        if let Ok(signature) = HeaderValue::try_from(signature) {
            headers.insert(SIGNATURES[0], signature);
        }
        headers
    }

    fn check_signature(&self, headers: &HeaderMap, body: &[u8]) -> Result<()> {
        let mut given = SIGNATURES
            .iter()
            .flat_map(|name| headers.get_all(*name))
            .peekable();
        if given.peek().is_none() {
            let message = "the delivery has neither a Heygen-Signature nor a Signature header; \
                           per-job callbacks are not signed, and true only once the API confirms them";
            return Err(Error::new(Kind::Forged, message));
        }
        let is_right = |value: &HeaderValue| {
            let mut signature = [0; 32];
            hex::decode_to_slice(value.as_bytes(), &mut signature).is_ok()
                && HMAC::verify(body, self.key(), &signature)
        };
        if given.any(is_right) {
            return Ok(());
        }
        let message = "the signature does not belong to this body and secret: is it the endpoint's \
                       current secret, and the body byte for byte as it came?";
        Err(Error::new(Kind::Forged, message))
    }

    fn check_time(&self, sent_at: Option<SystemTime>, now: SystemTime) -> Result<()> {
        let Some(tolerance) = self.tolerance else {
            return Ok(());
        };
        let Some(sent_at) = sent_at else {
            let message = "the delivery does not say when it was sent (Heygen-Timestamp)";
            return Err(Error::new(Kind::Stale, message));
        };
        let distance = now
            .duration_since(sent_at)
            .unwrap_or_else(|error| error.duration());
        if distance <= tolerance {
            return Ok(());
        }
        let message = format!(
            "the delivery was sent {} s from now, more than the {} s that are tolerated: is the \
             clock right?",
            distance.as_secs(),
            tolerance.as_secs_f64()
        );
        Err(Error::new(Kind::Stale, message))
    }

    fn key(&self) -> &[u8] {
        self.secret.expose_secret().as_bytes()
    }
}

/// Without the secret.
impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("secret", &"(redacted)")
            .field("tolerance", &self.tolerance)
            .field("remembers", &self.memory.is_some())
            .finish()
    }
}

impl Memory {
    fn add(&mut self, fingerprints: &[Fingerprint]) -> Result<()> {
        if fingerprints.iter().any(|one| self.seen.contains(one)) {
            let message = "this delivery has come before";
            return Err(Error::new(Kind::Replayed, message));
        }
        for one in fingerprints {
            self.seen.insert(*one);
            self.order.push_back(*one);
        }
        while self.order.len() > self.capacity {
            if let Some(oldest) = self.order.pop_front() {
                self.seen.remove(&oldest);
            }
        }
        Ok(())
    }

    fn remove(&mut self, fingerprints: &[Fingerprint]) {
        for one in fingerprints {
            if self.seen.remove(one) {
                self.order.retain(|other| other != one);
            }
        }
    }
}

fn sent_at(headers: &HeaderMap) -> Option<SystemTime> {
    let seconds = headers.get(TIMESTAMP)?.to_str().ok()?.trim().parse().ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

fn fingerprint(what: &[u8], bytes: &[u8]) -> Fingerprint {
    let mut digest = Hash::new();
    digest.update(what);
    digest.update([0]);
    digest.update(bytes);
    digest.finalize()
}
