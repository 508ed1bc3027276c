//! Reads a clip back, independently of the engine: every frame's time and number, the sound as it is
//! heard, and the order of the file's parts.

use std::path::Path;

use mp4_atom::*;
use openh264::OpenH264API;
use openh264::decoder::{Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource;
use symphonia_codec_aac::AacDecoder;
use symphonia_core::codecs::audio::well_known::CODEC_ID_AAC;
use symphonia_core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia_core::packet::Packet;

use super::picture::Luma;

/// A clip that was read back.
pub struct Clip {
    /// Each frame's time in seconds and its brightness, in order of time.
    pub frames: Vec<(f64, Luma)>,
    /// When the last frame ends.
    pub duration_seconds: f64,
    /// What is heard from time 0 on, first channel, at `sample_rate`; empty without sound.
    pub sound: Vec<f32>,
    pub sample_rate: u32,
    /// How long the sound is heard, by the edit list.
    pub sound_seconds: f64,
    /// The types of the file's boxes.
    pub layout: Vec<String>,
}

struct Packets {
    data: Vec<Vec<u8>>,
    times: Vec<i64>,
    durations: Vec<u32>,
}

impl Clip {
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let mut rest = &bytes[..];
        let mut layout = Vec::new();
        let mut moov = None;
        while let Some(header) = Header::decode_maybe(&mut rest).unwrap() {
            let size = header.size.unwrap();
            layout.push(header.kind.to_string());
            if header.kind == Moov::KIND {
                moov = Some(Moov::decode_atom(&header, &mut &rest[..size]).unwrap());
            }
            rest = &rest[size..];
        }
        let moov = moov.expect("a moov");
        let track = |handler: &[u8; 4]| {
            moov.trak
                .iter()
                .find(|trak| trak.mdia.hdlr.handler == FourCC::new(handler))
        };
        let video = track(b"vide").expect("a video track");
        let (frames, duration_seconds) = read_video(video, &bytes);
        let (mut sound, mut sample_rate, mut sound_seconds) = (Vec::new(), 0, 0.0);
        if let Some(audio) = track(b"soun") {
            (sound, sample_rate, sound_seconds) = read_sound(audio, &bytes, moov.mvhd.timescale);
        }
        Self {
            frames,
            duration_seconds,
            sound,
            sample_rate,
            sound_seconds,
            layout,
        }
    }

    /// The numbers of all frames, for cells of this share of the picture's size.
    pub fn numbers(&self, cell: impl Fn(&Luma) -> (f64, f64)) -> Vec<Option<usize>> {
        let number = |(_, luma): &(f64, Luma)| {
            let (width, height) = cell(luma);
            luma.number(width, height)
        };
        self.frames.iter().map(number).collect()
    }

    /// The pitch of the sound around this time, in hertz.
    pub fn pitch(&self, seconds: f64) -> f64 {
        let rate = f64::from(self.sample_rate);
        let from = ((seconds - 0.015) * rate).max(0.0) as usize;
        let to = (((seconds + 0.015) * rate) as usize).min(self.sound.len());
        let window = &self.sound[from..to];
        let crossings: Vec<f64> = window
            .windows(2)
            .enumerate()
            .filter(|(_, pair)| pair[0] < 0.0 && pair[1] >= 0.0)
            .map(|(at, pair)| at as f64 + f64::from(pair[0] / (pair[0] - pair[1])))
            .collect();
        let (first, last) = (crossings[0], crossings[crossings.len() - 1]);
        (crossings.len() - 1) as f64 * rate / (last - first)
    }
}

fn packets(trak: &Trak, bytes: &[u8]) -> Packets {
    let stbl = &trak.mdia.minf.stbl;
    let sizes = match &stbl.stsz.samples {
        StszSamples::Different { sizes } => sizes.clone(),
        StszSamples::Identical { count, size } => vec![*size; *count as usize],
    };
    let chunks: Vec<u64> = match (&stbl.stco, &stbl.co64) {
        (Some(stco), _) => stco
            .entries
            .iter()
            .map(|&offset| u64::from(offset))
            .collect(),
        (_, Some(co64)) => co64.entries.clone(),
        _ => panic!("no chunk offsets"),
    };
    let mut data = Vec::new();
    for (index, offset) in chunks.iter().enumerate() {
        let run = stbl
            .stsc
            .entries
            .iter()
            .rev()
            .find(|run| run.first_chunk as usize <= index + 1);
        let mut at = *offset as usize;
        for _ in 0..run.unwrap().samples_per_chunk {
            let size = sizes[data.len()] as usize;
            data.push(bytes[at..at + size].to_vec());
            at += size;
        }
    }
    assert_eq!(data.len(), sizes.len(), "every sample lies in a chunk");
    let durations: Vec<u32> = stbl
        .stts
        .entries
        .iter()
        .flat_map(|entry| std::iter::repeat_n(entry.sample_delta, entry.sample_count as usize))
        .collect();
    let offsets: Vec<i64> = match &stbl.ctts {
        Some(ctts) => ctts
            .entries
            .iter()
            .flat_map(|entry| std::iter::repeat_n(entry.sample_offset, entry.sample_count as usize))
            .collect(),
        None => vec![0; durations.len()],
    };
    let edits = trak
        .edts
        .as_ref()
        .and_then(|edts| edts.elst.clone())
        .unwrap_or_default()
        .entries;
    let start = edits.iter().find_map(|edit| edit.media_time).unwrap_or(0) as i64;
    let mut decoded = 0;
    let times = durations
        .iter()
        .zip(offsets)
        .map(|(&duration, offset)| {
            let time = decoded + offset - start;
            decoded += i64::from(duration);
            time
        })
        .collect();
    Packets {
        data,
        times,
        durations,
    }
}

