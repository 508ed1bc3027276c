//! Cuts one clip with ffmpeg: the plan's first and last tick go into `trim`, so that the frames are
//! the same as in the embedded backend.

use std::path::Path;

use super::captions::{self, Band};
use super::probe::{Source, inspect};
use super::run::Ffmpeg;
use crate::embedded::{self, Written};
use crate::error::{Error, Result};
use crate::framing::Layout;
use crate::plan::Window;
use crate::worker::{Control, CutJob, CutOutcome};

/// Seconds before the first frame at which reading begins; a keyframe before that is found anyway.
/// In containers without an index (MPEG-TS) a search may end too late: then from further back.
const RUN_UPS_SECONDS: [f64; 2] = [0.25, 30.0];

/// Cuts `job` and writes the MP4 (and thumbnail) into the job's folder.
pub(crate) fn cut(program: &Path, job: &CutJob, control: &Control) -> Result<CutOutcome> {
    let source = inspect(program, &job.source, control)?;
    let timeline = &source.timeline;
    let spec = &job.spec;
    let window = timeline.window(spec.start_seconds, spec.end_seconds)?;
    let layout = source.picture.upright().layout(spec.framing)?;
    let start_seconds = timeline.seconds(window.from - timeline.origin);
    let end_seconds = timeline.seconds(window.until - timeline.origin);
    let frames = window.end - window.first;
    let band = match job.burner(layout.width, layout.height)? {
        Some(mut burner) => captions::write(&mut burner, &job.folder, start_seconds, end_seconds)?,
        None => None,
    };

    let cut = Cut {
        program,
        job,
        source: &source,
        window,
        layout,
        band,
    };
    let mut written = Written::default();
    for run_up in RUN_UPS_SECONDS {
        written = cut.attempt(run_up, control)?;
        if written.frames >= frames as u64 {
            break;
        }
    }
    cut.finish(&written, start_seconds, control)
}

struct Cut<'a> {
    program: &'a Path,
    job: &'a CutJob,
    source: &'a Source,
    window: Window,
    layout: Layout,
    band: Option<Band>,
}

