//! Reads an MP4's index into flat sample tables with presentation times: whole files and fragmented
//! ones, edit lists, rotation and pixel aspect. Knows nothing of decoding.

use std::fs::File;
use std::path::Path;

use mp4_atom::{Avcc, Codec, Colr, Elst, Mdhd, Mvhd, Stsd, Tkhd};

use super::boxes::{self, children, decode, decode_child, descend, find, require};
use super::fragments;
use super::sps::Sps;
use super::tables::{RawSample, samples};
use crate::error::{Error, Result};
use crate::framing::Picture;
use crate::plan::Timeline;

/// The largest side of a picture that openh264 takes.
const LARGEST_SIDE: u32 = 4096;

/// MPEG-4 audio, as a decoder's configuration calls it.
const AAC: u8 = 0x40;

/// An opened MP4.
#[derive(Debug)]
pub(super) struct Movie {
    pub(super) file: File,
    pub(super) video: VideoTrack,
    pub(super) audio: Option<AudioTrack>,
    pub(super) text: Vec<TextTrack>,
    /// Seconds from the movie's own zero to the first thing that is presented; callers' zero.
    pub(super) origin_seconds: f64,
    /// Tracks that the file has and that are left out of a clip.
    pub(super) notes: Vec<String>,
}

/// One sample of a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) offset: u64,
    pub(super) size: u32,
    /// Presentation time in the track's ticks, edits applied.
    pub(super) time: i64,
    /// Time to the next sample in decoding order, in ticks.
    pub(super) duration: u32,
    /// Whether decoding can begin here.
    pub(super) sync: bool,
    /// Whether the edit list lets it be seen.
    pub(super) shown: bool,
}

#[derive(Debug)]
pub(super) struct VideoTrack {
    pub(super) timescale: u32,
    pub(super) picture: Picture,
    pub(super) avcc: Avcc,
    pub(super) colour: Option<Colr>,
    /// In decoding order.
    pub(super) samples: Vec<Sample>,
}

#[derive(Debug)]
pub(super) struct AudioTrack {
    pub(super) timescale: u32,
    /// The sample entry, as it is copied into a clip.
    pub(super) codec: Codec,
    /// How many packets a decoder needs to have seen before one comes out right.
    pub(super) preroll: usize,
    pub(super) samples: Vec<Sample>,
}

#[derive(Debug)]
pub(super) struct TextTrack {
    pub(super) timescale: u32,
    pub(super) language: Option<String>,
    pub(super) samples: Vec<Sample>,
}

/// The parts of a track that its kind does not change.
pub(super) struct RawTrack {
    pub(super) id: u32,
    pub(super) timescale: u32,
    pub(super) samples: Vec<RawSample>,
    edits: Vec<mp4_atom::ElstEntry>,
    handler: [u8; 4],
    rotation: u32,
    language: String,
    entry: Codec,
    entries: usize,
}

impl Movie {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path).map_err(|cause| Error::io("opening it", cause))?;
        let layout = boxes::top_level(&mut file)?;
        let moov = layout.iter().find(|found| &found.kind == b"moov");
        let Some(moov) = moov else {
            return Err(not_an_mp4(&mut file, &layout));
        };
        let moov = moov.read(&mut file)?;
        let header: Mvhd = require(&moov)?;
        let mut tracks = Vec::new();
        for child in children(&moov).filter(|child| &child.kind == b"trak") {
            tracks.push(read_track(child.body)?);
        }
        if find(&moov, b"mvex").is_some() {
            fragments::append(&mut file, &layout, &moov, &mut tracks)?;
        }
        Self::assemble(file, tracks, header.timescale)
    }

    fn assemble(file: File, tracks: Vec<RawTrack>, movie_timescale: u32) -> Result<Self> {
        let mut video = None;
        let mut audio = None;
        let mut text = Vec::new();
        let mut notes = Vec::new();
        for track in tracks {
            match &track.handler {
                b"vide" if is_cover(&track) => {}
                b"vide" if video.is_none() => video = Some(video_track(track, movie_timescale)?),
                b"soun" if audio.is_none() => audio = Some(audio_track(track, movie_timescale)?),
                b"sbtl" | b"text" | b"subt" => text.extend(text_track(track, movie_timescale)?),
                b"vide" | b"soun" => notes.push(format!(
                    "track {} is a second {} track and is left out",
                    track.id,
                    if &track.handler == b"vide" {
                        "video"
                    } else {
                        "sound"
                    }
                )),
                _ => {}
            }
        }
        let video = video.ok_or_else(|| {
            Error::unsupported("the file has no video track: give a file with a picture")
        })?;
        let mut starts = vec![first_shown(&video.samples, video.timescale)];
        if let Some(audio) = &audio {
            starts.push(first_shown(&audio.samples, audio.timescale));
        }
        let origin_seconds = starts.into_iter().flatten().reduce(f64::min).unwrap_or(0.0);
        Ok(Self {
            file,
            video,
            audio,
            text,
            origin_seconds: origin_seconds.max(0.0),
            notes,
        })
    }

    /// When each frame is shown, in presentation order.
    pub(super) fn timeline(&self) -> Result<Timeline> {
        let video = &self.video;
        let shown = || video.samples.iter().filter(|sample| sample.shown);
        let mut times: Vec<i64> = shown().map(|sample| sample.time).collect();
        times.sort_unstable();
        if times.is_empty() {
            return Err(Error::damaged("the video track has no frames"));
        }
        if times.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Error::damaged(
                "two frames of the video track have the same time: the index is damaged",
            ));
        }
        let last = times[times.len() - 1];
        let end = shown()
            .filter(|sample| sample.time == last)
            .map(|sample| last + i64::from(sample.duration.max(1)))
            .next()
            .unwrap_or(last + 1);
        Ok(Timeline {
            times,
            end,
            tick: (1, video.timescale),
            origin: (self.origin_seconds * f64::from(video.timescale)).round() as i64,
        })
    }
}

