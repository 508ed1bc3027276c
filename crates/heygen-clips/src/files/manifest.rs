//! `clips.json`: what is in a folder of clips, for programs that come later.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::part;
use crate::error::{Error, Kind, Result};
use crate::job::FinishedClip;
use crate::platform::blocking;

/// The list of a job's clips in a folder, written there as `clips.json` by
/// [downloads](crate::Download). It has no links, which would be credentials and expire.
///
/// ```json
/// {
///   "version": 1,
///   "job_id": "clip_abc123",
///   "clips": [
///     {
///       "position": 1,
///       "id": "c_7f2e",
///       "label": "Why we changed our pricing",
///       "video": {
///         "name": "01-why-we-changed-our-pricing.mp4",
///         "bytes": 8412331,
///         "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
///       },
///       "captions": { "name": "01-why-we-changed-our-pricing.vtt", "bytes": 712, "sha256": "60303ae2…" },
///       "has_caption_file": true,
///       "duration_seconds": 31.4,
///       "start_seconds": 12.0,
///       "end_seconds": 43.4,
///       "score": 0.91
///     }
///   ]
/// }
/// ```
///
/// What is not known is left out. Clips stand in the order of the job. It is replaced as a whole
/// after each clip that arrives, so a reader finds a complete list of complete files at any time.
/// Readers should ignore fields that they do not know; `version` grows when that is not enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// Version of this layout, 1.
    pub version: u32,
    /// The job that the clips are of.
    pub job_id: String,
    /// What is in the folder.
    pub clips: Vec<ManifestClip>,
}

/// A clip in a [`Manifest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManifestClip {
    /// Where it stands in the job, counted from 1.
    pub position: usize,
    /// Id of the clip.
    pub id: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The MP4.
    pub video: ManifestFile,
    /// The WebVTT captions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captions: Option<ManifestFile>,
    /// As [`DownloadedClip::has_caption_file`](crate::DownloadedClip::has_caption_file).
    #[serde(default)]
    pub has_caption_file: bool,
    /// Length in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<f64>,
    /// Where it begins in the source, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_seconds: Option<f64>,
    /// Where it ends in the source, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_seconds: Option<f64>,
    /// How good the model thinks it is, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// A file in a [`Manifest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManifestFile {
    /// Its name in the folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content, in lower-case hex.
    pub sha256: String,
}

impl Manifest {
    /// Name of the file.
    pub const FILE_NAME: &str = "clips.json";

    /// Reads the list of a folder, `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::is_file`] when it cannot be read, or is something else.
    pub async fn read(folder: impl AsRef<Path>) -> Result<Option<Self>> {
        let path = folder.as_ref().join(Self::FILE_NAME);
        let file = path.clone();
        let text = match blocking(|| fs::read(file)).await {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Error::file(
                    format!("cannot read {}", path.display()),
                    error,
                ));
            }
        };
        let manifest = serde_json::from_slice(&text).map_err(|error| {
            let message = format!(
                "{} is not a list of clips (line {}): move it away, or choose another folder",
                path.display(),
                error.line()
            );
            Error::new(Kind::File, message).with_cause(error)
        })?;
        Ok(Some(manifest))
    }

    /// The entry of a clip.
    pub fn clip(&self, id: &str) -> Option<&ManifestClip> {
        self.clips.iter().find(|clip| clip.id == id)
    }

    /// The list of a job, from what lies there.
    fn of_job(job_id: &str, present: Option<&[u8]>) -> std::result::Result<Self, Taken> {
        let present = present.and_then(|text| serde_json::from_slice::<Self>(text).ok());
        match present {
            Some(present) if present.job_id != job_id => Err(Taken(present.job_id)),
            Some(present) => Ok(present),
            None => Ok(Self {
                version: 1,
                job_id: job_id.to_owned(),
                clips: Vec::new(),
            }),
        }
    }

    fn text(&self) -> io::Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }
}

/// A folder that is a job's: its list is there, and downloads of other jobs stay away. Dropped before
/// a clip came, it takes the list away again, and puts the one that was there back.
pub(super) struct Claim {
    path: PathBuf,
    /// What was there already.
    listed: Manifest,
    /// The list of another job, which this one took the place of.
    replaced: Option<Vec<u8>>,
}

