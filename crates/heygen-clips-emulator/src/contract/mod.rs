//! Holds every request against the OpenAPI 3.1 documents and says which field is to blame.
//!
//! The documents are the only list of what is required, allowed and bounded: handlers see a request
//! only after it passed here, and repeat none of it. What a document cannot say (windows that end
//! before they start, assets that do not exist) is left to the handlers.

mod violation;

use std::collections::HashMap;

use http::Method;
use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use crate::Error;
pub(crate) use violation::Violation;
use violation::violation;

/// Every operation of the documents, by method and path template.
#[derive(Debug)]
pub(crate) struct Contract {
    operations: HashMap<(Method, String), Operation>,
}

/// One operation: what its query, headers and body must look like.
#[derive(Debug)]
pub(crate) struct Operation {
    parameters: Vec<Parameter>,
    body: Option<Body>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    place: Place,
    required: bool,
    validator: Validator,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Query,
    Header,
}

#[derive(Debug)]
struct Body {
    required: bool,
    json: Option<Validator>,
}

impl Contract {
    /// Compiles the given documents (YAML or JSON text).
    pub(crate) fn load(documents: &[&str]) -> Result<Self, Error> {
        let mut operations = HashMap::new();
        for (number, text) in documents.iter().enumerate() {
            let yaml = serde_saphyr::options! { strict_booleans: true };
            let document: Value = serde_saphyr::from_str_with_options(text, yaml)
                .map_err(|e| Error::internal("an OpenAPI document is not valid YAML", e))?;
            let base = format!("urn:openapi:{number}");
            let registry = Registry::new()
                .add(&base, &document)
                .and_then(jsonschema::RegistryBuilder::prepare)
                .map_err(|e| Error::internal("an OpenAPI document could not be indexed", e))?;
            let reader = Reader {
                document: &document,
                base: &base,
                registry: &registry,
            };
            reader.read_into(&mut operations)?;
        }
        Ok(Self { operations })
    }

    /// The operation that a method and path template stand for.
    pub(crate) fn operation(&self, method: &Method, template: &str) -> Option<&Operation> {
        self.operations.get(&(method.clone(), template.to_owned()))
    }
}

impl Operation {
    /// Whether a JSON body is expected.
    pub(crate) fn takes_json(&self) -> bool {
        self.body.as_ref().is_some_and(|body| body.json.is_some())
    }

    /// Whether the body may be left out.
    pub(crate) fn body_is_optional(&self) -> bool {
        self.body.as_ref().is_none_or(|body| !body.required)
    }

    /// Checks query parameters, given decoded and in order.
    pub(crate) fn check_query(&self, query: &[(String, String)]) -> Result<(), Violation> {
        self.check_parameters(Place::Query, |name| {
            query
                .iter()
                .filter(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
                .collect()
        })
    }

    /// Checks declared headers.
    pub(crate) fn check_headers(&self, headers: &http::HeaderMap) -> Result<(), Violation> {
        self.check_parameters(Place::Header, |name| {
            let values = headers.get_all(name).iter();
            values
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .collect()
        })
    }

    /// Checks a JSON body.
    pub(crate) fn check_body(&self, body: &Value) -> Result<(), Violation> {
        let Some(validator) = self.body.as_ref().and_then(|body| body.json.as_ref()) else {
            return Ok(());
        };
        validator
            .iter_errors(body)
            .next()
            .map_or(Ok(()), |error| Err(violation(&error, "")))
    }

    fn check_parameters(
        &self,
        place: Place,
        values: impl Fn(&str) -> Vec<String>,
    ) -> Result<(), Violation> {
        for parameter in self.parameters.iter().filter(|p| p.place == place) {
            let name = &parameter.name;
            let refuse = |message| {
                Err(Violation {
                    param: Some(name.clone()),
                    message,
                })
            };
            match values(name).as_slice() {
                [] if parameter.required => return refuse(format!("`{name}` is required")),
                [] => {}
                [value] => {
                    let as_text = Value::String(value.clone());
                    let as_json = serde_json::from_str(value)
                        .ok()
                        .filter(|v: &Value| v.is_number() || v.is_boolean());
                    let candidate = match &as_json {
                        Some(other) if !parameter.validator.is_valid(&as_text) => other,
                        _ => &as_text,
                    };
                    if let Err(error) = parameter.validator.validate(candidate) {
                        return refuse(violation(&error, name).message);
                    }
                }
                [..] => return refuse(format!("`{name}` is given more than once")),
            }
        }
        Ok(())
    }
}

/// Reads the operations of one document.
struct Reader<'a> {
    document: &'a Value,
    base: &'a str,
    registry: &'a Registry<'a>,
}