fn not_an_mp4(file: &mut File, layout: &[boxes::FileBox]) -> Error {
    let head = boxes::read_at(file, 0, 4).unwrap_or_default();
    if head == [0x1a, 0x45, 0xdf, 0xa3] {
        return Error::unsupported(
            "the file is Matroska or WebM, which the embedded backend cannot read: convert it to \
             MP4 with H.264, or use the ffmpeg backend",
        );
    }
    if layout
        .iter()
        .any(|found| &found.kind == b"ftyp" || &found.kind == b"mdat")
    {
        return Error::damaged("the file is an MP4 without its index (moov): it is cut off");
    }
    Error::unsupported(
        "the file is no MP4, which is all that the embedded backend can read: convert it to MP4 \
         with H.264, or use the ffmpeg backend",
    )
}

fn read_track(trak: &[u8]) -> Result<RawTrack> {
    let header: Tkhd = require(trak)?;
    let missing = || Error::damaged("a track has no media: the file is damaged");
    let mdia = find(trak, b"mdia").ok_or_else(missing)?;
    let media: Mdhd = require(mdia)?;
    if media.timescale == 0 {
        return Err(Error::damaged(
            "a track has no time scale: the file is damaged",
        ));
    }
    let handler = find(mdia, b"hdlr")
        .and_then(|body| body.get(8..12)?.try_into().ok())
        .ok_or_else(missing)?;
    let stbl = descend(mdia, &[b"minf", b"stbl"]).ok_or_else(missing)?;
    let wanted = matches!(&handler, b"vide" | b"soun" | b"sbtl" | b"text" | b"subt");
    let (entry, entries) = if wanted {
        sample_entry(stbl)?
    } else {
        (unknown(), 1)
    };
    let edits = match find(trak, b"edts") {
        Some(edts) => decode_child::<Elst>(edts)?.unwrap_or_default().entries,
        None => Vec::new(),
    };
    Ok(RawTrack {
        id: header.track_id,
        timescale: media.timescale,
        samples: if wanted { samples(stbl)? } else { Vec::new() },
        edits,
        handler,
        rotation: rotation(&header),
        language: media.language,
        entry,
        entries,
    })
}

fn unknown() -> Codec {
    Codec::Unknown(mp4_atom::FourCC::new(b"none"), Vec::new())
}

/// The first sample entry. One that mp4-atom does not know, or that is damaged, is kept by name.
fn sample_entry(stbl: &[u8]) -> Result<(Codec, usize)> {
    let stsd = find(stbl, b"stsd")
        .ok_or_else(|| Error::damaged("a track does not say its codec: the file is damaged"))?;
    if let Ok(stsd) = decode::<Stsd>(stsd) {
        let entries = stsd.codecs.len();
        if let Some(entry) = stsd.codecs.into_iter().next() {
            return Ok((entry, entries));
        }
    }
    let name = stsd.get(8..).and_then(|entries| children(entries).next());
    let name =
        name.ok_or_else(|| Error::damaged("a track does not say its codec: the file is damaged"))?;
    Ok((Codec::Unknown(name.kind.into(), Vec::new()), 1))
}

