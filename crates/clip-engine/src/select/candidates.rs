//! Where a moment may begin and end, and what each one's features are.

use super::analysis::Analysis;
use super::text::{Relevance, Sentence, is_striking, sentences, terms};
use super::{ClipLength, Feature};
use crate::transcript::Transcript;

/// Without any boundary in the source, moments may begin every so many seconds.
const GRID_SECONDS: f64 = 2.0;
/// As far from a pause or scene change a boundary may be to count as being at it.
const NEAR_SECONDS: f64 = 0.35;
/// A little of the silence around words, so that none is clipped.
const BREATH_SECONDS: f64 = 0.15;
/// More boundaries than this in a day-long source are thinned out.
const MOST_BOUNDARIES: usize = 3000;
const LONGEST_LABEL: usize = 60;

/// A possible moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) features: Vec<Feature>,
}

impl Candidate {
    pub(super) fn score(&self) -> f64 {
        let weight: f64 = self.features.iter().map(|feature| feature.weight).sum();
        let sum: f64 = self
            .features
            .iter()
            .map(|feature| feature.value * feature.weight)
            .sum();
        if weight > 0.0 { sum / weight } else { 0.0 }
    }
}

/// Scores moments of one source.
pub(super) struct Scorer<'a> {
    analysis: &'a Analysis,
    pauses: Vec<(f64, f64)>,
    quiet: f32,
    loud: f32,
    /// Before each level: how many count as speech, and their sum in decibels.
    totals: Vec<(u32, f64)>,
    sentences: Vec<Sentence>,
    relevance: Option<Relevance>,
    most_relevant: f64,
    starts: Vec<f64>,
    ends: Vec<f64>,
}

impl<'a> Scorer<'a> {
    pub(super) fn new(
        analysis: &'a Analysis,
        transcript: Option<&Transcript>,
        instruction: Option<&str>,
    ) -> Self {
        let sentences = transcript.map(sentences).unwrap_or_default();
        let relevance = instruction.and_then(|text| Relevance::new(&sentences, text));
        let most_relevant = relevance.as_ref().map_or(0.0, |relevance| {
            let runs = (0..sentences.len()).flat_map(|from| {
                (from + 1..=sentences.len().min(from + 8)).map(move |to| (from, to))
            });
            runs.map(|(from, to)| relevance.score(from, to))
                .fold(0.0, f64::max)
        });
        let mut scorer = Self {
            pauses: analysis.pauses(),
            totals: totals(analysis),
            quiet: analysis.percentile(0.1),
            loud: analysis.percentile(0.95),
            analysis,
            sentences,
            relevance,
            most_relevant,
            starts: Vec::new(),
            ends: Vec::new(),
        };
        (scorer.starts, scorer.ends) = scorer.boundaries();
        scorer
    }

    /// Whether any word of the instruction occurs in the transcript.
    pub(super) fn knows_relevance(&self) -> bool {
        self.relevance.is_some()
    }

    /// Where moments may begin, and where they may end.
    fn boundaries(&self) -> (Vec<f64>, Vec<f64>) {
        let duration = self.analysis.duration_seconds;
        let (mut starts, mut ends): (Vec<f64>, Vec<f64>) = if self.sentences.is_empty() {
            let scenes = self.analysis.scenes.iter().copied();
            (
                self.pauses
                    .iter()
                    .map(|pause| pause.1 - BREATH_SECONDS)
                    .chain(scenes.clone())
                    .collect(),
                self.pauses
                    .iter()
                    .map(|pause| pause.0 + BREATH_SECONDS)
                    .chain(scenes)
                    .collect(),
            )
        } else {
            self.around_sentences()
        };
        // Sparse boundaries, or none: a plain grid in between, which scores less by its features.
        if starts.len() < 2 || (starts.len() as f64) < duration / 30.0 {
            let steps = (duration / GRID_SECONDS) as usize;
            let grid = (0..=steps).map(|step| step as f64 * GRID_SECONDS);
            starts.extend(grid.clone());
            ends.extend(grid);
        }
        starts.push(0.0);
        ends.push(duration);
        for times in [&mut starts, &mut ends] {
            times
                .iter_mut()
                .for_each(|time| *time = time.clamp(0.0, duration));
            times.sort_by(f64::total_cmp);
            times.dedup_by(|a, b| (*a - *b).abs() < 0.05);
            let step = times.len().div_ceil(MOST_BOUNDARIES);
            if step > 1 {
                *times = times.iter().copied().step_by(step).collect();
            }
        }
        (starts, ends)
    }

    /// Just before each sentence and just after it, but not into its neighbours.
    fn around_sentences(&self) -> (Vec<f64>, Vec<f64>) {
        let mut starts = Vec::new();
        let mut ends = Vec::new();
        let duration = self.analysis.duration_seconds;
        for (index, sentence) in self.sentences.iter().enumerate() {
            let before = index
                .checked_sub(1)
                .map_or(0.0, |index| self.sentences[index].end);
            let after = self
                .sentences
                .get(index + 1)
                .map_or(duration, |next| next.start);
            starts.push(
                (sentence.start - BREATH_SECONDS)
                    .max(before)
                    .min(sentence.start),
            );
            ends.push(
                (sentence.end + BREATH_SECONDS * 2.0)
                    .min(after)
                    .max(sentence.end),
            );
        }
        (starts, ends)
    }

