//! From a document to the public items of the client that the workspace's own build scripts would
//! make of it: the same lowering, the same generator.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use openapi_lower::{Direction, Document30, Options, TypeOrigin};
use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle};
use serde::Deserialize;
use serde_json::Value;

use super::api::{self, Api};
use super::lock::Lock;
use super::part;

/// The items of both, as far as the two differ, or why there are none.
pub(super) fn apis(
    (old, old_lock): (&Value, &Lock),
    (new, new_lock): (&Value, &Lock),
) -> Result<(Api, Api), String> {
    let lowered = sides(
        || guarded(|| lowered(old, old_lock)),
        || guarded(|| lowered(new, new_lock)),
    )?;
    let parts = part::differing(lowered.0.as_value(), lowered.1.as_value());
    let Some((left, right)) = parts else {
        return Ok((Api::default(), Api::default()));
    };
    sides(
        || guarded(|| generated(&left, lowered.0.types())),
        || guarded(|| generated(&right, lowered.1.types())),
    )
}

/// Both sides at once.
fn sides<T: Send>(
    old: impl Fn() -> Result<T, String> + Sync + Send,
    new: impl Fn() -> Result<T, String> + Sync + Send,
) -> Result<(T, T), String> {
    let (old, new) = std::thread::scope(|scope| {
        let old = scope.spawn(|| crate::on_a_deep_stack(old));
        let new = crate::on_a_deep_stack(new);
        let old = old
            .join()
            .unwrap_or_else(|cause| std::panic::resume_unwind(cause));
        (old, new)
    });
    let side = |name: &'static str| move |why: String| format!("{name}: {why}");
    Ok((old.map_err(side("old"))?, new.map_err(side("new"))?))
}

/// The generator has limits that it meets with a panic; here they are an answer like any other.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|cause| Err(format!("the generator gave up: {}", said(&*cause))))
}

fn lowered(document: &Value, lock: &Lock) -> Result<Document30, String> {
    if let Some(why) = crate::document::too_heavy(document) {
        return Err(why);
    }
    let lowered = openapi_lower::lower(document, &options(document, lock));
    lowered.map(|(lowered, _)| lowered).map_err(text("lowered"))
}

fn generated(document: &Value, types: &BTreeMap<String, TypeOrigin>) -> Result<Api, String> {
    let spec = Deserialize::deserialize(document).map_err(text("lowered"))?;
    let mut settings = GenerationSettings::new();
    // Arguments stand in one place in this style. They are compared by their names, as the
    // setters of a builder, so their order says nothing.
    settings.with_interface(InterfaceStyle::Positional);
    let tokens = Generator::new(&settings)
        .generate_tokens(&spec)
        .map_err(text("generated"))?;
    let file = syn::parse2(tokens).map_err(text("read as Rust"))?;
    let mut api = api::read(&file);
    for (name, item) in &mut api.types {
        if let Some(origin) = types.get(name) {
            item.pointers.clone_from(&origin.pointers);
            item.sent = origin.direction != Direction::Response;
        }
    }
    Ok(api)
}

/// All that operations, webhooks and callbacks reach, and nothing that nobody uses. A limit on a
/// string is a check and not a type, as in the house's conventions.
fn options(document: &Value, lock: &Lock) -> Options {
    let mut options = lock.options().request_bounds(false);
    let names = |key: &str| document.get(key).and_then(Value::as_object);
    let has_paths =
        names("paths").is_some_and(|paths| paths.keys().any(|path| path.starts_with('/')));
    if has_paths {
        options = options.path_prefix("/");
    }
    for name in names("webhooks").into_iter().flat_map(|all| all.keys()) {
        options = options.webhook(name);
    }
    options
}

fn text<E: ToString>(how: &str) -> impl Fn(E) -> String {
    let how = how.to_owned();
    move |error| format!("the document can't be {how}: {}", error.to_string())
}

/// The words of a panic.
fn said(cause: &(dyn std::any::Any + Send)) -> String {
    let text = cause
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without a word".to_owned())
}
