//! Looks at a file with ffmpeg alone (ffprobe is not always there): the streams from what ffmpeg
//! prints about its input, the exact times from a packet list.

use std::path::Path;

use super::run::Ffmpeg;
use crate::error::{Error, Result};
use crate::framing::Picture;
use crate::model::{BackendKind, SourceInfo, SubtitleTrack};
use crate::plan::Timeline;
use crate::transcript::Transcript;
use crate::worker::Control;

/// A packet that the edit list hides.
const DISCARD: u32 = 4;
const NO_TIME: i64 = i64::MIN;

/// What is known of a file before it is cut.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) timeline: Timeline,
    pub(super) picture: Picture,
    pub(super) has_audio: bool,
    streams: Vec<Stream>,
}

/// A line of ffmpeg's description of its input.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stream {
    kind: String,
    codec: String,
    language: Option<String>,
    size: Option<(u32, u32)>,
    pixel_aspect: (u32, u32),
    rotation: i32,
    cover: bool,
}

/// Looks at a file.
pub(crate) fn probe(program: &Path, path: &Path, control: &Control) -> Result<SourceInfo> {
    let source = inspect(program, path, control)?;
    let (width, height) = source.picture.display_size();
    let timeline = &source.timeline;
    let codec_of = |kind: &str| {
        let of_kind = |stream: &&Stream| stream.kind == kind && !stream.cover;
        source
            .streams
            .iter()
            .find(of_kind)
            .map(|stream| stream.codec.clone())
    };
    let subtitles = source
        .streams
        .iter()
        .filter(|stream| stream.kind == "Subtitle");
    Ok(SourceInfo {
        duration_seconds: timeline.duration_seconds(),
        width,
        height,
        frame_rate: timeline.frame_rate(),
        variable_frame_rate: timeline.varies(),
        rotation_degrees: source.picture.rotation,
        video_codec: codec_of("Video").unwrap_or_default(),
        audio_codec: codec_of("Audio"),
        has_audio: source.has_audio,
        subtitles: subtitles
            .enumerate()
            .map(|(index, stream)| SubtitleTrack {
                index,
                codec: stream.codec.clone(),
                language: stream.language.clone(),
                readable: is_text(&stream.codec),
            })
            .collect(),
        backend: BackendKind::Ffmpeg,
    })
}

/// The cues of the file's subtitle track number `index`, from 0.
pub(crate) fn subtitles(
    program: &Path,
    path: &Path,
    index: usize,
    control: &Control,
) -> Result<Transcript> {
    let info = probe(program, path, control)?;
    match info.subtitles.get(index) {
        None => {
            let count = info.subtitles.len();
            return Err(Error::invalid(format!(
                "there is no subtitle track {index}: the file has {count}"
            )));
        }
        Some(track) if !track.readable => {
            return Err(Error::unsupported(format!(
                "subtitle track {index} is {}, which holds pictures and no text",
                track.codec
            )));
        }
        Some(_) => {}
    }
    let mut text = Vec::new();
    Ffmpeg::new(program)
        .args(["-v", "error"])
        .source(path)?
        .args(["-map", &format!("0:s:{index}"), "-f", "webvtt", "pipe:1"])
        .run(control, |chunk| {
            text.extend_from_slice(chunk);
            Ok(())
        })?;
    let text = String::from_utf8_lossy(&text);
    if text.trim() == "WEBVTT" {
        return Ok(Transcript::default());
    }
    Transcript::parse(&text)
}

/// Reads the streams and the times of all frames.
pub(super) fn inspect(program: &Path, path: &Path, control: &Control) -> Result<Source> {
    let mut packets = PacketList::default();
    let said = Ffmpeg::new(program)
        .args(["-v", "info", "-nostats", "-copyts"])
        .source(path)?
        // V: a video, and no cover picture.
        .args([
            "-map", "0:V:0", "-map", "0:a:0?", "-c", "copy", "-f", "framecrc", "pipe:1",
        ])
        .run(control, |chunk| {
            packets.read(chunk);
            Ok(())
        })?;
    let streams = streams(&said);
    let video = streams
        .iter()
        .find(|stream| stream.kind == "Video" && !stream.cover)
        .ok_or_else(|| {
            Error::unsupported("the file has no video track: give one with a picture")
        })?;
    let (width, height) = video.size.ok_or_else(|| {
        Error::damaged("ffmpeg cannot tell the size of the picture: the file is damaged")
    })?;
    // ffmpeg turns counter-clockwise by a positive number.
    let rotation = (-video.rotation).rem_euclid(360).unsigned_abs();
    let picture = Picture {
        width,
        height,
        pixel_aspect: video.pixel_aspect,
        rotation: if rotation % 90 == 0 { rotation } else { 0 },
    };
    Ok(Source {
        timeline: packets.timeline()?,
        picture,
        has_audio: streams.iter().any(|stream| stream.kind == "Audio"),
        streams,
    })
}

