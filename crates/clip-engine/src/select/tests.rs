//! The choice as a whole, on sources that are nothing but measurements.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::transcript::Cue;

/// Ten seconds of speech, one of silence, over and over.
fn talk(duration: f64) -> Analysis {
    Analysis {
        duration_seconds: duration,
        levels: (0..(duration * 10.0) as usize)
            .map(|tenth| if tenth % 110 < 100 { -20.0 } else { -70.0 })
            .collect(),
        scenes: vec![],
        notes: vec![],
    }
}

fn transcript() -> Transcript {
    let lines = [
        "We met in a garage and nobody believed us.",
        "The price was wrong from the first day.",
        "So we changed the price and doubled it.",
        "Then the database went down on a Friday.",
        "We had no backup and lost two weeks.",
        "Hiring came last and went slowly.",
    ];
    let cue = |(index, text): (usize, &&str)| Cue {
        start_seconds: index as f64 * 11.0,
        end_seconds: index as f64 * 11.0 + 10.0,
        text: (*text).to_owned(),
    };
    Transcript::new(lines.iter().enumerate().map(cue).collect())
}

fn windows(selection: &Selection) -> Vec<(f64, f64)> {
    selection
        .moments
        .iter()
        .map(|moment| (moment.start_seconds, moment.end_seconds))
        .collect()
}

fn assert_apart(selection: &Selection, duration: f64) {
    let mut windows = windows(selection);
    windows.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert!(
        windows
            .iter()
            .all(|window| window.0 >= 0.0 && window.1 <= duration + 1e-6)
    );
    assert!(
        windows.windows(2).all(|pair| pair[0].1 <= pair[1].0 + 1e-6),
        "{windows:?}"
    );
}

#[test]
fn moments_begin_after_a_pause_and_end_at_one() {
    let selection = choose(&talk(120.0), &SelectSpec::count(2)).unwrap();
    assert_eq!(selection.moments.len(), 2);
    assert_apart(&selection, 120.0);
    for moment in &selection.moments {
        let value = |name: &str| {
            moment
                .features
                .iter()
                .find(|feature| feature.name == name)
                .unwrap()
                .value
        };
        assert_eq!(value("opens_after_pause"), 1.0, "{moment:?}");
        assert_eq!(value("closes_at_pause"), 1.0, "{moment:?}");
        assert!((0.0..=1.0).contains(&moment.score));
        assert!(moment.label.starts_with("Clip at "));
    }
}

#[test]
fn the_instruction_leads_to_the_words() {
    let spec = SelectSpec::lengths(vec![ClipLength::about(20.0)]).transcript(transcript());
    let found = |instruction: &str| {
        let spec = spec.clone().instruction(instruction);
        choose(&talk(66.0), &spec).unwrap().moments[0].clone()
    };
    let price = found("talk about pricing: what was the price?");
    assert_eq!(price.label, "The price was wrong from the first day.");
    assert!(
        price.start_seconds > 10.0 && price.end_seconds < 33.5,
        "{price:?}"
    );
    assert_eq!(
        found("database backups").label,
        "Then the database went down on a Friday."
    );
}

#[test]
fn without_a_transcript_an_instruction_is_said_to_have_no_effect() {
    let plain = choose(&talk(120.0), &SelectSpec::count(2)).unwrap();
    let told = choose(&talk(120.0), &SelectSpec::count(2).instruction("price")).unwrap();
    assert_eq!(plain.moments, told.moments);
    assert!(told.log[0].contains("no effect"), "{:?}", told.log);
}

#[test]
fn one_moment_comes_for_each_length() {
    let wishes = vec![
        ClipLength::about(30.0),
        ClipLength::about(60.0),
        ClipLength::about(180.0),
        ClipLength::over(180.0),
    ];
    let selection = choose(&talk(900.0), &SelectSpec::lengths(wishes.clone())).unwrap();
    assert_eq!(selection.moments.len(), 4);
    assert_apart(&selection, 900.0);
    for moment in &selection.moments {
        let wish = wishes[moment.wish];
        let length = moment.end_seconds - moment.start_seconds;
        assert!(wish.min_seconds - 1e-6 <= length && length <= wish.max_seconds + 1e-6);
    }
}

#[test]
fn a_short_source_gives_shorter_moments() {
    let wishes = vec![
        ClipLength::about(30.0),
        ClipLength::about(60.0),
        ClipLength::over(180.0),
    ];
    let selection = choose(&talk(60.0), &SelectSpec::lengths(wishes)).unwrap();
    assert_eq!(selection.moments.len(), 3, "{:?}", selection.log);
    assert_apart(&selection, 60.0);
    assert!(selection.log[0].contains("made shorter"));

    let selection = choose(&talk(60.0), &SelectSpec::count(5)).unwrap();
    assert!(selection.moments.len() >= 3, "{selection:?}");
    assert_apart(&selection, 60.0);

    let selection = choose(&talk(2.0), &SelectSpec::count(3)).unwrap();
    assert_eq!(windows(&selection), [(0.0, 2.0)]);
}

#[test]
fn a_silent_source_without_cuts_still_gives_moments() {
    let analysis = Analysis {
        duration_seconds: 100.0,
        ..Analysis::default()
    };
    let selection = choose(&analysis, &SelectSpec::count(3)).unwrap();
    assert_eq!(selection.moments.len(), 3);
    assert_apart(&selection, 100.0);
}

#[test]
fn impossible_lengths_are_refused() {
    for seconds in [0.0, -3.0, f64::NAN, f64::INFINITY] {
        let spec = SelectSpec::lengths(vec![ClipLength::about(seconds)]);
        assert!(
            choose(&talk(60.0), &spec).unwrap_err().is_invalid(),
            "{seconds}"
        );
    }
}
