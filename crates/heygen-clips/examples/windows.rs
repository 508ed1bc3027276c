//! Clips of exact windows of the source, with names of one's own.
//!
//! `windows URL`, with the key in `HEYGEN_API_KEY`.

use std::path::Path;

use heygen_clips::{Client, CreateClips, Result, Video, Window};

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::args().nth(1).unwrap_or_default();
    run(&Client::from_env()?, Video::Url(url), Path::new("clips")).await
}

pub(crate) async fn run(client: &Client, video: Video, folder: &Path) -> Result<()> {
    let windows = [
        Window::new(1.0, 2.0).label("The question"),
        Window::new(3.0, 4.5).label("The answer"),
    ];
    let clips = client.clips();
    let request = CreateClips::new(video).windows(windows);
    let job = clips.submit(request).await?.await?;
    for clip in clips.download(&job, folder.join(&job.id)).await? {
        println!("{}", clip.video.display());
    }
    Ok(())
}
