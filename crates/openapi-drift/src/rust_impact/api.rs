//! The public items of a generated client, read from its source with `syn`: what somebody who
//! calls it can name. Comments, attributes for `serde` and bodies of functions are none of that.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use syn::{
    Attribute, FnArg, GenericArgument, ImplItem, ImplItemFn, Item, Pat, PathArguments, ReturnType,
    Type, TypeParamBound, Visibility,
};

/// All public items.
#[derive(Debug, Default)]
pub(super) struct Api {
    pub(super) types: BTreeMap<String, TypeItem>,
    pub(super) methods: BTreeMap<String, Method>,
}

/// A struct or an enum of the module `types`.
#[derive(Debug)]
pub(super) struct TypeItem {
    pub(super) shape: Shape,
    /// The traits that it derives.
    pub(super) traits: BTreeSet<String>,
    /// The schemas that it stands for, as JSON pointers into the document.
    pub(super) pointers: Vec<String>,
    /// Whether the client makes values of it.
    pub(super) sent: bool,
}

/// What a type consists of.
#[derive(Debug)]
pub(super) enum Shape {
    Struct(Fields),
    Enum(BTreeMap<String, Fields>),
}

/// Fields by their names; those without one are counted.
pub(super) type Fields = BTreeMap<String, Field>;

/// A field.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) ty: Ty,
    /// The member of the message that it stands for.
    pub(super) member: String,
}

/// A method of the client.
#[derive(Debug)]
pub(super) struct Method {
    /// `POST /things`.
    pub(super) operation: String,
    pub(super) arguments: BTreeMap<String, Ty>,
    pub(super) success: Ty,
    pub(super) failure: Ty,
}

/// A type as it is written, without what makes no difference to a caller of a builder: paths of
/// the standard library, references and boxes.
#[derive(Debug, Clone)]
pub(super) enum Ty {
    /// One of the module `types`.
    Own(String),
    /// Anything else, with its arguments.
    Other(String, Vec<Ty>),
}

impl Ty {
    /// Every type of the module `types` in it.
    pub(super) fn own<'t>(&'t self, visit: &mut impl FnMut(&'t str)) {
        match self {
            Self::Own(name) => visit(name),
            Self::Other(_, inner) => inner.iter().for_each(|ty| ty.own(visit)),
        }
    }

    /// Whether two types are the same to a caller, given which of the module `types` are.
    pub(super) fn is(&self, other: &Self, same: &mut impl FnMut(&str, &str) -> bool) -> bool {
        match (self, other) {
            (Self::Own(old), Self::Own(new)) => same(old, new),
            (Self::Other(old, left), Self::Other(new, right)) => {
                unbounded(old) == unbounded(new)
                    && left.len() == right.len()
                    && left.iter().zip(right).all(|(old, new)| old.is(new, same))
            }
            _ => false,
        }
    }

    /// Whether nobody has to give one.
    pub(super) fn is_optional(&self) -> bool {
        matches!(self, Self::Other(name, _) if name == "Option")
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(name) => formatter.write_str(name),
            Self::Other(name, inner) => {
                formatter.write_str(name)?;
                for (index, ty) in inner.iter().enumerate() {
                    write!(formatter, "{}{ty}", if index == 0 { "<" } else { ", " })?;
                }
                formatter.write_str(if inner.is_empty() { "" } else { ">" })
            }
        }
    }
}

/// A bound is not a type: `NonZeroU64` and `u64` are whole numbers whose minimum is known.
fn unbounded(name: &str) -> &str {
    match name {
        "NonZeroU64" | "u64" => "i64",
        "NonZeroU32" | "u32" => "i32",
        other => other,
    }
}

/// Reads a generated file. What it says of origins is filled in by the caller.
pub(super) fn read(file: &syn::File) -> Api {
    let mut api = Api::default();
    for item in &file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                for item in module.content.iter().flat_map(|(_, items)| items) {
                    if let Some((name, item)) = type_item(item) {
                        api.types.insert(name, item);
                    }
                }
            }
            Item::Impl(block) if block.trait_.is_none() => {
                for item in &block.items {
                    if let ImplItem::Fn(function) = item
                        && let Some(method) = method(function)
                    {
                        api.methods.insert(function.sig.ident.to_string(), method);
                    }
                }
            }
            _ => {}
        }
    }
    api
}

fn type_item(item: &Item) -> Option<(String, TypeItem)> {
    let (name, attributes, shape) = match item {
        Item::Struct(item) if is_public(&item.vis) => (
            &item.ident,
            &item.attrs,
            Shape::Struct(fields(&item.fields)),
        ),
        Item::Enum(item) if is_public(&item.vis) => {
            let variants = item.variants.iter();
            let shape = variants
                .map(|variant| (variant.ident.to_string(), fields(&variant.fields)))
                .collect();
            (&item.ident, &item.attrs, Shape::Enum(shape))
        }
        _ => return None,
    };
    let item = TypeItem {
        shape,
        traits: derived(attributes),
        pointers: Vec::new(),
        sent: false,
    };
    Some((name.to_string(), item))
}

