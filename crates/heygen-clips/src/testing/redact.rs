//! What must not be in a recording, taken out of it: credentials, and what follows the `?` of links.

use serde_json::Value;

const INSTEAD: &str = "redacted";

/// Shorter keys are those of emulators, and parts of many words.
const SHORTEST_KEY: usize = 8;

/// Fields of JSON whose texts are credentials.
const SECRET_FIELDS: [&str; 6] = [
    "secret",
    "password",
    "signature",
    "api_key",
    "authorization",
    "upload_headers",
];

/// Redacts what has to do with one request.
pub(super) struct Redaction {
    key: Option<String>,
}

impl Redaction {
    /// With the credential of these headers.
    pub(super) fn new(headers: &http::HeaderMap) -> Self {
        let key = ["x-api-key", "authorization"].iter().find_map(|name| {
            let value = headers.get(*name)?.to_str().ok()?;
            Some(value.strip_prefix("Bearer ").unwrap_or(value).to_owned())
        });
        Self {
            key: key.filter(|key| key.len() >= SHORTEST_KEY),
        }
    }

    pub(super) fn text(&self, text: &str) -> String {
        let text = links(text);
        match &self.key {
            Some(key) => text.replace(key, INSTEAD),
            None => text,
        }
    }

    pub(super) fn json(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    let name = name.to_lowercase();
                    if SECRET_FIELDS.iter().any(|secret| name.contains(secret)) {
                        blank(value);
                    } else {
                        self.json(value);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Every text in it.
fn blank(value: &mut Value) {
    match value {
        Value::String(text) => *text = INSTEAD.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(blank),
        Value::Object(fields) => fields.values_mut().for_each(blank),
        _ => {}
    }
}

/// A text, its links without user, query and fragment. Half a link at its end counts too: the text
/// may be the beginning of an answer. Links with the slashes of JSON (`https:\/\/`) do as well.
fn links(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    let starts = ["http://", "https://", "http:\\/\\/", "https:\\/\\/"];
    while let Some((start, scheme)) = starts
        .iter()
        .filter_map(|scheme| Some((done + lower[done..].find(scheme)?, scheme.len())))
        .min()
    {
        let host = start + scheme;
        out.push_str(&text[done..host]);
        let ends =
            |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '<' | '>');
        let end = text[host..].find(ends).map_or(text.len(), |end| host + end);
        let link = &text[host..end];
        let (place, secret) = link.split_at(link.find(['?', '#']).unwrap_or(link.len()));
        let authority = place.find(['/', '\\']).unwrap_or(place.len());
        let user = place[..authority].rfind('@').map_or(0, |at| at + 1);
        out.push_str(&place[user..]);
        if !secret.is_empty() {
            out.push('?');
            out.push_str(INSTEAD);
        }
        done = end;
    }
    out.push_str(&text[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::links;

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
                r#"{"url":"https:\/\/a.example\/1?a=1\u0026sig=s","next":"t"#,
                r#"{"url":"https:\/\/a.example\/1?redacted","next":"t"#,
            ),
        ] {
            assert_eq!(links(text), redacted);
        }
    }
}
