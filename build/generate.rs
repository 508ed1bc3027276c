//! From the text of a document to the text of a client. The build script uses it, and so does `cargo xtask sync`, which tries
//! a new document before it puts it in place; whether the result compiles is left to the compiler.

#[path = "names.rs"]
pub(crate) mod names;
#[path = "redact.rs"]
mod redact;

use openapi_lower::serde_json::Value;
use progenitor_impl::{GenerationSettings, Generator, HooksMode, InterfaceStyle};

use names::Names;

/// The code of the client of an OpenAPI 3.1 document, without its first line. Its types and operations have the names of
/// `names` where that has any.
pub(crate) fn client(text: &str, names: &Names) -> Result<String, String> {
    // YAML 1.2: `on` and `no` are words.
    let yaml = serde_saphyr::options! { strict_booleans: true };
    let document31: Value =
        serde_saphyr::from_str_with_options(text, yaml).map_err(|e| e.to_string())?;
    let stale = names.stale(&document31);
    if !stale.is_empty() {
        return Err(format!(
            "{} names {}, which the document does not have; remove the entries",
            names::FILE,
            stale.join(", ")
        ));
    }
    let (lowered, _losses) =
        openapi_lower::lower(&document31, &names.options()).map_err(|error| error.to_string())?;
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type("Hooks".parse().map_err(|_| "not a type")?);
    let tokens = Generator::new(&settings)
        .generate_tokens(&lowered.to_openapi().map_err(|error| error.to_string())?)
        .map_err(|error| error.to_string())?;
    let mut file = syn::parse2(tokens).map_err(|error| error.to_string())?;
    tidy(&mut file, &document31, names)?;
    with_light_patterns(&prettyplease::unparse(&file))
}

/// The generator checks patterns by `regress`, a whole ECMAScript engine, which is a tenth of what this client costs to compile.
/// The patterns of our documents mean the same to `regex-lite`; one that it cannot read is an error here.
fn with_light_patterns(code: &str) -> Result<String, String> {
    const HEAVY: &str = "::regress::Regex::new(";
    for after in code.split(HEAVY).skip(1) {
        let literal = after.split_inclusive('"').take(2).collect::<String>();
        let pattern: syn::LitStr = syn::parse_str(&literal)
            .map_err(|error| format!("{literal} is not a pattern in one piece: {error}"))?;
        regex_lite::Regex::new(&pattern.value())
            .map_err(|error| format!("the pattern {literal} cannot be checked: {error}"))?;
    }
    Ok(code.replace("::regress::", "::regex_lite::"))
}

/// What the generator does not offer as a setting: JSON Schemas behind a feature, no secrets in `Debug`, and no
/// `Client::new`, whose 15 s are shorter than a create may take.
fn tidy(file: &mut syn::File, document: &Value, names: &Names) -> Result<(), String> {
    use syn::{ImplItem, Item, ItemEnum, ItemStruct};
    for item in &mut file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                let Some((_, items)) = &mut module.content else {
                    continue;
                };
                redact::redact(document, names, items)?;
                for item in items {
                    if let Item::Struct(ItemStruct { attrs, .. })
                    | Item::Enum(ItemEnum { attrs, .. }) = item
                    {
                        attrs.push(syn::parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]));
                    }
                }
            }
            Item::Impl(block) if block.trait_.is_none() => block
                .items
                .retain(|item| !matches!(item, ImplItem::Fn(method) if method.sig.ident == "new")),
            _ => {}
        }
    }
    Ok(())
}
