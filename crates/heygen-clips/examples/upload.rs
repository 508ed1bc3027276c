//! Uploads a file, with progress; its asset id is what jobs are made from.
//!
//! `upload PATH`, with the key in `HEYGEN_API_KEY`.

use std::path::Path;

use heygen_clips::{Client, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let path = std::env::args().nth(1).unwrap_or_default();
    let asset_id = run(&Client::from_env()?, Path::new(&path)).await?;
    println!("{asset_id}");
    Ok(())
}

pub(crate) async fn run(client: &Client, path: &Path) -> Result<String> {
    let upload = client.assets().upload(path);
    let asset = upload
        .on_progress(|progress| println!("{progress:?}"))
        .await?;
    Ok(asset.asset_id)
}
