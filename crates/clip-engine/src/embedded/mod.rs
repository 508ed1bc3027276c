//! The backend that is compiled in: H.264 in MP4, with nothing to install. It is strict: what it
//! cannot do right it refuses by name, so that a host can say so or turn to ffmpeg.

mod analyse;
mod boxes;
mod cut;
mod decode;
mod demux;
mod encode;
mod fragments;
mod mux;
mod picture;
mod sps;
mod tables;
mod text;

use std::path::Path;

pub(crate) use analyse::analyse;
pub(crate) use cut::{cut, thumbnail_frame};
pub(crate) use picture::{Picture420, Plane};

pub(crate) use text::subtitles;

use crate::error::Result;
use crate::model::{BackendKind, SourceInfo, SubtitleTrack};

/// Looks at a file.
pub(crate) fn probe(path: &Path) -> Result<SourceInfo> {
    let movie = demux::Movie::open(path)?;
    let timeline = movie.timeline()?;
    let picture = movie.video.picture;
    let (width, height) = picture.display_size();
    Ok(SourceInfo {
        duration_seconds: timeline.duration_seconds(),
        width,
        height,
        frame_rate: timeline.frame_rate(),
        variable_frame_rate: timeline.varies(),
        rotation_degrees: picture.rotation,
        video_codec: "h264".to_owned(),
        audio_codec: movie
            .audio
            .as_ref()
            .map(|audio| demux::codec_name(&audio.codec)),
        has_audio: movie.audio.is_some(),
        subtitles: movie
            .text
            .iter()
            .enumerate()
            .map(|(index, track)| SubtitleTrack {
                index,
                codec: "mov_text".to_owned(),
                language: track.language.clone(),
                readable: true,
            })
            .collect(),
        backend: BackendKind::Embedded,
    })
}

/// What an MP4 that was just written holds.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) frames: u64,
    pub(crate) duration_seconds: f64,
    pub(crate) has_audio: bool,
}

/// Reads back a clip of ours.
pub(crate) fn written(path: &Path) -> Result<Written> {
    let movie = demux::Movie::open(path)?;
    let frames = movie
        .video
        .samples
        .iter()
        .filter(|sample| sample.shown)
        .count();
    Ok(Written {
        frames: frames as u64,
        duration_seconds: if frames == 0 {
            0.0
        } else {
            movie.timeline()?.duration_seconds()
        },
        has_audio: movie.audio.is_some(),
    })
}
