//! What the crate offers, as a snapshot: every public item, without docs and bodies.
//!
//! Read from the sources with `syn`, because the tools that read it from rustdoc need a nightly
//! compiler. Private modules count as far as `lib.rs` exports from them.

use std::collections::BTreeSet;
use std::path::Path;

use syn::{Fields, ImplItem, Item, ItemUse, TraitItem, UseTree, Visibility};

#[test]
fn public_api() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let root = parse(&source.join("lib.rs"));
    let exported = exports(&root.items);
    let of_kit = exports(&parse(&source.join("testing.rs")).items);
    let of_blocking = declared(&parse(&source.join("blocking.rs")).items);
    let mut shown = Vec::new();
    let lib = root.items.into_iter().filter_map(|item| match item {
        Item::Use(_) | Item::Mod(_) => bare(item, &exported),
        _ => None,
    });
    shown.push(print(lib.collect()));
    let mut files = Vec::new();
    find(&source, &mut files);
    files.sort();
    for file in files {
        // The kit's names are those of its own module.
        let is_kit = file.starts_with(source.join("testing"));
        let exported = match () {
            () if is_kit => &of_kit,
            () if file.ends_with("blocking.rs") => &of_blocking,
            () => &exported,
        };
        let mut items = parse(&file).items;
        // What a private module exports counts only where `lib.rs` passes it on.
        items.retain(|item| !matches!(item, Item::Use(_)) || file.ends_with("types.rs"));
        let items: Vec<_> = items
            .into_iter()
            .filter_map(|item| bare(item, exported))
            .collect();
        let name = file.strip_prefix(&source).unwrap().display();
        if !items.is_empty() && !file.ends_with("lib.rs") {
            shown.push(format!("// {name}\n{}", print(items)));
        }
    }
    insta::assert_snapshot!(shown.join("\n"));
}

fn parse(path: &Path) -> syn::File {
    syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn print(items: Vec<Item>) -> String {
    prettyplease::unparse(&syn::File {
        shebang: None,
        attrs: Vec::new(),
        items,
    })
}

fn find(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// What a public module declares itself.
fn declared(items: &[Item]) -> BTreeSet<String> {
    let public = items.iter().filter_map(|item| match item {
        Item::Struct(item) if is_public(&item.vis) => Some(&item.ident),
        Item::Trait(item) if is_public(&item.vis) => Some(&item.ident),
        _ => None,
    });
    public.map(ToString::to_string).collect()
}

/// What a file makes public of other modules.
fn exports(items: &[Item]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for item in items {
        if let Item::Use(ItemUse {
            vis: Visibility::Public(_),
            tree,
            ..
        }) = item
        {
            leaves(tree, &mut names);
        }
    }
    names
}

fn leaves(tree: &UseTree, names: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(path) => leaves(&path.tree, names),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, names)),
        UseTree::Name(name) => drop(names.insert(name.ident.to_string())),
        UseTree::Rename(name) => drop(names.insert(name.rename.to_string())),
        UseTree::Glob(_) => {}
    }
}

/// The public face of an item, or nothing if it has none.
fn bare(mut item: Item, exported: &BTreeSet<String>) -> Option<Item> {
    let is_exported = |name: &syn::Ident| exported.contains(&name.to_string());
    match &mut item {
        Item::Struct(item) => {
            if !is_exported(&item.ident) {
                return None;
            }
            item.attrs.retain(is_contract);
            let Fields::Named(fields) = &mut item.fields else {
                item.fields = Fields::Unit;
                return Some(Item::Struct(item.clone()));
            };
            let public = fields
                .named
                .iter()
                .filter(|field| is_public(&field.vis))
                .cloned();
            fields.named = public.collect();
            fields
                .named
                .iter_mut()
                .for_each(|field| field.attrs.clear());
        }
        Item::Enum(item) => {
            if !is_exported(&item.ident) {
                return None;
            }
            item.attrs.retain(is_contract);
            item.variants
                .iter_mut()
                .for_each(|variant| variant.attrs.clear());
        }
        Item::Trait(item) => {
            if !is_exported(&item.ident) {
                return None;
            }
            item.attrs.clear();
            for item in &mut item.items {
                if let TraitItem::Fn(function) = item {
                    function.attrs.clear();
                    if let Some(body) = &mut function.default {
                        body.stmts.clear();
                    }
                }
            }
        }
        Item::Type(item) if is_public(&item.vis) && is_exported(&item.ident) => item.attrs.clear(),
        Item::Use(item) if is_public(&item.vis) => item.attrs.clear(),
        Item::Mod(item) if is_public(&item.vis) => item.attrs.clear(),
        Item::Impl(item) => {
            if let Some((_, path, _)) = &item.trait_
                && path
                    .segments
                    .iter()
                    .any(|segment| segment.ident == "Sealed")
            {
                return None;
            }
            let syn::Type::Path(owner) = &*item.self_ty else {
                return None;
            };
            let owner = &owner.path.segments.last()?.ident;
            let is_wire_type = owner == "ClipJob" || owner == "AiClippingDetail";
            if !is_exported(owner) && !is_wire_type {
                return None;
            }
            item.attrs.clear();
            let is_trait = item.trait_.is_some();
            if is_trait {
                item.items.retain(|item| matches!(item, ImplItem::Type(_)));
            } else {
                item.items
                    .retain(|item| matches!(item, ImplItem::Fn(f) if is_public(&f.vis)));
                if item.items.is_empty() {
                    return None;
                }
            }
            for item in &mut item.items {
                if let ImplItem::Fn(function) = item {
                    function.attrs.clear();
                    function.block.stmts.clear();
                }
            }
        }
        _ => return None,
    }
    Some(item)
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Attributes that others can rely on.
fn is_contract(attribute: &syn::Attribute) -> bool {
    ["derive", "non_exhaustive", "must_use"]
        .iter()
        .any(|name| attribute.path().is_ident(name))
}
