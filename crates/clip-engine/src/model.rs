//! The values that go into the engine and come out of it. They cross the worker's pipe as JSON, so
//! all of them are serde types; none of them knows how the work is done.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::captions::CaptionStyle;
use crate::framing::Framing;
use crate::transcript::Cue;

/// What a source file holds, as its player would show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SourceInfo {
    /// Length of the presentation in seconds.
    pub duration_seconds: f64,
    /// Width of the picture in pixels after rotation and pixel aspect.
    pub width: u32,
    /// Height of the picture in pixels after rotation and pixel aspect.
    pub height: u32,
    /// Frames in a second; the average where the file has a variable rate.
    pub frame_rate: f64,
    /// Whether the time between frames varies.
    pub variable_frame_rate: bool,
    /// Clockwise turn, in degrees, that a player applies: 0, 90, 180 or 270.
    pub rotation_degrees: u32,
    /// Name of the video codec, such as `h264`.
    pub video_codec: String,
    /// Name of the audio codec, such as `aac`; `None` without an audio track.
    pub audio_codec: Option<String>,
    /// Whether there is an audio track.
    pub has_audio: bool,
    /// The subtitle tracks inside the file, in file order.
    pub subtitles: Vec<SubtitleTrack>,
    /// Which backend looked.
    pub backend: BackendKind,
}

/// A subtitle track inside a source file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SubtitleTrack {
    /// Its place among the file's subtitle tracks, from 0.
    pub index: usize,
    /// Name of its format, such as `mov_text`.
    pub codec: String,
    /// ISO 639-2 language code where the file has one.
    pub language: Option<String>,
    /// Whether it is text that the backend in use can read as a transcript.
    pub readable: bool,
}

/// Which of the two implementations did the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendKind {
    /// Compiled in: H.264 in MP4, nothing to install.
    Embedded,
    /// The ffmpeg program as a subprocess.
    Ffmpeg,
}

impl std::fmt::Display for BackendKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Embedded => "embedded",
            Self::Ffmpeg => "ffmpeg",
        })
    }
}

/// What to cut: the window `[start, end)` and how it shall look.
///
/// ```
/// use clip_engine::{Aspect, ClipSpec, Framing};
/// let spec = ClipSpec::new(12.0, 42.5).framing(Framing::new(Aspect::Portrait)).thumbnail(true);
/// assert_eq!(spec.end_seconds, 42.5);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClipSpec {
    /// Where the clip begins, in seconds of the source's presentation.
    pub start_seconds: f64,
    /// Where it ends: a frame at this very time is no longer in the clip.
    pub end_seconds: f64,
    /// The shape of the picture.
    pub framing: Framing,
    /// Captions, or `None` for none.
    pub captions: Option<Captions>,
    /// Whether a JPEG of a frame is written beside the clip.
    pub thumbnail: bool,
}

impl ClipSpec {
    /// The window `[start_seconds, end_seconds)` with the source's own shape and no captions.
    pub fn new(start_seconds: f64, end_seconds: f64) -> Self {
        Self {
            start_seconds,
            end_seconds,
            framing: Framing::default(),
            captions: None,
            thumbnail: false,
        }
    }

    /// Sets the shape of the picture.
    #[must_use]
    pub fn framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// Asks for captions.
    #[must_use]
    pub fn captions(mut self, captions: Captions) -> Self {
        self.captions = Some(captions);
        self
    }

    /// Asks for a JPEG beside the clip.
    #[must_use]
    pub fn thumbnail(mut self, wanted: bool) -> Self {
        self.thumbnail = wanted;
        self
    }
}

/// The captions of a clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Captions {
    /// Cues in the source's time; those outside the window are left out.
    pub cues: Vec<Cue>,
    /// Whether the words are drawn into the picture.
    pub burn_in: bool,
    /// Whether a WebVTT file with the clip's own time is written beside the clip.
    pub write_vtt: bool,
    /// How the drawn words look.
    pub style: CaptionStyle,
}

impl Captions {
    /// Captions that are both drawn into the picture and written as WebVTT.
    pub fn new(cues: Vec<Cue>) -> Self {
        Self {
            cues,
            burn_in: true,
            write_vtt: true,
            style: CaptionStyle::default(),
        }
    }

    /// Sets whether the words are drawn into the picture.
    #[must_use]
    pub fn burn_in(mut self, wanted: bool) -> Self {
        self.burn_in = wanted;
        self
    }

    /// Sets how the drawn words look.
    #[must_use]
    pub fn style(mut self, style: CaptionStyle) -> Self {
        self.style = style;
        self
    }
}

/// What was cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CutReport {
    /// The MP4.
    pub path: PathBuf,
    /// The WebVTT file beside it, where one was asked for and any cue lay in the window.
    pub captions_path: Option<PathBuf>,
    /// The JPEG beside it, where one was asked for.
    pub thumbnail_path: Option<PathBuf>,
    /// Number of frames in the clip.
    pub frames: u64,
    /// The time of the clip's first frame in the source, in seconds.
    pub start_seconds: f64,
    /// Length of the clip in seconds.
    pub duration_seconds: f64,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Whether the clip has sound.
    pub has_audio: bool,
    /// Size of the MP4 in bytes.
    pub bytes: u64,
    /// Which backend cut it.
    pub backend: BackendKind,
    /// What a reader of the job's log should know: the backend, and anything that was left out.
    pub log: Vec<String>,
}
