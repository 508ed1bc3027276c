//! Values that are typed on the command line: sources, windows, URLs, headers, time limits.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

/// Where the video of a job comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The server fetches it.
    Url(WebUrl),
    /// It is on the server already.
    Asset(String),
    /// What has no other meaning: it may be an asset, or a name that was mistyped.
    Word(String),
    /// It is uploaded first.
    File(PathBuf),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("give a URL, a file or an asset id".to_owned());
        }
        if let Some(id) = text.strip_prefix("asset:") {
            return if id.is_empty() {
                Err("no id after asset:".to_owned())
            } else {
                Ok(Self::Asset(id.to_owned()))
            };
        }
        if text.contains("://") {
            return text.parse().map(Self::Url);
        }
        let path = Path::new(text);
        if path.is_file() {
            Ok(Self::File(path.to_owned()))
        } else if path.is_dir() {
            Err("this is a folder, not a video".to_owned())
        } else if text.contains(['.', '/', '\\']) {
            Err("there is no such file".to_owned())
        } else {
            Ok(Self::Word(text.to_owned()))
        }
    }
}

/// An http or https address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebUrl(url::Url);

impl WebUrl {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it names this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

impl FromStr for WebUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let no_scheme = || "not a URL: begin it with http:// or https://".to_owned();
        let url = url::Url::parse(text).map_err(|error| match error {
            url::ParseError::RelativeUrlWithoutBase => no_scheme(),
            error => format!("not a URL: {error}"),
        })?;
        match url.scheme() {
            "http" | "https" => Ok(Self(url)),
            // A host and its port are read as a scheme and the rest.
            _ if !text.contains("://") => Err(no_scheme()),
            other => Err(format!(
                "only http and https URLs are supported, not {other}"
            )),
        }
    }
}

/// A header of a request: `Name: value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header(pub(crate) HeaderName, pub(crate) HeaderValue);

impl FromStr for Header {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once(':')
            .ok_or("expected NAME: VALUE, for example Heygen-Signature: 5f2c")?;
        let name = name
            .trim()
            .parse()
            .map_err(|_| "not the name of a header")?;
        let value = value.trim().parse();
        Ok(Self(name, value.map_err(|_| "not the value of a header")?))
    }
}

/// A part of the video, in seconds: half-open, from `start` up to `end`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Window {
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) label: Option<String>,
}

impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (times, label) = match text.split_once('=') {
            Some((_, "")) => return Err("no label after =".to_owned()),
            Some((times, label)) => (times, Some(label.to_owned())),
            None => (text, None),
        };
        let expected = "expected START-END, for example 75-98.5 or 1:15-1:38.5";
        match times.trim_start().strip_prefix('-') {
            Some(rest) if rest.starts_with(|letter: char| letter.is_ascii_digit()) => {
                return Err("the start must be 0 or later".to_owned());
            }
            // An option, where the value was forgotten.
            Some(_) => return Err(expected.to_owned()),
            None => {}
        }
        let (start, end) = times.split_once('-').ok_or(expected)?;
        let (start, end) = (parse_moment(start)?, parse_moment(end)?);
        if start >= end {
            return Err(format!(
                "the end ({end} s) must come after the start ({start} s)"
            ));
        }
        Ok(Self { start, end, label })
    }
}

/// Seconds, or minutes:seconds, or hours:minutes:seconds.
fn parse_moment(text: &str) -> Result<f64, String> {
    let wrong = || format!("`{text}` is not a time: write seconds, m:ss or h:mm:ss");
    let parts: Vec<&str> = text.trim().split(':').collect();
    let digits =
        |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if parts.len() > 3 || !parts.iter().all(digits) {
        return Err(wrong());
    }
    let mut seconds = 0.0;
    for (index, part) in parts.iter().enumerate() {
        let value: f64 = part.parse().map_err(|_| wrong())?;
        let last = index + 1 == parts.len();
        if (!last && part.contains('.')) || (index > 0 && value >= 60.0) {
            return Err(wrong());
        }
        seconds = seconds * 60.0 + value;
    }
    Ok(seconds)
}

/// A language by its code of ISO 639-1: two letters, of which the server knows the meaning.
pub(crate) fn parse_language(text: &str) -> Result<String, String> {
    let code = text.to_ascii_lowercase();
    if code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_lowercase()) {
        Ok(code)
    } else {
        Err("expected the two letters of a language, such as en, es or de".to_owned())
    }
}

/// A number of things. How many there may be is known to the SDK.
pub(crate) fn parse_count(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_| "expected a whole number, 1 or more".to_owned())
}

/// Where to listen.
pub(crate) fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "expected an IP address and a port, for example 127.0.0.1:8787".to_owned())
}

