//! What a file is, by its bytes, else by its name.

use crate::error::{Error, Result};

/// Media types that the vendor takes, by file extension.
const TYPES: [(&str, &str); 9] = [
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("mp3", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("pdf", "application/pdf"),
    ("srt", "application/x-subrip"),
];

/// Bytes at the beginning of a file that say what it is.
pub(super) const HEAD: usize = 4096;

/// The media type of a file that begins like this. What the vendor does not take is an error, also
/// when its name says otherwise: the vendor goes by the bytes too.
pub(super) fn of(head: &[u8], file_name: &str) -> Result<&'static str> {
    let taken = || TYPES.map(|(extension, _)| extension).join(", ");
    match infer::get(head).map(|kind| kind.mime_type()) {
        Some("video/mp4" | "video/x-m4v") => Ok("video/mp4"),
        // Close enough to MP4 that it often bears its name.
        Some("video/quicktime") => Ok("video/quicktime"),
        Some("video/webm") => Ok("video/webm"),
        Some("audio/mpeg") => Ok("audio/mpeg"),
        Some("audio/x-wav") => Ok("audio/wav"),
        Some("image/png") => Ok("image/png"),
        Some("image/jpeg") => Ok("image/jpeg"),
        Some("application/pdf") => Ok("application/pdf"),
        Some(other) => {
            let message = format!(
                "{file_name} is {other} by its bytes, and the vendor takes {}: convert it (a \
                 program may set content_type to send it nevertheless)",
                taken()
            );
            Err(Error::invalid("content_type", message))
        }
        // A brand of MP4 that is not known, such as that of a fragmented one.
        None if head.get(4..8) == Some(b"ftyp") => Ok("video/mp4"),
        None => by_extension(file_name).ok_or_else(|| {
            let message = format!(
                "neither the bytes nor the name of {file_name} tell what it is: give it the extension \
                 of its type, one of {} (a program may set content_type instead)",
                taken()
            );
            Error::invalid("content_type", message)
        }),
    }
}

fn by_extension(file_name: &str) -> Option<&'static str> {
    let (_, extension) = file_name.rsplit_once('.')?;
    let (_, media) = TYPES
        .iter()
        .find(|(known, _)| extension.eq_ignore_ascii_case(known))?;
    Some(media)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn bytes_count_more_than_names() {
        let kind = |head: &[u8], name| of(head, name).map_err(|error| error.message().to_owned());
        assert_eq!(kind(b"\0\0\0\x18ftypmp42", "a.webm"), Ok("video/mp4"));
        assert_eq!(kind(b"\0\0\0\x18ftypodd!", "a"), Ok("video/mp4"));
        assert_eq!(
            kind(b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "a.mp4"),
            Ok("video/quicktime")
        );
        assert_eq!(kind(b"ID3\x04", "a.mp4"), Ok("audio/mpeg"));
        assert_eq!(
            kind(b"1\n00:00:01,000 --> ", "a.SRT"),
            Ok("application/x-subrip")
        );
        let refused = kind(b"PK\x03\x04", "talk.mp4").err().unwrap_or_default();
        assert!(
            refused
                .starts_with("talk.mp4 is application/zip by its bytes, and the vendor takes mp4"),
            "{refused}"
        );
    }
}
