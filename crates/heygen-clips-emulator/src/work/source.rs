//! Gets at a job's video and at what is said in it: the file, and a transcript where one lies beside
//! it or in it. Nothing is transcribed and nothing is made up.

use std::path::{Path, PathBuf};

use clip_engine::{SourceInfo, Transcript};
use url::Url;

use super::run::{Failure, Step};
use super::{JobSpec, Moments, Source};
use crate::app::App;
use crate::store::JobRow;

/// A transcript file larger than this is none.
const MAX_TRANSCRIPT_BYTES: usize = 16 * 1024 * 1024;
const ENDINGS: [&str; 2] = ["vtt", "srt"];

/// A job's source, ready to be cut.
pub(super) struct Found {
    pub(super) video: PathBuf,
    pub(super) info: SourceInfo,
    pub(super) transcript: Option<Transcript>,
    /// Where the transcript came from, in a word.
    pub(super) transcript_source: Option<&'static str>,
}

/// Fetches the video, unless an earlier attempt did, and looks for a transcript where one is of use.
pub(super) async fn find(app: &App, job: &JobRow, spec: &JobSpec) -> Step<Found> {
    let video = match &spec.source {
        Source::Url { url } => match fetch(app, &job.id, url).await {
            Ok(file) => file,
            Err(failure) => return Ok(Err(failure)),
        },
        Source::AssetId { asset_id } => {
            let asset = app.store.asset(asset_id).await?;
            if asset.is_none() {
                return Ok(Err(Failure(format!("the asset {asset_id} was deleted"))));
            }
            app.folder.asset(asset_id)
        }
    };
    let info = match app.engine.probe(&video).await {
        Ok(info) => info,
        Err(error) => return Ok(Err(Failure(format!("the source cannot be used: {error}")))),
    };
    let wanted = spec.captions || !matches!(spec.moments, Moments::Windows { .. });
    if !wanted {
        return Ok(Ok(Found {
            video,
            info,
            transcript: None,
            transcript_source: None,
        }));
    }
    let (transcript, transcript_source) = match beside(app, job, spec).await? {
        Some(transcript) => (Some(transcript), Some("sidecar")),
        None => match inside(app, &job.id, &video, &info).await {
            Some(transcript) => (Some(transcript), Some("subtitle_track")),
            None => (None, None),
        },
    };
    if transcript.is_none() && spec.captions {
        let missing = "captions were asked for, but there is no transcript to make them from: no \
                       .vtt or .srt of the same name lies beside the source, and it has no \
                       subtitle track that can be read";
        if app.settings.strict_captions {
            return Ok(Err(Failure(missing.to_owned())));
        }
        app.log(
            &job.id,
            "warn",
            &format!("{missing}; the clips come without captions"),
        )
        .await;
    }
    Ok(Ok(Found {
        video,
        info,
        transcript,
        transcript_source,
    }))
}

/// Removes what was fetched; assets stay.
pub(super) async fn forget(app: &App, job_id: &str) {
    for name in ["source", "source.part", "transcript"] {
        let file = app.folder.job(job_id).join(name);
        match tokio::fs::remove_file(&file).await {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%cause, file = %file.display(), "a file could not be removed");
            }
            _ => {}
        }
    }
}

async fn fetch(app: &App, job_id: &str, url: &str) -> Result<PathBuf, Failure> {
    let folder = app.folder.job(job_id);
    let (file, part) = (folder.join("source"), folder.join("source.part"));
    let stored =
        |cause: std::io::Error| Failure(format!("the source could not be stored: {cause}"));
    if tokio::fs::try_exists(&file).await.map_err(stored)? {
        return Ok(file);
    }
    tokio::fs::create_dir_all(&folder).await.map_err(stored)?;
    app.fetcher
        .download(url, &part)
        .await
        .map_err(|error| Failure(error.to_string()))?;
    tokio::fs::rename(&part, &file).await.map_err(stored)?;
    app.log(job_id, "info", "the source was downloaded").await;
    Ok(file)
}

