//! The same without async: every call has a `wait()`, every stream an `iter()`. Feature `blocking`.
//!
//! `without_async PATH`, with the key in `HEYGEN_API_KEY`.

use std::path::Path;

use heygen_clips::blocking::{Iterate as _, Wait as _};
use heygen_clips::{Client, CreateClips, JobEvent, Result};

fn main() -> Result<()> {
    let path = std::env::args().nth(1).unwrap_or_default();
    run(&Client::from_env()?, Path::new(&path), Path::new("clips"))
}

pub(crate) fn run(client: &Client, source: &Path, folder: &Path) -> Result<()> {
    let asset = client.assets().upload(source).wait()?;
    let clips = client.clips();
    let request = CreateClips::from_asset(asset.asset_id).max_clips(1);
    for event in clips.submit(request).wait()?.events().iter() {
        match event? {
            JobEvent::Status(status) => println!("now {status}"),
            JobEvent::Finished(outcome) => {
                let job = outcome.into_result()?;
                clips.download(&job, folder.join(&job.id)).wait()?;
            }
            _ => {}
        }
    }
    Ok(())
}
