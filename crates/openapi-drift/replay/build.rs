//! Generates the types of both documents, and leaves the clients out.

use std::error::Error;
use std::path::PathBuf;

use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle};
use syn::Item;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    for name in ["old", "new"] {
        let path = format!("documents/{name}.yaml");
        println!("cargo::rerun-if-changed={path}");
        let yaml = serde_saphyr::options! { strict_booleans: true };
        let document: serde_json::Value =
            serde_saphyr::from_str_with_options(&std::fs::read_to_string(path)?, yaml)?;
        let (lowered, _) = openapi_lower::lower(&document, &openapi_lower::Options::default())?;
        let mut settings = GenerationSettings::new();
        settings.with_interface(InterfaceStyle::Positional);
        let tokens = Generator::new(&settings).generate_tokens(&lowered.to_openapi()?)?;
        let mut file: syn::File = syn::parse2(tokens)?;
        file.items
            .retain(|item| matches!(item, Item::Mod(module) if module.ident == "types"));
        file.attrs.clear();
        std::fs::write(out.join(format!("{name}.rs")), prettyplease::unparse(&file))?;
    }
    Ok(())
}