/// A transcript of the same name beside the link, or among the assets.
async fn beside(
    app: &App,
    job: &JobRow,
    spec: &JobSpec,
) -> crate::store::Stored<Option<Transcript>> {
    // Kept from an earlier attempt: the clips of one job share one transcript.
    let kept = app.folder.job(&job.id).join("transcript");
    if let Ok(text) = tokio::fs::read_to_string(&kept).await {
        return Ok(Transcript::parse(&text).ok());
    }
    for ending in ENDINGS {
        let bytes = match &spec.source {
            Source::Url { url } => match sibling(url, ending) {
                Some(url) => app.fetcher.small(&url, MAX_TRANSCRIPT_BYTES).await,
                None => None,
            },
            Source::AssetId { asset_id } => {
                let Some(asset) = app.store.asset(asset_id).await? else {
                    continue;
                };
                let stem = Path::new(&asset.name).file_stem().unwrap_or_default();
                let stem = stem.to_string_lossy();
                let text = app.store.transcript_of(&asset, &stem, ending).await?;
                let Some(text) = text else { continue };
                tokio::fs::read(app.folder.asset(&text.id)).await.ok()
            }
        };
        let Some(bytes) = bytes else { continue };
        // Old subtitles are often Latin-1: better one odd letter than no captions.
        let text = String::from_utf8_lossy(&bytes);
        match Transcript::parse(&text) {
            Ok(transcript) => {
                keep(app, &job.id, &kept, &text).await;
                app.log(
                    &job.id,
                    "info",
                    &format!("a .{ending} file of the same name is the transcript"),
                )
                .await;
                return Ok(Some(transcript));
            }
            Err(error) => {
                let message = format!("the .{ending} file beside the source is not used: {error}");
                app.log(&job.id, "warn", &message).await;
            }
        }
    }
    Ok(None)
}

async fn keep(app: &App, job_id: &str, file: &Path, text: &str) {
    let part = file.with_extension("part");
    let kept = async {
        tokio::fs::create_dir_all(app.folder.job(job_id)).await?;
        tokio::fs::write(&part, text).await?;
        tokio::fs::rename(&part, file).await
    };
    if let Err(cause) = kept.await {
        tracing::warn!(%cause, "a transcript could not be kept");
    }
}

/// The first subtitle track of the file that can be read.
async fn inside(app: &App, job_id: &str, video: &Path, info: &SourceInfo) -> Option<Transcript> {
    for track in info.subtitles.iter().filter(|track| track.readable) {
        match app.engine.subtitles(video, track.index).await {
            Ok(transcript) if !transcript.cues.is_empty() => {
                let message = format!(
                    "subtitle track {} of the source is the transcript",
                    track.index
                );
                app.log(job_id, "info", &message).await;
                return Some(transcript);
            }
            Ok(_) => {}
            Err(error) => {
                let message = format!("subtitle track {} is not used: {error}", track.index);
                app.log(job_id, "warn", &message).await;
            }
        }
    }
    None
}

/// The link with another ending. Its query stays: it may be what lets us in.
fn sibling(link: &str, ending: &str) -> Option<Url> {
    let mut url = Url::parse(link).ok()?;
    let path = url.path().to_owned();
    let (folder, name) = path.rsplit_once('/')?;
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if stem.is_empty() {
        return None;
    }
    url.set_path(&format!("{folder}/{stem}.{ending}"));
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::sibling;

    #[test]
    fn a_transcript_is_looked_for_under_the_same_name() {
        let beside = |link| sibling(link, "vtt").map(String::from);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(beside("https://h/a/talk.mp4"), some("https://h/a/talk.vtt"));
        assert_eq!(
            beside("https://h/talk.v2.mp4?k=1"),
            some("https://h/talk.v2.vtt?k=1")
        );
        assert_eq!(beside("https://h/talk"), some("https://h/talk.vtt"));
        assert_eq!(beside("https://h/"), None);
    }
}