fn read_video(trak: &Trak, bytes: &[u8]) -> (Vec<(f64, Luma)>, f64) {
    let packets = packets(trak, bytes);
    let scale = f64::from(trak.mdia.mdhd.timescale);
    let Codec::Avc1(entry) = &trak.mdia.minf.stbl.stsd.codecs[0] else {
        panic!("not H.264");
    };
    let settings = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
    let mut decoder = Decoder::with_api_config(OpenH264API::from_source(), settings).unwrap();
    let mut parameters = Vec::new();
    for unit in entry
        .avcc
        .sequence_parameter_sets
        .iter()
        .chain(&entry.avcc.picture_parameter_sets)
    {
        parameters.extend([0, 0, 0, 1]);
        parameters.extend(unit);
    }
    let mut pictures = Vec::new();
    for data in &packets.data {
        let mut stream = std::mem::take(&mut parameters);
        let mut rest = &data[..];
        while let Some((length, after)) = rest.split_first_chunk() {
            let size = u32::from_be_bytes(*length) as usize;
            stream.extend([0, 0, 0, 1]);
            stream.extend(&after[..size]);
            rest = &after[size..];
        }
        pictures.extend(
            decoder
                .decode(&stream)
                .unwrap()
                .map(|picture| luma(&picture)),
        );
    }
    pictures.extend(decoder.flush_remaining().unwrap().iter().map(luma));
    let mut times = packets.times.clone();
    times.sort_unstable();
    assert_eq!(times.len(), pictures.len(), "every sample is a picture");
    let last = (0..times.len())
        .max_by_key(|&at| packets.times[at])
        .unwrap();
    let end = packets.times[last] + i64::from(packets.durations[last]);
    let times = times.into_iter().map(|time| time as f64 / scale);
    (times.zip(pictures).collect(), end as f64 / scale)
}

fn luma(picture: &openh264::decoder::DecodedYUV<'_>) -> Luma {
    let (width, height) = picture.dimensions();
    let stride = picture.strides().0;
    let rows = picture.y().chunks(stride).take(height);
    Luma {
        width,
        height,
        data: rows.flat_map(|row| row[..width].to_vec()).collect(),
    }
}

/// Empty for sound that is not AAC.
fn read_sound(trak: &Trak, bytes: &[u8], movie_timescale: u32) -> (Vec<f32>, u32, f64) {
    let packets = packets(trak, bytes);
    let Codec::Mp4a(entry) = &trak.mdia.minf.stbl.stsd.codecs[0] else {
        return Default::default();
    };
    let Some(specific) = &entry.esds.es_desc.dec_config.dec_specific else {
        return Default::default();
    };
    let mut parameters = AudioCodecParameters::new();
    parameters
        .for_codec(CODEC_ID_AAC)
        .with_extra_data(specific.raw.clone().into_boxed_slice());
    let mut decoder = AacDecoder::try_new(&parameters, &AudioDecoderOptions::default()).unwrap();
    let rate = decoder.codec_params().sample_rate.unwrap();
    let channels = decoder.codec_params().channels.as_ref().unwrap().count();
    let edits = trak
        .edts
        .as_ref()
        .and_then(|edts| edts.elst.clone())
        .unwrap_or_default()
        .entries;
    let ticks = |edit: &ElstEntry| edit.segment_duration as f64 / f64::from(movie_timescale);
    let delay: f64 = edits
        .iter()
        .filter(|edit| edit.media_time.is_none())
        .map(ticks)
        .sum();
    let length: f64 = edits
        .iter()
        .filter(|edit| edit.media_time.is_some())
        .map(ticks)
        .sum();
    let mut heard = vec![0.0; (delay * f64::from(rate)).round() as usize];
    for (data, time) in packets.data.into_iter().zip(&packets.times) {
        let packet = Packet::new(0, 0_i64.into(), 1024_u32.into(), data);
        let mut samples: Vec<f32> = Vec::new();
        match decoder.decode(&packet) {
            Ok(buffer) => buffer.copy_to_vec_interleaved(&mut samples),
            // Sound is copied as it is, damage and all.
            Err(_) => samples.resize(1024 * channels, 0.0),
        }
        let skip = usize::try_from(-time).unwrap_or(0);
        heard.extend(samples.chunks(channels).skip(skip).map(|frame| frame[0]));
    }
    heard.truncate(((delay + length) * f64::from(rate)).round() as usize);
    (heard, rate, delay + length)
}
