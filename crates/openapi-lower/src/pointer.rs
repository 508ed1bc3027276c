//! JSON pointers as text (RFC 6901), with the percent decoding that URI fragments need.
//!
//! What a pointer points at is the business of `refs`.

use serde_json::Value;

/// `pointer` with one more token, escaped.
pub(crate) fn child(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", escape(token))
}

/// `pointer` with several more tokens, each escaped.
pub(crate) fn join<'t>(pointer: &str, tokens: impl IntoIterator<Item = &'t str>) -> String {
    tokens
        .into_iter()
        .fold(pointer.to_owned(), |at, token| child(&at, token))
}

/// The unescaped tokens of a pointer.
pub(crate) fn tokens(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(unescape).collect()
}

/// The value at `pointer`, if there is one.
pub(crate) fn get<'v>(document: &'v Value, pointer: &str) -> Option<&'v Value> {
    document.pointer(pointer)
}

/// The pointer that a URI fragment spells: percent decoded, nothing else.
pub(crate) fn from_fragment(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            (other, _) => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| fragment.to_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// A token as the key that it stands for.
pub(crate) fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_survive_escaping() {
        let pointer = join("", ["paths", "/v1/a~b", "get"]);
        assert_eq!(pointer, "/paths/~1v1~1a~0b/get");
        assert_eq!(tokens(&pointer), ["paths", "/v1/a~b", "get"]);
    }

    #[test]
    fn fragments_are_percent_decoded() {
        assert_eq!(from_fragment("/a%7Bb%7D/%zz%"), "/a{b}/%zz%");
    }
}