impl Cut<'_> {
    fn frames(&self) -> usize {
        self.window.end - self.window.first
    }

    /// Runs ffmpeg once and reads back what it wrote.
    fn attempt(&self, run_up: f64, control: &Control) -> Result<Written> {
        let timeline = &self.source.timeline;
        let first = timeline.seconds(timeline.times[self.window.first]);
        let mut ffmpeg = Ffmpeg::new(self.program);
        ffmpeg
            .within(&self.job.folder)
            .args([
                "-v",
                "error",
                "-nostats",
                "-progress",
                "pipe:1",
                "-stats_period",
                "0.2",
            ])
            // Times stay the file's own, and nothing but the filters below decides what is kept.
            .args(["-copyts", "-noaccurate_seek", "-seek_timestamp", "1"])
            .args(["-ss", &format!("{:.6}", first - run_up)])
            .source(&self.job.source)?;
        if self.band.is_some() {
            ffmpeg.args(captions::INPUT);
        }
        ffmpeg.args(["-filter_complex", &self.graph(), "-map", "[video]"]);
        if self.source.has_audio {
            ffmpeg.args(["-map", "[audio]", "-c:a", "aac", "-b:a", "128k", "-ac", "2"]);
        }
        let (num, den) = timeline.tick;
        ffmpeg
            .args([
                "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p",
            ])
            // Frames keep the ticks they have in the source, however uneven.
            .args([
                "-fps_mode",
                "passthrough",
                "-enc_time_base",
                &format!("{num}/{den}"),
            ])
            .args([
                "-video_track_timescale",
                &timescale(timeline.tick).to_string(),
            ])
            .args([
                "-map_metadata",
                "-1",
                "-map_chapters",
                "-1",
                "-fflags",
                "+bitexact",
            ])
            .args(["-movflags", "+faststart", "-f", "mp4", "clip.mp4"]);
        if self.job.spec.thumbnail {
            ffmpeg
                .args([
                    "-map",
                    "[thumbnail]",
                    "-frames:v",
                    "1",
                    "-c:v",
                    "mjpeg",
                    "-q:v",
                    "3",
                ])
                .args([
                    "-pix_fmt", "yuvj420p", "-f", "image2", "-update", "1", "clip.jpg",
                ]);
        }
        let mut progress = Progress::new(control, self.frames());
        ffmpeg.run(control, |chunk| {
            progress.read(chunk);
            Ok(())
        })?;
        // Where no frame was decoded, ffmpeg writes a file without a video track.
        Ok(embedded::written(&self.job.clip()).unwrap_or_default())
    }

    /// The report tells what is in the file, and not what should be.
    fn finish(
        &self,
        written: &Written,
        start_seconds: f64,
        control: &Control,
    ) -> Result<CutOutcome> {
        let expected = self.frames();
        if written.frames == 0 {
            return Err(Error::damaged(
                "no frame of the window could be decoded: the file is damaged there",
            ));
        }
        if written.frames < expected as u64 {
            control.log(format!(
                "only {} of the {expected} frames that the file lists could be decoded: it is damaged \
                 there",
                written.frames
            ));
        }
        if self.job.spec.thumbnail && !self.job.thumbnail().is_file() {
            return Err(Error::damaged(
                "no picture for the thumbnail could be decoded",
            ));
        }
        let bytes = std::fs::File::open(self.job.clip())
            .and_then(|file| {
                file.sync_all()?;
                file.metadata()
            })
            .map_err(|cause| Error::io("finishing the clip", cause))?
            .len();
        Ok(CutOutcome {
            frames: written.frames,
            start_seconds,
            duration_seconds: written.duration_seconds,
            width: self.layout.width,
            height: self.layout.height,
            has_audio: written.has_audio,
            bytes,
        })
    }

    fn graph(&self) -> String {
        let timeline = &self.source.timeline;
        let Window {
            first,
            end,
            from,
            until,
        } = self.window;
        let (first_tick, last_tick) = (timeline.times[first], timeline.times[end - 1]);
        let crop = self.layout.crop;
        let (width, height) = (self.layout.width, self.layout.height);
        // Ticks reach the filters unchanged: `settb` fixes what a tick is.
        let mut graph = format!(
            "[0:V:0]settb={}/{},trim=start_pts={first_tick}:end_pts={},setpts='max(PTS\\,{from})-{from}',\
         crop={}:{}:{}:{}:exact=1",
            timeline.tick.0,
            timeline.tick.1,
            last_tick + 1,
            crop.width.round(),
            crop.height.round(),
            crop.left,
            crop.top,
        );
        if crop.width != f64::from(width) || crop.height != f64::from(height) {
            graph.push_str(&format!(",scale={width}:{height}:flags=bicubic"));
        }
        graph.push_str(",setsar=1,format=yuv420p");
        if let Some(band) = &self.band {
            graph.push_str(&format!(
            "[plain];[1:v]format=rgba[words];[plain][words]overlay={}:{}:eof_action=repeat:format=yuv420,\
             trim=end_pts={}",
            band.left,
            band.top,
            // Words that change after the last frame would show that frame once more.
            last_tick.max(from) - from + 1,
        ));
        }
        if self.job.spec.thumbnail {
            let frame = embedded::thumbnail_frame(end - first);
            graph.push_str(&format!(
                ",split[video][all];[all]select='eq(n\\,{frame})'[thumbnail]"
            ));
        } else {
            graph.push_str("[video]");
        }
        if self.source.has_audio {
            let (start, stop) = (timeline.seconds(from), timeline.seconds(until));
            graph.push_str(&format!(
                ";[0:a:0]atrim=start={start:.6}:end={stop:.6},asetpts='PTS-{start:.6}/TB',\
             aresample=async=1:first_pts=0[audio]"
            ));
        }
        graph
    }
}

/// Ticks in a second of the written file; a tick that is no whole part of a second is made finer.
fn timescale((num, den): (u32, u32)) -> u32 {
    if num == 1 {
        den
    } else {
        den.saturating_mul(100).min(1_000_000)
    }
}

/// Reads `-progress` lines.
struct Progress<'a> {
    control: &'a Control,
    frames: usize,
    rest: String,
}

impl<'a> Progress<'a> {
    fn new(control: &'a Control, frames: usize) -> Self {
        Self {
            control,
            frames,
            rest: String::new(),
        }
    }

    fn read(&mut self, chunk: &[u8]) {
        self.rest.push_str(&String::from_utf8_lossy(chunk));
        while let Some(end) = self.rest.find('\n') {
            let line: String = self.rest.drain(..=end).collect();
            let done = line
                .trim()
                .strip_prefix("frame=")
                .and_then(|done| done.trim().parse().ok());
            if let Some(done) = done.map(|done: u32| f64::from(done)) {
                self.control.progress((done / self.frames as f64).min(1.0));
            }
        }
    }
}
