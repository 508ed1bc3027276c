//! Finished files: fetched from their signed links, into a folder or as a stream.

mod download;
mod fetch;
pub(crate) mod link;
mod manifest;
mod names;
mod part;
mod source;
mod stream;

pub use download::{Download, DownloadClip, DownloadProgress, DownloadedClip};
pub use manifest::{Manifest, ManifestClip, ManifestFile};
pub use stream::ClipStream;
pub(crate) use stream::open;
