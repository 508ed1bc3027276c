//! The commands about jobs: create, get, list, wait, download, delete, in either dialect.

use std::path::Path;
use std::time::{Duration, SystemTime};

use futures::TryStreamExt as _;
use heygen_clips::types::{AiClippingJob, ClipJob};
use heygen_clips::{
    Download, DownloadedClip, Job, JobEvent, JobStatus, JobView, List, Outcome, Pace, Page, Video,
};
use serde::Serialize;

use crate::args::{CreateArgs, Dialect, DownloadArgs, ListArgs, WaitArgs};
use crate::captions;
use crate::failure::{Exit, Failure};
use crate::fate::{Asking, Stage};
use crate::folder::Folder;
use crate::journal::folder_name;
use crate::output::{self, Progress};
use crate::request;
use crate::session::Session;
use crate::upload;
use crate::values::Source;

/// Starts a job; waits and downloads if that was asked for.
pub(crate) async fn create(
    session: &Session,
    dialect: Dialect,
    args: &CreateArgs,
) -> Result<(), Failure> {
    session.reached(Stage::Preparing);
    request::check_dialect(&args.options, dialect)?;
    if !session.is_kept() && args.output.is_none() {
        let message = "nothing would be left of the clips: add --output or --local-data";
        return Err(Failure::usage("--local", message));
    }
    if let Some(transcript) = &args.transcript {
        if !matches!(args.source, Source::File(_)) {
            let message = "a transcript goes with a local file; the video is not one";
            return Err(Failure::usage("--transcript", message));
        }
        upload::check_file("--transcript", transcript)?;
        upload::transcript_kind(transcript)?;
    }
    // What cannot be right is refused before a long upload, not after it.
    let placeholder = Video::Asset("to-be-uploaded".to_owned());
    match dialect {
        Dialect::Clips => request::clips(placeholder, &args.options).check()?,
        Dialect::AiClipping => request::ai_clipping(placeholder, &args.options).check()?,
    }
    let folder = args.output.as_deref();
    let folder = folder.map(|path| Folder::new(path, args.overwrite));
    if let Some(folder) = folder {
        folder.prepare(None).await?;
    }
    // What runs in this process ends with it, so a local job is always waited for.
    let waits = args.wait || folder.is_some() || session.ends_with_command();
    let wants_captions = match dialect {
        Dialect::Clips => args.options.captions,
        Dialect::AiClipping => !args.options.no_captions,
    };
    let progress = Progress::start("connecting");
    let video = match &args.source {
        Source::Url(url) => Video::Url(url.as_str().to_owned()),
        Source::Asset(id) | Source::Word(id) => Video::Asset(id.clone()),
        Source::File(path) => {
            let uploaded =
                upload::video(session, &progress, path, args.transcript.as_deref()).await?;
            let has_none = session.is_local && uploaded.transcript.is_none();
            if has_none && wants_captions && !waits {
                progress.note(
                    "no .vtt or .srt file of the same name lies beside the video: unless it holds \
                     a transcript itself, the clips come without captions",
                );
            }
            Video::Asset(uploaded.asset_id)
        }
    };
    progress.now("creating the job");
    let client = &session.client;
    let asking = Asking {
        dialect,
        has_key: args.options.idempotency_key.is_some(),
        since: SystemTime::now(),
        output: args.output.clone(),
    };
    session.reached(Stage::Asking(asking.clone()));
    let submitted = match dialect {
        Dialect::Clips => {
            let request = request::clips(video, &args.options);
            let job = session.within(client.clips().submit(request)).await;
            job.map(|job| job.id().clone())
        }
        Dialect::AiClipping => {
            let request = request::ai_clipping(video, &args.options);
            let job = session.within(client.ai_clipping().submit(request)).await;
            job.map(|job| job.id().clone())
        }
    };
    let id = submitted.map_err(|failure| {
        let is_open = failure.exit == Exit::Timeout
            || failure.is_in_doubt
            || session.has_noted_since(asking.since);
        match &args.source {
            // The key is too old to be used again.
            _ if failure.is_in_doubt && asking.has_key => failure,
            _ if is_open => failure.hinted(session.unanswered(&asking)),
            Source::Word(_) if failure.code() == "asset_not_found" => {
                failure.hinted_also("nor is there a file of that name here")
            }
            _ => failure,
        }
    })?;
    session.reached(Stage::Job {
        id: id.to_string(),
        dialect,
        output: args.output.clone(),
    });
    drop(progress);
    if let Some(before) = session.noted_before(&id, asking.since) {
        output::note(&format!(
            "job {id} is that of an equal request, which the journal has open; {} --discard {} gives \
             that up, so that another can be made",
            session.how_to_look(),
            before.id
        ));
    }
    if waits {
        wait_and_show(session, dialect, id.as_str(), folder, wants_captions).await
    } else {
        if client.journal().is_some() {
            let resume = session.how_to_resume(None);
            output::note(&format!(
                "the job is noted: {resume} waits for it and downloads its clips"
            ));
        }
        output::print_json(&Id { id: &id })
    }
}

