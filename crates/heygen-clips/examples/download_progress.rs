//! Downloads the clips of a finished job two at a time and tells how far they are. Run again, it
//! goes on where it was.
//!
//! `download_progress JOB`, with the key in `HEYGEN_API_KEY`.

use std::path::Path;

use heygen_clips::{Client, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let id = std::env::args().nth(1).unwrap_or_default();
    run(&Client::from_env()?, &id, Path::new("clips")).await
}

pub(crate) async fn run(client: &Client, id: &str, folder: &Path) -> Result<()> {
    let clips = client.clips();
    let job = clips.get(id).await?;
    let download = clips.download(&job, folder).parallel(2);
    let told =
        download.on_progress(|at| println!("{}: {} of {:?}", at.clip_id, at.bytes, at.total));
    for clip in told.await? {
        println!("{} has {} bytes", clip.video.display(), clip.video_bytes);
    }
    Ok(())
}