fn fields(all: &syn::Fields) -> Fields {
    all.iter()
        .enumerate()
        .map(|(index, field)| {
            let name = field
                .ident
                .as_ref()
                .map_or_else(|| index.to_string(), ToString::to_string);
            let field = Field {
                ty: ty(&field.ty, Module::Types),
                member: renamed(&field.attrs).unwrap_or_else(|| name.clone()),
            };
            (name, field)
        })
        .collect()
}

/// A method that sends: its documentation says which request.
fn method(function: &ImplItemFn) -> Option<Method> {
    if !is_public(&function.vis) {
        return None;
    }
    let operation = function.attrs.iter().find_map(|attribute| {
        let text = words(attribute)?;
        let (_, rest) = text.split_once("Sends a `")?;
        let (verb, rest) = rest.split_once("` request to `")?;
        let (path, _) = rest.split_once('`')?;
        Some(format!("{verb} {path}"))
    })?;
    let arguments = function
        .sig
        .inputs
        .iter()
        .filter_map(|argument| match argument {
            FnArg::Typed(argument) => match &*argument.pat {
                Pat::Ident(name) => Some((name.ident.to_string(), ty(&argument.ty, Module::Root))),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        })
        .collect();
    let mut outcome = match &function.sig.output {
        ReturnType::Type(_, output) => match ty(output, Module::Root) {
            Ty::Other(_, inner) => inner,
            Ty::Own(_) => Vec::new(),
        },
        ReturnType::Default => Vec::new(),
    }
    .into_iter();
    let unit = || Ty::Other("()".to_owned(), Vec::new());
    Some(Method {
        operation,
        arguments,
        success: outcome.next().unwrap_or_else(unit),
        failure: outcome.next().unwrap_or_else(unit),
    })
}

/// Where a type is written: there its own types have a path or none.
#[derive(Clone, Copy, PartialEq)]
enum Module {
    Root,
    Types,
}

fn ty(written: &Type, module: Module) -> Ty {
    match written {
        Type::Reference(reference) => ty(&reference.elem, module),
        Type::Paren(inner) => ty(&inner.elem, module),
        Type::Group(inner) => ty(&inner.elem, module),
        Type::Slice(slice) => Ty::Other("Vec".to_owned(), vec![ty(&slice.elem, module)]),
        Type::Array(array) => Ty::Other("array".to_owned(), vec![ty(&array.elem, module)]),
        Type::Tuple(tuple) if tuple.elems.is_empty() => Ty::Other("()".to_owned(), Vec::new()),
        Type::Tuple(tuple) => Ty::Other(
            "tuple".to_owned(),
            tuple.elems.iter().map(|elem| ty(elem, module)).collect(),
        ),
        Type::ImplTrait(bounds) => bounds
            .bounds
            .iter()
            .find_map(|bound| match bound {
                TypeParamBound::Trait(bound) => Some(path(&bound.path, module)),
                _ => None,
            })
            .unwrap_or_else(|| Ty::Other("impl".to_owned(), Vec::new())),
        Type::Path(written) => path(&written.path, module),
        _ => Ty::Other("?".to_owned(), Vec::new()),
    }
}

fn path(path: &syn::Path, module: Module) -> Ty {
    let Some(last) = path.segments.last() else {
        return Ty::Other("?".to_owned(), Vec::new());
    };
    let name = last.ident.to_string();
    let alone = path.segments.len() == 1 && path.leading_colon.is_none();
    let in_types = path
        .segments
        .first()
        .is_some_and(|first| first.ident == "types" || first.ident == "self");
    let inner: Vec<Ty> = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(inner) => Some(ty(inner, module)),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    if in_types || (alone && module == Module::Types && !PRIMITIVES.contains(&name.as_str())) {
        return Ty::Own(name);
    }
    match (name.as_str(), inner) {
        // A recursive type is as usable in its box.
        ("Box", mut inner) if inner.len() == 1 => inner.remove(0),
        ("str", _) => Ty::Other("String".to_owned(), Vec::new()),
        (name, inner) => Ty::Other(name.to_owned(), inner),
    }
}

/// What the module `types` writes without a path and has not made itself.
const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64",
    "u128", "isize", "usize", "str", "String", "Option", "Vec", "Box",
];

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The text of a documentation comment.
fn words(attribute: &Attribute) -> Option<String> {
    if !attribute.path().is_ident("doc") {
        return None;
    }
    match &attribute.meta.require_name_value().ok()?.value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

fn derived(attributes: &[Attribute]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for attribute in attributes {
        if attribute.path().is_ident("derive") {
            // A derive that can't be read derives nothing that is known of.
            let _ = attribute.parse_nested_meta(|meta| {
                names.extend(meta.path.segments.last().map(|last| last.ident.to_string()));
                Ok(())
            });
        }
    }
    names
}

fn renamed(attributes: &[Attribute]) -> Option<String> {
    let mut name = None;
    for attribute in attributes {
        if attribute.path().is_ident("serde") {
            // Other keys than `rename` may have any form; the first that can't be read ends the search.
            let _ = attribute.parse_nested_meta(|meta| {
                let renames = meta.path.is_ident("rename");
                if let Ok(value) = meta.value() {
                    let text: syn::Lit = value.parse()?;
                    if let (true, syn::Lit::Str(text)) = (renames, text) {
                        name = Some(text.value());
                    }
                }
                Ok(())
            });
        }
    }
    name
}
