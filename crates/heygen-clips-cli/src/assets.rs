//! The commands about uploaded files.

use std::path::Path;

use crate::failure::Failure;
use crate::output::{self, Progress};
use crate::session::Session;
use crate::upload::{check_file, with_media_type};

/// Uploads a file.
pub(crate) async fn upload(session: &Session, file: &Path) -> Result<(), Failure> {
    check_file("<FILE>", file)?;
    if !session.is_kept() {
        let message = "nothing would be left of the upload: add --local-data";
        return Err(Failure::usage("--local", message));
    }
    let progress = Progress::start(format!("uploading {}", file.display()));
    let upload = with_media_type(session.client.assets().upload(file), file);
    let asset = session.within(upload.into_future()).await?;
    drop(progress);
    output::print_json(&asset)
}

/// Shows an asset.
pub(crate) async fn get(session: &Session, id: &str) -> Result<(), Failure> {
    output::print_json(&session.within(session.client.assets().get(id)).await?)
}

/// Deletes an asset.
pub(crate) async fn delete(session: &Session, id: &str) -> Result<(), Failure> {
    session.within(session.client.assets().delete(id)).await?;
    output::print_json(&serde_json::json!({ "id": id }))
}
