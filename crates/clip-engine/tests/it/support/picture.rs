//! Pictures that say which one they are: a grid of four by four cells in the middle, black or white,
//! that spell thirteen bits of a number and three of a checksum. It survives scaling and encoding.

/// A picture to be encoded: 8-bit 4:2:0, planes one after the other.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub data: Vec<u8>,
}

impl Picture {
    /// Picture number `number`; the cells are an eighth of `height` wide and high.
    pub fn numbered(width: usize, height: usize, number: usize) -> Self {
        let cell = height / 8;
        let (left, top) = (width / 2 - 2 * cell, height / 2 - 2 * cell);
        let bits = code(number);
        let mut data: Vec<u8> = (0..width * height)
            .map(|at| 60 + ((at % width + 2 * (at / width) + 3 * number) % 80) as u8)
            .collect();
        for index in 0..16 {
            let value = if bits >> (15 - index) & 1 == 1 {
                225
            } else {
                25
            };
            let (row, column) = (index / 4, index % 4);
            for y in top + row * cell..top + (row + 1) * cell {
                let start = y * width + left + column * cell;
                data[start..start + cell].fill(value);
            }
        }
        let colour = width / 2 * (height / 2);
        data.extend(std::iter::repeat_n(118, colour));
        data.extend(std::iter::repeat_n(138, colour));
        Self {
            width,
            height,
            data,
        }
    }
}

impl openh264::formats::YUVSource for Picture {
    fn dimensions(&self) -> (usize, usize) {
        (self.width, self.height)
    }
    fn strides(&self) -> (usize, usize, usize) {
        (self.width, self.width / 2, self.width / 2)
    }
    fn y(&self) -> &[u8] {
        &self.data[..self.width * self.height]
    }
    fn u(&self) -> &[u8] {
        &self.data[self.width * self.height..][..self.width * self.height / 4]
    }
    fn v(&self) -> &[u8] {
        &self.data[self.width * self.height * 5 / 4..]
    }
}

fn code(number: usize) -> usize {
    assert!(number < 1 << 13, "the code has thirteen bits");
    (number << 3) | ((number * 5 + 3) % 8)
}

/// A decoded picture's brightness.
#[derive(Clone)]
pub struct Luma {
    pub width: usize,
    pub height: usize,
    pub data: Vec<u8>,
}

impl Luma {
    /// The number of the picture, whose cells have this size now; `None` where the checksum is wrong.
    pub fn number(&self, cell_width: f64, cell_height: f64) -> Option<usize> {
        let cells = |row: usize, column: usize| {
            let x = self.width as f64 / 2.0 + (column as f64 - 1.5) * cell_width;
            let y = self.height as f64 / 2.0 + (row as f64 - 1.5) * cell_height;
            self.brightness(x, y, cell_width.min(cell_height) / 4.0)
        };
        let mut bits = 0;
        for index in 0..16 {
            bits = bits << 1 | usize::from(cells(index / 4, index % 4) > 125.0);
        }
        let number = bits >> 3;
        (code(number) == bits).then_some(number)
    }

    fn brightness(&self, x: f64, y: f64, radius: f64) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for row in (y - radius) as usize..=(y + radius) as usize {
            for column in (x - radius) as usize..=(x + radius) as usize {
                sum += f64::from(self.data[row * self.width + column]);
                count += 1.0;
            }
        }
        sum / count
    }

    /// Turns the picture clockwise by this many quarters.
    pub fn turned(&self, quarters: usize) -> Self {
        let mut turned = self.clone();
        for _ in 0..quarters {
            let (width, height) = (turned.width, turned.height);
            let data = (0..width * height)
                .map(|at| {
                    let (x, y) = (at % height, at / height);
                    turned.data[(height - 1 - x) * width + y]
                })
                .collect();
            turned = Self {
                width: height,
                height: width,
                data,
            };
        }
        turned
    }
}
