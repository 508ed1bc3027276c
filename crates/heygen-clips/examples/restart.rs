//! A program that may be killed at any instant and started again: the journal knows what was
//! submitted, so that nothing is paid for twice and no clip is forgotten.
//!
//! `restart URL...`, with the key in `HEYGEN_API_KEY`. To start it again, leave out the URLs that it has
//! said were submitted: it goes on with what is open. One that is given again once its clips are here is
//! wanted once more.

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

/// Finishes whatever is open. A job whose clips are all in its folder is not open any more.
pub(crate) async fn go_on(client: &Client, folder: &Path) -> Result<()> {
    for resumed in client.resume_all().await? {
        // One job that fails, or is gone, keeps no other from its clips.
        if let Err(error) = finish(client, resumed, folder).await {
            eprintln!("{error}");
        }
    }
    Ok(())
}

async fn finish(client: &Client, resumed: Resumed, folder: &Path) -> Result<()> {
    match resumed {
        Resumed::AiClipping(job) => {
            // A job that failed may have made clips all the same.
            let outcome = job.outcome().await?;
            let folder = folder.join(&outcome.job().id);
            let clips = client.ai_clipping();
            clips.download(outcome.job(), folder).await?;
            outcome.into_result()?;
        }
        Resumed::Clips(job) => {
            let outcome = job.outcome().await?;
            let folder = folder.join(&outcome.job().id);
            client.clips().download(outcome.job(), folder).await?;
            outcome.into_result()?;
        }
        // What a person has to decide, for example because the server may have forgotten it.
        other => eprintln!("{other:?}"),
    }
    Ok(())
}