    /// All candidates of this length inside the gap.
    pub(super) fn candidates(
        &self,
        (from, to): (f64, f64),
        wish: ClipLength,
    ) -> impl Iterator<Item = Candidate> + '_ {
        let inside = |times: &[f64], low: f64, high: f64| {
            let first = times.partition_point(|&time| time < low);
            first..times.partition_point(|&time| time <= high).max(first)
        };
        let starts = inside(&self.starts, from, to - wish.min_seconds);
        self.starts[starts].iter().flat_map(move |&start| {
            let low = start + wish.min_seconds;
            let high = (start + wish.max_seconds).min(to);
            let ends = inside(&self.ends, low - 1e-6, high);
            let found = self.ends[ends].iter().copied();
            // A start without a fitting end still gives a moment of the best length.
            let forced = (start + wish.target_seconds).min(to);
            let forced = (forced >= low - 1e-6).then_some(forced);
            found
                .chain(forced)
                .map(move |end| self.score(start, end, wish))
        })
    }

    /// The features of one moment.
    pub(super) fn score(&self, start: f64, end: f64, wish: ClipLength) -> Candidate {
        let mut features = Vec::new();
        let mut feature = |name: &str, value: f64, weight: f64| {
            features.push(Feature {
                name: name.to_owned(),
                value: value.clamp(0.0, 1.0),
                weight,
            });
        };
        if let Some((speech, mean)) = self.sound(start, end) {
            feature("speech", speech, 2.0);
            let range = f64::from(self.loud - self.quiet).max(6.0);
            feature("loudness", (mean - f64::from(self.quiet)) / range, 1.0);
            feature(
                "opens_after_pause",
                self.at_pause(start, |pause| pause.1),
                1.0,
            );
            feature("closes_at_pause", self.at_pause(end, |pause| pause.0), 1.0);
        }
        let near_scene = |time: f64| {
            let near = |scene: &&f64| (**scene - time).abs() <= NEAR_SECONDS;
            f64::from(u8::from(
                self.analysis.scenes.iter().any(|scene| near(&scene)),
            ))
        };
        feature("starts_at_scene", near_scene(start), 0.5);
        let off = (end - start - wish.target_seconds).abs() / wish.target_seconds.max(0.1);
        feature("length", 1.0 - off, 1.0);
        if !self.sentences.is_empty() {
            self.text_features(start, end, &mut feature);
        }
        Candidate {
            start,
            end,
            features,
        }
    }

    /// The share of speech and the mean loudness of a moment.
    fn sound(&self, start: f64, end: f64) -> Option<(f64, f64)> {
        let levels = self.analysis.level_indices(start, end);
        if levels.is_empty() {
            return None;
        }
        let (before, after) = (self.totals[levels.start], self.totals[levels.end]);
        let count = levels.len() as f64;
        Some((
            f64::from(after.0 - before.0) / count,
            (after.1 - before.1) / count,
        ))
    }

    fn text_features(&self, start: f64, end: f64, feature: &mut impl FnMut(&str, f64, f64)) {
        let run = self.run(start, end);
        let said = &self.sentences[run.clone()];
        let words: usize = said
            .iter()
            .map(|sentence| terms(&sentence.text).len())
            .sum();
        // Three words a second is brisk speech.
        feature("density", words as f64 / (end - start).max(0.1) / 3.0, 1.0);
        let striking = said
            .iter()
            .filter(|sentence| is_striking(&sentence.text))
            .count();
        feature("striking", striking as f64 / said.len().max(1) as f64, 0.7);
        let cut = |time: f64| {
            let inside =
                |sentence: &&Sentence| sentence.start + 0.2 < time && time < sentence.end - 0.2;
            self.sentences.iter().any(|sentence| inside(&sentence))
        };
        let whole = 2 - usize::from(cut(start)) - usize::from(cut(end));
        feature("whole_sentences", whole as f64 / 2.0, 1.5);
        if let Some(relevance) = &self.relevance {
            let score = relevance.score(run.start, run.end);
            feature("relevance", score / self.most_relevant.max(1e-9), 6.0);
        }
    }

    /// The sentences of which more than half is inside.
    fn run(&self, start: f64, end: f64) -> std::ops::Range<usize> {
        let middle = |sentence: &Sentence| (sentence.start + sentence.end) / 2.0;
        let from = self
            .sentences
            .partition_point(|sentence| middle(sentence) < start);
        let to = self
            .sentences
            .partition_point(|sentence| middle(sentence) < end);
        from..to.max(from)
    }

    fn at_pause(&self, time: f64, side: impl Fn(&(f64, f64)) -> f64) -> f64 {
        let duration = self.analysis.duration_seconds;
        let at_edge = time < NEAR_SECONDS || time > duration - NEAR_SECONDS;
        let near = self
            .pauses
            .iter()
            .any(|pause| (side(pause) - time).abs() <= NEAR_SECONDS);
        f64::from(u8::from(at_edge || near))
    }

    /// The first words of a moment, or its place.
    pub(super) fn label(&self, candidate: &Candidate) -> String {
        let run = self.run(candidate.start, candidate.end);
        let Some(first) = self.sentences[run].first() else {
            let seconds = candidate.start as u64;
            return format!("Clip at {}:{:02}", seconds / 60, seconds % 60);
        };
        let mut label = String::new();
        for word in first.text.split_whitespace() {
            if label.chars().count() + word.chars().count() + 1 > LONGEST_LABEL {
                label.push('…');
                break;
            }
            if !label.is_empty() {
                label.push(' ');
            }
            label.push_str(word);
        }
        label
    }
}

fn totals(analysis: &Analysis) -> Vec<(u32, f64)> {
    let threshold = analysis.speech_threshold();
    let mut totals = vec![(0, 0.0)];
    let (mut spoken, mut sum) = (0, 0.0);
    for &level in &analysis.levels {
        spoken += u32::from(level >= threshold);
        sum += f64::from(level);
        totals.push((spoken, sum));
    }
    totals
}
