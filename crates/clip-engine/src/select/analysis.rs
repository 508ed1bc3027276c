//! What a backend measures in a source, and what follows from the measurements: where it is loud,
//! where somebody pauses, where the picture changes.

use serde::{Deserialize, Serialize};

/// Loudness values in a second.
pub(crate) const LEVELS_PER_SECOND: f64 = 10.0;
/// A pause is at least this long.
const SHORTEST_PAUSE: usize = 3;
/// What counts as silence in every recording, in decibels of full scale.
const SILENCE: f32 = -55.0;

/// Measurements of a source.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Analysis {
    pub(crate) duration_seconds: f64,
    /// Loudness of each tenth of a second, in decibels of full scale; empty without sound.
    pub(crate) levels: Vec<f32>,
    /// Times at which the picture changes, in seconds.
    pub(crate) scenes: Vec<f64>,
    /// What could not be measured.
    pub(crate) notes: Vec<String>,
}

impl Analysis {
    /// Loudness from which on a tenth of a second counts as speech (or another sound that matters).
    pub(crate) fn speech_threshold(&self) -> f32 {
        let quiet = self.percentile(0.1);
        let loud = self.percentile(0.95);
        // Half way between the quiet and the loud parts, in decibels, separates words from pauses;
        // where hardly anything is quiet, everything counts.
        if loud - quiet < 9.0 {
            SILENCE
        } else {
            (quiet + (loud - quiet) * 0.45).max(SILENCE)
        }
    }

    pub(crate) fn percentile(&self, share: f64) -> f32 {
        let mut sorted = self.levels.clone();
        sorted.sort_by(f32::total_cmp);
        let index = (share * sorted.len().saturating_sub(1) as f64) as usize;
        sorted.get(index).copied().unwrap_or(SILENCE)
    }

    /// Quiet stretches of at least 0.3 s: start and end in seconds.
    pub(crate) fn pauses(&self) -> Vec<(f64, f64)> {
        let threshold = self.speech_threshold();
        let mut pauses = Vec::new();
        let mut start = None;
        for index in 0..=self.levels.len() {
            let quiet = self
                .levels
                .get(index)
                .is_some_and(|&level| level < threshold);
            match (quiet, start) {
                (true, None) => start = Some(index),
                (false, Some(from)) => {
                    if index - from >= SHORTEST_PAUSE {
                        pauses.push((
                            from as f64 / LEVELS_PER_SECOND,
                            index as f64 / LEVELS_PER_SECOND,
                        ));
                    }
                    start = None;
                }
                _ => {}
            }
        }
        pauses
    }

    /// Which levels belong to `[start, end)`.
    pub(crate) fn level_indices(&self, start: f64, end: f64) -> std::ops::Range<usize> {
        let index = |seconds: f64| {
            ((seconds * LEVELS_PER_SECOND).round().max(0.0) as usize).min(self.levels.len())
        };
        index(start)..index(end).max(index(start))
    }
}

/// Pictures are compared at this many points across and down.
pub(crate) const POINTS: usize = 24;
/// Mean difference of brightness, of 255, from which on two pictures are of different scenes.
const DIFFERENT: f64 = 18.0;

/// Finds scene changes in a sequence of small grey pictures.
#[derive(Debug, Default)]
pub(crate) struct Scenes {
    before: Option<Vec<u8>>,
    pub(crate) changes: Vec<f64>,
}

impl Scenes {
    /// The next picture: when it is shown, and its brightness at `POINTS` times `POINTS` points.
    pub(crate) fn picture(&mut self, seconds: f64, points: Vec<u8>) {
        if let Some(before) = &self.before {
            let pairs = before.iter().zip(&points);
            let sum: u32 = pairs.map(|(&a, &b)| u32::from(a.abs_diff(b))).sum();
            if f64::from(sum) / points.len().max(1) as f64 > DIFFERENT {
                self.changes.push(seconds);
            }
        }
        self.before = Some(points);
    }
}

/// Turns samples into levels as they arrive.
#[derive(Debug)]
pub(crate) struct Levels {
    per_level: usize,
    sum: f64,
    count: usize,
    levels: Vec<f32>,
}

impl Levels {
    pub(crate) fn new(sample_rate: u32) -> Self {
        Self {
            per_level: (f64::from(sample_rate) / LEVELS_PER_SECOND)
                .round()
                .max(1.0) as usize,
            sum: 0.0,
            count: 0,
            levels: Vec::new(),
        }
    }

    /// A sample from -1 to 1.
    pub(crate) fn push(&mut self, sample: f32) {
        self.sum += f64::from(sample) * f64::from(sample);
        self.count += 1;
        if self.count == self.per_level {
            self.close();
        }
    }

    pub(crate) fn finish(mut self) -> Vec<f32> {
        if self.count * 2 > self.per_level {
            self.close();
        }
        self.levels
    }

    fn close(&mut self) {
        let mean = self.sum / self.count.max(1) as f64;
        self.levels.push((10.0 * (mean + 1e-10).log10()) as f32);
        self.sum = 0.0;
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loudness_is_in_decibels_of_full_scale() {
        let mut levels = Levels::new(100);
        for index in 0..20 {
            levels.push(if index < 10 { 1.0 } else { 0.1 });
        }
        let levels = levels.finish();
        assert_eq!(levels.len(), 2);
        assert!(
            levels[0].abs() < 0.01 && (levels[1] + 20.0).abs() < 0.01,
            "{levels:?}"
        );
    }

    #[test]
    fn a_scene_changes_where_most_of_the_picture_does() {
        let mut scenes = Scenes::default();
        for (seconds, brightness) in [(0.0, 50), (1.0, 55), (2.0, 120), (3.0, 121)] {
            scenes.picture(seconds, vec![brightness; POINTS * POINTS]);
        }
        assert_eq!(scenes.changes, [2.0]);
    }

    #[test]
    fn pauses_are_where_it_is_quiet_for_a_while() {
        let levels = [-20.0; 20]
            .into_iter()
            .chain([-70.0; 5])
            .chain([-20.0; 10])
            .chain([-70.0; 2])
            .chain([-20.0; 3])
            .collect();
        let analysis = Analysis {
            duration_seconds: 4.0,
            levels,
            ..Analysis::default()
        };
        assert_eq!(analysis.pauses(), [(2.0, 2.5)]);
    }
}
