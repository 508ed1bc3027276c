//! Timed text: reading SubRip and WebVTT, cutting it to a window, writing WebVTT. Text is never
//! made up here: what comes out was in a file.

use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// One piece of timed text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cue {
    /// When it appears, in seconds.
    pub start_seconds: f64,
    /// When it goes away, in seconds.
    pub end_seconds: f64,
    /// What is said; lines are separated by `\n`, markup is removed.
    pub text: String,
}

/// What is said in a source, in order of time.
///
/// ```
/// use clip_engine::Transcript;
/// let transcript = Transcript::parse("1\n00:00:01,500 --> 00:00:03,000\nHello <i>there</i>\n")?;
/// assert_eq!(transcript.cues[0].start_seconds, 1.5);
/// assert_eq!(transcript.cues[0].text, "Hello there");
/// # Ok::<(), clip_engine::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Transcript {
    /// The cues, ordered by start.
    pub cues: Vec<Cue>,
}

/// A transcript longer than this is no transcript.
const LARGEST_FILE: u64 = 32 << 20;

impl Transcript {
    /// A transcript of these cues; empty ones are left out and the rest put in order.
    pub fn new(mut cues: Vec<Cue>) -> Self {
        cues.retain(|cue| !cue.text.trim().is_empty() && cue.end_seconds > cue.start_seconds);
        cues.sort_by(|a, b| a.start_seconds.total_cmp(&b.start_seconds));
        Self { cues }
    }

    /// Reads SubRip (`.srt`) or WebVTT (`.vtt`) text; which of the two is seen from the text.
    ///
    /// # Errors
    /// [`Error::is_damaged`] where no cue can be found, or a cue's times are no times.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text
            .trim_start_matches('\u{feff}')
            .replace("\r\n", "\n")
            .replace('\r', "\n");
        // A line that looks empty separates cues as one that is.
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let text = lines.join("\n");
        let mut cues = Vec::new();
        for (number, block) in text.split("\n\n").enumerate() {
            let mut lines = block.lines().skip_while(|line| line.trim().is_empty());
            let Some(timing) = lines.by_ref().take(2).find(|line| line.contains("-->")) else {
                // A header, a note, a style block or a stray number.
                continue;
            };
            let (start_seconds, end_seconds) = timing_line(timing).ok_or_else(|| {
                Error::damaged(format!(
                    "the times {timing:?} of block {} are not like 00:01:02.500 --> 00:01:04.000",
                    number + 1
                ))
            })?;
            let words: Vec<String> = lines
                .map(|line| plain(line).trim().to_owned())
                .filter(|line| !line.is_empty())
                .collect();
            cues.push(Cue {
                start_seconds,
                end_seconds,
                text: words.join("\n"),
            });
        }
        if cues.is_empty() {
            return Err(Error::damaged(
                "no cue was found: give SubRip (.srt) or WebVTT (.vtt) text",
            ));
        }
        Ok(Self::new(cues))
    }

    /// Reads a `.srt` or `.vtt` file.
    ///
    /// # Errors
    /// [`Error::is_not_found`], [`Error::is_io`], or as [`Transcript::parse`]; the message names
    /// the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let read = || {
            let size = std::fs::metadata(path)
                .map_err(|cause| Error::io("reading the transcript", cause))?
                .len();
            if size > LARGEST_FILE {
                return Err(Error::invalid(format!(
                    "the transcript has {size} bytes, more than the {LARGEST_FILE} that are read"
                )));
            }
            let bytes =
                std::fs::read(path).map_err(|cause| Error::io("reading the transcript", cause))?;
            Self::parse(&String::from_utf8_lossy(&bytes))
        };
        read().map_err(|error| error.in_file(path))
    }

    /// The transcript that lies beside a source: the same name with `.vtt` or `.srt`, or `None`
    /// where there is no such file.
    ///
    /// # Errors
    /// As [`Transcript::read`], where such a file is there and cannot be read.
    pub fn beside(source: impl AsRef<Path>) -> Result<Option<Self>> {
        for extension in ["vtt", "srt"] {
            let path = source.as_ref().with_extension(extension);
            if path.is_file() {
                return Self::read(path).map(Some);
            }
        }
        Ok(None)
    }

    /// The cues that are heard in `[start, end)`, cut to it, in time that begins at `start`.
    #[must_use]
    pub fn within(&self, start_seconds: f64, end_seconds: f64) -> Self {
        let cues = self
            .cues
            .iter()
            .filter(|cue| cue.start_seconds < end_seconds && cue.end_seconds > start_seconds)
            .map(|cue| Cue {
                start_seconds: cue.start_seconds.max(start_seconds) - start_seconds,
                end_seconds: cue.end_seconds.min(end_seconds) - start_seconds,
                text: cue.text.clone(),
            })
            .collect();
        Self { cues }
    }

    /// The transcript as WebVTT.
    pub fn to_vtt(&self) -> String {
        let mut text = String::from("WEBVTT\n");
        for cue in &self.cues {
            let (start, end) = (stamp(cue.start_seconds), stamp(cue.end_seconds));
            let words = cue
                .text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{start} --> {end}\n{words}\n");
        }
        text
    }
}

