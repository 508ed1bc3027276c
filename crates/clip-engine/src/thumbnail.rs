//! Writes a picture as a JPEG: the thumbnail of a clip.

use std::io::Write;
use std::path::Path;

use jpeg_encoder::{ColorType, Encoder};

use crate::embedded::Picture420;
use crate::error::{Error, Kind, Result};

const QUALITY: u8 = 85;

/// Writes `picture` to `path` and makes sure that it is on the disk.
///
/// `full_range` says that the picture uses all values already, as a JPEG does.
pub(crate) fn write_jpeg(path: &Path, picture: &Picture420, full_range: bool) -> Result<()> {
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
            let pixel = [
                luma.data[y * luma.width + x],
                blue.data[colour],
                red.data[colour],
            ];
            pixels.extend(if full_range { pixel } else { stretched(pixel) });
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

/// From video range to the full range that a JPEG has.
fn stretched([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    let byte = |value: i32| u8::try_from(value.clamp(0, 255)).unwrap_or(255);
    let colour = |value: u8| byte((i32::from(value) - 128) * 255 / 224 + 128);
    [
        byte((i32::from(luma) - 16) * 255 / 219),
        colour(blue),
        colour(red),
    ]
}
