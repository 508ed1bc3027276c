//! Signs what the emulator hands out and wants back unchanged: download and upload links that
//! expire, and list cursors. Knows nothing of HTTP; `api::files` checks the links that come back.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sha2::Sha256;

const IN_PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#').add(b'"');

/// Signs with a key that stays in the data folder, so links outlive a restart.
#[derive(Clone)]
pub(crate) struct Signer {
    key: [u8; 32],
}

/// Why a link is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was right once; its time is over.
    Expired,
    /// The signature does not belong to this path and expiry, or is missing.
    Forged,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(..)")
    }
}

impl Signer {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// `path` with the query that makes it valid until `expires` (Unix seconds).
    pub(crate) fn link(&self, method: &str, path: &str, expires: i64) -> String {
        let signature = hex::encode(self.mac(method, path, expires).finalize().into_bytes());
        let path = utf8_percent_encode(path, IN_PATH);
        format!("{path}?expires={expires}&signature={signature}")
    }

    /// Checks what came back of [`Signer::link`]; `path` is the decoded path.
    pub(crate) fn check(
        &self,
        method: &str,
        path: &str,
        expires: i64,
        signature: &str,
        now: i64,
    ) -> Result<(), Refusal> {
        let given = hex::decode(signature).map_err(|_| Refusal::Forged)?;
        // `verify_slice` compares in constant time.
        self.mac(method, path, expires)
            .verify_slice(&given)
            .map_err(|_| Refusal::Forged)?;
        if now >= expires {
            Err(Refusal::Expired)
        } else {
            Ok(())
        }
    }

    /// An opaque cursor: only this emulator, for this list, takes it back.
    pub(crate) fn cursor(&self, list: &str, position: i64) -> String {
        let mac = self.mac("cursor", list, position).finalize().into_bytes();
        format!("{position:x}.{}", hex::encode(&mac[..12]))
    }

    /// The position in a cursor, if we made it for this list.
    pub(crate) fn position(&self, list: &str, cursor: &str) -> Option<i64> {
        let (position, given) = cursor.split_once('.')?;
        let position = i64::from_str_radix(position, 16).ok()?;
        let given = hex::decode(given).ok().filter(|given| given.len() == 12)?;
        self.mac("cursor", list, position)
            .verify_truncated_left(&given)
            .ok()?;
        Some(position)
    }

    fn mac(&self, kind: &str, subject: &str, number: i64) -> Hmac<Sha256> {
        sign_with(&self.key, format!("{kind}\n{subject}\n{number}").as_bytes())
    }
}

/// HMAC-SHA256 of `message`, ready to be finalised or verified.
pub(crate) fn sign_with(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length; the error case of `new_from_slice` does not exist for it.
    let mut mac = match <Hmac<Sha256> as KeyInit>::new_from_slice(key) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC accepts a key of any length"),
    };
    mac.update(message);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNER: Signer = Signer { key: [7; 32] };

    fn parts(link: &str) -> (i64, &str) {
        let query = link.split_once('?').map_or("", |(_, q)| q);
        let (expires, signature) = query.split_once('&').unwrap_or_default();
        let expires = expires
            .trim_start_matches("expires=")
            .parse()
            .unwrap_or_default();
        (expires, signature.trim_start_matches("signature="))
    }

    #[test]
    fn a_link_is_good_for_its_path_method_and_time_only() {
        let link = SIGNER.link("GET", "/_files/j/c.mp4", 100);
        let (expires, signature) = parts(&link);
        assert_eq!(
            SIGNER.check("GET", "/_files/j/c.mp4", expires, signature, 99),
            Ok(())
        );
        let late = SIGNER.check("GET", "/_files/j/c.mp4", expires, signature, 100);
        assert_eq!(late, Err(Refusal::Expired));
        for (method, path, expires) in [
            ("PUT", "/_files/j/c.mp4", 100),
            ("GET", "/_files/j/d.mp4", 100),
            ("GET", "/_files/j/c.mp4", 101),
        ] {
            let refused = SIGNER.check(method, path, expires, signature, 0);
            assert_eq!(refused, Err(Refusal::Forged), "{method} {path} {expires}");
        }
        assert_eq!(
            SIGNER.check("GET", "/_files/j/c.mp4", 100, "zz", 0),
            Err(Refusal::Forged)
        );
        assert_eq!(
            SIGNER.check("GET", "/_files/j/c.mp4", 100, "", 0),
            Err(Refusal::Forged)
        );
    }

    #[test]
    fn a_cursor_belongs_to_one_list() {
        let cursor = SIGNER.cursor("clips", 41);
        assert_eq!(SIGNER.position("clips", &cursor), Some(41));
        assert_eq!(SIGNER.position("events", &cursor), None);
        for bad in [
            "",
            "29",
            "29.",
            "29.00",
            "zz.00",
            &cursor[..cursor.len() - 1],
        ] {
            assert_eq!(SIGNER.position("clips", bad), None, "{bad:?}");
        }
    }
}
