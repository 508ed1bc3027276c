//! What the caller may choose.

use std::collections::BTreeMap;

/// How a document is lowered. The default takes the whole document and keeps requests strict.
///
/// ```
/// let options = openapi_lower::Options::default()
///     .path_prefix("/v3/jobs")
///     .request_bounds(false);
/// # let _ = options;
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) operations: Vec<String>,
    pub(crate) path_prefixes: Vec<String>,
    pub(crate) webhooks: Vec<String>,
    pub(crate) request_bounds: bool,
    pub(crate) typed_formats: bool,
    pub(crate) keep_unknown_fields: bool,
    pub(crate) type_names: BTreeMap<String, String>,
    pub(crate) operation_names: BTreeMap<(String, String), String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            operations: Vec::new(),
            path_prefixes: Vec::new(),
            webhooks: Vec::new(),
            request_bounds: true,
            typed_formats: false,
            keep_unknown_fields: true,
            type_names: BTreeMap::new(),
            operation_names: BTreeMap::new(),
        }
    }
}

impl Options {
    /// Takes the operation with this `operationId`, and what it reaches. May be repeated.
    #[must_use]
    pub fn operation(mut self, operation_id: impl Into<String>) -> Self {
        self.operations.push(operation_id.into());
        self
    }

    /// Takes the operations whose path is `prefix` or lies below it. May be repeated.
    #[must_use]
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.path_prefixes.push(prefix.into());
        self
    }

    /// Takes the webhook of this name. May be repeated.
    #[must_use]
    pub fn webhook(mut self, name: impl Into<String>) -> Self {
        self.webhooks.push(name.into());
        self
    }

    /// Whether request strings keep `minLength`, `maxLength` and `pattern` (each becomes a checked
    /// newtype; patterns need the `regress` crate beside the generated code). Default: yes.
    #[must_use]
    pub fn request_bounds(mut self, keep: bool) -> Self {
        self.request_bounds = keep;
        self
    }

    /// Whether `uuid`, `date`, `date-time` and IP address formats stay, so that the generator
    /// parses them (needs the `uuid` and `chrono` crates beside the generated code, and refuses a
    /// response that spells one otherwise). Default: no, they are strings.
    #[must_use]
    pub fn typed_formats(mut self, keep: bool) -> Self {
        self.typed_formats = keep;
        self
    }

    /// Whether a response object keeps the fields that its schema does not declare, in a map called
    /// `extra`, and gives them back when it is written. Default: yes.
    ///
    /// Without it such fields are ignored, and lost where a value is written again. In return an
    /// object that is sent as it is received is one type (with it there are two, `Pet` and
    /// `PetInput`), and a struct of optional fields has a `Default`.
    #[must_use]
    pub fn keep_unknown_fields(mut self, keep: bool) -> Self {
        self.keep_unknown_fields = keep;
        self
    }

    /// Names the type of the schema at this JSON pointer, and so whatever is named after it: a
    /// schema that was renamed upstream keeps its old name here. A pointer that leads nowhere
    /// names nothing. May be repeated.
    ///
    /// ```
    /// let document = serde_json::json!({
    ///     "openapi": "3.1.0",
    ///     "components": {"schemas": {"Item": {
    ///         "type": "object",
    ///         "properties": {"state": {"type": "object", "properties": {"since": {"type": "string"}}}},
    ///     }}},
    /// });
    /// let kept = openapi_lower::Options::default().type_name("/components/schemas/Item", "Thing");
    /// let (lowered, _) = openapi_lower::lower(&document, &kept)?;
    /// let names: Vec<_> = lowered.types().keys().collect();
    /// assert_eq!(names, ["Thing", "ThingState"]);
    /// # Ok::<(), openapi_lower::Error>(())
    /// ```
    #[must_use]
    pub fn type_name(mut self, pointer: impl Into<String>, name: impl Into<String>) -> Self {
        self.type_names.insert(pointer.into(), name.into());
        self
    }

    /// Names the operation of this method and path, whatever its `operationId` is. May be
    /// repeated.
    #[must_use]
    pub fn operation_name(
        mut self,
        method: &str,
        path: impl Into<String>,
        name: impl Into<String>,
    ) -> Self {
        let operation = (method.to_ascii_lowercase(), path.into());
        self.operation_names.insert(operation, name.into());
        self
    }

    /// Whether anything is selected; without a selection the whole document is taken.
    pub(crate) fn selects(&self) -> bool {
        !(self.operations.is_empty() && self.path_prefixes.is_empty() && self.webhooks.is_empty())
    }
}
