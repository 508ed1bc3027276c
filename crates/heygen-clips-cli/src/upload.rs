//! From a file on this machine to an asset on the server, with the transcript that lies beside it.
//!
//! The emulator takes an asset of the same name, but with `.vtt` or `.srt`, for the transcript of a
//! video. So the transcript is uploaded first, under the video's name.

use std::path::{Path, PathBuf};

use heygen_clips::Upload;

use crate::failure::Failure;
use crate::output::Progress;
use crate::session::Session;
use crate::uploads::{Files, Uploads};

/// What was uploaded.
pub(crate) struct Uploaded {
    pub(crate) asset_id: String,
    /// The file that was taken for the transcript.
    pub(crate) transcript: Option<PathBuf>,
}

/// Uploads a video, and `transcript` or, on servers that make use of it, the one beside the video.
pub(crate) async fn video(
    session: &Session,
    progress: &Progress,
    video: &Path,
    transcript: Option<&Path>,
) -> Result<Uploaded, Failure> {
    let transcript = match transcript {
        Some(path) => Some(path.to_owned()),
        None if session.is_local => beside(video),
        None => None,
    };
    let assets = session.client.assets();
    let uploads = Uploads::of(&session.client);
    // Taken first: what changes while it is uploaded is another file.
    let files = Files::of([video].into_iter().chain(transcript.as_deref()));
    let known = uploads.as_ref().zip(files.as_ref());
    if let Some(asset_id) = known.and_then(|(uploads, files)| uploads.find(files)) {
        progress.now(format!("looking for {} on the server", video.display()));
        match session.within(assets.get(&asset_id)).await {
            Ok(_) => {
                let video = video.display();
                progress.note(&format!("{video} was uploaded before, as {asset_id}"));
                return Ok(Uploaded {
                    asset_id,
                    transcript,
                });
            }
            // It is no longer there, or the server does not tell.
            Err(failure) if failure.is_gone() => {}
            // To upload it again could make another job.
            Err(failure) => return Err(failure),
        }
    }
    if let Some(path) = &transcript {
        progress.now(format!("uploading {}", path.display()));
        let name = video.with_extension(transcript_kind(path)?);
        let name = name
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let upload = with_media_type(assets.upload(path).file_name(name), path);
        let sent = session.within(upload.into_future()).await;
        sent.map_err(|failure| match failure.is_of_content() {
            true => failure.about(&format!("the transcript {}", path.display())),
            false => failure,
        })?;
    }
    progress.now(format!("uploading {}", video.display()));
    let upload = with_media_type(assets.upload(video), video);
    let asset = session.within(upload.into_future()).await?;
    if let Some((uploads, files)) = uploads.zip(files)
        && let Err(error) = uploads.note(files, &asset.asset_id)
    {
        progress.note(&format!(
            "the upload could not be noted beside the journal ({error}): run again, this command would \
             upload the file again and make another job; resume goes on with this one"
        ));
    }
    Ok(Uploaded {
        asset_id: asset.asset_id,
        transcript,
    })
}

/// Refuses what is no file, before anything is sent. `param` names the argument.
pub(crate) fn check_file(param: &str, path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    if path.is_dir() {
        let message = format!("{shown}: this is a folder, not a file");
        return Err(Failure::usage(param, message));
    }
    if !path.is_file() {
        return Err(Failure::usage(
            param,
            format!("{shown}: there is no such file"),
        ));
    }
    Ok(())
}

/// Names the media types that the vendor does not list, but the emulator may take.
pub(crate) fn with_media_type(upload: Upload, path: &Path) -> Upload {
    let kind = match extension(path).as_str() {
        "vtt" => "text/vtt",
        "m4v" => "video/mp4",
        "mov" => "video/quicktime",
        "mkv" => "video/x-matroska",
        "avi" => "video/x-msvideo",
        "ts" => "video/mp2t",
        _ => return upload,
    };
    upload.content_type(kind)
}

/// The transcript of the same name beside a video.
pub(crate) fn beside(video: &Path) -> Option<PathBuf> {
    KINDS
        .iter()
        .map(|kind| video.with_extension(kind))
        .find(|path| path.is_file())
}

const KINDS: [&str; 2] = ["vtt", "srt"];

/// Its kind as a file extension.
pub(crate) fn transcript_kind(path: &Path) -> Result<&'static str, Failure> {
    let extension = extension(path);
    KINDS
        .into_iter()
        .find(|kind| *kind == extension)
        .ok_or_else(|| {
            let message = format!("{} is neither a .vtt nor a .srt file", path.display());
            Failure::usage("--transcript", message)
        })
}

fn extension(path: &Path) -> String {
    path.extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase()
}
