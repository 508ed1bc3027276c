//! The words that documents are made of, chosen for the trouble that they have made elsewhere.

/// Names of schemas, chosen so that several are one in Rust.
pub(super) const SCHEMAS: [&str; 8] = ["A", "B", "a", "A_B", "AB", "Option", "x/y~z", "9:16"];

/// Names of properties, parameters and tags.
pub(super) const NAMES: &[&str] = &[
    "a",
    "b",
    "kind",
    "A",
    "a-b",
    "a_b",
    "aB",
    "type",
    "extra",
    "self",
    "",
    "Self",
    "x/y",
    "~1",
    "日本",
    "x'y",
    "1",
    "+1",
    "-1",
    "body",
    "client",
    "🦀",
    "{a}",
    "a b",
    "$ref",
    "items",
    "_",
    "result",
    "value",
    "\"\n\\",
    "properties",
    "Unknown",
    "0",
    "é",
    "crate",
    "query",
    "x-a",
];

/// Strings that are listed, sent as defaults or told in descriptions.
pub(super) const TEXTS: &[&str] = &[
    "x",
    "y",
    "",
    "X",
    "x-y",
    "x_y",
    "<",
    ">",
    "9:16",
    "日本",
    "*/",
    "\"#",
    "no",
    "\n\n```\nlet\n",
    "Unknown",
    "Self",
    "'",
    "a\u{0}b",
    "`{}`",
];

pub(super) const PATTERNS: &[&str] = &[
    "^a+$", "(?i)x", "(", "\\p{L}", "^\\d{3}$", "[", "(?<=a)b", "\"#",
];

pub(super) const FORMATS: &[&str] = &[
    "uuid",
    "date",
    "date-time",
    "ip",
    "ipv4",
    "ipv6",
    "byte",
    "binary",
    "password",
    "int32",
    "int64",
    "uint8",
    "float",
    "double",
    "uri",
    "",
    "weird",
];

pub(super) const TYPES: &[&str] = &[
    "string", "integer", "number", "boolean", "object", "array", "null", "file",
];

pub(super) const MEDIA: &[&str] = &[
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
    "application/vnd.a+json; v=1",
    "application/octet-stream",
    "*/*",
    "video/mp4",
    "",
];

pub(super) const METHODS: &[&str] = &[
    "get", "post", "put", "delete", "patch", "head", "options", "trace", "query",
];

pub(super) const PATHS: &[&str] = &[
    "/a",
    "/a/{a}",
    "/a/{b}",
    "/{a}/{a}",
    "/a?b={b}",
    "a",
    "",
    "/{",
    "/a/{a-b}.json",
    "/a#b",
    "/{x/y}",
    "/{self}/{日本}",
    "/{}",
    "//",
    "/a b/é",
    "/{body}:{client}",
];

pub(super) const STYLES: &[&str] = &[
    "form",
    "simple",
    "deepObject",
    "pipeDelimited",
    "spaceDelimited",
    "matrix",
    "label",
    "cookie",
];

pub(super) const STATUSES: &[&str] = &[
    "200", "201", "204", "400", "default", "4XX", "5xx", "302", "2XX", "abc", "404", "99", "1XX",
];
