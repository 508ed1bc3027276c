//! Draws captions into pictures: which words at which time, wrapped to the picture's width, with an
//! outline or a box behind them.
//!
//! Shaping, bidirectional text and wrapping are cosmic-text's. A bold font is compiled in, so that
//! nothing need be installed; the system's fonts are looked at only for signs which that one lacks.

mod overlay;

use cosmic_text::{
    Align, Attrs, Buffer, Family, FontSystem, Metrics, Shaping, SwashCache, Weight, fontdb,
};
use serde::{Deserialize, Serialize};

use crate::embedded::Picture420;
use crate::transcript::{Cue, Transcript};
pub(crate) use overlay::Overlay;
use overlay::{boxed, dilated, stamp};

/// The font that is compiled in.
const FONT: &[u8] = include_bytes!("../../fonts/DejaVuSansCondensed-Bold.ttf");
const FAMILY: &str = "DejaVu Sans";
/// Words take at most this share of the picture's width.
const TEXT_WIDTH: f32 = 0.88;
/// More lines than this at once cover the picture; a longer cue is shown in parts.
const LINES_AT_ONCE: usize = 2;

/// Red, green and blue.
pub type Rgb = [u8; 3];

/// How captions look. The default is white with a black outline.
///
/// ```
/// use clip_engine::CaptionStyle;
/// let style = CaptionStyle { fill: [255, 225, 0], uppercase: true, ..CaptionStyle::default() };
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaptionStyle {
    /// Colour of the words.
    pub fill: Rgb,
    /// Colour of the outline, or of the box where there is one.
    pub edge: Rgb,
    /// Width of the outline as a share of the size of the words; 0 for none.
    pub outline: f32,
    /// How much a box behind the words covers, from 0 (no box) to 1.
    pub box_opacity: f32,
    /// Size of the words as a share of the picture's smaller side.
    pub size: f32,
    /// Distance of the words from the lower edge as a share of the picture's height.
    pub bottom: f32,
    /// Whether the words are written in capitals.
    pub uppercase: bool,
}

impl Default for CaptionStyle {
    fn default() -> Self {
        Self {
            fill: [255, 255, 255],
            edge: [0, 0, 0],
            outline: 0.11,
            box_opacity: 0.0,
            size: 0.072,
            bottom: 0.12,
            uppercase: false,
        }
    }
}

/// Lays the cues of a source out for one picture size and draws them.
pub(crate) struct Burner {
    pages: Vec<Page>,
    writer: Writer,
    /// The page that was drawn last, and its picture.
    current: Option<(usize, Overlay)>,
}

/// Words that are shown together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page {
    pub(crate) start_seconds: f64,
    pub(crate) end_seconds: f64,
    pub(crate) text: String,
}

struct Writer {
    fonts: FontSystem,
    cache: SwashCache,
    style: CaptionStyle,
    width: usize,
    height: usize,
    size: f32,
}

impl Burner {
    /// Lays out `cues`, whose times are the source's.
    pub(crate) fn new(cues: &Transcript, style: &CaptionStyle, width: u32, height: u32) -> Self {
        let mut writer = Writer::new(style.clone(), width as usize, height as usize);
        let pages = cues.cues.iter().flat_map(|cue| writer.pages(cue)).collect();
        Self {
            pages,
            writer,
            current: None,
        }
    }

    /// The words over time, for a backend that lays them over by itself.
    pub(crate) fn pages(&self) -> &[Page] {
        &self.pages
    }

    pub(crate) fn style(&self) -> &CaptionStyle {
        &self.writer.style
    }

    /// Draws one page.
    pub(crate) fn overlay(&mut self, page: usize) -> Overlay {
        self.writer.draw(&self.pages[page].text)
    }

    /// Draws into a picture what is said at this time of the source.
    pub(crate) fn draw(&mut self, picture: &mut Picture420, seconds: f64) {
        let page = self
            .pages
            .iter()
            .rposition(|page| page.start_seconds <= seconds && seconds < page.end_seconds);
        let Some(page) = page else {
            return;
        };
        let overlay = match self.current.take() {
            Some((shown, overlay)) if shown == page => overlay,
            _ => self.overlay(page),
        };
        overlay.blend(picture, &self.writer.style);
        self.current = Some((page, overlay));
    }
}

impl Writer {
    fn new(style: CaptionStyle, width: usize, height: usize) -> Self {
        let size = (width.min(height) as f32 * style.size.clamp(0.01, 0.5)).max(8.0);
        Self {
            fonts: fonts(false),
            cache: SwashCache::new(),
            style,
            width,
            height,
            size,
        }
    }

