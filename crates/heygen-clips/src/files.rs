//! Finished files: fetched from their signed links into a folder.

mod download;
pub(crate) mod link;
mod names;

pub use download::{Download, DownloadedClip};
