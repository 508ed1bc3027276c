//! A job that one process submits and another waits for: what lies between is a line of JSON
//! without secrets.
//!
//! `hand_over URL` prints it, `hand_over` reads it from the standard input. The key is in
//! `HEYGEN_API_KEY`.

use std::path::Path;

use heygen_clips::{Client, CreateClips, Result, Video};

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    match std::env::args().nth(1) {
        Some(url) => println!("{}", submit(&client, Video::Url(url)).await?),
        None => {
            let handle = std::io::read_to_string(std::io::stdin())?;
            resume(&client, &handle, Path::new("clips")).await?;
        }
    }
    Ok(())
}

pub(crate) async fn submit(client: &Client, video: Video) -> Result<String> {
    let request = CreateClips::new(video).max_clips(1);
    let job = client.clips().submit(request).await?;
    Ok(serde_json::to_string(job.handle()).expect("a handle is JSON"))
}

pub(crate) async fn resume(
    client: &Client,
    handle: &str,
    folder: &Path,
) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let clips = client.clips();
    let job = clips.resume(&serde_json::from_str(handle)?)?.await?;
    clips.download(&job, folder).await?;
    Ok(())
}
