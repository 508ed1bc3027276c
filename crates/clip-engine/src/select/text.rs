//! What can be seen in a transcript without a model: sentences, how much is said, signs of a
//! statement that sticks, and how well words match an instruction (BM25).

use std::collections::{HashMap, HashSet};

use crate::transcript::{Cue, Transcript};

/// Saturation and length normalisation of BM25, at their usual values.
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// A silence as long as this ends a sentence that has no full stop.
const LONGEST_GAP: f64 = 1.0;
/// A sentence is ended after this time even where nothing else ends it.
const LONGEST_SENTENCE: f64 = 20.0;

/// A sentence and when it is said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sentence {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) text: String,
}

/// Puts cues together to sentences, and splits those that hold several.
pub(super) fn sentences(transcript: &Transcript) -> Vec<Sentence> {
    let mut sentences: Vec<Sentence> = Vec::new();
    let mut open: Option<Sentence> = None;
    for (piece, ends) in transcript.cues.iter().flat_map(pieces) {
        let broken = open.as_ref().is_some_and(|sentence| {
            piece.start - sentence.end > LONGEST_GAP
                || piece.end - sentence.start > LONGEST_SENTENCE
        });
        if broken {
            sentences.extend(open.take());
        }
        match &mut open {
            Some(sentence) => {
                sentence.end = sentence.end.max(piece.end);
                sentence.text.push(' ');
                sentence.text.push_str(&piece.text);
            }
            None => open = Some(piece),
        }
        if ends {
            sentences.extend(open.take());
        }
    }
    sentences.extend(open);
    sentences
}

/// The parts of a cue up to each full stop, with their share of its time, and whether a full stop
/// ends them.
fn pieces(cue: &Cue) -> Vec<(Sentence, bool)> {
    let words: Vec<&str> = cue.text.split_whitespace().collect();
    let letters: usize = words.iter().map(|word| word.chars().count() + 1).sum();
    let length = cue.end_seconds - cue.start_seconds;
    let at = |count: usize| cue.start_seconds + length * count as f64 / letters.max(1) as f64;
    let mut pieces = Vec::new();
    let mut text = String::new();
    let (mut from, mut count) = (0, 0);
    for (index, word) in words.iter().enumerate() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
        count += word.chars().count() + 1;
        let ends = word
            .trim_end_matches(['"', '\'', ')', '”', '’', '»'])
            .ends_with(['.', '?', '!', '…', '。', '？', '！']);
        if ends || index + 1 == words.len() {
            let sentence = Sentence {
                start: at(from),
                end: at(count),
                text: std::mem::take(&mut text),
            };
            pieces.push((sentence, ends));
            from = count;
        }
    }
    pieces
}

/// The words of a text in small letters.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_matches('\'').to_lowercase())
        .filter(|word| !word.is_empty())
}

/// The words of a text as they are compared: without the endings that English words of one stem
/// differ by, so that "pricing" meets "prices".
pub(super) fn terms(text: &str) -> Vec<String> {
    words(text).map(|word| stem(&word).to_owned()).collect()
}

fn stem(word: &str) -> &str {
    const ENDINGS: [&str; 5] = ["ing", "ed", "es", "e", "s"];
    const SHORTEST: usize = 3;
    if word.ends_with("ss") {
        return word;
    }
    ENDINGS
        .iter()
        .find_map(|ending| {
            let stem = word.strip_suffix(ending)?;
            (stem.chars().count() >= SHORTEST).then_some(stem)
        })
        .unwrap_or(word)
}

/// Signs of a statement that people remember: a number, a question, a strong word.
pub(super) fn is_striking(text: &str) -> bool {
    const STRONG: [&str; 18] = [
        "best",
        "biggest",
        "worst",
        "never",
        "always",
        "mistake",
        "secret",
        "important",
        "first",
        "only",
        "nobody",
        "everyone",
        "problem",
        "wrong",
        "truth",
        "surprise",
        "lesson",
        "why",
    ];
    text.contains(['?', '!', '%', '$', '€'])
        || text.chars().any(char::is_numeric)
        || words(text).any(|word| STRONG.contains(&word.as_str()))
}

/// BM25 of an instruction over runs of sentences.
pub(super) struct Relevance {
    /// For each term of the instruction: its rarity, and how often it occurs before each sentence.
    terms: Vec<(f64, Vec<u32>)>,
    /// Words before each sentence.
    lengths: Vec<u32>,
}

