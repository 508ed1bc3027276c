//! Which keywords say nothing, and which losses say that all below them is given up.

use openapi_lower::Loss;

/// Keywords that say nothing about what a client sends or receives, with why that is so.
pub(super) const SILENT: &[(&str, &str)] = &[
    (
        "title",
        "a name for people; the names of types follow from their places",
    ),
    (
        "description",
        "prose: it is kept where the lowered document has a place for it",
    ),
    ("summary", "as `description`"),
    ("termsOfService", "as `description`"),
    ("examples", "examples of what other keywords say"),
    ("example", "as `examples`"),
    ("externalDocs", "a link for people"),
    ("contact", "whom to write to"),
    ("license", "the terms of the document"),
    ("xml", "how the value would look in XML, which is not JSON"),
    ("$comment", "for the authors of the document"),
    ("$schema", "the dialect, which `openapi` has chosen"),
    ("$vocabulary", "as `$schema`"),
    ("jsonSchemaDialect", "as `$schema`"),
    ("$id", "a name to refer to; references are followed"),
    ("$self", "as `$id`"),
    ("$anchor", "as `$id`"),
    ("$dynamicAnchor", "as `$id`"),
    ("$recursiveAnchor", "as `$id`"),
    ("tags", "how operations are grouped for people"),
    (
        "security",
        "which scheme applies where; that none is applied is a loss of each scheme",
    ),
];

/// Objects whose keys are names, not keywords.
pub(super) const MAPS: &[&str] = &[
    "$defs",
    "callbacks",
    "content",
    "definitions",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "encoding",
    "headers",
    "links",
    "mapping",
    "parameters",
    "pathItems",
    "paths",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
    "variables",
    "webhooks",
];

/// Keywords whose values are data: what they are made of are no keywords.
pub(super) const DATA: &[&str] = &["const", "default", "enum"];

/// Whether a loss says that everything at its place is given up: by what is kept instead, or by what is not.
pub(super) fn covers(loss: &Loss) -> bool {
    const KEPT: &[&str] = &[
        // Keywords that nothing reads, whole.
        "the rest of the object",
        "the rest of the document",
        // Schemas of which no type is made.
        "any value",
        "any JSON value",
        "the payload as JSON",
        "a string that the caller writes",
        "the schema itself",
        "the first of the schemas that must hold at once",
        "the properties, each optional unless required in any case",
        "it among the `extra` properties",
        "the property in requests",
        "the property in responses",
        "the other properties",
        // Parts of operations that the generator cannot make.
        "the operation without it",
        "the payload without it",
        "the operation without a body",
        "the other parameters",
        "the other parameter of this name",
        "the other paths",
        "the other operation of this path and method",
        "the other responses",
        "the other callbacks",
        "the other servers",
        "the others",
        "the responses of this class that have a type",
        "a stream of bytes",
        "a body of bytes, sent as `application/octet-stream`",
    ];
    const GIVEN_UP: &[&str] = &[
        "the schema of what it encodes",
        "what is said of others",
        "the formats and bounds of the strings allowed here",
        "the bounds and formats of the others",
        "others, in a variant of a tagged union",
        "how they authenticate: the caller adds it to each request",
    ];
    KEPT.contains(&loss.kept.as_str())
        || GIVEN_UP.contains(&loss.given_up.as_str())
        || loss.given_up.ends_with(": one media type is generated")
}

/// Whether what stands under a key is data, or nothing that counts.
pub(super) fn is_data(key: &str) -> bool {
    DATA.contains(&key) || ["example", "examples"].contains(&key) || key.starts_with("x-")
}
