//! What happens while a job runs; each clip is fetched as soon as it is ready.
//!
//! `events URL`, with the key in `HEYGEN_API_KEY`.

use std::path::Path;

use futures::TryStreamExt;
use heygen_clips::{Client, ClipDuration, CreateAiClipping, JobEvent, Result, Video};

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::args().nth(1).unwrap_or_default();
    run(&Client::from_env()?, Video::Url(url), Path::new("clips")).await
}

pub(crate) async fn run(client: &Client, video: Video, folder: &Path) -> Result<()> {
    let jobs = client.ai_clipping();
    let request = CreateAiClipping::new(video).durations([ClipDuration::Seconds30]);
    let job = jobs.submit(request).await?;
    let folder = folder.join(job.id().as_str());
    let mut events = job.events();
    while let Some(event) = events.try_next().await? {
        match event {
            JobEvent::Status(status) => println!("now {status}"),
            JobEvent::Progress(percent) => println!("{percent} %"),
            JobEvent::Clip(clip) => {
                let file = jobs.download_clip(&clip, &folder).await?;
                println!("{}", file.video.display());
            }
            JobEvent::Finished(outcome) => drop(outcome.into_result()?),
            _ => {}
        }
    }
    Ok(())
}
