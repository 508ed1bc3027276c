//! Keeps secrets out of `Debug`: what a document marks `x-secret: true` is shown as `(redacted)`.
//!
//! The fields stay plain strings for whoever uses them; only the derived `Debug` of their type is replaced.

use std::collections::BTreeMap;

use openapi_lower::serde_json::Value;
use syn::punctuated::Punctuated;
use syn::{Expr, Item, ItemStruct, Path, Token, parse_quote};

/// Replaces `Debug` of all types in the module `types` that have a marked property, and of their builders.
pub(crate) fn redact(document: &Value, types: &mut Vec<Item>) -> Result<(), String> {
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    // By name: the order of the maps depends on how the program that generates was built.
    let schemas: BTreeMap<_, _> = schemas.into_iter().flatten().collect();
    for (name, schema) in schemas {
        let properties = schema["properties"].as_object().into_iter().flatten();
        let secrets: Vec<&str> = properties
            .filter(|(_, property)| property["x-secret"] == true)
            .map(|(name, _)| name.as_str())
            .collect();
        if !secrets.is_empty() && !replace(name, &secrets, types)? {
            return Err(format!(
                "/components/schemas/{name} has secrets, but there is no such type"
            ));
        }
    }
    Ok(())
}

/// Whether there is such a type, here or in the module of builders.
fn replace(name: &str, secrets: &[&str], items: &mut Vec<Item>) -> Result<bool, String> {
    let (mut found, mut impls) = (false, Vec::new());
    for item in items.iter_mut() {
        match item {
            Item::Mod(module) => {
                if let Some((_, items)) = &mut module.content {
                    replace(name, secrets, items)?;
                }
            }
            Item::Struct(item) if item.ident == name => {
                found = true;
                drop_debug(item).map_err(|error| error.to_string())?;
                impls.push(debug(item, secrets)?);
            }
            _ => {}
        }
    }
    items.extend(impls);
    Ok(found)
}

fn drop_debug(item: &mut ItemStruct) -> syn::Result<()> {
    for attribute in item
        .attrs
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

fn debug(item: &ItemStruct, secrets: &[&str]) -> Result<Item, String> {
    let name = &item.ident;
    let mut shown: Expr = parse_quote!(formatter.debug_struct(stringify!(#name)));
    let mut hidden = 0;
    for field in item.fields.iter().filter_map(|field| field.ident.as_ref()) {
        let is_secret = secrets.iter().any(|secret| field == secret);
        hidden += usize::from(is_secret);
        // What is not declared beside a secret may be the next one.
        shown = if is_secret || field == "extra" {
            parse_quote!(#shown.field(stringify!(#field), &format_args!("(redacted)")))
        } else {
            parse_quote!(#shown.field(stringify!(#field), &self.#field))
        };
    }
    if hidden < secrets.len() {
        return Err(format!(
            "{name} lacks one of the secret fields {}",
            secrets.join(", ")
        ));
    }
    Ok(parse_quote! {
        impl ::std::fmt::Debug for #name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                #shown.finish()
            }
        }
    })
}