/// The job that has a folder.
struct Taken(String);

fn taken(Taken(other): Taken) -> io::Error {
    io::Error::other(format!("job {other} has taken the folder"))
}

impl Claim {
    /// Makes a folder a job's own, unless it is another's; with `overwrite` even then.
    pub(super) async fn of(folder: &Path, job_id: &str, overwrite: bool) -> Result<Self> {
        // Refuses what is no list.
        Manifest::read(folder).await?;
        let path = folder.join(Manifest::FILE_NAME);
        let (list, job_id) = (path.clone(), job_id.to_owned());
        let listed = blocking(move || {
            let (mut listed, mut replaced) = (Err(Taken(String::new())), None);
            part::update(&list, |present| {
                listed = match Manifest::of_job(&job_id, present) {
                    Err(_) if overwrite => {
                        replaced = present.map(<[u8]>::to_vec);
                        Manifest::of_job(&job_id, None)
                    }
                    listed => listed,
                };
                match &listed {
                    Ok(manifest) => manifest.text().map(Some),
                    Err(_) => Ok(present.map(<[u8]>::to_vec)),
                }
            })?;
            Ok((listed, replaced))
        });
        let cannot = |error| Error::file(format!("cannot write {}", path.display()), error);
        match listed.await.map_err(cannot)? {
            (Ok(listed), replaced) => Ok(Self {
                path,
                listed,
                replaced,
            }),
            (Err(Taken(other)), _) => {
                let folder = folder.display();
                let message = format!(
                    "{folder} holds the clips of job {other}: choose another folder, or have \
                     them overwritten"
                );
                Err(Error::new(Kind::File, message))
            }
        }
    }

    /// The entry of a clip that was there already.
    pub(super) fn clip(&self, id: &str) -> Option<&ManifestClip> {
        self.listed.clip(id)
    }

    /// Does something to the folder while it is surely still this job's.
    pub(super) fn allows(
        &self,
    ) -> impl FnOnce(&dyn Fn() -> io::Result<()>) -> io::Result<()> + Send + use<> {
        let (path, job_id) = (self.path.clone(), self.listed.job_id.clone());
        move |work| {
            part::update(&path, |present| {
                Manifest::of_job(&job_id, present).map_err(taken)?;
                work()?;
                Ok(present.map(<[u8]>::to_vec))
            })
        }
    }

    /// Adds a clip to the list.
    pub(super) async fn add(&self, clip: ManifestClip) -> Result<()> {
        let (path, job_id) = (self.path.clone(), self.listed.job_id.clone());
        let added = blocking(move || {
            part::update(&path, |present| {
                let mut manifest = Manifest::of_job(&job_id, present).map_err(taken)?;
                manifest.clips.retain(|other| other.id != clip.id);
                manifest.clips.push(clip);
                manifest.clips.sort_by_key(|clip| clip.position);
                manifest.text().map(Some)
            })
        });
        added
            .await
            .map_err(|error| Error::file(format!("cannot write {}", self.path.display()), error))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // If it stays, it keeps other jobs away, until somebody says to overwrite.
        let _ = part::update(&self.path, |present| {
            let ours = Manifest::of_job(&self.listed.job_id, present);
            let is_of_no_use = ours.is_ok_and(|list| list.clips.is_empty());
            match is_of_no_use {
                true => Ok(self.replaced.clone()),
                false => Ok(present.map(<[u8]>::to_vec)),
            }
        });
    }
}

impl ManifestClip {
    pub(super) fn new(
        clip: &FinishedClip,
        video: ManifestFile,
        captions: Option<ManifestFile>,
    ) -> Self {
        Self {
            position: clip.position,
            id: clip.id.clone(),
            label: clip.label.clone(),
            video,
            captions,
            has_caption_file: clip.caption_url.is_some(),
            duration_seconds: clip.duration_seconds,
            start_seconds: clip.start_seconds,
            end_seconds: clip.end_seconds,
            score: clip.score,
        }
    }
}
