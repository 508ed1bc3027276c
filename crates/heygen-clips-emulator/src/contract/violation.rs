//! From an error of the validator to a field and a sentence that a caller can do something with.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Fault;

/// What is wrong with a request: which field (dotted, as in `output_settings.prompt` or
/// `windows[0].end`) and why, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) param: Option<String>,
    pub(crate) message: String,
}

/// Names the field that an error is about. `whole` names the value itself.
pub(super) fn violation(error: &ValidationError<'_>, whole: &str) -> Violation {
    let mut path = whole.to_owned();
    for segment in error.instance_path().segments() {
        match segment {
            jsonschema::paths::LocationSegment::Index(index) => path += &format!("[{index}]"),
            jsonschema::paths::LocationSegment::Property(name) => push(&mut path, &name),
        }
    }
    if let Fault::AnyOf { context } | Fault::OneOfNotValid { context } = error.kind() {
        if let Some(inner) = meant(error, context).and_then(|branch| branch.first()) {
            return violation(inner, whole);
        }
        if let Some(tag) = context.iter().flatten().find(|e| is_tag(e)) {
            let expected: Vec<_> = context.iter().flatten().filter_map(expected_tag).collect();
            let param = violation(tag, whole).param;
            let subject = param.as_deref().unwrap_or("the body");
            let message = format!("`{subject}` must be one of {}", expected.join(", "));
            return Violation { param, message };
        }
        if let Some(inner) = context.first().and_then(|branch| branch.first()) {
            return violation(inner, whole);
        }
    }
    let mut message = None;
    match error.kind() {
        Fault::Required { property } => {
            push(&mut path, property.as_str().unwrap_or_default());
            message = Some(format!("`{path}` is required"));
        }
        Fault::AdditionalProperties { unexpected }
        | Fault::UnevaluatedProperties { unexpected } => {
            push(&mut path, unexpected.first().map_or("", String::as_str));
            message = Some(format!("`{path}` is not a known field"));
        }
        _ => {}
    }
    let message = message.unwrap_or_else(|| {
        let subject = if path.is_empty() {
            "the body".to_owned()
        } else {
            format!("`{path}`")
        };
        // Never the value itself: it can be a signed link.
        error.masked_with(subject).to_string()
    });
    Violation {
        param: Some(path).filter(|path| !path.is_empty()),
        message,
    }
}

/// Of several branches that all failed, the one that the caller meant: neither its tag nor the type
/// of the value as a whole is wrong.
fn meant<'a>(
    union: &ValidationError<'_>,
    branches: &'a [Vec<ValidationError<'static>>],
) -> Option<&'a Vec<ValidationError<'static>>> {
    let whole = union.instance_path();
    let wrong_type = |error: &ValidationError<'_>| {
        matches!(error.kind(), Fault::Type { .. }) && error.instance_path() == whole
    };
    branches
        .iter()
        .find(|branch| !branch.iter().any(|e| is_tag(e) || wrong_type(e)))
}

fn is_tag(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), Fault::Constant { .. })
}

fn expected_tag(error: &ValidationError<'static>) -> Option<String> {
    match error.kind() {
        Fault::Constant { expected_value } => Some(expected_value.to_string()),
        _ => None,
    }
}

fn push(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}