/// A time limit: seconds without unit, or what people write (`90s`, `10m`, `1h 30m`).
pub(crate) fn parse_time_limit(text: &str) -> Result<Duration, String> {
    let limit = match text.trim().parse::<f64>() {
        Ok(seconds) if seconds < 0.0 => Duration::ZERO,
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?,
        Err(_) => humantime::parse_duration(text)
            .map_err(|_| "not a length of time: write 90, 90s, 10m or 1h")?,
    };
    if limit.is_zero() {
        Err("must be more than zero".to_owned())
    } else {
        Ok(limit)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn window(start: f64, end: f64, label: Option<&str>) -> Window {
        Window {
            start,
            end,
            label: label.map(str::to_owned),
        }
    }

    #[test]
    fn windows_are_read_in_seconds_and_in_clock_time() {
        assert_eq!("75-98.5".parse(), Ok(window(75.0, 98.5, None)));
        assert_eq!(
            "1:15-1:38.5=a - b = c".parse(),
            Ok(window(75.0, 98.5, Some("a - b = c")))
        );
        assert_eq!("0-1:00:00".parse(), Ok(window(0.0, 3600.0, None)));
    }

    #[test]
    fn windows_that_make_no_sense_are_refused_with_the_reason() {
        for (text, reason) in [
            (
                "75",
                "expected START-END, for example 75-98.5 or 1:15-1:38.5",
            ),
            ("9-3", "the end (3 s) must come after the start (9 s)"),
            ("3-3", "the end (3 s) must come after the start (3 s)"),
            ("a-3", "`a` is not a time: write seconds, m:ss or h:mm:ss"),
            ("-1-3", "the start must be 0 or later"),
            (
                "--captions",
                "expected START-END, for example 75-98.5 or 1:15-1:38.5",
            ),
            (
                "0-inf",
                "`inf` is not a time: write seconds, m:ss or h:mm:ss",
            ),
            (
                "0-1:60",
                "`1:60` is not a time: write seconds, m:ss or h:mm:ss",
            ),
            (
                "0-1.5:10",
                "`1.5:10` is not a time: write seconds, m:ss or h:mm:ss",
            ),
            (
                "0-1.2.3",
                "`1.2.3` is not a time: write seconds, m:ss or h:mm:ss",
            ),
            ("0-5=", "no label after ="),
        ] {
            assert_eq!(text.parse::<Window>(), Err(reason.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_source_is_told_by_its_form() {
        let url = "https://example.org/talk.mp4";
        assert_eq!(url.parse(), Ok(Source::Url(url.parse().unwrap())));
        assert_eq!("a1b2c3".parse(), Ok(Source::Word("a1b2c3".to_owned())));
        assert_eq!("asset:a.b".parse(), Ok(Source::Asset("a.b".to_owned())));
        assert_eq!("Cargo.toml".parse(), Ok(Source::File("Cargo.toml".into())));
        for (text, reason) in [
            ("", "give a URL, a file or an asset id"),
            ("asset:", "no id after asset:"),
            ("src", "this is a folder, not a video"),
            ("no-such.mp4", "there is no such file"),
            (
                "ftp://example.org/a.mp4",
                "only http and https URLs are supported, not ftp",
            ),
            ("http://", "not a URL: empty host"),
        ] {
            assert_eq!(text.parse::<Source>(), Err(reason.to_owned()), "{text}");
        }
    }

    #[test]
    fn loopback_is_told_from_the_rest() {
        let is_local = |text: &str| text.parse::<WebUrl>().unwrap().is_loopback();
        assert!(is_local("http://127.0.0.1:8787"));
        assert!(is_local("http://[::1]:1"));
        assert!(is_local("http://localhost/"));
        assert!(!is_local("https://api.heygen.com"));
        assert!(!is_local("http://10.0.0.1"));
    }

    #[test]
    fn a_url_says_how_it_is_to_be_reached() {
        for text in ["127.0.0.1:8080", "localhost:8080", "nonsense", ""] {
            assert_eq!(
                text.parse::<WebUrl>(),
                Err("not a URL: begin it with http:// or https://".to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn languages_are_two_letters() {
        assert_eq!(parse_language("EN"), Ok("en".to_owned()));
        for text in ["", "english", "e", "e1", "en-US", "ä"] {
            assert!(parse_language(text).is_err(), "{text}");
        }
    }

    #[test]
    fn time_limits_have_a_unit_or_are_seconds() {
        assert_eq!(parse_time_limit("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_time_limit("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_time_limit("1h 30m"), Ok(Duration::from_secs(5400)));
        assert!(parse_time_limit("0").is_err());
        for text in ["-1", "-0.5"] {
            assert_eq!(
                parse_time_limit(text),
                Err("must be more than zero".to_owned())
            );
        }
        assert!(parse_time_limit("soon").unwrap_err().contains("90s"));
    }
}