/// Shows a job.
pub(crate) async fn get(session: &Session, dialect: Dialect, id: &str) -> Result<(), Failure> {
    let client = &session.client;
    match dialect {
        Dialect::Clips => {
            let job = session.within(client.clips().get(id)).await?;
            tell_links(session, dialect, &job, None);
            output::print_json(&job)
        }
        Dialect::AiClipping => {
            let job = session.within(client.ai_clipping().get(id)).await?;
            tell_links(session, dialect, &job, None);
            output::print_json(&job)
        }
    }
}

/// Shows a page of jobs, or all.
pub(crate) async fn list(
    session: &Session,
    dialect: Dialect,
    args: &ListArgs,
) -> Result<(), Failure> {
    match dialect {
        Dialect::Clips => show_list(session, session.client.clips().list(), args).await,
        Dialect::AiClipping => show_list(session, session.client.ai_clipping().list(), args).await,
    }
}

/// Waits for a job and shows it, or downloads its clips too.
pub(crate) async fn wait(
    session: &Session,
    dialect: Dialect,
    args: &WaitArgs,
) -> Result<(), Failure> {
    let folder = args.output.as_deref();
    let folder = folder.map(|path| Folder::new(path, args.overwrite));
    if let Some(folder) = folder {
        folder.prepare(Some(&args.job)).await?;
    }
    session.reached(Stage::Job {
        id: args.job.clone(),
        dialect,
        output: args.output.clone(),
    });
    wait_and_show(session, dialect, &args.job, folder, false).await
}

async fn wait_and_show(
    session: &Session,
    dialect: Dialect,
    id: &str,
    folder: Option<Folder<'_>>,
    wants_captions: bool,
) -> Result<(), Failure> {
    let output = folder.map(|folder| folder.path());
    match dialect {
        Dialect::Clips => {
            let clips = session.client.clips();
            let job = with_clips(ended(session, dialect, clips.job(id), output).await?)?;
            tell_captions(session, &job, wants_captions).await;
            show(session, dialect, &job, folder, |folder| {
                clips.download(&job, folder)
            })
            .await
        }
        Dialect::AiClipping => {
            let clipping = session.client.ai_clipping();
            let job = with_clips(ended(session, dialect, clipping.job(id), output).await?)?;
            // This dialect never shows caption files.
            tell_captions(session, &job, false).await;
            show(session, dialect, &job, folder, |folder| {
                clipping.download(&job, folder)
            })
            .await
        }
    }
}

