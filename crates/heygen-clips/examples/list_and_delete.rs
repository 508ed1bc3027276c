//! Lists all jobs, page by page behind the scenes, and deletes those that failed.
//!
//! With the key in `HEYGEN_API_KEY`.

use futures::TryStreamExt;
use heygen_clips::{Client, JobStatus, JobView, Result};

#[tokio::main]
async fn main() -> Result<()> {
    run(&Client::from_env()?).await
}

pub(crate) async fn run(client: &Client) -> Result<()> {
    let jobs = client.ai_clipping();
    let mut rows = jobs.list().by_item();
    while let Some(row) = rows.try_next().await? {
        println!("{} {}", row.id, row.job_status());
        if row.job_status() == JobStatus::Failed {
            jobs.delete(&row.id).await?;
        }
    }
    Ok(())
}
