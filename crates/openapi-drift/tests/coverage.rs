//! No place of the OpenAPI object model is passed over in silence: each field of each object, and
//! each schema keyword in each kind of message, is added, changed and removed, and must be told of.
#![allow(clippy::unwrap_used, clippy::panic)]

use openapi_drift::compare;
use serde_json::{Map, Value};

/// The fixed fields of the 3.1 specification, object by object.
const OBJECTS: &[(&str, &[&str])] = &[
    (
        "OpenAPI",
        &[
            "openapi",
            "info",
            "jsonSchemaDialect",
            "servers",
            "paths",
            "webhooks",
            "components",
            "security",
            "tags",
            "externalDocs",
        ],
    ),
    (
        "Info",
        &[
            "title",
            "summary",
            "description",
            "termsOfService",
            "contact",
            "license",
            "version",
        ],
    ),
    ("Server", &["url", "description", "variables"]),
    ("Server Variable", &["enum", "default", "description"]),
    (
        "Path Item",
        &[
            "$ref",
            "summary",
            "description",
            "get",
            "put",
            "post",
            "delete",
            "options",
            "head",
            "patch",
            "trace",
            "servers",
            "parameters",
        ],
    ),
    (
        "Operation",
        &[
            "tags",
            "summary",
            "description",
            "externalDocs",
            "operationId",
            "parameters",
            "requestBody",
            "responses",
            "callbacks",
            "deprecated",
            "security",
            "servers",
        ],
    ),
    ("External Documentation", &["description", "url"]),
    (
        "Parameter",
        &[
            "name",
            "in",
            "description",
            "required",
            "deprecated",
            "allowEmptyValue",
            "style",
            "explode",
            "allowReserved",
            "schema",
            "example",
            "examples",
            "content",
        ],
    ),
    ("Request Body", &["description", "content", "required"]),
    ("Media Type", &["schema", "example", "examples", "encoding"]),
    (
        "Encoding",
        &[
            "contentType",
            "headers",
            "style",
            "explode",
            "allowReserved",
        ],
    ),
    ("Response", &["description", "headers", "content", "links"]),
    (
        "Example",
        &["summary", "description", "value", "externalValue"],
    ),
    (
        "Link",
        &[
            "operationRef",
            "operationId",
            "parameters",
            "requestBody",
            "description",
            "server",
        ],
    ),
    (
        "Header",
        &[
            "description",
            "required",
            "deprecated",
            "style",
            "explode",
            "schema",
            "example",
            "examples",
            "content",
        ],
    ),
    ("Tag", &["name", "description", "externalDocs"]),
    ("Reference", &["$ref", "summary", "description"]),
    ("Discriminator", &["propertyName", "mapping"]),
    (
        "XML",
        &["name", "namespace", "prefix", "attribute", "wrapped"],
    ),
    (
        "Security Scheme (key)",
        &["type", "description", "name", "in"],
    ),
    ("Security Scheme (HTTP)", &["scheme", "bearerFormat"]),
    ("Security Scheme (OpenID)", &["openIdConnectUrl"]),
    ("Security Scheme (OAuth)", &["flows"]),
    (
        "OAuth Flows",
        &[
            "implicit",
            "password",
            "clientCredentials",
            "authorizationCode",
        ],
    ),
    (
        "OAuth Flow",
        &["authorizationUrl", "tokenUrl", "refreshUrl", "scopes"],
    ),
];

/// The keywords of 2020-12, and OpenAPI's own.
const KEYWORDS: &[&str] = &[
    "$id",
    "$schema",
    "$ref",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$vocabulary",
    "$comment",
    "$defs",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "prefixItems",
    "items",
    "contains",
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "type",
    "const",
    "enum",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxContains",
    "minContains",
    "maxProperties",
    "minProperties",
    "required",
    "dependentRequired",
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "examples",
    "format",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "discriminator",
    "xml",
    "externalDocs",
    "example",
    "nullable",
];

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

fn places() -> Value {
    yaml(include_str!("cases/places.yaml"))
}

fn library() -> Value {
    yaml(include_str!("cases/library.yaml"))
}

/// The object at a pointer, made if it is not there.
fn object<'v>(document: &'v mut Value, pointer: &str) -> &'v mut Map<String, Value> {
    let mut place = document;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        place = match place {
            Value::Array(items) => &mut items[token.parse::<usize>().unwrap()],
            other => other
                .as_object_mut()
                .unwrap()
                .entry(token)
                .or_insert_with(|| Value::Object(Map::new())),
        };
    }
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    place.as_object_mut().unwrap()
}

