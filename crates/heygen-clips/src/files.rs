//! Finished files: fetched from their signed links, into a folder or as a stream.

#[cfg(not(target_arch = "wasm32"))]
mod download;
mod fetch;
#[cfg(not(target_arch = "wasm32"))]
mod folder;
pub(crate) mod link;
#[cfg(not(target_arch = "wasm32"))]
mod manifest;
#[cfg(not(target_arch = "wasm32"))]
mod names;
#[cfg(not(target_arch = "wasm32"))]
mod part;
mod source;
mod stream;

#[cfg(not(target_arch = "wasm32"))]
pub use download::{Download, DownloadClip, DownloadProgress, DownloadedClip};
#[cfg(not(target_arch = "wasm32"))]
pub use manifest::{Manifest, ManifestClip, ManifestFile};
pub use stream::ClipStream;
pub(crate) use stream::open;
