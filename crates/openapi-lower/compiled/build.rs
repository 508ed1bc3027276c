//! Generates a client from each fixture of `openapi-lower`, in both styles.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle};

fn main() -> Result<(), Box<dyn Error>> {
    let fixtures = Path::new("../tests/fixtures/constructs");
    println!("cargo::rerun-if-changed={}", fixtures.display());
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(fixtures)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    let mut modules = String::new();
    for path in paths {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .ok_or("a fixture has no name")?;
        let module = name.replace('-', "_");
        let document: serde_json::Value =
            serde_saphyr::from_str_with_options(&std::fs::read_to_string(&path)?, yaml())?;
        let (lowered, _) = openapi_lower::lower(&document, &openapi_lower::Options::default())?;
        let spec = lowered.to_openapi()?;
        for (style, suffix) in [
            (InterfaceStyle::Positional, ""),
            (InterfaceStyle::Builder, "_builder"),
        ] {
            let mut settings = GenerationSettings::new();
            settings.with_interface(style);
            let tokens = Generator::new(&settings).generate_tokens(&spec)?;
            let file = format!("{module}{suffix}.rs");
            std::fs::write(
                out.join(&file),
                prettyplease::unparse(&syn::parse2(tokens)?),
            )?;
            writeln!(
                modules,
                "#[allow(missing_docs, warnings, clippy::all)]\n/// `{name}`\npub mod {module}{suffix} \
                 {{ include!(concat!(env!(\"OUT_DIR\"), \"/{file}\")); }}",
            )?;
        }
    }
    std::fs::write(out.join("modules.rs"), modules)?;
    Ok(())
}

/// YAML 1.2, as OpenAPI wants it: `no` and `on` are words.
fn yaml() -> serde_saphyr::Options {
    serde_saphyr::options! { strict_booleans: true }
}
