//! The whole road in one command: a video from this machine through SDK, HTTP, emulator and engine
//! to clips on disk.

use std::path::{Path, PathBuf};

use heygen_clips::types::ClipJob;
use heygen_clips::{CreateClips, DownloadedClip, Video};

use crate::args::{DemoArgs, Dialect};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::output::{self, Progress};
use crate::session::{Deadline, Session};
use crate::{captions, jobs, media, table, upload};

/// The file that tells the next demo that the clips are a demo's: it holds the ids of jobs.
const MARK: &str = ".heygen-clips-demo";
const SAMPLE_VIDEO: &[u8] = include_bytes!("../sample/sample.mp4");
const SAMPLE_TRANSCRIPT: &[u8] = include_bytes!("../sample/sample.vtt");

/// Cuts clips out of a video and prints a table of them.
pub(crate) async fn run(args: &DemoArgs) -> Result<(), Failure> {
    let deadline = Deadline::new(args.time.timeout);
    let sample = tempfile::tempdir().map_err(|error| cannot("make a folder", &error))?;
    let video = match &args.video {
        Some(path) if path.is_file() => path.clone(),
        Some(path) if path.is_dir() => {
            let message = format!(
                "{} is a folder: name a video file in it, and a folder for the clips with --output",
                path.display()
            );
            return Err(Failure::usage("[VIDEO]", message));
        }
        Some(path) => {
            let message = format!("{}: there is no such file", path.display());
            return Err(Failure::usage("[VIDEO]", message));
        }
        None => write_sample(sample.path())?,
    };
    let folder = folder(args).await?;
    let interrupted = crate::interrupted();
    let session = Session::with_emulator(None, &args.engine, deadline).await?;
    let cut = session.during(interrupted, async |session| {
        let (job, files) = cut(session, &video, args, folder).await?;
        Ok((
            clip_table(&job, &files)?,
            captions::missing(session, &job, true).await,
        ))
    });
    let (table, note) = cut.await?;
    output::print_text(&table)?;
    if let Some(text) = note {
        output::note(text);
    }
    Ok(())
}

/// The folder for the clips, which an earlier demo may have used.
async fn folder(args: &DemoArgs) -> Result<Folder<'_>, Failure> {
    let folder = Folder::new(&args.output, args.overwrite);
    output::try_folder(&args.output)?;
    let mark = std::fs::read_to_string(args.output.join(MARK)).unwrap_or_default();
    let ours = folder.listed_job().await?;
    let ours = ours.filter(|job| mark.lines().any(|line| line == job));
    folder.prepare(ours.as_deref()).await?;
    Ok(Folder::new(&args.output, args.overwrite || ours.is_some()))
}

async fn cut(
    session: &Session,
    video: &Path,
    args: &DemoArgs,
    folder: Folder<'_>,
) -> Result<(ClipJob, Vec<DownloadedClip>), Failure> {
    let progress = Progress::start("starting");
    let uploaded = upload::video(session, &progress, video, None).await?;
    let mut request = CreateClips::new(Video::Asset(uploaded.asset_id))
        .aspect_ratio(args.aspect_ratio.into())
        .max_clips(args.max_clips)
        .captions(true);
    if let Some(text) = &args.instruction {
        request = request.instruction(text);
    }
    let clips = session.client.clips();
    let job = session.within(clips.submit(request)).await?;
    drop(progress);
    let job = jobs::ended(session, Dialect::Clips, job, None).await?;
    let job = job.into_result()?;
    folder.check(&job).await.map_err(|failure| {
        failure.hinted("--output names another folder, --overwrite replaces what is there")
    })?;
    // Until the first clip is here, the list is still that of the demo before.
    let jobs: Vec<_> = folder
        .listed_job()
        .await?
        .into_iter()
        .chain([job.id.clone()])
        .collect();
    output::make_folder(&args.output)?;
    std::fs::write(args.output.join(MARK), jobs.join("\n")).map_err(|error| {
        let message = format!("cannot write to {}: {error}", args.output.display());
        Failure::usage("--output", message)
    })?;
    let progress = Progress::start(format!("downloading to {}", args.output.display()));
    let download = clips.download(&job, &args.output);
    let download = download.overwrite(folder.replaces(&job.id).await?);
    let files = session.within(download.into_future()).await?;
    drop(progress);
    Ok((job, files))
}

/// One row a clip: what the file holds, beside what the job says of it.
fn clip_table(job: &ClipJob, files: &[DownloadedClip]) -> Result<String, Failure> {
    let mut rows = Vec::with_capacity(files.len());
    for file in files {
        let facts =
            media::probe(&file.video).map_err(|message| Failure::local("cli_bad_clip", message))?;
        let Some(clip) = job.clips.iter().find(|clip| clip.id == file.id) else {
            continue;
        };
        rows.push(vec![
            file.video.display().to_string(),
            format!("{}-{}", clock(clip.start), clock(clip.end)),
            format!("{:.2} s", facts.duration_seconds),
            format!("{}x{}", facts.width, facts.height),
            clip.score
                .map_or_else(|| "-".to_owned(), |score| format!("{score:.2}")),
            if file.captions.is_some() { "yes" } else { "no" }.to_owned(),
            clip.label
                .chars()
                .filter(|letter| !letter.is_control())
                .collect(),
        ]);
    }
    let headings = [
        "file",
        "start-end",
        "duration",
        "pixels",
        "score",
        "captions",
        "label",
    ];
    Ok(table::render(&headings, &[2, 4], &rows))
}

/// Seconds as `m:ss.ss`.
fn clock(seconds: f64) -> String {
    let hundredths = (seconds * 100.0).round();
    format!(
        "{}:{:05.2}",
        (hundredths / 6000.0).floor(),
        (hundredths % 6000.0) / 100.0
    )
}

fn write_sample(folder: &Path) -> Result<PathBuf, Failure> {
    let video = folder.join("sample.mp4");
    std::fs::write(&video, SAMPLE_VIDEO)
        .and_then(|()| std::fs::write(folder.join("sample.vtt"), SAMPLE_TRANSCRIPT))
        .map_err(|error| cannot("unpack the sample", &error))?;
    Ok(video)
}

fn cannot(what: &str, error: &std::io::Error) -> Failure {
    Failure::local(
        "cli_file",
        format!("cannot {what} for temporary files: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn times_are_minutes_and_seconds() {
        assert_eq!(clock(0.0), "0:00.00");
        assert_eq!(clock(59.996), "1:00.00");
        assert_eq!(clock(75.25), "1:15.25");
        assert_eq!(clock(754.1), "12:34.10");
    }
}
