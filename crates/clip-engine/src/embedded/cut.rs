//! Cuts one clip with nothing but this crate: decode, reframe, draw captions, encode; the sound is
//! copied packet by packet.

use mp4_atom::Colr;

use super::boxes::read_at;
use super::decode;
use super::demux::{AudioTrack, Movie, Sample};
use super::encode::VideoEncoder;
use super::mux::{AudioIndex, Spool, Stored, VideoIndex};
use super::picture::Reframer;
use crate::error::{Error, Result};
use crate::plan::{Timeline, Window};
use crate::thumbnail::write_jpeg;
use crate::worker::{Control, CutJob, CutOutcome};

/// Cuts `job` and writes the MP4 (and thumbnail) into the job's folder.
pub(crate) fn cut(job: &CutJob, control: &Control) -> Result<CutOutcome> {
    let mut movie = Movie::open(&job.source)?;
    for note in std::mem::take(&mut movie.notes) {
        control.log(note);
    }
    let timeline = movie.timeline()?;
    let spec = &job.spec;
    let window = timeline.window(spec.start_seconds, spec.end_seconds)?;
    let layout = movie.video.picture.layout(spec.framing)?;
    let durations = durations(&timeline, window);

    let spool = tempfile::tempfile_in(&job.folder)
        .map_err(|cause| Error::io("creating a temporary file for the clip", cause))?;
    let mut writer = ClipWriter {
        spool: Spool::new(spool),
        video: Stored::default(),
        audio: Stored::default(),
        sound: movie
            .audio
            .as_ref()
            .map(|audio| Sound::new(audio, &timeline, window)),
    };
    let colour = movie.video.colour.clone();
    let full_range = matches!(
        colour,
        Some(Colr::Nclx {
            full_range_flag: true,
            ..
        })
    );
    let mut encoder = VideoEncoder::new(timeline.frame_rate(), colour.as_ref())?;
    let mut reframer = Reframer::new(layout);
    let mut burner = job.burner(layout.width, layout.height)?;
    let thumbnail_at = thumbnail_frame(durations.len());

    let times = (timeline.times[window.first], timeline.times[window.end - 1]);
    let mut sound_file = movie
        .file
        .try_clone()
        .map_err(|cause| Error::io("opening it a second time", cause))?;
    let mut elapsed = 0_i64;
    let mut index = 0;
    decode::frames(&mut movie.file, &movie.video, times, |decoded| {
        control.check()?;
        let mut picture = reframer.apply(decoded)?;
        let shown_at = timeline.seconds(window.from + elapsed - timeline.origin);
        if let Some(burner) = &mut burner {
            burner.draw(&mut picture, shown_at);
        }
        if spec.thumbnail && index == thumbnail_at {
            write_jpeg(&job.thumbnail(), &picture, full_range)?;
        }
        let encoded = encoder.encode(&picture)?;
        let duration = durations[index];
        writer
            .spool
            .push(&mut writer.video, &encoded.data, duration, encoded.sync)?;
        elapsed += i64::from(duration);
        index += 1;
        writer.sound_until(&mut sound_file, movie.audio.as_ref(), &timeline, elapsed)?;
        control.progress(index as f64 / durations.len() as f64);
        Ok(())
    })?;
    writer.sound_until(&mut sound_file, movie.audio.as_ref(), &timeline, i64::MAX)?;

    let audio = movie
        .audio
        .as_ref()
        .zip(writer.sound.as_ref())
        .filter(|_| writer.audio.frames() > 0)
        .map(|(track, sound)| AudioIndex {
            stored: &writer.audio,
            timescale: track.timescale,
            codec: &track.codec,
            skip: sound.skip,
            delay: sound.delay,
            length: sound.length,
        });
    let has_audio = audio.is_some();
    let bytes = writer.spool.finish(
        &job.clip(),
        &VideoIndex {
            stored: &writer.video,
            timescale: movie.video.timescale,
            width: layout.width,
            height: layout.height,
            sps: &encoder.sps,
            pps: &encoder.pps,
            colour: colour.as_ref(),
        },
        audio.as_ref(),
    )?;
    Ok(CutOutcome {
        frames: durations.len() as u64,
        start_seconds: timeline.seconds(window.from - timeline.origin),
        duration_seconds: timeline.seconds(window.until - window.from),
        width: layout.width,
        height: layout.height,
        has_audio,
        bytes,
    })
}