/// Collects ffmpeg's `framecrc` output: a tick for each stream, then a line for each packet.
#[derive(Default)]
struct PacketList {
    rest: Vec<u8>,
    ticks: [Option<(u32, u32)>; 2],
    video: Vec<(i64, i64)>,
    first_audio: Option<i64>,
}

impl PacketList {
    fn read(&mut self, chunk: &[u8]) {
        self.rest.extend_from_slice(chunk);
        let Some(end) = self.rest.iter().rposition(|&byte| byte == b'\n') else {
            return;
        };
        let rest = self.rest.split_off(end + 1);
        let lines = std::mem::replace(&mut self.rest, rest);
        for line in String::from_utf8_lossy(&lines).lines() {
            // A line of another shape says nothing that is needed.
            let _ = self.line(line);
        }
    }

    fn line(&mut self, line: &str) -> Option<()> {
        if let Some(tick) = line.strip_prefix("#tb ") {
            let (index, tick) = tick.split_once(": ")?;
            let (num, den) = tick.trim().split_once('/')?;
            let index: usize = index.parse().ok()?;
            *self.ticks.get_mut(index)? = Some((num.parse().ok()?, den.parse().ok()?));
            return None;
        }
        let mut fields = line.split(',').map(str::trim);
        let index: usize = fields.next()?.parse().ok()?;
        let decode_time: i64 = fields.next()?.parse().ok()?;
        let time: i64 = fields.next()?.parse().ok()?;
        let duration: i64 = fields.next()?.parse().ok()?;
        let flags = fields
            .find_map(|field| field.strip_prefix("F=0x"))
            .and_then(|flags| u32::from_str_radix(flags, 16).ok());
        if flags.unwrap_or(0) & DISCARD != 0 {
            return None;
        }
        let time = if time == NO_TIME { decode_time } else { time };
        match index {
            0 => self.video.push((time, duration)),
            1 => self.first_audio = Some(self.first_audio.map_or(time, |first| first.min(time))),
            _ => {}
        }
        Some(())
    }

    fn timeline(mut self) -> Result<Timeline> {
        self.video.sort_unstable();
        self.video.dedup_by_key(|packet| packet.0);
        let (Some(tick), Some(&(first, _)), Some(&(last, duration))) =
            (self.ticks[0], self.video.first(), self.video.last())
        else {
            return Err(Error::damaged("the video track has no frames"));
        };
        let mut timeline = Timeline {
            times: self.video.iter().map(|packet| packet.0).collect(),
            end: last,
            tick,
            origin: first,
        };
        let duration = if duration > 0 {
            duration
        } else {
            timeline.usual_interval()
        };
        timeline.end = last + duration.max(1);
        if let (Some((num, den)), Some(audio)) = (self.ticks[1], self.first_audio) {
            let seconds = audio as f64 * f64::from(num) / f64::from(den.max(1));
            let audio = seconds * f64::from(tick.1) / f64::from(tick.0);
            timeline.origin = first.min(audio.round() as i64);
        }
        Ok(timeline)
    }
}

/// The streams of the first input.
fn streams(said: &str) -> Vec<Stream> {
    let mut streams: Vec<Stream> = Vec::new();
    for line in said.lines() {
        // Outputs are described below the input in the same words.
        if line.starts_with("Output #") {
            break;
        }
        let line = line.trim_start();
        if line.starts_with("Stream #0:") {
            streams.extend(stream(line));
        } else if let (Some(turn), Some(last)) = (
            line.strip_prefix("displaymatrix: rotation of "),
            streams.last_mut(),
        ) {
            let degrees = turn
                .split_whitespace()
                .next()
                .and_then(|turn| turn.parse::<f64>().ok());
            last.rotation = degrees.unwrap_or(0.0).round() as i32;
        }
    }
    streams
}

