//! JSON pointers in their URI fragment form (`#/a/b`): how every place of a document is named here.

use serde_json::Value;

/// Appends one token, escaped.
pub(crate) fn push(base: &str, token: &str) -> String {
    let mut pointer = String::with_capacity(base.len() + token.len() + 1);
    pointer.push_str(base);
    extend(&mut pointer, token);
    pointer
}

/// The same in place.
pub(crate) fn extend(pointer: &mut String, token: &str) {
    pointer.push('/');
    for character in token.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Appends several tokens.
pub(crate) fn join(base: &str, tokens: &[&str]) -> String {
    tokens
        .iter()
        .fold(base.to_owned(), |pointer, token| push(&pointer, token))
}

/// The JSONPath of a place in a document, as overlays take it: `$['paths']['/things']`. An index is one in lists alone: `200` is the
/// name of a response.
#[cfg(feature = "generate")]
pub(crate) fn json_path(document: &Value, pointer: &str) -> String {
    let mut path = "$".to_owned();
    let mut at = Some(document);
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        match at {
            Some(Value::Array(items)) => {
                at = token.parse().ok().and_then(|index: usize| items.get(index));
                path.push_str(&format!("[{token}]"));
            }
            _ => {
                at = at.and_then(|members| members.get(&token));
                let quoted = token.replace('\\', "\\\\").replace('\'', "\\'");
                path.push_str(&format!("['{quoted}']"));
            }
        }
    }
    path
}

/// The value at a local pointer, if there is one. A percent-encoded fragment is decoded.
pub(crate) fn lookup<'v>(root: &'v Value, pointer: &str) -> Option<&'v Value> {
    let path = pointer.strip_prefix('#')?;
    root.pointer(path).or_else(|| root.pointer(&decode(path)?))
}

/// The canonical spelling of a local reference, or `None` when it names another document.
pub(crate) fn local(reference: &str) -> Option<String> {
    let path = reference.strip_prefix('#')?;
    let path = decode(path).unwrap_or_else(|| path.to_owned());
    (path.is_empty() || path.starts_with('/')).then(|| format!("#{path}"))
}

/// A pointer as a URI fragment.
pub(crate) fn encode(pointer: &str) -> String {
    let mut text = String::with_capacity(pointer.len());
    for (index, byte) in pointer.bytes().enumerate() {
        match byte {
            b'#' if index == 0 => text.push('#'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(char::from(byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// The last token, unescaped.
pub(crate) fn last(pointer: &str) -> String {
    let token = pointer.rsplit('/').next().unwrap_or_default();
    token.replace("~1", "/").replace("~0", "~")
}

/// The name of the component schema that a pointer names, if it names one and not a part of it.
pub(crate) fn component(pointer: &str) -> Option<String> {
    let name = pointer.strip_prefix("#/components/schemas/")?;
    (!name.contains('/')).then(|| last(pointer))
}

fn decode(path: &str) -> Option<String> {
    if !path.contains('%') {
        return Some(path.to_owned());
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_escaped_and_read_back() {
        let pointer = join("#/paths", &["/v1/~x", "get"]);
        assert_eq!(pointer, "#/paths/~1v1~1~0x/get");
        let document = serde_json::json!({"paths": {"/v1/~x": {"get": 1}}});
        assert_eq!(lookup(&document, &pointer), Some(&serde_json::json!(1)));
        assert_eq!(last("#/a/b~1c"), "b/c");
    }

    #[test]
    fn a_percent_encoded_reference_is_the_same_place() {
        assert_eq!(local("#/a/%7Bid%7D").as_deref(), Some("#/a/{id}"));
        assert_eq!(local("other.yaml#/a"), None);
    }
}
