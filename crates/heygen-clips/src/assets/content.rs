//! The bytes of an upload: where they come from, and what is noticed while they go out.

#[cfg(not(target_arch = "wasm32"))]
use std::fs::{self, File};
use std::io;
#[cfg(not(target_arch = "wasm32"))]
use std::io::Read;
#[cfg(not(target_arch = "wasm32"))]
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use hmac_sha256::Hash;

use super::kind;
use crate::error::{Error, Result};
#[cfg(not(target_arch = "wasm32"))]
use crate::platform::blocking;

/// Bytes of a file or buffer that go out at once.
const PIECE: usize = 64 << 10;

pub(super) type Pieces = BoxStream<'static, io::Result<Bytes>>;

pub(super) type Watcher = Arc<dyn Fn(UploadProgress) + Send + Sync>;

/// How far an upload is, for [`Upload::on_progress`](crate::Upload::on_progress).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadProgress {
    /// Bytes of the file that have left. Falls back to 0 when it is sent again.
    pub bytes: u64,
    /// Bytes of the file.
    pub total: u64,
}

/// Where the bytes come from.
pub(super) enum Source {
    #[cfg(not(target_arch = "wasm32"))]
    Path(PathBuf),
    Bytes(Bytes),
    /// Can be read once.
    Stream {
        length: u64,
        pieces: Option<Pieces>,
    },
}

/// What a request has to say about a file.
pub(super) struct About {
    pub(super) file_name: String,
    pub(super) content_type: String,
    pub(super) length: u64,
}

/// A file to be sent.
pub(super) struct Content {
    pub(super) about: About,
    pub(super) source: Source,
    pub(super) watcher: Option<Watcher>,
}

impl Source {
    pub(super) async fn length(&mut self) -> Result<u64> {
        match self {
            #[cfg(not(target_arch = "wasm32"))]
            Self::Path(path) => {
                let cannot = cannot_read(path);
                let path = path.clone();
                let metadata = blocking(|| fs::metadata(path)).await.map_err(&cannot)?;
                if !metadata.is_file() {
                    return Err(cannot(io::Error::other("it is not a regular file")));
                }
                Ok(metadata.len())
            }
            Self::Bytes(bytes) => Ok(bytes.len() as u64),
            Self::Stream { length, .. } => Ok(*length),
        }
    }

    /// The first bytes. A stream gives them again afterwards.
    pub(super) async fn head(&mut self) -> Result<Bytes> {
        match self {
            #[cfg(not(target_arch = "wasm32"))]
            Self::Path(path) => {
                let cannot = cannot_read(path);
                let path = path.clone();
                let head = blocking(|| read_piece(&File::open(path)?, kind::HEAD));
                head.await.map_err(&cannot)
            }
            Self::Bytes(bytes) => Ok(bytes.slice(..bytes.len().min(kind::HEAD))),
            Self::Stream { pieces, .. } => {
                let Some(mut rest) = pieces.take() else {
                    return Ok(Bytes::new());
                };
                let (mut head, mut seen) = (Vec::new(), Vec::new());
                while head.len() < kind::HEAD {
                    let Some(piece) = rest.next().await else {
                        break;
                    };
                    let cannot = |error| Error::file("cannot read what is to be uploaded", error);
                    let piece = piece.map_err(cannot)?;
                    head.extend_from_slice(&piece);
                    seen.push(Ok(piece));
                }
                *pieces = Some(stream::iter(seen).chain(rest).boxed());
                Ok(head.into())
            }
        }
    }

    pub(super) fn can_repeat(&self) -> bool {
        !matches!(self, Self::Stream { .. })
    }

    /// All bytes from the first on.
    async fn open(&mut self) -> Result<Pieces> {
        match self {
            #[cfg(not(target_arch = "wasm32"))]
            Self::Path(path) => {
                let cannot = cannot_read(path);
                let path = path.clone();
                let file = blocking(|| File::open(path)).await.map_err(cannot)?;
                let next = |file: File| {
                    blocking(move || {
                        let piece = read_piece(&file, PIECE)?;
                        Ok((!piece.is_empty()).then_some((piece, file)))
                    })
                };
                Ok(stream::try_unfold(file, next).boxed())
            }
            Self::Bytes(bytes) => {
                let bytes = bytes.clone();
                let starts = (0..bytes.len()).step_by(PIECE);
                let pieces: Vec<_> = starts
                    .map(|start| Ok(bytes.slice(start..bytes.len().min(start + PIECE))))
                    .collect();
                Ok(stream::iter(pieces).boxed())
            }
            Self::Stream { pieces, .. } => pieces.take().ok_or_else(|| {
                let message = "what is to be uploaded can be read only once, and was";
                Error::invalid("file", message)
            }),
        }
    }
}

impl Content {
    /// What goes out, from its first byte on; told of and summed while it does.
    pub(super) async fn open(&mut self, checksum: Option<Checksum>) -> Result<Pieces> {
        let pieces = self.source.open().await?;
        let watcher = self.watcher.clone();
        Ok(watched(pieces, self.about.length, checksum, watcher))
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn cannot_read(path: &Path) -> impl Fn(io::Error) -> Error + use<> {
    let message = format!("cannot read {}", path.display());
    move |error| Error::file(&*message, error)
}

/// The next bytes of a file: as many as that, fewer only at its end.
#[cfg(not(target_arch = "wasm32"))]
fn read_piece(file: &File, size: usize) -> io::Result<Bytes> {
    let mut piece = Vec::with_capacity(size);
    file.take(size as u64).read_to_end(&mut piece)?;
    Ok(piece.into())
}

/// The checksum of what goes by.
#[derive(Clone, Default)]
pub(super) struct Checksum(Arc<Mutex<Hash>>);

impl Checksum {
    /// In lower-case hex.
    pub(super) fn finish(&self) -> String {
        let mut hash = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hex::encode(std::mem::take(&mut *hash).finalize())
    }

    fn update(&self, bytes: &[u8]) {
        let mut hash = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hash.update(bytes);
    }
}

/// The same pieces, summed and told of; an error where they are not as long as was said.
fn watched(
    pieces: Pieces,
    length: u64,
    checksum: Option<Checksum>,
    watcher: Option<Watcher>,
) -> Pieces {
    let wrong = move |bytes: u64, what: &str| {
        let message = format!("{what} than the {length} bytes that were announced ({bytes})");
        io::Error::new(io::ErrorKind::InvalidData, message)
    };
    let step = move |(mut pieces, sent): (Pieces, u64)| {
        let (checksum, watcher) = (checksum.clone(), watcher.clone());
        async move {
            let Some(piece) = pieces.try_next().await? else {
                return if sent < length {
                    Err(wrong(sent, "there are fewer"))
                } else {
                    Ok(None)
                };
            };
            let sent = sent + piece.len() as u64;
            if sent > length {
                return Err(wrong(sent, "there are more"));
            }
            if let Some(checksum) = checksum {
                checksum.update(&piece);
            }
            if let Some(watcher) = watcher {
                watcher(UploadProgress {
                    bytes: sent,
                    total: length,
                });
            }
            Ok(Some((piece, (pieces, sent))))
        }
    };
    stream::try_unfold((pieces, 0), step).boxed()
}