/// The document with a field set, or taken away.
fn with(base: &Value, at: &str, field: &str, value: Option<&Value>) -> Value {
    let mut document = base.clone();
    let holder = object(&mut document, at);
    match value {
        Some(value) => holder.insert(field.to_owned(), value.clone()),
        None => holder.remove(field),
    };
    document
}

/// The edits of one field that nothing was said of.
fn silent(base: &Value, at: &str, field: &str, values: &Value) -> Vec<String> {
    let (one, two) = (&values[0], &values[1]);
    let flag = two == &Value::Bool(false);
    // `false` is what leaving a flag out says, and a second value may be the default.
    let edits: &[(&str, Option<&Value>, Option<&Value>)] = if flag {
        &[("changed", Some(one), Some(two))]
    } else {
        &[
            ("added", None, Some(one)),
            ("changed", Some(one), Some(two)),
            ("removed", Some(one), None),
        ]
    };
    edits
        .iter()
        .filter(|(_, before, after)| {
            let old = with(base, at, field, *before);
            let new = with(base, at, field, *after);
            old != new && compare(&old, &new).unwrap().is_empty()
        })
        .map(|(edit, ..)| format!("{at} {field} {edit}"))
        .collect()
}

fn lay(document: &mut Value, at: &str, base: &Value) {
    for (key, value) in base.as_object().into_iter().flatten() {
        object(document, at).insert(key.clone(), value.clone());
    }
}

/// Edits that say nothing, because the value is what leaving the field out says.
const NEUTRAL: &[&str] = &[
    "/security/0 KeyAuth changed",
    "/paths/~1loans/get/parameters/2 style added",
    "/paths/~1loans/get/parameters/2 style removed",
    "/paths/~1loans/get/parameters/2 in added",
    "/paths/~1loans/get/parameters/2 in removed",
    // There the address has no place for it.
    "/servers/0 variables added",
    "/servers/0 variables removed",
    "/servers/0/variables/v enum added",
    "/servers/0/variables/v enum removed",
];

#[test]
fn every_field_of_every_object_is_claimed_or_waived() {
    let places = places();
    let mut missing = Vec::new();
    for row in places["objects"].as_array().unwrap() {
        let at = row["at"].as_str().unwrap();
        let mut base = library();
        for (pointer, value) in row["setup"].as_object().into_iter().flatten() {
            let (parent, last) = pointer.rsplit_once('/').unwrap();
            object(&mut base, parent).insert(last.to_owned(), value.clone());
        }
        lay(&mut base, at, &row["base"]);
        for (field, values) in row["fields"].as_object().unwrap() {
            missing.extend(silent(&base, at, field, values));
        }
    }
    missing.retain(|edit| !NEUTRAL.contains(&edit.as_str()));
    assert!(
        missing.is_empty(),
        "nothing is said of:\n{}",
        missing.join("\n")
    );
}

#[test]
fn every_keyword_in_every_location_is_claimed_or_waived() {
    let places = places();
    let mut missing = Vec::new();
    for (location, at) in places["locations"].as_object().unwrap() {
        let at = at.as_str().unwrap();
        for row in places["keywords"].as_array().unwrap() {
            let mut base = library();
            object(&mut base, at).clear();
            lay(&mut base, at, &row["base"]);
            for (keyword, values) in row["fields"].as_object().unwrap() {
                if row["waived"].get(keyword).is_some() {
                    continue;
                }
                let edits = silent(&base, at, keyword, values);
                missing.extend(edits.into_iter().map(|edit| format!("{location}: {edit}")));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "nothing is said of:\n{}",
        missing.join("\n")
    );
}

#[test]
fn the_table_has_every_field_that_the_specification_has() {
    let places = places();
    let mut missing = Vec::new();
    for (name, fields) in OBJECTS {
        let row = places["objects"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["object"].as_str() == Some(name))
            .unwrap_or_else(|| panic!("no row for {name}"));
        for field in *fields {
            if row["fields"].get(*field).is_none() && row["waived"].get(*field).is_none() {
                missing.push(format!("{name}.{field}"));
            }
        }
    }
    for keyword in KEYWORDS {
        let claimed = places["keywords"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["fields"].get(*keyword).is_some());
        if !claimed && places["waived_keywords"].get(*keyword).is_none() {
            missing.push((*keyword).to_owned());
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}
