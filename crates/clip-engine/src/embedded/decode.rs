//! Decodes a run of H.264 samples and hands out the wanted frames in presentation order.
//!
//! openh264 gives pictures in presentation order without saying which sample one came from. So the
//! run begins at a sync sample, is fed whole, and the k-th picture out is the k-th time in order.
//! When pictures are missing at the end, the file is damaged: nothing is guessed.

use std::fs::File;
use std::ops::Range;

use openh264::OpenH264API;
use openh264::decoder::{DecodedYUV, Decoder, DecoderConfig, Flush};

use super::boxes::read_at;
use super::demux::{Sample, VideoTrack};
use crate::error::{Error, Kind, Result};

const START_CODE: [u8; 4] = [0, 0, 0, 1];
/// No frame of 4096x2304 is larger than this, even uncompressed.
const LARGEST_SAMPLE: u32 = 32 << 20;

/// Decodes what is needed for the frames whose time lies in `times` (ticks, both ends included) and
/// gives each of them, in order, to `each`.
pub(super) fn frames(
    file: &mut File,
    track: &VideoTrack,
    times: (i64, i64),
    mut each: impl FnMut(&DecodedYUV<'_>) -> Result<()>,
) -> Result<u64> {
    let run = run(file, track, times)?;
    let samples = &track.samples[run];
    let mut order: Vec<(i64, bool)> = samples
        .iter()
        .map(|sample| {
            let inside = (times.0..=times.1).contains(&sample.time);
            (sample.time, inside && sample.shown)
        })
        .collect();
    order.sort_unstable();
    let mut expected = order.into_iter();
    let mut kept = 0_u64;
    let mut seen = |picture: &DecodedYUV<'_>| -> Result<()> {
        match expected.next() {
            Some((_, true)) => {
                kept += 1;
                each(picture)
            }
            Some((_, false)) => Ok(()),
            None => Err(Error::damaged(
                "the video track decodes to more frames than its index lists: the file is damaged",
            )),
        }
    };

    let mut decoder = new_decoder(track)?;
    // Once: a second time in the middle of a run would be taken for a new stream.
    let mut parameters = parameter_sets(track);
    let mut bytes = Vec::new();
    for sample in samples {
        bytes.clear();
        bytes.append(&mut parameters);
        read_sample(file, track, sample, &mut bytes)?;
        match decoder.decode(&bytes) {
            Ok(Some(picture)) => seen(&picture)?,
            Ok(None) => {}
            Err(cause) => return Err(decoder_error(track, sample.time, cause)),
        }
    }
    let rest = decoder
        .flush_remaining()
        .map_err(|cause| decoder_error(track, times.1, cause))?;
    for picture in &rest {
        seen(picture)?;
    }
    if let Some((time, _)) = expected.find(|&(_, wanted)| wanted) {
        return Err(Error::damaged(format!(
            "frames are missing near {:.3} s: the video track is damaged there",
            time as f64 / f64::from(track.timescale)
        )));
    }
    Ok(kept)
}

