//! Reads a text track (`tx3g`, also called `mov_text`) as a transcript.

use std::path::Path;

use super::boxes::read_at;
use super::demux::Movie;
use crate::error::{Error, Result};
use crate::transcript::{Cue, Transcript};

/// The cues of the file's text track number `index`, from 0.
pub(crate) fn subtitles(path: &Path, index: usize) -> Result<Transcript> {
    let mut movie = Movie::open(path)?;
    let count = movie.text.len();
    let Some(track) = movie.text.get(index) else {
        return Err(Error::invalid(format!(
            "there is no subtitle track {index}: the file has {count}"
        )));
    };
    let mut cues = Vec::new();
    for sample in track.samples.iter().filter(|sample| sample.shown) {
        let data = read_at(&mut movie.file, sample.offset, sample.size as usize)?;
        // Two bytes of length, the text, then boxes with its looks.
        let length = match data.first_chunk() {
            Some(length) => usize::from(u16::from_be_bytes(*length)),
            None => continue,
        };
        let text = data.get(2..2 + length).ok_or_else(|| {
            Error::damaged("a subtitle is longer than its sample: the file is damaged")
        })?;
        let seconds = |ticks: i64| {
            (ticks as f64 / f64::from(track.timescale) - movie.origin_seconds).max(0.0)
        };
        cues.push(Cue {
            start_seconds: seconds(sample.time),
            end_seconds: seconds(sample.time + i64::from(sample.duration)),
            text: decode_text(text),
        });
    }
    Ok(Transcript::new(cues))
}

/// UTF-8, or UTF-16 where the text begins with its mark.
fn decode_text(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units = rest
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units)
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
        _ => String::from_utf8_lossy(bytes).replace("\r\n", "\n"),
    }
}
