//! Reads the parts of an H.264 sequence parameter set that decide what can be done with a video:
//! its size, whether it is progressive 8-bit 4:2:0, its pixel aspect and its colours.

use mp4_atom::Colr;

/// What a parameter set says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sps {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) chroma_format: u32,
    pub(super) bit_depth: u32,
    pub(super) progressive: bool,
    pub(super) pixel_aspect: Option<(u32, u32)>,
    pub(super) colour: Option<Colr>,
}

/// Pixel aspects that have a number.
const ASPECTS: [(u32, u32); 16] = [
    (1, 1),
    (12, 11),
    (10, 11),
    (16, 11),
    (40, 33),
    (24, 11),
    (20, 11),
    (32, 11),
    (80, 33),
    (18, 11),
    (15, 11),
    (64, 33),
    (160, 99),
    (4, 3),
    (3, 2),
    (2, 1),
];
const ASPECT_FOLLOWS: u32 = 255;

impl Sps {
    /// Reads a unit that begins with its header byte; `None` where it ends too early.
    pub(super) fn read(unit: &[u8]) -> Option<Self> {
        let unit = without_emulation(unit.get(1..)?);
        let mut bits = Bits {
            bytes: &unit,
            at: 0,
        };
        let profile = bits.take(8)?;
        bits.take(16)?;
        bits.unsigned()?;
        let (mut chroma_format, mut bit_depth) = (1, 8);
        if matches!(
            profile,
            100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 134 | 135 | 138 | 139
        ) {
            chroma_format = bits.unsigned()?;
            if chroma_format == 3 {
                bits.take(1)?;
            }
            let (luma, chroma) = (bits.unsigned()?, bits.unsigned()?);
            bit_depth = 8 + luma.max(chroma).min(8);
            bits.take(1)?;
            if bits.flag()? {
                for list in 0..if chroma_format == 3 { 12 } else { 8 } {
                    if bits.flag()? {
                        bits.skip_scaling_list(if list < 6 { 16 } else { 64 })?;
                    }
                }
            }
        }
        bits.unsigned()?;
        match bits.unsigned()? {
            0 => {
                bits.unsigned()?;
            }
            1 => {
                bits.take(1)?;
                bits.signed()?;
                bits.signed()?;
                for _ in 0..bits.unsigned()?.min(255) {
                    bits.signed()?;
                }
            }
            _ => {}
        }
        bits.unsigned()?;
        bits.take(1)?;
        let width = bits.unsigned()?.checked_add(1)?.checked_mul(16)?;
        let height = bits.unsigned()?.checked_add(1)?.checked_mul(16)?;
        let progressive = bits.flag()?;
        let height = if progressive {
            height
        } else {
            height.checked_mul(2)?
        };
        if !progressive {
            bits.take(1)?;
        }
        bits.take(1)?;
        let (mut cut_width, mut cut_height) = (0, 0);
        if bits.flag()? {
            let (left, right) = (bits.unsigned()?, bits.unsigned()?);
            let (top, bottom) = (bits.unsigned()?, bits.unsigned()?);
            let step = if chroma_format == 1 { 2 } else { 1 };
            let lines = if progressive { step } else { step * 2 };
            cut_width = left.checked_add(right)?.checked_mul(step)?;
            cut_height = top.checked_add(bottom)?.checked_mul(lines)?;
        }
        let mut sps = Self {
            width: width.checked_sub(cut_width)?,
            height: height.checked_sub(cut_height)?,
            chroma_format,
            bit_depth,
            progressive,
            pixel_aspect: None,
            colour: None,
        };
        if bits.flag()? {
            // What a cut-off description leaves unsaid stays unknown.
            let _ = sps.read_usability(&mut bits);
        }
        Some(sps)
    }

    fn read_usability(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        if bits.flag()? {
            let aspect = bits.take(8)?;
            self.pixel_aspect = if aspect == ASPECT_FOLLOWS {
                Some((bits.take(16)?, bits.take(16)?)).filter(|&(h, v)| h > 0 && v > 0)
            } else {
                (aspect as usize)
                    .checked_sub(1)
                    .and_then(|at| ASPECTS.get(at).copied())
            };
        }
        if bits.flag()? {
            bits.take(1)?;
        }
        if bits.flag()? {
            bits.take(3)?;
            let full_range_flag = bits.flag()?;
            if bits.flag()? {
                self.colour = Some(Colr::Nclx {
                    colour_primaries: bits.take(8)? as u16,
                    transfer_characteristics: bits.take(8)? as u16,
                    matrix_coefficients: bits.take(8)? as u16,
                    full_range_flag,
                });
            }
        }
        Some(())
    }
}

/// Takes out the bytes that keep a unit from looking like a start code.
fn without_emulation(unit: &[u8]) -> Vec<u8> {
    let mut plain: Vec<u8> = Vec::with_capacity(unit.len());
    let mut zeros = 0;
    for &byte in unit {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        plain.push(byte);
    }
    plain
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    fn take(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |value, _| Some(value << 1 | u32::from(self.flag()?)))
    }

    /// Exponential-Golomb code.
    fn unsigned(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 30 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.take(zeros)?)
    }

    fn signed(&mut self) -> Option<i64> {
        let code = i64::from(self.unsigned()?);
        Some(if code % 2 == 1 {
            code / 2 + 1
        } else {
            -(code / 2)
        })
    }

    fn skip_scaling_list(&mut self, size: usize) -> Option<()> {
        let (mut last, mut next) = (8_i64, 8_i64);
        for _ in 0..size {
            if next != 0 {
                next = (last + self.signed()? + 256) % 256;
            }
            if next != 0 {
                last = next;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Written by x264 for 70x50 pixels of aspect 4:3, High profile, full-range BT.709.
    const HIGH: [u8; 30] = [
        0x67, 0x64, 0x00, 0x0a, 0xac, 0xd9, 0x45, 0x27, 0x9a, 0x23, 0x0e, 0x6e, 0x02, 0x02, 0x02,
        0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x19, 0x07, 0x89, 0x12, 0xcb, 0x00, 0x00,
    ];

    #[test]
    fn size_aspect_and_colours_are_read() {
        let colour = Colr::new(1, 1, 1, true).unwrap();
        let expected = Sps {
            width: 70,
            height: 50,
            chroma_format: 1,
            bit_depth: 8,
            progressive: true,
            pixel_aspect: Some((4, 3)),
            colour: Some(colour),
        };
        assert_eq!(Sps::read(&HIGH), Some(expected));
    }

    #[test]
    fn a_cut_off_set_is_no_set() {
        for length in 0..8 {
            assert_eq!(Sps::read(&HIGH[..length]), None, "{length}");
        }
    }
}