/// Decodes one sync sample alone; `None` where it gives no picture of its own.
pub(super) fn single<T>(
    file: &mut File,
    track: &VideoTrack,
    index: usize,
    read: impl FnOnce(&DecodedYUV<'_>) -> T,
) -> Result<Option<T>> {
    let sample = &track.samples[index];
    if !is_idr(file, track, sample)? {
        return Ok(None);
    }
    let mut decoder = new_decoder(track)?;
    let mut bytes = parameter_sets(track);
    read_sample(file, track, sample, &mut bytes)?;
    let wrap = |cause| decoder_error(track, sample.time, cause);
    if let Some(picture) = decoder.decode(&bytes).map_err(wrap)? {
        return Ok(Some(read(&picture)));
    }
    let rest = decoder.flush_remaining().map_err(wrap)?;
    Ok(rest.first().map(read))
}

fn new_decoder(track: &VideoTrack) -> Result<Decoder> {
    let settings = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
    Decoder::with_api_config(OpenH264API::from_source(), settings)
        .map_err(|cause| decoder_error(track, 0, cause))
}

/// The samples, in decoding order, that must be fed to see these times.
///
/// A sync sample need not be one: with open groups of pictures, encoders mark pictures at which
/// decoding could recover. openh264 begins at an IDR picture only, so the run goes back to one.
fn run(file: &mut File, track: &VideoTrack, times: (i64, i64)) -> Result<Range<usize>> {
    let samples = &track.samples;
    let wanted = |sample: &Sample| (times.0..=times.1).contains(&sample.time);
    let (Some(first), Some(last)) = (
        samples.iter().position(wanted),
        samples.iter().rposition(wanted),
    ) else {
        return Err(Error::damaged(
            "the window has no frames: the index is damaged",
        ));
    };
    for index in (0..=first).rev().filter(|&index| samples[index].sync) {
        if is_idr(file, track, &samples[index])? {
            return Ok(index..last + 1);
        }
    }
    Err(Error::damaged(
        "the video has no picture at which decoding can begin: it is damaged or cut off",
    ))
}

fn is_idr(file: &mut File, track: &VideoTrack, sample: &Sample) -> Result<bool> {
    const IDR: u8 = 5;
    let mut found = false;
    each_unit(file, track, sample, |unit| found |= unit[0] & 0x1f == IDR)?;
    Ok(found)
}

/// The parameter sets as a byte stream.
fn parameter_sets(track: &VideoTrack) -> Vec<u8> {
    let avcc = &track.avcc;
    let mut bytes = Vec::new();
    for nal in avcc
        .sequence_parameter_sets
        .iter()
        .chain(&avcc.picture_parameter_sets)
    {
        bytes.extend_from_slice(&START_CODE);
        bytes.extend_from_slice(nal);
    }
    bytes
}

/// Reads a sample and replaces the length before each of its units by a start code.
fn read_sample(
    file: &mut File,
    track: &VideoTrack,
    sample: &Sample,
    into: &mut Vec<u8>,
) -> Result<()> {
    each_unit(file, track, sample, |unit| {
        into.extend_from_slice(&START_CODE);
        into.extend_from_slice(unit);
    })
}

fn each_unit(
    file: &mut File,
    track: &VideoTrack,
    sample: &Sample,
    mut each: impl FnMut(&[u8]),
) -> Result<()> {
    let wrong = || {
        Error::damaged(format!(
            "the frame at {:.3} s is malformed: the file is damaged",
            sample.time as f64 / f64::from(track.timescale)
        ))
    };
    if sample.size > LARGEST_SAMPLE {
        return Err(wrong());
    }
    let data = read_at(file, sample.offset, sample.size as usize)?;
    let width = usize::from(track.avcc.length_size);
    let mut rest = &data[..];
    while !rest.is_empty() {
        let length = rest
            .get(..width)
            .ok_or_else(wrong)?
            .iter()
            .fold(0_usize, |length, &byte| length << 8 | usize::from(byte));
        let unit = rest.get(width..width + length).ok_or_else(wrong)?;
        if !unit.is_empty() {
            each(unit);
        }
        rest = &rest[width + length..];
    }
    Ok(())
}

fn decoder_error(track: &VideoTrack, time: i64, cause: openh264::Error) -> Error {
    const OUT_OF_MEMORY: i64 = 0x4000;
    if cause.native_code() & OUT_OF_MEMORY != 0 {
        return Error::new(
            Kind::Limit,
            "decoding the video needs more memory than the worker may hold: allow more memory",
        );
    }
    Error::damaged(format!(
        "the video cannot be decoded near {:.3} s: it is damaged there, or uses a part of H.264 \
         that the embedded backend lacks (the ffmpeg backend may read it)",
        time.max(0) as f64 / f64::from(track.timescale)
    ))
    .caused_by(cause)
}
