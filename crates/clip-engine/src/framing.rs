//! From a source's picture and a wished shape to the rectangle that is kept and the size that is
//! written. Pure arithmetic: both backends carry out the same [`Layout`].

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The shapes a clip can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// As the source is.
    #[default]
    Source,
    /// 9:16, for phones.
    Portrait,
    /// 1:1.
    Square,
    /// 16:9.
    Landscape,
}

impl Aspect {
    fn ratio(self) -> Option<(u32, u32)> {
        match self {
            Self::Source => None,
            Self::Portrait => Some((9, 16)),
            Self::Square => Some((1, 1)),
            Self::Landscape => Some((16, 9)),
        }
    }
}

impl FromStr for Aspect {
    type Err = Error;

    /// Reads `9:16`, `1:1`, `16:9`, their names `portrait`, `square`, `landscape`, and `source`.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "9:16" | "portrait" => Ok(Self::Portrait),
            "1:1" | "square" => Ok(Self::Square),
            "16:9" | "landscape" => Ok(Self::Landscape),
            "source" => Ok(Self::Source),
            other => Err(Error::invalid(format!(
                "unknown aspect {other:?}: use 9:16, 1:1, 16:9, portrait, square, landscape or source"
            ))),
        }
    }
}

/// The shape of a clip's picture: the middle of the source is kept, and nothing is enlarged unless
/// a height is asked for.
///
/// ```
/// use clip_engine::{Aspect, Framing};
/// let framing = Framing::new("9:16".parse::<Aspect>()?).height(1280);
/// # Ok::<(), clip_engine::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Framing {
    /// The shape.
    pub aspect: Aspect,
    /// Height of the clip in pixels; `None` keeps the source's pixels.
    pub height: Option<u32>,
}

impl Framing {
    /// A shape at the source's own scale.
    pub fn new(aspect: Aspect) -> Self {
        Self {
            aspect,
            height: None,
        }
    }

    /// Asks for a height in pixels, larger or smaller than the source's.
    #[must_use]
    pub fn height(mut self, pixels: u32) -> Self {
        self.height = Some(pixels);
        self
    }
}

/// The largest side the encoders take.
const LARGEST_SIDE: u32 = 3840;
/// The smallest side that makes a picture (one macroblock).
const SMALLEST_SIDE: u32 = 16;

/// The picture as it is stored, and what a player does to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Picture {
    /// Stored width in pixels.
    pub(crate) width: u32,
    /// Stored height in pixels.
    pub(crate) height: u32,
    /// Pixel aspect, width to height.
    pub(crate) pixel_aspect: (u32, u32),
    /// Clockwise turn in degrees.
    pub(crate) rotation: u32,
}

impl Picture {
    /// Size as shown, in whole pixels.
    pub(crate) fn display_size(&self) -> (u32, u32) {
        let stretched = self.stretched_width().round().max(1.0) as u32;
        if self.sideways() {
            (self.height, stretched)
        } else {
            (stretched, self.height)
        }
    }

    /// The picture as it is once it has been turned.
    pub(crate) fn upright(self) -> Self {
        if self.sideways() {
            Self {
                width: self.height,
                height: self.width,
                pixel_aspect: (self.pixel_aspect.1, self.pixel_aspect.0),
                rotation: 0,
            }
        } else {
            Self {
                rotation: 0,
                ..self
            }
        }
    }

    fn stretched_width(&self) -> f64 {
        let (h, v) = self.pixel_aspect;
        if h == 0 || v == 0 {
            return f64::from(self.width);
        }
        f64::from(self.width) * f64::from(h) / f64::from(v)
    }

    fn sideways(&self) -> bool {
        self.rotation % 180 == 90
    }

    /// Where to crop and what size to write.
    pub(crate) fn layout(&self, framing: Framing) -> Result<Layout> {
        let (shown_w, shown_h) = self.display_size();
        let (shown_w, shown_h) = (f64::from(shown_w), f64::from(shown_h));
        let ratio = framing
            .aspect
            .ratio()
            .map_or(shown_w / shown_h, |(w, h)| f64::from(w) / f64::from(h));
        let (crop_w, crop_h) = if shown_w / shown_h > ratio {
            (shown_h * ratio, shown_h)
        } else {
            (shown_w, shown_w / ratio)
        };
        let (width, height) = match framing.height {
            None => (even_within(crop_w, shown_w), even_within(crop_h, shown_h)),
            Some(height) => {
                let height = f64::from(height);
                (even(height * ratio), even(height))
            }
        };
        if width.max(height) > LARGEST_SIDE || width.min(height) < SMALLEST_SIDE {
            return Err(Error::invalid(format!(
                "a clip of {width}x{height} pixels cannot be written: each side must be \
                 {SMALLEST_SIDE} to {LARGEST_SIDE}; choose another height or aspect"
            )));
        }
        // Without an asked height the crop is the output, pixel for pixel, so that nothing is
        // resampled by a fraction of a percent.
        let (crop_w, crop_h) = if framing.height.is_none() {
            (
                f64::from(width).min(shown_w),
                f64::from(height).min(shown_h),
            )
        } else {
            (crop_w, crop_h)
        };
        Ok(Layout {
            crop: self.stored_crop(crop_w, crop_h, (shown_w, shown_h)),
            rotation: self.rotation,
            width,
            height,
        })
    }