fn stamp(seconds: f64) -> String {
    let thousandths =
        std::time::Duration::from_secs_f64(seconds.clamp(0.0, 1e9) + 0.000_5).as_millis();
    let (hours, rest) = (thousandths / 3_600_000, thousandths % 3_600_000);
    let (minutes, rest) = (rest / 60_000, rest % 60_000);
    format!(
        "{hours:02}:{minutes:02}:{:02}.{:03}",
        rest / 1000,
        rest % 1000
    )
}

fn timing_line(line: &str) -> Option<(f64, f64)> {
    let (start, rest) = line.split_once("-->")?;
    // WebVTT settings may follow the second time.
    let end = rest.split_whitespace().next()?;
    Some((clock(start.trim())?, clock(end)?))
}

/// `[hh:]mm:ss[.,]fff` in seconds.
fn clock(text: &str) -> Option<f64> {
    let text = text.replace(',', ".");
    let mut parts = text.rsplit(':');
    let seconds: f64 = parts.next()?.parse().ok()?;
    let minutes: u32 = parts.next()?.parse().ok()?;
    let hours: u32 = parts.next().map_or(Some(0), |hours| hours.parse().ok())?;
    let valid = parts.next().is_none() && (0.0..60.0).contains(&seconds) && minutes < 60;
    valid.then(|| f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0 + seconds)
}

/// Takes `<b>`-like tags and `{\an8}`-like codes out, and resolves the entities of WebVTT.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['<', '{']) {
        text.push_str(&rest[..at]);
        let (close, code) = if rest[at..].starts_with('<') {
            (
                '>',
                rest[at + 1..].starts_with(|c: char| c == '/' || c.is_alphanumeric()),
            )
        } else {
            ('}', rest[at + 1..].starts_with('\\'))
        };
        match rest[at..].find(close) {
            Some(end) if code => rest = &rest[at + end + 1..],
            _ => {
                text.push_str(&rest[at..=at]);
                rest = &rest[at + 1..];
            }
        }
    }
    text.push_str(rest);
    for (entity, sign) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", "\u{a0}"),
        ("&lrm;", "\u{200e}"),
        ("&rlm;", "\u{200f}"),
        ("&amp;", "&"),
    ] {
        if text.contains(entity) {
            text = text.replace(entity, sign);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_of_spaces_separates_cues() {
        let text = "1\n00:00:00,000 --> 00:00:02,000\nfirst\n \n2\n00:00:02,500 --> 00:00:04,000\nsecond \n";
        let cues = Transcript::parse(text).unwrap().cues;
        let texts: Vec<&str> = cues.iter().map(|cue| cue.text.as_str()).collect();
        assert_eq!(texts, ["first", "second"]);
    }

    fn cue(start_seconds: f64, end_seconds: f64, text: &str) -> Cue {
        Cue {
            start_seconds,
            end_seconds,
            text: text.to_owned(),
        }
    }

    #[test]
    fn subrip_and_webvtt_read_alike() {
        let srt = "\u{feff}1\r\n00:00:01,000 --> 00:00:02,500\r\n{\\an8}Two\r\nlines\r\n\r\n2\r\n01:00:00,000 --> 01:00:01,000\r\na < b & c\r\n";
        let vtt = "WEBVTT - title\n\nNOTE not a cue\n\nSTYLE\n::cue { color: red }\n\nid\n00:01.000 --> 00:02.500 align:start\n<v Ann>Two</v>\nlines\n\n01:00:00.000 --> 01:00:01.000\na &lt; b &amp; c";
        let expected = vec![
            cue(1.0, 2.5, "Two\nlines"),
            cue(3600.0, 3601.0, "a < b & c"),
        ];
        assert_eq!(Transcript::parse(srt).unwrap().cues, expected);
        assert_eq!(Transcript::parse(vtt).unwrap().cues, expected);
    }

    #[test]
    fn what_is_written_reads_back() {
        let transcript = Transcript::new(vec![
            cue(0.0, 1.2345, "a < b & c > d"),
            cue(3661.5, 3662.0, "Two\nlines"),
        ]);
        let vtt = transcript.to_vtt();
        assert_eq!(
            vtt,
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.235\na &lt; b &amp; c &gt; d\n\n\
             01:01:01.500 --> 01:01:02.000\nTwo\nlines\n"
        );
        let back = Transcript::parse(&vtt).unwrap();
        assert_eq!(back.cues[0].text, "a < b & c > d");
        assert_eq!(back.cues[1], transcript.cues[1]);
    }

    #[test]
    fn a_window_has_its_own_clock() {
        let transcript = Transcript::new(vec![
            cue(0.0, 2.0, "before"),
            cue(2.0, 5.0, "across"),
            cue(6.0, 7.0, "in"),
            cue(9.0, 10.0, "after"),
        ]);
        assert_eq!(
            transcript.within(3.0, 9.0).cues,
            [cue(0.0, 2.0, "across"), cue(3.0, 4.0, "in")]
        );
    }

    #[test]
    fn text_without_cues_or_with_odd_times_is_refused() {
        for text in [
            "",
            "WEBVTT",
            "just words",
            "00:00:61.0 --> 00:01:02.0\nx",
            "x --> y\nz",
        ] {
            assert!(Transcript::parse(text).unwrap_err().is_damaged(), "{text}");
        }
    }
}
