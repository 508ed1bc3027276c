//! Captions as pictures for ffmpeg to lay over the clip: the same words, drawn by the same code as in
//! the embedded backend, as a sequence of transparent PNGs with a time for each.

use std::fmt::Write as _;
use std::io::BufWriter;
use std::path::Path;

use crate::captions::{Burner, Overlay};
use crate::error::{Error, Kind, Result};

/// How the sequence is named; ffmpeg counts it up.
pub(super) const PATTERN: &str = "caption-%05d.png";

/// The written sequence.
pub(super) struct Band {
    pub(super) left: usize,
    pub(super) top: usize,
    /// When each picture begins, in seconds of the clip; the first begins at 0.
    times: Vec<f64>,
}

/// Writes the captions that are seen in `[start, end)` of the source; `None` where there are none.
pub(super) fn write(
    burner: &mut Burner,
    folder: &Path,
    start: f64,
    end: f64,
) -> Result<Option<Band>> {
    let style = burner.style().clone();
    let mut shown: Vec<(f64, f64, Overlay)> = Vec::new();
    for index in 0..burner.pages().len() {
        let page = &burner.pages()[index];
        let (from, to) = (page.start_seconds.max(start), page.end_seconds.min(end));
        if from < to {
            // Cues may overlap; the later one is what is seen, as it is when they are drawn.
            if let Some(last) = shown.last_mut() {
                last.1 = last.1.min(from);
            }
            shown.push((from, to, burner.overlay(index)));
        }
    }
    shown.retain(|(from, to, _)| from < to);
    let overlays = || shown.iter().map(|(_, _, overlay)| overlay);
    let (Some(left), Some(top)) = (
        overlays().map(|overlay| overlay.left).min(),
        overlays().map(|overlay| overlay.top).min(),
    ) else {
        return Ok(None);
    };
    let right = overlays()
        .map(|overlay| overlay.left + overlay.width)
        .max()
        .unwrap_or(left);
    let bottom = overlays()
        .map(|overlay| overlay.top + overlay.height)
        .max()
        .unwrap_or(top);
    let mut sequence = Sequence {
        folder,
        width: right - left,
        height: bottom - top,
        times: Vec::new(),
    };
    let mut reached = start;
    if shown[0].0 > start {
        sequence.blank(0.0)?;
    }
    for (from, to, overlay) in &shown {
        if *from > reached && reached > start {
            sequence.blank(reached - start)?;
        }
        let place = (overlay.left - left, overlay.top - top);
        sequence.picture(from - start, &overlay.rgba(&style), place, overlay.width)?;
        reached = *to;
    }
    if reached < end {
        sequence.blank(reached - start)?;
    }
    Ok(Some(Band {
        left,
        top,
        times: sequence.times,
    }))
}

impl Band {
    /// The filter that gives each picture its time.
    pub(super) fn timing(&self) -> String {
        let mut text = String::from("settb=AVTB,setpts='0");
        for (index, seconds) in self.times.iter().enumerate().skip(1) {
            // A hair early: a caption that begins with a frame is seen on that very frame.
            let micros = (seconds * 1e6 - 100.0).max(1.0).round();
            let _ = write!(text, "+eq(N\\,{index})*{micros}");
        }
        text.push('\'');
        text
    }
}

struct Sequence<'a> {
    folder: &'a Path,
    width: usize,
    height: usize,
    times: Vec<f64>,
}

impl Sequence<'_> {
    fn blank(&mut self, at: f64) -> Result<()> {
        self.write(at, &vec![0; self.width * self.height * 4])
    }

    fn picture(
        &mut self,
        at: f64,
        pixels: &[u8],
        (left, top): (usize, usize),
        width: usize,
    ) -> Result<()> {
        let mut area = vec![0; self.width * self.height * 4];
        for (row, line) in pixels.chunks_exact(width * 4).enumerate() {
            let start = ((top + row) * self.width + left) * 4;
            area[start..start + line.len()].copy_from_slice(line);
        }
        self.write(at, &area)
    }

    fn write(&mut self, at: f64, pixels: &[u8]) -> Result<()> {
        let path = self
            .folder
            .join(format!("caption-{:05}.png", self.times.len()));
        let file =
            std::fs::File::create(path).map_err(|cause| Error::io("writing a caption", cause))?;
        let mut encoder =
            png::Encoder::new(BufWriter::new(file), self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_compression(png::Compression::Fast);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(pixels))
            .map_err(|cause| {
                Error::new(Kind::Io, "a caption cannot be written").caused_by(cause)
            })?;
        self.times.push(at);
        Ok(())
    }
}
