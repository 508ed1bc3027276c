//! Writes a picture as a JPEG: the thumbnail of a clip.

use std::io::Write;
use std::path::Path;

use jpeg_encoder::{ColorType, Encoder};

use crate::embedded::Picture420;
use crate::error::{Error, Kind, Result};

const QUALITY: u8 = 85;

/// Writes `picture` to `path` and makes sure that it is on the disk.
pub(crate) fn write_jpeg(path: &Path, picture: &Picture420) -> Result<()> {
    let [luma, blue, red] = &picture.planes;
    let too_large = || {
        Error::new(
            Kind::Worker,
            "the picture is too large for a JPEG thumbnail",
        )
    };
    let width = u16::try_from(luma.width).map_err(|_| too_large())?;
    let height = u16::try_from(luma.height).map_err(|_| too_large())?;
    let mut pixels = Vec::with_capacity(luma.data.len() * 3);
    for y in 0..luma.height {
        for x in 0..luma.width {
            let colour = (y / 2) * blue.width + x / 2;
            pixels.push(full(luma.data[y * luma.width + x], 16, 219));
            pixels.push(full_colour(blue.data[colour]));
            pixels.push(full_colour(red.data[colour]));
        }
    }
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, QUALITY)
        .encode(&pixels, width, height, ColorType::Ycbcr)
        .map_err(|cause| {
            Error::new(Kind::Worker, "the thumbnail cannot be encoded").caused_by(cause)
        })?;
    let wrap = |cause| Error::io("writing the thumbnail", cause);
    let mut file = std::fs::File::create(path).map_err(wrap)?;
    file.write_all(&jpeg).map_err(wrap)?;
    file.sync_all().map_err(wrap)
}

/// From video range to the full range that JPEG has.
fn full(value: u8, low: i32, span: i32) -> u8 {
    let stretched = (i32::from(value) - low) * 255 / span;
    u8::try_from(stretched.clamp(0, 255)).unwrap_or(255)
}

fn full_colour(value: u8) -> u8 {
    let stretched = (i32::from(value) - 128) * 255 / 224 + 128;
    u8::try_from(stretched.clamp(0, 255)).unwrap_or(255)
}
