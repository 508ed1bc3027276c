//! Holds bytes that went over the wire against the OpenAPI 3.1 documents. Knows nothing of the
//! emulator: given a method, a path, a status and a body, it finds the schema and applies it.

use std::collections::BTreeSet;
use std::sync::Mutex;

use jsonschema::Registry;
use serde_json::{Value, json};

/// The documents, ready to judge, and which of their operations were seen.
pub struct Documents {
    documents: Vec<Value>,
    seen: Mutex<BTreeSet<String>>,
}

impl Documents {
    /// Reads the documents (YAML text).
    pub fn new(texts: &[&str]) -> Self {
        let documents = texts
            .iter()
            .map(|text| serde_saphyr::from_str(text).unwrap())
            .collect();
        Self {
            documents,
            seen: Mutex::default(),
        }
    }

    /// Every `METHOD /template STATUS` that was judged so far.
    pub fn seen(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap().clone()
    }

    /// Every `METHOD /template` of the documents.
    pub fn operations(&self) -> BTreeSet<String> {
        let paths = self
            .documents
            .iter()
            .filter_map(|document| document["paths"].as_object());
        let operation = |(path, item): (&String, &Value)| {
            let verbs = ["get", "post", "put", "patch", "delete"].into_iter();
            let verbs = verbs.filter(|verb| item.get(verb).is_some());
            verbs
                .map(|verb| format!("{} {path}", verb.to_uppercase()))
                .collect::<Vec<_>>()
        };
        paths.flatten().flat_map(operation).collect()
    }

    /// Whether a path is any operation's, whatever the method.
    pub fn has(&self, path: &str) -> bool {
        ["get", "post", "patch", "delete"]
            .iter()
            .any(|verb| self.find(verb, path).is_ok())
    }

    /// Whether a request's JSON body is what the documents allow.
    pub fn request(&self, method: &str, path: &str, body: &[u8]) -> Result<(), String> {
        let (document, pointer) = self.find(method, path)?;
        let pointer = follow(document, &format!("{pointer}/requestBody"))?;
        let schema = format!("{pointer}/content/application~1json/schema");
        apply(document, &schema, body)
    }

    /// Whether a response is one that the documents declare: its status, its content type and, byte
    /// for byte parsed, its body.
    pub fn response(
        &self,
        method: &str,
        path: &str,
        status: u16,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<(), String> {
        let (document, pointer) = self.find(method, path)?;
        let template = pointer.rsplit_once('/').map(|(path, _)| path).unwrap();
        let template = template.trim_start_matches("/paths/").replace("~1", "/");
        self.seen
            .lock()
            .unwrap()
            .insert(format!("{method} {template} {status}"));
        let codes = [status.to_string(), format!("{}XX", status / 100)];
        let pointer = codes
            .iter()
            .map(|code| format!("{pointer}/responses/{code}"))
            .find(|pointer| document.pointer(pointer).is_some())
            .ok_or_else(|| format!("{method} {template} declares no {status}"))?;
        let pointer = follow(document, &pointer)?;
        if content_type != Some("application/json") {
            return Err(format!(
                "{method} {template} {status} is {content_type:?}, not JSON"
            ));
        }
        apply(
            document,
            &format!("{pointer}/content/application~1json/schema"),
            body,
        )
    }

    /// Whether a body is what a schema of the documents' components describes.
    pub fn component(&self, name: &str, body: &[u8]) -> Result<(), String> {
        let pointer = format!("/components/schemas/{name}");
        let document = self
            .documents
            .iter()
            .find(|d| d.pointer(&pointer).is_some());
        apply(
            document.ok_or_else(|| format!("no schema {name}"))?,
            &pointer,
            body,
        )
    }

    fn find(&self, method: &str, path: &str) -> Result<(&Value, String), String> {
        let path = path.split('?').next().unwrap();
        let verb = method.to_ascii_lowercase();
        // A template without variables wins over one that has them.
        let mut found: Vec<(usize, &Value, String)> = Vec::new();
        for document in &self.documents {
            for (template, item) in document["paths"].as_object().unwrap() {
                let names = template.matches('{').count();
                if fits(template, path) && item.get(&verb).is_some() {
                    let pointer = format!("/paths/{}/{verb}", template.replace('/', "~1"));
                    found.push((names, document, pointer));
                }
            }
        }
        found.sort_by_key(|(names, ..)| *names);
        let best = found.into_iter().next();
        best.map(|(_, document, pointer)| (document, pointer))
            .ok_or_else(|| format!("{method} {path} is in no document"))
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(t, p)| t.starts_with('{') || t == p)
}

fn follow(document: &Value, pointer: &str) -> Result<String, String> {
    let value = document
        .pointer(pointer)
        .ok_or_else(|| format!("nothing at {pointer}"))?;
    match value["$ref"].as_str() {
        Some(target) => follow(document, target.trim_start_matches('#')),
        None => Ok(pointer.to_owned()),
    }
}

fn apply(document: &Value, pointer: &str, body: &[u8]) -> Result<(), String> {
    if document.pointer(pointer).is_none() {
        return Err(format!("nothing at {pointer}"));
    }
    let body: Value = serde_json::from_slice(body)
        .map_err(|e| format!("not JSON ({e}): {}", String::from_utf8_lossy(body)))?;
    let registry = Registry::new()
        .add("urn:doc", document)
        .unwrap()
        .prepare()
        .unwrap();
    let fragment = pointer.replace('{', "%7B").replace('}', "%7D");
    let schema = json!({ "$ref": format!("urn:doc#{fragment}") });
    let validator = jsonschema::options()
        .with_registry(&registry)
        .build(&schema)
        .unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&body)
        .map(|e| format!("{e} at {}", e.instance_path()))
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(format!("{}\n{body:#}", errors.join("\n")))
    }
}
