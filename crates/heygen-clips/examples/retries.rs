//! How often and how long calls are tried, for a client, a part of a program, or one call.
//!
//! With the key in `HEYGEN_API_KEY`.

use std::time::Duration;

use heygen_clips::{Client, Result, Retries};

#[tokio::main]
async fn main() -> Result<()> {
    run(&Client::from_env()?).await
}

pub(crate) async fn run(client: &Client) -> Result<()> {
    let patient = client.with_retries(
        Retries::default()
            .attempts(8)
            .longest_pause(Duration::from_secs(60))
            .deadline(Duration::from_secs(300)),
    );
    println!("{} jobs", patient.clips().list().page().await?.items.len());

    let hasty = client
        .with_retries(Retries::none())
        .with_timeout(Duration::from_secs(5));
    match hasty.clips().get("no_such_job").await {
        Err(error) if error.is_not_found() => println!("{error}"),
        Err(error) if error.is_retryable() => println!("try later: {error}"),
        other => drop(other?),
    }
    Ok(())
}
