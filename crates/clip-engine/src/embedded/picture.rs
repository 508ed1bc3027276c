//! A picture in three planes (8-bit 4:2:0), and the way from a decoded one to an output one: crop,
//! scale, turn.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use openh264::formats::YUVSource;

use crate::error::{Error, Kind, Result};
use crate::framing::{Crop, Layout};

/// One plane without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) data: Vec<u8>,
}

/// A whole picture: luma, then the two colour planes of half the size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture420 {
    pub(crate) planes: [Plane; 3],
}

impl YUVSource for Picture420 {
    fn dimensions(&self) -> (usize, usize) {
        (self.planes[0].width, self.planes[0].height)
    }

    fn strides(&self) -> (usize, usize, usize) {
        (
            self.planes[0].width,
            self.planes[1].width,
            self.planes[2].width,
        )
    }

    fn y(&self) -> &[u8] {
        &self.planes[0].data
    }

    fn u(&self) -> &[u8] {
        &self.planes[1].data
    }

    fn v(&self) -> &[u8] {
        &self.planes[2].data
    }
}

/// Carries out one layout on picture after picture.
pub(super) struct Reframer {
    layout: Layout,
    resizer: Resizer,
}

impl Reframer {
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            layout,
            resizer: Resizer::new(),
        }
    }

    /// Crops, scales and turns a decoded picture.
    pub(super) fn apply(&mut self, source: &impl YUVSource) -> Result<Picture420> {
        let (width, height) = source.dimensions();
        let (stride_y, stride_u, stride_v) = source.strides();
        let crop = self.layout.crop;
        let half = Crop {
            left: crop.left / 2.0,
            top: crop.top / 2.0,
            width: crop.width / 2.0,
            height: crop.height / 2.0,
        };
        let (out_w, out_h) = self.layout.unturned();
        let (out_w, out_h) = (out_w as usize, out_h as usize);
        let (half_w, half_h) = (width.div_ceil(2), height.div_ceil(2));
        let y = View {
            data: source.y(),
            stride: stride_y,
            width,
            height,
        };
        let u = View {
            data: source.u(),
            stride: stride_u,
            width: half_w,
            height: half_h,
        };
        let v = View {
            data: source.v(),
            stride: stride_v,
            width: half_w,
            height: half_h,
        };
        Ok(Picture420 {
            planes: [
                self.plane(y, crop, out_w, out_h)?,
                self.plane(u, half, out_w / 2, out_h / 2)?,
                self.plane(v, half, out_w / 2, out_h / 2)?,
            ],
        })
    }

    fn plane(&mut self, view: View<'_>, crop: Crop, width: usize, height: usize) -> Result<Plane> {
        let cut = if crop.width == width as f64 && crop.height == height as f64 {
            view.copy(crop, width, height)
        } else {
            self.scale(view, crop, width, height)
        };
        let cut = cut.ok_or_else(|| {
            Error::new(
                Kind::Damaged,
                "the pictures are smaller than the file's header says",
            )
        })?;
        Ok(turn(cut, self.layout.rotation))
    }

    fn scale(&mut self, view: View<'_>, crop: Crop, width: usize, height: usize) -> Option<Plane> {
        let rows = view.height.min(view.data.len() / view.stride.max(1));
        let source = ImageRef::new(
            u32::try_from(view.stride).ok()?,
            u32::try_from(rows).ok()?,
            view.data.get(..view.stride * rows)?,
            PixelType::U8,
        )
        .ok()?;
        let mut target = Image::new(
            u32::try_from(width).ok()?,
            u32::try_from(height).ok()?,
            PixelType::U8,
        );
        // A rounding of the layout must not reach into the row's padding.
        let (shown_w, shown_h) = (view.width as f64, view.height as f64);
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom))
            .crop(
                crop.left.min(shown_w),
                crop.top.min(shown_h),
                crop.width.min(shown_w - crop.left),
                crop.height.min(shown_h - crop.top),
            );
        self.resizer.resize(&source, &mut target, &options).ok()?;
        Some(Plane {
            width,
            height,
            data: target.into_vec(),
        })
    }
}

/// A plane as the decoder lays it out.
#[derive(Clone, Copy)]
struct View<'a> {
    data: &'a [u8],
    stride: usize,
    width: usize,
    height: usize,
}

impl View<'_> {
    fn copy(self, crop: Crop, width: usize, height: usize) -> Option<Plane> {
        let (left, top) = (crop.left as usize, crop.top as usize);
        if left + width > self.width || top + height > self.height {
            return None;
        }
        let mut data = Vec::with_capacity(width * height);
        for row in top..top + height {
            let start = row * self.stride + left;
            data.extend_from_slice(self.data.get(start..start + width)?);
        }
        Some(Plane {
            width,
            height,
            data,
        })
    }
}

/// Turns a plane clockwise.
fn turn(plane: Plane, degrees: u32) -> Plane {
    let Plane {
        width,
        height,
        data,
    } = plane;
    match degrees {
        90 => Plane {
            width: height,
            height: width,
            data: (0..width)
                .flat_map(|x| (0..height).rev().map(move |y| (x, y)))
                .map(|(x, y)| data[y * width + x])
                .collect(),
        },
        180 => Plane {
            width,
            height,
            data: data.into_iter().rev().collect(),
        },
        270 => Plane {
            width: height,
            height: width,
            data: (0..width)
                .rev()
                .flat_map(|x| (0..height).map(move |y| (x, y)))
                .map(|(x, y)| data[y * width + x])
                .collect(),
        },
        _ => Plane {
            width,
            height,
            data,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered() -> Plane {
        Plane {
            width: 3,
            height: 2,
            data: vec![1, 2, 3, 4, 5, 6],
        }
    }

    #[test]
    fn turning_is_clockwise() {
        assert_eq!(turn(numbered(), 90).data, [4, 1, 5, 2, 6, 3]);
        assert_eq!(turn(numbered(), 180).data, [6, 5, 4, 3, 2, 1]);
        assert_eq!(turn(numbered(), 270).data, [3, 6, 2, 5, 1, 4]);
        assert_eq!(turn(turn(numbered(), 90), 270), numbered());
    }
}