impl Reader<'_> {
    fn read_into(
        &self,
        operations: &mut HashMap<(Method, String), Operation>,
    ) -> Result<(), Error> {
        for (template, item) in members(&self.document["paths"]) {
            let shared = format!("/paths/{}/parameters", escape(template));
            for (verb, _) in members(item) {
                let Ok(method) = verb.to_ascii_uppercase().parse::<Method>() else {
                    continue;
                };
                let known = [
                    Method::GET,
                    Method::POST,
                    Method::PUT,
                    Method::PATCH,
                    Method::DELETE,
                ];
                if !known.contains(&method) {
                    continue;
                }
                let pointer = format!("/paths/{}/{verb}", escape(template));
                let mut parameters = self.parameters(&shared)?;
                parameters.extend(self.parameters(&format!("{pointer}/parameters"))?);
                let body = self.body(&format!("{pointer}/requestBody"))?;
                operations.insert((method, template.clone()), Operation { parameters, body });
            }
        }
        Ok(())
    }

    fn parameters(&self, pointer: &str) -> Result<Vec<Parameter>, Error> {
        let count = self
            .document
            .pointer(pointer)
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        let mut parameters = Vec::new();
        for index in 0..count {
            let pointer = self.follow(format!("{pointer}/{index}"));
            let value = self.at(&pointer);
            let place = match value["in"].as_str() {
                Some("query") => Place::Query,
                Some("header") => Place::Header,
                _ => continue,
            };
            parameters.push(Parameter {
                name: value["name"].as_str().unwrap_or_default().to_owned(),
                place,
                required: value["required"].as_bool().unwrap_or(false),
                validator: self.compile(&format!("{pointer}/schema"))?,
            });
        }
        Ok(parameters)
    }

    fn body(&self, pointer: &str) -> Result<Option<Body>, Error> {
        if self.document.pointer(pointer).is_none() {
            return Ok(None);
        }
        let pointer = self.follow(pointer.to_owned());
        let json = format!("{pointer}/content/application~1json/schema");
        let json = self
            .document
            .pointer(&json)
            .map(|_| self.compile(&json))
            .transpose()?;
        let required = self.at(&pointer)["required"].as_bool().unwrap_or(false);
        Ok(Some(Body { required, json }))
    }

    fn compile(&self, pointer: &str) -> Result<Validator, Error> {
        let reference = json!({ "$ref": format!("{}#{}", self.base, fragment(pointer)) });
        jsonschema::options()
            .with_registry(self.registry)
            .build(&reference)
            .map_err(|e| Error::internal(format!("the schema at {pointer} does not compile"), e))
    }

    /// The pointer itself, or where its `$ref` leads.
    fn follow(&self, pointer: String) -> String {
        match self.at(&pointer)["$ref"]
            .as_str()
            .and_then(|r| r.strip_prefix('#'))
        {
            Some(target) => self.follow(target.to_owned()),
            None => pointer,
        }
    }

    fn at(&self, pointer: &str) -> &Value {
        self.document.pointer(pointer).unwrap_or(&Value::Null)
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

/// A JSON pointer as a URI fragment: braces of path templates are not allowed there as they are.
fn fragment(pointer: &str) -> String {
    pointer.replace('{', "%7B").replace('}', "%7D")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    const DOCUMENT: &str = r##"
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /things:
    post:
      parameters:
        - $ref: '#/components/parameters/Key'
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
        - {name: token, in: query, schema: {type: string}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Thing'}
  /things/{id}:
    get: {parameters: [{name: id, in: path, required: true, schema: {type: string}}]}
components:
  parameters:
    Key: {name: Idempotency-Key, in: header, schema: {type: string, pattern: '^[a-z]{1,5}$'}}
  schemas:
    Thing:
      type: object
      additionalProperties: false
      required: [video]
      properties:
        video:
          oneOf: [{$ref: '#/components/schemas/Url'}, {$ref: '#/components/schemas/Asset'}]
        title: {anyOf: [{type: string, maxLength: 3}, {type: 'null'}]}
        settings:
          type: object
          additionalProperties: false
          properties: {prompt: {anyOf: [{type: string, maxLength: 3}, {type: 'null'}]}}
        windows:
          type: array
          items: {type: object, required: [end], properties: {end: {type: number}}}
    Url:
      type: object
      additionalProperties: false
      required: [type, url]
      properties: {type: {const: url}, url: {type: string}}
    Asset:
      type: object
      additionalProperties: false
      required: [type, asset_id]
      properties: {type: {const: asset_id}, asset_id: {type: string}}
"##;

    #[test]
    fn a_bad_body_names_the_field_and_never_the_value() {
        let contract = Contract::load(&[DOCUMENT]).unwrap();
        let operation = contract.operation(&Method::POST, "/things").unwrap();
        let check = |body: &str| {
            let body = serde_json::from_str(body).unwrap();
            let found = operation.check_body(&body).err();
            found.map(|v| format!("{}: {}", v.param.unwrap_or_default(), v.message))
        };
        let url = r#""video": {"type": "url", "url": "https://x"}"#;
        let told = |rest: &str| check(&format!("{{{url}{rest}}}"));
        assert_eq!(told(""), None);
        assert_eq!(told(r#", "title": null"#), None);
        let lines: Vec<_> = [
            check("{}"),
            check("[1]"),
            check(r#"{"video": "secret"}"#),
            check(r#"{"video": {}}"#),
            check(r#"{"video": {"type": "base64", "data": "secret"}}"#),
            check(r#"{"video": {"type": "url"}}"#),
            check(r#"{"video": {"type": "asset_id", "asset_id": 7}}"#),
            check(r#"{"video": {"type": "url", "url": "u", "extra": 1}}"#),
            told(r#", "titel": "x""#),
            told(r#", "title": "secret""#),
            told(r#", "title": 12"#),
            told(r#", "settings": {"prompt": "secret"}"#),
            told(r#", "windows": [{"end": 1}, {"end": "secret"}]"#),
            told(r#", "windows": [{"start": 1}]"#),
        ]
        .into_iter()
        .map(Option::unwrap_or_default)
        .collect();
        assert_eq!(
            lines,
            [
                "video: `video` is required",
                ": the body is not of type \"object\"",
                "video: `video` is not of type \"object\"",
                "video.type: `video.type` is required",
                "video.type: `video.type` must be one of \"url\", \"asset_id\"",
                "video.url: `video.url` is required",
                "video.asset_id: `video.asset_id` is not of type \"string\"",
                "video.extra: `video.extra` is not a known field",
                "titel: `titel` is not a known field",
                "title: `title` is longer than 3 characters",
                "title: `title` is not of type \"string\"",
                "settings.prompt: `settings.prompt` is longer than 3 characters",
                "windows[1].end: `windows[1].end` is not of type \"number\"",
                "windows[0].end: `windows[0].end` is required",
            ]
        );
    }

    #[test]
    fn parameters_are_read_as_what_the_document_wants() {
        let contract = Contract::load(&[DOCUMENT]).unwrap();
        let operation = contract.operation(&Method::POST, "/things").unwrap();
        let check = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect();
            operation.check_query(&pairs).err().and_then(|v| v.param)
        };
        assert_eq!(
            check(&[("limit", "10"), ("token", "12"), ("other", "x")]),
            None
        );
        for bad in ["0", "101", "ten", "", "1.5", "null", "\"1\""] {
            assert_eq!(check(&[("limit", bad)]).as_deref(), Some("limit"), "{bad}");
        }
        assert_eq!(
            check(&[("token", "a"), ("token", "b")]).as_deref(),
            Some("token")
        );
        let mut headers = http::HeaderMap::new();
        assert_eq!(operation.check_headers(&headers), Ok(()));
        headers.insert("idempotency-key", "Not Good".parse().unwrap());
        assert_eq!(
            operation
                .check_headers(&headers)
                .unwrap_err()
                .param
                .as_deref(),
            Some("Idempotency-Key")
        );
        assert!(contract.operation(&Method::GET, "/things/{id}").is_some());
        assert!(contract.operation(&Method::GET, "/nothing").is_none());
    }
}
