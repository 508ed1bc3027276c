//! A program that may be killed at any instant and started again: the journal knows what was
//! submitted, so that nothing is paid for twice and no clip is forgotten.
//!
//! `restart URL...`, with the key in `HEYGEN_API_KEY`. Without a URL it only goes on.

use std::path::Path;

use heygen_clips::{Client, CreateAiClipping, Result, Resumed, Video};

#[tokio::main]
async fn main() -> Result<()> {
    let key = std::env::var("HEYGEN_API_KEY").unwrap_or_default();
    let base = std::env::var("HEYGEN_API_BASE");
    let client = Client::builder()
        .api_key(key)
        .base_url(base.as_deref().unwrap_or("https://api.heygen.com"))
        .journal("jobs.journal")
        .build()?;
    for url in std::env::args().skip(1) {
        submit(&client, Video::Url(url)).await?;
    }
    go_on(&client, Path::new("clips")).await
}

/// On disk before it is sent. A kill between the two, or during either, makes no second job.
pub(crate) async fn submit(client: &Client, video: Video) -> Result<()> {
    let job = client
        .ai_clipping()
        .submit(CreateAiClipping::new(video))
        .await?;
    println!("submitted {}", job.id());
    Ok(())
}

/// Finishes whatever is open. A job whose clips are all in the folder is not open any more.
pub(crate) async fn go_on(client: &Client, folder: &Path) -> Result<()> {
    for resumed in client.resume_all().await? {
        match resumed {
            Resumed::AiClipping(job) => {
                let job = job.await?;
                let folder = folder.join(&job.id);
                client.ai_clipping().download(&job, folder).await?;
            }
            Resumed::Clips(job) => {
                let job = job.await?;
                let folder = folder.join(&job.id);
                client.clips().download(&job, folder).await?;
            }
            // What a person has to decide, for example because the server may have forgotten it.
            other => eprintln!("{other:?}"),
        }
    }
    Ok(())
}