    /// Splits a cue into what fits on the screen at once; each part gets its share of the time.
    fn pages(&mut self, cue: &Cue) -> Vec<Page> {
        let text = self.reflow(&cue.text);
        let mut lines = self.lines(&text);
        if lines.iter().any(|line| line.missing) {
            // Once for all cues: the system's fonts stay loaded.
            self.fonts = fonts(true);
            lines = self.lines(&text);
        }
        let parts: Vec<String> = lines
            .chunks(LINES_AT_ONCE)
            .map(|lines| {
                let lines: Vec<&str> = lines.iter().map(|line| line.text.trim()).collect();
                lines.join("\n")
            })
            .filter(|part| !part.trim().is_empty())
            .collect();
        let letters: usize = parts.iter().map(|part| part.chars().count()).sum();
        let length = cue.end_seconds - cue.start_seconds;
        let mut before = 0;
        parts
            .into_iter()
            .map(|text| {
                let share = |letters_before: usize| {
                    cue.start_seconds + length * letters_before as f64 / letters.max(1) as f64
                };
                let start_seconds = share(before);
                before += text.chars().count();
                Page {
                    start_seconds,
                    end_seconds: share(before),
                    text,
                }
            })
            .collect()
    }

    /// One line of text a speaker; where a line breaks is up to the picture's width.
    fn reflow(&self, text: &str) -> String {
        let mut flowing = String::with_capacity(text.len());
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if !flowing.is_empty() {
                flowing.push(if line.starts_with(['-', '–', '—']) {
                    '\n'
                } else {
                    ' '
                });
            }
            flowing.push_str(line);
        }
        if self.style.uppercase {
            flowing.to_uppercase()
        } else {
            flowing
        }
    }

    fn lines(&mut self, text: &str) -> Vec<Line> {
        let buffer = self.shape(text);
        buffer
            .layout_runs()
            .map(|run| {
                let start = run
                    .glyphs
                    .iter()
                    .map(|glyph| glyph.start)
                    .min()
                    .unwrap_or(0);
                let end = run.glyphs.iter().map(|glyph| glyph.end).max().unwrap_or(0);
                Line {
                    text: run.text.get(start..end).unwrap_or_default().to_owned(),
                    missing: run.glyphs.iter().any(|glyph| glyph.glyph_id == 0),
                }
            })
            .collect()
    }

    fn shape(&mut self, text: &str) -> Buffer {
        let metrics = Metrics::new(self.size, self.line_height());
        let mut buffer = Buffer::new(&mut self.fonts, metrics);
        buffer.set_size(Some(self.width as f32 * TEXT_WIDTH), None);
        let attributes = Attrs::new()
            .family(Family::Name(FAMILY))
            .weight(Weight::BOLD);
        buffer.set_text(text, &attributes, Shaping::Advanced, Some(Align::Center));
        buffer.shape_until_scroll(&mut self.fonts, false);
        buffer
    }

    fn line_height(&self) -> f32 {
        (self.size * 1.25).ceil()
    }

    fn draw(&mut self, text: &str) -> Overlay {
        let buffer = self.shape(text);
        let lines = buffer.layout_runs().count();
        let radius = (self.size * self.style.outline.clamp(0.0, 0.5)).round();
        let margin = (radius + self.size * 0.35).ceil();
        let text_height = lines as f32 * self.line_height();
        // Even, as the colour planes have half the size.
        let area_w = even(self.width as f32 * TEXT_WIDTH + 2.0 * margin).min(self.width);
        let area_h = even(text_height + 2.0 * margin).min(self.height);
        let mut fill = vec![0; area_w * area_h];
        let side = (area_w as f32 - self.width as f32 * TEXT_WIDTH) / 2.0;
        for run in buffer.layout_runs() {
            for glyph in run.glyphs {
                let physical = glyph.physical((side, margin + run.line_y), 1.0);
                let image = self.cache.get_image(&mut self.fonts, physical.cache_key);
                if let Some(image) = image {
                    let at = (
                        physical.x + image.placement.left,
                        physical.y - image.placement.top,
                    );
                    let step = if image.placement.width * image.placement.height
                        == image.data.len() as u32
                    {
                        1
                    } else {
                        4
                    };
                    // In a coloured sign the last of four bytes says how much is covered.
                    let covered = image.data.iter().skip(step - 1).step_by(step).copied();
                    stamp(
                        &mut fill,
                        (area_w, area_h),
                        at,
                        image.placement.width,
                        covered,
                    );
                }
            }
        }
        let edge = if self.style.box_opacity > 0.0 {
            boxed(
                &fill,
                area_w,
                area_h,
                margin as usize,
                self.style.box_opacity,
            )
        } else {
            dilated(&fill, area_w, area_h, radius as i32)
        };
        let bottom = self.height as f32 * (1.0 - self.style.bottom.clamp(0.0, 1.0));
        let top = (bottom - area_h as f32 + margin).max(0.0) as usize;
        Overlay {
            left: ((self.width - area_w) / 2) & !1,
            top: top.min(self.height - area_h) & !1,
            width: area_w,
            height: area_h,
            edge,
            fill,
        }
    }
}