/// Clockwise turn of a track's matrix; a mirror or a shear counts as no turn.
fn rotation(header: &Tkhd) -> u32 {
    let m = &header.matrix;
    let sign = |value: i32| value.signum();
    match (sign(m.a), sign(m.b), sign(m.c), sign(m.d)) {
        (0, 1, -1, 0) => 90,
        (-1, 0, 0, -1) => 180,
        (0, -1, 1, 0) => 270,
        _ => 0,
    }
}

/// Applies the edit list: at most one empty edit, then one piece of the media.
///
/// `whole` says whether a sample must lie in the piece from its first tick on (a frame has no half)
/// or whether its end may (a packet of sound).
fn presented(track: &RawTrack, movie_timescale: u32, whole: bool) -> Result<Vec<Sample>> {
    let mut delay = 0_i64;
    let mut piece = None;
    for edit in &track.edits {
        let length = rescale(edit.segment_duration, track.timescale, movie_timescale);
        match edit.media_time {
            None if piece.is_none() => delay = delay.saturating_add(length),
            None => {}
            Some(_) if piece.is_some() => {
                return Err(Error::unsupported(format!(
                    "track {} is put together from several pieces by its edit list, which the \
                     embedded backend cannot follow: use the ffmpeg backend, or export it plainly",
                    track.id
                )));
            }
            Some(start) => piece = Some((i64::try_from(start).unwrap_or(i64::MAX), length)),
        }
    }
    let (start, length) = piece.unwrap_or((0, 0));
    let shift = delay.saturating_sub(start);
    Ok(track
        .samples
        .iter()
        .map(|raw| {
            let composed = raw.decode_time.saturating_add(raw.composition_offset);
            let inside =
                composed >= start || (!whole && i64::from(raw.duration) > start - composed);
            Sample {
                offset: raw.offset,
                size: raw.size,
                time: composed.saturating_add(shift),
                duration: raw.duration,
                sync: raw.sync,
                // A fragmented file writes length 0 for "all of it".
                shown: inside && (length == 0 || composed.saturating_sub(start) < length),
            }
        })
        .collect())
}

fn rescale(value: u64, to: u32, from: u32) -> i64 {
    let scaled = u128::from(value) * u128::from(to) / u128::from(from.max(1));
    i64::try_from(scaled).unwrap_or(i64::MAX)
}

fn first_shown(samples: &[Sample], timescale: u32) -> Option<f64> {
    let first = samples
        .iter()
        .filter(|sample| sample.shown)
        .map(|sample| sample.time)
        .min()?;
    Some(first.max(0) as f64 / f64::from(timescale))
}

/// A still picture that players show beside the sound, not a video.
fn is_cover(track: &RawTrack) -> bool {
    track.samples.len() == 1 && (matches!(track.entry, Codec::Jpeg(_)) || track.entries == 0)
}

fn video_track(track: RawTrack, movie_timescale: u32) -> Result<VideoTrack> {
    let samples = presented(&track, movie_timescale, true)?;
    let (avcc, colour, pasp) = match track.entry {
        Codec::Avc1(entry) => (entry.avcc, entry.colr, entry.pasp),
        other => {
            return Err(Error::unsupported(format!(
                "the video codec is {}, and the embedded backend reads H.264 only: convert it, or \
                 use the ffmpeg backend",
                codec_name(&other)
            )));
        }
    };
    let sps = avcc
        .sequence_parameter_sets
        .first()
        .and_then(|unit| Sps::read(unit));
    let sps = sps.ok_or_else(|| {
        Error::damaged("the video's parameter set cannot be read: the file is damaged")
    })?;
    if !sps.progressive {
        return Err(Error::unsupported(
            "the video is interlaced, and the embedded backend reads progressive video only: \
             convert it, or use the ffmpeg backend",
        ));
    }
    if sps.chroma_format != 1 || sps.bit_depth != 8 {
        return Err(Error::unsupported(format!(
            "the video is {}-bit H.264 with chroma format {}, and the embedded backend reads \
             8-bit 4:2:0 only: convert it, or use the ffmpeg backend",
            sps.bit_depth, sps.chroma_format
        )));
    }
    if sps.width.max(sps.height) > LARGEST_SIDE {
        return Err(Error::unsupported(format!(
            "the video has {}x{} pixels, and the embedded backend reads up to {LARGEST_SIDE} a \
             side: make it smaller, or use the ffmpeg backend",
            sps.width, sps.height
        )));
    }
    if track.entries > 1 {
        return Err(Error::unsupported(
            "the video changes its codec settings midway, which the embedded backend cannot \
             follow: use the ffmpeg backend",
        ));
    }
    Ok(VideoTrack {
        timescale: track.timescale,
        picture: Picture {
            width: sps.width,
            height: sps.height,
            pixel_aspect: pasp
                .map(|pasp| (pasp.h_spacing, pasp.v_spacing))
                .or(sps.pixel_aspect)
                .unwrap_or((1, 1)),
            rotation: track.rotation,
        },
        avcc,
        colour: colour.or(sps.colour),
        samples,
    })
}

