//! Texts that others wrote, such as the server's messages, without what must not be printed: the key, and what signs links.

use http::HeaderValue;

pub(crate) const INSTEAD: &str = "redacted";

/// Shorter keys are those of emulators, and parts of many words.
const SHORTEST_KEY: usize = 8;

/// The key or token in the value of a header.
pub(crate) fn key(header: &HeaderValue) -> Option<&str> {
    let value = header.to_str().ok()?;
    Some(value.strip_prefix("Bearer ").unwrap_or(value))
}

/// As [`links`], without this key.
pub(crate) fn text(text: &str, key: Option<&str>) -> String {
    without(&links(text), key)
}

/// A text without this key.
pub(crate) fn without(text: &str, key: Option<&str>) -> String {
    match key.filter(|key| key.len() >= SHORTEST_KEY) {
        Some(key) => text.replace(key, INSTEAD),
        None => text.to_owned(),
    }
}

/// A text, its links without user, query and fragment. Half a link at its end counts too: the text
/// may be the beginning of an answer. Links with the slashes of JSON (`https:\/\/`) do as well, and so
/// does what has no scheme, if it has a place and a query.
pub(crate) fn links(text: &str) -> String {
    let ends = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '<' | '>');
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(ends) {
        let word = piece.trim_end_matches(ends);
        let head = word.split(['?', '#']).next().unwrap_or_default();
        let host = ["://", ":\\/\\/"]
            .iter()
            .filter_map(|mark| Some(head.find(mark)? + mark.len()))
            .min();
        let (scheme, link) = word.split_at(host.unwrap_or_default());
        let is_link = host.is_some() || is_bare_link(word);
        let at = link.find(['?', '#']).filter(|_| is_link);
        let (place, secret) = link.split_at(at.unwrap_or(link.len()));
        let authority = place.find(['/', '\\']).unwrap_or(place.len());
        let user = place[..authority].rfind('@').filter(|_| host.is_some());
        out.push_str(scheme);
        out.push_str(&place[user.map_or(0, |at| at + 1)..]);
        if !secret.is_empty() {
            out.push('?');
            out.push_str(INSTEAD);
        }
        out.push_str(&piece[word.len()..]);
    }
    out
}

/// Whether a word is a place with a query, without a scheme.
fn is_bare_link(word: &str) -> bool {
    word.split_once('?')
        .is_some_and(|(place, query)| place.contains(['.', '/']) && query.contains('='))
}

/// Letters and digits that a token has at least.
const SHORTEST_TOKEN: usize = 16;

/// Whether this was made by chance and not by people: it is long, and at least each sixth letter or
/// digit is of another kind (small, capital, digit) than the one before; a small letter after a
/// capital does not count. UUIDs, hexadecimal and base64 are like that, names and dates rarely.
pub(crate) fn looks_like_a_token(part: &str) -> bool {
    let (mut length, mut changes, mut before) = (0, 0, None);
    let mut letters = part.chars();
    while let Some(letter) = letters.next() {
        if letter == '%' {
            // An escaped byte.
            letters.nth(1);
        } else if letter.is_alphanumeric() {
            let kind = match letter {
                _ if letter.is_numeric() => Letter::Digit,
                _ if letter.is_uppercase() => Letter::Capital,
                _ => Letter::Small,
            };
            let goes_on = before.is_none_or(|before| before == kind)
                || (before, kind) == (Some(Letter::Capital), Letter::Small);
            length += 1;
            changes += usize::from(!goes_on);
            before = Some(kind);
        }
    }
    length >= SHORTEST_TOKEN && 6 * changes >= length
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Letter {
    Digit,
    Capital,
    Small,
}

#[cfg(test)]
mod tests {
    use super::{links, looks_like_a_token};

    #[test]
    fn links_lose_what_signs_them() {
        for (text, redacted) in [
            ("no link?x=1", "no link?x=1"),
            ("https://a.example/1.mp4", "https://a.example/1.mp4"),
            (
                "see HTTPS://u:p@a.example/1.mp4?Sig=s#f, and http://b.example?x",
                "see HTTPS://a.example/1.mp4?redacted and http://b.example?redacted",
            ),
            (
                "s3://bucket/1.mp4?Signature=s or files.example.com/1.mp4?Signature=s",
                "s3://bucket/1.mp4?redacted or files.example.com/1.mp4?redacted",
            ),
            (
                "a.example/1.mp4?Signature=s&next=https://b.example/",
                "a.example/1.mp4?redacted",
            ),
            ("is it a.b? x=1, or c@d", "is it a.b? x=1, or c@d"),
            (
                r#"{"url":"https:\/\/a.example\/1?a=1\u0026sig=s","next":"t"#,
                r#"{"url":"https:\/\/a.example\/1?redacted","next":"t"#,
            ),
        ] {
            assert_eq!(links(text), redacted);
        }
    }

    #[test]
    fn what_is_drawn_by_chance_is_seen_in_ninety_nine_of_a_hundred() {
        let mut chance = fastrand::Rng::with_seed(4);
        let kinds = [
            (32, "0123456789abcdef"),
            (
                22,
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
            ),
        ];
        for (length, letters) in kinds {
            let letters: Vec<char> = letters.chars().collect();
            let mut draw = || {
                let letter = std::iter::repeat_with(|| letters[chance.usize(..letters.len())]);
                letter.take(length).collect::<String>()
            };
            let seen = (0..1_000).filter(|_| looks_like_a_token(&draw())).count();
            assert!(seen >= 990, "{seen} of {letters:?}");
        }
    }
}
