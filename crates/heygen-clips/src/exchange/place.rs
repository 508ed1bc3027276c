//! Where in a JSON text a place is, as a path: `data.clips[0].start`.
//!
//! Not by `serde_path_to_error`, which is a deserializer of its own: every type of the API would be compiled for it a
//! second time, for the sake of answers that are not as documented.

use std::fmt::Write as _;

/// The path to where a reader of `text` gave up, as `serde_json` counts: lines and columns from 1. Of
/// a text that is no JSON, the path so far.
pub(super) fn path(text: &[u8], line: usize, column: usize) -> String {
    let mut walk = Walk::default();
    let before = text.split_inclusive(|byte| *byte == b'\n');
    let end: usize = before.take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    for byte in text.iter().take(end + column) {
        walk.step(*byte);
    }
    walk.path()
}

#[derive(Default)]
struct Walk {
    open: Vec<Level>,
    /// The text of the string that was read last, quoted.
    string: Vec<u8>,
    is_in_string: bool,
    is_escaped: bool,
}

enum Level {
    Field(Option<String>),
    Item(usize),
}

impl Walk {
    fn step(&mut self, byte: u8) {
        if self.is_in_string {
            self.string.push(byte);
            let ends = byte == b'"' && !self.is_escaped;
            self.is_escaped = byte == b'\\' && !self.is_escaped;
            self.is_in_string = !ends;
            return;
        }
        match byte {
            b'"' => {
                self.string = vec![byte];
                self.is_in_string = true;
            }
            b'{' => self.open.push(Level::Field(None)),
            b'[' => self.open.push(Level::Item(0)),
            b'}' | b']' => drop(self.open.pop()),
            b':' => {
                if let Some(Level::Field(name)) = self.open.last_mut() {
                    *name = serde_json::from_slice(&self.string).ok();
                }
            }
            b',' => match self.open.last_mut() {
                Some(Level::Field(name)) => *name = None,
                Some(Level::Item(index)) => *index += 1,
                None => {}
            },
            _ => {}
        }
    }

    fn path(self) -> String {
        let mut path = String::new();
        for level in self.open {
            match level {
                Level::Field(Some(name)) if path.is_empty() => path = name,
                Level::Field(Some(name)) => {
                    path.push('.');
                    path.push_str(&name);
                }
                Level::Item(index) => {
                    let _ = write!(path, "[{index}]");
                }
                Level::Field(None) => {}
            }
        }
        if path.is_empty() {
            ".".to_owned()
        } else {
            path
        }
    }
}

#[cfg(test)]
mod tests {
    use super::path;
    use serde::Deserialize;
    use serde::de::DeserializeOwned;
    use std::collections::HashMap;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only read")]
    struct Job {
        title: String,
        clips: Vec<HashMap<String, u8>>,
    }

    fn at<T: DeserializeOwned>(text: &str) -> String {
        let error = serde_json::from_str::<T>(text).err().expect("does not fit");
        path(text.as_bytes(), error.line(), error.column())
    }

    #[test]
    fn a_path_leads_to_the_value_that_does_not_fit() {
        let wrong = r#"{"title": "a \" ],}", "clips": [{}, {"a": 1, "b": "x"}]}"#;
        assert_eq!(at::<Job>(wrong), "clips[1].b");
        assert_eq!(at::<Job>(r#"{"title": {"a": 1}, "clips": []}"#), "title");
        assert_eq!(at::<Job>(r#"{"title": 5, "clips": []}"#), "title");
        assert_eq!(
            at::<Job>("{\"clips\": [\n{\"a\": 1},\n{\"\\u00e9\": 300}]}"),
            "clips[1].é"
        );
        assert_eq!(at::<Job>(r#"{"clips": []}"#), ".", "no title");
        assert_eq!(
            at::<HashMap<String, Job>>(r#"{"one": {"clips": []}}"#),
            "one"
        );
        assert_eq!(at::<Job>("[]"), ".");
        assert_eq!(at::<u8>("300"), ".");
    }

    #[test]
    fn a_text_that_is_no_json_has_a_path_too() {
        assert_eq!(at::<Job>(r#"{"clips": [{"a": 1}"#), "clips[0]");
        assert_eq!(path(b"]}]\"", 9, 9), ".");
        assert_eq!(path(b"{\"a\": [[", 1, 100), "a[0][0]");
    }
}