/// `Stream #0:0[0x1](und): Video: h264 (High) (avc1 / …), yuv420p, 1280x720 [SAR 1:1 DAR 16:9], …`
fn stream(line: &str) -> Option<Stream> {
    const KINDS: [&str; 3] = ["Video", "Audio", "Subtitle"];
    let (kind, at) = KINDS
        .iter()
        .filter_map(|kind| line.find(&format!(": {kind}: ")).map(|at| (*kind, at)))
        .min_by_key(|(_, at)| *at)?;
    let (head, body) = (&line[..at], &line[at + kind.len() + 4..]);
    let codec = body.split([' ', ',']).next()?.to_owned();
    let language = head
        .rsplit_once('(')
        .map(|(_, language)| language.trim_end_matches(')').to_owned())
        .filter(|language| language != "und" && language.len() == 3);
    let mut size = None;
    for part in body.split(", ") {
        let mut words = part.split([' ', '[']);
        let sides = words.next().and_then(|word| word.split_once('x'));
        if let Some((Ok(width), Ok(height))) = sides.map(|(w, h)| (w.parse(), h.parse())) {
            size = Some((width, height));
            break;
        }
    }
    let pixel_aspect = body
        .find("SAR ")
        .and_then(|at| {
            body[at + 4..]
                .split([' ', ',', ']'])
                .next()?
                .split_once(':')
        })
        .and_then(|(h, v)| Some((h.parse().ok()?, v.parse().ok()?)))
        .filter(|&(h, v)| h > 0 && v > 0)
        .unwrap_or((1, 1));
    Some(Stream {
        kind: kind.to_owned(),
        codec,
        language,
        size,
        pixel_aspect,
        rotation: 0,
        cover: body.contains("(attached pic)"),
    })
}

fn is_text(codec: &str) -> bool {
    !matches!(
        codec,
        "dvd_subtitle" | "hdmv_pgs_subtitle" | "dvb_subtitle" | "xsub" | "dvb_teletext"
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SAID: &str = "Input #0, mov,mp4, from 'file:x.mp4':
  Metadata:
    title           : Stream #0:9: Video: fake, 1x1
  Duration: 00:00:20.00, start: 0.000000, bitrate: 809 kb/s
  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709, progressive), 720x576 [SAR 64:45 DAR 16:9], 738 kb/s, 25 fps, 25 tbr, 12800 tbn (default)
    Side data:
      displaymatrix: rotation of -90.00 degrees
  Stream #0:1[0x2](eng): Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, mono, fltp, 69 kb/s (default)
  Stream #0:2[0x3](deu): Subtitle: mov_text (tx3g / 0x67337874), 0 kb/s
  Stream #0:3: Video: mjpeg, yuvj420p, 100x100, 90k tbr (attached pic)
Output #0, framecrc, to 'pipe:1':
  Stream #0:0(und): Video: h264, 1x1
";

    #[test]
    fn streams_are_read_from_the_description() {
        let streams = streams(SAID);
        assert_eq!(streams.len(), 4);
        assert_eq!(streams[0].codec, "h264");
        assert_eq!(streams[0].size, Some((720, 576)));
        assert_eq!(streams[0].pixel_aspect, (64, 45));
        assert_eq!(streams[0].rotation, -90);
        assert_eq!(
            (streams[1].kind.as_str(), streams[1].codec.as_str()),
            ("Audio", "aac")
        );
        assert_eq!(streams[2].language.as_deref(), Some("deu"));
        assert!(streams[3].cover);
    }

    #[test]
    fn packets_become_a_timeline() {
        let mut packets = PacketList::default();
        packets.read(b"#tb 0: 1/25\n#tb 1: 1/48000\n0, -2, 0, 1, 100, 0x1\n0, -1, 2, 1, 9, 0x2, F=0x0\n0, 0, 1, 1, 9");
        packets
            .read(b", 0x3, F=0x0\n1, -1024, -1024, 1024, 5, 0x4, F=0x5\n1, 0, 0, 1024, 5, 0x4\n");
        let timeline = packets.timeline().unwrap();
        assert_eq!(timeline.times, [0, 1, 2]);
        assert_eq!(
            (timeline.end, timeline.origin, timeline.tick),
            (3, 0, (1, 25))
        );
    }
}
