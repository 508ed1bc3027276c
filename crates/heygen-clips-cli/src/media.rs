//! What a downloaded MP4 says about itself: size in pixels and length. It is read from the file and
//! not taken from the job's answer, so that the demo's table shows what is really there.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use mp4_atom::{Atom as _, Header, Moov, ReadAtom as _, ReadFrom as _};

/// Facts of an MP4 file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Facts {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) duration_seconds: f64,
}

/// Reads the facts; the text of the error says what is wrong with the file.
pub(crate) fn probe(path: &Path) -> Result<Facts, String> {
    let text = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut file = BufReader::new(File::open(path).map_err(|error| text(&error))?);
    loop {
        let header = Header::read_from(&mut file).map_err(|_| text(&"holds no video index"))?;
        if header.kind == Moov::KIND {
            let moov = Moov::read_atom(&header, &mut file).map_err(|error| text(&error))?;
            return facts(&moov).ok_or_else(|| text(&"holds no video"));
        }
        // A box without size runs to the end of the file, so nothing follows it.
        let skip = header.size.unwrap_or(usize::MAX) as u64;
        let skip = i64::try_from(skip).unwrap_or(i64::MAX);
        file.seek_relative(skip)
            .map_err(|_| text(&"holds no video index"))?;
    }
}

fn facts(moov: &Moov) -> Option<Facts> {
    let (width, height) = moov
        .trak
        .iter()
        .map(|track| (track.tkhd.width.integer(), track.tkhd.height.integer()))
        .find(|(width, height)| *width > 0 && *height > 0)?;
    // Both numbers are far below 2^52, where f64 becomes inexact.
    #[allow(clippy::cast_precision_loss)]
    let duration_seconds = moov.mvhd.duration as f64 / f64::from(moov.mvhd.timescale.max(1));
    Some(Facts {
        width,
        height,
        duration_seconds,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_sample_is_what_its_script_says() {
        let facts = probe(Path::new("sample/sample.mp4")).unwrap();
        assert_eq!((facts.width, facts.height), (1280, 720));
        assert!((75.0..78.0).contains(&facts.duration_seconds), "{facts:?}");
    }

    #[test]
    fn a_file_that_is_no_video_is_named() {
        assert_eq!(
            probe(Path::new("none.mp4")).unwrap_err(),
            "none.mp4: No such file or directory (os error 2)"
        );
        assert_eq!(
            probe(Path::new("Cargo.toml")).unwrap_err(),
            "Cargo.toml: holds no video index"
        );
    }
}
