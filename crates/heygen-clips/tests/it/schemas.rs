//! JSON Schemas of the wire types: all of them are there.

use std::collections::BTreeSet;
use std::path::Path;

use heygen_clips::types;

/// The types of a generated module, apart from the closed parts of open enums.
fn generated(module: &str) -> BTreeSet<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/generated");
    let source = std::fs::read_to_string(source.join(module)).unwrap();
    let file = syn::parse_file(&source).unwrap();
    let types = file.items.into_iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => module.content,
        _ => None,
    });
    let (_, items) = types.unwrap();
    let names = items.into_iter().filter_map(|item| match item {
        syn::Item::Struct(item) => Some(item.ident.to_string()),
        syn::Item::Enum(item) => Some(item.ident.to_string()),
        _ => None,
    });
    names.filter(|name| !name.ends_with("Known")).collect()
}

#[test]
fn every_generated_type_has_a_schema_under_its_name() {
    let all = &generated("clips.rs") | &generated("ai_clipping.rs");
    let known: BTreeSet<_> = types::schema_names().map(str::to_owned).collect();
    assert_eq!(known, all);
    for name in types::schema_names() {
        assert_eq!(types::schema(name).unwrap().get("title").unwrap(), name);
    }
    assert_eq!(
        types::schema_names().count(),
        known.len(),
        "a name is there twice"
    );
}
