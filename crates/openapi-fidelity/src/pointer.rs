//! JSON pointers (RFC 6901) as text: the one way in which this crate names a place, in a document or in a value.

use serde_json::Value;

/// `pointer` with one more token, escaped.
pub(crate) fn child(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}

/// `pointer` without its last token, and that token, unescaped. `None` for the root.
pub(crate) fn split(pointer: &str) -> Option<(&str, String)> {
    let (parent, token) = pointer.rsplit_once('/')?;
    Some((parent, unescaped(token)))
}

/// A token as the key that it stands for.
pub(crate) fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// `value` with what stands at `pointer` replaced; unchanged where nothing stands there.
pub(crate) fn replaced(value: &Value, pointer: &str, by: Value) -> Value {
    let mut value = value.clone();
    if let Some(place) = value.pointer_mut(pointer) {
        *place = by;
    }
    value
}

/// `value` without the property or item at `pointer`.
pub(crate) fn removed(value: &Value, pointer: &str) -> Value {
    let mut value = value.clone();
    if let Some((parent, token)) = split(pointer) {
        match value.pointer_mut(parent) {
            Some(Value::Object(map)) => {
                map.remove(&token);
            }
            Some(Value::Array(items)) => {
                if let Some(index) = token
                    .parse()
                    .ok()
                    .filter(|&index: &usize| index < items.len())
                {
                    items.remove(index);
                }
            }
            _ => {}
        }
    }
    value
}

/// Every place of `value`, from the outside in.
pub(crate) fn places(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut next = 0;
    while let Some(at) = found.get(next).cloned() {
        next += 1;
        match value.pointer(&at) {
            Some(Value::Object(map)) => found.extend(map.keys().map(|key| child(&at, key))),
            Some(Value::Array(items)) => {
                found.extend((0..items.len()).map(|index| child(&at, &index.to_string())));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_found_replaced_and_removed() {
        let value = json!({"a/b": [1, {"c": 2}]});
        assert_eq!(
            places(&value),
            ["", "/a~1b", "/a~1b/0", "/a~1b/1", "/a~1b/1/c"]
        );
        assert_eq!(
            replaced(&value, "/a~1b/0", json!(9)),
            json!({"a/b": [9, {"c": 2}]})
        );
        assert_eq!(removed(&value, "/a~1b/0"), json!({"a/b": [{"c": 2}]}));
        assert_eq!(removed(&value, "/a~1b"), json!({}));
        assert_eq!(split("/a~1b/0"), Some(("/a~1b", "0".to_owned())));
    }
}
