//! What can go wrong, and what a program does about it: all errors are of one type, which is asked.
//!
//! `errors JOB`, with the key in `HEYGEN_API_KEY`.

use std::time::Duration;

use heygen_clips::{Client, CreateClips, Error, Result, Window};

#[tokio::main]
async fn main() -> Result<()> {
    let client = Client::from_env()?;
    // Refused before it is sent, with the code and the field that the server would name.
    let request =
        CreateClips::from_url("https://example.com/talk.mp4").windows([Window::new(5.0, 1.0)]);
    if let Err(error) = client.clips().create(request).await {
        println!("{}", advice(&error));
    }
    let id = std::env::args().nth(1).unwrap_or_default();
    let job = client.clips().job(&id).deadline(Duration::from_secs(60));
    match job.await {
        Ok(job) => println!("{} has {} clips", job.id, job.clips.len()),
        Err(error) => println!("{}", advice(&error)),
    }
    Ok(())
}

pub(crate) fn advice(error: &Error) -> String {
    if error.is_auth() {
        "is HEYGEN_API_KEY right?".to_owned()
    } else if error.is_invalid_request() {
        format!(
            "mend {}: {}",
            error.param().unwrap_or("it"),
            error.message()
        )
    } else if error.is_not_found() {
        "there is no such job".to_owned()
    } else if error.is_payment_required() {
        "top up the wallet".to_owned()
    } else if error.is_job_failed() {
        format!("the job ended without clips: {}", error.message())
    } else if let Some(handle) = error.handle() {
        // Only the wait is over: the job goes on, and is found again by this.
        format!("wait for {} later", handle.job_id())
    } else if error.is_retryable() {
        let pause = error.retry_after().unwrap_or(Duration::from_secs(10));
        format!("again in {} s", pause.as_secs())
    } else {
        format!("tell the vendor: {error}, request {:?}", error.request_id())
    }
}
