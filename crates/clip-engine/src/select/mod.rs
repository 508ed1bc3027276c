//! Chooses moments without a model: every candidate gets a score that is a plain weighted sum of
//! features, and each chosen moment carries them, so that anyone can see why it was chosen.
//!
//! Candidates begin and end where something begins and ends: at sentences where there is a
//! transcript, otherwise at pauses and scene changes. The best one is taken, then the best that does
//! not overlap it, and so on. The same input always gives the same moments.

mod analysis;
mod candidates;
mod text;

use serde::{Deserialize, Serialize};

pub(crate) use analysis::{Analysis, Levels, POINTS, Scenes};
use candidates::{Candidate, Scorer};

use crate::error::{Error, Result};
use crate::transcript::Transcript;

/// No clip is shorter than this unless the source is.
const SHORTEST_SECONDS: f64 = 3.0;
/// Wished lengths may take up this share of the source before they are made shorter.
const FULLEST: f64 = 0.9;

/// How long a clip shall be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClipLength {
    /// The best length, in seconds.
    pub target_seconds: f64,
    /// The shortest that will do.
    pub min_seconds: f64,
    /// The longest that will do.
    pub max_seconds: f64,
}

impl ClipLength {
    /// About this long: three quarters to five quarters of it.
    pub fn about(seconds: f64) -> Self {
        Self {
            target_seconds: seconds,
            min_seconds: seconds * 0.75,
            max_seconds: seconds * 1.25,
        }
    }

    /// Longer than this: up to twice as long.
    pub fn over(seconds: f64) -> Self {
        Self {
            target_seconds: seconds * 4.0 / 3.0,
            min_seconds: seconds,
            max_seconds: seconds * 2.0,
        }
    }

    /// A short clip of a length that is left to the content: 15 to 60 seconds.
    pub fn short() -> Self {
        Self {
            target_seconds: 30.0,
            min_seconds: 15.0,
            max_seconds: 60.0,
        }
    }

    fn scaled(self, factor: f64) -> Self {
        Self {
            target_seconds: self.target_seconds * factor,
            min_seconds: self.min_seconds * factor,
            max_seconds: self.max_seconds * factor,
        }
    }
}

/// What moments are wished for.
///
/// ```
/// use clip_engine::{ClipLength, SelectSpec};
/// let three_short_ones = SelectSpec::count(3).instruction("pricing and growth");
/// let one_of_each = SelectSpec::lengths(vec![ClipLength::about(30.0), ClipLength::over(180.0)]);
/// assert_eq!(one_of_each.lengths.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SelectSpec {
    /// One moment for each, of that length.
    pub lengths: Vec<ClipLength>,
    /// What the moments shall be about; it is compared with the transcript's words.
    pub instruction: Option<String>,
    /// What is said in the source, where that is known.
    pub transcript: Option<Transcript>,
}

impl SelectSpec {
    /// This many short moments.
    pub fn count(moments: usize) -> Self {
        Self::lengths(vec![ClipLength::short(); moments])
    }

    /// One moment for each length.
    pub fn lengths(lengths: Vec<ClipLength>) -> Self {
        Self {
            lengths,
            instruction: None,
            transcript: None,
        }
    }

    /// Says what the moments shall be about.
    #[must_use]
    pub fn instruction(mut self, text: impl Into<String>) -> Self {
        self.instruction = Some(text.into());
        self
    }

    /// Gives the source's transcript.
    #[must_use]
    pub fn transcript(mut self, transcript: Transcript) -> Self {
        self.transcript = Some(transcript);
        self
    }
}

/// A moment worth a clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Moment {
    /// Where it begins, in seconds of the source.
    pub start_seconds: f64,
    /// Where it ends.
    pub end_seconds: f64,
    /// Its first words, or its place in the source where nothing is known of the words.
    pub label: String,
    /// How good it is, from 0 to 1: the weighted mean of its features.
    pub score: f64,
    /// What the score is made of.
    pub features: Vec<Feature>,
    /// Which of the wished lengths it was chosen for: an index into [`SelectSpec::lengths`].
    pub wish: usize,
}

/// One part of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// What it measures, such as `speech` or `relevance`.
    pub name: String,
    /// Its value, from 0 to 1.
    pub value: f64,
    /// How much it counts.
    pub weight: f64,
}

/// The chosen moments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Selection {
    /// In order of their score, best first. They do not overlap.
    pub moments: Vec<Moment>,
    /// What a reader of the job's log should know: what could not be taken into account, and why
    /// there are fewer or shorter moments than wished for.
    pub log: Vec<String>,
}

