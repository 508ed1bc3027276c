//! From a document to the public items of the client that the workspace's own build scripts would
//! make of it: the same lowering, the same generator.

use std::panic::{AssertUnwindSafe, catch_unwind};

use openapi_lower::{Direction, Options};
use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle};
use serde_json::Value;

use super::api::{self, Api};
use super::lock::Lock;

/// The items, or why there are none.
pub(super) fn api(document: &Value, lock: &Lock) -> Result<Api, String> {
    // The generator has limits that it meets with a panic; here they are an answer like any other.
    catch_unwind(AssertUnwindSafe(|| generated(document, lock)))
        .unwrap_or_else(|cause| Err(format!("the generator gave up: {}", said(&*cause))))
}

fn generated(document: &Value, lock: &Lock) -> Result<Api, String> {
    let (lowered, _) =
        openapi_lower::lower(document, &options(document, lock)).map_err(text("lowered"))?;
    let spec = lowered.to_openapi().map_err(text("lowered"))?;
    let mut settings = GenerationSettings::new();
    // Arguments stand in one place in this style. They are compared by their names, as the
    // setters of a builder, so their order says nothing.
    settings.with_interface(InterfaceStyle::Positional);
    let tokens = Generator::new(&settings)
        .generate_tokens(&spec)
        .map_err(text("generated"))?;
    let file = syn::parse2(tokens).map_err(text("read as Rust"))?;
    let mut api = api::read(&file);
    for (name, origin) in lowered.types() {
        if let Some(item) = api.types.get_mut(name) {
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
