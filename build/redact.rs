//! Keeps secrets out of `Debug`: what a document marks `x-secret: true` is shown as `(redacted)`, and of fields that no document
//! declares only the names, since any of them may be the next link.
//!
//! The fields stay plain values for whoever uses them; only the derived `Debug` of their type is replaced. A mark that leads
//! to no type is an error: the secret would be printed.

use std::collections::BTreeMap;

use super::names::Names;
use openapi_lower::serde_json::Value;
use syn::punctuated::Punctuated;
use syn::{Arm, Attribute, Expr, Field, FieldPat, Fields, Ident, Item, ItemEnum, ItemStruct};
use syn::{Member, Meta, Pat, Path, Token, Type, Variant, parse_quote};

/// The field that the lowering adds for what a document does not declare.
const UNDECLARED: &str = "extra";

/// A schema with marked properties.
struct Marked<'a> {
    name: &'a str,
    secrets: Vec<&'a str>,
    /// Properties with one possible value, which may be the tag of a union.
    tags: Vec<(&'a str, &'a str)>,
    found: bool,
}

/// Replaces `Debug` of all types in the module `types` that have a marked property, and of their builders.
pub(crate) fn redact(document: &Value, names: &Names, types: &mut Vec<Item>) -> Result<(), String> {
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    // By name: the order of the maps depends on how the program that generates was built.
    let schemas: BTreeMap<_, _> = schemas.into_iter().flatten().collect();
    let mut marked: Vec<Marked<'_>> = schemas
        .into_iter()
        .map(|(name, schema)| Marked::new(names.component(name), schema))
        .filter(|marked| !marked.secrets.is_empty())
        .collect();
    let seen: usize = marked.iter().map(|marked| marked.secrets.len()).sum();
    if seen != marks(document) {
        return Err("x-secret stands elsewhere than in a property of a component".into());
    }
    replace(&mut marked, types)?;
    match marked.iter().find(|marked| !marked.found) {
        None => Ok(()),
        Some(Marked { name, secrets, .. }) => Err(format!(
            "/components/schemas/{name} has secrets, but there is no type or variant with the fields {}",
            secrets.join(", ")
        )),
    }
}

impl<'a> Marked<'a> {
    fn new(name: &'a str, schema: &'a Value) -> Self {
        let properties = || schema["properties"].as_object().into_iter().flatten();
        let only = |property: &'a Value| match property["enum"].as_array().map(Vec::as_slice) {
            Some([only]) => only.as_str(),
            _ => property["const"].as_str(),
        };
        Self {
            name,
            secrets: properties()
                .filter(|(_, property)| property["x-secret"] == true)
                .map(|(name, _)| name.as_str())
                .collect(),
            tags: properties()
                .filter_map(|(name, property)| Some((name.as_str(), only(property)?)))
                .collect(),
            found: false,
        }
    }

    /// Where a schema travels both ways, the strict half has a name of its own.
    fn is_called(&self, name: &Ident) -> bool {
        name == self.name || *name == format!("{}Input", self.name)
    }

    /// What of a variant is secret, where it is an alternative of a union: such a schema is no type.
    fn hidden(&self, union: &Tagged, variant: &Variant) -> Option<Vec<Member>> {
        let value =
            serde_text(&variant.attrs, "rename").unwrap_or_else(|| variant.ident.to_string());
        if !self.tags.contains(&(union.tag.as_str(), value.as_str())) {
            return None;
        }
        let is_secret = |name: &str| self.secrets.contains(&name);
        let hidden: Vec<Member> = match &variant.fields {
            Fields::Named(fields) => fields
                .named
                .iter()
                .filter(|field| is_secret(&wire_name(field)))
                .filter_map(|field| field.ident.clone().map(Into::into))
                .collect(),
            Fields::Unnamed(_) if union.content.as_deref().is_some_and(is_secret) => {
                vec![0.into()]
            }
            _ => Vec::new(),
        };
        (hidden.len() == self.secrets.len()).then_some(hidden)
    }
}

/// How serde tells the alternatives of a union apart.
struct Tagged {
    tag: String,
    content: Option<String>,
}

fn marks(value: &Value) -> usize {
    match value {
        Value::Object(members) => {
            let below: usize = members.values().map(marks).sum();
            below + usize::from(value["x-secret"] == true)
        }
        Value::Array(items) => items.iter().map(marks).sum(),
        _ => 0,
    }
}

