//! Walks the boxes of an MP4 without believing their sizes, and decodes single boxes with mp4-atom.
//!
//! A box that nobody asks for is never decoded, so an odd one elsewhere in the file cannot sink it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use mp4_atom::Atom;

use crate::error::{Error, Result};

/// The largest `moov` or `moof` that is read into memory.
const LARGEST_INDEX: u64 = 512 << 20;

/// A box in a slice: its name and what is in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Child<'a> {
    pub(super) kind: [u8; 4],
    pub(super) body: &'a [u8],
}

/// The boxes directly inside `body`. A last box that claims more than there is ends the walk.
pub(super) fn children(body: &[u8]) -> impl Iterator<Item = Child<'_>> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let (kind, header, size) = header(rest, rest.len() as u64)?;
        let size = usize::try_from(size).ok()?;
        let child = Child {
            kind,
            body: rest.get(header..size)?,
        };
        rest = &rest[size..];
        Some(child)
    })
}

/// The first box of this type inside `body`.
pub(super) fn find<'a>(body: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    children(body)
        .find(|child| &child.kind == kind)
        .map(|child| child.body)
}

/// Follows a path of box types.
pub(super) fn descend<'a>(body: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(body, |body, kind| find(body, kind))
}

/// Decodes the content of one box; trailing bytes are allowed.
pub(super) fn decode<T: Atom>(body: &[u8]) -> Result<T> {
    let mut rest = body;
    T::decode_body(&mut rest).map_err(|cause| {
        Error::damaged(format!(
            "the {} box cannot be read ({cause}): the file is damaged or not an MP4",
            T::KIND
        ))
    })
}

/// Decodes the first box of this type inside `body`, if there is one.
pub(super) fn decode_child<T: Atom>(body: &[u8]) -> Result<Option<T>> {
    let kind: [u8; 4] = T::KIND.into();
    find(body, &kind).map(decode).transpose()
}

/// Decodes a box that must be there.
pub(super) fn require<T: Atom>(body: &[u8]) -> Result<T> {
    decode_child(body)?.ok_or_else(|| {
        Error::damaged(format!(
            "the {} box is missing: the file is damaged",
            T::KIND
        ))
    })
}

/// A box of the file itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileBox {
    pub(super) kind: [u8; 4],
    /// Where the box begins, header included.
    pub(super) offset: u64,
    body: u64,
    end: u64,
}

impl FileBox {
    /// Reads the box's content.
    pub(super) fn read(&self, file: &mut File) -> Result<Vec<u8>> {
        let size = self.end - self.body;
        if size > LARGEST_INDEX {
            return Err(Error::damaged(format!(
                "the {} box claims {size} bytes: the file is damaged",
                String::from_utf8_lossy(&self.kind)
            )));
        }
        read_at(file, self.body, size as usize)
    }
}

/// The boxes of the file, in order; one that claims more than the file has is cut at its end.
pub(super) fn top_level(file: &mut File) -> Result<Vec<FileBox>> {
    let length = file
        .metadata()
        .map_err(|cause| Error::io("reading the file's size", cause))?
        .len();
    let mut found = Vec::new();
    let mut offset = 0;
    while offset + 8 <= length {
        let head = read_at(file, offset, 16.min((length - offset) as usize))?;
        let Some((kind, header, size)) = header(&head, length - offset) else {
            break;
        };
        let end = offset.saturating_add(size).min(length);
        let body = (offset + header as u64).min(end);
        found.push(FileBox {
            kind,
            offset,
            body,
            end,
        });
        offset = end;
    }
    Ok(found)
}

/// Reads exactly `size` bytes at `offset`.
pub(super) fn read_at(file: &mut File, offset: u64, size: usize) -> Result<Vec<u8>> {
    let wrap = |cause| Error::io(format!("reading {size} bytes at {offset}"), cause);
    file.seek(SeekFrom::Start(offset)).map_err(wrap)?;
    let mut bytes = Vec::new();
    // Grown as bytes arrive: a size that is a lie costs no memory.
    file.take(size as u64)
        .read_to_end(&mut bytes)
        .map_err(wrap)?;
    if bytes.len() < size {
        return Err(Error::damaged(format!(
            "the file ends at byte {}, before the {size} bytes that its index places at {offset}: \
             it is cut off",
            offset + bytes.len() as u64
        )));
    }
    Ok(bytes)
}

/// Type, header size and whole size of the box at the start of `bytes`.
fn header(bytes: &[u8], available: u64) -> Option<([u8; 4], usize, u64)> {
    let size = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
    let kind = bytes.get(4..8)?.try_into().ok()?;
    let (header, size) = match size {
        0 => (8, available),
        1 => (16, u64::from_be_bytes(bytes.get(8..16)?.try_into().ok()?)),
        size => (8, u64::from(size)),
    };
    (size >= header as u64).then_some((kind, header, size))
}