    /// The middle `crop_w` x `crop_h` of what is shown, in stored pixels.
    fn stored_crop(&self, crop_w: f64, crop_h: f64, shown: (f64, f64)) -> Crop {
        let (share_w, share_h) = (crop_w / shown.0, crop_h / shown.1);
        let (share_w, share_h) = if self.sideways() {
            (share_h, share_w)
        } else {
            (share_w, share_h)
        };
        let (stored_w, stored_h) = (f64::from(self.width), f64::from(self.height));
        let (width, height) = (stored_w * share_w, stored_h * share_h);
        Crop {
            // Even offsets keep the colour planes, which have half the size, on whole pixels.
            left: even_down((stored_w - width) / 2.0),
            top: even_down((stored_h - height) / 2.0),
            width,
            height,
        }
    }
}

/// A rectangle in stored pixels; the sides may be fractions where the picture is scaled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Crop {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Crop, then scale to the (unturned) output size, then turn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Layout {
    pub(crate) crop: Crop,
    pub(crate) rotation: u32,
    /// Output width, after turning.
    pub(crate) width: u32,
    /// Output height, after turning.
    pub(crate) height: u32,
}

impl Layout {
    /// Output size before turning.
    pub(crate) fn unturned(&self) -> (u32, u32) {
        if self.rotation % 180 == 90 {
            (self.height, self.width)
        } else {
            (self.width, self.height)
        }
    }
}

/// The nearest even number.
fn even(value: f64) -> u32 {
    // A half is rounded down: the smaller picture never needs a pixel that is not there.
    ((value / 2.0 - 0.001).round().max(0.0) * 2.0) as u32
}

/// The nearest even number that does not need more than there is.
fn even_within(value: f64, available: f64) -> u32 {
    let nearest = even(value);
    if f64::from(nearest) > available {
        nearest - 2
    } else {
        nearest
    }
}

fn even_down(value: f64) -> f64 {
    (value / 2.0).floor().max(0.0) * 2.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn hd() -> Picture {
        Picture {
            width: 1280,
            height: 720,
            pixel_aspect: (1, 1),
            rotation: 0,
        }
    }

    fn size(picture: Picture, framing: Framing) -> (u32, u32) {
        let layout = picture.layout(framing).unwrap();
        (layout.width, layout.height)
    }

    #[test]
    fn nothing_is_enlarged_and_every_side_is_even() {
        assert_eq!(size(hd(), Framing::new(Aspect::Portrait)), (404, 720));
        assert_eq!(size(hd(), Framing::new(Aspect::Square)), (720, 720));
        assert_eq!(size(hd(), Framing::new(Aspect::Landscape)), (1280, 720));
        assert_eq!(size(hd(), Framing::default()), (1280, 720));
        let odd = Picture {
            width: 641,
            height: 359,
            ..hd()
        };
        assert_eq!(size(odd, Framing::default()), (640, 358));
    }

    #[test]
    fn a_height_may_enlarge() {
        assert_eq!(
            size(hd(), Framing::new(Aspect::Portrait).height(1280)),
            (720, 1280)
        );
    }

    #[test]
    fn a_turned_picture_is_measured_as_shown() {
        let turned = Picture {
            rotation: 90,
            ..hd()
        };
        assert_eq!(turned.display_size(), (720, 1280));
        let layout = turned.layout(Framing::new(Aspect::Square)).unwrap();
        assert_eq!((layout.width, layout.height), (720, 720));
        assert_eq!((layout.crop.left, layout.crop.top), (280.0, 0.0));
    }

    #[test]
    fn pixel_aspect_stretches_the_width() {
        let anamorphic = Picture {
            width: 720,
            height: 576,
            pixel_aspect: (64, 45),
            rotation: 0,
        };
        assert_eq!(anamorphic.display_size(), (1024, 576));
        assert_eq!(
            size(anamorphic, Framing::new(Aspect::Landscape)),
            (1024, 576)
        );
    }

    #[test]
    fn absurd_sizes_are_refused() {
        let error = hd()
            .layout(Framing::new(Aspect::Landscape).height(9000))
            .unwrap_err();
        assert!(error.is_invalid());
        assert!(error.to_string().contains("16000x9000"));
    }
}