fn replace(marked: &mut [Marked<'_>], items: &mut Vec<Item>) -> Result<(), String> {
    let mut impls = Vec::new();
    for item in items.iter_mut() {
        match item {
            Item::Mod(module) => {
                if let Some((_, items)) = &mut module.content {
                    replace(marked, items)?;
                }
            }
            Item::Struct(item) => {
                let mut secrets = Vec::new();
                for marked in marked.iter_mut().filter(|it| it.is_called(&item.ident)) {
                    marked.found = true;
                    secrets.extend(&marked.secrets);
                }
                if !secrets.is_empty() || item.fields.iter().any(is_undeclared) {
                    drop_debug(&mut item.attrs).map_err(|error| error.to_string())?;
                    impls.push(debug_struct(item, &secrets)?);
                }
            }
            Item::Enum(item) => {
                if let Some(shown) = debug_enum(item, marked) {
                    drop_debug(&mut item.attrs).map_err(|error| error.to_string())?;
                    impls.push(shown);
                }
            }
            _ => {}
        }
    }
    items.extend(impls);
    Ok(())
}

fn drop_debug(attributes: &mut [Attribute]) -> syn::Result<()> {
    for attribute in attributes
        .iter_mut()
        .filter(|attribute| attribute.path().is_ident("derive"))
    {
        let derived = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)?;
        let kept = derived.iter().filter(|path| {
            path.segments
                .last()
                .is_none_or(|last| last.ident != "Debug")
        });
        let kept: Punctuated<&Path, Token![,]> = kept.collect();
        *attribute = parse_quote!(#[derive(#kept)]);
    }
    Ok(())
}

/// `Debug` of a type, whose builder is called as it is.
fn debug_struct(item: &ItemStruct, secrets: &[&str]) -> Result<Item, String> {
    let name = &item.ident;
    let mut shown: Expr = parse_quote!(formatter.debug_struct(stringify!(#name)));
    let mut hidden = 0;
    for field in &item.fields {
        let is_secret = secrets.contains(&wire_name(field).as_str());
        hidden += usize::from(is_secret);
        let Some(name) = &field.ident else { continue };
        let given: Expr = if is_secret || is_result(field) && name == UNDECLARED {
            parse_quote!(&format_args!("(redacted)"))
        } else if name == UNDECLARED {
            parse_quote!(&self.#name.keys().collect::<::std::vec::Vec<_>>())
        } else {
            parse_quote!(&self.#name)
        };
        shown = parse_quote!(#shown.field(stringify!(#name), #given));
    }
    if hidden < secrets.len() {
        return Err(format!(
            "{name} lacks one of the secret fields {}",
            secrets.join(", ")
        ));
    }
    Ok(implementation(name, &parse_quote!(#shown.finish())))
}

/// `Debug` of a union with a tag, if one of its alternatives has secrets.
fn debug_enum(item: &ItemEnum, marked: &mut [Marked<'_>]) -> Option<Item> {
    let union = Tagged {
        tag: serde_text(&item.attrs, "tag")?,
        content: serde_text(&item.attrs, "content"),
    };
    let mut hides = false;
    let mut arms: Vec<Arm> = Vec::new();
    for variant in &item.variants {
        let mut hidden = Vec::new();
        for marked in marked.iter_mut() {
            if let Some(members) = marked.hidden(&union, variant) {
                marked.found = true;
                hides = true;
                hidden.extend(members);
            }
        }
        arms.push(arm(variant, &hidden));
    }
    let shown = parse_quote!(match self { #(#arms)* });
    hides.then(|| implementation(&item.ident, &shown))
}

/// How a variant is shown.
fn arm(variant: &Variant, hidden: &[Member]) -> Arm {
    let name = &variant.ident;
    let mut shown: Expr = match &variant.fields {
        Fields::Unit => return parse_quote!(Self::#name => formatter.write_str(stringify!(#name)),),
        Fields::Named(_) => parse_quote!(formatter.debug_struct(stringify!(#name))),
        Fields::Unnamed(_) => parse_quote!(formatter.debug_tuple(stringify!(#name))),
    };
    let mut bound: Punctuated<FieldPat, Token![,]> = Punctuated::new();
    for member in variant.fields.members() {
        let value = Ident::new(&format!("value{}", bound.len()), name.span());
        let is_secret = hidden.contains(&member);
        let given: Expr = if is_secret {
            parse_quote!(&format_args!("(redacted)"))
        } else {
            parse_quote!(#value)
        };
        shown = match &member {
            Member::Named(field) => parse_quote!(#shown.field(stringify!(#field), #given)),
            Member::Unnamed(_) => parse_quote!(#shown.field(#given)),
        };
        let pattern: Pat = if is_secret {
            parse_quote!(_)
        } else {
            parse_quote!(#value)
        };
        bound.push(FieldPat {
            attrs: Vec::new(),
            member,
            colon_token: Some(<Token![:]>::default()),
            pat: Box::new(pattern),
        });
    }
    parse_quote!(Self::#name { #bound } => #shown.finish(),)
}

fn implementation(name: &Ident, shown: &Expr) -> Item {
    parse_quote! {
        impl ::std::fmt::Debug for #name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                #shown
            }
        }
    }
}

/// Whether the field is where a type, or its builder, keeps what no document declares.
fn is_undeclared(field: &Field) -> bool {
    let Type::Path(path) = &field.ty else {
        return false;
    };
    let last = path.path.segments.last();
    let is_map = last.is_some_and(|last| last.ident == "Map");
    field.ident.as_ref().is_some_and(|name| name == UNDECLARED) && (is_map || is_result(field))
}

/// A builder keeps each field with what went wrong while it was set.
fn is_result(field: &Field) -> bool {
    match &field.ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "Result"),
        _ => false,
    }
}

fn wire_name(field: &Field) -> String {
    let renamed = serde_text(&field.attrs, "rename");
    let own = || field.ident.as_ref().map(ToString::to_string);
    renamed.or_else(own).unwrap_or_default()
}

/// The text of `#[serde(key = "text")]`.
fn serde_text(attributes: &[Attribute], key: &str) -> Option<String> {
    let mut found = None;
    for attribute in attributes.iter().filter(|it| it.path().is_ident("serde")) {
        let entries = Punctuated::<Meta, Token![,]>::parse_terminated;
        for entry in attribute.parse_args_with(entries).ok()? {
            if let Meta::NameValue(pair) = entry
                && pair.path.is_ident(key)
                && let Expr::Lit(literal) = pair.value
                && let syn::Lit::Str(text) = literal.lit
            {
                found = Some(text.value());
            }
        }
    }
    found
}
