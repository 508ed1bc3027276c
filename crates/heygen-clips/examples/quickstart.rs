//! A video becomes clips in a folder: submit, wait, download.
//!
//! `quickstart URL`, with the key in `HEYGEN_API_KEY`.

use std::path::Path;

use heygen_clips::{AspectRatio, Client, CreateClips, Result, Video};

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::args().nth(1).unwrap_or_default();
    run(&Client::from_env()?, Video::Url(url), Path::new("clips")).await
}

pub(crate) async fn run(client: &Client, video: Video, folder: &Path) -> Result<()> {
    let clips = client.clips();
    let request = CreateClips::new(video)
        .max_clips(2)
        .aspect_ratio(AspectRatio::Portrait);
    let job = clips.submit(request).await?.await?;
    // A folder holds the clips of one job.
    for clip in clips.download(&job, folder.join(&job.id)).await? {
        println!("{}", clip.video.display());
    }
    Ok(())
}
