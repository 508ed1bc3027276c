//! Identifiers: what the generator makes of a name, and names that nothing else has.
//!
//! typify looks types up by name and never compares them, so a name that two schemas share is a
//! wrong type without a warning. Every name therefore passes through [`Namer::claim`], compared in
//! the form that the generator will give it.

use std::collections::BTreeSet;

use heck::{ToPascalCase, ToSnakeCase};
use unicode_ident::{is_xid_continue, is_xid_start};

/// A type name that the generator leaves as it is: `foo-bar` becomes `FooBar`.
pub(crate) fn pascal(name: &str) -> String {
    // One pass is not always enough ("A_B" is "AB", and that is "Ab"): go on until it rests.
    let mut name = sanitize(name, str::to_pascal_case, "X");
    for _ in 0..8 {
        let next = sanitize(&name, str::to_pascal_case, "X");
        if next == name {
            break;
        }
        name = next;
    }
    name
}

/// The field or function name that the generator makes of `name`.
pub(crate) fn snake(name: &str) -> String {
    sanitize(name, str::to_snake_case, "x")
}

/// The builder type that the generator makes of an operation: `a_2` and `a2` have the same.
fn builder(name: &str) -> String {
    sanitize(&snake(name), str::to_pascal_case, "X")
}

/// Whether the generator finds a distinct identifier for each value of an enumeration; where it
/// does not, it panics.
pub(crate) fn variants_are_distinct<'v>(values: impl Iterator<Item = &'v str> + Clone) -> bool {
    let plain = |value: &str| sanitize(value, str::to_pascal_case, "X");
    let crossed = |value: &str| {
        let crossed = value.replace(|c: char| c == '_' || !is_xid_continue(c), "X");
        sanitize(&crossed, str::to_pascal_case, "X")
    };
    all_distinct(values.clone().map(plain)) || all_distinct(values.map(crossed))
}

/// Hands out names, each once.
#[derive(Debug)]
pub(crate) struct Namer {
    /// The identifiers made so far.
    taken: BTreeSet<String>,
    /// How a name is written.
    form: fn(&str) -> String,
    /// The identifier that the generator makes of it.
    identifier: fn(&str) -> String,
}

impl Namer {
    /// Type names: none that the generated code uses unqualified.
    pub(crate) fn types() -> Self {
        Self::reserving(pascal, pascal, TYPES_IN_USE)
    }

    /// Operation ids, compared as method names; the builder types made from them differ as well.
    pub(crate) fn operations() -> Self {
        Self::reserving(str::to_owned, builder, METHODS_IN_USE)
    }

    /// Variants of a union.
    pub(crate) fn variants() -> Self {
        Self::reserving(pascal, pascal, &["Unknown"])
    }

    fn reserving(
        form: fn(&str) -> String,
        identifier: fn(&str) -> String,
        reserved: &[&str],
    ) -> Self {
        let taken = reserved.iter().map(|name| identifier(name)).collect();
        Self {
            taken,
            form,
            identifier,
        }
    }

    /// `wanted` in its resting form, with the first number that makes it unique where it is taken.
    pub(crate) fn claim(&mut self, wanted: &str) -> String {
        let mut name = (self.form)(wanted);
        let mut number = 2_usize;
        while !self.taken.insert((self.identifier)(&name)) {
            name = (self.form)(&format!("{}{number}", (self.form)(wanted)));
            number += 1;
        }
        name
    }
}

/// Names that generated code uses without a path; a type of that name would take their place.
const TYPES_IN_USE: &[&str] = &[
    "Box",
    "ByteStream",
    "Clone",
    "Client",
    "ClientHooks",
    "ClientInfo",
    "Copy",
    "Debug",
    "Default",
    "Err",
    "From",
    "None",
    "Ok",
    "OperationInfo",
    "Option",
    "RequestBuilderExt",
    "ResponseValue",
    "Result",
    "Some",
    "String",
    "ToString",
    "TryFrom",
    "TryInto",
    "Vec",
];

/// Methods and builder types that the generated client has or calls itself.
const METHODS_IN_USE: &[&str] = &[
    "new",
    "new_with_client",
    "api_version",
    "baseurl",
    "client",
    "inner",
    "pre",
    "exec",
    "post",
    "byte_stream",
    "client_hooks",
    "client_info",
    "error",
    "operation_info",
    "request_builder_ext",
    "response_value",
    "clone",
    "ok",
    "err",
    "some",
    "none",
    "option",
    "result",
    "string",
    "default",
    "box",
    "vec",
    "into",
    "try_into",
    "self",
];

fn all_distinct(names: impl Iterator<Item = String>) -> bool {
    let mut seen = BTreeSet::new();
    names.into_iter().all(|name| seen.insert(name))
}

/// typify's own rule (`typify_impl::util::sanitize`), which has to be followed, not approximated.
fn sanitize(name: &str, case: fn(&str) -> String, prefix: &str) -> String {
    let cased = match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => case(
            &name
                .replace('\'', "")
                .replace(|c: char| !is_xid_continue(c), "-"),
        ),
    };
    let started = match cased.chars().next() {
        None => prefix.to_owned(),
        Some(first) if is_xid_start(first) => cased,
        Some(_) => format!("{prefix}{cased}"),
    };
    if KEYWORDS.contains(&started.as_str()) {
        format!("{started}_")
    } else {
        started
    }
}

/// Words that typify will not use as an identifier.
const KEYWORDS: &[&str] = &[
    "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "Self", "self", "static", "struct", "super", "trait", "true", "try", "type",
    "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pascal_name_rests() {
        for name in [
            "StandardAPIError",
            "A_B",
            "foo-bar",
            "9:16",
            "",
            "日本",
            "x'y",
            "v3/ai.clip",
        ] {
            assert_eq!(pascal(&pascal(name)), pascal(name), "{name}");
        }
        assert_eq!(pascal("StandardAPIError"), "StandardApiError");
        assert_eq!(pascal("9:16"), "X916");
    }

    #[test]
    fn equal_names_are_numbered() {
        let mut namer = Namer::types();
        assert_eq!(namer.claim("foo_bar"), "FooBar");
        assert_eq!(namer.claim("FooBar"), "FooBar2");
        assert_eq!(namer.claim("Option"), "Option2");
    }

    #[test]
    fn operations_of_one_builder_are_numbered() {
        let mut namer = Namer::operations();
        assert_eq!(namer.claim("a_2"), "a_2");
        assert_eq!(namer.claim("a2"), "a22");
    }

    #[test]
    fn values_that_no_identifier_tells_apart_are_seen() {
        assert!(variants_are_distinct(["a-b", "ab"].into_iter()));
        assert!(variants_are_distinct(["<", "<="].into_iter()));
        assert!(!variants_are_distinct(["<", ">"].into_iter()));
    }
}
