//! The vendor's names of caption styles, and looks to go with them. The names are the vendor's, the
//! looks our own: what its styles look like is published nowhere.

use clip_engine::{CaptionStyle, Rgb};

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

/// The look of a style; unknown names and none at all have the default one, as at the vendor.
pub(super) fn named(name: Option<&str>) -> CaptionStyle {
    match name.unwrap_or_default() {
        "subtle_gray" => outline([215, 215, 215], BLACK).small(),
        "shadow_mint" => outline([170, 255, 215], BLACK).thick(),
        "subtle_cyan" => outline([160, 240, 255], BLACK).small(),
        "stamp_red" => boxed(WHITE, [200, 25, 30]).loud(),
        "retro_gold" => outline([255, 205, 70], [90, 45, 0]).thick(),
        "block_dark" => boxed(WHITE, [15, 15, 20]),
        "racing" => boxed(BLACK, [255, 214, 0]).loud(),
        "modern_dark" => boxed([235, 235, 235], [30, 30, 36]).small(),
        "modern_boxed" => boxed([20, 20, 24], WHITE),
        "chunky" => outline(WHITE, BLACK).thick().loud(),
        "clean" => outline(WHITE, [60, 60, 60]).small(),
        "shadow_lime" => outline([200, 255, 60], BLACK).thick(),
        "tag_yellow" => boxed(BLACK, [255, 230, 60]),
        "pop_purple" => outline([205, 130, 255], [45, 0, 80]).loud(),
        "spotlight" => outline([255, 245, 200], BLACK).thick(),
        "exotic" => outline([255, 120, 180], [50, 0, 60]),
        "golden" => outline([255, 215, 90], BLACK),
        "simple" => outline(WHITE, BLACK).small(),
        "pop_single" => outline([255, 235, 0], BLACK).loud(),
        "energy" => outline([255, 130, 0], BLACK).loud(),
        "bold" => outline(WHITE, BLACK).loud(),
        "elegant" => outline([250, 240, 225], [60, 45, 30]).small(),
        "neon_pink" => outline([255, 60, 200], [50, 0, 50]).thick(),
        _ => return CaptionStyle::default(),
    }
    .0
}

struct Look(CaptionStyle);

fn outline(fill: Rgb, edge: Rgb) -> Look {
    Look(CaptionStyle {
        fill,
        edge,
        ..CaptionStyle::default()
    })
}

fn boxed(fill: Rgb, edge: Rgb) -> Look {
    Look(CaptionStyle {
        fill,
        edge,
        outline: 0.0,
        box_opacity: 0.85,
        ..CaptionStyle::default()
    })
}

impl Look {
    fn small(self) -> Self {
        Self(CaptionStyle {
            size: self.0.size * 0.85,
            ..self.0
        })
    }

    fn thick(self) -> Self {
        Self(CaptionStyle {
            outline: self.0.outline * 1.5,
            ..self.0
        })
    }

    fn loud(self) -> Self {
        Self(CaptionStyle {
            uppercase: true,
            size: self.0.size * 1.1,
            ..self.0
        })
    }
}