/// The track, or the name of a codec that cannot be copied.
/// Sound is copied: kinds that no MP4 can hold, or that nobody could cut without decoding them, are refused.
fn audio_track(track: RawTrack, movie_timescale: u32) -> Result<AudioTrack> {
    let samples = presented(&track, movie_timescale, false)?;
    let preroll = match &track.entry {
        Codec::Mp4a(entry) => match entry.esds.es_desc.dec_config.object_type_indication {
            // Its windows overlap.
            AAC => Some(1),
            // What a packet says may be in the 511 bytes before it.
            0x69 | 0x6b => Some(9),
            _ => None,
        },
        // 80 ms, in packets of mostly 20.
        Codec::Opus(_) => {
            let packet = samples.first().map_or(1, |sample| sample.duration.max(1));
            Some((track.timescale / 25 * 2).div_ceil(packet) as usize)
        }
        _ => None,
    };
    let Some(preroll) = preroll else {
        return Err(Error::unsupported(format!(
            "the sound is {}, which the embedded backend cannot copy into a clip: give a file with AAC, MP3 or Opus, \
             or use the ffmpeg backend",
            codec_name(&track.entry)
        )));
    };
    Ok(AudioTrack {
        timescale: track.timescale,
        codec: track.entry,
        preroll,
        samples,
    })
}

fn text_track(track: RawTrack, movie_timescale: u32) -> Result<Option<TextTrack>> {
    if !matches!(track.entry, Codec::Tx3g(_)) {
        return Ok(None);
    }
    Ok(Some(TextTrack {
        samples: presented(&track, movie_timescale, false)?,
        timescale: track.timescale,
        language: (track.language != "und" && !track.language.is_empty()).then_some(track.language),
    }))
}

/// The name that people use for a codec.
pub(super) fn codec_name(codec: &Codec) -> String {
    match codec {
        Codec::Avc1(_) => "h264".to_owned(),
        Codec::Avc3(_) => "h264 with parameter sets inside the stream (avc3)".to_owned(),
        Codec::Hev1(_) | Codec::Hvc1(_) => "hevc".to_owned(),
        Codec::Vp08(_) => "vp8".to_owned(),
        Codec::Vp09(_) => "vp9".to_owned(),
        Codec::Av01(_) => "av1".to_owned(),
        Codec::Mp4a(entry) => match entry.esds.es_desc.dec_config.object_type_indication {
            AAC => "aac".to_owned(),
            0x69 | 0x6b => "mp3".to_owned(),
            other => format!("MPEG-4 audio of object type {other:#x}"),
        },
        Codec::Mp3(_) => "mp3".to_owned(),
        Codec::Jpeg(_) => "mjpeg".to_owned(),
        Codec::Opus(_) => "opus".to_owned(),
        Codec::Flac(_) => "flac".to_owned(),
        Codec::Ac3(_) => "ac3".to_owned(),
        Codec::Eac3(_) => "eac3".to_owned(),
        Codec::Unknown(kind, _) => match &<[u8; 4]>::from(*kind) {
            b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => "hevc".to_owned(),
            b"mp4v" => "mpeg4".to_owned(),
            b"apcn" | b"apch" | b"apcs" | b"ap4h" => "prores".to_owned(),
            b"encv" | b"enca" => "encrypted".to_owned(),
            b"jpeg" | b"mjpa" | b"mjpb" => "mjpeg".to_owned(),
            b"raw " => "PCM".to_owned(),
            b"avc1" => "h264 with damaged settings".to_owned(),
            _ => kind.to_string(),
        },
        other => {
            // Raw and rare ones: the variant's name is the box's name.
            let name = format!("{other:?}");
            let name = name.split('(').next().unwrap_or_default().to_lowercase();
            match name.as_str() {
                "sowt" | "twos" | "lpcm" | "ipcm" | "fpcm" | "in24" | "in32" | "fl32" | "fl64"
                | "s16l" => "PCM".to_owned(),
                _ => name,
            }
        }
    }
}
