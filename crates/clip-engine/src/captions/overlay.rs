//! Words as cover: how they are drawn, outlined and boxed pixel by pixel, and laid over a picture. Knows nothing of text.

use super::{CaptionStyle, Rgb};
use crate::embedded::{Picture420, Plane};

/// Drawn words: how much of the edge's and of the fill's colour covers each pixel.
pub(crate) struct Overlay {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(super) edge: Vec<u8>,
    pub(super) fill: Vec<u8>,
}

impl Overlay {
    /// The words as red, green, blue and cover, four bytes a pixel.
    pub(crate) fn rgba(&self, style: &CaptionStyle) -> Vec<u8> {
        let mut pixels = Vec::with_capacity(self.fill.len() * 4);
        for (&edge, &fill) in self.edge.iter().zip(&self.fill) {
            let (edge, fill) = (f32::from(edge) / 255.0, f32::from(fill) / 255.0);
            let cover = fill + edge * (1.0 - fill);
            for channel in 0..3 {
                let mixed = f32::from(style.fill[channel]) * fill
                    + f32::from(style.edge[channel]) * edge * (1.0 - fill);
                pixels.push((mixed / cover.max(0.001)).round().min(255.0) as u8);
            }
            pixels.push((cover * 255.0).round() as u8);
        }
        pixels
    }

    /// Draws the words into a picture.
    pub(super) fn blend(&self, picture: &mut Picture420, style: &CaptionStyle) {
        let fill = yuv(style.fill);
        let edge = yuv(style.edge);
        let [luma, blue, red] = &mut picture.planes;
        for y in 0..self.height {
            let row = (self.top + y) * luma.width + self.left;
            for x in 0..self.width {
                let at = y * self.width + x;
                if self.edge[at] > 0 || self.fill[at] > 0 {
                    let pixel = &mut luma.data[row + x];
                    *pixel = mix(mix(*pixel, edge[0], self.edge[at]), fill[0], self.fill[at]);
                }
            }
        }
        for (plane, channel) in [(blue, 1), (red, 2)] {
            self.blend_colour(plane, edge[channel], fill[channel]);
        }
    }

    fn blend_colour(&self, plane: &mut Plane, edge: u8, fill: u8) {
        let average = |cover: &[u8], x: usize, y: usize| {
            let sum: u32 = [(0, 0), (1, 0), (0, 1), (1, 1)]
                .iter()
                .map(|(dx, dy)| u32::from(cover[(2 * y + dy) * self.width + 2 * x + dx]))
                .sum();
            (sum / 4) as u8
        };
        for y in 0..self.height / 2 {
            for x in 0..self.width / 2 {
                let (edge_cover, fill_cover) =
                    (average(&self.edge, x, y), average(&self.fill, x, y));
                if edge_cover > 0 || fill_cover > 0 {
                    let at = (self.top / 2 + y) * plane.width + self.left / 2 + x;
                    let pixel = &mut plane.data[at];
                    *pixel = mix(mix(*pixel, edge, edge_cover), fill, fill_cover);
                }
            }
        }
    }
}

/// Lays a glyph's cover over what is there already.
pub(super) fn stamp(
    area: &mut [u8],
    (width, height): (usize, usize),
    at: (i32, i32),
    glyph_width: u32,
    covered: impl Iterator<Item = u8>,
) {
    for (index, cover) in covered.enumerate() {
        let x = at.0 + (index % glyph_width as usize) as i32;
        let y = at.1 + (index / glyph_width as usize) as i32;
        if (0..width as i32).contains(&x) && (0..height as i32).contains(&y) {
            let pixel = &mut area[y as usize * width + x as usize];
            *pixel = (*pixel).max(cover);
        }
    }
}

/// The words made fatter by a round brush.
pub(super) fn dilated(fill: &[u8], width: usize, height: usize, radius: i32) -> Vec<u8> {
    if radius == 0 {
        return vec![0; fill.len()];
    }
    let reach = |dy: i32| f64::from(radius * radius - dy * dy).sqrt().round() as usize;
    let mut edge = vec![0; fill.len()];
    for dy in -radius..=radius {
        let reach = reach(dy);
        for y in 0..height as i32 {
            let from = y + dy;
            if !(0..height as i32).contains(&from) {
                continue;
            }
            let source = &fill[from as usize * width..][..width];
            let target = &mut edge[y as usize * width..][..width];
            for (x, _) in source.iter().enumerate().filter(|(_, cover)| **cover > 0) {
                let cover = source[x];
                let span = x.saturating_sub(reach)..(x + reach + 1).min(width);
                for pixel in &mut target[span] {
                    *pixel = (*pixel).max(cover);
                }
            }
        }
    }
    edge
}

/// One box around all the words.
pub(super) fn boxed(
    fill: &[u8],
    width: usize,
    height: usize,
    margin: usize,
    opacity: f32,
) -> Vec<u8> {
    let cover = (opacity.clamp(0.0, 1.0) * 255.0) as u8;
    let mut edge = vec![0; fill.len()];
    let used = |x: &usize| (0..height).any(|y| fill[y * width + x] > 0);
    let (Some(left), Some(right)) = ((0..width).find(used), (0..width).rfind(used)) else {
        return edge;
    };
    let half = margin / 2;
    let columns = left.saturating_sub(half)..(right + half + 1).min(width);
    for y in half..height - half {
        edge[y * width..][columns.clone()].fill(cover);
    }
    edge
}

fn mix(under: u8, over: u8, cover: u8) -> u8 {
    let cover = u32::from(cover);
    ((u32::from(under) * (255 - cover) + u32::from(over) * cover + 127) / 255) as u8
}

/// Video-range BT.709.
fn yuv([red, green, blue]: Rgb) -> [u8; 3] {
    let (r, g, b) = (f32::from(red), f32::from(green), f32::from(blue));
    let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    [
        (16.0 + luma * 219.0 / 255.0).round() as u8,
        (128.0 + (b - luma) / 1.8556 * 224.0 / 255.0).round() as u8,
        (128.0 + (r - luma) / 1.5748 * 224.0 / 255.0).round() as u8,
    ]
}