/// Chooses the moments of a source that was analysed.
///
/// Where the source is too short for all wished lengths together, all of them are made shorter by
/// the same factor, down to three seconds each; what still does not fit is left out. A source
/// shorter than three seconds is one moment.
pub(crate) fn choose(analysis: &Analysis, spec: &SelectSpec) -> Result<Selection> {
    let duration = analysis.duration_seconds;
    check(spec)?;
    let mut log = analysis.notes.clone();
    if spec.instruction.is_some() && spec.transcript.is_none() {
        log.push(
            "there is no transcript: the instruction has no effect, and moments are chosen by \
             sound and picture alone"
                .to_owned(),
        );
    }
    let wishes = fit(&spec.lengths, duration, &mut log);
    let scorer = Scorer::new(
        analysis,
        spec.transcript.as_ref(),
        spec.instruction.as_deref(),
    );
    if spec.instruction.is_some() && spec.transcript.is_some() && !scorer.knows_relevance() {
        log.push(
            "no word of the instruction occurs in the transcript: the instruction has no effect"
                .to_owned(),
        );
    }
    // The longest first: it has the fewest places to go.
    let mut order: Vec<usize> = (0..wishes.len()).collect();
    order.sort_by(|&a, &b| {
        wishes[b]
            .target_seconds
            .total_cmp(&wishes[a].target_seconds)
    });
    let mut taken: Vec<(usize, Candidate)> = Vec::new();
    for wish in order {
        match best(&scorer, wishes[wish], &taken, duration) {
            Some(candidate) => taken.push((wish, candidate)),
            None => log.push(format!(
                "no room is left for a clip of about {:.0} s",
                wishes[wish].target_seconds
            )),
        }
    }
    let mut moments: Vec<Moment> = taken
        .into_iter()
        .map(|(wish, candidate)| Moment {
            label: scorer.label(&candidate),
            start_seconds: candidate.start,
            end_seconds: candidate.end,
            score: candidate.score(),
            features: candidate.features,
            wish,
        })
        .collect();
    moments.sort_by(|a, b| {
        (b.score.total_cmp(&a.score)).then(a.start_seconds.total_cmp(&b.start_seconds))
    });
    Ok(Selection { moments, log })
}

fn check(spec: &SelectSpec) -> Result<()> {
    for length in &spec.lengths {
        let ordered = length.min_seconds <= length.target_seconds
            && length.target_seconds <= length.max_seconds;
        if !(ordered && length.min_seconds > 0.0 && length.max_seconds.is_finite()) {
            return Err(Error::invalid(format!(
                "a clip of {} to {} s, best {} s, is no length: it must hold 0 < min <= target <= max",
                length.min_seconds, length.max_seconds, length.target_seconds
            )));
        }
    }
    Ok(())
}

/// Makes the wishes fit the source.
fn fit(lengths: &[ClipLength], duration: f64, log: &mut Vec<String>) -> Vec<ClipLength> {
    let mut wishes: Vec<ClipLength> = lengths.to_vec();
    let wanted: f64 = wishes.iter().map(|wish| wish.target_seconds).sum();
    let available = if wishes.len() > 1 {
        duration * FULLEST
    } else {
        duration
    };
    if wanted > available && !wishes.is_empty() {
        let factor = available / wanted;
        log.push(format!(
            "the source ({duration:.1} s) is shorter than the wished clips together ({wanted:.0} s): \
             they are made shorter"
        ));
        for wish in &mut wishes {
            *wish = wish.scaled(factor);
            wish.target_seconds = wish.target_seconds.max(SHORTEST_SECONDS);
            wish.min_seconds = wish
                .min_seconds
                .max(SHORTEST_SECONDS)
                .min(wish.target_seconds);
            wish.max_seconds = wish.max_seconds.max(wish.target_seconds);
        }
    }
    for wish in &mut wishes {
        wish.target_seconds = wish.target_seconds.min(duration);
        wish.min_seconds = wish.min_seconds.min(duration);
        wish.max_seconds = wish.max_seconds.min(duration);
    }
    wishes
}

/// The best candidate in what is not taken yet. Where no gap is long enough, the longest gap is
/// taken whole, if it is at least half of the shortest length that would do.
fn best(
    scorer: &Scorer<'_>,
    wish: ClipLength,
    taken: &[(usize, Candidate)],
    duration: f64,
) -> Option<Candidate> {
    let gaps = gaps(taken, duration);
    let found = gaps
        .iter()
        .flat_map(|&gap| scorer.candidates(gap, wish))
        // The first of equals, so that the choice never depends on chance.
        .reduce(|best, next| {
            if next.score() > best.score() + 1e-9 {
                next
            } else {
                best
            }
        });
    if found.is_some() {
        return found;
    }
    let (start, end) = gaps.into_iter().reduce(|best, next| {
        if next.1 - next.0 > best.1 - best.0 {
            next
        } else {
            best
        }
    })?;
    let least = (wish.min_seconds / 2.0).max(SHORTEST_SECONDS).min(duration);
    (end - start >= least).then(|| scorer.score(start, end.min(start + wish.max_seconds), wish))
}

fn gaps(taken: &[(usize, Candidate)], duration: f64) -> Vec<(f64, f64)> {
    let mut used: Vec<(f64, f64)> = taken
        .iter()
        .map(|(_, candidate)| (candidate.start, candidate.end))
        .collect();
    used.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut gaps = Vec::new();
    let mut free = 0.0;
    for (start, end) in used {
        gaps.push((free, start));
        free = end;
    }
    gaps.push((free, duration));
    gaps.retain(|gap| gap.1 - gap.0 > 0.0);
    gaps
}

#[cfg(test)]
mod tests;
