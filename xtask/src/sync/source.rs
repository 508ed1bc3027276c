//! Where text comes from (a URL or a file) and the OpenAPI document that it holds.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::client::{Client, Media, Patience};
use super::page;
use crate::yaml;

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The whole document, as JSON; from a file also as YAML.
    Json,
    /// A reference page with the part of the document that one operation needs.
    Page,
    /// The guide page: prose and tables.
    Guide,
}

/// Text as it was found.
#[derive(Debug, Clone)]
pub(crate) struct Material {
    pub(crate) kind: Kind,
    /// The URL or the path.
    pub(crate) origin: String,
    pub(crate) text: String,
}

/// Fetches and reads; connects only when the first URL is asked for.
pub(crate) struct Reader {
    patience: Patience,
    client: Option<Client>,
}

impl Reader {
    pub(crate) fn new(patience: Patience) -> Self {
        Self {
            patience,
            client: None,
        }
    }

    /// The text at a URL or in a file.
    pub(crate) fn read(&mut self, kind: Kind, origin: &str) -> Result<Material, String> {
        let text = if origin.contains("://") {
            let client = match self.client.take() {
                Some(client) => client,
                None => Client::new(self.patience)?,
            };
            let media = match kind {
                Kind::Json => Media::Json,
                Kind::Page | Kind::Guide => Media::Markdown,
            };
            self.client.insert(client).get(origin, media)?
        } else {
            fs::read_to_string(Path::new(origin))
                .map_err(|error| format!("cannot read {origin}: {error}"))?
        };
        Ok(Material {
            kind,
            origin: origin.to_owned(),
            text,
        })
    }
}

/// An OpenAPI document and what to record of it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) kind: Kind,
    pub(crate) origin: String,
    pub(crate) value: Value,
    /// Of a page: what it is about, as `METHOD /path`.
    pub(crate) operation: Option<String>,
    /// Of the content, without what changes from visit to visit.
    pub(crate) sha256: String,
    pub(crate) bytes: usize,
}

impl Document {
    /// Reads the document of a JSON source or of a reference page.
    pub(crate) fn parse(material: &Material) -> Result<Self, String> {
        let fail = |why: String| format!("{}: {why}", material.origin);
        let page = page::without_banner(&material.text);
        let (content, operation) = match material.kind {
            Kind::Json => (material.text.clone(), None),
            Kind::Page | Kind::Guide => {
                let block = page::block(&page).map_err(fail)?;
                (block.text, Some(block.operation))
            }
        };
        let value = if content.trim_start().starts_with('{') {
            serde_json::from_str(&content)
                .map_err(|error| fail(format!("it is not whole JSON: {error}")))?
        } else if material.kind == Kind::Json && material.origin.contains("://") {
            return Err(fail("it is no JSON object".to_owned()));
        } else {
            yaml::named("it is not YAML", &content).map_err(fail)?
        };
        let hashed = match material.kind {
            Kind::Json => &material.text,
            Kind::Page | Kind::Guide => &page,
        };
        Ok(Self {
            kind: material.kind,
            origin: material.origin.clone(),
            value,
            operation,
            sha256: sha256(hashed),
            bytes: hashed.len(),
        })
    }

    /// How many operations it has.
    pub(crate) fn operations(&self) -> usize {
        operations(&self.value).count()
    }
}

/// What the manifest calls a source: its URL, or the name of the file. Where files lie on a machine is nobody's business.
pub(crate) fn recorded(origin: &str) -> &str {
    if origin.contains("://") {
        return origin;
    }
    let name = Path::new(origin).file_name().and_then(|name| name.to_str());
    name.unwrap_or(origin)
}

/// The methods that a path can have.
pub(crate) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Every operation of a document, as `METHOD /path` and its value.
pub(crate) fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        METHODS.iter().filter_map(move |method| {
            let operation = item.get(method)?;
            Some((format!("{} {path}", method.to_uppercase()), operation))
        })
    })
}

/// The SHA-256 of a text, in hexadecimal digits.
pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
