//! The backend that hands the media work to an ffmpeg program: more formats, tolerant of damage.
//!
//! ffmpeg gets local files only, arguments as a list, a whitelist of containers and protocols, and no
//! standard input. What is cut is decided here, by the same plan as in the embedded backend; ffmpeg is
//! told exact ticks.

mod analyse;
mod captions;
mod cut;
mod probe;
mod run;

use std::path::{Path, PathBuf};

pub(crate) use analyse::analyse;
pub(crate) use cut::cut;
pub(crate) use probe::{probe, subtitles};

use crate::error::{Error, Kind, Result};

/// Containers that are opened; playlists and the like, which name other files, are not among them.
const CONTAINERS: &str = "mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,ogg,asf";

/// Finds the ffmpeg that is meant: the one that is named, or the first in `PATH`.
pub(crate) fn locate(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = named.filter(|path| path.components().count() > 1) {
        return if path.is_file() {
            Ok(path.to_owned())
        } else {
            Err(not_found(&path.display().to_string()))
        };
    }
    let name = named.unwrap_or(Path::new(if cfg!(windows) {
        "ffmpeg.exe"
    } else {
        "ffmpeg"
    }));
    let places = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&places)
        .map(|place| place.join(name))
        .find(|path| path.is_file())
        .ok_or_else(|| not_found(&name.display().to_string()))
}

/// Makes sure that a program is an ffmpeg that can write what clips are made of.
pub(crate) fn check(program: &Path) -> Result<()> {
    let output = std::process::Command::new(program)
        .args(["-nostdin", "-hide_banner", "-encoders"])
        .output()
        .map_err(|cause| Error::io(format!("starting {}", program.display()), cause))?;
    let encoders = String::from_utf8_lossy(&output.stdout);
    for encoder in ["libx264", "aac", "mjpeg"] {
        if !encoders.split_whitespace().any(|word| word == encoder) {
            return Err(Error::unsupported(format!(
                "{} has no {encoder} encoder: install another ffmpeg, or use the embedded backend",
                program.display()
            )));
        }
    }
    Ok(())
}

fn not_found(name: &str) -> Error {
    Error::new(
        Kind::NotFound,
        format!("{name} was not found: install ffmpeg, name its path, or use the embedded backend"),
    )
}