impl Relevance {
    /// `None` where no word of the instruction occurs in the transcript.
    pub(super) fn new(sentences: &[Sentence], instruction: &str) -> Option<Self> {
        let wanted: HashSet<String> = terms(instruction).into_iter().collect();
        let mut wanted: Vec<String> = wanted.into_iter().collect();
        // A set has no order of its own; sums of fractions depend on theirs.
        wanted.sort();
        let mut counts: Vec<HashMap<String, u32>> = Vec::new();
        let mut lengths = vec![0];
        for sentence in sentences {
            let mut count = HashMap::new();
            let terms = terms(&sentence.text);
            lengths.push(lengths[lengths.len() - 1] + terms.len() as u32);
            for term in terms {
                *count.entry(term).or_insert(0) += 1;
            }
            counts.push(count);
        }
        let total = sentences.len() as f64;
        let terms: Vec<(f64, Vec<u32>)> = wanted
            .into_iter()
            .filter_map(|term| {
                let containing = counts
                    .iter()
                    .filter(|count| count.contains_key(&term))
                    .count();
                let rarity =
                    ((total - containing as f64 + 0.5) / (containing as f64 + 0.5)).ln_1p();
                let mut before = vec![0];
                for count in &counts {
                    let so_far = before[before.len() - 1];
                    before.push(so_far + count.get(&term).copied().unwrap_or(0));
                }
                (containing > 0).then_some((rarity, before))
            })
            .collect();
        (!terms.is_empty()).then_some(Self { terms, lengths })
    }

    /// How well the sentences `from..to` match; comparable among runs of one transcript only.
    pub(super) fn score(&self, from: usize, to: usize) -> f64 {
        let words = f64::from(self.lengths[to] - self.lengths[from]);
        let sentences = (self.lengths.len() - 1).max(1) as f64;
        let average = f64::from(self.lengths[self.lengths.len() - 1]) / sentences;
        // A run is as long as it is wished to be; compared with the average run of its size.
        let usual = (average * (to - from) as f64).max(1.0);
        self.terms
            .iter()
            .map(|(rarity, before)| {
                let count = f64::from(before[to] - before[from]);
                let norm = K1 * (1.0 - B + B * words / usual);
                rarity * count * (K1 + 1.0) / (count + norm)
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn cue(start_seconds: f64, end_seconds: f64, text: &str) -> Cue {
        Cue {
            start_seconds,
            end_seconds,
            text: text.to_owned(),
        }
    }

    #[test]
    fn cues_become_sentences() {
        let transcript = Transcript::new(vec![
            cue(0.0, 2.0, "This goes"),
            cue(2.0, 4.0, "on here. Next"),
            cue(4.0, 5.0, "one"),
            cue(9.0, 10.0, "after a gap"),
        ]);
        let texts: Vec<(String, f64)> = sentences(&transcript)
            .into_iter()
            .map(|s| (s.text, s.start))
            .collect();
        assert_eq!(texts[0], ("This goes on here.".to_owned(), 0.0));
        assert_eq!(texts[1].0, "Next one");
        assert!(texts[1].1 > 3.0 && texts[1].1 < 4.0);
        assert_eq!(texts[2], ("after a gap".to_owned(), 9.0));
    }

    #[test]
    fn words_of_one_stem_meet() {
        for text in ["Prices", "pricing", "priced", "the price"] {
            assert_eq!(
                terms(text).last().map(String::as_str),
                Some("pric"),
                "{text}"
            );
        }
        assert_eq!(
            terms("Why's his class a thing?"),
            ["why'", "his", "class", "a", "thing"]
        );
    }

    #[test]
    fn rare_words_of_the_instruction_count_and_common_ones_do_not() {
        let lines = [
            "the cat sat",
            "the price of the thing",
            "the dog ran",
            "the end of the day",
        ];
        let sentences: Vec<Sentence> = lines
            .iter()
            .map(|text| Sentence {
                start: 0.0,
                end: 1.0,
                text: (*text).to_owned(),
            })
            .collect();
        let relevance = Relevance::new(&sentences, "the prices").unwrap();
        let scores: Vec<f64> = (0..4).map(|at| relevance.score(at, at + 1)).collect();
        assert!(scores[1] > 3.0 * scores[0], "{scores:?}");
        assert!(Relevance::new(&sentences, "zebra").is_none());
    }
}
