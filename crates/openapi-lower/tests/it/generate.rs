//! The way of a build script: document, lowered document, Rust.

use std::collections::BTreeMap;

use openapi_lower::{Document30, Loss, Options, lower};
use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle};
use serde_json::Value;

/// A fixture and what became of it.
pub(crate) struct Lowered {
    pub(crate) document: Document30,
    pub(crate) losses: Vec<Loss>,
    /// The generated items of `types`, each by its name, on one line.
    pub(crate) types: BTreeMap<String, String>,
    /// The generated client.
    pub(crate) client: String,
}

/// A fixture as JSON.
pub(crate) fn fixture(name: &str) -> Value {
    read(&format!("tests/fixtures/constructs/{name}"))
}

/// One of the documents of this repository as JSON.
pub(crate) fn document(name: &str) -> Value {
    read(&format!("../../openapi/{name}.yaml"))
}

fn read(path: &str) -> Value {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    serde_saphyr::from_str_with_options(&std::fs::read_to_string(path).unwrap(), yaml()).unwrap()
}

/// Lowers a document and generates from it in both styles.
pub(crate) fn generate(document: &Value) -> Lowered {
    let (document, losses) = lower(document, &Options::default()).unwrap();
    let spec = document.to_openapi().unwrap();
    let tokens = |style| {
        let mut settings = GenerationSettings::new();
        settings.with_interface(style);
        Generator::new(&settings).generate_tokens(&spec).unwrap()
    };
    let _builder: syn::File = syn::parse2(tokens(InterfaceStyle::Builder)).unwrap();
    let file: syn::File = syn::parse2(tokens(InterfaceStyle::Positional)).unwrap();
    let client = prettyplease::unparse(&file);
    Lowered {
        document,
        losses,
        types: types_of(&file),
        client,
    }
}

impl Lowered {
    /// The arguments and the result of a generated method, on one line.
    pub(crate) fn signature(&self, method: &str) -> String {
        let start = self
            .client
            .find(&format!("pub async fn {method}<"))
            .unwrap();
        let text = &self.client[start..];
        let text = &text[text.find('(').unwrap()..text.find('{').unwrap()];
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        words
            .replace("( ", "(")
            .replace(", )", ",)")
            .replace("< ", "<")
            .replace(", >", ">")
    }

    /// The pointers and constructs of the losses, a line each.
    pub(crate) fn loss_lines(&self) -> Vec<String> {
        self.losses
            .iter()
            .map(|loss| format!("{} {}", loss.pointer, loss.construct))
            .collect()
    }
}

/// Structs and enums of the generated `types` module, without attributes other than serde's.
fn types_of(file: &syn::File) -> BTreeMap<String, String> {
    let items = file.items.iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    let mut found = BTreeMap::new();
    for item in &items.unwrap().1 {
        let mut item = item.clone();
        let (name, attributes) = match &mut item {
            syn::Item::Struct(item) => {
                for field in &mut item.fields {
                    field
                        .attrs
                        .retain(|attribute| attribute.path().is_ident("serde"));
                }
                (item.ident.to_string(), &mut item.attrs)
            }
            syn::Item::Enum(item) => {
                for variant in &mut item.variants {
                    variant
                        .attrs
                        .retain(|attribute| attribute.path().is_ident("serde"));
                    for field in &mut variant.fields {
                        field
                            .attrs
                            .retain(|attribute| attribute.path().is_ident("serde"));
                    }
                }
                (item.ident.to_string(), &mut item.attrs)
            }
            _ => continue,
        };
        attributes.retain(|attribute| attribute.path().is_ident("serde"));
        let file = syn::File {
            shebang: None,
            attrs: Vec::new(),
            items: vec![item],
        };
        let text = prettyplease::unparse(&file);
        found.insert(name, text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    found
}

/// YAML 1.2, as OpenAPI wants it: `no` and `on` are words.
fn yaml() -> serde_saphyr::Options {
    serde_saphyr::options! { strict_booleans: true }
}
