//! What holds of every document, however odd: lowering returns, says the same twice, and what it
//! returns the generator takes.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use openapi_lower::{Options, lower};
use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

use crate::wild;

/// The same cases in every run, so that a change is at fault when one fails. `PROPTEST_CASES=100000` looks further.
pub(crate) fn config() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(31),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_document_lowers_to_what_generates(bytes in prop::collection::vec(any::<u8>(), 0..1500)) {
        let document = wild::document(&bytes);
        if let Err(fault) = check(&document) {
            let text = serde_json::to_string_pretty(&document).unwrap();
            prop_assert!(false, "{fault}\n{text}");
        }
    }
}

/// What is wrong with how this document is lowered.
fn check(document: &Value) -> Result<(), String> {
    let lowered = quietly("lowering", || lower(document, &Options::default()))?;
    let again = quietly("lowering", || lower(document, &Options::default()))?;
    let (lowered, losses) = match (lowered, again) {
        (Err(one), Err(other)) if one == other => return Ok(()),
        (Ok(one), Ok(other)) => {
            let text = |value: &Value| serde_json::to_string(value).unwrap();
            if text(one.0.as_value()) != text(other.0.as_value()) || one.1 != other.1 {
                return Err("lowering again says something else".to_owned());
            }
            one
        }
        _ => return Err("lowering again ends otherwise".to_owned()),
    };
    for loss in &losses {
        if document.pointer(&loss.pointer).is_none() {
            return Err(format!("this loss is not in the document: {loss}"));
        }
    }
    let spec = lowered.to_openapi().map_err(|fault| fault.to_string())?;
    for style in [InterfaceStyle::Positional, InterfaceStyle::Builder] {
        let mut settings = GenerationSettings::new();
        settings.with_interface(style);
        let tokens = quietly("generating", || {
            Generator::new(&settings).generate_tokens(&spec)
        })?;
        let tokens = tokens.map_err(|fault| format!("the generator refuses: {fault}"))?;
        let file: syn::File =
            syn::parse2(tokens).map_err(|fault| format!("this is not Rust: {fault}"))?;
        check_names(&file)?;
    }
    Ok(())
}

/// The result, or what it panicked with.
fn quietly<T>(doing: &str, run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        format!("{doing} panics: {}", text.unwrap_or_default())
    })
}

/// Rust refuses two of one name; that much of compiling can be had at once.
fn check_names(file: &syn::File) -> Result<(), String> {
    check_items("", &file.items)
}

fn check_items(module: &str, items: &[syn::Item]) -> Result<(), String> {
    let mut types = Vec::new();
    for item in items {
        match item {
            syn::Item::Mod(inner) => {
                types.push(inner.ident.to_string());
                if let Some((_, items)) = &inner.content {
                    check_items(&format!("{module}{}::", inner.ident), items)?;
                }
            }
            syn::Item::Struct(item) => {
                types.push(item.ident.to_string());
                check_fields(&format!("{module}{}", item.ident), &item.fields)?;
            }
            syn::Item::Enum(item) => {
                types.push(item.ident.to_string());
                let at = format!("{module}{}", item.ident);
                distinct(&at, item.variants.iter().map(|v| v.ident.to_string()))?;
                for variant in &item.variants {
                    check_fields(&format!("{at}::{}", variant.ident), &variant.fields)?;
                }
            }
            syn::Item::Impl(item) if item.trait_.is_none() => {
                let functions = item.items.iter().filter_map(|item| match item {
                    syn::ImplItem::Fn(function) => Some(&function.sig),
                    _ => None,
                });
                distinct(module, functions.clone().map(|sig| sig.ident.to_string()))?;
                for sig in functions {
                    let arguments = sig.inputs.iter().filter_map(|argument| match argument {
                        syn::FnArg::Typed(typed) => match &*typed.pat {
                            syn::Pat::Ident(name) => Some(name.ident.to_string()),
                            _ => None,
                        },
                        syn::FnArg::Receiver(_) => None,
                    });
                    distinct(&format!("{module}{}", sig.ident), arguments)?;
                }
            }
            _ => {}
        }
    }
    distinct(module, types.into_iter())
}

fn check_fields(at: &str, fields: &syn::Fields) -> Result<(), String> {
    distinct(
        at,
        fields
            .iter()
            .filter_map(|field| field.ident.as_ref().map(ToString::to_string)),
    )
}

fn distinct(at: &str, names: impl Iterator<Item = String>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name.clone()) {
            return Err(format!("`{name}` is there twice in `{at}`"));
        }
    }
    Ok(())
}

/// `Either` and `Link` lead to each other, and so does what both have in common.
#[test]
fn schemas_that_lead_back_to_each_other_are_put_together() {
    let object = |name: &str, to: &str, required: Value| {
        json!({
            "type": "object", "required": required,
            "properties": {name: {"$ref": format!("#/components/schemas/{to}")}},
        })
    };
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "x", "version": "1"},
        "paths": {"/x": {"get": {"operationId": "get_x", "responses": {"200": {
            "description": "it",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Whole"}}},
        }}}}},
        "components": {"schemas": {
            "Whole": {"allOf": [
                {"$ref": "#/components/schemas/Either"},
                {"$ref": "#/components/schemas/Link"},
            ]},
            "Either": {"oneOf": [
                {"$ref": "#/components/schemas/Node"},
                {"type": "object", "required": ["leaf"], "properties": {"leaf": {"type": "string"}}},
            ]},
            "Link": object("next", "Either", json!([])),
            "Node": object("next", "Link", json!(["next"])),
        }},
    });
    check(&document).unwrap();
    let (lowered, losses) = lower(&document, &Options::default()).unwrap();
    let lost: BTreeSet<&str> = losses.iter().map(|loss| loss.construct.as_str()).collect();
    assert_eq!(lost, BTreeSet::from(["union"]), "nothing of allOf");
    let schemas = &lowered.as_value()["components"]["schemas"];
    insta::assert_snapshot!(serde_json::to_string_pretty(schemas).unwrap());
}