/// Downloads the clips that a job has by now. One that has none yet, or ended without, is a failure.
pub(crate) async fn download(
    session: &Session,
    dialect: Dialect,
    args: &DownloadArgs,
) -> Result<(), Failure> {
    let (id, client) = (&args.job, &session.client);
    let folder = Folder::new(&args.output, args.overwrite);
    folder.prepare(Some(id)).await?;
    session.reached(Stage::Job {
        id: id.clone(),
        dialect,
        output: Some(args.output.clone()),
    });
    match dialect {
        Dialect::Clips => {
            let job: ClipJob = session.within(client.clips().get(id)).await?;
            tell_captions(session, &job, false).await;
            show(session, dialect, &job, Some(folder), |to| {
                client.clips().download(&job, to)
            })
            .await
        }
        Dialect::AiClipping => {
            let job: AiClippingJob = session.within(client.ai_clipping().get(id)).await?;
            tell_captions(session, &job, false).await;
            show(session, dialect, &job, Some(folder), |to| {
                client.ai_clipping().download(&job, to)
            })
            .await
        }
    }
}

/// Deletes a job.
pub(crate) async fn delete(session: &Session, dialect: Dialect, id: &str) -> Result<(), Failure> {
    let client = &session.client;
    match dialect {
        Dialect::Clips => session.within(client.clips().delete(id)).await,
        Dialect::AiClipping => session.within(client.ai_clipping().delete(id)).await,
    }?;
    output::print_json(&Id { id })
}

/// A job that has ended, if there is something to fetch of it or nothing to complain about.
pub(crate) fn with_clips<J: JobView>(outcome: Outcome<J>) -> Result<J, Failure> {
    match outcome {
        Outcome::Failed { job, .. } | Outcome::Cancelled { job, .. }
            if !job.finished_clips().is_empty() =>
        {
            Ok(job)
        }
        other => Ok(other.into_result()?),
    }
}

/// Waits until a job has ended, and shows how far it is meanwhile.
pub(crate) async fn ended<J: JobView>(
    session: &Session,
    dialect: Dialect,
    job: Job<J>,
    output: Option<&Path>,
) -> Result<Outcome<J>, Failure> {
    let id = job.id().clone();
    let mut job = job.deadline(session.time_left());
    if session.is_local {
        // Nobody is bothered by an emulator that is asked often.
        job = job.pace(Pace::doubling(
            Duration::from_millis(100),
            Duration::from_secs(1),
        ));
    }
    let wait = async move {
        let progress = Progress::start("waiting for the job");
        let mut events = job.events();
        while let Some(event) = events.try_next().await? {
            match event {
                JobEvent::Status(status) => progress.now(format!("job {id} is {status}")),
                JobEvent::Progress(percent) => progress.percent(percent),
                JobEvent::Clip(clip) => progress.now(format!("clip {} is ready", clip.position)),
                JobEvent::Finished(outcome) => return Ok(outcome),
                _ => {}
            }
        }
        let message = "the events of the job ended before it did";
        Err(Failure::local("cli_bad_response", message))
    };
    let ended = session.about_within(wait).await;
    ended.map_err(|failure| failure.with_fate(|job| session.fate_of(job, dialect, output)))
}

async fn tell_captions(session: &Session, job: &impl JobView, asked: bool) {
    if let Some(text) = captions::missing(session, job, asked).await {
        output::note(text);
    }
}

/// Tells that links lead to a server that ends with the command, and where the clips are instead.
fn tell_links(session: &Session, dialect: Dialect, job: &impl JobView, folder: Option<&Path>) {
    if !session.ends_with_command() || job.finished_clips().is_empty() {
        return;
    }
    let instead = match folder {
        Some(folder) => format!("the clips are in {}", folder.display()),
        None => session.way_to_clips(job.job_id(), dialect, None),
    };
    output::note(&format!(
        "the links in the result are dead, because their server ends with this command; {instead}"
    ));
}

#[derive(Serialize)]
struct Id<T> {
    id: T,
}

/// A job and what of it is on this machine now.
#[derive(Serialize)]
struct Fetched<'a, J> {
    job: &'a J,
    files: Vec<DownloadedClip>,
}

