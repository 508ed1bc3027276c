//! What a file is, by its bytes: names and declared types are only claims.

use std::io::Read;
use std::path::Path;

/// The MIME type of a file, or `None` for one that may not be uploaded.
pub(crate) fn sniff(file: &Path) -> std::io::Result<Option<&'static str>> {
    let mut head = Vec::new();
    std::fs::File::open(file)?
        .take(4096)
        .read_to_end(&mut head)?;
    Ok(kind(&head))
}

fn kind(head: &[u8]) -> Option<&'static str> {
    let known = match infer::get(head).map(|kind| kind.mime_type()) {
        Some("image/png") => "image/png",
        Some("image/jpeg") => "image/jpeg",
        Some("video/mp4" | "video/x-m4v") => "video/mp4",
        Some("video/quicktime") => "video/quicktime",
        Some("video/webm") => "video/webm",
        Some("audio/mpeg") => "audio/mpeg",
        Some("audio/x-wav") => "audio/wav",
        Some("application/pdf") => "application/pdf",
        // ISO media files whose brand the crate does not list, such as fragmented ones.
        None if head.get(4..8) == Some(b"ftyp") => "video/mp4",
        None => return subtitles(head),
        Some(_) => return None,
    };
    Some(known)
}

/// Subtitles are text, so they are told by how they begin.
fn subtitles(head: &[u8]) -> Option<&'static str> {
    // In whatever encoding: what is looked at is ASCII in most of them.
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with("WEBVTT") {
        return Some("text/vtt");
    }
    let mut lines = text.lines();
    let counted = lines.next()?.trim().parse::<u32>().is_ok();
    (counted && lines.next()?.contains("-->")).then_some("application/x-subrip")
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn files_are_known_by_their_bytes() {
        for (head, expected) in [
            (&b"\x89PNG\r\n\x1a\n"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0\0\0", Some("image/jpeg")),
            (b"\0\0\0\x20ftypisom\0\0\x02\0", Some("video/mp4")),
            (b"\0\0\0\x1cftyphlsf\0\0\0\0", Some("video/mp4")),
            (b"%PDF-1.7", Some("application/pdf")),
            (b"RIFF\x24\0\0\0WAVEfmt ", Some("audio/wav")),
            (b"ID3\x03\0", Some("audio/mpeg")),
            (b"WEBVTT\n\n00:01.000 --> 00:02.000\nx", Some("text/vtt")),
            (
                b"\xef\xbb\xbf1\r\n00:00:01,000 --> 00:00:02,000\r\nx",
                Some("application/x-subrip"),
            ),
            (
                b"1\n00:00:01,000 --> 00:00:02,000\ncut \xe2\x82",
                Some("application/x-subrip"),
            ),
            (
                b"1\r\n00:00:01,000 --> 00:00:02,000\r\nCaf\xe9\r\n",
                Some("application/x-subrip"),
            ),
            (b"#!/bin/sh\n", None),
            (b"<html>", None),
            (b"", None),
        ] {
            assert_eq!(kind(head), expected, "{:?}", String::from_utf8_lossy(head));
        }
    }
}