/// How long each frame of the window is shown, in ticks.
fn durations(timeline: &Timeline, window: Window) -> Vec<u32> {
    let mut shown: Vec<i64> = timeline.times[window.first..window.end].to_vec();
    shown[0] = window.from;
    shown.push(window.until);
    shown
        .windows(2)
        .map(|pair| u32::try_from(pair[1] - pair[0]).unwrap_or(u32::MAX))
        .collect()
}

/// A third into the clip: past a fade-in, before the end.
pub(crate) fn thumbnail_frame(frames: usize) -> usize {
    frames / 3
}

struct ClipWriter {
    spool: Spool,
    video: Stored,
    audio: Stored,
    sound: Option<Sound>,
}

impl ClipWriter {
    /// Copies the packets that begin before the video has reached `elapsed` ticks, so that a player
    /// finds sound and picture side by side.
    fn sound_until(
        &mut self,
        file: &mut std::fs::File,
        track: Option<&AudioTrack>,
        timeline: &Timeline,
        elapsed: i64,
    ) -> Result<()> {
        let (Some(track), Some(sound)) = (track, &mut self.sound) else {
            return Ok(());
        };
        // Half a second at a time: fewer, larger runs.
        let reached = timeline.seconds(elapsed.min(i64::MAX / 2));
        if elapsed != i64::MAX && reached < sound.copied_seconds + 0.5 {
            return Ok(());
        }
        while let Some(packet) = sound.packets.get(sound.next) {
            let at = (packet.time - sound.zero) as f64 / f64::from(track.timescale);
            if at > reached {
                break;
            }
            let data = read_at(file, packet.offset, packet.size as usize)?;
            self.spool
                .push(&mut self.audio, &data, packet.duration, true)?;
            sound.next += 1;
        }
        sound.copied_seconds = reached;
        Ok(())
    }
}

/// The packets of a window and the edit that trims them to it.
struct Sound {
    packets: Vec<Sample>,
    next: usize,
    copied_seconds: f64,
    /// The clip's zero in the audio track's ticks.
    zero: i64,
    skip: u64,
    delay: u64,
    length: u64,
}

impl Sound {
    fn new(track: &AudioTrack, timeline: &Timeline, window: Window) -> Self {
        let scale = f64::from(track.timescale);
        let to_audio = |ticks: i64| (timeline.seconds(ticks) * scale).round() as i64;
        let to_video = |ticks: i64| {
            let ticks = ticks as f64 / scale * f64::from(timeline.tick.1);
            (ticks / f64::from(timeline.tick.0)).round().max(0.0) as u64
        };
        let (zero, end) = (to_audio(window.from), to_audio(window.until));
        let samples = &track.samples;
        let overlaps = |sample: &Sample| {
            sample.shown && sample.time < end && sample.time + i64::from(sample.duration) > zero
        };
        let first = samples.iter().position(overlaps);
        let last = samples.iter().rposition(overlaps);
        let (Some(first), Some(last)) = (first, last) else {
            return Self {
                packets: Vec::new(),
                next: 0,
                copied_seconds: 0.0,
                zero,
                skip: 0,
                delay: 0,
                length: 0,
            };
        };
        let starts = samples[first].time.max(zero);
        let ends = (samples[last].time + i64::from(samples[last].duration)).min(end);
        let preroll = first.saturating_sub(track.preroll);
        Self {
            packets: samples[preroll..=last].to_vec(),
            next: 0,
            copied_seconds: 0.0,
            zero,
            skip: (starts - samples[preroll].time).max(0).cast_unsigned(),
            delay: to_video(starts - zero),
            length: to_video(ends - starts),
        }
    }
}
