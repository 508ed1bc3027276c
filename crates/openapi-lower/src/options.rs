//! What the caller may choose.

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

    /// Whether anything is selected; without a selection the whole document is taken.
    pub(crate) fn selects(&self) -> bool {
        !(self.operations.is_empty() && self.path_prefixes.is_empty() && self.webhooks.is_empty())
    }
}
