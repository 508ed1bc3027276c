//! Measures a source with ffmpeg: the sound as plain samples, and the keyframes as tiny pictures.

use std::path::Path;

use super::probe::inspect;
use super::run::Ffmpeg;
use crate::error::Result;
use crate::select::{Analysis, Levels, POINTS, Scenes};
use crate::worker::Control;

/// Enough for loudness.
const SAMPLE_RATE: u32 = 8000;

/// Measures loudness and scene changes.
pub(crate) fn analyse(program: &Path, path: &Path, control: &Control) -> Result<Analysis> {
    let source = inspect(program, path, control)?;
    let duration_seconds = source.timeline.duration_seconds();
    control.progress(0.1);
    let mut notes = Vec::new();
    let scenes = scenes(program, path, control).unwrap_or_else(|error| {
        notes.push(format!("scene changes are not known: {error}"));
        Vec::new()
    });
    control.check()?;
    control.progress(0.5);
    let levels = if source.has_audio {
        levels(program, path, control).unwrap_or_else(|error| {
            notes.push(format!("the sound cannot be measured: {error}"));
            Vec::new()
        })
    } else {
        Vec::new()
    };
    control.check()?;
    control.progress(1.0);
    Ok(Analysis {
        duration_seconds,
        levels,
        scenes,
        notes,
    })
}

fn levels(program: &Path, path: &Path, control: &Control) -> Result<Vec<f32>> {
    let mut levels = Levels::new(SAMPLE_RATE);
    let mut odd: Option<u8> = None;
    Ffmpeg::new(program)
        .args(["-v", "error"])
        .source(path)?
        .args([
            "-map",
            "0:a:0",
            "-af",
            "aresample=async=1:first_pts=0",
            "-ac",
            "1",
        ])
        .args(["-ar", &SAMPLE_RATE.to_string(), "-f", "s16le", "pipe:1"])
        .run(control, |chunk| {
            // A sample may lie across two chunks.
            let bytes = odd.take().into_iter().chain(chunk.iter().copied());
            let mut bytes = bytes.peekable();
            while let Some(low) = bytes.next() {
                match bytes.next() {
                    Some(high) => {
                        levels.push(f32::from(i16::from_le_bytes([low, high])) / 32768.0);
                    }
                    None => odd = Some(low),
                }
            }
            Ok(())
        })?;
    Ok(levels.finish())
}

fn scenes(program: &Path, path: &Path, control: &Control) -> Result<Vec<f64>> {
    let size = POINTS * POINTS;
    let mut pixels = Vec::new();
    let filter = format!("scale={POINTS}:{POINTS}:flags=area,format=gray,showinfo=checksum=0");
    let said = Ffmpeg::new(program)
        .args(["-v", "info", "-nostats", "-skip_frame", "nokey"])
        .source(path)?
        .args(["-map", "0:V:0", "-vf", &filter, "-fps_mode", "passthrough"])
        .args(["-f", "rawvideo", "pipe:1"])
        .run(control, |chunk| {
            pixels.extend_from_slice(chunk);
            Ok(())
        })?;
    let times = said
        .lines()
        .filter(|line| line.contains("Parsed_showinfo"))
        .filter_map(|line| line.split("pts_time:").nth(1))
        .filter_map(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    let mut scenes = Scenes::default();
    for (time, points) in times.zip(pixels.chunks_exact(size)) {
        scenes.picture(time, points.to_vec());
    }
    Ok(scenes.changes)
}
