//! Keeps the builders of what is sent, and takes away those of what only arrives, which are a third of what this client costs to
//! compile: nobody builds an answer, and whoever does has the public fields.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{File, ImplItem, Item, ItemImpl, ItemMod, PathSegment, Type};

/// Takes `types::builder::X` and `X::builder()` away where no request has an `X` anywhere in it.
pub(crate) fn of_requests_alone(file: &mut File) {
    let sent = sent(file);
    let is_sent = |name: Option<String>| name.is_some_and(|name| sent.contains(&name));
    let Some(types) = module_mut(&mut file.items, "types") else {
        return;
    };
    types.retain_mut(|item| match item {
        Item::Impl(block) if block.trait_.is_none() && !is_sent(self_name(block)) => {
            block.items.retain(
                |item| !matches!(item, ImplItem::Fn(method) if method.sig.ident == "builder"),
            );
            !block.items.is_empty()
        }
        _ => true,
    });
    let Some(builders) = module_mut(types, "builder") else {
        return;
    };
    builders.retain(|item| match item {
        Item::Struct(builder) => is_sent(Some(builder.ident.to_string())),
        Item::Impl(block) => is_sent(self_name(block)),
        _ => true,
    });
}

/// The names of all types in requests: those that operations take, and what those have in them.
fn sent(file: &File) -> BTreeSet<String> {
    let items = |name| module(&file.items, name).into_iter().flatten();
    let mut sent = BTreeSet::new();
    let mut open = Names::default();
    for operation in items("builder") {
        open.of_fields(operation);
    }
    while let Some(name) = open.0.pop_first() {
        for item in items("types") {
            if own_name(item).is_some_and(|own| own == name.as_str()) && !sent.contains(&name) {
                open.of_fields(item);
            }
        }
        sent.insert(name);
    }
    sent
}

#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// The names in the types of an item's fields.
    fn of_fields(&mut self, item: &Item) {
        match item {
            Item::Struct(item) => item.fields.iter().for_each(|it| self.visit_type(&it.ty)),
            Item::Enum(item) => {
                let fields = item.variants.iter().flat_map(|it| &it.fields);
                fields.for_each(|it| self.visit_type(&it.ty));
            }
            _ => {}
        }
    }
}

impl Visit<'_> for Names {
    fn visit_path_segment(&mut self, segment: &PathSegment) {
        self.0.insert(segment.ident.to_string());
        visit::visit_path_segment(self, segment);
    }
}

fn own_name(item: &Item) -> Option<&syn::Ident> {
    match item {
        Item::Struct(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        _ => None,
    }
}

/// The type that a block is about, or its builder, which has the same name.
fn self_name(block: &ItemImpl) -> Option<String> {
    let Type::Path(path) = &*block.self_ty else {
        return None;
    };
    Some(path.path.segments.last()?.ident.to_string())
}

fn module<'a>(items: &'a [Item], name: &str) -> Option<&'a Vec<Item>> {
    items.iter().find_map(|item| match item {
        Item::Mod(ItemMod { ident, content, .. }) if ident == name => {
            content.as_ref().map(|(_, items)| items)
        }
        _ => None,
    })
}

fn module_mut<'a>(items: &'a mut [Item], name: &str) -> Option<&'a mut Vec<Item>> {
    items.iter_mut().find_map(|item| match item {
        Item::Mod(ItemMod { ident, content, .. }) if ident == name => {
            content.as_mut().map(|(_, items)| items)
        }
        _ => None,
    })
}