async fn show<J: JobView + Serialize>(
    session: &Session,
    dialect: Dialect,
    job: &J,
    folder: Option<Folder<'_>>,
    download: impl FnOnce(&Path) -> Download,
) -> Result<(), Failure> {
    let Some(folder) = folder else {
        tell_links(session, dialect, job, None);
        output::print_json(job)?;
        return verdict(session, dialect, job, None);
    };
    let id = job.job_id();
    let elsewhere = || {
        let own = folder.path().join(folder_name(id));
        let fetch = session.way_to_clips(id, dialect, Some(&own));
        format!("{fetch}; --overwrite replaces what is there")
    };
    let refused = |failure: Failure| failure.after_all().of_job(id).hinted(elsewhere());
    folder.check(job).await.map_err(refused)?;
    let replaces = folder.replaces(id).await?;
    let path = folder.path();
    let progress = Progress::start(format!("downloading to {}", path.display()));
    let files = download(path).overwrite(replaces).into_future();
    let files = match session.within(files).await {
        Ok(files) => files,
        Err(failure) => {
            let failure = failure.of_job(id);
            return Err(if failure.is_of_job() {
                failure
            } else if folder.is_anothers(id).await? {
                // It was not when that was looked at.
                failure.hinted(elsewhere())
            } else if job.job_status().is_final() {
                failure.hinted_then(&session.way_to_clips(id, dialect, Some(path)))
            } else {
                failure.hinted(session.fate_of(id, dialect, Some(path)))
            });
        }
    };
    drop(progress);
    tell_links(session, dialect, job, Some(path));
    output::print_json(&Fetched { job, files })?;
    verdict(session, dialect, job, Some(path))
}

/// What to tell of a job of which there are clips, in this folder or at the server: whether these
/// are all.
fn verdict(
    session: &Session,
    dialect: Dialect,
    job: &impl JobView,
    folder: Option<&Path>,
) -> Result<(), Failure> {
    let (id, status) = (job.job_id(), job.job_status());
    match &status {
        JobStatus::Completed => Ok(()),
        JobStatus::Failed | JobStatus::Cancelled => {
            let failure = ended_badly(job, folder);
            Err(match folder {
                Some(_) => failure,
                None => failure.hinted(session.way_to_clips(id, dialect, None)),
            })
        }
        _ => {
            let fate = session.fate_of(id, dialect, folder);
            output::note(&format!(
                "job {id} is {status}, and these are the clips that it has by now; {fate}"
            ));
            Ok(())
        }
    }
}

/// That a job which has clips did not end well.
pub(crate) fn ended_badly(job: &impl JobView, folder: Option<&Path>) -> Failure {
    let (id, status) = (job.job_id(), job.job_status());
    let reason = job.failure();
    let reason = reason.unwrap_or_else(|| "the server gave no reason".to_owned());
    let what = match folder {
        Some(_) => "what it has is downloaded",
        None => "it has clips nevertheless",
    };
    let message = format!("job {id} {status}: {reason}; {what}");
    Failure::local(&format!("cli_job_{status}"), message).of_job(id)
}

async fn show_list<T: Serialize + Send + 'static>(
    session: &Session,
    list: List<T>,
    args: &ListArgs,
) -> Result<(), Failure> {
    let mut list = list;
    if let Some(limit) = args.limit {
        list = list.limit(limit);
    }
    if let Some(token) = &args.token {
        list = list.token(token);
    }
    let page = if args.all {
        let rows: Vec<T> = session.within(list.by_item().try_collect()).await?;
        Rows {
            data: rows,
            has_more: false,
            next_token: None,
        }
    } else {
        let Page {
            items,
            has_more,
            next_token,
            ..
        } = session.within(list.page()).await?;
        Rows {
            data: items,
            has_more,
            next_token,
        }
    };
    output::print_json(&page)
}

/// A list in the shape that the server gives it.
#[derive(Serialize)]
struct Rows<T> {
    data: Vec<T>,
    has_more: bool,
    next_token: Option<String>,
}