struct Line {
    text: String,
    missing: bool,
}

fn fonts(with_system: bool) -> FontSystem {
    let mut database = fontdb::Database::new();
    database.load_font_data(FONT.to_vec());
    database.set_sans_serif_family(FAMILY);
    if with_system {
        database.load_system_fonts();
    }
    // A fixed locale: the same words look the same on every machine.
    FontSystem::new_with_locale_and_db("en".to_owned(), database)
}

fn even(value: f32) -> usize {
    (value / 2.0).ceil() as usize * 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::Plane;

    fn cue(text: &str) -> Cue {
        Cue {
            start_seconds: 2.0,
            end_seconds: 6.0,
            text: text.to_owned(),
        }
    }

    fn grey(width: usize, height: usize) -> Picture420 {
        let plane = |width, height, value| Plane {
            width,
            height,
            data: vec![value; width * height],
        };
        Picture420 {
            planes: [
                plane(width, height, 90),
                plane(width / 2, height / 2, 128),
                plane(width / 2, height / 2, 128),
            ],
        }
    }

    #[test]
    fn a_long_cue_is_shown_in_parts_that_share_its_time() {
        let long = "one two three four five six seven eight nine ten eleven twelve thirteen \
                    fourteen fifteen sixteen";
        let burner = Burner::new(
            &Transcript::new(vec![cue(long)]),
            &CaptionStyle::default(),
            404,
            720,
        );
        let pages = &burner.pages;
        assert!(pages.len() > 1);
        assert_eq!(pages[0].start_seconds, 2.0);
        assert!((pages[pages.len() - 1].end_seconds - 6.0).abs() < 1e-9);
        assert!(pages.iter().all(|page| page.text.lines().count() <= 2));
        let words: Vec<&str> = pages
            .iter()
            .flat_map(|page| page.text.split_whitespace())
            .collect();
        assert_eq!(words.join(" "), long);
    }

    #[test]
    fn words_are_drawn_low_in_the_middle_with_an_outline_while_they_are_said() {
        let mut burner = Burner::new(
            &Transcript::new(vec![cue("Hello")]),
            &CaptionStyle::default(),
            360,
            640,
        );
        let mut picture = grey(360, 640);
        burner.draw(&mut picture, 1.99);
        burner.draw(&mut picture, 6.0);
        assert_eq!(picture, grey(360, 640));

        burner.draw(&mut picture, 2.0);
        let luma = &picture.planes[0];
        let changed: Vec<usize> = (0..luma.data.len())
            .filter(|&at| luma.data[at] != 90)
            .collect();
        let rows = changed[0] / 360..=changed[changed.len() - 1] / 360;
        assert!(*rows.start() > 500 && *rows.end() < 570, "{rows:?}");
        assert!(luma.data.contains(&235), "white words");
        assert!(luma.data.contains(&16), "black outline");
        let columns: Vec<usize> = changed.iter().map(|at| at % 360).collect();
        let middle = (columns.iter().min().unwrap_or(&0) + columns.iter().max().unwrap_or(&0)) / 2;
        assert!((175..=185).contains(&middle), "{middle}");
    }

    #[test]
    fn a_box_covers_the_picture_behind_the_words() {
        let style = CaptionStyle {
            box_opacity: 1.0,
            outline: 0.0,
            ..CaptionStyle::default()
        };
        let mut burner = Burner::new(&Transcript::new(vec![cue("Hi")]), &style, 360, 640);
        let overlay = burner.overlay(0);
        let opaque = overlay.edge.iter().filter(|&&cover| cover == 255).count();
        let white = overlay.fill.iter().filter(|&&cover| cover > 0).count();
        assert!(opaque > 2 * white && white > 0);
    }
}
