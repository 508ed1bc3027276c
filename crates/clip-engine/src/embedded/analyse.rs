//! Measures a source without decoding all of it: the sound whole, of the picture the sync samples
//! only. An encoder puts a sync sample where the picture changes, so that is where changes are found.

use mp4_atom::Codec;
use openh264::formats::YUVSource;
use symphonia_codec_aac::AacDecoder;
use symphonia_core::codecs::audio::well_known::CODEC_ID_AAC;
use symphonia_core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia_core::packet::Packet;
use symphonia_core::units::{Duration, Timestamp};

use std::path::Path;

use super::boxes::read_at;
use super::decode;
use super::demux::{AudioTrack, Movie, codec_name};
use crate::error::Result;
use crate::select::{Analysis, Levels, POINTS, Scenes};
use crate::worker::Control;

/// More sync samples than this are thinned out: a file may consist of nothing else.
const MOST_PICTURES: usize = 1500;
/// Seconds between compared pictures, at least.
const NEAREST_SECONDS: f64 = 0.5;

/// Measures loudness and scene changes.
pub(crate) fn analyse(path: &Path, control: &Control) -> Result<Analysis> {
    let mut movie = Movie::open(path)?;
    let timeline = movie.timeline()?;
    let duration_seconds = timeline.duration_seconds();
    let mut notes = std::mem::take(&mut movie.notes);
    let scenes = match scenes(&mut movie, control) {
        Ok(scenes) => scenes,
        Err(error) if error.is_damaged() => {
            notes.push(format!("scene changes are not known: {error}"));
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    let levels = match movie.audio.take() {
        Some(track) => levels(&mut movie, &track, control, &mut notes)?,
        None => Vec::new(),
    };
    control.progress(1.0);
    Ok(Analysis {
        duration_seconds,
        levels,
        scenes,
        notes,
    })
}

fn levels(
    movie: &mut Movie,
    track: &AudioTrack,
    control: &Control,
    notes: &mut Vec<String>,
) -> Result<Vec<f32>> {
    let mut parameters = AudioCodecParameters::new();
    parameters.for_codec(CODEC_ID_AAC);
    let name = codec_name(&track.codec);
    let specific = match &track.codec {
        Codec::Mp4a(entry) => entry.esds.es_desc.dec_config.dec_specific.as_ref(),
        _ => None,
    };
    if let Some(specific) = specific {
        parameters.with_extra_data(specific.raw.clone().into_boxed_slice());
    }
    let decoder = (name == "aac")
        .then(|| AacDecoder::try_new(&parameters, &AudioDecoderOptions::default()).ok());
    let Some(mut decoder) = decoder.flatten() else {
        notes.push(format!(
            "the sound is a kind of {name} that the embedded backend copies but cannot hear: moments are chosen \
             without it"
        ));
        return Ok(Vec::new());
    };
    let rate = decoder
        .codec_params()
        .sample_rate
        .unwrap_or(track.timescale);
    let channels = decoder
        .codec_params()
        .channels
        .as_ref()
        .map_or(1, symphonia_core::audio::Channels::count)
        .max(1);
    let mut levels = Levels::new(rate);
    let mut skip = ((track.samples.first().map_or(0.0, |first| first.time as f64)
        / f64::from(track.timescale)
        - movie.origin_seconds)
        * f64::from(rate))
    .round() as i64;
    // Sound that begins late is silence before.
    for _ in 0..skip.clamp(0, i64::from(rate) * 86_400) {
        levels.push(0.0);
    }
    let mut unreadable = 0_usize;
    let mut interleaved: Vec<f32> = Vec::new();
    for (index, sample) in track.samples.iter().enumerate() {
        if index % 64 == 0 {
            control.check()?;
            control.progress(0.2 + 0.8 * index as f64 / track.samples.len() as f64);
        }
        let data = read_at(&mut movie.file, sample.offset, sample.size as usize)?;
        let packet = Packet::new(
            0,
            Timestamp::new(0),
            Duration::new(u64::from(sample.duration)),
            data,
        );
        interleaved.clear();
        match decoder.decode(&packet) {
            Ok(buffer) => buffer.copy_to_vec_interleaved(&mut interleaved),
            Err(_) => {
                unreadable += 1;
                interleaved.resize(1024 * channels, 0.0);
            }
        }
        for frame in interleaved.chunks_exact(channels) {
            // What the edit list hides at the beginning is not heard.
            if skip < 0 {
                skip += 1;
                continue;
            }
            levels.push(frame.iter().sum::<f32>() / channels as f32);
        }
    }
    if unreadable > 0 {
        notes.push(format!(
            "{unreadable} of {} packets of the sound cannot be decoded and count as silence",
            track.samples.len()
        ));
    }
    Ok(levels.finish())
}

/// Times at which the picture is another one than at the sync sample before.
fn scenes(movie: &mut Movie, control: &Control) -> Result<Vec<f64>> {
    let track = &movie.video;
    let seconds = |ticks: i64| ticks as f64 / f64::from(track.timescale) - movie.origin_seconds;
    let mut pictures: Vec<usize> = Vec::new();
    let mut last = f64::NEG_INFINITY;
    for (index, sample) in track.samples.iter().enumerate() {
        let time = seconds(sample.time);
        if sample.sync && sample.shown && time - last >= NEAREST_SECONDS {
            pictures.push(index);
            last = time;
        }
    }
    let step = pictures.len().div_ceil(MOST_PICTURES).max(1);
    let mut scenes = Scenes::default();
    let total = pictures.len();
    for (count, index) in pictures.into_iter().step_by(step).enumerate() {
        control.check()?;
        control.progress(0.2 * (count * step) as f64 / total as f64);
        let Some(points) = decode::single(&mut movie.file, track, index, points)? else {
            continue;
        };
        scenes.picture(seconds(track.samples[index].time), points);
    }
    Ok(scenes.changes)
}

/// The brightness of a picture at a grid of points.
fn points(picture: &openh264::decoder::DecodedYUV<'_>) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let stride = picture.strides().0;
    let luma = picture.y();
    (0..POINTS * POINTS)
        .map(|at| {
            let x = (at % POINTS * 2 + 1) * width / (2 * POINTS);
            let y = (at / POINTS * 2 + 1) * height / (2 * POINTS);
            luma.get(y * stride + x).copied().unwrap_or(0)
        })
        .collect()
}
