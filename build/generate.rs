//! From the text of a document to the text of a client. The build script uses it, and so does `cargo xtask sync`, which tries
//! a new document before it puts it in place; whether the result compiles is left to the compiler.

#[path = "builders.rs"]
mod builders;
#[path = "names.rs"]
pub(crate) mod names;
#[path = "redact.rs"]
mod redact;

use openapi_lower::serde_json::Value;
use progenitor_impl::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use syn::{Expr, Lit, Stmt};

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
    builders::of_requests_alone(&mut file);
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

/// What the generator does not offer as a setting: JSON Schemas behind a feature, no secrets in `Debug`, no `Client::new`,
/// whose 15 s are shorter than a create may take, and no header that no document declares.
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
            Item::Mod(module) if module.ident == "builder" => {
                let items = module.content.iter_mut().flat_map(|(_, items)| items);
                for item in items {
                    let Item::Impl(block) = item else { continue };
                    for item in &mut block.items {
                        if let ImplItem::Fn(method) = item {
                            without_api_version(&mut method.block.stmts);
                        }
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

/// Takes out the header `api-version`, which the generator gives to every request, and the map of headers where it is the
/// only one in it.
fn without_api_version(statements: &mut Vec<Stmt>) {
    let Some(at) = statements.iter().position(sets_api_version) else {
        return;
    };
    statements.remove(at);
    // Before it the map is made; behind it stand other headers, or else the request.
    if let Some(Stmt::Local(request)) = statements.get_mut(at)
        && let Some(made) = &mut request.init
    {
        without_headers(&mut made.expr);
        statements.remove(at - 1);
    }
}

/// Whether it is `header_map.append(HeaderName::from_static("api-version"), ..)`.
fn sets_api_version(statement: &Stmt) -> bool {
    if let Stmt::Expr(Expr::MethodCall(append), _) = statement
        && append.method == "append"
        && let Some(Expr::Call(name)) = append.args.first()
        && let Some(Expr::Lit(name)) = name.args.first()
        && let Lit::Str(name) = &name.lit
    {
        return name.value() == "api-version";
    }
    false
}

/// Takes `.headers(..)` out of a chain of calls.
fn without_headers(chain: &mut Expr) {
    match chain {
        Expr::Try(tried) => without_headers(&mut tried.expr),
        Expr::MethodCall(call) if call.method == "headers" => {
            let before = (*call.receiver).clone();
            *chain = before;
        }
        Expr::MethodCall(call) => without_headers(&mut call.receiver),
        _ => {}
    }
}
