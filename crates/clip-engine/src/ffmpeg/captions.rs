//! Captions as pictures for ffmpeg to lay over the clip: the same words, drawn by the same code as in
//! the embedded backend, as a sequence of transparent PNGs. Each file's time of change is when its picture begins, in
//! nanoseconds after the epoch: ffmpeg reads that, and takes any number of them.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::captions::{Burner, Overlay};
use crate::error::{Error, Kind, Result};

/// How ffmpeg is to read the sequence: it counts the names up.
pub(super) const INPUT: [&str; 6] = [
    "-f",
    "image2",
    "-ts_from_file",
    "2",
    "-i",
    "caption-%05d.png",
];

/// A hair early: a caption that begins with a frame is seen on that very frame.
const EARLY: Duration = Duration::from_micros(100);

/// The written sequence.
pub(super) struct Band {
    pub(super) left: usize,
    pub(super) top: usize,
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
        written: 0,
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
    Ok(Some(Band { left, top }))
}

struct Sequence<'a> {
    folder: &'a Path,
    width: usize,
    height: usize,
    written: usize,
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

    /// Writes the next picture, which is seen from `at` seconds of the clip on; the first one begins at 0.
    fn write(&mut self, at: f64, pixels: &[u8]) -> Result<()> {
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_compression(png::Compression::Fast);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(pixels))
            .map_err(|cause| Error::new(Kind::Io, "a caption cannot be drawn").caused_by(cause))?;
        let path = self.folder.join(format!("caption-{:05}.png", self.written));
        let begins = Duration::from_secs_f64(at.max(0.0)).saturating_sub(EARLY);
        let time = SystemTime::UNIX_EPOCH + begins;
        let write = || {
            let mut file = File::create(path)?;
            file.write_all(&png)?;
            file.set_modified(time)?;
            file.metadata()?.modified()
        };
        let kept = write().map_err(|cause| Error::io("writing a caption", cause))?;
        // Some file systems keep whole seconds.
        if kept
            .duration_since(time)
            .unwrap_or_else(|early| early.duration())
            > EARLY
        {
            return Err(Error::new(
                Kind::Io,
                "the file system of the temporary folder keeps the times of files too coarsely for \
                 captions: use another folder, or the embedded backend",
            ));
        }
        self.written += 1;
        Ok(())
    }
}
