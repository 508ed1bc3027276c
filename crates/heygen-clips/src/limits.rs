//! The documents' limits, checked before a request is sent.
//!
//! What fails here fails at the server with the same code (`invalid_parameter`) and the same
//! `param`; it only costs no round trip.

use reqwest::Url;

use crate::error::{Error, Result};

/// A text of at most so many characters.
pub(crate) fn length(param: &str, text: Option<&str>, most: usize) -> Result<()> {
    let length = text.map_or(0, |text| text.chars().count());
    if length > most {
        return Err(Error::invalid(
            param,
            format!("{param} has {length} characters, at most {most} are allowed"),
        ));
    }
    Ok(())
}

/// An http or https URL.
pub(crate) fn url(param: &str, text: &str) -> Result<()> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
        _ => Err(Error::invalid(
            param,
            format!("{param} must be an absolute URL of http or https"),
        )),
    }
}

/// An id that goes into a path. An empty one, or dots, would address something else.
pub(crate) fn id<'a>(param: &str, id: &'a impl AsRef<str>) -> Result<&'a str> {
    let id = id.as_ref();
    if matches!(id.trim(), "" | "." | "..") || id.chars().any(char::is_control) {
        return Err(Error::invalid(
            param,
            format!("{param} is not an id: {id:?}"),
        ));
    }
    Ok(id)
}

/// A key for safe repetition: 1 to 255 of `A-Z a-z 0-9 _ - : .`
pub(crate) fn idempotency_key(key: &str) -> Result<()> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_-:.".contains(c);
    if key.is_empty() || key.len() > 255 || !key.chars().all(is_allowed) {
        return Err(Error::invalid(
            "Idempotency-Key",
            "Idempotency-Key must be 1 to 255 letters, digits or any of _ - : .",
        ));
    }
    Ok(())
}
