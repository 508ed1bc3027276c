//! JSON pointers (RFC 6901) as text.

/// `pointer` with one more token, escaped.
pub(crate) fn child(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}

/// A token as the key that it stands for.
pub(crate) fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_from_their_tokens() {
        let pointer = child("/paths", "/v1/a~b");
        assert_eq!(pointer, "/paths/~1v1~1a~0b");
        assert_eq!(unescaped("~1v1~1a~0b"), "/v1/a~b");
        assert_eq!(unescaped("~01"), "~1");
    }
}
